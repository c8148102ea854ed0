"""What is kept is sealed, bound to its place and chained: what was changed from outside is found."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, text, update

from bot.storage import (
    Database,
    EventRow,
    FileRow,
    InviteRow,
    PassphraseRow,
    PersonRow,
    SentMessageRow,
    SessionRow,
    StoreError,
    Tampered,
    WrongKey,
    engines,
)
from bot.storage.integrity.encryption import Vault
from bot.storage.integrity.event_chain import BEGIN, event_mac
from bot.storage.schema import chats, events, files, heard, negotiations, office, persons, purged, sent_messages
from tests.api import open_store
from tests.e2e import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

pytest_plugins = ["tests.conftest_store"]

AT = "2026-03-02T09:00:00+00:00"
CANARY = "our red line is the 14th parallel"
NAME = "what the minister wrote.pdf"
EVENTS = 12


BEFORE_POWER = (
    "ALTER TABLE invites DROP COLUMN ran_out_at",
    *(f"ALTER TABLE {table} DROP COLUMN mac" for table in ("seats", "invites", "passphrases", "sessions", "office")),
)
PLAIN = "a name, kept as it was typed.pdf"
NAMES_WERE_PLAIN = (
    "ALTER TABLE files DROP COLUMN name",
    "ALTER TABLE files ADD COLUMN name TEXT",
    "UPDATE files SET name = 'a name, kept as it was typed.pdf'",
)


def filled(store: Database) -> list[int]:
    """Two negotiations with events and a file, all with the canary."""
    with store.transaction() as tx:
        tx.add_person(PersonRow("maya", "Maya", 7, lead=True, joined_at=AT))
        made = [tx.new_negotiation(uid) for uid in ("first", "second")]
        for number in made:
            for seq in range(1, EVENTS + 1):
                tx.append(number, [EventRow(seq, AT, "maya", 100 * number + seq, f"{CANARY} {seq}".encode())], seq)
            tx.add_file(FileRow(f"f{number}", number, NAME, "", 9, CANARY.encode()))
            tx.first_time(number, AT)
            tx.note_heard(number, "maya", 5, number, CANARY, 1)
            for at in (1, 2):  # sent, then edited
                tx.note_sent([SentMessageRow("maya", 50 + number, at, number, f"{CANARY} {at}")])
    return made


def broken(store: Database) -> list[str]:
    """What verifying finds."""
    with store.operating() as tx:
        return list(tx.broken())


@pytest.fixture
def outside(url: str, store: Database) -> Any:
    """A hand in the database that knows no key."""
    writes, _ = engines.engines(url)
    yield writes
    writes.dispose()
    del store


def test_a_copy_of_the_database_tells_nothing_that_was_typed(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path}/a.db", KEY)
    filled(store)
    store.close()
    kept = (tmp_path / "a.db").read_bytes()
    assert CANARY.encode() not in kept
    assert NAME.encode() not in kept


def test_nothing_opens_with_another_key(store: Database, url: str):
    """And the program refuses to start, in one line, before it writes anything."""
    filled(store)
    with pytest.raises(WrongKey, match="READINESS_KEY is not the key"):
        open_store(url, secrets.token_bytes(32))
    assert broken(store) == []


def test_what_is_whole_verifies(store: Database):
    filled(store)
    assert broken(store) == []


def change_body(outside: Connection) -> None:
    body = outside.execute(select(events.c.body).where(events.c.seq == 5).limit(1)).scalar_one()
    outside.execute(update(events).where(events.c.seq == 5).values(body=body[:-1] + bytes([body[-1] ^ 1])))


def change_author(outside: Connection) -> None:
    outside.execute(update(events).where(events.c.seq == 5).values(by="omar"))


def change_time(outside: Connection) -> None:
    outside.execute(update(events).where(events.c.seq == 5).values(at="2027-01-01T00:00:00+00:00"))


def delete_one(outside: Connection) -> None:
    outside.execute(delete(events).where(events.c.seq == 5))


def cut_off_the_newest(outside: Connection) -> None:
    outside.execute(delete(events).where(events.c.seq > 4))
    outside.execute(update(negotiations).values(head=4))


def swap_two(outside: Connection) -> None:
    for before, then in ((5, 50), (6, 5), (50, 6)):
        outside.execute(update(events).where(events.c.seq == before).values(seq=then))


def move_from_the_other(outside: Connection) -> None:
    rows = outside.execute(select(events.c.negotiation, events.c.body, events.c.mac).where(events.c.seq == 5)).all()
    for row, other in zip(rows, reversed(rows), strict=True):
        outside.execute(
            update(events)
            .where(events.c.negotiation == row.negotiation, events.c.seq == 5)
            .values(body=other.body, mac=other.mac)
        )


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (change_body, "event 5: changed"),
        (change_author, "event 5: changed"),
        (change_time, "event 5: changed"),
        (delete_one, "event 5 is missing"),
        (cut_off_the_newest, "its last events were cut off"),
        (swap_two, "event 5: changed"),
        (move_from_the_other, "event 5: changed"),
    ],
)
def test_the_first_wrong_event_is_named(store: Database, outside: Any, harm: Callable[[Connection], None], found: str):
    """Changed, deleted, reordered, swapped, cut off: one line for each negotiation, with the first wrong row."""
    made = filled(store)
    with outside.begin() as connection:
        harm(connection)
    told = broken(store)
    assert len(told) == len(made)
    assert all(found in line for line in told)


def rename(outside: Connection) -> None:
    outside.execute(update(persons).where(persons.c.id == "omar").values(name="Maya"))


def take_an_account(outside: Connection) -> None:
    outside.execute(update(persons).where(persons.c.id == "omar").values(telegram_id=66))


def open_negotiations(outside: Connection) -> None:
    outside.execute(update(persons).where(persons.c.id == "omar").values(lead=True))


def come_by_hand(outside: Connection) -> None:
    mac = outside.execute(select(persons.c.mac).where(persons.c.id == "omar")).scalar()
    outside.execute(persons.insert().values(id="eve", name="Eve", telegram_id=66, lead=True, joined_at=AT, mac=mac))


def be_deleted(outside: Connection) -> None:
    outside.execute(delete(persons).where(persons.c.id == "omar"))


def be_as_before(outside: Connection) -> None:
    before = outside.execute(select(persons).where(persons.c.id == "maya")).one()
    outside.execute(update(persons).where(persons.c.id == "maya").values(**BEFORE))
    assert outside.execute(select(persons).where(persons.c.id == "maya")).one() != before


def lose_the_roll(outside: Connection) -> None:
    outside.execute(delete(office).where(office.c.key == "roll"))


BEFORE: dict[str, Any] = {}  # Maya's row, before she had another account


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (rename, ["person omar: changed"]),
        (take_an_account, ["person omar: changed"]),
        (open_negotiations, ["person omar: changed"]),
        (come_by_hand, ["person eve: changed, or put there by hand", "the roll of persons: somebody was"]),
        (be_deleted, ["the roll of persons: somebody was deleted"]),
        (be_as_before, ["the roll of persons: somebody was deleted, put there by hand, or put back"]),
        (lose_the_roll, ["the roll of persons: it is not there"]),
    ],
)
def test_an_edit_of_persons_is_found(
    store: Database, outside: Any, harm: Callable[[Connection], None], found: list[str]
):
    """Names, accounts, who may lead, who there is; and starting again does not put the seal on it."""
    filled(store)
    with store.transaction() as tx:
        tx.add_person(PersonRow("omar", "Omar", None, lead=False, joined_at=AT))
    with outside.begin() as connection:
        BEFORE.update(connection.execute(select(persons).where(persons.c.id == "maya")).one()._asdict())
    with store.transaction() as tx:
        tx.link_person("maya", 8)
    assert broken(store) == []
    with outside.begin() as connection:
        harm(connection)
    open_store(outside.url.render_as_string(hide_password=False), KEY).close()
    told = broken(store)
    assert len(told) == len(found)
    assert all(line.startswith(begins) for line, begins in zip(told, found, strict=True))


def erase(outside: Connection, number: int) -> None:
    """All of a negotiation, its key as well."""
    for table in (events, files, heard, sent_messages):
        outside.execute(delete(table).where(table.c.negotiation == number))
    outside.execute(delete(negotiations).where(negotiations.c.id == number))
    outside.execute(text("DELETE FROM keys WHERE name = :name"), {"name": str(number)})


GONE = "the roll of talks: a negotiation, or the proof that one was purged, was deleted or put there"


def test_talks_that_are_gone_with_all_their_rows_are_missed(store: Database, outside: Any):
    """No chain tells of them any more."""
    _, other = filled(store)
    with outside.begin() as connection:
        erase(connection, other)
    assert broken(store) == [GONE]


def test_a_proof_that_talks_were_purged_is_missed(store: Database, outside: Any):
    one, _ = filled(store)
    with store.operating() as tx:
        tx.purge(one, AT, "the operator")
    assert broken(store) == []
    with outside.begin() as connection:
        connection.execute(delete(purged))
    assert broken(store) == [GONE]


# What is newer than the versions that tests below go back to.
UNDONE = (
    "DROP TABLE incoming_files",
    "ALTER TABLE heard DROP COLUMN mark",
    "DROP TABLE sent_messages",
    "DROP TABLE deletions",
)


def test_talks_are_entered_in_a_roll_by_the_migration_that_counts_them_and_never_again(store: Database, outside: Any):
    """A roll from before, put back by hand, does not have all that somebody else wrote counted by the next start."""
    one, other = filled(store)
    with store.operating() as tx:
        tx.purge(one, AT, "the operator")
        tx._keep_roll(replace(tx.roll(), talks=None))  # noqa: SLF001 (as that version wrote it)
    with outside.begin() as connection:
        for statement in (*UNDONE, "UPDATE alembic_version SET version_num = '0010'"):
            connection.execute(text(statement))
        roll = connection.execute(select(office.c.value).where(office.c.key == "roll")).scalar_one()
        for undo in BEFORE_POWER:
            connection.execute(text(undo))
    url = outside.url.render_as_string(hide_password=False)
    open_store(url, KEY).close()
    assert broken(store) == []
    with outside.begin() as connection:
        erase(connection, other)
    open_store(url, KEY).close()
    assert broken(store) == [GONE]
    with outside.begin() as connection:
        connection.execute(update(office).where(office.c.key == "roll").values(value=roll))
    open_store(url, KEY).close()
    assert broken(store) == ["the roll of talks: it is from before there was one: an older copy was put back"]


def test_rows_that_give_power_get_their_macs_from_the_migration_that_brings_them_and_never_again(
    store: Database, outside: Any
):
    """So that whoever takes one away, or puts a row there, has nothing sealed by the next start."""
    one, _ = filled(store)
    with store.transaction() as tx:
        tx.sit(one, "maya", "lead")
        tx.add_invite(InviteRow("open", one, "member", None, "2027-01-01"))
        tx.add_invite(InviteRow("used", one, "member", None, "2027-01-01"))
        tx.use_invite("used", AT)
        tx.add_phrase(PassphraseRow("maya", "mark", b"hash"))
        tx.add_session(SessionRow("session", "maya", AT, AT, "mark"))
        tx.set_office("led", "maya")
        tx.keep_checklist(hashlib.sha256(b"{}").hexdigest(), "{}")
    assert broken(store) == []
    with store.operating() as tx:
        tx._keep_roll(replace(tx.roll(), closed=None))  # noqa: SLF001 (as the version before wrote it)
    url = outside.url.render_as_string(hide_password=False)
    with outside.begin() as connection:
        for undo in (*UNDONE, *BEFORE_POWER, "UPDATE alembic_version SET version_num = '0011'"):
            connection.execute(text(undo))
    open_store(url, KEY).close()
    assert broken(store) == []
    with store.transaction() as tx:
        assert tx.seats_of("maya") == [(one, "lead")]
        assert tx.phrase("maya") == PassphraseRow("maya", "mark", b"hash")
        assert tx.session("session") is not None
        assert tx.use_invite("open", AT)
    with outside.begin() as connection:
        connection.execute(text("UPDATE seats SET mac = NULL"))
    open_store(url, KEY).close()
    assert broken(store) == [f"the seat of maya at negotiation {one}: changed, or put there by hand"]
    with store.reading() as tx:
        assert tx.seats_of("maya") == []


def test_a_new_master_key_leaves_every_mac_as_it_is(store: Database, url: str):
    one, _ = filled(store)
    with store.transaction() as tx:
        tx.sit(one, "maya", "lead")
        tx.set_office("latest", AT)
    new = secrets.token_bytes(32)
    with store.operating() as tx:
        tx.rekey(Vault(new))
    again = open_store(url, new)
    assert broken(again) == []
    with again.reading() as tx:
        assert tx.seats_of("maya") == [(one, "lead")]
        assert tx.get_office("latest") == AT
    again.close()


def test_a_person_who_was_edited_is_not_written_over_as_if_all_were_well(store: Database, outside: Any):
    filled(store)
    with outside.begin() as connection:
        connection.execute(update(persons).values(telegram_id=66))
    with pytest.raises(Tampered, match="person maya: changed"), store.transaction() as tx:
        tx.make_lead("maya")
    assert len(broken(store)) == 1


def test_many_may_write_persons_at_once(store: Database):
    """However many come in at the same moment, on however many processes: all are on the roll."""

    def come(number: int) -> None:
        with store.transaction() as tx:
            tx.add_person(PersonRow(f"p{number}", "Omar", number, lead=False, joined_at=AT))
            tx.make_lead(f"p{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, range(40)))
    assert broken(store) == []
    with store.operating() as tx:
        assert tx.roll().writes == 80


def test_the_key_of_the_chain_taken_away_is_not_made_anew(store: Database, outside: Any):
    """Else the next start would chain whatever was written by hand."""
    filled(store)
    with outside.begin() as connection:
        connection.execute(text("DELETE FROM keys WHERE name = 'chain'"))
    with pytest.raises(StoreError, match="the key of the chain is not there"):
        open_store(outside.url.render_as_string(hide_password=False), KEY)


def test_a_file_or_a_draft_put_in_place_of_another_does_not_open(store: Database, outside: Any):
    one, other = filled(store)
    with outside.begin() as connection:
        for table, key in ((files, files.c.id), (heard, heard.c.update_id)):
            column = table.c.body if table is files else table.c.place
            rows = connection.execute(select(key, column).order_by(key)).all()
            connection.execute(update(table).where(key == rows[0][0]).values({column: rows[1][1]}))
    assert len(broken(store)) == 2
    with store.reading() as tx, pytest.raises(Tampered, match="does not open"):
        tx.file(f"f{one}")
    with store.reading() as tx:
        assert tx.file(f"f{other}") is not None


def show_what_was_shown_before(outside: Connection) -> None:
    row = outside.execute(select(sent_messages).order_by(sent_messages.c.message_id)).first()
    assert row is not None
    other = outside.execute(select(sent_messages.c.place).order_by(sent_messages.c.message_id.desc())).scalar()
    there = sent_messages.c.message_id == row.message_id
    outside.execute(update(sent_messages).where(there).values(place=other, place_before=other))


def move_to_another_person(outside: Connection) -> None:
    outside.execute(update(sent_messages).values(person="omar"))


@pytest.mark.parametrize("harm", [show_what_was_shown_before, move_to_another_person])
def test_what_a_message_showed_is_bound_to_it(store: Database, outside: Any, harm: Callable[[Connection], None]):
    """Of another message, or another person's, it does not open."""
    filled(store)
    with outside.begin() as connection:
        harm(connection)
    told = broken(store)
    assert len(told) >= 2
    assert all(line.startswith("sent_messages/") and "does not open" in line for line in told)


