"""Typed text, made comparable, and what can come of reading it: understood, unsure or wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.answers import Cell
from bot.domain.folding import folded, unmarked, visible
from bot.domain.nonanswers import is_screen_word, says_nothing, says_unknown

LONGEST = 100  # characters of a number or a date
MOST_OFFERED = 5  # candidates put on buttons; more than that is a list to choose from


@dataclass(frozen=True, slots=True)
class Read:
    """Understood. ``echo`` says as what, where that is worth saying."""

    value: Cell
    echo: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """To be asked about: what it can mean, a label for a button and the value each; one, where that is unlikely."""

    values: tuple[tuple[str, Cell], ...]
    ask: str


@dataclass(frozen=True, slots=True)
class Misread:
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
    return "".join(_kept(char) for char in text.replace("\r\n", "\n"))


LINE_ENDS = "\n\r\v\f\x85\u2028\u2029"  # Word ends a line inside a paragraph with a vertical tab


def _kept(char: str) -> str:
    if char in LINE_ENDS:
        return "\n"
    match unicodedata.category(char):
        case "Cc" if char not in "\n\t":
            return ""
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return char


MARK = re.compile(
    r"\s*(?:(?:[•·▪▫◦‣⁃∙●○■□◆◇➢➤►▶▸✓✔✅❌☐☑☒①-⑳→➔➜»>–—*+-]|->|=>)\ufe0f?|[\uf000-\uf0ff]|[o§](?=\s)"
    r"|\(?(?:[0-9]{1,3}|(?P<letter>[a-zA-Z]|[ivxIVX]{2,5}))[.)]|[0-9]{1,2}(?:\.[0-9]{1,2})+\.?)(?:\s+|\Z)"
)
CHECKBOX = re.compile(r"\A\[[ xX]?\]\s*")
LETTERS = ([*"abcdefghijklmnopqrstuvwxyz"], ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"])


def unlisted(lines: Sequence[str]) -> list[str] | None:
    """The lines of a list without their bullets or numbers; None unless every line has one, or goes on the last.

    Letters count only in their order: "M. Weber" is a name.
    """
    lines = _unwrapped(lines)
    marks = [MARK.match(line) for line in lines]
    found = [mark for mark in marks if mark is not None]
    letters = [mark["letter"].casefold() for mark in found if mark["letter"]]
    in_order = any(letters == order[: len(letters)] for order in LETTERS)
    if not found or len(found) < len(lines) or (letters and not (in_order and len(letters) == len(lines) > 1)):
        return None
    return [CHECKBOX.sub("", line[mark.end() :].strip()) for line, mark in zip(lines, found, strict=True)]


WRAPPED = 40  # characters from which on a line may have been broken by the program it was copied from


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """The lines of a list, those without a mark put behind the one that they go on: a long one, or in lower case."""
    whole: list[str] = []
    for line in lines:
        if (
            whole
            and MARK.match(whole[-1])
            and not MARK.match(line)
            and (len(whole[-1]) >= WRAPPED or line.lstrip()[:1].islower())
        ):
            whole[-1] = f"{whole[-1]} {line.strip()}"
        else:
            whole.append(line)
    return whole


def quoted(text: str) -> str:
    """A text as it is named in a sentence: on one line, and not too long."""
    line = " ".join(text.split())
    return f"“{line[:39]}…”" if len(line) > 40 else f"“{line}”"


def empty_words(text: str) -> str:
    """What is wrong with words that are to give a reason or to name a document; empty when nothing is."""
    empty = says_unknown(text) or says_nothing(text) or is_screen_word(text)
    return f"{quoted(text)} says nothing that others could read." if empty else ""


def key(text: str) -> str:
    """What two texts share that differ only in case, width, spacing, hyphens, invisible signs and outer marks."""
    same = folded(tidy(text))
    return " ".join(unmarked(same.replace("-", " ")).split()) or same


def plain(text: str) -> str:
    """A number or a date in ASCII digits and lower case. Superscripts stay as they are: 10² is not 102."""
    words = "".join(_plain_char(char) for char in visible(tidy(text))).casefold()
    return " ".join(words.strip(QUOTES).rstrip(ENDS + QUOTES).split())


QUOTES = "\"'“”„‟‘‚«»‹› \t\n"  # around a value they say nothing
ENDS = ".,;:!"


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
