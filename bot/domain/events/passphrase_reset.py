"""The event `PassphraseReset`."""

from __future__ import annotations

from typing import Literal

from bot.domain.events.base import CauseKey, Event, PersonId, Target


class PassphraseReset(Event):
    """A lead took a person's passphrase away, so that they choose another."""

    kind: Literal["passphrase_reset"] = "passphrase_reset"
    person: PersonId

    def concerns(self) -> Target | None:
        return None

    def cause_keys(self) -> tuple[CauseKey, ...]:
        return ()
