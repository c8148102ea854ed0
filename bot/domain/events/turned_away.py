"""The event `TurnedAway`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Target


class TurnedAway(Event):
    """A person who waited was not let in."""

    kind: Literal["turned_away"] = "turned_away"
    person: PersonId

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
