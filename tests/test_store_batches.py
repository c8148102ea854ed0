"""What one transaction writes about many chats is written together, and nobody can tell; on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.storage import Database, EventRow
from tests.api import Hooks
from tests.test_store import CHAT, MONDAY, Trouble, at_once, event, negotiation

if TYPE_CHECKING:
    from bot.storage import UnitOfWork

pytest_plugins = ["tests.conftest_store"]

WRITERS, TURNS = 4, 15


def add(tx: UnitOfWork, number: int, by: str) -> None:
    """Append one event where the negotiation stands."""
    head = tx.lock(number) or 0
    tx.append(number, [EventRow(head + 1, MONDAY, by, None, f"event {head + 1} of {by}".encode())], head + 1)


def write(store: Database, number: int, seed: int) -> int:
    """Append again and again, and now and then have it taken back; how many events stayed."""
    chance, stayed = random.Random(seed), 0  # noqa: S311 (no secret)
    for _ in range(TURNS):
        events, fails = chance.randint(1, 3), chance.random() < 0.3
        try:
            with store.transaction() as tx:
                if chance.random() < 0.5:
                    tx.lock_chats(["maya"])  # from then on writing is put off
                for _ in range(events):
                    add(tx, number, f"writer {seed}")
                if fails:
                    raise Trouble  # noqa: TRY301
        except Trouble:
            continue
        stayed += events
    return stayed


def broken(store: Database) -> list[str]:
    """What verifying finds."""
    with store.operating() as tx:
        return list(tx.broken())


def many_write(store: Database, other: Database) -> tuple[int, int]:
    """A negotiation after several threads of two processes wrote to it at once; how many events there must be."""
    number = negotiation(store)
    with store.transaction() as tx:
        tx.put_chat(CHAT)
    works = [
        lambda where=where, seed=seed: write(where, number, seed)  # type: ignore[misc]
        for seed, where in enumerate((store, other) * (WRITERS // 2))
    ]
    return number, sum(int(stayed) for stayed in at_once(*works))  # type: ignore[call-overload]


def test_whoever_writes_at_once_leaves_one_chain(store: Database, other: Database) -> None:
    """Each event follows the one before, also after one that was taken back or that another process wrote."""
    number, stayed = many_write(store, other)
    with store.reading() as tx:
        assert [row.seq for row in tx.events(number)] == list(range(1, stayed + 1))
    assert broken(store) == []


def test_a_last_event_that_is_not_proven_would_break_the_chain(store: Database, other: Database, faults: Hooks) -> None:
    """The control of the test above: what was written last here is not always the last there is."""
    faults.on("trust_the_last_event")
    many_write(store, other)
    assert broken(store)


def test_the_transaction_itself_sees_what_it_put_off(store: Database) -> None:
    """Whatever it asks, the answer is as if all had been written at once."""
    number = negotiation(store)
    with store.transaction() as tx:
        tx.put_chat(CHAT)
    with store.transaction() as tx:
        tx.lock_chats(["maya"])
        assert tx.first_times([5, 6], MONDAY) == {5, 6}
        add(tx, number, "maya")
        assert tx.head(number) == 1
        add(tx, number, "maya")
        assert [row.seq for row in tx.events(number)] == [1, 2]
        moved = replace(CHAT, negotiation=number, place="there", rev=2)
        tx.put_chat(moved)
        assert tx.chats_at(number) == [moved]
        tx.put_chat(replace(moved, rev=3))
        assert tx.unshown(9) == ["maya"]
        tx.note_heard(5, "maya", 44, number, "there", 1)
        tx.note_heard(6, "maya", 45, number, "elsewhere", 2)
        noted = [tx.heard_message("maya", message) for message in (44, 45)]
        assert [one and one.place for one in noted] == ["there", "elsewhere"]
        assert tx.shown("maya", 3, 50)
        assert tx.chat("maya") == replace(moved, rev=3, shown=3, message_id=50)
        tx.sit(number, "maya", "lead")
        assert tx.seats_of("maya") == [(number, "lead")]
        tx.rise(number, "maya")
        assert tx.seats_of("maya") == []
    assert broken(store) == []


def test_what_was_put_off_is_there_when_the_transaction_has_ended(store: Database) -> None:
    """The last word about a chat counts."""
    number = negotiation(store, events=1)
    with store.transaction() as tx:
        tx.put_chat(CHAT)
        tx.lock_chats(["maya"])
        for rev in (2, 3):
            add(tx, number, "maya")
            tx.put_chat(replace(CHAT, place=f"place {rev}", rev=rev))
        tx.first_times([7], MONDAY)
        tx.note_heard(7, "maya", 44, number, "there", 3)
    with store.reading() as tx:
        chat, heard = tx.chat("maya"), tx.heard_message("maya", 44)
        assert [row.body for row in tx.events(number)] == [event(1).body, b"event 2 of maya", b"event 3 of maya"]
    assert chat == replace(CHAT, place="place 3", rev=3)
    assert heard is not None
    assert (heard.place, heard.seq) == ("there", 3)


def test_what_was_put_off_goes_with_a_transaction_that_fails(store: Database) -> None:
    """All of it or none."""
    number = negotiation(store, events=1)
    with store.transaction() as tx:
        tx.put_chat(CHAT)
    with pytest.raises(Trouble), store.transaction() as tx:  # noqa: PT012
        tx.lock_chats(["maya"])
        add(tx, number, "maya")
        tx.put_chat(replace(CHAT, place="lost", rev=2))
        raise Trouble
    with store.transaction() as tx:
        assert tx.chat("maya") == CHAT
        add(tx, number, "maya")
        assert [row.seq for row in tx.events(number)] == [1, 2]
    assert broken(store) == []


def test_updates_that_came_before_are_known_among_new_ones(store: Database) -> None:
    """Once each, whether they came in this poll or in another."""
    with store.transaction() as tx:
        assert tx.first_times([1, 2, 2], MONDAY) == {1, 2}
        assert tx.first_times([2, 3], MONDAY) == {3}
        assert tx.first_times([], MONDAY) == set()
