"""The card in a group: what it says, how a group gets one, and how it is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    CardedGroup,
    Context,
    GroupCardRequest,
    Link,
    Message,
    NegotiationLine,
    Outcome,
    Place,
    Reply,
)
from bot.dialog.reminder_message import counted
from bot.dialog.row_labels import talks_names
from bot.dialog.screens.home import STATE, Home, days
from bot.domain.access.permissions import Permission
from bot.domain.events import Role
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.readiness import readiness
from bot.domain.reminders import counts

COMMAND = "card"  # in a group: /card@name_of_the_bot
CLOSED = "No card is kept here any more."
PUT_AWAY = "These talks are put away."
GETS_ONE = "“{title}” gets its card in a moment."
HAS_ONE = "“{title}” shows its card already; it is looked after now."
NO_BOT = "A card is shown in a group on Telegram, and this installation has no bot there."
NOT_A_LEAD = "Only a lead can put a card into a group."
TAKEN = "“{title}” shows the card of other talks already. Their lead can take it away, under Team."
NOT_PINNED = (
    "The card is in “{title}”, but I may not pin it there. Make me an admin who may pin messages, "
    "or pin it yourself; I keep it up to date either way."
)


def card(n: Negotiation, on: date) -> str:
    """What a group is shown: the state, the days left and counts. No names and no content."""
    if n.archived:
        return PUT_AWAY
    ready = readiness(n, on)
    waived = f"Waived: {len(ready.waived)}\n" if ready.waived and not n.restricted else ""
    lines = "\n".join(counted(counts(n, None, on)))
    return f"{STATE[ready.state]} · {days(ready.days_left)}\n{lines}\n{waived}As of {when(on)}."


@dataclass(frozen=True)
class GroupCards(Place):
    """The groups that show these talks' card, and how one more gets it."""

    code = "5"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.team import Team

        back = (Button("Team", Link(Team())),)
        if not context.on_telegram:
            return Message("Card for your group", NO_BOT, (back,))
        if not context.leads:
            return Message(
                "Card for your group", f"Only {context.leads_by}, the lead, can put a card into a group.", (back,)
            )
        shown = context.cards()
        text = (
            "A group of the delegation can have a card: the state, the days left and how many gaps are open. "
            "It holds no names and no content, and I keep it up to date.\n\n"
            f"Add me to the group, let me pin messages there, and write /{COMMAND}{_called(context)} in it."
        )
        if shown:
            text += "\n\nShown in: " + ", ".join(clip(shown_card.title, 60) for shown_card in shown)
        rows = tuple(
            (Button(clip(f"Take away: {shown_card.title}", 40), Action("away", shown_card.group)),)
            for shown_card in shown[:8]
        )
        return Message("Card for your group", text, (*rows, back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="away") if not context.leads:
                return Outcome(self, aside=f"Only {context.leads_by}, the lead, can take a card away.")
            case ButtonReply(act="away", arg=group) if found := _named(context, group):
                return Outcome(
                    self,
                    card=GroupCardRequest(group, None),
                    aside=f"The card in “{clip(found.title, 60)}” is taken away.",
                )
            case ButtonReply(act="away"):
                return Outcome(self, aside="That card is gone already.")
            case _:
                return super().handle(context, said)


@dataclass(frozen=True)
class ChooseGroupCard(Place):
    """Asks a lead of several talks which of them a group's card shows."""

    code = "6"
    verb = Permission.COME
    targets = ()
    group: str

    def render(self, context: Context) -> Message:
        found = context.waiting(self.group)
        home = (Button("Home", Link(Home())),)
        if found is None:
            return Message("Card for your group", "Nobody waits for a card there any more.", (home,))
        names = talks_names(context, 50)
        rows = tuple(
            (Button(names[negotiation.number], Action("show", str(negotiation.number))),)
            for negotiation in led(context)
        )
        return Message("Card for your group", f"Which talks shall “{clip(found.title, 60)}” show?", (*rows[:20], home))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="show", arg=number) if found := context.waiting(self.group):
                if number not in {str(negotiation.number) for negotiation in led(context)}:
                    return Outcome(self, aside="You do not lead these talks.")
                told = GETS_ONE.format(title=clip(found.title, 60))
                return Outcome(Home(), card=GroupCardRequest(self.group, int(number)), aside=told)
            case ButtonReply(act="show"):
                return Outcome(Home(), aside="Nobody waits for a card there any more.")
            case _:
                return super().handle(context, said)


def led(context: Context) -> tuple[NegotiationLine, ...]:
    """The talks that a person leads."""
    return tuple(negotiation for negotiation in context.talks if negotiation.role == Role.LEAD)


def _named(context: Context, group: str) -> CardedGroup | None:
    return next((shown_card for shown_card in context.cards() if shown_card.group == group), None)


def _called(context: Context) -> str:
    """The bot's name as a group writes it, from the link that invites people; empty in the terminal."""
    name = context.link.partition("t.me/")[2].partition("?")[0]
    return f"@{name}" if name else ""
