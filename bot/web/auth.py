"""Signing in: whatever the method, it ends in a person's id; from there on a cookie stands for them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from bot.application.browser_sessions import LONGEST
from bot.dialog.parsing.whole import COUNTED, whole
from bot.web.security import cookie_for, cookie_in

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.web.services import WebServices


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, by which session, and whom they may speak as: themselves, or anybody of the sample."""

    person: str
    token: str
    people: tuple[str, ...]
    guarded: bool = False  # whether their talks ask for passphrases

    @property
    def csrf(self) -> str:
        """What every form of this session holds, and no other page can know."""
        return hmac.new(self.token.encode(), b"csrf", hashlib.sha256).hexdigest()

    @property
    def key(self) -> str:
        """A name for the session that gives nothing away."""
        return hashlib.sha256(self.token.encode()).hexdigest()

    def must_be(self, person: str) -> None:
        """Refuse, as if they were not there, people this visitor is not."""
        if person not in self.people:
            raise HTTPException(404)


class PassphraseRequired(HTTPException):
    """A session in which a passphrase is to be entered before anything is shown or heard; whose."""

    def __init__(self, visiting: Session, person: str) -> None:
        """The session, and the person of it who is asked."""
        super().__init__(401)
        self.visiting, self.person = visiting, person


async def visitor(site: WebServices, request: Request, cookie: str = "", *, used: bool = True) -> Session | None:
    """Who is signed in and may see their talks; None for nobody. Locked until they entered their passphrase.

    What a page asks for by itself is no use of the session: left open on a desk, it ends as any other.

    All that is shown or heard of any talks comes by here: the one place where passphrases hold pages shut, and where
    the permission is asked for that the route names. To who lacks it, there is nothing.
    """
    visiting = await signed_in(site, request, cookie, used=used)
    if visiting is None:
        return None
    lock = await site.do(site.phrases.lock, visiting.key, visiting.people)
    if lock.person:
        raise PassphraseRequired(visiting, lock.person)
    verb, number = request.state.permission, talks_in(request)
    for person in _spoken_as(request, visiting):
        if not await site.do(site.browsing.may, person, verb, number):
            raise HTTPException(404)
    return replace(visiting, guarded=lock.asks)


def _spoken_as(request: Request, visiting: Session) -> list[str]:
    """As whom of those a session speaks for a request asks; as itself where it names nobody of them."""
    named = (request.path_params.get("person"), *request.query_params.getlist("as"))
    return [person for person in named if person in visiting.people] or [visiting.person]


async def signed_in(site: WebServices, request: Request, cookie: str = "", *, used: bool = True) -> Session | None:
    """Who is signed in, by the browser's own cookie unless another is named; None for nobody.

    By itself only for what shows nothing of any talks: asking for the passphrase, signing out, an invitation.
    """
    token = cookie_in(request.headers, cookie or site.cookie)
    person = await site.do(site.browsing.who, token, used=used) if token else None
    return None if person is None else Session(person, token, site.people_of(person))


def talks_in(request: Request) -> int | None:
    """The talks that an address names."""
    return whole(request.query_params.get("talks", ""), below=COUNTED)


def check(visiting: Session, form: FormData) -> None:
    """Refuse a form that no page of this session holds."""
    given = form.get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), visiting.csrf.encode()):
        raise HTTPException(403)


async def sign_in(site: WebServices, person: str, to: str = "/") -> Response:
    """Begin a session for a person, whoever found out that it is they, and send them on."""
    token = await site.do(site.browsing.sign_in, person)
    response = RedirectResponse(to, status_code=303)
    lasts = int(LONGEST.total_seconds())
    response.headers["set-cookie"] = cookie_for(site.cookie, token, lasts, secure=site.address().secure)
    return response


def sign_out(site: WebServices, to: str = "/") -> Response:
    """Take the cookie away."""
    response = RedirectResponse(to, status_code=303)
    response.headers["set-cookie"] = cookie_for(site.cookie, "", 0, secure=site.address().secure)
    return response
