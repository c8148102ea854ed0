"""The bot's line to Telegram: PTB's Bot, but one bad update costs only itself."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from telegram import Bot, Update
from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.application.metrics import Metrics
from bot.telegram.http import MOST_BYTES, READ_SECONDS, CallBody, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

POOL = 64  # connections: 32 chats with a tap to answer each
PRESSES_SECONDS = 150.0  # for which Telegram keeps a button's press; measured, not in its documentation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """An update as it came, not yet read. PTB's updater looks at its number only."""

    update_id: int
    raw: dict[str, Any]
    at: float = field(default_factory=time.monotonic, compare=False)  # when it came

    def open(self, line: BotClient) -> Update:
        """The update in PTB's words."""
        return Update.de_json(self.raw, line)

    @property
    def query(self) -> str | None:
        """The tap to answer, if it is one."""
        query = self._part("callback_query").get("id")
        return query if isinstance(query, str) else None

    @property
    def private(self) -> int | None:
        """The private chat it came from, if it did."""
        for kind in ("message", "edited_message"):
            chat = self._part(kind).get("chat")
            if isinstance(chat, dict) and chat.get("type") == "private" and isinstance(chat.get("id"), int):
                return int(chat["id"])
        return None

    def _part(self, kind: str) -> dict[str, Any]:
        part = self.raw.get(kind)
        return part if isinstance(part, dict) else {}


@dataclass(frozen=True, slots=True)
class UpdateBatch:
    """All letters of one poll. PTB's updater takes them for one update, and confirms the last."""

    letters: tuple[RawUpdate, ...]

    @property
    def update_id(self) -> int:
        """The number that confirms them all."""
        return self.letters[-1].update_id


class BotClient(Bot):
    """PTB's Bot over our own HTTP.

    PTB parses a batch as a whole, so that one update that does not parse holds up all. Here
    `get_updates` hands out letters, which the inbox opens one by one.
    """

    def __init__(
        self, token: str, api_url: str, on_gap: Callable[[], None] | None = None, tally: Metrics | None = None
    ) -> None:
        """``on_gap`` is called when polling was interrupted for so long that presses may be lost."""
        api = api_url.rstrip("/")
        self._tally = tally or Metrics()
        pool = HttpRequest(POOL, self._tally)
        super().__init__(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=pool,
            get_updates_request=HttpRequest(1, self._tally),
        )
        self._pool = pool
        self._on_gap = on_gap
        self._polled: float | None = None
        self._done: int | None = None
        self._refused = asyncio.Event()

    @property
    def refused(self) -> asyncio.Event:
        """Set once Telegram no longer takes the token."""
        return self._refused

    @property
    def tally(self) -> Metrics:
        """Counts what passes over the line."""
        return self._tally

    def confirm(self, update_id: int) -> None:
        """All up to this update is committed: the next poll says so, even amid a batch that was broken off.

        Not a high-water mark: it is what was committed last, be its number higher or lower.
        """
        self._done = update_id

    async def call(self, method: str, data: Mapping[str, Any]) -> Any:
        """Call the Bot API, and leave its answer as it is: PTB's objects cost more than the call."""
        try:
            return await self._pool.post(f"{self.base_url}/{method}", CallBody(dict(data)))  # type: ignore[arg-type]
        except InvalidToken as error:
            self._mind_the_token(error)
            raise

    async def file(self, file_id: str) -> bytes:
        """A file's bytes; of one that is too large, as many as show that."""
        told = await self.call("getFile", {"file_id": file_id})
        path = str(told.get("file_path", ""))
        if Path(path).is_absolute():  # a Bot API server of one's own, which keeps it on this machine
            return await asyncio.to_thread(_on_this_machine, Path(path))
        return await self._pool.retrieve(f"{self.base_file_url}/{quote(path)}")

    async def get_updates(  # type: ignore[override] # a post of letters, not updates
        self,
        offset: int | None = None,
        limit: int | None = None,
        timeout: Any = None,  # noqa: ASYNC109 (PTB's signature)
        allowed_updates: Sequence[str] | None = None,
        **_: object,
    ) -> tuple[UpdateBatch, ...]:
        """Wait for updates. Confirms those before ``offset``, or those committed since."""
        if self._refused.is_set():  # PTB asks once more at the end, and would tell that in a traceback
            return ()
        data = {
            "timeout": timeout,
            "offset": offset if self._done is None else self._done + 1,
            "limit": limit,
            "allowed_updates": allowed_updates,
        }
        seconds = getattr(timeout, "total_seconds", lambda: float(timeout or 0))()
        try:
            batch = await self._post("getUpdates", data, read_timeout=READ_SECONDS + seconds)
        except InvalidToken as error:
            self._mind_the_token(error)
            raise NetworkError(error.message) from None  # else PTB's loop would end here without a word
        self._mind_the_gap()
        self._tally.heard_from()
        letters = await _letters(batch)
        return (UpdateBatch(letters),) if letters else ()

    def _mind_the_token(self, error: InvalidToken) -> None:
        """A 404 may come from a proxy and pass."""
        if "Unauthorized" in error.message:
            self._refused.set()

    async def waiting(self) -> tuple[RawUpdate, ...]:
        """What waits at Telegram now, without confirming more than is committed. Only while nobody polls."""
        offset = None if self._done is None else self._done + 1
        return await _letters(await self._post("getUpdates", {"timeout": 0, "offset": offset}))

    def _mind_the_gap(self) -> None:
        now = time.time()  # not monotonic, which stands still while a machine sleeps
        if self._polled is not None and now - self._polled > PRESSES_SECONDS and self._on_gap is not None:
            self._on_gap()
        self._polled = now


def _on_this_machine(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


async def _letters(batch: object) -> tuple[RawUpdate, ...]:
    if not isinstance(batch, list):
        msg = "the answer to getUpdates is not a list"
        raise TelegramError(msg)
    letters = tuple(
        RawUpdate(raw["update_id"], cast("dict[str, Any]", raw))
        for raw in batch
        if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)
    )
    if len(letters) < len(batch):
        log.error("%d updates came without a number; they cannot be confirmed.", len(batch) - len(letters))
        await asyncio.sleep(1)  # they come again at once
    return letters
