"""Files that come back as people's programs make them: other separators, lost ids, typed dates, wrong kinds."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest

from bot.dialog.parsing.values import reader_of_files
from bot.dialog.screens.review_import import ReviewImport
from bot.domain.answers import UNKNOWN, Day, Number, Picked, Pointer, Text
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.proposed_changes import CHANGES, ProposedChange, in_words
from bot.domain.report.builder import report
from bot.exports.registry import blank, written
from bot.exports.reimport.proposals import ReimportResult, changes
from bot.exports.reimport.reader import Unreadable, returned
from tests.edited import Edits, edited_csv, edited_excel
from tests.factories import SMALL, real, story
from tests.talking import Talk

NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
FACTS = {
    "answers": {"rung": "standards", "budget": "50", "minimum": "Sample minimum", "mandate": "A minister"},
    "rows": {
        "goals": {"r1": {"goal": "Sample, goal", "want": "must", "rank": "2"}},
        "asks": {"k1": {"ask": "Budget", "topic": "budget", "goal": "r1"}},
    },
}


def sample() -> tuple[Negotiation, tuple[Happened, ...]]:
    return story(**FACTS)  # type: ignore[arg-type]


def exported(form: str) -> bytes:
    n, line = sample()
    return written(form, report(n, NOW, "Maya", line))


def found(body: bytes, name: str = "") -> ReimportResult:
    n, line = sample()
    return changes(returned(body, name), n, line, reader_of_files(NOW.date(), n.talks_on))


def edited(form: str, edits: Edits) -> tuple[ProposedChange, ...]:
    return found((edited_excel if form == "excel" else edited_csv)(exported(form), edits)).changes


def refused(body: bytes, name: str = "") -> str:
    with pytest.raises(Unreadable) as error:
        found(body, name)
    return str(error.value)


both = pytest.mark.parametrize("form", ["excel", "csv"])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_every_table_is_read_whatever_stands_between_its_cells(sign: str):
    """The header of a table with codes holds a comma: a separator is the one by which most ids are found."""
    edits: Edits = {
        ("table-goals", "r1", "goal"): "Better goal",
        ("table-asks", "k1", "ask"): "Better ask",
        ("items", "minimum", "answer"): "Less",
        ("forms", "walk_away/line", "answer"): "Here",
    }
    said = [change.said for change in found(edited_csv(exported("csv"), edits, sign)).changes]
    assert said == [Text(text="Less"), Text(text="Here"), Text(text="Better goal"), Text(text="Better ask")]


def test_lines_that_became_one_cell_each_are_read():
    """A program of another country took a whole line for one cell, and put it in quotes."""
    with zipfile.ZipFile(io.BytesIO(edited_csv(exported("csv"), {("table-goals", "r1", "goal"): "Better"}))) as old:
        text = old.read("folder/table-goals.csv").decode("utf-8-sig")
        parts = {name: old.read(name) for name in old.namelist()}
    quoted = "\r\n".join('"' + line.replace('"', '""') + '"' for line in text.splitlines())
    parts["folder/table-goals.csv"] = ("\ufeff" + quoted).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    assert [change.said for change in found(out.getvalue()).changes] == [Text(text="Better")]


def without_ids(title: str, *, rows: bool) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(exported("excel")))
    sheet = book[title]
    sheet["B4"].value = "Better goal"
    sheet.delete_rows(2) if rows else sheet.delete_cols(1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("rows", [True, False])
def test_a_table_that_lost_its_ids_is_named(*, rows: bool):
    told = found(without_ids("Goals", rows=rows))
    assert told.changes == ()
    assert told.note.startswith("“Goals” was not read: the ids of its rows or columns are gone")


def test_a_sheet_of_somebodys_own_is_none_of_ours():
    book = openpyxl.load_workbook(io.BytesIO(exported("excel")))
    book.create_sheet("My notes")["A1"] = "Call them"
    out = io.BytesIO()
    book.save(out)
    assert found(out.getvalue()) == ReimportResult(())


@both
@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("12 March 2027", "2027-03-12"),
        ("12. March 2027", "2027-03-12"),
        ("March 12, 2027.", "2027-03-12"),
        ("12.03.2027", "2027-03-12"),
        ("25/03/2027", "2027-03-25"),
        ("\ufeff2027-03-12", "2027-03-12"),
        ("T-20", "2027-02-09"),
    ],
)
def test_a_typed_date_is_read_as_in_the_chat(form: str, typed: str, day: str):
    [change] = edited(form, {("table-goals", "r1", "approved_on"): typed})
    assert change.said == Day(day=day)


@both
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("03/04/2027", "3 April 2027 or 4 March 2027"),
        ("27-03-12", "12 March 2027 or 27 March 2012"),
        ("Q2 2027", "30 June 2027"),
        ("today", "it depends on the day on which it was typed"),
        ("Friday", "it depends on the day on which it was typed"),
        ("in 3 weeks", "it depends on the day on which it was typed"),
        ("soon", ""),
    ],
)
def test_what_would_have_to_be_asked_is_refused(form: str, typed: str, why: str):
    [change] = edited(form, {("table-goals", "r1", "approved_on"): typed})
    assert not change.readable
    assert change.why.startswith("it is no date that can be meant in one way only; give it as 2027-03-12")
    assert why in change.why


@both
@pytest.mark.parametrize("words", ["TBD", "n/a.", "Pending", "to be confirmed", "…"])
def test_words_that_say_nothing_are_told_in_the_proposal(form: str, words: str):
    """They come as unknown, and are not taken with all the rest unseen."""
    [change] = edited(form, {("items", "mandate", "answer"): words})
    assert change.said == UNKNOWN
    assert "says nothing yet, so it would be recorded as unknown" in change.note
    n, _ = sample()
    assert change.note in in_words(change, n)
    talk = Talk(**FACTS).goes(ReviewImport(CHANGES.dump_json((change,)).decode()))
    assert change.note in talk.screen
    assert talk.taps("Take all the rest").said("mandate") == Text(text="A minister")
    assert talk.taps("Take").said("mandate") == UNKNOWN


def test_what_was_kept_as_text_comes_back_unchanged():
    n, line = story(answers={"mandate": Text(text="TBD")})
    assert changes(returned(written("excel", report(n, NOW, "Maya", line))), n, line).changes == ()


@both
def test_a_dash_leaves_a_cell_blank(form: str):
    assert edited(form, {("table-goals", "r1", "approved_on"): "-"}) == ()
    [change] = edited(form, {("items", "minimum", "answer"): "–"})
    assert (change.said, change.why) == (None, "")


@both
@pytest.mark.parametrize(
    ("where", "typed", "said"),
    [
        (("items", "crewed", "answer"), "Yes.", Picked(options=("yes",))),
        (("items", "crewed", "answer"), "👍", Picked(options=("yes",))),
        (("items", "crewed", "answer"), "none", Picked(options=("no",))),
        (("items", "rung", "answer"), "“Contacts”.", Picked(options=("contacts",))),
        (("items", "topics", "answer"), "data and visits", Picked(options=("data", "visits"))),
        (("items", "topics", "answer"), "Data / Parts", Picked(options=("data", "parts"))),
        (("table-goals", "r1", "want"), "Want.", Picked(options=("want",))),
        (("items", "crewed", "answer"), "Unknown.", UNKNOWN),
        (("items", "budget", "answer"), "60%", Number(number=60)),
    ],
)
def test_plain_answers_with_marks_are_read_as_in_the_chat(
    form: str, where: tuple[str, str, str], typed: str, said: object
):
    [change] = edited(form, {where: typed})
    assert (change.said, change.why) == (said, "")


def workbook_cell(sheet: str, key: str, column: str, typed: object, number_format: str = "General") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(edited_excel(exported("excel"), {(sheet, key, column): typed})))
    for there in book:
        for row in there.iter_rows():
            for cell in row:
                if cell.value == typed and type(cell.value) is type(typed):
                    cell.number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.slow
def test_a_per_cent_cell_is_the_number_before_the_sign():
    [change] = found(workbook_cell("items", "budget", "answer", 0.6, "0%")).changes
    assert change.said == Number(number=60)
    [text] = found(workbook_cell("items", "minimum", "answer", 0.075, "0.0%")).changes
    assert text.said == Text(text="7.5%")


def test_a_number_that_was_only_formatted_as_per_cent_is_no_change():
    body = exported("excel")
    book = openpyxl.load_workbook(io.BytesIO(body))
    for there in book:
        for row in there.iter_rows():
            for cell in row:
                if cell.value == 50:
                    cell.number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    assert found(out.getvalue()).changes == ()


@pytest.mark.slow
def test_what_excel_makes_of_typed_words_is_those_words():
    """TRUE in a cell of text is that word, and a date has no time of day."""
    for typed, said in ((True, "TRUE"), (datetime(2027, 3, 12), "2027-03-12")):  # noqa: DTZ001 (a day has no zone)
        [change] = edited("excel", {("items", "minimum", "answer"): typed})
        assert change.said == Text(text=said)
    [yes] = edited("excel", {("items", "crewed", "answer"): True})
    assert yes.said == Picked(options=("yes",))


@both
def test_a_new_row_may_be_pointed_at_in_the_same_file(form: str):
    """The new row comes first, and what points at it waits until it is taken."""
    edits: Edits = {
        ("table-asks", "k1", "goal"): "New goal",
        ("table-goals", "new", "goal"): "New goal",
        ("table-asks", "new2", "ask"): "Second ask",
        ("table-asks", "new2", "goal"): "New goal",
    }
    proposed = edited(form, edits)
    assert proposed[0].item == "goals"
    assert not any(change.why for change in proposed)
    draft = ReviewImport(CHANGES.dump_json(proposed).decode())
    whole = Talk(**FACTS).goes(draft).taps("Take all the rest")
    new = next(row.id for row in whole.n.record("goals").rows.values() if row.said("goal") == Text(text="New goal"))
    assert whole.said("asks", "k1", "goal") == Pointer(row=new)
    assert [row["goal"] for row in whole.rows("asks")] == ["New goal", "New goal"]
    one = Talk(**FACTS).goes(draft).taps("Take")
    assert "New goal (new in this file)" in one.screen
    made = next(row.id for row in one.n.record("goals").rows.values() if row.said("goal") == Text(text="New goal"))
    assert one.taps("Take").said("asks", "k1", "goal") == Pointer(row=made)
    left = Talk(**FACTS).goes(draft).taps("Leave")
    assert "It points at “New goal”, a new row of this file that is not taken yet." in left.screen


@pytest.mark.parametrize(
    "name", ["table-goals.csv", "table-goals (1).csv", "Copy of table-goals.csv", "Table-Goals.CSV"]
)
def test_one_csv_file_is_taken_by_its_name(name: str):
    """It does not say when it was made, which is told."""
    with zipfile.ZipFile(io.BytesIO(edited_csv(exported("csv"), {("table-goals", "r1", "goal"): "Better"}))) as file:
        body = file.read("folder/table-goals.csv")
    told = found(body, name)
    assert [change.said for change in told.changes] == [Text(text="Better")]
    assert "does not say when it was made" in told.note
    assert "does not have the name of one of our tables" in refused(body, "liste.csv")


def test_a_wrong_file_is_told_what_it_is_and_what_to_send():
    n, line = sample()
    whole = report(n, NOW, "Maya", line)
    send = "Send the Excel workbook or the CSV files that were exported here"
    cases = [
        (written("word", whole), "This is a Word document."),
        (blank("word", SMALL), "This is a Word document."),
        (b"%PDF-1.7\n", "This is a PDF."),
        (b'\xef\xbb\xbf{"format": 1}', "This looks like a complete file (JSON)."),
        (b"<!doctype html>", "This is a web page."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "This is an old Office file (.xls or .doc)."),
        (b"\x00" * 100, "This is neither an Excel workbook (.xlsx) nor a zip of CSV files made here."),
    ]
    for body, what in cases:
        assert refused(body).startswith(what)
    assert all(send in refused(body) for body, what in cases if "old Office" not in what)
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert refused(protected).startswith("This workbook is protected by a password.")


def test_an_opendocument_spreadsheet_is_told_how_to_be_saved():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", "<x/>")
    assert refused(out.getvalue()).startswith(
        "This is an OpenDocument spreadsheet (.ods). Save it as an Excel workbook"
    )


def test_the_real_checklists_have_tables_whose_names_are_known():
    for name in ("us-china-space", "bilateral", "humanitarian"):
        n, line = story(checklist=real(name))
        body = written("csv", report(n, NOW, "Maya", line))
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            csvs = [one for one in file.namelist() if one.endswith(".csv")]
            assert all(returned(file.read(one), one).alone for one in csvs)
