"""Several negotiations at once: how each stands, going from one to another, putting one away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.dialog.answer_slot import when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.refusals import AWAY
from bot.dialog.row_labels import talks_names
from bot.dialog.screens.home import Home, state_line
from bot.dialog.screens.team import Team
from bot.domain.access.permissions import Permission
from bot.domain.events import Archived
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.gates import next_gate

PAGE = 6  # talks on one phone screen
ON_BUTTON, IN_TEXT = 50, 120  # characters of what talks are called
RESTS = "They can be read, but not changed, until a lead takes them up again."
Rows = list[tuple[Button, ...]]


def standing(name: str, n: Negotiation, today: date) -> str:
    """How talks stand, below their name: state, days left, and the gate that comes next."""
    lines = [name, state_line(n, today)]
    gate = next_gate(n, today)
    if gate is not None:
        holding = len(gate.holding)
        still = "open" if gate.open else f"{holding} gap{'s' if holding > 1 else ''} to close"
        lines.append(f"Next: {gate.gate.label}, {when(gate.on)}: {still}")
    return "\n".join(lines)


def _listed(context: Context, page: int, *, archived: bool) -> tuple[list[tuple[int, Negotiation]], int]:
    """The talks on a page, those that come soonest first, and how many there are altogether."""
    mine = [(number, n) for number, n in context.overview().items() if n.archived == archived]
    mine.sort(key=lambda negotiation: (negotiation[1].talks_on, negotiation[0]))
    return mine[page * PAGE : page * PAGE + PAGE], len(mine)


def _rows(
    context: Context, place: Negotiations | ArchivedNegotiations, shown: Iterable[tuple[int, Negotiation]], total: int
) -> list[tuple[Button, ...]]:
    names = talks_names(context, ON_BUTTON)
    rows: list[tuple[Button, ...]] = [(Button(names[number], Action("switch", str(number))),) for number, _ in shown]
    turns = []
    if place.page:
        turns.append(Button("◀ Earlier", Link(replace(place, page=place.page - 1))))
    if total > (place.page + 1) * PAGE:
        turns.append(Button("Later ▶", Link(replace(place, page=place.page + 1))))
    return [*rows, *([tuple(turns)] if turns else [])]


def _switched(context: Context, place: Place, said: Reply) -> Outcome | None:
    """A switch to other talks, if that is what was said."""
    if not (isinstance(said, ButtonReply) and said.act == "switch"):
        return None
    if said.arg not in {str(negotiation.number) for negotiation in context.talks}:
        return Outcome(place, aside="You do not belong to those talks any more.")
    return Outcome(Home(), talks=int(said.arg))


@dataclass(frozen=True)
class Negotiations(Place):
    """All the negotiations of a person: how each stands, those that come soonest first."""

    code = "O"
    verb = Permission.COME
    targets = ()
    page: int = 0

    def render(self, context: Context) -> Message:
        shown, total = _listed(context, self.page, archived=False)
        names = talks_names(context, IN_TEXT)
        text = "\n\n".join(standing(names[number], context.seen(n), context.today) for number, n in shown)
        text = text or ("There are none at work." if context.talks else "You belong to no negotiation.")
        rows = _rows(context, self, shown, total)
        away = len(context.talks) - total
        if away > 0:
            rows.append((Button(f"Put away ({away})", Link(ArchivedNegotiations())),))
        return Message("Your negotiations", text, (*rows, (Button("Home", Link(Home())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        return _switched(context, self, said) or super().handle(context, said)


@dataclass(frozen=True)
class ArchivedNegotiations(Place):
    """The negotiations that were put away: to be read, or taken up again."""

    code = "Oa"
    verb = Permission.COME
    targets = ()
    page: int = 0

    def render(self, context: Context) -> Message:
        shown, total = _listed(context, self.page, archived=True)
        names = talks_names(context, IN_TEXT)
        lines = [f"{names[number]}\nTalks on {when(n.talks_on)}" for number, n in shown]
        text = "\n\n".join([RESTS, *lines]) if shown else "Nothing is put away."
        back = (Button("Your negotiations", Link(Negotiations())), Button("Home", Link(Home())))
        return Message("Put away", text, (*_rows(context, self, shown, total), back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        return _switched(context, self, said) or super().handle(context, said)


@dataclass(frozen=True)
class ConfirmArchive(Place):
    """Asks before talks are put away."""

    code = "V"
    verb = Permission.ORDER
    targets = ()

    def render(self, context: Context) -> Message:
        back = (Button("Back", Link(Team())),)
        if context.here.archived:
            return Message("Put the talks away", AWAY, (back,))
        text = (
            f"Put the talks with {context.here.counterpart} away? They leave everybody’s overview. They can still be "
            "read and taken away as a file, but nothing is answered in them until a lead takes them up again."
        )
        return Message("Put the talks away", text, ((Button("Put away", Action("away")),), back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, ButtonReply) and said.act == "away" and not context.here.archived:
            return Outcome(Home(), (Archived(archived=True),), kept="Put away.")
        return super().handle(context, said)
