"""One set of talks, as the fold of everything that happened to it.

What a negotiation is made of; `bot.domain.projection` makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import count as count_from
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from bot.domain.answers import Answer, Claim, Day, NotApplicable, Number, Picked, Pointer, Text, Unknown
from bot.domain.checklist import Asked, Checklist, FieldId, Item, ItemId, Kind, RowId, SectionId, Severity
from bot.domain.events import (
    AnyEvent,
    Evidence,
    GapKey,
    How,
    PersonId,
    Role,
    Target,
)
from bot.domain.person_names import looks_like_any

V = TypeVar("V")
NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
NOTHING: Mapping[str, Any] = MappingProxyType({})
FORM: RowId = "form"  # the one row of a form item
WITHHELD = "a withheld row"  # of a section that somebody may not see
VEILED = "(not in this chat)"  # in place of what a chat may not carry; see `bot.domain.access.redaction`


def _nothing() -> Mapping[str, Any]:
    return NOTHING


@cache  # texts are the checklists'
def _pieces(text: str) -> tuple[str, ...]:
    """A text cut at the names in it: text and name by turns."""
    return tuple(NAMED.split(text))


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with its place in the negotiation's one line of events."""

    seq: int
    at: datetime
    by: PersonId | None
    event: AnyEvent


@dataclass(frozen=True, slots=True)
class Held:
    """What is said at one place, and who said it when. ``by`` is None for what the checklist gave."""

    said: Answer | None
    by: PersonId | None
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. ``touched`` once a person wrote in it, or confirmed it as given."""

    id: RowId
    cells: Mapping[FieldId, Held]
    forced: bool = False
    touched: bool = False
    confirmed_at: datetime | None = None  # when somebody last said that this row still holds

    def said(self, field_id: FieldId) -> Answer | None:
        """What the cell holds, None for a blank."""
        held = self.cells.get(field_id)
        return held.said if held else None


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """The history of an item, newest first."""

    happened: Happened
    before: ItemHistory | None

    def __iter__(self) -> Iterator[Happened]:
        entry: ItemHistory | None = self
        while entry:
            yield entry.happened
            entry = entry.before


@dataclass(frozen=True, slots=True)
class Record:
    """All that is recorded at one item."""

    answer: Held | None = None
    rows: Mapping[RowId, Row] = field(default_factory=lambda: MappingProxyType({}))
    claim: Claim | None = None
    evidence: tuple[Evidence, ...] = ()
    seq: int = 0  # of the last change to what is said here
    fresh_at: datetime | None = None  # last written or confirmed
    rows_made: int = 0
    confirmed_at: datetime | None = None  # when somebody last said that it still holds
    confirmed: bool = False  # somebody said that the rows, or their absence, are right
    past: ItemHistory | None = field(default=None, repr=False, compare=False)
    before: Record | None = field(
        default=None, repr=False, compare=False
    )  # as it was before the last change, which alone can be taken back

    @property
    def said(self) -> Answer | None:
        """The answer as it stands, None for a blank."""
        return self.answer.said if self.answer else None

    @property
    def written(self) -> bool:
        """Whether a person has written any content here: a value, a cell, or that the rows are right."""
        if self.answer is not None and isinstance(self.answer.said, (Text, Number, Day, Picked, Pointer)):
            return True
        return self.confirmed or any(row.touched for row in self.rows.values())

    @property
    def answered(self) -> bool:
        """Whether anything is said here, were it only that it is unknown or does not apply: no claim counts then."""
        return self.written or self.said is not None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the delegation; ``here`` until they leave."""

    id: PersonId
    name: str
    role: Role
    here: bool = True


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who came by an invitation and waits for a lead's word."""

    id: PersonId
    name: str
    handle: str
    role: Role

    @property
    def called(self) -> str:
        """What they call themselves, and what Telegram calls them."""
        return f"{self.name} (@{self.handle})" if self.handle else self.name


@dataclass(frozen=True, slots=True)
class Waiver:
    """A gap accepted by a lead: why, until when, by whom, and as how severe."""

    reason: str
    until: date
    by: PersonId | None
    at: datetime
    severity: Severity
    expired_seq: int = 0  # of the event by which it was seen that its last day is over; 0 while none says so

    def is_over(self, on: date) -> bool:
        """Whether its last day is over on a day, or was seen over before: time does not go back."""
        return bool(self.expired_seq) or self.until < on

    def covers(self, severity: Severity, on: date) -> bool:
        """Whether a gap of this severity is accepted on a day: what was accepted as less is not accepted as more."""
        return not self.is_over(on) and self.severity.rank <= severity.rank


