"""An answer beside that of the echo bot: lone, in a flood; the start before it, the memory after it."""

from __future__ import annotations

import sqlite3
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.bots import Failed, echo, floor, ours, start, telegram
from tests.bench.prepared import check_recorded, copy_of, prepared_folder
from tests.bench.report import Bar, Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from tests.bench.bots import Bot, Double
    from tests.bench.sizes import Sizes

START = Bar("Start to first poll, × echo", 2.0)
LONE = Bar("CPU of a durable answer at 30/s, × echo", 0.60)
MEDIAN = Bar("Tap to edit at 30/s, median, × echo", 0.80)
P99 = Bar("Tap to edit at 30/s, p99, × echo", 1.2)
FLOOD = Bar("CPU of a durable answer under a flood, × echo", 0.35)
MEMORY = Bar("Memory after 6,000 answers in 200 negotiations, × echo", 2.0)
BARS = {"start": (START,), "lone": (LONE, MEDIAN, P99), "flood": (FLOOD,), "memory": (MEMORY,)}


@dataclass(frozen=True)
class Life:
    """A bot from its start to its last answer."""

    start_seconds: float
    lone: dict[str, Any]
    flood: dict[str, Any]
    memory_mb: float


Lives = dict[str, list[Life]]


def measure(sizes: Sizes, wanted: Collection[str]) -> Iterator[Figure]:
    """Let ours, the echo bot and the floor bot live by turns."""
    kinds = {"ours": ours, "echo": echo, "floor": floor}
    lives: Lives = {name: [] for name in kinds}
    with prepared_folder(sizes.people) as template:
        for kind in kinds.values() if sizes.rounds > 1 else ():
            _live(kind, template, sizes, ())  # what it reads is in the page cache then
        for _ in range(sizes.rounds):
            for name, kind in kinds.items():
                lives[name].append(_live(kind, template, sizes, wanted))
    if "start" in wanted:
        yield _ratio(lives, START, lambda life: life.start_seconds, "s", "a database of 200 negotiations is there")
    if "lone" in wanted:
        yield from _lone(lives)
    if "flood" in wanted:
        yield _ratio(lives, FLOOD, lambda life: _cpu_ms(life.flood), "ms", f"closed loop; {_busy(lives, 'flood')}")
    if "memory" in wanted:
        yield _ratio(lives, MEMORY, lambda life: life.memory_mb, "MB", "resident, all processes")


def _live(kind: Callable[[Double, Path], Bot], template: Path, sizes: Sizes, wanted: Collection[str]) -> Life:
    """One life, as far as it is wanted."""
    lone: dict[str, Any] = {}
    flood: dict[str, Any] = {}
    with copy_of(template) as folder, telegram() as double:
        bot = kind(double, folder)
        with start(bot, double, folder) as there:
            if {"lone", "flood", "memory"} & set(wanted):
                double.ask("gather", people=sizes.people, texts=bot.greeting)
            if "lone" in wanted:
                lone = double.ask("lone", rate=sizes.rate, seconds=sizes.lone_seconds, pids=[there.pid])
            if {"flood", "memory"} & set(wanted):
                flood = double.ask("flood", each=0, pids=[there.pid])
            memory = there.memory_mb
        _check(bot, double, folder)
    return Life(there.start_seconds, lone, flood, memory)


def _check(bot: Bot, double: Double, folder: Path) -> None:
    """Raise `Failed` unless all that was answered is kept; the echo bot keeps nothing."""
    if bot.name == "ours":
        check_recorded(double, folder)
    if bot.name == "floor":
        given = sum(map(len, double.ask("given").values()))
        kept = sqlite3.connect(folder / "floor.db").execute("SELECT count(*) FROM events").fetchone()[0]
        if kept != given:
            raise Failed(f"{given} answers were given, but the floor bot kept {kept}")


def _lone(lives: Lives) -> Iterator[Figure]:
    taps = sum(len(life.lone["taps"]) for life in lives["ours"])
    yield _ratio(lives, LONE, lambda life: _cpu_ms(life.lone), "ms", f"Poisson, 70 % taps; {_busy(lives, 'lone')}")
    yield _ratio(lives, MEDIAN, lambda life: 1000 * statistics.median(life.lone["taps"]), "ms", f"{taps:,} taps")
    yield _ratio(lives, P99, lambda life: 1000 * p99(life.lone["taps"]), "ms", f"{taps:,} taps")


def _ratio(lives: Lives, bar: Bar, of: Callable[[Life], float], unit: str, how: str) -> Figure:
    """Ours against the echo bot's, round by round; the floor bot's is told beside."""
    found = {name: [of(life) for life in those] for name, those in lives.items()}
    mine, bare, least = (statistics.median(those) for those in found.values())
    beside = f"{mine:.3g} {unit} against {bare:.3g} {unit}; the floor bot {least / bare:.2f}"
    return Figure(bar, [value / base for value, base in zip(found["ours"], found["echo"], strict=True)], beside, how)


def _cpu_ms(load: dict[str, Any]) -> float:
    return 1000 * float(load["cpu"]) / int(load["answers"])


def _busy(lives: Lives, load: str) -> str:
    """How busy the double was with each, at the median."""
    busy = {name: statistics.median(getattr(life, load)["busy"] for life in those) for name, those in lives.items()}
    return "the double was busy " + ", ".join(f"{share:.0%} ({name})" for name, share in busy.items())


def p99(values: list[float]) -> float:
    """What 99 of 100 do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[98]
