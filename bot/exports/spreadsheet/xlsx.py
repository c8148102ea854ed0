"""A report as an Excel workbook: a sheet a table, with filters, frozen panes, and dates as dates.

Whatever people typed is written as a string: no formula, no link. Excel holds 32,767 characters
in a cell; a longer text is cut there, says so, and stands whole on the sheet "Long texts". The
second row of every sheet, which is hidden, holds the ids of the columns.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bot.domain.export_formats import Progress, counted, unheeded
from bot.domain.report.builder import Report
from bot.exports.printable import leftward, visible
from bot.exports.spreadsheet.sheets import Sheet, SheetColumn, Value, sheets

LIMIT = 32_767  # UTF-16 units of a cell; Excel specifications and limits
PART = 30_000  # units of one part of a long text
EXACT = 15  # digits that Excel keeps of a number
FIRST_DAY = date(1900, 3, 1)  # before it, Excel's calendar is off by one: it knows a 29 February 1900
IDS, HEADERS, BODY = 1, 2, 3  # rows of a sheet, counted from 0
LINE, MOST_LINES = 15, 20  # points of a line's height; lines of the tallest row
ABREAST = 200  # characters that are still read well across a printed page; what is wider goes on beside it
LISTED = 255  # characters of a list to pick from
GOES_ON = "… [goes on: this text stands whole on the sheet “Long texts”, number {}]"


@dataclass
class _Workbook:
    """A workbook being written."""

    book: Any
    face: tuple[str, ...]
    names: set[str] = field(default_factory=set)
    long: list[str] = field(default_factory=list)
    formats: dict[str, Any] = field(default_factory=dict)


def excel(report: Report, progress: Progress = unheeded) -> bytes:
    """The workbook. Nothing of it touches a disk. Each sheet is a step, and packing them is the last."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = report.head
        title = f"Readiness for talks with {visible(head.counterpart)}"
        book.set_properties(
            {
                "title": title,
                "subject": visible(head.subject),
                "author": visible(head.made_by),
                "comments": "\n".join(visible(line) for line in head.face),
                "created": head.made_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        writing = _Workbook(book, tuple(visible(line) for line in head.face), formats=_formats(book))
        tables = sheets(report)
        for sheet in counted(tables, progress, more=1):
            _write(writing, sheet, title)
        progress(len(tables) + 1, len(tables) + 1)
        if writing.long:
            _write(writing, _long(writing.long), title)
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    cell = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D0D5DB"}
    edited = {**cell, "num_format": "@", "quote_prefix": True}
    return {
        "face": book.add_format({"bold": True}),
        "id": book.add_format({"font_color": "#808080"}),
        "header": book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#1F3A5F", "font_color": "#FFFFFF"}
        ),
        "text": book.add_format({**cell, "num_format": "@"}),
        "live": book.add_format(edited),
        "leftward": book.add_format({**edited, "reading_order": 2, "align": "right"}),
        "mark": book.add_format({**cell, "num_format": "@", "italic": True, "font_color": "#6B4E00"}),
        "number": book.add_format({**cell, "num_format": "General", "align": "left"}),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "left"}),
        "time": book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
    }


