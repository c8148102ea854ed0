"""Somebody writes to the database by hand: bits, rows, places, order, and the whole of it."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.application import maintenance
from bot.dialog.contract import FileReply
from bot.storage import StoreError
from tests import faults
from tests.api import Delegation
from tests.soak import Figure
from tests.soak.delegation import Clerks

if TYPE_CHECKING:
    from collections.abc import Callable

SEALED = (
    ("events", "body"), ("events", "mac"), ("negotiations", "mac"), ("keys", "wrapped"), ("chats", "place"),
    ("chats", "aside"), ("chats", "settle"), ("files", "body"),
)  # fmt: skip


@dataclass
class Found:
    """What came of it."""

    edits: int = 0
    snapshots: int = 0
    missed: list[str] = field(default_factory=list)


def flip(db: sqlite3.Connection, chance: random.Random) -> None:
    """One bit of something sealed."""
    table, column = chance.choice(SEALED)
    rows = db.execute(f"SELECT rowid, {column} FROM {table} WHERE length({column}) > 0").fetchall()  # noqa: S608
    row, body = chance.choice(rows)
    spoilt = bytearray(body)
    spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(spoilt), row))  # noqa: S608


def rewrite(db: sqlite3.Connection, chance: random.Random) -> None:
    """Who said it, when, or from which update."""
    row = chance.choice(db.execute("SELECT rowid FROM events").fetchall())
    what = chance.choice(("at = '2020-01-01T00:00:00+00:00'", "by = 'somebody'", "update_id = 123456"))
    db.execute(f"UPDATE events SET {what} WHERE rowid = ?", row)  # noqa: S608


def delete(db: sqlite3.Connection, chance: random.Random) -> None:
    """An event, a seat or a file is gone."""
    table = chance.choice(("events", "events", "seats", "files"))
    rows = db.execute(f"SELECT rowid FROM {table}").fetchall()  # noqa: S608
    db.execute(f"DELETE FROM {table} WHERE rowid = ?", chance.choice(rows))  # noqa: S608


def cut_off(db: sqlite3.Connection, chance: random.Random) -> None:
    """The newest events of a negotiation are gone, and its head says so."""
    number, head = chance.choice(db.execute("SELECT id, head FROM negotiations").fetchall())
    head -= chance.randint(1, min(5, head - 1))
    db.execute("DELETE FROM events WHERE negotiation = ? AND seq > ?", (number, head))
    db.execute("UPDATE negotiations SET head = ? WHERE id = ?", (head, number))


def swap(db: sqlite3.Connection, chance: random.Random) -> None:
    """Two events change places, within a negotiation or between two."""
    one, two = chance.sample(db.execute("SELECT rowid, body, mac FROM events").fetchall(), 2)
    columns = chance.choice(("body = ?", "body = ?, mac = ?"))
    size = columns.count("?")
    db.execute(f"UPDATE events SET {columns} WHERE rowid = ?", (*two[1 : 1 + size], one[0]))  # noqa: S608
    db.execute(f"UPDATE events SET {columns} WHERE rowid = ?", (*one[1 : 1 + size], two[0]))  # noqa: S608


def repeat(db: sqlite3.Connection, chance: random.Random) -> None:
    """An event is said once more at the end."""
    number, head = chance.choice(db.execute("SELECT id, head FROM negotiations").fetchall())
    db.execute(
        "INSERT INTO events SELECT negotiation, ?, at, by, update_id, body, mac FROM events "
        "WHERE negotiation = ? AND seq = ?",
        (head + 1, number, chance.randint(1, head)),
    )
    db.execute("UPDATE negotiations SET head = ? WHERE id = ?", (head + 1, number))


def seat(db: sqlite3.Connection, chance: random.Random) -> None:
    """Somebody is given a role or a seat that no event gives."""
    number, person, role = chance.choice(db.execute("SELECT negotiation, person, role FROM seats").fetchall())
    if chance.random() < 0.5:
        role = chance.choice([one for one in ("lead", "member", "observer") if one != role])
        db.execute("UPDATE seats SET role = ? WHERE negotiation = ? AND person = ?", (role, number, person))
    else:
        db.execute("INSERT INTO persons VALUES ('pother', 'Other', 77, 0, '2026-01-01', NULL)")
        db.execute("INSERT INTO seats VALUES (?, 'pother', 'lead', NULL)", (number,))


def rename(db: sqlite3.Connection, chance: random.Random) -> None:
    """Somebody has another name, another Telegram account, or may open negotiations."""
    (row,) = chance.choice(db.execute("SELECT rowid FROM persons").fetchall())
    what = chance.choice(
        ("name = name || '.'", "telegram_id = 99", "lead = NOT lead", "joined_at = '2020-01-01'", "id = 'pother'")
    )
    db.execute(f"UPDATE persons SET {what} WHERE rowid = ?", (row,))  # noqa: S608


def exchange(db: sqlite3.Connection, chance: random.Random) -> None:
    """Two persons change accounts, or places with all but their ids."""
    one, two = chance.sample(db.execute("SELECT id, name, telegram_id, mac FROM persons").fetchall(), 2)
    columns = chance.choice(("telegram_id = ?", "telegram_id = ?, mac = ?", "telegram_id = ?, name = ?, mac = ?"))
    db.execute("UPDATE persons SET telegram_id = NULL WHERE id IN (?, ?)", (one[0], two[0]))
    for to, (_, name, account, mac) in ((one[0], two), (two[0], one)):
        given = {1: (account,), 2: (account, mac), 3: (account, name, mac)}[columns.count("?")]
        db.execute(f"UPDATE persons SET {columns} WHERE id = ?", (*given, to))  # noqa: S608


def strike(db: sqlite3.Connection, chance: random.Random) -> None:
    """Somebody is gone from the persons, or there is one more, who sits nowhere."""
    rows = db.execute("SELECT rowid, mac FROM persons").fetchall()
    row, mac = chance.choice(rows)
    if chance.random() < 0.5:
        db.execute("DELETE FROM persons WHERE rowid = ?", (row,))
    else:
        db.execute("INSERT INTO persons VALUES ('pother', 'Other', 77, 1, '2026-01-01', ?)", (mac,))


def unroll(db: sqlite3.Connection, chance: random.Random) -> None:
    """What all persons add up to is gone, or another."""
    if chance.random() < 0.5:
        db.execute("DELETE FROM office WHERE key = 'roll'")
    else:
        db.execute("UPDATE office SET value = 'AAAA' || substr(value, 5) WHERE key = 'roll'")


def erase(db: sqlite3.Connection, chance: random.Random) -> None:
    """A negotiation is gone with its key and every row of it."""
    number = chance.choice(db.execute("SELECT id FROM negotiations").fetchall())[0]
    for table in (
        "events",
        "files",
        "invites",
        "seats",
        "notices",
        "looks",
        "heard",
        "sent_messages",
        "groups",
        "chats",
    ):
        db.execute(f"DELETE FROM {table} WHERE negotiation = ?", (number,))  # noqa: S608
    db.execute("DELETE FROM negotiations WHERE id = ?", (number,))
    db.execute("DELETE FROM keys WHERE name = ?", (str(number),))


def invite(db: sqlite3.Connection, chance: random.Random) -> None:
    """An invitation that nobody made, or a link that signs in somebody who is here."""
    number, person = chance.choice(db.execute("SELECT negotiation, person FROM seats").fetchall())
    made = chance.choice(((number, None), (number, person), (None, person)))
    db.execute("INSERT INTO invites VALUES ('hash', ?, 'lead', ?, '2099-01-01T00:00:00+00:00', NULL, NULL, NULL)", made)


def checklist(db: sqlite3.Connection, _: random.Random) -> None:
    """Another question under a given answer."""
    db.execute("UPDATE checklists SET body = replace(body, 'Crewed flight', 'Any flight')")


EDITS = (
    flip, flip, flip, flip, rewrite, delete, cut_off, swap, repeat, seat, invite, checklist, rename, exchange, strike,
    unroll, erase,
)  # fmt: skip


def original(folder: Path, notes: int) -> tuple[Path, str, list[Path]]:
    """A database in which two delegations worked; what was witnessed at its end; and copies from before."""
    there = Clerks(f"sqlite:///{folder}/data/readiness.db")
    there.opens_for_all("another")
    there.stand()
    there.hears(there.chat("Ines").update(FileReply(id="f1", name="a.pdf", size=5), number=1, file=b"%PDF-"))
    path, old = folder / "data" / "readiness.db", []
    for n in range(notes):
        there.hears(there.note(there.names[n % 2], f"note {n}"))
        if n % max(1, notes // 20) == 0:
            old.append(folder / f"old{n}")
            shutil.copy(path, old[-1])
    there.hears(there.note("Ines", "the last"))
    witness = maintenance.witnessed(there.store)
    assert there.verified(witness) == []
    there.close()
    return path, witness, old


def tampered(folder: Path, edits: int) -> Found:
    """Edit a copy so many times, in one way each, and look at it; then put older copies in its place."""
    path, witness, old = original(folder, 40)
    chance, found, copy = random.Random(edits), Found(), folder / "copy.db"  # noqa: S311 (a soak must repeat)
    for n in range(edits):
        shutil.copy(path, copy)
        edit = EDITS[n % len(EDITS)]
        _edit(copy, edit, chance)
        found.edits += 1
        if not _finds(copy, ""):
            found.missed.append(edit.__name__)
    for before in old[:: 1 if edits > 100 else 5]:
        found.snapshots += 1
        shutil.copy(before, copy)
        if not _finds(copy, witness):
            found.missed.append("an old copy")
    return found


def _edit(copy: Path, edit: Callable[[sqlite3.Connection, random.Random], None], chance: random.Random) -> None:
    db = sqlite3.connect(copy)
    db.execute("PRAGMA synchronous=OFF")
    with db:
        edit(db, chance)
    db.close()


def _finds(copy: Path, witness: str) -> bool:
    """Whether `readiness verify` says that something is wrong."""
    try:
        with Delegation(copy.parent, url=f"sqlite:///{copy}") as there:
            return bool(there.verified(witness))
    except StoreError:
        return True


def soak(*, short: bool) -> list[Figure]:
    """Tamper with ours; and with a database whose verifying does not look at the chain."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        ours = tampered(Path(one), 24 if short else 1000)
        with faults.on("ignore_the_chain"):
            blind = tampered(Path(two), 12)
    return [
        Figure(
            "tampering",
            f"{ours.edits:,} bit flips and row edits, {ours.snapshots} older copies put back",
            "all detected",
            met=not ours.missed and bool(ours.snapshots),
            caught=bool(blind.missed),
            measured=f"{ours.edits + ours.snapshots - len(ours.missed):,} of {ours.edits + ours.snapshots:,} detected"
            + (f"; missed: {', '.join(sorted(set(ours.missed)))}" if ours.missed else ""),
        )
    ]
