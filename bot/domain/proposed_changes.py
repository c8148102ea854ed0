"""Changes that an edited file proposes. Nothing is recorded before a lead has looked at each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter

from bot.domain.answers import Answer, Pointer, Saying, Text
from bot.domain.answers import Cell as RowCell
from bot.domain.checklist import Asked, FieldId, ItemId, RowId
from bot.domain.events import Answered, AnyEvent, RowPut
from bot.domain.negotiation import FORM, Held, Negotiation
from bot.domain.projection import new_row

NEW = "+"  # before the name of a row that is only in the file; no row's id begins so


class ProposedChange(Saying):
    """One answer that differs in an edited file, or (``cells``) one row that is new in it.

    ``field`` is empty for an item's own answer. ``before`` is what stood there when the file was made.
    ``where`` names sheet and cell. ``why`` says what of it cannot be read; ``wrote`` is what it says there; ``note``
    is what is to be said of what was read. A pointer at a row that is new in the same file holds its name after `NEW`.
    """

    item: ItemId
    row: RowId = ""
    field: FieldId = ""
    before: Answer | None = None
    said: Answer | None = None
    cells: dict[FieldId, RowCell] | None = None
    where: str = ""
    why: str = ""
    wrote: str = ""
    note: str = ""

    @property
    def readable(self) -> bool:
        """Whether there is something that could be recorded."""
        return bool(self.cells) if self.cells is not None else not self.why

    def asked(self, n: Negotiation) -> Asked:
        """The question whose answer changes."""
        item = n.checklist.item[self.item]
        return item.field[self.field] if self.field else item

    def held(self, n: Negotiation) -> Held | None:
        """What stands there now."""
        record = n.record(self.item)
        if not self.field:
            return record.answer
        row = record.rows.get(self.row)
        return row.cells.get(self.field) if row else None

    def now(self, n: Negotiation) -> Answer | None:
        """The answer that stands there now, None for a blank."""
        held = self.held(n)
        return held.said if held else None

    def event(self, n: Negotiation, made: int = 0) -> AnyEvent:
        """The event that records it; ``made`` rows were added to this table just before."""
        if self.cells is not None:
            return RowPut(item=self.item, row=_fresh(n, self.item, made), cells=dict(self.cells))
        if not self.field:
            return Answered(item=self.item, answer=self.said)
        return RowPut.model_validate(
            {"item": self.item, "row": self.row, "cells": {self.field: self.said}}, from_attributes=True
        )

    def pointing(self, n: Negotiation, added: Mapping[tuple[ItemId, str], RowId]) -> ProposedChange:
        """The same with its pointers at new rows leading to those that were added, or stand in their tables now."""
        table = n.checklist.item[self.item].field

        def led(field: FieldId, said: Answer | None) -> Answer | None:
            asked = table.get(field)
            if not (isinstance(said, Pointer) and said.row.startswith(NEW) and asked and asked.of):
                return said
            name, item = said.row.removeprefix(NEW), n.checklist.item[asked.of]
            there = [row.id for row in n.record(item.id).rows.values() if n.row_label(item, row).strip() == name]
            row = added.get((item.id, name)) or (there[0] if len(there) == 1 else said.row)
            return Pointer(row=row)

        if self.cells is None:
            return self.model_copy(update={"said": led(self.field, self.said)})
        return self.model_copy(update={"cells": {name: led(name, said) for name, said in self.cells.items()}})

    def awaits(self, n: Negotiation) -> tuple[tuple[ItemId, str], ...]:
        """The rows, new in the same file, that it points at and that are not there yet: table and name of each."""
        said = {self.field: self.said} if self.cells is None else {**self.cells}
        fields = n.checklist.item[self.item].field
        return tuple(
            (fields[name].of or "", answer.row.removeprefix(NEW))
            for name, answer in said.items()
            if isinstance(answer, Pointer) and answer.row.startswith(NEW)
        )

    def name(self, n: Negotiation) -> str:
        """What the new row is called; empty for no new row."""
        named = self.cells.get(n.checklist.item[self.item].naming.id) if self.cells else None
        return named.text.strip() if isinstance(named, Text) else ""


def in_order(n: Negotiation, changes: Iterable[ProposedChange]) -> list[ProposedChange]:
    """The changes with every new row before what points at it, as far as such an order exists."""
    left, ordered, named = list(changes), list[ProposedChange](), set[tuple[ItemId, str]]()
    while left:
        ready = [change for change in left if named.issuperset(change.awaits(n))] or left
        ordered += ready
        named |= {(change.item, change.name(n)) for change in ready}
        left = [change for change in left if change not in ready]
    return ordered


def in_words_of(n: Negotiation, asked: Asked, said: Answer | None) -> str:
    """A proposed answer in words."""
    if isinstance(said, Pointer) and said.row.startswith(NEW):
        return f"{said.row.removeprefix(NEW)} (new in this file)"
    return n.shown(asked, said)


CHANGES: TypeAdapter[tuple[ProposedChange, ...]] = TypeAdapter(tuple[ProposedChange, ...])


def _fresh(n: Negotiation, item: ItemId, made: int) -> RowId:
    """An id for a new row when others, not recorded yet, come before it."""
    record = n.record(item)
    first = new_row(record)
    number, left = int(first[1:]), made
    while left or f"r{number}" in record.rows:
        left -= f"r{number}" not in record.rows
        number += 1
    return f"r{number}"


def changed_since(change: ProposedChange, n: Negotiation) -> bool:
    """Whether the answer is another than when the file was made, and not the proposed one either."""
    if change.cells is not None:
        return False
    now = change.now(n)
    return now not in (change.before, change.said)


def settled(change: ProposedChange, n: Negotiation) -> bool:
    """Whether there is nothing to do: it stands there already."""
    return change.cells is None and change.readable and change.now(n) == change.said


def gone(change: ProposedChange, n: Negotiation) -> bool:
    """Whether the row was removed since the file was made."""
    return bool(change.row) and change.row not in n.record(change.item).rows


def called(change: ProposedChange, n: Negotiation) -> str:
    """Where a change is: item, row, field."""
    item = n.checklist.item[change.item]
    parts = [n.words(item.label)]
    row = n.record(item.id).rows.get(change.row)
    if row and row.id != FORM:
        parts.append(f"“{n.row_label(item, row)}”")
    if change.field:
        parts.append(n.words(change.asked(n).label))
    if change.cells is not None:
        parts.append("a new row")
    return " › ".join(parts)


def in_words(change: ProposedChange, n: Negotiation) -> str:
    """A change as one line: where, what stands there now, what is proposed, and what is in the way."""
    place = f"{called(change, n)} ({change.where})"
    item = n.checklist.item[change.item]
    if change.cells is not None:
        asks = ((item.field[name], said) for name, said in change.cells.items())
        cells = "; ".join(f"{n.words(field.label)} {in_words_of(n, field, said)}" for field, said in asks)
        return f"{place}: {cells or 'nothing that can be read'}{f'. {change.why}' if change.why else ''}"
    asked = change.asked(n)
    if change.why:
        return f"{place}: “{change.wrote}” cannot be read: {change.why}"
    since = f"; changed since the file was made, when it was {n.shown(asked, change.before)}"
    gone_now = "; the row was removed since the file was made" if gone(change, n) else ""
    changed = since if changed_since(change, n) and not gone_now else ""
    note = f". {change.note}" if change.note else ""
    now = n.shown(asked, change.now(n))
    return f"{place}: {now} → {in_words_of(n, asked, change.said)}{changed}{gone_now}{note}"
