"""A report as one web page: no script, nothing from the network, light and dark, and fit to print.

Every typed text is escaped, keeps its line breaks, and stands apart from the direction of the
text around it (``dir="auto"``). A content policy in the page forbids all that it does not need.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from bot.domain.checklist import Kind, Severity
from bot.domain.report.builder import Cell, CellContent, Report, ReportGap, ReportHeader, ReportItem, ReportSection
from bot.domain.wording.history import spelled
from bot.exports.printable import visible

WIDE = 7  # columns; a wider table is written row by row
NAMES = {Severity.BLOCKER: "Blockers", Severity.MAJOR: "Major gaps", Severity.MINOR: "Minor gaps"}
SIGNS = {Severity.BLOCKER: "⛔", Severity.MAJOR: "▲", Severity.MINOR: "△"}
STYLE = """
:root{color-scheme:light dark;--ink:#1a1c1f;--paper:#fff;--soft:#5b6470;--line:#c9ced6;--shade:#eef1f6;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--ink:#e7e9ec;--paper:#15181c;--soft:#a7b0bc;--line:#3c444e;--shade:#212730;
--link:#8fc1ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem;max-width:68rem;color:var(--ink);background:var(--paper);
font:1rem/1.5 system-ui,"Segoe UI","Noto Sans",sans-serif;overflow-wrap:break-word}
h1{font-size:1.8rem;line-height:1.2}h2{margin-top:2.5rem;border-bottom:2px solid var(--line)}h3{margin:1.8rem 0 .3rem}
a{color:var(--link)}.t{white-space:pre-wrap;unicode-bidi:isolate}
.face{margin:0;padding:.5rem 1rem;border:2px solid var(--ink);font-weight:700}
.state{font-size:1.3rem;font-weight:700}.soft,.made{color:var(--soft)}.no{font-style:italic;color:var(--soft)}
.wide{overflow-x:auto}time{white-space:nowrap}
table{border-collapse:collapse;width:100%;margin:.6rem 0}caption{text-align:start;color:var(--soft)}
th,td{padding:.35rem .55rem;border:1px solid var(--line);text-align:start;vertical-align:top}
thead th,tr.row th{background:var(--shade)}th[scope=row]{font-weight:600;width:28%}
nav ul{columns:2;padding-inline-start:1.2rem}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
@page{margin:18mm 15mm}
@media print{:root{--ink:#000;--paper:#fff;--soft:#333;--line:#888;--shade:#eee;--link:#000}
body{padding:0;max-width:none;font-size:10pt}.t{overflow-wrap:anywhere}th,td{min-width:5em}nav,.skip{display:none}h2,h3{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}
.wide{overflow:visible}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def webpage(report: Report) -> bytes:
    """The page, in UTF-8."""
    return "\n".join(_page(report)).encode() + b"\n"


def text(words: str) -> str:
    """Typed text: visible, escaped, its blanks and line breaks kept, its direction its own."""
    return f'<span class="t" dir="auto">{html.escape(visible(words))}</span>'


def _page(report: Report) -> Iterator[str]:
    head = report.head
    title = html.escape(visible(f"Readiness for talks with {head.counterpart}"))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{title}</title>\n<style>{STYLE}{_every_page(head)}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#main">To the content</a>\n<header>'
    if head.face:
        yield f'<p class="face">{text(" · ".join(head.face))}</p>'
    yield f"<h1>Readiness for talks with {text(head.counterpart)}</h1>"
    yield f'<p class="state">{str(report.state).capitalize()}. Without waivers: {report.raw}.</p>'
    yield from _head(head)
    yield "</header>"
    yield from _nav(report)
    yield '<main id="main">'
    yield from _state(report)
    yield from _gaps(report.gaps)
    yield from _unknowns(report)
    for nth, section in enumerate(report.sections):
        yield from _section(nth, section)
    yield from _end(report)
    yield "</main>\n</body>\n</html>"


def _head(head: ReportHeader) -> Iterator[str]:
    here = ", ".join(f"{text(person.name)} ({person.role})" for person in head.delegation if person.here) or "nobody"
    gone = ", ".join(text(person.name) for person in head.delegation if not person.here)
    days = f"in {head.days_left} days" if head.days_left >= 0 else f"{-head.days_left} days ago"
    rows = [
        ("Subject", text(head.subject)),
        ("Talks begin", f"{_day(head.talks_on)}, {days}"),
        ("Delegation", here),
        *([("Left", gone)] if gone else []),
        ("Checklist", f"{text(head.checklist)}, version {head.version}"),
        ("As of", f"{_time(head.made_at)}, after {head.seq} events; made for {text(head.made_by)}"),
    ]
    yield "<table><caption>About these talks</caption><tbody>"
    yield from (f'<tr><th scope="row">{what}</th><td>{said}</td></tr>' for what, said in rows)
    yield "</tbody></table>"


def _every_page(head: ReportHeader) -> str:
    """What stands above and below every printed page. In CSS each sign is its number: none has a meaning there."""
    above = " · ".join(visible(line) for line in head.face)
    below = visible(f"For {head.made_by}, {head.made_at:%Y-%m-%d %H:%M %Z} · page ")
    return (
        f"@page{{@top-center{{content:{_quoted(above)};font-weight:700;font-size:9pt}}"
        f"@bottom-center{{content:{_quoted(below)} counter(page);font-size:9pt}}}}"
    )


def _quoted(words: str) -> str:
    return '"' + "".join(f"\\{ord(sign):x} " for sign in words) + '"'


def _nav(report: Report) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ul>'
    yield '<li><a href="#state">State</a></li><li><a href="#gaps">Gaps</a></li>'
    yield '<li><a href="#questions">Questions</a></li>'
    yield from (f'<li><a href="#s{nth}">{text(section.title)}</a></li>' for nth, section in enumerate(report.sections))
    yield '<li><a href="#points">Points of the source</a></li><li><a href="#history">History</a></li></ul></nav>'


def _state(report: Report) -> Iterator[str]:
    yield '<section aria-labelledby="state"><h2 id="state">State</h2>'
    if report.sign_off:
        yield f"<p>{report.sign_off.says}.</p>"
        signatures = "".join(f"<li>{text(signature.says)}</li>" for signature in report.sign_off.signatures)
        yield f"<ul>{signatures}</ul>" if signatures else ""
    counts = (
        (f"{SIGNS[count.severity]} {NAMES[count.severity]}", str(count.open), str(count.raw)) for count in report.counts
    )
    yield from _table("Gaps by severity", ("Gaps", "Open", "With waived"), counts)
    settled = ((text(section.title), str(section.settled), str(section.total)) for section in report.sections)
    yield from _table("Settled items", ("Section", "Settled", "Items"), settled)
    if report.gates:
        gates = ((_day(gate.on), text(gate.label), str(gate.holding)) for gate in report.gates)
        yield from _table("Gates before the talks", ("Day", "Gate", "Gaps that keep it shut"), gates)
    yield "</section>"


def _gaps(gaps: tuple[ReportGap, ...]) -> Iterator[str]:
    yield '<section aria-labelledby="gaps"><h2 id="gaps">Gaps</h2>'
    if not gaps:
        yield "<p>None.</p>"
    for severity, name in NAMES.items():
        found = [_gap(gap) for gap in gaps if gap.severity == severity]
        if found:
            yield from _table(f"{SIGNS[severity]} {name}", ("Item", "What is open", "Has it", "Due"), found)
    yield "</section>"


def _gap(gap: ReportGap) -> tuple[str, ...]:
    parts = [text(gap.says), f"To mend: {text(gap.mend)}"]
    if not gap.waivable:
        parts.append("Cannot be waived.")
    if gap.waiver:
        accepted = gap.waiver
        parts.append(f"Waived until {_day(accepted.until)} by {text(accepted.said.by)}: {text(accepted.reason)}")
    parts.append(f'<span class="soft">From {", ".join(gap.points)}; {text(gap.key)}</span>')
    return text(gap.item), "<br>".join(parts), _owner(gap.owner), _day(gap.due)


def _unknowns(report: Report) -> Iterator[str]:
    for nth, (heading, those) in enumerate(report.unknowns_by_course):
        anchor = f"unknowns{nth}" if nth else "questions"
        yield f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{heading}</h2>'
        rows = ((text(unknown.item), text(unknown.ask), _owner(unknown.owner), _day(unknown.due)) for unknown in those)
        yield from (
            _table("Recorded as unknown", ("Item", "Question", "Has it", "Due"), rows) if those else ("<p>None.</p>",)
        )
        yield "</section>"


def _section(nth: int, section: ReportSection) -> Iterator[str]:
    yield f'<section aria-labelledby="s{nth}"><h2 id="s{nth}">{text(section.title)}</h2>'
    yield f'<p>{text(section.about)} <span class="soft">{section.settled} of {section.total} settled.</span></p>'
    for item in section.items:
        yield f"<article><h3>{text(item.label)}: {item.state}</h3>"
        due = f" · due {_day(item.due)}" if item.due else ""
        yield f'<p>{text(item.ask)} <span class="soft">Has it: {_owner(item.owner)}{due}</span></p>'
        yield from _answer(item)
        yield from _notes(item)
        yield "</article>"
    yield "</section>"


def _answer(item: ReportItem) -> Iterator[str]:
    if item.answer.sort != CellContent.BLANK or not item.headers:
        yield f"<p>Answer: {_cell(item.answer)}</p>"
    if item.headers and not item.lines:
        yield '<p class="no">No rows.</p>'
    elif item.headers and (item.kind == Kind.FORM or len(item.headers) <= WIDE):
        rows = (tuple(map(_cell, line.cells)) for line in item.lines)
        yield from _table(visible(item.label), map(text, item.headers), rows)
    elif item.headers:
        yield f'<div class="wide"><table><caption>{text(item.label)}</caption>'
        for number, line in enumerate(item.lines, start=1):
            yield f'<tbody><tr class="row"><th scope="rowgroup" colspan="2">Row {number} of {len(item.lines)}</th></tr>'
            for name, cell in zip(item.headers, line.cells, strict=True):
                if cell.sort != CellContent.NOT_ASKED:
                    yield f'<tr><th scope="row">{text(name)}</th><td>{_cell(cell)}</td></tr>'
            yield "</tbody>"
        yield "</table></div>"


def _notes(item: ReportItem) -> Iterator[str]:
    notes = [f"First pass: {item.claim}"] if item.claim else []
    if item.said:
        notes.append(f"Last written by {text(item.said.by)}, {_time(item.said.at)}")
    for proof in item.evidence:
        size = f", {proof.size:,} bytes" if proof.size else ""
        notes.append(f"Evidence ({proof.form}{size}): {text(proof.text)}")
    if notes:
        yield "".join(("<ul>", *(f"<li>{note}</li>" for note in notes), "</ul>"))


def _end(report: Report) -> Iterator[str]:
    yield '<section aria-labelledby="points"><h2 id="points">Points of the source</h2>'
    yield f"<p>{text(report.head.source)}</p>"
    points = ((point.id, text(point.says), text(", ".join(point.items) or "no item")) for point in report.points)
    yield from _table("Points, and the items that come from them", ("Point", "What it says", "Asked in"), points)
    yield '</section>\n<section aria-labelledby="history"><h2 id="history">History</h2>'
    past = ((_time(event.at), text(event.says)) for event in report.history)
    yield from _table("What happened", ("When", "What happened"), past)
    yield "</section>"


def _table(caption: str, headers: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table of cells that are escaped already."""
    yield f'<div class="wide"><table><caption>{html.escape(caption)}</caption>'
    names = "".join(f'<th scope="col">{name}</th>' for name in headers)
    yield f"<thead><tr>{names}</tr></thead><tbody>"
    yield from ("".join(("<tr>", *(f"<td>{cell}</td>" for cell in row), "</tr>")) for row in rows)
    yield "</tbody></table></div>"


def _cell(cell: Cell) -> str:
    match cell.sort:
        case CellContent.BLANK:
            return '<span class="no">blank</span>'
        case CellContent.UNKNOWN:
            return '<span class="no">unknown</span>'
        case CellContent.NOT_APPLICABLE:
            return f'<span class="no">not applicable:</span> {text(cell.text)}'
        case CellContent.SAID:
            return text(cell.text)
        case CellContent.NOT_ASKED:
            return ""


def _owner(name: str | None) -> str:
    return text(name) if name else "nobody"


def _day(day: date | None) -> str:
    return f'<time datetime="{day.isoformat()}">{spelled(day)}</time>' if day else ""


def _time(at: datetime) -> str:
    return f'<time datetime="{at.isoformat()}">{spelled(at.date())}, {at:%H:%M %Z}</time>'
