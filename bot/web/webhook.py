"""The webhook: Telegram brings an update, and is answered 200 once it is committed."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Route

from bot.storage import StoreError
from bot.web.route_permissions import open_to_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Scope

PATH = "/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"  # Bot API, setWebhook
LARGEST_BYTES = 2**20  # an update has some thousand characters, and names its files instead of holding them
AWAY = {"Retry-After": "1"}  # seconds; Telegram heeds it

log = logging.getLogger(__name__)


class _TooLarge(Exception):
    pass


def routes(secret: str, take: Callable[[dict[str, Any]], Awaitable[None]]) -> list[Route]:
    """The route Telegram brings updates to.

    ``secret`` comes with each; ``take`` returns once an update is done with, and raises StoreError when Telegram
    is to bring it again.
    """

    @open_to_all
    async def brought(request: Request) -> Response:
        try:
            raw = await _read(request)
        except _TooLarge:
            log.error("What came to the webhook is larger than any update.")  # noqa: TRY400
            return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        except (ValueError, RecursionError):
            log.error("What came to the webhook is no update.")  # noqa: TRY400 (the error may quote it)
            return Response(status_code=400)
        try:
            await take(raw)
        except StoreError:
            return Response(status_code=503, headers=AWAY)
        return Response()

    return [_SecretRoute(brought, secret)]


class _SecretRoute(Route):
    """A route that is there for who brings the secret. For all others the address is one of those that are not."""

    def __init__(self, brought: Callable[[Request], Awaitable[Response]], secret: str) -> None:
        """``brought`` takes an update in."""
        super().__init__(PATH, brought, methods=["POST"], include_in_schema=False)
        self._expected = _digest(secret.encode())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this route; asked of every request alike, whatever its address."""
        given = _digest(Headers(scope=scope).get(HEADER, "").encode("latin-1"))
        if not hmac.compare_digest(given, self._expected) or scope["method"] != "POST":
            return Match.NONE, {}
        return super().matches(scope)


def _digest(secret: bytes) -> bytes:
    """What is compared instead of a secret: as long for every length, so that no time tells that."""
    return hashlib.sha256(secret).digest()


async def _read(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise _TooLarge
    raw = json.loads(body)
    if not isinstance(raw, dict):
        raise ValueError  # noqa: TRY004 (no matter in which way it is no update)
    return raw