def _write(writing: _Workbook, sheet: Sheet, title: str) -> None:
    there = writing.book.add_worksheet(_name(writing.names, sheet.name))
    formats, last = writing.formats, len(sheet.columns) - 1
    there.write_string(0, _first_shown(sheet), " · ".join((*writing.face, f"{sheet.name}: {title}")), formats["face"])
    there.write_string(IDS, 0, sheet.id, formats["id"])
    for nth, column in enumerate(sheet.columns):
        there.write_string(IDS, nth, f"{sheet.id}:{column.id}" if nth == 0 else column.id, formats["id"])
        there.write_string(HEADERS, nth, column.label, formats["header"])
        there.set_column(nth, nth, column.width, formats["text"], {"hidden": column.hidden})
    there.set_row(IDS, None, None, {"hidden": True})
    for row, values in enumerate(sheet.rows, start=BODY):
        for nth, value in enumerate(values):
            _put(writing, there, row, nth, value)
        there.set_row(row, LINE * _lines(sheet, values))
    end = max(HEADERS + len(sheet.rows), BODY)
    there.autofilter(HEADERS, 0, end, last)
    there.freeze_panes(BODY, min(_first_shown(sheet) + 1, last))
    _pickable(there, sheet)
    there.set_landscape()
    there.set_paper(9)  # A4
    there.fit_to_pages(-(-sum(column.width for column in sheet.columns if not column.hidden) // ABREAST), 0)
    there.repeat_columns(0, _named(sheet))
    there.repeat_rows(HEADERS)
    there.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.7)
    if writing.face:
        there.set_header("&C&B" + _printed(" · ".join(writing.face)))
    there.set_footer("&L" + _printed(title) + "&RPage &P of &N")


def _lines(sheet: Sheet, values: tuple[Value, ...]) -> int:
    """How many lines a row takes; not every program finds that out by itself."""
    texts = ((column.width, value) for column, value in zip(sheet.columns, values, strict=True) if not column.hidden)
    lines = (sum(1 + len(line) // width for line in text.split("\n")) for width, text in texts if isinstance(text, str))
    return min(max(lines, default=1), MOST_LINES)


def _first_shown(sheet: Sheet) -> int:
    return next(nth for nth, column in enumerate(sheet.columns) if not column.hidden)


def _named(sheet: Sheet) -> int:
    """The column that says what a row is about: what is printed beside it on another page has it, too."""
    return next(
        (nth for nth, column in enumerate(sheet.columns) if column.label == "Item" and not column.hidden),
        _first_shown(sheet),
    )


def _put(writing: _Workbook, there: Any, row: int, nth: int, value: Value) -> None:
    formats = writing.formats
    match value:
        case None:
            there.write_blank(row, nth, None, formats["text"])
        case datetime():
            there.write_datetime(row, nth, value, formats["time"])
        case date() if value >= FIRST_DAY:
            there.write_datetime(row, nth, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001 (a day has no zone)
        case date():
            there.write_string(row, nth, value.isoformat(), formats["text"])
        case int():
            there.write_number(row, nth, value, formats["number"])
        case Decimal() if exact(value):
            there.write_number(row, nth, float(value), formats["number"])
        case Decimal():
            there.write_string(row, nth, f"{value:f}", formats["text"])
        case str():
            look = "leftward" if leftward(value) else "live" if value[:1] in "=+-@'\t" else "text"
            if value.startswith(("(unknown)", "(not applicable)")):
                look = "mark"
            there.write_string(row, nth, _held(writing.long, value), formats[look])


def exact(number: Decimal) -> bool:
    """Whether Excel keeps a number as it is."""
    return len(number.normalize().as_tuple().digits) <= EXACT and abs(number.adjusted()) < 300


def _held(long: list[str], text: str) -> str:
    """The text as a cell holds it; one that is too long is noted, to stand on its own sheet."""
    if units(text) <= LIMIT:
        return text
    long.append(text)
    return cut(text, len(long))


def cut(text: str, number: int) -> str:
    """The beginning of a text that is too long for a cell, and where all of it stands."""
    return next(_parts(text)) + GOES_ON.format(number)


def units(text: str) -> int:
    """How long a text is for Excel: what lies beyond the first 65,536 characters counts twice."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def _parts(text: str) -> Iterator[str]:
    while text:
        end = PART if units(text[:PART]) <= LIMIT else PART // 2
        yield text[:end]
        text = text[end:]


def _long(texts: list[str]) -> Sheet:
    columns = (SheetColumn("number", "Number", 9), SheetColumn("part", "Part", 7), SheetColumn("text", "Text", 120))
    rows = ((nth, part, words) for nth, text in enumerate(texts, 1) for part, words in enumerate(_parts(text), 1))
    return Sheet("long", "Long texts", columns, tuple(rows))


def _name(taken: set[str], wanted: str) -> str:
    """A name for a sheet: 31 characters, none of those that Excel refuses, no other sheet's."""
    plain = re.sub(r"[\[\]:*?/\\\n\t]", " ", wanted).strip(" '") or "Sheet"
    name, number = plain[:25], 1
    while name.casefold() in taken or name.casefold() == "history":  # a name that Excel keeps for itself
        number += 1
        name = f"{plain[:22]} {number}"
    taken.add(name.casefold())
    return name


def _printed(text: str) -> str:
    """A text for headers and footers, in which & begins a code; Excel takes 255 characters of both."""
    return text.replace("\n", " ")[:100].replace("&", "&&")


def _pickable(there: Any, sheet: Sheet) -> None:
    """Offer the labels where one option is picked; anything else may still be typed, and is told apart when read."""
    for nth, column in enumerate(sheet.columns):
        offered = [*column.options, "(unknown)"]
        if not column.options or any("," in option for option in offered) or len(",".join(offered)) > LISTED:
            continue
        rule = {"validate": "list", "source": offered, "error_type": "information", "show_error": False}
        there.data_validation(BODY, nth, BODY + len(sheet.rows) + 200, nth, rule)
