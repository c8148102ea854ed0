"""What the store promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Barrier, Event
from typing import TYPE_CHECKING

import pytest

from bot.storage import (
    ChatRow,
    Conflict,
    Database,
    EventRow,
    FileRow,
    InviteRow,
    PersonRow,
    ProcessedUpdateRow,
    SentMessageRow,
    StoreBusy,
    StoreError,
    UnitOfWork,
)
from bot.storage.schema import set_aside
from tests.api import Hooks, open_store
from tests.e2e import KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    ByHand = Callable[[], AbstractContextManager[Connection]]

pytest_plugins = ["tests.conftest_store"]

MONDAY = "2026-03-02T09:00:00Z"
TUESDAY = "2026-03-03T09:00:00Z"
MAYA = PersonRow("maya", "Maya", 7_000_000_001, lead=True, joined_at=MONDAY)
OMAR = PersonRow("omar", "Omar", None, lead=False, joined_at=TUESDAY)
CHAT = ChatRow(
    person="maya",
    negotiation=None,
    place="home",
    aside="",
    settle="Recorded.",
    paper=None,
    fresh=True,
    rev=1,
    shown=0,
    message_id=None,
    answering=None,
)
INVITE = InviteRow("h1", None, "lead", None, expires_at=TUESDAY)
IMPATIENT = 0.2  # seconds


class Trouble(Exception):
    """Something goes wrong in the middle of a transaction."""


def event(seq: int, body: bytes = b"{}") -> EventRow:
    """An event of Maya's."""
    return EventRow(seq, MONDAY, "maya", 100 + seq, body)


def negotiation(store: Database, events: int = 0) -> int:
    """A negotiation with Maya and Omar around and some events."""
    with store.transaction() as tx:
        tx.add_person(MAYA)
        tx.add_person(OMAR)
        number = tx.new_negotiation("space-2026")
        tx.append(number, [event(seq) for seq in range(1, events + 1)], events)
        return number


def at_once(*works: Callable[[], object]) -> list[object]:
    """The results of works that run in threads of their own."""
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(work) for work in works]]


def later(tx: UnitOfWork, **changed: str) -> ChatRow:
    """The one chat as it is to stand next."""
    chat = tx.chat(CHAT.person)
    assert chat is not None
    return replace(chat, rev=chat.rev + 1, **changed)


@pytest.fixture
def impatient(url: str, store: Database, faults: Hooks) -> Database:
    """A second store on the same database, as another process would have, that soon gives up waiting."""
    del store
    faults.pace(database_lock=IMPATIENT)
    if url.startswith("postgresql"):
        url += f"&options=-c%20lock_timeout%3D{int(IMPATIENT * 1000)}"
    return open_store(url, KEY)


