"""The fold: what each event makes of a negotiation.

``opened`` begins one and ``after`` is the only way it changes: history, undo, the audit and
the readiness of any day all come from the same list of events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from bot.domain.answers import Cell, Day, Number, Picked, Pointer, Text
from bot.domain.checklist import Asked, Checklist, FieldId, GivenRow, Item, ItemId, Kind, RowId, Severity
from bot.domain.events import (
    Answered,
    AnyEvent,
    Archived,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    EvidenceAdded,
    EvidenceRemoved,
    GapKey,
    Handling,
    Internal,
    Joined,
    Keep,
    Knocked,
    Left,
    Opened,
    Passphrases,
    PersonId,
    Pursued,
    Rescheduled,
    Restricted,
    RoleGiven,
    RowPut,
    RowRemoved,
    Screened,
    Shielded,
    Signed,
    TakenBack,
    TurnedAway,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.negotiation import (
    FORM,
    Happened,
    Held,
    ItemHistory,
    Member,
    Negotiation,
    Newcomer,
    Pursuit,
    Record,
    RetentionPeriod,
    Row,
    Signature,
    Waiver,
)
from bot.domain.ownership import item_of
from bot.domain.signed_content import signed_content

V = TypeVar("V")

# What changes the state that a signature stands for.
CONTENT = (
    Opened,
    Rescheduled,
    Answered,
    RowPut,
    RowRemoved,
    TakenBack,
    Claimed,
    Confirmed,
    EvidenceAdded,
    EvidenceRemoved,
    Waived,
)


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
        dated_on=happened.at.date(),
        people=MappingProxyType({}),
        records=MappingProxyType(records),
        waivers=MappingProxyType({}),
        content_seq=happened.seq,
        internal=checklist.internal,
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


def is_content(event: AnyEvent) -> bool:
    """Whether an event is of the kinds that change what a signature stands for, and is not noted to change nothing."""
    return isinstance(event, CONTENT) and not (isinstance(event, Confirmed) and event.keeps_signatures)


def changes_content(n: Negotiation, happened: Happened) -> bool:
    """Whether signatures under the state before an event are void after it."""
    match happened.event:
        case Confirmed(item=item, keeps_signatures=True):  # whatever was noted: a file may come from anywhere
            record = n.record(item)
            return signed_content(_recorded(record, happened, table=_is_table(n, item))) != signed_content(record)
        case event:
            return is_content(event)


def after(n: Negotiation, happened: Happened) -> Negotiation:
    """The negotiation after one more event. Events of one negotiation follow each other without a hole."""
    if n.behind is not None:
        msg = "events go on the whole negotiation, not on what one person sees of it"
        raise ValueError(msg)
    if happened.seq != n.seq + 1:
        msg = f"event {happened.seq} does not follow {n.seq}"
        raise ValueError(msg)
    content_seq = happened.seq if changes_content(n, happened) else n.content_seq
    n = replace(n, seq=happened.seq, content_seq=content_seq)
    match happened.event:
        case (
            Answered(item=item)
            | RowPut(item=item)
            | RowRemoved(item=item)
            | TakenBack(item=item)
            | Claimed(item=item)
            | Confirmed(item=item)
            | EvidenceAdded(item=item)
            | EvidenceRemoved(item=item)
        ):
            return _at_item(n, item, happened)
        case _:
            return _around(n, happened)


def _at_item(n: Negotiation, item: ItemId, happened: Happened) -> Negotiation:
    """What is recorded at one item changed."""
    record = n.record(item)
    changed = replace(
        _recorded(record, happened, table=_is_table(n, item)),
        seq=happened.seq,
        past=ItemHistory(happened, record.past),
        before=None if isinstance(happened.event, TakenBack) else replace(record, before=None),
    )
    return replace(n, records=_with(n.records, item, changed))


def _is_table(n: Negotiation, item: ItemId) -> bool:
    return item in n.checklist.item and n.checklist.item[item].kind == Kind.TABLE


def _around(n: Negotiation, happened: Happened) -> Negotiation:  # noqa: C901, PLR0912 (one case an event)
    """Something changed around the answers: people, days, who has what, what is accepted or signed."""
    match happened.event:
        case Opened():
            msg = "a negotiation is opened once"
            raise ValueError(msg)
        case Rescheduled(talks_on=day):
            return replace(n, talks_on=day, dated_on=happened.at.date())
        case Joined(person=person, name=name, role=role):
            people = _with(n.people, person, Member(id=person, name=name, role=role))
            return replace(n, people=people, waiting=_set(n.waiting, person, None))
        case Knocked(person=person, name=name, handle=handle, role=role):
            return replace(n, waiting=_with(n.waiting, person, Newcomer(person, name, handle, role)))
        case TurnedAway(person=person):
            return replace(n, waiting=_set(n.waiting, person, None))
        case Screened(invite=invite, on=on):
            return replace(n, screened=n.screened | {invite} if on else n.screened - {invite})
        case Left(person=person):
            return _without(n, person)
        case RoleGiven(person=person, role=role):
            member = n.people.get(person)
            return replace(n, people=_with(n.people, person, replace(member, role=role))) if member else n
        case Waived(gap=gap) as waived:
            return replace(n, waivers=_set(n.waivers, gap, _waiver(waived, happened)))
        case WaiverExpired(gap=gap):
            return _expired(n, gap, happened.seq)
        case WaiverReinstated(gap=gap):
            return _expired(n, gap, 0)
        case Assigned(target=target, people=people):
            here = tuple(one for one in people if n.role(one))  # who is not here owns nothing
            return _noted(replace(n, owners=_set(n.owners, target, here or None)), happened, item_of(target))
        case DueSet(target=target, day=by):
            return _noted(replace(n, dues=_set(n.dues, target, by)), happened, item_of(target))
        case Pursued(spot=spot, course=course, priority=priority):
            pursuit = Pursuit(course, priority, happened.by, happened.at) if course else None
            return _noted(replace(n, pursuits=_set(n.pursuits, spot, pursuit)), happened, item_of(spot))
        case Signed(state=state, verdict=verdict, words=words):
            signature = Signature(happened.by, happened.at, happened.seq, state, verdict, words)
            return replace(n, signatures=(*n.signatures, signature))
        case Restricted(section=section, people=only):
            return replace(n, restricted=_set(n.restricted, section, only))
        case Shielded(target=target, how=how):
            return replace(n, shields=_set(n.shields, target, how if how != "chat" else None))
        case Passphrases(on=on):
            return replace(n, passphrases=on)
        case Archived(archived=archived):
            return replace(n, archived=archived, away_since=happened.at.date() if archived else None)
        case Keep(days=days, after=since):
            return replace(n, keeping=RetentionPeriod(days, since, happened.by) if days else None)
        case Handling(text=text):
            return replace(n, handling=text)
        case Internal(target=target, internal=True):
            return replace(n, internal=n.internal | {target})
        case Internal(target=target):
            return replace(n, internal=n.internal - {target})
        case _:  # an invitation changes nothing until somebody joins by it, and neither does an export
            return n


def _waiver(waived: Waived, happened: Happened) -> Waiver | None:
    """What a lead accepted, None when it is withdrawn."""
    if waived.reason is None or waived.until is None:
        return None
    # Where nobody wrote down what was accepted, no blocker is taken to have been.
    severity = waived.severity or Severity.MAJOR
    return Waiver(waived.reason, waived.until, happened.by, happened.at, severity)


def _expired(n: Negotiation, gap: GapKey, seq: int) -> Negotiation:
    """The negotiation with what was seen of a waiver's last day; as it is where the waiver is gone."""
    waiver = n.waivers.get(gap)
    return replace(n, waivers=_with(n.waivers, gap, replace(waiver, expired_seq=seq))) if waiver else n


