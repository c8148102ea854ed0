"""Measures, and prints the table; the exit code is 1 while a target is missed."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from compileall import compile_dir
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import report
from tests.bench.rows import BARS, MODULES
from tests.bench.sizes import FULL, QUICK
from tests.e2e import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.bench.report import Figure
    from tests.bench.sizes import Sizes


def figures(sizes: Sizes, wanted: Collection[str]) -> Iterator[Figure]:
    """Measure the rows wanted, one module after the other."""
    for folder in ("bot", "tests/bench"):  # as installing does, so that no start is measured compiling
        compile_dir(ROOT / folder, quiet=1)
    for module in MODULES:
        if set(module.BARS) & set(wanted):
            yield from module.measure(sizes, wanted)


def main() -> None:
    """Read the options, measure, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(BARS)}; all, unless some are named")
    parser.add_argument("--quick", action="store_true", help="only see that it works: the figures say nothing")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the markers of this file")
    chosen = parser.parse_args()
    if unknown := set(chosen.rows) - set(BARS):
        parser.error(f"there is no row {' or '.join(sorted(unknown))}. There are: {', '.join(BARS)}.")
    if chosen.write and (chosen.rows or chosen.quick):
        parser.error("--write takes the whole table, measured in full: leave out the names of rows and --quick.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that every bot is stopped, too
    begun, load, found = time.monotonic(), os.getloadavg()[0], []
    for figure in figures(QUICK if chosen.quick else FULL, chosen.rows or BARS):
        found.append(figure)
        sys.stderr.write(f"{figure.line()}\n")
    text = report.text_of(found, (time.monotonic() - begun) / 60, load)
    sys.stdout.write(text)
    if chosen.write:
        report.write_into(chosen.write, text)
    sys.exit(0 if chosen.quick or all(figure.is_met for figure in found) else 1)


if __name__ == "__main__":
    main()