@pytest.mark.prove
def test_a_thousand_flipped_bits_are_found(tmp_path: Path):
    """In any column of any event; and without the MAC the same run would miss some: the control."""
    store = open_store(f"sqlite:///{tmp_path}/a.db", KEY)
    number, _ = filled(store)
    writes, _ = engines.engines(f"sqlite:///{tmp_path}/a.db")
    chance = random.Random(14)  # noqa: S311 (a test must repeat)
    missed, blind = 0, 0
    for _ in range(1000):
        seq, column = chance.randint(1, EVENTS), chance.choice(["at", "by", "update_id", "body", "mac"])
        there = events.c.negotiation == number, events.c.seq == seq
        with writes.begin() as connection:
            before = connection.execute(select(events).where(*there)).one()
            connection.execute(update(events).where(*there).values({column: _flipped(getattr(before, column), chance)}))
        found = broken(store)
        missed += not found
        blind += not any("does not open" in line for line in found)
        with writes.begin() as connection:
            connection.execute(update(events).where(*there).values({column: getattr(before, column)}))
    writes.dispose()
    store.close()
    assert missed == 0
    assert blind > 0  # sealing alone, without the chain, does not notice another author or hour


def _flipped(value: bytes | str | int, chance: random.Random) -> bytes | str | int:
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(20))
    if isinstance(value, str):
        at = chance.randrange(len(value))
        return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
    at = chance.randrange(len(value))
    return value[:at] + bytes([value[at] ^ (1 << chance.randrange(8))]) + value[at + 1 :]


