"""The event `Waived`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bot.domain.checklist import Severity
from bot.domain.events.base import CauseKey, Event, GapKey, Target


class Waived(Event):
    """A lead accepted a gap in their own name until a day; without a reason it is withdrawn.

    ``severity`` is what the gap weighed when it was accepted. Files from before it was kept
    have none; they are read as having accepted a major gap.
    """

    kind: Literal["waived"] = "waived"
    gap: GapKey
    reason: str | None
    until: date | None
    severity: Severity | None = None

    def concerns(self) -> Target | None:
        return self.gap

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("waivers", self.gap),)
