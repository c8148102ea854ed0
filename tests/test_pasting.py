"""A message becomes rows of a table, and nothing typed is thrown away."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.parsing.rows import ParsedRow, Paste, looks_like_rows, read_rows
from bot.domain.answers import UNKNOWN, Cell, Day, Number, Picked, Pointer, Text
from bot.domain.checklist import Item

TODAY = date(2026, 11, 4)
ASKS = {"r1": "Open data", "r2": "Site visits"}
GOALS = Item.model_validate(
    {
        "id": "goals",
        "label": "Goals",
        "ask": "Which goals?",
        "kind": "table",
        "why": "Because.",
        "from": ["T1"],
        "fields": [
            {"id": "goal", "label": "Goal", "ask": "Which?", "kind": "text", "required": True},
            {"id": "must", "label": "A must", "ask": "Must it be?", "kind": "yes_no"},
            {"id": "share", "label": "Share (%)", "ask": "How much?", "kind": "number"},
            {"id": "approved_on", "label": "Approved on", "ask": "When?", "kind": "date"},
            {"id": "serves", "label": "Serves ask", "ask": "Which ask?", "kind": "row", "of": "asks"},
        ],
    }
)
FORM = GOALS.model_copy(update={"kind": "form"})
WHOLE: dict[str, Cell] = {
    "goal": Text(text="Calm seas"),
    "must": Picked(options=("yes",)),
    "share": Number(number=Decimal(12)),
    "approved_on": Day(day=date(2027, 3, 12)),
    "serves": Pointer(row="r2"),
}


def rows(text: str, item: Item = GOALS) -> tuple[ParsedRow, ...]:
    """The rows read on the day of the tests."""
    return read_rows(Paste(item, TODAY, {"asks": ASKS}, lambda _: item.fields), text)


@pytest.mark.parametrize(
    "typed",
    [
        "Goal: Calm seas\nA must: yes\nShare: 12%\nApproved on: 12 March\nServes ask: site",
        "- GOAL : Calm seas\n- must: y\n- share: 12\n- approved: 2027-03-12\n- serves: 2",
        "Calm seas\tyes\t12%\t2027-03-12\tSite visits",
        "Calm seas\nyes\n12\n12 March\nSite visits",
        "Goal\tMust\tShare\tApproved on\tServes\nCalm seas\tyes\t12\t12 March\tsite",
        "Approved on*\tServes ask\tGoal:\tA MUST\tshare (in percent)\n12 March\tsite\tCalm seas\tyes\t12\n",
        "Calm seas; yes; 12; 12 March; site",
        "Calm seas\nyes\nServes ask: site\nShare: 12\nApproved on: 12 March",
        "Calm seas\n\nyes\n12\n\nServes: site\nApproved on: 12 March",
        "|Goal|A must|Share|Approved on|Serves ask|\n|---|:--|---|---|---|\n|Calm seas|yes|12|12 March|site|",
    ],
)
def test_a_whole_row_is_read_however_it_was_typed(typed: str) -> None:
    """A whole row is read whether named, pasted from a spreadsheet, or a field a line."""
    assert rows(typed) == (ParsedRow(WHOLE, (), {}),)


def test_a_name_said_again_or_a_blank_line_begins_the_next_row() -> None:
    """A name said again, or a blank line before a name, begins the next row."""
    read = rows("Goal: one\nMust: no\nGoal: two\n\nMust: yes")
    assert [row.cells for row in read] == [
        {"goal": Text(text="one"), "must": Picked(options=("no",))},
        {"goal": Text(text="two")},
        {"must": Picked(options=("yes",))},
    ]


def test_each_row_may_begin_in_order_and_go_on_by_name() -> None:
    """A blank line, or a name for what the order gave already, begins the next row."""
    read = rows("Calm seas\nyes\nShare: 12\n\nRough seas\nno\nShare: 5\nGoal: No seas")
    assert [row.cells for row in read] == [
        {"goal": Text(text="Calm seas"), "must": Picked(options=("yes",)), "share": Number(number=Decimal(12))},
        {"goal": Text(text="Rough seas"), "must": Picked(options=("no",)), "share": Number(number=Decimal(5))},
        {"goal": Text(text="No seas")},
    ]
    assert not any(row.troubles for row in read)


def test_words_above_a_named_row_are_no_field_of_it() -> None:
    """What stands before a name is not taken for the very field that is named, nor for more fields than there are."""
    for above in ("Our goals:", "a\nb\nc\nd\ne\nf"):
        (row,) = rows(f"{above}\nGoal: Calm seas")
        assert row.cells == {"goal": Text(text="Calm seas")}
        assert row.kept == {"": above}


def test_words_go_on_in_the_next_lines() -> None:
    """Words go on in the next lines; a line after a date belongs to nothing and is kept."""
    read = rows("Goal: one\nand more\n\nand still more\nApproved on: 12 March\nperhaps")
    assert read[0].cells["goal"] == Text(text="one\nand more\n\nand still more")
    assert read[0].kept == {"": "perhaps"}
    assert "“perhaps” names no field." in read[0].troubles[0]


def test_a_spreadsheet_cell_may_hold_lines_and_quotes() -> None:
    """A cell that a spreadsheet put in quotes keeps its lines and its own quotes."""
    read = rows('"one\n""two"""\tyes\n5" pipe\tno')
    assert [row.cells["goal"] for row in read] == [Text(text='one\n"two"'), Text(text='5" pipe')]


