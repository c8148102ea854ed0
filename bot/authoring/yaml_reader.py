"""A YAML file as plain data, with the line and column of every key and value.

Checklists come from people, some of them strangers, so only the plain part of YAML is
read: mappings, lists and scalars, with the scalars of YAML 1.2 (``no``, ``12:30`` and
``2027-03-12`` are text). What could surprise or swell, such as aliases, tags and
repeated keys, is a mistake with a position. Time and memory are bounded before a byte
is parsed; the parser's events are walked here, because PyYAML's own composer recurses
without a limit (100,000 brackets end the process) and lets a repeated key win.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol

import yaml

from bot.authoring.diagnostics import MOST_MISTAKES, TOP, Mistake, Position, Unsound, mistake
from bot.domain.lint import Path as DataPath

# libyaml parses 20 times faster than PyYAML's own parser, which stands in where it was not built.
PARSER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

LARGEST = 512 * 1024  # bytes of a file; the largest checklist we know has 60 KiB
DEEPEST = 40  # levels; a condition five deep inside an item stands at level 18
MOST_NODES = 50_000
LONGEST = 4_000  # characters of one scalar: what Telegram shows in a message, about

# Beyond YAML's own list, what moves lines without looking like it (NEL, LS, PS) and a later BOM.
UNPRINTABLE = re.compile("[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

# YAML 1.2, core schema (10.3.2), without octal, hexadecimal and infinity, which no checklist needs.
WORDS = {"": None, "~": None} | {
    form: value
    for word, value in {"null": None, "true": True, "false": False}.items()
    for form in (word, word.capitalize(), word.upper())
}
INT = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class SourceMark(Protocol):
    """A position as either of PyYAML's parsers gives it, from 0."""

    line: int
    column: int


Scalar = str | int | float | bool | None
Data = dict[str, "Data"] | list["Data"] | Scalar


@dataclass(frozen=True, slots=True)
class ValuePosition:
    """Where a value begins, and its key if it has one."""

    value: Position
    key: Position | None = None


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A file as read: its data, where each part stands, and what did not stop the reading."""

    file: str
    data: Data
    marks: Mapping[DataPath, ValuePosition]
    mistakes: tuple[Mistake, ...] = ()

    def position(self, path: DataPath, *, key: bool = False) -> Position:
        """Where a value (or its key) stands; what is not there is sought in what should hold it."""
        while path not in self.marks:
            if not path:
                return TOP
            path, key = path[:-1], False
        marks = self.marks[path]
        return marks.key if key and marks.key else marks.value

    def mistake(self, path: DataPath, what: str, mend: str, *, key: bool = False) -> Mistake:
        """The mistake at a part of the data."""
        return mistake(self.file, self.position(path, key=key), what, mend)


def page(path: Path) -> YamlDocument:
    """The file as data. Raises `Unsound` where it cannot be read on."""
    return parsed(_text(_bytes(path), str(path)), str(path))


def parsed(text: str, file: str) -> YamlDocument:
    """The data of a text that was read from a file."""
    walk = _Walk(file)
    try:
        data = walk.document(yaml.parse(text, Loader=PARSER))
    except yaml.MarkedYAMLError as error:
        walk.stop(
            _of(error.problem_mark),
            f"this is not YAML ({error.problem})",
            "Look at the indents, colons and quotes.",
        )
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # an escape that names no character, say
        walk.stop(TOP, f"this is not YAML ({brief(str(error))})", "Look at the quotes.")
    return YamlDocument(file, data, walk.marks, tuple(walk.mistakes))


def scalar(text: str) -> Scalar:
    """What an unquoted scalar means."""
    if text in WORDS:
        return WORDS[text]
    if INT.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def brief(text: str) -> str:
    """A text short enough to be quoted in a message."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"


def _bytes(path: Path) -> bytes:
    file = str(path)
    try:
        if not path.is_file():
            raise Unsound([mistake(file, TOP, "there is no such file", "Check the name.")])
        with path.open("rb") as source:
            raw = source.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # a name that holds a NUL is a ValueError
        raise Unsound([mistake(file, TOP, f"this cannot be read ({error})", "Check who may read it.")]) from error
    if len(raw) > LARGEST:
        what = f"the file is larger than {LARGEST // 1024} KiB"
        raise Unsound([mistake(file, TOP, what, "Split it into several checklists.")])
    return raw


def _text(raw: bytes, file: str) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        at = _after(before)
        raise Unsound([mistake(file, at, "this is not UTF-8 text", "Save the file as UTF-8.")]) from error
    if text.startswith("\ufeff"):
        raise Unsound([mistake(file, TOP, "a byte order mark stands first", "Save the file as UTF-8 without BOM.")])
    if odd := UNPRINTABLE.search(text):
        what = f"the character U+{ord(odd[0]):04X} cannot be shown"
        raise Unsound([mistake(file, _after(text[: odd.start()]), what, "Remove it.")])
    return text


