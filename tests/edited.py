"""Exports after somebody typed into them with another program."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import openpyxl

# Sheet, key of the row ("new" for one without an id), column: what is typed there.
Edits = Mapping[tuple[str, str, str], object]


def edited_excel(body: bytes, edits: Edits) -> bytes:
    """The workbook after edits."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    added: dict[tuple[str, str], int] = {}
    for (name, key, column), typed in edits.items():
        sheet = next(one for one in book if str(one["A2"].value).startswith(f"{name}:"))
        ids = {str(cell.value).removeprefix(f"{name}:"): cell.column for cell in sheet[2]}
        row = _row(sheet, key.split("/"))
        if row is None:
            row = added.setdefault((name, key), sheet.max_row + 1)
            sheet.cell(row, 1).value = None if key.startswith("new") else key
        sheet.cell(row, ids[column]).value = typed  # type: ignore[assignment]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(sheet: Any, keys: list[str]) -> int | None:
    rows = sheet.iter_rows(min_row=4)
    return next((row[0].row for row in rows if [str(cell.value) for cell in row[: len(keys)]] == keys), None)


def edited_csv(body: bytes, edits: Edits, sign: str = ",") -> bytes:
    """The CSV files after edits, packed again in a folder; ``sign`` stands between cells."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            text = old.read(entry).decode("utf-8-sig")
            if entry.endswith(".csv"):
                mine = {where[1:]: typed for where, typed in edits.items() if f"{where[0]}.csv" == entry}
                text = "\ufeff" + _edited(text, mine, sign)
            new.writestr(f"folder/{entry}", text)
    return out.getvalue()


def _edited(text: str, edits: Mapping[tuple[str, str], object], sign: str) -> str:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    top = next(nth for nth, row in enumerate(rows) if len(row) > 1)
    ids = [one.rpartition("[")[2].rstrip("]") for one in rows[top]]
    added: dict[str, list[str]] = {}
    for (key, column), typed in edits.items():
        keys = key.split("/")
        row = next((row for row in rows[top + 1 :] if row[: len(keys)] == keys), added.get(key))
        if row is None:
            row = added[key] = ["" if key.startswith("new") else key, *[""] * (len(ids) - 1)]
            rows.append(row)
        row[ids.index(column)] = "" if typed is None else str(typed)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=sign).writerows(rows)
    return out.getvalue()
