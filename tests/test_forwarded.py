"""What somebody else wrote is never taken as one's own: it is evidence, or an answer that says whom it is from."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.telegram.fast_parser import plain
from bot.telegram.parser import receive
from tests.api import Chat, Delegation
from tests.test_replies import ACCEPTANCE, ASKED, CREWED, LEAST, said, stands, weigh_costs


@pytest.fixture(autouse=True)
def heavy(delegation: Delegation) -> None:
    weigh_costs(delegation)


def test_forwarded_words_are_evidence_or_an_answer_that_names_who_wrote_them(
    delegation: Delegation, omar: Chat
) -> None:
    stands(omar, ACCEPTANCE)
    before = delegation.recorded()
    asked = omar.forwards("The cabinet accepts it", "Jane Roe")
    assert ASKED in asked
    assert "Forwarded from Jane Roe: The cabinet accepts it" in asked
    assert delegation.recorded() == before
    omar.taps("Evidence of “Who accepts the balance”")
    assert [one.text for one in delegation.negotiation().record("acceptance").evidence] == [
        "Forwarded from Jane Roe: The cabinet accepts it"
    ]
    assert said(delegation, "acceptance") is None
    omar.forwards("The cabinet accepts it", "Jane Roe")
    omar.taps("Who accepts the balance")
    assert said(delegation, "acceptance") == "Forwarded from Jane Roe: The cabinet accepts it"


@pytest.mark.parametrize("words", ["Yes", "skip", "unknown", "TBD", "Undo"])
def test_no_forwarded_word_is_a_tap_or_an_answer(delegation: Delegation, omar: Chat, words: str) -> None:
    """Even one that a button bears."""
    stands(omar, CREWED)
    before = delegation.recorded()
    assert ASKED in omar.forwards(words, "Jane Roe")
    assert delegation.recorded() == before


def test_where_no_question_is_asked_the_item_is(delegation: Delegation, omar: Chat) -> None:
    omar.types("/start")
    before = delegation.recorded()
    omar.forwards("The cabinet accepts it", "Jane Roe")
    assert delegation.recorded() == before
    omar.taps("Authority and decision", "Evidence of “Who accepts the balance”")
    assert delegation.negotiation().record("acceptance").evidence


def test_two_forwarded_messages_wait_together(delegation: Delegation, omar: Chat) -> None:
    """Those of one person as one; those of another are said to be left, and nothing is lost unsaid."""
    stands(omar, ACCEPTANCE)
    omar.forwards("The cabinet accepts it.", "Jane Roe")
    omar.forwards("The minister, too.", "Jane Roe")
    assert "Not recorded: Forwarded from Tom Poe: Not so" in omar.forwards("Not so", "Tom Poe")
    omar.taps("Who accepts the balance")
    assert said(delegation, "acceptance") == "Forwarded from Jane Roe: The cabinet accepts it.\nThe minister, too."


def test_a_forwarded_file_says_whom_it_is_from(delegation: Delegation, omar: Chat) -> None:
    stands(omar, CREWED)
    omar.sends_file("letter.pdf", 300, "Signed", forwarded_from="Jane Roe")
    assert [one.text for one in delegation.negotiation().record("crewed").evidence] == [
        "letter.pdf – Signed; forwarded from Jane Roe"
    ]


def test_a_forwarded_message_is_no_part_of_a_long_one(delegation: Delegation, omar: Chat) -> None:
    stands(omar, LEAST)
    now = delegation.at.timestamp()
    omar.sends(omar.update("The least that we accept. " * 90, sent=now))
    omar.forwards("Not so", "Jane Roe")
    assert "Not so" not in (said(delegation, "minimum", "outcome") or "")


def test_the_caption_of_a_file_that_is_not_kept_is_said(omar: Chat) -> None:
    omar.types("/start")
    told = omar.sends_file("letter.pdf", 300, "Yes, see the letter")
    assert "The file was not kept." in told
    assert "You wrote: Yes, see the letter" in told


def test_a_caption_is_no_answer(delegation: Delegation, omar: Chat) -> None:
    """It stands with its file, at the item where it was sent, and that is said."""
    stands(omar, CREWED)
    assert "Added as evidence: letter.pdf – Yes" in omar.sends_file("letter.pdf", 300, "Yes")
    assert said(delegation, "crewed") is None


def message(**more: Any) -> dict[str, Any]:
    """An update with a text, as Telegram sends it."""
    who = {"id": 500, "is_bot": False, "first_name": "Omar"}
    chat = {"id": 500, "type": "private", "first_name": "Omar"}
    text = {"message_id": 7, "date": 1_790_000_000, "chat": chat, "from": who, "text": "Words"}
    return {"update_id": 1, "message": text | more}


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"forward_from": {"id": 9, "is_bot": False, "first_name": "Jane", "last_name": "Roe"}}, "Jane Roe"),
        ({"forward_sender_name": "Jane Roe"}, "Jane Roe"),
        ({"forward_from_chat": {"id": -9, "type": "channel", "title": "The ministry"}}, "The ministry"),
        ({}, "somebody else"),
        ({"forward_sender_name": "\u200b\u202e"}, "somebody else"),
        ({"forward_sender_name": "Jane\nRoe" * 40}, ("Jane Roe" * 40)[:60]),
    ],
)
def test_an_older_server_shows_it_too(more: dict[str, Any], named: str) -> None:
    """One of Bot API 6 names the sender in fields of the message itself."""
    raw = message(forward_date=1_780_000_000, **more)
    assert plain(raw) is None
    heard = receive(Update.de_json(raw, None), "bot")
    assert heard is not None
    assert getattr(heard, "forwarded_from", "") == named
