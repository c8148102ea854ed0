"""The bot is killed at random moments while five people work."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import tempfile
from bisect import bisect
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e import TOKEN, command, environment, kennel
from tests.postgres import postgres_url
from tests.soak import Figure
from tests.soak.faced import until
from tests.soak.work import (
    ACKNOWLEDGE_FIRST,
    CLERKS,
    EVERYBODY,
    Day,
    at_work,
    by_person,
    in_order,
    opened,
    person_ids,
    some_time,
    wait_for,
)
from tests.telegram_double import TelegramDouble

MODES = ("polling",)  # how updates come; "webhook" too, once READINESS_UPDATES knows it
DATABASES = ("sqlite", "postgresql")


@dataclass
class Found:
    """What came of it."""

    kills: int = 0
    answers: int = 0
    wrong: int = 0
    repeated: int = 0
    most: int = 0  # messages repeated in one chat after one kill
    marks: list[int] = field(default_factory=list)


def settings(mode: str) -> dict[str, str]:
    """What lets updates come that way."""
    return {} if mode == "polling" else {"READINESS_UPDATES": mode}


async def killed(folder: Path, database: str, mode: str, kills: int) -> Found:
    """Let everybody work on while the bot is killed and started again."""
    found, day = Found(), Day()
    chance = random.Random(kills)  # noqa: S311 (a soak must repeat)
    async with TelegramDouble(token=TOKEN) as double:
        people = opened(double, folder, database, EVERYBODY)
        env = environment(double, folder, database, **settings(mode))
        async with kennel(env, folder) as den, at_work(people, day):
            for _ in range(kills):
                await den.start()
                await some_time(double, chance)
                if await den.end() != signal.SIGKILL:
                    raise RuntimeError("the bot ended by itself")
                found.kills += 1
                found.marks.append(len(double.world.sent))
            await den.start()
            await until(lambda: min(map(len, day.typed.values())) >= 3)
            day.over.set()
            await until(lambda: day.gone_home == set(people), 120)
            await until(lambda: not len(double.world.inbox))
            await wait_for(people, folder, database)
            await den.end(signal.SIGTERM)
        found.answers = sum(map(len, day.typed.values()))
        found.wrong = await in_order(people, day, env, folder, database)
        _repeats(double.world.sent, found)
    return found


def _repeats(sent: list[tuple[int, str]], found: Found) -> None:
    """Messages that say to the same chat what the one before said, by the kill they come after."""
    last: dict[int, str] = {}
    after: Counter[tuple[int, int]] = Counter()
    for n, (chat, text) in enumerate(sent):
        if last.get(chat) == text:
            after[bisect(found.marks, n), chat] += 1
        last[chat] = text
    found.repeated, found.most = after.total(), max(after.values(), default=0)


async def acknowledged_first(folder: Path) -> int:
    """The seeded bug: a bot that confirms what only lies in memory. How many answers it loses."""
    lost = 0
    async with TelegramDouble(token=TOKEN) as double:
        people = opened(double, folder, "", CLERKS)
        env, ids = environment(double, folder), person_ids(folder, "")
        async with kennel(env, folder, ACKNOWLEDGE_FIRST) as den:
            for kill in range(5):
                typed = {name: [f"note {name} {kill}.{n}" for n in range(40)] for name in people}
                for name, texts in typed.items():
                    for text in texts:
                        await people[name].type(text)
                await den.start()
                await until(lambda: not len(double.world.inbox))
                await den.end()
                there = by_person(json.loads((await command(env, folder, "export", "1"))[1]))
                lost += sum(len(set(texts) - set(there.get(ids[name], []))) for name, texts in typed.items())
                if lost:
                    break
    return lost


def soak(*, short: bool) -> list[Figure]:
    """Kill it on both databases, in every mode; then the bot that acknowledges first."""
    ways = [(database, mode) for database in DATABASES for mode in MODES][: 1 if short else None]  # e2e has both
    found = []
    for database, mode in ways:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(postgres_url()) if database == "postgresql" else ""
            found.append(asyncio.run(killed(folder, url, mode, 2 if short else 500 // len(ways))))
    with tempfile.TemporaryDirectory() as name:
        bug = asyncio.run(acknowledged_first(Path(name)))
    kills, repeated = sum(one.kills for one in found), sum(one.repeated for one in found)
    return [
        Figure(
            "kill -9",
            f"{kills} at random moments under load, {', '.join(' '.join(way) for way in ways)}, "
            f"{sum(one.answers for one in found):,} answers",
            "0 answers lost, 0 twice, at most 1 repeated message a kill in a chat",
            met=not any(one.wrong or one.most > 1 for one in found),
            caught=bool(bug),
            measured=f"{sum(one.wrong for one in found)} lost, twice or out of order; "
            f"{repeated} messages repeated in five chats, "
            f"{max(one.most for one in found)} at most in one chat after one kill",
        )
    ]
