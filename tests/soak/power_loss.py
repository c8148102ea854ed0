"""The power fails: of what was written and not synced, any part is on the disk, and in any order."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bot.storage import StoreError
from tests import faults
from tests.api import Delegation
from tests.soak import Figure
from tests.soak.delegation import Clerks, notes_in
from tests.soak.disk import OK, Act, Cut, FolderSynced, Made, Removed, Synced, Wrote, watched

SECTOR = 512  # bytes that a disk writes whole or not at all
OFF, FULL, EXTRA = 0, 2, 3  # SQLite's synchronous
FAST = Path("/dev/shm")  # noqa: S108 (memory: the disk that fails is made up here)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """From here on so many answers were said to be recorded."""

    answers: int


@dataclass
class Log:
    """All that was done to the disk, and when an answer was acknowledged."""

    folder: Path
    before: dict[str, bytes]
    texts: list[str]
    acts: list[Act | Acknowledged]


def record(folder: Path, answers: int, synchronous: int) -> Log:
    """Let a clerk send notes, and write down all that the disk is told to do."""
    url = f"sqlite:///{folder}/data/readiness.db"
    Clerks(url).close()
    before = {str(path): path.read_bytes() for path in (folder / "data").iterdir()}
    acts: list[Act | Acknowledged] = []
    texts = [f"note {n} of Ines" for n in range(answers)]

    def note(act: Act) -> int:
        acts.append(act)
        return OK

    with watched(note), faults.on("sync_less", synchronous):
        there = Clerks(url)
        at, chance = 0, random.Random(answers)  # noqa: S311 (a soak must repeat)
        while at < answers:
            batch = texts[at : at + chance.choice((1, 1, 1, 4))]
            there.hears(*(there.note("Ines", text) for text in batch))
            at += len(batch)
            acts.append(Acknowledged(at))
        there.close()
    return Log(folder, before, texts, acts)


@dataclass
class Platter:
    """What is on the disk for certain, and what may be there or not."""

    folder: Path
    safe: dict[int, bytearray] = field(default_factory=dict)  # content by inode
    waiting: dict[int, list[Wrote | Cut]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    moves: list[tuple[str, int | None]] = field(default_factory=list)  # of names, not synced
    now: dict[str, int] = field(default_factory=dict)  # names as the program sees them

    @classmethod
    def of(cls, log: Log) -> Platter:
        """The disk before anything of a log."""
        made = cls(log.folder)
        for inode, (path, body) in enumerate(log.before.items()):
            made.safe[inode], made.waiting[inode] = bytearray(body), []
            made.names[path] = made.now[path] = inode
        return made

    def do(self, act: Act) -> None:
        """Do what the log says."""
        match act:
            case Made(path):
                inode = max(self.safe, default=0) + 1
                self.safe[inode], self.waiting[inode] = bytearray(), []
                self.now[path] = inode
                self.moves.append((path, inode))
            case Wrote(path) | Cut(path):
                self.waiting[self.now[path]].append(act)
            case Synced(path):
                inode = self.now[path]
                for one in self.waiting[inode]:
                    _apply(self.safe[inode], one, None)
                self.waiting[inode] = []
            case FolderSynced():
                _rename(self.names, self.moves)
                self.moves = []
                self._forget()
            case Removed(path):
                self.now.pop(path, None)
                self.moves.append((path, None))

    def _forget(self) -> None:
        kept = {*self.names.values(), *self.now.values()}
        for inode in set(self.safe) - kept:
            del self.safe[inode], self.waiting[inode]

    def left(self, chance: random.Random) -> dict[str, bytes]:
        """What is found after the power failed now: of the rest anything may be there, torn and out of order."""
        odds = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        torn = chance.random() < 0.5
        names = dict(self.names)
        _rename(names, self.moves[: chance.randint(0, len(self.moves))])
        found = {}
        for path, inode in names.items():
            body = bytearray(self.safe[inode])
            for act in self.waiting[inode]:
                if torn:
                    _apply(body, act, lambda: chance.random() < odds)
                elif chance.random() < odds:
                    _apply(body, act, None)
            found[path] = bytes(body)
        return found


def _rename(names: dict[str, int], moves: list[tuple[str, int | None]]) -> None:
    for path, inode in moves:
        if inode is None:
            names.pop(path, None)
        else:
            names[path] = inode


def _apply(body: bytearray, act: Wrote | Cut, lands: object) -> None:
    """Do a write to a file's content; ``lands`` says of each sector whether it arrives, None that all do."""
    if isinstance(act, Cut):
        if lands is None or lands():  # type: ignore[operator]
            del body[act.size :]
        return
    at, rest = act.at, act.body
    while rest:
        part = rest[: SECTOR - at % SECTOR]
        if lands is None or lands():  # type: ignore[operator]
            if len(body) < at:
                body.extend(bytes(at - len(body)))
            body[at : at + len(part)] = part
        at, rest = at + len(part), rest[len(part) :]


