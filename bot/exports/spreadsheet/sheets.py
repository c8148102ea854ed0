"""A report as plain tables, once for Excel and CSV: the same columns, rows and codes in both.

Every table has ids in its first column and an id for each column, so that an edited copy finds
its way back (`bot.exports.reimport.proposals`). Labels are for people; the columns of codes, where
an answer is picked or points at a row, are for programs. In a table of answers "(unknown)" is
a recorded unknown and "(not applicable)" is what it says; a text that begins like one of
these has an apostrophe before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.domain.answers import Day, NotApplicable, Number, Unknown
from bot.domain.checklist import Kind
from bot.domain.report.builder import Cell, Column, Report, ReportAuthor, ReportHeader, ReportItem, ReportSection
from bot.domain.report.model import COURSES
from bot.exports.printable import visible

UNKNOWN = "(unknown)"
NOT_APPLICABLE = "(not applicable)"
MARKS = (UNKNOWN, NOT_APPLICABLE)
CODED = {Kind.CHOICE, Kind.CHOICES, Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.ROW}
CODE = ".code"  # after a field's id: the column of its codes
VERSION = "1"  # of these tables; what comes back names it

Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its id, what it is called, how wide it is (characters), and what can be picked in it."""

    id: str
    label: str
    width: int = 14
    hidden: bool = False
    edited: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its id, what it is called, its columns and rows. Texts in it are visible."""

    id: str
    name: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Value, ...], ...]


def sheets(report: Report) -> tuple[Sheet, ...]:
    """Every table of a report, the overview first."""
    items = [(section, item) for section in report.sections for item in section.items]
    forms = [item for _, item in items if item.kind == Kind.FORM]
    return (
        _overview(report),
        _items(items),
        *((_forms(forms),) if forms else ()),
        *(_table(item) for _, item in items if item.kind == Kind.TABLE),
        _gaps(report),
        *_unknowns(report),
        _evidence(items),
        _history(report),
        _points(report),
        _codes(items),
    )


def at(moment: datetime) -> datetime:
    """A moment in UTC without its zone, as spreadsheets hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def value(cell: Cell) -> Value:
    """What a cell of a table of answers holds."""
    match cell.value:
        case None:
            return visible(cell.text) or None
        case Unknown():
            return UNKNOWN
        case NotApplicable(reason=reason):
            return f"{NOT_APPLICABLE} {visible(reason)}".strip()
        case Day(day=day):
            return day
        case Number(number=number):
            return number
        case _:
            text = visible(cell.text)
            return f"'{text}" if text.lstrip("'").startswith(MARKS) else text


def code(cell: Cell) -> Value:
    """What stands in the column of codes."""
    return UNKNOWN if isinstance(cell.value, Unknown) else visible(cell.code) or None


def _overview(report: Report) -> Sheet:
    head = report.head
    said: list[tuple[str, str, Value]] = [
        *(("face", "Handling", visible(line)) for line in head.face),
        ("counterpart", "Talks with", visible(head.counterpart)),
        ("subject", "Subject", visible(head.subject)),
        ("talks_on", "Talks begin", head.talks_on),
        ("days_left", "Days left", head.days_left),
        ("state", "State", str(report.state)),
        ("raw", "Without waivers", str(report.raw)),
        *((f"open_{count.severity}", f"Open: {count.severity}", count.open) for count in report.counts),
        *((f"raw_{count.severity}", f"With waived: {count.severity}", count.raw) for count in report.counts),
        *(
            ("section", visible(section.title), f"{section.settled} of {section.total} settled")
            for section in report.sections
        ),
        *(
            ("gate", f"Gate: {visible(gate.label)}", f"{gate.on.isoformat()}, {gate.holding} gaps keep it shut")
            for gate in report.gates
        ),
        *(
            ("person", "Delegation" if person.here else "Left", f"{visible(person.name)}, {person.role}")
            for person in head.delegation
        ),
        *_signatures(report),
        *_made(head),
        ("back", "To send edits back", BACK),
    ]
    columns = (
        SheetColumn("key", "Key", hidden=True),
        SheetColumn("what", "What", 24),
        SheetColumn("says", "How it stands", 80),
    )
    return Sheet("overview", "Overview", columns, tuple(said))


BACK = (
    "Change answers, rows or blanks in the columns of answers and send this file to the bot under Take away: "
    "a lead then looks at each change before anything is recorded. A new row needs no id. "
    "A row deleted here stays; remove it in the chat."
)


