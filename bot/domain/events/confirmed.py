"""The event `Confirmed`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.checklist import ItemId, RowId
from bot.domain.events.base import CauseKey, Event, Target


class Confirmed(Event):
    """What stands at an item was looked at again and still holds; with a row, what stands in that row alone.

    ``keeps_signatures``: it changed nothing that is signed. Before that was noted, each confirmation made them void.
    """

    kind: Literal["confirmed"] = "confirmed"
    item: ItemId
    row: RowId | None = None
    keeps_signatures: bool = Field(default=False, exclude_if=lambda keeps: not keeps)  # without it, as it always was

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item,), (self.item, "looked"))
