"""Rows as people send them: lists, columns without tabs, names that are there already, several messages, edits."""

from __future__ import annotations

import pytest

from bot.dialog.screens.home import Sections
from bot.dialog.screens.opening import Opening
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.table import TablePage
from bot.domain.negotiation import FORM
from tests.factories import real
from tests.talking import Talk

TABLE = TablePage("goals")


def goals(text: str, *taps: str) -> list[dict[str, str]]:
    """The goals after a message, and the taps that confirm it."""
    talk = Talk().goes(TABLE).types(text)
    for label in taps:
        talk.taps(label)
    return talk.rows("goals")


@pytest.mark.parametrize(
    "text",
    [
        "•\tLearn who signs\n•\tAgree on a standard",
        "• Learn who signs\n• Agree on a standard",
        "o Learn who signs\no Agree on a standard",
        "① Learn who signs\n② Agree on a standard",
        "☐ Learn who signs\n☑ Agree on a standard",
        "·       Learn who signs\n·       Agree on a standard",
        "- Learn who signs\n- Agree on a standard",
        "– Learn who signs\n\n– Agree on a standard",
        "* [ ] Learn who signs\n* [x] Agree on a standard",
        "1. Learn who signs\n2. Agree on a standard",
        "1)\tLearn who signs\n2)\tAgree on a standard",
        "(1) Learn who signs\n(2) Agree on a standard",
        "a) Learn who signs\nb) Agree on a standard",
        "i. Learn who signs\nii. Agree on a standard",
        "o\tLearn who signs\no\tAgree on a standard",
        "\uf0b7 Learn who signs\n\uf0b7 Agree on a standard",
        "1.1 Learn who signs\n1.2 Agree on a standard",
        "Our goals:\n- Learn who signs\n- Agree on a standard",
        "✅ Learn who signs\n✅ Agree on a standard",
        "✔\ufe0f Learn who signs\n✔\ufe0f Agree on a standard",
        "→ Learn who signs\n→ Agree on a standard",
        "> Learn who signs\n> Agree on a standard",
        "-> Learn who signs\n-> Agree on a standard",
        "- Learn who signs\n- Agree\n  on a standard",
    ],
)
def test_every_line_of_a_list_is_a_row(text: str):
    """Bullets and numbers are left out, as Word, Outlook and people write them."""
    assert goals(text, "Record 2 rows") == [{"goal": "Learn who signs"}, {"goal": "Agree on a standard"}]


def test_a_long_line_of_a_list_that_was_broken_is_one_row():
    """As mail and Word break it; a short line without a mark is told, as ever."""
    long = "Learn who in their ministry signs for flights with a crew"
    broken = f"- {long}\nSpaceflight Office\n- Agree on a standard"
    assert goals(broken, "Record 2 rows") == [{"goal": f"{long} Spaceflight Office"}, {"goal": "Agree on a standard"}]
    assert "Record 2 rows" not in Talk().goes(TABLE).types("- Learn\nMust have\n- Agree").labels


def test_commas_part_columns_under_a_header_of_nothing_but_names():
    rows = [
        {"goal": "Open data, in full", "want": "Must", "rank": "1"},
        {"goal": "Visits", "want": "Want", "rank": "2"},
    ]
    assert goals('Goal,Must or want,Rank\n"Open data, in full",Must,1\nVisits,Want,2', "Record 2 rows") == rows
    sentences = Talk().goes(TABLE).types("Open data, if they agree, by May\nVisits, if not, or later")
    assert "Record 2 rows" not in sentences.labels


def test_lines_of_a_list_may_hold_cells():
    for text in ("1. Open data; must; 1\n2. Visits; want; 2", "•\tOpen data\tmust\t1\n•\tVisits\twant\t2"):
        assert goals(text, "Record 2 rows") == [
            {"goal": "Open data", "want": "Must", "rank": "1"},
            {"goal": "Visits", "want": "Want", "rank": "2"},
        ]


def test_initials_are_no_numbering():
    talk = Talk().goes(Opening("small", ("Ruritania", "the bridge", "2027-03-01"))).types("M. Weber\nO. Haddad")
    assert isinstance(talk.place, Opening)
    assert talk.place.given[-1] == "M. Weber\nO. Haddad"


@pytest.mark.parametrize("text", ["1. ESA\n2. Canada", "• ESA\n\n• Canada", "- ESA\v- Canada", "a) ESA\r\nb) Canada"])
def test_an_opening_question_for_a_list_takes_one(text: str):
    talk = Talk().goes(Opening("small", ("Ruritania", "the bridge", "2027-03-01"))).types(text)
    assert isinstance(talk.place, Opening)
    assert talk.place.given[-1] == "ESA\nCanada"


