"""Gates: what must be closed by which day before the talks, and what still holds each shut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Button, Go, Place, Room, Say
from bot.dialog.screens.home import Home
from bot.dialog.screens.summary import AtGap, Summary, gap_args, line
from bot.domain.access.permissions import Verb
from bot.domain.checklist import Severity
from bot.domain.readiness.gates import Passing, gates, next_gate

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


def held(passing: Passing) -> str:
    """What keeps a gate shut, in words."""
    number = len(passing.holding)
    if not number:
        return "nothing holds it shut"
    return "1 gap holds it shut" if number == 1 else f"{number} gaps hold it shut"


def next_line(room: Room) -> str:
    """The next gate in one line; empty when there is none."""
    coming = next_gate(room.here, room.today)
    return f"Next gate: {coming.gate.label}, {away(coming.on, room.today)}: {held(coming)}." if coming else ""


def _block(room: Room, one: Passing, before: tuple[Passing, ...]) -> list[str]:
    """A gate of the list. What an earlier one holds as well is told there, and only counted here."""
    passed = "passed " if one.on < room.today else ""
    opened = "✓ open" if one.open else f"✗ {held(one)}"
    told = {gap.key for each in before for gap in each.holding}
    own = [gap for gap in one.holding if gap.key not in told]
    lines = [line(room, gap) for gap in own[:WORST]]
    if len(own) > WORST:
        lines.append(f"… and {len(own) - WORST} more")
    if both := len(one.holding) - len(own):
        lines.append(
            f"… and {both} that hold{'s' if both == 1 else ''} an earlier gate shut, too" if own else ALL_EARLIER
        )
    day = f"{when(one.on)}, {passed}{away(one.on, room.today)}"
    return [f"T-{one.gate.days} {one.gate.label}", f"{day} · {opened}", *lines]


@dataclass(frozen=True)
class Gates(Place):
    """Every gate before the talks: its day, and whether it is open."""

    code = "W"
    verb = Verb.LOOK

    def says(self, room: Room) -> Say:
        last = (Button("Summary", Go(Summary())), Button("Home", Go(Home())))
        found = gates(room.here, room.today)
        if not found:
            return Say("Gates", "This checklist has no gates before the talks.", (last,))
        blocks = ["\n".join(_block(room, one, found[:nth])) for nth, one in enumerate(found)]
        rows = tuple(
            (Button(clip(f"T-{one.gate.days}: {one.gate.label}", 40), Go(AtGate(one.gate.days))),) for one in found
        )
        return Say("Gates", "\n\n".join(blocks), (*rows, last))


@dataclass(frozen=True)
class AtGate(Place):
    """One gate, and all that holds it shut, worst first."""

    code = "q"
    verb = Verb.LOOK
    days: int
    page: int = 0

    def says(self, room: Room) -> Say:
        last = (Button("Gates", Go(Gates())), Button("Home", Go(Home())))
        one = next((each for each in gates(room.here, room.today) if each.gate.days == self.days), None)
        if one is None:
            return Say("Gates", "This checklist has no such gate.", (last,))
        closes = f", and {CLOSES[one.gate.closes]}" if one.gate.closes else ""
        asks = f"To be closed by {when(one.on)}, {away(one.on, room.today)}: whatever is due by then{closes}."
        first = self.page * PAGE
        shown = list(enumerate(one.holding[first : first + PAGE], start=first + 1))
        lines = [f"{number}. {line(room, gap)}" for number, gap in shown]
        turns = [Button("◀ Worse", Go(AtGate(self.days, self.page - 1)))] if self.page else []
        turns += [Button("More ▶", Go(AtGate(self.days, self.page + 1)))] if len(one.holding) > first + PAGE else []
        picks = tuple(Button(str(number), Go(AtGap(*gap_args(gap)))) for number, gap in shown)
        head = held(one)
        return Say(
            f"T-{one.gate.days} {one.gate.label}",
            "\n\n".join([asks, f"{head[0].upper()}{head[1:]}.", *lines]),
            tuple(row for row in (picks, tuple(turns), last) if row),
        )
