"""The only judge: which gaps are open, and how ready the delegation is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.core.answers import Claim, NotApplicable, Unknown
from bot.core.checklist import GapRule, Item, ItemId, Kind, RowId, Section, Severity
from bot.core.conditions import Condition, Mirror, Not
from bot.core.events import GapKey, PersonId
from bot.core.negotiation import Negotiation, Record, Row, Waiver
from bot.core.rules import Scope, holds, rows, unpartnered

# Rules that every checklist has. Authors' ids begin with a letter, so they never meet.
UNANSWERED = "_unanswered"
UNWRITTEN = "_unwritten"
UNKNOWN = "_unknown"
SET_ASIDE = "_set_aside"
INCOMPLETE = "_incomplete"
STALE = "_stale"


class State(StrEnum):
    """How far the delegation is from being ready."""

    NOT_READY = "not ready"
    CONDITIONAL = "conditional"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Gap:
    """What is still open, why, and how to mend it."""

    item: ItemId
    rule: str
    row: RowId | None
    severity: Severity
    waivable: bool
    says: str
    mend: str
    points: tuple[str, ...]
    due: date | None = None
    owner: PersonId | None = None
    waiver: Waiver | None = None

    @property
    def key(self) -> GapKey:
        """What tells this gap from every other of its negotiation."""
        return "/".join(part for part in (self.item, self.rule, self.row) if part)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one section stands: settled items, of those that apply, and what first passes claim."""

    section: Section
    settled: int
    total: int
    claims: Mapping[Claim, int]


@dataclass(frozen=True, slots=True)
class Readiness:
    """The verdict of a day. ``raw`` looks through waivers, ``state`` honours them."""

    state: State
    raw: State
    gaps: tuple[Gap, ...]
    waived: tuple[Gap, ...]
    sections: tuple[Standing, ...]
    days_left: int

    def number(self, severity: Severity, *, raw: bool = False) -> int:
        """How many gaps of a severity are open; ``raw`` counts the waived ones too."""
        counted = self.gaps + self.waived if raw else self.gaps
        return sum(1 for gap in counted if gap.severity == severity)


def applies(n: Negotiation, item: Item, on: date) -> bool:
    """Whether an item is asked at all in these talks."""
    return item.show_if is None or holds(item.show_if, Scope(n, on))


def locked(n: Negotiation, item: Item, on: date) -> bool:
    """Whether an item still waits for another."""
    return item.locked is not None and not holds(item.locked.until, Scope(n, on))


@lru_cache(maxsize=64)
def gaps(n: Negotiation, on: date) -> tuple[Gap, ...]:
    """Every gap on a given day, waived ones included: worst first, then by due date, then in order."""
    first = [gap for item in _shown(n, on) for gap in _of_item(n, item, Scope(n, on), last=False)]
    blocked = any(gap.severity == Severity.BLOCKER for gap in first)
    scope = Scope(n, on, blocker_open=blocked)
    found = first + [gap for item in _shown(n, on) for gap in _of_item(n, item, scope, last=True)]
    return tuple(sorted((_placed(n, gap, on) for gap in found), key=_urgency))


@lru_cache(maxsize=64)
def readiness(n: Negotiation, on: date) -> Readiness:
    """How far the delegation is from being ready on a given day.

    Gaps come worst first, then by due date. Facts older than their item's
    ``valid_for`` (days) count as gaps. Source: DOMAIN.md, section 2.
    """
    found = gaps(n, on)
    waived = tuple(gap for gap in found if gap.waiver)
    standing = tuple(gap for gap in found if not gap.waiver)
    return Readiness(
        state=_state(standing, waived),
        raw=_state(found, ()),
        gaps=standing,
        waived=waived,
        sections=tuple(_standing(n, section, found, on) for section in n.checklist.sections),
        days_left=(n.talks_on - on).days,
    )


def _state(standing: tuple[Gap, ...], waived: tuple[Gap, ...]) -> State:
    severities = {gap.severity for gap in standing}
    if Severity.BLOCKER in severities:
        return State.NOT_READY
    if Severity.MAJOR in severities or any(gap.severity == Severity.BLOCKER for gap in waived):
        return State.CONDITIONAL
    return State.READY


def _standing(n: Negotiation, section: Section, found: tuple[Gap, ...], on: date) -> Standing:
    open_items = {gap.item for gap in found}
    shown = [item for item in section.items if applies(n, item, on)]
    settled = [item for item in shown if item.id not in open_items]
    claims = Counter(claim for item in shown if (claim := n.record(item.id).claim))
    return Standing(section, len(settled), len(shown), claims)


def _shown(n: Negotiation, on: date) -> Iterator[Item]:
    return (item for item in n.checklist.item.values() if applies(n, item, on))


def _of_item(n: Negotiation, item: Item, scope: Scope, *, last: bool) -> list[Gap]:
    """The gaps an item leaves; ``last`` asks only for those that look at other blockers."""
    record = n.record(item.id)
    if isinstance(record.said, NotApplicable) and not item.always_applies:
        blocks = any(rule.severity == Severity.BLOCKER for rule in item.gaps)
        return [_set_aside(item)] if blocks and not last else []
    fired = [gap for rule in item.gaps if rule.last == last for gap in _fired(n, item, rule, scope)]
    if last:
        return fired
    if record.claim == Claim.IN_HAND and not record.written and not isinstance(record.said, Unknown):
        return [_unwritten(item, fired)]
    return fired + list(_given_by_all(n, item, record, scope, fired))


