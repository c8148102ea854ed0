"""What is done beside the conversation: noting that the bot runs, destroying talks past their last day, forgetting."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.application.periodic import PeriodicTask
from bot.application.retention import RetentionService
from bot.storage import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Executor

    from bot.application.reminders import ReminderService
    from bot.application.updates import UpdateHandler

T = TypeVar("T")

HEARTBEAT_SECONDS = 30
PRESSES_KEPT_SECONDS = 150  # for which Telegram keeps a tap that nobody fetched


class BackgroundJobs:
    """Does its rounds in the executor, as long as the block of `going` lasts."""

    def __init__(self, desk: UpdateHandler, executor: Executor, reminding: ReminderService | None = None) -> None:
        """Do nothing yet. ``reminding`` where no Telegram face asks it what is due."""
        self._desk, self._executor, self._keeping, self._reminding = desk, executor, RetentionService(desk), reminding

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        """Every half minute; a round in hand at the end is left."""
        rounds = [PeriodicTask(self._note, HEARTBEAT_SECONDS), PeriodicTask(self._keep, HEARTBEAT_SECONDS)]
        if self._reminding is not None:
            rounds.append(PeriodicTask(partial(self._remind, self._reminding), HEARTBEAT_SECONDS))
        for periodic in rounds:
            periodic.start()
        try:
            yield
        finally:
            await asyncio.gather(*(periodic.close(0) for periodic in rounds))

    async def _note(self) -> None:
        with suppress(StoreError):
            await self._do(self._alive)

    def _alive(self) -> None:
        # Polling finds out by itself that taps may have been lost. For a webhook it is so when the database was
        # away: one of the processes then has every open prompt shown again.
        if self._desk.holder and self._desk.come_back(PRESSES_KEPT_SECONDS):
            self._desk.resend_all()
        self._desk.alive()

    async def _keep(self) -> bool:
        """One round a day has talks to look at; every round learns what others destroyed."""
        more = await self._do(self._keeping.look)
        if gone := await self._do(self._desk.forget_purged):
            for forget in self._desk.faces_forget:
                forget(gone)
        return more

    async def _remind(self, reminding: ReminderService) -> bool:
        _, more = await self._do(reminding.due)
        return more

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
