"""How long files take to make, and that making many of them does not grow the process."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psutil

from bot.domain.report.builder import Report, report
from bot.exports.registry import written
from tests.factories import story
from tests.ready import READY
from tests.rich import rich

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
EXPORTS = 500


def _anew(one: Report, times: int) -> Iterator[Report]:
    """The same report for others, so that nothing that was drawn before is found again whole."""
    return (replace(one, head=replace(one.head, made_by=f"Reader {n}")) for n in range(times))


def _seconds(form: str, one: Report, times: int = 5) -> float:
    """Seconds for one file, warm; the median."""
    found = []
    for each in _anew(one, times + 1):
        begun = time.monotonic()
        written(form, each)
        found.append(time.monotonic() - begun)
    return statistics.median(found[1:])


def _grown(one: Report, exports: int) -> float:
    """MB by which the process is larger after so many files of two forms, from when it is warm."""
    process, before = psutil.Process(), 0
    for nth, each in enumerate(_anew(one, exports)):
        written("excel" if nth % 2 else "pdf", each)
        if nth == exports // 5:
            gc.collect()
            before = process.memory_info().rss
    gc.collect()
    return (process.memory_info().rss - before) / 2**20


def measured(*, quick: bool) -> list[tuple[str, str, str, bool, str]]:
    """What, measured, target, whether it is met, and how: a line each."""
    ready = READY["us-china-space"]
    n, line = story(checklist="us-china-space", rows=ready["rows"], given=ready["given"])
    full = report(n, NOW, "Maya", line)
    many = rich(500)
    long = report(many[0], NOW, "Maya", many[1])
    exports = 100 if quick else EXPORTS
    pdf, sheet, big, grown = (
        _seconds("pdf", full),
        _seconds("excel", full),
        _seconds("pdf", long),
        _grown(full, exports),
    )
    warm = "warm, in this process"
    return [
        ("PDF of a full checklist", f"{1000 * pdf:.0f} ms", "< 150 ms", pdf < 0.15, warm),
        ("PDF with a table of 500 rows", f"{big:.2f} s", "< 1 s", big < 1, warm),
        ("Excel of a full checklist", f"{1000 * sheet:.0f} ms", "< 200 ms", sheet < 0.2, warm),
        (f"Memory over {exports} exports", f"{grown:+.0f} MB", "< 20 MB", grown < 20, "PDF and Excel, after a fifth"),
    ]
