"""What PyYAML's parser says, in words for people who do not know YAML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import yaml

from bot.authoring.diagnostics import TOP, Position


class SourceMark(Protocol):
    """A position as PyYAML gives it, from 0."""

    line: int
    column: int


def position(mark: SourceMark | None) -> Position:
    """A position from 1."""
    return Position(mark.line + 1, mark.column + 1) if mark else TOP


# What the parser says, what that means and what to do; whether it is told where the thing began (or where it broke).
WORDS: Sequence[tuple[str, str, str, bool]] = (
    ("could not find expected ':'", "this is neither a key with its colon nor part of the text above",
     "Write “key: value”, or indent it further than the key it belongs to.", True),
    ("sequence entries are not allowed", "a hyphen begins an entry here, where no list can be",
     "Begin the list on the line below its key, or put the text in quotes.", False),
    ("mapping values are not allowed", "this colon makes a key of what stands before it, where no key can be",
     "Put the text in quotes, or compare the indent of this line with those above.", False),
    ("mapping keys are not allowed", "a question mark begins a key here, where no key can be",
     "Put the text in quotes.", False),
    ("cannot start any token", "this begins with a sign that no value begins with", "Put the text in quotes.", False),
    ("expected the node content", "a value is missing here", "Write it, or put the text in quotes.", False),
    ("expected <block end>", "this line does not fit those above it",
     "Compare its indent, and its hyphen if it has one, with theirs.", False),
    ("expected ',' or '}'", "“{” is never closed, or a text in it needs quotes",
     "Put } at its end, or put the text in quotes.", True),
    ("expected ',' or ']'", "“[” is never closed, or a text in it needs quotes",
     "Put ] at its end, or put the text in quotes.", True),
    ("found unexpected end of stream", "the quote that opens here is never closed", "Close it where the text ends.",
     True),
    ("found unexpected document separator", "the quote that opens here is never closed",
     "Close it where the text ends.", True),
    ("escape", "what follows this backslash means nothing to YAML",
     "Write two backslashes, or put the text in single quotes.", False),
    ("expected '<document start>'", "what stands above is complete in itself, so nothing can follow it",
     "Look above this line for a quote too many, or for a key without its colon.", False),
)  # fmt: skip

# Whatever else the parser says is about a tag, an anchor, a directive or a block, none of which a checklist has.
SIGN = "the text begins with a sign of YAML's own", "Put the text in quotes."


def worded(error: yaml.MarkedYAMLError) -> tuple[Position, str, str]:
    """Where the parser stopped, what that means, and what to do."""
    problem = str(error.problem)
    for said, what, mend, began in WORDS:
        if said in problem:
            mark = error.context_mark if began and error.context_mark else error.problem_mark
            return position(mark), what, mend
    return position(error.context_mark or error.problem_mark), *SIGN
