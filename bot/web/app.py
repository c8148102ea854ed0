"""The one web application: the routes of its parts, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.routing import BaseRoute


def joined(*parts: Iterable[BaseRoute]) -> Starlette:
    """An application of all these routes. What nobody serves, and what fails, says its number and no more."""
    routes = [route for part in parts for route in part]
    return Starlette(routes=routes, exception_handlers={404: _nothing, 500: _failed})


async def _nothing(_request: Request, _error: Exception) -> Response:
    return nothing()


async def _failed(_request: Request, _error: Exception) -> Response:
    return Response(status_code=500)


def nothing() -> Response:
    """The answer where there is nothing, or nothing for who asks: the same to all."""
    return Response(status_code=404)
