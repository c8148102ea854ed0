"""The event `RowPut`."""

from __future__ import annotations

from typing import Literal

from bot.domain.answers import Cell
from bot.domain.checklist import FieldId, ItemId, RowId
from bot.domain.events.base import CauseKey, Event, Target


class RowPut(Event):
    """Cells of a row were written; None blanks a cell. A row not there yet is added."""

    kind: Literal["row_put"] = "row_put"
    item: ItemId
    row: RowId
    cells: dict[FieldId, Cell | None]

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item,), (self.item, self.row), *((self.item, self.row, name) for name in self.cells))
