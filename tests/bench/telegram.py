"""A lean Telegram: what the double of the tests keeps and refuses, over HTTP that costs little.

State, limits and wording are the double's own (`World`, `BotApi`); only the server is another, since that of the tests
would be the limit of a fast bot.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message as Headers
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.telegram_double.api import BotApi
from tests.telegram_double.delivery import HEADER, Delivery, Webhook
from tests.telegram_double.inbox import Clock
from tests.telegram_double.server import BOT, LONGEST_POLL
from tests.telegram_double.wire import ApiError, Json, Params, Upload, refuse, too_many_requests
from tests.telegram_double.world import Message, World

if TYPE_CHECKING:
    from tests.telegram_double.inbox import Inbox

Reply: TypeAlias = Callable[[int, bytes], None]

SHOWING = frozenset({"sendmessage", "editmessagetext", "senddocument", "sendphoto"})


@dataclass(frozen=True)
class Request:
    """One call as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def method(self) -> str:
        """The name of the Bot API's method."""
        return self.path.partition("?")[0].rpartition("/")[2]

    def params(self) -> Params:
        """The parameters, from wherever the sender put them. Source: Bot API, "Making requests"."""
        fields: dict[str, object] = dict(parse_qsl(urlsplit(self.path).query))
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/json"):
            fields |= json.loads(self.body or b"{}")
        elif kind.startswith("multipart/form-data"):
            return _multipart(kind, self.body, fields)
        else:
            fields |= parse_qsl(self.body.decode())
        return Params(fields, {})


def _multipart(kind: str, body: bytes, fields: dict[str, object]) -> Params:
    uploads = {}
    boundary = b"--" + _parameter("Content-Type", kind, "boundary").encode()
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.removesuffix(b"\r\n").partition(b"\r\n\r\n")
        headers = _headers(head.decode().strip().split("\r\n"))
        disposition = headers["content-disposition"]
        name = _parameter("Content-Disposition", disposition, "name")
        if filename := _parameter("Content-Disposition", disposition, "filename"):
            uploads[name] = Upload(filename, headers.get("content-type", "application/octet-stream"), content)
        else:
            fields[name] = content.decode()
    return Params(fields, uploads)


def _parameter(header: str, value: str, name: str) -> str:
    read = Headers()
    read[header] = value
    return str(read.get_param(name, "", header=header))


def _headers(lines: list[str]) -> dict[str, str]:
    split = (line.partition(":") for line in lines)
    return {name.lower(): value.strip() for name, _, value in split}


