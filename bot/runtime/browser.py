"""Runs the browser face by itself: the sample on this computer, or a delegation that uses no Telegram."""

from __future__ import annotations

import asyncio
import errno
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.runtime.shutdown import end_in_any_case
from bot.web import health
from bot.web.app import joined
from bot.web.conversation import routes
from bot.web.security import PublicAddress
from bot.web.server import serving
from bot.web.services import WebServices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Executor

    from starlette.routing import Route

    from bot.application.updates import UpdateHandler

HERE = "127.0.0.1:8080"  # where the sample is opened unless READINESS_LISTEN says otherwise
PORTS = 20  # tried one after the other for the sample
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@asynccontextmanager
async def _nothing(_executor: Executor) -> AsyncIterator[None]:
    yield


def at_home(listen: str) -> bool:
    """Whether only this computer reaches a server that listens there."""
    return listen.rpartition(":")[0].strip("[]") in LOOPBACK


def origins(listen: str, url: str | None) -> PublicAddress:
    """Where a server that listens there is reached: by its public address, and from this computer itself."""
    host, _, port = listen.rpartition(":")
    if url is not None:
        return PublicAddress(frozenset({url}))
    names = {"127.0.0.1", "localhost", "[::1]"} if at_home(listen) else {host}
    return PublicAddress(frozenset(f"http://{name}:{port}" for name in names))


def hold(
    desk: UpdateHandler,
    threads: int,
    listen: str,
    url: str | None,
    told: Callable[[str], None],
    sample: tuple[str, ...] = (),
    *,
    beside: Callable[[Executor], AbstractAsyncContextManager[None]] = _nothing,
) -> None:
    """Serve until stopped, with so many threads for the database; then let go of it. ``beside`` goes on meanwhile."""

    async def serve() -> None:
        with ThreadPoolExecutor(threads) as executor:
            async with beside(executor):
                await run(desk, executor, listen, url, told, sample)

    try:
        asyncio.run(serve())
    finally:
        desk.store.close()


async def run(
    desk: UpdateHandler,
    executor: Executor,
    listen: str,
    url: str | None,
    told: Callable[[str], None],
    sample: tuple[str, ...] = (),
) -> None:
    """Serve until SIGINT or SIGTERM. For a ``sample`` each one-time address is told, and the next free port taken."""
    host, _, port = listen.rpartition(":")
    host, address = host.strip("[]"), origins(listen, url)
    site = WebServices(
        desk,
        executor,
        lambda: address,
        sample=sample,
        on_key=lambda key: told(f"{'' if url else 'http://'}{url or listen}/?key={key}"),
    )
    stop = asyncio.Event()

    def told_to_stop() -> None:
        stop.set()
        end_in_any_case()

    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, told_to_stop)
    async with AsyncExitStack() as stack:
        found = await _bound(stack, desk, site, host, int(port), PORTS if sample else 1)
        if found != int(port):
            listen = f"{listen.rpartition(':')[0]}:{found}"
            address = origins(listen, url)
        if sample:
            site.new_key()
        else:
            told(url or f"http://{listen}")
        await stop.wait()
        site.close()


async def _bound(
    stack: AsyncExitStack, desk: UpdateHandler, site: WebServices, host: str, port: int, tries: int
) -> int:
    """The port that could be had, of so many from the one that was asked for."""
    for number in range(port, port + tries):
        try:
            return await stack.enter_async_context(serving(joined(_health(desk, site), routes(site)), host, number))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or number == port + tries - 1:
                raise
    raise AssertionError  # the last try returns or raises


def _health(desk: UpdateHandler, site: WebServices) -> list[Route]:
    """How it is, for whoever watches over it; there is no Telegram to hear from."""
    return health.routes(health.HealthCheck("browser", lambda: 0.0, site.backlog), desk.store.health_secret)
