"""The forms in which a checklist leaves: one list for the chat, the command line and the files.

What each of them is made by is `bot.exports`'s work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], object]  # which step of making a file begins, and of how many
BLANK = ("pdf", "word")  # the forms in which a checklist comes without answers


def unheeded(step: int, of: int) -> None:
    """Progress that nobody waits for."""


def counted(things: Sequence[T], progress: Progress, more: int = 0) -> Iterator[T]:
    """The things one by one, each a step that is told when it begins; so many ``more`` steps follow."""
    for step, thing in enumerate(things, start=1):
        progress(step, len(things) + more)
        yield thing


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format: what it is called, and what is in it.

    ``told`` is its name inside a sentence. ``partner`` tells whether the partner version
    comes in it too, ``text`` whether it can be read on a terminal, and ``returns`` whether an
    edited one can come back.
    """

    name: str
    extension: str
    mime: str
    label: str
    told: str
    holds: str
    partner: bool = True
    text: bool = False
    returns: bool = False


EXPORT_FORMATS: dict[str, ExportFormat] = {
    form.name: form
    for form in (
        ExportFormat(
            "pdf",
            "pdf",
            "application/pdf",
            "PDF, to carry",
            "PDF",
            "a brief: verdict, gaps by severity with owner and date, every answer, questions, evidence, history",
        ),
        ExportFormat(
            "word",
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "Word, to edit",
            "Word",
            "verdict, gaps, every answer and table, evidence, history",
        ),
        ExportFormat(
            "excel",
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Excel, to work on",
            "Excel",
            "items, tables, gaps and history as sheets",
            returns=True,
        ),
        ExportFormat(
            "csv",
            "zip",
            "application/zip",
            "CSV, for other programs",
            "CSV",
            "the same tables with their codes, one file each",
            returns=True,
        ),
        ExportFormat(
            "html",
            "html",
            "text/html",
            "Web page, to print",
            "a web page",
            "verdict, gaps, every answer and history on one page that needs no network",
            text=True,
        ),
        ExportFormat(
            "calendar",
            "ics",
            "text/calendar",
            "Calendar",
            "a calendar",
            "talks, gates and due dates with their owners; imported again, it updates",
            text=True,
        ),
        ExportFormat(
            "markdown",
            "md",
            "text/markdown",
            "Markdown, to read",
            "Markdown",
            "verdict, gaps, every answer and history as plain text",
            text=True,
        ),
        ExportFormat(
            "json",
            "json",
            "application/json",
            "JSON, complete",
            "JSON",
            "everything with all files, to import elsewhere or to keep",
            partner=False,
            text=True,
        ),
    )
}
