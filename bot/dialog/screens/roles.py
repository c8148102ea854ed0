"""What each person is to the delegation: roles, handing over, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta

from bot.dialog.answer_slot import when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.refusals import GONE, LEADERLESS
from bot.dialog.screens.home import Home
from bot.dialog.screens.team import INVITE_DAYS, RemoveMember, Team, hashed
from bot.domain.access.permissions import Permission
from bot.domain.events import Invited, Left, PersonId, Renamed, Role, RoleGiven
from bot.domain.person_names import plain_name
from bot.domain.wording.history import ROLES

MAY = {
    Role.LEAD: "A lead sees and answers everything, waives, signs, invites and gives work and roles.",
    Role.MEMBER: "A member answers, and takes work on.",
    Role.OBSERVER: "An observer reads, and answers nothing.",
}


NO_LINK = "A link to sign in as a lead comes from whoever runs the server: “readiness link”. Nothing was recorded."
NAMELESS = (
    "No name is left of that: letters or digits are needed, and not only words such as “lead”. Nothing was recorded."
)
TAKEN = (
    "In these talks somebody has that name, or one that looks the same. Add something to it, such as a family name or "
    "an office. Nothing was recorded."
)


@dataclass(frozen=True)
class MemberPage(Place):
    """One person of the delegation: what they may do, and for leads what may become of them."""

    code = "P"
    verb = Permission.LOOK
    targets = ()
    person: PersonId

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.passphrases import ResetPassphrase

        role, name = context.here.role(self.person), context.here.name(self.person)
        back = (Button("Back", Link(Team())),)
        if role is None:
            return Message(name, GONE, (back,))
        text = f"{ROLES[role].capitalize()} of this delegation. {MAY[role]}"
        rows: list[tuple[Button, ...]] = []
        if context.leads and self.person != context.me:
            rows = [
                (Button("Change the name…", Link(MemberName(self.person))),),
                *((Button(f"Make {ROLES[other]}", Action("role", other)),) for other in Role if other != role),
                *([] if role == Role.LEAD else [(Button("Hand over the lead…", Link(GiveLead(self.person))),)]),
                *(
                    [(Button("Sign-in link for the browser", Action("link")),)]
                    if context.page and role != Role.LEAD
                    else []
                ),
                *(
                    [(Button("Reset passphrase…", Link(ResetPassphrase(self.person))),)]
                    if context.here.passphrases
                    else []
                ),
                (Button("Remove…", Link(RemoveMember(self.person))),),
            ]
        elif self.person == context.me:
            text, rows = self._myself(context, text)
        return Message(name, text, (*rows, back))

    def _myself(self, context: Context, text: str) -> tuple[str, list[tuple[Button, ...]]]:
        named = (Button("Change your name…", Link(OwnName())),)
        if context.here.leads == (context.me,):
            alone = "You are the only lead. To step down or to leave, make somebody else a lead first, or hand over."
            return f"{text}\n\n{alone}", [named]
        step_down = [(Button("Step down…", Link(GiveLead(""))),)] if context.leads else []
        return text, [named, *step_down, (Button("Leave…", Link(LeaveDelegation())),)]

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="role", arg=role) if role in set(Role):
                if context.here.role(self.person) == role:
                    return Outcome(self, aside=f"{context.here.name(self.person)} is {ROLES[Role(role)]} already.")
                given = RoleGiven(person=self.person, role=Role(role))
                return Outcome(self, (given,), kept=f"{context.here.name(self.person)} is {ROLES[Role(role)]} now.")
            case ButtonReply(act="link") if context.page and context.here.role(self.person) == Role.LEAD:
                return Outcome(self, aside=NO_LINK)
            case ButtonReply(act="link") if context.page and (present := context.here.role(self.person)):
                expires = (context.now + timedelta(days=INVITE_DAYS)).astimezone(UTC)
                made = Invited(invite=hashed(context.secret), role=present, expires_at=expires, person=self.person)
                return Outcome(SignInLink(context.secret, self.person), (made,))
            case _:
                return super().handle(context, said)


@dataclass(frozen=True)
class SignInLink(Place):
    """The link by which somebody who is here already signs in in a browser, shown once to the lead who made it."""

    code = "Sl"
    verb = Permission.LEAD
    targets = ()
    secret: str
    person: PersonId

    def render(self, context: Context) -> Message:
        name = context.here.name(self.person)
        text = (
            f"Send this link to {name} and to nobody else: whoever opens it first is {name} here. "
            f"It works once, until about {when(context.now + timedelta(days=INVITE_DAYS))}. "
            f"That you made it is recorded.\n\n"
            f"{context.page}{self.secret}"
        )
        return Message(f"Sign-in link: {name}", text, ((Button("Done", Link(MemberPage(self.person))),),))


@dataclass(frozen=True)
class GiveLead(Place):
    """Asks before a lead steps down, in the same step making somebody else a lead (nobody: others lead already)."""

    code = "Q"
    verb = Permission.ORDER
    targets = ()
    person: PersonId

    def render(self, context: Context) -> Message:
        n, name = context.here, context.here.name(self.person)
        back = (Button("Back", Link(MemberPage(self.person or context.me))),)
        if self.person and n.role(self.person) is None:
            return Message(name, GONE, ((Button("Back", Link(Team())),),))
        lines = ["You become a member, and only a lead can make you a lead again."]
        blind = [n.checklist.section[key].title for key, people in n.restricted.items() if context.me not in people]
        if blind:
            lines.append(f"You will no longer see: {', '.join(blind)}.")
        if not self.person:
            return Message("Step down as a lead?", "\n\n".join(lines), ((Button("Step down", Action("yes")),), back))
        lines.insert(0, f"{name} becomes a lead of these talks, and you step down.")
        return Message(f"Hand over to {name}?", "\n\n".join(lines), ((Button("Hand over", Action("yes")),), back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if not (isinstance(said, ButtonReply) and said.act == "yes"):
            return super().handle(context, said)
        down = RoleGiven(person=context.me, role=Role.MEMBER)
        if not context.leads:
            return Outcome(Team(), aside="You do not lead these talks.")
        if not self.person:
            return Outcome(Team(), (down,), kept="You stepped down; you are a member now.")
        up = RoleGiven(person=self.person, role=Role.LEAD)
        name = context.here.name(self.person)
        return Outcome(Team(), (up, down), kept=f"{name} leads these talks now; you are a member.")


@dataclass(frozen=True)
class OwnName(Place):
    """Asks a person what they want to be called in these talks."""

    code = "No"
    verb = Permission.LEAVE
    targets = ()

    def render(self, context: Context) -> Message:
        return _name_asked(context, context.me)

    def handle(self, context: Context, said: Reply) -> Outcome:
        return _named(context, self, context.me, said) if isinstance(said, TextReply) else super().handle(context, said)


@dataclass(frozen=True)
class MemberName(Place):
    """Asks a lead what somebody is to be called in these talks."""

    code = "Nm"
    verb = Permission.ORDER
    targets = ()
    person: PersonId

    def render(self, context: Context) -> Message:
        if context.here.role(self.person) is None:
            return Message(context.here.name(self.person), GONE, ((Button("Back", Link(Team())),),))
        return _name_asked(context, self.person)

    def handle(self, context: Context, said: Reply) -> Outcome:
        return (
            _named(context, self, self.person, said) if isinstance(said, TextReply) else super().handle(context, said)
        )


def _name_asked(context: Context, person: PersonId) -> Message:
    title = "Your name" if person == context.me else f"The name of {context.here.name(person)}"
    text = (
        f"It is {context.here.name(person)} in these talks: in lists, in the history and in files. Type another to "
        "change it everywhere here; that it was changed is recorded."
    )
    return Message(title, text, ((Button("Back", Link(MemberPage(person))),),))


def _named(context: Context, place: Place, person: PersonId, said: TextReply) -> Outcome:
    """What a typed name comes to."""
    before, name = context.here.name(person), plain_name(said.text)
    if not name:
        return Outcome(place, aside=NAMELESS)
    if name == before:
        return Outcome(MemberPage(person), aside=f"The name is {name} already.")
    if context.here.unused(person, name) != name:
        return Outcome(place, aside=TAKEN)
    kept = f"You are {name} here now." if person == context.me else f"{before} is {name} here now."
    return Outcome(MemberPage(person), (Renamed(person=person, name=name, before=before),), kept=kept)


@dataclass(frozen=True)
class LeaveDelegation(Place):
    """Asks before somebody leaves a delegation by themselves."""

    code = "L"
    verb = Permission.LEAVE
    targets = ()

    def render(self, context: Context) -> Message:
        if context.here.leads == (context.me,):
            return Message("Leave the delegation", LEADERLESS, ((Button("Back", Link(Team())),),))
        text = (
            f"Leave the delegation for the talks with {context.here.counterpart}? You see nothing more of them, and "
            "only a new invitation brings you back. What you answered stays, with your name; what you had to do is "
            "nobody’s."
        )
        return Message(
            "Leave the delegation", text, ((Button("Leave", Action("leave")),), (Button("Back", Link(Team())),))
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, ButtonReply) and said.act == "leave":
            left = f"You left the delegation for the talks with {context.here.counterpart}."
            return Outcome(Home(), (Left(person=context.me),), kept=left)
        return super().handle(context, said)