def test_blank_and_unknown_cells_are_told_apart() -> None:
    """A blank cell stays blank, a question mark says unknown; a blank first cell shifts nothing."""
    assert rows("\tyes\t?\t-")[0] == ParsedRow({"must": Picked(options=("yes",)), "share": UNKNOWN}, (), {})


def test_what_is_not_understood_is_kept_with_the_reason() -> None:
    """What is wrong or can mean two things is kept by its field, with the reason."""
    (row,) = rows("Calm seas\tperhaps\t1,234\t03/04/2027")
    assert row.cells == {"goal": Text(text="Calm seas")}
    assert row.kept == {"must": "perhaps", "share": "1,234", "approved_on": "03/04/2027"}
    assert row.troubles == (
        "A must: “perhaps” is not one of the choices. Type one of: Yes; No.",
        "Share (%): Which number do you mean by “1,234”? 1234 or 1.234.",
        "Approved on: Which day do you mean by “03/04/2027”? 3 April 2027 or 4 March 2027.",
    )


def test_more_cells_than_fields_are_kept() -> None:
    """More cells than fields are kept, and said."""
    (row,) = rows("a\ty\t1\ttoday\tsite\textra\tmore")
    assert row.kept == {"": "extra\nmore"}
    assert "more than the 5 fields" in row.troubles[0]


def test_a_column_that_names_no_field_is_kept() -> None:
    """A column that names no field is kept under its name."""
    (row,) = rows("Goal\tColour\tMust\nCalm seas\tblue\tyes")
    assert row.kept == {"": "Colour: blue"}
    assert "No field is called “Colour”." in row.troubles[0]


def test_rows_past_the_two_hundredth_are_kept_as_text() -> None:
    """Rows past the two hundredth are kept as text in the last, and said."""
    read = rows("\n".join(f"goal {number}\tyes" for number in range(203)))
    assert len(read) == 200
    assert read[-1].kept[""].splitlines() == ["goal 200\tyes", "goal 201\tyes", "goal 202\tyes"]
    assert read[-1].troubles == ("At most 200 rows fit. Paste the last 3 again after these.",)


def test_a_table_of_one_field_takes_a_row_a_line() -> None:
    """A table of one field takes a row a line."""
    names = GOALS.model_copy(update={"fields": GOALS.fields[:1]})
    assert [row.cells["goal"] for row in rows("one\ntwo", names)] == [Text(text="one"), Text(text="two")]


@pytest.mark.parametrize(
    ("typed", "more"),
    [
        ("a\tb", True),
        ("a\nb", True),
        ("Goal: calm", True),
        ("appr: today", True),
        ("Calm seas", False),
        ("at 12:30", False),
        ("https://example.org", False),
        ("  \n\t ", False),
    ],
)
def test_rows_are_told_from_a_single_cell(typed: str, *, more: bool) -> None:
    """Rows are told from a single cell by cells, lines or names."""
    assert looks_like_rows(GOALS, typed) is more


def test_nothing_typed_makes_no_row() -> None:
    """A message with nothing in it makes no row."""
    assert rows(" \n\t\n") == ()
    assert rows('"\t"\t"\t"') == ()


NOISE = st.sampled_from(["", "", "", " ", '"', '""', "Goal: ", "must:", "- ", "5 May ", "a: ", "\u200f", "5"])
MARKS = st.sampled_from(["\t", ": ", ":\t", ";", " | ", "|", "\n", "\n\n", "\n\t", '"\t"', ""])
HEADERS = st.sampled_from(["", "Goal\tmust\tHue\n", "Goal;must\n", "Share\n", "|Goal|\n|--|\n", "must:"])
ODD = st.text(alphabet='goalmust:;|"\t\n -?1./\ud800\x00', max_size=80)


@given(st.sampled_from([GOALS, FORM]), st.text() | ODD)
def test_no_message_breaks_the_pasting(item: Item, text: str) -> None:
    """No message breaks the pasting, and what is kept has a reason."""
    looks_like_rows(item, text)
    for row in rows(text, item):
        assert bool(row.kept) == bool(row.troubles)
        assert row.cells or row.kept


@given(
    st.sampled_from([GOALS, FORM, GOALS.model_copy(update={"fields": GOALS.fields[:1]})]),
    HEADERS,
    st.lists(st.tuples(NOISE, NOISE, MARKS), min_size=1, max_size=30),
)
def test_nothing_typed_is_lost(item: Item, header: str, typed: list[tuple[str, str, str]]) -> None:
    """Every word typed among whatever marks stands in a cell, or is kept."""
    text = header + "".join(f"{before}w{n}x{behind}{mark}" for n, (before, behind, mark) in enumerate(typed))
    read = rows(text, item)
    said = [str(cell) for row in read for cell in row.cells.values()]
    said += [kept for row in read for kept in row.kept.values()]
    for number in range(len(typed)):
        assert f"w{number}x" in " ".join(said)


@pytest.mark.parametrize("typed", ["-\n-", "•\n•\n•", "- \n-\t"])
def test_a_list_of_nothing_makes_no_row(typed: str) -> None:
    """Bullets without words record nothing."""
    assert not any(row.cells for row in rows(typed))
