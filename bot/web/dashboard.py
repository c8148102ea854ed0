"""The lead's desk: talks as a whole on one page, in the browser and inside Telegram.

A button here is the chat's own button: it is heard by the chat's place, and ``here`` shows where that leads.
Filters and orders are parts of the address, so that they work without scripts and can be kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.application.documents import render_document
from bot.dialog.answer_slot import MARK, when
from bot.domain.access.permissions import Permission
from bot.domain.checklist import Severity
from bot.web.auth import talks_in, visitor
from bot.web.form_data import attachment, text_in
from bot.web.join import door
from bot.web.rendering import pane, paragraphs
from bot.web.route_permissions import needs
from bot.web.security import APP as APP_BASE
from bot.web.security import IN_APP
from bot.web.sent_forms import sent_form
from bot.web.texts_dashboard import APP, BOARD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from bot.application.browser_sessions import BrowserAnswer
    from bot.application.dashboard import Dashboard, DashboardGap, DashboardView
    from bot.application.messages import ChatView
    from bot.web.auth import Session
    from bot.web.services import WebServices

NOBODY = "-"  # in an address; a name never begins a list of gaps without an owner
ORDERS: dict[str, Callable[[DashboardGap], Any]] = {
    "severity": lambda row: row.gap.severity.rank,
    "due": lambda row: row.gap.due or date.max,
    "owner": lambda row: (row.gap.owner is None, (row.gap.owner or "").casefold()),
}


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Which gaps are shown, and in what order; empty for all."""

    severity: str = ""
    owner: str = ""
    section: str = ""
    sort: str = "severity"


def desk_routes(site: WebServices) -> list[BaseRoute]:
    """The desk in a browser of its own."""
    return DashboardPages(site, "/desk").routes()


def chosen(asked: Mapping[str, str]) -> GapFilter:
    """What an address asks for; whatever is no choice is left out."""
    sort, severity = asked.get("sort", ""), asked.get("severity", "")
    return GapFilter(
        severity if severity in set(Severity) else "",
        asked.get("owner", ""),
        asked.get("section", ""),
        sort if sort in ORDERS else "severity",
    )


def shown(rows: Iterable[DashboardGap], choice: GapFilter) -> list[DashboardGap]:
    """The gaps that were chosen, in the chosen order; among equals the worst stay first."""
    kept = [
        row
        for row in rows
        if choice.severity in {"", row.gap.severity}
        and choice.section in {"", row.section}
        and choice.owner in {"", row.gap.owner or NOBODY}
    ]
    return sorted(kept, key=ORDERS[choice.sort])


