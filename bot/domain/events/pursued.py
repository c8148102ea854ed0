"""The event `Pursued`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Pursued(Event):
    """An unknown became a question for the first session, or a task; None lets it rest again."""

    kind: Literal["pursued"] = "pursued"
    spot: str  # an item, or item/row/field
    course: Literal["question", "task"] | None
    priority: Literal[1, 2, 3] = 2  # 1 comes first

    def concerns(self) -> Target | None:
        return self.spot

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("pursuits", self.spot),)
