"""Whether a condition holds: the checklist's rules put to a negotiation on a given day."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from bot.domain.answers import Answer, Day, NotApplicable, Number, Picked, Pointer, Text, Unknown
from bot.domain.checklist import Asked, Item, Kind
from bot.domain.conditions import (
    TALKS,
    TODAY,
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Count,
    EveryRow,
    Fact,
    Forced,
    Mirror,
    NoRow,
    Not,
    OpenBlocker,
    Operand,
    Part,
    PointedAt,
    Rows,
    Share,
    Shifted,
    Weigh,
)
from bot.domain.folding import name_by_looks
from bot.domain.negotiation import FORM, Held, Negotiation, Row
from bot.domain.readiness.incremental import by_row


@dataclass(slots=True, eq=False)  # never changed; frozen, each of the thousands would take three times as long to make
class Scope:
    """What a condition is judged against: a negotiation, a day, and perhaps one row."""

    n: Negotiation
    on: date
    item: Item | None = None
    row: Row | None = None
    blocker_open: bool = False
    pointed: dict[tuple[str, int], set[str]] = field(default_factory=dict, repr=False)

    def at(self, item: Item, row: Row) -> Scope:
        """The same scope, looking at one row."""
        # replace() would cost four times as much
        return Scope(self.n, self.on, item, row, self.blocker_open, self.pointed)


class Seen(NamedTuple):
    """What stands at a reference: the question, and what is held there (None for a blank)."""

    asked: Asked | None
    held: Held | None

    @property
    def said(self) -> Answer | None:
        """The answer, None for a blank."""
        return self.held.said if self.held else None


OF_ANSWERS = frozenset({"unknown", "is_", "in_", "same_as", "changed_since", "older_than"})  # never true of a blank


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether the condition holds. Facts about missing values do not."""
    return HOLDS[type(condition)](condition, scope)


def _any_row(condition: AnyRow, scope: Scope) -> bool:
    return any(True for _ in rows(scope, condition.any_row, condition.where))


def _every_row(condition: EveryRow, scope: Scope) -> bool:
    table = condition.every_row
    return _number(scope, table, condition.where) == _number(scope, table, None) > 0


def _no_row(condition: NoRow, scope: Scope) -> bool:
    return not any(True for _ in rows(scope, condition.no_row, condition.where))


def _share(share: Share, scope: Scope) -> bool:
    total = _number(scope, share.share, None)
    return total > 0 and _number(scope, share.share, share.where) / total > share.over


def _pointed_at(condition: PointedAt, scope: Scope) -> bool:
    return scope.row is not None and scope.row.id in _pointed(scope, condition.pointed_at_by, condition.where)


def rows(scope: Scope, table: str, where: Condition | None) -> Iterator[Row]:
    """The rows of a table that satisfy a condition, in the order they were added."""
    item = scope.n.checklist.item[table]
    there = scope.n.record(table).rows
    if where is None:
        yield from there.values()
        return
    about = (table, id(where), scope.blocker_open)
    (found,) = by_row(scope.n, about, there, (lambda row: row if holds(where, scope.at(item, row)) else None,))
    yield from found


def unpartnered(mirror: Mirror, scope: Scope) -> Iterator[tuple[Item, Row]]:
    """The rows that break a mirror: rows nothing points at, then pointers at nothing."""
    table, (partner, name) = mirror.mirror, mirror.pointer.split(".")
    pointed = _pointed(scope, mirror.pointer, None)
    there = scope.n.record(table).rows
    for row in there.values():
        if row.id not in pointed:
            yield scope.n.checklist.item[table], row
    if not mirror.one_way:
        for row in scope.n.record(partner).rows.values():
            said = row.said(name)
            if not (isinstance(said, Pointer) and said.row in there):
                yield scope.n.checklist.item[partner], row


def look(ref: str, scope: Scope) -> Seen:
    """What stands at a reference; pointers are followed, a broken one ends in a blank."""
    head, path = _steps(ref)
    if head:
        item = scope.n.checklist.item[head]
        record = scope.n.record(head)
        if not path:
            return Seen(item, record.answer)
        row = record.rows.get(FORM)
        return _walk(item, row, path, scope)
    return _walk(scope.item, scope.row, path, scope)


@cache  # references are the checklists'
def _steps(ref: str) -> tuple[str, tuple[str, ...]]:
    head, *path = ref.split(".")
    return head, tuple(path)


def _walk(item: Item | None, row: Row | None, path: tuple[str, ...], scope: Scope) -> Seen:
    seen = Seen(None, None)
    for step in path:
        if item is None or row is None:
            return Seen(None, None)
        asked = item.field[step]
        seen = Seen(asked, row.cells.get(step))
        item = scope.n.checklist.item.get(asked.of) if asked.of else None
        said = seen.said
        if type(said) is not Pointer:
            row = None
            continue
        row = scope.n.record(item.id).rows.get(said.row) if item else None
        if row is None:
            seen = Seen(asked, None)
    return seen


def _fact(fact: Fact, scope: Scope) -> bool:
    seen = look(fact.the, scope) if fact.the not in {TALKS, TODAY} else Seen(None, None)
    said = seen.said
    if said is None and fact.predicate in OF_ANSWERS:
        return False
    match fact.predicate:
        case "empty":
            return _blank(seen, scope)
        case "unknown":
            return isinstance(said, Unknown)
        case "missing":
            return _blank(seen, scope) if said is None else isinstance(said, (Unknown, NotApplicable))
        case "is_":
            return isinstance(said, Picked) and fact.is_ in said.options
        case "in_":
            return isinstance(said, Picked) and not set(fact.in_ or ()).isdisjoint(said.options)
        case "same_as":
            return _same(said, look(fact.same_as or "", scope).said, by_looks=scope.n.checklist.format > 1)
        case "changed_since":
            return _changed_since(seen, fact.changed_since or (), scope)
        case "older_than":
            return isinstance(said, Day) and (scope.on - said.day).days > (fact.older_than or 0)
        case _:
            return _compared(fact, scope)


