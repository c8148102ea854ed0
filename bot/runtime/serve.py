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

from bot.application.administration import LINK, USERNAME, AdminService
from bot.application.group_cards import GroupCardService
from bot.application.maintenance import unfinished
from bot.application.metrics import Metrics
from bot.application.rate_limit import RateLimiter
from bot.application.reminders import ReminderService
from bot.application.retry import WorkerPool
from bot.application.sample import sample_left
from bot.runtime.background_jobs import PRESSES_KEPT_SECONDS, BackgroundJobs
from bot.runtime.listening import Sockets, placed, sockets
from bot.runtime.log_redaction import redact, unheeded
from bot.runtime.master_key import key_texts
from bot.runtime.settings import Settings, SettingsError
from bot.runtime.shutdown import end_in_any_case, nothing_in_hand
from bot.runtime.version import told_version
from bot.storage import StoreError
from bot.storage.process_lock import DatabaseInUse, claim
from bot.telegram.bot import TokenRefused
from bot.telegram.bot import run as run_face

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.routing import BaseRoute

    from bot.application.updates import UpdateHandler
    from bot.storage.process_lock import HeldLock
    from bot.telegram.receivers import WebhookEndpoint
    from bot.web.services import WebServices

UNSURE = 100  # chats in which a lost message is looked for; more are behind only after an outage of Telegram
SAMPLE_LEFT = (
    "The database holds the sample, negotiation %d, and its people. Give another READINESS_DATA to begin without them."
)
WATCH_SECONDS = 5.0  # between two looks whether the database is still this process's

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningBot:
    """What the parts of a running bot share."""

    chosen: Settings
    token: str
    desk: UpdateHandler
    where: Sockets
    tally: Metrics
    executor: ThreadPoolExecutor
    stop: asyncio.Event
    site: WebServices | None = None


def serve(chosen: Settings, open_desk: Callable[[Settings], UpdateHandler], tell: Callable[[str], None]) -> None:
    """Serve until told to stop. Wrong, or StoreError, when it cannot begin or go on: a line for the operator."""
    chosen.to_serve()
    chosen.hand_on()
    token = chosen.token.get_secret_value() if chosen.token else ""
    by_webhook = chosen.updates == "webhook"
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    redact(token, secrets=(*chosen.secrets, *key_texts(chosen)))
    with sockets(chosen) as where:
        chosen = placed(chosen, where.pages, where.metrics)
        with nothing_in_hand():
            desk = open_desk(chosen)
        log.info("%s. %s", told_version(), chosen.told)
        desk.pace = RateLimiter.of(*chosen.pace)
        try:
            if (number := sample_left(desk)) is not None:
                log.warning(SAMPLE_LEFT, number)
            if told := unfinished(desk.store):
                log.warning("%s", told)
            alone = claim(chosen.store_url, shared=by_webhook)
            if by_webhook:
                desk.holder = secrets.token_hex(8)
            asyncio.run(_until_stopped(chosen, token, desk, where, alone, tell))
        except TokenRefused as error:
            raise SettingsError(str(error)) from None
        finally:
            desk.store.close()


async def _until_stopped(
    chosen: Settings, token: str, desk: UpdateHandler, where: Sockets, alone: HeldLock, tell: Callable[[str], None]
) -> None:
    stop = asyncio.Event()

    def told_to_stop() -> None:
        stop.set()
        end_in_any_case()

    asyncio.get_running_loop().set_exception_handler(unheeded)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, told_to_stop)
    unsure = () if desk.holder else desk.unshown(UNSURE)  # where several show chats, who held them tells
    if desk.come_back(PRESSES_KEPT_SECONDS):
        desk.resend_all()
    executor = ThreadPoolExecutor(chosen.writers)
    served = RunningBot(chosen, token, desk, where, Metrics(), executor, stop, _pages(chosen, token, desk, executor))
    try:
        async with AsyncExitStack() as stack:
            hook = await _web(served, stack)
            watch = asyncio.create_task(_watch(alone, stop))
            await stack.enter_async_context(BackgroundJobs(desk, served.executor).going())
            try:
                await _telegram(served, hook, tell, unsure)
            finally:
                watch.cancel()
            if watch.done() and not watch.cancelled():
                watch.result()
    finally:
        served.executor.shutdown(wait=False, cancel_futures=True)
        alone.drop()


