"""The event `Joined`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Role, Target


class Joined(Event):
    """A person joined the delegation."""

    kind: Literal["joined"] = "joined"
    person: PersonId
    name: str
    role: Role

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("person", self.person),)
