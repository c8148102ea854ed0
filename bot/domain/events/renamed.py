"""The event `Renamed`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Target


class Renamed(Event):
    """A person is called something else from now on, by their own wish or a lead's."""

    kind: Literal["renamed"] = "renamed"
    person: PersonId
    name: str
    before: str

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("name", self.person),)