class TestTransactions:
    """All or nothing, one after another."""

    def test_a_rolled_back_transaction_leaves_nothing(self, store: Database) -> None:
        """What raises inside a transaction takes all of it back."""
        with pytest.raises(Trouble), store.transaction() as tx:  # noqa: PT012
            tx.first_time(1, MONDAY)
            tx.add_person(MAYA)
            tx.append(tx.new_negotiation("n"), [event(1)], 1)
            raise Trouble
        with store.transaction() as tx:
            assert tx.first_time(1, MONDAY)
            assert tx.persons() == []
            assert tx.negotiation_by_uid("n") is None

    def test_what_was_committed_is_there_after_opening_again(self, store: Database, url: str) -> None:
        """A store forgets nothing when it is closed."""
        number = negotiation(store, events=2)
        store.close()
        again = open_store(url, KEY)
        with again.reading() as tx:
            assert tx.head(number) == 2
            assert tx.persons() == [MAYA, OMAR]
        again.close()

    def test_a_write_while_reading_is_refused(self, store: Database) -> None:
        """Reading cannot change anything by mistake."""
        with pytest.raises(StoreError, match="write was refused"), store.reading() as tx:
            tx.set_office("key", "value")

    def test_reading_sees_one_state(self, store: Database) -> None:
        """What others commit meanwhile does not show (SQLite: they wait)."""
        number = negotiation(store, events=1)
        with ThreadPoolExecutor(1) as pool:
            with store.reading() as tx:
                assert tx.head(number) == 1
                writing = pool.submit(self._append_one, store, number)
                Event().wait(0.1)
                assert [row.seq for row in tx.events(number)] == [1]
            writing.result(timeout=10)

    def test_threads_may_share_a_store(self, store: Database) -> None:
        """Each thread gets a connection of its own."""
        number = negotiation(store)
        at_once(*[lambda: self._append_one(store, number)] * 8)
        with store.reading() as tx:
            assert [row.seq for row in tx.events(number)] == list(range(1, 9))

    def test_lock_makes_writers_wait_for_each_other(self, store: Database, other: Database) -> None:
        """Two processes that lock first never meet a conflict."""
        number = negotiation(store)

        def twenty(where: Database) -> None:
            for _ in range(20):
                self._append_one(where, number)

        at_once(lambda: twenty(store), lambda: twenty(other))
        with store.reading() as tx:
            assert tx.head(number) == 40

    def test_a_lock_held_too_long_is_busy(self, store: Database, impatient: Database) -> None:
        """Who waits in vain is told to try again, and then may."""
        number = negotiation(store)
        with store.transaction() as tx:
            tx.lock(number)
            with pytest.raises(StoreBusy), impatient.transaction() as second:
                second.lock(number)
        self._append_one(impatient, number)
        impatient.close()

    @staticmethod
    def _append_one(store: Database, number: int) -> None:
        with store.transaction() as tx:
            head = tx.lock(number)
            assert head is not None
            tx.append(number, [event(head + 1)], head + 1)


class TestHeard:
    """Every update counts once."""

    def test_an_update_is_new_only_once(self, store: Database) -> None:
        """A repeat is known, in the same transaction and in a later one, and later writes still count."""
        with store.transaction() as tx:
            assert tx.first_time(9_000_000_000, MONDAY)
            assert not tx.first_time(9_000_000_000, TUESDAY)
            tx.set_office("still", "writing")
        with store.transaction() as tx:
            assert not tx.first_time(9_000_000_000, TUESDAY)
            assert tx.get_office("still") == "writing"

    def test_a_smaller_number_is_new_too(self, store: Database) -> None:
        """Telegram restarts its numbers at random, so there is no high-water mark."""
        with store.transaction() as tx:
            assert tx.first_time(500, MONDAY)
            assert tx.first_time(3, MONDAY)

    def test_two_receivers_hear_an_update_once(self, store: Database) -> None:
        """The second waits for the first to commit and then knows the update."""
        ready = Barrier(2)

        def hear() -> bool:
            ready.wait(timeout=10)
            with store.transaction() as tx:
                return tx.first_time(77, MONDAY)

        assert sorted(at_once(hear, hear), key=bool) == [False, True]

    def test_what_came_of_an_update_is_found_by_its_message(self, store: Database) -> None:
        """The newest counts, by time and not by number."""
        number = negotiation(store)
        with store.transaction() as tx:
            tx.first_time(900, MONDAY)
            tx.note_heard(900, "maya", 44, number, "item a", 3)
            tx.first_time(5, TUESDAY)
            tx.note_heard(5, "maya", 44, number, "item b", None)
        with store.reading() as tx:
            assert tx.heard_message("maya", 44) == ProcessedUpdateRow(5, TUESDAY, "maya", 44, number, "item b", None)
            assert tx.heard_message("maya", 45) is None
            assert tx.heard_message("omar", 44) is None

    def test_what_a_message_showed_is_found_with_what_it_showed_before(self, store: Database) -> None:
        """An edit moves it on; a note that comes late does not, and talks that are gone leave none."""
        number = negotiation(store)
        with store.transaction() as tx:
            tx.note_sent(
                [SentMessageRow("maya", 44, 100, number, "item a"), SentMessageRow("omar", 45, 100, None, "home")]
            )
            tx.note_sent([SentMessageRow("maya", 44, 107, None, "home")])
            tx.note_sent([SentMessageRow("maya", 44, 103, number, "late"), SentMessageRow("maya", 46, 1, 99, "gone")])
        with store.reading() as tx:
            assert tx.sent_message("maya", 44) == SentMessageRow("maya", 44, 107, None, "home", number, "item a")
            assert tx.sent_message("omar", 45) == SentMessageRow("omar", 45, 100, None, "home")
            assert tx.sent_message("maya", 45) is tx.sent_message("maya", 46) is None
        with store.transaction() as tx:
            assert tx.forget_sent(101) == 1
            assert tx.sent_message("omar", 45) is None

    def test_what_messages_showed_of_talks_goes_with_them(self, store: Database) -> None:
        """Also what one showed before it was edited."""
        number = negotiation(store)
        with store.transaction() as tx:
            tx.note_sent([SentMessageRow("maya", 44, 100, number, "item a")])
            tx.note_sent([SentMessageRow("maya", 44, 107, None, "home"), SentMessageRow("maya", 45, 107, None, "home")])
        with store.operating() as deep:
            deep.purge(number, MONDAY, "a test")
        with store.reading() as tx:
            assert tx.sent_message("maya", 44) is None
            assert tx.sent_message("maya", 45) is not None

    def test_old_updates_can_be_forgotten(self, store: Database) -> None:
        """Only those from before the given moment."""
        with store.transaction() as tx:
            tx.first_time(1, MONDAY)
            tx.first_time(2, TUESDAY)
            assert tx.forget_heard(TUESDAY) == 1
            assert tx.first_time(1, TUESDAY)
            assert not tx.first_time(2, TUESDAY)

    def test_an_update_set_aside_counts_its_tries(self, store: Database, by_hand: ByHand) -> None:
        """It lies aside once, with its latest error."""
        with store.transaction() as tx:
            tx.set_update_aside(1, MONDAY, "{raw}", "KeyError")
            tx.set_update_aside(1, TUESDAY, "{raw}", "ValueError")
            tx.set_update_aside(2, TUESDAY, "{}", "ValueError")
        with by_hand() as connection:
            rows = connection.execute(set_aside.select().order_by(set_aside.c.update_id)).all()
        assert (rows[0].at, rows[0].error, rows[0].tries) == (TUESDAY, "ValueError", 2)
        assert [row.tries for row in rows[1:]] == [1]


