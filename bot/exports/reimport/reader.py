"""The cells of an Excel or CSV file that somebody sends: bounded, inert, and nothing but cells.

A file can be made to do harm: to unpack into gigabytes, to name itself a million rows long, to
hold formulas, or XML that expands. Sizes are looked at before anything is unpacked, document type
definitions (which no spreadsheet program writes) are refused, and formulas are told as such.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

LARGEST = 20 * 1024 * 1024  # bytes, unpacked
MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 400, 5000, 80
# Every tag becomes an object of up to 1 kB when it is read. 5,000 rows of 20 cells have 300,000; what is no sheet
# (styles, names, types) has some hundreds.
MOST_TAGS, MOST_TAGS_BESIDE = 500_000, 50_000
IMAGES = (b"\x89PNG\r\n\x1a\n",)  # may hold anything, and nothing reads it as XML
WIDEST = 10_000  # separators in one line of CSV
SHEET = re.compile(r"(?P<sheet>[a-z][a-z0-9_-]{0,30}):(?P<id>[a-z][a-z0-9_.]{0,40})\Z")
BRACKETED = re.compile(r"\[([a-z][a-z0-9_.]{0,40})\]\Z")
IDS_WITHIN = 10  # rows from the top in which the ids of the columns stand


class Unreadable(ValueError):
    """Why a file cannot be read at all, in words for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes something, or shows that it could not."""

    text: str


Raw = str | int | float | date | datetime | Formula | None


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One row of a file: where each cell stands, and what is in it, by the ids of the columns."""

    sheet: str
    cells: dict[str, Raw]
    where: dict[str, str]


def returned(body: bytes) -> tuple[ReturnedRow, ...]:
    """Every row with ids of its columns, from an Excel workbook or from a zip of CSV files."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            parts = _parts(file)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("This is neither an Excel workbook (.xlsx) nor a zip of CSV files made here.") from None
    if "[Content_Types].xml" in parts:
        return tuple(_excel(body, parts))
    return tuple(_comma(parts))


def _parts(file: zipfile.ZipFile) -> dict[str, bytes]:
    """What is packed in a file, by name; no more of it is unpacked than it says, and that is bounded."""
    entries = [one for one in file.infolist() if not one.is_dir()]
    if len(entries) > MOST_PARTS or sum(one.file_size for one in entries) > LARGEST:
        raise Unreadable(f"This file is too large when unpacked; at most {LARGEST // 1024 // 1024} MB are read.")
    return {one.filename: file.read(one) for one in entries}


def _excel(body: bytes, parts: dict[str, bytes]) -> Iterator[ReturnedRow]:
    import openpyxl

    for name, part in parts.items():
        xml = name.endswith((".xml", ".rels", ".vml"))  # a name says little: a workbook may call its parts as it likes
        if _holds(part, "<!ENTITY") or (xml and (b"<!DOCTYPE" in part or b"\x00" in part[:200])):
            raise Unreadable("This workbook holds what no spreadsheet program writes, and was not read.")
        beside = not (_holds(part, "sheetData") or _holds(part, "sst"))
        if beside and part[:8] not in IMAGES and part.count(b"<") > MOST_TAGS_BESIDE:
            raise Unreadable("This workbook holds more styles and names than are read.")
    if sum(part.count(b"<") for part in parts.values() if part[:8] not in IMAGES) > MOST_TAGS:
        raise Unreadable("This workbook holds more cells than are read. Send back only what was exported here.")
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        for there in book.worksheets:
            there.reset_dimensions()  # a sheet may say of itself that it is a million columns wide
            rows = there.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
            yield from _sheet(there.title, ([_raw(cell) for cell in row] for row in rows))
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 (openpyxl fails in any way on what is no workbook)
        raise Unreadable("This Excel workbook is damaged, or not one that can be read.") from None


def _holds(part: bytes, words: str) -> bool:
    """Whether XML says something, in any encoding that a reader of XML takes."""
    return any(words.encode(encoding) in part for encoding in ("ascii", "utf-16-le", "utf-16-be"))


def _raw(cell: Any) -> Raw:
    value = cell.value
    if cell.data_type in {"f", "e"}:
        return Formula(str(value)[:200])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str | int | float | date | datetime) or value is None else str(value)


def _sheet(title: str, rows: Iterable[list[Raw]]) -> Iterator[ReturnedRow]:
    """The rows of one sheet, from below the row that holds the ids."""
    ids: dict[int, str] = {}
    sheet, start = "", 0
    for number, row in enumerate(rows, start=1):
        if not ids:
            first = next((found for one in row[:1] if isinstance(one, str) and (found := SHEET.match(one))), None)
            if first:
                sheet, start = first["sheet"], number + 1  # the labels stand below the ids
                ids = {nth: one for nth, one in enumerate(row) if isinstance(one, str)} | {0: first["id"]}
            elif number >= IDS_WITHIN:
                return
        elif number > start and any(one is not None for one in row):
            yield ReturnedRow(
                sheet,
                {name: row[nth] for nth, name in ids.items() if nth < len(row)},
                {name: f"{title}, {_letters(nth)}{number}" for nth, name in ids.items()},
            )


def _letters(nth: int) -> str:
    """The letters of a column: A for 0, AA for 26."""
    letters = ""
    nth += 1
    while nth:
        nth, letter = divmod(nth - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _comma(parts: dict[str, bytes]) -> Iterator[ReturnedRow]:
    for name, part in parts.items():
        path = PurePosixPath(name.replace("\\", "/"))
        if path.suffix == ".csv" and not path.name.startswith("."):
            try:
                text = part.decode("utf-8-sig")
            except UnicodeDecodeError:
                raise Unreadable(f"{path.name} is not UTF-8. Save it as “CSV UTF-8”.") from None
            yield from _lines(path.name, text)


def _lines(name: str, text: str) -> Iterator[ReturnedRow]:
    """The rows of one CSV file; which sign stands between cells is seen from its first line of ids."""
    from bot.exports.spreadsheet.csv import plain

    for sign in ",;\t":
        rows = list(islice(_split(text, sign), MOST_ROWS))
        found = next((nth for nth, row in enumerate(rows[:IDS_WITHIN]) if len(row) > 1 and _ids(row)), None)
        if found is not None:
            break
    else:
        return
    ids = _ids(rows[found])
    for number, row in enumerate(rows[found + 1 :], start=found + 2):
        if any(row):
            cells: dict[str, Raw] = {one: plain(row[nth]) or None for nth, one in ids.items() if nth < len(row)}
            yield ReturnedRow(name.removesuffix(".csv"), cells, dict.fromkeys(ids.values(), f"{name}, line {number}"))


def _split(text: str, sign: str) -> Iterator[list[str]]:
    csv.field_size_limit(LARGEST)
    try:
        yield from csv.reader(_bounded(text, sign), delimiter=sign)
    except csv.Error as error:
        raise Unreadable(f"A CSV file is damaged: {error}.") from None


def _bounded(text: str, sign: str) -> Iterator[str]:
    """The lines of a text, none of them of more cells than any table has."""
    for line in io.StringIO(text, newline=""):
        if line.count(sign) > WIDEST:
            raise Unreadable("A CSV file holds more cells in a line than are read.")
        yield line


def _ids(row: list[str]) -> dict[int, str]:
    return {nth: found[1] for nth, one in enumerate(row[:MOST_COLUMNS]) if (found := BRACKETED.search(one))}
