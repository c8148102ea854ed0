"""A report as a Word document that staff go on editing: real styles, headings, tables, no macros.

Tables up to six columns are grids whose header row is repeated on every page; a wider one is
written row by row, each field on its own line. Typed text is made visible first, so that XML can hold
it; it is never markup, a field or a link.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.checklist import Kind, Severity
from bot.domain.export_formats import Progress, counted, unheeded
from bot.domain.report.builder import Cell, CellContent, Report, ReportGap, ReportItem, ReportSection
from bot.domain.wording.history import spelled
from bot.exports.deterministic_zip import again
from bot.exports.printable import leftward, visible
from bot.exports.word.table import HEAD, WordRun, WordTable, grid

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

WIDE = 6  # columns; a wider table is written row by row
NAMES = {Severity.BLOCKER: "Blockers", Severity.MAJOR: "Major gaps", Severity.MINOR: "Minor gaps"}


def word(report: Report, progress: Progress = unheeded) -> bytes:
    """The document. Each part is a step: what stands before the sections, they, and what stands below."""
    import docx

    document = docx.Document()
    _page(document, report)
    parts: list[Callable[[], None]] = [
        *(partial(part, document, report) for part in (_cover, _gaps, _unknowns)),
        *(partial(_section, document, section) for section in report.sections),
        *(partial(part, document, report) for part in (_evidence, _sources, _history)),
    ]
    for write in counted(parts, progress):
        write()
    document.add_paragraph()  # Word wants one below the last table
    out = io.BytesIO()
    document.save(out)
    return again(out.getvalue())


def _page(document: Document, report: Report) -> None:
    """Paper, type, what every page says of itself, and whose document it is."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    head, page = report.head, document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    page.top_margin = page.bottom_margin = Mm(22)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    properties = document.core_properties
    properties.title = f"Readiness for talks with {visible(head.counterpart)}"[:255]
    properties.subject = visible(head.subject)[:255]
    properties.author = properties.last_modified_by = visible(head.made_by)[:255]
    properties.comments = "\n".join(visible(line) for line in head.face)[:255]
    properties.created = properties.modified = head.made_at.astimezone(UTC).replace(tzinfo=None)
    properties.language = "en"
    if head.face:
        _say(page.header.paragraphs[0], " · ".join(head.face), bold=True)
    foot = page.footer.paragraphs[0]
    _say(foot, f"Talks with {head.counterpart} · {_when(report)} · for {head.made_by} · page ")
    for name in ("PAGE", "NUMPAGES"):
        if name == "NUMPAGES":
            foot.add_run(" of ")
        field = foot._p.makeelement(qn("w:fldSimple"), {qn("w:instr"): name})  # noqa: SLF001 (python-docx has no page numbers)
        foot._p.append(field)  # noqa: SLF001


def _when(report: Report) -> str:
    return f"{report.head.made_at:%Y-%m-%d %H:%M %Z}"


def _say(paragraph: Paragraph, text: str, *, bold: bool = False, italic: bool = False) -> Paragraph:
    """Put typed text into a paragraph: visible, and read from the side it is written from."""
    from docx.oxml.ns import qn

    text = visible(text)
    run = paragraph.add_run(text)
    run.bold, run.italic = bold or None, italic or None
    if leftward(text):
        run.font.rtl = True
        if len(paragraph.runs) == 1:
            properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 (python-docx cannot turn a paragraph)
            properties.append(properties.makeelement(qn("w:bidi"), {}))
    return paragraph


def _line(document: Document, *parts: str, style: str | None = None) -> Paragraph:
    """One paragraph; the first part is bold where there are several."""
    paragraph = _paragraph(document, style)
    for nth, part in enumerate(parts):
        _say(paragraph, part, bold=nth == 0 and len(parts) > 1)
    return paragraph


def _heading(document: Document, text: str, level: int) -> None:
    _say(_paragraph(document, f"Heading{level}" if level else "Title"), text)


def _paragraph(document: Document, style: str | None = None) -> Paragraph:
    """A new paragraph. ``style`` is an id: python-docx looks through all styles for a name, every time."""
    paragraph = document.add_paragraph()
    if style:
        paragraph._p.style = style  # noqa: SLF001 (see above)
    return paragraph


def _cover(document: Document, report: Report) -> None:
    head = report.head
    _heading(document, f"Readiness for talks with {head.counterpart}", 0)
    for line in head.face:
        _line(document, line, "")
    _line(document, f"{str(report.state).capitalize()}.", f" Without waivers: {report.raw}.", style="IntenseQuote")
    here = ", ".join(f"{person.name} ({person.role})" for person in head.delegation if person.here) or "nobody"
    gone = ", ".join(person.name for person in head.delegation if not person.here)
    days = f"in {head.days_left} days" if head.days_left >= 0 else f"{-head.days_left} days ago"
    facts = [
        ("Subject", head.subject),
        ("Talks begin", f"{spelled(head.talks_on)}, {days}"),
        ("Delegation", here),
        *([("Left", gone)] if gone else []),
        ("Checklist", f"{head.checklist}, version {head.version}"),
        ("As of", f"{_when(report)}, after {head.seq} events; made for {head.made_by}"),
        *((f"Gate: {gate.label}", f"{spelled(gate.on)}, {gate.holding} gaps keep it shut") for gate in report.gates),
    ]
    _grid(document, WordTable(("Talks with", visible(head.counterpart)), (20, 80), [_texts(*fact) for fact in facts]))
    _heading(document, "State", 1)
    if report.sign_off:
        _line(document, f"{report.sign_off.says}.", "")
        for signature in report.sign_off.signatures:
            _line(document, signature.says, style="ListBullet")
    counts = [_texts(NAMES[count.severity], str(count.open), str(count.raw)) for count in report.counts]
    _grid(document, WordTable(("Gaps", "Open", "With waived"), (60, 20, 20), counts))
    document.add_paragraph()
    settled = [_texts(section.title, str(section.settled), str(section.total)) for section in report.sections]
    _grid(document, WordTable(("Section", "Settled", "Items"), (60, 20, 20), settled))


def _texts(*texts: str) -> tuple[WordRun, ...]:
    return tuple(WordRun(text) for text in texts)


def _grid(document: Document, table: WordTable) -> None:
    """Add a table after what there is."""
    body = document.element.body
    body.insert(len(body) - 1, grid(table))  # what comes last describes the page


def _gaps(document: Document, report: Report) -> None:
    _heading(document, "Gaps", 1)
    if not report.gaps:
        _line(document, "None.")
    for severity, name in NAMES.items():
        found = [gap for gap in report.gaps if gap.severity == severity]
        if found:
            _heading(document, name, 2)
            headers = ("Item", "What is open, and how to mend it", "Has it", "Due")
            _grid(document, WordTable(headers, (20, 50, 16, 14), [_gap(gap) for gap in found]))


def _gap(gap: ReportGap) -> tuple[WordRun, ...]:
    parts = [gap.says, f"To mend: {gap.mend}"]
    if not gap.waivable:
        parts.append("Cannot be waived.")
    if gap.waiver:
        waiver = gap.waiver
        parts.append(f"Waived until {spelled(waiver.until)} by {waiver.said.by}: {waiver.reason}")
    parts.append(f"From {', '.join(gap.points)}; {gap.key}")
    return _texts(gap.item, "\n".join(parts), gap.owner or "nobody", gap.due.isoformat() if gap.due else "")


def _unknowns(document: Document, report: Report) -> None:
    for heading, those in report.unknowns_by_course:
        _heading(document, heading, 1)
        if those:
            lines = [_texts(unknown.item, unknown.ask, unknown.owner or "nobody") for unknown in those]
            _grid(document, WordTable(("Item", "Question", "Has it"), (22, 62, 16), lines))
        else:
            _line(document, "None.")


def _section(document: Document, section: ReportSection) -> None:
    from docx.shared import Pt

    _heading(document, f"{section.title}: {section.settled} of {section.total} settled", 1)
    _line(document, section.about)
    for item in section.items:
        _heading(document, f"{item.label}: {item.state}", 2)
        asked = document.add_paragraph()
        _say(asked, item.ask, italic=True)
        owned = [f"Has it: {item.owner}" if item.owner else "", f"Due {spelled(item.due)}" if item.due else ""]
        if any(owned):
            _line(document, " · ".join(part for part in owned if part))
        _answer(document, item)
        for words in _written(item):
            _line(document, words).paragraph_format.space_before = Pt(4)
        for words in _open(item):
            _line(document, words, style="ListBullet")


