"""Numbers for Prometheus, served on an address of their own. No name and no content is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.routing import Route

from bot.application.metrics import BOUNDS, Metrics
from bot.web.route_permissions import open_to_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from bot.web.health import Health, HealthCheck

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OUTCOMES = ("heard", "repeated", "refused", "set_aside", "other")  # each is there from the start, so that it can rise
ERRORS = ("StoreBusy", "StoreUnavailable", "Conflict")


def routes(tally: Metrics, doctor: HealthCheck, version: str) -> list[Route]:
    """`/metrics`."""

    @open_to_all
    async def told(_request: Request) -> Response:
        registry = CollectorRegistry()
        registry.register(_MetricsCollector(tally, await doctor.look(), version))
        return Response(generate_latest(registry), media_type=TEXT)

    return [Route("/metrics", told)]


class _MetricsCollector(Collector):
    """A tally and a state of health in Prometheus's words."""

    def __init__(self, tally: Metrics, health: Health, version: str) -> None:
        self._tally, self._health, self._version = tally, health, version

    def collect(self) -> Iterator[Metric]:
        """Every metric there is."""
        yield InfoMetricFamily("readiness_build", "What is running", {"version": self._version})
        yield from self._counted()
        yield from self._found()

    def _counted(self) -> Iterator[Metric]:
        tally = self._tally
        updates = CounterMetricFamily("readiness_updates", "Updates done with", labels=["outcome"])
        for outcome in OUTCOMES:
            updates.add_metric([outcome], tally.updates[outcome])
        yield updates
        calls = CounterMetricFamily("readiness_telegram_calls", "Calls of the Bot API", labels=["method", "outcome"])
        for (method, outcome), count in sorted(tally.calls.items()):
            calls.add_metric([method, outcome], count)
        yield calls
        errors = CounterMetricFamily("readiness_store_errors", "Tries the database failed", labels=["kind"])
        for kind in sorted({*ERRORS, *tally.store_errors}):
            errors.add_metric([kind], tally.store_errors[kind])
        yield errors
        yield CounterMetricFamily("readiness_reminders_sent", "Reminders sent", tally.reminders)
        yield self._commit()

    def _commit(self) -> Metric:
        took, so_far = self._tally.commit, 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), list(took.within), strict=True):
            so_far += count
            buckets.append((bound, so_far))
        told = HistogramMetricFamily("readiness_commit_seconds", "From an update's arrival to its commit")
        told.add_metric([], buckets, took.total)
        return told

    def _found(self) -> Iterator[Metric]:
        health, waiting = self._health, self._tally.waiting
        yield GaugeMetricFamily("readiness_ready", "Whether this process is of use", float(not health.wrong))
        yield GaugeMetricFamily("readiness_database_up", "Whether the database answers", float(health.database))
        numbers = {
            "readiness_telegram_silent_seconds": ("Since Telegram was last heard from", health.heard_from),
            "readiness_unshown_chats": ("Chats that do not show their latest place", health.behind),
            "readiness_unshown_oldest_seconds": ("For how long the oldest of them has not", health.oldest),
            "readiness_telegram_waiting_updates": ("Updates that Telegram holds for the webhook", waiting),
        }
        for name, (meaning, value) in numbers.items():
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value)
