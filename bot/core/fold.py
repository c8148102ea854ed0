"""The fold: what each event makes of a negotiation.

``opened`` begins one and ``after`` is the only way it changes: history, undo, the audit and
the readiness of any day all come from the same list of events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from bot.core.answers import Cell, Day, Number, Picked, Pointer, Text
from bot.core.checklist import Asked, Checklist, FieldId, GivenRow, Item, Kind, RowId, Severity
from bot.core.events import (
    Answered,
    Assigned,
    Claimed,
    Confirmed,
    EvidenceAdded,
    EvidenceRemoved,
    Invited,
    Joined,
    Left,
    Opened,
    PersonId,
    Rescheduled,
    RowPut,
    RowRemoved,
    TakenBack,
    Waived,
)
from bot.core.negotiation import FORM, Happened, Held, Member, Negotiation, Past, Record, Row, Waiver

V = TypeVar("V")


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
        case Waived(gap=gap) as waived:
            waivers = {key: one for key, one in n.waivers.items() if key != gap}
            if waiver := _waiver(waived, happened):
                waivers[gap] = waiver
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


def _waiver(waived: Waived, happened: Happened) -> Waiver | None:
    """What a lead accepted, None when it is withdrawn."""
    if waived.reason is None or waived.until is None:
        return None
    # Where nobody wrote down what was accepted, no blocker is taken to have been.
    severity = waived.severity or Severity.MAJOR
    return Waiver(waived.reason, waived.until, happened.by, happened.at, severity)


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
                record,
                fresh_at=happened.at,
                rows=MappingProxyType(rows),
                confirmed=table,
                confirmed_at=happened.at,
                answer=answer_now,
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
