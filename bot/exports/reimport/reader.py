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
from decimal import Decimal
from itertools import count, islice
from pathlib import PurePosixPath
from typing import Any, Self

from bot.exports.spreadsheet.inert import plain

LARGEST = 20 * 1024 * 1024  # bytes, unpacked
MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 400, 5000, 80
MOST_ROWS_TOGETHER = 50_000  # of all sheets, those that stand empty between two others too
MOST_WORDS = LARGEST  # characters in all cells together: many cells may share one text
# Every tag becomes an object of up to 1 kB when it is read. 5,000 rows of 20 cells have 300,000; what is no sheet
# (styles, names, types) has some hundreds.
MOST_TAGS, MOST_TAGS_BESIDE = 500_000, 50_000
IMAGES = (b"\x89PNG\r\n\x1a\n",)  # may hold anything, and nothing reads it as XML
WIDEST = 10_000  # separators in one line of CSV
SHEET = re.compile(r"(?P<sheet>[a-z][a-z0-9_-]{0,30}):(?P<id>[a-z][a-z0-9_.]{0,40})\Z")
BRACKETED = re.compile(r"\[([a-z][a-z0-9_.]{0,40})\]\Z")
ID_LETTERS = 50  # at the end of a heading, among which its id stands
IDS_WITHIN = 10  # rows from the top in which the ids of the columns stand


class Unreadable(ValueError):
    """Why a file cannot be read at all, in words for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes something, or shows that it could not."""

    text: str


@dataclass(frozen=True, slots=True)
class Percentage:
    """A number in a cell that shows it as per cent: 60 for what holds 0.6."""

    held: Decimal

    @property
    def shown(self) -> Decimal:
        """The number before the per cent sign."""
        return self.held * 100


Raw = str | int | float | date | datetime | Formula | Percentage | None


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One row of a file: where each cell stands, and what is in it, by the ids of the columns."""

    sheet: str
    cells: dict[str, Raw]
    where: dict[str, str]


class Returned(tuple[ReturnedRow, ...]):  # noqa: SLOT001 (it carries two facts beside its rows)
    """The rows of a file. ``lost`` are the tables in it without ids; ``alone``: it is one CSV file of several."""

    lost: tuple[str, ...]
    alone: bool

    def __new__(cls, rows: Iterable[ReturnedRow], lost: Iterable[str] = (), *, alone: bool = False) -> Self:
        """Rows, read here to their end: what is lost is known only then."""
        made = super().__new__(cls, rows)
        made.lost, made.alone = tuple(lost), alone
        return made


def returned(body: bytes, name: str = "") -> Returned:
    """Every row with ids of its columns, from an Excel workbook, a zip of CSV files, or one of these by its name."""
    lost: list[str] = []
    alone = "" if body.startswith(b"PK") else own_table(name)
    rows = _comma({f"{alone}.csv": body}, lost) if alone else _unzipped(body, name, lost)
    return Returned(_within(rows), lost, alone=bool(alone))


def _within(rows: Iterable[ReturnedRow]) -> Iterator[ReturnedRow]:
    """The rows, as long as they are not more, nor of more words, than are read."""
    words = 0
    for row in rows:
        words += sum(len(cell) for cell in row.cells.values() if isinstance(cell, str))
        if words > MOST_WORDS:
            raise Unreadable(f"This file holds more words than are read. {SEND_ONLY}")
        yield row


def _unzipped(body: bytes, name: str, lost: list[str]) -> Iterator[ReturnedRow]:
    parts = _packed(body, name)
    return _excel(body, parts, lost) if WORKBOOK in parts else _comma(parts, lost)


def _packed(body: bytes, name: str) -> dict[str, bytes]:
    """What is packed in a workbook or a zip, by name; `Unreadable` for what is neither."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            parts = _parts(file)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(_other(body, name)) from None
    if found := next((what for part, what in PACKED_OTHERWISE.items() if part in parts), ""):
        raise Unreadable(f"{found} {SEND}")
    if parts.get("mimetype", b"").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        raise Unreadable(
            "This is an OpenDocument spreadsheet (.ods). Save it as an Excel workbook (.xlsx) and send that."
        )
    return parts


