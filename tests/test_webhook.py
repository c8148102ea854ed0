"""The webhook: 200 means committed, anything else that Telegram brings the update again."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.application.metrics import OUTCOMES, Metrics
from bot.storage import StoreUnavailable
from bot.telegram.bot import run
from bot.telegram.receivers import WebhookEndpoint
from bot.telegram.webhook_queue import WebhookQueue
from bot.web import conversation
from bot.web.app import joined
from bot.web.server import serving
from bot.web.webhook import HEADER, LARGEST_BYTES, PATH, routes
from tests.api import Hooks, Update
from tests.browsers import served as pages
from tests.counting import CountingDesk
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


SECRET = "a" * 64
UPDATE = {"update_id": 7, "message": {}}


class SharedDesk(CountingDesk):
    """A desk of which there may be others; here it is alone."""

    def take_over(self, busy: Sequence[str]) -> dict[str, bool]:
        """Name the chats that are behind and not at work; nobody held them."""
        return {person: False for person in self.unshown() if person not in busy}


class Taken:
    """Takes updates, or fails as it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.updates: list[dict[str, Any]] = []
        self.error = error

    async def take(self, raw: dict[str, Any]) -> None:
        self.updates.append(raw)
        if self.error:
            raise self.error


@asynccontextmanager
async def served(taken: Taken) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async with serving(joined(routes(SECRET, taken.take)), "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        yield session, f"http://127.0.0.1:{port}"


async def told(session: aiohttp.ClientSession, url: str, **more: Any) -> tuple[int, bytes, list[str]]:
    """All that an answer tells, apart from the time."""
    async with session.request(more.pop("method", "POST"), url, **more) as answer:
        return answer.status, await answer.read(), sorted(name for name in answer.headers if name != "Date")


async def test_whoever_does_not_know_the_secret_finds_nothing_there() -> None:
    """The answer is that of any path that is not there, whatever is sent and in whichever way."""
    taken = Taken()
    async with served(taken) as (session, url):
        nothing = await told(session, f"{url}/nowhere", json=UPDATE)
        assert nothing[0] == 404
        for secret in ("", "b" * 64, SECRET[:-1], SECRET + "a", SECRET.upper(), "ä" * 32):
            assert await told(session, url + PATH, json=UPDATE, headers={HEADER: secret}) == nothing
        assert await told(session, url + PATH, json=UPDATE) == nothing
        for method in ("GET", "PUT", "DELETE", "OPTIONS", "PATCH"):
            nothing = await told(session, f"{url}/nowhere", method=method)
            assert await told(session, url + PATH, method=method, headers={HEADER: SECRET}) == nothing
    assert taken.updates == []


async def test_beside_the_pages_too_the_address_is_one_of_those_that_are_not_there(tmp_path: Path) -> None:
    """Where pages of ours answer for everything else, they answer for this, too."""
    taken = Taken()
    with pages(tmp_path) as web:
        parts = (routes(SECRET, taken.take), conversation.routes(web.site))
        async with serving(joined(*parts), "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}"
            for host in ({}, {"Host": web.url.removeprefix("http://")}):
                for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
                    for secret in ("b" * 64, "", "b" * 7_000):
                        headers = {HEADER: secret, **host}
                        nothing = await told(session, f"{url}/nowhere", method=method, headers=headers)
                        there = await told(session, url + PATH, method=method, headers=headers)
                        assert (there[0], there[2]) == (nothing[0], nothing[2])
            assert (await told(session, url + PATH, json=UPDATE, headers={HEADER: SECRET}))[0] == 200
    assert taken.updates == [UPDATE]


async def test_an_update_with_the_secret_is_taken() -> None:
    taken = Taken()
    async with served(taken) as (session, url):
        assert (await told(session, url + PATH, json=UPDATE, headers={HEADER: SECRET}))[0] == 200
    assert taken.updates == [UPDATE]


async def test_while_the_database_is_away_telegram_is_asked_to_bring_it_again() -> None:
    taken = Taken(StoreUnavailable("away"))
    async with served(taken) as (session, url):
        status, body, headers = await told(session, url + PATH, json=UPDATE, headers={HEADER: SECRET})
    assert (status, body) == (503, b"")
    assert "Retry-After" in headers or "retry-after" in headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b"\xff", 400), (b"", 400), (b"[" * 100_000, 400),
        (b'{"update_id": 7, "message": "' + b"x" * LARGEST_BYTES + b'"}', 413),
    ],
    ids=["cut", "list", "no text", "empty", "deep", "too large"],
)  # fmt: skip
async def test_what_is_no_update_is_refused(body: bytes, status: int) -> None:
    taken = Taken()
    async with served(taken) as (session, url):
        assert (await told(session, url + PATH, data=io.BytesIO(body), headers={HEADER: SECRET}))[0] == status
        assert (await told(session, url + PATH, json=UPDATE, headers={HEADER: SECRET}))[0] == 200
    assert taken.updates == [UPDATE]


# The whole way


def updates(tally: Metrics) -> dict[str, float]:
    """How many updates came to what end, those ends apart that none came to."""
    found = {one: tally.registry.get_sample_value("readiness_updates_total", {"outcome": one}) for one in OUTCOMES}
    return {outcome: number for outcome, number in found.items() if number}


