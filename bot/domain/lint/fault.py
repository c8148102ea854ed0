"""What a fault is, and how it is worded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from bot.domain.checklist import Checklist, Item, Kind

Path = tuple[str | int, ...]  # from the checklist inwards, by the keys and indices of its file

SPOKEN = {
    Kind.YES_NO: "a yes or no",
    Kind.YES_PARTLY_NO: "a yes, partly or no",
    Kind.CHOICE: "a choice",
    Kind.CHOICES: "a choice of several",
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.ROW: "a pointer to a row",
    Kind.TABLE: "a table",
    Kind.FORM: "a form",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a checklist from being used.

    ``path`` leads to the value at fault, or with ``key`` to its key; what is not written
    at all may be named too. ``what`` has no full stop, ``mend`` is a sentence. Where something stands twice, ``first``
    leads to where it stood before.
    """

    path: Path
    what: str
    mend: str
    key: bool = False
    first: Path | None = None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that an author probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1)), None)


def meant(word: str, known: Iterable[str], otherwise: str = "Remove it, or add what it names.") -> str:
    """What to do about an unknown word: take the nearest known one, or choose from a few."""
    names = list(known)
    if near := nearest(word, names):
        return f"Did you mean {near}?"
    return f"Use one of: {', '.join(names)}." if 0 < len(names) <= 12 else otherwise


def placed_items(checklist: Checklist) -> Iterator[tuple[Path, Item]]:
    """Every item with its path, those with the same id included."""
    for s, section in enumerate(checklist.sections):
        for i, item in enumerate(section.items):
            yield ("sections", s, "items", i), item
