"""Health and metrics: what an operator is told, and that nothing said is among it."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.application.metrics import Metrics
from bot.storage import StoreBusy
from bot.web.app import joined
from bot.web.health import BEHIND_SECONDS, SILENT_SECONDS, HealthCheck
from bot.web.health import routes as health_routes
from bot.web.metrics import routes
from bot.web.server import serving as listening
from tests.api import Hooks
from tests.e2e import SOON, TOKEN, command, environment, kennel, serving, types
from tests.telegram_double import Reset, TelegramDouble
from tests.test_e2e import WORKERS, _opened, _until
from tests.test_replicas import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytest_plugins = ["tests.conftest_store"]

RUNNING = (Path(__file__).parent.parent / "docs" / "operate" / "running.md").read_text(encoding="utf-8")


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble(token=TOKEN) as started:
        yield started


def doctor(
    updates: str = "polling", silent: float | None = 1.0, backlog: tuple[int, int] | Exception = (0, 0)
) -> HealthCheck:
    async def asked() -> tuple[int, int]:
        if isinstance(backlog, Exception):
            raise backlog
        return backlog

    return HealthCheck(updates, lambda: silent, asked)


async def get(url: str, secret: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("patient", "wrong"),
    [
        (doctor(), []),
        (doctor(silent=None), ["telegram"]),
        (doctor(silent=SILENT_SECONDS + 1), ["telegram"]),
        (doctor("webhook", silent=SILENT_SECONDS + 1), []),
        (doctor("webhook", silent=None), ["telegram"]),
        (doctor(backlog=(3, BEHIND_SECONDS + 1)), ["backlog"]),
        (doctor(backlog=(3000, 2)), []),
        (doctor(backlog=StoreBusy("locked")), ["database"]),
    ],
    ids=[
        "well", "never polled", "polled long ago", "a quiet webhook", "no webhook yet", "cannot show", "busy",
        "no database",
    ],
)  # fmt: skip
async def test_who_is_of_no_use_at_present_lives_all_the_same(patient: HealthCheck, wrong: list[str]) -> None:
    """`/readyz` keeps the balancer away; `/healthz` is for who would restart it, which mends none of these."""
    async with listening(joined(health_routes(patient, "sample")), "127.0.0.1", 0) as port:
        ready, told = await get(f"http://127.0.0.1:{port}/readyz")
        live, _ = await get(f"http://127.0.0.1:{port}/healthz")
    assert (ready, live) == (503 if wrong else 200, 200)
    assert json.loads(told) == {"live": True, "ready": not wrong, "wrong": wrong}


@pytest.mark.parametrize("path", ["healthz", "readyz"])
async def test_how_busy_a_delegation_is_is_told_to_who_brings_the_secret(path: str) -> None:
    """Strangers learn neither how many chats wait nor for how long; nothing tells them that there is a secret."""
    async with listening(joined(health_routes(doctor(backlog=(3, 7)), "sample")), "127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}/{path}"
        told = [await get(url, secret) for secret in ("", "sampl", "sample2", "müsli", "sample")]
    *others, (_, all_of_it) = told
    assert len(set(others)) == 1
    assert set(json.loads(others[0][1])) == {"live", "ready", "wrong"}
    found = json.loads(all_of_it)
    assert (found["behind"], found["oldest"], found["updates"]) == (3, 7, "polling")


async def test_a_database_that_does_not_answer_is_told_in_time(faults: Hooks) -> None:
    faults.pace(database_answer=0.05)

    async def hangs() -> tuple[int, int]:
        await asyncio.sleep(SOON)
        return 0, 0

    async with asyncio.timeout(SOON / 2):
        assert (await HealthCheck("polling", lambda: 1.0, hangs).look()).wrong == ["database"]


async def test_asking_often_does_not_ask_the_database_often() -> None:
    asked = 0

    async def backlog() -> tuple[int, int]:
        nonlocal asked
        asked += 1
        return 0, 0

    patient = HealthCheck("polling", lambda: 1.0, backlog)
    for _ in range(20):
        await patient.look()
    assert asked < 20


# Metrics


async def numbers(tally: Metrics, patient: HealthCheck) -> dict[tuple[str, tuple[str, ...]], float]:
    async with listening(joined(routes(tally, patient, "1.2.3")), "127.0.0.1", 0) as port:
        status, text = await get(f"http://127.0.0.1:{port}/metrics")
    assert status == 200
    return read(text)


def read(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every number by its name and what its labels say, as Prometheus reads them."""
    families = text_string_to_metric_families(text)
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


