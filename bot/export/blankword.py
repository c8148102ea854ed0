"""A checklist as a Word form to fill in: every question, with room for an answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.core.checklist import Asked, Checklist, Item, Kind
from bot.export.blank import plain
from bot.export.visible import visible
from bot.export.zipped import again

if TYPE_CHECKING:
    from docx.document import Document

ROWS = 4  # empty ones of each table
WIDE = 5  # columns; what a wider table asks is listed, and answered row by row below
BOX = "☐"


def blank_word(checklist: Checklist) -> bytes:
    """The checklist without answers."""
    import docx

    document = docx.Document()
    document.core_properties.title = visible(plain(checklist.title))[:255]
    document.core_properties.author = ""
    _say(document, plain(checklist.title), "Title")
    _say(document, plain(checklist.about))
    head = ["Counterpart", "Subject", "Talks on", *(one.label for one in checklist.opening), "Filled in by"]
    _grid(document, [(one, "") for one in head])
    for section in checklist.sections:
        _say(document, plain(section.title), "Heading 1")
        _say(document, plain(section.about))
        for item in section.items:
            _item(document, item)
    _say(document, f"Version {checklist.version}. {checklist.source}")
    out = io.BytesIO()
    document.save(out)
    return again(out.getvalue())


def _item(document: Document, item: Item) -> None:
    _say(document, plain(item.label), "Heading 2")
    _say(document, plain(item.ask))
    _say(document, plain(item.why))
    if not item.fields:
        _say(document, f"Answer: {_room(item)}")
    elif item.kind == Kind.FORM:
        _grid(document, [(plain(one.ask), _room(one)) for one in item.fields])
    elif len(item.fields) <= WIDE:
        empty = [("",) * len(item.fields)] * ROWS
        _grid(document, [tuple(_asked(one) for one in item.fields), *empty])
    else:
        _grid(document, [("Field", *(f"Row {nth}" for nth in (1, 2))), *((_asked(one), "", "") for one in item.fields)])
    _say(document, f"{BOX} Unknown" + ("" if item.always_applies else f"   {BOX} Not applicable, because:"))


def _room(asked: Asked) -> str:
    return "   ".join(f"{BOX} {one.label}" for one in asked.choices.values())


def _asked(asked: Asked) -> str:
    options = " / ".join(one.label for one in asked.choices.values())
    return f"{plain(asked.label)}\n{options}" if options else plain(asked.label)


def _say(document: Document, text: str, style: str | None = None) -> None:
    if text:
        document.add_paragraph(visible(text), style=style)


def _grid(document: Document, rows: list[tuple[str, ...]]) -> None:
    table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = visible(text)
    document.add_paragraph()
