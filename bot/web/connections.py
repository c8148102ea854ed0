"""How many connections the server has open, and how long each step of a request may take: uvicorn bounds neither.

Rule 1: no more connections than leave this process the files it needs for Telegram and the database.
Rule 2: at the bound, whoever sent no whole request for longest goes first; who is being answered stays.
Rule 3: a request's head, its body and the taking of its answer each have their time.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.application.log_repetition import RepetitionFilter

if TYPE_CHECKING:
    import asyncio

HEAD_SECONDS = 10.0
BODY_SECONDS = 180.0  # 10 MB at 60 kB a second, as from a phone far out
TAKING_SECONDS = 60.0  # in which somebody must take more of an answer that is ready
OURS = 256  # files of this process besides: 65 to Telegram, the database's, for metrics, what it reads and writes
MOST = 2000  # connections: a thousand people with a live page each
FEWEST = 16
MOST_FOR_METRICS = 32  # connections
HEAD_BYTES = 16 * 1024  # of a request that is not whole; what is answered has less (`bot.web.app`)

log = logging.getLogger(__name__)
log.addFilter(RepetitionFilter())


def most_connections() -> int:
    """How many connections leave this process the files that it needs besides."""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(FEWEST, min(MOST, soft - OURS))


class OpenConnections:
    """The connections of one server, in the order in which they came to wait for a request."""

    def __init__(self, most: int) -> None:
        """``most``: connections open at once."""
        self._most = most
        self._waiting: dict[Connection, None] = {}  # for a whole request
        self._answered: set[Connection] = set()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._waiting) + len(self._answered)

    def admits(self, connection: Connection) -> bool:
        """Count a new connection; False where there is no room, not even that of one that waits."""
        if len(self) >= self._most:
            log.warning("%d connections are open, and no more are taken: those that send nothing go first.", self._most)
            if not self._waiting:
                return False
            oldest = next(iter(self._waiting))
            self.left(oldest)
            oldest.transport.abort()
        self._waiting[connection] = None
        return True

    def waits(self, connection: Connection, *, is_waiting: bool) -> None:
        """Note that a connection waits for a whole request, or that one is being answered."""
        if is_waiting and connection in self._answered:
            self._answered.discard(connection)
            self._waiting[connection] = None
        elif not is_waiting and connection in self._waiting:
            del self._waiting[connection]
            self._answered.add(connection)

    def left(self, connection: Connection) -> None:
        """Forget a connection; no matter if it was not counted."""
        self._waiting.pop(connection, None)
        self._answered.discard(connection)


class Connection(H11Protocol):
    """One connection, with a time for each of its steps; ``among`` are all that its server has open."""

    among: ClassVar[OpenConnections]

    def __init__(self, *given: Any, **named: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*given, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._step: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin, or end at once where there is no room."""
        super().connection_made(transport)
        if self.among.admits(self):
            self._watch()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.among.left(self)
        for timer in (self._timer, self._stuck):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Give who does not take their answer some time."""
        super().pause_writing()
        self._stuck = self._after(TAKING_SECONDS)

    def resume_writing(self) -> None:
        """Somebody takes their answer."""
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()

    def _watch(self) -> None:
        """Time the step at which the request is: its head, its body, or none while it is answered."""
        state = self.conn.their_state
        self.among.waits(self, is_waiting=state in {h11.IDLE, h11.SEND_BODY})
        if state is self._step:
            return
        self._step = state
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if state in {h11.IDLE, h11.SEND_BODY}:
            self._timer = self._after(HEAD_SECONDS if state is h11.IDLE else BODY_SECONDS)

    def _after(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self._cut)

    def _cut(self) -> None:
        self.transport.abort()


def bounded(most: int) -> type[Connection]:
    """The connections of one server, which has at most so many open."""

    class Bounded(Connection):
        among = OpenConnections(most)

    return Bounded
