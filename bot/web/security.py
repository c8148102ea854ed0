"""What every page keeps to: whom it answers, how much it takes, what browsers may do with it."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.dialog.parsing.whole import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILE_BYTES = 10 * 1024 * 1024  # of a file that is taken, as on Telegram
FORM_BYTES = 256 * 1024  # of a form without a file
AROUND_BYTES = 256 * 1024  # of a form around its file
STRAYS = 20  # names that are logged; whoever tries more than that means no good
SAFE = {"GET", "HEAD"}
IN_APP = "-app"  # ends the name of the cookie that stands for a person inside Telegram

log = logging.getLogger(__name__)

POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "referrer-policy": "same-origin",  # so that a form tells its origin: older browsers have no other word for it
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# Inside Telegram a page of ours is a frame of its web client.
APP = "/app"
IN_TELEGRAM = {
    **{name: value for name, value in HEADERS.items() if name != "x-frame-options"},
    "content-security-policy": POLICY.replace("frame-ancestors 'none'", "frame-ancestors https://web.telegram.org"),
}


def in_telegram(path: str) -> bool:
    """Whether a page is one of those inside Telegram."""
    return path == APP or path.startswith(f"{APP}/")


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """Where this server is reached: its origins, each ``scheme://host:port``. Others are not answered."""

    origins: frozenset[str]

    @property
    def hosts(self) -> frozenset[str]:
        """What a request's Host may be."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)

    @property
    def secure(self) -> bool:
        """Whether it is reached by https alone."""
        return all(origin.startswith("https://") for origin in self.origins)


@dataclass
class RequestRateLimiter:
    """How many requests somebody may make: ``burst`` at once, and ``each`` a second after that."""

    burst: float
    each: float
    known: int = 10_000  # people remembered
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def allows(self, who: str) -> bool:
        """Count a request, and tell whether it may pass."""
        now = time.monotonic()
        left = self._now(who, now)
        self._left[who] = (left - 1 if left >= 1 else left, now)
        self._left.move_to_end(who)
        if len(self._left) > self.known:
            self._left.popitem(last=False)
        return left >= 1

    def spent(self, who: str) -> bool:
        """Whether nothing may pass now; this counts nothing."""
        return self._now(who, time.monotonic()) < 1

    def _now(self, who: str, now: float) -> float:
        left, at = self._left.get(who, (self.burst, now))
        return min(self.burst, left + (now - at) * self.each)


class SecurityMiddleware:
    """Refuses requests that no page of ours makes, and tells browsers what a page may do."""

    def __init__(
        self,
        app: ASGIApp,
        address: Callable[[], PublicAddress],
        refuse: Callable[[Request, Exception], Awaitable[Response]],
        cookie: Callable[[], str],
    ) -> None:
        """``refuse`` makes the page that says why; ``cookie`` names the session, of which the pace is kept."""
        self._app, self._address, self._refuse, self._cookie = app, address, refuse, cookie
        self._strays: set[str] = set()
        self._reads, self._writes = RequestRateLimiter(120, 40), RequestRateLimiter(30, 4)
        # A session is anything a cookie says until it is looked up, so its address is counted as well: a whole
        # delegation may be behind one, or all of them behind a proxy.
        self._all_reads, self._all_writes = RequestRateLimiter(2400, 800), RequestRateLimiter(800, 120)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, address = Headers(scope=scope), self._address()
        begun = False

        async def sends(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._mark(MutableHeaders(scope=message), address, scope["path"])
            await send(message)

        try:
            self._check(scope, headers, address)
            # Whatever pages raise becomes a page of ours, in whichever application they are.
            handlers = {HTTPException: self._refused, Exception: self._refused}
            there = {**scope, "starlette.exception_handlers": (handlers, {})}
            await self._app(there, _limited(receive, _most(headers)), sends)
        except HTTPException as error:
            if begun:
                raise
            response = await self._refused(Request(scope), error)
            await response(scope, receive, sends)

    async def _refused(self, request: Request, error: Exception) -> Response:
        response = await self._refuse(request, error)
        if response.status_code == 413:
            response.headers["connection"] = "close"  # the rest of it is not read
        return response

    def _check(self, scope: Scope, headers: Headers, address: PublicAddress) -> None:
        """Raise for what is not to be answered."""
        if (host := headers.get("host", "")) not in address.hosts:
            self._note_stray(host, address)
            raise HTTPException(421)  # another name for this machine: DNS rebinding
        method = scope["method"]
        everybody, each = (self._all_reads, self._reads) if method in SAFE else (self._all_writes, self._writes)
        if not everybody.allows(_client(scope)) or not each.allows(_who(scope, headers, self._cookie())):
            raise HTTPException(429)
        if method not in SAFE and not _ours(headers, address):
            raise HTTPException(403)
        length = whole(headers.get("content-length", "0"))
        if length is None or length > _most(headers):
            raise HTTPException(413)

    def _note_stray(self, host: str, address: PublicAddress) -> None:
        """Log a Host that does not fit, each once: most likely a proxy passes on another than it was asked for."""
        if host not in self._strays and len(self._strays) < STRAYS:
            self._strays.add(host)
            ours = " or ".join(sorted(address.origins))
            log.warning("Pages were asked for at %.100r, and are served at %s (READINESS_URL).", host, ours)

    def _mark(self, headers: MutableHeaders, address: PublicAddress, path: str) -> None:
        for name, value in (IN_TELEGRAM if in_telegram(path) else HEADERS).items():
            headers.setdefault(name, value)
        if address.secure:
            headers.setdefault("strict-transport-security", "max-age=31536000")


def _ours(headers: Headers, address: PublicAddress) -> bool:
    """Whether a form was sent from a page of ours.

    A browser that keeps its origin to itself sends ``Origin: null`` with a form; then its own word counts.
    """
    origin = headers.get("origin", "null")
    if origin != "null":
        return origin in address.origins
    return headers.get("sec-fetch-site") == "same-origin"


def _most(headers: Headers) -> int:
    return (
        FILE_BYTES + AROUND_BYTES if headers.get("content-type", "").startswith("multipart/form-data") else FORM_BYTES
    )


def _who(scope: Scope, headers: Headers, cookie: str) -> str:
    """Whose pace a request is: that of what it calls its session, else of its address."""
    found = cookie_in(headers, cookie) or cookie_in(headers, f"{cookie}{IN_APP}")
    return found[:64] or _client(scope)


def cookie_in(headers: Headers, name: str) -> str:
    """What a cookie holds, empty for none; of several the last. Ours need no unquoting, and no other is looked at."""
    found = ""
    for header in headers.getlist("cookie"):
        for pair in header.split(";"):
            key, _, value = pair.partition("=")
            if key.strip() == name:
                found = value.strip()
    return found


def cookie_for(name: str, value: str, seconds: int, *, secure: bool, kept: str = "SameSite=lax") -> str:
    """The header that has a browser keep a cookie for so long; ``kept``: with which requests it comes back."""
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; {'Secure; ' if secure else ''}{kept}"


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _limited(receive: Receive, most: int) -> Receive:
    """The request's body, ended when more comes than is taken."""
    taken = 0

    async def receives() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return receives
