"""How many bytes of files are in memory at once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class ByteBudget:
    """Bytes that may be in memory at once. Whoever wants more than is left waits; who wants less goes on."""

    def __init__(self, most: int) -> None:
        """``most``: bytes, of which no single wish can take more."""
        self._most = self.left = most
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Have so many bytes as long as the block lasts."""
        taken = min(size, self._most)
        while self.left < taken:
            self._freed.clear()
            await self._freed.wait()
        self.left -= taken
        try:
            yield
        finally:
            self.left += taken
            self._freed.set()
