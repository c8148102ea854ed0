"""Whether this process lives, and whether it is of use at present."""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.web.route_permissions import open_to_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

SILENT_SECONDS = 90  # without a poll: a poll takes 30
BEHIND_SECONDS = 120  # for which a chat may be behind before something is wrong
DATABASE_SECONDS = 3.0  # for the database to answer
FRESH_SECONDS = 1.0  # for which an answer is given again, so that asking often costs nothing


@dataclass(frozen=True, slots=True)
class Health:
    """What was found out. Seconds are None where there was nothing yet, counts where the database is away.

    ``updates``: "polling" or "webhook"; ``heard_from``: seconds since Telegram answered a poll, took the address
    of the webhook or brought an update; ``behind``: how many chats wait to be shown, the oldest for so long.
    """

    updates: str
    heard_from: float | None
    database: bool
    behind: int | None
    oldest: int | None

    @property
    def wrong(self) -> list[str]:
        """Why it is of no use at present."""
        silent = self.heard_from is None or (self.updates == "polling" and self.heard_from > SILENT_SECONDS)
        found = {"telegram": silent, "database": not self.database, "backlog": (self.oldest or 0) > BEHIND_SECONDS}
        return [name for name, so in found.items() if so]


class HealthCheck:
    """Looks at the process, at most once a second however often it is asked."""

    def __init__(self, updates: str, silent_for: Callable[[], float | None], backlog: Backlog) -> None:
        """``backlog`` asks the database: how many chats are behind, and the oldest for how many seconds."""
        self._updates, self._silent_for, self._backlog = updates, silent_for, backlog
        self._at = float("-inf")
        self._found: tuple[bool, int | None, int | None] = (False, None, None)
        self._one = asyncio.Lock()

    async def look(self) -> Health:
        """How it is now."""
        async with self._one:
            if time.monotonic() - self._at > FRESH_SECONDS:
                self._found = await self._asked()
                self._at = time.monotonic()
        return Health(self._updates, self._silent_for(), *self._found)

    async def _asked(self) -> tuple[bool, int | None, int | None]:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                return True, *await self._backlog()
        except Exception:  # noqa: BLE001 (whatever it is, the database does not answer)
            return False, None, None


def routes(doctor: HealthCheck, secret: str) -> list[Route]:
    """`/healthz`: 200 while the process lives; `/readyz`: 503 while it is of no use. Both name what is wrong.

    All that was found is for who brings the ``secret``: how many chats wait tells strangers how busy a delegation is.
    """
    expected = f"Bearer {secret}".encode()

    @open_to_all
    async def told(request: Request) -> JSONResponse:
        health = await doctor.look()
        ready = not health.wrong
        body: dict[str, object] = {"live": True, "ready": ready, "wrong": health.wrong}
        if hmac.compare_digest(request.headers.get("authorization", "").encode("latin-1"), expected):
            body |= asdict(health)
        return JSONResponse(body, status_code=200 if ready or request.url.path == "/healthz" else 503)

    return [Route("/healthz", told), Route("/readyz", told)]


if TYPE_CHECKING:
    Backlog = Callable[[], Awaitable[tuple[int, int]]]
