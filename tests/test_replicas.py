"""Several identical processes on one PostgreSQL, to which Telegram brings updates; and one that polls alone."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.api import of_process
from tests.e2e import SOON, TOKEN, Bot, command, environment, kennel, serving, types
from tests.telegram_double import TelegramDouble
from tests.test_e2e import (
    CLERKS,
    PATIENT,
    WORKERS,
    Day,
    _answered_unheard,
    _at_work,
    _each_row_was_chosen_once,
    _opened,
    _person_ids,
    _recorded,
    _sent_again,
    _until,
    _wait_for,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e import Kennel
    from tests.telegram_double import Person

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.prove

KILLS = 4
ENOUGH = 5  # answers typed by each, however slow the machine: else nothing was tried
HASTES = 8  # tries in which a bot that does not hold its chats is to be found out


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble(token=TOKEN) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """DATABASE_URL of each kind; empty means SQLite in the data folder."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_database"))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def replica(double: TelegramDouble, folder: Path, database: str, **more: str) -> dict[str, str]:
    """The settings of a replica on a port of its own."""
    address = f"127.0.0.1:{free_port()}"
    own = {"READINESS_UPDATES": "webhook", "READINESS_LISTEN": address, "READINESS_URL": f"http://{address}"}
    return environment(double, folder, database, **own, **more)


@asynccontextmanager
async def kennels(double: TelegramDouble, tmp_path: Path, database: str, *bugs: str) -> AsyncIterator[list[Kennel]]:
    """Two kennels, and a balancer before their bots."""
    async with AsyncExitStack() as stack:
        made = []
        addresses = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            env = replica(double, folder, database)
            addresses.append(env["READINESS_URL"])
            made.append(await stack.enter_async_context(kennel(env, folder, *bugs)))
        double.delivery.behind = addresses
        yield made


async def test_nothing_said_is_lost_or_recorded_twice_while_replicas_are_killed(
    double: TelegramDouble, tmp_path: Path, postgres_database: str
) -> None:
    """Two replicas on one negotiation, one of them killed again and again: each answer is recorded exactly once."""
    people = _opened(double, tmp_path, postgres_database, (*WORKERS, *CLERKS))
    day, chance = Day(), random.Random(20270315)  # noqa: S311 (a test must repeat)
    async with kennels(double, tmp_path, postgres_database) as dens:
        for den in dens:
            await den.start()
        async with _at_work(people, day):
            for kill in range(KILLS):
                confirmed = double.world.inbox.confirmed
                await _until(lambda: double.world.inbox.confirmed > confirmed + 20, seconds=60)  # noqa: B023
                await asyncio.sleep(chance.random() * 0.2)
                den = dens[kill % len(dens)]
                assert await den.end() == signal.SIGKILL
                await den.start()
            await _until(lambda: min(map(len, day.typed.values())) >= ENOUGH, seconds=60)
            day.over.set()
            await _until(lambda: day.gone_home == set(people), seconds=PATIENT)
        await _until(lambda: not len(double.world.inbox), seconds=60)
        await _wait_for(people, tmp_path, postgres_database)
        assert [await den.end(signal.SIGTERM) for den in dens] == [0, 0]
    exported = _exported(postgres_database)
    recorded, ids = _recorded(exported), _person_ids(tmp_path, postgres_database)
    assert {name: day.typed[name] for name in people} == {name: recorded.get(ids[name], []) for name in people}
    _each_row_was_chosen_once(exported)
    with of_process(Path(), postgres_database) as there:
        assert there.verified() == []


async def test_what_telegram_took_from_killed_replicas_is_not_sent_again(
    double: TelegramDouble, tmp_path: Path, postgres_database: str
) -> None:
    """Whoever takes over what they held finds the answers that stand there already."""
    people = _opened(double, tmp_path, postgres_database, (*WORKERS, *CLERKS))
    async with kennels(double, tmp_path, postgres_database) as dens:
        for den in dens:
            await den.start()
        await _answered_unheard(double, people)
        for den in dens:
            assert await den.end() == signal.SIGKILL
        for den in dens:
            await den.start()
        assert await _sent_again(double, people, tmp_path, postgres_database) == 0
        assert [await den.end(signal.SIGTERM) for den in dens] == [0, 0]


@pytest.mark.parametrize(("bugs", "loses"), [(("answer_first",), True), ((), False)], ids=["too early", "ours"])
async def test_a_replica_that_answers_before_it_commits_is_found_out(
    double: TelegramDouble, tmp_path: Path, postgres_database: str, bugs: tuple[str, ...], *, loses: bool
) -> None:
    """The control: killed as soon as all is answered, such a replica has lost what was said, and ours nothing."""
    people = _opened(double, tmp_path, postgres_database, CLERKS)
    ids, lost = _person_ids(tmp_path, postgres_database), 0
    async with kennel(replica(double, tmp_path, postgres_database), tmp_path, *bugs) as den:
        for kill in range(2):
            typed = {name: [f"note {name} {kill}.{n}" for n in range(20)] for name in people}
            for name, texts in typed.items():
                for text in texts:
                    await people[name].type(text)
            await den.start()
            await _until(lambda: not len(double.world.inbox))
            await den.end()
            recorded = _recorded(_exported(postgres_database))
            lost += sum(len(set(texts) - set(recorded.get(ids[name], []))) for name, texts in typed.items())
            if lost:
                break
    assert loses == (lost > 0)


