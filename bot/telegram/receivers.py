"""The two ways in which updates come: the bot asks Telegram for them, or Telegram brings them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Updater

from bot.application.periodic import PeriodicTask
from bot.application.retry import fixed, seconds, waits
from bot.telegram.parser import WANTED

if TYPE_CHECKING:
    from bot.telegram.client import BotClient
    from bot.telegram.update_queue import UpdateQueue
    from bot.telegram.webhook_queue import WebhookQueue

POLL = timedelta(seconds=30)  # one long poll; Telegram allows 50
AT_ONCE = 40  # updates that Telegram may bring at the same time; it allows 100, and keeps order within a chat
CHECKED_SECONDS = 60.0  # between two looks whether Telegram still knows the address

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where Telegram brings updates, instead of being asked for them; ``secret`` comes with each."""

    url: str
    secret: str
    intake: WebhookQueue


class PollingReceiver:
    """Asks Telegram for updates. It takes no other way meanwhile: an address it was given before is forgotten."""

    def __init__(self, line: BotClient, inbox: UpdateQueue) -> None:
        """Do nothing yet: `start` begins."""
        self._line, self._inbox = line, inbox
        self._updater = Updater(line, inbox)

    async def start(self) -> None:
        """Begin, as soon as Telegram can be reached."""
        await self._updater.initialize()
        await self._updater.start_polling(
            timeout=POLL,
            bootstrap_retries=-1,
            allowed_updates=WANTED,
            drop_pending_updates=False,
            error_callback=lambda error: None if self._line.refused.is_set() else _tell(error),
        )
        self._line.tally.heard_from()  # it took the webhook away; a first poll may say nothing for half a minute

    async def finish(self, patience: float) -> None:
        """Finish the update in hand and take no more, for so many seconds at most."""
        await self._inbox.close(patience)

    async def close(self, patience: float) -> None:
        """Confirm what is committed, for so many seconds at most."""
        if not self._updater.running:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._updater.stop()


class WebhookReceiver:
    """Has Telegram bring updates. The address stays known when the process ends: others may serve it."""

    def __init__(self, line: BotClient, inbox: UpdateQueue, hook: WebhookEndpoint) -> None:
        """Do nothing yet: `start` begins."""
        self._line, self._inbox, self._hook = line, inbox, hook
        self._rounds = PeriodicTask(self._check, CHECKED_SECONDS)

    async def start(self) -> None:
        """Begin, and tell Telegram the address as soon as it can be reached."""
        self._hook.intake.open(self._inbox)
        for wait in waits():
            pause = wait
            try:
                await self._tell_address()
            except InvalidToken:
                raise
            except RetryAfter as error:
                pause = seconds(error)
            except TelegramError as error:
                log.error("Telegram does not take READINESS_URL (%s). Trying again.", fixed(error))  # noqa: TRY400
            else:
                break
            await asyncio.sleep(pause)
        self._rounds.start()

    async def finish(self, patience: float) -> None:
        """Finish the updates in hand and take no more, for so many seconds at most."""
        await self._hook.intake.close(patience)

    async def close(self, patience: float) -> None:
        """End the looks whether Telegram still knows the address."""
        await self._rounds.close(patience)

    async def _tell_address(self) -> None:
        await self._line.set_webhook(
            self._hook.url,
            secret_token=self._hook.secret,
            allowed_updates=WANTED,
            max_connections=AT_ONCE,
            drop_pending_updates=False,
        )
        self._line.tally.heard_from()

    async def _check(self) -> None:
        """Whoever polls with the same token makes Telegram forget the address, and nothing would come any more."""
        try:
            info = await self._line.get_webhook_info()
            self._line.tally.waiting = info.pending_update_count
            if info.url != self._hook.url:
                log.error("Another process polls with this token, or took its webhook. It is taken back.")
                await self._tell_address()
        except TelegramError as error:
            log.warning("Telegram cannot be asked about the webhook (%s).", fixed(error))


def _tell(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.error("Another process polls with this token, too. Stop one of the two.")
        return
    log.warning("Polling failed (%s). Trying again.", fixed(error))
