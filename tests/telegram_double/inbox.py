"""Updates waiting for the bot: numbered, kept for a while, gone when confirmed.

Source: Bot API, "Getting updates", getUpdates and Update.update_id. What these
leave open (how long each kind is kept, what an offset from another numbering
does) follows Telegram's own server, tdlib/telegram-bot-api.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .wire import Json

DAY = 86_400  # seconds; Bot API: "updates are not kept longer than 24 hours"
PRESS_LIFE = 150  # seconds; tdlib/telegram-bot-api, add_new_callback_query
BATCH = 100  # updates; Bot API, getUpdates.limit
QUEUE_LIMIT = 1_000_000  # updates; keeps a runaway load from eating the machine

# An offset this far past the newest update belongs to another numbering, and the
# server then answers from the oldest. tdlib/td, TQueue::get.
FUTURE = 10

# Left out unless asked for by name. Bot API, getUpdates.allowed_updates.
UNLESS_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Clock:
    """The time on the double's wall, which a test may move forward."""

    def __init__(self) -> None:
        """Start at the present."""
        self._ahead = 0.0

    def now(self) -> float:
        """Return Unix time in seconds."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass at once."""
        self._ahead += seconds


@dataclass(frozen=True)
class _Waiting:
    number: int
    update: Json
    kept_until: float


def chat_of(update: Json) -> object:
    """Return what keeps an update's place in line: its chat's number, else nothing but itself."""
    for kind, content in update.items():
        if isinstance(content, dict):
            around = content.get("message") if kind == "callback_query" else content
            chat = around.get("chat") if isinstance(around, dict) else None
            if isinstance(chat, dict):
                return chat.get("id")
    return f"update {update.get('update_id')}"


class Inbox:
    """The queue of one bot, as getUpdates sees it."""

    def __init__(self, clock: Clock, first: int) -> None:
        """Give the first update the number `first`."""
        self._clock = clock
        self._next = first
        self._waiting: deque[_Waiting] = deque()
        self._soonest_lapse = float("inf")
        self._allowed: frozenset[str] = frozenset()
        self.confirmed = 0
        self.lapsed: list[Json] = []
        self.on_arrival: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        """Count the updates that are neither confirmed nor lapsed."""
        self._forget_lapsed()
        return len(self._waiting)

    def allow(self, kinds: Iterable[str]) -> None:
        """Take only these kinds from now on; none named means the usual ones.

        Updates already waiting stay. Source: Bot API, getUpdates.allowed_updates.
        """
        self._allowed = frozenset(kinds)

    def add(self, kind: str, content: Json) -> int | None:
        """Queue an update and return its number; `None` if the bot wants none such."""
        usual = not self._allowed and kind not in UNLESS_ASKED
        if usual or kind in self._allowed:
            return self.push({kind: content})
        return None

    def push(self, update: Json) -> int:
        """Queue an update just as it is, however malformed, and return its number.

        An `update_id` within it is what the bot will see instead of that number.
        """
        if len(self._waiting) >= QUEUE_LIMIT:
            what = f"{QUEUE_LIMIT} updates already wait. Confirm some first."
            raise OverflowError(what)
        number = self._next
        self._next += 1
        life = PRESS_LIFE if "callback_query" in update else DAY
        kept_until = self._clock.now() + life
        self._soonest_lapse = min(self._soonest_lapse, kept_until)
        numbered = {"update_id": number, **update}
        self._waiting.append(_Waiting(number, numbered, kept_until))
        self.on_arrival()
        return number

    def take(self, offset: int, limit: int = BATCH) -> list[Json]:
        """Confirm what lies below the offset and return the oldest of the rest.

        A negative offset counts from the end. Source: Bot API, getUpdates.offset.
        """
        self._forget_lapsed()
        if offset < 0:
            offset += self._next
        if offset <= self._next + FUTURE:
            while self._waiting and self._waiting[0].number < offset:
                self._waiting.popleft()
                self.confirmed += 1
        limit = min(limit, BATCH) if limit > 0 else BATCH
        return [each.update for each in itertools.islice(self._waiting, limit)]

    def heads(self, held: set[object], limit: int) -> list[tuple[int, object, Json]]:
        """Return the oldest update of each chat that is not held, for the webhook: number, chat, update."""
        self._forget_lapsed()
        found: dict[object, tuple[int, object, Json]] = {}
        for one in self._waiting:
            if len(found) >= limit:
                break
            chat = chat_of(one.update)
            if chat not in held and chat not in found:
                found[chat] = (one.number, chat, one.update)
        return list(found.values())

    def taken(self, number: int) -> None:
        """Confirm an update that the webhook took."""
        before = len(self._waiting)
        self._waiting = deque(one for one in self._waiting if one.number != number)
        self.confirmed += before - len(self._waiting)

    def drop(self) -> None:
        """Forget all that waits. Source: Bot API, deleteWebhook."""
        self._waiting.clear()

    def renumber(self, number: int) -> None:
        """Begin the numbering afresh, as Telegram does after a quiet week.

        It does so at random and only when nothing waits; so an inbox with updates
        in it refuses. Source: Bot API, Update.update_id.
        """
        if self._waiting:
            what = f"{len(self._waiting)} updates wait. Confirm them first."
            raise ValueError(what)
        self._next = number

    def _forget_lapsed(self) -> None:
        now = self._clock.now()
        if now < self._soonest_lapse:
            return
        self.lapsed += [w.update for w in self._waiting if w.kept_until <= now]
        self._waiting = deque(w for w in self._waiting if w.kept_until > now)
        self._soonest_lapse = min((w.kept_until for w in self._waiting), default=float("inf"))
