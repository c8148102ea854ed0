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


class PeriodicTask:
    """Does a piece of work every so many seconds; a fault in one round does not end the next."""

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
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 (the next round tries again)
                log.error("A round failed: %s", where(error))  # noqa: TRY400
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._stop.wait()