def _blank(seen: Seen, scope: Scope) -> bool:
    """A blank: no answer; for a table no row, for a form no cell filled."""
    if seen.said is not None:
        return False
    if type(seen.asked) is Item and seen.asked.has_rows:  # a model takes long to say that something is none of its
        there = scope.n.record(seen.asked.id).rows.values()
        if seen.asked.kind == Kind.TABLE:
            return not there
        return not any(held.said for row in there for held in row.cells.values())
    return True


def _compared(fact: Fact, scope: Scope) -> bool:
    mine = measure(fact.the, scope)
    for bound, compare in (
        (fact.over, operator.gt),
        (fact.after, operator.gt),
        (fact.under, operator.lt),
        (fact.before, operator.lt),
        (fact.at_least, operator.ge),
        (fact.at_most, operator.le),
    ):
        if bound is not None:
            theirs = measure(bound, scope)
            return mine is not None and theirs is not None and bool(compare(mine, theirs))
    return False


def measure(operand: Operand, scope: Scope) -> Decimal | None:
    """A value as a number: numbers as they are, dates as days, ordered choices as ranks from 1."""
    match operand:
        case int() | float():
            return Decimal(str(operand))
        case Shifted(the=ref, plus=plus):
            found = measure(ref, scope)
            return None if found is None else found + plus
        case str() if operand == TALKS:
            return Decimal(scope.n.talks_on.toordinal())
        case str() if operand == TODAY:
            return Decimal(scope.on.toordinal())
        case _:
            return _measured(look(operand, scope))


def _measured(seen: Seen) -> Decimal | None:
    match seen.said:
        case Number(number=number):
            return number
        case Day(day=day):
            return Decimal(day.toordinal())
        case Picked(options=(option,)) if seen.asked is not None and option in seen.asked.choices:
            return Decimal(list(seen.asked.choices).index(option) + 1)
        case _:
            return None


def _same(answer: Answer | None, other: Answer | None, *, by_looks: bool) -> bool:
    if isinstance(answer, Text) and isinstance(other, Text):
        if by_looks:
            return name_by_looks(answer.text) == name_by_looks(other.text)
        return " ".join(answer.text.split()).casefold() == " ".join(other.text.split()).casefold()
    return answer is not None and answer == other and not isinstance(answer, Unknown)


def _changed_since(seen: Seen, fields: tuple[str, ...], scope: Scope) -> bool:
    if seen.held is None or seen.said is None or scope.row is None:
        return False
    return any(scope.row.cells[name].seq > seen.held.seq for name in fields if name in scope.row.cells)


def _number(scope: Scope, table: str, where: Condition | None) -> int:
    return sum(1 for _ in rows(scope, table, where))


def _count(count: Count, scope: Scope) -> bool:
    def bound(limit: int | Rows) -> int:
        return limit if isinstance(limit, int) else _number(scope, limit.rows, limit.where)

    number = _number(scope, count.count, count.where)
    if count.over is not None:
        return number > bound(count.over)
    return count.under is not None and number < bound(count.under)


def _weigh(weigh: Weigh, scope: Scope) -> bool:
    item = scope.n.checklist.item[weigh.weigh]

    def total(where: Condition) -> tuple[int, Decimal]:
        sizes = [
            _measured(Seen(item.field[weigh.by], row.cells.get(weigh.by))) for row in rows(scope, weigh.weigh, where)
        ]
        return len(sizes), sum((size for size in sizes if size is not None), Decimal(0))

    number, heavier = total(weigh.heavier)
    return number > 0 and heavier >= total(weigh.than)[1]


def _pointed(scope: Scope, pointer: str, where: Condition | None) -> set[str]:
    """The ids of the rows that some row points at, found once in a scope: every row asks."""
    table, name = pointer.split(".")
    scope.n.record(table)  # read even when found before: the answer is never about the asking row alone
    found = scope.pointed.get((pointer, id(where)))
    if found is None:
        pointed = (row.said(name) for row in rows(scope, table, where))
        found = {said.row for said in pointed if isinstance(said, Pointer)}
        scope.pointed[pointer, id(where)] = found
    return found


# By the very type: `match` asks a condition whether it is each of the kinds before, and a model takes long to say no.
HOLDS: Mapping[type[Part], Callable[[Any, Scope], bool]] = {
    Fact: _fact,
    AllOf: lambda condition, scope: all(holds(part, scope) for part in condition.all),
    AnyOf: lambda condition, scope: any(holds(part, scope) for part in condition.any),
    Not: lambda condition, scope: not holds(condition.not_, scope),
    AnyRow: _any_row,
    EveryRow: _every_row,
    NoRow: _no_row,
    Count: _count,
    Share: _share,
    Weigh: _weigh,
    Mirror: lambda condition, scope: not any(True for _ in unpartnered(condition, scope)),
    PointedAt: _pointed_at,
    Forced: lambda _, scope: scope.row is not None and scope.row.forced,
    OpenBlocker: lambda _, scope: scope.blocker_open,
}
