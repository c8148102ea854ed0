"""The parts of a report: plain values that hold words, dates and counts.

`bot.domain.report.builder` fills them in; whoever shows a report reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from bot.domain.answers import Answer, Day, NotApplicable, Number, Picked, Pointer, Text
from bot.domain.checklist import Kind, Severity
from bot.domain.events import Role
from bot.domain.readiness.readiness import State

PARTNER = "Partner version: what is internal is left out, of the state and the counts as well"
UNMARKED = "Nothing is marked internal: this is the full version"
VEILED = (
    "Made for a chat: what the chat may not carry is left out, as its gaps show; "
    "the whole comes from the browser or “readiness export”"
)
PARTIAL = "Only the sections that its reader may see: verdict and counts cover no others"


COURSES: dict[Literal["question", "task"] | None, str] = {
    "question": "Questions for the first session",
    "task": "Tasks",
    None: "Unknown, and neither a question nor a task yet",
}


class CellContent(StrEnum):
    """What a cell holds: a blank is not an unknown, and neither is a text of that name.

    What is not asked in a row is in no document, whatever stood there before.
    """

    BLANK = "blank"
    SAID = "said"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"
    NOT_ASKED = "not asked"


class ItemStatus(StrEnum):
    """How an item stands, in words."""

    SETTLED = "settled"
    WAIVED = "waived"  # its gaps are all accepted by a lead
    OPEN = "gaps open"
    CLAIMED = "claimed, not written"
    LOCKED = "waits for another item"
    UNKNOWN = "unknown"
    BLANK = "not answered"
    NOT_ASKED = "not asked in these talks"  # but something was written there before


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer in words; ``text`` is empty for a blank.

    ``value`` is the answer itself, None for a blank and for what is no answer.
    """

    text: str
    sort: CellContent
    value: Answer | None = None

    @property
    def code(self) -> str:
        """How the answer travels between programs: an option's id, a row's id, an ISO date, plain digits."""
        match self.value:
            case Picked(options=options):
                return " ".join(options)
            case Pointer(row=row):
                return row
            case Day(day=day):
                return day.isoformat()
            case Number(number=number):
                return f"{number:f}"
            case Text(text=text) | NotApplicable(reason=text):
                return text
            case _:
                return ""


@dataclass(frozen=True, slots=True)
class Column:
    """What an item or a field asks for. ``options`` are codes with their labels; ``of`` is the table pointed into."""

    id: str
    label: str
    ask: str
    kind: Kind
    options: tuple[tuple[str, str], ...] = ()
    of: str | None = None


@dataclass(frozen=True, slots=True)
class ReportAuthor:
    """Who wrote last, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of a table, or one question of a form; the cells are in the order of the headers.

    ``row`` is the row's id; ``field`` is that of a form's question.
    """

    cells: tuple[Cell, ...]
    said: ReportAuthor | None
    row: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """Evidence behind an answer; ``form`` is link, reference or file, ``size`` is in bytes."""

    form: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class ReportWaiver:
    """A waiver that holds."""

    reason: str
    until: date
    said: ReportAuthor


@dataclass(frozen=True, slots=True)
class ReportGap:
    """What is open, why, and how to mend it; ``points`` are the source's."""

    key: str
    item_id: str
    item: str
    severity: Severity
    waivable: bool
    says: str
    mend: str
    points: tuple[str, ...]
    owner: str | None
    due: date | None
    waiver: ReportWaiver | None