WORKBOOK = "[Content_Types].xml"
SEND = "Send the Excel workbook or the CSV files that were exported here, with your changes in them."
SEND_ONLY = "Send back only what was exported here."
PACKED_OTHERWISE = {
    "word/document.xml": "This is a Word document. What is written into one has to be typed here.",
    "ppt/presentation.xml": "This is a PowerPoint presentation.",
    "xl/workbook.bin": "This is a binary Excel workbook (.xlsb), which cannot be read here.",
}
BEGUN_OTHERWISE = {
    b"%PDF": "This is a PDF. What is written into one has to be typed here.",
    b"{": "This looks like a complete file (JSON). The operator takes one in on the server (“readiness import”).",
    b"<": "This is a web page.",
}
DAMAGED = "This Excel workbook is damaged, or not one that can be read."
PROTECTED = "EncryptedPackage".encode("utf-16-le")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # MS-CFB 2.2: how old and protected Office files begin
OWN = re.compile(
    r"(?P<id>overview|items|forms|gaps|questions|tasks|unknowns|evidence|history|points|codes|table-[a-z][a-z0-9_-]{0,30})"
)


def own_table(name: str) -> str:
    """The table of ours that a CSV file holds, by its name and whatever a program added to that; else empty."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = re.sub(r"\Acopy of | - copy| ?\(\d+\)|\.csv\Z", "", path.name.casefold()).strip()
    found = OWN.fullmatch(stem) if path.suffix.casefold() in {".csv", ".txt", ".tsv"} else None
    return found["id"] if found else ""


def _other(body: bytes, name: str) -> str:
    """What a file is that holds no table of ours, and what to send instead."""
    if body.startswith(OLE):
        if PROTECTED in body:
            return "This workbook is protected by a password. Save it without one and send it again."
        return "This is an old Office file (.xls or .doc). Save it as an Excel workbook (.xlsx) and send that."
    start = body[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    told = next((what for begin, what in BEGUN_OTHERWISE.items() if start.startswith(begin)), "")
    if not told and PurePosixPath(name).suffix.casefold() == ".csv":
        told = "This CSV file does not have the name of one of our tables, such as items.csv."
    told = told or "This is neither an Excel workbook (.xlsx) nor a zip of CSV files made here."
    return f"{told} {SEND}"


def _parts(file: zipfile.ZipFile) -> dict[str, bytes]:
    """What is packed in a file, by name; no more of it is unpacked than it says, and that is bounded."""
    entries = [entry for entry in file.infolist() if not entry.is_dir()]
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST:
        raise Unreadable(f"This file is too large when unpacked; at most {LARGEST // 1024 // 1024} MB are read.")
    return {entry.filename: file.read(entry) for entry in entries}


def workbook(body: bytes, name: str) -> list[tuple[str, list[list[Raw]]]]:
    """The sheets of any workbook: their names, and their rows up to the last cell that holds anything.

    Formulas are what they last came to.
    """
    parts = _packed(body, name)
    if WORKBOOK not in parts:
        raise Unreadable("This is no Excel workbook (.xlsx).")
    try:
        book = _book(body, parts, computed=True)
        return [(title, [row for row in map(_trimmed, rows) if row]) for title, rows in _sheets(book)]
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 (openpyxl fails in any way on what is no workbook)
        raise Unreadable(DAMAGED) from None


def _trimmed(row: list[Raw]) -> list[Raw]:
    filled = [nth for nth, cell in enumerate(row) if cell is not None]
    return row[: filled[-1] + 1] if filled else []


def _excel(body: bytes, parts: dict[str, bytes], lost: list[str]) -> Iterator[ReturnedRow]:
    try:
        for title, rows in _sheets(_book(body, parts)):
            yield from _sheet(title, rows, lost)
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 (openpyxl fails in any way on what is no workbook)
        raise Unreadable(DAMAGED) from None


def _sheets(book: Any) -> Iterator[tuple[str, Iterator[list[Raw]]]]:
    """The sheets of a workbook: the name and the rows of each, of all together no more than are read."""
    numbers = count(1)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # a sheet may say of itself that it is a million columns wide
        yield sheet.title, _raws(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS), numbers)


def _book(body: bytes, parts: dict[str, bytes], *, computed: bool = False) -> Any:
    """A workbook that was found harmless; ``computed``: with what formulas came to, in place of them."""
    import openpyxl

    for name, part in parts.items():
        xml = name.endswith((".xml", ".rels", ".vml"))  # a name says little: a workbook may call its parts as it likes
        if _holds(part, "<!ENTITY") or (xml and (b"<!DOCTYPE" in part or b"\x00" in part[:200])):
            raise Unreadable("This workbook holds what no spreadsheet program writes, and was not read.")
        beside = not (_holds(part, "sheetData") or _holds(part, "sst"))
        if beside and part[:8] not in IMAGES and part.count(b"<") > MOST_TAGS_BESIDE:
            raise Unreadable("This workbook holds more styles and names than are read.")
    if sum(part.count(b"<") for part in parts.values() if part[:8] not in IMAGES) > MOST_TAGS:
        raise Unreadable(f"This workbook holds more cells than are read. {SEND_ONLY}")
    return openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=computed, keep_links=False)


def _raws(rows: Iterable[tuple[Any, ...]], numbers: Iterator[int]) -> Iterator[list[Raw]]:
    """What is in each row, an empty list where nothing is. openpyxl puts in rows that are missing, one by one."""
    from openpyxl.cell.read_only import EMPTY_CELL

    for row in rows:
        if next(numbers) > MOST_ROWS_TOGETHER:
            raise Unreadable(f"The rows of this workbook stand too far apart. {SEND_ONLY}")
        yield [] if all(cell is EMPTY_CELL for cell in row) else [_raw(cell) for cell in row]


def _holds(part: bytes, words: str) -> bool:
    """Whether XML says something, in any encoding that a reader of XML takes."""
    return any(words.encode(encoding) in part for encoding in ("ascii", "utf-16-le", "utf-16-be"))


def _raw(cell: Any) -> Raw:
    value = cell.value
    if cell.data_type in {"f", "e"}:
        return Formula(str(value)[:200])
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float) and "%" in str(cell.number_format):
        return Percentage(Decimal(str(value)))
    return value if isinstance(value, str | int | float | date | datetime) or value is None else str(value)


def _sheet(title: str, rows: Iterable[list[Raw]], lost: list[str]) -> Iterator[ReturnedRow]:
    """The rows of one sheet, from below the row that holds the ids; without that row the sheet is lost."""
    ids: dict[int, str] = {}
    sheet, start = "", 0
    for number, row in enumerate(rows, start=1):
        if not ids:
            first = next((found for cell in row[:1] if isinstance(cell, str) and (found := SHEET.match(cell))), None)
            if first:
                sheet, start = first["sheet"], number + 1  # the labels stand below the ids
                ids = {nth: cell for nth, cell in enumerate(row) if isinstance(cell, str)} | {0: first["id"]}
            elif number >= IDS_WITHIN:
                break
        elif number > start and any(cell is not None for cell in row):
            yield ReturnedRow(
                sheet,
                {name: row[nth] for nth, name in ids.items() if nth < len(row)},
                {name: f"{title}, {_letters(nth)}{number}" for nth, name in ids.items()},
            )
    if not ids:
        lost.append(title)


def _letters(nth: int) -> str:
    """The letters of a column: A for 0, AA for 26."""
    letters = ""
    nth += 1
    while nth:
        nth, letter = divmod(nth - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _comma(parts: dict[str, bytes], lost: list[str]) -> Iterator[ReturnedRow]:
    for name, part in parts.items():
        path = PurePosixPath(name.replace("\\", "/"))
        if path.suffix == ".csv" and not path.name.startswith("."):
            try:
                text = part.decode("utf-8-sig")
            except UnicodeDecodeError:
                raise Unreadable(f"{path.name} is not UTF-8. Save it as “CSV UTF-8”.") from None
            yield from _lines(path.name, text, lost)


def _lines(name: str, text: str, lost: list[str]) -> Iterator[ReturnedRow]:
    """The rows of one CSV file; the sign between cells is the one by which most columns have their ids."""
    read = [list(islice(split(text, sign), MOST_ROWS)) for sign in ",;\t"]
    # A program of another country may have taken each line for one cell, and put it in quotes.
    read += [list(islice(split("\n".join(row[0] for row in rows if row), ","), MOST_ROWS)) for rows in read[1:2]]
    headed = [(len(_ids(row)), rows, nth) for rows in read for nth, row in enumerate(rows[:IDS_WITHIN]) if len(row) > 1]
    most, rows, found = max(headed, key=lambda table: table[0], default=(0, [], 0))
    if not most:
        lost.append(own_table(name) or name.removesuffix(".csv"))
        return
    ids = _ids(rows[found])
    for number, row in enumerate(rows[found + 1 :], start=found + 2):
        if any(row):
            cells: dict[str, Raw] = {key: plain(row[nth]) or None for nth, key in ids.items() if nth < len(row)}
            sheet = own_table(name) or name.removesuffix(".csv")
            yield ReturnedRow(sheet, cells, dict.fromkeys(ids.values(), f"{name}, line {number}"))


def split(text: str, sign: str) -> Iterator[list[str]]:
    """The cells of a text, line by line, of which one sign stands between two."""
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
    return {
        nth: found[1] for nth, cell in enumerate(row[:MOST_COLUMNS]) if (found := BRACKETED.search(cell[-ID_LETTERS:]))
    }
