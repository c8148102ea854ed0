"""Several processes on one database: who shows which chat, and who may work there at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from bot.storage import ChatRow, Database, PersonRow
from bot.storage.process_lock import DatabaseInUse, claim

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

pytest_plugins = ["tests.conftest_store"]

LONG, PAST = 600, -5  # seconds for which a chat is held
PEOPLE = ("maya", "omar")


@pytest.fixture
def behind(store: Database) -> Database:
    """A store in which two people's chats do not show their latest place."""
    with store.transaction() as tx:
        for n, name in enumerate(PEOPLE):
            tx.add_person(PersonRow(name, name.title(), 500 + n, lead=False, joined_at="2027-03-01T09:00:00+00:00"))
            tx.put_chat(_chat(name, rev=1))
    return store


def _chat(person: str, rev: int) -> ChatRow:
    return ChatRow(person, None, "[]", "", "", None, fresh=True, rev=rev, shown=0, message_id=None, answering=None)


def test_a_chat_is_shown_by_one_process_at_a_time(behind: Database, other: Database) -> None:
    with behind.transaction() as tx:
        assert tx.hold(PEOPLE, "a", LONG) == set(PEOPLE)
    with other.transaction() as tx:
        assert tx.hold(("maya",), "b", LONG) == set()
        assert tx.hold_left("b", LONG, 10) == {}
    with behind.transaction() as tx:
        assert tx.hold(("maya",), "a", LONG) == {"maya"}


def test_what_was_shown_is_held_by_nobody_and_what_is_said_then_is_shown_by_who_heard_it(
    behind: Database, other: Database
) -> None:
    with behind.transaction() as tx:
        tx.hold(PEOPLE, "a", LONG)
        tx.all_shown([("maya", 1, 50)], "a")
        assert tx.hold(("maya",), "a", LONG) == set(), "there is nothing to show"
    with other.transaction() as tx:
        tx.put_chat(_chat("maya", rev=2))
        assert tx.hold(("maya",), "b", LONG) == {"maya"}


def test_a_late_note_does_not_let_go_of_what_another_process_holds_by_now(behind: Database, other: Database) -> None:
    with behind.transaction() as tx:
        tx.hold(("maya",), "a", PAST)
    with other.transaction() as tx:
        tx.put_chat(_chat("maya", rev=2))
        assert "maya" in tx.hold_left("b", LONG, 10)
    with behind.transaction() as tx:
        tx.all_shown([("maya", 1, 50)], "a")
        assert tx.hold(("maya",), "a", LONG) == set()


def test_what_a_killed_process_held_is_taken_over(behind: Database, other: Database) -> None:
    """It renews no more; a process that lives keeps what it holds. What it may have sent last is not passed over."""
    with behind.transaction() as tx:
        tx.hold(PEOPLE, "a", PAST)
        tx.hold_on(("omar",), "a", LONG)
    with other.transaction() as tx:
        assert tx.hold(("maya",), "b", LONG) == set(), "whoever hears her next word knows nothing of that"
        assert tx.hold_left("b", LONG, 10) == {"maya": True}
        assert tx.hold_left("b", LONG, 10) == {}


def test_what_nobody_held_is_taken_over_and_nothing_was_sent(behind: Database) -> None:
    with behind.transaction() as tx:
        tx.hold(("maya",), "b", PAST)
        tx.hold(("omar",), "c", LONG)
        tx.put_off("omar", "c", PAST)
        assert tx.hold_left("b", LONG, 10) == {"maya": False, "omar": False}, "its own, and one that was put off"


def test_a_message_that_was_not_noted_is_looked_for_below_all_that_is_known_of_a_chat(behind: Database) -> None:
    """What is known to be somebody else’s, or a reminder, it cannot be."""
    with behind.transaction() as tx:
        assert tx.unnoted("maya", 3) == [], "nothing is known of her chat"
        tx.all_shown([("maya", 1, 50), ("omar", 1, 53)])
        assert tx.unnoted("maya", 3) == [51, 52, 54]
        for update, person, message in ((7, "maya", 51), (8, "omar", 52)):
            tx.first_time(update, "2027-03-01T09:00")
            tx.note_heard(update, person, message, None, None, None)
        assert tx.unnoted("maya", 3) == [51, 54, 55], "51 she typed, or tapped: then it is the one"
        number = tx.new_negotiation("sample")
        tx.claim_notice(number, "maya", "due:goals", "2027-03-01T09:00")
        tx.notice_sent(number, "maya", "due:goals", "2027-03-01T09:00", 54)
        assert tx.unnoted("omar", 3) == [55, 56, 57]
        assert tx.unnoted("maya", 3) == [55, 56, 57]