def busy() -> Metrics:
    """A tally in which everything has happened."""
    tally = Metrics()
    tally.heard_from()
    tally.waiting = 4
    tally.update("heard", arrived=float("inf"))
    tally.update("heard", arrived=time.monotonic() - 6)
    tally.call("sendMessage", "flood")
    tally.store_error(StoreBusy("locked"))
    tally.reminded()
    return tally


async def test_numbers_are_those_that_were_counted() -> None:
    found = await numbers(busy(), doctor(silent=2.0, backlog=(3, 7)))
    assert found["readiness_updates_total", ("heard",)] == 2
    assert found["readiness_updates_total", ("set_aside",)] == 0
    assert found["readiness_telegram_calls_total", ("sendMessage", "flood")] == 1
    assert found["readiness_store_errors_total", ("StoreBusy",)] == 1
    assert found["readiness_reminders_sent_total", ()] == 1
    assert found["readiness_commit_seconds_bucket", ("0.005",)] == 1
    assert found["readiness_commit_seconds_bucket", ("5.0",)] == 1
    assert found["readiness_commit_seconds_bucket", ("10.0",)] == 2
    assert found["readiness_commit_seconds_bucket", ("+Inf",)] == found["readiness_commit_seconds_count", ()] == 2
    assert found["readiness_unshown_chats", ()] == 3
    assert found["readiness_unshown_oldest_seconds", ()] == 7
    assert found["readiness_telegram_waiting_updates", ()] == 4
    assert found["readiness_telegram_silent_seconds", ()] == 2
    assert (found["readiness_ready", ()], found["readiness_database_up", ()]) == (1, 1)
    assert found["readiness_build_info", ("1.2.3",)] == 1


async def test_what_is_not_known_is_left_out_and_not_zero() -> None:
    found = await numbers(Metrics(), doctor(silent=None, backlog=StoreBusy("locked")))
    assert (found["readiness_ready", ()], found["readiness_database_up", ()]) == (0, 0)
    assert not {name for name, _ in found} & {"readiness_unshown_chats", "readiness_telegram_silent_seconds"}


async def test_the_alerts_of_the_readme_ask_for_numbers_there_are() -> None:
    found = {name for name, _ in await numbers(busy(), doctor())}
    alerts = re.search(r"<!-- alerts -->\n(.*?)<!-- /alerts -->", RUNNING, flags=re.DOTALL)
    assert alerts
    asked = set(re.findall(r"readiness_\w+", alerts[1]))
    assert asked
    assert asked <= found
    labels = {label for _, told in await numbers(busy(), doctor()) for label in told}
    assert set(re.findall(r'outcome="(\w+)"', alerts[1])) <= labels | {"failed"}


# The bot itself


@pytest.mark.prove
async def test_a_bot_that_runs_tells_how_it_is_and_nothing_of_what_was_said(
    double: TelegramDouble, tmp_path: Path
) -> None:
    """Health for who asks, numbers on their own address only, and neither a name nor a word in them."""
    people = _opened(double, tmp_path, "", WORKERS)
    own = {name: f"127.0.0.1:{free_port()}" for name in ("READINESS_LISTEN", "READINESS_METRICS_LISTEN")}
    env = environment(double, tmp_path, "", **own)
    public, inner = (f"http://{address}" for address in own.values())
    async with serving(env, tmp_path) as bot:
        await types(people["Omar"], "/sections", "Settled items")
        await people["Omar"].type("Sample secret of ours")
        await double.person(599, "Stranger").type("Sample words of a stranger")
        await types(people["Lina"], "/summary", "Worst first:")
        number, told = await command(env, tmp_path, "health")
        assert (number, json.loads(told)["wrong"], json.loads(told)["behind"]) == (0, [], 0)
        assert set(json.loads((await get(f"{public}/healthz"))[1])) == {"live", "ready", "wrong"}
        assert (await get(f"{public}/metrics"))[0] == 404
        _, text = await get(f"{inner}/metrics")
        found = read(text)
        assert found["readiness_updates_total", ("heard",)] == 3
        assert found["readiness_updates_total", ("refused",)] == 1
        assert found["readiness_commit_seconds_count", ()] == 4
        assert found["readiness_telegram_calls_total", ("sendMessage", "ok")] >= 3
        for secret in (*WORKERS, "Stranger", "Sample", "China", "orbits", TOKEN.partition(":")[2]):
            assert secret not in text
            assert secret not in told
        assert await bot.stop() == 0
    number, told = await command(env, tmp_path, "health")
    assert number == 1
    assert told.startswith("The bot does not answer on 127.0.0.1:")