class DashboardPages:
    """The pages of the desk, below one address; ``inside`` Telegram another cookie stands for the person."""

    def __init__(self, site: WebServices, base: str, *, inside: bool = False) -> None:
        """Serve a site's desk at ``base``."""
        self._site, self._base, self._inside = site, base, inside

    def routes(self) -> list[BaseRoute]:
        """Its pages."""
        base = self._base
        return [
            Route(base, needs(Permission.WAIT)(self._signed(self.desk))),
            Route(f"{base}/here", needs(Permission.WAIT)(self._signed(self.here))),
            Route(f"{base}/here", needs(Permission.WAIT)(self._signed(self.say)), methods=["POST"]),
            Route(f"{base}/trend.png", needs(Permission.LOOK)(self._signed(self.trend))),
            Route(f"{base}/file/{{key}}", needs(Permission.COME)(self._signed(self.file))),
        ]

    @property
    def cookie(self) -> str:
        """The cookie that stands for a person here."""
        return f"{self._site.cookie}{IN_APP}" if self._inside else self._site.cookie

    def _signed(
        self, page: Callable[[Request, Session], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        @wraps(page)
        async def answers(request: Request) -> Response:
            visiting = await visitor(self._site, request, self.cookie)
            if visiting is not None:
                return await page(request, visiting)
            if not self._inside:
                return door(self._site, status=401)
            return self._site.page("app.html", {"app": APP, "path": "", "closed": True}, 401)

        return answers

    def _values(self, visiting: Session) -> dict[str, Any]:
        """What every page of the desk needs."""
        return {
            "word": BOARD,
            "base": self._base,
            "inside": self._inside,
            "phrase": f"{APP_BASE if self._inside else ''}/passphrase" if visiting.guarded else "",
            "sealed": APP["sealed"],
            "csrf": visiting.csrf,
            "people": len(visiting.people) > 1,
            "mark": MARK,
            "when": when,
        }

    async def desk(self, request: Request, visiting: Session) -> Response:
        """The whole of some talks."""
        site, number = self._site, talks_in(request)
        try:
            seat = await site.do(site.boards.seat, visiting.person, number)
        except LookupError:
            raise HTTPException(404) from None
        asked = chosen(request.query_params)
        values = {**self._values(visiting), "seat": seat, "board": seat.board, "asked": asked}
        if seat.board is None:
            return site.page("leads_none.html", values)
        trend = await site.do(site.boards.trend, visiting.person, number)
        values |= {"trend": paragraphs(trend.says()) if trend else (), **_parts(seat, seat.board, asked)}
        values["once"] = secrets.token_urlsafe(12)  # each page's own: the same page sent twice is a repeat
        return site.page("leads.html", values)

    async def trend(self, request: Request, visiting: Session) -> Response:
        """The picture of how the gaps came and went."""
        site = self._site
        try:
            ordered = await site.do(site.boards.trend, visiting.person, talks_in(request))
        except LookupError:
            ordered = None
        brought, _ = await site.make(render_document, ordered, "")
        if brought is None:
            raise HTTPException(404)
        return Response(brought.body, media_type="image/png")

    async def here(self, request: Request, visiting: Session) -> Response:
        """Where the person's chat is: what a button of the desk led to."""
        site, key = self._site, request.query_params.get("file", "")
        screen = await site.do(site.browsing.screen, visiting.person)
        brought = await site.kept(visiting.key, visiting.person, key)
        return self._here(visiting, screen, brought=brought, key=key)

    def _here(self, visiting: Session, screen: ChatView, status: int = 200, **more: Any) -> Response:
        values = {**self._values(visiting), "pane": pane(screen), "brought": None, "written": "", **more}
        return self._site.page("leads_here.html", values, status)

    async def say(self, request: Request, visiting: Session) -> Response:
        """Hear what was tapped, typed or sent, as the chat does."""
        site, person, key = self._site, visiting.person, ""
        answer = None
        async with sent_form(site, request, visiting, person) as sent:
            if sent.given is not None:
                answer = await site.hear(sent.given)
        if answer is not None:
            site.changed(answer.wakes)
            if answer.astray:  # handed back to be copied: sent again with one tap, it would be heard here
                return self._here(visiting, answer.screen, 409, written=text_in(sent.form, "text"))
            key = await self._kept(visiting, answer)
        file = f"?file={key}" if key else ""
        return RedirectResponse(f"{self._base}/here{file}", 303)

    async def _kept(self, visiting: Session, answer: BrowserAnswer) -> str:
        """Keep what was asked for, as long as the session; where it can be had."""
        if answer.ordered is None:
            return ""
        brought, _ = await self._site.make(render_document, answer.ordered, "")
        if brought is None:
            return ""
        return self._site.scrollback.keep(visiting.key, visiting.person, brought, answer.ordered.talks)

    async def file(self, request: Request, visiting: Session) -> Response:
        """A document or a picture that was asked for."""
        brought = await self._site.kept(visiting.key, visiting.person, request.path_params["key"])
        if brought is None:
            raise HTTPException(410)
        if brought.picture:
            return Response(brought.body, media_type="image/png")
        headers = {"content-disposition": attachment(brought.name)}
        return Response(brought.body, media_type="application/octet-stream", headers=headers)


def _parts(seat: DashboardView, board: Dashboard, asked: GapFilter) -> dict[str, Any]:
    """The gaps that were chosen, and what else could be."""
    owners = sorted({row.gap.owner for row in board.gaps if row.gap.owner}, key=str.casefold)
    free = [(NOBODY, BOARD["nobody"])] if any(row.gap.owner is None for row in board.gaps) else []
    return {
        "rows": shown(board.gaps, asked),
        "others": [negotiation for negotiation in seat.talks if negotiation.number != board.number],
        "severities": [(str(severity), f"{MARK[severity]} {severity}") for severity in Severity],
        "owners": [*free, *((name, name) for name in owners)],
        "sections": [(section.id, section.title) for section in board.report.sections],
        "orders": [(name, BOARD[f"by_{name}"]) for name in ORDERS],
    }
