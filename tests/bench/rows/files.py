"""How long files take to make, and that making many of them does not grow the process."""

from __future__ import annotations

import gc
import os
import time
from typing import TYPE_CHECKING

from tests.bench.inside import full_report, long_report, made_by, write_file
from tests.bench.processes import resident_mb
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from tests.bench.sizes import Sizes

ROWS = 500
PDF = Bar("PDF of a full checklist", 150, " ms")
LONG_PDF = Bar(f"PDF with a table of {ROWS} rows", 1, " s")
SHEET = Bar("Excel of a full checklist", 200, " ms")
GROWTH = Bar("Memory over 500 exports", 20, " MB")
BARS = {"files": (PDF, LONG_PDF, SHEET, GROWTH)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Make files in this process."""
    full, warm = full_report(), "warm, in one process"
    yield Figure(PDF, [1000 * seconds for seconds in _seconds("pdf", full, sizes.files)], how=warm)
    yield Figure(LONG_PDF, _seconds("pdf", long_report(ROWS), sizes.files), how=warm)
    yield Figure(SHEET, [1000 * seconds for seconds in _seconds("excel", full, sizes.files)], how=warm)
    yield Figure(GROWTH, [_growth_mb(full, sizes.exports)], how="PDF and Excel, after a fifth of them")


def _seconds(form: str, report: Any, times: int) -> list[float]:
    """Seconds of each file, once it is warm."""
    found = []
    for nth in range(times + 1):
        other = made_by(report, f"Reader {nth}")
        begun = time.monotonic()
        write_file(form, other)
        found.append(time.monotonic() - begun)
    return found[1:]


def _growth_mb(report: Any, exports: int) -> float:
    """By how much the process is larger after so many files of two forms, from when it is warm."""
    before = 0.0
    for nth in range(exports):
        write_file("excel" if nth % 2 else "pdf", made_by(report, f"Reader {nth}"))
        if nth == exports // 5:
            gc.collect()
            before = resident_mb([os.getpid()])
    gc.collect()
    return resident_mb([os.getpid()]) - before
