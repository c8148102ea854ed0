"""A Telegram to test against: the Bot API over HTTP on loopback, with its people.

    async with TelegramDouble() as double:
        bot = Bot(double.token, base_url=f"{double.url}/bot")
        maya = double.person(1, "Maya")
        await maya.type("/start")

It keeps Telegram's limits and Telegram's wording, so that a bot which gets along
with it gets along with Telegram. Not modelled: Telegram's
own flood limits (see `faults`), the 3 seconds by which Telegram slows a bot that
polls in a hurry, and Markdown.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from aiohttp import web

from .api import BotApi
from .delivery import Delivery
from .faults import Broken, CutShort, Faults, Flood, Reset, Silent
from .inbox import BATCH, Clock
from .people import Group, Person
from .wire import (
    UPLOAD_LIMIT,
    ApiError,
    Json,
    Params,
    read_params,
    refuse,
    too_many_requests,
)
from .world import World

if TYPE_CHECKING:
    from types import TracebackType

    from .faults import Fault

LONGEST_POLL = 50  # seconds; tdlib/telegram-bot-api, LONG_POLL_MAX_TIMEOUT
DEFAULT_TOKEN = "123456789:double"

# Source: Bot API, User and getMe.
BOT: Json = {
    "id": 123456789,
    "is_bot": True,
    "first_name": "Readiness",
    "username": "readiness_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


class TelegramDouble:
    """Telegram as one bot and its people know it; see the module.

    `waits` is set whenever a poll finds nothing and waits; clear it to see the next. While `hands_over` is not set,
    whoever fetches a file waits for it.
    """

    def __init__(self, *, token: str = DEFAULT_TOKEN, seed: int = 0, port: int = 0) -> None:
        """Listen on this port of loopback, or on a free one; the seed is for faults."""
        self.token = token
        self._port = port
        self._clock = Clock()
        self.world = World(BOT, self._clock)
        self.faults = Faults(self._clock, seed)
        self._api = BotApi(self.world)
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}
        self._poll: asyncio.Future[None] | None = None
        self.waits = asyncio.Event()
        self.hands_over = asyncio.Event()
        self.hands_over.set()
        self.delivery = Delivery(self.world.inbox)
        self.world.bring_to = self.delivery.bring_to
        self.world.inbox.on_arrival = self._arrived
        # Room for the other fields of the form, beside the largest file.
        self.app = web.Application(client_max_size=UPLOAD_LIMIT + 2**20)
        self.app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self.app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let a waiting poll go and stop listening."""
        self._wake_poll()
        await self.delivery.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    # People

    def person(self, person_id: int, first_name: str) -> Person:
        """Return the person of this number, who has not yet met the bot."""
        if person_id not in self._people:
            chat = self.world.chat(person_id, "private", first_name)
            self._people[person_id] = Person(self.world, chat)
        return self._people[person_id]

    def group(self, group_id: int, title: str) -> Group:
        """Return the group of this number (below zero); the bot is in it."""
        if group_id not in self._groups:
            chat = self.world.chat(group_id, "group", title)
            chat.open = True
            self._groups[group_id] = Group(self.world, chat)
        return self._groups[group_id]

    def forum(self, number: int, title: str) -> Group:
        """Return the supergroup with topics of this number (below -100 and twelve digits); the bot is in it."""
        group = self.group(number, title)
        chat = self.world.chats[number]
        chat.kind, chat.topics = "supergroup", chat.topics or {}
        return group

    # Time, numbers and raw updates

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass at once."""
        self._clock.advance(seconds)

    def jump_update_ids(self, to: int) -> None:
        """Begin the numbering of updates afresh; nothing may be waiting."""
        self.world.inbox.renumber(to)

    def push(self, update: Json) -> int:
        """Queue an update just as it is, and return its number."""
        return self.world.inbox.push(update)

    # Answering calls

    async def _answer(self, request: web.Request) -> web.Response:
        """Answer one call, with whatever goes wrong around it."""
        method = request.match_info["method"]
        try:
            self._check_token(request)
            params = await read_params(request)
            self.world.calls[method] += 1
            self.world.requests.append((method, params))
            if self.faults.latency:
                await asyncio.sleep(self.faults.latency)
            chat_id = params.number("chat_id") if "chat_id" in params else None
            fault = self.faults.strike(method, chat_id)
            if fault is None:
                return _ok(await self._do(method, params))
            return await self._fail(fault, method, params, request)
        except ApiError as error:
            return web.json_response(error.as_json(), status=error.code)

    async def _do(self, method: str, params: Params) -> object:
        if method.lower() == "getupdates":
            return await self._get_updates(params)
        result = self._api.call(method, params)
        await self.world.tell_watchers()
        return result

    async def _fail(self, fault: Fault, method: str, params: Params, request: web.Request) -> web.Response:
        match fault:
            case Flood(seconds):
                raise too_many_requests(seconds)
            case Broken(status):
                raise ApiError(status, HTTPStatus(status).phrase)
            case Reset(done):
                if done:
                    await self._do(method, params)
                _reset(request)
                return web.Response()
            case Silent(seconds, done):
                if done:
                    await self._do(method, params)
                await asyncio.sleep(seconds)
                _reset(request)
                return web.Response()
            case CutShort():
                await self._do(method, params)
                return await _cut_short(request)

    async def _get_updates(self, params: Params) -> list[Json]:
        """Return what waits, or wait for it. Source: Bot API, getUpdates."""
        if self.world.settings.get("webhook"):
            what = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            refuse(what, HTTPStatus.CONFLICT)
        offset, limit = params.number("offset"), params.number("limit", BATCH)
        seconds = min(params.number("timeout"), LONGEST_POLL)
        kinds = params.json("allowed_updates")
        if isinstance(kinds, list):
            self.world.inbox.allow(map(str, kinds))
        updates = self.world.inbox.take(offset, limit)
        if updates or seconds <= 0:
            return updates
        await self._wait_for_update(seconds)
        return self.world.inbox.take(offset, limit)

    async def _wait_for_update(self, seconds: float) -> None:
        """Wait as the only poll there is; the one that waited before is sent off."""
        if self._poll is not None and not self._poll.done():
            what = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            self._poll.set_exception(ApiError(HTTPStatus.CONFLICT, what))
            self._poll.exception()  # who waited may have hung up, and nobody asks for it then
        mine = self._poll = asyncio.get_running_loop().create_future()
        self.waits.set()
        await asyncio.wait([mine], timeout=seconds)
        if mine.done():
            mine.result()

    def _arrived(self) -> None:
        self._wake_poll()
        self.delivery.wake()

    def _wake_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    async def _download(self, request: web.Request) -> web.Response:
        """Hand out a file. Source: Bot API, getFile."""
        path = request.match_info["path"]
        try:
            self._check_token(request)
            file = self.world.file_at(path)
            self.world.calls["file"] += 1
            await self.hands_over.wait()
            return web.Response(body=file.upload.data)
        except ApiError as error:
            return web.json_response(error.as_json(), status=error.code)

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self.token:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "Unauthorized")


def _ok(result: object) -> web.Response:
    body = json.dumps({"ok": True, "result": result}, ensure_ascii=False)
    if not body.isascii() and any("\ud800" <= one <= "\udfff" for one in body):  # halves of characters need escapes
        body = json.dumps({"ok": True, "result": result})
    return web.Response(text=body, content_type="application/json")


async def _cut_short(request: web.Request) -> web.Response:
    """Say how long the answer is, and end before."""
    transport = request.transport
    if transport is not None:
        transport.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"ok": tr')
        await asyncio.sleep(0.01)
        transport.close()
    return web.Response()


def _reset(request: web.Request) -> None:
    """Break the connection so that the other side sees a reset, not an end."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    now = struct.pack("ii", 1, 0)  # linger for no time at all: TCP then sends RST
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    transport.abort()
