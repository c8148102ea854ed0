"""The page that asks people for a passphrase of their own before anything of their talks is shown; and changes it.

What is typed here goes from the form to a slow hash and nowhere else: not into a log, a page, or the database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Route

from bot.application.passphrases import MOST, fits, unfit
from bot.web.auth import check, signed_in
from bot.web.form_data import brief_form, text_in
from bot.web.join import door
from bot.web.route_permissions import open_to_all
from bot.web.security import APP, IN_APP, SAFE, in_telegram
from bot.web.texts import PHRASE
from bot.web.texts_dashboard import APP as WORDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from bot.application.passphrases import Kept
    from bot.web.auth import PassphraseRequired, Session
    from bot.web.services import WebServices

    Goes = Callable[[str, str, str], Awaitable[str]]  # a person, what they opened, what is theirs alone

BUTTON = re.compile(r"[0-9a-z]{1,6}/[a-z0-9_/]{1,100}", re.ASCII)
FIELDS = {"enter": ("current",), "choose": ("new", "again"), "change": ("now", "new", "again")}


@dataclass(frozen=True, slots=True)
class PassphrasePrompt:
    """What is asked of whom: to enter, choose or change a passphrase. ``field`` is the one with ``trouble``."""

    visiting: Session
    person: str
    name: str
    kind: str
    base: str
    field: str = ""
    trouble: str = ""
    done: bool = False
    people: tuple[tuple[str, str], ...] = ()  # of whom the same session speaks, id and name


def phrase_routes(site: WebServices, goes: Goes | None = None) -> list[BaseRoute]:
    """The page, in a browser of its own; or inside Telegram, where ``goes`` brings a person to the page of a button."""
    pages = _PassphrasePage(site, goes)
    path = f"{APP if goes else ''}/passphrase"
    return [Route(path, open_to_all(pages.form)), Route(path, open_to_all(pages.sent), methods=["POST"])]


async def asking(site: WebServices, request: Request, locked: PassphraseRequired) -> Response:
    """What is answered, whatever was asked for, in a session that is locked: the form, or for pieces of pages less."""
    base = APP if in_telegram(request.scope["path"]) else ""
    ask = await _asked(site, locked.visiting, locked.person, base)
    return _page(site, ask, 401, back=_here(request) if request.method in SAFE else "")


async def _asked(
    site: WebServices, visiting: Session, person: str, base: str, *, change: bool = False
) -> PassphrasePrompt:
    name, chosen = await site.do(site.phrases.named, person)
    people = tuple([(seated, (await site.do(site.phrases.named, seated))[0]) for seated in visiting.people])
    return PassphrasePrompt(
        visiting, person, name, "change" if change else "enter" if chosen else "choose", base, people=people
    )


def _page(site: WebServices, ask: PassphrasePrompt, status: int = 200, back: str = "") -> Response:
    title = PHRASE[ask.kind].format(name=ask.name)
    shown = {"ask": ask, "word": PHRASE, "title": title, "fields": FIELDS[ask.kind], "most": MOST, "to": back}
    return site.page("phrase.html", shown | {"inside": bool(ask.base)}, status)


def _here(request: Request) -> str:
    query = request.url.query
    return f"{request.scope['path']}{'?' if query else ''}{query}"


class _PassphrasePage:
    """The page itself."""

    def __init__(self, site: WebServices, goes: Goes | None) -> None:
        self._site, self._goes = site, goes
        self._base, self._cookie_end = (APP, IN_APP) if goes else ("", "")
        self._busy: set[str] = set()  # people of whom a passphrase is being hashed: one each

    async def _ask(self, request: Request, person: str = "") -> PassphrasePrompt | None:
        """What is to be asked now: whoever is locked to enter theirs, whoever is not to change it."""
        site = self._site
        visiting = await signed_in(site, request, f"{site.cookie}{self._cookie_end}")
        if visiting is None:
            return None
        lock = await site.do(site.phrases.lock, visiting.key, visiting.people)
        if not lock.asks:
            raise HTTPException(404)
        if lock.person:
            return await _asked(site, visiting, lock.person, self._base)
        person = person or visiting.person
        visiting.must_be(person)
        return await _asked(site, visiting, person, self._base, change=True)

    async def form(self, request: Request) -> Response:
        """The form."""
        ask = await self._ask(request, request.query_params.get("as", ""))
        back = _safe(request.query_params.get("to", ""), self._base)
        return self._closed() if ask is None else _page(self._site, ask, back=back)

    def _closed(self) -> Response:
        """The page for who is not signed in."""
        if not self._base:
            return door(self._site, status=401)
        return self._site.page("app.html", {"app": WORDS, "path": "", "closed": True}, 401)

    async def sent(self, request: Request) -> Response:
        """Hear what was typed."""
        form = await brief_form(request)
        ask = await self._ask(request, text_in(form, "as"))
        if ask is None:
            return self._closed()
        check(ask.visiting, form)
        back = _safe(text_in(form, "to"), self._base)
        if text_in(form, "as") not in {"", ask.person} or text_in(form, "kind") != ask.kind:
            return _page(self._site, ask, 409, back)  # the page was of another moment
        if ask.person in self._busy:
            raise HTTPException(429)
        self._busy.add(ask.person)
        try:
            ask = await self._heard(ask, form)
        finally:
            self._busy.discard(ask.person)
        if ask.trouble:
            return _page(self._site, ask, 422, back)
        if ask.kind == "change":
            return _page(self._site, ask)
        if self._goes and not back.startswith("/"):  # only now: whoever has the phone alone moves nothing
            back = await self._goes(ask.person, back, ask.visiting.key)
        return RedirectResponse(back or "/", 303)

    async def _heard(self, ask: PassphrasePrompt, form: FormData) -> PassphrasePrompt:
        site, session = self._site, ask.visiting.key
        new = text_in(form, "new")
        if ask.kind != "enter" and (amiss := _amiss(new, text_in(form, "again"), ask.name)):
            return replace(ask, field=amiss[0], trouble=PHRASE[amiss[1]])
        kept: Kept | None = None
        if ask.kind != "choose":
            field = "current" if ask.kind == "enter" else "now"
            kept, trouble = await self._tried(ask.person, text_in(form, field))
            if kept is None:
                return replace(ask, field=field, trouble=trouble)
            if not await site.do(site.phrases.entered, session, kept):
                return replace(ask, field=field, trouble=PHRASE["meanwhile"])
        if ask.kind != "enter":
            body = await site.hash(site.phrases.to_keep, new)
            if not await site.do(site.phrases.choose, session, ask.person, body, kept):
                return replace(ask, field="new", trouble=PHRASE["meanwhile"])
        return replace(ask, done=True)

    async def _tried(self, person: str, phrase: str) -> tuple[Kept | None, str]:
        """What is kept, when this is the passphrase; else what is said of it."""
        site = self._site
        begun = await site.do(site.phrases.begin, person)
        if begun.wait:
            return None, PHRASE["wait"].format(wait=_long(begun.wait))
        if begun.kept is None:
            return None, PHRASE["meanwhile"]
        if await site.hash(fits, phrase, begun.kept):
            return begun.kept, ""
        wait = await site.do(site.phrases.failed, person)
        more = PHRASE["wait"].format(wait=_long(wait)) if wait > timedelta(0) else ""
        return None, f"{PHRASE['wrong']} {more}".strip()


def _amiss(new: str, again: str, name: str) -> tuple[str, str] | None:
    """The field of a new passphrase that is wrong, and why."""
    if why := unfit(new, name):
        return "new", why
    return ("again", "differs") if new != again else None


def _safe(to: str, base: str) -> str:
    """Where somebody wanted to go, if that is a page of ours on this side; never another site.

    Inside Telegram also what a button there opens, which is no address yet: ``1/item/goals``.
    """
    if base and BUTTON.fullmatch(to):
        return to
    plain = to.isascii() and to.isprintable() and "\\" not in to and to.startswith("/") and not to.startswith("//")
    path = to.partition("?")[0]
    pages = (f"{base}/desk",) if base else ("/chat/", "/desk")
    ours = path.startswith(pages) and "/file/" not in path and not path.endswith(".png")
    return to if plain and ours else ""


def _long(wait: timedelta) -> str:
    seconds = ceil(wait.total_seconds())
    return f"{seconds} seconds" if seconds < 90 else f"{-(-seconds // 60)} minutes"
