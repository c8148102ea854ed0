"""An Excel or CSV file sent at a table is read as if its rows were pasted: shown back, then recorded by a tap."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.domain.answers import Day, Number, Picked, Text
from tests.api import Chat, Delegation, FileReply, Hooks
from tests.browsers import served
from tests.test_reading_apart import shared_text

ROWS = [
    ["Goal", "Must or want", "Rank"],
    ["Learn who signs", "Must have", 1],
    ["Agree on a data standard", "Would like", 2],
]


def excel(*sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook as somebody's own program writes it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for nth, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {nth}")
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sends(chat: Chat, name: str, body: bytes) -> str:
    return chat.sends(chat.update(FileReply("f", name, len(body)), file=body)).text


def to_goals(chat: Chat) -> None:
    chat.goes_to("Demand transparency", "Our goals")


def goals(delegation: Delegation) -> list[str]:
    rows = delegation.negotiation().record("goals").rows.values()
    return [said.text for row in rows if isinstance(said := row.said("goal"), Text)]


def lines(sign: str) -> str:
    return "\n".join(sign.join(map(str, row)) for row in ROWS)


FORMS = {
    "goals.xlsx": excel(ROWS),
    "goals.csv": lines(",").replace("\n", "\r\n").encode(),
    "GOALS.CSV": f"\ufeff{lines(';')}\n".encode(),
    "goals.tsv": lines("\t").encode(),
    "unicode.csv": lines("\t").encode("utf-16"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_its_rows_are_shown_back_and_recorded_by_a_tap(delegation: Delegation, omar: Chat, name: str) -> None:
    to_goals(omar)
    told = sends(omar, name, FORMS[name])
    assert f"Read from {name}." in told
    assert goals(delegation) == []
    assert "Recorded 2 rows." in omar.taps("Record 2 rows")
    assert goals(delegation) == ["Learn who signs", "Agree on a data standard"]
    first = next(iter(delegation.negotiation().record("goals").rows.values()))
    assert isinstance(first.said("want"), Picked)
    assert first.said("rank") == Number.model_validate({"number": "1"})
    assert not delegation.negotiation().record("goals").evidence


@pytest.mark.slow
def test_cells_are_read_as_people_see_them(delegation: Delegation, omar: Chat) -> None:
    """Days, words over two lines, quotes, and numbers that a sheet holds as fractions."""
    to_goals(omar)
    rows = [
        ["Goal", "Rank", "Approved on"],
        ["A “standard”\nfor data", 1.0, datetime(2027, 1, 10)],  # noqa: DTZ001 (Excel has no zones)
        ['They say "yes"\tat once', 2, date(2027, 1, 11)],
    ]
    sends(omar, "goals.xlsx", excel(rows))
    omar.taps("Record 2 rows")
    assert goals(delegation) == ["A “standard”\nfor data", 'They say "yes"\tat once']
    said = [row.said("approved_on") for row in delegation.negotiation().record("goals").rows.values()]
    assert said == [Day(day=date(2027, 1, 10)), Day(day=date(2027, 1, 11))]


def test_a_single_column_is_a_row_a_line(delegation: Delegation, omar: Chat) -> None:
    to_goals(omar)
    sends(omar, "goals.csv", b"Learn who signs\nAgree on a data standard\nVisit each other\n")
    omar.taps("Record 3 rows")
    assert len(goals(delegation)) == 3


@pytest.mark.slow
def test_of_several_sheets_the_first_with_anything_is_read_and_that_is_said(delegation: Delegation, omar: Chat) -> None:
    to_goals(omar)
    assert "Of its 2 sheets only “Sheet 2” was read." in sends(omar, "goals.xlsx", excel([], ROWS, [["Other"]]))
    omar.taps("Record 2 rows")
    assert len(goals(delegation)) == 2


@pytest.mark.slow
def test_it_is_added_to_rows_that_wait(delegation: Delegation, omar: Chat) -> None:
    to_goals(omar)
    omar.types("Visit each other\nMust have\n3")
    assert "Added to what you sent before." in sends(omar, "goals.xlsx", excel(ROWS))
    omar.taps("Record 3 rows")
    assert len(goals(delegation)) == 3


@pytest.mark.slow
def test_what_is_typed_after_a_long_file_is_a_row_of_its_own(delegation: Delegation, omar: Chat) -> None:
    to_goals(omar)
    many = [
        ROWS[0],
        *([f"Sample goal number {nth}, in some more words than it needs", "Must have", nth] for nth in range(1, 81)),
    ]
    sends(omar, "goals.xlsx", excel(many))
    omar.types("Visit each other\tMust have\t3")
    omar.taps("Record 81 rows")
    assert goals(delegation)[-1] == "Visit each other"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("goals.xlsx", b"PK\x03\x04 and nothing else", "neither an Excel workbook"),
        ("goals.csv", "Verhandlungsführer;Muss\n".encode("cp1252"), "is not UTF-8. Save it as “CSV UTF-8”."),
        ("goals.xlsx", excel([]), "There is nothing in this workbook."),
        ("goals.xlsx", excel([["x" * 30_000], ["y" * 30_000]]), "are read at once. Send fewer rows."),
    ],
)
def test_what_cannot_be_read_is_told_and_not_kept(
    delegation: Delegation, omar: Chat, name: str, body: bytes, why: str
) -> None:
    to_goals(omar)
    before = delegation.recorded()
    told = sends(omar, name, body)
    assert why in told
    assert "The file was not kept." in told
    assert delegation.recorded() == before


@pytest.mark.slow
@pytest.mark.parametrize("form", ["Excel, to work on"])
def test_our_own_export_is_sent_back_under_take_away(delegation: Delegation, omar: Chat, form: str) -> None:
    omar.types("/take")
    omar.taps(form)
    body = delegation.brought["Omar"]
    to_goals(omar)
    assert "Send it under Take away" in sends(omar, "readiness.xlsx", body)


def test_elsewhere_at_an_item_and_under_evidence_a_file_is_evidence_as_before(
    delegation: Delegation, omar: Chat
) -> None:
    to_goals(omar)
    omar.taps("Evidence")
    sends(omar, "goals.xlsx", excel(ROWS))
    omar.goes_to("Limit expectations", "Minimum acceptable outcome")
    sends(omar, "outcome.xlsx", excel(ROWS))
    n = delegation.negotiation()
    assert [[one.text for one in n.record(item).evidence] for item in ("goals", "minimum")] == [
        ["goals.xlsx"],
        ["outcome.xlsx"],
    ]


def test_so_it_is_on_our_own_pages(tmp_path: Path) -> None:
    with served(tmp_path) as web:
        omar = web.as_("Omar")
        omar.write("/sections")
        omar.tap(
            next(
                one.text_content().strip()
                for one in omar.page.xpath("//button")
                if "Demand transparency" in one.text_content()
            )
        )
        omar.tap(
            next(one.text_content().strip() for one in omar.page.xpath("//button") if "Our goals" in one.text_content())
        )
        assert "Record 2 rows" in omar.send("goals.xlsx", excel(ROWS)).text


# While it is fetched from Telegram


def is_sent(delegation: Delegation, chat: Chat) -> None:
    """Let a sheet be heard of, and not fetched yet."""
    body = excel(ROWS)
    delegation.desk.hear_all([chat.update(FileReply("f", "goals.xlsx", len(body)), file=body)])


def test_rows_that_come_when_their_sender_went_on_become_nothing_else(delegation: Delegation, omar: Chat) -> None:
    """Least of all evidence, which nobody meant; what to do is said where they are."""
    to_goals(omar)
    is_sent(delegation, omar)
    omar.types("/summary")
    before = delegation.recorded()
    delegation.files_come()
    assert "“goals.xlsx” was being fetched. Nothing was recorded: send it again at its table." in omar.screen.text
    assert delegation.recorded() == before


@pytest.mark.slow
def test_rows_that_come_when_their_sender_typed_others_are_added_to_these(delegation: Delegation, omar: Chat) -> None:
    to_goals(omar)
    is_sent(delegation, omar)
    omar.types("Visit each other\nMust have\n3")
    delegation.files_come()
    omar.taps("Record 3 rows")
    assert len(goals(delegation)) == 3


def test_of_who_only_reads_nothing_is_fetched(delegation: Delegation) -> None:
    delegation.meets("Ines")
    delegation.operator.seat(delegation.people["Ines"], 1, "observer")  # type: ignore[arg-type]
    ines = delegation.chat("Ines")
    to_goals(ines)
    is_sent(delegation, ines)
    assert delegation.desk.waiting_files((), 1) == []
    assert "Nothing was recorded" in ines.screen.text


# In a process of its own


@pytest.mark.slow
def test_a_sheet_that_costs_too_much_to_read_is_told(delegation: Delegation, omar: Chat, faults: Hooks) -> None:
    """The system ends the process that reads it, and nobody else waits."""
    faults.on("reading_does", "raise MemoryError")
    to_goals(omar)
    assert "takes more time or memory to read" in sends(omar, "goals.xlsx", excel(ROWS))
    assert goals(delegation) == []


@pytest.mark.slow
def test_one_long_text_in_many_cells_is_refused_in_words(omar: Chat) -> None:
    to_goals(omar)
    told = sends(omar, "goals.xlsx", shared_text(4_000, 30_000, "Goal"))
    assert "holds more words than are read. Send a file with the rows alone." in told
