"""The shortest way to go: what to close, and who has it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import Button, Go, Place, Room, Say
from bot.dialog.screens.home import STATE
from bot.dialog.screens.summary import AtGap, Summary, gap_args
from bot.domain.access.permissions import Verb
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import State, readiness
from bot.domain.readiness.shortest_path import ORDER, Step, Way, way

PAGE = 8
TARGET = {"c": State.CONDITIONAL, "r": State.READY}


@dataclass(frozen=True)
class ShortestWay(Place):
    """The fewest gaps to close for a state, grouped by who has them."""

    code = "Wy"
    verb = Verb.LOOK
    target: str = ""
    page: int = 0

    def arrived(self, room: Room) -> Place:
        """The next state up, unless one was chosen."""
        if self.target in TARGET:
            return self
        return ShortestWay("c" if readiness(room.here, room.today).state == State.NOT_READY else "r")

    def says(self, room: Room) -> Say:
        target = TARGET.get(self.target, State.READY)
        found = way(room.here, room.today, target)
        first = self.page * PAGE
        numbered = [(people, step) for people, steps in found.by_owner() for step in steps]
        shown = list(enumerate(numbered, start=1))[first : first + PAGE]
        text = "\n".join(_said(room, found) + _listed(room, found, shown))
        picks = tuple(Button(str(number), Go(AtGap(*gap_args(step.gap)))) for number, (_, step) in shown)
        turns = (
            *((Button("◀ Before", Go(ShortestWay(self.target, self.page - 1))),) if self.page else ()),
            *((Button("More ▶", Go(ShortestWay(self.target, self.page + 1))),) if len(numbered) > first + PAGE else ()),
        )
        others = tuple(
            Button(f"To {STATE[state]}", Go(ShortestWay(key))) for key, state in TARGET.items() if state != target
        )
        return Say(
            f"Shortest way to {STATE[target]}", text, (picks, turns, others, (Button("Summary", Go(Summary())),))
        )


def _said(room: Room, found: Way) -> list[str]:
    """How many there are to close, and what else would do."""
    if not found.steps:
        state = readiness(room.here, room.today).state
        over = ORDER.index(state) > ORDER.index(found.target)
        return [f"You are past that: {STATE[state]}." if over else "You are there. Nothing has to be closed for it."]
    number = len(found.steps)
    lines = [f"{number} gap{'s' if number > 1 else ''} to close, as things stand."]
    can = sum(1 for step in found.steps if _acceptable(found, step.gap))
    if can:
        lines.append(f"{can} of them a lead may waive instead.")
    if found.follow:
        names = ", ".join(sorted({room.here.words(room.item(gap.item).label) for gap in found.follow}))
        closes = (
            "1 more closes by itself" if len(found.follow) == 1 else f"{len(found.follow)} more close by themselves"
        )
        lines.append(f"{closes} once no blocker is there, not even a waived one: {names}.")
    return lines


def _acceptable(found: Way, gap: Gap) -> bool:
    """Whether a waiver does as well: it brings nobody from a blocker to ready."""
    return gap.waivable and not gap.waiver and (found.target == State.CONDITIONAL or gap.severity != "blocker")


def _listed(room: Room, found: Way, shown: list[tuple[int, tuple[tuple[str, ...], Step]]]) -> list[str]:
    lines: list[str] = []
    per = {people: len(steps) for people, steps in found.by_owner()}
    last: tuple[str, ...] | None = None
    for number, (people, step) in shown:
        if people != last:
            lines += ["", f"{room.here.names(people) if people else 'Nobody has'} ({per[people]}):"]
            last = people
        lines.append(f"{number}. {_line(room, found, step)}")
    return lines


def _line(room: Room, found: Way, step: Step) -> str:
    gap = step.gap
    due = f" · due {when(gap.due)}{' (late)' if gap.due < room.today else ''}" if gap.due else ""
    waits = " · waits for another item first" if step.waits else ""
    waivable = " · or waive" if _acceptable(found, gap) else ""
    waived = " · waived, which is not enough for ready" if gap.waiver else ""
    label = room.here.words(room.item(gap.item).label)
    return f"{MARK[gap.severity]} {label}: {clip(gap.says, 120)}{due}{waits}{waivable}{waived}"
