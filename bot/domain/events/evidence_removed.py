"""The event `EvidenceRemoved`."""

from __future__ import annotations

from typing import Literal

from bot.domain.checklist import ItemId
from bot.domain.events.base import CauseKey, Event, Target


class EvidenceRemoved(Event):
    """Evidence was taken away."""

    kind: Literal["evidence_removed"] = "evidence_removed"
    item: ItemId
    evidence: str

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item, "evidence"),)