@pytest.mark.parametrize(
    "text",
    [
        "Goal  Must or want  Rank\nOpen data  must  1\nVisits  want  2",
        "Open data  must  1\nVisits  want  2",
        "Goal;Must or want;Rank\nOpen data;must;1\nVisits;want;2",
        "Open data ; must ; 1\nVisits ; want ; 2",
        "Goal;Must or want;Rank;Approved on\nOpen data;must;1\nVisits;want;2",
    ],
)
def test_columns_are_told_apart_without_tabs(text: str):
    """Telegram carries no tabs: two blanks or more, or a semicolon, part the cells where header or all lines agree."""
    assert goals(text, "Record 2 rows") == [
        {"goal": "Open data", "want": "Must", "rank": "1"},
        {"goal": "Visits", "want": "Want", "rank": "2"},
    ]


def test_two_blanks_after_a_full_stop_part_no_cells():
    rows = goals("We see the site.  Then we talk.\nmust", "Record 1 row")
    assert rows == [{"goal": "We see the site.  Then we talk.", "want": "Must"}]


def test_a_header_whose_tabs_were_lost_is_told():
    """Nothing is recorded in wrong fields: what was sent is shown, and what to do."""
    talk = Talk().goes(TABLE).types("Goal Must or want Rank\nOpen data must 1\nVisits want 2")
    assert "Put ; between the cells" in talk.screen
    assert talk.labels == ["Cancel"]
    assert "Not recorded: Goal Must or want Rank" in talk.taps("Cancel").told


def test_the_table_says_what_works_on_telegram():
    talk = Talk().goes(TABLE)
    assert "copied from a spreadsheet" in talk.screen
    telegram = talk.place.render(talk.veiled_room).text
    assert "with ; between the cells" in telegram
    assert "copied from a spreadsheet" not in telegram


def test_a_header_of_two_columns_needs_one_name():
    rows = goals("Goal\tColour\nOpen data\tblue\nVisits\tred", "Record 2 rows")
    assert rows == [{"goal": "Open data"}, {"goal": "Visits"}]


def test_rows_in_order_go_by_the_fields_that_are_shown():
    """The ledger asks for an authority only where the military value is high; nobody types what is not asked."""
    line = "Training records; Orbit data; Open data; Omar; Lena; none; Maya; even"
    talk = Talk(checklist="us-china-space", rows={"asks": {"a1": {"ask": "Training records"}}})
    place = TablePage("ledger")
    ledger = real("us-china-space").item["ledger"]
    talk.goes(place)
    order = talk.screen.partition("in one message: ")[2].partition(", a line each")[0].split(", ")
    asked = ("ask", "disclosure", "aim", "proposed_by", "released_by", "military", "reviewed_by", "gains", "answer")
    assert order == [ledger.field[name].label for name in asked]
    talk.types(line.replace("; ", "\n"))
    assert "Reviewed by: Maya" in talk.screen
    assert "Authority" not in talk.screen
    high = line.replace("none", "high").replace("; Maya", "; The minister; Maya")
    talk.taps("Cancel").types(high.replace("; ", "\n"))
    assert "Authority for the risk: The minister" in talk.screen
    assert "Reviewed by: Maya" in talk.screen


PARTIES = {"parties": {"p1": {"party": "Canada"}, "p2": {"party": "Brazil", "position": "oppose"}}}


@pytest.mark.parametrize("name", ["Canada", "CANADA.", "“canada”", "Canada\u200b"])
def test_a_row_whose_name_is_there_asks(name: str):
    talk = Talk(rows=PARTIES).goes(TablePage("parties")).types(f"{name}\tsupport\nChile\tsupport")
    assert talk.labels == ["Update", "Add", "Cancel"]
    assert "In the table already: “Canada”" in talk.screen
    updated = talk.taps("Update").taps("Record 2 rows")
    assert [row["party"] for row in updated.rows("parties")][-2:] == ["Brazil", "Chile"]
    assert updated.rows("parties")[1]["position"] == "Support"


def test_a_row_of_the_same_name_may_be_added():
    talk = Talk(rows=PARTIES).goes(TablePage("parties")).types("Canada\tsupport").taps("Add").taps("Record 1 row")
    assert [row["party"] for row in talk.rows("parties")].count("Canada") == 2


def test_of_rows_of_one_name_the_one_that_was_picked_alike_is_meant():
    rows = {
        "parties": {"p1": {"party": "Chile", "position": "support"}, "p2": {"party": "Chile", "position": "oppose"}}
    }
    talk = Talk(rows=rows).goes(TablePage("parties")).types("Chile\toppose")
    assert talk.labels[:2] == ["Update", "Add"]
    assert Talk(rows=rows).goes(TablePage("parties")).types("Chile\t").labels == ["Record 1 row", "Cancel"]


def test_undo_takes_back_a_whole_paste():
    talk = Talk(rows=PARTIES).goes(TablePage("parties"))
    before = talk.rows("parties")
    talk.types("Canada\tsupport\nChile\tsupport\nPeru\toppose").taps("Update").taps("Record 3 rows")
    assert talk.rows("parties") != before
    assert talk.taps("Undo").rows("parties") == before


