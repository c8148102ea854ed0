"""Somebody writes to the database by hand: it is found, nobody gains anything by it, and the bot refuses such rows.

`UNSEEN` is all that is not found; the list in docs/security.md is made of it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, DateTime, Integer, LargeBinary

from bot.domain.events import Passphrases
from bot.storage import GroupCardRow, IncomingFileRow, PreferencesRow, StoreError
from bot.storage.schema import metadata
from bot.telegram.bot import ProfileTexts
from tests.api import ROOT, Delegation, Hooks, on_telegram
from tests.telegram_double import TelegramDouble

pytestmark = pytest.mark.slow

DELETED = "a row deleted"
UPDATES = count(5000, 100)  # another for every process that is started
ROLL_KEYS = ("roll", "led", "latest", "first_code")  # of the office: what of it cannot be deleted unseen


@dataclass(frozen=True)
class Unseen:
    """What of a table nobody finds when it was changed by hand, in words, and what that can do."""

    table: str
    what: str
    harm: str
    columns: tuple[str, ...]
    gone: str = ""  # what is lost with a row, where a deleted one is not found


UNSEEN = (
    Unseen(
        "chats",
        "whether, in which message and by which process a chat was shown, and its version",
        "shows it twice, late or not",
        ("fresh", "rev", "shown", "message_id", "behind_since", "held_by", "held_until"),
        "where somebody stood, who begins at home",
    ),
    Unseen(
        "heard",
        "when and in which message an update came, from whom, what it was recorded as",
        "has an edit or a reply change nothing, or another answer of its author",
        ("at", "person", "message_id", "seq", "mark"),
        "that an update came: if Telegram brings it again, it is heard again",
    ),
    Unseen(
        "sent_messages",
        "when a message of ours showed what it shows",
        "asks about a reply to it, or does not",
        ("at",),
        "what it was about: a reply to it is asked about",
    ),
    Unseen(
        "deletions",
        "which messages are still to be deleted from a chat, and since when",
        "leaves one there, or has another one deleted",
        ("chat_id", "message_id", "at"),
        "that a message is to be deleted, which then stays",
    ),
    Unseen(
        "set_aside",
        "when an update was set aside, why and how often",
        "misleads whoever looks into it",
        ("at", "error", "tries"),
        "an update that could not be heard",
    ),
    Unseen(
        "looks",
        "how far somebody has looked",
        "tells them more or less as new",
        ("person", "negotiation", "seq", "at", "since", "since_at"),
        "the same",
    ),
    Unseen(
        "prefs",
        "how somebody wants to be reminded",
        "reminds them at another time, or not",
        ("person", "zone", "quiet_from", "quiet_to", "reminders", "digest"),
        "the same",
    ),
    Unseen(
        "notices",
        "when and in which message a notice was sent",
        "sends it twice, late or never",
        ("claimed_at", "sent_at", "message_id"),
        "the same",
    ),
    Unseen(
        "groups",
        "in which message a group has its card, who asked for it, whether it is pinned, up to date, or the bot is gone",
        "shows the card twice, late or not",
        ("asked_by", "message_id", "pinned", "refused", "gone", "seq", "day", "held_until"),
        "that a group has a card, which stays as it is",
    ),
    Unseen(
        "files",
        "the type and size that a file was taken in with",
        "has a program open it as something else",
        ("mime", "size"),
    ),
    Unseen(
        "incoming_files",
        "until when a file that is still to be fetched is one process's",
        "fetches it later, or twice",
        ("held_until",),
        "a file that was still to be fetched, and is not heard of",
    ),
    Unseen(
        "refusals",
        "counts of refusals",
        "hides that somebody tried something",
        ("day", "who", "kind", "count", "first_at", "last_at"),
        "the same",
    ),
    Unseen(
        "office",
        "when the bot ran last, its name on Telegram, since when talks are past their last day",
        "",
        (),
        "it is asked for anew; talks are kept a day longer",
    ),
    Unseen(
        "sessions",
        "that somebody is signed in",
        "",
        (),
        "they sign in again",
    ),
)


def documented_rows() -> str:
    """The table of docs/security.md that names what is not found."""
    head = "| not found | what it can do | what is lost with a deleted row |\n|---|---|---|\n"
    return head + "".join(f"| {one.what} | {one.harm or 'is found'} | {one.gone or 'is found'} |\n" for one in UNSEEN)


@dataclass
class Original:
    """A database in which every table has a row, and what opens its doors."""

    file: Path
    telegram: dict[str, int]
    cookies: dict[str, str]
    secrets: dict[str, str]
    used_while_open: tuple[Any, ...] = ()  # the row of the invitation that was used, as it was before
    number: int = 1
    people: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    """Maya came by the first code, Omar and Lina were invited; everything that can be there is."""
    folder = tmp_path_factory.mktemp("original")
    with Delegation(folder) as there:
        there.telegram |= {"Maya": 501, "Nora": 601, "Vera": 602}
        there.chat("Maya").joins(there.operator.first_code() or "")
        there.opens("us-china-space", "Maya lead", "Omar member", uid="purged")
        there.purge()
        there.number = None
        number = there.opens("us-china-space", "Maya lead", "Omar member")
        maya, omar, secrets = there.chat("Maya"), there.chat("Omar"), {}
        for door in ("over", "used", "open"):
            maya.types("/team")
            maya.taps("Invite a member")
            secrets[door] = there.invitation
            if door == "over":
                there.at += timedelta(days=8)
                there.is_alive()
        used = rows(there.file, "invites", "used_at IS NULL AND ran_out_at IS NULL ORDER BY rowid")[0]
        there.chat("Nora").joins(secrets["used"])
        omar.goes_to("Limit expectations", "Crewed flight")
        omar.taps("Yes")
        omar.types("/summary")
        omar.goes_to("Limit expectations", "Crewed flight")
        omar.sends_file("letter.pdf", 64)
        omar.taps("Evidence (1)", "1. letter.pdf", "Remove")  # the history goes on naming it
        omar.goes_to("Limit expectations", "Crewed flight")
        omar.sends_file("memo.pdf", 64)
        there.chat("Eve").types("hello")
        there.desk.take_away(omar.installation.telegram["Omar"], 7)
        fill(there, number)
        there.happens(Passphrases(on=True))
        cookies = {name: there.signs_in(name) for name in ("Maya", "Omar")}
        assert there.chooses_passphrase(cookies["Maya"], "four grey herons wade")
        assert there.verified() == []
        made = Original(there.file, there.telegram, cookies, secrets, used, number, there.people)
    with closing(sqlite3.connect(made.file)) as db:
        bare = [table for table in metadata.tables if not db.execute(f"SELECT 1 FROM {table}").fetchone()]  # noqa: S608
    assert bare == []
    return made


def fill(there: Delegation, number: int) -> None:
    """Rows of what only a running bot writes."""
    omar = there.people["Omar"]
    with there.store.transaction() as tx:
        tx.first_time(1, "2027-01-15T10:00:00+00:00")
        tx.set_update_aside(1, "2027-01-15T10:00:00+00:00", "{}", "ValueError")
        tx.put_prefs(PreferencesRow(omar, "Europe/Berlin", None, None, reminders=True, digest=True))
        tx.claim_notice(number, omar, "digest:2027-01-15", "2027-01-15T10:00:00+00:00")
        tx.note_notice(number, omar, "digest:2027-01-15", "{}")
        tx.put_group(GroupCardRow(-100, number, omar, "The group", text="The card"))
        tx.set_office("username", "sample_bot")
        tx.add_incoming_file(IncomingFileRow(2, omar, number, "{}"))


def rows(file: Path, table: str, where: str = "1") -> list[tuple[Any, ...]]:
    """Rows of a database."""
    with closing(sqlite3.connect(file)) as db:
        return db.execute(f"SELECT rowid, * FROM {table} WHERE {where}").fetchall()  # noqa: S608


@dataclass(frozen=True)
class Edit:
    """One column of one row changed, or the row deleted."""

    table: str
    row: int
    column: str
    key: str  # of the office, else what the row is

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.column}"


# The rows that are edited, where the first of a table says too little.
EDITED = {
    "persons": "name = 'Omar'",
    "seats": "person = (SELECT id FROM persons WHERE name = 'Omar')",
    "sessions": "person = (SELECT id FROM persons WHERE name = 'Omar')",
    "chats": "person = (SELECT id FROM persons WHERE name = 'Omar')",
    "heard": "place IS NOT NULL",
    "sent_messages": "place_before IS NOT NULL",
    "groups": "chat_id = -100",
}
EVERY_ROW = {"office": "key", "invites": "hash", "keys": "name", "files": "id"}


def edits(original: Original, table: str) -> Iterator[Edit]:
    """Every column of a table changed, and a row deleted."""
    found = rows(original.file, table, EDITED.get(table, "1"))
    names = [column.name for column in metadata.tables[table].columns]
    for row in found if table in EVERY_ROW else found[:1]:
        key = str(row[1 + names.index(EVERY_ROW[table])]) if table in EVERY_ROW else ""
        for column in (*names, DELETED):
            yield Edit(table, row[0], column, key)


def is_unseen(edit: Edit) -> bool:
    """Whether docs/security.md says that this is not found."""
    named = next((one for one in UNSEEN if one.table == edit.table), None)
    if named is None:
        return False
    if edit.table == "office" and (edit.key in ROLL_KEYS or edit.column != DELETED):
        return edit.key == "roll" and edit.column == "mac"  # sealed: it needs none
    return edit.column in named.columns or (edit.column == DELETED and bool(named.gone))


def another(table: str, column: str, value: Any) -> Any:
    """Something else than a value, of the same kind, that the column can hold."""
    kind = metadata.tables[table].columns[column].type
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, LargeBinary):
        return bytes([*value[:-1], value[-1] ^ 1]) if value else b"\x01"
    if isinstance(kind, Integer | DateTime) or isinstance(value, int):
        return (value or 0) + 100_000
    if column.endswith(("_at", "_until")) or column == "at":
        return value.replace("2027", "2026") if value else "2026-01-01T00:00:00+00:00"
    return {"member": "lead", "lead": "member"}.get(value, f"{value or ''}1")


def edit_copy(original: Original, folder: Path, edit: Edit) -> Path:
    """A copy of the database with one edit."""
    copy = folder / "copy.db"
    shutil.copy(original.file, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        if edit.column == DELETED:
            db.execute(f"DELETE FROM {edit.table} WHERE rowid = ?", (edit.row,))  # noqa: S608
        else:
            (value,) = db.execute(f"SELECT {edit.column} FROM {edit.table} WHERE rowid = ?", (edit.row,)).fetchone()  # noqa: S608
            new = another(edit.table, edit.column, value)
            db.execute(f"UPDATE {edit.table} SET {edit.column} = ? WHERE rowid = ?", (new, edit.row))  # noqa: S608
    return copy


def opened(original: Original, file: Path) -> Delegation:
    """The same people at a copy of the database, a while later."""
    there = Delegation(file.parent, url=f"sqlite:///{file}")
    there.at += timedelta(days=8, minutes=1)
    there.telegram, there.number, there.updates = dict(original.telegram), original.number, next(UPDATES)
    return there


def is_found(original: Original, file: Path) -> bool:
    """Whether `readiness verify`, or already the start, says that something is wrong."""
    try:
        with opened(original, file) as there:
            return bool(there.verified())
    except StoreError:
        return True


DOORS = (
    "Omar writes", "Omar is signed in", "Maya is signed in", "Maya entered her passphrase",
    "the open invitation", "the used one", "the one that ran out", "somebody may be the first lead",
)  # fmt: skip


def doors(original: Original, file: Path) -> dict[str, bool]:
    """Which doors are open: who is let in, where, by what they bring."""
    tried: dict[str, bool] = {}
    for door in DOORS:
        try:
            with opened(original, file) as there:
                tried[door] = _goes(there, original, door)
        except (StoreError, LookupError):
            tried[door] = False
    return tried


def _goes(there: Delegation, original: Original, door: str) -> bool:
    match door:
        case "Omar writes":
            return there.receives(there.chat("Omar").update("/summary"))[0].known
        case "Omar is signed in":
            return there.browses_as(original.cookies["Omar"]) == "Omar"
        case "Maya is signed in":
            return there.browses_as(original.cookies["Maya"]) == "Maya"
        case "Maya entered her passphrase":
            return there.is_open(original.cookies["Maya"])
        case "the open invitation":
            return there.awaits(original.secrets["open"])
        case "the used one":
            return there.awaits(original.secrets["used"])
        case "the one that ran out":
            return there.awaits(original.secrets["over"])
        case _:
            return there.operator.first_code() is not None


BEFORE = dict(zip(DOORS, (True, True, True, True, True, False, False, False), strict=True))
# The door that rests on the row which is edited: it must be shut by every edit of it.
RESTS = {
    "persons": ("Omar writes", "Omar is signed in"),
    "seats": ("Omar writes",),
    "sessions": ("Omar is signed in",),
    "passphrases": ("Maya entered her passphrase",),
}


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_edit_of_every_column_and_every_deleted_row_is_found_or_named_in_readme(
    original: Original, tmp_path: Path, table: str
) -> None:
    wrong = {
        str(edit): found
        for edit in edits(original, table)
        if (found := is_found(original, edit_copy(original, tmp_path, edit))) == is_unseen(edit)
    }
    assert wrong == {}


@pytest.mark.parametrize("table", sorted({*RESTS, "invites", "office", "purged", "negotiations", "events", "keys"}))
def test_no_edit_opens_a_door_and_the_bot_refuses_the_row_that_was_edited(
    original: Original, tmp_path: Path, table: str
) -> None:
    assert doors(original, by_hand(original, tmp_path)) == BEFORE
    for edit in edits(original, table):
        now = doors(original, edit_copy(original, tmp_path, edit))
        assert [door for door in DOORS if now[door] and not BEFORE[door]] == [], edit
        assert [door for door in rests_on(original, edit) if now[door]] == [], edit


def rests_on(original: Original, edit: Edit) -> tuple[str, ...]:
    """The doors that an edit must shut."""
    is_open = (
        edit.table == "invites"
        and edit.row == rows(original.file, "invites", "used_at IS NULL AND ran_out_at IS NULL")[0][0]
    )
    if is_open or (edit.table == "office" and edit.key == "latest"):
        return ("the open invitation",)
    return RESTS.get(edit.table, ())


def by_hand(original: Original, folder: Path, *statements: tuple[str, tuple[Any, ...]]) -> Path:
    """A copy of the database after statements by hand."""
    copy = folder / "copy.db"
    shutil.copy(original.file, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        for statement, values in statements:
            db.execute(statement, values)
    return copy


def test_an_invitation_that_was_used_opens_nothing_though_its_row_is_put_back_as_it_was(
    original: Original, tmp_path: Path
) -> None:
    """Its MAC is right: that it was used is in the roll alone."""
    rowid, *columns = original.used_while_open
    marks = ", ".join("?" * len(columns))
    copy = by_hand(
        original, tmp_path,
        ("DELETE FROM invites WHERE rowid = ?", (rowid,)),
        (f"INSERT INTO invites VALUES ({marks})", tuple(columns)),  # noqa: S608
    )  # fmt: skip
    assert not doors(original, copy)["the used one"]
    with opened(original, copy) as there:
        assert not there.chat("Vera").joins(original.secrets["used"]).known
    assert is_found(original, copy)


def test_whoever_deletes_a_passphrase_cannot_choose_another(original: Original, tmp_path: Path) -> None:
    copy = by_hand(original, tmp_path, ("DELETE FROM passphrases", ()))
    with opened(original, copy) as there, pytest.raises(StoreError):
        there.chooses_passphrase(original.cookies["Omar"], "a kettle hums in fog")


def test_a_code_for_the_first_lead_that_is_put_there_makes_none(tmp_path: Path) -> None:
    with Delegation(tmp_path / "new") as there:
        code = there.operator.first_code() or ""
        old = rows(there.file, "office", "key = 'first_code'")[0]
        there.telegram |= {"Nora": 503, "Vera": 504}
        assert there.chat("Nora").joins(code).known
        with closing(sqlite3.connect(there.file, isolation_level=None)) as db:
            db.execute("INSERT INTO office VALUES (?, ?, ?)", old[1:])
        assert not there.chat("Vera").joins(code).known
        with closing(sqlite3.connect(there.file, isolation_level=None)) as db:
            db.execute("DELETE FROM office WHERE key = 'led'")
        assert not there.chat("Vera").joins(code).known


def test_events_that_were_cut_off_by_hand_let_nobody_in_again(original: Original, tmp_path: Path) -> None:
    """Omar was removed; his seat is put back as it was, and the event that removed him is deleted."""
    seat = rows(original.file, "seats", EDITED["seats"])[0][1:]
    shutil.copy(original.file, tmp_path / "later.db")
    with opened(original, tmp_path / "later.db") as there:
        maya = there.chat("Maya")
        maya.types("/team")
        maya.taps("Omar…")
        maya.taps(maya.screen.label("Remove"))
        maya.taps(maya.screen.label("Remove"))
        assert there.negotiation().role(original.people["Omar"]) is None
        head = there.recorded()
    with closing(sqlite3.connect(tmp_path / "later.db", isolation_level=None)) as db:
        db.execute("DELETE FROM events WHERE negotiation = ? AND seq = ?", (original.number, head))
        db.execute("UPDATE negotiations SET head = ? WHERE id = ?", (head - 1, original.number))
        db.execute("INSERT INTO seats VALUES (?, ?, ?, ?)", seat)
    with opened(original, tmp_path / "later.db") as there, pytest.raises(StoreError):
        there.receives(there.chat("Omar").update("/summary"))


async def test_talks_that_were_written_into_by_hand_hold_nobody_else_up(original: Original, tmp_path: Path) -> None:
    """Who sits in them is told of a fault; who sits elsewhere is answered."""
    shutil.copy(original.file, tmp_path / "copy.db")
    with opened(original, tmp_path / "copy.db") as there:
        there.opens("bilateral", "Ines lead", uid="elsewhere")
        accounts = dict(there.telegram)
    with closing(sqlite3.connect(tmp_path / "copy.db", isolation_level=None)) as db:
        db.execute("UPDATE events SET by = 'somebody' WHERE negotiation = ? AND seq = 3", (original.number,))
    async with TelegramDouble() as double:
        with opened(original, tmp_path / "copy.db") as there:
            omar, ines = (double.person(accounts[name], name) for name in ("Omar", "Ines"))
            async with on_telegram(there, double):
                await omar.type("/summary")
                await ines.type("/summary")
                await ines.expect("Talks on")
                await omar.expect(ProfileTexts().fault)


def test_a_row_that_is_refused_is_told_in_the_log_once(
    original: Original, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = by_hand(original, tmp_path, ("UPDATE persons SET telegram_id = 999 WHERE name = 'Omar'", ()))
    with opened(original, copy) as there:
        there.telegram["Omar"] = 999
        assert not there.chat("Omar").types("/summary").known
        assert not there.chat("Omar").types("/summary").known
    told = [line for line in caplog.messages if line.startswith("person")]
    assert len(told) == 1
    assert "Run “readiness verify”" in told[0]


def test_what_is_said_not_to_be_found_is_this_table() -> None:
    told = (
        (ROOT / "docs" / "security.md")
        .read_text(encoding="utf-8")
        .partition("<!-- unseen -->\n")[2]
        .partition("<!-- /unseen -->")[0]
    )
    assert told == documented_rows()


def test_a_check_that_is_left_out_is_found(original: Original, tmp_path: Path, faults: Hooks) -> None:
    """The control: without looking at the MACs, somebody else's account is Omar's."""
    copy = by_hand(original, tmp_path, ("UPDATE persons SET telegram_id = 999 WHERE name = 'Omar'", ()))
    faults.on("ignore_row_macs")
    with opened(original, copy) as there:
        there.telegram["Omar"] = 999
        assert there.chat("Omar").types("/summary").known
