"""The event `Claimed`."""

from __future__ import annotations

from typing import Literal

from bot.domain.answers import Claim
from bot.domain.checklist import ItemId
from bot.domain.events.base import CauseKey, Event, Target


class Claimed(Event):
    """A first pass said how far an item is; None takes that back."""

    kind: Literal["claimed"] = "claimed"
    item: ItemId
    claim: Claim | None

    def concerns(self) -> Target | None:
        return self.item

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ((self.item, "claim"),)
