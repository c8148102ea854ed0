"""The event `Keep`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.domain.events.base import CauseKey, Event, Target


class Keep(Event):
    """It was said for how many days the talks are kept after they begin, or after they are put away; None: no end."""

    kind: Literal["keep"] = "keep"
    days: Annotated[int, Field(ge=1, le=3650)] | None
    after: Literal["talks", "away"] = "talks"

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
