"""Live pages: whoever looks at a conversation sees what others change in it, without asking."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from bot.application.messages import ChatView

EVERY_SECONDS = 1.0  # between two looks at what other processes changed
REST_SECONDS = 0.2  # between two rounds, so that quick changes collapse
EACH_SECONDS = 0.01  # more for each person who looks: whoever answers goes first
BEAT_SECONDS = 15.0  # after which a silent page hears that it is still connected

log = logging.getLogger(__name__)


class LiveUpdates:
    """Looks, in rounds, at whose screens changed, and hands those to the pages that show them."""

    def __init__(
        self,
        marks: Callable[[Sequence[str]], Awaitable[dict[str, tuple[object, ...]]]],
        screen: Callable[[str], Awaitable[ChatView]],
    ) -> None:
        """``marks`` tells for each person what changes whenever ``screen`` may be another."""
        self._marks, self._screen = marks, screen
        self._pages: dict[asyncio.Queue[ChatView | None], tuple[str, ...]] = {}
        self._seen: dict[str, tuple[object, ...]] = {}
        self._changed = asyncio.Event()
        self._rounds: asyncio.Task[None] | None = None
        self.closed = False

    def poke(self) -> None:
        """Look soon: something changed here."""
        self._changed.set()

    async def follow(self, people: Sequence[str]) -> AsyncIterator[ChatView | None]:
        """Every new screen of these people, as it comes; None when nothing came for a while, or at the end."""
        page: asyncio.Queue[ChatView | None] = asyncio.Queue()
        self._pages[page] = tuple(people)
        for person in people:  # what changed between the page and this is shown as well
            self._seen.pop(person, None)
        self.poke()
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._go())
        try:
            while not self.closed:
                got: ChatView | None = None
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        got = await page.get()
                yield got
        finally:
            del self._pages[page]

    def close(self) -> None:
        """End every page's stream, so that the server can stop."""
        self.closed = True
        for page in self._pages:
            page.put_nowait(None)
        if self._rounds is not None:
            self._rounds.cancel()

    @property
    def pages(self) -> int:
        """How many pages look on."""
        return len(self._pages)

    async def _go(self) -> None:
        while self._pages:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._changed.wait()
            self._changed.clear()
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001 (the next round tries again)
                log.error("A round of live pages failed: %s", type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(REST_SECONDS + EACH_SECONDS * len(self._pages))

    async def _round(self) -> None:
        looking = {person for people in self._pages.values() for person in people}
        marks = await self._marks(sorted(looking))
        for person in [viewer for viewer in looking if marks.get(viewer, ()) != self._seen.get(viewer)]:
            screen = await self._screen(person)
            self._seen[person] = marks.get(person, ())
            for page, people in self._pages.items():
                if person in people:
                    page.put_nowait(screen)
        self._seen = {person: mark for person, mark in self._seen.items() if person in looking}
