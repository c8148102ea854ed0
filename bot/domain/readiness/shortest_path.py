"""The shortest way to go: the fewest gaps whose closing makes the delegation conditional, or ready.

Closing is taken by itself: what a gap's answer may open elsewhere cannot be known before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.domain.checklist import Severity
from bot.domain.events import GapKey, PersonId
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.item_gaps import Gap, locked
from bot.domain.readiness.readiness import State, blocks, gaps, looking, readiness

ORDER = (State.NOT_READY, State.CONDITIONAL, State.READY)


@dataclass(frozen=True, slots=True)
class PathStep:
    """A gap to close. ``waits`` when its item cannot be answered before another is."""

    gap: Gap
    waits: bool


@dataclass(frozen=True, slots=True)
class PathToState:
    """The gaps to close for a state, worst first, and those that then close by themselves."""

    target: State
    steps: tuple[PathStep, ...]
    follow: tuple[Gap, ...]

    def by_owner(self) -> tuple[tuple[tuple[PersonId, ...], tuple[PathStep, ...]], ...]:
        """The steps by who has them, nobody's last."""
        per: dict[tuple[PersonId, ...], list[PathStep]] = {}
        for step in self.steps:
            per.setdefault(step.gap.owners, []).append(step)
        return tuple((people, tuple(per[people])) for people in sorted(per, key=lambda people: not people))


def way(n: Negotiation, on: date, target: State) -> PathToState:
    """The fewest gaps to close so that the delegation is at least in a state; none when it is already."""
    if ORDER.index(readiness(n, on).state) >= ORDER.index(target):
        return PathToState(target, (), ())
    plain = [gap for gap in gaps(n, on) if not _looks(n, gap)]
    close = [gap for gap in plain if _counts(gap, target)]
    waived = [gap for gap in plain if blocks(n, gap) and not _counts(gap, target)]
    blocked = bool(waived)
    shortest = close + [gap for gap in looking(n, on, blocked=blocked) if _counts(gap, target)]
    if blocked:  # a waived blocker keeps others open: closing it as well may be the shorter way
        other = close + waived + [gap for gap in looking(n, on, blocked=False) if _counts(gap, target)]
        shortest = min(shortest, other, key=len)
    order = {gap.key: nth for nth, gap in enumerate(gaps(n, on))}
    shortest.sort(key=lambda gap: order.get(gap.key, len(order)))
    closed = {gap.key for gap in shortest}
    left = {gap.key for gap in without(n, on, closed)}
    return PathToState(
        target,
        tuple(PathStep(gap, locked(n, n.checklist.item[gap.item], on)) for gap in shortest),
        tuple(gap for gap in gaps(n, on) if gap.key not in closed and gap.key not in left),
    )


def without(n: Negotiation, on: date, closed: Iterable[GapKey]) -> tuple[Gap, ...]:
    """The gaps that would be left, were these closed; rules that look at blockers are judged anew."""
    shut = set(closed)
    plain = [gap for gap in gaps(n, on) if not _looks(n, gap) and gap.key not in shut]
    blocked = any(blocks(n, gap) for gap in plain)
    return (*plain, *(gap for gap in looking(n, on, blocked=blocked) if gap.key not in shut))


def _looks(n: Negotiation, gap: Gap) -> bool:
    """Whether a gap is there because of other gaps."""
    rule = n.checklist.item[gap.item].rule.get(gap.rule)
    return rule is not None and rule.last


def _counts(gap: Gap, target: State) -> bool:
    """Whether a gap alone keeps the delegation from a state."""
    if target == State.READY:
        return gap.severity == Severity.BLOCKER or (gap.severity == Severity.MAJOR and not gap.waiver)
    return gap.severity == Severity.BLOCKER and not gap.waiver
