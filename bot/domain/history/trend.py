"""How the open gaps came and went: their numbers at the end of each day, from the opening to today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.access.need_to_know import without
from bot.domain.checklist import Checklist, SectionId, Severity
from bot.domain.events import PersonId
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.readiness.gates import days
from bot.domain.readiness.readiness import gaps_once
from bot.domain.report.model import ReportGapCount

DAYS = 120  # looked at, at most; a longer time is looked at every second day, or every third
FEW = 30  # of a negotiation in which so much is written that each day costs a lot
WORK = 30_000  # days times events, at most, until those few
MARKED = 6  # days with signatures; beside more nothing could be read


class TrendMarkKind(StrEnum):
    """What is marked in the time before the talks."""

    GATE = "gate"
    SIGN_OFF = "sign-off"
    DISSENT = "dissent"


@dataclass(frozen=True, slots=True)
class TrendMark:
    """A day to be seen in the picture, and its short name."""

    day: date
    label: str
    sort: TrendMarkKind


@dataclass(frozen=True, slots=True)
class DayCount:
    """The gaps at the end of a day, by severity, worst first."""

    day: date
    counts: tuple[ReportGapCount, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """The days looked at, oldest first; the last is ``on``."""

    counterpart: str
    opened_on: date
    on: date
    talks_on: date
    tallies: tuple[DayCount, ...]
    marks: tuple[TrendMark, ...] = ()


Known = MutableMapping[tuple[int, date], DayCount]


def trend(
    line: Sequence[Happened],
    checklist: Checklist,
    on: date,
    *,
    marks: tuple[TrendMark, ...] = (),
    known: Known | None = None,
    hidden: frozenset[SectionId] = frozenset(),
) -> Trend:
    """Fold a negotiation's whole line of events once, and judge it at the end of each day.

    Gaps of ``hidden`` sections are not counted.

    A past day does not change any more: ``known`` keeps what was found, by the last event
    and the day, for the next time.
    """
    began = line[0].at.date()
    n = opened(line[0], checklist)
    folded = 1
    known = {} if known is None else known
    tallies = []
    for day in _days(began, on, min(DAYS, max(FEW, WORK // len(line)))):
        while folded < len(line) and (line[folded].at.date() <= day or day == on):
            n = after(n, line[folded])
            folded += 1
        if (n.seq, day) not in known:
            known[n.seq, day] = _tally(without(n, hidden) if hidden else n, day)
        tallies.append(known[n.seq, day])
    return Trend(n.counterpart, min(began, on), on, n.talks_on, tuple(tallies), marks)


def marks(n: Negotiation) -> tuple[TrendMark, ...]:
    """The days on which leads signed, the latest few, and those of the gates; signatures that are void too."""
    signed: dict[tuple[date, TrendMarkKind], list[PersonId | None]] = {}
    for signature in n.signatures:
        sort = TrendMarkKind.DISSENT if signature.verdict == "no_go" else TrendMarkKind.SIGN_OFF
        signed.setdefault((signature.at.date(), sort), []).append(signature.by)
    given = [TrendMark(day, _signed(n, people, sort), sort) for (day, sort), people in signed.items()]
    passed = [TrendMark(day, f"T−{gate.days}", TrendMarkKind.GATE) for gate, day in days(n)]
    return (*given[-MARKED:], *passed)


def _signed(n: Negotiation, people: Sequence[PersonId | None], sort: TrendMarkKind) -> str:
    """Who signed on a day, each counted once."""
    names = {person: n.name(person) for person in people}
    who = str(len(names)) if len(names) > 1 else next(iter(names.values()))
    return f"{who} against" if sort == TrendMarkKind.DISSENT else f"{who} signed"


def _days(first: date, last: date, most: int) -> Iterator[date]:
    """The days to look at, from the first in equal steps, and the last. Those past stay the same tomorrow."""
    length = max((last - first).days, 0)
    for step in range(0, length, length // most + 1):
        yield first + timedelta(days=step)
    yield last


def _tally(n: Negotiation, day: date) -> DayCount:
    found = gaps_once(n, day)
    raw = Counter(gap.severity for gap in found)
    still = Counter(gap.severity for gap in found if not gap.waiver)
    return DayCount(day, tuple(ReportGapCount(severity, still[severity], raw[severity]) for severity in Severity))
