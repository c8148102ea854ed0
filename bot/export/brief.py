"""The brief as PDF: what a head of delegation carries into the room."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.core.checklist import Severity
from bot.core.report_parts import Gap, Item, Line, Proof, Question, Report, Said, Section, Sort
from bot.core.told import spelled
from bot.export.card import PLURAL, countdown
from bot.export.drawing import Data, Page, Standard, Undrawable, compiled, drawable

BOXED = "▯"
UA: Standard = "ua-1"


def brief(report: Report, marking: str = "") -> bytes:
    """The report as PDF/UA, which a screen reader can follow; as plain PDF, which says so, where that cannot be."""
    data = _data(report, marking)
    at = report.head.made_at
    try:
        return compiled(Page("brief.typ", data, lines=True), "pdf", at=at, standards=(UA,))
    except Undrawable:
        said = "This document could not be made accessible (PDF/UA)."
        plain = {**data, "notes": [*_notes(report), said]}
        return compiled(Page("brief.typ", plain, lines=True), "pdf", at=at)


def _data(report: Report, marking: str) -> dict[str, Data]:
    head = report.head
    made = f"{head.made_at:%Y-%m-%d %H:%M} UTC"
    return {
        "title": f"Readiness for talks with {head.counterpart}",
        "by": head.made_by,
        "marking": marking,
        "foot": f"{head.counterpart} · {head.subject} · made {made} by {head.made_by} · state {head.seq}",
        "checklist": f"{head.checklist}, version {head.version}",
        "counterpart": head.counterpart,
        "subject": head.subject,
        "state": str(report.state),
        "raw": f"without waivers: {report.raw}" if report.raw != report.state else "",
        "left": countdown(head.days_left),
        "talks": f"Talks on {spelled(head.talks_on)}",
        "counts": [
            {"severity": str(one.severity), "name": PLURAL[one.severity].capitalize(), "open": one.open, "raw": one.raw}
            for one in report.counts
        ],
        "standing": [{"title": one.title, "settled": f"{one.settled} of {one.total}"} for one in report.sections],
        "signatures": [],
        "delegation": ", ".join(f"{one.name} ({one.role}{'' if one.here else ', left'})" for one in head.delegation),
        "source": head.source,
        "notes": _notes(report),
        "gaps": list(_by_severity(report.gaps)),
        "sections": [_section(one) for one in report.sections],
        "unknowns": [_question(one) for one in report.unknowns],
        "evidence": [
            {"item": item.label, "text": _proof(one)}
            for section in report.sections
            for item in section.items
            for one in item.evidence
        ],
        "history": [{"at": f"{one.at:%Y-%m-%d %H:%M}", "says": one.says} for one in report.history],
    }


def _notes(report: Report) -> list[Data]:
    """What a reader must know about this copy."""
    typed = (one.says for one in report.history)
    lost = sorted({char for text in typed for char in text if char.isprintable() and not drawable(char)})
    if not lost:
        return []
    named = ", ".join(f"U+{ord(char):04X}" for char in lost[:20])
    more = f" and {len(lost) - 20} more" if len(lost) > 20 else ""
    return [f"Characters that no font here can draw are shown as {BOXED} or by their names: {named}{more}."]


def _by_severity(gaps: tuple[Gap, ...]) -> Iterator[dict[str, Data]]:
    for severity, group in groupby(gaps, key=lambda gap: gap.severity):
        name = PLURAL[Severity(severity)].capitalize()
        yield {"severity": str(severity), "name": name, "rows": [_gap(one) for one in group]}


def _gap(gap: Gap) -> dict[str, Data]:
    waiver = gap.waiver
    accepted = f"Waived by {waiver.said.by} until {spelled(waiver.until)}: {waiver.reason}" if waiver else ""
    return {
        "item": gap.item,
        "says": gap.says,
        "mend": gap.mend,
        "owner": gap.owner or "nobody",
        "due": spelled(gap.due) if gap.due else "",
        "waiver": accepted,
        "severity": str(gap.severity),
    }


def _section(section: Section) -> dict[str, Data]:
    return {"title": section.title, "about": section.about, "items": [_item(one) for one in section.items]}


def _item(item: Item) -> dict[str, Data]:
    placed = [f"owner {item.owner}"] if item.owner else []
    placed += [f"due {spelled(item.due)}"] if item.due else []
    return {
        "label": item.label,
        "ask": item.ask,
        "state": str(item.state).capitalize(),
        "placed": f" · {', '.join(placed)}" if placed else "",
        "answer": _cell(item.answer.text, item.answer.sort),
        "headers": list(item.headers),
        "rows": [_row(line) for line in item.lines],
        "gaps": [_gap(one) for one in item.gaps],
        "evidence": [f"Evidence: {_proof(one)}" for one in item.evidence],
        "said": _said(item.said),
    }


def _row(line: Line) -> dict[str, Data]:
    cells = [_cell(one.text, one.sort) for one in line.cells]
    return {"name": line.cells[0].text or "unnamed", "cells": cells, "said": _said(line.said)}


def _cell(text: str, sort: Sort) -> dict[str, Data]:
    says = f"not applicable: {text}" if sort == Sort.NOT_APPLICABLE else text
    return {"text": says, "sort": str(sort)}


def _question(one: Question) -> dict[str, Data]:
    placed = [one.owner or "nobody", *([spelled(one.due)] if one.due else [])]
    return {"item": one.item, "ask": one.ask, "placed": ", ".join(placed)}


def _proof(one: Proof) -> str:
    size = f" ({one.size:,} bytes)" if one.form == "file" else ""
    return f"{one.form}: {one.text}{size}"


def _said(said: Said | None) -> str:
    return f"Last written by {said.by} on {said.at:%Y-%m-%d %H:%M} UTC" if said else ""
