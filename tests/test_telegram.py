"""The Telegram face against the Bot API double, with a desk that only counts."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.application.retry import WorkerPool
from bot.dialog.contract import Command, FileReply, TextReply, UnsupportedReply
from bot.runtime.log_redaction import RedactionFilter, redact
from bot.storage import StoreBusy
from bot.telegram import slow_notice, update_queue
from bot.telegram.bot import ProfileTexts, TokenRefused, run
from bot.telegram.client import BotClient, RawUpdate
from bot.telegram.formatting import cut, page
from bot.telegram.http import HttpRequest
from bot.telegram.parser import receive
from bot.telegram.presenter import Presenter
from tests.api import Hooks, Origin, Update
from tests.api import on_telegram as serving
from tests.counting import PNG, CountingDesk, Row
from tests.telegram_double import Broken, Flood, Reset, TelegramDouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.telegram_double import Person

pytestmark = pytest.mark.slow

TOKEN = "123456789:AAF-a_token_nobody_may_ever_see"


async def until(condition: Callable[[], object], seconds: float = 8) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


async def test_a_typed_reply_is_answered_below_and_the_answered_message_is_settled() -> None:
    """A typed reply gets a new message; the old one keeps what was recorded, without buttons."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya = double.person(1, "Maya")
        await maya.type("one <b> & co")
        first = await maya.expect("1: one <b> & co")
        assert first.text.startswith("Demand & supply\n\n")
        assert first.labels == ["More", "Most"]
        await maya.type("two")
        await maya.expect("2: two")
        await until(lambda: maya.messages[0].text == "Settled\n\n1")
        assert maya.messages[0].labels == []
        assert len(maya.messages) == 2


