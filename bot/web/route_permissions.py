"""What each web route needs: a verb of the one table, or nothing where it is open to all.

    @needs(Verb.LOOK)
    async def summary(request): ...

    @open_to_all
    async def health(request): ...

`bot.web.auth.visitor`, by which all that is shown or heard of any talks comes, asks for the verb that the route
names. The conversation is for whoever is signed in (`Permission.WAIT`): its place asks for more, in the transaction
that shows it. A test fails for a route without a declaration, and walks those with one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from bot.domain.access.permissions import Permission

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Page = Callable[[Request], Awaitable[Response]]


def needs(verb: Permission) -> Callable[[Page], Page]:
    """Name what somebody must be allowed who comes to a route; its visitor is asked for it."""

    def declared(page: Page) -> Page:
        @wraps(page)
        async def asking(request: Request) -> Response:
            request.state.permission = verb
            return await page(request)

        asking.__dict__["verb"] = verb
        return asking

    return declared


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Declare that a route shows nothing of any talks, and is for everybody who can reach it."""
    endpoint.__dict__["verb"] = None
    return endpoint
