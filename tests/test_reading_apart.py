"""Files that are sent back are read by a process of their own, for who may return them, at a bounded cost."""

from __future__ import annotations

import base64
import io
import resource
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner

from bot.__main__ import main
from bot.exports.reimport.reader import MOST_ROWS, Unreadable, returned
from bot.exports.reimport.reading_process import TOO_COSTLY, read_apart
from tests.api import KEY, Chat, Delegation, Hooks
from tests.browsers import Web, served
from tests.edited import edited_csv, edited_excel
from tests.test_bombs import comma

pytestmark = pytest.mark.slow

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
IDS = '<c r="A1" t="inlineStr"><is><t>items:item</t></is></c><c r="CB1" t="inlineStr"><is><t>x</t></is></c>'
FAR = (2, 1_000, MOST_ROWS - 1)


def sheets(count: int, rows: tuple[int, ...]) -> bytes:
    """A workbook of many sheets, each with its ids and a cell in each of these rows, far to the right."""
    book, plain, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for number in range(count):
        book.create_sheet(f"s{number}")
    book.save(plain)
    cells = "".join(f'<row r="{row}"><c r="CB{row}"><v>1</v></c></row>' for row in rows)
    body = f'<worksheet {NS}><sheetData><row r="1">{IDS}</row>{cells}</sheetData></worksheet>'
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in source.infolist():
            made.writestr(entry, body if "worksheets/sheet" in entry.filename else source.read(entry))
    return out.getvalue()


def shared_text(times: int, length: int, heading: str = "items:item") -> bytes:
    """A workbook in which many cells share one long text, as programs write it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [heading, "answer"])
        sheet.write_row(1, 0, ["Item", "Answer"])
        for number in range(times):
            sheet.write_row(2 + number, 0, [number, "x" * length])
    return out.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "rows far apart": lambda: sheets(120, FAR),
    "rows far below": lambda: sheets(120, (1_048_576,)),
    "rows in the wrong order": lambda: sheets(120, (MOST_ROWS, 2, MOST_ROWS - 1, 3)),
    "one long text many times": lambda: shared_text(4_000, 30_000),
    "a wide table of commas": lambda: comma(f"{'a,' * 9_000}\n" * 1_100),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_made_to_cost_much_costs_as_much_as_a_small_one(kind: str) -> None:
    """Three seconds of CPU, with the start of the process and its libraries, on a machine that has others to serve."""
    body = HOSTILE[kind]()
    assert len(body) < 600_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with suppress(Unreadable):
        read_apart(body)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if "rows" in kind or "text" in kind])
def test_such_a_workbook_is_refused_in_words(kind: str) -> None:
    with pytest.raises(Unreadable, match=r"too far apart|more words"):
        read_apart(HOSTILE[kind]())


COSTLY = {
    "time": ("reading_cpu_seconds", 1, "while True: pass"),
    "memory": ("reading_bytes", 200_000_000, "kept = []\nwhile True: kept.append(bytes(1_000_000))"),
}


@pytest.mark.parametrize("what", COSTLY)
def test_whatever_is_read_the_process_has_its_bounds(what: str, faults: Hooks) -> None:
    """The format, and what a library makes of it, do not matter: the system ends the process."""
    limit, most, costs = COSTLY[what]
    faults.on("reading_does", costs)
    faults.limits(**{limit: most})
    with pytest.raises(Unreadable) as error:
        read_apart(b"")
    assert str(error.value) == TOO_COSTLY


def test_a_process_that_hangs_is_ended(faults: Hooks) -> None:
    """Waiting costs no CPU, and is bounded by itself."""
    faults.pace(reading=1)
    faults.on("reading_does", "import time; time.sleep(600)")
    with pytest.raises(Unreadable) as error:
        read_apart(b"")
    assert str(error.value) == TOO_COSTLY


def test_the_process_is_told_nothing_of_what_this_one_knows(faults: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, token or key is in its environment, and the name of the file is not in its command."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:secret")
    faults.on("reading_does", "import os; print(json.dumps({'unreadable': str((sys.argv, dict(os.environ)))}))")
    with pytest.raises(Unreadable) as told:
        read_apart(comma("x"), "telling name.zip")
    assert "LANG" in str(told.value)
    assert "secret" not in str(told.value)
    assert "telling" not in str(told.value)


def test_dates_formulas_and_shares_come_through_as_they_are() -> None:
    """What the process reads is what is read in this one."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["items:item", "answer", "note", "share", "sum", "nothing", "yes"])
    sheet.append(["labels"])
    sheet.append(["a", date(2027, 3, 1), datetime(2027, 3, 1, 9, 30), 0.6, "=1+1", None, True])  # noqa: DTZ001
    sheet["D3"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    assert len(returned(out.getvalue())) == 1
    assert read_apart(out.getvalue()) == returned(out.getvalue())


# Who may return one


@pytest.fixture
def unread(faults: Hooks) -> list[int]:
    """The sizes of the files that were read."""
    times: list[int] = []
    faults.on("readings_counted_in", times)
    return times


@pytest.mark.parametrize(("name", "role"), [("Lina", "member"), ("Ines", "observer")])
def test_only_a_leads_file_is_read(delegation: Delegation, unread: list[int], name: str, role: str) -> None:
    """Permission comes first: whoever may not return a file hears so, and nothing of it was looked into."""
    delegation.meets(name)
    delegation.operator.seat(delegation.people[name], 1, role)  # type: ignore[arg-type]
    chat = delegation.chat(name)
    chat.types("/take")
    assert "can take an edited file back in" in chat.sends_back(HOSTILE["rows far apart"]())
    assert unread == []


def test_a_leads_file_is_read_and_proposed(delegation: Delegation, maya: Chat, unread: list[int]) -> None:
    maya.types("/take")
    maya.taps("Excel, to work on")
    edited = edited_excel(delegation.brought["Maya"], {("items", "crewed", "answer"): "No"})
    assert "Crewed flight" in maya.sends_back(edited)
    assert len(unread) == 1


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path) as made:
        yield made


