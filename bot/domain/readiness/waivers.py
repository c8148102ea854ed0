"""The waivers of a negotiation: which hold, which have run out, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.events import GapKey, WaiverExpired
from bot.domain.negotiation import Negotiation, Waiver
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import gaps


@dataclass(frozen=True, slots=True)
class WaiverStatus:
    """One waiver as it stands on a day, with its gap where that is still there."""

    key: GapKey
    waiver: Waiver
    gap: Gap | None
    expired: bool  # and its gap is open again

    @property
    def holds(self) -> bool:
        """Whether the gap is accepted today."""
        return self.gap is not None and self.gap.waiver is not None


def accepted(n: Negotiation, on: date) -> tuple[WaiverStatus, ...]:
    """Every waiver, the soonest to expire first."""
    found = {gap.key: gap for gap in gaps(n, on)} if n.waivers else {}
    every = (
        WaiverStatus(key, waiver, gap := found.get(key), expired=gap is not None and waiver.is_over(on))
        for key, waiver in n.waivers.items()
    )
    return tuple(sorted(every, key=lambda status: (status.waiver.until, status.key)))


def expired(n: Negotiation, on: date) -> tuple[WaiverStatus, ...]:
    """The waivers that ran out over a gap that is still there: until it is closed, renewed or withdrawn."""
    return tuple(status for status in accepted(n, on) if status.expired)


def newly_expired(n: Negotiation, on: date) -> tuple[WaiverExpired, ...]:
    """What is to be written down of waivers whose last day is over and of which nobody saw it yet."""
    return tuple(
        WaiverExpired(gap=gap)
        for gap, waiver in n.judged.waivers.items()
        if waiver.until < on and not waiver.expired_seq
    )
