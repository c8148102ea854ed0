"""What each web route needs: a verb of the one table, or nothing where it is open to all.

    @needs(Verb.LOOK)
    async def summary(request): ...

    @open_to_all
    async def health(request): ...

A declaration is not a check. An endpoint with a verb asks `bot.domain.access.permissions.authorise` itself, inside the
transaction that reads what it shows or records what it was sent. A test fails for a route without a declaration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bot.domain.access.permissions import Permission

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def needs(verb: Permission) -> Callable[[Endpoint], Endpoint]:
    """Declare what somebody must be allowed to come to a route."""

    def declared(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["verb"] = verb
        return endpoint

    return declared


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Declare that a route shows nothing of any talks, and is for everybody who can reach it."""
    endpoint.__dict__["verb"] = None
    return endpoint
