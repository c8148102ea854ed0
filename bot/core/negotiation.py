"""One set of talks, as the fold of everything that happened to it.

``opened`` begins a negotiation and ``after`` is the only way it changes: history, undo,
the audit and the readiness of any day all come from the same list of events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar

from bot.core.answers import Answer, Cell, Claim, Day, NotApplicable, Number, Picked, Pointer, Text, Unknown
from bot.core.checklist import Asked, Checklist, FieldId, GivenRow, Item, ItemId, Kind, RowId
from bot.core.events import (
    Answered,
    AnyEvent,
    Assigned,
    Claimed,
    Confirmed,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    GapKey,
    Invited,
    Joined,
    Left,
    Opened,
    PersonId,
    Rescheduled,
    Role,
    RowPut,
    RowRemoved,
    TakenBack,
    Waived,
)

V = TypeVar("V")
NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
FORM: RowId = "form"  # the one row of a form item


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with its place in the negotiation's one line of events."""

    seq: int
    at: datetime
    by: PersonId | None
    event: AnyEvent


@dataclass(frozen=True, slots=True)
class Held:
    """What is said at one place, and who said it when. ``by`` is None for what the checklist gave."""

    said: Answer | None
    by: PersonId | None
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. ``touched`` once a person wrote in it, or confirmed it as given."""

    id: RowId
    cells: Mapping[FieldId, Held]
    forced: bool = False
    touched: bool = False

    def said(self, field_id: FieldId) -> Answer | None:
        """What the cell holds, None for a blank."""
        held = self.cells.get(field_id)
        return held.said if held else None


@dataclass(frozen=True, slots=True)
class Past:
    """The history of an item, newest first."""

    happened: Happened
    before: Past | None

    def __iter__(self) -> Iterator[Happened]:
        entry: Past | None = self
        while entry:
            yield entry.happened
            entry = entry.before


@dataclass(frozen=True, slots=True)
class Record:
    """All that is recorded at one item."""

    answer: Held | None = None
    rows: Mapping[RowId, Row] = field(default_factory=lambda: MappingProxyType({}))
    claim: Claim | None = None
    evidence: tuple[Evidence, ...] = ()
    owner: PersonId | None = None
    seq: int = 0  # of the last change to what is said here
    fresh_at: datetime | None = None  # last written or confirmed
    rows_made: int = 0
    confirmed: bool = False  # somebody said that the rows, or their absence, are right
    past: Past | None = field(default=None, repr=False, compare=False)
    before: Record | None = field(
        default=None, repr=False, compare=False
    )  # as it was before the last change, which alone can be taken back

    @property
    def said(self) -> Answer | None:
        """The answer as it stands, None for a blank."""
        return self.answer.said if self.answer else None

    @property
    def written(self) -> bool:
        """Whether a person has written any content here: a value, a cell, or that the rows are right."""
        if isinstance(self.said, (Text, Number, Day, Picked, Pointer)):
            return True
        return self.confirmed or any(row.touched for row in self.rows.values())


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the delegation; ``here`` until they leave."""

    id: PersonId
    name: str
    role: Role
    here: bool = True


