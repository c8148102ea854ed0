"""The event `WaiverReinstated`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, GapKey, Target


class WaiverReinstated(Event):
    """A lead said that a waiver holds on to its last day, which a clock that ran ahead had seen over."""

    kind: Literal["waiver_reinstated"] = "waiver_reinstated"
    gap: GapKey

    def concerns(self) -> Target | None:
        return self.gap

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("waivers", self.gap),)
