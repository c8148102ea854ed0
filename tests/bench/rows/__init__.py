"""The rows of the bench, by the names under which they are asked for.

Each module tells the bars of its rows (`BARS`) and measures those that are wanted (`measure`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from . import answering, disturbed, files, hours, judging, pages, replicas, slow, stored, webhook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tests.bench.report import Bar, Figure
    from tests.bench.sizes import Sizes


class Rows(Protocol):
    """A module of this package."""

    BARS: Mapping[str, tuple[Bar, ...]]

    def measure(self, sizes: Sizes, wanted: Collection[str]) -> Iterable[Figure]:
        """Measure the rows wanted of those there are here."""


MODULES: tuple[Rows, ...] = (
    answering, slow, hours, webhook, disturbed, stored, replicas, files, pages, judging,
)  # fmt: skip
BARS = {name: bars for module in MODULES for name, bars in module.BARS.items()}
