"""What a lead waits for: the summary with its card, and the judgement behind it."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.inside import Lead
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.bench.sizes import Sizes

ROWS = 500
SUMMARY = Bar(f"Summary with its card, {ROWS} table rows, beyond three text answers", 50, " ms")
JUDGED = Bar("All rules of a filled checklist judged from scratch", 5, " ms")
BARS = {"judging": (SUMMARY, JUDGED)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let a lead answer and look by turns; then judge."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        filled, large = Lead(Path(name), 0), Lead(Path(name), ROWS)
        large.summary_seconds()  # the fonts are loaded
        answers, summaries = [], []
        for nth in range(sizes.timings):
            answers.append(1000 * large.answer_seconds(nth))
            summaries.append(1000 * large.summary_seconds())
        judged = [[1000 * lead.judging_seconds() for lead in (filled, large)] for _ in range(sizes.timings)]
        filled.close()
        large.close()
    yield Figure(
        SUMMARY,
        [summary - 3 * answer for summary, answer in zip(summaries, answers, strict=True)],
        f"{statistics.median(summaries):.1f} ms; a text answer {statistics.median(answers):.1f} ms",
        "through the desk, the card drawn each time",
    )
    few, many = zip(*judged, strict=True)
    yield Figure(JUDGED, few, f"with {ROWS} rows more {statistics.median(many):.1f} ms", "nothing kept from before")
