"""A negotiation as it is read: everything an export or a face shows, decided once.

A report holds words, dates, counts and typed answers, with the ids by which they travel:
whoever shows it looks nothing up and adds layout alone. Text that people typed is as they
typed it; making it harmless in a format is that format's work. There is no percentage: it
could hide a blocker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from bot.domain import checklist
from bot.domain.access.need_to_know import may_hear
from bot.domain.answers import Answer, NotApplicable, Unknown
from bot.domain.checklist import Kind, Severity
from bot.domain.events import PersonId
from bot.domain.negotiation import Happened, Held, Negotiation, Record, Row
from bot.domain.negotiation import Signature as Given
from bot.domain.ownership import due, owners
from bot.domain.readiness import item_gaps, readiness
from bot.domain.readiness.gates import gates
from bot.domain.readiness.item_gaps import applies, locked
from bot.domain.readiness.rules import Scope, holds
from bot.domain.readiness.unknowns import asked, unknowns
from bot.domain.report.model import (
    Cell,
    CellContent,
    Column,
    ItemStatus,
    Report,
    ReportAuthor,
    ReportEvent,
    ReportEvidence,
    ReportGap,
    ReportGapCount,
    ReportGate,
    ReportHeader,
    ReportItem,
    ReportPerson,
    ReportPoint,
    ReportRow,
    ReportSection,
    ReportSignature,
    ReportSignOff,
    ReportUnknown,
    ReportWaiver,
)
from bot.domain.sign_off import short, sign_off, state_hash
from bot.domain.wording.history import CLAIMS, VERDICTS, told

__all__ = [
    "Cell",
    "CellContent",
    "Column",
    "ItemStatus",
    "Report",
    "ReportAuthor",
    "ReportEvent",
    "ReportEvidence",
    "ReportGap",
    "ReportGapCount",
    "ReportGate",
    "ReportHeader",
    "ReportItem",
    "ReportPerson",
    "ReportPoint",
    "ReportRow",
    "ReportSection",
    "ReportSignOff",
    "ReportSignature",
    "ReportUnknown",
    "ReportWaiver",
    "report",
]

NOT_ASKED = Cell("", CellContent.NOT_ASKED)


def report(
    n: Negotiation, now: datetime, by: str, line: Sequence[Happened] | None = None, *, partner: bool = False
) -> Report:
    """Report on a negotiation as of now, for the person called ``by``.

    ``line`` is its whole line of events. Without it the history tells only of items:
    a negotiation does not remember who was invited, or when its talks were moved.
    Of a view that leaves sections out, nothing of them is in the report, and it says so.
    ``partner`` is for `bot.domain.access.partner_release`, which leaves out what is internal.
    """
    on = now.date()
    verdict = readiness.readiness(n, on)
    found = tuple(_gap(n, gap) for gap in readiness.gaps(n, on))
    per_item: dict[str, list[ReportGap]] = {}
    for gap, placed in zip(readiness.gaps(n, on), found, strict=True):
        per_item.setdefault(gap.item, []).append(placed)
    return Report(
        head=_head(n, now, by, partner=partner),
        state=verdict.state,
        raw=verdict.raw,
        counts=tuple(
            ReportGapCount(severity, verdict.number(severity), verdict.number(severity, raw=True))
            for severity in Severity
        ),
        sections=tuple(
            ReportSection(
                standing.section.id,
                n.words(standing.section.title),
                n.words(standing.section.about),
                standing.settled,
                standing.total,
                tuple(_items(n, standing.section.items, per_item, on)),
            )
            for standing in verdict.sections
        ),
        gaps=found,
        unknowns=tuple(_unknowns(n, on)),
        gates=tuple(ReportGate(status.on, n.words(status.gate.label), len(status.holding)) for status in gates(n, on)),
        points=tuple(_points(n)),
        history=tuple(
            ReportEvent(happened.at, n.name(happened.by), told(n, happened))
            for happened in (_past(n) if line is None else line)
            if may_hear(n, happened)
        ),
        sign_off=None if partner else _sign_off(n, on),
    )


def _head(n: Negotiation, now: datetime, by: str, *, partner: bool) -> ReportHeader:
    return ReportHeader(
        uid=n.uid,
        checklist=n.words(n.checklist.title),
        version=n.checklist.version,
        source=n.checklist.source,
        counterpart=n.counterpart,
        subject=n.subject,
        talks_on=n.talks_on,
        days_left=(n.talks_on - now.date()).days,
        delegation=tuple(ReportPerson(person.name, person.role, person.here) for person in n.people.values()),
        opened_at=n.opened_at,
        made_at=now,
        made_by=by,
        seq=n.seq,
        partial=bool(n.hidden),
        veiled=bool(n.veiled),
        handling=n.handling,
        partner=partner,
        state="" if n.hidden else short(state_hash(n)),
    )


def _sign_off(n: Negotiation, on: date) -> ReportSignOff:
    stands = sign_off(n, on)
    signatures = (
        *(_signature(n, signature) for signature in (*stands.signed, *stands.dissents)),
        *(_signature(n, signature, _void(n, signature)) for signature in stands.void),
        *(_signature(n, signature, "does not count: no lead any more") for signature in stands.dropped),
    )
    return ReportSignOff(stands.wanted, len(stands.signed), signatures, tuple(gap.says for gap in stands.worse))


def _signature(n: Negotiation, signature: Given, void: str = "") -> ReportSignature:
    return ReportSignature(n.name(signature.by), signature.at, VERDICTS[signature.verdict], signature.words, void)


def _void(n: Negotiation, signature: Given) -> str:
    same = signature.state == state_hash(n)
    return "void: what was signed was recorded anew" if same else "void: the state has changed since"


def _gap(n: Negotiation, gap: item_gaps.Gap) -> ReportGap:
    waiver = gap.waiver
    return ReportGap(
        key=gap.key,
        item_id=gap.item,
        item=n.words(n.checklist.item[gap.item].label),
        severity=gap.severity,
        waivable=gap.waivable,
        says=gap.says,
        mend=gap.mend,
        points=gap.points,
        owner=_names(n, gap.owners),
        due=gap.due,
        waiver=ReportWaiver(waiver.reason, waiver.until, ReportAuthor(n.name(waiver.by), waiver.at))
        if waiver
        else None,
    )


def _items(
    n: Negotiation, items: Iterable[checklist.Item], gaps: dict[str, list[ReportGap]], on: date
) -> Iterator[ReportItem]:
    for item in items:
        record = n.record(item.id)
        shown = applies(n, item, on)
        if not shown and not record.written and record.said is None and not record.evidence:
            continue
        yield ReportItem(
            id=item.id,
            label=n.words(item.label),
            ask=n.words(item.ask),
            kind=item.kind,
            state=_state(n, item, gaps.get(item.id, []), on) if shown else ItemStatus.NOT_ASKED,
            claim=CLAIMS[record.claim] if record.claim and not record.answered else None,
            column=_column(n, item),
            answer=_cell(n, item, record.said),
            columns=tuple(_column(n, field) for field in item.fields),
            headers=_headers(n, item),
            lines=tuple(_lines(n, item, record, on)),
            said=_last(n, [record.answer, *(held for row in record.rows.values() for held in row.cells.values())]),
            owner=_names(n, owners(n, item)),
            due=due(n, item),
            evidence=tuple(ReportEvidence(evidence.form, evidence.text, evidence.size) for evidence in record.evidence),
            gaps=tuple(gaps.get(item.id, ())),
        )


def _state(n: Negotiation, item: checklist.Item, gaps: Sequence[ReportGap], on: date) -> ItemStatus:
    record = n.record(item.id)
    if not gaps:
        return ItemStatus.SETTLED
    if all(gap.waiver for gap in gaps):
        return ItemStatus.WAIVED
    if isinstance(record.said, Unknown):
        return ItemStatus.UNKNOWN
    if record.answered:
        return ItemStatus.OPEN
    if locked(n, item, on):
        return ItemStatus.LOCKED
    return ItemStatus.CLAIMED if record.claim else ItemStatus.BLANK


def _column(n: Negotiation, asked: checklist.Asked) -> Column:
    options = tuple((choice.id, n.words(choice.label)) for choice in asked.choices.values())
    of = asked.of if isinstance(asked, checklist.Field) else None
    return Column(asked.id, n.words(asked.label), n.words(asked.ask), asked.kind, options, of)


def _headers(n: Negotiation, item: checklist.Item) -> tuple[str, ...]:
    if item.kind == Kind.FORM:
        return ("Question", "Answer")
    return tuple(n.words(field.label) for field in item.fields)


def _lines(n: Negotiation, item: checklist.Item, record: Record, on: date) -> Iterator[ReportRow]:
    for row in record.rows.values():
        asked = _fields_asked(n, item, row, on)
        if item.kind != Kind.FORM:
            cells = tuple(
                _cell(n, field, row.said(field.id)) if field.id in asked else NOT_ASKED for field in item.fields
            )
            yield ReportRow(cells, _last(n, (held for name, held in row.cells.items() if name in asked)), row.id)
            continue
        for field in item.fields:
            if field.id in asked:
                question = Cell(n.words(field.label), CellContent.SAID)
                cell = _cell(n, field, row.said(field.id))
                yield ReportRow((question, cell), _last(n, [row.cells.get(field.id)]), row.id, field.id)


def _fields_asked(n: Negotiation, item: checklist.Item, row: Row, on: date) -> frozenset[str]:
    """The fields of a row whose conditions hold: what is not asked is not told, also where it once was answered."""
    scope = Scope(n.judged, on, item, n.judged.record(item.id).rows.get(row.id, row))
    return frozenset(field.id for field in item.fields if field.show_if is None or holds(field.show_if, scope))


def _cell(n: Negotiation, asked: checklist.Asked, said: Answer | None) -> Cell:
    match said:
        case None:
            return Cell("", CellContent.BLANK)
        case Unknown():
            return Cell("unknown", CellContent.UNKNOWN, said)
        case NotApplicable(reason=reason):
            return Cell(reason, CellContent.NOT_APPLICABLE, said)
        case _:
            return Cell(n.shown(asked, said), CellContent.SAID, said)


def _last(n: Negotiation, held: Iterable[Held | None]) -> ReportAuthor | None:
    """Tell who wrote last; nobody did where all was given by the checklist."""
    written = [happened for happened in held if happened is not None and happened.by is not None]
    last = max(written, key=lambda happened: happened.seq, default=None)
    return ReportAuthor(n.name(last.by), last.at) if last else None


def _requests(n: Negotiation, on: date) -> Iterator[ReportUnknown]:
    """What we ask the other side for, in words fit to be read out: to whom, for which goal, by whom."""
    for item in n.checklist.item.values():
        if item.requests is None or not applies(n, item, on) or n.withholds(item.id):
            continue
        for row in n.record(item.id).rows.values():
            words, to, by, goal = (_filled(n, item, row, name) for name in item.requests.model_dump().values())
            whom, what_for = (f"to {to}" if to else ""), (f"for “{goal}”" if goal else "")
            ask = " · ".join(part for part in (words or n.row_label(item, row), whom, what_for) if part)
            yield ReportUnknown(f"{item.id}/{row.id}", n.words(item.label), ask, by or None, None, "question", None)


def _filled(n: Negotiation, item: checklist.Item, row: Row, name: str | None) -> str:
    """What a cell says; empty for a blank, an unknown, and a field that is not there in this version."""
    said = row.said(name) if name else None
    if name not in item.field or said is None or isinstance(said, Unknown | NotApplicable):
        return ""
    return n.shown(item.field[name], said)


def _unknowns(n: Negotiation, on: date) -> Iterator[ReportUnknown]:
    yield from _requests(n, on)
    for unknown in unknowns(n, on):
        priority = unknown.pursuit.priority if unknown.pursuit and unknown.question else None
        course = unknown.pursuit.course if unknown.pursuit else None
        label, owner = n.words(unknown.item.label), _names(n, unknown.owners)
        yield ReportUnknown(unknown.spot, label, asked(n, unknown), owner, unknown.due, course, priority)


def _points(n: Negotiation) -> Iterator[ReportPoint]:
    for point, says in n.checklist.points.items():
        items = tuple(n.words(item.label) for item in n.checklist.item.values() if point in item.from_)
        if items or not n.hidden:
            yield ReportPoint(point, says, items)


def _past(n: Negotiation) -> list[Happened]:
    return sorted(
        (happened for record in n.records.values() for happened in record.past or ()), key=lambda happened: happened.seq
    )


def _names(n: Negotiation, people: Sequence[PersonId]) -> str | None:
    return n.names(people) if people else None
