"""Mistakes in checklist files: where, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_MISTAKES = 100  # of one file; whoever reads them has stopped long before
LONGEST_LINE = 160  # characters of a line that is shown


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A line and a column, both from 1, as editors count them."""

    line: int
    column: int


TOP = Position(1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to correct, written as ``file:line:column: what is wrong. What to do``.

    Where it is known what the line should be, ``line_meant`` is that line. A ``warning`` keeps nothing from being used.
    """

    file: str
    line: int
    column: int
    what: str
    mend: str
    line_meant: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """One line, as compilers and editors expect it."""
        kind = "warning: " if self.warning else ""
        told = f"{self.file}:{self.line}:{self.column}: {kind}{self.what}. {self.mend}"
        return f"{told} The line should read: {shortened(self.line_meant.strip())}" if self.line_meant else told

    def as_data(self) -> dict[str, str | int]:
        """What editors are told: the place, the words, and the line as it should read where that is known."""
        told: dict[str, str | int] = {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "severity": "warning" if self.warning else "error",
            "message": self.what,
            "advice": self.mend,
        }
        return told | {"line_meant": self.line_meant} if self.line_meant else told


def shortened(line: str) -> str:
    """A line as long as a terminal shows it well."""
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


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
        super().__init__("\n".join(str(line) for line in self.mistakes))
