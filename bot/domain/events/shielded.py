"""The event `Shielded`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, How, Target


class Shielded(Event):
    """How much of a target a chat on somebody else's servers may carry from now on; see `domain.access.redaction`."""

    kind: Literal["shielded"] = "shielded"
    target: Target  # ``s:allies``, ``asks``, or empty for the negotiation as a whole
    how: How

    def concerns(self) -> Target | None:
        return self.target or None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
