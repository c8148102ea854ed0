"""Older and newer servers send what PTB does not read: words are heard all the same, and the rest is named."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialog.contract import FileReply, TextReply, UnsupportedReply
from tests.api import on_telegram
from tests.counting import CountingDesk
from tests.telegram_double import TelegramDouble
from tests.test_telegram import until

pytestmark = pytest.mark.slow

CORE: dict[str, Any] = {
    "message_id": 7000,
    "date": 1_800_000_000,
    "chat": {"id": 1, "type": "private", "first_name": "Maya"},
    "from": {"id": 1, "is_bot": False, "first_name": "Maya"},
}
OLD_POLL = {"id": "5", "question": "When?", "options": [{"text": "Now", "voter_count": 0}], "is_closed": False}
# As a server of another year writes them: something is missing that PTB asks for, or is of another type.
GARBLED = {
    "a poll": {"poll": OLD_POLL},
    "a dice": {"dice": {"emoji": "🎲"}},
    "a sticker": {"sticker": {"file_id": "x"}},
    "a place on the map": {"venue": {"title": "A place"}},
    "a location": {"location": {"horizontal_accuracy": "far"}},
    "a contact": {"contact": {"user_id": 5}},
    "a game": {"game": {"title": 5}},
    "a story": {"story": {"id": "none"}},
    "a Telegram checklist": {"checklist": {"tasks": 5}},
    "an invoice": {"invoice": {"title": "x"}},
    "a paid picture or video": {"paid_media": {"star_count": 3}},
    "a voice message": {"voice": {"file_id": "x"}},
}
NEW = [{"hologram": {"file_id": "x"}}, {"gift": {"sent": True}}, {"chat_shared": {"request_id": "x"}}, {"rich_text": 5}]
ODD = UnsupportedReply("a message of a kind I cannot read")


async def heard(*updates: dict[str, Any]) -> list[object]:
    """What the bot hears of updates that a server sends just so; nobody may read that something went wrong."""
    desk = CountingDesk()
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        for update in updates:
            double.push(update)
        await maya.type("the end")
        async with on_telegram(desk, double):
            await until(lambda: any(one.said == TextReply("the end") for one in desk.heard))
        assert not [text for text in maya.texts if "went wrong" in text]
    return [one.said for one in desk.heard if one.said != TextReply("the end")]


def message(**parts: object) -> dict[str, Any]:
    return {"message": {**CORE, **parts}}


async def test_what_another_server_writes_in_its_own_way_is_named() -> None:
    said = await heard(*(message(**parts) for parts in GARBLED.values()))
    assert said == [UnsupportedReply(what) for what in GARBLED]


async def test_what_nobody_knows_yet_is_no_fault() -> None:
    assert set(await heard(*(message(**parts) for parts in NEW))) <= {ODD}


async def test_words_are_heard_whatever_they_answer_or_quote() -> None:
    beside: list[dict[str, object]] = [
        {"reply_to_message": {**CORE, "poll": OLD_POLL}},
        {"external_reply": {"origin": 5}},
        {"quote": {"position": "first"}},
        {"link_preview_options": 5},
        {"effect": {"kind": "confetti"}},
    ]
    said = await heard(*(message(text=f"The minister {nth}", **parts) for nth, parts in enumerate(beside)))
    assert said == [TextReply(f"The minister {nth}") for nth in range(len(beside))]


async def test_a_file_beside_what_cannot_be_read_is_still_a_file() -> None:
    desk = CountingDesk()
    async with TelegramDouble() as double:
        maya = double.person(1, "Maya")
        await maya.send_file("letter.txt", b"Yes.")
        update = double.world.inbox.waiting()[0] if hasattr(double.world.inbox, "waiting") else None
        if update is not None:
            update["message"]["reply_to_message"] = {**CORE, "poll": OLD_POLL}
        async with on_telegram(desk, double):
            await until(lambda: desk.heard)
    assert isinstance(desk.heard[0].said, FileReply)


async def test_an_edit_by_the_minute_says_nothing() -> None:
    edited = [
        {"edited_message": {**CORE, "edit_date": 1_800_000_060, **GARBLED[kind]}}
        for kind in ("a poll", "a location", "a Telegram checklist", "a place on the map")
    ]
    assert await heard(*edited) == []


async def test_updates_that_nobody_asked_for_are_let_go() -> None:
    kinds = ("poll", "poll_answer", "message_reaction", "chat_boost", "business_message", "tomorrow")
    assert await heard(*({kind: {"id": 5}} for kind in kinds)) == []


async def test_a_tap_on_a_message_that_cannot_be_read_is_a_tap() -> None:
    query = {
        "id": "9",
        "from": CORE["from"],
        "chat_instance": "x",
        "data": "1!home",
        "message": {**CORE, "poll": OLD_POLL},
    }
    desk = CountingDesk()
    async with TelegramDouble() as double:
        double.person(1, "Maya")
        double.push({"callback_query": query})
        async with on_telegram(desk, double):
            await until(lambda: desk.heard)
    assert desk.heard[0].packed == "1!home"
