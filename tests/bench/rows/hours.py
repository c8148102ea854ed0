"""Hours of mixed use, in minutes: memory must not grow with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.bots import free_port, ours, running, telegram
from tests.bench.prepared import answers, filled
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.bench.sizes import Sizes

HOURS = Bar("*Hours*: memory after 4,000 acts of mixed use, × after the first 400", 1.2)
BARS = {"hours": (HOURS,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let a few people do everything, as fast as they are answered; once, since it takes its time."""
    address = f"127.0.0.1:{free_port()}"
    with filled(sizes.visitors) as folder, telegram() as double:
        sessions = answers(folder).sessions()
        bot = ours(double, folder, READINESS_LISTEN=address, READINESS_URL=f"http://{address}")
        with running(bot, double, folder) as there:
            start = there.memory_mb
            double.ask("gather", people=sizes.visitors, texts=bot.greeting)
            found = double.ask(
                "mixed",
                acts=sizes.acts,
                first=sizes.first_acts,
                url=f"http://{address}",
                sessions=sessions,
                pids=[there.pid],
            )
    yield Figure(
        HOURS,
        [found["after"] / found["before"]],
        f"{start:.0f} MB at the start, {found['before']:.0f} MB after {sizes.first_acts}, {found['after']:.0f} MB "
        f"after {sizes.acts:,}",
        f"taps, rows, files, pictures, exports, pages of {sizes.visitors} people; {found['seconds'] / 60:.1f} minutes",
    )
