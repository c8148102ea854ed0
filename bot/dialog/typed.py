"""Typed text, made comparable, and what can come of reading it: understood, unsure or wrong."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from bot.core.answers import Value

LONGEST = 100  # characters of a number or a date


@dataclass(frozen=True, slots=True)
class Read:
    """Understood. ``echo`` says as what, where that is worth saying."""

    value: Value
    echo: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """To be asked about: what it can mean, a label for a button and the value each; one, where that is unlikely."""

    values: tuple[tuple[str, Value], ...]
    ask: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Not understood: what is wrong, and what would be right."""

    why: str


def tidy(text: str) -> str:
    """A text as it is kept: no control characters but newline and tab, no lone surrogates, no outer space."""
    text = cleaned(text).strip()
    return text if any(unicodedata.category(char)[0] not in "ZC" for char in text) else ""


def cleaned(text: str) -> str:
    """The same with its outer space left on, which in a line of cells holds the blank ones."""
    if text.isprintable():  # so that nothing has to go
        return text
    return "".join(_kept(char) for char in text.replace("\r\n", "\n").replace("\r", "\n"))


def _kept(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" if char not in "\n\t":
            return ""
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return char


def quoted(text: str) -> str:
    """A text as it is named in a sentence: on one line, and not too long."""
    line = " ".join(text.split())
    return f"“{line[:39]}…”" if len(line) > 40 else f"“{line}”"


def key(text: str) -> str:
    """What two texts share that differ only in case, width or spacing."""
    folded = unicodedata.normalize("NFKC", tidy(text)).casefold().replace("’", "'")
    return " ".join(folded.split())


def plain(text: str) -> str:
    """A number or a date in ASCII digits and lower case. Superscripts stay as they are: 10² is not 102."""
    return " ".join("".join(_plain_char(char) for char in tidy(text)).casefold().split())


def _plain_char(char: str) -> str:
    if char in "−–—":
        return "-"
    if char == "’":
        return "'"
    match unicodedata.category(char):
        case "Nd":
            return str(unicodedata.decimal(char))
        case "No":
            return char
        case _:
            return unicodedata.normalize("NFKC", char)
