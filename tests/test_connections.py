"""The page server under a flood: a bound on connections, a time for each step, and one line of log a minute."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.runtime.log_redaction import log as unheeded_log
from bot.runtime.log_redaction import unheeded
from bot.web.app import HEAD_BYTES, joined
from bot.web.connections import FEWEST, MOST, OURS, OpenConnections, most_connections
from bot.web.server import serving
from tests.api import Hooks

pytestmark = pytest.mark.slow

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nhost: a\r\nx: "
HALF_BODY = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf"

Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Pages:
    """A page that is answered at once, and one that waits to be."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.waiting = 0

    async def page(self, request: Request) -> Response:
        await request.body()
        return PlainTextResponse("here")

    async def slow(self, _request: Request) -> Response:
        self.waiting += 1
        await self.answers.wait()
        return PlainTextResponse("at last")


@asynccontextmanager
async def listening(pages: Pages) -> AsyncIterator[int]:
    routes = [Route("/", pages.page, methods=["GET", "POST"]), Route("/slow", pages.slow)]
    async with serving(joined(routes), "127.0.0.1", 0) as port:
        yield port


@asynccontextmanager
async def connections(port: int, count: int, sent: bytes) -> AsyncIterator[list[Opened]]:
    """So many connections, each of which has sent this much."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        for _, writer in opened:
            writer.write(sent)
        yield opened
    finally:
        for _, writer in opened:
            writer.close()


async def answer(port: int, sent: bytes = GET) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    writer.close()
    return head.partition(b"\r\n")[0]


async def ended(opened: Opened) -> bool:
    """Whether the server ends a connection; waits for it."""
    try:
        return await asyncio.wait_for(opened[0].read(), 20) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize("sent", [b"", HALF, HALF_BODY], ids=["nothing", "half a head", "half a body"])
async def test_half_sent_requests_keep_nobody_out(sent: bytes, faults: Hooks) -> None:
    """At the bound the one that waits longest goes; who comes is answered, however many wait."""
    faults.limits(connections=20)
    async with listening(Pages()) as port, connections(port, 200, sent) as opened:
        for _ in range(30):
            assert await answer(port) == b"HTTP/1.1 200 OK"
        assert await ended(opened[0])


async def test_who_is_being_answered_is_not_cut_off_for_others(faults: Hooks) -> None:
    """Half-sent requests give way to each other."""
    faults.limits(connections=20)
    pages = Pages()
    async with listening(pages) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        while not pages.waiting:  # noqa: ASYNC110 (the server tells nobody)
            await asyncio.sleep(0.01)
        async with connections(port, 100, HALF):
            assert await answer(port) == b"HTTP/1.1 200 OK"
            pages.answers.set()
            assert await asyncio.wait_for(reader.readuntil(b"at last"), 20)
        writer.close()


@pytest.mark.parametrize(("sent", "step"), [(HALF, "request_head"), (b"", "request_head"), (HALF_BODY, "request_body")])
async def test_a_request_that_does_not_come_whole_is_ended(sent: bytes, step: str, faults: Hooks) -> None:
    """The head and the body each have their time; so has the next head on a connection that was used."""
    faults.pace(**{step: 0.3})
    async with listening(Pages()) as port, connections(port, 3, sent) as opened:
        assert [await ended(one) for one in opened] == [True] * 3
    async with listening(Pages()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        await asyncio.wait_for(reader.readuntil(b"here"), 20)
        writer.write(sent)
        assert await ended((reader, writer))
        writer.close()


async def test_a_request_that_takes_its_time_to_be_answered_is_not_ended(faults: Hooks) -> None:
    faults.pace(request_head=0.1, request_body=0.1)
    pages = Pages()
    async with listening(pages) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.sleep(0.4)
        pages.answers.set()
        assert await asyncio.wait_for(reader.readuntil(b"at last"), 20)
        writer.close()


@pytest.mark.parametrize(
    ("soft", "most"),
    [
        (1024, 1024 - OURS),
        (100_000, MOST),
        (resource.RLIM_INFINITY, MOST),
        (OURS, FEWEST),
        (20, FEWEST),
    ],
)
def test_the_bound_leaves_this_process_the_files_it_needs(
    soft: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))
    assert most_connections() == most


class _Quiet:
    """A connection that only can be told to end."""

    def __init__(self) -> None:
        self.transport, self.is_ended = self, False

    def abort(self) -> None:
        self.is_ended = True


def test_connections_that_wait_go_in_the_order_in_which_they_came_to_wait() -> None:
    among = OpenConnections(3)
    first, second, third, fourth, fifth, sixth = (_Quiet() for _ in range(6))
    for one in (first, second, third):
        assert among.admits(one)  # type: ignore[arg-type]
    among.waits(first, is_waiting=False)  # type: ignore[arg-type]
    assert among.admits(fourth)  # type: ignore[arg-type]
    assert (second.is_ended, third.is_ended) == (True, False)
    among.waits(first, is_waiting=True)  # type: ignore[arg-type]
    assert among.admits(fifth)  # type: ignore[arg-type]
    assert (third.is_ended, first.is_ended) == (True, False)
    for one in (first, fourth, fifth):
        among.waits(one, is_waiting=False)  # type: ignore[arg-type]
    assert not among.admits(sixth)  # type: ignore[arg-type]
    assert len(among) == 3
    among.left(first)  # type: ignore[arg-type]
    assert among.admits(sixth)  # type: ignore[arg-type]


def test_no_file_left_for_a_connection_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """Asyncio tells it hundreds of times a second."""
    told = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "too many")}
    for one in unheeded_log.filters:
        one._passed.clear()  # type: ignore[union-attr]  # noqa: SLF001
    with caplog.at_level(logging.ERROR), asyncio.Runner() as runner:
        for _ in range(1_000):
            unheeded(runner.get_loop(), told)
        unheeded(runner.get_loop(), {"message": "something else"})
    assert [record.getMessage() for record in caplog.records] == [told["message"], "something else"]


@pytest.mark.parametrize("where", ["header", "cookie", "address", "query"])
async def test_a_head_longer_than_any_of_ours_is_refused(where: str) -> None:
    """Whoever asks, and whatever for: also where nothing is."""
    long = b"x" * HEAD_BYTES
    sent = {
        "header": b"GET / HTTP/1.1\r\nhost: a\r\nlong: " + long + b"\r\n\r\n",
        "cookie": b"GET /none HTTP/1.1\r\nhost: a\r\ncookie: a=" + long + b"\r\n\r\n",
        "address": b"GET /" + long + b" HTTP/1.1\r\nhost: a\r\n\r\n",
        "query": b"GET /?a=" + long + b" HTTP/1.1\r\nhost: a\r\n\r\n",
    }
    async with listening(Pages()) as port:
        assert (await answer(port, sent[where])).startswith(b"HTTP/1.1 431")
        assert await answer(port) == b"HTTP/1.1 200 OK"


async def test_a_head_without_an_end_is_not_gathered() -> None:
    """More than twice of what may be answered is not kept."""
    async with listening(Pages()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000)
        head = await asyncio.wait_for(reader.read(64), 20)
        assert head.startswith((b"HTTP/1.1 4", b""))
        writer.close()
