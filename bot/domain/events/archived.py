"""The event `Archived`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Archived(Event):
    """The negotiation was put away, or taken up again."""

    kind: Literal["archived"] = "archived"
    archived: bool

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
