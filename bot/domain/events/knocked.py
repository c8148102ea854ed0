"""The event `Knocked`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Role, Target


class Knocked(Event):
    """A person came by an invitation and waits for a lead's word, under the name they have on Telegram."""

    kind: Literal["knocked"] = "knocked"
    person: PersonId
    name: str
    handle: str = ""  # without "@"
    role: Role

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
