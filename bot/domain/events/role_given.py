"""The event `RoleGiven`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Role, Target


class RoleGiven(Event):
    """A person was given another role."""

    kind: Literal["role_given"] = "role_given"
    person: PersonId
    role: Role

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("person", self.person),)
