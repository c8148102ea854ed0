"""The delegation: who is in it, invitations, removal, and the day of the talks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.screens.admission import screened, switch
from bot.dialog.screens.group_cards import GroupCards
from bot.dialog.screens.home import Home, kept_for
from bot.dialog.screens.opening import Rescheduling
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Verb
from bot.domain.events import Invited, Left, PersonId, Role
from bot.domain.ownership import handed_over
from bot.domain.wording.history import aimed

INVITE_DAYS = 7
LISTED = 6  # of what a person has, before they are removed


def hashed(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Team(Place):
    """Who is in the delegation."""

    code = "T"
    verb = Verb.LOOK

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.negotiations import PuttingAway
        from bot.dialog.screens.retention import HowLong
        from bot.dialog.screens.roles import AtPerson, Leaving

        n = room.here
        lines = [f"{one.name}, {one.role}{' (you)' if one.id == room.me else ''}" for one in n.here]
        kept = [f"{n.checklist.section[key].title}: {kept_for(n, key)}" for key in n.restricted]
        lines += ["", *kept] if kept else []
        rows: list[tuple[Button, ...]] = []
        if room.leads:
            rows += [
                (Button("Invite a member", Do("invite", "member")), Button("Invite a lead", Do("invite", "lead"))),
                (Button("Invite an observer", Do("invite", "observer")),),
                *(
                    (Button(clip(f"{one.name}{' (you)' if one.id == room.me else ''}…", 40), Go(AtPerson(one.id))),)
                    for one in n.here
                ),
                (switch(room),),
                (Button("Move the talks", Go(Rescheduling())), Button("Card for your group", Go(GroupCards()))),
                (
                    *([] if n.archived else [Button("Put the talks away…", Go(PuttingAway()))]),
                    Button("How long they are kept…", Go(HowLong())),
                ),
            ]
        else:
            rows.append((Button("Leave…", Go(Leaving())),))
        return Say("The delegation", "\n".join(lines), (*rows, (Button("Home", Go(Home())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="invite", arg=role) if role in set(Role):
                expires = room.now + timedelta(days=INVITE_DAYS)
                invited = Invited(invite=hashed(room.secret), role=Role(role), expires_at=expires)
                return Turn(Invitation(room.secret, role), (invited,))
            case Tapped(act="screen"):
                return screened(room, self)
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class Invitation(Place):
    """The link of one invitation, shown once to whoever made it."""

    code = "I"
    verb = Verb.LEAD
    secret: str
    role: str

    def says(self, room: Room) -> Say:
        until = when(room.now + timedelta(days=INVITE_DAYS))
        text = (
            f"Send this link to one person. Whoever opens it first joins as {self.role}; "
            f"it works once, until about {until}.\n\n"
            + "\n\n".join(f"{one}{self.secret}" for one in (room.link, room.page) if one)
        )
        waits = {"", hashed(self.secret)} & room.here.screened
        if waits:
            text += "\n\nThey wait for a lead’s word before they see anything."
        ask = () if "" in waits else ((Button("Let them in at once" if waits else "Ask a lead first", Do("screen")),),)
        return Say(f"Invitation: {self.role}", text, (*ask, (Button("Done", Go(Team())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Tapped) and said.act == "screen":
            return screened(room, self, hashed(self.secret))
        return super().hears(room, said)


@dataclass(frozen=True)
class Sending(Place):
    """Asks before a person is removed."""

    code = "R"
    verb = Verb.ORDER
    person: PersonId

    def says(self, room: Room) -> Say:
        n, name = room.here, room.here.name(self.person)
        text = (
            f"Remove {name} from the delegation? They see nothing more of these talks. "
            "What they answered stays, with their name."
        )
        theirs = [target for target, people in n.owners.items() if self.person in people]
        heirs: list[tuple[Button, ...]] = []
        if theirs:
            named = ", ".join(aimed(n, target) for target in theirs[:LISTED])
            more = f" and {len(theirs) - LISTED} more" if len(theirs) > LISTED else ""
            text += f"\n\n{name} has {named}{more}. Who has it from now on?"
            heirs = [
                (Button(clip(f"Remove, and {one.name} has it", 40), Do("hand", one.id)),)
                for one in n.here
                if one.id != self.person
                and one.role != Role.OBSERVER
                and all(may_see(n.judged, one.id, target) for target in theirs)
            ]
        alone = "Remove, and nobody has it" if theirs else "Remove"
        rows = (*heirs, (Button(alone, Do("remove")),), (Button("Back", Go(Team())),))
        return Say(f"Remove {name}", text, rows)

    def hears(self, room: Room, said: Said) -> Turn:
        n, name = room.here, room.here.name(self.person)
        match said:
            case Tapped(act="remove" | "hand") if not n.role(self.person):
                return Turn(Team(), aside="That person is not in the delegation any more.")
            case Tapped(act="remove"):
                return Turn(Team(), (Left(person=self.person),), kept=f"{name} was removed.")
            case Tapped(act="hand", arg=heir) if n.role(heir) and heir != self.person:
                handed = handed_over(n, self.person, heir)
                kept = f"{name} was removed. {n.name(heir)} has what was theirs."
                return Turn(Team(), (*handed, Left(person=self.person)), kept=kept)
            case Tapped(act="hand"):
                return Turn(
                    self, aside="Whoever was to have it is not in the delegation any more. Nothing was recorded."
                )
            case _:
                return super().hears(room, said)
