"""Two replicas hear the same people's updates at once, in the same negotiation, some of them twice."""

from __future__ import annotations

import multiprocessing
import random
from contextlib import nullcontext
from typing import TYPE_CHECKING

from bot.storage import StoreError
from tests import faults
from tests.postgres import postgres_url
from tests.soak import Figure
from tests.soak.delegation import Clerks, roomy

if TYPE_CHECKING:
    from collections.abc import Sequence

TEAM = tuple(f"Clerk {n}" for n in range(12))
AGAIN = 200  # tries of an update before a replica gives up


def replica(url: str, share: Sequence[tuple[str, str, int]], deaf: bool, seed: int) -> None:  # noqa: FBT001
    """One process that hears its share."""
    there = Clerks(url, TEAM)
    with roomy(), faults.on("hear_again") if deaf else nullcontext():
        _hear(there, share, random.Random(seed))  # noqa: S311 (a soak must repeat)
    there.close()


def _hear(there: Clerks, share: Sequence[tuple[str, str, int]], chance: random.Random) -> None:
    """Hear updates, a few at a time, as the webhook's replicas do."""
    at = 0
    while at < len(share):
        size = chance.choice((1, 1, 1, 3))
        notes = [there.note(*one) for one in share[at : at + size]]
        for _ in range(AGAIN):
            try:
                there.hears(*notes)
                break
            except StoreError:
                continue
        at += size


def race(url: str, updates: int, *, deaf: bool = False) -> tuple[int, int, list[str]]:
    """Let two processes hear so many updates; how many came, how many are not there once, what does not verify."""
    there, chance = Clerks(url, TEAM), random.Random(updates)  # noqa: S311 (a soak must repeat)
    fresh = [(TEAM[n % len(TEAM)], f"note {n}", 10_000 + n) for n in range(updates * 4 // 5)]
    coming = fresh + chance.choices(fresh, k=updates - len(fresh))
    chance.shuffle(coming)
    shares = (coming[::2], coming[1::2])
    made = multiprocessing.get_context("spawn")
    both = [made.Process(target=replica, args=(url, share, deaf, n)) for n, share in enumerate(shares)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    if any(one.exitcode for one in both):
        raise RuntimeError("a replica ended with a fault")
    got = sorted(text for texts in there.notes().values() for text in texts)
    wrong = len(set(got) ^ {text for _, text, _ in fresh}) + len(got) - len(set(got))
    line = [one.seq for one in there.line(1)]
    broken = there.verified()
    broken += [] if line == list(range(1, len(line) + 1)) else ["the line of events has a hole or a fork"]
    there.close()
    return len(coming), wrong, broken


def soak(*, short: bool) -> list[Figure]:
    """Race on one PostgreSQL; then with replicas that do not know what was heard."""
    with postgres_url() as url:
        updates, wrong, broken = race(url, 60 if short else 10_000)
    with postgres_url() as url:
        _, bug, _ = race(url, 60, deaf=True)
    return [
        Figure(
            "two replicas race",
            f"{updates:,} updates, a fifth repeated, same negotiation, two processes on one PostgreSQL",
            "one line of events, no fork",
            met=not wrong and not broken,
            caught=bool(bug),
            measured=f"{wrong} lost or twice; {'verifies as one line' if not broken else '; '.join(broken)[:200]}",
        )
    ]
