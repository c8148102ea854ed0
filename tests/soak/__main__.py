"""Runs all faults, or those named, and prints the table. Exit code 1 when a promise did not hold."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from importlib import import_module

from tests.soak import HEAD, Figure
from tests.soak.delegation import roomy

# In this order; each is a module here.
FAULTS = (
    "power_loss",
    "disk_fails",
    "database_slow",
    "telegram_fails",
    "disorder",
    "hostile",
    "tampering",
    "kills",
    "postgres_stops",
    "race",
    "human",
    "size",
)


def main() -> None:
    """Run them one after the other: each may want the whole machine."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("faults", nargs="*", metavar="NAME", help=f"which of: {', '.join(FAULTS)}; else all")
    parser.add_argument("--short", action="store_true", help="a small run of each, as in `make prove`")
    given = parser.parse_args()
    if unknown := set(given.faults) - set(FAULTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    found: list[Figure] = []
    for name in given.faults or FAULTS:
        begun = time.monotonic()
        found += _figures(name, short=given.short)
        sys.stderr.write(f"{name}: {time.monotonic() - begun:.0f} s\n")
    sys.stdout.write("\n".join([HEAD, *map(str, found), ""]))
    sys.exit(0 if all(one.passed for one in found) else 1)


def _figures(name: str, *, short: bool) -> list[Figure]:
    """The figures of a fault; when its harness itself breaks, that is told and the others go on."""
    try:
        with roomy():
            figures: list[Figure] = import_module(f"tests.soak.{name}").soak(short=short)
    except Exception:  # noqa: BLE001 (whatever it was, the table tells)
        traceback.print_exc()
        figures = [Figure(name, "", "", met=False, caught=True, measured="the harness broke; see above")]
    for figure in figures:
        sys.stderr.write(f"{figure}\n")
    return figures


if __name__ == "__main__":
    main()