@dataclass(frozen=True, slots=True)
class Pursuit:
    """What is done about an unknown."""

    course: Literal["question", "task"]
    priority: int
    by: PersonId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """For how many days talks are kept after they begin, or after they are put away; who said so."""

    days: int
    after: Literal["talks", "away"]
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class Signature:
    """A lead's name under one exact state."""

    by: PersonId | None
    at: datetime
    seq: int
    state: str
    verdict: Literal["go", "conditional", "no_go"]
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Negotiation:
    """One set of talks as it stands after event ``seq``. Compared by identity.

    A view that leaves sections out (`bot.domain.access.need_to_know`) names them in ``hidden``, and one that tells
    no content of some items (`bot.domain.access.redaction`) names those in ``veiled``; either has ``behind`` it
    everything that rules are judged on.
    """

    checklist: Checklist
    uid: str
    counterpart: str
    subject: str
    talks_on: date
    given: Mapping[str, str]
    seq: int
    opened_at: datetime
    dated_on: date  # when the talks' day was set: at the opening, or when they were moved
    people: Mapping[PersonId, Member]
    records: Mapping[ItemId, Record]
    waivers: Mapping[GapKey, Waiver]
    owners: Mapping[Target, tuple[PersonId, ...]] = field(default_factory=_nothing)
    dues: Mapping[Target, date] = field(default_factory=_nothing)
    pursuits: Mapping[str, Pursuit] = field(default_factory=_nothing)
    signatures: tuple[Signature, ...] = ()  # every one ever given, oldest first
    content_seq: int = 0  # of the last event that changed what a signature stands for
    restricted: Mapping[SectionId, tuple[PersonId, ...]] = field(default_factory=_nothing)
    archived: bool = False
    away_since: date | None = None  # the day on which they were put away
    keeping: RetentionPeriod | None = None  # None: until somebody destroys them
    handling: str = ""  # the line that stands on every page and file taken away
    internal: frozenset[str] = (
        frozenset()
    )  # what stays out of the partner version; see `bot.domain.access.partner_release`
    screened: frozenset[str] = frozenset()  # the invitations by which people wait for a lead's word; "" for all
    waiting: Mapping[PersonId, Newcomer] = field(default_factory=_nothing)
    shields: Mapping[Target, How] = field(default_factory=_nothing)  # what a chat may not carry in full
    passphrases: bool = False  # whether our own pages ask everybody here for one of their own
    hidden: frozenset[SectionId] = frozenset()
    veiled: frozenset[ItemId] = frozenset()
    behind: Negotiation | None = field(default=None, repr=False)

    @property
    def judged(self) -> Negotiation:
        """What rules are put to: the whole, also where this leaves sections out. Never to be listed."""
        return self if self.behind is None else self.behind

    def withholds(self, item: ItemId) -> bool:
        """Whether an item is left out here because somebody may not see its section."""
        if not self.hidden:
            return False
        section = self.checklist.section_of.get(item)
        return section is None or section.id in self.hidden

    def record(self, item: ItemId) -> Record:
        """What is recorded at an item, a blank record when nothing is."""
        return self.records.get(item, BLANK)

    def name(self, person: PersonId | None) -> str:
        """What to call a person; those who left keep their names."""
        member = self.people.get(person) if person else None
        return member.name if member else "somebody"

    def unused(self, person: PersonId, name: str) -> str:
        """A name as a person may have it here: with a number behind it where it looks like somebody else's."""
        names = {member.id: member.name for member in self.people.values()} | {
            newcomer.id: newcomer.name for newcomer in self.waiting.values()
        }
        others = [called for who, called in names.items() if who != person]
        numbered = (name if count == 1 else f"{name} ({count})" for count in count_from(1))
        return next(free for free in numbered if not looks_like_any(free, others))

    def names(self, people: Iterable[PersonId]) -> str:
        """What to call several people, or nobody."""
        return ", ".join(self.name(person) for person in people) or "nobody"

    def role(self, person: PersonId) -> Role | None:
        """The role of a person who is here, None for everybody else."""
        member = self.people.get(person)
        return member.role if member and member.here else None

    @property
    def here(self) -> tuple[Member, ...]:
        """The delegation as it is now, in order of joining."""
        return tuple(member for member in self.people.values() if member.here)

    @property
    def leads(self) -> tuple[PersonId, ...]:
        """Who leads the delegation now."""
        return tuple(member.id for member in self.here if member.role == Role.LEAD)

    def words(self, text: str) -> str:
        """A checklist's text with this negotiation's names put in."""
        if "{" not in text:
            return text
        return "".join(self._named(piece) if nth % 2 else piece for nth, piece in enumerate(_pieces(text)))

    def _named(self, name: str) -> str:
        if name in self.given:
            return self.given[name]
        return {"counterpart": self.counterpart, "subject": self.subject}.get(name, f"{{{name}}}")

    def row_label(self, item: Item, row: Row) -> str:
        """What a row is called: what its naming field says."""
        if self.withholds(item.id):
            return WITHHELD
        if item.kind == Kind.FORM:
            return item.label
        if item.id in self.veiled:
            return VEILED
        naming = item.naming
        said = row.said(naming.id)
        return self.shown(naming, said) if said else "unnamed row"

    def shown(self, asked: Asked, said: Answer | None) -> str:
        """An answer in words, pointers followed to the names of their rows."""
        match said:
            case None:
                return "blank"
            case Text(text=text):
                return text
            case Number(number=number):
                return f"{number:f}"
            case Day(day=day, words=words):
                return f"{day.day} {day:%B %Y}{f' (“{words}”)' if words else ''}"
            case Picked(options=options):
                return ", ".join(
                    asked.choices[option].label if option in asked.choices else option for option in options
                )
            case Pointer() if self.withholds(getattr(asked, "of", None) or ""):
                return WITHHELD
            case Pointer(row=row):
                table = self.checklist.item.get(getattr(asked, "of", None) or "")
                there = self.record(table.id).rows.get(row) if table else None
                return self.row_label(table, there) if table and there else "a row that was removed"
            case Unknown():
                return "unknown"
            case NotApplicable(reason=reason):
                return f"not applicable: {reason}"


BLANK = Record()
