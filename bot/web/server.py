"""Serves a web application inside the process and the event loop that the bot runs in."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

import uvicorn

from bot.application.log_repetition import RepetitionFilter
from bot.web.connections import HEAD_BYTES, bounded, most_connections

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

PATIENCE_SECONDS = 3  # that open requests have to end when serving stops; a SIGTERM allows 5 in all
QUEUE = 1024  # connections that wait to be accepted
ACCEPTED_AT_ONCE = 64  # connections, before any of them can be found to be too many
ONCE_A_MINUTE = RepetitionFilter()


class _Server(uvicorn.Server):
    """Leaves signals to the command line, which stops the bot as a whole."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin. More may wait to be accepted than are accepted at once, which asyncio takes for the same number."""
        await super().startup(sockets)
        for where in sockets or ():
            where.listen(QUEUE)

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # theirs yields by hand
        return nullcontext()


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve as long as the block lasts, on the port it gives: the one asked for, or for 0 any free one."""
    with listening(host, port) as where:
        async with serving_on(where, app):
            yield where.getsockname()[1]


@asynccontextmanager
async def serving_on(
    where: socket.socket, app: ASGIApp, believed_proxies: str = "127.0.0.1", most: int = 0
) -> AsyncIterator[None]:
    """Serve on a socket that listens already, as long as the block lasts.

    Whom ``believed_proxies`` names may say for whom they ask. ``most``: connections at once, 0 for all there may be.
    Requests still open at the end have `PATIENCE` seconds.
    """
    serves = logging.getLogger("uvicorn.error")
    serves.setLevel(logging.WARNING)  # our own words tell that it began, and where
    serves.addFilter(ONCE_A_MINUTE)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=PATIENCE_SECONDS,
        forwarded_allow_ips=believed_proxies,
        http=bounded(most or most_connections()),
        ws="none",
        backlog=ACCEPTED_AT_ONCE,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([where]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def listening(host: str, port: int) -> socket.socket:
    """A socket on which connections wait from now on. OSError when the address cannot be had; for 0 any free port."""
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host.strip("[]"), port))
        found.listen(QUEUE)
    except OSError:
        found.close()
        raise
    return found
