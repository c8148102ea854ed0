"""Sends reminders: each a message of its own, below whatever the chat shows."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.application.periodic import PeriodicTask
from bot.application.retry import fixed
from bot.telegram.formatting import keyboard, titled

if TYPE_CHECKING:
    from bot.application.reminders import Reminder, ReminderService
    from bot.application.retry import WorkerPool
    from bot.telegram.presenter import Presenter

EVERY_SECONDS = 45.0  # between two looks
AT_ONCE = 20  # reminders in a second: Telegram allows 30 messages to different chats, and others want some

log = logging.getLogger(__name__)


class ReminderSender:
    """Asks what is to be told, and tells it. What cannot be sent now is taken over later, as it is by then."""

    def __init__(
        self, reminding: ReminderService, backroom: WorkerPool, presenter: Presenter, every: float | None = None
    ) -> None:
        """``every``: seconds between two looks."""
        self._reminding, self._backroom, self._presenter = reminding, backroom, presenter
        self._rounds = PeriodicTask(self._ring, EVERY_SECONDS if every is None else every)

    def start(self) -> None:
        """Begin to look."""
        self._rounds.start()

    async def close(self, patience: float) -> None:
        """Finish the round in hand, for so many seconds at most."""
        await self._rounds.close(patience)

    async def _ring(self) -> bool:
        due, more = await self._backroom.do(self._reminding.due)
        for start in range(0, len(due), AT_ONCE):
            if start:
                await asyncio.sleep(1)
            await asyncio.gather(*(self._send(reminder) for reminder in due[start : start + AT_ONCE]))
        return more

    async def _send(self, reminder: Reminder) -> None:
        if self._presenter.rests(reminder.telegram_id):
            return
        message = {
            **titled(reminder.telegram_id, reminder.title, reminder.text),
            "reply_markup": keyboard(reminder.buttons),
            "protect_content": True,
        }
        try:
            sent = await self._presenter.beside("sendMessage", message)
        except RetryAfter:
            return
        except (Forbidden, BadRequest) as error:  # blocked, deleted: it can never be sent
            log.info("Telegram refuses a reminder: %s", fixed(error))
            await self._backroom.do(self._reminding.sent, reminder, None)
        except TelegramError as error:
            log.warning("A reminder could not be sent (%s). It is sent later.", fixed(error))
        else:
            self._backroom.tally.reminded()
            await self._backroom.do(self._reminding.sent, reminder, sent["message_id"])
