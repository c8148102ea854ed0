"""The event `Handling`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Handling(Event):
    """A line was set that stands on every page and file taken away, such as a marking; empty for none."""

    kind: Literal["handling"] = "handling"
    text: str

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
