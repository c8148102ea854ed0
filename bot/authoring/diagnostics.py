"""Mistakes in checklist files: where, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_MISTAKES = 100  # of one file; whoever reads them has stopped long before


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A line and a column, both from 1, as editors count them."""

    line: int
    column: int


TOP = Position(1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to correct, written as ``file:line:column: what is wrong. What to do``."""

    file: str
    line: int
    column: int
    what: str
    mend: str

    def __str__(self) -> str:
        """One line, as compilers and editors expect it."""
        return f"{self.file}:{self.line}:{self.column}: {self.what}. {self.mend}"


def mistake(file: str, at: Position, what: str, mend: str) -> Mistake:
    """The mistake at a position."""
    return Mistake(file, at.line, at.column, what, mend)


def in_order(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Mistakes as a reader meets them, each once."""
    return tuple(sorted(set(mistakes)))


class Unsound(Exception):
    """A checklist, or a library of them, that cannot be used; ``mistakes`` in order of position."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Hold the mistakes, in order."""
        self.mistakes = in_order(mistakes)
        super().__init__("\n".join(str(one) for one in self.mistakes))
