"""Every form in which the checklist leaves: read back by other readers, whole, inert, and the same each time."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import docx
import icalendar
import openpyxl
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.authoring import read_library
from bot.domain.access.partner_release import partner_report
from bot.domain.answers import Text
from bot.domain.events import Handling, Rescheduled, RowPut, Signed
from bot.domain.export_formats import BLANK, EXPORT_FORMATS
from bot.domain.report.builder import ItemStatus, Report, report
from bot.domain.sign_off import state_hash
from bot.exports.pdf.blank import plain as to_print
from bot.exports.pdf.blank import question
from bot.exports.pdf.text import lettered
from bot.exports.pdf.typst import drawable
from bot.exports.printable import leftward, visible
from bot.exports.registry import blank, written
from bot.exports.spreadsheet.inert import inert, plain
from bot.exports.spreadsheet.xlsx import LIMIT, exact
from tests.factories import happen, happened, negotiation, story
from tests.rich import HOSTILE, LONG, rich, said

pytestmark = pytest.mark.slow

NOT_ASKED = ItemStatus.NOT_ASKED
NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
OF_REPORTS = [name for name in EXPORT_FORMATS if name != "json"]
TYPED = st.text(
    alphabet=st.characters(exclude_categories=()) | st.sampled_from("=+-@\t\r\n'\"<>&;,|\x00\u202e\u2067\ufffe"),
    max_size=60,
)


@cache
def sample() -> Report:
    n, line = rich()
    return report(n, NOW, "Maya", line)


@cache
def body(form: str) -> bytes:
    return written(form, sample())


def one_cell(text: str) -> Report:
    """A report in which somebody typed one text."""
    n = negotiation(rows={"goals": {"r1": {"goal": Text(text=text), "want": "must"}}})
    return report(n, NOW, "Maya")


# What other readers find


def excel_cells(data: bytes) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def comma_files(data: bytes) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = [name for name in file.namelist() if name.endswith(".csv")]
        texts = {name: file.read(name).decode("utf-8-sig") for name in names}
    return {name: list(csv.reader(io.StringIO(text, newline=""))) for name, text in texts.items()}


def word_text(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    rows = (row for table in document.tables for row in table._tbl.tr_lst)  # noqa: SLF001 (its own way takes minutes)
    cells = (cell.text for row in rows for cell in _cells(row, document))
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _cells(row, document):
    from docx.table import _Cell

    return (_Cell(cell, document) for cell in row.tc_lst)


@cache
def pdf_text(data: bytes) -> str:
    """What stands on the pages, one after the other."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


class Page(HTMLParser):
    """What a browser shows of a page, and the elements and attributes in it."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def joined_long(data: bytes) -> set[str]:
    """The texts of the sheet of long texts, their parts put together."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Long texts"]
    whole: dict[object, str] = {}
    for number, _, text in sheet.iter_rows(min_row=4, values_only=True):
        whole[number] = whole.get(number, "") + str(text)
    return set(whole.values())


def test_every_answer_is_found_in_the_workbook() -> None:
    found = {str(one.date() if isinstance(one, datetime) else one) for one in excel_cells(body("excel"))}
    found |= joined_long(body("excel"))
    for text in said(sample()):
        shown = visible(text)
        assert {shown, f"'{shown}", f"(not applicable) {shown}", _iso(shown)} & found, text


def test_every_answer_is_found_in_the_csv_files() -> None:
    found = {plain(cell) for rows in comma_files(body("csv")).values() for row in rows for cell in row}
    for text in said(sample()):
        shown = visible(text)
        assert {shown, f"'{shown}", f"(not applicable) {shown}", _iso(shown)} & found, text


def test_every_answer_is_found_in_the_word_document() -> None:
    text = word_text(body("word"))
    for one in said(sample()):
        assert visible(one) in text, one


@pytest.mark.prove
def test_every_answer_is_found_in_the_pdf() -> None:
    """Lines are broken, and the words of what is read from the right come out in another order."""
    text = solid(pdf_text(body("pdf")))
    for one in said(sample()):
        parts = [lettered(part, drawable) for part in re.split(r"[\n\r]", visible(one)) if part.strip()]
        for part in parts:
            assert solid(part) in text or _turned(part, text), one


