"""Files made to do harm when they are read: refused in words, and cheap, whatever they claim to be."""

from __future__ import annotations

import io
import multiprocessing
import zipfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import openpyxl
import pytest

from bot.export.returned import LARGEST, MOST_PARTS, MOST_ROWS, Unreadable, returned
from tests import faults

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = "".join(f'<!ENTITY l{nth} "{f"&l{nth - 1};" * 10}">' for nth in range(1, 10))


def workbook(over: Mapping[str, bytes]) -> bytes:
    """A workbook as a program writes it, but for some of its parts."""
    book, plain, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        names = dict.fromkeys([*(one.filename for one in source.infolist()), *over])
        for name in names:
            made.writestr(name, over[name] if name in over else source.read(name))
    return out.getvalue()


def comma(text: str) -> bytes:
    """A zip with one CSV file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("table-goals.csv", text)
    return out.getvalue()


def refusal(body: bytes) -> str:
    with pytest.raises(Unreadable) as error:
        returned(body)
    return str(error.value)


def test_what_is_not_changed_is_read():
    """The control of all below: such a workbook, with nothing put over, is taken."""
    assert returned(workbook({})) == ()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/media/image1.png", "xl/anything", "[Content_Types].xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_billion_laughs_are_not_laughed_wherever_they_stand(part: str, encoding: str):
    laughs = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">{LAUGHS}]><l>&l9;</l>'
    assert refusal(workbook({part: laughs.encode(encoding)})).startswith("This workbook holds what no spreadsheet")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further():
    """What a zip says of itself is not believed: only so much is unpacked as it says."""
    body = comma("x" * 5_000_000)
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        said = file.infolist()[0].file_size.to_bytes(4, "little")
    assert body.count(said) == 2
    assert "neither an Excel workbook" in refusal(body.replace(said, (10).to_bytes(4, "little")))


def test_a_bomb_of_many_parts_is_not_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for nth in range(MOST_PARTS + 1):
            made.writestr(f"{nth}.csv", "")
    assert "too large when unpacked" in refusal(out.getvalue())
    assert "too large when unpacked" in refusal(workbook({"a": b"0" * (LARGEST // 2), "b": b"0" * (LARGEST // 2)}))


@pytest.mark.parametrize(
    ("part", "body", "found"),
    [
        ("xl/styles.xml", f"<styleSheet {NS}><cellXfs>{'<xf/>' * 60_000}</cellXfs></styleSheet>", "styles and names"),
        ("xl/theme/theme1.xml", "<a/>" * 60_000, "styles and names"),
        (
            "xl/worksheets/sheet1.xml",
            f'<worksheet {NS}><sheetData><row r="1">{"<c/>" * 600_000}</row></sheetData></worksheet>',
            "more cells",
        ),
        ("xl/sharedStrings.xml", f"<sst {NS}>{'<si/>' * 600_000}</sst>", "more cells"),
    ],
)
def test_a_workbook_of_nothing_but_tags_is_refused_before_they_are_read(part: str, body: str, found: str):
    assert len(workbook({part: body.encode()})) < 20_000
    assert found in refusal(workbook({part: body.encode()}))


def test_a_line_of_a_million_cells_is_refused():
    assert "more cells in a line" in refusal(comma("," * 1_000_000))


def megabytes(path: Path, *bugs: str) -> int:
    """How much memory reading a file takes, in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(growth, path.read_bytes(), bugs).result()


def growth(body: bytes, bugs: tuple[str, ...]) -> int:
    """By how many megabytes this process grows, at most, while it reads a file."""
    with faults.applied(bugs):
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        before = peak()
        returned(body)
        return (peak() - before) // 1024


def peak() -> int:
    """Kilobytes since the peak was last reset; that of getrusage begins with the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if "VmHWM" in line).split()[1])


def test_two_million_blank_lines_take_no_memory(tmp_path: Path):
    """And without the bound they would: the control."""
    path = tmp_path / "bomb.zip"
    path.write_bytes(comma("\n" * 2_000_000))
    bounded = megabytes(path)
    assert bounded < 60
    assert megabytes(path, "read_rows_without_end") > 3 * bounded
    assert MOST_ROWS < 10_000
