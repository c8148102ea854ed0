"""Processes as the kernel knows them: their CPU, their memory and the core they run on."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

CORES = sorted(os.sched_getaffinity(0))
BOT_CORE, DOUBLE_CORE = CORES[-1], CORES[0]


@contextmanager
def pin(core: int) -> Iterator[None]:
    """Let what is started meanwhile run on this core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def family(roots: Sequence[int]) -> list[int]:
    """The numbers of these processes and of all that descend from them."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    found = [pid for pid in roots if pid in parents]
    for pid in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU seconds of these processes by their own clocks, and of their children that have ended."""
    return sum(_own_cpu_seconds(pid) + _ended_children_cpu_seconds(pid) for pid in pids)


def resident_mb(pids: Sequence[int]) -> float:
    """The memory in which these processes reside, in MB."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return sum(pages) * PAGE_BYTES / 2**20


def _own_cpu_seconds(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)  # how clock_getcpuclockid(3) numbers a process's clock on Linux


def _ended_children_cpu_seconds(pid: int) -> float:
    fields = _stat(Path(f"/proc/{pid}"))
    return (int(fields[13]) + int(fields[14])) / TICKS_PER_SECOND  # cutime and cstime of proc_pid_stat(5)


def _parent(path: Path) -> int:
    try:
        return int(_stat(path)[1])
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return 0


def _stat(path: Path) -> list[str]:
    """The fields of proc_pid_stat(5) after the name, which may hold anything."""
    return (path / "stat").read_text().rpartition(")")[2].split()
