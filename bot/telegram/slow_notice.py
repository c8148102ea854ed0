"""While the database does not answer: whoever wrote is told so, instead of waiting in silence."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from telegram.error import TelegramError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.telegram.client import BotClient, RawUpdate
    from bot.telegram.presenter import Presenter

SLOW_SECONDS = 3.0  # that a person waits for the database before they are told
LOOK_SECONDS = 1.5  # between two looks at who else has written meanwhile


class SlowNotice:
    """Tells people that the database is slow: those whose updates are in hand, and those whose wait behind them."""

    def __init__(self, line: BotClient, presenter: Presenter, words: str) -> None:
        """``words``: what to tell."""
        self._line, self._presenter, self._words = line, presenter, words

    @contextmanager
    def over(self, letters: Sequence[RawUpdate]) -> Iterator[None]:
        """Tell who wrote these letters, unless they are done with soon."""
        loop, telling = asyncio.get_running_loop(), list[asyncio.Task[None]]()
        timer = loop.call_later(SLOW_SECONDS, lambda: telling.append(loop.create_task(self._tell(letters))))
        try:
            yield
        finally:
            timer.cancel()
            for task in telling:
                task.cancel()

    async def _tell(self, letters: Sequence[RawUpdate]) -> None:
        told: set[object] = set()
        while True:
            for letter in letters:
                whom = letter.query or letter.private
                if whom is None or whom in told:
                    continue
                told.add(whom)
                if letter.query is not None:
                    self._presenter.answer(letter.query, self._words)
                elif letter.private is not None:
                    self._presenter.say(letter.private, self._words)
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(TelegramError):
                letters = await self._line.waiting()