@asynccontextmanager
async def brought(desk: SharedDesk, double: TelegramDouble) -> AsyncIterator[Metrics]:
    """Run the face on a double that brings updates, until the block ends; it must then stop by itself."""
    stop, ready, tally = asyncio.Event(), asyncio.Event(), Metrics()

    async def begins(_: str) -> None:
        ready.set()

    intake = WebhookQueue(tally)
    async with serving(joined(routes(SECRET, intake.take)), "127.0.0.1", 0) as port:
        hook = WebhookEndpoint(f"http://127.0.0.1:{port}{PATH}", SECRET, intake)
        with ThreadPoolExecutor(2) as executor:
            running = asyncio.create_task(
                run(desk, executor, double.token, double.url, stop, begins, tally=tally, hook=hook)
            )
            try:
                async with asyncio.timeout(10):
                    await ready.wait()
                yield tally
            finally:
                stop.set()
                await asyncio.wait_for(running, 20)


async def test_telegram_is_told_the_address_and_brings_what_people_say() -> None:
    desk = SharedDesk()
    async with TelegramDouble() as double:
        people = [double.person(n, f"Person {n}") for n in range(1, 21)]
        async with brought(desk, double) as tally:
            for n in range(3):
                for person in people:
                    await person.type(f"word {n}")
            for person in people:
                await person.expect("3: word 2")
        assert not len(double.world.inbox)
        assert double.world.settings["webhook"]
    for person in people:
        assert [one.said.text for one in desk.heard if one.telegram_id == person.id] == ["word 0", "word 1", "word 2"]  # type: ignore[union-attr]
    assert set(double.delivery.answers) == {200}
    assert updates(tally) == {"heard": 60}
    assert tally.registry.get_sample_value("readiness_commit_seconds_count") == 60
    assert (
        tally.registry.get_sample_value("readiness_telegram_calls_total", {"method": "setWebhook", "outcome": "ok"})
        == 1
    )
    assert max(desk.together) > 1, "those that came at once shared a transaction"


async def test_an_update_that_cannot_be_heard_costs_only_itself() -> None:
    """It is set aside and answered for, and who sent it is told; its neighbours are heard."""

    def poison(arrived: Update) -> None:
        if getattr(arrived.said, "text", "") == "poison":
            raise RuntimeError

    desk = SharedDesk(before=poison)
    async with TelegramDouble() as double:
        maya, omar = double.person(1, "Maya"), double.person(2, "Omar")
        async with brought(desk, double) as tally:
            await maya.type("poison")
            double.push({"message": "no message at all"})
            double.push({"update_id": "seven", "message": {}})
            double.push({"update_id": 2**70, "message": {}})
            await omar.type("good")
            await omar.expect("1: good")
            await maya.expect("nothing was saved")
            await maya.type("better")
            await maya.expect("1: better")
        assert not len(double.world.inbox)
    assert len(desk.aside) == 2
    assert updates(tally) == {"set_aside": 2, "heard": 2}


async def test_nothing_is_lost_while_the_database_is_away(faults: Hooks) -> None:
    """Telegram is refused, brings the same again, and each is heard once and in order."""
    faults.pace(webhook_retry=0.05)
    away = asyncio.Event()
    away.set()

    def fails(_: Update) -> None:
        if away.is_set():
            raise StoreUnavailable("away")

    desk = SharedDesk(before=fails)
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        async with brought(desk, double) as tally:
            for n in range(5):
                await maya.type(f"word {n}")
            while not double.delivery.answers[503]:  # noqa: ASYNC110 (the double tells nobody)
                await asyncio.sleep(0.01)
            away.clear()
            await maya.expect("5: word 4")
    assert [one.said.text for one in desk.heard] == [f"word {n}" for n in range(5)]  # type: ignore[union-attr]
    assert desk.aside == []
    assert (tally.registry.get_sample_value("readiness_store_errors_total", {"kind": "StoreUnavailable"}) or 0) > 0
    assert updates(tally) == {"heard": 5}


async def test_an_address_that_somebody_took_away_is_told_again(faults: Hooks) -> None:
    """Else nothing would come any more, and nobody would know."""
    faults.pace(webhook_check=0.05)
    desk = SharedDesk()
    async with TelegramDouble() as double, brought(desk, double):
        maya = double.person(1, "Maya")
        await maya.type("word")
        await maya.expect("1: word")
        double.world.settings["webhook"] = ""
        double.world.bring_to(None)
        await maya.type("more")
        await maya.expect("2: more")


async def test_who_polls_takes_the_webhook_away() -> None:
    desk = CountingDesk()
    stop = asyncio.Event()
    async with TelegramDouble() as double:
        double.world.settings["webhook"] = "https://elsewhere.example/telegram"
        with ThreadPoolExecutor(1) as executor:
            polling = asyncio.create_task(run(desk, executor, double.token, double.url, stop))  # type: ignore[arg-type]
            maya = double.person(1, "Maya")
            await maya.type("word")
            await maya.expect("1: word")
            stop.set()
            await asyncio.wait_for(polling, 20)
        assert double.world.settings["webhook"] == ""
