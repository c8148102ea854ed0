"""Which chats Telegram wants to be left alone, and for how long."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.application.retry import seconds

if TYPE_CHECKING:
    from telegram.error import RetryAfter

log = logging.getLogger(__name__)


class FloodControl:
    """Remembers what Telegram asked for, by the loop's clock."""

    def __init__(self) -> None:
        """Leave nobody alone yet."""
        self._until: dict[int, float] = {}
        self._all_until = 0.0

    def left(self, chat_id: int | None) -> float:
        """Seconds for which Telegram wants no call to this chat."""
        if not self._until:
            return 0.0
        until = max(self._all_until, self._until.get(chat_id or 0, 0.0))
        return until - asyncio.get_running_loop().time()

    def asked(self, chat_id: int, error: RetryAfter) -> float:
        """Leave a chat alone as long as Telegram asks; when it asks for several chats, it means the bot."""
        now, wait = asyncio.get_running_loop().time(), seconds(error)
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[chat_id] = now + wait
        if len(self._until) > 1:
            self._all_until = max(self._all_until, now + wait)
        log.info("Telegram asks to wait %.0f s (%d chats).", wait, len(self._until))
        return wait
