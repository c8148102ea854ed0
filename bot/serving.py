"""Runs the bot: Telegram, the web side and what is done beside, in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.config import Settings, Wrong
from bot.groups import Cards
from bot.housekeeping import PRESSES_KEPT, Housekeeping
from bot.keyfile import key_texts
from bot.listening import Sockets, sockets
from bot.office import LINK, USERNAME, Office
from bot.pace import Pace
from bot.reminding import Reminding
from bot.sample import sample_left
from bot.stopping import end_in_any_case, nothing_in_hand
from bot.store import StoreError
from bot.store.alone import Taken, claim
from bot.tally import Tally
from bot.telegram.face import TokenRefused
from bot.telegram.face import run as run_face
from bot.telegram.redact import redact, unheeded
from bot.telegram.tries import Backroom
from bot.version import told_version

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.routing import BaseRoute

    from bot.desk import Desk
    from bot.store.alone import Claim
    from bot.telegram.taking import Hook
    from bot.web.site import Site

UNSURE = 100  # chats in which a lost message is looked for; more are behind only after an outage of Telegram
SAMPLE_LEFT = (
    "The database holds the sample, negotiation %d, and its people. Give another READINESS_DATA to begin without them."
)
WATCH = 5.0  # seconds between two looks whether the database is still this process's

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """What the parts of a running bot share."""

    chosen: Settings
    token: str
    desk: Desk
    where: Sockets
    tally: Tally
    executor: ThreadPoolExecutor
    stop: asyncio.Event
    site: Site | None = None


def serve(chosen: Settings, open_desk: Callable[[Settings], Desk], tell: Callable[[str], None]) -> None:
    """Serve until told to stop. Wrong, or StoreError, when it cannot begin or go on: a line for the operator."""
    chosen.to_serve()
    chosen.hand_on()
    token = chosen.token.get_secret_value() if chosen.token else ""
    by_webhook = chosen.updates == "webhook"
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    redact(token, secrets=(*chosen.secrets, *key_texts(chosen)))
    with sockets(chosen) as where:
        with nothing_in_hand():
            desk = open_desk(chosen)
        log.info("%s. %s", told_version(), chosen.told)
        desk.pace = Pace.of(*chosen.pace)
        try:
            if (number := sample_left(desk)) is not None:
                log.warning(SAMPLE_LEFT, number)
            alone = claim(chosen.store_url, shared=by_webhook)
            if by_webhook:
                desk.holder = secrets.token_hex(8)
            asyncio.run(_until_stopped(chosen, token, desk, where, alone, tell))
        except TokenRefused as error:
            raise Wrong(str(error)) from None
        finally:
            desk.store.close()


async def _until_stopped(
    chosen: Settings, token: str, desk: Desk, where: Sockets, alone: Claim, tell: Callable[[str], None]
) -> None:
    stop = asyncio.Event()

    def told_to_stop() -> None:
        stop.set()
        end_in_any_case()

    asyncio.get_running_loop().set_exception_handler(unheeded)
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, told_to_stop)
    unsure = () if desk.holder else desk.unshown(UNSURE)  # where several show chats, who held them tells
    if desk.come_back(PRESSES_KEPT):
        desk.say_again()
    executor = ThreadPoolExecutor(chosen.writers)
    served = Served(chosen, token, desk, where, Tally(), executor, stop, _pages(chosen, token, desk, executor))
    try:
        async with AsyncExitStack() as stack:
            hook = await _web(served, stack)
            watch = asyncio.create_task(_watch(alone, stop))
            await stack.enter_async_context(Housekeeping(desk, served.executor).going())
            try:
                await _telegram(served, hook, tell, unsure)
            finally:
                watch.cancel()
            if watch.done() and not watch.cancelled():
                watch.result()
    finally:
        served.executor.shutdown(wait=False, cancel_futures=True)
        alone.drop()


async def _telegram(served: Served, hook: Hook | None, tell: Callable[[str], None], unsure: Collection[str]) -> None:
    desk, chosen = served.desk, served.chosen

    def noted(username: str) -> str | None:
        with desk.store.transaction() as tx:
            tx.set_office(USERNAME, username)
        return Office(desk).first_code()

    async def ready(username: str) -> None:
        desk.link = LINK.format(username)
        code = await Backroom(served.executor, served.tally).do(noted, username)  # the database may be away just then
        if code is not None:
            tell(f"Nobody leads yet. Send /start {code} to @{username}, or open {desk.link}{code}")

    def waking(wake: Callable[[str], None]) -> None:
        if served.site is not None:
            served.site.on_wakes = lambda persons: list(map(wake, persons))

    await run_face(
        desk,
        served.executor,
        served.token,
        chosen.api_url,
        served.stop,
        on_ready=ready,
        reminding=Reminding(desk),
        cards=Cards(desk),
        tally=served.tally,
        hook=hook,
        on_waking=waking,
        unsure=unsure,
    )


def _pages(chosen: Settings, token: str, desk: Desk, executor: ThreadPoolExecutor) -> Site | None:
    """The browser's side of the same conversation, where it is told under which address browsers reach it."""
    if not chosen.listen:
        return None
    from bot.web.initdata import InitData
    from bot.web.run import at_home, origins
    from bot.web.site import Site

    if not (chosen.url or at_home(chosen.listen)):
        return None
    address = origins(chosen.listen, chosen.url)
    desk.page = f"{chosen.url or f'http://{chosen.listen}'}/join?s="
    return Site(desk, executor, lambda: address, telegram=InitData(token))