def _turned(part: str, text: str) -> bool:
    """Whether a text with right-to-left letters is there, each of its Hebrew and left-to-right words whole.

    pypdf gives the words of a line from its left, and the letters of Arabic as they are joined:
    those are read by another reader below.
    """
    if not any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in part):
        return False
    return all(solid(word) in text for word in part.split() if not any(map(_arabic, word)))


def _arabic(sign: str) -> bool:
    return unicodedata.bidirectional(sign) in {"AL", "AN"}


@pytest.mark.prove
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is missing: apt-get install poppler-utils")
def test_words_read_from_the_right_are_read_back_from_the_pdf_word_by_word(tmp_path: Path) -> None:
    """In the order in which they are read aloud, by a reader that undoes the order on the page.

    A joined letter that the font draws in two strokes comes out twice, and apart from the next; so
    doubles and blanks are passed over, on both sides.
    """
    (tmp_path / "brief.pdf").write_bytes(body("pdf"))
    done = subprocess.run(["pdftotext", str(tmp_path / "brief.pdf"), "-"], check=True, capture_output=True, timeout=60)
    text = single(done.stdout.decode())
    parts = [part for one in said(sample()) for part in re.split(r"[\n\r]", visible(one))]
    words = {word for part in parts for word in part.split() if unicodedata.bidirectional(word[0]) in {"R", "AL"}}
    assert len(words) >= 4
    for word in words:
        assert single(word) in text, ascii(word)
        assert single(word[::-1]) not in text, ascii(word)


def single(text: str) -> str:
    """A text without blanks and doubled letters."""
    return re.sub(r"(.)\1+", r"\1", solid(text))


