"""A YAML file as plain data, with the line and column of every key and value.

Checklists come from people, some of them strangers, so only the plain part of YAML is
read: mappings, lists and scalars, with the scalars of YAML 1.2 (``no``, ``12:30`` and
``2027-03-12`` are text). What could surprise or swell, such as aliases, tags and
repeated keys, is a mistake with a position. Time and memory are bounded before a byte
is parsed; the parser's events are walked here, because PyYAML's own composer recurses
without a limit (100,000 brackets end the process) and lets a repeated key win.

Always PyYAML's own parser reads: libyaml, which is there or not as PyYAML was built, takes more (``Which data?`` in
braces) and would make one file sound here and unsound elsewhere. That costs a quarter of a second for 2,000 lines.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from bot.authoring.diagnostics import MOST_MISTAKES, TOP, Mistake, Position, Unsound, in_order, mistake
from bot.authoring.parser_messages import position, worded
from bot.authoring.proof import Proof
from bot.authoring.proofreading import slips_in
from bot.domain.lint import Path as DataPath

ENDINGS = (".yaml", ".yml")
BOM_FIRST = "a byte order mark stands first", "Save the file as UTF-8 without BOM."
LARGEST_BYTES = 512 * 1024  # of a file; the largest checklist we know has 60 KiB
DEEPEST = 40  # levels; a condition five deep inside an item stands at level 18
MOST_NODES = 50_000
LONGEST = 4_000  # characters of one scalar: what Telegram shows in a message, about

# How files begin that people send for text.
OTHER_FILES = {
    b"PK\x03\x04": "a Word, Excel or ZIP file",
    b"\xd0\xcf\x11\xe0": "a file of an older Word or Excel",
    b"%PDF": "a PDF file",
    b"{\\rtf": "a file of a text program (RTF)",
}

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
    warnings: tuple[Mistake, ...] = ()

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


def files_in(path: Path | str) -> list[Path]:
    """The checklists that a path stands for: those of a folder in order, or the file. OSError for a folder unread."""
    there = Path(path)
    if not there.is_dir():
        return [there]
    with os.scandir(there):  # which tells why, where a pattern finds nothing
        return sorted(file for end in ENDINGS for file in there.glob(f"*{end}"))


def page(path: Path) -> YamlDocument:
    """The file as data. Raises `Unsound` where it cannot be read on."""
    return document(file_bytes(path), path)


def document(raw: bytes, path: Path) -> YamlDocument:
    """The bytes of a file as data. Raises `Unsound` where they cannot be read on."""
    return parsed(_text(raw, str(path)), str(path))


def parsed(text: str, file: str) -> YamlDocument:
    """The data of a text that was read from a file. Raises `Unsound` where it cannot be read on.

    What its author meant is read where a slip of the pen says something else, so that one mistake hides no other.
    """
    reading = _read(text, file)
    slips = [slip for slip in slips_in(text) if slip.legal or slip.tolerated or reading.stopped]
    if not slips:
        return _finished(reading, file)
    proof = Proof(text, file, slips)
    meant = _read(proof.corrected, file)
    if meant.stopped and not reading.stopped:
        meant = reading
    mistakes = [mistake for mistake in proof.mistakes if not mistake.warning]
    if meant.stopped:
        lines = {mistake.line for mistake in mistakes}
        stopped = [proof.placed(mistake) for mistake in meant.stopped]
        every = in_order([*mistakes, *(mistake for mistake in stopped if mistake.line not in lines)])
        raise Unsound(every[:MOST_MISTAKES])
    mistakes += [proof.placed(mistake) for mistake in meant.walk.mistakes]
    warnings = tuple(mistake for mistake in proof.mistakes if mistake.warning)
    return YamlDocument(file, meant.data, _Placed(meant.walk.marks, proof), tuple(mistakes), warnings)


def fix(path: Path) -> list[Mistake]:
    """Correct in a file the slips of which it is certain what was meant, and tell them. Raises `Unsound`."""
    raw = file_bytes(path)
    text = _text(raw.removeprefix(BOM_UTF8), str(path))
    reading = _read(text, str(path))
    slips = [slip for slip in slips_in(text) if slip.certain and (slip.legal or slip.tolerated or reading.stopped)]
    proof = Proof(text, str(path), slips)
    if _read(proof.corrected, str(path)).stopped and not reading.stopped:
        return []
    if proof.corrected.encode() != raw:
        beside = path.with_name(f".{path.name}.fixed")
        beside.write_bytes(proof.corrected.encode())
        shutil.copymode(path, beside)
        beside.replace(path)
    return [mistake(str(path), TOP, *BOM_FIRST)] * raw.startswith(BOM_UTF8) + proof.mistakes


@dataclass(frozen=True, slots=True)
class _Reading:
    """How far a text could be read: its data, or the mistakes with the one at which reading ended."""

    walk: _Walk
    data: Data = None
    stopped: tuple[Mistake, ...] = ()


def _read(text: str, file: str) -> _Reading:
    walk = _Walk(file)
    try:
        return _Reading(walk, walk.document(yaml.parse(text, Loader=yaml.BaseLoader)))
    except yaml.MarkedYAMLError as error:
        at, what, mend = worded(error)
        return _Reading(walk, stopped=(*walk.mistakes, mistake(file, at, what, mend)))
    except (yaml.YAMLError, ValueError, OverflowError):  # an escape that names no character, say
        what = "something in quotes, or after a backslash, means nothing to YAML"
        return _Reading(walk, stopped=(*walk.mistakes, mistake(file, TOP, what, "Look at the quotes.")))
    except Unsound as unsound:
        return _Reading(walk, stopped=unsound.mistakes)


def _finished(reading: _Reading, file: str) -> YamlDocument:
    if reading.stopped:
        raise Unsound(reading.stopped)
    return YamlDocument(file, reading.data, reading.walk.marks, tuple(reading.walk.mistakes))


class _Placed(Mapping[DataPath, ValuePosition]):
    """The positions of what was read in a corrected text, as they are in the text itself."""

    def __init__(self, marks: Mapping[DataPath, ValuePosition], proof: Proof) -> None:
        self.marks = marks
        self.proof = proof

    def __getitem__(self, path: DataPath) -> ValuePosition:
        found = self.marks[path]
        key = self.proof.position(found.key) if found.key else None
        return ValuePosition(self.proof.position(found.value), key)

    def __iter__(self) -> Iterator[DataPath]:
        return iter(self.marks)

    def __len__(self) -> int:
        return len(self.marks)


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


def file_bytes(path: Path) -> bytes:
    """All bytes of a file. Raises `Unsound` where there is none, or more than a checklist has."""
    file = str(path)
    try:
        if not path.is_file():
            raise Unsound([mistake(file, TOP, "there is no such file", "Check the name.")])
        with path.open("rb") as source:
            raw = source.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:  # a name that holds a NUL is a ValueError
        raise Unsound([mistake(file, TOP, f"this cannot be read ({error})", "Check who may read it.")]) from error
    if len(raw) > LARGEST_BYTES:
        what = f"the file is larger than {LARGEST_BYTES // 1024} KiB"
        raise Unsound([mistake(file, TOP, what, "Split it into several checklists.")])
    return raw


def _text(raw: bytes, file: str) -> str:
    for beginning, what in OTHER_FILES.items():
        if raw.startswith(beginning):
            mend = "Save its text as plain text in UTF-8, or write it in an editor for plain text."
            raise Unsound([mistake(file, TOP, f"this is {what} and no plain text", mend)])
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        at = _after(before)
        raise Unsound([mistake(file, at, "this is not UTF-8 text", "Save the file as UTF-8.")]) from error
    if text.startswith("\ufeff"):
        raise Unsound([mistake(file, TOP, *BOM_FIRST)])
    if odd := UNPRINTABLE.search(text):
        what = f"the character U+{ord(odd[0]):04X} cannot be shown"
        raise Unsound([mistake(file, _after(text[: odd.start()]), what, "Remove it.")])
    return text


def _after(text: str) -> Position:
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


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
            self.stop(position(last.start_mark), "a second document begins here", "Give it a file of its own.")
        return data

    def node(
        self, event: yaml.Event, events: Iterator[yaml.Event], path: DataPath, key: Position | None = None
    ) -> Data:
        """The data that begins with an event, its marks noted."""
        at = position(event.start_mark)
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
            at = position(event.start_mark)
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
                "Write a word, such as T1 for a point.",
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
