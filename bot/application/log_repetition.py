"""Lines that say the same again: who can cause one of them could fill the disk with them."""

from __future__ import annotations

import logging
import time

EVERY_SECONDS = 60.0
KNOWN = 200  # lines remembered


class RepetitionFilter(logging.Filter):
    """Lets each line of a logger pass once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line passes: it, with its kind of error, did not within the last minute."""
        line, now = (record.getMessage(), record.exc_info and record.exc_info[0]), time.monotonic()
        if now - self._passed.get(line, -EVERY_SECONDS) < EVERY_SECONDS:
            return False
        if len(self._passed) >= KNOWN:
            self._passed.clear()
        self._passed[line] = now
        return True
