"""Edited Excel and CSV files come back: what differs is proposed, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given

from bot.domain.access.partner_release import partner_report
from bot.domain.answers import UNKNOWN, Day, NotApplicable, Number, Picked, Pointer, Text
from bot.domain.events import Answered, AnyEvent, RowPut, RowRemoved
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.proposed_changes import ProposedChange, changed_since, in_words
from bot.domain.report.builder import report
from bot.exports.json.event_validation import misfit
from bot.exports.registry import written
from bot.exports.reimport.proposals import ReimportResult, changes
from bot.exports.reimport.reader import MOST_ROWS, Unreadable, returned
from tests.edited import Edits, edited_csv, edited_excel
from tests.factories import happen, happened, story
from tests.rich import rich
from tests.test_fold import fold, lines

pytestmark = pytest.mark.slow

NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
ROWS = {
    "goals": {
        "r1": {"goal": "Sample goal", "want": "must", "rank": "2", "approved_on": "2027-01-10"},
        "r2": {"goal": "Other goal", "want": UNKNOWN, "rank": "1.50"},
    },
    "asks": {
        "k1": {"ask": "Twice", "topic": "budget", "goal": "r1"},
        "k2": {"ask": "Twice", "topic": "budget"},
        "k3": {"ask": "Once", "topic": "budget"},
    },
    "ledger": {"l1": {"ask": "k3", "shown": "A sample"}},
    "walk_away": {"form": {"line": "Here"}},
}


def sample() -> tuple[Negotiation, tuple[Happened, ...]]:
    return story(answers={"rung": "standards", "budget": "1.5", "minimum": "Sample minimum"}, rows=ROWS)


def sent(n: Negotiation, line: tuple[Happened, ...], form: str, edits: Edits) -> bytes:
    body = written(form, report(n, NOW, "Maya", line))
    return edited_excel(body, edits) if form == "excel" else edited_csv(body, edits)


def found(n: Negotiation, line: tuple[Happened, ...], body: bytes) -> tuple[ProposedChange, ...]:
    return changes(returned(body), n, line).changes


both = pytest.mark.parametrize("form", ["excel", "csv"])


@both
def test_a_file_that_nobody_edited_proposes_nothing(form: str) -> None:
    """Also with 500 rows, hostile texts, and 40,000 characters in one answer."""
    n, line = rich()
    assert found(n, line, written(form, report(n, NOW, "Maya", line))) == ()
    assert found(n, line, sent(n, line, form, {})) == ()


@given(lines())
def test_any_negotiation_goes_out_and_comes_back_unchanged(line: tuple[Happened, ...]) -> None:
    n = fold(line)
    for form in ("excel", "csv"):
        assert found(n, line, written(form, report(n, NOW, "Maya", line))) == ()


@both
@pytest.mark.parametrize(
    ("where", "typed", "said"),
    [
        (("items", "rung", "answer"), "Contacts", Picked(options=("contacts",))),
        (("items", "rung", "answer"), "crewed", Picked(options=("crewed",))),
        (("items", "rung", "answer.code"), "contacts", Picked(options=("contacts",))),
        (("items", "budget", "answer"), "-2.75", Number(number="-2.75")),
        (("items", "minimum", "answer"), "Less", Text(text="Less")),
        (("items", "minimum", "answer"), None, None),
        (("items", "minimum", "answer"), "(unknown)", UNKNOWN),
        (("items", "mandate", "answer"), "?", UNKNOWN),
        (("items", "minimum", "answer"), "(not applicable) No sample", NotApplicable(reason="No sample")),
        (("forms", "walk_away/line", "answer"), "There", Text(text="There")),
        (("forms", "walk_away/rehearsed", "answer"), "2027-02-01", Day(day="2027-02-01")),
        (("table-goals", "r1", "goal"), "Better goal", Text(text="Better goal")),
        (("table-goals", "r1", "want"), "want", Picked(options=("want",))),
        (("table-goals", "r1", "rank"), "3", Number(number="3")),
        (("table-goals", "r1", "approved_on"), None, None),
        (("table-goals", "r2", "want"), "Must", Picked(options=("must",))),
        (("table-asks", "k1", "goal"), "Other goal", Pointer(row="r2")),
        (("table-ledger", "l1", "ask.code"), "k2", Pointer(row="k2")),
    ],
)
def test_an_edited_answer_is_proposed(form: str, where: tuple[str, str, str], typed: object, said: object) -> None:
    """The change names item, row and field, what stood there, what is proposed, and where in the file."""
    n, line = sample()
    [change] = found(n, line, sent(n, line, form, {where: typed}))
    assert change.said == said
    assert change.why == ""
    assert change.before == change.now(n)
    assert not misfit(change.event(n), n.checklist)
    assert change.where
    item, _, field = (where[1] if where[0] != "items" else f"{where[1]}/").partition("/")
    assert change.item == (item if where[0] in {"items", "forms"} else where[0].removeprefix("table-"))
    assert change.field in {field, where[2].removesuffix(".code")}


def test_numbers_and_dates_typed_into_excel_are_read_as_such() -> None:
    n, line = sample()
    edits: Edits = {
        ("table-goals", "r1", "rank"): 7,
        ("table-goals", "r2", "approved_on"): datetime(2027, 2, 3),  # noqa: DTZ001 (a day has no zone)
        ("items", "last_met", "answer"): datetime(2026, 12, 1),  # noqa: DTZ001
        ("items", "mandate", "answer"): 12,
    }
    assert [change.said for change in found(n, line, sent(n, line, "excel", edits))] == [
        Day(day="2026-12-01"),
        Text(text="12"),
        Number(number="7"),
        Day(day="2027-02-03"),
    ]


@both
@pytest.mark.parametrize(
    ("where", "typed", "why"),
    [
        (("items", "budget", "answer"), "much", "it is no number; give it as 1234.5."),
        (("items", "budget", "answer"), "1,5", "it is no number; give it as 1234.5."),
        (("items", "rung", "answer"), "Moon", "it is none of: Contacts, Standards, Crewed."),
        (("items", "crewed", "answer"), "(not applicable) x", "this item always applies."),
        (("items", "goals", "answer"), "words", "this is answered in its own table, row by row."),
        (("table-goals", "r1", "approved_on"), "03/04/2027", "it is no date that can be meant in one way only"),
        (("table-goals", "r1", "goal"), "(not applicable) x", "one cell is blank or unknown"),
        (("table-ledger", "l1", "ask"), "Twice", "several rows are called that; put the row’s id into the column"),
        (("table-ledger", "l1", "ask"), "Nowhere", "no row is called that."),
        (("items", "minimum", "answer"), "x" * 20_001, "it is longer than 20,000 characters"),
    ],
)
def test_what_cannot_be_read_says_why_and_where(form: str, where: tuple[str, str, str], typed: str, why: str) -> None:
    n, line = sample()
    [change] = found(n, line, sent(n, line, form, {where: typed}))
    assert change.why.startswith(why)
    assert not change.readable
    assert change.wrote == typed[:2000]


def test_a_formula_is_told_as_one() -> None:
    n, line = sample()
    [change] = found(n, line, sent(n, line, "excel", {("table-goals", "r1", "goal"): '=HYPERLINK("x")'}))
    assert change.why == "a formula or an error stands there; give its value."


@both
def test_an_answer_and_its_code_that_differ_are_not_guessed(form: str) -> None:
    n, line = sample()
    edits: Edits = {("items", "rung", "answer"): "Contacts", ("items", "rung", "answer.code"): "crewed"}
    [change] = found(n, line, sent(n, line, form, edits))
    assert change.why == "the answer and its code were both changed, and differ."


@both
def test_a_row_without_an_id_is_new(form: str) -> None:
    n, line = sample()
    edits: Edits = {("table-goals", "new", "goal"): "Third goal"}
    [change] = found(n, line, sent(n, line, form, edits))
    assert change.cells == {"goal": Text(text="Third goal")}
    event = change.event(n)
    assert isinstance(event, RowPut)
    assert event.row not in n.record("goals").rows


@both
def test_rows_that_are_missing_stay(form: str) -> None:
    """Somebody who sends only a part changes nothing in the rest."""
    n, line = sample()
    body = written(form, report(n, NOW, "Maya", line))
    rows = [one for one in returned(body) if one.cells.get("row") != "r2"]
    assert changes(rows, n, line).changes == ()


@both
def test_what_changed_since_the_export_is_no_change_of_the_file(form: str) -> None:
    """Compared is with the moment of the export: only what the file changes is proposed, with a warning."""
    n, line = sample()
    body = sent(n, line, form, {("items", "rung", "answer"): "Contacts"})
    more: tuple[AnyEvent, ...] = (
        Answered(item="rung", answer=Picked(options=("crewed",))),
        Answered(item="minimum", answer=Text(text="Quite another")),
        RowRemoved(item="goals", row="r2"),
    )
    for event in more:
        line = (*line, happened(n, event))
        n = happen(n, event)
    [change] = found(n, line, body)
    assert changed_since(change, n)
    assert in_words(change, n).endswith("Crewed → Contacts; changed since the file was made, when it was Standards")


@pytest.mark.parametrize("sign", [";", "\t"])
def test_csv_is_read_as_other_countries_write_it(sign: str) -> None:
    n, line = sample()
    body = edited_csv(written("csv", report(n, NOW, "Maya", line)), {("items", "minimum", "answer"): "Less"}, sign)
    assert [change.said for change in found(n, line, body)] == [Text(text="Less")]


@pytest.mark.parametrize("typed", ["10.01.2027", "10/01/2027", "1/10/2027", "10-01-27", "2027-01-10 00:00"])
def test_a_date_that_a_program_wrote_anew_is_no_change(typed: str) -> None:
    n, line = sample()
    assert found(n, line, sent(n, line, "csv", {("table-goals", "r1", "approved_on"): typed})) == ()


def test_a_number_that_a_program_wrote_anew_is_no_change() -> None:
    n, line = sample()
    assert found(n, line, sent(n, line, "csv", {("table-goals", "r2", "rank"): "1.5"})) == ()


# Files that are refused


def refused(body: bytes) -> str:
    n, line = sample()
    with pytest.raises(Unreadable) as error:
        changes(returned(body), n, line)
    return str(error.value)


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name.replace("__", "/").replace("Types", "[Content_Types].xml"), part)
    return out.getvalue()


def test_files_of_another_kind_are_refused_in_words() -> None:
    n, line = sample()
    assert refused(b"x" * 100).startswith("This is neither an Excel workbook")
    assert refused(b"") == refused(b"PK\x03\x04")
    assert refused(packed(a=b"x")).startswith("This file was not made here")
    assert refused(written("excel", partner_report(n, line, NOW, "Maya"))).startswith("This is the partner version")


def test_a_file_of_other_talks_is_refused() -> None:
    n, line = sample()
    body = edited_csv(written("csv", report(n, NOW, "Maya", line)), {("overview", "uid", "says"): "another"})
    assert refused(body) == "This file is of other talks."
    body = edited_csv(written("csv", report(n, NOW, "Maya", line)), {("overview", "seq", "says"): "9999"})
    assert refused(body).startswith("This file does not say when it was made")


def test_what_unpacks_into_too_much_is_not_unpacked() -> None:
    bomb = packed(a=b"\x00" * (30 * 1024 * 1024))
    assert len(bomb) < 100_000
    assert refused(bomb).startswith("This file is too large when unpacked")


@pytest.mark.parametrize("part", ["xl__worksheets__sheet1.xml", "xl__sharedStrings.xml", "xl__workbook.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_expands_is_not_read(part: str, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'.encode(encoding)
    assert refused(packed(Types=b"<x/>", **{part: bomb})).startswith("This workbook holds what no spreadsheet")


def test_a_sheet_that_claims_a_million_rows_costs_nothing() -> None:
    n, line = sample()
    book = openpyxl.load_workbook(io.BytesIO(written("excel", report(n, NOW, "Maya", line))))
    book["Goals"].cell(1_048_576, 16_384).value = "far"
    out = io.BytesIO()
    book.save(out)
    rows = returned(out.getvalue())
    assert len(rows) < MOST_ROWS
    assert changes(rows, n, line).changes == ()


@pytest.mark.parametrize("damage", [lambda body: body[: len(body) // 2], lambda body: body[:2000] + body[2010:]])
@both
def test_a_damaged_file_is_refused_or_read_never_a_crash(form: str, damage: Callable[[bytes], bytes]) -> None:
    n, line = sample()
    try:
        assert isinstance(
            changes(returned(damage(written(form, report(n, NOW, "Maya", line)))), n, line), ReimportResult
        )
    except Unreadable as error:
        assert str(error)  # noqa: PT017 (either is right)


def test_at_most_so_many_changes_are_looked_at() -> None:
    n, line = rich()
    edits: Edits = {("table-deciders", f"d{nth}", "source"): "Seen" for nth in range(1, 501)}
    more = {("table-goals", "g1", "measure"): "Less", ("table-goals", "g2", "measure"): "Less"}
    result = changes(returned(sent(n, line, "csv", {**more, **edits})), n, line)
    assert len(result.changes) == 500
    assert "more than 500 changes" in result.note
