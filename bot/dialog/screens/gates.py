"""Gates: what must be closed by which day before the talks, and what still holds each shut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Button, Context, Link, Message, Place
from bot.dialog.screens.home import Home
from bot.dialog.screens.summary import GapDetail, Summary, gap_args, line
from bot.domain.access.permissions import Permission
from bot.domain.checklist import Severity
from bot.domain.readiness.gates import GateStatus, gates, next_gate

PAGE = 6
CLOSES = {
    Severity.BLOCKER: "every blocker",
    Severity.MAJOR: "every blocker and every major gap",
    Severity.MINOR: "every other gap",
}
WORST = 2  # gaps shown under each gate of the list
ALL_EARLIER = "Nothing but what holds an earlier gate shut, too."


def away(day: date, today: date) -> str:
    """How far a day is from today, in words."""
    left = (day - today).days
    if left in {-1, 0, 1}:
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[left]
    return f"in {left} days" if left > 0 else f"{-left} days ago"


def held(passing: GateStatus) -> str:
    """What keeps a gate shut, in words."""
    number = len(passing.holding)
    if not number:
        return "nothing holds it shut"
    return "1 gap holds it shut" if number == 1 else f"{number} gaps hold it shut"


def next_line(context: Context) -> str:
    """The next gate in one line; empty when there is none."""
    coming = next_gate(context.here, context.today)
    return f"Next gate: {coming.gate.label}, {away(coming.on, context.today)}: {held(coming)}." if coming else ""


def _block(context: Context, status: GateStatus, before: tuple[GateStatus, ...]) -> list[str]:
    """A gate of the list. What an earlier one holds as well is told there, and only counted here."""
    passed = "passed " if status.on < context.today else ""
    opened = "✓ open" if status.open else f"✗ {held(status)}"
    told = {gap.key for each in before for gap in each.holding}
    own = [gap for gap in status.holding if gap.key not in told]
    lines = [line(context, gap) for gap in own[:WORST]]
    if len(own) > WORST:
        lines.append(f"… and {len(own) - WORST} more")
    if both := len(status.holding) - len(own):
        lines.append(
            f"… and {both} that hold{'s' if both == 1 else ''} an earlier gate shut, too" if own else ALL_EARLIER
        )
    day = f"{when(status.on)}, {passed}{away(status.on, context.today)}"
    return [f"T-{status.gate.days} {status.gate.label}", f"{day} · {opened}", *lines]


@dataclass(frozen=True)
class Gates(Place):
    """Every gate before the talks: its day, and whether it is open."""

    code = "W"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        last = (Button("Summary", Link(Summary())), Button("Home", Link(Home())))
        found = gates(context.here, context.today)
        if not found:
            return Message("Gates", "This checklist has no gates before the talks.", (last,))
        blocks = ["\n".join(_block(context, status, found[:nth])) for nth, status in enumerate(found)]
        rows = tuple(
            (Button(clip(f"T-{status.gate.days}: {status.gate.label}", 40), Link(GateDetail(status.gate.days))),)
            for status in found
        )
        return Message("Gates", "\n\n".join(blocks), (*rows, last))


@dataclass(frozen=True)
class GateDetail(Place):
    """One gate, and all that holds it shut, worst first."""

    code = "q"
    verb = Permission.LOOK
    targets = ()
    days: int
    page: int = 0

    def render(self, context: Context) -> Message:
        last = (Button("Gates", Link(Gates())), Button("Home", Link(Home())))
        status = next((each for each in gates(context.here, context.today) if each.gate.days == self.days), None)
        if status is None:
            return Message("Gates", "This checklist has no such gate.", (last,))
        closes = f", and {CLOSES[status.gate.closes]}" if status.gate.closes else ""
        asks = f"To be closed by {when(status.on)}, {away(status.on, context.today)}: whatever is due by then{closes}."
        first = self.page * PAGE
        shown = list(enumerate(status.holding[first : first + PAGE], start=first + 1))
        lines = [f"{number}. {line(context, gap)}" for number, gap in shown]
        turns = [Button("◀ Worse", Link(GateDetail(self.days, self.page - 1)))] if self.page else []
        turns += (
            [Button("More ▶", Link(GateDetail(self.days, self.page + 1)))] if len(status.holding) > first + PAGE else []
        )
        picks = tuple(Button(str(number), Link(GapDetail(*gap_args(gap)))) for number, gap in shown)
        head = held(status)
        return Message(
            f"T-{status.gate.days} {status.gate.label}",
            "\n\n".join([asks, f"{head[0].upper()}{head[1:]}.", *lines]),
            tuple(row for row in (picks, tuple(turns), last) if row),
        )
