"""The event `Exported`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, Target


class Exported(Event):
    """The checklist was taken away as a file; ``form`` is one of `bot.domain.export_formats`."""

    kind: Literal["exported"] = "exported"
    form: str
    variant: Literal["full", "partner"] = "full"

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
