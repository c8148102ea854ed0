"""PostgreSQL stops at once, as when its machine does, and starts again, while five people work."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests import postgres
from tests.e2e import TOKEN, command, environment, kennel
from tests.soak import Figure
from tests.soak.faced import SOON, until
from tests.soak.kills import kennels
from tests.soak.work import CLERKS, EVERYBODY, Day, at_work, by_person, in_order, opened, person_ids, wait_for
from tests.telegram_double import TelegramDouble

REPLICAS = 2
WITHIN = 5.0  # seconds after the server takes connections again


class Server:
    """A PostgreSQL that is stopped and started by its own pid."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        """Make an empty cluster, which syncs as one in use does."""
        self._folder, self._binaries = folder, binaries
        self._who = postgres._unprivileged(folder)  # noqa: SLF001
        make = [binaries / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run(make, check=True, cwd=folder, **self._who, **postgres.QUIET)  # type: ignore[call-overload]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"postgresql://tester@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        start = [self._binaries / "postgres", "-D", self._folder / "data", "-k", self._folder, "-h", ""]
        self._process = subprocess.Popen(start, cwd=self._folder, **self._who, **postgres.QUIET)  # type: ignore[call-overload]
        postgres._await(self._binaries, self._folder, self._process)  # noqa: SLF001

    def stop(self, number: int = signal.SIGQUIT) -> None:
        """Stop it; SIGQUIT is its immediate shutdown, without a checkpoint."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=30)
            self._process = None


@contextmanager
def server() -> Iterator[Server]:
    """Give a server that runs, and leave nothing of it behind."""
    found = postgres.binaries()
    if found is None:
        raise RuntimeError("no PostgreSQL here")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    made = Server(folder, found)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Found:
    """What came of it."""

    stops: int = 0
    answers: int = 0
    wrong: int = 0
    slowest: float = 0.0


async def stopped(folder: Path, there: Server, stops: int) -> Found:
    """Let everybody work on while the server stops and starts."""
    found, day, chance = Found(), Day(), random.Random(stops)  # noqa: S311 (a soak must repeat)
    async with TelegramDouble(token=TOKEN) as double:
        people = opened(double, folder, there.url, EVERYBODY)
        running = kennels(double, folder, there.url, "webhook", REPLICAS, LOG_LEVEL="ERROR")
        async with running as dens, at_work(people, day):
            for den in dens:
                await den.start()
            for address in double.delivery.behind:  # one that finds no database at its start says so, and ends
                await serves(address)
            await until(lambda: min(map(len, day.typed.values())) >= 1)
            for _ in range(stops):
                await asyncio.sleep(chance.random())
                await asyncio.to_thread(there.stop)
                await asyncio.sleep(chance.random() / 2)
                await asyncio.to_thread(there.start)
                begun, confirmed = time.monotonic(), double.world.inbox.confirmed
                await until(lambda: double.world.inbox.confirmed > confirmed)  # noqa: B023 (within the loop)
                found.slowest = max(found.slowest, time.monotonic() - begun)
                found.stops += 1
            day.over.set()
            await until(lambda: day.gone_home == set(people), 120)
            await until(lambda: not len(double.world.inbox))
            await wait_for(people, folder, there.url)
            for den in dens:
                await den.end(signal.SIGTERM)
        found.answers = sum(map(len, day.typed.values()))
        found.wrong = await in_order(people, day, environment(double, folder, there.url), folder, there.url)
    return found


async def serves(address: str) -> None:
    """Wait until a replica listens: by then its database is open."""
    place = urlsplit(address)
    async with asyncio.timeout(SOON):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(place.hostname, place.port)
                writer.close()
                return
            await asyncio.sleep(0.05)


async def given_up(folder: Path, there: Server) -> int:
    """How many answers the bot with the bug loses in one stop."""
    async with TelegramDouble(token=TOKEN) as double:
        people = opened(double, folder, there.url, CLERKS)
        env, ids = environment(double, folder, there.url, LOG_LEVEL="ERROR"), person_ids(folder, there.url)
        async with kennel(env, folder, "drop_what_the_database_refused") as den:
            await den.start()
            async with asyncio.timeout(60):
                await double.waits.wait()
            await asyncio.to_thread(there.stop)
            typed = [f"note {n}" for n in range(10)]
            for text in typed:
                await people["Ines"].type(text)
            await until(lambda: not len(double.world.inbox))
            await asyncio.to_thread(there.start)
        got = by_person(json.loads((await command(env, folder, "export", "1"))[1]))
    return len(set(typed) - set(got.get(ids["Ines"], [])))


def soak(*, short: bool) -> list[Figure]:
    """Stop it under load; then below the bot that gives up."""
    with tempfile.TemporaryDirectory() as one, server() as there:
        ours = asyncio.run(stopped(Path(one), there, 1 if short else 50))
    with tempfile.TemporaryDirectory() as two, server() as there:
        bug = asyncio.run(given_up(Path(two), there))
    return [
        Figure(
            "PostgreSQL restarted",
            f"{ours.stops} immediate stops under load, {ours.answers:,} answers, {REPLICAS} replicas",
            "0 lost, 0 twice, back within 5 s",
            met=not ours.wrong and ours.slowest <= WITHIN,
            caught=bool(bug),
            measured=f"{ours.wrong} lost, twice or out of order; back after {ours.slowest:.1f} s at most",
        )
    ]
