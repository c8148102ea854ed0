"""Fetches files that people sent, beside the updates: nobody but who sent one waits for it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.application.byte_budget import ByteBudget
from bot.application.file_use import unpacked
from bot.application.retry import seconds, waits, where
from bot.dialog.limit_messages import LARGEST
from bot.telegram.parser import larger

if TYPE_CHECKING:
    from bot.application.incoming_files import AwaitedFile
    from bot.application.retry import WorkerPool
    from bot.application.updates import UpdateHandler
    from bot.exports.reimport.reading_process import Unpacked
    from bot.telegram.client import BotClient
    from bot.telegram.presenter import Presenter

FETCHING_SECONDS = 45.0  # in which Telegram must hand over a file, tries and waits together
AT_ONCE = 8  # files in hand, each of another person
IN_FLIGHT_BYTES = 2 * LARGEST  # of all files in hand together
LOOK_SECONDS = 30.0  # between two looks for files that another process left
UNFETCHED = "a file that Telegram did not hand over"
UNKEPT = "that file: something went wrong here, and it was not kept"

log = logging.getLogger(__name__)


class FileFetcher:
    """Fetches what the desk awaits, and brings it there."""

    def __init__(
        self, desk: UpdateHandler, backroom: WorkerPool, line: BotClient, presenter: Presenter, largest: int = LARGEST
    ) -> None:
        """``largest``: bytes of a file that is taken."""
        self._desk, self._backroom, self._line, self._presenter = desk, backroom, line, presenter
        self._largest = largest
        self._budget = ByteBudget(IN_FLIGHT_BYTES)
        self._poked = asyncio.Event()
        self._in_hand: dict[str, asyncio.Task[None]] = {}  # by who sent it
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, with what an earlier process left."""
        self._task = asyncio.create_task(self._go())

    def poke(self) -> None:
        """There may be a file to fetch."""
        self._poked.set()

    async def close(self, patience: float) -> None:
        """Fetch no more; what is in hand has so many seconds. The rest is fetched at the next start."""
        if self._task is None:
            return
        self._task.cancel()
        tasks = [self._task, *self._in_hand.values()]
        if patience > 0 and self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=patience)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._task = None

    async def _go(self) -> None:
        if not self._desk.holder:  # this process alone shows chats: nobody else fetches
            await self._backroom.do(self._desk.release_files)
        while True:
            self._poked.clear()
            try:
                await self._take_on()
            except Exception as error:  # noqa: BLE001 (the next look tries again)
                log.error("Files cannot be looked for: %s", where(error))  # noqa: TRY400
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._poked.wait()

    async def _take_on(self) -> None:
        if len(self._in_hand) >= AT_ONCE:
            return  # whichever is done first looks again
        room = AT_ONCE - len(self._in_hand)
        for awaited in await self._backroom.do(self._desk.waiting_files, tuple(self._in_hand), room):
            task = self._in_hand[awaited.person] = asyncio.create_task(self._bring(awaited))
            task.add_done_callback(lambda _, person=awaited.person: self._done(person))  # type: ignore[misc]

    def _done(self, person: str) -> None:
        del self._in_hand[person]
        self.poke()

    async def _bring(self, awaited: AwaitedFile) -> None:
        async with self._budget.of(awaited.size or self._largest):
            try:
                await self._hear(awaited, *await self._fetch(awaited))
            except Exception as error:  # noqa: BLE001 (a fault in one file; who sent it is told)
                log.error("The file of update %d was not kept: %s", awaited.update_id, where(error))  # noqa: TRY400
                with suppress(Exception):  # it is tried again when nobody holds it any more
                    await self._hear(awaited, None, None, UNKEPT)

    async def _hear(self, awaited: AwaitedFile, file: bytes | None, rows: Unpacked | None, why: str) -> None:
        async with self._presenter.notes.along() as notes:
            heard = await self._backroom.do(self._desk.file_came, awaited.update_id, file, rows, why, notes)
        if heard is None or heard.person is None:
            return
        if heard.erase is not None and awaited.telegram_id is not None:
            self._presenter.erase(awaited.telegram_id, heard.erase)
        for person in dict.fromkeys((heard.person, *heard.wakes)):
            self._presenter.wake(person)

    async def _fetch(self, awaited: AwaitedFile) -> tuple[bytes | None, Unpacked | None, str]:
        """A file's bytes, and its rows where these are to be read; or why there are none."""
        file = None
        with suppress(TimeoutError):
            async with asyncio.timeout(FETCHING_SECONDS):
                file = await self._bytes(awaited.file_id)
        if file is None:
            log.warning("Telegram did not hand over the file of update %d.", awaited.update_id)
            return None, None, UNFETCHED
        if len(file) > self._largest:
            return None, None, larger(self._largest)
        return file, await asyncio.to_thread(unpacked, awaited.use, file, awaited.name), ""

    async def _bytes(self, file_id: str) -> bytes | None:
        for wait in waits():
            try:
                return await self._line.file(file_id)
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
            except (BadRequest, Forbidden, InvalidToken, OSError):
                return None
            except TelegramError:
                await asyncio.sleep(wait)
        return None
