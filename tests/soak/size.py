"""A very full store: a tap takes no longer, and verifying and backing up are done soon."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import upkeep
from bot.core.answers import Text
from bot.core.events import ANY_EVENT, Opened, RowPut
from bot.office import Office
from bot.store import EventRow, Store
from bot.traffic import Arrived
from tests.e2e import KEY
from tests.soak import Figure
from tests.soak.delegation import FIRST, desk_on, library

if TYPE_CHECKING:
    from bot.desk import Desk

TABLE, FIELDS = "steps", ("deliverable", "ours", "theirs")
TIMES, WITHIN = 1.5, 30.0  # of a small store's tap; seconds
AT_WORK = 20  # negotiations in which somebody taps


@dataclass
class Filled:
    """A store with so many answers, and who leads its negotiations."""

    store: Store
    desk: Desk
    answers: int
    numbers: list[int]


def fill(folder: Path, negotiations: int, answers: int) -> Filled:
    """Open negotiations and write answers into them, sealed and chained as the bot does, but many at once."""
    store = Store.open(f"sqlite:///{folder}/data/readiness.db", KEY)
    desk = desk_on(store)
    office, sound = Office(desk), library()["us-china-space"]
    given, numbers = {one.id: "" for one in sound.opening}, []
    leads: list[str] = []
    talks_on = datetime.now(UTC).date() + timedelta(days=120)
    for n in range(negotiations):
        opened = Opened(
            uid=f"size{n}", checklist=sound.digest, counterpart="China", subject="orbits", talks_on=talks_on, given=given
        )
        lead = office.person(f"Lead {n}", lead=True)
        leads.append(lead)
        numbers.append(office.open(lead, opened))
        with store.transaction() as tx:
            tx.link_person(lead, FIRST + numbers[-1])
    each = answers // negotiations
    bodies = [
        ANY_EVENT.dump_json(
            RowPut(item=TABLE, row=f"r{n % 10 + 1}", cells={FIELDS[n // 10 % 3]: Text(text=f"answer {n} given before")})
        )
        for n in range(each)
    ]
    now = datetime.now(UTC).isoformat()
    for number, lead in zip(numbers, leads, strict=True):
        with store.transaction() as tx:
            _write(tx, number, lead, now, bodies)
    return Filled(store, desk, each * negotiations, numbers)


def _write(tx: Any, number: int, by: str, now: str, bodies: list[bytes]) -> None:
    head = tx.head(number)
    rows = [EventRow(head + n, now, by, None, body) for n, body in enumerate(bodies, start=1)]
    if rows:
        tx.append(number, rows, rows[-1].seq)


def taps(there: Filled, count: int) -> tuple[float, float]:
    """Seconds from a tap to its commit, at the 99th percentile; and the longest first tap of a negotiation."""
    update, cold, warm = 10_000, [], []
    for turn in range(count // AT_WORK + 1):
        for number in there.numbers[:: max(1, len(there.numbers) // AT_WORK)][:AT_WORK]:
            update += 1
            packed = f"{number}!pick:{'no' if turn % 2 else 'yes'}@i~crewed"
            begun = time.perf_counter()
            heard = there.desk.hear(Arrived(update, FIRST + number, "Lead", None, 5, packed))
            (warm if turn else cold).append(time.perf_counter() - begun)
            assert heard.known
    return statistics.quantiles(warm, n=100)[98], max(cold)


@dataclass
class Took:
    """Seconds that each took."""

    tap: float
    first: float
    verify: float
    backup: float
    wrong: list[str]


def measured(negotiations: int, answers: int, count: int) -> Took:
    """Fill a store, and measure it."""
    with tempfile.TemporaryDirectory() as name:
        there = fill(Path(name), negotiations, answers)
        tap, first = taps(there, count)
        begun = time.monotonic()
        wrong = upkeep.verify(there.store, desk_on(there.store).archive)
        verified = time.monotonic()
        upkeep.back_up(there.store, Path(name) / "backup")
        backed = time.monotonic()
        there.store.close()
    return Took(tap, first, verified - begun, backed - verified, wrong)
