"""Which chats Telegram wants to be left alone, and for how long."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from bot.application.retry import seconds

if TYPE_CHECKING:
    from telegram.error import RetryAfter

log = logging.getLogger(__name__)

LAST_CALLS = 16  # to chats: what became of them tells whether Telegram means a chat or the bot


class FloodControl:
    """Remembers what Telegram asked for, by the loop's clock.

    Telegram does not say whether a wait is about one chat (a message a second there) or about the bot (some 30 a
    second over all). It is about the bot when several chats are to wait and most of the last calls were refused;
    while others are served, each waits for itself alone.
    """

    def __init__(self) -> None:
        """Leave nobody alone yet."""
        self._until: dict[int, float] = {}
        self._all_until = 0.0
        self._refused: deque[bool] = deque(maxlen=LAST_CALLS)

    def left(self, chat_id: int | None) -> float:
        """Seconds for which Telegram wants no call to this chat."""
        if not self._until:
            return 0.0
        until = max(self._all_until, self._until.get(chat_id or 0, 0.0))
        return until - asyncio.get_running_loop().time()

    def served(self) -> None:
        """Note that a call to some chat was not refused."""
        self._refused.append(False)

    def asked(self, chat_id: int, error: RetryAfter) -> float:
        """Leave a chat alone as long as Telegram asks, and all of them when it means the bot."""
        now, wait = asyncio.get_running_loop().time(), seconds(error)
        self._refused.append(True)
        self._until = {chat: until for chat, until in self._until.items() if until > now}
        self._until[chat_id] = now + wait
        if len(self._until) > 1 and 2 * sum(self._refused) > len(self._refused):
            self._all_until = max(self._all_until, now + wait)
        log.info("Telegram asks to wait %.0f s (%d chats).", wait, len(self._until))
        return wait