def test_an_old_copy_put_back_is_found_by_a_witness(store: Database, outside: Any):
    """A whole older state verifies by itself; what was witnessed since is missing from it."""
    one, _ = filled(store)
    with store.operating() as tx:
        witnessed = tx.heads()
    with outside.begin() as connection:
        old = connection.execute(select(events.c.mac).where(events.c.negotiation == one, events.c.seq == 9)).scalar()
        connection.execute(delete(events).where(events.c.negotiation == one, events.c.seq > 9))
    del old
    with store.operating() as tx:
        lost = [head.uid for head in witnessed if tx.mac_at(head.uid, head.head) != head.mac]
    assert lost == ["first"]


def test_the_master_key_can_be_changed(store: Database, url: str):
    """Afterwards the new one opens everything and the old one nothing."""
    filled(store)
    new = secrets.token_bytes(32)
    with store.operating() as tx:
        assert tx.rekey(Vault(new)) == 4  # two negotiations, the office, the chain
    with pytest.raises(WrongKey):
        open_store(url, KEY)
    again = open_store(url, new)
    assert broken(again) == []
    again.close()


def test_what_is_purged_is_gone_and_the_rest_still_verifies(store: Database, outside: Any):
    """The key is destroyed, a proof stays, and the proof cannot be rewritten."""
    one, other = filled(store)
    with store.operating() as tx:
        tx.purge(one, AT, "the operator")
    assert broken(store) == []
    with store.reading() as tx:
        assert tx.head(one) is None
        assert tx.file(f"f{one}") is None
        assert len(list(tx.events(other))) == EVENTS
    with outside.begin() as connection:
        connection.execute(update(purged).values(told=purged.c.told + " "))
    assert len(broken(store)) == 1


