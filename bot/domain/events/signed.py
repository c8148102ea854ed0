"""The event `Signed`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Signed(Event):
    """A lead signed one exact state: for a go, for a go on conditions, or against one."""

    kind: Literal["signed"] = "signed"
    state: str  # `bot.domain.sign_off.state_hash` of what was signed
    verdict: Literal["go", "conditional", "no_go"]
    words: str = ""  # the conditions, or the dissent

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
