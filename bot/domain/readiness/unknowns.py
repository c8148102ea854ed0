"""What is recorded as unknown, and what is done about it: a question, a task, or nothing yet.

All of it is read from the answers as they stand: once an unknown is answered, its question
or task is gone, and nobody has to strike it off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.domain.answers import NotApplicable, Unknown
from bot.domain.checklist import Field, Item, Kind
from bot.domain.events import PersonId, Target
from bot.domain.events.base import of_section
from bot.domain.negotiation import Held, Negotiation, Pursuit, Row
from bot.domain.ownership import UNKNOWN, charged, due_of, item_of, of_unknown
from bot.domain.readiness.item_gaps import Gap, applies
from bot.domain.readiness.readiness import gaps
from bot.domain.readiness.rules import Scope, holds

TASK_RANK = 3  # among the work of a person: after every gap of the same urgency


@dataclass(frozen=True, slots=True)
class Unresolved:
    """One thing recorded as unknown: an item, or a cell of one of its rows."""

    spot: str  # the item, or item/row/field
    item: Item
    row: Row | None
    field: Field | None
    held: Held
    pursuit: Pursuit | None
    owners: tuple[PersonId, ...]
    due: date | None

    @property
    def target(self) -> Target:
        """What people are given, and a day is set for."""
        return of_unknown(self.spot)

    @property
    def askable(self) -> bool:
        """Whether it may become a question to the other side: where nobody says otherwise, and what is theirs."""
        return ((self.field and self.field.asked_of) or self.item.asked_of or "them") == "them"

    @property
    def question(self) -> bool:
        """Whether it is carried into the first session."""
        return self.pursuit is not None and self.pursuit.course == "question"

    @property
    def task(self) -> bool:
        """Whether somebody is to find it out before."""
        return self.pursuit is not None and self.pursuit.course == "task"


def unknowns(n: Negotiation, on: date) -> tuple[Unresolved, ...]:
    """Every unknown that is asked for: questions by priority, tasks by their day, then what rests.

    Those that are equal come in the checklist's order.
    """
    return tuple(sorted(_found(n, on), key=_order))


def asked(n: Negotiation, unknown: Unresolved) -> str:
    """The question that an unknown leaves, with the name of its row."""
    if unknown.row is None or unknown.field is None:
        return n.words(unknown.item.ask)
    name = "" if unknown.item.kind == Kind.FORM else f"{n.row_label(unknown.item, unknown.row)}: "
    return f"{name}{n.words(unknown.field.ask)}"


def work(n: Negotiation, person: PersonId, on: date) -> tuple[Gap | Unresolved, ...]:
    """What a person has to settle: what is overdue first, then worst first, then by day.

    Waived gaps are nobody's work while the waiver holds.
    """
    found: list[Gap | Unresolved] = [gap for gap in gaps(n, on) if person in gap.owners and not gap.waiver]
    found += [unknown for unknown in unknowns(n, on) if unknown.task and person in unknown.owners]
    return tuple(sorted(found, key=lambda charge: (not late(charge, on), _rank(charge), charge.due or date.max)))


def late(charge: Gap | Unresolved, on: date) -> bool:
    """Whether something should have been settled before this day."""
    return charge.due is not None and charge.due < on


def overdue(n: Negotiation, target: Target, on: date) -> bool:
    """Whether a target's day is past while something is open under it: what is settled or waived is never late."""
    day = due_of(n, target)
    return day is not None and day < on and _open(n, target, on)


def _open(n: Negotiation, target: Target, on: date) -> bool:
    item = item_of(target)
    if target.startswith(UNKNOWN):
        return any(unknown.target == target and not unknown.question for unknown in unknowns(n, on))
    found = [gap for gap in gaps(n, on) if not gap.waiver]
    if item is None:
        return any(of_section(n.checklist.section_of[gap.item].id) == target for gap in found)
    return any(target in {gap.item, gap.key} for gap in found)


def _order(unknown: Unresolved) -> tuple[int, int, date]:
    if unknown.pursuit and unknown.question:
        return 0, unknown.pursuit.priority, date.min
    return 1 if unknown.task else 2, 0, unknown.due or date.max


def _rank(charge: Gap | Unresolved) -> int:
    return charge.severity.rank if isinstance(charge, Gap) else TASK_RANK


def _found(n: Negotiation, on: date) -> Iterator[Unresolved]:
    for item in n.checklist.item.values():
        record = n.record(item.id)
        if not applies(n, item, on) or isinstance(record.said, NotApplicable):
            continue
        if record.answer and isinstance(record.said, Unknown):
            yield _unknown(n, item, None, None, record.answer)
        for row in record.rows.values():
            for field in item.fields:
                held = row.cells.get(field.id)
                if held and isinstance(held.said, Unknown) and _shown(n, item, row, field, on):
                    yield _unknown(n, item, row, field, held)


def _shown(n: Negotiation, item: Item, row: Row, field: Field, on: date) -> bool:
    return field.show_if is None or holds(
        field.show_if, Scope(n.judged, on, item, n.judged.record(item.id).rows.get(row.id, row))
    )


def _unknown(n: Negotiation, item: Item, row: Row | None, field: Field | None, held: Held) -> Unresolved:
    spot = f"{item.id}/{row.id}/{field.id}" if row and field else item.id
    target = of_unknown(spot)
    return Unresolved(spot, item, row, field, held, n.pursuits.get(spot), charged(n, target), due_of(n, target))