async def _web(served: Served, stack: AsyncExitStack) -> Hook | None:
    """Serve what is to be served by HTTP; the webhook, if Telegram is to bring updates."""
    chosen, hook = served.chosen, None
    if not (chosen.listen or chosen.metrics_listen):
        return None
    from bot.web import app, health, metrics, server

    async def backlog() -> tuple[int, int]:
        return await asyncio.get_running_loop().run_in_executor(asking, served.desk.backlog)

    asking = ThreadPoolExecutor(1)  # its own: the others may be waiting for the database
    stack.callback(asking.shutdown, wait=False, cancel_futures=True)
    doctor = health.Doctor(chosen.updates, served.tally.silent_for, backlog)
    public: list[BaseRoute] = [*health.routes(doctor, served.desk.store.health_secret)]
    if chosen.updates == "webhook":
        hook = _hook(served, public)
    if served.site is not None:
        from bot.web.chat import routes

        public += routes(served.site)  # last: it answers whatever is asked
    believed = chosen.believed_proxies
    if served.where.pages:
        await stack.enter_async_context(server.serving_on(served.where.pages, app.joined(public), believed))
        if served.site is not None:
            stack.callback(served.site.close)  # before serving ends, which waits for open pages
    if served.where.metrics:
        numbers = metrics.routes(served.tally, doctor, version("negotiation-readiness"))
        await stack.enter_async_context(server.serving_on(served.where.metrics, app.joined(numbers), believed))
    return hook


def _hook(served: Served, public: list[BaseRoute]) -> Hook:
    from bot.telegram.intake import Intake
    from bot.telegram.taking import Hook
    from bot.web import webhook

    secret = served.desk.store.derived(f"telegram webhook {served.token}")
    intake = Intake(served.tally)
    public += webhook.routes(secret, intake.take)
    return Hook(f"{served.chosen.url}{webhook.PATH}", secret, intake)


async def _watch(alone: Claim, stop: asyncio.Event) -> None:
    """Stop as soon as another process has the database that was this one's alone."""
    while True:
        await asyncio.sleep(WATCH)
        with suppress(StoreError):  # away: nobody else can have it either
            if not await asyncio.to_thread(alone.kept):
                stop.set()
                break
    raise Taken("Another process took the database over while it could not be reached. This one stops.")
