"""The browser face as a whole: what its pages share, and the application for who runs nothing but it."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from bot.application.browser_sessions import BrowserSessionService
from bot.application.byte_budget import ByteBudget
from bot.application.dashboard import DashboardService
from bot.application.file_use import FileUse, unpacked
from bot.application.passphrases import PassphraseService
from bot.web.auth import PassphraseRequired
from bot.web.live_updates import LiveUpdates
from bot.web.passphrase import asking
from bot.web.rendering import pages
from bot.web.security import AROUND_BYTES, FILE_BYTES, RequestRateLimiter, in_telegram
from bot.web.texts import BACK, WRONG
from bot.web.transcript import SessionTranscript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.application.browser_sessions import BrowserAnswer
    from bot.application.messages import Attachment, ChatView, IncomingReply
    from bot.application.updates import UpdateHandler
    from bot.exports.reimport.reading_process import Unpacked
    from bot.web.security import PublicAddress
    from bot.web.telegram_init_data import InitData
    from bot.web.transcript import Conversation

P = ParamSpec("P")
T = TypeVar("T")

TOGETHER = 32  # replies that share a transaction
IN_FLIGHT_BYTES = 4 * (FILE_BYTES + AROUND_BYTES)  # of files on their way in, each of another person

log = logging.getLogger(__name__)


class WebServices:
    """What every page works with. One a process."""

    def __init__(
        self,
        desk: UpdateHandler,
        executor: Executor,
        address: Callable[[], PublicAddress],
        *,
        sample: tuple[str, ...] = (),
        on_key: Callable[[str], None] = lambda _: None,
        on_wakes: Callable[[Iterable[str]], object] = lambda _: None,
        telegram: InitData | None = None,
    ) -> None:
        """``address`` is where browsers reach it; ``sample``: the people anybody who has the key may be.

        ``on_key`` is told each new one-time key. ``on_wakes`` is told whose chats changed, for other faces.
        ``telegram`` reads who opens pages inside Telegram; without it there are none.
        """
        self.browsing = BrowserSessionService(desk)
        self.boards = DashboardService(desk)
        self.phrases = PassphraseService(desk)
        self.telegram = telegram
        self.address = address
        self.live = LiveUpdates(self._marks, self._screen)
        self.scrollback = SessionTranscript()
        desk.faces_forget.append(self.scrollback.forget_talks)
        self.sample = sample
        self.tries = RequestRateLimiter(burst=10, each=0.2)  # wrong secrets at the door, from one address
        self.on_wakes = on_wakes
        self._executor = executor
        self._papers = ThreadPoolExecutor(1, thread_name_prefix="papers")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="passphrases")  # 128 MiB a hash: one at a time
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="files sent back")
        self._uploads, self._sending = ByteBudget(IN_FLIGHT_BYTES), set[str]()
        self._pages = pages()
        self._on_key = on_key
        self._key = ""
        self._waiting: list[tuple[IncomingReply, asyncio.Future[BrowserAnswer]]] = []
        self._hearing: asyncio.Task[None] | None = None

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what the database is asked for where it holds up nobody."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(work, *args, **kwargs))

    async def hear(self, given: IncomingReply) -> BrowserAnswer:
        """Hear a reply. Those that come while others are being saved share a transaction: one sync serves them all."""
        answer: asyncio.Future[BrowserAnswer] = asyncio.get_running_loop().create_future()
        self._waiting.append((given, answer))
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.create_task(self._hear())
        return await answer

    async def _hear(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            if not await self._heard(batch) and len(batch) > 1:
                for reply in batch:  # whichever it was fails again by itself, and costs the others nothing
                    await self._heard([reply])

    async def _heard(self, batch: Sequence[tuple[IncomingReply, asyncio.Future[BrowserAnswer]]]) -> bool:
        """Hear a few replies in one transaction; False when it failed, which a single one is told."""
        try:
            answers = await self.do(self.browsing.reply, [given for given, _ in batch])
        except Exception as error:  # noqa: BLE001 (it is whose reply it was that hears of it)
            if len(batch) == 1 and not batch[0][1].done():
                batch[0][1].set_exception(error)
            return False
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():  # whoever asked may have gone
                future.set_result(answer)
        return True

    async def make(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a document or a picture, beside the answers."""
        return await asyncio.get_running_loop().run_in_executor(self._papers, partial(work, *args, **kwargs))

    async def hash(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Hash a passphrase, beside the answers and one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._slow, partial(work, *args, **kwargs))

    async def file_use(self, person: str, *names: str) -> FileUse:
        """What becomes of a file that a person sends now, of any name where none is known yet."""
        return await self.do(self.browsing.file_use, person, *names)

    @asynccontextmanager
    async def upload(self, person: str, size: int) -> AsyncIterator[None]:
        """Have so many bytes of a person's file in memory; 429 while they send another large one."""
        if size and person in self._sending:
            raise HTTPException(429)
        self._sending |= {person} if size else set()
        try:
            async with self._uploads.of(size):
                yield
        finally:
            self._sending -= {person} if size else set()

    async def read(self, use: FileUse, file: bytes, name: str) -> Unpacked | None:
        """The rows of a file where these are to be read, beside the answers and one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, unpacked, use, file, name)

    async def kept(self, session: str, person: str, key: str) -> Attachment | None:
        """A file that a session was brought, as long as the person sits in the talks that it is of."""
        return self.scrollback.file(session, person, key, await self.do(self.browsing.seats, person))

    async def log_of(self, session: str, person: str) -> Conversation:
        """What was said above in a session, without talks where the person does not sit any more."""
        found = self.scrollback.log(session, person)
        found.sits(await self.do(self.browsing.seats, person))
        return found

    async def backlog(self) -> tuple[int, int]:
        """How many chats on Telegram are behind, and for how long the oldest; it asks the database."""
        return await self.do(self.browsing.backlog)

    async def _marks(self, people: Sequence[str]) -> dict[str, tuple[object, ...]]:
        return await self.do(self.browsing.marks, people)

    async def _screen(self, person: str) -> ChatView:
        return await self.do(self.browsing.screen, person)

    @property
    def cookie(self) -> str:
        """The session's cookie; by this name browsers take it from this very host over https alone."""
        return "__Host-readiness" if self.address().secure else "readiness"

    def people_of(self, person: str) -> tuple[str, ...]:
        """Whom somebody who is signed in may speak as."""
        return self.sample if person in self.sample else (person,)

    def new_key(self) -> None:
        """Make a key that signs in once as the people of the sample, and tell it."""
        self._key = secrets.token_urlsafe(24)
        self._on_key(self._key)

    def fits(self, key: str) -> bool:
        """Whether a key opens; it is used up then, and the next one is told."""
        if not self._key or not hmac.compare_digest(key.encode(), self._key.encode()):
            return False
        self.new_key()
        return True

    def changed(self, persons: Iterable[str]) -> None:
        """Something changed: live pages look, and other faces are told whose chats."""
        self.live.poke()
        self.on_wakes(persons)

    def fragment(self, name: str, values: Mapping[str, Any]) -> str:
        """A piece of a page."""
        return self._pages.get_template(name).render(values)

    def page(self, name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """A page."""
        return HTMLResponse(self.fragment(name, values), status)

    async def refuse(self, request: Request, error: Exception) -> Response:
        """The page that says what went wrong, in words that hold nothing a person wrote."""
        if isinstance(error, PassphraseRequired):
            return await asking(self, request, error)
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status not in WRONG:
            status = 400 if status < 500 else 500
        if status >= 500:
            log.error("%s failed: %s", request.scope.get("method"), type(error).__name__)
        title, text = WRONG[status]
        values = {"title": title, "text": text, "back": BACK, "inside": in_telegram(request.scope["path"])}
        return self.page("wrong.html", values, status)

    def close(self) -> None:
        """End what pages wait for, so that the server can stop; call it first."""
        self.live.close()
        self._slow.shutdown(wait=False, cancel_futures=True)
        self._reading.shutdown(wait=False, cancel_futures=True)
        self._papers.shutdown(wait=False, cancel_futures=True)
