"""The event `Opened`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from bot.domain.events.base import CauseKey, Event, Target


class Opened(Event):
    """A negotiation was opened, on the checklist of this digest."""

    kind: Literal["opened"] = "opened"
    uid: str
    checklist: str
    counterpart: str
    subject: str
    talks_on: date
    given: dict[str, str] = Field(default={})

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
