"""Updates come twice, shuffled, with numbers that jump down; the clock jumps a day back and forth."""

from __future__ import annotations

import random
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.dialog.screens.team import INVITE_DAYS, hashed
from bot.storage import InviteRow
from tests import faults
from tests.api import Update
from tests.soak import Figure
from tests.soak.delegation import CLERKS, Clerks

DAY = timedelta(days=1)
NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)


@dataclass
class Found:
    """What came of it."""

    updates: int = 0
    wrong: int = 0
    broken: list[str] = field(default_factory=list)
    let_in_late: int = 0
    tried_late: int = 0


class Wall:
    """A clock that is wrong by up to a day, either way."""

    def __init__(self, seed: int) -> None:
        self.true = NOON
        self._chance = random.Random(seed)  # noqa: S311 (a soak must repeat)

    def __call__(self) -> datetime:
        """What it shows now."""
        return self.true + self._chance.choice((0, 0, 1, -1)) * DAY * self._chance.random()


def updates(folder: Path, answers: int, *, deaf: bool = False) -> Found:
    """Hear every note several times, in any order, under numbers that begin anew twice."""
    wall, chance, found = Wall(answers), random.Random(7), Found()  # noqa: S311 (a soak must repeat)
    there = Clerks(f"sqlite:///{folder}/data/readiness.db", clock=wall)
    typed: dict[str, list[str]] = {name: [] for name in CLERKS}
    with faults.on("hear_again") if deaf else nullcontext():
        for start in (730_000_000, 5, 400_000):  # Telegram numbers anew at random, also downwards
            fresh = []
            for n in range(answers // 3):
                name = chance.choice(CLERKS)
                typed[name].append(f"note {start} {n}")
                fresh.append(there.note(name, typed[name][-1], start + n))
            found.updates += _heard(there, fresh, chance, wall)
    got = there.notes()
    found.wrong = sum(len(set(typed[name]) ^ set(got[name])) + len(got[name]) - len(set(got[name])) for name in CLERKS)
    with there.replica() as fresh:
        found.wrong += fresh.chat("Ines").screen.title != there.chat("Ines").screen.title
        found.broken = fresh.verified()
    there.close()
    return found


def _heard(there: Clerks, fresh: list[Update], chance: random.Random, wall: Wall) -> int:
    """Hear some updates with repeats among them, shuffled within reach of each other, some together."""
    coming = fresh + chance.choices(fresh, k=len(fresh) // 2)
    order = sorted(
        range(len(coming)), key=lambda n: (n if n < len(fresh) else chance.random() * len(fresh)) + chance.random() * 40
    )
    shuffled, at = [coming[n] for n in order], 0
    while at < len(shuffled):
        size = chance.choice((1, 1, 2, 8))
        there.hears(*shuffled[at : at + size])
        wall.true += timedelta(seconds=size)
        at += size
    return len(shuffled)


def invitations(folder: Path, tries: int) -> Found:
    """Use each invitation late: once its days are over it lets nobody in, though the clock is set back then."""
    chance, found, at = random.Random(11), Found(), [NOON]  # noqa: S311 (a soak must repeat)
    there = Clerks(f"sqlite:///{folder}/data/readiness.db", clock=lambda: at[0])
    made = NOON
    for n in range(tries):
        made += DAY * 30
        at[0] = made
        there.is_alive()
        with there.store.transaction() as tx:
            expires = (made + DAY * INVITE_DAYS).isoformat()
            tx.add_invite(InviteRow(hashed(f"secret{n}"), there.number, "member", None, expires))
        late = made + DAY * (INVITE_DAYS + 0.1 + chance.random())
        at[0] = late
        there.is_alive()  # the bot runs; then its clock is set back
        at[0] = late - DAY * chance.choice((0, 1))
        found.tried_late += 1
        found.let_in_late += there.chat(f"Late {n}").types(f"/start secret{n}", shown=False).known
        made = late
    there.close()
    return found


def soak(*, short: bool) -> list[Figure]:
    """Shuffle, repeat, renumber; then come late with a clock that was set back."""
    size, tries = (150, 20) if short else (6000, 1000)
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        ours, bug = updates(Path(one), size), updates(Path(two), 150, deaf=True)
        late = invitations(Path(three), tries)
    return [
        Figure(
            "disorder",
            f"{ours.updates:,} updates, a third repeats, shuffled, numbers jumping down, clock ± 1 day; "
            f"{late.tried_late:,} invitations used after their end, half with the clock set back a day",
            "each once; expiry fails closed",
            met=not ours.wrong and not ours.broken and not late.let_in_late,
            caught=bool(bug.wrong),
            measured=f"{ours.wrong} lost or twice; {late.let_in_late} let in late",
        )
    ]
