"""A text and a tap are read without PTB, and come to the same as with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.client import BotClient, RawUpdate
from bot.telegram.fast_parser import plain
from bot.telegram.parser import receive

LINE = BotClient("1:x", "http://localhost")
IDS = st.integers(1, 2**52)
WORDS = st.text(max_size=40)
USERS = st.fixed_dictionaries(
    {"id": IDS, "is_bot": st.booleans(), "first_name": WORDS},
    optional={"last_name": WORDS, "username": WORDS, "language_code": st.just("en"), "is_premium": st.just(1)},
)
CHATS = st.fixed_dictionaries({"id": IDS, "type": st.sampled_from(("private", "private", "group", "channel"))})
TYPED = WORDS | st.sampled_from(("/start", "/find@readiness_bot  the budget", "/home now", "//", "/help\nme"))
MESSAGES = st.fixed_dictionaries(
    {"message_id": IDS, "date": st.integers(1, 2**31), "chat": CHATS, "from": USERS, "text": TYPED},
    optional={"caption": WORDS, "edit_date": st.integers(1, 2**31), "via_bot": USERS},
)
TAPS = st.fixed_dictionaries(
    {"id": WORDS, "from": USERS, "chat_instance": WORDS, "data": WORDS, "message": MESSAGES},
    optional={"inline_message_id": WORDS},
)
UPDATES = st.one_of(
    st.fixed_dictionaries({"update_id": IDS, "message": MESSAGES}),
    st.fixed_dictionaries({"update_id": IDS, "callback_query": TAPS}),
)
SAID: dict[str, Any] = {
    "update_id": 5,
    "message": {
        "message_id": 7,
        "date": 1_800_000_000,
        "chat": {"id": 3, "type": "private"},
        "from": {"id": 3, "is_bot": False, "first_name": "Maya"},
        "text": "a sample goal",
    },
}


@given(UPDATES)
def test_what_is_read_without_ptb_is_what_ptb_reads(raw: dict[str, Any]) -> None:
    found = plain(raw)
    if found is not None:
        assert found == receive(RawUpdate(raw["update_id"], raw).open(LINE), "readiness_bot")


def test_a_text_and_a_tap_are_read_without_ptb() -> None:
    """The control: else the test above would compare nothing."""
    who = SAID["message"]["from"]
    tap = {"id": "9", "from": who, "chat_instance": "c", "data": "1>h", "message": SAID["message"]}
    assert plain(SAID) is not None
    assert plain({"update_id": 6, "callback_query": tap}) is not None


@pytest.mark.parametrize("more", [{"reply_to_message": {}}, {"photo": []}, {"forward_origin": {}}, {"text": None}])
def test_anything_else_is_left_to_ptb(more: dict[str, Any]) -> None:
    assert plain(SAID | {"message": SAID["message"] | more}) is None
    assert plain({"update_id": 5, "edited_message": SAID["message"]}) is None
    assert plain({}) is None
