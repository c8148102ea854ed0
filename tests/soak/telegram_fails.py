"""A fifth of all calls to Telegram fails: told to wait, refused, broken, unanswered, cut short."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e import TOKEN, environment, kennel, serving
from tests.soak import Figure
from tests.soak.faced import until
from tests.soak.work import CLERKS, EVERYBODY, Day, at_work, in_order, opened, wait_for
from tests.telegram_double import Broken, Fault, Flood, Reset, TelegramDouble
from tests.telegram_double.faults import CutShort, Silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FAULTS = (Flood(1), Broken(502), Reset(), Silent(), CutShort())
SHARE = 0.2

# Else every silence would cost 20 seconds, and 50 for a poll.
QUICK = ("telegram_silence=0.4", "poll=1")


@dataclass
class Found:
    """What came of it."""

    calls: int = 0
    early: int = 0
    answers: int = 0
    wrong: int = 0


async def failing(
    folder: Path,
    answers: int,
    bugs: tuple[str, ...] = (),
    names: tuple[str, ...] = EVERYBODY,
    faults: tuple[Fault, ...] = FAULTS,
    share: float = SHARE,
) -> Found:
    """Let everybody work while calls fail, until each gave so many answers and every phone shows where it stands."""
    async with TelegramDouble(token=TOKEN) as double:
        people = opened(double, folder, "", names)
        day = Day()
        async with kennel(environment(double, folder), folder, *QUICK, *bugs) as den, at_work(people, day):
            for fault in faults:
                double.faults.fail_share(fault, 1 - (1 - share) ** (1 / len(faults)))
            await den.start()
            await until(lambda: min(map(len, day.typed.values())) >= answers, 600)
            day.over.set()
            await until(lambda: day.gone_home == set(people), 120)
            await until(lambda: not len(double.world.inbox), 60)
            await wait_for(people, folder, "")
        found = Found(sum(double.world.calls.values()), len(double.faults.violations))
        found.answers = sum(map(len, day.typed.values()))
        found.wrong = await in_order(people, day, environment(double, folder), folder, "")
        return found


async def conflicts(folder: Path, seconds: float) -> tuple[float, bool, int, str]:
    """Another process polls: how often a second we ask, whether we go on after it; then how a refused token ends."""
    async with TelegramDouble(token=TOKEN) as double:
        people = opened(double, folder, "", EVERYBODY)
        async with serving(environment(double, folder, LOG_LEVEL="WARNING"), folder) as bot:
            async with _refused(double):
                await people["Omar"].type("/summary")
                before = double.world.calls["getUpdates"]
                await asyncio.sleep(seconds)
                asked = double.world.calls["getUpdates"] - before
            await people["Omar"].expect("Worst first:", 60)
            before_end = bot.said
            double.token = "987:other"
            await people["Omar"].type("/summary")
            code = await bot.ended()
            said = bot.said.removeprefix(before_end)
    return asked / seconds, True, code, said


@asynccontextmanager
async def _refused(double: TelegramDouble) -> AsyncIterator[None]:
    double.faults.fail_share(Broken(409), 1.0, "getUpdates")
    double._wake_poll()  # noqa: SLF001 (the poll that waits was let in before)
    try:
        yield
    finally:
        double.faults.clear()


async def _all(*, short: bool) -> tuple[Found, Found, float, int, str]:
    folders = [tempfile.TemporaryDirectory() for _ in range(3)]
    try:
        one, two, three = (Path(folder.name) for folder in folders)
        ours = await failing(one, 6 if short else 100, names=CLERKS if short else EVERYBODY)
        rate, _, code, said = await conflicts(three, 2.0 if short else 20.0)
        deaf = await failing(two, 12, ("ignore_flood_waits",), CLERKS, (Flood(1),), 0.5)
    finally:
        for folder in folders:
            folder.cleanup()
    return ours, deaf, rate, code, said


def soak(*, short: bool) -> list[Figure]:
    """Work through failing calls; then a second poller, and a token that is revoked."""
    ours, deaf, rate, code, said = asyncio.run(_all(short=short))
    ends = code == 78 and said.count("\n") == 1 and TOKEN not in said
    return [
        Figure(
            "Telegram fails",
            f"20 % of {ours.calls:,} calls 429, 502, reset, unanswered, cut short, for {ours.answers:,} answers",
            "no call before `retry_after`; every chat ends at its right place; 409 backs off; 401 exits with one line",
            met=not ours.early and not ours.wrong and rate <= 2 and ends,
            caught=bool(deaf.early),
            measured=f"{ours.early} calls too early, {ours.wrong} answers lost, twice or out of order, "
            f"every chat in its place; {rate:.1f} polls a second under 409; "
            f"401: exit {code}, {said.count(chr(10))} line",
        )
    ]
