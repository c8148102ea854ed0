"""Search finds words however they are written: accents, apostrophes, dashes, invisible signs and case do not matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.screens.search import Search, excerpt
from bot.domain.folding import searched
from tests.talking import Talk

TEXTS = {
    "r1": "O’Neil speaks for the ministry",
    "r2": "Jürgen Müller, deputy – B",
    "r3": "Łódź and Tromsø agree",
    "r4": "Cafe\u0301 talks, co\u00adoperation",
    "r5": "ΑΘΗΝΑ · ＦＵＬＬ width",
}


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("O'Neil", "r1"), ("oneil", "r1"), ("O‘Neil", "r1"), ("o´neil MINISTRY", "r1"),
        ("Muller", "r2"), ("muller jurgen", "r2"), ("deputy - B", "r2"), ("deputy — b", "r2"), ("Müller", "r2"),
        ("lodz", "r3"), ("tromso", "r3"), ("TROMSØ", "r3"),
        ("café", "r4"), ("cafe", "r4"), ("cooperation", "r4"), ("Caf\u200be", "r4"),
        ("αθήνα", "r5"), ("full", "r5"),
    ],
)  # fmt: skip
def test_words_are_found_however_they_are_written(words: str, row: str):
    talk = Talk(rows={"goals": {row: {"goal": text} for row, text in TEXTS.items()}}).goes(Search(words))
    assert f"1. Goals: {TEXTS[row][:3]}" in talk.screen
    assert "2." not in talk.screen


def test_other_words_are_not_found():
    talk = Talk(rows={"goals": {row: {"goal": text} for row, text in TEXTS.items()}})
    assert "Nothing that you can see" in talk.goes(Search("mueller zzz")).screen


def test_what_is_shown_begins_around_the_word():
    """However many signs before it count for more, or for nothing."""
    text = "ﬃ" * 200 + " the target stands here " + "x" * 200
    assert "target" in excerpt(text, "target")
    assert "target" in excerpt("e\u0301\u200b" * 300 + "target", "tárget")


@given(st.text(max_size=60))
def test_every_text_is_found_by_its_own_words(text: str):
    assert all(word in searched(text) for word in searched(text).split())
    assert searched(searched(text)) == searched(text)
    assert excerpt(text, text) is not None
