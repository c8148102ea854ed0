"""Judging one item: which gaps it leaves, by the author's rules and by those that every checklist has."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.domain.answers import Claim, NotApplicable, Unknown
from bot.domain.checklist import GapRule, Item, ItemId, Kind, RowId, Severity
from bot.domain.conditions import Condition, Mirror, Not
from bot.domain.events import GapKey, PersonId
from bot.domain.negotiation import WITHHELD, Negotiation, Record, Row, Waiver
from bot.domain.ownership import due, owners
from bot.domain.readiness.incremental import Judge, by_row
from bot.domain.readiness.rules import Scope, holds, unpartnered

# Rules that every checklist has. Authors' ids begin with a letter, so they never meet.
UNANSWERED = "_unanswered"
UNWRITTEN = "_unwritten"
UNKNOWN = "_unknown"
SET_ASIDE = "_set_aside"
INCOMPLETE = "_incomplete"
STALE = "_stale"


class Gap(NamedTuple):
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
    owners: tuple[PersonId, ...] = ()
    waiver: Waiver | None = None

    @property
    def key(self) -> GapKey:
        """What tells this gap from every other of its negotiation."""
        return "/".join(part for part in (self.item, self.rule, self.row) if part)


def applies(n: Negotiation, item: Item, on: date) -> bool:
    """Whether an item is asked at all in these talks."""
    return item.show_if is None or holds(item.show_if, Scope(n.judged, on))


def locked(n: Negotiation, item: Item, on: date) -> bool:
    """Whether an item still waits for another."""
    return item.locked is not None and not holds(item.locked.until, Scope(n.judged, on))


class GapGroup(NamedTuple):
    """The gaps of one item, one severity and one day: all equally urgent, so that groups are sorted, not gaps."""

    urgency: tuple[int, date]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """An item being judged, with what all its gaps have in common."""

    n: Negotiation
    item: Item
    record: Record
    owners: tuple[PersonId, ...]
    due: date | None
    scope: Scope

    def gap(self, rule: str, severity: Severity, says: str, mend: str, row: RowId | None = None) -> Gap:
        """A gap that needs no rule of the author's."""
        item = self.item
        return Gap(item.id, rule, row, severity, True, says, mend, item.from_, self.due, self.owners)  # noqa: FBT003 (waivable)

    def by_rule(self, rule: GapRule, says: str, row: RowId | None = None) -> Gap:
        """A gap that a rule of the author's leaves."""
        return Gap(
            item=self.item.id,
            rule=rule.id,
            row=row,
            severity=rule.severity,
            waivable=rule.waivable,
            says=says,
            mend=self.n.words(rule.mend),
            points=rule.from_ or self.item.from_,
            due=self.due,
            owners=self.owners,
        )

    def by_row(self, about: Hashable, judges: Sequence[Judge[Gap]]) -> Sequence[list[Gap]]:
        """The gaps that each judge finds in rows."""
        known_by = (self.item.id, about, self.owners, self.due, self.scope.blocker_open)
        return by_row(self.n, known_by, self.record.rows, judges)


def groups(n: Negotiation, item: Item, on: date, *, blocked: bool | None = None) -> list[GapGroup]:
    """The gaps that an item leaves.

    Those of rules that look at other blockers come only where ``blocked`` says whether there is one, and then
    by themselves.
    """
    if not applies(n, item, on):
        return []
    last = blocked is not None
    judged = _Judged(
        n, item, n.record(item.id), owners(n, item), due(n, item), Scope(n, on, blocker_open=bool(blocked))
    )
    alike: dict[tuple[int, date], list[Gap]] = {}
    for found in _of_item(judged, last=last):
        alike.setdefault((found[0].severity.rank, found[0].due or date.max), []).extend(found)
    return [GapGroup(urgency, tuple(found)) for urgency, found in alike.items()]


def _of_item(judged: _Judged, *, last: bool) -> list[list[Gap]]:
    """What an item leaves, rule by rule, so that those of one list are equally urgent. No list is empty."""
    item, record = judged.item, judged.record
    if record.answer and isinstance(record.said, NotApplicable) and not item.always_applies:
        blocks = judged.n.checklist.format == 1 and any(rule.severity == Severity.BLOCKER for rule in item.gaps)
        return [[_set_aside(judged)]] if blocks and not last else []
    fired = [found for found in _fired(judged, last=last) if found]
    if last:
        return fired
    if record.claim == Claim.IN_HAND and not record.written and not isinstance(record.said, Unknown):
        return [[_unwritten(judged, fired)]]
    return [*fired, *_given_by_all(judged, fired)]


def _given_by_all(judged: _Judged, fired: list[list[Gap]]) -> Iterator[list[Gap]]:
    """The gaps that need no rule of the author's."""
    item, record, on = judged.item, judged.record, judged.scope.on
    if record.answer and isinstance(record.said, Unknown):
        severity = _worst(Severity.MAJOR, item.unanswered)
        if _outweighs(severity, fired):
            yield [judged.gap(UNKNOWN, severity, "Recorded as unknown.", "Find out, or carry it as a question.")]
        return
    if not record.written and _outweighs(item.unanswered, fired):
        if locked(judged.n, item, on) and item.locked:
            yield [judged.gap(UNANSWERED, item.unanswered, item.locked.says, "Settle what it waits for first.")]
        else:
            says, mend = "Not answered yet.", "Answer it, or say that it is unknown."
            yield [judged.gap(UNANSWERED, item.unanswered, says, mend)]
    if any(field.required for field in item.fields):
        named = {gap.row for found in fired for gap in found}
        (incomplete,) = judged.by_row(INCOMPLETE, (partial(_incomplete, judged),))
        if left := [gap for gap in incomplete if gap.row not in named]:
            yield left
    yield from ([gap] for gap in _stale(judged))


