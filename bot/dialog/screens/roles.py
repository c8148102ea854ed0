"""What each person is to the delegation: roles, handing over, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.dialog.answer_slot import when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.refusals import GONE, LEADERLESS
from bot.dialog.screens.home import Home
from bot.dialog.screens.team import INVITE_DAYS, Sending, Team, hashed
from bot.domain.access.permissions import Verb
from bot.domain.events import Invited, Left, PersonId, Role, RoleGiven
from bot.domain.wording.history import ROLES

MAY = {
    Role.LEAD: "A lead sees and answers everything, waives, signs, invites and gives work and roles.",
    Role.MEMBER: "A member answers, and takes work on.",
    Role.OBSERVER: "An observer reads, and answers nothing.",
}


NO_LINK = "A link to sign in as a lead comes from whoever runs the server: “readiness link”. Nothing was recorded."


@dataclass(frozen=True)
class AtPerson(Place):
    """One person of the delegation: what they may do, and for leads what may become of them."""

    code = "P"
    verb = Verb.LOOK
    person: PersonId

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.passphrases import Resetting

        role, name = room.here.role(self.person), room.here.name(self.person)
        back = (Button("Back", Go(Team())),)
        if role is None:
            return Say(name, GONE, (back,))
        text = f"{ROLES[role].capitalize()} of this delegation. {MAY[role]}"
        rows: list[tuple[Button, ...]] = []
        if room.leads and self.person != room.me:
            rows = [
                *((Button(f"Make {ROLES[one]}", Do("role", one)),) for one in Role if one != role),
                *([] if role == Role.LEAD else [(Button("Hand over the lead…", Go(HandingOver(self.person))),)]),
                *([(Button("Sign-in link for the browser", Do("link")),)] if room.page and role != Role.LEAD else []),
                *([(Button("Reset passphrase…", Go(Resetting(self.person))),)] if room.here.passphrases else []),
                (Button("Remove…", Go(Sending(self.person))),),
            ]
        elif self.person == room.me:
            text, rows = self._myself(room, text)
        return Say(name, text, (*rows, back))

    def _myself(self, room: Room, text: str) -> tuple[str, list[tuple[Button, ...]]]:
        if room.here.leads == (room.me,):
            alone = "You are the only lead. To step down or to leave, make somebody else a lead first, or hand over."
            return f"{text}\n\n{alone}", []
        step_down = [(Button("Step down…", Go(HandingOver(""))),)] if room.leads else []
        return text, [*step_down, (Button("Leave…", Go(Leaving())),)]

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="role", arg=role) if role in set(Role):
                if room.here.role(self.person) == role:
                    return Turn(self, aside=f"{room.here.name(self.person)} is {ROLES[Role(role)]} already.")
                given = RoleGiven(person=self.person, role=Role(role))
                return Turn(self, (given,), kept=f"{room.here.name(self.person)} is {ROLES[Role(role)]} now.")
            case Tapped(act="link") if room.page and room.here.role(self.person) == Role.LEAD:
                return Turn(self, aside=NO_LINK)
            case Tapped(act="link") if room.page and (present := room.here.role(self.person)):
                expires = room.now + timedelta(days=INVITE_DAYS)
                made = Invited(invite=hashed(room.secret), role=present, expires_at=expires, person=self.person)
                return Turn(SignInLink(room.secret, self.person), (made,))
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class SignInLink(Place):
    """The link by which somebody who is here already signs in in a browser, shown once to the lead who made it."""

    code = "Sl"
    verb = Verb.LEAD
    secret: str
    person: PersonId

    def says(self, room: Room) -> Say:
        name = room.here.name(self.person)
        text = (
            f"Send this link to {name} and to nobody else: whoever opens it first is {name} here. "
            f"It works once, until about {when(room.now + timedelta(days=INVITE_DAYS))}. "
            f"That you made it is recorded.\n\n"
            f"{room.page}{self.secret}"
        )
        return Say(f"Sign-in link: {name}", text, ((Button("Done", Go(AtPerson(self.person))),),))


@dataclass(frozen=True)
class HandingOver(Place):
    """Asks before a lead steps down, in the same step making somebody else a lead (nobody: others lead already)."""

    code = "Q"
    verb = Verb.ORDER
    person: PersonId

    def says(self, room: Room) -> Say:
        n, name = room.here, room.here.name(self.person)
        back = (Button("Back", Go(AtPerson(self.person or room.me))),)
        if self.person and n.role(self.person) is None:
            return Say(name, GONE, ((Button("Back", Go(Team())),),))
        lines = ["You become a member, and only a lead can make you a lead again."]
        blind = [n.checklist.section[key].title for key, people in n.restricted.items() if room.me not in people]
        if blind:
            lines.append(f"You will no longer see: {', '.join(blind)}.")
        if not self.person:
            return Say("Step down as a lead?", "\n\n".join(lines), ((Button("Step down", Do("yes")),), back))
        lines.insert(0, f"{name} becomes a lead of these talks, and you step down.")
        return Say(f"Hand over to {name}?", "\n\n".join(lines), ((Button("Hand over", Do("yes")),), back))

    def hears(self, room: Room, said: Said) -> Turn:
        if not (isinstance(said, Tapped) and said.act == "yes"):
            return super().hears(room, said)
        down = RoleGiven(person=room.me, role=Role.MEMBER)
        if not room.leads:
            return Turn(Team(), aside="You do not lead these talks.")
        if not self.person:
            return Turn(Team(), (down,), kept="You stepped down; you are a member now.")
        up = RoleGiven(person=self.person, role=Role.LEAD)
        name = room.here.name(self.person)
        return Turn(Team(), (up, down), kept=f"{name} leads these talks now; you are a member.")


@dataclass(frozen=True)
class Leaving(Place):
    """Asks before somebody leaves a delegation by themselves."""

    code = "L"
    verb = Verb.LEAVE

    def says(self, room: Room) -> Say:
        if room.here.leads == (room.me,):
            return Say("Leave the delegation", LEADERLESS, ((Button("Back", Go(Team())),),))
        text = (
            f"Leave the delegation for the talks with {room.here.counterpart}? You see nothing more of them, and only "
            "a new invitation brings you back. What you answered stays, with your name; what you had to do is nobody’s."
        )
        return Say("Leave the delegation", text, ((Button("Leave", Do("leave")),), (Button("Back", Go(Team())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Tapped) and said.act == "leave":
            left = f"You left the delegation for the talks with {room.here.counterpart}."
            return Turn(Home(), (Left(person=room.me),), kept=left)
        return super().hears(room, said)
