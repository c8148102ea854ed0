"""The end of a process that was told to stop, within the time a SIGTERM allows."""

from __future__ import annotations

import logging
import os
import sys
import threading

LONGEST = 4.7  # seconds from the signal to the end, whatever hangs; a SIGTERM allows 5


def end_in_any_case() -> None:
    """End with exit code 0 before that time is over, though a thread may hang in the database, in Telegram, in drawing.

    What is not committed by then was not confirmed either, and comes again.
    """

    def end() -> None:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)

    timer = threading.Timer(LONGEST, end)
    timer.daemon = True
    timer.start()