@dataclass(frozen=True, slots=True)
class Waiver:
    """A gap accepted by a lead: why, until when, by whom."""

    reason: str
    until: date
    by: PersonId | None
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Negotiation:
    """One set of talks as it stands after event ``seq``. Compared by identity."""

    checklist: Checklist
    uid: str
    counterpart: str
    subject: str
    talks_on: date
    given: Mapping[str, str]
    seq: int
    opened_at: datetime
    people: Mapping[PersonId, Member]
    records: Mapping[ItemId, Record]
    waivers: Mapping[GapKey, Waiver]

    def record(self, item: ItemId) -> Record:
        """What is recorded at an item, a blank record when nothing is."""
        return self.records.get(item, BLANK)

    def name(self, person: PersonId | None) -> str:
        """What to call a person; those who left keep their names."""
        member = self.people.get(person) if person else None
        return member.name if member else "somebody"

    def role(self, person: PersonId) -> Role | None:
        """The role of a person who is here, None for everybody else."""
        member = self.people.get(person)
        return member.role if member and member.here else None

    @property
    def here(self) -> tuple[Member, ...]:
        """The delegation as it is now, in order of joining."""
        return tuple(member for member in self.people.values() if member.here)

    @property
    def leads(self) -> tuple[PersonId, ...]:
        """Who leads the delegation now."""
        return tuple(member.id for member in self.here if member.role == Role.LEAD)

    def words(self, text: str) -> str:
        """A checklist's text with this negotiation's names put in."""
        names = {"counterpart": self.counterpart, "subject": self.subject, **self.given}
        return NAMED.sub(lambda found: names.get(found[1], found[0]), text)

    def row_label(self, item: Item, row: Row) -> str:
        """What a row is called: what its naming field says."""
        if item.kind == Kind.FORM:
            return item.label
        naming = item.naming
        said = row.said(naming.id)
        return self.shown(naming, said) if said else "unnamed row"

    def shown(self, asked: Asked, said: Answer | None) -> str:
        """An answer in words, pointers followed to the names of their rows."""
        match said:
            case None:
                return "blank"
            case Text(text=text):
                return text
            case Number(number=number):
                return f"{number:f}"
            case Day(day=day):
                return f"{day.day} {day:%B %Y}"
            case Picked(options=options):
                return ", ".join(asked.choices[one].label if one in asked.choices else one for one in options)
            case Pointer(row=row):
                table = self.checklist.item.get(getattr(asked, "of", None) or "")
                there = self.record(table.id).rows.get(row) if table else None
                return self.row_label(table, there) if table and there else "a row that was removed"
            case Unknown():
                return "unknown"
            case NotApplicable(reason=reason):
                return f"not applicable: {reason}"


BLANK = Record()


def opened(happened: Happened, checklist: Checklist) -> Negotiation:
    """The negotiation that an `Opened` event begins, its given rows in place."""
    event = happened.event
    if not isinstance(event, Opened):
        msg = f"a negotiation begins with its opening, not with {event.kind}"
        raise TypeError(msg)
    records = {
        item.id: Record(rows=MappingProxyType(rows))
        for item in checklist.item.values()
        if (rows := {row.id: row for row in _given_rows(item, happened, event)})
    }
    return Negotiation(
        checklist=checklist,
        uid=event.uid,
        counterpart=event.counterpart,
        subject=event.subject,
        talks_on=event.talks_on,
        given=MappingProxyType(dict(event.given)),
        seq=happened.seq,
        opened_at=happened.at,
        people=MappingProxyType({}),
        records=MappingProxyType(records),
        waivers=MappingProxyType({}),
    )


def _given_rows(item: Item, happened: Happened, event: Opened) -> Iterator[Row]:
    if item.kind == Kind.FORM:
        yield Row(id=FORM, cells={}, forced=True)
    for given in item.rows:
        if given.each is None:
            yield _given_row(item, given, given.id, {}, happened)
            continue
        for number, line in enumerate(event.given.get(given.each, "").splitlines(), start=1):
            yield _given_row(item, given, f"{given.id}{number}", {given.into or item.naming.id: line}, happened)


def _given_row(item: Item, given: GivenRow, row: RowId, also: dict[str, str], happened: Happened) -> Row:
    cells = {
        name: Held(said=literal(item.field[name], text), by=None, at=happened.at, seq=happened.seq)
        for name, text in {**given.cells, **also}.items()
    }
    return Row(id=row, cells=MappingProxyType(cells), forced=given.forced)


def literal(asked: Asked, text: str) -> Text | Number | Day | Picked | Pointer:
    """The value a checklist's author wrote for a cell: an option's id, an ISO date, a number, a row's id."""
    match asked.kind:
        case Kind.NUMBER:
            return Number.model_validate({"number": text})
        case Kind.DATE:
            return Day.model_validate({"day": text})
        case Kind.ROW:
            return Pointer(row=text)
        case Kind.TEXT:
            return Text(text=text)
        case _:
            return Picked(options=tuple(text.replace(",", " ").split()))


