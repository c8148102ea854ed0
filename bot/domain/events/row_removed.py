"""The event `RowRemoved`."""

from __future__ import annotations

from typing import Literal

from bot.domain.checklist import ItemId, RowId
from bot.domain.events.base import CauseKey, Event, Target


class RowRemoved(Event):
    """A row was taken out of its table."""

    kind: Literal["row_removed"] = "row_removed"
    item: ItemId
    row: RowId

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item, self.row),)
