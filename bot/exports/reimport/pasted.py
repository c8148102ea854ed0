"""An Excel or CSV file of anybody's, as the text that its cells would be if they were pasted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import PurePosixPath

from bot.exports.reimport.reader import (
    IDS_WITHIN,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_WORDS,
    SEND,
    SEND_ONLY,
    SHEET,
    Formula,
    Percentage,
    Raw,
    Unreadable,
    own_table,
    split,
    workbook,
)

OURS = (
    "This file was exported here. Send it under Take away: there each change in it is looked at before it is recorded."
)
INSTEAD = "Send an Excel workbook (.xlsx) or a CSV file with the rows in it."
FEWER = "Send a file with the rows alone."
ENDINGS = (".xlsx", ".csv", ".tsv")
SIGNS = ",;\t"


@dataclass(frozen=True, slots=True)
class PastedSheet:
    """The rows of a file: a line each, with tabs between the cells.

    ``note`` says what of the file was read, and ``trouble`` why nothing was.
    """

    text: str
    note: str = ""
    trouble: str = ""


def is_sheet(name: str) -> bool:
    """Whether a file, by its name, holds rows."""
    return PurePosixPath(name.casefold()).suffix in ENDINGS


def pasted_sheet(body: bytes, name: str) -> PastedSheet:
    """The first sheet with anything in it."""
    try:
        return _read(body, name)
    except Unreadable as error:
        return PastedSheet("", trouble=str(error))


def _read(body: bytes, name: str) -> PastedSheet:
    if PurePosixPath(name.casefold()).suffix == ".xlsx":
        return _of_workbook(body, name)
    rows = _comma(body, name)
    if own_table(name) and any("[" in cell for row in rows[:1] for cell in row):
        raise Unreadable(OURS)
    return PastedSheet(_lines(rows))


def _of_workbook(body: bytes, name: str) -> PastedSheet:
    try:
        filled = [(title, rows) for title, rows in workbook(body, name) if rows]
    except Unreadable as error:
        raise Unreadable(str(error).replace(SEND, INSTEAD).replace(SEND_ONLY, FEWER)) from None
    if not filled:
        raise Unreadable("There is nothing in this workbook.")
    if any(_is_ours(rows) for _, rows in filled):
        raise Unreadable(OURS)
    title, rows = filled[0]
    note = f"Of its {len(filled)} sheets only “{title}” was read." if len(filled) > 1 else ""
    cells = [[_shown(cell) for cell in row] for row in rows]
    if sum(len(cell) for row in cells for cell in row) > MOST_WORDS:  # many cells may share one text
        raise Unreadable(f"This workbook holds more words than are read. {FEWER}")
    return PastedSheet(_lines(cells), note)


def _is_ours(rows: Sequence[Sequence[Raw]]) -> bool:
    return any(isinstance(cell, str) and SHEET.match(cell) for row in rows[:IDS_WITHIN] for cell in row[:1])


def _comma(body: bytes, name: str) -> list[list[str]]:
    encoding = "utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(f"{PurePosixPath(name).name} is not UTF-8. Save it as “CSV UTF-8”.") from None
    read = [list(islice(split(text, sign), MOST_ROWS)) for sign in SIGNS]
    return max(read, key=_columns)


def _columns(rows: Sequence[Sequence[str]]) -> int:
    """How many columns most of the rows have."""
    widths = sorted(len(row) for row in rows if any(row))
    return widths[len(widths) // 2] if widths else 0


def _lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as they are pasted: a cell with a tab, a line end or a quote in it stands in quotes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    # A blank cell at the end of each keeps a single column apart from the lines of one row.
    writer.writerows([*row[:MOST_COLUMNS], ""] if len(row) < 2 else row[:MOST_COLUMNS] for row in rows if any(row))
    return out.getvalue()


def _shown(raw: Raw) -> str:
    """A cell as a person reads it."""
    match raw:
        case None:
            return ""
        case Formula(text=text):
            return text
        case Percentage() as share:
            return f"{share.shown.normalize():f}"
        case datetime() as moment:
            return moment.date().isoformat() if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"
        case date() as day:
            return day.isoformat()
        case float() as number if number.is_integer():
            return str(int(number))
        case _:
            return str(raw)
