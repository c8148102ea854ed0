"""What a process has done since it started, in numbers: for health and metrics. No name and no content is in it."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


@dataclass(slots=True)
class DurationHistogram:
    """How long something took, by the bounds it stayed within."""

    within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def took(self, seconds: float) -> None:
        """Count one more."""
        self.within[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


@dataclass(slots=True)
class Metrics:
    """Counts; any thread may add to them. ``came``: when Telegram last answered a poll or brought an update."""

    updates: Counter[str] = field(default_factory=Counter)  # heard, repeated, refused, set aside, other
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # method, what came of it
    store_errors: Counter[str] = field(default_factory=Counter)  # the kind of error
    reminders: int = 0
    commit: DurationHistogram = field(default_factory=DurationHistogram)  # from an update's arrival to its commit
    came: float | None = None  # time.monotonic
    waiting: int | None = None  # updates that Telegram holds for the webhook
    _one: Lock = field(default_factory=Lock)

    def update(self, outcome: str, arrived: float) -> None:
        """Count an update that is done with, by when it arrived (time.monotonic)."""
        with self._one:
            self.updates[outcome] += 1
            self.commit.took(max(time.monotonic() - arrived, 0.0))

    def call(self, method: str, outcome: str) -> None:
        """Count a call of the Bot API."""
        with self._one:
            self.calls[method, outcome] += 1

    def store_error(self, error: Exception) -> None:
        """Count an error of the database by its kind."""
        with self._one:
            self.store_errors[type(error).__name__] += 1

    def reminded(self) -> None:
        """Count a reminder that was sent."""
        with self._one:
            self.reminders += 1

    def heard_from(self) -> None:
        """Note that Telegram was there just now."""
        self.came = time.monotonic()

    def silent_for(self) -> float | None:
        """Seconds since Telegram was there; None when it never was."""
        return None if self.came is None else time.monotonic() - self.came
