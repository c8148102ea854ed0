"""What says nothing is asked back, closes nothing unasked, and gives no reason; words of the screen are no answers."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialog.parsing.values import Read, Unsure, read
from bot.dialog.screens.evidence import ItemEvidence
from bot.dialog.screens.home import Sections
from bot.dialog.screens.item import ItemQuestion, NotApplicableReason
from bot.dialog.screens.opening import Opening
from bot.dialog.screens.sign_off import SignState
from bot.dialog.screens.table import FieldQuestion, TablePage
from bot.dialog.screens.waivers import WaiveGap
from bot.domain.answers import UNKNOWN, Picked, Text
from bot.domain.checklist import Field, Kind, Option
from bot.domain.nonanswers import NON_ANSWERS, SCREEN_WORDS, UNKNOWNS
from tests.talking import NOW, Talk

VAGUE = [
    "TBD", "tbd.", "T.B.D.", "TBC", "n/a", "N/A.", "N.A.", "none", "None!", "Nothing yet", "pending", "Pending…",
    "not yet", "to be confirmed", "To be determined.", "(to follow)", "“tba”", "-", "—", ".", "...", "/",
    "\u200bTBD\ufeff", "*TBD*", "in progress", "Not decided yet", "still to be agreed", "待定",
    "see above", "Ditto.", "same as above", "Test", "asdf", "We don’t have one.", "keine",
]  # fmt: skip
UNKNOWN_WORDS = ["unknown", "Unknown.", "?", "???", "don’t know", "We do not know yet.", "Not known", "未知"]
SCREEN = [
    "cancel", "Back.", "help", "undo", "stop", "Skip", "Leave for later", "leave for later…", "next", "menu",
    "Hi", "thanks!", "never mind", "wait", "Hold on…", "oops", "delete that", "What?", "OK", "🤷",
    "🤷🏽\u200d♀️", "👍", "$"]  # fmt: skip


@pytest.mark.parametrize("words", VAGUE)
def test_words_that_say_nothing_are_asked_back_and_close_nothing(words: str):
    """At an item, and at a field: nothing is recorded, and the blocker stays."""
    talk = Talk().goes("mandate").types(words)
    assert talk.said("mandate") is None
    assert talk.gap("mandate/none")
    assert talk.labels[:2] == ["Unknown", "Keep as text"]
    field = Talk().goes("walk_away").types(words)
    assert field.rows("walk_away") == [{}]
    assert field.labels[:2] == ["Unknown", "Keep as text"]


def test_a_tap_settles_what_they_mean():
    """Unknown is recorded as unknown and leaves its gap; kept by a tap, the words are the answer."""
    unknown = Talk().goes("mandate").types("TBD").taps("Unknown")
    assert unknown.said("mandate") == UNKNOWN
    kept = Talk().goes("mandate").types("TBD").taps("Keep as text")
    assert kept.said("mandate") == Text(text="TBD")
    assert not kept.gap("mandate/none")


@pytest.mark.parametrize("words", UNKNOWN_WORDS)
@pytest.mark.parametrize("item", ["mandate", "crewed", "safety", "rung", "topics", "budget", "last_met"])
def test_every_item_knows_the_words_for_unknown(item: str, words: str):
    talk = Talk(answers={"crewed": "yes"} if item == "safety" else {}).goes(ItemQuestion(item)).types(words)
    assert talk.said(item) == UNKNOWN


def test_every_field_knows_them_too():
    rows = {"goals": {"r1": {"goal": "Sample"}}}
    for field in ("want", "rank", "approved_on"):
        assert (
            Talk(rows=rows).goes(FieldQuestion("goals", "r1", field)).types("Unknown.").said("goals", "r1", field)
            == UNKNOWN
        )


def test_no_button_under_another_question_is_an_answer_to_this_one():
    """Whoever types what stands on a button elsewhere is asked whether that is the answer."""
    rows = {"goals": {"r1": {"goal": "Sample"}}, "walk_away": {"form": {"line": "Here"}}}
    talk = Talk(rows=rows, answers={"last_met": "2026-09-01", "mandate": "A minister", "crewed": "no"})
    places = ("mandate", "minimum", "last_met", "goals", "asks", "walk_away", FieldQuestion("goals", "r1", "rank"))
    labels = {label for place in places for label in talk.goes(place).labels}
    words = {label for label in labels if label[0].isalpha() and not label.startswith("Fill next")} - {"Sample"}
    assert {"Add a row", "Evidence", "Nothing to list", "Owner: nobody", "Still holds"} <= words
    for word in words:
        typed = Talk().goes("minimum").types(word)
        assert typed.said("minimum") in {None, UNKNOWN}, f"{word} was taken for the answer"


def test_where_no_words_are_asked_for_only_unknown_is_offered():
    talk = Talk().goes("budget").types("TBD")
    assert talk.labels == ["Unknown", "Back"]
    assert "“TBD” says nothing yet" in talk.screen
    assert talk.types("1200").said("budget") is not None


@pytest.mark.parametrize("words", ["Pending", "None", "unknown", "TBD"])
def test_an_option_of_that_name_is_that_option(words: str):
    options = (Option(id="it", label=words), Option(id="other", label="Other"))
    asked = Field.model_validate({"id": "f", "label": "F", "ask": "?", "kind": Kind.CHOICE, "options": options})
    assert read(asked, words, NOW.date()) == Read(Picked(options=("it",)))


def test_no_is_said_with_none_where_yes_or_no_is_asked():
    assert Talk().goes("crewed").types("none").said("crewed") == Picked(options=("no",))


def test_what_holds_more_than_such_a_word_is_an_answer():
    for words in ("TBD by the minister on 4 January", "Nothing below two visits", "Back-channel through Oslo", "No"):
        assert Talk().goes("mandate").types(words).said("mandate") == Text(text=words)


def test_not_applicable_asks_for_its_reason():
    assert Talk().goes("mandate").types("not applicable").place == NotApplicableReason("mandate", 0, 0)
    assert "Not applicable…" in Talk().goes("mandate").types("n/a").labels
    assert "Not applicable…" not in Talk().goes("walk_away").types("n/a").labels  # a field of a form


@pytest.mark.parametrize("words", [*VAGUE, *UNKNOWN_WORDS, *SCREEN[:2]])
def test_no_such_words_are_a_reason(words: str):
    """For a waiver, for what does not apply, for a signature's conditions; nor do they name evidence."""
    waiver = Talk().goes(WaiveGap("goals", "must", "", "blocker"))
    asked: list[Any] = [
        NotApplicableReason("mandate"),
        SignState("conditional"),
        SignState("no_go"),
        ItemEvidence("mandate"),
    ]
    for place in (*asked, waiver.place):
        talk = Talk().goes(place)
        before = talk.n.seq
        talk.types(words)
        assert talk.n.seq == before, place
        assert "reason" not in talk.screen.casefold() or "Your reason" not in talk.screen