class TestPersons:
    """Who is known."""

    def test_a_person_is_found_by_id_and_by_telegram(self, store: Database) -> None:
        """Both give the same row; strangers give None."""
        with store.transaction() as tx:
            assert not tx.any_lead()
            tx.add_person(OMAR)
            assert not tx.any_lead()
            tx.add_person(MAYA)
            assert tx.any_lead()
            assert tx.person("maya") == tx.person_by_telegram(7_000_000_001) == MAYA
            assert tx.person("eve") is None
            assert tx.person_by_telegram(1) is None
            assert tx.persons() == [MAYA, OMAR]

    def test_a_person_can_be_linked(self, store: Database) -> None:
        """A person who is not there is the caller's mistake."""
        with store.transaction() as tx:
            tx.add_person(OMAR)
            tx.link_person("omar", 8)
            assert tx.person_by_telegram(8) == replace(OMAR, telegram_id=8)
            with pytest.raises(LookupError):
                tx.link_person("eve", 9)

    @pytest.mark.parametrize(
        "twice",
        [
            lambda tx: tx.add_person(MAYA),
            lambda tx: tx.link_person("omar", MAYA.telegram_id),
            lambda tx: tx.new_negotiation("space-2026"),
            lambda tx: tx.add_invite(INVITE),
            lambda tx: tx.add_file(FileRow("f", 1, "a", "b", 0, b"")),
        ],
        ids=["person", "telegram account", "negotiation", "invite", "file"],
    )
    def test_what_is_there_already_is_a_conflict(self, store: Database, twice: Callable[[UnitOfWork], object]) -> None:
        """A key that is taken is told as such, not as a database's error."""
        number = negotiation(store)
        with store.transaction() as tx:
            tx.add_invite(INVITE)
            tx.add_file(FileRow("f", number, "a", "b", 0, b""))
        with pytest.raises(Conflict, match="already"), store.transaction() as tx:
            twice(tx)


