"""The disk is full or broken, at every single thing that recording an answer asks of it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.storage import StoreError
from tests import faults
from tests.soak import Figure
from tests.soak.delegation import CLERKS, Clerks
from tests.soak.disk import (
    FULL,
    IO_CUT,
    IO_REMOVE,
    IO_SYNC,
    IO_WRITE,
    OK,
    Act,
    Cut,
    FolderSynced,
    Removed,
    Synced,
    Wrote,
    watched,
)
from tests.soak.faced import serving, until
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from tests.telegram_double import Person

WITHIN = 10.0  # seconds after the disk works again


@dataclass
class Breaking:
    """A disk that fails from some act on, once or for as long as it is ``broken``."""

    full: bool = False
    lasting: bool = False
    left: int | None = None  # acts until it fails
    acts: int = 0
    struck: int = 0

    def arm(self, after: int, *, full: bool, lasting: bool) -> None:
        """Fail after so many more acts."""
        self.left, self.full, self.lasting, self.struck = after, full, lasting, 0

    def mend(self) -> None:
        """Work again."""
        self.left = None

    def __call__(self, act: Act) -> int:
        """What the disk says to an act."""
        code = _code(act, full=self.full)
        self.acts += code != OK
        if self.left is None or code == OK:
            return OK
        if self.left > 0:
            self.left -= 1
            return OK
        self.struck += 1
        if not self.lasting:
            self.left = None
        return code


def _code(act: Act, *, full: bool) -> int:
    """How an act can fail; making a file cannot here."""
    match act:
        case Wrote():
            return FULL if full else IO_WRITE
        case Synced() | FolderSynced():
            return IO_SYNC
        case Cut():
            return IO_CUT
        case Removed():
            return IO_REMOVE
    return OK


@dataclass
class Found:
    """What came of it."""

    faults: int = 0
    false: int = 0
    missing: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0


def at_the_desk(folder: Path, every: int, spoil: bool = False) -> Found:  # noqa: FBT001, FBT002
    """Break each act of an answer in turn; whoever is told that an answer was heard must find it."""
    disk, found, typed = Breaking(), Found(), list[str]()
    with watched(disk), faults.on("claim_what_the_disk_refused") if spoil else nullcontext():
        there = Clerks(f"sqlite:///{folder}/data/readiness.db")
        hear = there.hears
        hear(there.note("Ines", "the first"))
        typed.append("the first")
        before = disk.acts
        hear(there.note("Ines", "the second"))
        typed.append("the second")
        for after in range(0, disk.acts - before, every):
            for full, lasting in ((True, True), (False, True), (True, False), (False, False)):
                note = there.note("Ines", f"note {len(typed)}.")
                typed.append(note.said.text)  # type: ignore[union-attr]
                disk.arm(after, full=full, lasting=lasting)
                told = _told(hear, note)
                found.faults += bool(disk.struck)
                disk.mend()
                there_now = there.notes()["Ines"]
                found.false += told and there_now != typed
                if not told:
                    found.false += there_now != typed and typed[-1] in there.chat("Ines").screen.text
                    hear(note)
        found.missing = len(set(typed) ^ set(there.notes()["Ines"])) + (there.notes()["Ines"] != typed)
        found.wrong = there.verified()
        there.close()
    return found


def _told(hear: object, note: object) -> bool:
    try:
        hear(note)  # type: ignore[operator]
    except StoreError:
        return False
    return True


async def in_the_chat(folder: Path, every: int, lasts: float) -> Found:
    """The same through Telegram, each fault for a while: nothing is told before it is so, then it goes on by itself."""
    disk, found, typed = Breaking(), Found(), list[str]()
    with watched(disk):
        there = Clerks(f"sqlite:///{folder}/data/readiness.db")
        async with TelegramDouble() as double, serving(there, double) as people:
            ines = people[CLERKS[0]]
            await _types(ines, typed)
            before = disk.acts
            await _types(ines, typed)
            for after in range(0, disk.acts - before, every):
                for full in (True, False):
                    disk.arm(after, full=full, lasting=True)
                    await _struck(there, ines, disk, typed, lasts, found)
        found.missing = there.notes()["Ines"] != typed
        found.wrong = there.verified()
        there.close()
    return found


async def _types(ines: Person, typed: list[str]) -> None:
    typed.append(f"note {len(typed)}.")
    await ines.type(typed[-1])
    await ines.expect(typed[-1], 60)


async def _struck(there: Clerks, ines: Person, disk: Breaking, typed: list[str], lasts: float, found: Found) -> None:
    typed.append(f"note {len(typed)}.")
    await ines.type(typed[-1])
    await until(lambda: disk.struck or typed[-1] in ines.screen.text)
    if not disk.struck:  # the answer took fewer acts this time
        disk.mend()
        return
    found.faults += 1
    await asyncio.sleep(lasts)
    # What is done after the answer may have been struck: then it is told, and must be there. It is looked for as soon
    # as the disk works: reading may have to undo what was left half written.
    told = typed[-1] in ines.screen.text
    disk.mend()
    found.false += told and typed[-1] not in there.notes()["Ines"]
    begun = time.monotonic()
    await until(lambda: typed[-1] in ines.screen.text)
    found.slowest = max(found.slowest, time.monotonic() - begun)


def soak(*, short: bool) -> list[Figure]:
    """At the desk act by act, in the chat for a while each, and once for long."""
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        desk = at_the_desk(Path(one), 9 if short else 1)
        chat = asyncio.run(in_the_chat(Path(two), 25 if short else 1, 0.3))
        bug = at_the_desk(Path(three), 9, spoil=True)
        found = [desk, chat]
    if not short:
        with tempfile.TemporaryDirectory() as four:
            found.append(asyncio.run(in_the_chat(Path(four), 31, 20.0)))
    slowest = max(one.slowest for one in found)
    good = all(one.faults and not (one.false or one.missing or one.wrong) for one in found)
    return [
        Figure(
            "disk full, I/O error",
            f"at every write, sync and removal of an answer: {desk.faults} at the desk, "
            f"{sum(one.faults for one in found[1:])} through Telegram, for up to {0.3 if short else 20} s",
            "never “recorded” falsely; resumes by itself within 10 s",
            met=good and slowest <= WITHIN,
            caught=bool(bug.false or bug.missing),
            measured=f"{sum(one.false for one in found)} told falsely, "
            f"{sum(one.missing for one in found)} lost or twice, resumed after {slowest:.1f} s at most",
        )
    ]
