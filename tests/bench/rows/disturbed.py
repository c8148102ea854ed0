"""Trouble in some chats: how much later the others are answered."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from tests.bench.bots import ours, start, telegram
from tests.bench.prepared import check_recorded, copy_of, prepared_folder
from tests.bench.report import Bar, Figure
from tests.bench.rows.answering import p99

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from tests.bench.sizes import Sizes

ONE_IN = 10
OTHERS = Bar("p99 of other chats while one chat in ten gets 429s and 2 s stalls, × undisturbed", 1.2)
BARS = {"disturbed": (OTHERS,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let the same bot answer with and without trouble, by turns."""
    with prepared_folder(sizes.people) as template:
        rounds = [_load(template, sizes, first=nth % 2 * ONE_IN) for nth in range(sizes.rounds)]
    calm_ms, troubled_ms = (1000 * statistics.median(those) for those in zip(*rounds, strict=True))
    yield Figure(
        OTHERS,
        [troubled / calm for calm, troubled in rounds],
        f"{troubled_ms:.3g} ms against {calm_ms:.3g} ms",
        f"taps at {sizes.rate:g}/s; of the calls to each disturbed chat a quarter is refused, a quarter takes 2 s",
    )


def _load(template: Path, sizes: Sizes, first: int) -> tuple[float, float]:
    """The p99 in seconds, undisturbed and disturbed; ``first``: which of them comes first."""
    found = {}
    with copy_of(template) as folder, telegram() as double:
        bot = ours(double, folder)
        with start(bot, double, folder) as there:
            double.ask("gather", people=sizes.people, texts=bot.greeting)
            for disturbed in (first, ONE_IN - first):
                load = double.ask(
                    "lone", rate=sizes.rate, seconds=sizes.disturbed_seconds, pids=[there.pid], disturbed=disturbed
                )
                found[disturbed] = p99(load["taps"])
        check_recorded(double, folder)
    return found[0], found[ONE_IN]
