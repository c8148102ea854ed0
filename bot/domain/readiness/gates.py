"""Gates: the days before the talks by which something must be closed, as the checklist says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.checklist import Gate
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import readiness


@dataclass(frozen=True, slots=True)
class GateStatus:
    """How a gate stands on a day: what still keeps it shut, worst first."""

    gate: Gate
    on: date  # the gate's own day
    holding: tuple[Gap, ...]

    @property
    def open(self) -> bool:
        """Whether nothing keeps it shut."""
        return not self.holding


def gates(n: Negotiation, on: date) -> tuple[GateStatus, ...]:
    """Every gate as it stands on a day, the farthest from the talks first. Waived gaps hold nothing."""
    found = readiness(n, on).gaps
    return tuple(_passing(gate, day, found) for gate, day in days(n))


def days(n: Negotiation) -> Iterator[tuple[Gate, date]]:
    """Every gate and its day, the farthest from the talks first."""
    for gate in n.checklist.gates:
        if gate.days < n.talks_on.toordinal():  # none before the calendar begins
            yield gate, n.talks_on - timedelta(days=gate.days)


def next_gate(n: Negotiation, on: date) -> GateStatus | None:
    """The first gate whose day has not gone by."""
    return next((status for status in gates(n, on) if status.on >= on), None)


def _passing(gate: Gate, day: date, found: tuple[Gap, ...]) -> GateStatus:
    holding = (
        gap
        for gap in found
        if (gap.due is not None and gap.due <= day) or (gate.closes and gap.severity.rank <= gate.closes.rank)
    )
    return GateStatus(gate, day, tuple(holding))