def _signatures(report: Report) -> Iterator[tuple[str, str, Value]]:
    if report.sign_off:
        yield "sign_off", "Sign-off", report.sign_off.says
        yield from (("signature", "Signature", visible(signature.says)) for signature in report.sign_off.signatures)


def _made(head: ReportHeader) -> Iterator[tuple[str, str, Value]]:
    yield "checklist", "Checklist", f"{visible(head.checklist)}, version {head.version}"
    yield "source", "Source", visible(head.source)
    yield "made_by", "Made for", visible(head.made_by)
    yield "made_at", "Made at (UTC)", at(head.made_at)
    yield "seq", "After events", head.seq
    yield "uid", "Negotiation", head.uid
    yield "version", "Version of these tables", f"{VERSION}, {'partner' if head.partner else 'full'}"


def _items(items: list[tuple[ReportSection, ReportItem]]) -> Sheet:
    columns = (
        SheetColumn("item", "Id", hidden=True),
        SheetColumn("section", "Section", 18),
        SheetColumn("label", "Item", 24),
        SheetColumn("ask", "Question", 44),
        SheetColumn("answer", "Answer", 36, edited=True),
        SheetColumn("rows", "Rows", 7),
        SheetColumn("state", "State", 16),
        SheetColumn("claim", "First pass", 14),
        SheetColumn("owner", "Has it", 16),
        SheetColumn("due", "Due", 12),
        *LAST,
        SheetColumn("evidence", "Evidence", 10),
        SheetColumn("gaps", "Gaps", 7),
        SheetColumn("answer" + CODE, "Code", hidden=True, edited=True),
    )
    rows = (
        (
            item.id,
            visible(section.title),
            visible(item.label),
            visible(item.ask),
            value(item.answer),
            len(item.lines) if item.kind == Kind.TABLE else None,
            str(item.state),
            item.claim,
            _seen(item.owner),
            item.due,
            *_last(item.said),
            len(item.evidence),
            len(item.gaps),
            code(item.answer) if item.kind in CODED else None,
        )
        for section, item in items
    )
    return Sheet("items", "Items", columns, tuple(rows))


def _forms(forms: list[ReportItem]) -> Sheet:
    columns = (
        SheetColumn("item", "Item id", hidden=True),
        SheetColumn("field", "Question id", hidden=True),
        SheetColumn("label", "Item", 24),
        SheetColumn("ask", "Question", 30),
        SheetColumn("answer", "Answer", 60, edited=True),
        *LAST,
        SheetColumn("answer" + CODE, "Code", hidden=True, edited=True),
    )
    rows = (
        (
            item.id,
            line.field,
            visible(item.label),
            value(line.cells[0]),
            value(line.cells[1]),
            *_last(line.said),
            code(line.cells[1]) if kinds[line.field] in CODED else None,
        )
        for item in forms
        for kinds in [{column.id: column.kind for column in item.columns}]
        for line in item.lines
    )
    return Sheet("forms", "Forms", columns, tuple(rows))


def _table(item: ReportItem) -> Sheet:
    coded = [nth for nth, column in enumerate(item.columns) if column.kind in CODED]
    columns = (
        SheetColumn("row", "Row id", hidden=True),
        *(
            SheetColumn(
                column.id, visible(column.label), WIDTHS.get(column.kind, 20), edited=True, options=_pickable(column)
            )
            for column in item.columns
        ),
        *LAST,
        *(
            SheetColumn(
                item.columns[nth].id + CODE, f"{visible(item.columns[nth].label)}, code", hidden=True, edited=True
            )
            for nth in coded
        ),
    )
    rows = (
        (line.row, *map(value, line.cells), *_last(line.said), *(code(line.cells[nth]) for nth in coded))
        for line in item.lines
    )
    return Sheet(f"table-{item.id}", visible(item.label), columns, tuple(rows))


