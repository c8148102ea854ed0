"""The event `Passphrases`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Passphrases(Event):
    """Whether our own pages ask everybody of these talks for a passphrase of their own from now on."""

    kind: Literal["passphrases"] = "passphrases"
    on: bool

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
