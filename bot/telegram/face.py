"""Runs the bot on Telegram, from the first call to the last."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Updater

from bot.telegram.bell import Bell
from bot.telegram.groups import Groups
from bot.telegram.inbox import Inbox
from bot.telegram.line import Line
from bot.telegram.present import Presenter
from bot.telegram.receive import LARGEST, WANTED
from bot.telegram.tries import Backroom, fixed, seconds, waits

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Executor
    from typing import Any

    from bot.desk import Desk
    from bot.groups import Cards
    from bot.reminding import Reminding

T = TypeVar("T")

POLL = timedelta(seconds=30)  # one long poll; Telegram allows 50
PATIENCE = 8.0  # seconds to finish what is in hand when stopping

log = logging.getLogger(__name__)


class TokenRefused(Exception):
    """Telegram does not know the token; the message is one line for the operator."""

    def __init__(self) -> None:
        """Say it in one line."""
        super().__init__("Telegram refuses TELEGRAM_BOT_TOKEN. Copy the present one from @BotFather.")


@dataclass(frozen=True, slots=True)
class Words:
    """What this face says by itself, beside the dialog."""

    group: str = "I say nothing about talks in groups. Please write to me in a private chat."
    private: str = "Open the private chat"
    fault: str = "Something went wrong here, and nothing was saved. Please try it again."


async def run(  # noqa: PLR0913 (what it stands on)
    desk: Desk,
    executor: Executor,
    token: str,
    api_url: str,
    stop: asyncio.Event,
    on_ready: Callable[[str], None] | None = None,
    *,
    words: Words | None = None,
    largest: int = LARGEST,
    reminding: Reminding | None = None,
    cards: Cards | None = None,
    on_present: Callable[[Callable[[str], None]], None] = lambda _: None,
) -> None:
    """Serve until ``stop`` is set. Raises `TokenRefused`; waits through everything else.

    ``on_ready`` is called with the bot's username before the first update is taken;
    ``largest``: bytes of a file that is taken; ``reminding`` tells people what is due, ``cards`` what groups show.
    ``on_present`` is given what brings a person's chat to its place, for other faces that move it.
    """
    said, backroom = words or Words(), Backroom(executor)
    line = Line(token, api_url, on_gap=lambda: presenter.errand(presenter.say_again()))
    presenter = Presenter(desk, backroom, line, group=said.group, private=said.private)
    on_present(presenter.wake)
    groups = Groups(cards, backroom, line, presenter, private=said.private) if cards else None
    inbox = Inbox(desk, backroom, line, presenter, fault=said.fault, largest=largest, groups=groups)
    bell = Bell(reminding, backroom, presenter) if reminding else None
    beside = [one for one in (groups, bell) if one is not None]
    try:
        if not await _unless(stop, _meet(line)):
            return
        log.info("This is @%s.", line.username)
        if on_ready is not None:
            on_ready(line.username)
        presenter.errand(presenter.catch_up())
        presenter.errand(_offer(line, desk.commands))
        for one in beside:
            one.start()
        updater = Updater(line, inbox)
        await _poll(updater, line, stop)
        await inbox.close(PATIENCE)
        await _stop(updater)
        await asyncio.gather(*(one.close(PATIENCE) for one in beside))
        await presenter.close(PATIENCE)
    except InvalidToken:
        raise TokenRefused from None  # PTB's own words hold the token
    finally:
        await asyncio.gather(*(one.close(0) for one in beside))
        await presenter.close(0)
        await line.shutdown()
    if line.refused.is_set():
        raise TokenRefused


async def _meet(line: Line) -> bool:
    """Learn the bot's name, as soon as Telegram can be reached."""
    for wait in waits():
        pause = wait
        try:
            await line.initialize()
        except InvalidToken:
            raise
        except RetryAfter as error:
            pause = seconds(error)
        except TelegramError as error:
            log.warning("Telegram cannot be reached (%s). Trying again in %.1f s.", fixed(error), pause)
        else:
            return True
        await asyncio.sleep(pause)
    return False  # never: waits() does not end


async def _offer(line: Line, commands: tuple[tuple[str, str], ...]) -> None:
    """Put the commands into Telegram's menu."""
    for wait in waits(first=1.0):
        try:
            await line.set_my_commands(commands)
        except (BadRequest, Forbidden) as error:
            log.error("Telegram refuses the menu of commands: %s", fixed(error))  # noqa: TRY400
            return
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
        except TelegramError:
            await asyncio.sleep(wait)
        else:
            return


async def _poll(updater: Updater, line: Line, stop: asyncio.Event) -> None:
    """Poll until told to stop, or until the token is refused."""
    await updater.initialize()
    starting = updater.start_polling(
        timeout=POLL,
        bootstrap_retries=-1,
        allowed_updates=WANTED,
        drop_pending_updates=False,
        error_callback=_tell,
    )
    if await _unless(stop, starting) is not None:
        await _unless(stop, line.refused.wait())


async def _stop(updater: Updater) -> None:
    """Stop polling, and confirm what is committed."""
    if not updater.running:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await updater.stop()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do the work unless told to stop first: then None."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (doing, stopping):
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return None if doing.cancelled() else doing.result()


def _tell(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.error("Another process polls with this token, too. Stop one of the two.")
        return
    log.warning("Polling failed (%s). Trying again.", fixed(error))