@pytest.mark.parametrize("words", SCREEN)
def test_a_word_of_the_screen_is_never_recorded_silently(words: str):
    """A visible button of that name is tapped; otherwise it is asked."""
    for where in ("mandate", "walk_away"):
        talk = Talk().goes(where)
        before = talk.n.seq
        talk.types(words)
        assert talk.n.seq == before


def test_the_label_of_a_button_taps_it():
    assert Talk().goes("mandate").types("skip").place == Talk().goes("mandate").taps("Skip").place
    assert Talk().goes("mandate").types("Why").shown.title == "Why: Mandate"
    assert type(Talk().goes("mandate").types("back").place).__name__ == "SectionPage"
    assert Talk().goes("mandate").types("A minister").types("undo").said("mandate") is None
    held = Talk(answers={"mandate": "A minister"}).goes("mandate").types("still holds")
    assert "Confirmed" in held.told


def test_several_choices_typed_are_not_tapped_one_by_one():
    """A tap on a chosen option takes it away; words say what is chosen."""
    talk = Talk(answers={"topics": "data"}).goes("topics").types("Data")
    assert talk.said("topics") == Picked(options=("data",))


def test_a_table_takes_no_such_words_for_a_row():
    talk = Talk().goes(TablePage("goals")).types("none")
    assert talk.place == TablePage("goals", 0, 0)
    assert "Nothing to list" in talk.told
    assert Talk().goes(TablePage("goals")).types("unknown").said("goals") == UNKNOWN


def test_pasted_rows_are_asked_about_once():
    """One question for all of them, before anything is recorded; a dash leaves a cell blank."""
    text = "Goal; Must or want; Rank\nOpen data; TBD; 1\nn/a; must; -\nVisits; ?; tbc"
    talk = Talk().goes(TablePage("goals")).types(text)
    assert talk.labels == ["Unknown", "Keep as text", "Cancel"]
    assert "“TBD”, “n/a”, “tbc” say nothing yet" in talk.screen
    unknown = talk.taps("Unknown").taps("Record 3 rows")
    assert unknown.rows("goals") == [
        {"goal": "Open data", "want": "unknown", "rank": "1"},
        {"goal": "unknown", "want": "Must"},
        {"goal": "Visits", "want": "unknown", "rank": "unknown"},
    ]


def test_pasted_words_may_be_kept_where_words_are_asked_for():
    talk = Talk().goes(TablePage("goals")).types("Goal; Rank\nTBD; tbc\nOpen data; 2").taps("Keep as text")
    assert talk.taps("Record 2 rows").rows("goals") == [{"goal": "TBD"}, {"goal": "Open data", "rank": "2"}]
    assert "not recorded: tbc" in talk.told


def test_opening_asks_back_too():
    talk = Talk().goes(Opening("small")).types("TBD")
    assert talk.labels[0] == "Keep as text"
    assert talk.types("Ruritania").place == Opening("small", ("Ruritania",))
    kept = Talk().goes(Opening("small", ("Ruritania", "the bridge", "2027-03-01"))).types("n/a")
    assert kept.labels[:2] == ["Keep as text", "None"]
    assert kept.types("none").place == Opening("small", ("Ruritania", "the bridge", "2027-03-01", ""))


def test_no_word_is_in_two_lists():
    assert not UNKNOWNS & NON_ANSWERS
    assert not UNKNOWNS & SCREEN_WORDS
    assert not NON_ANSWERS & SCREEN_WORDS
    assert "" not in UNKNOWNS | NON_ANSWERS | SCREEN_WORDS


def test_what_is_asked_back_says_the_words():
    asked = Talk().n.checklist.item["mandate"]
    doubt = read(asked, "TBD", NOW.date())
    assert isinstance(doubt, Unsure)
    assert doubt.ask.startswith("“TBD” says nothing yet.")


def test_going_elsewhere_with_a_doubt_says_what_was_not_recorded():
    assert "Not recorded: TBD" in Talk().goes("mandate").types("TBD").goes(Sections()).told
