"""A very full store: a tap takes no longer, and verifying and backing up are done soon."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.application import maintenance
from bot.domain.answers import Text
from bot.domain.events import ANY_EVENT, RowPut
from bot.storage import EventRow
from tests import faults
from tests.api import Delegation, of_process
from tests.soak import Figure

TABLE, FIELDS = "steps", ("deliverable", "ours", "theirs")
TIMES, WITHIN = 1.5, 30.0  # of a small store's tap; seconds
AT_WORK = 20  # negotiations in which somebody taps


@dataclass
class Filled:
    """An installation with so many answers, and the numbers of its negotiations."""

    delegation: Delegation
    answers: int
    numbers: list[int]


def fill(folder: Path, negotiations: int, answers: int) -> Filled:
    """Open negotiations and write answers into them, sealed and chained as the bot does, but many at once."""
    there = of_process(folder)
    there.goes_on()
    day, numbers = datetime.now(UTC).date() + timedelta(days=120), []
    for n in range(negotiations):
        uid, lead = f"size{n}", f"Sample {n} lead"
        numbers.append(there.opens("us-china-space", lead, uid=uid, subject="orbits", talks_on=day))
    each = answers // negotiations
    bodies = [
        ANY_EVENT.dump_json(
            RowPut(item=TABLE, row=f"r{n % 10 + 1}", cells={FIELDS[n // 10 % 3]: Text(text=f"answer {n} given before")})
        )
        for n in range(each)
    ]
    now = datetime.now(UTC).isoformat()
    for n, number in enumerate(numbers):
        with there.store.transaction() as tx:
            _write(tx, number, there.people[f"Sample {n}"], now, bodies)
    return Filled(there, each * negotiations, numbers)


def _write(tx: Any, number: int, by: str, now: str, bodies: list[bytes]) -> None:
    head = tx.head(number)
    rows = [EventRow(head + n, now, by, None, body) for n, body in enumerate(bodies, start=1)]
    if rows:
        tx.append(number, rows, rows[-1].seq)


@dataclass
class Taps:
    """Taps in some negotiations of a store, each timed from its arrival to its commit."""

    there: Filled
    update: int = 10_000
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)

    def round(self) -> None:
        """Somebody taps in each of them; the first time their negotiation has to be read."""
        chosen = self.there.numbers[:: max(1, len(self.there.numbers) // AT_WORK)][:AT_WORK]
        turn = len(self.cold) + len(self.warm)
        for number in chosen:
            self.update += 1
            packed = f"{number}!pick:{'no' if turn // AT_WORK % 2 else 'yes'}@i~crewed"
            lead = self.there.delegation.chat(f"Sample {self.there.numbers.index(number)}")
            tap = lead.update(button=packed, number=self.update)
            begun = time.perf_counter()
            (response,) = self.there.delegation.receives(tap, draws=False)
            (self.warm if turn else self.cold).append(time.perf_counter() - begun)
            assert response.known

    @property
    def p99(self) -> float:
        """Seconds that 99 of 100 taps do not exceed."""
        return statistics.quantiles(self.warm, n=100)[98]


@dataclass(frozen=True)
class Took:
    """What was measured; times in seconds."""

    answers: int
    few: Taps
    many: Taps
    forgetting: Taps
    verify: float
    backup: float
    wrong: list[str]


def verified_afresh(there: Delegation) -> list[str]:
    """What a process that remembers nothing finds wrong."""
    with there.replica() as fresh:
        return fresh.verified()


def measured(negotiations: int, answers: int, few: int, rounds: int) -> Took:
    """Fill two stores and tap in both by turns, so that a busy machine slows both; then verify and back up."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as other:
        large, small = fill(Path(name), negotiations, answers), fill(Path(other), negotiations, few)
        ours = Taps(small), Taps(large)
        for _ in range(rounds):
            for one in ours:
                one.round()
        forgetting = Taps(large, update=10_000_000)
        with faults.on("forget_negotiations"):
            for _ in range(6):
                forgetting.round()
        begun = time.monotonic()
        wrong = verified_afresh(large.delegation)
        verified = time.monotonic()
        maintenance.back_up(large.delegation.store, Path(name) / "backup")
        backed = time.monotonic()
        large.delegation.store.close()
        small.delegation.store.close()
    return Took(large.answers, *ours, forgetting, verified - begun, backed - verified, wrong)


def soak(*, short: bool) -> list[Figure]:
    """Fill, tap, verify, back up."""
    found = measured(20, 6_000, 20, 8) if short else measured(1000, 1_000_000, 1000, 60)
    ratio = found.many.p99 / found.few.p99
    bug = statistics.median(found.forgetting.warm) / statistics.median(found.few.warm)
    return [
        Figure(
            "size",
            f"{found.answers:,} answers over {len(found.many.there.numbers):,} negotiations, "
            f"{len(found.many.warm):,} taps",
            "tap to commit p99 within 1.5 × of a store of 1,000; verify under 30 s; backup under 30 s",
            met=ratio <= TIMES and found.verify < WITHIN and found.backup < WITHIN and not found.wrong,
            caught=bug > TIMES,
            measured=f"p99 {ratio:.2f} × ({1000 * found.many.p99:.0f} ms against {1000 * found.few.p99:.0f} ms; "
            f"a negotiation’s first tap {1000 * max(found.many.cold):.0f} ms at most); "
            f"verify {found.verify:.1f} s; backup {found.backup:.1f} s",
        )
    ]
