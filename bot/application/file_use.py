"""What a file that somebody sends is for, by the place it is sent to and its name; and what is read of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from bot.dialog.contract import Place
from bot.dialog.screens.export import ExportPage
from bot.dialog.screens.pasted_rows import takes_rows
from bot.exports.reimport.pasted import is_sheet
from bot.exports.reimport.reader import Unreadable
from bot.exports.reimport.reading_process import Unpacked, read_apart, sheet_read_apart


class FileUse(Enum):
    """A file is not taken, put behind an answer, or read: for edited answers, or for rows of a table."""

    NONE = "none"
    EVIDENCE = "evidence"
    RETURN = "return"
    ROWS = "rows"


def use_at(place: Place, name: str, leads: Callable[[], bool]) -> FileUse:
    """What a file of a name is for at a place; whether its sender may record anything there is not asked yet.

    ``leads`` tells whether they lead the talks; it is asked where only leads may send one.
    """
    place = place.shows
    if isinstance(place, ExportPage):
        return FileUse.RETURN if leads() else FileUse.NONE
    return FileUse.ROWS if takes_rows(place) and is_sheet(name) else FileUse.EVIDENCE


def unpacked(use: FileUse, body: bytes, name: str) -> Unpacked | None:
    """What is read of a file, or why nothing was; None where it is not to be read. It takes its time."""
    match use:
        case FileUse.RETURN:
            try:
                return read_apart(body, name)
            except Unreadable as error:
                return error
        case FileUse.ROWS:
            return sheet_read_apart(body, name)
        case _:
            return None