def _given_by_all(n: Negotiation, item: Item, record: Record, scope: Scope, fired: list[Gap]) -> Iterator[Gap]:
    """The gaps that need no rule of the author's."""
    if isinstance(record.said, Unknown):
        if not fired:
            yield _plain(item, UNKNOWN, Severity.MAJOR, "Recorded as unknown.", "Find out, or carry it as a question.")
        return
    if not record.written and not fired:
        if locked(n, item, scope.on) and item.locked:
            yield _plain(item, UNANSWERED, item.unanswered, item.locked.says, "Settle what it waits for first.")
        else:
            yield _plain(
                item, UNANSWERED, item.unanswered, "Not answered yet.", "Answer it, or say that it is unknown."
            )
    named = {gap.row for gap in fired}
    for row in record.rows.values():
        if row.id not in named:
            yield from _incomplete(n, item, row, scope)
    fresh = record.fresh_at
    if item.valid_for and record.written and fresh and (scope.on - fresh.date()).days > item.valid_for:
        says = f"Last looked at on {fresh:%d %B %Y}; good for {item.valid_for} days."
        yield _plain(item, STALE, Severity.MAJOR, says, "Confirm that it still holds, or correct it.")


def _incomplete(n: Negotiation, item: Item, row: Row, scope: Scope) -> Iterator[Gap]:
    blank = [
        field.label
        for field in item.fields
        if field.required
        and row.said(field.id) is None
        and (row.touched or item.kind == Kind.TABLE)
        and (field.show_if is None or holds(field.show_if, scope.at(item, row)))
    ]
    if blank:
        says = f"{n.row_label(item, row)}: {', '.join(blank)} still blank."
        gap = _plain(item, INCOMPLETE, Severity.MINOR, says, "Fill it in, or say that it is unknown.")
        yield replace(gap, row=row.id)


def _fired(n: Negotiation, item: Item, rule: GapRule, scope: Scope) -> Iterator[Gap]:
    if rule.each:
        for row in rows(scope, item.id, rule.when):
            yield _by_rule(item, rule, row.id, {"row": n.row_label(item, row)}, n)
    elif holds(rule.when, scope):
        yield _by_rule(item, rule, None, {}, n, _blamed(n, rule.when, scope))


def _blamed(n: Negotiation, when: Condition, scope: Scope) -> str:
    """The rows without a partner, where a broken mirror is the reason."""
    if not (isinstance(when, Not) and isinstance(when.not_, Mirror)):
        return ""
    names = [f"“{n.row_label(item, row)}” ({item.label})" for item, row in unpartnered(when.not_, scope)]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" Without a partner: {', '.join(names[:3])}{more}."


def _by_rule(
    item: Item, rule: GapRule, row: RowId | None, also: dict[str, str], n: Negotiation, blamed: str = ""
) -> Gap:
    says = n.words(rule.says)
    for name, value in also.items():
        says = says.replace("{" + name + "}", value)
    return Gap(
        item=item.id,
        rule=rule.id,
        row=row,
        severity=rule.severity,
        waivable=rule.waivable,
        says=says + blamed,
        mend=n.words(rule.mend),
        points=rule.from_ or item.from_,
    )


def _plain(item: Item, rule: str, severity: Severity, says: str, mend: str) -> Gap:
    return Gap(item.id, rule, None, severity, True, says, mend, item.from_)  # noqa: FBT003 (waivable)


def _set_aside(item: Item) -> Gap:
    says = "Said not to apply, although it can block the talks."
    return _plain(item, SET_ASIDE, Severity.MAJOR, says, "A lead accepts that, or the item is answered.")


def _unwritten(item: Item, fired: list[Gap]) -> Gap:
    """A claim with nothing behind it weighs as much as the worst of what it claims to have settled."""
    worst = min((gap.severity for gap in fired), key=lambda one: one.rank, default=Severity.MAJOR)
    gap = _plain(
        item,
        UNWRITTEN,
        min(worst, Severity.MAJOR, key=lambda one: one.rank),
        "Said to be in hand, but nothing is written down.",
        "Write it down.",
    )
    return replace(gap, waivable=all(one.waivable for one in fired))


def _placed(n: Negotiation, gap: Gap, on: date) -> Gap:
    """The gap with its owner, its due date, and its waiver if one holds."""
    item = n.checklist.item[gap.item]
    waiver = n.waivers.get(gap.key)
    return replace(
        gap,
        owner=n.record(gap.item).owner,
        due=_due(n, item),
        waiver=waiver if waiver and gap.waivable and waiver.until >= on else None,
    )


def _due(n: Negotiation, item: Item) -> date | None:
    """The day by which an item should be settled; there is none before the calendar begins."""
    if item.due is None or item.due >= n.talks_on.toordinal():
        return None
    return n.talks_on - timedelta(days=item.due)


def _urgency(gap: Gap) -> tuple[int, date]:
    return gap.severity.rank, gap.due or date.max
