"""The double by remote: what a bench in another process needs, as JSON over HTTP.

    POST /control/load      {"chats": 10, "texts": ["/start", "yes"], "first": 1000}
    POST /control/push      {"updates": [{...}]}
    POST /control/latency   {"seconds": 0.05}
    POST /control/advance   {"seconds": 200}
    POST /control/fail      {"fault": "flood", "share": 0.1, "methods": []}
    GET  /control/counters

Answers are JSON objects. A mistake in a body is answered with 400 and its reason.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from .faults import Broken, Fault, Flood, Reset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .server import TelegramDouble
    from .wire import Json

_FAULTS: dict[str, Fault] = {
    "flood": Flood(),
    "broken": Broken(),
    "reset": Reset(),
    "reset after": Reset(done=True),
}


class Control:
    """The verbs of the remote control, for one double."""

    def __init__(self, double: TelegramDouble) -> None:
        """Act on this double."""
        self._double = double

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the double's application."""
        return [
            web.get("/control/counters", self._counters),
            web.post("/control/load", _verb(self._load)),
            web.post("/control/push", _verb(self._push)),
            web.post("/control/latency", _verb(self._latency)),
            web.post("/control/advance", _verb(self._advance)),
            web.post("/control/fail", _verb(self._fail)),
        ]

    async def _counters(self, _: web.Request) -> web.Response:
        """Tell what was called, and which texts each chat got, in order."""
        world = self._double.world
        chats = world.chats.values()
        counters: Json = {
            "calls": dict(world.calls),
            "texts": {str(chat.chat_id): list(chat.texts) for chat in chats},
            "pending": len(world.inbox),
            "confirmed": world.inbox.confirmed,
            "lapsed": len(world.inbox.lapsed),
            "violations": len(self._double.faults.violations),
        }
        return web.json_response(counters)

    async def _load(self, body: Json) -> Json:
        """Let many people write the same texts, taking turns text by text.

        `{chat}` and `{n}` in a text stand for its chat and its place there.
        """
        first, chats, texts = body.get("first", 1000), body["chats"], body["texts"]
        if not (isinstance(first, int) and isinstance(chats, int)):
            what = "first and chats are whole numbers"
            raise TypeError(what)
        if not isinstance(texts, list):
            what = "texts is a list"
            raise TypeError(what)
        for n, text in enumerate(texts):
            for chat in range(first, first + chats):
                person = self._double.person(chat, f"Person {chat}")
                filled = str(text).replace("{chat}", str(chat)).replace("{n}", str(n))
                await person.type(filled)
        return {"pending": len(self._double.world.inbox)}

    async def _push(self, body: Json) -> Json:
        updates = body["updates"]
        if not isinstance(updates, list):
            what = "updates is a list"
            raise TypeError(what)
        return {"numbers": [self._double.push(update) for update in updates]}

    async def _latency(self, body: Json) -> Json:
        self._double.faults.latency = float(str(body["seconds"]))
        return {"latency": self._double.faults.latency}

    async def _advance(self, body: Json) -> Json:
        self._double.advance(float(str(body["seconds"])))
        return {"pending": len(self._double.world.inbox)}

    async def _fail(self, body: Json) -> Json:
        """Let a share of the calls fail; a share of 0 ends all failing."""
        share, methods = float(str(body["share"])), body.get("methods", [])
        if not isinstance(methods, list):
            what = "methods is a list"
            raise TypeError(what)
        if share:
            fault = _FAULTS[str(body["fault"])]
            self._double.faults.fail_share(fault, share, *map(str, methods))
        else:
            self._double.faults.clear()
        return {"share": share}


def _verb(
    act: Callable[[Json], Awaitable[Json]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            result = await act(dict(json.loads(await request.text())))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            reason = {"error": f"{type(error).__name__}: {error}"}
            return web.json_response(reason, status=HTTPStatus.BAD_REQUEST)
        return web.json_response(result)

    return answer
