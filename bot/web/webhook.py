"""The webhook: Telegram brings an update, and is answered 200 once it is committed."""

from __future__ import annotations

import hmac
import json
import logging
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from bot.storage import StoreError
from bot.web.app import nothing
from bot.web.route_permissions import open_to_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

PATH = "/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"  # Bot API, setWebhook
LARGEST = 2**20  # bytes; an update has some thousand characters, and names its files instead of holding them
AWAY = {"Retry-After": "1"}  # seconds; Telegram heeds it

log = logging.getLogger(__name__)


class _TooLarge(Exception):
    pass


def routes(secret: str, take: Callable[[dict[str, Any]], Awaitable[None]]) -> list[Route]:
    """The route Telegram brings updates to.

    ``secret`` comes with each; ``take`` returns once an update is done with, and raises StoreError when Telegram
    is to bring it again.
    """
    expected = secret.encode()

    @open_to_all
    async def brought(request: Request) -> Response:
        given = request.headers.get(HEADER, "").encode("latin-1")
        if request.method != "POST" or not hmac.compare_digest(given, expected):
            return nothing()  # as for any path that is not there; the body is not even read
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

    # Every method is answered alike, so that nobody can find out that there is something here.
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return [Route(PATH, brought, methods=methods, include_in_schema=False)]


async def _read(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise _TooLarge
    raw = json.loads(body)
    if not isinstance(raw, dict):
        raise ValueError  # noqa: TRY004 (no matter in which way it is no update)
    return raw
