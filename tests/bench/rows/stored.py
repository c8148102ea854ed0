"""Cost per answer where a million answers are stored."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.bench.bots import ours, start, telegram
from tests.bench.people import FIRST_CHAT
from tests.bench.prepared import prepared_folder
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from tests.bench.sizes import Sizes

FEW = 100
STORED = Bar("CPU per answer with 1,000,000 answers stored (10,000 negotiations of 100), × 100 stored", 1.10)
BARS = {"stored": (STORED,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let the next few people answer in both databases by turns."""
    negotiations, answers = sizes.stored
    with ExitStack() as stack:
        few = stack.enter_context(prepared_folder(max(sizes.people, sizes.rounds * sizes.stored_people), FEW))
        many = stack.enter_context(prepared_folder(negotiations, answers))
        rounds = [[_cpu_ms(folder, sizes, nth) for folder in (few, many)] for nth in range(sizes.rounds)]
    small, large = (statistics.median(those) for those in zip(*rounds, strict=True))
    yield Figure(
        STORED,
        [large / small for small, large in rounds],
        f"{large:.2f} ms against {small:.2f} ms",
        f"{sizes.stored_people * sizes.stored_answers} answers as fast as they are taken, each of "
        f"{sizes.stored_people} people in negotiations of their own",
    )


def _cpu_ms(folder: Path, sizes: Sizes, nth: int) -> float:
    first = FIRST_CHAT + nth * sizes.stored_people
    with telegram() as double:
        bot = ours(double, folder)
        with start(bot, double, folder) as there:
            double.ask("gather", people=sizes.stored_people, texts=bot.greeting, first=first)
            load = double.ask("flood", each=sizes.stored_answers, pids=[there.pid])
    return 1000 * float(load["cpu"]) / int(load["answers"])
