"""The brief as PDF: what a head of delegation carries into the room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from itertools import groupby

from bot.domain.checklist import Kind, Severity
from bot.domain.export_formats import Progress, counted, unheeded
from bot.domain.report.model import (
    CellContent,
    Report,
    ReportAuthor,
    ReportEvidence,
    ReportGap,
    ReportItem,
    ReportRow,
    ReportSection,
    ReportSignature,
    ReportSignOff,
    ReportUnknown,
)
from bot.domain.wording.history import spelled
from bot.exports.pdf.card import PLURAL, countdown
from bot.exports.pdf.typst import Data, Standard, TypstDocument, Undrawable, compiled, drawable

BOXED = "▯"
UA: Standard = "ua-1"
WIDE = 5  # columns; a wider table is shown row by row
BRIEF = 80  # characters; a row of such cells is a line or two of text
TALL = 1500  # characters; what is longer may break over pages
ALIKE = 12  # gaps that are mended alike; a head of delegation does not read the 500th
LISTED = 8  # gaps under an item; all stand under Gaps
FOOT = 70  # characters of each text at the foot of a page; the cover has the whole
CUT = "Long texts are cut here, which … shows; Word, Excel and JSON have the whole."
PAST = 600  # characters of what happened once; the table says so, and which files have the whole


def brief(report: Report, progress: Progress = unheeded) -> bytes:
    """The report as PDF/UA, which a screen reader can follow; as plain PDF, which says so, where that cannot be.

    Each section is a step, and setting the pages is the last and longest.
    """
    data = _data(report, progress)
    progress(len(report.sections) + 1, len(report.sections) + 1)
    notes = _notes(data)
    at = report.head.made_at.astimezone(UTC).replace(microsecond=0)  # typst takes whole seconds
    try:
        return compiled(TypstDocument("brief.typ", {**data, "notes": notes}, lines=True), "pdf", at=at, standards=(UA,))
    except Undrawable:
        said = "This document could not be made accessible (PDF/UA)."
        plain = {**data, "notes": [*notes, said]}
        return compiled(TypstDocument("brief.typ", plain, lines=True), "pdf", at=at)


def _data(report: Report, progress: Progress = unheeded) -> dict[str, Data]:
    head = report.head
    made = f"{head.made_at:%Y-%m-%d %H:%M %Z}"
    foot = [_short(head.counterpart), _short(head.subject), f"made {made} for {_short(head.made_by)}"]
    foot += [f"state {head.state}"] if head.state else []
    return {
        "title": f"Readiness for talks with {head.counterpart}",
        "by": head.made_by,
        "marking": " · ".join(head.face),
        "foot": " · ".join(foot),
        "checklist": f"{head.checklist}, version {head.version}",
        "counterpart": head.counterpart,
        "subject": head.subject,
        "state": str(report.state),
        "raw": f"without waivers: {report.raw}" if report.raw != report.state else "",
        "left": countdown(head.days_left),
        "talks": f"Talks on {spelled(head.talks_on)}",
        "counts": [
            {
                "severity": str(count.severity),
                "name": PLURAL[count.severity].capitalize(),
                "open": count.open,
                "raw": count.raw,
            }
            for count in report.counts
        ],
        "standing": [
            {"title": section.title, "settled": f"{section.settled} of {section.total}"} for section in report.sections
        ],
        "signed": report.sign_off.says if report.sign_off else "",
        "signatures": [_signature(signature) for signature in (report.sign_off.signatures if report.sign_off else ())],
        "worse": _worse(report.sign_off),
        "gates": [
            {"on": spelled(gate.on), "label": gate.label, "holding": str(gate.holding) if gate.holding else "open"}
            for gate in report.gates
        ],
        "delegation": ", ".join(
            f"{person.name} ({person.role}{'' if person.here else ', left'})" for person in head.delegation
        ),
        "source": head.source,
        "gaps": list(_by_severity(report.gaps)),
        "sections": [_section(section) for section in counted(report.sections, progress, more=1)],
        "unknowns": [
            {"heading": heading, "rows": [_question(unknown) for unknown in those]}
            for heading, those in report.unknowns_by_course
        ],
        "evidence": [
            {"item": item.label, "text": _proof(evidence)}
            for section in report.sections
            for item in section.items
            for evidence in item.evidence
        ],
        "past": CUT if any(len(event.says) > PAST for event in report.history) else "",
        "times": f"Times are {head.made_at:%Z}.",
        "history": [{"at": f"{event.at:%Y-%m-%d %H:%M}", "says": _short(event.says, PAST)} for event in report.history],
    }


def _notes(data: Data) -> list[Data]:
    """What a reader must know about this copy: which characters are not drawn, and which are only shown by name."""
    lost = sorted({char for text in _texts(data) if not text.isascii() for char in set(text) if _lost(char)})
    if not lost:
        return []
    named = ", ".join(f"U+{ord(char):04X}" for char in lost[:20])
    more = f" and {len(lost) - 20} more" if len(lost) > 20 else ""
    return [f"Characters that no font here can draw are shown as {BOXED} or by their names: {named}{more}."]


def _lost(char: str) -> bool:
    return char.isprintable() and not drawable(char)


def _texts(data: Data) -> Iterator[str]:
    match data:
        case str():
            yield data
        case Mapping():
            for value in data.values():
                yield from _texts(value)
        case Sequence():
            for value in data:
                yield from _texts(value)
        case _:
            pass


def _short(text: str, room: int = FOOT) -> str:
    """As much of a text as has room; where it is cut, the whole of it stands elsewhere."""
    return text if len(text) <= room else f"{text[:room].rstrip()}…"


def _signature(signature: ReportSignature) -> dict[str, Data]:
    return {"says": replace(signature, void="").says, "void": signature.void}


def _worse(stands: ReportSignOff | None) -> str:
    if stands is None or not stands.worse:
        return ""
    many = f" and {len(stands.worse) - 1} more" if len(stands.worse) > 1 else ""
    return f"Since it was signed time alone has opened: {stands.worse[0]}{many}"


def _by_severity(gaps: tuple[ReportGap, ...]) -> Iterator[dict[str, Data]]:
    for severity, group in groupby(gaps, key=lambda gap: gap.severity):
        name = PLURAL[Severity(severity)].capitalize()
        rows = [_alike(list(alike)) for _, alike in groupby(group, key=_way)]
        yield {"severity": str(severity), "name": name, "rows": rows}


def _way(gap: ReportGap) -> tuple[object, ...]:
    """What gaps share that stand together: where they are, how they are mended, by whom and when."""
    return gap.item_id, gap.mend, gap.owner, gap.due, gap.waiver


def _alike(gaps: Sequence[ReportGap]) -> dict[str, Data]:
    first = gaps[0]
    waiver = first.waiver
    accepted = f"Waived by {waiver.said.by} until {spelled(waiver.until)}: {waiver.reason}" if waiver else ""
    says = [gap.says for gap in gaps[:ALIKE]]
    if gaps[ALIKE:]:
        says.append(f"and {len(gaps) - ALIKE} more like these, each of which stands in the Excel and Word files")
    return {
        "item": first.item,
        "says": says if len(says) == 1 else [f"· {line}" for line in says],
        "mend": first.mend,
        "owner": first.owner or "nobody",
        "due": spelled(first.due) if first.due else "",
        "waiver": accepted,
        "whole": sum(map(len, says)) + len(first.mend) + len(accepted) < TALL,
    }


def _section(section: ReportSection) -> dict[str, Data]:
    return {"title": section.title, "about": section.about, "items": [_item(item) for item in section.items]}


def _item(item: ReportItem) -> dict[str, Data]:
    placed = [f"owner {item.owner}"] if item.owner else []
    placed += [f"due {spelled(item.due)}"] if item.due else []
    return {
        "label": item.label,
        "ask": item.ask,
        "state": str(item.state).capitalize(),
        "placed": f" · {', '.join(placed)}" if placed else "",
        "answer": _cell(item.answer.text, item.answer.sort),
        "headers": list(item.headers),
        "rows": [_record(item, line) if len(item.headers) > WIDE else _row(line) for line in item.lines],
        "gaps": [{"severity": str(gap.severity), "says": gap.says} for gap in item.gaps[:LISTED]],
        "more": f"… and {len(item.gaps) - LISTED} more gaps here." if item.gaps[LISTED:] else "",
        "wide": len(item.headers) > WIDE,
        "form": item.kind == Kind.FORM,
        "evidence": [f"Evidence: {_proof(evidence)}" for evidence in item.evidence],
        "said": _said(item.said),
    }


def _row(line: ReportRow) -> dict[str, Data]:
    cells = [_cell(cell.text, cell.sort) for cell in line.cells]
    return {"cells": cells, "whole": sum(len(cell.text) for cell in line.cells) < TALL}


def _record(item: ReportItem, line: ReportRow) -> dict[str, Data]:
    """A row of a wide table, field by field: what is filled in, and the names of what is not."""
    first, *others = zip(item.headers, line.cells, strict=True)
    unsaid = {CellContent.BLANK, CellContent.NOT_ASKED}
    fields = [{"name": name, **_cell(cell.text, cell.sort)} for name, cell in others if cell.sort not in unsaid]
    blank = ", ".join(name for name, cell in others if cell.sort == CellContent.BLANK)
    said = _said(line.said)
    return {
        "name": _cell(first[1].text or "unnamed", first[1].sort)["text"],
        "fields": fields,
        "brief": all(len(cell.text) <= BRIEF and "\n" not in cell.text for cell in line.cells),
        "below": ". ".join(part for part in (f"Blank: {blank}" if blank else "", said) if part),
        "whole": sum(len(cell.text) for cell in line.cells) < TALL,
    }


def _cell(text: str, sort: CellContent) -> dict[str, Data]:
    says = f"not applicable: {text}" if sort == CellContent.NOT_APPLICABLE else text
    return {"text": says, "sort": str(sort)}


def _question(unknown: ReportUnknown) -> dict[str, Data]:
    placed = [unknown.owner or "nobody", *([spelled(unknown.due)] if unknown.due else [])]
    return {"item": unknown.item, "ask": unknown.ask, "placed": ", ".join(placed)}


def _proof(evidence: ReportEvidence) -> str:
    size = f" ({evidence.size:,} bytes)" if evidence.form == "file" else ""
    return f"{evidence.form}: {evidence.text}{size}"


def _said(said: ReportAuthor | None) -> str:
    return f"Last written by {said.by} on {said.at:%Y-%m-%d %H:%M %Z}" if said else ""
