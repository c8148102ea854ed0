"""The event `Internal`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Internal(Event):
    """A section, an item or a field was marked to stay out of the partner version, or released again."""

    kind: Literal["internal"] = "internal"
    target: str  # ``s:allies``, ``asks`` or ``asks.goal``
    internal: bool

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