def test_a_message_that_telegram_refuses_is_put_off_until_the_person_says_something(
    behind: Database, other: Database
) -> None:
    with behind.transaction() as tx:
        tx.hold(("maya",), "a", LONG)
        tx.put_off("maya", "a", LONG)
        assert tx.hold(("maya",), "a", LONG) == set()
    with other.transaction() as tx:
        assert tx.hold_left("b", LONG, 10) == {"omar": False}
        tx.put_chat(_chat("maya", rev=2))
        assert tx.hold(("maya",), "b", LONG) == {"maya"}


def test_the_backlog_is_counted_and_its_age_is_that_of_the_oldest(
    behind: Database, by_hand: Callable[[], AbstractContextManager[Connection]]
) -> None:
    """Who goes on talking while nothing can be shown is behind since the first of it."""
    with by_hand() as connection:
        connection.execute(text("UPDATE chats SET behind_since = behind_since - 300 WHERE person = 'maya'"))
    with behind.transaction() as tx:
        tx.put_chat(_chat("maya", rev=2))
        count, oldest = tx.backlog()
        assert (count, oldest >= 300) == (2, True)
        tx.all_shown([("maya", 2, 50), ("omar", 1, 51)])
        assert tx.backlog() == (0, 0)
        tx.put_chat(_chat("maya", rev=3))
        count, oldest = tx.backlog()
        assert (count, oldest < 300) == (1, True)


def test_a_person_without_telegram_is_no_backlog(behind: Database) -> None:
    with behind.transaction() as tx:
        tx.link_person("maya", None)
        assert tx.backlog()[0] == 1
        assert tx.hold_left("b", LONG, 10) == {"omar": False}


def test_after_an_outage_one_process_says_so(behind: Database, other: Database) -> None:
    with behind.transaction() as tx:
        assert not tx.move_office("alive", "2027-03-01T10:00", "2027-03-01T10:00"), "it never ran"
        tx.set_office("alive", "2027-03-01T09:00")
    said = []
    for store in (behind, other):
        with store.transaction() as tx:
            said.append(tx.move_office("alive", "2027-03-01T10:00", "2027-03-01T10:02"))
    assert said == [True, False]


# Who may work on a database


def test_a_process_that_polls_has_its_database_to_itself(url: str, store: Database) -> None:
    del store
    first = claim(url)
    assert first.kept()
    with pytest.raises(DatabaseInUse, match=r"Another process works on .*Stop it first"):
        claim(url, patience=0)
    with pytest.raises(DatabaseInUse, match="Another process polls on "):
        claim(url, shared=True, patience=0)
    first.drop()
    claim(url, patience=5).drop()


@pytest.mark.slow
def test_replicas_share_a_postgresql_database(postgres_database: str) -> None:
    one, two = claim(postgres_database, shared=True), claim(postgres_database, shared=True)
    with pytest.raises(DatabaseInUse):
        claim(postgres_database, patience=0)
    one.drop()
    two.drop()
    claim(postgres_database, patience=5).drop()


def test_replicas_do_not_share_a_file(url: str, store: Database) -> None:
    del store
    if url.startswith("sqlite"):
        first = claim(url, shared=True)
        with pytest.raises(DatabaseInUse):
            claim(url, shared=True, patience=0)
        first.drop()


@pytest.mark.slow
def test_a_lock_that_is_lost_with_its_connection_is_taken_again(postgres_database: str) -> None:
    mine = claim(postgres_database)
    _end_the_locks(postgres_database)
    assert mine.kept()
    with pytest.raises(DatabaseInUse):
        claim(postgres_database, patience=0)
    mine.drop()


@pytest.mark.slow
def test_a_lock_that_another_process_took_meanwhile_is_lost(postgres_database: str) -> None:
    mine = claim(postgres_database)
    _end_the_locks(postgres_database)
    another = claim(postgres_database, patience=5)
    assert not mine.kept()
    another.drop()
    assert mine.kept()
    mine.drop()


def _end_the_locks(url: str) -> None:
    """What a restart of the server, or of a router, does to the connection that holds a lock."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_the_lock_of_a_file_is_only_its_owners_to_read(url: str, store: Database) -> None:
    del store
    if url.startswith("sqlite"):
        first = claim(url)
        assert os.stat(f"{url.removeprefix('sqlite:///')}.lock").st_mode & 0o077 == 0  # noqa: PTH116
        first.drop()
