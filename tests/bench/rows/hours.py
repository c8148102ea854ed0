"""Hours of mixed use, in minutes: memory must not grow with them."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from tests.bench.bots import free_port, ours, start, telegram
from tests.bench.prepared import answers, copy_of, prepared_folder
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from typing import Any

    from tests.bench.sizes import Sizes

HOURS = Bar("*Hours*: memory after 4,000 acts of mixed use, × after the first 400", 1.2)
BARS = {"hours": (HOURS,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let a few people do everything, as fast as they are answered."""
    with prepared_folder(sizes.visitors) as template:
        rounds = [_load(template, sizes) for _ in range(sizes.rounds)]
    start, before, after, seconds = (
        statistics.median(load[what] for load in rounds) for what in ("start", "before", "after", "seconds")
    )
    yield Figure(
        HOURS,
        [load["after"] / load["before"] for load in rounds],
        f"{start:.0f} MB at the start, {before:.0f} after {sizes.first_acts}, {after:.0f} after {sizes.acts:,}",
        f"taps, rows, files, pictures, exports, pages of {sizes.visitors} people; {seconds / 60:.1f} minutes each",
    )


def _load(template: Path, sizes: Sizes) -> dict[str, Any]:
    address = f"127.0.0.1:{free_port()}"
    with copy_of(template) as folder, telegram() as double:
        sessions = answers(folder).sessions()
        bot = ours(double, folder, READINESS_LISTEN=address, READINESS_URL=f"http://{address}")
        with start(bot, double, folder) as there:
            at_start = there.memory_mb
            double.ask("gather", people=sizes.visitors, texts=bot.greeting)
            load = double.ask(
                "mixed",
                acts=sizes.acts,
                first=sizes.first_acts,
                url=f"http://{address}",
                sessions=sessions,
                pids=[there.pid],
            )
    return {"start": at_start} | load
