"""What every event kind says of itself. Who did it and when are in `Happened`."""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.domain.checklist import SectionId

PersonId = str
GapKey = str
How = Literal["chat", "pointer", "sealed"]  # all of it, names and references only, nothing asked: least strict first
Target = str  # what people are given or a day is set for: see `bot.domain.ownership`
SECTION = "s:"  # what a target that is a section begins with
CauseKey = tuple[str, ...]  # a thing that can differ between two states, see `bot.domain.history.causes`


def of_section(section: SectionId) -> Target:
    """A section as a target."""
    return SECTION + section


class Role(StrEnum):
    """What a person is to the delegation."""

    LEAD = "lead"
    MEMBER = "member"
    OBSERVER = "observer"


class Event(BaseModel):
    """Something that happened; who and when are in `Happened`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    @abstractmethod
    def concerns(self) -> Target | None:
        """What this is about, None for what concerns everybody."""

    @abstractmethod
    def cause_keys(self) -> tuple[CauseKey, ...]:
        """The things that can differ because of this."""