class TestNegotiations:
    """Events, one after another."""

    def test_events_come_back_in_order_as_they_were(self, store: Database) -> None:
        """Any bytes, from any point on."""
        number = negotiation(store)
        rows = [event(1, b"\x00\xff"), event(2, "中".encode()), EventRow(3, TUESDAY, None, None, b"")]
        with store.transaction() as tx:
            tx.append(number, rows[:2], 2)
            tx.append(number, rows[2:], 3)
            assert list(tx.events(number)) == rows
            assert list(tx.events(number, after_seq=2)) == rows[2:]
            assert tx.head(number) == tx.lock(number) == 3

    def test_an_unknown_negotiation_has_no_head(self, store: Database) -> None:
        """Neither has it events, and nothing can be added."""
        with store.transaction() as tx:
            assert tx.lock(99) is None
            assert tx.head(99) is None
            assert list(tx.events(99)) == []
            with pytest.raises(Conflict):
                tx.append(99, [event(1)], 1)

    @pytest.mark.slow
    def test_who_decided_on_an_old_head_meets_a_conflict(self, store: Database, other: Database) -> None:
        """The second of two writers loses nothing of the first."""
        number = negotiation(store, events=1)
        with other.transaction() as tx:
            tx.append(number, [event(2, b"first")], 2)
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.append(number, [event(2, b"second"), event(3)], 3)
        with store.reading() as tx:
            assert [row.body for row in tx.events(number, 1)] == [b"first"]

    def test_a_writer_who_waited_meets_a_conflict(self, store: Database) -> None:
        """Of two that append the same event at once without a lock, one is refused."""
        number = negotiation(store)
        ready = Barrier(2)

        def write() -> bool:
            ready.wait(timeout=10)
            try:
                with store.transaction() as tx:
                    tx.append(number, [event(1)], 1)
            except Conflict:
                return False
            return True

        assert sorted(at_once(write, write), key=bool) == [False, True]

    def test_events_with_a_gap_are_refused(self, store: Database) -> None:
        """That is a mistake of the program, found before it is written."""
        number = negotiation(store)
        with store.transaction() as tx, pytest.raises(ValueError, match="gap"):
            tx.append(number, [event(1), event(3)], 3)

    def test_a_seat_is_taken_changed_and_left(self, store: Database) -> None:
        """Both sides of the index agree."""
        number = negotiation(store)
        with store.transaction() as tx:
            tx.sit(number, "maya", "member")
            tx.sit(number, "maya", "lead")
            tx.sit(number, "omar", "member")
            assert tx.seats_of("maya") == [(number, "lead")]
            assert tx.seats_at(number) == [("maya", "lead"), ("omar", "member")]
            tx.rise(number, "maya")
            tx.rise(number, "maya")
            assert tx.seats_of("maya") == []

    def test_a_kept_checklist_does_not_change(self, store: Database) -> None:
        """Its digest names its text."""
        with store.transaction() as tx:
            tx.keep_checklist("d", "sections: []")
            tx.keep_checklist("d", "another")
            assert tx.checklist("d") == "sections: []"
            assert tx.checklist("e") is None

    def test_a_file_comes_back_as_it_was(self, store: Database) -> None:
        """Bytes and names alike."""
        file = FileRow("f1", negotiation(store), "信.pdf", "application/pdf", 3, b"\x00\x01\xff")
        with store.transaction() as tx:
            tx.add_file(file)
        with store.reading() as tx:
            assert tx.file("f1") == file
            assert tx.file("f2") is None

    def test_the_office_keeps_the_latest_value(self, store: Database) -> None:
        """Until the key is forgotten."""
        with store.transaction() as tx:
            tx.set_office("setup", "a")
            tx.set_office("setup", "b")
            assert tx.get_office("setup") == "b"
            tx.del_office("setup")
            tx.del_office("setup")
            assert tx.get_office("setup") is None


