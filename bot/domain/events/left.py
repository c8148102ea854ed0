"""The event `Left`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Target


class Left(Event):
    """A person was removed from the delegation, or left it."""

    kind: Literal["left"] = "left"
    person: PersonId

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("person", self.person), ("owners",))