def after(n: Negotiation, happened: Happened) -> Negotiation:
    """The negotiation after one more event. Events of one negotiation follow each other without a hole."""
    if happened.seq != n.seq + 1:
        msg = f"event {happened.seq} does not follow {n.seq}"
        raise ValueError(msg)
    n = replace(n, seq=happened.seq)
    match happened.event:
        case Opened():
            msg = "a negotiation is opened once"
            raise ValueError(msg)
        case Rescheduled(talks_on=day):
            return replace(n, talks_on=day)
        case Invited():
            return n
        case Joined(person=person, name=name, role=role):
            return replace(n, people=_with(n.people, person, Member(id=person, name=name, role=role)))
        case Left(person=person):
            return _without(n, person)
        case Waived(gap=gap, reason=reason, until=until):
            waivers = dict(n.waivers)
            waivers.pop(gap, None)
            if reason is not None and until is not None:
                waivers[gap] = Waiver(reason=reason, until=until, by=happened.by, at=happened.at)
            return replace(n, waivers=MappingProxyType(waivers))
        case event:
            record = n.record(event.item)
            table = n.checklist.item[event.item].kind == Kind.TABLE if event.item in n.checklist.item else False
            changed = _recorded(record, happened, table=table)
            changed = replace(
                changed,
                seq=happened.seq,
                past=Past(happened, record.past),
                before=None if isinstance(event, TakenBack) else replace(record, before=None),
            )
            return replace(n, records=_with(n.records, event.item, changed))


def _without(n: Negotiation, person: PersonId) -> Negotiation:
    """The negotiation without a person: their items have no owner any more."""
    member = n.people.get(person)
    if member is None:
        return n
    records = {item: _unowned(record, person) for item, record in n.records.items()}
    return replace(n, people=_with(n.people, person, replace(member, here=False)), records=MappingProxyType(records))


def _unowned(record: Record, person: PersonId) -> Record:
    before = record.before
    if before is not None and before.owner == person:
        record = replace(record, before=replace(before, owner=None))
    return replace(record, owner=None) if record.owner == person else record


def _recorded(record: Record, happened: Happened, *, table: bool) -> Record:
    match happened.event:
        case Answered(answer=answer):
            held = Held(answer, happened.by, happened.at, happened.seq)
            return replace(record, answer=held, fresh_at=happened.at)
        case RowPut(row=row, cells=cells):
            return _row_put(record, row, cells, happened)
        case RowRemoved(row=row) if row in record.rows:
            rows = dict(record.rows)
            del rows[row]
            return replace(record, rows=MappingProxyType(rows), confirmed=False)
        case TakenBack() if record.before:
            return replace(record.before, rows_made=record.rows_made)
        case Claimed(claim=claim):
            return replace(record, claim=claim)
        case Confirmed():
            rows = {key: replace(row, touched=True) for key, row in record.rows.items()}
            answer_now = None if table else record.answer  # of a table, the rows say it now
            return replace(
                record, fresh_at=happened.at, rows=MappingProxyType(rows), confirmed=table, answer=answer_now
            )
        case EvidenceAdded(evidence=evidence):
            return replace(record, evidence=(*record.evidence, evidence))
        case EvidenceRemoved(evidence=gone):
            return replace(record, evidence=tuple(one for one in record.evidence if one.id != gone))
        case Assigned(person=person):
            return replace(record, owner=person)
        case _:
            return record


def _row_put(record: Record, row_id: RowId, cells: Mapping[FieldId, Cell | None], happened: Happened) -> Record:
    row = record.rows.get(row_id)
    held = dict(row.cells) if row else {}
    held.update({name: Held(said, happened.by, happened.at, happened.seq) for name, said in cells.items()})
    written = Row(row_id, MappingProxyType(held), forced=row.forced if row else False, touched=True)
    return replace(
        record,
        answer=Held(None, happened.by, happened.at, happened.seq) if record.said else record.answer,
        rows=_with(record.rows, row_id, written),
        rows_made=record.rows_made + (row is None),
        fresh_at=happened.at,
    )


def new_row(record: Record) -> RowId:
    """An id for the next row of a table, never used there before."""
    number = record.rows_made + 1
    while f"r{number}" in record.rows:
        number += 1
    return f"r{number}"


def _with(mapping: Mapping[str, V], key: str, value: V) -> Mapping[str, V]:
    return MappingProxyType({**mapping, key: value})
