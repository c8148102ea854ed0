"""A Telegram that takes its time: every call takes 50 ms."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from tests.bench.bots import floor, ours, start, telegram
from tests.bench.prepared import copy_of, prepared_folder
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from tests.bench.bots import Bot, Double
    from tests.bench.sizes import Sizes

CALL_SECONDS = 0.05
RATE = Bar("Answers/s when every Telegram call takes 50 ms, × the floor bot", 0.7, at_least=True)
BARS = {"slow": (RATE,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let people answer both bots by turns, as fast as each chat is served."""
    with prepared_folder(sizes.people) as template:
        rounds = [[_load(kind, template, sizes) for kind in (ours, floor)] for _ in range(sizes.rounds)]
    rates = [[load["answers"] / load["seconds"] for load in both] for both in rounds]
    mine, least = (statistics.median(those) for those in zip(*rates, strict=True))
    busy = max(load["busy"] for both in rounds for load in both)
    yield Figure(
        RATE,
        [mine / least for mine, least in rates],
        f"{mine:.0f}/s against {least:.0f}/s",
        f"in order within each of {sizes.people} chats; the double was busy {busy:.0%} at most",
    )


def _load(kind: Callable[[Double, Path], Bot], template: Path, sizes: Sizes) -> dict[str, Any]:
    with copy_of(template) as folder, telegram() as double:
        bot = kind(double, folder)
        with start(bot, double, folder) as there:
            double.ask("gather", people=sizes.people, texts=bot.greeting)
            double.ask("latency", seconds=CALL_SECONDS)
            return double.ask("flood", each=sizes.slow_answers, pids=[there.pid])