def solid(text: str) -> str:
    """A text without blanks and in compatible letters, as readers of PDF give ligatures."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isprintable() and not sign.isspace())


@pytest.mark.prove
def test_the_pdf_is_made_for_everybody_and_does_nothing() -> None:
    """Tagged, titled, in a language and flagged as PDF/UA; no script, no form, no link, no file inside."""
    pdf = pypdf.PdfReader(io.BytesIO(body("pdf")))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Readiness for talks with Sampleland <&> 样本"
    assert pdf.metadata.creation_date == NOW
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", {}))
    assert not [note for page in pdf.pages for note in page.get("/Annots", []) if "/A" in note.get_object()]
    assert "could not be made accessible" not in pdf_text(body("pdf"))


@pytest.mark.prove
def test_every_page_of_the_pdf_says_its_handling_its_state_and_its_number() -> None:
    pages = [solid(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(body("pdf"))).pages]
    state = solid(f"state {sample().head.state}")
    for nth, page in enumerate(pages, start=1):
        assert "SAMPLEHANDLING<b>&amp;" in page
        assert f"Page{nth}of{len(pages)}" in page
        assert state in page


@pytest.mark.prove
def test_five_hundred_rows_stay_readable_in_the_pdf() -> None:
    """Each row is there with its number, and none takes half a page."""
    pages = pypdf.PdfReader(io.BytesIO(body("pdf"))).pages
    text = solid(pdf_text(body("pdf")))
    assert all(f"{nth}.Sampleoffice{nth}," in text for nth in range(1, 501))
    assert len(pages) < 120


def test_the_pdf_says_which_characters_it_cannot_draw() -> None:
    n, line = story(counterpart="Sampleland \U00012000")
    assert "U+12000" in pdf_text(written("pdf", report(n, NOW, "Maya", line)))
    assert "no font here can draw" not in pdf_text(written("pdf", report(*story()[:1], NOW, "Maya")))


def test_every_answer_is_found_on_the_page() -> None:
    text = "".join(Page(body("html")).text)
    for one in said(sample()):
        assert visible(one) in text, one


def _iso(text: str) -> str:
    """A date in words, as spreadsheets have it."""
    try:
        return datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return text


@given(TYPED)
def test_whatever_is_typed_is_whole_and_inert_in_every_form(text: str) -> None:
    """It is there once more in a reader of the format, each character visible, and it is nothing but text."""
    found, shown = one_cell(text), visible(text)
    book = openpyxl.load_workbook(io.BytesIO(written("excel", found)))
    cells = [cell for row in book["Goals"].iter_rows() for cell in row]
    assert not shown or shown in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    rows = comma_files(written("csv", found))["table-goals.csv"]
    assert shown in [plain(cell) for cell in rows[1]]
    assert not any(re.match(r"\s*[=+\-@]|[\t\r\n]", cell) for row in rows for cell in row)
    assert shown in word_text(written("word", found))
    page = Page(written("html", found))
    assert shown in "".join(page.text)
    assert not {tag for tag, _ in page.tags} & {"script", "img", "a href", "iframe", "object", "link", "form"}


@given(TYPED)
def test_taking_one_apostrophe_away_gives_the_text_back(text: str) -> None:
    assert plain(inert(text)) == text


@pytest.mark.parametrize("form", OF_REPORTS)
def test_the_same_report_gives_the_same_bytes(form: str) -> None:
    assert written(form, sample()) == body(form)


@pytest.mark.parametrize("form", OF_REPORTS)
def test_every_file_says_its_handling_who_took_it_and_when(form: str) -> None:
    n, line = story()
    marked = Handling(text="SAMPLE HANDLING")
    n, line = happen(n, marked), (*line, happened(n, marked))
    data = written(form, report(n, NOW, "Lina Sample", line))
    parts = [pdf_text(data).encode("utf-8", "replace") if form == "pdf" else data]
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            parts = [file.read(name) for name in file.namelist()]
    text = b"\n".join(parts).decode(errors="replace").replace("\r\n ", "")
    assert "SAMPLE HANDLING" in text
    assert "Lina Sample" in text
    assert re.search(r"2027-01-20|20 January 2027|20270120", text)


@pytest.mark.parametrize("form", ["pdf", "word", "excel", "html", "markdown", "csv"])
def test_every_file_says_who_signed_and_whose_signature_is_void(form: str) -> None:
    """But for the partner version: signatures stand under the whole, which partners do not get."""
    n, line = story()
    signed = Signed(state=state_hash(n), verdict="no_go", words="Sample dissent")
    n, line = happen(n, signed, by="Maya"), (*line, happened(n, signed, by="Maya"))
    assert "Notsignedoff:0of" in (text := _text(written(form, report(n, NOW, "Maya", line)), form))
    assert "againstgoing:Sampledissent" in text
    partner = _text(written(form, partner_report(n, line, NOW, "Maya")), form)
    assert "Sampledissent" not in partner
    assert "Notsignedoff" not in partner
    change = RowPut(item="goals", row="new", cells={"goal": Text(text="Another")})
    n, line = happen(n, change), (*line, happened(n, change))
    assert "thestatehaschangedsince" in _text(written(form, report(n, NOW, "Maya", line)), form)


def _text(data: bytes, form: str) -> str:
    match form:
        case "pdf":
            return solid(pdf_text(data))
        case "word":
            return solid(word_text(data))
        case "excel":
            return solid("".join(map(str, excel_cells(data))))
        case "csv":
            return solid("".join(cell for rows in comma_files(data).values() for row in rows for cell in row))
        case "html":
            return solid("".join(Page(data).text))
        case _:
            return solid(data.decode())


def test_a_text_too_long_for_a_cell_is_cut_says_so_and_stands_whole_elsewhere() -> None:
    cells = [one for one in excel_cells(body("excel")) if isinstance(one, str)]
    assert max(map(len, cells)) <= LIMIT
    assert any("this text stands whole on the sheet “Long texts”, number 1]" in one for one in cells)
    assert LONG in joined_long(body("excel"))


def test_the_workbook_has_no_formula_and_no_link() -> None:
    with zipfile.ZipFile(io.BytesIO(body("excel"))) as file:
        for name in file.namelist():
            part = file.read(name)
            assert b"<f>" not in part
            assert b"<hyperlink" not in part


def test_dates_are_dates_numbers_are_numbers_and_tables_are_ready_to_use() -> None:
    book = openpyxl.load_workbook(io.BytesIO(body("excel")))
    sheet = book["Our goals"]
    header = [cell.value for cell in sheet[3]]
    row = dict(zip(header, [cell.value for cell in sheet[4]], strict=True))
    assert row["Approved on"] == datetime(2027, 1, 10)  # noqa: DTZ001 (a day has no zone)
    assert row["Rank"] == 1
    assert sheet.auto_filter.ref
    assert sheet.freeze_panes
    assert sheet.row_dimensions[2].hidden
    assert sheet.column_dimensions["A"].hidden
    assert sheet.print_title_rows == "$3:$3"


def test_sheets_are_one_an_item_with_rows_beside_items_gaps_and_history() -> None:
    names = openpyxl.load_workbook(io.BytesIO(body("excel"))).sheetnames
    assert {"Overview", "Items", "Forms", "Gaps", "Questions", "Tasks", "Evidence", "What happened", "Codes"} <= set(
        names
    )
    tables = [item for section in sample().sections for item in section.items if item.kind == "table"]
    assert len(names) == len(tables) + 12  # also other unknowns, the points, and the long texts


@pytest.mark.parametrize(
    ("number", "kept"), [("1.50", True), ("123456789012345", True), ("1234567890123456", False), ("0.1", True)]
)
def test_numbers_beyond_what_excel_keeps_are_written_as_text(number: str, *, kept: bool) -> None:
    assert exact(Decimal(number)) == kept


def test_csv_files_open_in_excel_and_hold_the_codes() -> None:
    with zipfile.ZipFile(io.BytesIO(body("csv"))) as file:
        assert all(file.read(name).startswith(b"\xef\xbb\xbf") for name in file.namelist() if name.endswith(".csv"))
    rows = comma_files(body("csv"))["table-asks.csv"]
    assert rows[0] == ["SAMPLE HANDLING <b>&amp; نموذج"]
    header, first = rows[1], rows[2]
    row = dict(zip(header, first, strict=True))
    assert row["Row id [row]"] == "k1"
    assert row["Topic [topic]"] == "Who decides"
    assert row["Topic, code [topic.code]"] == "decisions"
    assert [row[one] for one in header if one.endswith("[goal.code]")] == ["g1"]


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    page = Page(body("html"))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "audio", "video"}
    loaded = [value for _, attrs in page.tags for name, value in attrs.items() if name in {"src", "href", "action"}]
    assert all(value and value.startswith("#") for value in loaded)
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "style"]
    assert "url(" not in body("html").decode().partition("</style>")[0]
    policy = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_the_page_can_be_used_without_seeing_it() -> None:
    """Language, headings in order, captions, scopes, and a way past the contents."""
    page = Page(body("html"))
    assert ("html", {"lang": "en"}) in page.tags
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tables = [tag for tag, _ in page.tags if tag in {"table", "caption"}]
    assert tables.count("table") == tables.count("caption")
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert page.tags[[tag for tag, _ in page.tags].index("body") + 1] == ("a", {"class": "skip", "href": "#main"})
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_staff_can_edit_the_word_document() -> None:
    """Headings are headings, tables are tables whose header row is repeated on each page."""
    document = docx.Document(io.BytesIO(body("word")))
    styles = {paragraph.style.name for paragraph in document.paragraphs if paragraph.style}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet"} <= styles
    first = (table._tbl.tr_lst[0] for table in document.tables)  # noqa: SLF001 (python-docx does not tell)
    assert all(row.trPr.xpath("w:tblHeader") for row in first)
    assert document.core_properties.author == "Maya"
    assert document.sections[0].header.paragraphs[0].text.startswith("SAMPLE HANDLING")


def test_words_read_from_the_right_are_set_from_the_right() -> None:
    assert leftward("وفد 3")
    assert leftward("  (מדגם)")
    assert not leftward("Delegation: وفد")
    with zipfile.ZipFile(io.BytesIO(body("word"))) as file:
        assert b"<w:rtl/>" in file.read("word/document.xml")


# The calendar


def events(data: bytes) -> dict[str, icalendar.Event]:
    found = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert len({str(one["uid"]) for one in found}) == len(found)
    return {str(one["uid"]): one for one in found}


def test_the_calendar_holds_talks_gates_and_due_dates_with_their_owners() -> None:
    found = {str(one["summary"]): one for one in events(body("calendar")).values()}
    assert found["Talks with Sampleland <&> 样本"].decoded("dtstart") == date(2027, 3, 1)
    gates = [one for name, one in found.items() if name.startswith("Gate: ")]
    assert [one.decoded("dtstart") for one in gates] == [date(2027, 3, 1) - timedelta(days=d) for d in (30, 7, 1)]
    assert "Has it: Maya, Omar" in found["Due: Our goals (Maya, Omar)"]["description"]
    due = [
        item.label for section in sample().sections for item in section.items if item.due and item.state != NOT_ASKED
    ]
    assert all(any(f": {label}" in name for name in found) for label in due)


def test_a_later_calendar_moves_what_an_earlier_one_holds() -> None:
    """The same UIDs, a higher sequence, and no event beside the old one."""
    n, line = rich(rows=1)
    before = events(written("calendar", report(n, NOW, "Maya", line)))
    moved = happen(n, Rescheduled(talks_on=date(2027, 4, 1)))
    after = events(written("calendar", report(moved, NOW + timedelta(days=1), "Omar")))
    assert before.keys() == after.keys()
    assert all(after[uid]["sequence"] > one["sequence"] for uid, one in before.items())
    assert all(after[uid].decoded("dtstamp") > one.decoded("dtstamp") for uid, one in before.items())
    talks = [after[uid].decoded("dtstart") for uid, one in before.items() if str(one["summary"]).startswith("Talks")]
    assert talks == [date(2027, 4, 1)]


def test_lines_of_the_calendar_are_folded_as_the_standard_says() -> None:
    """RFC 5545, 3.1: no line longer than 75 octets, each ended by CRLF."""
    data = body("calendar")
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert b"\n" not in data.replace(b"\r\n", b"")


# One list of forms


def test_every_form_of_the_list_can_be_made_and_no_other() -> None:
    small = one_cell("x")
    assert all(written(form, small) for form in OF_REPORTS)
    with pytest.raises(LookupError, match="no report comes as png; known are pdf, word"):
        written("png", small)


@pytest.mark.prove
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is missing: apt-get install libreoffice")
def test_libreoffice_reads_every_office_file_without_complaint(tmp_path: Path) -> None:
    """A program of other people opens what is filled in and what is blank, and finds the answers."""
    n, line = rich(rows=3)
    found = report(n, NOW, "Maya", line)
    checklist = read_library(Path("checklists"))["bilateral"]
    files = {"filled.docx": written("word", found), "table.xlsx": written("excel", found)}
    files["blank.docx"] = blank("word", checklist)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    paths = [str(tmp_path / name) for name in files]
    done = subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "html", "--outdir", str(tmp_path), *paths],
        check=True, capture_output=True, timeout=120, text=True,
    )  # fmt: skip
    assert "error" not in (done.stdout + done.stderr).lower()
    texts = {name: solid(_shown(tmp_path / f"{Path(name).stem}.html")) for name in files}
    answers = [solid(visible(one).strip().split("\n")[0]) for one in said(found) if one in HOSTILE]
    for name in ("filled.docx", "table.xlsx"):
        assert not [one for one in answers if one not in texts[name]], name
    assert not [item.id for item in checklist.item.values() if solid(to_print(item.ask)) not in texts["blank.docx"]]


def _shown(path: Path) -> str:
    return "".join(Page(path.read_bytes()).text)


def test_what_stands_on_every_printed_page_cannot_end_the_style_it_stands_in() -> None:
    n = happen(negotiation(), Handling(text='"}</style><script>alert(1)</script>\\'))
    page = Page(written("html", report(n, NOW, '"</style>')))
    assert [tag for tag, _ in page.tags].count("style") == 1
    assert "script" not in {tag for tag, _ in page.tags}
    style = next(one for one in page.text if "@page" in one)
    assert '@top-center{content:"\\22 \\7d \\3c ' in style


@pytest.mark.prove
@pytest.mark.parametrize("form", BLANK)
@pytest.mark.parametrize("name", ["us-china-space", "bilateral", "humanitarian"])
def test_a_blank_form_asks_every_question(form: str, name: str) -> None:
    checklist = read_library(Path("checklists"))[name]
    text = _text(blank(form, checklist), form)
    for item in checklist.item.values():
        assert solid(to_print(item.ask)) in text, item.id
        for one in item.fields:
            asked = question(item, one) if item.kind == "form" else to_print(one.label)
            assert solid(asked) in text, (item.id, one.id)


def test_a_blank_form_says_nothing_twice() -> None:
    """Where a field asks what its item asks already, its name is enough."""
    items = [item for one in read_library(Path("checklists")).values() for item in one.item.values()]
    alike = [(item, field) for item in items for field in item.fields if item.kind == "form" and field.ask == item.ask]
    assert alike
    for item, field in alike:
        assert question(item, field) == to_print(field.label) != to_print(item.ask)


def test_the_parts_of_a_wide_table_on_paper_hang_together() -> None:
    """The rows of each part have the same numbers, and no part is a single column."""
    text = pdf_text(blank("pdf", read_library(Path("checklists"))["us-china-space"]))
    goals = text[text.index("Our goals") : text.index("Their aims")]
    assert re.findall(r"^\s*([1-9])\s*$", goals, re.MULTILINE) == ["1", "2", "3", "4"] * 2
