"""A file tells what a lead would say: only questions are questions, and nothing is told that is not asked."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
import pytest

from bot.domain.access.partner_release import partner_report
from bot.domain.answers import UNKNOWN
from bot.domain.events import Internal, Pursued
from bot.domain.negotiation import Negotiation
from bot.domain.report.builder import report
from bot.domain.report.model import UNMARKED
from bot.exports.registry import written
from bot.exports.reimport.proposals import changes
from bot.exports.reimport.reader import returned
from tests.api import CHECKLISTS, Chat, Delegation
from tests.factories import happen, negotiation, story
from tests.test_forms import Page, comma_files, excel_cells, pdf_text, solid
from tests.test_need import CROSSED

pytestmark = pytest.mark.slow

NOW = datetime(2027, 1, 15, 10, tzinfo=UTC)
TO_READ = ("pdf", "word", "html", "markdown")
SECRET = "Sample office for hidden risks"


def read(form: str, data: bytes) -> str:
    """All the words of a file, in their order, without blanks."""
    match form:
        case "pdf":
            return solid(pdf_text(data))
        case "word":
            return solid(word_in_order(data))
        case "html":
            return solid("".join(Page(data).text))
        case "excel":
            return solid("".join(map(str, excel_cells(data))))
        case "csv":
            return solid("".join(cell for rows in comma_files(data).values() for row in rows for cell in row))
        case _:
            return solid(data.decode())


def word_in_order(data: bytes) -> str:
    """The words of a Word document as they stand, tables among them."""
    import docx

    return "\n".join(
        one.text or "" for one in docx.Document(io.BytesIO(data)).element.body.iter() if one.tag.endswith("}t")
    )


# Questions


def three() -> Negotiation:
    """Of three unknowns one was made a question and one a task."""
    n = negotiation(answers={"minimum": UNKNOWN, "budget": UNKNOWN}, rows={"parties": {"japan": {"position": UNKNOWN}}})
    return happen(n, Pursued(spot="minimum", course="question"), Pursued(spot="budget", course="task"))


ASKED = {"question": "What is the least we accept?", "task": "What may it cost?", "neither": "Japan: What do they say?"}


@pytest.mark.parametrize("form", TO_READ)
def test_under_the_questions_stands_only_what_was_made_one(form: str) -> None:
    text = read(form, written(form, report(three(), NOW, "Maya", ())))
    _, questions = text.rsplit(solid("Questions for the first session"), 1)
    questions, rest = questions.split("Tasks", 1)
    tasks, neither = rest.split(solid("Unknown, and neither a question nor a task yet"), 1)
    for part, own in ((questions, "question"), (tasks, "task")):
        assert [name for name, ask in ASKED.items() if solid(ask) in part] == [own]
    assert solid(ASKED["neither"]) in neither


@pytest.mark.parametrize("form", TO_READ)
def test_where_nothing_was_made_a_question_none_is_told(form: str) -> None:
    n = happen(three(), Pursued(spot="minimum", course=None))
    text = read(form, written(form, report(n, NOW, "Maya", ())))
    _, questions = text.rsplit(solid("Questions for the first session"), 1)
    assert "None." in questions.split("Tasks", 1)[0]


def test_in_tables_each_is_in_its_own() -> None:
    found = report(three(), NOW, "Maya", ())
    book = openpyxl.load_workbook(io.BytesIO(written("excel", found)))
    sheets = {name: "".join(str(cell.value) for row in book[name].iter_rows(min_row=4) for cell in row)
              for name in ("Questions", "Tasks", "Other unknowns")}  # fmt: skip
    files = {
        name: "".join(cell for row in rows[1:] for cell in row)
        for name, rows in comma_files(written("csv", found)).items()
    }
    for told in (list(sheets.values()), [files[f"{name}.csv"] for name in ("questions", "tasks", "unknowns")]):
        for text, own in zip(told, ASKED, strict=True):
            assert [name for name, ask in ASKED.items() if ask in text] == [own]


# What is not asked


def risky(military: str, **more: str) -> Negotiation:
    """A disclosure for whose risk somebody stands; it is asked who only where its military value is high."""
    cells = {"disclosure": "A sample drawing", "military": military, "authority": SECRET, **more}
    return negotiation(checklist="us-china-space", rows={"ledger": {"r1": cells}})


@pytest.mark.parametrize("form", [*TO_READ, "excel", "csv"])
def test_a_field_that_is_not_asked_is_not_told_whatever_stood_there(form: str) -> None:
    told, untold = (read(form, written(form, report(risky(one), NOW, "Maya", ()))) for one in ("high", "low"))
    assert solid(SECRET) in told
    assert solid(SECRET) not in untold


@pytest.mark.parametrize("form", TO_READ)
def test_nor_is_it_named_as_a_blank(form: str) -> None:
    """The ledger is told row by row; what is asked and blank is named."""
    n = negotiation(
        checklist="us-china-space", rows={"ledger": {"r1": {"disclosure": "A sample drawing", "military": "low"}}}
    )
    text = read(form, written(form, report(n, NOW, "Maya", ())))
    assert solid("Authority for the risk") not in text
    assert solid("Reviewed by") in text
    high = negotiation(
        checklist="us-china-space", rows={"ledger": {"r1": {"disclosure": "A drawing", "military": "high"}}}
    )
    assert solid("Authority for the risk") in read(form, written(form, report(high, NOW, "Maya", ())))


@pytest.mark.parametrize("form", [*TO_READ, "excel", "csv"])
def test_a_question_of_a_form_that_is_not_asked_is_not_told(form: str) -> None:
    rows = {"asked": {"form": {"first": "A sample first", "then": SECRET}}}
    untold = negotiation(checklist=CROSSED, rows=rows)
    told = negotiation(checklist=CROSSED, rows={**rows, "things": {"r1": {"thing": "A sample thing"}}})
    for n, expected in ((untold, False), (told, True)):
        assert (solid(SECRET) in read(form, written(form, report(n, NOW, "Maya", ())))) == expected


@pytest.mark.parametrize("form", ["excel", "csv"])
def test_a_file_without_what_is_not_asked_comes_back_as_no_change(form: str) -> None:
    n, line = story(
        checklist="us-china-space", rows={"ledger": {"r1": {"disclosure": "A", "military": "low", "authority": SECRET}}}
    )
    assert changes(returned(written(form, report(n, NOW, "Maya", line))), n, line).changes == ()


# For partners


@pytest.mark.parametrize("form", [*TO_READ, "excel", "csv"])
def test_a_file_for_partners_says_whether_anything_was_left_out(form: str) -> None:
    n, line = story()
    assert solid(UNMARKED) in read(form, written(form, partner_report(n, line, NOW, "Maya")))
    marked = happen(n, Internal(target="rung", internal=True), by="Maya")
    assert solid(UNMARKED) not in read(form, written(form, partner_report(marked, line, NOW, "Maya")))


def let_out(delegation: Delegation) -> None:
    """A lead lets everything out that the checklist keeps internal."""
    delegation.happens(*(Internal(target=target, internal=False) for target in CHECKLISTS["us-china-space"].internal))


def test_with_nothing_marked_internal_the_partner_version_says_so_and_asks_first(
    delegation: Delegation, maya: Chat
) -> None:
    let_out(delegation)
    maya.types("/take")
    assert f"{UNMARKED}." in maya.taps("For partners")
    before = delegation.recorded()
    assert f"{UNMARKED}. Every answer in these talks is in it." in maya.taps("PDF, to carry")
    assert delegation.recorded() == before
    maya.taps("Back")
    assert "Taken away as Markdown, for partners." in maya.taps("Markdown, to read", "Export it all the same")
    assert delegation.recorded() == before + 1
    maya.taps("What stays internal", "□ Limit expectations", "Keep the whole section internal", "Back", "Back")
    assert "what is internal is left out" in maya.taps("For partners")
    assert "Taken away as a calendar, for partners." in maya.taps("Calendar")


def test_other_faces_ask_as_well(delegation: Delegation) -> None:
    let_out(delegation)
    terminal = delegation.terminal("Omar")
    terminal.types("/take")
    assert UNMARKED in terminal.taps("For partners", "PDF, to carry").text
    assert terminal.screen.labels == ["Export it all the same", "Back"]  # only leads say what stays internal


def test_an_old_button_for_partners_asks_as_well(delegation: Delegation, maya: Chat) -> None:
    let_out(delegation)
    before = delegation.recorded()
    maya.forges("1!bring:pdf@A~partner")
    assert "Export it all the same" in maya.screen.labels
    assert delegation.recorded() == before


# Claims


def test_a_claim_of_the_first_pass_is_told_until_there_is_an_answer(omar: Chat, maya: Chat) -> None:
    omar.goes_to("Limit expectations", "First pass", "In hand")
    assert "first pass: 1 in hand" in maya.types("/summary")
    omar.goes_to("Limit expectations", "◐ ")
    assert "First pass: in hand." in omar.screen.text
    omar.types("No")
    assert "first pass" not in maya.types("/summary")
    assert "First pass" not in omar.goes_to("Limit expectations", "Crewed flight")
