"""Trying again: how long to wait, and how to outlast a database that cannot be reached."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from functools import partial
from math import inf
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from telegram.error import TelegramError

from bot.application.metrics import Metrics
from bot.storage import StoreError, Tampered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from concurrent.futures import Executor

    from telegram.error import RetryAfter

P = ParamSpec("P")
T = TypeVar("T")

FIRST, CAP = 0.2, 30.0  # seconds
CAP_DATABASE_SECONDS = 3.0  # people wait for it, and asking costs it little

log = logging.getLogger(__name__)


def waits(first: float = FIRST, cap: float = CAP) -> Iterator[float]:
    """Seconds to wait before each next try: twice as long each time, up to a cap."""
    wait = first
    while True:
        yield wait
        wait = min(2 * wait, cap)


def where(error: BaseException) -> str:
    """A fault in words that hold nothing a person wrote: its type and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def fixed(error: TelegramError) -> str:
    """An error of Telegram's in its fixed words: what follows may be quoted from a message."""
    return f"{type(error).__name__}: {error.message.partition('. ')[0].partition(': ')[0]}"


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after  # an int unless PTB_TIMEDELTA is set
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


async def quietly(work: Awaitable[object]) -> None:
    """Do what may also be left undone."""
    try:
        await work
    except TelegramError as error:
        log.debug("An errand was left undone: %s", fixed(error))
    except Exception as error:  # noqa: BLE001 (nothing depends on it)
        log.error("An errand failed: %s", where(error))  # noqa: TRY400


class WorkerPool:
    """Where the desk's synchronous work is done: in the threads it is given."""

    def __init__(self, executor: Executor, tally: Metrics | None = None, patience: float = inf) -> None:
        """``executor``: one thread on SQLite, several on PostgreSQL; ``patience``: seconds of trying again."""
        self._executor = executor
        self.tally = tally or Metrics()
        self._patience = patience

    async def once(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work; whatever it raises is the caller's."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(work, *args, **kwargs))

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work, again while the database cannot be reached. Other errors are the caller's.

        StoreError once patience has run out, and not before; but Tampered at once, which it is the next time, too.
        """
        until = time.monotonic() + self._patience
        for wait in waits(cap=CAP_DATABASE_SECONDS):
            try:
                return await self.once(work, *args, **kwargs)
            except Tampered:
                raise
            except StoreError as error:
                self.tally.store_error(error)
                if time.monotonic() + wait > until:
                    raise
                log.warning("%s Trying again in %.1f s.", error, wait)
            await asyncio.sleep(wait)
        raise AssertionError  # waits() never ends
