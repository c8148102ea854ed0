"""Which event left what is different as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.events import CauseKey
from bot.domain.negotiation import Happened


def causes_of(tail: Sequence[Happened]) -> Mapping[CauseKey, Happened]:
    """The last event about each thing that can differ."""
    return {key: happened for happened in tail for key in happened.event.cause_keys()}


def last_of(causes: Mapping[CauseKey, Happened], *keys: CauseKey) -> Happened | None:
    """The last event about any of these, None where none is."""
    return max((causes[key] for key in keys if key in causes), key=lambda happened: happened.seq, default=None)
