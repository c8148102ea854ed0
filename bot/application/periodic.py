"""Work that is done again and again beside the updates, and stops when told to."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.application.retry import where

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


OTHERS = 9  # times as long as a part of a round took the next one waits, so that answers come first


class PeriodicTask:
    """Does a piece of work every so many seconds; a fault in one round does not end the next.

    Work that says there is more of it (True) goes on in the same round, after others had their turn.
    """

    def __init__(self, work: Callable[[], Awaitable[object]], every: float) -> None:
        """Do nothing yet: `start` begins."""
        self._work, self._every = work, every
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with the first round at once."""
        self._task = asyncio.create_task(self._go())

    async def close(self, patience: float) -> None:
        """Finish the round in hand, for so many seconds at most."""
        self._stop.set()
        if self._task is None:
            return
        await asyncio.wait([self._task], timeout=patience)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _go(self) -> None:
        while not self._stop.is_set():
            begun, more = asyncio.get_running_loop().time(), False
            try:
                more = await self._work() is True
            except Exception as error:  # noqa: BLE001 (the next round tries again)
                log.error("A round failed: %s", where(error))  # noqa: TRY400
            took = asyncio.get_running_loop().time() - begun
            with suppress(TimeoutError):
                async with asyncio.timeout(OTHERS * took if more else self._every):
                    await self._stop.wait()
