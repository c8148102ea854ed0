"""A report as Markdown: a document to read and to carry, also as plain text.

Whatever people typed is inert in it, and all of it is there. Line breaks become ``<br>``,
Markdown and HTML are escaped, addresses are no links. Characters that cannot be printed
are shown: controls by their pictures (␀), what turns the direction of text by its code
point in brackets, halves of surrogate pairs as �.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from bot.domain.checklist import Kind, Severity
from bot.domain.report.builder import (
    Cell,
    CellContent,
    Report,
    ReportAuthor,
    ReportGap,
    ReportHeader,
    ReportItem,
    ReportSection,
    ReportUnknown,
)
from bot.domain.wording.history import spelled
from bot.exports.printable import visible

WIDE = 4  # columns; a wider table is read row by row, on paper and on a phone
NAMES = {Severity.BLOCKER: "Blockers", Severity.MAJOR: "Major gaps", Severity.MINOR: "Minor gaps"}

SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$@]|(?<=\w):(?=//)|(?<=www)\.", re.IGNORECASE)
LEADING = re.compile(r"^(\d{1,9}(?=[.)])|(?=[#+=-]))")
SPACES = re.compile(r"^ +| +$| (?= )")


def inert(text: str) -> str:
    """Text on one line that Markdown shows as it was typed and gives no meaning to."""
    text = SPECIAL.sub(lambda found: f"\\{found[0]}", visible(text))
    text = LEADING.sub(r"\1\\", text)
    text = SPACES.sub(lambda found: "&nbsp;" * len(found[0]), text)
    return text.replace("\t", "&emsp;").replace("\n", "<br>")


def markdown(report: Report) -> str:
    """The whole report as one document; it ends with a line break."""
    return "\n".join(_document(report)) + "\n"


def _document(report: Report) -> Iterator[str]:
    yield from _head(report.head)
    yield from _state(report)
    yield from _gaps(report.gaps)
    yield from _unknowns(report)
    for section in report.sections:
        yield from _section(section)
    yield "\n## Points of the source\n"
    yield f"{inert(report.head.source)}\n"
    for point in report.points:
        items = ", ".join(map(inert, point.items)) or "no item"
        yield f"- **{point.id}** {inert(point.says)} *Asked in: {items}*"
    yield "\n## History\n"
    for entry in report.history:
        yield f"- {_time(entry.at)}: {inert(entry.says)}"


def _head(head: ReportHeader) -> Iterator[str]:
    yield f"# Readiness for talks with {inert(head.counterpart)}\n"
    yield f"- Subject: {inert(head.subject)}"
    yield f"- Checklist: {inert(head.checklist)}, version {head.version}"
    yield f"- Talks: {spelled(head.talks_on)}, {_days(head.days_left)}"
    here = [f"{inert(person.name)} ({person.role})" for person in head.delegation if person.here]
    gone = [inert(person.name) for person in head.delegation if not person.here]
    yield f"- Delegation: {', '.join(here) or 'nobody'}"
    if gone:
        yield f"- Left: {', '.join(gone)}"
    yield from (f"- **{inert(line)}**" for line in head.face)
    yield f"- As of {_time(head.made_at)}, after {head.seq} events; made for {inert(head.made_by)}"


def _state(report: Report) -> Iterator[str]:
    said = str(report.state).capitalize()
    if report.head.partial:
        said = f"Of the sections that {inert(report.head.made_by)} sees: {report.state}"
    yield f"\n**{said}.** Without waivers: {report.raw}.\n"
    if report.sign_off:
        yield f"{report.sign_off.says}.\n"
        yield from (f"- {inert(signature.says)}" for signature in report.sign_off.signatures)
        yield ""
    yield from _table(
        ("Gaps", "Open", "With waived"),
        ((NAMES[count.severity], str(count.open), str(count.raw)) for count in report.counts),
    )
    yield ""
    yield from _table(
        ("Section", "Settled", "Items"),
        ((inert(section.title), str(section.settled), str(section.total)) for section in report.sections),
    )


def _gaps(gaps: tuple[ReportGap, ...]) -> Iterator[str]:
    yield "\n## Gaps"
    if not gaps:
        yield "\nNone."
    for severity, name in NAMES.items():
        of_it = [gap for gap in gaps if gap.severity == severity]
        if of_it:
            yield f"\n### {name}\n"
        for gap in of_it:
            yield from _gap(gap)


def _gap(gap: ReportGap) -> Iterator[str]:
    never = "" if gap.waivable else " *Cannot be waived.*"
    yield f"- **{inert(gap.item)}**: {inert(gap.says)}{never}"
    yield f"  - To mend: {inert(gap.mend)}{_placed(gap.owner, gap.due)}"
    if gap.waiver:
        accepted = gap.waiver
        yield (f"  - Waived until {spelled(accepted.until)} by {_said(accepted.said)}: {inert(accepted.reason)}")
    yield f"  - From {', '.join(gap.points)}; {inert(gap.key)}"


def _unknowns(report: Report) -> Iterator[str]:
    """Questions in the order in which to ask them, tasks, and what is neither yet."""
    for heading, those in report.unknowns_by_course:
        yield f"\n## {heading}\n"
        yield from map(_unknown, those) if those else ("None.",)


def _unknown(unknown: ReportUnknown) -> str:
    priority = f" *Priority {unknown.priority}.*" if unknown.priority else ""
    owner = unknown.owner or ("nobody" if unknown.course == "task" else None)
    return f"- **{inert(unknown.item)}**: {inert(unknown.ask)}{priority}{_placed(owner, unknown.due)}"


def _section(section: ReportSection) -> Iterator[str]:
    yield f"\n## {inert(section.title)}: {section.settled} of {section.total} settled\n"
    yield inert(section.about)
    for item in section.items:
        yield f"\n### {inert(item.label)}: {item.state}\n"
        yield f"*{inert(item.ask)}*{_placed(item.owner, item.due)}"
        yield from _answer(item)
        notes = list(_notes(item))
        if notes:
            yield ""
            yield from notes


def _answer(item: ReportItem) -> Iterator[str]:
    if item.answer.sort != CellContent.BLANK or not item.headers:
        yield f"\nAnswer: {_cell(item.answer)}"
    if item.headers and not item.lines:
        yield "\nNo rows."
    elif item.kind == Kind.FORM or len(item.headers) <= WIDE:
        if item.lines:
            yield ""
            yield from _table(map(inert, item.headers), (map(_cell, line.cells) for line in item.lines))
    else:
        for number, line in enumerate(item.lines, start=1):
            asked = [
                pair for pair in zip(item.headers, line.cells, strict=True) if pair[1].sort != CellContent.NOT_ASKED
            ]
            filled = [pair for pair in asked if pair[1].sort != CellContent.BLANK]
            blank = [inert(name) for name, cell in asked if cell.sort == CellContent.BLANK]
            yield f"\n{inert(item.label)}, row {number}\n"
            yield from (f"- {inert(name)}: {_cell(cell)}" for name, cell in filled)
            if blank:
                yield f"- *Blank: {', '.join(blank)}*"


def _notes(item: ReportItem) -> Iterator[str]:
    if item.claim:
        yield f"- First pass: {item.claim}"
    if item.said:
        yield f"- Last written by {_said(item.said)}"
    for proof in item.evidence:
        size = f", {proof.size:,} bytes" if proof.size else ""
        yield f"- Evidence ({proof.form}{size}): {inert(proof.text)}"
    for gap in item.gaps:
        yield f"- {gap.severity.capitalize()}{', waived' if gap.waiver else ''}: {inert(gap.says)}"


def _cell(cell: Cell) -> str:
    match cell.sort:
        case CellContent.BLANK:
            return "*blank*"
        case CellContent.UNKNOWN:
            return "*unknown*"
        case CellContent.NOT_APPLICABLE:
            return f"*not applicable*: {inert(cell.text)}"
        case CellContent.SAID:
            return inert(cell.text)
        case CellContent.NOT_ASKED:
            return ""


def _table(headers: Iterable[str], lines: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(headers)
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for cells in lines:
        yield f"| {' | '.join(cells)} |"


def _placed(owner: str | None, due: date | None) -> str:
    said = [f"owner {inert(owner)}"] if owner else []
    said += [f"due {spelled(due)}"] if due else []
    return f" ({', '.join(said)})" if said else ""


def _said(said: ReportAuthor) -> str:
    return f"{inert(said.by)}, {_time(said.at)}"


def _time(at: datetime) -> str:
    return f"{spelled(at.date())}, {at:%H:%M %Z}".rstrip()


def _days(left: int) -> str:
    if left < 0:
        return f"{-left} days ago"
    return {0: "today", 1: "tomorrow"}.get(left, f"{left} days left")
