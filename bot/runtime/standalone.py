"""Runs the bot where there is no Telegram: the sample on this computer, or a delegation that works in browsers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.application.administration import AdminService
from bot.application.sample import sample_people
from bot.runtime.browser import HERE, PORTS, Reached, at_home, hold
from bot.runtime.listening import had, metrics_socket, placed, socket_on
from bot.runtime.settings import Settings, SettingsError
from bot.runtime.version import told_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Executor

    from bot.application.updates import UpdateHandler

log = logging.getLogger(__name__)


def try_out(chosen: Settings, open_desk: Callable[[Settings], UpdateHandler], tell: Callable[[str], None]) -> None:
    """Serve the sample to this computer, and to no other: its key speaks for everybody in it."""
    if chosen.updates == "webhook":
        chosen.to_serve()  # which tells what is missing for that
    if chosen.listen is not None and not at_home(chosen.listen):
        raise SettingsError(
            "The sample is for this computer only. Set READINESS_LISTEN to 127.0.0.1:8080, or leave it out."
        )
    listen = chosen.listen or HERE
    with socket_on("READINESS_LISTEN", listen, PORTS) as pages, metrics_socket(chosen) as metrics:
        desk = open_desk(chosen)
        people = sample_people(AdminService(desk), desk)
        tell("No TELEGRAM_BOT_TOKEN is set, so this is a sample to try. Open this address; its key works once:")
        hold(desk, chosen.writers, (pages, metrics), Reached(had(listen, pages), None), tell, people)


def serve_pages(chosen: Settings, open_desk: Callable[[Settings], UpdateHandler], tell: Callable[[str], None]) -> None:
    """Serve a delegation that uses no Telegram."""
    from bot.application.maintenance import unfinished
    from bot.application.rate_limit import RateLimiter
    from bot.application.reminders import ReminderService
    from bot.runtime.background_jobs import BackgroundJobs
    from bot.runtime.log_redaction import redact, unheeded
    from bot.runtime.master_key import key_texts
    from bot.runtime.shutdown import nothing_in_hand
    from bot.storage.process_lock import claim

    chosen.to_serve()
    chosen.hand_on()
    listen = chosen.listen or HERE
    if chosen.url is None and not at_home(listen):
        raise SettingsError(
            "READINESS_URL is not set. Give the https:// address under which browsers reach this server."
        )
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    redact("", secrets=(*chosen.secrets, *key_texts(chosen)))
    with socket_on("READINESS_LISTEN", listen) as pages, metrics_socket(chosen) as metrics:
        chosen = placed(replace(chosen, listen=listen), pages, metrics)
        with nothing_in_hand():
            desk = open_desk(chosen)
        log.info("%s. %s", told_version(), chosen.told)
        listen = chosen.listen or listen
        if told := unfinished(desk.store):
            log.warning("%s", told)
        url = chosen.url or f"http://{listen}"
        desk.pace = RateLimiter.of(*chosen.pace)
        desk.link, desk.page = "", f"{url}/join?s="
        alone = claim(chosen.store_url, shared=False)
        code = AdminService(desk).first_code()
        if code is not None:
            tell(f"Nobody leads yet. Open {desk.page}{code}")

        @asynccontextmanager
        async def beside(executor: Executor) -> AsyncIterator[None]:
            asyncio.get_running_loop().set_exception_handler(unheeded)
            async with BackgroundJobs(desk, executor, ReminderService(desk)).going():
                yield

        reached = Reached(listen, chosen.url, chosen.believed_proxies)
        try:
            hold(desk, chosen.writers, (pages, metrics), reached, tell, beside=beside)
        finally:
            alone.drop()