def _after(text: str) -> Position:
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _of(mark: SourceMark | None) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark else TOP


class _Walk:
    """One pass over the parser's events. Most mistakes are noted and read past, a few end the reading."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[DataPath, ValuePosition] = {}
        self.mistakes: list[Mistake] = []
        self.nodes = 0

    def note(self, at: Position, what: str, mend: str) -> None:
        """Note a mistake and read on."""
        self.mistakes.append(mistake(self.file, at, what, mend))
        if len(self.mistakes) >= MOST_MISTAKES:
            raise Unsound(self.mistakes)

    def stop(self, at: Position, what: str, mend: str) -> NoReturn:
        """End the reading with a last mistake."""
        raise Unsound([*self.mistakes, mistake(self.file, at, what, mend)])

    def document(self, events: Iterator[yaml.Event]) -> Data:
        """The data of the one document that a file may hold."""
        next(events)  # the stream begins
        if isinstance(next(events), yaml.StreamEndEvent):
            self.stop(TOP, "the file is empty", "Write a checklist, or remove the file.")
        data = self.node(next(events), events, ())
        next(events)  # the document ends
        if not isinstance(last := next(events), yaml.StreamEndEvent):
            self.stop(_of(last.start_mark), "a second document begins here", "Give it a file of its own.")
        return data

    def node(
        self, event: yaml.Event, events: Iterator[yaml.Event], path: DataPath, key: Position | None = None
    ) -> Data:
        """The data that begins with an event, its marks noted."""
        at = _of(event.start_mark)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop(at, f"the file holds more than {MOST_NODES} values", "Split it into several checklists.")
        if len(path) > DEEPEST:
            self.stop(at, f"this is nested more than {DEEPEST} deep", "Write it flatter.")
        self.marks.setdefault(path, ValuePosition(at, key))
        self.refuse_marvels(event, at)
        match event:
            case yaml.MappingStartEvent():
                return self.mapping(events, path)
            case yaml.SequenceStartEvent():
                return self.sequence(events, path)
            case yaml.ScalarEvent():
                return self.scalar(event, at)
        return ""  # an alias, which was noted

    def mapping(self, events: Iterator[yaml.Event], path: DataPath) -> dict[str, Data]:
        """A mapping; of a key that stands twice, the first is kept."""
        found: dict[str, Data] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            at = _of(event.start_mark)
            key = self.key(event, at)
            value = self.node(next(events), events, (*path, key), at)
            if key in found:
                first = self.position_of((*path, key)).line
                self.note(at, f'the key "{brief(key)}" stands twice, first on line {first}', "Keep one of them.")
            else:
                found[key] = value
        return found

    def position_of(self, path: DataPath) -> Position:
        """Where a key was first seen."""
        marks = self.marks[path]
        return marks.key or marks.value

    def sequence(self, events: Iterator[yaml.Event], path: DataPath) -> list[Data]:
        """A list, in order."""
        found: list[Data] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self.node(event, events, (*path, len(found))))
        return found

    def key(self, event: yaml.Event, at: Position) -> str:
        """A key, which must be text."""
        self.refuse_marvels(event, at)
        if not isinstance(event, yaml.ScalarEvent):
            self.stop(at, "a key is a single word", "If this is text in braces or brackets, put it in quotes.")
        if event.value == "<<" and not event.style:
            self.note(at, 'the merge key "<<" is not read', "Write the keys out.")
        elif not isinstance(self.scalar(event, at), str):
            self.note(
                at,
                f"the key {brief(event.value) or '(nothing)'} is not text",
                "Put it in quotes, or name it.",
            )
        return event.value

    def scalar(self, event: yaml.ScalarEvent, at: Position) -> Scalar:
        """A scalar: text where it is quoted, else what it looks like."""
        if len(event.value) > LONGEST:
            self.stop(at, f"this text is longer than {LONGEST} characters", "Shorten it.")
        if odd := UNPRINTABLE.search(event.value):
            self.note(at, f"the text holds the character U+{ord(odd[0]):04X}, which cannot be shown", "Remove it.")
            return ""
        return event.value if event.style else scalar(event.value)

    def refuse_marvels(self, event: yaml.Event, at: Position) -> None:
        """Note what makes YAML more than data: aliases, anchors and tags."""
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            self.note(
                at,
                f"the alias *{brief(str(anchor))} is not read",
                "Write the value out, or put it in quotes.",
            )
        elif anchor:
            self.note(at, f"the anchor &{brief(anchor)} is not read", "Remove it, or put the text in quotes.")
        if tag := getattr(event, "tag", None):
            tag = tag.replace("tag:yaml.org,2002:", "!!")
            self.note(at, f"the tag {brief(tag)} is not read", "Remove it, or put the text in quotes.")