def _answer(document: Document, item: ReportItem) -> None:
    if item.answer.sort != CellContent.BLANK or not item.headers:
        paragraph = document.add_paragraph()
        _say(paragraph, "Answer: ", bold=True)
        run = _cell(item.answer)
        _say(paragraph, run.text, italic=run.italic)
    if item.headers and not item.lines:
        _line(document, "No rows.")
    elif item.kind == Kind.FORM:
        _grid(document, WordTable(item.headers, (38, 62), [tuple(map(_cell, line.cells)) for line in item.lines]))
    elif item.headers and len(item.headers) <= WIDE:
        rows = [tuple(map(_cell, line.cells)) for line in item.lines]
        _grid(document, WordTable(item.headers, tuple(100 // len(item.headers) for _ in item.headers), rows))
    elif item.headers:
        _grid(document, WordTable(("Field", "Answer"), (30, 70), list(_records(item))))


def _records(item: ReportItem) -> Iterator[tuple[WordRun, ...]]:
    """A wide table row by row: its number, the fields that are filled in, and the names of those that are not."""
    for number, line in enumerate(item.lines, start=1):
        pairs = [pair for pair in zip(item.headers, line.cells, strict=True) if pair[1].sort != CellContent.NOT_ASKED]
        yield (WordRun(f"Row {number} of {len(item.lines)}", HEAD),)
        yield from ((WordRun(name), _cell(cell)) for name, cell in pairs if cell.sort != CellContent.BLANK)
        blank = ", ".join(name for name, cell in pairs if cell.sort == CellContent.BLANK)
        if blank:
            yield WordRun("Blank", italic=True), WordRun(blank, italic=True)


def _cell(cell: Cell) -> WordRun:
    match cell.sort:
        case CellContent.BLANK:
            return WordRun("blank", italic=True)
        case CellContent.UNKNOWN:
            return WordRun("unknown", italic=True)
        case CellContent.NOT_APPLICABLE:
            return WordRun(f"not applicable: {cell.text}", italic=True)
        case CellContent.SAID:
            return WordRun(cell.text)
        case CellContent.NOT_ASKED:
            return WordRun("")


def _written(item: ReportItem) -> Iterator[str]:
    if item.claim:
        yield f"First pass: {item.claim}"
    if item.said:
        yield f"Last written by {item.said.by}, {item.said.at:%Y-%m-%d %H:%M %Z}"


def _open(item: ReportItem) -> Iterator[str]:
    for gap in item.gaps[:20]:
        yield f"{gap.severity.capitalize()}{', waived' if gap.waiver else ''}: {gap.says}"
    if len(item.gaps) > 20:
        yield f"… and {len(item.gaps) - 20} more gaps here; all of them stand under Gaps."


def _evidence(document: Document, report: Report) -> None:
    proofs = [(item, evidence) for section in report.sections for item in section.items for evidence in item.evidence]
    _heading(document, "Evidence", 1)
    if not proofs:
        _line(document, "None.")
        return
    lines = [
        _texts(
            item.label, evidence.text, f"{evidence.form}, {evidence.size:,} bytes" if evidence.size else evidence.form
        )
        for item, evidence in proofs
    ]
    _grid(document, WordTable(("Item", "Evidence", "Kind"), (22, 58, 20), lines))


def _sources(document: Document, report: Report) -> None:
    _heading(document, "Points of the source", 1)
    _line(document, report.head.source)
    lines = [_texts(point.id, point.says, ", ".join(point.items) or "no item") for point in report.points]
    _grid(document, WordTable(("Point", "What it says", "Asked in"), (10, 60, 30), lines))


def _history(document: Document, report: Report) -> None:
    _heading(document, "History", 1)
    lines = [_texts(f"{event.at:%Y-%m-%d %H:%M %Z}", event.says) for event in report.history]
    _grid(document, WordTable(("When", "What happened"), (20, 80), lines))
