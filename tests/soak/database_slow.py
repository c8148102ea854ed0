"""The database is locked for long, or slow at every sync: nothing is lost, and nobody waits in silence."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.telegram.bot import ProfileTexts
from tests import faults
from tests.soak import Figure
from tests.soak.delegation import CLERKS, Clerks
from tests.soak.disk import OK, Act, FolderSynced, Synced, watched
from tests.soak.faced import serving, until
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from tests.telegram_double import Person

WITHIN = 5.0  # seconds until a person is told
SYNC = 0.2  # seconds that a slow disk takes for one
TOLD = ProfileTexts().slow


@dataclass
class Found:
    """What came of it."""

    typed: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in CLERKS})
    recorded: dict[str, list[str]] = field(default_factory=dict)
    told_after: float = 0.0
    silent: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Answers that are not there, or not once and in order."""
        return sum(
            len(set(texts) ^ set(self.recorded[name])) + (texts != self.recorded[name])
            for name, texts in self.typed.items()
        )

    async def types(self, name: str, person: Person) -> str:
        """A clerk sends a note."""
        self.typed[name].append(f"note {len(self.typed[name])} of {name}.")
        await person.type(self.typed[name][-1])
        return self.typed[name][-1]


async def locked(folder: Path, seconds: float) -> Found:
    """Another connection holds the whole file; everybody writes meanwhile, one of them late."""
    found, url = Found(), f"sqlite:///{folder}/data/readiness.db"
    there = Clerks(url)
    async with TelegramDouble() as double, serving(there, double) as people:
        for name, person in people.items():
            await person.expect(await found.types(name, person), 60)
        with _lock(folder / "data" / "readiness.db"):
            until_free = time.monotonic() + seconds
            ines, jin = people["Ines"], people["Jin"]
            waits = [asyncio.create_task(_told(ines, found, await found.types("Ines", ines)))]
            await asyncio.sleep(min(2.0, seconds / 4))
            waits.append(asyncio.create_task(_told(jin, found, await found.types("Jin", jin))))
            await asyncio.sleep(until_free - time.monotonic())
            for one in waits:
                found.silent += not one.done()
        for name, person in people.items():
            await until(lambda: found.typed[name][-1] in person.screen.text)  # noqa: B023 (called within the loop)
        await asyncio.gather(*waits)
    _look(there, found)
    return found


async def _told(person: Person, found: Found, text: str) -> None:
    """Wait until a person hears anything about what they wrote."""
    begun = time.monotonic()
    await until(lambda: any(text in one.text or one.text == TOLD for one in person.messages))
    found.told_after = max(found.told_after, time.monotonic() - begun)


def _lock(path: Path) -> _Held:
    return _Held(path)


class _Held:
    """An exclusive lock on a database file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=60)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


async def slow(folder: Path, answers: int) -> Found:
    """Every sync takes 200 ms; people type on without waiting."""
    found = Found()

    def delay(act: Act) -> int:
        if isinstance(act, Synced | FolderSynced):
            time.sleep(SYNC)
        return OK

    there = Clerks(f"sqlite:///{folder}/data/readiness.db")
    there.close()
    with watched(delay):
        there = Clerks(there.url)
        async with TelegramDouble() as double, serving(there, double) as people:
            for _ in range(answers):
                waits = [_told(person, found, await found.types(name, person)) for name, person in people.items()]
                await asyncio.gather(*waits)
            for name, person in people.items():
                await until(lambda: found.typed[name][-1] in person.screen.text)  # noqa: B023 (within the loop)
        _look(there, found)
    return found


def _look(there: Clerks, found: Found) -> None:
    found.recorded = there.notes()
    found.wrong = there.verified()
    there.close()


async def _all(*, short: bool) -> tuple[Found, Found, Found]:
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        with faults.pace(database_slow=0.5) if short else nullcontext():
            lock = await locked(Path(one), 3.5 if short else 30.0)
            syncs = await slow(Path(two), 1 if short else 40)
        with faults.on("never_tell_of_a_slow_database"):
            silent = await locked(Path(three), 1.2 if short else 7.0)
    return lock, syncs, silent


def soak(*, short: bool) -> list[Figure]:
    """Lock the file for half a minute, and slow its disk down."""
    lock, syncs, silent = asyncio.run(_all(short=short))
    lost = lock.lost + syncs.lost
    after = max(lock.told_after, syncs.told_after)
    return [
        Figure(
            "database locked or slow",
            f"exclusive lock for {3.5 if short else 30} s; {len(syncs.typed['Ines']) * 2} answers at 200 ms a sync",
            "0 lost; the person is told within 5 s",
            met=not lost and not lock.silent and not lock.wrong and not syncs.wrong and after <= WITHIN,
            caught=bool(silent.silent),
            measured=f"{lost} lost; told after {lock.told_after:.1f} s at most while locked, "
            f"{syncs.told_after:.1f} s at most with slow syncs",
        )
    ]
