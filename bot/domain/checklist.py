"""A checklist: sections of items, each asking one thing and judged by gap rules.

Checklists are written as YAML by people who know negotiations, not this code
(see docs/checklists/writing.md). Here they are frozen values; reading and
positions of mistakes are ``bot.authoring``'s work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

import pydantic

from bot.domain.conditions import Condition, Part, asks_for_blockers

ItemId = str
FieldId = str
RowId = str
SectionId = str

# Ids travel in Telegram buttons, which hold 64 bytes (bot.dialog.callback_data).
Id = Annotated[str, pydantic.Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=16)]
OptionId = Annotated[str, pydantic.Field(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=12)]
PointId = Annotated[str, pydantic.Field(pattern=r"^[A-Z]+[0-9]+$", max_length=8)]
Title = Annotated[str, pydantic.Field(min_length=1, max_length=60)]
Sentence = Annotated[str, pydantic.Field(min_length=1, max_length=600)]


RuleName = Annotated[str, pydantic.Field(pattern=r"^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$")]  # item/rule
AskedOf = Literal["them", "us", "others"]


class Severity(StrEnum):
    """How much a gap weighs, worst first."""

    BLOCKER = "blocker"
    MAJOR = "major"
    MINOR = "minor"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return RANK[self]


RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Kind(StrEnum):
    """What an item or a field holds."""

    YES_NO = "yes_no"
    YES_PARTLY_NO = "yes_partly_no"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    ROW = "row"  # fields only: points at a row of the table named by `of`
    TABLE = "table"  # items only: any number of rows
    FORM = "form"  # items only: several fields that are answered together, once


class Option(Part):
    """One thing that can be chosen. In an ordered choice, the lowest comes first."""

    id: OptionId
    label: Annotated[str, pydantic.Field(min_length=1, max_length=40)]


YES = Option(id="yes", label="Yes")
PARTLY = Option(id="partly", label="Partly")
NO = Option(id="no", label="No")
GIVEN_OPTIONS = {Kind.YES_NO: (YES, NO), Kind.YES_PARTLY_NO: (YES, PARTLY, NO)}


class Asked(Part):
    """What an item and a field have in common: an id, a question, and what may answer it."""

    id: Id
    label: Title
    ask: Sentence
    kind: Kind
    options: tuple[Option, ...] = pydantic.Field((), max_length=20)
    ordered: bool = False
    past: bool = False  # a date on which something happened
    asked_of: AskedOf | None = None  # who can know it; a field without takes its item's, an item without may be asked
    internal: bool = False  # left out of the partner version, unless a lead lets it out

    @cached_property
    def choices(self) -> dict[str, Option]:
        """Every option by its id, those of yes/no kinds included."""
        return {option.id: option for option in GIVEN_OPTIONS.get(self.kind, self.options)}


class Field(Asked):
    """One column of a table item, or one question of a form item."""

    kind: Literal[
        Kind.YES_NO,
        Kind.YES_PARTLY_NO,
        Kind.CHOICE,
        Kind.CHOICES,
        Kind.TEXT,
        Kind.NUMBER,
        Kind.DATE,
        Kind.ROW,
    ]
    required: bool = False
    of: Id | None = None
    show_if: Condition | None = None


class GivenRow(Part):
    """A row that is there when a negotiation opens.

    ``forced`` rows cannot be removed. With ``each``, the opening question of that name
    gives one row a line, the line going into the field ``into``.
    """

    id: Id
    forced: bool = False
    cells: dict[Id, str] = pydantic.Field({}, max_length=30)
    each: Id | None = None
    into: Id | None = None


class Lighter(Part):
    """When a gap weighs less than it is written, and how much then; what is light can be waived."""

    when: Condition
    severity: Severity


class GapRule(Part):
    """When an answer, or the lack of one, leaves a gap, and how to mend it.

    With ``each`` the condition is put to every row of the item's table, and each row
    for which it holds leaves a gap of its own.
    """

    id: Id
    severity: Severity
    waivable: bool = True
    each: bool = False
    unless_gap: RuleName | None = (
        None  # silent while that gap is open, waived or not; in the same row where both have rows
    )
    lighter: Lighter | None = None
    when: Condition
    says: Sentence
    mend: Sentence
    from_: tuple[PointId, ...] = pydantic.Field((), alias="from", max_length=20)

    @cached_property
    def last(self) -> bool:
        """Whether the rule looks at other open blockers, and so is judged after all others."""
        return asks_for_blockers(self.when)


class Lock(Part):
    """What must hold before an item can be answered."""

    until: Condition
    says: Sentence


class Requests(Part):
    """The fields of a table whose rows are what we ask the other side for, read out in the first session.

    ``words`` are fit to be read out; where they are blank, the name of the row is.
    """

    words: Id
    to: Id | None = None
    by: Id | None = None
    goal: Id | None = None


class Item(Asked):
    """One thing to settle."""

    why: Sentence
    from_: tuple[PointId, ...] = pydantic.Field(alias="from", min_length=1, max_length=20)
    kind: Literal[
        Kind.YES_NO,
        Kind.YES_PARTLY_NO,
        Kind.CHOICE,
        Kind.CHOICES,
        Kind.TEXT,
        Kind.NUMBER,
        Kind.DATE,
        Kind.TABLE,
        Kind.FORM,
    ]
    example: Annotated[str, pydantic.Field(max_length=300)] | None = None
    due: int | None = pydantic.Field(None, ge=0, le=3650)  # days before the talks
    valid_for: int | None = pydantic.Field(None, ge=1, le=3650)  # days
    show_if: Condition | None = None
    locked: Lock | None = None
    not_applicable: bool = True
    unanswered: Severity = Severity.MINOR
    fields: tuple[Field, ...] = pydantic.Field((), max_length=30)
    named_by: Id | None = None
    requests: Requests | None = None
    rows: tuple[GivenRow, ...] = pydantic.Field((), max_length=40)
    gaps: tuple[GapRule, ...] = pydantic.Field((), max_length=40)

    @cached_property
    def field(self) -> dict[FieldId, Field]:
        """The fields by their ids, in order."""
        return {field.id: field for field in self.fields}

    @cached_property
    def rule(self) -> dict[str, GapRule]:
        """The gap rules by their ids, in order."""
        return {rule.id: rule for rule in self.gaps}

    @property
    def has_rows(self) -> bool:
        """Whether answers live in rows: tables, and forms as their one row."""
        return self.kind in {Kind.TABLE, Kind.FORM}

    @property
    def naming(self) -> Field:
        """The field by which a row is called: the one named, else the first."""
        return self.field[self.named_by] if self.named_by else self.fields[0]

    @property
    def always_applies(self) -> bool:
        """Whether "not applicable" is refused: by the author, or for what no lead may waive."""
        return not self.not_applicable or any(not rule.waivable for rule in self.gaps)


class Section(Part):
    """Items that are answered in one sitting."""

    id: Id
    title: Title
    about: Sentence
    items: tuple[Item, ...] = pydantic.Field(min_length=1, max_length=60)


class Opener(Part):
    """What the checklist asks for when a negotiation is opened; ``lines`` takes a list."""

    id: Id
    label: Title
    ask: Sentence
    lines: bool = False


class Gate(Part):
    """A day before the talks by which something must be closed.

    Whatever is due by then is; with ``closes`` every gap of that severity and worse as well.
    """

    days: Annotated[int, pydantic.Field(ge=0, le=3650)]  # before the talks
    label: Title
    closes: Severity | None = None


class Checklist(Part):
    """Everything to settle before one kind of talks.

    ``points`` are the paper's, paraphrased; items name them in ``from``. Texts may hold
    ``{counterpart}``, ``{subject}`` and the ids of openers in braces.
    """

    format: Literal[1, 2] = 1  # 2 has the defaults of today; what was written in 1 keeps its meaning
    id: Annotated[str, pydantic.Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
    version: int = pydantic.Field(ge=1)
    title: Title
    about: Sentence
    source: Sentence
    counterpart: Title | None = None
    subject: Annotated[str, pydantic.Field(min_length=1, max_length=200)] | None = None
    opening: tuple[Opener, ...] = pydantic.Field((), max_length=10)
    gates: tuple[Gate, ...] = pydantic.Field((), max_length=10)
    signatures: int = pydantic.Field(1, ge=1, le=10)  # of leads, for a sign-off
    points: dict[PointId, Sentence] = pydantic.Field(max_length=100)
    sections: tuple[Section, ...] = pydantic.Field(min_length=1, max_length=12)

    @cached_property
    def item(self) -> dict[ItemId, Item]:
        """Every item by its id, in order."""
        return {item.id: item for section in self.sections for item in section.items}

    @cached_property
    def longest_due(self) -> int:
        """The most days before the talks by which any item is due."""
        return max((item.due or 0 for item in self.item.values()), default=0)

    @cached_property
    def internal(self) -> frozenset[str]:
        """The items, and fields as item.field, that are internal from the opening on."""
        fields = (f"{item.id}.{field.id}" for item in self.item.values() for field in item.fields if field.internal)
        return frozenset([*(item.id for item in self.item.values() if item.internal), *fields])

    @cached_property
    def silencers(self) -> dict[ItemId, tuple[tuple[GapRule, ItemId, str], ...]]:
        """By item the rules that are silent while another gap is open, each with that gap's item and rule."""
        found: dict[ItemId, tuple[tuple[GapRule, ItemId, str], ...]] = {}
        for item, rule in self.rules():
            other, _, its_rule = (rule.unless_gap or "").partition("/")
            if other in self.item and its_rule in self.item[other].rule:
                found[item.id] = (*found.get(item.id, ()), (rule, other, its_rule))
        return found

    @cached_property
    def looking(self) -> tuple[Item, ...]:
        """The items with a rule that looks at other open blockers."""
        return tuple(item for item in self.item.values() if any(rule.last for rule in item.gaps))

    @cached_property
    def section(self) -> dict[SectionId, Section]:
        """Every section by its id, in order."""
        return {section.id: section for section in self.sections}

    @cached_property
    def section_of(self) -> dict[ItemId, Section]:
        """The section in which each item stands."""
        return {item.id: section for section in self.sections for item in section.items}

    @cached_property
    def digest(self) -> str:
        """What tells this very text apart from any other: SHA-256 over its JSON, in hex."""
        return hashlib.sha256(self.model_dump_json(by_alias=True, exclude_defaults=True).encode()).hexdigest()

    def rules(self) -> Iterator[tuple[Item, GapRule]]:
        """Every gap rule with its item, in order."""
        for item in self.item.values():
            for rule in item.gaps:
                yield item, rule
