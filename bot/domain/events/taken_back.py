"""The event `TakenBack`."""

from __future__ import annotations

from typing import Literal

from bot.domain.checklist import ItemId
from bot.domain.events.base import CauseKey, Event, Target


class TakenBack(Event):
    """The last change at an item was undone."""

    kind: Literal["taken_back"] = "taken_back"
    item: ItemId

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item, "*"),)