@pytest.mark.slow
def test_what_was_written_before_there_were_keys_is_sealed_at_the_next_start(store: Database, url: str, outside: Any):
    """A database of an earlier version opens, and is then as any other."""
    one, _ = filled(store)
    with outside.begin() as connection:
        connection.execute(text("DELETE FROM keys"))
        connection.execute(update(events).values(body=b'{"kind": "archived"}', mac=None))
        connection.execute(update(negotiations).values(mac=None))
        connection.execute(update(files).values(body=b"plain"))
        connection.execute(update(heard).values(place=b"[]"))
        connection.execute(delete(chats))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        for statement in (
            *BEFORE_POWER, "ALTER TABLE persons DROP COLUMN mac", "DELETE FROM office", "DROP TABLE passphrases",
            "DROP TABLE sessions", "DROP TABLE refusals", "DROP TABLE keys", "DROP TABLE purged",
            "ALTER TABLE negotiations DROP COLUMN mac", "ALTER TABLE events DROP COLUMN mac",
            "ALTER TABLE chats DROP COLUMN behind_since", "ALTER TABLE chats DROP COLUMN held_by",
            "ALTER TABLE chats DROP COLUMN held_until", *NAMES_WERE_PLAIN, *UNDONE,
        ):  # fmt: skip
            connection.execute(text(statement))
    store.close()
    again = open_store(url, KEY)
    assert broken(again) == []
    with again.reading() as tx:
        assert {row.body for row in tx.events(one)} == {b'{"kind": "archived"}'}
        assert tx.file(f"f{one}").body == b"plain"  # type: ignore[union-attr]
        assert tx.file(f"f{one}").name == PLAIN  # type: ignore[union-attr]
    with outside.begin() as connection:
        assert b"plain" not in connection.execute(select(files.c.body)).scalars().all()
    again.close()


