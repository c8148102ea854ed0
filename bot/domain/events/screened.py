"""The event `Screened`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Screened(Event):
    """Who comes by this invitation waits for a lead's word, or no longer; with no ``invite``, whoever comes by any."""

    kind: Literal["screened"] = "screened"
    invite: str = ""  # the hash of its secret
    on: bool

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
