"""Runs the browser face by itself: the sample on this computer, or a delegation that uses no Telegram."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.application.metrics import Metrics
from bot.runtime.shutdown import end_in_any_case
from bot.web import health, metrics
from bot.web.app import joined
from bot.web.connections import MOST_FOR_METRICS
from bot.web.conversation import routes
from bot.web.security import PublicAddress
from bot.web.server import serving_on
from bot.web.services import WebServices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Executor
    from socket import socket

    from bot.application.updates import UpdateHandler

    Sockets = tuple[socket, socket | None]  # that listen for pages and for metrics

HERE = "127.0.0.1:8080"  # where the sample is opened unless READINESS_LISTEN says otherwise
PORTS = 20  # tried one after the other for the sample
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a server listens, and the public address of it if there is one."""

    listen: str
    url: str | None
    believed_proxies: str = "127.0.0.1"


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
    where: Sockets,
    reached: Reached,
    told: Callable[[str], None],
    sample: tuple[str, ...] = (),
    *,
    beside: Callable[[Executor], AbstractAsyncContextManager[None]] = _nothing,
) -> None:
    """Serve until stopped, with so many threads for the database; then let go of it. ``beside`` goes on meanwhile."""

    async def serve() -> None:
        with ThreadPoolExecutor(threads) as executor:
            async with beside(executor):
                await run(desk, executor, where, reached, told, sample)

    try:
        asyncio.run(serve())
    finally:
        desk.store.close()


async def run(
    desk: UpdateHandler,
    executor: Executor,
    where: Sockets,
    reached: Reached,
    told: Callable[[str], None],
    sample: tuple[str, ...] = (),
) -> None:
    """Serve until SIGINT or SIGTERM. For a ``sample`` each one-time address is told."""
    pages, metrics_on = where
    url, address = reached.url or f"http://{reached.listen}", origins(reached.listen, reached.url)
    site = WebServices(desk, executor, lambda: address, sample=sample, on_key=lambda key: told(f"{url}/?key={key}"))
    doctor = health.HealthCheck("browser", lambda: 0.0, site.backlog)  # there is no Telegram to hear from
    stop = asyncio.Event()

    def told_to_stop() -> None:
        stop.set()
        end_in_any_case()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop)
    async with AsyncExitStack() as stack:
        public = joined(health.routes(doctor, desk.store.health_secret), routes(site))
        await stack.enter_async_context(serving_on(pages, public, reached.believed_proxies))
        if metrics_on is not None:
            numbers = joined(metrics.routes(Metrics(), doctor, version("negotiation-readiness")))
            await stack.enter_async_context(serving_on(metrics_on, numbers, most=MOST_FOR_METRICS))
        if sample:
            site.new_key()
        else:
            told(url)
        await stop.wait()
        site.close()
