"""Pages of ours inside Telegram: who opens one is told by Telegram, and from there on it is the desk's page.

Telegram puts what it knows behind the ``#`` of the address, which no server sees: `static/telegram-app.js` sends
it here. A page that is opened always signs in anew, whatever cookie is there: two accounts share a phone's.
Inside web.telegram.org the page is a frame of another site, so the cookie is kept for that frame alone
(``Partitioned``) and goes with requests from it; forms still need our origin and the session's own word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.application.browser_sessions import LONGEST, hashed, numbered
from bot.application.messages import IncomingReply
from bot.dialog.parsing.whole import whole
from bot.web.dashboard import DashboardPages
from bot.web.form_data import brief_form, text_in
from bot.web.passphrase import phrase_routes
from bot.web.route_permissions import open_to_all
from bot.web.security import APP as BASE
from bot.web.security import cookie_for
from bot.web.texts_dashboard import APP

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from bot.web.services import WebServices
    from bot.web.telegram_init_data import InitData

DESK = f"{BASE}/desk"
PATH = 200  # characters
AGE = int(LONGEST.total_seconds())


def app_routes(site: WebServices) -> list[BaseRoute]:
    """Every page inside Telegram; none without a bot there."""
    if site.telegram is None:
        return []
    app = _MiniAppPages(site, site.telegram)
    return [
        Route(f"{BASE}/sign-in", open_to_all(app.sign_in), methods=["POST"]),
        *app.desk.routes(),
        *phrase_routes(site, app.goes),
        Route(BASE, open_to_all(app.opening)),
        Route(f"{BASE}/{{path:path}}", open_to_all(app.opening)),
    ]


class _MiniAppPages:
    """The way in."""

    def __init__(self, site: WebServices, telegram: InitData) -> None:
        self._site, self._telegram = site, telegram
        self.desk = DashboardPages(site, DESK, inside=True)

    async def opening(self, request: Request) -> Response:
        """The page that a button in Telegram opens. It knows nobody, and shows nothing of any talks."""
        path = request.path_params.get("path", "")[:PATH]
        return self._site.page("app.html", {"app": APP, "path": path, "closed": False})

    async def sign_in(self, request: Request) -> Response:
        """Begin a session for whom Telegram names; all others get the same refusal."""
        site = self._site
        form = await brief_form(request)
        given, path = text_in(form, "init"), text_in(form, "path")[:PATH]
        opened = self._telegram.read(given, site.browsing.now())
        begun = await site.do(site.browsing.sign_in_by_telegram, opened.telegram_id, opened.once) if opened else None
        if opened is None or begun is None:
            raise HTTPException(403)
        person, token = begun
        locked = await site.do(site.phrases.lock, hashed(token), (person,))
        asked = f"{BASE}/passphrase?{urlencode({'to': path})}"
        response = JSONResponse({"to": asked if locked.person else await self.goes(person, path, opened.once)})
        response.headers["set-cookie"] = self._cookie(token)
        return response

    async def goes(self, person: str, path: str, once: str) -> str:
        """Go to the place of a page, as its button in the chat would; where that page is then."""
        site = self._site
        number, _, rest = path.partition("/")
        if rest == "desk" and (talks := whole(number)) is not None:
            return f"{DESK}?talks={talks}"
        packed = await site.do(site.boards.opens, person, path)
        if packed:
            answer = await site.hear(IncomingReply(person, None, packed, numbered(person, once, packed)))
            site.changed(answer.wakes)
        return f"{DESK}/here"

    def _cookie(self, token: str) -> str:
        secure = self._site.address().secure  # else on this computer alone, and no Telegram
        kept = "SameSite=None; Partitioned" if secure else "SameSite=Lax"
        return cookie_for(self.desk.cookie, token, AGE, secure=secure, kept=kept)
