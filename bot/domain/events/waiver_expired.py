"""The event `WaiverExpired`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, GapKey, Target


class WaiverExpired(Event):
    """It was seen that a waiver's last day is over. No clock that goes back brings it back."""

    kind: Literal["waiver_expired"] = "waiver_expired"
    gap: GapKey

    def concerns(self) -> Target | None:
        return self.gap

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("waivers", self.gap),)
