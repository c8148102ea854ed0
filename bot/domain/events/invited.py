"""The event `Invited`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Role, Target


class Invited(Event):
    """An invitation was made. Only the hash of its secret is kept. ``person``: it signs in somebody who is here."""

    kind: Literal["invited"] = "invited"
    invite: str
    role: Role
    expires_at: datetime
    person: PersonId | None = None

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
