"""An edited export coming back: what in it differs from what was exported, as proposed changes.

The file names the negotiation and the event after which it was made. It is compared with the
tables of that moment, so that nothing looks changed only because the talks moved on; whether an
answer has changed since is told when each proposal is looked at. Rows missing from the file are no
proposal, and neither is anything outside the columns of answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.answers import Answer, NotApplicable, Text
from bot.domain.checklist import Asked, Item, ItemId
from bot.domain.negotiation import FORM, VEILED, Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.proposed_changes import ProposedChange, in_order
from bot.domain.report.builder import report
from bot.exports.json.event_validation import unfit
from bot.exports.reimport.cells import Names, Reader, UnreadableCell, empty, read, same, seen, vague
from bot.exports.reimport.reader import Raw, Returned, ReturnedRow, Unreadable
from bot.exports.spreadsheet.sheets import CODE, CODED, Sheet, Value, sheets

MOST = 500  # changes of one file
SEQ = re.compile(r"\d{1,9}")
Key = tuple[str, str, str]  # item, row, field
Exported = Mapping[tuple[str, ...], dict[str, Value]]


@dataclass(frozen=True, slots=True)
class ReimportResult:
    """The changes in a file, and what is to be said of the file as a whole."""

    changes: tuple[ProposedChange, ...]
    note: str = ""


def changes(
    sent: Sequence[ReturnedRow], n: Negotiation, line: Sequence[Happened], reader: Reader = lambda *_: ""
) -> ReimportResult:
    """What the rows of a file propose to change in a negotiation; raises `Unreadable`.

    ``reader`` reads typed dates and choices. One CSV file alone does not say when it was made: it is compared with
    what stands now.
    """
    alone = isinstance(sent, Returned) and sent.alone
    then = n if alone else _then(_seq(sent, n), n, line)
    known = {sheet.id: sheet for sheet in sheets(report(then, line[-1].at, ""))}
    notes = [ALONE] if alone else []
    notes += [_lost(title) for title in _unread(sent, known.values())]
    told = [(known[row.sheet], row) for row in sent if row.sheet in known and _editable(known[row.sheet])]
    exported = {sheet.id: _by_key(sheet) for sheet in {sheet.id: sheet for sheet, _ in told}.values()}
    new = _names_added(then, told)
    found: list[ProposedChange] = []
    met: set[tuple[str, ...]] = set()
    for sheet, row in told:
        found += _of_row(_Place(then, sheet, row, exported[sheet.id], reader, new), met)
        if len(found) > MOST:
            notes.insert(0, f"The file holds more than {MOST} changes: these are the first. Send it again after them.")
            break
    return ReimportResult(tuple(in_order(n, found[:MOST])), " ".join(notes))


ALONE = "A single CSV file does not say when it was made, so it was compared with what stands now."


def _editable(sheet: Sheet) -> bool:
    return any(column.edited for column in sheet.columns)


def _unread(sent: Sequence[ReturnedRow], known: Iterable[Sheet]) -> list[str]:
    """The tables of a file, of those that take changes, whose ids are gone, by their names."""
    lost = {_titled(title) for title in sent.lost} if isinstance(sent, Returned) else set()
    return [name.name for name in known if _editable(name) and {_titled(name.name), _titled(name.id)} & lost]


def _titled(name: str) -> str:
    """What is left of a table's name where a workbook shortens it and leaves out signs."""
    return "".join(char for char in name.casefold() if char.isalnum())[:18]


def _lost(title: str) -> str:
    return (
        f"“{title}” was not read: the ids of its rows or columns are gone (its first column, and the line above the "
        "headings). Make your changes in a sheet as it was exported."
    )


def _names_added(n: Negotiation, told: Sequence[tuple[Sheet, ReturnedRow]]) -> dict[ItemId, set[str]]:
    """What the rows are called that a file adds, by table."""
    found: dict[ItemId, set[str]] = {}
    for sheet, row in told:
        item = n.checklist.item.get(sheet.id.removeprefix("table-"))
        there = row.cells.get(sheet.columns[0].id)
        name = row.cells.get(item.naming.id) if item and item.has_rows else None
        if item and isinstance(name, str) and str(there or "").strip() not in n.record(item.id).rows:
            found.setdefault(item.id, set()).add(name.strip())
    return found


def _seq(sent: Sequence[ReturnedRow], n: Negotiation) -> int:
    """The event after which the file was made, once it is clear that it is of these talks."""
    overview = {row.cells.get("key"): row.cells.get("says") for row in sent if row.sheet == "overview"}
    if not overview:
        raise Unreadable("This file was not made here: its first table (Overview) is missing.")
    if overview.get("uid") != n.uid:
        raise Unreadable("This file is of other talks.")
    version, _, variant = str(overview.get("version") or "").partition(", ")
    if variant != "full":
        raise Unreadable("This is the partner version. Edit a copy of the whole and send that back.")
    seq = SEQ.fullmatch(str(overview.get("seq")))
    if version != "1" or seq is None or not 1 <= int(seq[0]) <= n.seq:
        raise Unreadable("This file does not say when it was made; its first table was changed.")
    return int(seq[0])


def _then(seq: int, n: Negotiation, line: Sequence[Happened]) -> Negotiation:
    """The negotiation as it was after an event."""
    there = opened(line[0], n.checklist)
    for happened in line[1:seq]:
        there = after(there, happened)
    return there