def _gaps(report: Report) -> Sheet:
    columns = (
        SheetColumn("key", "Key", 24),
        SheetColumn("severity", "Severity", 10),
        SheetColumn("item", "Item", 24),
        SheetColumn("says", "What is open", 50),
        SheetColumn("mend", "How to mend it", 40),
        SheetColumn("owner", "Has it", 16),
        SheetColumn("due", "Due", 12),
        SheetColumn("waivable", "Waivable", 10),
        SheetColumn("waived_by", "Waived by", 16),
        SheetColumn("waived_until", "Waived until", 12),
        SheetColumn("reason", "Reason", 40),
        SheetColumn("points", "Points", 14),
    )
    rows = (
        (
            gap.key,
            str(gap.severity),
            visible(gap.item),
            visible(gap.says),
            visible(gap.mend),
            _seen(gap.owner),
            gap.due,
            "yes" if gap.waivable else "no",
            visible(gap.waiver.said.by) if gap.waiver else None,
            gap.waiver.until if gap.waiver else None,
            visible(gap.waiver.reason) if gap.waiver else None,
            ", ".join(gap.points),
        )
        for gap in report.gaps
    )
    return Sheet("gaps", "Gaps", columns, tuple(rows))


def _unknowns(report: Report) -> Iterator[Sheet]:
    """A sheet for each that is done about unknowns: by its name none is taken for a question that is none."""
    for course, (id_, name, asked) in UNKNOWNS.items():
        columns = (
            SheetColumn("spot", "Spot", 20),
            SheetColumn("item", "Item", 24),
            SheetColumn("ask", asked, 70),
            SheetColumn("owner", "Has it", 16),
            SheetColumn("due", "Due", 12),
        )
        those = (unknown for unknown in report.unknowns if unknown.course == course)
        rows = (
            (unknown.spot, visible(unknown.item), visible(unknown.ask), _seen(unknown.owner), unknown.due)
            for unknown in those
        )
        yield Sheet(id_, name, columns, tuple(rows))


def _evidence(items: list[tuple[ReportSection, ReportItem]]) -> Sheet:
    columns = (
        SheetColumn("item", "Item id", hidden=True),
        SheetColumn("label", "Item", 24),
        SheetColumn("form", "Kind", 12),
        SheetColumn("text", "Evidence", 70),
        SheetColumn("size", "Bytes", 12),
    )
    rows = (
        (item.id, visible(item.label), evidence.form, visible(evidence.text), evidence.size or None)
        for _, item in items
        for evidence in item.evidence
    )
    return Sheet("evidence", "Evidence", columns, tuple(rows))


def _history(report: Report) -> Sheet:
    columns = (
        SheetColumn("at", "When (UTC)", 18),
        SheetColumn("by", "Who", 16),
        SheetColumn("says", "What happened", 100),
    )
    rows = ((at(event.at), visible(event.by), visible(event.says)) for event in report.history)
    return Sheet("history", "What happened", columns, tuple(rows))


def _points(report: Report) -> Sheet:
    columns = (
        SheetColumn("point", "Point", 8),
        SheetColumn("says", "What the source says", 80),
        SheetColumn("items", "Asked in", 50),
    )
    rows = ((point.id, visible(point.says), visible(", ".join(point.items))) for point in report.points)
    return Sheet("points", "Points", columns, tuple(rows))


def _codes(items: list[tuple[ReportSection, ReportItem]]) -> Sheet:
    columns = (
        SheetColumn("item", "Item", 16),
        SheetColumn("field", "Field", 16),
        SheetColumn("code", "Code", 16),
        SheetColumn("label", "Label", 40),
    )
    asked = ((item, column) for _, item in items for column in (item.column, *item.columns))
    rows = (
        (item.id, column.id if column is not item.column else None, option, visible(label))
        for item, column in asked
        for option, label in column.options
    )
    return Sheet("codes", "Codes", columns, tuple(rows))


UNKNOWNS: dict[str | None, tuple[str, str, str]] = {  # by what is done: the sheet, its name, its column
    "question": ("questions", "Questions", COURSES["question"]),
    "task": ("tasks", "Tasks", "What is to be found out"),
    None: ("unknowns", "Other unknowns", COURSES[None]),
}
LAST = (SheetColumn("last_by", "Last written by", 16), SheetColumn("last_at", "Last written (UTC)", 18))
WIDTHS = {Kind.TEXT: 32, Kind.NUMBER: 12, Kind.DATE: 12, Kind.ROW: 26, Kind.CHOICES: 26}


def _last(said: ReportAuthor | None) -> tuple[Value, Value]:
    return (visible(said.by), at(said.at)) if said else (None, None)


def _seen(name: str | None) -> Value:
    return visible(name) if name else None


def _pickable(column: Column) -> tuple[str, ...]:
    return () if column.kind == Kind.CHOICES else tuple(visible(label) for _, label in column.options)