class TestInvites:
    """An invite admits one."""

    def test_an_invite_is_used_once(self, store: Database) -> None:
        """The second use is refused and the first moment kept."""
        with store.transaction() as tx:
            tx.add_invite(INVITE)
            assert tx.invite("h1") == INVITE
            assert tx.use_invite("h1", MONDAY)
            assert not tx.use_invite("h1", TUESDAY)
            assert tx.invite("h1") == replace(INVITE, used_at=MONDAY)
            assert not tx.use_invite("nothing", MONDAY)
            assert tx.invite("nothing") is None

    def test_of_two_at_once_one_is_admitted(self, store: Database, other: Database) -> None:
        """Two processes, the same link, one seat."""
        with store.transaction() as tx:
            tx.add_invite(INVITE)
        ready = Barrier(2)

        def use(where: Database) -> bool:
            ready.wait(timeout=10)
            with where.transaction() as tx:
                return tx.use_invite("h1", MONDAY)

        assert sorted(at_once(lambda: use(store), lambda: use(other)), key=bool) == [False, True]


class TestChats:
    """Where each chat stands, and what is seen of it."""

    def test_a_chat_moves(self, store: Database) -> None:
        """There is one row a person, the latest."""
        number = negotiation(store)
        moved = replace(CHAT, negotiation=number, place="item asks/budget", paper="pdf", answering="x", rev=2)
        with store.transaction() as tx:
            assert tx.chat("maya") is None
            tx.put_chat(CHAT)
            assert tx.chat("maya") == CHAT
            tx.put_chat(moved)
            tx.put_chat(replace(CHAT, person="omar"))
            assert tx.chat("maya") == moved

    def test_only_what_is_newer_is_marked_as_shown(self, store: Database) -> None:
        """A late presenter does not turn the chat back."""
        negotiation(store)
        with store.transaction() as tx:
            tx.put_chat(replace(CHAT, rev=3))
            assert tx.unshown(10) == ["maya"]
            assert tx.shown("maya", 2, 50)
            assert tx.unshown(10) == ["maya"]
            assert tx.shown("maya", 3, 51)
            assert tx.unshown(10) == []
            assert not tx.shown("maya", 2, 52)
            assert not tx.shown("maya", 3, 50)
            assert tx.shown("maya", 3, 53)  # shown twice: the later message is the live one
            assert tx.chat("maya") == replace(CHAT, rev=3, shown=3, message_id=53)

    def test_a_chat_that_somebody_moves_is_not_written_over_by_who_only_read_it(
        self, store: Database, other: Database
    ) -> None:
        """Both come to stand: the move, and the news of a change that was told to the same person at that moment."""
        negotiation(store)
        with store.transaction() as tx:
            tx.put_chat(CHAT)
        moving: list[Future[None]] = []

        def moves() -> None:
            with other.transaction() as tx:
                tx.lock_chats([CHAT.person])
                tx.put_chat(later(tx, place="elsewhere"))

        def tells() -> None:
            with store.transaction() as tx:
                told = later(tx, aside="news")
                moving[:] = moving or [pool.submit(moves)]
                wait(moving, timeout=0.5)  # on SQLite it waits for us
                tx.put_chat(told)

        with ThreadPoolExecutor(1) as pool:
            try:
                tells()
            except StoreBusy:
                tells()
            moving[0].result(timeout=10)
        with store.reading() as tx:
            chat = tx.chat(CHAT.person)
        assert chat is not None
        assert (chat.place, chat.aside, chat.rev) == ("elsewhere", "news", CHAT.rev + 2)

    def test_unshown_chats_come_in_portions(self, store: Database) -> None:
        """No more than asked for."""
        negotiation(store)
        with store.transaction() as tx:
            tx.put_chat(CHAT)
            tx.put_chat(replace(CHAT, person="omar"))
            assert len(tx.unshown(1)) == 1
            assert sorted(tx.unshown(5)) == ["maya", "omar"]

    def test_a_chat_of_nobody_is_refused(self, store: Database) -> None:
        """Foreign keys hold on both databases."""
        with pytest.raises(Exception, match=r"(?i)foreign key"), store.transaction() as tx:
            tx.put_chat(CHAT)
