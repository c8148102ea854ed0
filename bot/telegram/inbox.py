"""Takes updates in: an update is confirmed to Telegram only after its transaction committed."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.dialog.place import Sent, Unheard
from bot.telegram.group_news import GroupNews
from bot.telegram.line import Letter
from bot.telegram.receive import LARGEST, Fetch, GroupNudge, receive, too_large
from bot.telegram.tries import seconds, waits, where

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.telegram.groups import Groups
    from bot.telegram.line import Line
    from bot.telegram.present import Presenter
    from bot.telegram.tries import Backroom
    from bot.traffic import Arrived, Heard, Showing

TRIES = 3  # of an update that fails by a fault of ours
FETCHING = 45.0  # seconds in which Telegram must hand over a file, tries and waits together
NUDGE_EVERY = 600.0  # seconds between two replies in one group
GROUPS = 1000  # groups remembered for that

log = logging.getLogger(__name__)


class Inbox(asyncio.Queue[object]):
    """The queue that PTB's updater fills. Its `put` returns once the update is done with, and never raises.

    The updater confirms what it has put. So Telegram is the inbox, and while the database
    cannot be reached, polling waits.
    """

    def __init__(
        self,
        desk: Desk,
        backroom: Backroom,
        line: Line,
        presenter: Presenter,
        *,
        fault: str,
        largest: int = LARGEST,
        groups: Groups | None = None,
    ) -> None:
        """``fault`` tells a person that their update failed; ``largest``: bytes of a file that is taken."""
        super().__init__()
        self._groups = groups
        self._desk, self._backroom, self._line, self._presenter = desk, backroom, line, presenter
        self._fault, self._largest = fault, largest
        self._nudged: dict[int, float] = {}
        self._one = asyncio.Lock()

    async def put(self, item: object) -> None:
        """Take in one update, whatever becomes of it."""
        if not isinstance(item, Letter):
            return
        async with self._one:
            try:
                await self._take(item)
            except Exception as error:  # noqa: BLE001 (a fault in one update must not stop its neighbours)
                await self._set_aside(item, error)
            self._line.confirm(item.update_id)

    async def close(self, patience: float) -> None:
        """Finish the update in hand and take no more. Waits so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._one.acquire()

    async def _take(self, letter: Letter) -> None:
        received = receive(letter.open(self._line), self._line.username, self._largest)
        if isinstance(received, GroupNudge):
            self._nudge(received.chat_id)
            return
        if isinstance(received, GroupNews):
            if self._groups is not None and await self._groups.hear(received):
                self._nudge(received.group)
            return
        if isinstance(received, Fetch):
            received = await self._fetched(received)
        if received is None:
            return
        heard, showing = await self._heard(received)
        query = letter.query
        if query is not None:
            self._presenter.answer(query, heard.answer)
        if heard.person is not None:
            self._presenter.wake(heard.person, showing)
            for other in heard.wakes:
                self._presenter.wake(other)
        elif heard.answer and query is None and not heard.repeated:
            self._presenter.say(received.telegram_id, heard.answer)

    async def _heard(self, arrived: Arrived) -> tuple[Heard, Showing | None]:
        for left in reversed(range(TRIES)):
            try:
                return await self._backroom.do(self._hear, arrived)
            except Exception as error:
                if not left:
                    raise
                log.warning("Update %d failed: %s", arrived.update_id, where(error))
        raise AssertionError  # the last try returns or raises

    def _hear(self, arrived: Arrived) -> tuple[Heard, Showing | None]:
        """Hear an update, and see in the same go what its chat should show: a thread's switch saved."""
        heard = self._desk.hear(arrived)
        if heard.person is None or not self._presenter.idle(heard.person):
            return heard, None
        try:
            return heard, self._desk.showing(heard.person)
        except Exception as error:  # noqa: BLE001 (it is heard; the presenter asks again and tells)
            log.debug("Asking again what to show: %s", where(error))
            return heard, None

    async def _fetched(self, fetch: Fetch) -> Arrived:
        """The update with its file's bytes, or with what to say when there are none."""
        arrived, body = fetch.arrived, None
        with suppress(TimeoutError):  # others wait meanwhile
            async with asyncio.timeout(FETCHING):
                body = await self._bytes(fetch.file_id)
        if body is None:
            log.warning("Telegram did not hand over the file of update %d.", arrived.update_id)
            return replace(arrived, said=Unheard("a file that Telegram did not hand over"))
        if len(body) > self._largest:
            return replace(arrived, said=too_large(self._largest))
        said = arrived.said
        return replace(arrived, said=replace(said, size=len(body)) if isinstance(said, Sent) else said, file=body)

    async def _bytes(self, file_id: str) -> bytes | None:
        for wait in waits():
            try:
                file = await self._line.get_file(file_id)
                return bytes(await file.download_as_bytearray())
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
            except (BadRequest, Forbidden, InvalidToken, OSError):
                return None
            except TelegramError:
                await asyncio.sleep(wait)
        return None

    async def _set_aside(self, letter: Letter, error: Exception) -> None:
        log.error("Update %d was set aside: %s", letter.update_id, where(error))
        raw = json.dumps(letter.raw, default=repr)  # ASCII, so that any database takes it
        words = f"{where(error)}: {str(error)[:500]}".encode("ascii", "backslashreplace").decode()
        for wait in waits():
            try:
                await self._backroom.do(self._desk.set_aside, letter.update_id, raw, words)
                break
            except Exception as fault:  # noqa: BLE001 (losing it would be worse than waiting)
                log.error("Update %d cannot even be set aside: %s", letter.update_id, where(fault))  # noqa: TRY400
            await asyncio.sleep(wait)
        if letter.query is not None:
            self._presenter.answer(letter.query, self._fault)
        elif letter.private is not None:
            self._presenter.say(letter.private, self._fault)

    def _nudge(self, group: int) -> None:
        now = time.monotonic()
        if now - self._nudged.get(group, -NUDGE_EVERY) < NUDGE_EVERY:
            return
        self._nudged.pop(group, None)
        self._nudged[group] = now
        if len(self._nudged) > GROUPS:
            del self._nudged[next(iter(self._nudged))]
        self._presenter.nudge(group)
