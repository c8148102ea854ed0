"""Malformed updates among valid ones: made by hypothesis, and by spoiling real ones piece by piece."""

from __future__ import annotations

import asyncio
import copy
import json
import random
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.domain.events import Answered
from tests.api import of_process
from tests.e2e import TOKEN, environment, kennel, store_url
from tests.soak import Figure
from tests.soak.delegation import CLERKS, FIRST, Clerks
from tests.soak.faced import until
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM = 50.0  # MB that the bot may grow by
WARM = 100  # valid updates before it is weighed, so that it has loaded what it draws pictures with: 27 MB, once
STRANGER = 99_001

JUNK = (
    None, True, False, 0, -1, 2**31, 2**63, -(2**63), 2**80, 1e308, 0.5, float("nan"), "", "x", "\x00", "\ud800",
    "\u202e", "9" * 400, "ä" * 5000, [], {}, [[]], [None], {"id": None}, {"id": "1"}, {"type": "private"},
    ["x"] * 300,
)  # fmt: skip


@dataclass
class Found:
    """What came of it."""

    malformed: int = 0
    valid: int = 0
    lost: int = 0
    ended: bool = False
    grew: float = 0.0


def real(chance: random.Random) -> dict[str, Any]:
    """An update as Telegram sends it, from a member, a stranger or a group."""
    who = chance.choice((FIRST + 1, STRANGER))
    user = {"id": who, "is_bot": False, "first_name": "Jin", "language_code": "en", "username": "jin"}
    chat = chance.choice(
        ({"id": who, "type": "private", "first_name": "Jin"}, {"id": -100, "type": "group", "title": "G"})
    )
    message: dict[str, Any] = {"message_id": 7, "date": 1_900_000_000, "chat": chat, "from": user}
    text = {**message, "text": "/help me", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}
    file = {"file_id": "x", "file_unique_id": "y", "file_size": 10}
    status = {"user": user, "status": "member"}
    change = {"old_chat_member": status, "new_chat_member": status}
    return copy.deepcopy(chance.choice((
        {"message": text},
        {"message": {**message, "reply_to_message": text, "text": "a note"}},
        {"edited_message": {**text, "edit_date": 1_900_000_001}},
        {"message": {**message, "document": {**file, "file_name": "a.pdf", "mime_type": "text/plain"}, "caption": "c"}},
        {"message": {**message, "photo": [{**file, "width": 1, "height": 1}]}},
        {"callback_query": {"id": "1", "from": user, "chat_instance": "1", "message": text, "data": "1>M"}},
        {"my_chat_member": {"chat": chat, "from": user, "date": 1, **change}},
    )))  # fmt: skip


def spoilt(chance: random.Random) -> dict[str, Any]:
    """A real update with one to three pieces taken out, replaced or moved."""
    update = real(chance)
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(_pieces(update)) or [(update, "message")])
        match chance.randrange(4):
            case 0:
                holder.pop(key, None) if isinstance(holder, dict) else holder.clear()
            case 1:
                holder[key] = copy.deepcopy(chance.choice(JUNK))  # else spoiling it again would spoil the junk
            case 2:
                holder[key] = [holder[key]]
            case _:
                holder[key] = _deep(chance.randint(1, 150), holder[key])
        if not update:
            break
    return update


def _pieces(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every piece of a structure: what holds it, and under which key."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from _pieces(value)


def _deep(levels: int, core: object) -> object:
    for _ in range(levels):
        core = {"message": core}
    return core


def made_up(count: int) -> list[dict[str, Any]]:
    """Updates that hypothesis makes up: any JSON where Telegram has a message, a tap or a change."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
    keys = st.sampled_from(("message", "from", "chat", "id", "text", "data", "type", "date", "message_id", "document"))
    anything = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=8), inner, max_size=6),
    )
    kinds = st.sampled_from(("message", "edited_message", "callback_query", "my_chat_member", "something_new"))
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=count, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.dictionaries(kinds, anything, min_size=1, max_size=2))
    def gather(update: dict[str, Any]) -> None:
        found.append(update)

    gather()
    return (found * (count // max(1, len(found)) + 1))[:count]


def _valid(n: int) -> dict[str, Any]:
    """A clerk's tap on yes or no, in turn."""
    user = {"id": FIRST, "is_bot": False, "first_name": "Ines"}
    message = {"message_id": 1, "date": 1_900_000_000, "chat": {"id": FIRST, "type": "private"}}
    data = f"1!pick:{'no' if n % 2 else 'yes'}@i~crewed"
    return {"callback_query": {"id": str(n), "from": user, "chat_instance": "1", "message": message, "data": data}}


async def stormed(folder: Path, count: int, *bugs: str, patience: float = 900.0) -> Found:
    """Put so many of each kind before the bot, and weigh it before and after."""
    chance, found = random.Random(count), Found()  # noqa: S311 (a soak must repeat)
    Clerks(store_url(folder)).close()
    bad = [*made_up(count // 2), *(spoilt(chance) for _ in range(count - count // 2))]
    chance.shuffle(bad)
    async with TelegramDouble(token=TOKEN) as double:
        for number in (FIRST, FIRST + 1):
            double.world.chat(number, "private", "clerk").open = True
        env = environment(double, folder, LOG_LEVEL="ERROR")
        async with kennel(env, folder, *bugs) as den:
            await den.start()
            process = psutil.Process(den.pid)
            for n in range(WARM):
                double.push(_valid(n))
                double.push(real(chance))
            await until(lambda: not len(double.world.inbox), 120)
            before = process.memory_info().rss
            try:
                for n, one in enumerate(bad):
                    if n % 100 == 0:  # Telegram keeps a tap for 150 s only
                        await until(lambda: len(double.world.inbox) < 200, patience)
                    double.push(json.loads(json.dumps(one)))
                    double.push(_valid(WARM + n))
                await until(lambda: not len(double.world.inbox), patience)
            except TimeoutError:
                found.ended = True
            found.ended |= not psutil.pid_exists(den.pid) or process.status() == psutil.STATUS_ZOMBIE
            found.grew = (process.memory_info().rss - before) / 2**20
    found.malformed, found.valid = len(bad), WARM + len(bad)
    with of_process(folder) as there:
        ines = there.people[CLERKS[0]]
        said = [one.event.answer for one in there.line(1) if isinstance(one.event, Answered) and one.by == ines]
    turns = sum(one == two for one, two in pairwise(said))
    found.lost = abs(found.valid - len(said)) + turns
    return found


def soak(*, short: bool) -> list[Figure]:
    """Storm the bot, and one that takes a poll as a whole."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        ours = asyncio.run(stormed(Path(one), 60 if short else 10_000))
        bug = asyncio.run(stormed(Path(two), 40, "hold_up_all", patience=4.0))
    return [
        Figure(
            "hostile updates",
            f"{ours.malformed:,} malformed among {ours.valid:,} valid, by hypothesis and by spoiling real ones",
            "0 crashes, 0 valid lost, memory +50 MB at most",
            met=not ours.ended and not ours.lost and ours.grew <= ROOM,
            caught=bug.ended or bool(bug.lost),
            measured=f"{int(ours.ended)} crashes, {ours.lost} lost or twice, memory {ours.grew:+.0f} MB",
        )
    ]
