"""The table: each row with what was measured, over how many rounds and how far apart, and its target."""

from __future__ import annotations

import platform
import statistics
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.processes import CORES

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->"
HEAD = ("| what | measured | must | | how |", "|---|---|---|---|---|")


@dataclass(frozen=True)
class Bar:
    """A row of the table, and what must be reached."""

    what: str
    must: float
    unit: str = ""
    at_least: bool = False

    @property
    def target(self) -> str:
        """The target in words."""
        return f"{'≥' if self.at_least else '≤'} {self.must:g}{self.unit}"


@dataclass(frozen=True)
class Figure:
    """What was measured for a bar, round by round."""

    bar: Bar
    rounds: Sequence[float]
    beside: str = ""  # what the figure is made of
    how: str = ""

    @property
    def median(self) -> float:
        """The figure."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles of the rounds: half of all rounds lie so near."""
        if len(self.rounds) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.rounds, n=4, method="inclusive")
        return (high - low) / 2

    @property
    def is_met(self) -> bool:
        """Whether the target is met; it is missed when the median misses it by more than the spread."""
        short = self.bar.must - self.median if self.bar.at_least else self.median - self.bar.must
        return short <= self.spread

    def line(self) -> str:
        """The row in Markdown."""
        spread = f" ± {_digits(self.spread, self.median)}" if len(self.rounds) > 1 else ""
        measured = f"{_digits(self.median, self.median)}{spread}{self.bar.unit}"
        beside = f" ({self.beside})" if self.beside else ""
        rounds = f"; {len(self.rounds)} rounds" if len(self.rounds) > 1 else ""
        met = "met" if self.is_met else "missed"
        return f"| {self.bar.what} | {measured}{beside} | {self.bar.target} | {met} | {self.how}{rounds} |"


def _digits(value: float, beside: float) -> str:
    """A number with as many digits as the figure it stands beside deserves."""
    return f"{value:,.0f}" if abs(beside) >= 100 else f"{value:.1f}" if abs(beside) >= 10 else f"{value:.2f}"


def text_of(figures: Sequence[Figure], minutes: float, load: float) -> str:
    """The table of these figures, and under it where and how long it was measured; ``load`` is that of the machine."""
    where = (
        f"Measured by `make bench` in {minutes:.0f} minutes on {len(CORES)} cores, {_model()}, "
        f"Python {platform.python_version()}, SQLite unless PostgreSQL is named, {datetime.now(UTC):%d %B %Y}; "
        f"load before it began: {load:.1f}. ± is half the distance between the quartiles of the rounds; "
        "a target is missed when the median misses it by more."
    )
    return "\n".join((*HEAD, *(figure.line() for figure in figures), "", where, ""))


def write_into(path: Path, text: str) -> None:
    """Put a text between the markers of a file. Raises `ValueError` when they are not there."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, behind = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} has no {BEGIN.strip()} … {END}")
    path.write_text(f"{before}{BEGIN}{text}{END}{behind}", encoding="utf-8")


def _model() -> str:
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in about if "model name" in line), platform.machine())
