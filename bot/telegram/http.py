"""HTTP to the Bot API over aiohttp: 2 to 4 times less CPU than PTB's own client, and it logs no addresses."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest

from bot.application.metrics import Metrics
from bot.dialog.limit_messages import LARGEST

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput
    from telegram.request import RequestData

CONNECT_SECONDS = 10.0  # to wait for a connection, from the pool or new
READ_SECONDS = 20.0  # of silence on a connection; long polling adds its own time
UPLOAD_SECONDS = 90.0  # of silence while a file goes up, since Telegram answers only after its last byte
IDLE_SECONDS = 25.0  # for which an unused connection is kept; shorter than servers keep theirs
MOST_BYTES = LARGEST  # of a file
CHUNK_BYTES = 64 * 1024

JSON = {"User-Agent": BaseRequest.USER_AGENT, "Content-Type": "application/json"}
PLAIN = {"User-Agent": BaseRequest.USER_AGENT}


@dataclass(frozen=True, slots=True)
class CallBody:
    """What a call says, as PTB's `RequestData` gives it, but ready for JSON and without files."""

    parameters: dict[str, Any]
    contains_files: Literal[False] = False


class HttpRequest(BaseRequest):
    """A pool of connections. No error it raises holds an address, since the address holds the token."""

    __slots__ = ("_pool", "_proxies", "_session", "_tally", "_timeouts")

    def __init__(self, pool: int, tally: Metrics | None = None) -> None:
        """``pool``: how many connections may be open at once; ``tally`` counts what comes of calls."""
        self._pool = pool
        self._tally = tally or Metrics()
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}
        self._timeouts: dict[tuple[float | None, float | None], aiohttp.ClientTimeout] = {}

    @property
    def read_timeout(self) -> float | None:
        """Seconds of silence before a call is given up."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._pool, keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer. Unlike PTB's own, never log it: it may hold what a person wrote."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            msg = "the server's answer is not JSON"
            raise TelegramError(msg) from None
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (aiohttp knows none)
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (part of connecting)
    ) -> tuple[int, bytes]:
        """Call the Bot API; the status and the body of its answer."""
        if self._session is None:
            msg = "the connection pool is closed"
            raise NetworkError(msg)
        body, headers = _body(request_data)
        silence = UPLOAD_SECONDS if isinstance(body, aiohttp.FormData) else READ_SECONDS
        timeout = self._timeout(_or(connect_timeout, CONNECT_SECONDS), _or(read_timeout, silence))
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy(url),
                allow_redirects=False,
            ) as answer:
                body_read = await (_read(answer) if method == "GET" else answer.read())
                self._tally.call(_method(method, url), _outcome(answer.status))
                return answer.status, body_read
        except TimeoutError:
            self._tally.call(_method(method, url), "timeout")
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            self._tally.call(_method(method, url), "network")
            raise NetworkError(_short(error)) from None

    def _timeout(self, connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
        timeout = self._timeouts.get((connect, read))
        if timeout is None:
            timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=read)
            self._timeouts[connect, read] = timeout
        return timeout

    def _proxy(self, url: str) -> str | None:
        """The proxy the environment names for a host; asked once, since aiohttp would ask at each call."""
        host = url[: url.find("/", 8)]
        if host not in self._proxies:
            parts = urlsplit(host)
            bypass = urllib.request.proxy_bypass(parts.hostname or "")
            self._proxies[host] = None if bypass else urllib.request.getproxies().get(parts.scheme)
        return self._proxies[host]


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """A file; of one that is larger than what is taken, as much as shows that."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > MOST_BYTES:
            answer.close()
            break
    return bytes(body)


def _method(verb: str, url: str) -> str:
    """The method of a call. A file is fetched by GET, and where it lies says too much."""
    return url.rpartition("/")[2] if verb == "POST" else "file"


def _outcome(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "flood"
    return {2: "ok", 4: "refused"}.get(status // 100, "failed")


def _body(data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, dict[str, str]]:
    if data is None:
        return None, PLAIN
    if not data.contains_files:
        return json.dumps(data.parameters).encode(), JSON  # a form's %-signs took a quarter of a call
    form = aiohttp.FormData(quote_fields=False)  # else a name with a space arrives with %20
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, PLAIN


def _or(given: ODVInput[float], usual: float) -> float | None:
    return usual if isinstance(given, DefaultValue) else given


def _short(error: Exception) -> str:
    """What went wrong, without the address that aiohttp likes to add."""
    strerror = getattr(error, "strerror", None)
    return f"{type(error).__name__}: {strerror}" if isinstance(strerror, str) else type(error).__name__
