"""Where a delegation stands, in what a picture can hold: the facts of one look, decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.checklist import Severity
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import Readiness, State, readiness
from bot.domain.report.model import ReportGapCount


@dataclass(frozen=True, slots=True)
class SectionBar:
    """One section: settled items, of those that are asked."""

    title: str
    settled: int
    total: int


@dataclass(frozen=True, slots=True)
class WorstGap:
    """The gap to look at first. No owners: nobody has it."""

    severity: Severity
    item: str
    says: str
    owners: tuple[str, ...]
    due: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A day's readiness at a glance. There is no percentage: it could hide a blocker."""

    counterpart: str
    subject: str
    on: date
    talks_on: date
    days_left: int
    state: State
    raw: State
    bars: tuple[SectionBar, ...]
    counts: tuple[ReportGapCount, ...]
    worst: WorstGap | None
    whole: bool = True  # False where some sections are kept from whoever looks


def card(n: Negotiation, on: date) -> Card:
    """The card of a negotiation on a day."""
    verdict = readiness(n, on)
    return Card(
        counterpart=n.counterpart,
        subject=n.subject,
        on=on,
        talks_on=n.talks_on,
        days_left=verdict.days_left,
        state=verdict.state,
        raw=verdict.raw,
        bars=tuple(
            SectionBar(n.words(section.section.title), section.settled, section.total) for section in verdict.sections
        ),
        counts=tuple(
            ReportGapCount(severity, verdict.number(severity), verdict.number(severity, raw=True))
            for severity in Severity
        ),
        worst=_worst(n, verdict, on),
        whole=not n.hidden,
    )


def _worst(n: Negotiation, verdict: Readiness, on: date) -> WorstGap | None:
    if not verdict.gaps:
        return None
    gap = verdict.gaps[0]
    return WorstGap(
        severity=gap.severity,
        item=n.words(n.checklist.item[gap.item].label),
        says=gap.says,
        owners=owners(n, gap),
        due=gap.due,
        late=gap.due is not None and gap.due < on,
    )


def owners(n: Negotiation, gap: Gap) -> tuple[str, ...]:
    """The names of those who have a gap."""
    return tuple(n.name(person) for person in gap.owners)
