"""The event `Answered`."""

from __future__ import annotations

from typing import Literal

from bot.domain.answers import Answer
from bot.domain.checklist import ItemId
from bot.domain.events.base import CauseKey, Event, Target


class Answered(Event):
    """An item without rows was answered; None takes the answer back."""

    kind: Literal["answered"] = "answered"
    item: ItemId
    answer: Answer | None

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item,),)