def _key_of(sheet: Sheet) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart: its first ones."""
    return ("item", "field") if sheet.id == "forms" else (sheet.columns[0].id,)


def _by_key(sheet: Sheet) -> Exported:
    """The rows of a table as they were exported, by what tells them apart."""
    ids, length = [column.id for column in sheet.columns], len(_key_of(sheet))
    found: dict[tuple[str, ...], dict[str, Value]] = {}
    for row in sheet.rows:
        found.setdefault(tuple(map(str, row[:length])), dict(zip(ids, row, strict=True)))
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A row of a file, with the table it comes from, and the negotiation as it was then."""

    n: Negotiation
    sheet: Sheet
    row: ReturnedRow
    exported: Exported
    reader: Reader
    new: Names


def _of_row(place: _Place, met: set[tuple[str, ...]]) -> Iterator[ProposedChange]:
    sheet, cells = place.sheet, place.row.cells
    key = tuple(str(cells.get(name) or "").strip() for name in _key_of(sheet))
    exported = place.exported.get(key)
    again = (sheet.id, *key) in met
    met.add((sheet.id, *key))
    if sheet.id.startswith("table-"):
        item = place.n.checklist.item[sheet.id.removeprefix("table-")]
        if exported is None or again:  # a copied row brings its id along
            yield from _new(place, item, key[0] if exported is None else "")
            return
        for field in item.fields:
            yield from _cell(place, exported, field.id, field, (item.id, key[0], field.id))
    elif exported is not None and not again:
        item = place.n.checklist.item[key[0]]
        asked = item.field[key[1]] if sheet.id == "forms" else item
        spot = (item.id, FORM, asked.id) if sheet.id == "forms" else (item.id, "", "")
        yield from _cell(place, exported, "answer", asked, spot)


def _cell(place: _Place, exported: dict[str, Value], column: str, asked: Asked, spot: Key) -> Iterator[ProposedChange]:
    """The change at one cell, if there is one: in its words, or in its code."""
    cells, coded = place.row.cells, column + CODE
    if any(VEILED in str(cells.get(name)) for name in (column, coded)):  # nothing was shown there, so nothing is said
        return
    words = column in cells and not same(cells[column], exported[column])
    codes = coded in cells and asked.kind in CODED and not same(cells[coded], exported.get(coded))
    if not words and not codes:
        return
    item = place.n.checklist.item[spot[0]]
    before = _before(place.n, spot)
    raw: Raw = cells[column] if words else cells[coded]
    change = ProposedChange(item=spot[0], row=spot[1], field=spot[2], before=before, where=place.row.where[column])
    try:
        said = _read(place, item, asked, raw)
        twice = words and codes and said != _read(place, item, asked, cells[coded])
    except UnreadableCell as error:
        yield change.model_copy(update={"why": f"{error}.", "wrote": seen(raw)})
        return
    if twice:
        why = "the answer and its code were both changed, and differ."
        yield change.model_copy(update={"why": why, "wrote": seen(raw)})
    elif said != before:
        yield change.model_copy(update={"said": said, "note": _vague(place, asked, raw)})


def _vague(place: _Place, asked: Asked, raw: Raw) -> str:
    """What is told of words that say nothing; empty for others."""
    return f"“{seen(raw)}” says nothing yet, so it would be recorded as unknown." if vague(place.n, asked, raw) else ""


def _before(n: Negotiation, spot: Key) -> Answer | None:
    record = n.record(spot[0])
    if not spot[2]:
        return record.said
    row = record.rows.get(spot[1])
    return row.said(spot[2]) if row else None


def _read(place: _Place, item: Item, asked: Asked, raw: Raw) -> Answer | None:
    said = read(place.n, asked, raw, place.reader, place.new)
    if isinstance(said, NotApplicable):
        if asked is not item:
            raise UnreadableCell("one cell is blank or unknown; only a whole item does not apply")
        if item.always_applies:
            raise UnreadableCell("this item always applies")
        if not said.reason:
            raise UnreadableCell("say why it does not apply: (not applicable) and the reason")
    if item.has_rows and asked is item and isinstance(said, Text):
        raise UnreadableCell("this is answered in its own table, row by row")
    why = unfit(asked, said)
    if why:
        raise UnreadableCell(why)
    return said


def _new(place: _Place, item: Item, unknown_id: str) -> Iterator[ProposedChange]:
    """A row that was not in the export."""
    cells, said, whys = place.row.cells, {}, []
    if unknown_id:
        whys.append(f"There was no row {unknown_id[:20]}, so this would be a new one.")
    for field in item.fields:
        raw = cells.get(field.id)
        if empty(raw) and field.kind in CODED:
            raw = cells.get(field.id + CODE)
        if empty(raw):
            continue
        try:
            said[field.id] = _read(place, item, field, raw)
            whys += filter(None, [_vague(place, field, raw)])
        except UnreadableCell as error:
            whys.append(f"{place.n.words(field.label)} “{seen(raw)[:100]}” cannot be read: {error}.")
    if said or whys:
        where = place.row.where.get(item.fields[0].id, place.sheet.name)
        yield ProposedChange.model_validate(
            {"item": item.id, "cells": said, "where": where, "why": " ".join(whys)}, from_attributes=True
        )
