"""The conversation in the browser: the page, what is said on it, what comes back, and the door before it."""

from __future__ import annotations

import json
from functools import partial, wraps
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.application.documents import render_document
from bot.domain.access.permissions import Permission
from bot.web.auth import PassphraseRequired, check, sign_in, sign_out, signed_in, visitor
from bot.web.dashboard import desk_routes
from bot.web.form_data import attachment, form_of, whole_in
from bot.web.join import door, join, joining
from bot.web.mini_app import app_routes
from bot.web.passphrase import phrase_routes
from bot.web.rendering import STATIC, context, echoed, pane
from bot.web.route_permissions import needs, open_to_all
from bot.web.security import SecurityMiddleware
from bot.web.sent_forms import sent_form

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from bot.application.browser_sessions import BrowserAnswer
    from bot.application.messages import ChatView
    from bot.dialog.contract import Reply
    from bot.web.auth import Session
    from bot.web.services import WebServices
    from bot.web.transcript import Conversation

UNBUFFERED = {"x-accel-buffering": "no"}  # or nginx, as it comes, holds a stream back until it ends
PAGES = 12  # that one session looks at live, at once


def routes(site: WebServices) -> list[BaseRoute]:
    """Every page of this face. The mount answers whatever is asked, so it goes last."""
    chat = _ConversationPages(site)

    def signed(
        page: Callable[[Request, Session], Awaitable[Response]], *, used: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        @wraps(page)
        async def answers(request: Request) -> Response:
            visiting = await visitor(site, request, used=used)
            return await page(request, visiting) if visiting else door(site, status=401)

        return answers

    inside = [
        Route("/", needs(Permission.WAIT)(chat.home)),
        Route("/chat/{person}", needs(Permission.WAIT)(signed(chat.one))),
        Route("/chat/{person}", needs(Permission.WAIT)(signed(chat.say)), methods=["POST"]),
        Route("/chat/{person}/file/{key}", needs(Permission.COME)(signed(chat.file))),
        Route("/live", needs(Permission.WAIT)(signed(chat.live, used=False))),
        Route("/out", open_to_all(chat.out), methods=["POST"]),
        *phrase_routes(site),
        Route("/join", open_to_all(partial(join, site))),
        Route("/join", open_to_all(partial(joining, site)), methods=["POST"]),
        *desk_routes(site),
        *app_routes(site),
        Mount("/static", open_to_all(StaticFiles(directory=STATIC))),
    ]
    guard = Middleware(SecurityMiddleware, address=site.address, refuse=site.refuse, cookie=lambda: site.cookie)
    return [Mount("", routes=inside, middleware=[guard])]


class _ConversationPages:
    """The pages of the conversation."""

    def __init__(self, site: WebServices) -> None:
        self._site = site
        self._looking: dict[str, int] = {}

    async def home(self, request: Request) -> Response:
        """The conversation, or all of the sample side by side; the door for who is not signed in."""
        site = self._site
        key = request.query_params.get("key")
        if key is not None and request.method == "GET" and site.fits(key):
            return await sign_in(site, site.sample[0])
        visiting = await visitor(site, request)
        if visiting is None:
            return door(site, status=401)
        return RedirectResponse("/", 303) if key is not None else await self._page(visiting, visiting.people)

    async def one(self, request: Request, visiting: Session) -> Response:
        """One conversation."""
        person = request.path_params["person"]
        visiting.must_be(person)
        return await self._page(visiting, (person,))

    async def _page(self, visiting: Session, shown: tuple[str, ...]) -> Response:
        site = self._site
        screens = {seated: await site.do(site.browsing.screen, seated) for seated in visiting.people}
        panes = []
        for person in shown:
            log = await site.log_of(visiting.key, person)
            log.last = screens[person]
            panes.append(pane(screens[person], log))
        people = [(seated, screens[seated].name) for seated in visiting.people]
        return site.page("chat.html", context(visiting, panes, site.browsing.commands, people))

    async def say(self, request: Request, visiting: Session) -> Response:
        """Hear what was tapped, typed or sent."""
        site, person = self._site, request.path_params["person"]
        visiting.must_be(person)
        answer = None
        async with sent_form(site, request, visiting, person) as sent:
            if sent.given is not None:
                answer = await site.hear(sent.given)
        form = sent.form
        if answer is not None:
            await self._note(visiting, person, answer, sent.said, sent.packed)
            site.changed(answer.wakes)
            if answer.refused:
                raise HTTPException(403)
        if request.headers.get("x-page") != "live":
            return RedirectResponse("/" if len(visiting.people) > 1 and form.get("back") else f"/chat/{person}", 303)
        log = await site.log_of(visiting.key, person)
        screen = log.last if answer and log.last else await site.do(site.browsing.screen, person)
        shown = pane(screen, log, whole_in(form, "after"))
        return HTMLResponse(site.fragment("said.html", {"pane": shown, "csrf": visiting.csrf, "back": ""}))

    async def _note(
        self, visiting: Session, person: str, answer: BrowserAnswer, said: Reply | None, packed: str
    ) -> None:
        """Put above what was answered, and what was brought."""
        log = self._site.scrollback.log(visiting.key, person)
        screen, before = answer.screen, log.last
        if answer.told:
            title, _, kept = screen.settled.partition("\n")
            if title:
                log.add("bot", title, kept, talks=answer.talks)
            if words := echoed(said, packed, before, settled=bool(title)):
                log.add("you", "", words, talks=answer.talks)
            await self._bring(visiting, log, answer)
        log.last = screen

    async def _bring(self, visiting: Session, log: Conversation, answer: BrowserAnswer) -> None:
        if answer.ordered is None:
            return
        brought, text = await self._site.make(render_document, answer.ordered, "")
        talks = answer.ordered.talks
        if brought is None:
            log.add("bot", "", text, talks=talks)
            return
        key = self._site.scrollback.keep(visiting.key, answer.screen.person, brought, talks)
        name = "" if brought.picture else brought.name
        log.add("bot", name, brought.caption, key, picture=brought.picture, talks=talks)

    async def file(self, request: Request, visiting: Session) -> Response:
        """A document or a picture that this session was brought."""
        person = request.path_params["person"]
        visiting.must_be(person)
        brought = await self._site.kept(visiting.key, person, request.path_params["key"])
        if brought is None:
            raise HTTPException(410)
        if brought.picture:
            return Response(brought.body, media_type="image/png")
        headers = {"content-disposition": attachment(brought.name)}
        return Response(brought.body, media_type="application/octet-stream", headers=headers)

    async def live(self, request: Request, visiting: Session) -> Response:
        """New screens as they come, as server-sent events."""
        people = tuple(dict.fromkeys(request.query_params.getlist("as")))
        for person in people:
            visiting.must_be(person)
        if self._looking.get(visiting.key, 0) >= PAGES:
            raise HTTPException(429)
        stream = self._stream(request, visiting, people)
        return StreamingResponse(stream, media_type="text/event-stream", headers=UNBUFFERED)

    async def _stream(self, request: Request, visiting: Session, people: tuple[str, ...]) -> AsyncIterator[str]:
        site = self._site
        self._looking[visiting.key] = self._looking.get(visiting.key, 0) + 1
        try:
            yield ": here\n\n"
            async for screen in site.live.follow(people):
                if not await self._may_look_on(request):
                    yield "event: ended\ndata: {}\n\n"
                    return
                yield self._event(visiting, screen) if screen else ": still here\n\n"
        finally:
            self._looking[visiting.key] -= 1
            if not self._looking[visiting.key]:
                del self._looking[visiting.key]

    def _event(self, visiting: Session, screen: ChatView) -> str:
        shown = {"pane": pane(screen), "csrf": visiting.csrf, "back": ""}
        data = {"person": screen.person, "html": self._site.fragment("said.html", shown)}
        return f"data: {json.dumps(data)}\n\n"

    async def _may_look_on(self, request: Request) -> bool:
        try:
            return await visitor(self._site, request, used=False) is not None
        except PassphraseRequired:
            return False

    async def out(self, request: Request) -> Response:
        """Sign out: the session is forgotten, with all that was said in it."""
        visiting = await signed_in(self._site, request)
        if visiting is None:
            return door(self._site, status=401)
        async with form_of(request) as form:
            check(visiting, form)
        await self._site.do(self._site.browsing.sign_out, visiting.token)
        self._site.scrollback.forget(visiting.key)
        return sign_out(self._site)