def _stale(judged: _Judged) -> Iterator[Gap]:
    """Facts past their validity. In a table each row ages by itself: one new row does not renew the others."""
    item, record = judged.item, judged.record
    if not item.valid_for or not record.written:
        return
    looked: list[tuple[Row | None, datetime | None]] = [(None, record.fresh_at)]
    if item.kind == Kind.TABLE and record.rows:
        looked = [(row, _looked_at(record, row)) for row in record.rows.values() if row.touched]
    for row, at in looked:
        if at is not None and (judged.scope.on - at.date()).days > item.valid_for:
            name = f"{judged.n.row_label(item, row)}: last" if row else "Last"
            says = f"{name} looked at on {at.day} {at:%B %Y}; good for {item.valid_for} days."
            mend = "Confirm that it still holds, or correct it."
            gap = judged.gap(STALE, Severity.MAJOR, says, mend, row.id if row else None)
            since = at.date() + timedelta(days=item.valid_for + 1)
            yield gap._replace(due=max(gap.due or since, since))  # it was not late before it grew old


def _looked_at(record: Record, row: Row) -> datetime | None:
    """When somebody last wrote in a row, or confirmed it or its table."""
    written = [held.at for held in row.cells.values() if held.by is not None]
    return max([*written, *(at for at in (record.confirmed_at, row.confirmed_at) if at)], default=None)


def _outweighs(severity: Severity, fired: list[list[Gap]]) -> bool:
    """Whether a gap of this severity says more than the item's own rules already do."""
    return all(severity.rank < found[0].severity.rank for found in fired)


def _incomplete(judged: _Judged, row: Row) -> Gap | None:
    item = judged.item
    blank = [
        field.label
        for field in item.fields
        if field.required
        and row.said(field.id) is None
        and (row.touched or item.kind == Kind.TABLE)
        and (field.show_if is None or holds(field.show_if, judged.scope.at(item, row)))
    ]
    if not blank:
        return None
    name = "" if item.kind == Kind.FORM else f"{judged.n.row_label(item, row)}: "  # a form is called as its item
    says = f"{name}{', '.join(blank)} still blank."
    return judged.gap(INCOMPLETE, Severity.MINOR, says, "Fill it in, or say that it is unknown.", row.id)


def _fired(judged: _Judged, *, last: bool) -> list[list[Gap]]:
    """The gaps of each of the author's rules, in order; within one in the order of the rows."""
    rules = [rule for rule in judged.item.gaps if rule.last == last]
    at_rows = [rule for rule in rules if rule.each]
    there = judged.by_row(last, [partial(_fired_at, judged, rule) for rule in at_rows]) if at_rows else ()
    found = dict(zip((rule.id for rule in at_rows), there, strict=True))
    return [_weighed(judged, rule, found[rule.id] if rule.each else _fired_alone(judged, rule)) for rule in rules]


def _weighed(judged: _Judged, rule: GapRule, found: list[Gap]) -> list[Gap]:
    """The gaps of a rule, lighter where the checklist says so."""
    if not found or rule.lighter is None or not holds(rule.lighter.when, judged.scope):
        return found
    return [gap._replace(severity=rule.lighter.severity, waivable=True) for gap in found]


def _fired_alone(judged: _Judged, rule: GapRule) -> list[Gap]:
    if not holds(rule.when, judged.scope):
        return []
    return [judged.by_rule(rule, judged.n.words(rule.says) + _blamed(judged.n, rule.when, judged.scope))]


def _fired_at(judged: _Judged, rule: GapRule, row: Row) -> Gap | None:
    if not holds(rule.when, judged.scope.at(judged.item, row)):
        return None
    says = judged.n.words(rule.says).replace("{row}", judged.n.row_label(judged.item, row))
    return judged.by_rule(rule, says, row.id)


def _blamed(n: Negotiation, when: Condition, scope: Scope) -> str:
    """The rows without a partner, where a broken mirror is the reason."""
    if not (isinstance(when, Not) and isinstance(when.not_, Mirror)):
        return ""
    alone = list(unpartnered(when.not_, scope))
    names = [
        WITHHELD if n.withholds(item.id) else f"“{n.row_label(item, row)}” ({item.label})" for item, row in alone[:3]
    ]
    more = f" and {len(alone) - 3} more" if len(alone) > 3 else ""
    return f" Without a partner: {', '.join(names)}{more}."


def _set_aside(judged: _Judged) -> Gap:
    says = "Said not to apply, although it can block the talks."
    return judged.gap(SET_ASIDE, Severity.MAJOR, says, "A lead accepts that, or the item is answered.")


def _worst(*severities: Severity) -> Severity:
    return min(severities, key=lambda severity: severity.rank)


def _unwritten(judged: _Judged, fired: list[list[Gap]]) -> Gap:
    """A claim with nothing behind it weighs as much as the worst of what it claims to have settled."""
    severity = _worst(Severity.MAJOR, judged.item.unanswered, *(found[0].severity for found in fired))
    gap = judged.gap(UNWRITTEN, severity, "Said to be in hand, but nothing is written down.", "Write it down.")
    return gap._replace(waivable=all(claimed.waivable for found in fired for claimed in found))
