"""The event `Rescheduled`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Rescheduled(Event):
    """The talks were moved to another day."""

    kind: Literal["rescheduled"] = "rescheduled"
    talks_on: date

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("talks",),)
