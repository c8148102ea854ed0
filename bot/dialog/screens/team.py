"""The delegation: who is in it, invitations, removal, and the day of the talks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, timedelta

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.screens.admission import screened, switch
from bot.dialog.screens.group_cards import GroupCards
from bot.dialog.screens.home import Home, kept_for
from bot.dialog.screens.opening import MoveTalks
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Permission
from bot.domain.events import Invited, Left, PersonId, Role
from bot.domain.ownership import handed_over
from bot.domain.wording.history import aimed

INVITE_DAYS = 7
NAMED = 12  # hex digits of an invitation's hash, in a button
LISTED = 6  # of what a person has, before they are removed


def hashed(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Team(Place):
    """Who is in the delegation."""

    code = "T"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.negotiations import ConfirmArchive
        from bot.dialog.screens.retention import RetentionSettings
        from bot.dialog.screens.roles import LeaveDelegation, MemberPage, OwnName

        n = context.here
        lines = [f"{member.name}, {member.role}{' (you)' if member.id == context.me else ''}" for member in n.here]
        kept = [f"{n.checklist.section[key].title}: {kept_for(n, key)}" for key in n.restricted]
        lines += ["", *kept] if kept else []
        card = (Button("Card for your group", Link(GroupCards())),) if context.on_telegram else ()
        rows: list[tuple[Button, ...]] = []
        lapsed = context.lapsed() if context.leads else ()
        if lapsed:
            lines += ["", "Invitations that ran out unused can be renewed: the link that was sent then works again."]
        if context.leads:
            rows += [
                (
                    Button("Invite a member", Action("invite", "member")),
                    Button("Invite a lead", Action("invite", "lead")),
                ),
                (Button("Invite an observer", Action("invite", "observer")),),
                *(
                    (
                        Button(
                            f"Renew: {invitation.role}, good until {when(invitation.until)}",
                            Action("renew", invitation.hash[:NAMED]),
                        ),
                    )
                    for invitation in lapsed
                ),
                *(
                    (
                        Button(
                            clip(f"{member.name}{' (you)' if member.id == context.me else ''}…", 40),
                            Link(MemberPage(member.id)),
                        ),
                    )
                    for member in n.here
                ),
                (switch(context),),
                (Button("Move the talks", Link(MoveTalks())), *card),
                (
                    *([] if n.archived else [Button("Put the talks away…", Link(ConfirmArchive()))]),
                    Button("How long they are kept…", Link(RetentionSettings())),
                ),
            ]
        else:
            rows.append((Button("Change your name…", Link(OwnName())), Button("Leave…", Link(LeaveDelegation()))))
        return Message("The delegation", "\n".join(lines), (*rows, (Button("Home", Link(Home())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="invite", arg=role) if role in set(Role):
                expires = (context.now + timedelta(days=INVITE_DAYS)).astimezone(UTC)
                invited = Invited(invite=hashed(context.secret), role=Role(role), expires_at=expires)
                return Outcome(Invitation(context.secret, role), (invited,))
            case ButtonReply(act="renew", arg=named) if named and context.leads:
                return self._renewed(context, named)
            case ButtonReply(act="screen"):
                return screened(context, self)
            case _:
                return super().handle(context, said)

    def _renewed(self, context: Context, named: str) -> Outcome:
        """An invitation that ran out is good again, as the link that it was."""
        found = next((invitation for invitation in context.lapsed() if invitation.hash.startswith(named)), None)
        if found is None:
            return Outcome(self, aside="That invitation cannot be renewed any more. Nothing was recorded.")
        expires = context.now + timedelta(days=INVITE_DAYS)
        renewed = Invited(invite=found.hash, role=found.role, expires_at=expires)
        return Outcome(self, (renewed,), kept=f"The link works again, once, until about {when(expires)}.")


@dataclass(frozen=True)
class Invitation(Place):
    """The link of one invitation, shown once to whoever made it."""

    code = "I"
    verb = Permission.LEAD
    targets = ()
    secret: str
    role: str

    def render(self, context: Context) -> Message:
        until = when(context.now + timedelta(days=INVITE_DAYS))
        text = (
            f"Send this link to one person. Whoever opens it first joins as {self.role}; "
            f"it works once, until about {until}.\n\n"
            + "\n\n".join(f"{address}{self.secret}" for address in (context.link, context.page) if address)
        )
        waits = {"", hashed(self.secret)} & context.here.screened
        if waits:
            text += "\n\nThey wait for a lead’s word before they see anything."
        ask = (
            ()
            if "" in waits
            else ((Button("Let them in at once" if waits else "Ask a lead first", Action("screen")),),)
        )
        return Message(f"Invitation: {self.role}", text, (*ask, (Button("Done", Link(Team())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, ButtonReply) and said.act == "screen":
            return screened(context, self, hashed(self.secret))
        return super().handle(context, said)


@dataclass(frozen=True)
class RemoveMember(Place):
    """Asks before a person is removed."""

    code = "R"
    verb = Permission.ORDER
    targets = ()
    person: PersonId

    def render(self, context: Context) -> Message:
        n, name = context.here, context.here.name(self.person)
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
                (Button(clip(f"Remove, and {member.name} has it", 40), Action("hand", member.id)),)
                for member in n.here
                if member.id != self.person
                and member.role != Role.OBSERVER
                and all(may_see(n.judged, member.id, target) for target in theirs)
            ]
        alone = "Remove, and nobody has it" if theirs else "Remove"
        rows = (*heirs, (Button(alone, Action("remove")),), (Button("Back", Link(Team())),))
        return Message(f"Remove {name}", text, rows)

    def handle(self, context: Context, said: Reply) -> Outcome:
        n, name = context.here, context.here.name(self.person)
        match said:
            case ButtonReply(act="remove" | "hand") if not n.role(self.person):
                return Outcome(Team(), aside="That person is not in the delegation any more.")
            case ButtonReply(act="remove"):
                return Outcome(Team(), (Left(person=self.person),), kept=f"{name} was removed.")
            case ButtonReply(act="hand", arg=heir) if n.role(heir) and heir != self.person:
                handed = handed_over(n, self.person, heir)
                kept = f"{name} was removed. {n.name(heir)} has what was theirs."
                return Outcome(Team(), (*handed, Left(person=self.person)), kept=kept)
            case ButtonReply(act="hand"):
                return Outcome(
                    self, aside="Whoever was to have it is not in the delegation any more. Nothing was recorded."
                )
            case _:
                return super().handle(context, said)
