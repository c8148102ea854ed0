"""One table of a Word document, written as XML at once: python-docx needs seconds for 500 rows.

Every text goes through lxml as text; the header row is repeated on each page, and no row is
broken over two pages unless it is longer than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.exports.printable import leftward, visible

HEAD = "head"
TITLE = "title"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TEXT_WIDTH = 9412  # twentieths of a point: A4 without its margins of 22 mm
SHADE = {HEAD: "DCE6F1", TITLE: "1F3A5F"}
TALL = 1500  # characters; a cell longer than this may break over pages


@dataclass(frozen=True, slots=True)
class WordRun:
    """A cell's text and how it looks."""

    text: str
    look: str = ""
    italic: bool = False


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table: headers, widths in hundredths, and rows. A row of one cell goes across."""

    headers: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Sequence[tuple[WordRun, ...]]


def grid(table: WordTable) -> Any:
    """The table as an element of the document's body."""
    from lxml import etree

    widths = [TEXT_WIDTH * percent // 100 for percent in table.widths]
    made = etree.Element(f"{{{WORD}}}tbl", nsmap={"w": WORD})
    about = _add(made, "tblPr")
    _add(about, "tblStyle", val="TableGrid")
    _add(about, "tblW", w=str(sum(widths)), type="dxa")
    _add(about, "tblLayout", type="fixed")
    columns = _add(made, "tblGrid")
    for width in widths:
        _add(columns, "gridCol", w=str(width))
    _row(made, tuple(WordRun(name, TITLE) for name in table.headers), widths)
    for cells in table.rows:
        _row(made, cells, widths)
    return made


def _add(parent: Any, tag: str, **values: str) -> Any:
    made = parent.makeelement(f"{{{WORD}}}{tag}", {f"{{{WORD}}}{name}": value for name, value in values.items()})
    parent.append(made)
    return made


def _row(table: Any, cells: tuple[WordRun, ...], widths: list[int]) -> None:
    row = _add(table, "tr")
    about = _add(row, "trPr")
    if all(len(run.text) < TALL for run in cells):
        _add(about, "cantSplit")
    if cells[0].look == TITLE:
        _add(about, "tblHeader")
    if len(cells) < len(widths):
        _cell(row, cells[0], sum(widths), len(widths))
        return
    for run, width in zip(cells, widths, strict=True):
        _cell(row, run, width, 1)


def _cell(row: Any, run: WordRun, width: int, span: int) -> None:
    """One cell; the order of what is said of it is the schema's."""
    text = visible(run.text)
    cell = _add(row, "tc")
    about = _add(cell, "tcPr")
    _add(about, "tcW", w=str(width), type="dxa")
    if span > 1:
        _add(about, "gridSpan", val=str(span))
    if run.look:
        _add(about, "shd", val="clear", color="auto", fill=SHADE[run.look])
    paragraph = _add(cell, "p")
    placed = _add(paragraph, "pPr")
    if run.look:
        _add(placed, "keepNext")
    if leftward(text):
        _add(placed, "bidi")
    _add(placed, "spacing", before="20", after="20")
    words = _add(paragraph, "r")
    _look(_add(words, "rPr"), run, turned=leftward(text))
    _write(words, text)


def _look(look: Any, run: WordRun, *, turned: bool) -> None:
    if run.look:
        _add(look, "b")
    if run.italic:
        _add(look, "i")
    if run.look == TITLE:
        _add(look, "color", val="FFFFFF")
    _add(look, "sz", val="19")
    _add(look, "szCs", val="19")
    if turned:
        _add(look, "rtl")


def _write(words: Any, text: str) -> None:
    """Write a text into a run: line breaks and tabs are elements of their own."""
    for nth, line in enumerate(text.split("\n")):
        if nth:
            _add(words, "br")
        for number, piece in enumerate(line.split("\t")):
            if number:
                _add(words, "tab")
            if piece:
                written = _add(words, "t")
                written.set(SPACE, "preserve")
                written.text = piece
