"""Serves a web application inside the process and the event loop that the bot runs in."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

PATIENCE = 3  # seconds that open requests have to end when serving stops; a SIGTERM allows 5 in all


class _Server(uvicorn.Server):
    """Leaves signals to the command line, which stops the bot as a whole."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # theirs yields by hand
        return nullcontext()


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve as long as the block lasts, on the port it gives: the one asked for, or for 0 any free one.

    Raises `OSError` when the address cannot be had. Requests still open at the end have `PATIENCE` seconds.
    """
    listening = _listening(host, port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=PATIENCE
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def _listening(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening
