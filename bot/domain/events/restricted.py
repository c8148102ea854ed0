"""The event `Restricted`."""

from __future__ import annotations

from typing import Literal

from bot.domain.checklist import SectionId
from bot.domain.events.base import CauseKey, Event, PersonId, Target, of_section


class Restricted(Event):
    """A section is only for these people and the leads from now on; None opens it to everybody again."""

    kind: Literal["restricted"] = "restricted"
    section: SectionId
    people: tuple[PersonId, ...] | None

    def concerns(self) -> Target | None:
        return of_section(self.section)

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
