"""Notes of what chats show, many in one transaction."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.application.messages import Receipt
    from bot.application.retry import WorkerPool
    from bot.application.updates import UpdateHandler


class ReceiptWriter:
    """Notes what chats show. Whatever comes while one transaction is written goes into the next."""

    def __init__(self, desk: UpdateHandler, backroom: WorkerPool) -> None:
        """Nothing is noted yet."""
        self._desk, self._backroom = desk, backroom
        self._waiting: list[Receipt] = []
        self._one = asyncio.Lock()

    async def take(self, note: Receipt) -> None:
        """Note it, and return once that is committed."""
        self._waiting.append(note)
        async with self.along() as notes:
            if notes:
                await self._backroom.do(self._desk.shown, notes)

    @asynccontextmanager
    async def along(self) -> AsyncIterator[Sequence[Receipt]]:
        """The notes that wait, to be written along with something else. When that fails, they wait on."""
        async with self._one:
            notes, self._waiting = self._waiting, []
            try:
                yield notes
            except BaseException:
                self._waiting = notes + self._waiting
                raise
