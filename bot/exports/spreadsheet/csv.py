"""A report as CSV: a zip with one file a table, each UTF-8 with a byte order mark, as Excel wants it.

The first line names the columns, each with its id in brackets; the handling line, where there
is one, stands in a line of its own above it. Times are UTC, dates ISO, every value is quoted.

What a spreadsheet could take for a formula is made inert (`bot.exports.spreadsheet.inert`). Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from bot.domain.report.builder import Report
from bot.exports.deterministic_zip import zipped
from bot.exports.printable import visible
from bot.exports.spreadsheet.inert import inert
from bot.exports.spreadsheet.sheets import Sheet, Value, sheets

README = """\
Every table of the checklist, as comma-separated values in UTF-8.

The first line of a file names its columns; their ids stand in brackets. Columns of codes hold option ids
and row ids, which stay the same when labels change; codes.csv lists them.

A text that begins with = + - @, a tab, a line break or an apostrophe has an apostrophe before it, so that
no spreadsheet takes it for a formula. Programs take one leading apostrophe away.

"(unknown)" is a recorded unknown, an empty cell is a blank. Times are UTC.
"""


def comma(report: Report) -> bytes:
    """The zip file."""
    face = [visible(line) for line in report.head.face]
    told = "\n".join([*face, *([""] if face else []), README])
    files = [(f"{sheet.id}.csv", _file(sheet, face)) for sheet in sheets(report)]
    return zipped([("README.txt", told.encode()), *files])


def _file(sheet: Sheet, face: list[str]) -> bytes:
    out = io.StringIO(newline="")
    lines = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerows([inert(line)] for line in face)
    lines.writerow(inert(f"{column.label} [{column.id}]".strip()) for column in sheet.columns)
    lines.writerows([written(value) for value in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def written(value: Value) -> str:
    """A value as CSV holds it."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
        case str():
            return inert(value)