@dataclass(frozen=True, slots=True)
class ReportItem:
    """One thing to settle, with all that is written there.

    ``column`` is what it asks itself. Only tables and forms have ``headers``, and ``columns`` for their fields.
    """

    id: str
    label: str
    ask: str
    kind: Kind
    state: ItemStatus
    claim: str | None
    column: Column
    answer: Cell
    columns: tuple[Column, ...]
    headers: tuple[str, ...]
    lines: tuple[ReportRow, ...]
    said: ReportAuthor | None
    owner: str | None
    due: date | None
    evidence: tuple[ReportEvidence, ...]
    gaps: tuple[ReportGap, ...]


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section: settled items, of those that are asked."""

    id: str
    title: str
    about: str
    settled: int
    total: int
    items: tuple[ReportItem, ...]


@dataclass(frozen=True, slots=True)
class ReportGapCount:
    """How many gaps of a severity are open, and how many there are with the waived ones."""

    severity: Severity
    open: int
    raw: int


@dataclass(frozen=True, slots=True)
class ReportPerson:
    """One of the delegation; ``here`` until they leave."""

    name: str
    role: Role
    here: bool


@dataclass(frozen=True, slots=True)
class ReportUnknown:
    """Something recorded as unknown: a question for the first session, a task, or neither yet (None).

    Of questions, priority 1 comes first. ``spot`` is the item, or item/row/field.
    """

    spot: str
    item: str
    ask: str
    owner: str | None
    due: date | None
    course: Literal["question", "task"] | None
    priority: int | None


@dataclass(frozen=True, slots=True)
class ReportPoint:
    """A point of the source, and the items that come from it."""

    id: str
    says: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """One thing that happened, in words; ``by`` is who did it."""

    at: datetime
    by: str
    says: str


@dataclass(frozen=True, slots=True)
class ReportGate:
    """A day before the talks by which something must be closed, and how many gaps still keep it shut."""

    on: date
    label: str
    holding: int


@dataclass(frozen=True, slots=True)
class ReportSignature:
    """A lead's name under a state; ``void`` says why it does not stand, and is empty while it does."""

    by: str
    at: datetime
    verdict: str
    words: str
    void: str = ""

    @property
    def says(self) -> str:
        """All of it in words."""
        words = f": {self.words}" if self.words else ""
        void = f" ({self.void})" if self.void else ""
        return f"{self.by}, {self.at:%Y-%m-%d %H:%M} UTC, {self.verdict}{words}{void}"


@dataclass(frozen=True, slots=True)
class ReportSignOff:
    """How the sign-off stands: ``signed`` for a go, of ``wanted``; dissents and void ones are among the signatures.

    ``worse`` is what time alone has opened since the first that stands.
    """

    wanted: int
    signed: int
    signatures: tuple[ReportSignature, ...]
    worse: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """The sum of it."""
        done = "Signed off" if self.signed >= self.wanted else "Not signed off"
        return f"{done}: {self.signed} of {self.wanted} signed"


@dataclass(frozen=True, slots=True)
class ReportHeader:
    """What the report is about, and when and by whom it was made. ``seq`` names the exact state.

    ``state`` is the hash of what is in the report, as signatures show it; that of a partner version is of
    what partners get, and of a partial report there is none, since nobody signs that.
    ``handling`` is the line that stands on every page. ``partner`` says that this is the version
    for partners, in which what is internal is left out, counts included; ``unmarked``: nothing is. A ``partial`` report
    leaves out the sections that its reader may not see, and whoever shows it says so. A ``veiled`` one
    tells no content of what a chat may not carry.
    """

    uid: str
    checklist: str
    version: int
    source: str
    counterpart: str
    subject: str
    talks_on: date
    days_left: int
    delegation: tuple[ReportPerson, ...]
    opened_at: datetime
    made_at: datetime
    made_by: str
    seq: int
    handling: str
    partner: bool
    partial: bool = False
    veiled: bool = False
    state: str = ""
    unmarked: bool = False

    @property
    def face(self) -> tuple[str, ...]:
        """What every page and file says of itself: the handling line, and what it leaves out."""
        partner = f"Partner version. {UNMARKED}" if self.unmarked else PARTNER
        left_out = (partner if self.partner else "", PARTIAL if self.partial else "", VEILED if self.veiled else "")
        lines = (self.handling, *left_out)
        return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. ``raw`` is the verdict without waivers. Gaps come worst first, waived ones among them.

    Unknowns come as questions by their priority, then tasks, then what is neither. ``sign_off`` is None
    in the partner version: signatures stand under the whole, which partners do not get.
    """

    head: ReportHeader
    state: State
    raw: State
    counts: tuple[ReportGapCount, ...]
    sections: tuple[ReportSection, ...]
    gaps: tuple[ReportGap, ...]
    unknowns: tuple[ReportUnknown, ...]
    gates: tuple[ReportGate, ...]
    points: tuple[ReportPoint, ...]
    history: tuple[ReportEvent, ...]
    sign_off: ReportSignOff | None = None

    @property
    def unknowns_by_course(self) -> tuple[tuple[str, tuple[ReportUnknown, ...]], ...]:
        """Unknowns under their headings: what leads made a question, tasks, and what is neither yet, if anything."""
        found = [
            (heading, tuple(unknown for unknown in self.unknowns if unknown.course == course))
            for course, heading in COURSES.items()
        ]
        return tuple((heading, those) for heading, those in found if those or heading != COURSES[None])
