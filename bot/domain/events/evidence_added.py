"""The event `EvidenceAdded`."""

from __future__ import annotations

from typing import Literal

from bot.domain.checklist import ItemId
from bot.domain.events.base import CauseKey, Event, Target
from bot.domain.events.evidence import Evidence


class EvidenceAdded(Event):
    """Evidence was put behind an item."""

    kind: Literal["evidence_added"] = "evidence_added"
    item: ItemId
    evidence: Evidence

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item, "evidence"),)