def test_undo_of_a_paste_restores_what_was_said_of_the_table():
    talk = Talk().goes(TABLE).types("unknown").goes(TABLE).types("One\nTwo\n".replace("\n", "\tmust\n"))
    assert talk.taps("Record 2 rows").said("goals") is None
    assert str(talk.taps("Undo").said("goals")) == "kind='unknown'"


def test_undo_of_a_paste_is_refused_once_somebody_wrote_since():
    talk = Talk().goes(TABLE).types("One\tmust\nTwo\twant").taps("Record 2 rows")
    undo = talk.undo
    talk.types("Three\tmust").taps("Record 1 row")
    stale = talk.taps_undo(undo)
    assert "changed again since" in stale.told
    assert len(stale.rows("goals")) == 3


def test_a_second_message_is_added_to_the_draft():
    """Nothing that was sent first is lost; [Replace] keeps the last message only."""
    talk = Talk().goes(TABLE).types("Open data\nmust").types("Visits\nwant").types("Standards")
    assert "Added to what you sent before." in talk.told
    assert [row["goal"] for row in talk.taps("Record 3 rows").rows("goals")] == ["Open data", "Visits", "Standards"]
    instead = Talk().goes(TABLE).types("Opne data\nmust").types("Open data\nmust").taps("Replace")
    assert instead.taps("Record 1 row").rows("goals") == [{"goal": "Open data", "want": "Must"}]


def test_a_second_message_about_one_row_changes_it_further():
    talk = Talk(rows={"goals": {"r1": {"goal": "Open data", "rank": "1"}}}).goes(RowPage("goals", "r1"))
    talk.types("Rank: 2\nMust or want: must").types("Rank: 3").taps("Change this row")
    assert talk.rows("goals") == [{"goal": "Open data", "rank": "3", "want": "Must"}]


def test_an_edited_message_corrects_its_rows_while_they_wait():
    talk = Talk().goes(TABLE).types("Opne data\nmust").types("Visits\nwant").edits(0, "Open data\nmust")
    assert [row["goal"] for row in talk.taps("Record 2 rows").rows("goals")] == ["Open data", "Visits"]
    late = talk.edits(0, "Something else\nwant")
    assert "changes nothing" in late.told
    assert len(late.rows("goals")) == 2


def test_an_edit_finds_no_other_draft():
    talk = Talk().goes(TABLE).types("Open data\nmust").taps("Cancel").types("Visits\nwant").edits(0, "Wrong\nmust")
    assert "changes nothing" in talk.told
    assert talk.taps("Record 1 row").rows("goals") == [{"goal": "Visits", "want": "Want"}]


@pytest.mark.parametrize("leave", ["/summary", "/home", "Cancel"])
def test_leaving_rows_unrecorded_says_so(leave: str):
    talk = Talk().goes(TABLE).types("Open data\tmust")
    talk = talk.types(leave) if leave.startswith("/") else talk.taps(leave)
    assert "Not recorded: Open data" in talk.told
    assert talk.rows("goals") == []


def test_leaving_what_is_recorded_says_nothing():
    talk = Talk().goes(TABLE).types("Open data\tmust").taps("Record 1 row").goes(Sections())
    assert "Not recorded" not in talk.told


def test_a_word_that_says_nothing_is_no_further_row():
    talk = Talk().goes(TABLE).types("Open data\tmust").types("tbd")
    assert talk.labels[0] == "Record 1 row"
    assert type(talk.types("cancel").place) is TablePage


PARAGRAPHS = "A second meeting on a fixed day.\n\nAnd a written exchange before it."


@pytest.mark.parametrize("text", [PARAGRAPHS, PARAGRAPHS.replace("\n\n", "\n"), PARAGRAPHS.replace("\n\n", "\v")])
def test_paragraphs_at_a_form_are_one_answer_or_a_field_a_line_and_that_is_asked(text: str):
    """They name no field: the bottom line must not run on into the public line."""
    form = RowPage("minimum", FORM)
    talk = Talk(checklist=real("us-china-space")).goes(form).types(text)
    assert "Is all of this “Least we accept”, or a field a line, as below?" in talk.screen
    assert talk.rows("minimum") == [{}]
    whole = talk.taps("All of it is “Least we accept”").said("minimum", FORM, "outcome")
    assert getattr(whole, "text", "").endswith("And a written exchange before it.")
    assert talk.said("minimum", FORM, "public_line") is None
    lines = Talk(checklist=real("us-china-space")).goes(form).types(text).taps("A field a line")
    assert getattr(lines.said("minimum", FORM, "public_line"), "text", "") == "And a written exchange before it."


def test_lines_that_name_their_fields_are_not_asked_about():
    talk = Talk(checklist=real("us-china-space")).goes(RowPage("minimum", FORM))
    talk.types("Least we accept: A second meeting\nPublic line: A useful exchange").taps("Change this row")
    assert getattr(talk.said("minimum", FORM, "public_line"), "text", "") == "A useful exchange"
