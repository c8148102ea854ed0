"""Numbers for Prometheus, served on an address of their own. No name and no content is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest
from starlette.responses import Response
from starlette.routing import Route

from bot.web.route_permissions import open_to_all

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.application.metrics import Metrics
    from bot.web.health import Health, HealthCheck

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def routes(metrics: Metrics, doctor: HealthCheck, version: str) -> list[Route]:
    """`/metrics`."""

    @open_to_all
    async def scrape(_request: Request) -> Response:
        found = _state(await doctor.look(), metrics.waiting, version)
        return Response(generate_latest(metrics.registry) + generate_latest(found), media_type=TEXT)

    return [Route("/metrics", scrape)]


def _state(health: Health, waiting: int | None, version: str) -> CollectorRegistry:
    """What is so at this moment; what nobody knows is left out."""
    registry = CollectorRegistry()
    Info("readiness_build", "What is running", registry=registry).info({"version": version})
    for name, meaning, value in (
        ("readiness_ready", "Whether this process is of use", not health.wrong),
        ("readiness_database_up", "Whether the database answers", health.database),
        ("readiness_telegram_silent_seconds", "Since Telegram was last heard from", health.heard_from),
        ("readiness_unshown_chats", "Chats that do not show their latest place", health.behind),
        ("readiness_unshown_oldest_seconds", "For how long the oldest of them has not", health.oldest),
        ("readiness_telegram_waiting_updates", "Updates that Telegram holds for the webhook", waiting),
    ):
        if value is not None:
            Gauge(name, meaning, registry=registry).set(value)
    return registry