async def _telegram(
    served: RunningBot, hook: WebhookEndpoint | None, tell: Callable[[str], None], unsure: Collection[str]
) -> None:
    desk, chosen = served.desk, served.chosen

    def noted(username: str) -> str | None:
        with desk.store.transaction() as tx:
            tx.set_office(USERNAME, username)
        return AdminService(desk).first_code()

    async def ready(username: str) -> None:
        desk.link = LINK.format(username)
        code = await WorkerPool(served.executor, served.tally).do(noted, username)  # the database may be away just then
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
        reminding=ReminderService(desk),
        cards=GroupCardService(desk),
        tally=served.tally,
        hook=hook,
        on_waking=waking,
        unsure=unsure,
    )


def _pages(chosen: Settings, token: str, desk: UpdateHandler, executor: ThreadPoolExecutor) -> WebServices | None:
    """The browser's side of the same conversation, where it is told under which address browsers reach it."""
    if not chosen.listen:
        return None
    from bot.runtime.browser import at_home, origins
    from bot.web.services import WebServices
    from bot.web.telegram_init_data import InitData

    if not (chosen.url or at_home(chosen.listen)):
        return None
    address = origins(chosen.listen, chosen.url)
    desk.page = f"{chosen.url or f'http://{chosen.listen}'}/join?s="
    return WebServices(desk, executor, lambda: address, telegram=InitData(token))


async def _web(served: RunningBot, stack: AsyncExitStack) -> WebhookEndpoint | None:
    """Serve what is to be served by HTTP; the webhook, if Telegram is to bring updates."""
    chosen, hook = served.chosen, None
    if not (chosen.listen or chosen.metrics_listen):
        return None
    from bot.web import app, connections, health, metrics, server

    async def backlog() -> tuple[int, int]:
        return await asyncio.get_running_loop().run_in_executor(asking, served.desk.backlog)

    asking = ThreadPoolExecutor(1)  # its own: the others may be waiting for the database
    stack.callback(asking.shutdown, wait=False, cancel_futures=True)
    doctor = health.HealthCheck(chosen.updates, served.tally.silent_for, backlog)
    public: list[BaseRoute] = [*health.routes(doctor, served.desk.store.health_secret)]
    if chosen.updates == "webhook":
        hook = _hook(served, public)
    if served.site is not None:
        from bot.web.conversation import routes

        public += routes(served.site)  # last: it answers whatever is asked
    believed = chosen.believed_proxies
    if served.where.pages:
        await stack.enter_async_context(server.serving_on(served.where.pages, app.joined(public), believed))
        if served.site is not None:
            stack.callback(served.site.close)  # before serving ends, which waits for open pages
    if served.where.metrics:
        numbers = metrics.routes(served.tally, doctor, version("negotiation-readiness"))
        most = connections.MOST_FOR_METRICS
        await stack.enter_async_context(server.serving_on(served.where.metrics, app.joined(numbers), believed, most))
    return hook


def _hook(served: RunningBot, public: list[BaseRoute]) -> WebhookEndpoint:
    from bot.telegram.receivers import WebhookEndpoint
    from bot.telegram.webhook_queue import WebhookQueue
    from bot.web import webhook

    secret = served.desk.store.derived(f"telegram webhook {served.token}")
    intake = WebhookQueue(served.tally)
    public += webhook.routes(secret, intake.take)
    return WebhookEndpoint(f"{served.chosen.url}{webhook.PATH}", secret, intake)


async def _watch(alone: HeldLock, stop: asyncio.Event) -> None:
    """Stop as soon as another process has the database that was this one's alone."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        with suppress(StoreError):  # away: nobody else can have it either
            if not await asyncio.to_thread(alone.kept):
                stop.set()
                break
    raise DatabaseInUse("Another process took the database over while it could not be reached. This one stops.")