def _exported(database: str) -> dict[str, Any]:
    with of_process(Path(), database) as there:
        exported: dict[str, Any] = json.loads(there.operator.taken(1, "json"))
    return exported


@pytest.mark.parametrize(("bugs", "doubles"), [(("show_unheld",), True), ((), False)], ids=["without holding", "ours"])
async def test_what_two_replicas_heard_of_one_chat_is_shown_once_and_in_order(
    double: TelegramDouble, tmp_path: Path, postgres_database: str, bugs: tuple[str, ...], *, doubles: bool
) -> None:
    """Telegram is slow, so that the next word comes to the other replica while the first is being answered.

    The control shows without holding the chat: sooner or later two messages have buttons.
    """
    people = _opened(double, tmp_path, postgres_database, WORKERS)
    omar = people["Omar"]
    async with kennels(double, tmp_path, postgres_database, *bugs) as dens:
        for den in dens:
            await den.start()
        await types(omar, "/sections", "Settled items")
        await types(omar, "/sections", "Settled items")  # both replicas are there by now
        double.faults.latency = 0.4
        before = len(omar.messages)
        await _types_on_in_haste(omar)
        if doubles:
            for _ in range(HASTES):  # a replica that is late shows everything alone, or its last word comes last
                if await _two_with_buttons(omar):
                    return
                await _types_on_in_haste(omar)
            raise AssertionError("it was not found out")
        await omar.expect("Worst first:", SOON)
        await _until(lambda: not len(double.world.inbox))
        double.faults.latency = 0.0
        await types(omar, "/sections", "Settled items")
        await _wait_for({"Omar": omar}, tmp_path, postgres_database)
        await _until(lambda: not any(one.labels for one in omar.messages[:-1]))
        assert len(omar.messages) <= before + 4
        await _moved_elsewhere(omar, postgres_database)
        assert [await den.end(signal.SIGTERM) for den in dens] == [0, 0]


async def _types_on_in_haste(person: Person) -> None:
    for words in ("/gaps", "/mine", "/summary"):
        await person.type(words)


async def _two_with_buttons(person: Person) -> bool:
    """Whether an older message still has buttons when nothing has come for two seconds."""
    newest = 0
    while newest != person.screen.message_id:
        newest = person.screen.message_id
        await asyncio.sleep(2)
    return any(one.labels for one in person.messages[:-1])


async def _moved_elsewhere(person: Person, database: str) -> None:
    """A chat moved by another process, as by the command line on the server, is found and shown."""
    with of_process(Path(), database) as there:
        there.was_away()
    await person.expect("I was away for a while.", SOON)


# One that polls


async def test_a_second_process_that_polls_the_same_database_is_refused(
    double: TelegramDouble, tmp_path: Path, database: str
) -> None:
    """One line, exit code 75, and the first goes on. Once the first has ended, the next may begin."""
    people = _opened(double, tmp_path, database, WORKERS)
    env = environment(double, tmp_path, database)
    async with serving(env, tmp_path) as bot:
        await types(people["Omar"], "/summary", "Worst first:")
        number, said = await command(env, tmp_path, "serve")
        assert number == 75
        told = [line for line in said.splitlines() if line.startswith("readiness: ")]
        assert len(told) == 1
        assert told[0].startswith("readiness: Another process works on ")
        await types(people["Omar"], "/sections", "Settled items")
        assert await bot.stop(signal.SIGKILL) == -signal.SIGKILL
        await bot.start()
        await types(people["Omar"], "/summary", "Worst first:")
        assert await bot.stop() == 0


async def test_from_polling_to_a_webhook_and_back(double: TelegramDouble, tmp_path: Path) -> None:
    """What is said in between is heard; each way ends the other with Telegram, not only here."""
    people = _opened(double, tmp_path, "", WORKERS)
    omar, lina = people["Omar"], people["Lina"]
    async with AsyncExitStack() as stack:
        for env in (
            environment(double, tmp_path),
            replica(double, tmp_path, ""),
            environment(double, tmp_path),
        ):
            await lina.type("/sections")
            bot: Bot = await stack.enter_async_context(serving(env, tmp_path))
            await lina.expect("Settled items", SOON)
            await _types_on(omar)
            assert await bot.stop() == 0


async def _types_on(person: Person) -> None:
    await types(person, "/summary", "Worst first:")
    await types(person, "/sections", "Settled items")
