"""Takes updates in: an update is confirmed to Telegram only after its transaction committed."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from telegram import Update

from bot.application.messages import IncomingUpdate
from bot.application.retry import waits, where
from bot.dialog.limit_messages import LARGEST
from bot.storage import StoreError, Tampered
from bot.telegram.client import RawUpdate, UpdateBatch
from bot.telegram.fast_parser import plain
from bot.telegram.group_events import GroupEvent
from bot.telegram.parser import WANTED, Received, receive
from bot.telegram.slow_notice import SlowNotice
from bot.telegram.tolerant_parser import tolerant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.application.messages import UpdateResult
    from bot.application.retry import WorkerPool
    from bot.application.updates import UpdateHandler
    from bot.telegram.client import BotClient
    from bot.telegram.file_fetcher import FileFetcher
    from bot.telegram.group_presenter import GroupPresenter
    from bot.telegram.presenter import Presenter

TOGETHER = 32  # updates that share a transaction: its sync to disk costs as much as hearing several
TRIES = 3  # of an update that fails by a fault of ours
NUDGE_EVERY_SECONDS = 600.0  # between two replies in one group
GROUPS = 1000  # groups remembered for that

Opened: TypeAlias = tuple[RawUpdate, Received | Exception]

log = logging.getLogger(__name__)


class UpdateQueue(asyncio.Queue[object]):
    """The queue that PTB's updater fills. Its `put` returns once the update is done with, and never raises.

    The updater confirms what it has put. So Telegram is the inbox, and while the database
    cannot be reached, polling waits.
    """

    def __init__(  # noqa: PLR0913 (what it stands on, and what it says)
        self,
        desk: UpdateHandler,
        backroom: WorkerPool,
        line: BotClient,
        presenter: Presenter,
        *,
        fault: str,
        slow: str,
        largest: int = LARGEST,
        groups: GroupPresenter | None = None,
        files: FileFetcher | None = None,
    ) -> None:
        """``fault`` tells a person that their update failed, ``slow`` that the database does not answer.

        ``largest``: bytes of a file that is taken.
        """
        super().__init__()
        self._groups, self._files = groups, files
        self._desk, self._backroom, self._line, self._presenter = desk, backroom, line, presenter
        self._fault, self._largest = fault, largest
        self._patience = SlowNotice(line, presenter, slow)
        self._nudged: dict[int, float] = {}
        self._one = asyncio.Lock()

    async def put(self, item: object) -> None:
        """Take in the updates of a poll, whatever becomes of them."""
        if not isinstance(item, UpdateBatch):
            return
        for start in range(0, len(item.letters), TOGETHER):
            part = [self.opened(letter) for letter in item.letters[start : start + TOGETHER]]
            async with self._one:
                await self._take(part)
                self._line.confirm(part[-1][0].update_id)

    def opened(self, letter: RawUpdate) -> Opened:
        """An update ready to be taken in: what it says, or why it cannot be read."""
        return letter, self._opened(letter)

    async def take(self, part: Sequence[Opened]) -> None:
        """Take in a few updates, and return once they are done with. StoreError when some of them are not."""
        async with self._one:
            await self._take(part)

    async def close(self, patience: float) -> None:
        """Finish the update in hand and take no more. Waits so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._one.acquire()

    def _opened(self, letter: RawUpdate) -> Received | Exception:
        if not any(kind in letter.raw for kind in WANTED):  # an older server does not heed what was asked for
            return None
        try:
            return plain(letter.raw) or self._read(letter)
        except Exception as error:  # noqa: BLE001 (an update that does not parse costs only itself)
            return error

    def _read(self, letter: RawUpdate) -> Received:
        name, largest = self._line.username, self._largest
        try:
            update = letter.open(self._line)
        except Exception:  # noqa: BLE001 (what of it cannot be read is left out)
            return tolerant(letter.raw, lambda raw: Update.de_json(raw, self._line), name, largest)
        return receive(update, name, largest)

    async def _take(self, part: Sequence[Opened]) -> None:
        """Take in a few updates. A fault in one must not stop its neighbours."""
        said: list[tuple[RawUpdate, IncomingUpdate]] = []
        for letter, received in part:
            match received:
                case Exception():
                    await self._set_aside(letter, received)
                case None:
                    self._count("other", letter)
                case GroupEvent():
                    await self._news(letter, received)
                case IncomingUpdate():
                    said.append((letter, received))
        with self._patience.over([letter for letter, _ in said]):
            await self._hear_said(said)

    async def _hear_said(self, said: Sequence[tuple[RawUpdate, IncomingUpdate]]) -> None:
        self._presenter.hearing()
        together = await self._together([update for _, update in said]) if len(said) > 1 else None
        for n, (letter, arrived) in enumerate(said):
            try:
                heard = together[n] if together else await self._heard(arrived)
            except Tampered as error:  # of one person or one negotiation, and the same the next time
                await self._set_aside(letter, error)
            except StoreError:  # from a backroom that gives up: whoever brought the updates brings them again
                raise
            except Exception as error:  # noqa: BLE001
                await self._set_aside(letter, error)
            else:
                self._count("repeated" if heard.repeated else "heard" if heard.known else "refused", letter)
                if heard.awaits and self._files is not None:
                    self._files.poke()
                self._answer(letter, arrived, heard)

    async def _news(self, letter: RawUpdate, news: GroupEvent) -> None:
        try:
            if self._groups is not None and await self._groups.hear(news, self._backroom):
                self._redirect_to_private(news.group, news.topic)
            self._count("other", letter)
        except Tampered as error:
            await self._set_aside(letter, error)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001
            await self._set_aside(letter, error)

    def _answer(self, letter: RawUpdate, arrived: IncomingUpdate, heard: UpdateResult) -> None:
        query = letter.query
        if query is not None and (heard.known or heard.answer):
            self._presenter.answer(query, heard.answer)
        if heard.erase is not None:
            self._presenter.erase(arrived.telegram_id, heard.erase)
        if heard.person is not None:
            wrote = query is None and not heard.repeated and not arrived.edited
            self._presenter.wake(heard.person, heard.showing, wrote=wrote)
            for other in heard.wakes:
                self._presenter.wake(other)
        elif heard.answer and query is None and arrived.chat:
            self._redirect_to_private(arrived.chat, arrived.topic)
        elif heard.answer and query is None and not heard.repeated:
            self._presenter.say(arrived.telegram_id, heard.answer)

    async def _together(self, batch: Sequence[IncomingUpdate]) -> list[UpdateResult] | None:
        """Hear updates in one transaction, which they share; None when they must be heard one by one."""
        try:
            return await self._hear(batch, self._backroom.once)
        except Exception as error:  # noqa: BLE001 (whichever it was, it fails again by itself)
            log.warning("%d updates failed together: %s", len(batch), where(error))
            return None

    async def _heard(self, arrived: IncomingUpdate) -> UpdateResult:
        for left in reversed(range(TRIES)):
            try:
                return (await self._hear((arrived,), self._backroom.do))[0]
            except StoreError:
                raise
            except Exception as error:
                if not left:
                    raise
                log.warning("Update %d failed: %s", arrived.update_id, where(error))
        raise AssertionError  # the last try returns or raises

    async def _hear(
        self, batch: Sequence[IncomingUpdate], do: Callable[..., Awaitable[list[UpdateResult]]]
    ) -> list[UpdateResult]:
        """Hear updates. What chats show by now is noted first: a turn tells again what was not shown."""
        async with self._presenter.notes.along() as notes:
            return await do(self._desk.hear_all, batch, self._presenter.idle, notes)

    async def _set_aside(self, letter: RawUpdate, error: Exception) -> None:
        log.error("Update %d was set aside: %s", letter.update_id, where(error))
        raw = json.dumps(letter.raw, default=repr)  # ASCII, so that any database takes it
        words = where(error)  # and not what it says, which may quote what a person wrote; that is in ``raw``, sealed
        for wait in waits():
            try:
                await self._backroom.do(self._desk.set_aside, letter.update_id, raw, words)
                break
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 (losing it would be worse than waiting)
                log.error("Update %d cannot even be set aside: %s", letter.update_id, where(fault))  # noqa: TRY400
            await asyncio.sleep(wait)
        self._count("set_aside", letter)
        if letter.query is not None:
            self._presenter.answer(letter.query, self._fault)
        elif letter.private is not None:
            self._presenter.say(letter.private, self._fault)

    def _count(self, outcome: str, letter: RawUpdate) -> None:
        self._backroom.tally.update(outcome, letter.at)

    def _redirect_to_private(self, group: int, topic: int) -> None:
        now = time.monotonic()
        if now - self._nudged.get(group, -NUDGE_EVERY_SECONDS) < NUDGE_EVERY_SECONDS:
            return
        self._nudged.pop(group, None)
        self._nudged[group] = now
        if len(self._nudged) > GROUPS:
            del self._nudged[next(iter(self._nudged))]
        self._presenter.redirect_to_private(group, topic)