class Connection(asyncio.Protocol):
    """One connection of the bot, on which calls follow each other."""

    def __init__(self, telegram: Telegram) -> None:
        """Hand the calls to this Telegram."""
        self._telegram = telegram
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        """Answer nothing any more."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Take what came, and every call that is whole."""
        self._buffer += data
        while (request := self._request()) is not None:
            self._telegram.take(request, self._reply)

    def _request(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = _headers(lines)
        whole = end + 4 + int(headers.get("content-length", 0))
        if len(self._buffer) < whole:
            return None
        body = bytes(self._buffer[end + 4 : whole])
        del self._buffer[:whole]
        return Request(first.split(" ")[1], headers, body)

    def _reply(self, status: int, body: bytes) -> None:
        if self._transport is not None:
            head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


@dataclass
class Disturbance:
    """Trouble with some chats: 429s, with the wait they ask for, and calls that take long."""

    chats: frozenset[int] = frozenset()
    share: float = 0.5  # of the calls of these chats, half of them refused and half of them slow
    seconds: int = 2
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 (a bench must repeat)
    closed_until: dict[int, float] = field(default_factory=dict)

    def strike(self, params: Params, now: float) -> float:
        """The seconds that a call waits before it is done. Raises `ApiError` when it is refused.

        Only what names a chat is refused: a press is answered without, and a refusal of that would be about the bot.
        """
        chat_id = _chat_of(params)
        if chat_id not in self.chats:
            return 0.0
        drawn = self.chance.random()
        if "chat_id" in params:
            if now >= self.closed_until.get(chat_id, 0.0) and drawn < self.share / 2:
                self.closed_until[chat_id] = now + self.seconds
            if now < self.closed_until.get(chat_id, 0.0):
                raise too_many_requests(self.seconds)
        return float(self.seconds) if self.share / 2 <= drawn < self.share else 0.0


@dataclass
class Poll:
    """A getUpdates that waits for an update."""

    params: Params
    reply: Reply
    timer: asyncio.TimerHandle


class Telegram:
    """The Bot API of one bot: by polling, or by bringing updates to its webhook."""

    def __init__(self) -> None:
        """Begin with an empty world."""
        self.world = World(BOT, Clock())
        self.world.inbox.renumber(time.time_ns() // 10**6)  # above all that a bot had from a double before
        self.delivery = LeanDelivery(self.world.inbox)
        self.world.bring_to = self.delivery.bring_to
        self.world.inbox.on_arrival = self._arrived
        self.latency_seconds = 0.0
        self.disturbance = Disturbance()
        self.on_shown: Callable[[Message], None] = lambda _: None
        self.called: dict[str, asyncio.Future[float]] = {}  # when a method was called first
        self._api = BotApi(self.world)
        self._poll: Poll | None = None
        self._loop = asyncio.get_running_loop()

    def now(self) -> float:
        """Seconds by the monotonic clock, which all processes of a machine share."""
        return self._loop.time()

    def first_call(self, method: str) -> asyncio.Future[float]:
        """When a method was or will be called for the first time, in seconds of `now`."""
        return self.called.setdefault(method.lower(), self._loop.create_future())

    def take(self, request: Request, reply: Reply) -> None:
        """Answer a call, after as long as calls take here."""
        if "/file/" in request.path:
            reply(HTTPStatus.OK, self.world.file_at(unquote(request.path).split("/", 3)[3]).upload.data)
            return
        method, params = request.method.lower(), request.params()
        self.world.calls[method] += 1
        first = self.first_call(method)
        if not first.done():
            first.set_result(self._loop.time())
        if self.latency_seconds:
            self._loop.call_later(self.latency_seconds, self._strike, method, params, reply)
        else:
            self._strike(method, params, reply)

    def _strike(self, method: str, params: Params, reply: Reply) -> None:
        """Let the call be refused or delayed, where its chat is disturbed."""
        try:
            seconds = self.disturbance.strike(params, self._loop.time())
        except ApiError as error:
            reply(error.code, _dumped(error.as_json()))
            return
        if seconds:
            self._loop.call_later(seconds, self._do, method, params, reply)
        else:
            self._do(method, params, reply)

    def _do(self, method: str, params: Params, reply: Reply) -> None:
        try:
            if method == "getupdates":
                self._get_updates(params, reply)
                return
            result = self._api.call(method, params)
        except ApiError as error:
            reply(error.code, _dumped(error.as_json()))
            return
        reply(HTTPStatus.OK, _dumped({"ok": True, "result": result}))
        if method in SHOWING and isinstance(result, dict):
            chat = self.world.chats[params.number("chat_id")]
            self.on_shown(chat.messages[result["message_id"]])

    # Polling

    def _get_updates(self, params: Params, reply: Reply) -> None:
        """Return what waits, or let the poll wait for it. Source: Bot API, getUpdates."""
        if self.world.settings.get("webhook"):
            refuse("can't use getUpdates method while webhook is active", HTTPStatus.CONFLICT)
        kinds = params.json("allowed_updates")
        if isinstance(kinds, list):
            self.world.inbox.allow(map(str, kinds))
        updates = self._waiting(params)
        seconds = min(params.number("timeout"), LONGEST_POLL)
        if updates or seconds <= 0:
            reply(HTTPStatus.OK, _dumped({"ok": True, "result": updates}))
            return
        self._end_poll(ApiError(HTTPStatus.CONFLICT, "Conflict: terminated by other getUpdates request"))
        self._poll = Poll(params, reply, self._loop.call_later(seconds, self._end_poll))

    def _waiting(self, params: Params) -> list[Json]:
        return self.world.inbox.take(params.number("offset"), params.number("limit"))

    def _end_poll(self, error: ApiError | None = None) -> None:
        poll, self._poll = self._poll, None
        if poll is None:
            return
        poll.timer.cancel()
        if error is not None:
            poll.reply(error.code, _dumped(error.as_json()))
        else:
            poll.reply(HTTPStatus.OK, _dumped({"ok": True, "result": self._waiting(poll.params)}))

    def _arrived(self) -> None:
        """Answer the poll that waits, with all that came in this same moment."""
        if self._poll is not None:
            self._loop.call_soon(self._end_poll)
        self.delivery.wake()


class LeanDelivery(Delivery):
    """Brings updates to the webhook over connections of its own that cost little."""

    def __init__(self, inbox: Inbox) -> None:
        """Bring nothing yet."""
        super().__init__(inbox)
        self.on_taken: Callable[[], None] = lambda: None
        self._idle: dict[str, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {}

    def wake(self) -> None:
        """Look again: something came, or was taken."""
        super().wake()
        self.on_taken()

    async def _post(self, _session: Any, webhook: Webhook, update: Json) -> int:
        places = self.behind or (webhook.url,)
        place = urlsplit(places[next(self._turn) % len(places)])
        body = _dumped(update)
        head = (
            f"POST {urlsplit(webhook.url).path} HTTP/1.1\r\nHost: {place.netloc}\r\n{HEADER}: {webhook.secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with suppress(OSError, EOFError):
            return await self._exchange(place.netloc, head.encode() + body)
        return 0

    async def _exchange(self, netloc: str, request: bytes) -> int:
        idle = self._idle.setdefault(netloc, [])
        host, _, port = netloc.rpartition(":")
        reader, writer = idle.pop() if idle else await asyncio.open_connection(host, int(port))
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        if length:
            await reader.readexactly(int(length[1]))
        idle.append((reader, writer))
        return int(head.split(" ", 2)[1])


def _chat_of(params: Params) -> int:
    """The chat that a call is about; a press begins with its person's number, six digits of its own follow."""
    if "callback_query_id" in params:
        return int(params.text("callback_query_id")[:-6] or 0)
    return params.number("chat_id")


def _dumped(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