def _without(n: Negotiation, person: PersonId) -> Negotiation:
    """The negotiation without a person: nothing is theirs any more, and no section is kept for them."""
    member = n.people.get(person)
    if member is None:
        return n
    left = {target: tuple(one for one in people if one != person) for target, people in n.owners.items()}
    only = {section: tuple(one for one in people if one != person) for section, people in n.restricted.items()}
    return replace(
        n,
        people=_with(n.people, person, replace(member, here=False)),
        owners=MappingProxyType({target: people for target, people in left.items() if people}),
        restricted=MappingProxyType(only),
    )


def _noted(n: Negotiation, happened: Happened, item: ItemId | None) -> Negotiation:
    """The negotiation with an event in the history of an item, whose content stays as it is."""
    if item not in n.checklist.item:
        return n
    record = n.record(item)
    return replace(n, records=_with(n.records, item, replace(record, past=ItemHistory(happened, record.past))))


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
        case Confirmed(row=str() as row):
            there = record.rows.get(row)
            looked_at = replace(there, touched=True, confirmed_at=happened.at) if there else None
            return replace(record, rows=_set(record.rows, row, looked_at))
        case Confirmed(keeps_signatures=keeps):
            rows = {key: replace(row, touched=True) for key, row in record.rows.items()}
            # Who wrote every row has said that they are right; before signatures were kept, it was noted all the same.
            said_already = keeps and bool(rows) and all(row.touched for row in record.rows.values())
            answer_now = None if table else record.answer  # of a table, the rows say it now
            return replace(
                record,
                fresh_at=happened.at,
                rows=MappingProxyType(rows),
                confirmed=record.confirmed if said_already else table,
                confirmed_at=happened.at,
                answer=answer_now,
            )
        case EvidenceAdded(evidence=evidence):
            return replace(record, evidence=(*record.evidence, evidence))
        case EvidenceRemoved(evidence=gone):
            return replace(record, evidence=tuple(one for one in record.evidence if one.id != gone))
        case _:
            return record


def _row_put(record: Record, row_id: RowId, cells: Mapping[FieldId, Cell | None], happened: Happened) -> Record:
    row = record.rows.get(row_id)
    held = dict(row.cells) if row else {}
    held.update({name: Held(said, happened.by, happened.at, happened.seq) for name, said in cells.items()})
    cells_now = MappingProxyType(held)
    written = replace(row, cells=cells_now, touched=True) if row else Row(row_id, cells_now, touched=True)
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


def _set(mapping: Mapping[str, V], key: str, value: V | None) -> Mapping[str, V]:
    """The mapping with a value under a key, or without the key."""
    if value is not None:
        return _with(mapping, key, value)
    return MappingProxyType({name: one for name, one in mapping.items() if name != key})
