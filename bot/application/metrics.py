"""What a process has done since it started, in numbers, for health and Prometheus. No name and no content is in it."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

OUTCOMES = ("heard", "repeated", "refused", "set_aside", "other")  # each is there from the start, so that it can rise
ERRORS = ("StoreBusy", "StoreUnavailable", "Conflict")
BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

disable_created_metrics()  # type: ignore[no-untyped-call] # when each began would only double what is scraped


class Metrics:
    """Counts; any thread may add to them. ``waiting``: the updates that Telegram holds for the webhook."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.waiting: int | None = None
        self._came: float | None = None  # time.monotonic, when Telegram last answered a poll or brought an update
        self._updates = Counter("readiness_updates", "Updates done with", ["outcome"], registry=self.registry)
        self._calls = Counter(
            "readiness_telegram_calls", "Calls of the Bot API", ["method", "outcome"], registry=self.registry
        )
        self._errors = Counter("readiness_store_errors", "Tries the database failed", ["kind"], registry=self.registry)
        self._reminders = Counter("readiness_reminders_sent", "Reminders sent", registry=self.registry)
        self._commit = Histogram(
            "readiness_commit_seconds",
            "From an update's arrival to its commit",
            buckets=BOUNDS_SECONDS,
            registry=self.registry,
        )
        for outcome in OUTCOMES:
            self._updates.labels(outcome)
        for kind in ERRORS:
            self._errors.labels(kind)

    def update(self, outcome: str, arrived: float) -> None:
        """Count an update that is done with, by when it arrived (time.monotonic)."""
        self._updates.labels(outcome).inc()
        self._commit.observe(max(time.monotonic() - arrived, 0.0))

    def call(self, method: str, outcome: str) -> None:
        """Count a call of the Bot API."""
        self._calls.labels(method, outcome).inc()

    def store_error(self, error: Exception) -> None:
        """Count an error of the database by its kind."""
        self._errors.labels(type(error).__name__).inc()

    def reminded(self) -> None:
        """Count a reminder that was sent."""
        self._reminders.inc()

    def heard_from(self) -> None:
        """Note that Telegram was there just now."""
        self._came = time.monotonic()

    def silent_for(self) -> float | None:
        """Seconds since Telegram was there; None when it never was."""
        return None if self._came is None else time.monotonic() - self._came