def test_names_of_files_that_were_kept_plain_are_sealed_at_the_next_start(store: Database, url: str, outside: Any):
    """Nothing of them is left in the file of SQLite, and what was there says what it said."""
    one, other = filled(store)
    with store.transaction() as tx:
        for more in range(200):
            tx.add_file(FileRow(f"more{more}", one, NAME, "", 900, bytes(900)))
    with outside.begin() as connection:
        for statement in (*NAMES_WERE_PLAIN, *UNDONE, *BEFORE_POWER, "UPDATE alembic_version SET version_num = '0009'"):
            connection.execute(text(statement))
    store.close()
    again = open_store(url, KEY)
    assert broken(again) == []
    with again.reading() as tx:
        assert [tx.file(f"f{number}").name for number in (one, other)] == [PLAIN, PLAIN]  # type: ignore[union-attr]
        assert tx.file(f"f{one}").body == CANARY.encode()  # type: ignore[union-attr]
    again.close()
    if url.startswith("sqlite"):
        assert PLAIN.encode() not in Path(url.removeprefix("sqlite:///")).read_bytes()


@pytest.mark.parametrize("by", [None, "maya", 'a "quoted" \\ name\n', "مايا 玛雅 \U0001f600", "\x00\x7f\ud800"])
@pytest.mark.parametrize("update_id", [None, 0, 2**63 - 1])
def test_a_chain_that_an_earlier_version_wrote_still_verifies(by: str | None, update_id: int | None):
    """Whoever wrote an event: its MAC is over the JSON of its columns, each part with its length before it."""
    parts = (BEGIN, json.dumps(["event", 3, 14, AT, by, update_id]).encode(), b"sealed")
    whole = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    assert event_mac(KEY, BEGIN, 3, 14, AT, by, update_id, b"sealed") == hmac.digest(KEY, whole, "sha256")