@dataclass
class Found:
    """What the cuts of a run did."""

    cuts: int = 0
    different: int = 0
    lost: int = 0
    corrupt: int = 0
    how: str = ""


def cut(log: Log, cuts: int, seed: int = 5) -> Found:
    """Cut the power again and again in the run that a log tells of, and open what is left each time."""
    chance = random.Random(seed)  # noqa: S311 (a soak must repeat)
    moments = sorted(chance.choices(range(1, len(log.acts) + 1), k=cuts))
    platter, found, at, told = Platter.of(log), Found(), 0, 0
    seen: set[int] = set()
    for moment in moments:
        for act in log.acts[at:moment]:
            if isinstance(act, Acknowledged):
                told = act.answers
            else:
                platter.do(act)
        at = moment
        left = platter.left(chance)
        found.cuts += 1
        image = hash((told, tuple(sorted(left.items()))))
        if image not in seen:
            seen.add(image)
            found.different += 1
            _judge(log, left, told, found)
    return found


def _judge(log: Log, left: dict[str, bytes], told: int, found: Found) -> None:
    """Open what is left of the disk, as the next start would."""
    data = log.folder / "data"
    shutil.rmtree(data)
    data.mkdir()
    for path, body in left.items():
        Path(path).write_bytes(body)
    try:
        texts, wrong = _opened(f"sqlite:///{data}/readiness.db", data / "readiness.db")
    except (StoreError, sqlite3.Error) as error:
        texts, wrong = [], [str(error)]
    found.corrupt += bool(wrong)
    lost = texts[:told] != log.texts[:told] or texts != log.texts[: len(texts)]
    found.lost += lost
    if wrong or lost:
        found.how = found.how or f": {'; '.join(wrong)[:100] or 'an answer is missing'}"


def _opened(url: str, path: Path) -> tuple[list[str], list[str]]:
    with Delegation(path.parent, url=url) as there:
        wrong, texts = there.verified(), notes_in(there, ("Ines",))["Ines"]
    connection = sqlite3.connect(path)
    try:
        ((whole,),) = connection.execute("PRAGMA integrity_check").fetchall()[:1]
    finally:
        connection.close()
    return texts, wrong + ([] if whole == "ok" else [whole])


def run(answers: int, cuts: int, synchronous: int = EXTRA) -> Found:
    """Record a run and cut its power so often."""
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as name:
        return cut(record(Path(name), answers, synchronous), cuts)


def soak(*, short: bool) -> list[Figure]:
    """Cut the power in a run of ours, and in the same with fewer syncs."""
    answers, cuts = (6, 40) if short else (60, 5000)
    ours = run(answers, cuts)
    off, full = run(answers, max(30, cuts // 25), OFF), run(answers, cuts, FULL)
    return [
        Figure(
            "power loss",
            f"recorded writes replayed, unsynced ones dropped, reordered, torn: {ours.cuts:,} cuts",
            "0 acknowledged answers lost, 0 corrupt; with synchronous OFF it fails",
            met=not ours.lost and not ours.corrupt,
            caught=bool(off.lost or off.corrupt),
            measured=f"{ours.lost} lost, {ours.corrupt} corrupt ({ours.different:,} different disks{ours.how}); "
            f"with OFF {off.lost} of {off.cuts} lost, {off.corrupt} corrupt; "
            f"with FULL instead of EXTRA {full.lost} of {full.cuts:,} lost",
        )
    ]