def test_in_a_browser_only_a_leads_file_is_read(web: Web, unread: list[int]) -> None:
    tab = web.as_("Omar").write("/take")
    assert "can take an edited file back in" in tab.send("hostile.xlsx", HOSTILE["rows far apart"]()).live
    assert unread == []
    assert "too far apart" in web.as_("Maya").write("/take").send("hostile.xlsx", HOSTILE["rows far apart"]()).live
    assert len(unread) == 1


def test_a_large_file_that_is_not_taken_is_not_kept_in_memory(web: Web, faults: Hooks) -> None:
    """It is said to whoever sent it, by the place where they stand."""
    kept: list[int] = []
    faults.on("uploads_counted_in", kept)
    tab = web.as_("Omar").write("/summary")
    assert "open the item first" in tab.send("large.pdf", b"%PDF-" + b"x" * 2_000_000).live
    assert sum(kept) < 1_000, "the words beside it"


def test_while_one_large_file_is_on_its_way_another_of_the_same_person_waits_for_no_room(web: Web) -> None:
    """What one person sends keeps the room of one file, and no more."""
    person = web.people["Omar"]
    web.site._sending.add(person)  # noqa: SLF001 (a first one is on its way)
    tab = web.as_("Omar")
    tab.write("/continue")
    assert tab.send("large.pdf", b"%PDF-" + b"x" * 2_000_000).status == 429
    web.site._sending.discard(person)  # noqa: SLF001
    assert "Added as evidence" in web.as_("Omar").send("large.pdf", b"%PDF-" + b"x" * 2_000_000).live


# The command line


def test_the_command_line_reads_in_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hostile file is refused in the same words; an edited one is told."""
    with Delegation(tmp_path) as delegation:
        delegation.opens("us-china-space", "Maya lead")
        maya = delegation.chat("Maya")
        maya.types("/take")
        maya.taps("CSV, for other programs")
        edited = edited_csv(delegation.brought["Maya"], {("items", "crewed", "answer"): "No"})
        url = delegation.url
    monkeypatch.setenv("READINESS_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("READINESS_KEY", base64.b64encode(KEY).decode())
    hostile, good = tmp_path / "hostile.xlsx", tmp_path / "good.zip"
    hostile.write_bytes(HOSTILE["rows far apart"]())
    good.write_bytes(edited)
    refused = CliRunner().invoke(main, ["import", str(hostile), "1", "--propose"])
    assert "too far apart" in refused.output
    told = CliRunner().invoke(main, ["import", str(good), "1", "--propose"])
    assert "Crewed flight" in told.output
    huge = tmp_path / "huge.zip"
    with huge.open("wb") as file:
        file.truncate(11 * 2**20)
    assert "larger than 10 MB" in CliRunner().invoke(main, ["import", str(huge), "1", "--propose"]).output
