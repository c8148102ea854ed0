"""A slip of the pen in a checklist file, what should stand there, and the lines that are looked at for slips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.authoring.diagnostics import MOST_MISTAKES
from bot.domain import checklist as parts
from bot.domain.conditions import HEADS, Part, Rows, Shifted

# Keys whose value is text for people, so that whatever stands there is meant as text.
TEXTS = frozenset(
    {"title", "about", "source", "label", "ask", "why", "says", "mend", "example", "subject", "counterpart"}
)
MAPPINGS_OF_TEXT = frozenset({"points", "cells"})  # whose keys are their author's
MODELS: list[type[Part]] = [
    *(kind for kind in vars(parts).values() if isinstance(kind, type) and issubclass(kind, Part)),
    *HEADS.values(),
    Rows,
    Shifted,
]
MODEL_BELOW: dict[str, type[Part]] = {  # the key under which a part stands
    "": parts.Checklist,
    "sections": parts.Section,
    "items": parts.Item,
    "fields": parts.Field,
    "options": parts.Option,
    "rows": parts.GivenRow,
    "gaps": parts.GapRule,
    "opening": parts.Opener,
    "gates": parts.Gate,
    "locked": parts.Lock,
    "lighter": parts.Lighter,
}
KEYS = frozenset(field.alias or name for model in MODELS for name, field in model.model_fields.items())
KEYS_BELOW = {
    owner: frozenset(field.alias or name for name, field in model.model_fields.items())
    for owner, model in MODEL_BELOW.items()
}

# What looks like a space and is none to YAML, and what cannot be seen at all.
LIKE_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
INVISIBLE = "\u00ad\u200b\u2060\ufeff"
ODD = re.compile(f"[\t{LIKE_SPACES}{INVISIBLE}]")
UNSEEN = re.compile(f"[{INVISIBLE}]")
SPACE = f"[ \t{LIKE_SPACES}{INVISIBLE}]"
SPACES = re.compile(f"{SPACE}*")
CALLED = {"\t": "a tab", "\u00a0": "a non-breaking space", "\u200b": "a zero-width space", "\u00ad": "a soft hyphen"}

ANY_KEY = "|".join(sorted(KEYS, key=len, reverse=True))
CURLED = re.compile("[“”„‘’«»]([^“”„«»]*)[“”„‘’«»]")
_NAME = rf"(\"[^\"\n]{{1,60}}\"|'[^'\n]{{1,60}}'|[“„‘«][^“”„‘’«»\n]{{1,60}}[”“’‘»]|\w[\w{INVISIBLE}-]*){SPACE}*:"
KEY = re.compile(rf"{_NAME}(?={SPACE}|[\r\n]|$)")
KEY_IN_BRACES = re.compile(rf"{_NAME}(?={SPACE}|[\r\n,\[\]{{}}]|$)")
TIGHT_KEY = re.compile(rf"({ANY_KEY}):(?=[^\s:/])")  # without the space that YAML wants

MOST_ALIKE = 2_000  # lines with one slip
MOST_LOOKED = 100_000  # lines looked at ahead of their turn


@dataclass(frozen=True, slots=True)
class Edit:
    """What should stand between two offsets of a text. It never holds a line break."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: at which offset, what it is, what to do, and the edits that do it.

    ``certain`` ones can be corrected without asking the author. ``legal`` ones YAML reads without complaint, and
    otherwise than they were meant. ``tolerated`` ones are read as they were meant, and only warned of. ``also``
    counts the lines below that have the same.
    """

    at: int
    what: str
    mend: str
    edits: tuple[Edit, ...]
    certain: bool = True
    legal: bool = False
    tolerated: bool = False
    also: int = 0


class Enough(Exception):
    """Nothing further is sought: so much was found, or this is nothing that a person wrote."""


class Manuscript:
    """A text by its lines, and the slips noted in it."""

    def __init__(self, text: str) -> None:
        """Find the lines."""
        self.text = text
        self.slips: list[Slip] = []
        self.looked = 0
        self.lines: list[tuple[int, int]] = []  # where each begins and ends
        at = 0
        for line in text.split("\n"):
            self.lines.append((at, at + len(line.removesuffix("\r"))))
            at += len(line) + 1

    def note(self, at: int, what: str, mend: str, *edits: tuple[int, int, str], **traits: bool) -> None:
        """Note a slip with its traits. Raises `Enough` with the last that is told of one file."""
        self.slips.append(Slip(at, what, mend, tuple(Edit(*edit) for edit in edits), **traits))
        if len(self.slips) >= MOST_MISTAKES:
            raise Enough

    def note_again(self, edit: tuple[int, int, str]) -> None:
        """Note that the next line has the last slip, too. Raises `Enough` where too many have it."""
        last = self.slips[-1]
        if last.also >= MOST_ALIKE:
            raise Enough
        self.slips[-1] = replace(last, edits=(*last.edits, Edit(*edit)), also=last.also + 1)

    def note_odd(self, at: int, where: str, edit: tuple[int, int, str], *, certain: bool = True) -> None:
        """Note a character that looks like a space, or like nothing, where YAML reads none."""
        sign = self.text[at]
        called = CALLED.get(sign, "an invisible character" if UNSEEN.match(sign) else "a space that is none to YAML")
        mend = "Take it out." if UNSEEN.match(sign) else "Write spaces."
        self.note(at, f"{called} (U+{ord(sign):04X}) stands {where}", mend, edit, certain=certain, legal=True)

    def spend(self) -> None:
        """Count a line that is looked at ahead of its turn. Raises `Enough` where that is done too often."""
        self.looked += 1
        if self.looked > MOST_LOOKED:
            raise Enough

    def indent(self, nth: int) -> tuple[int, str]:
        """How many characters a line is indented by, and what follows them."""
        start, end = self.lines[nth]
        spaces = SPACES.match(self.text, start, end)
        return (spaces.end() if spaces else start) - start, self.text[spaces.end() if spaces else start : end]

    def line_at(self, offset: int, nth: int) -> int:
        """The number of the line on which an offset stands, sought from a line on."""
        while self.lines[nth][1] < offset and nth + 1 < len(self.lines):
            nth += 1
        return nth

    def odd(self, start: int, end: int) -> int | None:
        """The offset of the first odd character between two."""
        found = ODD.search(self.text, start, end)
        return found.start() if found else None


def name_of(key: re.Match[str]) -> str:
    """The key as it was meant: without quotes, and without what cannot be seen."""
    return re.sub(f"[{INVISIBLE}\"'“”„‘’«»]", "", key[1])


def read_key(page: Manuscript, key: re.Match[str]) -> str:
    """The name of a key, its slips noted."""
    start, end = key.span(1)
    name = name_of(key)
    if unseen := UNSEEN.search(page.text, start, end):
        page.note_odd(unseen.start(), f'in the key "{name}"', (start, end, name))
    elif key[1][0] in "“„‘«":
        page.note(start, f'the key "{name}" stands in curled quotes', "Write it without.", (start, end, name),
                  legal=True)  # fmt: skip
    if (odd := page.odd(end, key.end())) is not None:
        page.note_odd(odd, f'behind the key "{name}"', (end, key.end() - 1, ""))
    return name


def corrected(text: str, edits: Iterable[Edit]) -> str:
    """The text with these edits. Of two that overlap, the first is made."""
    return "".join(_pieces(text, applicable(edits)))


def applicable(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order, without those that overlap an earlier one."""
    chosen: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if not chosen or edit.start >= chosen[-1].end:
            chosen.append(edit)
    return chosen


def _pieces(text: str, edits: list[Edit]) -> Iterator[str]:
    at = 0
    for edit in edits:
        yield text[at : edit.start]
        yield edit.new
        at = edit.end
    yield text[at:]


def quoted(text: str) -> str:
    """A text in quotes, those in which it reads best."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
