"""The event `Assigned`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Target


class Assigned(Event):
    """A section, an item, a gap or an unknown was given to some people, or to nobody."""

    kind: Literal["assigned"] = "assigned"
    target: Target
    people: tuple[PersonId, ...]

    def concerns(self) -> Target | None:
        return self.target

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return (("owners", self.target),)
