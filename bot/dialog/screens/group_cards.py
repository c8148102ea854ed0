"""The card in a group: what it says, how a group gets one, and how it is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Button, Card, CardedGroup, Do, Go, Place, Room, Said, Say, Talks, Tapped, Turn
from bot.dialog.reminder_message import counted
from bot.dialog.row_labels import talks_names
from bot.dialog.screens.home import STATE, Home, days
from bot.domain.access.permissions import Verb
from bot.domain.events import Role
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.readiness import readiness
from bot.domain.reminders import counts

COMMAND = "card"  # in a group: /card@name_of_the_bot
CLOSED = "No card is kept here any more."
PUT_AWAY = "These talks are put away."
GETS_ONE = "“{title}” gets its card in a moment."
HAS_ONE = "“{title}” shows its card already; it is looked after now."
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
    verb = Verb.LOOK

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.team import Team

        back = (Button("Team", Go(Team())),)
        if not room.leads:
            return Say("Card for your group", f"Only {room.leads_by}, the lead, can put a card into a group.", (back,))
        shown = room.cards()
        text = (
            "A group of the delegation can have a card: the state, the days left and how many gaps are open. "
            "It holds no names and no content, and I keep it up to date.\n\n"
            f"Add me to the group, let me pin messages there, and write /{COMMAND}{_called(room)} in it."
        )
        if shown:
            text += "\n\nShown in: " + ", ".join(clip(one.title, 60) for one in shown)
        rows = tuple((Button(clip(f"Take away: {one.title}", 40), Do("away", one.group)),) for one in shown[:8])
        return Say("Card for your group", text, (*rows, back))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="away") if not room.leads:
                return Turn(self, aside=f"Only {room.leads_by}, the lead, can take a card away.")
            case Tapped(act="away", arg=group) if found := _named(room, group):
                return Turn(self, card=Card(group, None), aside=f"The card in “{clip(found.title, 60)}” is taken away.")
            case Tapped(act="away"):
                return Turn(self, aside="That card is gone already.")
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class CardFor(Place):
    """Asks a lead of several talks which of them a group's card shows."""

    code = "6"
    verb = Verb.COME
    group: str

    def says(self, room: Room) -> Say:
        found = room.waiting(self.group)
        home = (Button("Home", Go(Home())),)
        if found is None:
            return Say("Card for your group", "Nobody waits for a card there any more.", (home,))
        names = talks_names(room, 50)
        rows = tuple((Button(names[one.number], Do("show", str(one.number))),) for one in led(room))
        return Say("Card for your group", f"Which talks shall “{clip(found.title, 60)}” show?", (*rows[:20], home))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="show", arg=number) if found := room.waiting(self.group):
                if number not in {str(one.number) for one in led(room)}:
                    return Turn(self, aside="You do not lead these talks.")
                told = GETS_ONE.format(title=clip(found.title, 60))
                return Turn(Home(), card=Card(self.group, int(number)), aside=told)
            case Tapped(act="show"):
                return Turn(Home(), aside="Nobody waits for a card there any more.")
            case _:
                return super().hears(room, said)


def led(room: Room) -> tuple[Talks, ...]:
    """The talks that a person leads."""
    return tuple(one for one in room.talks if one.role == Role.LEAD)


def _named(room: Room, group: str) -> CardedGroup | None:
    return next((one for one in room.cards() if one.group == group), None)


def _called(room: Room) -> str:
    """The bot's name as a group writes it, from the link that invites people; empty in the terminal."""
    name = room.link.partition("t.me/")[2].partition("?")[0]
    return f"@{name}" if name else ""