async def test_a_tap_edits_the_live_message_and_is_answered() -> None:
    """A tap changes the message it stands on."""
    async with TelegramDouble() as double, serving(CountingDesk(answer="Done"), double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.expect("1: one")
        press = await maya.tap("Most")
        await maya.expect("2: most")
        await until(lambda: press.answered)
        assert press.notice == "Done"
        assert len(maya.messages) == 1


@dataclass
class _Left:
    """Maya's chat as a killed process left it: she has her answer, and that is not noted. Omar has his, noted."""

    desk: CountingDesk
    maya: Person
    omar: Person


async def _left_behind(double: TelegramDouble) -> _Left:
    desk = CountingDesk()
    maya, omar = double.person(1, "Maya"), double.person(2, "Omar")
    async with serving(desk, double):
        await omar.type("one")
        await maya.type("one")
        await omar.expect("1: one")
        await maya.expect("1: one")
    row = desk.chats["1"]
    row.shown, row.message_id = 0, None
    desk.perhaps = tuple(range(1, 9))
    return _Left(desk, maya, omar)


async def test_a_message_that_was_sent_and_not_noted_becomes_the_live_one() -> None:
    """It is found among what others wrote and were sent, and nothing of that changes."""
    async with TelegramDouble() as double:
        left = await _left_behind(double)
        there, elsewhere = left.maya.messages, left.omar.messages
        async with serving(left.desk, double, unsure=("1",)):
            await until(lambda: left.desk.chats["1"].message_id == there[0].message_id)
            await left.maya.tap("More")
            await left.maya.expect("2: more")
        assert len(left.maya.messages) == 1
        assert left.omar.messages == elsewhere


async def test_a_message_that_was_not_noted_is_looked_for_before_what_is_heard_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was tapped while the bot was away, and that is heard before anything is shown."""
    async with TelegramDouble() as double:
        left = await _left_behind(double)
        monkeypatch.setattr(left.desk, "unshown", list)
        await left.maya.tap("Most")
        async with serving(left.desk, double, unsure=("1",)):
            await left.maya.expect("2: most")
        assert len(left.maya.messages) == 1


async def test_what_somebody_wrote_since_is_answered_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message that was not noted stands above it, where nobody would look for the answer."""
    async with TelegramDouble() as double:
        left = await _left_behind(double)
        monkeypatch.setattr(left.desk, "unshown", list)
        await left.maya.type("two")
        async with serving(left.desk, double, unsure=("1",)):
            await left.maya.expect("2: two")
        assert len(left.maya.messages) == 2


async def test_only_where_a_process_was_killed_a_message_is_looked_for() -> None:
    """Whoever is merely behind is sent a message at once."""
    async with TelegramDouble() as double:
        left = await _left_behind(double)
        async with serving(left.desk, double):
            await until(lambda: len(left.maya.messages) == 2)
        assert double.world.calls["editMessageText"] == 0


async def test_told_to_wait_the_bot_looks_no_further() -> None:
    """It is better to send a message twice than to press on where Telegram wants none of it."""
    async with TelegramDouble() as double:
        left = await _left_behind(double)
        double.faults.fail_next(Flood(1), "editMessageText")
        async with serving(left.desk, double, unsure=("1",)):
            await until(lambda: len(left.maya.messages) == 2)
        assert double.world.calls["editMessageText"] == 1
        assert double.faults.violations == []


async def test_an_update_is_confirmed_only_after_its_transaction() -> None:
    """While the desk works, Telegram still holds the update."""
    gate = threading.Event()

    def wait(_: Update) -> None:
        gate.wait(5)

    desk = CountingDesk(before=wait)
    async with TelegramDouble() as double, serving(desk, double):
        await double.person(1, "Maya").type("one")
        await until(lambda: desk.tries)
        await asyncio.sleep(0.2)
        assert len(double.world.inbox) == 1
        assert double.world.inbox.confirmed == 0
        gate.set()
        await until(lambda: double.world.inbox.confirmed == 1)


async def test_a_database_out_of_reach_is_waited_for() -> None:
    """Nothing is lost or heard twice while the store fails."""
    fails = iter(range(2))

    def busy(_: Update) -> None:
        if next(fails, None) is not None:
            msg = "The database file stayed locked."
            raise StoreBusy(msg)

    desk = CountingDesk(before=busy)
    async with TelegramDouble() as double, serving(desk, double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.type("two")
        await maya.expect("2: two")
    assert [one.said for one in desk.heard] == [TextReply("one"), TextReply("two")]
    assert desk.aside == []


async def test_whoever_writes_while_the_database_does_not_answer_is_told_so(faults: Hooks) -> None:
    """Also those whose update still waits behind another's, each once; a tap is told in its notice."""
    faults.pace(database_slow=0.1, database_slow_again=0.1)
    gate = threading.Event()
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double, words=ProfileTexts(slow="Not yet recorded.")):
        maya, omar, lina = (double.person(number, name) for number, name in enumerate(("Maya", "Omar", "Lina"), 1))
        for one in (maya, lina):
            await one.type("one")
            await one.expect("1: one")
        desk.before = lambda _: gate.wait(10) and None
        await maya.type("two")
        await until(lambda: desk.tries.total() > 2)
        await omar.type("two")
        press = await lina.tap("More")
        await maya.expect("Not yet recorded.")
        await omar.expect("Not yet recorded.")
        await until(lambda: press.notice == "Not yet recorded.")
        await asyncio.sleep(0.4)
        assert double.world.inbox.confirmed == 2
        gate.set()
        await maya.expect("2: two")
        await omar.expect("1: two")
        await lina.expect("2: more")
    for one in (maya, omar):
        assert [screen.text for screen in one.messages].count("Not yet recorded.") == 1


async def test_whoever_is_answered_soon_hears_nothing_of_the_database() -> None:
    async with (
        TelegramDouble() as double,
        serving(CountingDesk(), double, words=ProfileTexts(slow="Not yet recorded.")),
    ):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.expect("1: one")
        await asyncio.sleep(slow_notice.SLOW_SECONDS + 0.3)
        assert len(maya.messages) == 1


async def test_a_poison_update_is_set_aside_and_its_neighbours_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An update that fails by our fault is tried, put away and told; what it says is not logged."""

    def poison(arrived: Update) -> None:
        if arrived.said == TextReply("poison"):
            raise ValueError(arrived.said.text)

    desk = CountingDesk(before=poison)
    async with TelegramDouble() as double, serving(desk, double, words=ProfileTexts(fault="Not saved.")):
        maya, omar = double.person(1, "Maya"), double.person(2, "Omar")
        await maya.type("poison")
        await omar.type("fine")
        await omar.expect("1: fine")
        await maya.expect("Not saved.")
    (number, raw, error) = desk.aside[0]
    assert desk.tries[number] >= update_queue.TRIES
    assert '"poison"' in raw
    assert "ValueError" in error
    assert "poison" not in "".join(r.getMessage() for r in caplog.records if "set aside" in r.getMessage())
    assert any(r.levelno == logging.ERROR and "set aside" in r.getMessage() for r in caplog.records)


async def test_updates_of_one_poll_share_a_transaction(faults: Hooks) -> None:
    """What waits is heard a few at a time, and each chat shows where it then stands."""
    faults.limits(updates_together=4)
    desk = CountingDesk()
    async with TelegramDouble() as double:
        people = [double.person(number, f"P{number}") for number in range(1, 11)]
        for one in people:
            await one.type("hello")
        async with serving(desk, double):
            for one in people:
                await one.expect("1: hello")
    assert desk.together == [4, 4, 2]


async def test_a_poison_update_among_others_costs_only_itself() -> None:
    """What came with it is heard, each once and in order."""

    def poison(arrived: Update) -> None:
        if arrived.said == TextReply("poison"):
            raise ValueError(arrived.said.text)

    desk = CountingDesk(before=poison)
    async with TelegramDouble() as double:
        maya, omar = double.person(1, "Maya"), double.person(2, "Omar")
        for text in ("one", "poison", "two"):
            await omar.type(f"{text} of Omar")
            await maya.type(text)
        async with serving(desk, double, words=ProfileTexts(fault="Not saved.")):
            await omar.expect("3: two of Omar")
            await until(lambda: "Not saved." in [message.text for message in maya.messages])
            await until(lambda: double.world.inbox.confirmed == 6)
    heard = [getattr(one.said, "text", "") for one in desk.heard]
    assert heard == ["one of Omar", "one", "poison of Omar", "two of Omar", "two"]
    assert len(desk.aside) == 1
    assert desk.together == [1] * 5


async def test_a_file_holds_up_nobody(faults: Hooks) -> None:
    """While Telegram does not hand it over, all else is heard: of others, and of who sent it."""
    faults.pace(file_fetch=2)
    desk = CountingDesk()
    async with TelegramDouble() as double:
        maya, omar = double.person(1, "Maya"), double.person(2, "Omar")
        await omar.type("before")
        await maya.send_file("never.txt", b"never")
        await omar.type("after")
        await maya.type("meanwhile")
        double.faults.fail_share(Broken(502), 1.0, "getFile")
        async with serving(desk, double):
            await until(lambda: len(desk.heard) == 4)
    said = [getattr(one.said, "text", "") for one in desk.heard]
    assert said == ["before", "after", "meanwhile", ""]
    assert isinstance(desk.heard[3].said, UnsupportedReply)


async def test_what_many_chats_show_is_noted_together() -> None:
    """While one transaction is written, what comes meanwhile gathers for the next."""
    slow = threading.Event()
    desk = CountingDesk()
    note = desk.shown

    def slowly(notes: Sequence[object]) -> None:
        slow.wait(0.1)
        note(notes)

    desk.shown = slowly  # type: ignore[method-assign]
    async with TelegramDouble() as double:
        people = [double.person(number, f"P{number}") for number in range(1, 31)]
        for one in people:
            await one.type("hello")
        async with serving(desk, double):
            for one in people:
                await one.expect("1: hello")
            await until(lambda: not desk.unshown())
    assert sum(desk.noted) == 30
    assert len(desk.noted) < 10


async def test_a_chat_that_was_shown_meanwhile_is_looked_at_again() -> None:
    """What was found out before its live message was noted would settle the wrong one."""
    desk = CountingDesk(chats={"1": Row(1, rev=1, text="1: one")})
    async with TelegramDouble() as double, BotClient(double.token, double.url) as to_telegram:
        maya = double.person(1, "Maya")
        await maya.type("one")
        with ThreadPoolExecutor(1) as executor:
            presenter = Presenter(desk, WorkerPool(executor), to_telegram, group="", private="")
            presenter.hearing()
            before = desk.showing("1")
            for showing in (None, before):
                presenter.wake("1", showing)
                await until(lambda: presenter.idle("1"))
        assert len(maya.messages) == 1


async def test_an_update_that_does_not_parse_costs_only_itself() -> None:
    """PTB would reject the whole batch."""
    desk = CountingDesk()
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        await maya.type("before")
        double.push({"message": {"message_id": "x", "chat": 7, "text": []}})
        double.push({"message": 5})
        double.push({"something_new": {"a": 1}})
        await maya.type("after")
        async with serving(desk, double):
            await maya.expect("after")
            await until(lambda: double.world.inbox.confirmed == 5)
    assert [one.said for one in desk.heard] == [TextReply("before"), TextReply("after")]
    assert len(desk.aside) == 2


async def test_a_lone_surrogate_and_a_nul_do_no_harm() -> None:
    """Text that no database takes becomes text that all do, both ways."""
    user = {"id": 1, "is_bot": False, "first_name": "Ma\ud800ya"}
    message = {"message_id": 9, "date": 1, "chat": {"id": 1, "type": "private"}, "from": user}
    raw = {"message": {**message, "text": "a\u0000b\udc00"}, "update_id": 7}
    arrived = receive(RawUpdate(7, raw).open(BotClient("1:x", "http://localhost")), "readiness_bot")
    assert arrived == Update(7, 1, "Ma\ufffdya", TextReply("ab\ufffd"), 9, sent=1.0)
    async with TelegramDouble() as double, serving(CountingDesk(title="Title \ud83d"), double):
        maya = double.person(1, "Maya")
        await maya.type("hi")
        await maya.expect("Title \ufffd\n\n1: hi")


async def test_quick_changes_collapse_into_the_latest() -> None:
    """What was overtaken is never shown."""
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        for number in range(50):
            await maya.type(f"word {number}")
        double.faults.latency = 0.05
        desk = CountingDesk()
        async with serving(desk, double):
            await maya.expect("50: word 49")
        assert len(desk.heard) == 50
        assert double.world.calls["sendMessage"] < 10


async def test_a_chat_told_to_wait_is_left_alone_and_others_are_served() -> None:
    """A 429 is honoured to the second, and holds up nobody else."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya, omar = double.person(1, "Maya"), double.person(2, "Omar")
        double.faults.fail_next(Flood(2), "sendMessage")
        start = time.monotonic()
        await maya.type("one")
        await until(lambda: double.world.calls["sendMessage"] == 1)
        await maya.type("two")
        await omar.type("hello")
        await omar.expect("hello")
        assert time.monotonic() - start < 1.5
        await maya.expect("2: two")
        assert time.monotonic() - start >= 2
        assert double.faults.violations == []


async def test_while_most_are_served_the_chats_that_are_told_to_wait_wait_alone() -> None:
    """Trouble with some chats says nothing about the bot."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        people = [double.person(number, f"P{number}") for number in range(1, 9)]
        for one in people:
            await one.type("one")
            await one.expect("1: one")
        double.faults.fail_next(Flood(3), "sendMessage", times=3)
        for one in people[:3]:
            await one.type("two")
        await until(lambda: double.world.calls["sendMessage"] == 8 + 3)
        for one in people[3:]:
            await one.type("two")
            await one.expect("2: two")
        assert [len(one.messages) for one in people[:3]] == [1, 1, 1]
        for one in people[:3]:
            await one.expect("2: two")
        assert double.faults.violations == []


async def test_when_several_chats_are_told_to_wait_the_whole_bot_waits() -> None:
    """Then it is the bot that Telegram means."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        people = [double.person(number, f"P{number}") for number in range(1, 6)]
        double.faults.fail_next(Flood(2), "sendMessage", times=2)
        start = time.monotonic()
        for one in people[:2]:
            await one.type("one")
        await until(lambda: double.world.calls["sendMessage"] == 2)
        await asyncio.sleep(0.1)
        for one in people[2:]:
            await one.type("one")
        await people[4].expect("1: one")
        assert time.monotonic() - start >= 2
        await people[0].expect("1: one")
        assert double.faults.violations == []


@pytest.mark.parametrize("fault", [Broken(502), Reset(), Reset(done=True)])
async def test_a_failing_network_delays_but_loses_nothing(fault: Broken | Reset) -> None:
    """Calls are tried again until they arrive."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        double.faults.fail_next(fault, "sendMessage", times=2)
        double.faults.fail_next(fault, "getUpdates", times=1)
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.expect("1: one")


async def test_a_message_that_is_gone_is_sent_anew() -> None:
    """When the live message cannot be edited, a new one comes."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        screen = await maya.expect("1: one")
        double.world.chats[1].messages.clear()
        await maya.tap("More", screen=screen)
        await maya.expect("2: more")


async def test_who_blocks_the_bot_is_not_pursued() -> None:
    """A refused message counts as shown; their next word wakes the chat."""
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.block()
        await maya.type("two")
        await until(lambda: len(desk.heard) == 2 and not desk.unshown())
        await maya.unblock()
        await maya.type("three")
        await maya.expect("3: three")


async def test_what_could_not_be_shown_is_shown_at_the_next_start() -> None:
    """A crash between recording and showing costs nobody an answer."""
    desk = CountingDesk()
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        await maya.type("one")
        desk.chats["1"] = Row(1, rev=1, text="1: one")
        desk.seen.add(730_000_000)
        async with serving(desk, double):
            await maya.expect("1: one")
            await until(lambda: not desk.unshown())
        assert desk.heard == []
        assert len(maya.messages) == 1


async def test_after_an_outage_open_prompts_are_shown_again(faults: Hooks) -> None:
    """Presses are kept for 150 s only: a longer gap may have swallowed some."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.expect("1: one")
        faults.pace(presses_kept=-1)
        double.push({"something_new": {}})
        await until(lambda: len(maya.messages) == 2)


async def test_a_document_is_brought_before_the_message() -> None:
    """The chat ends with its buttons, not with the file."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya = double.person(1, "Maya")
        await maya.type("paper")
        await maya.expect("1: paper")
        (document,) = maya.documents
        assert (document.name, document.caption, document.data) == ("notes.md", "All of it", b"# Notes")
        assert maya.messages[-1].labels == ["More", "Most"]


async def test_a_picture_is_brought_with_its_words() -> None:
    """As a photo, whose caption says what it shows; the buttons are below it."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya = double.person(1, "Maya")
        await maya.type("card")
        await maya.expect("1: card")
        (picture,) = maya.pictures
        assert (picture.caption, picture.data) == ("Not ready.\nT−28.", PNG)
        assert maya.messages[-1].labels == ["More", "Most"]
        assert maya.documents == []


async def test_a_picture_that_telegram_refuses_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The message below it comes all the same."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        maya = double.person(1, "Maya")
        await maya.type("broken")
        await maya.expect("1: broken")
        assert maya.pictures == []
    assert "Telegram refuses a document" in caplog.text


async def test_a_file_comes_with_its_bytes() -> None:
    """Documents and pictures are fetched before they are heard; what is too large is not."""
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double, largest=2 * 2**20):
        maya = double.person(1, "Maya")
        await maya.send_file("../a/mandate.pdf", b"%PDF" * 1000)
        await maya.send_photo(b"jpeg")
        await maya.send_file("huge.bin", b"x", size=3 * 2**20)
        await until(lambda: len(desk.heard) == 3)
    huge, document, photo = desk.heard  # what is not fetched is heard at once
    assert isinstance(document.said, FileReply)
    file = desk.files[document.update_id]
    assert (document.said.name, document.said.size, file) == ("mandate.pdf", 4000, b"%PDF" * 1000)
    assert isinstance(photo.said, FileReply)
    assert (photo.said.name, desk.files[photo.update_id]) == ("photo.jpg", b"jpeg")
    assert huge.said == UnsupportedReply("a file larger than 2 MB")
    assert huge.update_id not in desk.files


async def test_a_file_that_telegram_does_not_hand_over_is_told() -> None:
    """The person learns that it did not arrive; nobody else waits for it."""
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double):
        maya = double.person(1, "Maya")
        await maya.send_file("lost.pdf", b"x")
        double.world.files.clear()
        await maya.expect("a file that Telegram did not hand over")


async def test_a_file_that_keeps_failing_is_given_up(faults: Hooks) -> None:
    """It is tried again, and then given up."""
    faults.pace(file_fetch=0.5)
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        double.faults.fail_next(Broken(502), "getFile", times=1)
        maya = double.person(1, "Maya")
        await maya.send_file("late.txt", b"late")
        await maya.expect("late.txt")
        double.faults.fail_share(Broken(502), 1.0, "getFile")
        await maya.send_file("never.txt", b"never")
        await maya.expect("a file that Telegram did not hand over")


async def test_commands_edits_and_what_cannot_be_taken() -> None:
    """Each kind of message in our words."""
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double):
        maya = double.person(1, "Maya")
        await maya.type("/start abc_DEF-1")
        await maya.type("/Summary@readiness_bot")
        await maya.type("/5 is no command")
        await maya.edit("/help is no command in an edit")
        user = {"id": 1, "is_bot": False, "first_name": "Maya"}
        base = {"message_id": 9, "date": 1, "chat": {"id": 1, "type": "private"}, "from": user}
        voice = {"file_id": "v", "file_unique_id": "v", "duration": 1}
        double.push({"message": {**base, "voice": voice}})
        double.push({"message": {**base, "location": {"longitude": 1.0, "latitude": 1.0}}})
        double.push({"message": {**base, "message_auto_delete_timer_changed": {"message_auto_delete_time": 9}}})
        double.push({"message": {**base, "from": {**user, "is_bot": True}, "text": "I am a bot"}})
        double.push({"message": {**base, "a_kind_of_the_future": {}}})
        await until(lambda: len(desk.heard) == 8)
        await until(lambda: len(double.world.inbox) == 0)
        assert double.world.settings["commands  "] == [{"command": "summary", "description": "Where we stand"}]
    assert [(one.said, one.edited) for one in desk.heard] == [
        (Command("start", "abc_DEF-1"), False),
        (Command("summary"), False),
        (TextReply("/5 is no command"), False),
        (TextReply("/help is no command in an edit"), True),
        (UnsupportedReply("a voice message"), False),
        (UnsupportedReply("a location"), False),
        (None, False),
        (UnsupportedReply("a message of a kind I cannot read"), False),
    ]
    assert desk.heard[3].message_id == desk.heard[2].message_id
    assert [one.origin for one in desk.heard if one.said is None] == [Origin.BOT]


async def test_in_a_group_the_bot_says_one_fixed_thing_once() -> None:
    """Only a call by name is answered, with a button to the private chat; the desk hears nothing of what was said."""
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double, words=ProfileTexts(group="Not here.")):
        maya, group = double.person(1, "Maya"), double.group(-5, "Delegation")
        await maya.type("/summary@readiness_bot", group=group)
        await group.expect("Not here.")
        (button,) = group.screen.rows[0]
        assert button.url == "https://t.me/readiness_bot"
        await maya.type("/summary", group=group)
        await maya.type("/help@readiness_bot", group=group)
        await until(lambda: len(double.world.inbox) == 0)
        await asyncio.sleep(0.1)
        assert len(group.messages) == 1
    assert [(one.origin, one.name, one.said, one.packed) for one in desk.heard] == [(Origin.GROUP, "", None, "")] * 2


async def test_strangers_get_the_refusal() -> None:
    """Who is not known is told so, and no more."""
    async with TelegramDouble() as double, serving(CountingDesk(), double):
        nobody = double.person(9, "Stranger")
        await nobody.type("let me in")
        screen = await nobody.expect("I do not know you.")
        assert screen.labels == []


async def test_stopping_confirms_what_is_committed_amid_a_batch(faults: Hooks) -> None:
    """What is in hand is finished and confirmed, the rest of its batch stays with Telegram."""
    faults.limits(updates_together=3)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(arrived: Update) -> None:
        if arrived.said == TextReply("2"):
            loop.call_soon_threadsafe(stop.set)
            time.sleep(0.3)

    desk = CountingDesk(before=slow)
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        for number in range(5):
            await maya.type(str(number))
        with ThreadPoolExecutor(1) as executor:
            await asyncio.wait_for(run(desk, executor, double.token, double.url, stop), 10)
        assert len(desk.heard) == 3
        assert double.world.inbox.confirmed == 3
        assert "2" in maya.screen.text


async def test_a_wrong_token_is_one_line() -> None:
    """The operator is told what to do, and the token is not repeated."""
    async with TelegramDouble() as double:
        with ThreadPoolExecutor(1) as executor, pytest.raises(TokenRefused) as caught:
            await run(CountingDesk(), executor, TOKEN, double.url, asyncio.Event())
    assert "BotFather" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


async def test_a_token_revoked_later_ends_the_run() -> None:
    """Polling would else fail in silence for ever."""
    async with TelegramDouble() as double:
        with pytest.raises(TokenRefused):  # noqa: PT012
            async with serving(CountingDesk(), double) as stop:
                double.token = "987:other"
                double.push({"something_new": {}})
                await asyncio.sleep(1)
                assert not stop.is_set()


async def test_a_token_revoked_in_the_middle_of_work_is_told_by_the_end_alone(caplog: pytest.LogCaptureFixture) -> None:
    """One line for the operator, and no tracebacks before it."""
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        with pytest.raises(TokenRefused):  # noqa: PT012
            async with serving(CountingDesk(), double):
                await maya.type("one")
                await maya.expect("1: one")
                double.token = "987:other"
                await maya.type("two")
                await asyncio.sleep(1)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_no_network_at_the_start_is_waited_out() -> None:
    """The bot starts before its network does."""
    async with TelegramDouble() as double:
        double.faults.fail_next(Broken(502), "getMe", times=2)
        async with serving(CountingDesk(), double):
            maya = double.person(1, "Maya")
            await maya.type("one")
            await maya.expect("1: one")


async def test_update_numbers_may_begin_anew() -> None:
    """After a quiet week Telegram numbers at random, perhaps lower."""
    desk = CountingDesk()
    async with TelegramDouble() as double, serving(desk, double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await until(lambda: double.world.inbox.confirmed == 1)
        double.jump_update_ids(5)
        await maya.type("two")
        await until(lambda: double.world.inbox.confirmed == 2)
        await maya.expect("2: two")


async def test_the_token_is_in_no_log_and_in_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG, through faults of every kind."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RedactionFilter(TOKEN))
    logging.getLogger().addHandler(handler)
    caplog.set_level(logging.DEBUG)
    try:
        async with TelegramDouble(token=TOKEN) as double:
            async with serving(CountingDesk(), double):
                maya = double.person(1, "Maya")
                double.faults.fail_next(Reset(), "sendMessage", "getUpdates", times=2)
                await maya.type("a word")
                await maya.send_file("a.txt", b"a")
                await maya.expect("2: ")
            url = f"{double.url}/bot{TOKEN}/getMe"
        request = HttpRequest(1)
        await request.initialize()
        try:
            await request.post(url)
        except Exception:
            logging.getLogger("test").exception("Failed for %s", url)
        try:
            raise ValueError(url.replace(":AAF", "%3AAAF"))  # noqa: TRY301
        except ValueError:
            logging.getLogger("test").exception("In %s", TOKEN.partition(":")[2])
        await request.shutdown()
    finally:
        logging.getLogger().removeHandler(handler)
    assert "[token]" in written.getvalue()
    assert "Traceback" in written.getvalue()
    assert TOKEN.partition(":")[2] not in written.getvalue()


async def test_uncaught_tracebacks_and_formatted_ones_are_redacted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What Python itself writes to the terminal holds no token either, and httpx stays quiet."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handler = logging.StreamHandler(io.StringIO())
    names = ("httpx", "httpcore", "telegram", "aiohttp", "asyncio")
    before = {name: logging.getLogger(name).level for name in names}
    try:
        redact(TOKEN, [handler])
        assert logging.getLogger("httpx").level >= logging.WARNING
        assert not logging.getLogger("telegram.Bot").isEnabledFor(logging.DEBUG)
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    error = ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    sys.excepthook(ValueError, error, None)
    said = capsys.readouterr().err
    assert said.endswith("ValueError\n")
    assert TOKEN.partition(":")[2] not in said
    assert handler.filters


@pytest.mark.parametrize("text", ["&" * 5000, "x" * 4200 + "<", "😀" * 3000, "", " "])
async def test_a_message_is_cut_to_what_telegram_takes(text: str) -> None:
    """4096 UTF-16 units, counted without markup; never inside an escape or a character."""
    async with TelegramDouble() as double, serving(CountingDesk(title="T < U"), double):
        maya = double.person(1, "Maya")
        await maya.type("one")
        await maya.expect("one")
    shown = page("T < U", text)
    assert shown.startswith("<b>T &lt; U</b>")
    assert page("", "") == "…"
    assert len(cut(text, 4096).encode("utf-16-le")) <= 2 * 4096


async def test_fifty_milliseconds_a_call_leave_a_hundred_answers_a_second() -> None:
    """Chats are served side by side, each in order."""
    async with TelegramDouble() as double:
        people = [double.person(number, f"P{number}") for number in range(1, 101)]
        desk = CountingDesk()
        async with serving(desk, double):
            for one in people:
                await one.type("begin")
            await until(lambda: len(desk.chats) == 100 and not desk.unshown())
            double.faults.latency = 0.05
            start = time.monotonic()
            for one in people:
                await one.tap("More")
            await until(lambda: not desk.unshown())
            assert 100 / (time.monotonic() - start) > 100
