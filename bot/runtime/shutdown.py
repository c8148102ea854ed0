"""The end of a process that was told to stop, within the time a SIGTERM allows."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_SECONDS = 4.7  # from the signal to the end, whatever hangs; a SIGTERM allows 5


@contextmanager
def nothing_in_hand() -> Iterator[None]:
    """End at once when told to, while a start opens the database: what it was at is undone, as by a kill.

    Python would end with another exit code, and as a container's first process not at all.
    """
    before = {
        signal_number: signal.signal(signal_number, lambda *_: os._exit(0))
        for signal_number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for signal_number, was in before.items():
            signal.signal(signal_number, was)


def end_in_any_case() -> None:
    """End with exit code 0 before that time is over, though a thread may hang in the database, in Telegram, in drawing.

    What is not committed by then was not confirmed either, and comes again.
    """

    def end() -> None:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)

    timer = threading.Timer(LONGEST_SECONDS, end)
    timer.daemon = True
    timer.start()