# Stopping


@pytest.mark.prove
async def test_a_stop_does_not_wait_for_a_slow_telegram(double: TelegramDouble, tmp_path: Path) -> None:
    """What could not be shown before the end is shown by the next start, and the answer is recorded once."""
    people = _opened(double, tmp_path, "", WORKERS)
    env = environment(double, tmp_path)
    async with serving(env, tmp_path) as bot:
        await types(people["Omar"], "/summary", "Worst first:")
        double.faults.latency = 600.0
        await people["Omar"].type("/sections")
        await asyncio.sleep(0.5)
        assert await bot.stop() == 0
        double.faults.latency = 0.0
        await bot.start()
        await people["Omar"].expect("Settled items", SOON)
        assert await bot.stop() == 0
    assert "Traceback" not in bot.said


@pytest.mark.prove
async def test_a_stop_does_not_wait_for_a_database_that_hangs(double: TelegramDouble, tmp_path: Path) -> None:
    """The update in hand was not confirmed: the next start hears it."""
    people = _opened(double, tmp_path, "", WORKERS)
    env = environment(double, tmp_path)
    async with kennel(env, tmp_path, "database_hangs_at_updates") as den:
        await den.start()
        await people["Omar"].type("/sections")
        await _until(lambda: double.world.calls["getUpdates"] > 0)
        await asyncio.sleep(1)
        assert await den.end(signal.SIGTERM) == 0
    async with serving(env, tmp_path):
        await people["Omar"].expect("Settled items", SOON)


@pytest.mark.prove
async def test_a_stop_of_the_pages_alone_does_not_wait_for_what_hangs(double: TelegramDouble, tmp_path: Path) -> None:
    """Without Telegram it is the same."""
    env = environment(double, tmp_path, TELEGRAM_BOT_TOKEN="", READINESS_LISTEN=f"127.0.0.1:{free_port()}")
    async with kennel(env, tmp_path, "database_hangs_at_rounds") as den:
        await den.start()
        assert den.process.stdout is not None
        async with asyncio.timeout(SOON):
            while b"hangs" not in await den.process.stdout.readline():
                pass
        begun = time.monotonic()
        assert await den.end(signal.SIGTERM) == 0
        assert time.monotonic() - begun < 5


@pytest.mark.prove
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_during_a_long_start_ends_it_in_good_order(
    double: TelegramDouble, tmp_path: Path, number: signal.Signals
) -> None:
    """While the tables are brought up to date, for one."""
    env = environment(double, tmp_path)
    async with kennel(env, tmp_path, "store_never_opens") as den:
        await den.start()
        assert den.process.stdout is not None
        async with asyncio.timeout(SOON):
            while b"hangs" not in await den.process.stdout.readline():
                pass
        assert await den.end(number) == 0


@pytest.mark.prove
async def test_a_stop_while_telegram_cannot_be_reached_is_no_fault(double: TelegramDouble, tmp_path: Path) -> None:
    double.faults.fail_share(Reset(), 1.0)
    async with serving(environment(double, tmp_path), tmp_path) as bot:
        await bot.says("Telegram cannot be reached")
        assert await bot.stop() == 0


@pytest.mark.slow
async def test_an_address_that_is_taken_is_one_clear_line(double: TelegramDouble, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        number, said = await command(
            environment(double, tmp_path, READINESS_LISTEN=address, LOG_LEVEL="WARNING"), tmp_path, "serve"
        )
    assert number == 75
    assert f"READINESS_LISTEN is {address}, where another program listens." in said
    assert said.count("\n") == 1
