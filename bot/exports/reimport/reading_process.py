"""Reads a file that somebody sends in a process of its own, which the system ends when it takes too much.

Whatever a format allows and a library makes of it, no file costs more than these limits, and nobody waits but who
sent it. The process gets the file and its name, and nothing of what this program knows: no setting, no key.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.exports.reimport.pasted import FEWER, PastedSheet, pasted_sheet
from bot.exports.reimport.reader import Formula, Percentage, Raw, Returned, ReturnedRow, Unreadable, returned

CPU_SECONDS = 10  # the largest file that is taken needs some three
WALL_SECONDS = 40  # on a machine that has other things to do
MEMORY_BYTES = 1024**3  # of address space, of which a process of Python that does nothing has a fifth
TOO_COSTLY = (
    "This file takes more time or memory to read than any that was exported here, and was not read. Send the file that "
    "was exported, with your changes in it."
)
SHEET_TOO_COSTLY = f"This file takes more time or memory to read than many rows need, and was not read. {FEWER}"
MAIN = "import sys, json; sys.path[:], *limits = json.loads(sys.argv[1]); from {} import main; main(*limits)"


Unpacked = Returned | PastedSheet | Unreadable  # what a file holds, or why nothing was read


def read_apart(body: bytes, name: str = "") -> Returned:
    """Every row with ids of its columns, as `returned` gives them; Unreadable also where they cost too much."""
    try:
        found = _apart("returned", body, name)
    except subprocess.SubprocessError:
        raise Unreadable(TOO_COSTLY) from None
    if "unreadable" in found:
        raise Unreadable(found["unreadable"])
    rows = (ReturnedRow(sheet, _cells(cells), where) for sheet, cells, where in found["rows"])
    return Returned(rows, found["lost"], alone=found["alone"])


def sheet_read_apart(body: bytes, name: str) -> PastedSheet:
    """The rows of anybody's file as text, as `pasted_sheet` gives them; a trouble also where they cost too much."""
    try:
        return PastedSheet(**_apart("pasted", body, name))
    except subprocess.SubprocessError:
        return PastedSheet("", trouble=SHEET_TOO_COSTLY)


def _apart(way: str, body: bytes, name: str) -> dict[str, Any]:
    """What a process of its own finds in a file, read in one of the `WAYS`; SubprocessError where it was ended."""
    command = [sys.executable, "-I", "-c", MAIN.format(__name__), json.dumps([sys.path, CPU_SECONDS, MEMORY_BYTES])]
    told = json.dumps([way, name]).encode() + b"\n"
    done = subprocess.run(  # noqa: S603 (this program's own interpreter, and nothing of the file in the command)
        command,
        input=told + body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        timeout=WALL_SECONDS,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(cpu_seconds: int, memory_bytes: int) -> None:
    """Read what comes in, and write what is in it: what the process of its own does."""
    _limit(cpu_seconds, memory_bytes)
    way, name = json.loads(sys.stdin.buffer.readline())
    json.dump(WAYS[way](sys.stdin.buffer.read(), name), sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # what was read need not be put away piece by piece


def _returned(body: bytes, name: str) -> dict[str, object]:
    try:
        found = returned(body, name)
    except Unreadable as error:
        return {"unreadable": str(error)}
    rows = [(row.sheet, {key: _plain(cell) for key, cell in row.cells.items()}, row.where) for row in found]
    return {"rows": rows, "lost": found.lost, "alone": found.alone}


def _pasted(body: bytes, name: str) -> dict[str, object]:
    return asdict(pasted_sheet(body, name))


WAYS: dict[str, Callable[[bytes, str], dict[str, object]]] = {"returned": _returned, "pasted": _pasted}


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    import resource

    limits = {resource.RLIMIT_CPU: cpu_seconds, resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        with suppress(ValueError, OSError):  # a system that has no such limit, or a lower one
            resource.setrlimit(kind, (most, most))


def _plain(raw: Raw) -> Any:
    match raw:
        case datetime():
            return {"moment": raw.isoformat()}
        case date():
            return {"day": raw.isoformat()}
        case Formula(text=text):
            return {"formula": text}
        case Percentage(held=held):
            return {"percentage": str(held)}
        case _:
            return raw


def _cells(cells: dict[str, Any]) -> dict[str, Raw]:
    return {key: _raw(cell) for key, cell in cells.items()}


def _raw(plain: Any) -> Raw:
    match plain:
        case {"moment": text}:
            return datetime.fromisoformat(text)
        case {"day": text}:
            return date.fromisoformat(text)
        case {"formula": text}:
            return Formula(text)
        case {"percentage": text}:
            return Percentage(Decimal(text))
        case _:
            value: Raw = plain
            return value
