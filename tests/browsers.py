"""The browser face for tests: served in a thread of its own on loopback, and looked at with the machine's chromium."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import lxml.html
import pytest
from playwright.sync_api import sync_playwright

from bot.application.administration import AdminService
from bot.application.passphrases import PassphraseService
from bot.application.sample import sample_people
from bot.application.updates import UpdateHandler
from bot.runtime.browser import origins
from bot.web.app import joined
from bot.web.conversation import routes
from bot.web.security import PublicAddress
from bot.web.server import serving
from bot.web.services import WebServices
from tests.api import CHEAP_COST, CHECKLISTS, KEY, Installation, open_store
from tests.fresh import fresh_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from bot.application.rate_limit import RateLimiter
    from bot.web.telegram_init_data import InitData

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no authorities: loading them takes 80 ms a browser


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = datetime(2026, 11, 25, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        """What it shows now."""
        return self.now


def wall() -> datetime:
    """The time that it is: real browsers go by it."""
    return datetime.now(UTC)


class Web(Installation):
    """A delegation that uses no Telegram, and its site as it is served, with everybody's browsers."""

    def __init__(self, desk: UpdateHandler, url: str, site: WebServices, keys: list[str], clock: Any) -> None:
        """Look at a site at this address, which told these keys."""
        super().__init__(lambda: desk)
        self.url, self.site, self.keys, self.clock = url, site, keys, clock
        self.tabs: list[Tab] = []
        self.number = 1

    def has_a_bot(self, link: str) -> None:
        """From now on there is Telegram, too, where invitations begin so."""
        self.desk.link = link

    def browser(self) -> Tab:
        """A browser that knows nothing yet."""
        own = {"origin": self.url}
        tab = Tab(httpx.Client(base_url=self.url, headers=own, follow_redirects=True, timeout=30, verify=NO_TLS))
        self.tabs.append(tab)
        return tab

    def as_(self, name: str) -> Tab:
        """A browser that is signed in as somebody."""
        tab = self.browser()
        tab.client.cookies.set("readiness", self.signs_in(name))
        return tab.see(f"/chat/{self.people[name]}")

    def closes(self) -> None:
        """Everybody closes their browsers."""
        for tab in self.tabs:
            tab.client.close()
        self.tabs.clear()


@dataclass
class Tab:
    """What somebody without scripts sees and does: pages, links and forms."""

    client: httpx.Client
    page: lxml.html.HtmlElement = field(default_factory=lambda: lxml.html.fromstring("<html></html>"))
    status: int = 0

    def see(self, path: str) -> Tab:
        """Open a page."""
        return self._took(self.client.get(path))

    def tap(self, label: str) -> Tab:
        """Press the button of this label."""
        found = [one for one in self.page.xpath("//button") if " ".join(one.text_content().split()) == label]
        assert found, f"no button {label!r} in: {self.text}"
        form = self.form(found[-1])
        if found[-1].get("name"):
            form[found[-1].get("name")] = found[-1].get("value")
        return self.post(found[-1].xpath("ancestor::form")[0].get("action"), form)

    def write(self, text: str) -> Tab:
        """Type a message and send it."""
        area = self.page.xpath("//textarea")[0]
        return self.post(area.xpath("ancestor::form")[0].get("action"), {**self.form(area), "text": text})

    def send(self, name: str, body: bytes, caption: str = "") -> Tab:
        """Send a file."""
        area = self.page.xpath("//textarea")[0]
        data, to = {**self.form(area), "text": caption}, area.xpath("ancestor::form")[0].get("action")
        return self._took(self.client.post(to, data=data, files={"file": (name, body)}))

    def post(self, to: str, data: dict[str, str], **headers: str) -> Tab:
        return self._took(self.client.post(to, data=data, headers=headers))

    def form(self, inside: lxml.html.HtmlElement) -> dict[str, str]:
        """The hidden fields of the form around an element."""
        hidden = inside.xpath("ancestor::form//input[@type='hidden']")
        return {one.get("name"): one.get("value") for one in hidden}

    @property
    def text(self) -> str:
        return "\n".join(one.text_content() for one in self.page.xpath("//main"))

    @property
    def live(self) -> str:
        """The present message."""
        return _words(self.page.xpath("//article[contains(@class, 'live')]")[0])

    @property
    def above(self) -> list[str]:
        """The messages above it."""
        return [_words(one) for one in self.page.xpath("//article[@data-n]")]

    def _took(self, answer: object) -> Tab:
        self.status, self.answer = answer.status_code, answer  # type: ignore[attr-defined]
        if "html" in answer.headers.get("content-type", ""):  # type: ignore[attr-defined]
            self.page = lxml.html.fromstring(answer.text)  # type: ignore[attr-defined]
        return self


def _words(one: lxml.html.HtmlElement) -> str:
    return " ".join(" ".join(one.itertext()).split())


@contextmanager
def served(
    folder: Path | None = None,
    *,
    database: str = "",
    key: bytes = KEY,
    clock: Callable[[], datetime] | None = None,
    begun: bool = True,
    sample: bool = False,
    url: str = "",
    telegram: InitData | None = None,
    pace: RateLimiter | None = None,
) -> Iterator[Web]:
    """Serve the pages of an installation in a folder, or of a database, as long as the block lasts.

    ``begun``: the sample's three people are there; ``sample``: whoever has the key may be any of them.
    ``url`` is the address that the pages think they are reached at.
    """
    store = open_store(database, key) if database else fresh_store(folder / "readiness.db")
    clock = clock or Clock()
    desk = UpdateHandler(store, CHECKLISTS, clock=clock, link="")
    desk.pace = pace
    people = sample_people(AdminService(desk), desk) if begun or sample else ()
    keys: list[str] = []
    executor, started, loop = ThreadPoolExecutor(1), threading.Event(), asyncio.new_event_loop()
    address = PublicAddress(frozenset())
    site = WebServices(
        desk, executor, lambda: address, sample=people if sample else (), on_key=keys.append, telegram=telegram
    )
    site.phrases = PassphraseService(desk, CHEAP_COST)
    stop, port = asyncio.Event(), 0

    async def serve() -> None:
        nonlocal address, port
        async with serving(joined(routes(site)), "127.0.0.1", 0) as port:
            address = origins(f"127.0.0.1:{port}", url or None)
            desk.page = f"{url or f'http://127.0.0.1:{port}'}/join?s="
            if sample:
                site.new_key()
            started.set()
            await stop.wait()
            site.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(20)
    web = Web(desk, f"http://127.0.0.1:{port}", site, keys, clock)
    try:
        yield web
    finally:
        web.closes()
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
        executor.shutdown()
        store.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        browser.close()
