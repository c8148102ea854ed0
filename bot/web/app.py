"""The one web application: the routes of its parts, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

HEAD_BYTES = 8 * 1024


def joined(*parts: Iterable[BaseRoute]) -> Starlette:
    """An application of all these routes. What nobody serves, and what fails, says its number and no more."""
    routes = [route for part in parts for route in part]
    guard = [Middleware(HeadLimit)]
    return Starlette(routes=routes, middleware=guard, exception_handlers={404: _nothing, 500: _failed})


class HeadLimit:
    """Refuses a request whose address and headers are longer than those of any page of ours."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        app = self._app
        if scope["type"] == "http":
            parts = sum(len(name) + len(value) for name, value in scope["headers"])
            if parts + len(scope["raw_path"]) + len(scope["query_string"]) > HEAD_BYTES:
                app = Response(status_code=431)
        await app(scope, receive, send)


async def _nothing(_request: Request, _error: Exception) -> Response:
    return nothing()


async def _failed(_request: Request, _error: Exception) -> Response:
    return Response(status_code=500)


def nothing() -> Response:
    """The answer where there is nothing, or nothing for who asks: the same to all."""
    return Response(status_code=404)
