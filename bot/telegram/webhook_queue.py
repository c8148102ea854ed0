"""Takes in what Telegram brings to the webhook: each update is answered for only once it is committed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.application.retry import where
from bot.storage import StoreError
from bot.telegram.client import RawUpdate
from bot.telegram.update_queue import TOGETHER

if TYPE_CHECKING:
    from bot.application.metrics import Metrics
    from bot.telegram.update_queue import Opened, UpdateQueue

NUMBERS = 2**63  # what a database takes for a number
WAITING = 1000  # updates; Telegram brings at most 100 at once to all replicas together

log = logging.getLogger(__name__)


class QueueClosed(StoreError):
    """No more updates are taken here, or not yet; another process may."""


class WebhookQueue:
    """Many updates come at once; those that wait together share a transaction, as the updates of one poll do."""

    def __init__(self, tally: Metrics) -> None:
        """Take nothing yet: `open` begins."""
        self._tally = tally
        self._waiting: asyncio.Queue[tuple[Opened, asyncio.Future[None]]] = asyncio.Queue(WAITING)
        self._inbox: UpdateQueue | None = None
        self._task: asyncio.Task[None] | None = None

    def open(self, inbox: UpdateQueue) -> None:
        """Begin to take updates in."""
        self._inbox = inbox
        self._task = asyncio.create_task(self._go(inbox))

    async def take(self, raw: dict[str, Any]) -> None:
        """Take an update in, and return once it is done with for good.

        StoreError when it is not: Telegram is to bring it again, here or to another process.
        """
        if self._inbox is None or self._waiting.full():
            raise QueueClosed
        self._tally.heard_from()
        number = raw.get("update_id")
        if not isinstance(number, int) or not 0 <= number < NUMBERS:
            log.error("An update came without a number; it cannot be set aside.")
            return
        opened = self._inbox.opened(RawUpdate(number, raw))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((opened, done))
        await done

    async def close(self, patience: float) -> None:
        """Take no more, and finish what was taken, for so many seconds at most."""
        self._inbox = None
        if self._task is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._waiting.join()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        while not self._waiting.empty():
            self._waiting.get_nowait()[1].set_exception(QueueClosed())

    async def _go(self, inbox: UpdateQueue) -> None:
        while True:
            part = [await self._waiting.get()]
            while len(part) < TOGETHER and not self._waiting.empty():
                part.append(self._waiting.get_nowait())
            await self._take(inbox, part)

    async def _take(self, inbox: UpdateQueue, part: list[tuple[Opened, asyncio.Future[None]]]) -> None:
        failed: BaseException | None = None
        try:
            await inbox.take([opened for opened, _ in part])
        except StoreError as error:
            failed = error
        except Exception as error:  # noqa: BLE001 (the intake must go on; Telegram brings these again)
            log.error("Updates could not be taken in: %s", where(error))  # noqa: TRY400
            failed = QueueClosed()
        except asyncio.CancelledError:
            failed = QueueClosed()
            raise
        finally:
            for _, done in part:
                self._waiting.task_done()
                if not done.done():
                    done.set_result(None) if failed is None else done.set_exception(failed)
