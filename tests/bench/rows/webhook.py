"""Updates that Telegram brings: taken in means answered with 200, after the commit."""

from __future__ import annotations

import statistics
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tests.bench.bots import bare_route, ours, start, telegram, webhook_settings
from tests.bench.prepared import copy_of, prepared_folder
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from tests.bench.bots import Bot, Double
    from tests.bench.sizes import Sizes

TAKEN = Bar("Webhook updates taken in per CPU-second, × a bare starlette route", 0.25, at_least=True)
BARS = {"webhook": (TAKEN,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let everybody answer at once, time and again, at both by turns."""
    with prepared_folder(sizes.people) as template:
        rounds = [[_load(kind, template, sizes) for kind in (_ours, bare_route)] for _ in range(sizes.rounds)]
    rates = [[load["answers"] / load["cpu"] for load in both] for both in rounds]
    mine, bare = (statistics.median(those) for those in zip(*rates, strict=True))
    yield Figure(
        TAKEN,
        [mine / bare for mine, bare in rates],
        f"{mine:,.0f} against {bare:,.0f}",
        f"{sizes.people} at once, 40 connections, until the last 200; uvicorn with {_parser()}",
    )


def _ours(double: Double, folder: Path) -> Bot:
    return ours(double, folder, **webhook_settings())


def _load(kind: Callable[[Double, Path], Bot], template: Path, sizes: Sizes) -> dict[str, Any]:
    with copy_of(template) as folder, telegram() as double:
        bot = kind(double, folder)
        with start(bot, double, folder) as there:
            double.ask("gather", people=sizes.people, texts=bot.greeting)
            return double.ask("waves", times=sizes.waves, pids=[there.pid], shown=bool(bot.greeting))


def _parser() -> str:
    """What uvicorn reads HTTP with here, for both."""
    return "httptools" if find_spec("httptools") else "h11"
