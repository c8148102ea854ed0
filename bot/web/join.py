"""The door: what somebody sees who is not signed in, and the invitation link that lets them in.

A link is opened in two steps, a page with a button and the button, so that whatever looks a link up
for a preview does not use it up. Only secrets that open nothing are counted: a team behind one address comes in, and
who guesses is told to wait before any more is looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from bot.domain.person_names import plain_name
from bot.web.auth import sign_in, signed_in
from bot.web.form_data import brief_form, text_in
from bot.web.texts import DOOR, NAME

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.web.services import WebServices

SECRET = 200  # characters


def door(site: WebServices, *, status: int = 200, text: str = "") -> Response:
    """The page for whoever is not signed in."""
    closed = DOOR["closed_sample"] if site.sample else DOOR["closed"]
    return site.page("door.html", {"title": DOOR["title"], "text": text or closed, "ask": None}, status)


async def join(site: WebServices, request: Request) -> Response:
    """The page of an invitation link. Looking at it uses nothing up."""
    return await _asking(site, request, request.query_params.get("s", ""))


async def _asking(site: WebServices, request: Request, secret: str, trouble: str = "", status: int = 200) -> Response:
    _may_try(site, request)
    awaited = await site.do(site.browsing.awaited, secret[:SECRET])
    if awaited is None:
        return _void(site, request)
    visiting = await signed_in(site, request)
    known = ""
    if visiting is not None:
        known = (await site.do(site.browsing.screen, visiting.person)).name
        text = DOOR["here"].format(name=known)
    else:
        text = DOOR["named"].format(name=awaited) if awaited else DOOR["welcome"]
    ask = {
        "secret": secret,
        "named": bool(awaited) or bool(known),
        "name": DOOR["name"],
        "why": DOOR["name_why"],
        "join": DOOR["join"],
        "trouble": trouble,
    }
    return site.page("door.html", {"title": NAME, "text": text, "ask": ask}, status)


async def joining(site: WebServices, request: Request) -> Response:
    """Let somebody in who pressed the button of an invitation's page."""
    form = await brief_form(request)
    secret, name = (text_in(form, field)[:SECRET] for field in ("s", "name"))
    _may_try(site, request)
    visiting = await signed_in(site, request)
    if visiting is None and not plain_name(name) and await site.do(site.browsing.awaited, secret) == "":
        return await _asking(site, request, secret, DOOR["nameless"], 422)
    let_in = await site.do(site.browsing.join, secret, name, visiting.person if visiting else None)
    if let_in is None:
        return _void(site, request)
    person, wakes = let_in
    site.changed(wakes)
    return RedirectResponse("/", 303) if visiting else await sign_in(site, person)


def _may_try(site: WebServices, request: Request) -> None:
    """Raise for an address that brought too many secrets that open nothing."""
    if site.tries.spent(_address(request)):
        raise HTTPException(429)


def _void(site: WebServices, request: Request) -> Response:
    """The page for a secret that opens nothing, which is counted."""
    site.tries.allows(_address(request))
    return door(site, status=404, text=DOOR["void"])


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
