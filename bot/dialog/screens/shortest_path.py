"""The shortest way to go: what to close, and who has it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import Button, Context, Link, Message, Place
from bot.dialog.screens.home import STATE
from bot.dialog.screens.summary import GapDetail, Summary, gap_args
from bot.domain.access.permissions import Permission
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import State, readiness
from bot.domain.readiness.shortest_path import ORDER, PathStep, PathToState, way

PAGE = 8
TARGET = {"c": State.CONDITIONAL, "r": State.READY}


@dataclass(frozen=True)
class ShortestPath(Place):
    """The fewest gaps to close for a state, grouped by who has them."""

    code = "Wy"
    verb = Permission.LOOK
    targets = ()
    target: str = ""
    page: int = 0

    def resolve(self, context: Context) -> Place:
        """The next state up, unless one was chosen."""
        if self.target in TARGET:
            return self
        return ShortestPath("c" if readiness(context.here, context.today).state == State.NOT_READY else "r")

    def render(self, context: Context) -> Message:
        target = TARGET.get(self.target, State.READY)
        found = way(context.here, context.today, target)
        first = self.page * PAGE
        numbered = [(people, step) for people, steps in found.by_owner() for step in steps]
        shown = list(enumerate(numbered, start=1))[first : first + PAGE]
        text = "\n".join(_said(context, found) + _listed(context, found, shown))
        picks = tuple(Button(str(number), Link(GapDetail(*gap_args(step.gap)))) for number, (_, step) in shown)
        turns = (
            *((Button("◀ Before", Link(ShortestPath(self.target, self.page - 1))),) if self.page else ()),
            *(
                (Button("More ▶", Link(ShortestPath(self.target, self.page + 1))),)
                if len(numbered) > first + PAGE
                else ()
            ),
        )
        others = tuple(
            Button(f"To {STATE[state]}", Link(ShortestPath(key))) for key, state in TARGET.items() if state != target
        )
        return Message(
            f"Shortest way to {STATE[target]}", text, (picks, turns, others, (Button("Summary", Link(Summary())),))
        )


def _said(context: Context, found: PathToState) -> list[str]:
    """How many there are to close, and what else would do."""
    if not found.steps:
        state = readiness(context.here, context.today).state
        over = ORDER.index(state) > ORDER.index(found.target)
        return [f"You are past that: {STATE[state]}." if over else "You are there. Nothing has to be closed for it."]
    number = len(found.steps)
    lines = [f"{number} gap{'s' if number > 1 else ''} to close, as things stand."]
    can = sum(1 for step in found.steps if _acceptable(found, step.gap))
    if can:
        lines.append(f"{can} of them a lead may waive instead.")
    if found.follow:
        names = ", ".join(sorted({context.here.words(context.item(gap.item).label) for gap in found.follow}))
        closes = (
            "1 more closes by itself" if len(found.follow) == 1 else f"{len(found.follow)} more close by themselves"
        )
        lines.append(f"{closes} once no blocker is there, not even a waived one: {names}.")
    return lines


def _acceptable(found: PathToState, gap: Gap) -> bool:
    """Whether a waiver does as well: it brings nobody from a blocker to ready."""
    return gap.waivable and not gap.waiver and (found.target == State.CONDITIONAL or gap.severity != "blocker")


def _listed(
    context: Context, found: PathToState, shown: list[tuple[int, tuple[tuple[str, ...], PathStep]]]
) -> list[str]:
    lines: list[str] = []
    per = {people: len(steps) for people, steps in found.by_owner()}
    last: tuple[str, ...] | None = None
    for number, (people, step) in shown:
        if people != last:
            lines += ["", f"{context.here.names(people) if people else 'Nobody has'} ({per[people]}):"]
            last = people
        lines.append(f"{number}. {_line(context, found, step)}")
    return lines


def _line(context: Context, found: PathToState, step: PathStep) -> str:
    gap = step.gap
    due = f" · due {when(gap.due)}{' (late)' if gap.due < context.today else ''}" if gap.due else ""
    waits = " · waits for another item first" if step.waits else ""
    waivable = " · or waive" if _acceptable(found, gap) else ""
    waived = " · waived, which is not enough for ready" if gap.waiver else ""
    label = context.here.words(context.item(gap.item).label)
    return f"{MARK[gap.severity]} {label}: {clip(gap.says, 120)}{due}{waits}{waivable}{waived}"
