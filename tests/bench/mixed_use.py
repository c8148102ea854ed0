"""Hours of mixed use in minutes: taps, rows, files, pictures, exports and pages, as fast as they are answered."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.bench.processes import family, resident_mb
from tests.telegram_double.wire import Upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tests.bench.people import Crowd, Person
    from tests.telegram_double.world import Message

ACT_SECONDS = 60.0
REST_SECONDS = 2.0  # before memory is looked at
FILE_BYTES = 40_000
FORMS = ("PDF", "Word", "Excel", "Web page")
TAPS_A_ROUND, PAGES_A_ROUND = 5, 3


class Visitor:
    """One of those who do everything; each act is done once the bot has shown what comes of it."""

    def __init__(self, person: Person, client: aiohttp.ClientSession, page: str, cookie: str) -> None:
        """``page``: where their chat stands in the browser; ``cookie``: of the session in which they see it."""
        self._person, self._client, self._page = person, client, page
        self._signed_in = {"Cookie": f"readiness={cookie}"}
        self._chance = random.Random(person.chat_id)  # noqa: S311 (a bench must repeat)
        self._seen = asyncio.Event()
        self._wanted: list[Callable[[Message], bool]] = []
        self.rounds = 0

    def see(self, message: Message) -> None:
        """Look at what the bot put into the chat."""
        if message.keyboard and not message.media:
            self._person.screen = message
        self._wanted = [wanted for wanted in self._wanted if not wanted(message)]
        if not self._wanted:
            self._seen.set()

    async def acts(self) -> AsyncIterator[None]:
        """Do one act after the other, without end."""
        while True:
            await self._types("/continue")
            yield
            for _ in range(TAPS_A_ROUND):
                await self._answers()
                yield
            for act in (self._row, self._file, self._picture, self._export, self._pages):
                async for _ in act():
                    yield
            self.rounds += 1

    async def _answers(self) -> None:
        person = self._person
        label = next((label for label, _ in person.buttons() if label in {"Contacts", "Standards"}), None)
        if label is None:
            await self._types(f"Sample words {self._chance.random()}.")
        else:
            await self._taps(label)

    async def _row(self) -> AsyncIterator[None]:
        await self._types("/find notebook")
        yield
        await self._taps("1")
        yield
        await self._types(f"Sample note {self._chance.random()}")
        yield
        await self._taps("Record 1 row")
        yield

    async def _file(self) -> AsyncIterator[None]:
        await self._types("/find earlier words")
        yield
        await self._taps("1")
        yield
        await self._taps("Evidence")
        yield
        content = b"%PDF-1.4\n" + self._chance.randbytes(FILE_BYTES)
        await self._does(lambda: self._person.send_file(Upload("sample.pdf", "application/pdf", content)), _is_screen)
        yield

    async def _picture(self) -> AsyncIterator[None]:
        await self._does(lambda: self._person.type("/summary"), _is_screen, _is_photo)
        yield

    async def _export(self) -> AsyncIterator[None]:
        await self._types("/take")
        yield
        form = FORMS[(self.rounds + self._person.chat_id) % len(FORMS)]
        await self._does(lambda: self._person.tap(form), _is_screen, _is_document)
        yield

    async def _pages(self) -> AsyncIterator[None]:
        for _ in range(PAGES_A_ROUND):
            async with self._client.get(self._page, headers=self._signed_in) as answer:
                answer.raise_for_status()
                await answer.read()
            yield

    async def _types(self, text: str) -> None:
        await self._does(lambda: self._person.type(text), _is_screen)

    async def _taps(self, label: str) -> None:
        await self._does(lambda: self._person.tap(label), _is_screen)

    async def _does(self, act: Callable[[], None], *wanted: Callable[[Message], bool]) -> None:
        """Do something, and wait until the bot has shown all that comes of it, in whatever order."""
        self._wanted = list(wanted)
        self._seen.clear()
        act()
        try:
            await asyncio.wait_for(self._seen.wait(), ACT_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"nothing came of it; on the screen is {self._person.text!r}") from None


def _is_screen(message: Message) -> bool:
    return bool(message.keyboard)


def _is_photo(message: Message) -> bool:
    return "photo" in message.media


def _is_document(message: Message) -> bool:
    return "document" in message.media


async def mixed_use(
    crowd: Crowd, acts: int, first: int, url: str, sessions: dict[str, list[str]], pids: list[int]
) -> dict[str, Any]:
    """Let everybody do ``acts`` acts in all, and tell the memory after the ``first`` of them and at the end.

    ``sessions``: for each chat the path of their page under ``url``, and the cookie with which they are signed in.
    """
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        visitors = {
            person.chat_id: Visitor(person, client, url + path, cookie)
            for person in crowd
            for path, cookie in (sessions[str(person.chat_id)],)
        }
        crowd.telegram.on_shown = lambda message: visitors[message.chat.chat_id].see(message)
        courses = [visitor.acts() for visitor in visitors.values()]
        begun = time.monotonic()
        before = await _memory_after(courses, first, pids)
        after = await _memory_after(courses, acts - first, pids)
        return {"before": before, "after": after, "seconds": time.monotonic() - begun}


async def _memory_after(courses: Sequence[AsyncIterator[None]], acts: int, pids: list[int]) -> float:
    """Go on with all courses until so many acts were done; the bot's memory then, in MB."""
    left = iter(range(acts))

    async def go_on(course: AsyncIterator[None]) -> None:
        for _ in left:
            await anext(course)

    await asyncio.gather(*map(go_on, courses))
    await asyncio.sleep(REST_SECONDS)
    return resident_mb(family(pids))
