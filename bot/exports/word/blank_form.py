"""A checklist as a Word form to fill in: every question, with room for an answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.domain.checklist import Asked, Checklist, Item, Kind
from bot.exports.deterministic_zip import again
from bot.exports.pdf.blank import plain, question
from bot.exports.printable import visible
from bot.exports.word.table import WordRun, WordTable, grid

if TYPE_CHECKING:
    from docx.document import Document

ROWS = 4  # empty ones of each table
ACROSS = 2  # rows of a wide table that stand beside each other
WIDE = 5  # columns; what a wider table asks is listed, and answered row by row below
BOX = "☐"


def blank_word(checklist: Checklist) -> bytes:
    """The checklist without answers."""
    import docx

    document = docx.Document()
    _page(document, checklist)
    _say(document, plain(checklist.title), "Title")
    _say(document, plain(checklist.about))
    head = ["Counterpart", "Subject", "Talks on", *(field.label for field in checklist.opening), "Filled in by"]
    _grid(document, ("These talks", ""), (30, 70), [(label, "") for label in head])
    for section in checklist.sections:
        _say(document, plain(section.title), "Heading 1")
        _say(document, plain(section.about))
        for item in section.items:
            _item(document, item)
    out = io.BytesIO()
    document.save(out)
    return again(out.getvalue())


def _page(document: Document, checklist: Checklist) -> None:
    """A4 with the type of the filled-in document, and which checklist this is on every page."""
    from docx.shared import Mm, Pt

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(22)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(4)
    document.core_properties.title = visible(plain(checklist.title))[:255]
    document.core_properties.author = ""
    foot = f"{plain(checklist.title)}, version {checklist.version} · {checklist.source}"
    page.footer.paragraphs[0].add_run(visible(foot)).font.size = Pt(8)


def _item(document: Document, item: Item) -> None:
    _say(document, plain(item.label), "Heading 2")
    _say(document, plain(item.ask), sticky=True)
    _say(document, plain(item.why), italic=True, sticky=True)
    if not item.fields:
        _say(document, f"Answer: {_room(item)}", sticky=True)
    elif item.kind == Kind.FORM:
        _grid(
            document, ("Question", "Answer"), (42, 58), [(question(item, field), _room(field)) for field in item.fields]
        )
    elif len(item.fields) <= WIDE:
        even = tuple(100 // len(item.fields) for _ in item.fields)
        _grid(document, tuple(_asked(field) for field in item.fields), even, [("",) * len(item.fields)] * ROWS)
    else:
        rows = [(_asked(field), *[""] * ACROSS) for field in item.fields]
        _grid(document, ("Field", *(f"Row {nth}" for nth in range(1, ACROSS + 1))), (34, 33, 33), rows)
    not_applicable = "" if item.always_applies else f"   {BOX} Not applicable, because:"
    _say(document, f"{BOX} Unknown{not_applicable}", above=4)


def _room(asked: Asked) -> str:
    return "   ".join(f"{BOX}\u00a0{choice.label}" for choice in asked.choices.values())


def _asked(asked: Asked) -> str:
    options = " / ".join(choice.label for choice in asked.choices.values())
    return f"{plain(asked.label)}\n{options}" if options else plain(asked.label)


def _say(
    document: Document,
    text: str,
    style: str | None = None,
    *,
    italic: bool = False,
    sticky: bool = False,
    above: int = 0,
) -> None:
    """A paragraph; a ``sticky`` one stays on the page of what follows it, and ``above`` it are so many points."""
    from docx.shared import Pt

    if text:
        paragraph = document.add_paragraph(style=style)
        paragraph.add_run(visible(text)).italic = italic or None
        paragraph.paragraph_format.keep_with_next = sticky or None
        if above:
            paragraph.paragraph_format.space_before = Pt(above)


def _grid(document: Document, headers: tuple[str, ...], widths: tuple[int, ...], rows: list[tuple[str, ...]]) -> None:
    """A table like those of the filled-in document."""
    lines = [tuple(WordRun(text) for text in row) for row in rows]
    document.element.body.sectPr.addprevious(grid(WordTable(headers, widths, lines)))
