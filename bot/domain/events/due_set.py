"""The event `DueSet`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class DueSet(Event):
    """A day was set by hand by which something is to be settled; None goes back to what the checklist says."""

    kind: Literal["due_set"] = "due_set"
    target: Target
    day: date | None

    def concerns(self) -> Target | None:
        return self.target

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("dues", self.target),)
