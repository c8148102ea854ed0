"""The browser face for tests: served in a thread of its own on loopback, and looked at with the machine's chromium."""

from __future__ import annotations

import asyncio
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from bot.application.administration import AdminService
from bot.application.passphrases import PassphraseService
from bot.application.sample import sample_people
from bot.application.updates import UpdateHandler
from bot.runtime.browser import origins
from bot.storage import ScryptCost
from bot.web.app import joined
from bot.web.conversation import routes
from bot.web.security import PublicAddress
from bot.web.server import serving
from bot.web.services import WebServices
from tests.fresh import fresh_store
from tests.transcript import CHECKLISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from bot.web.telegram_init_data import InitData

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


CHEAP_COST = ScryptCost(ln=4, r=8, p=1)  # 16 KiB: the real one costs half a second a guess


@dataclass
class Served:
    """A site that is served."""

    url: str
    desk: UpdateHandler
    site: WebServices
    keys: list[str]

    @property
    def office(self) -> AdminService:
        """The operator's side of it."""
        return AdminService(self.desk)

    @property
    def people(self) -> dict[str, str]:
        """Everybody's id by their name."""
        return {one.name: one.id for one in self.office.people()}


def desk_in(folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> UpdateHandler:
    """A desk over an empty database, with the checklists that come with the bot."""
    store = fresh_store(folder / "readiness.db")
    return UpdateHandler(store, CHECKLISTS, clock=clock, link="")


@contextmanager
def served(
    desk: UpdateHandler, *, sample: bool = False, url: str = "", telegram: InitData | None = None
) -> Iterator[Served]:
    """Serve a desk's pages as long as the block lasts; ``url`` is the address they think they are reached at."""
    people = sample_people(AdminService(desk), desk) if sample else ()
    keys: list[str] = []
    executor, started, loop = ThreadPoolExecutor(1), threading.Event(), asyncio.new_event_loop()
    address = PublicAddress(frozenset())
    site = WebServices(desk, executor, lambda: address, sample=people, on_key=keys.append, telegram=telegram)
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
    try:
        yield Served(f"http://127.0.0.1:{port}", desk, site, keys)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
        executor.shutdown()
        desk.store.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        browser.close()
