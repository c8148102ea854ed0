"""Which event left what is different as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.events import (
    Answered,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    EvidenceAdded,
    EvidenceRemoved,
    Joined,
    Left,
    Pursued,
    Renamed,
    Rescheduled,
    RoleGiven,
    RowPut,
    RowRemoved,
    TakenBack,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.negotiation import Happened

Key = tuple[str, ...]


def causes_of(tail: Sequence[Happened]) -> Mapping[Key, Happened]:
    """The last event about each thing that can differ."""
    return {key: happened for happened in tail for key in _about(happened)}


def _about(happened: Happened) -> list[Key]:  # noqa: C901, PLR0912 (one case an event)
    match happened.event:
        case Answered(item=item):
            return [(item,)]
        case RowPut(item=item, row=row, cells=cells):
            return [(item,), (item, row), *((item, row, name) for name in cells)]
        case RowRemoved(item=item, row=row):
            return [(item, row)]
        case TakenBack(item=item):
            return [(item, "*")]
        case Claimed(item=item):
            return [(item, "claim")]
        case Confirmed(item=item):
            return [(item,), (item, "looked")]
        case EvidenceAdded(item=item) | EvidenceRemoved(item=item):
            return [(item, "evidence")]
        case Waived(gap=gap) | WaiverExpired(gap=gap) | WaiverReinstated(gap=gap):
            return [("waivers", gap)]
        case Rescheduled():
            return [("talks",)]
        case Joined(person=person) | RoleGiven(person=person):
            return [("person", person)]
        case Renamed(person=person):
            return [("name", person)]
        case Left(person=person):
            return [("person", person), ("owners",)]
        case Assigned(target=target):
            return [("owners", target)]
        case DueSet(target=target):
            return [("dues", target)]
        case Pursued(spot=spot):
            return [("pursuits", spot)]
        case _:
            return []


def last_of(causes: Mapping[Key, Happened], *keys: Key) -> Happened | None:
    """The last event about any of these, None where none is."""
    return max((causes[key] for key in keys if key in causes), key=lambda happened: happened.seq, default=None)
