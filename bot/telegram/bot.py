"""Runs the bot on Telegram, from the first call to the last."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.application.periodic import PeriodicTask
from bot.application.retry import WorkerPool, fixed, seconds, waits
from bot.dialog.limit_messages import LARGEST
from bot.dialog.refusals import REFUSED
from bot.telegram.client import BotClient
from bot.telegram.file_fetcher import FileFetcher
from bot.telegram.group_presenter import GroupPresenter
from bot.telegram.presenter import Presenter
from bot.telegram.receivers import PollingReceiver, WebhookReceiver
from bot.telegram.reminder_sender import ReminderSender
from bot.telegram.update_queue import UpdateQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine
    from concurrent.futures import Executor
    from typing import Any

    from bot.application.group_cards import GroupCardService
    from bot.application.metrics import Metrics
    from bot.application.reminders import ReminderService
    from bot.application.updates import UpdateHandler
    from bot.telegram.receivers import WebhookEndpoint

T = TypeVar("T")

PATIENCE_SECONDS = 3.5  # to finish what is in hand when stopping; a SIGTERM allows 5 in all
GIVES_UP_SECONDS = 4.0  # after which Telegram is told to bring an update again: the database is away
UNREACHED = "Telegram cannot be reached at %s (%s). Is a proxy needed (HTTPS_PROXY)? Trying again in %.1f s."
UNDELETED_SECONDS = 30.0  # between two looks for messages that may not stay and could not be deleted
OTHERS_SECONDS = 1.5  # between two looks for chats that another process left unshown

log = logging.getLogger(__name__)


class TokenRefused(Exception):
    """Telegram does not know the token; the message is one line for the operator."""

    def __init__(self) -> None:
        """Say it in one line."""
        super().__init__("Telegram refuses TELEGRAM_BOT_TOKEN. Copy the present one from @BotFather.")


@dataclass(frozen=True, slots=True)
class ProfileTexts:
    """What this face says by itself, beside the dialog."""

    group: str = REFUSED
    private: str = "Open the private chat"
    slow: str = (
        "I have your message, but the database does not answer just now, so I cannot record it yet. "
        "I will go on with it by myself as soon as it does; you need not send it again."
    )
    fault: str = "Something went wrong here, and nothing was saved. Please try it again."


async def run(  # noqa: PLR0913 (what it stands on)
    desk: UpdateHandler,
    executor: Executor,
    token: str,
    api_url: str,
    stop: asyncio.Event,
    on_ready: Callable[[str], Coroutine[Any, Any, None]] | None = None,
    *,
    words: ProfileTexts | None = None,
    largest: int = LARGEST,
    reminding: ReminderService | None = None,
    cards: GroupCardService | None = None,
    tally: Metrics | None = None,
    hook: WebhookEndpoint | None = None,
    on_waking: Callable[[Callable[[str], None]], None] | None = None,
    unsure: Collection[str] = (),
) -> None:
    """Serve until ``stop`` is set. Raises `TokenRefused`; waits through everything else.

    ``on_ready`` is awaited with the bot's username before the first update is taken;
    ``largest``: bytes of a file that is taken; ``reminding`` tells people what is due, ``cards`` what groups show.
    Telegram is polled, unless ``hook`` says where it brings updates. ``on_waking`` is given what shows a person's
    chat that changed elsewhere. ``unsure``: whose chats may hold a message that an earlier process did not note.
    """
    said, backroom = words or ProfileTexts(), WorkerPool(executor, tally)
    line = BotClient(token, api_url, lambda: presenter.fire_and_forget(presenter.resend_all()), backroom.tally)
    shared = hook is not None
    presenter = Presenter(desk, backroom, line, group=said.group, private=said.private, shared=shared, unsure=unsure)
    groups = GroupPresenter(cards, backroom, line, presenter, private=said.private) if cards else None
    hearing = backroom if hook is None else WorkerPool(executor, backroom.tally, GIVES_UP_SECONDS)
    files = FileFetcher(desk, backroom, line, presenter, largest)
    inbox = UpdateQueue(
        desk, hearing, line, presenter, fault=said.fault, slow=said.slow, largest=largest, groups=groups, files=files
    )
    bell = ReminderSender(reminding, backroom, presenter) if reminding else None
    others = PeriodicTask(presenter.take_over, OTHERS_SECONDS) if hook else None
    undeleted = PeriodicTask(presenter.erase_what_is_left, UNDELETED_SECONDS)
    beside = [part for part in (files, groups, bell, others, undeleted) if part is not None]
    taking = WebhookReceiver(line, inbox, hook) if hook else PollingReceiver(line, inbox)
    if on_waking is not None:
        on_waking(presenter.wake)
    try:
        if not await _unless(stop, _meet(line, api_url)):
            return
        log.info("This is @%s.", line.username)
        if on_ready is not None:
            await _unless(stop, on_ready(line.username))
        if stop.is_set():
            return
        presenter.fire_and_forget(presenter.catch_up())
        presenter.fire_and_forget(_offer(line, desk.commands))
        for part in beside:
            part.start()
        if await _unless(stop, _began(taking)):
            await _unless(stop, line.refused.wait())
        patience = 0.1 if line.refused.is_set() else PATIENCE_SECONDS  # with no token nothing can be finished
        until = time.monotonic() + patience
        await taking.finish(patience)
        left = until - time.monotonic()
        await asyncio.gather(*(part.close(left) for part in (taking, *beside, presenter)))
    except InvalidToken:
        raise TokenRefused from None  # PTB's own words hold the token
    finally:
        await asyncio.gather(*(part.close(0) for part in beside))
        await presenter.close(0)
        await line.shutdown()
    if line.refused.is_set():
        raise TokenRefused


async def _began(taking: WebhookReceiver | PollingReceiver) -> bool:
    await taking.start()
    return True


async def _meet(line: BotClient, api_url: str) -> bool:
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
            log.warning(UNREACHED, api_url, fixed(error), pause)
        else:
            return True
        await asyncio.sleep(pause)
    return False  # never: waits() does not end


async def _offer(line: BotClient, commands: tuple[tuple[str, str], ...]) -> None:
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


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do the work unless told to stop first: then None."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (doing, stopping):
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return None if doing.cancelled() else doing.result()
