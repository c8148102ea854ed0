"""What can happen to a negotiation. Events are never changed and never removed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.domain.answers import Answer, Cell, Claim
from bot.domain.checklist import FieldId, ItemId, RowId, SectionId, Severity

PersonId = str
GapKey = str
How = Literal["chat", "pointer", "sealed"]  # all of it, names and references only, nothing asked: least strict first
Target = str  # what people are given or a day is set for: see `bot.domain.ownership`


class Role(StrEnum):
    """What a person is to the delegation."""

    LEAD = "lead"
    MEMBER = "member"
    OBSERVER = "observer"


class Event(BaseModel):
    """Something that happened; who and when are in `Happened`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class Opened(Event):
    """A negotiation was opened, on the checklist of this digest."""

    kind: Literal["opened"] = "opened"
    uid: str
    checklist: str
    counterpart: str
    subject: str
    talks_on: date
    given: dict[str, str] = {}


class Rescheduled(Event):
    """The talks were moved to another day."""

    kind: Literal["rescheduled"] = "rescheduled"
    talks_on: date


class Invited(Event):
    """An invitation was made. Only the hash of its secret is kept. ``person``: it signs in somebody who is here."""

    kind: Literal["invited"] = "invited"
    invite: str
    role: Role
    expires_at: datetime
    person: PersonId | None = None


class Joined(Event):
    """A person joined the delegation."""

    kind: Literal["joined"] = "joined"
    person: PersonId
    name: str
    role: Role


class Left(Event):
    """A person was removed from the delegation, or left it."""

    kind: Literal["left"] = "left"
    person: PersonId


class Answered(Event):
    """An item without rows was answered; None takes the answer back."""

    kind: Literal["answered"] = "answered"
    item: ItemId
    answer: Answer | None


class RowPut(Event):
    """Cells of a row were written; None blanks a cell. A row not there yet is added."""

    kind: Literal["row_put"] = "row_put"
    item: ItemId
    row: RowId
    cells: dict[FieldId, Cell | None]


class RowRemoved(Event):
    """A row was taken out of its table."""

    kind: Literal["row_removed"] = "row_removed"
    item: ItemId
    row: RowId


class TakenBack(Event):
    """The last change at an item was undone."""

    kind: Literal["taken_back"] = "taken_back"
    item: ItemId


class Claimed(Event):
    """A first pass said how far an item is; None takes that back."""

    kind: Literal["claimed"] = "claimed"
    item: ItemId
    claim: Claim | None


class Confirmed(Event):
    """What stands at an item was looked at again and still holds; with a row, what stands in that row alone.

    ``keeps_signatures``: it changed nothing that is signed. Before that was noted, each confirmation made them void.
    """

    kind: Literal["confirmed"] = "confirmed"
    item: ItemId
    row: RowId | None = None
    keeps_signatures: bool = Field(default=False, exclude_if=lambda keeps: not keeps)  # without it, as it always was


class Evidence(Event):
    """What stands behind an answer: a link, a document reference, or a stored file."""

    id: str
    form: Literal["link", "reference", "file"]
    text: str
    size: int = 0


class EvidenceAdded(Event):
    """Evidence was put behind an item."""

    kind: Literal["evidence_added"] = "evidence_added"
    item: ItemId
    evidence: Evidence


class EvidenceRemoved(Event):
    """Evidence was taken away."""

    kind: Literal["evidence_removed"] = "evidence_removed"
    item: ItemId
    evidence: str


class Assigned(Event):
    """A section, an item, a gap or an unknown was given to some people, or to nobody."""

    kind: Literal["assigned"] = "assigned"
    target: Target
    people: tuple[PersonId, ...]


class DueSet(Event):
    """A day was set by hand by which something is to be settled; None goes back to what the checklist says."""

    kind: Literal["due_set"] = "due_set"
    target: Target
    day: date | None


class Pursued(Event):
    """An unknown became a question for the first session, or a task; None lets it rest again."""

    kind: Literal["pursued"] = "pursued"
    spot: str  # an item, or item/row/field
    course: Literal["question", "task"] | None
    priority: Literal[1, 2, 3] = 2  # 1 comes first


class Waived(Event):
    """A lead accepted a gap in their own name until a day; without a reason it is withdrawn.

    ``severity`` is what the gap weighed when it was accepted. Files from before it was kept
    have none; they are read as having accepted a major gap.
    """

    kind: Literal["waived"] = "waived"
    gap: GapKey
    reason: str | None
    until: date | None
    severity: Severity | None = None


class WaiverExpired(Event):
    """It was seen that a waiver's last day is over. No clock that goes back brings it back."""

    kind: Literal["waiver_expired"] = "waiver_expired"
    gap: GapKey


class WaiverReinstated(Event):
    """A lead said that a waiver holds on to its last day, which a clock that ran ahead had seen over."""

    kind: Literal["waiver_reinstated"] = "waiver_reinstated"
    gap: GapKey


class Signed(Event):
    """A lead signed one exact state: for a go, for a go on conditions, or against one."""

    kind: Literal["signed"] = "signed"
    state: str  # `bot.domain.sign_off.state_hash` of what was signed
    verdict: Literal["go", "conditional", "no_go"]
    words: str = ""  # the conditions, or the dissent


class RoleGiven(Event):
    """A person was given another role."""

    kind: Literal["role_given"] = "role_given"
    person: PersonId
    role: Role


class Restricted(Event):
    """A section is only for these people and the leads from now on; None opens it to everybody again."""

    kind: Literal["restricted"] = "restricted"
    section: SectionId
    people: tuple[PersonId, ...] | None


class Shielded(Event):
    """How much of a target a chat on somebody else's servers may carry from now on; see `domain.access.redaction`."""

    kind: Literal["shielded"] = "shielded"
    target: Target  # ``s:allies``, ``asks``, or empty for the negotiation as a whole
    how: How


class Passphrases(Event):
    """Whether our own pages ask everybody of these talks for a passphrase of their own from now on."""

    kind: Literal["passphrases"] = "passphrases"
    on: bool


class PassphraseReset(Event):
    """A lead took a person's passphrase away, so that they choose another."""

    kind: Literal["passphrase_reset"] = "passphrase_reset"
    person: PersonId


class Archived(Event):
    """The negotiation was put away, or taken up again."""

    kind: Literal["archived"] = "archived"
    archived: bool


class Keep(Event):
    """It was said for how many days the talks are kept after they begin, or after they are put away; None: no end."""

    kind: Literal["keep"] = "keep"
    days: Annotated[int, Field(ge=1, le=3650)] | None
    after: Literal["talks", "away"] = "talks"


class Exported(Event):
    """The checklist was taken away as a file; ``form`` is one of `bot.domain.export_formats`."""

    kind: Literal["exported"] = "exported"
    form: str
    variant: Literal["full", "partner"] = "full"


class Handling(Event):
    """A line was set that stands on every page and file taken away, such as a marking; empty for none."""

    kind: Literal["handling"] = "handling"
    text: str


class Internal(Event):
    """A section, an item or a field was marked to stay out of the partner version, or released again."""

    kind: Literal["internal"] = "internal"
    target: str  # ``s:allies``, ``asks`` or ``asks.goal``
    internal: bool


class Screened(Event):
    """Who comes by this invitation waits for a lead's word, or no longer; with no ``invite``, whoever comes by any."""

    kind: Literal["screened"] = "screened"
    invite: str = ""  # the hash of its secret
    on: bool


class Knocked(Event):
    """A person came by an invitation and waits for a lead's word, under the name they have on Telegram."""

    kind: Literal["knocked"] = "knocked"
    person: PersonId
    name: str
    handle: str = ""  # without "@"
    role: Role


class TurnedAway(Event):
    """A person who waited was not let in."""

    kind: Literal["turned_away"] = "turned_away"
    person: PersonId


AnyEvent = (
    Opened
    | Rescheduled
    | Invited
    | Joined
    | Left
    | Answered
    | RowPut
    | RowRemoved
    | TakenBack
    | Claimed
    | Confirmed
    | EvidenceAdded
    | EvidenceRemoved
    | Assigned
    | Waived
    | WaiverExpired
    | WaiverReinstated
    | DueSet
    | Pursued
    | Signed
    | RoleGiven
    | Restricted
    | Archived
    | Keep
    | Exported
    | Handling
    | Internal
    | Screened
    | Knocked
    | TurnedAway
    | Shielded
    | Passphrases
    | PassphraseReset
)
# Pydantic would keep short texts in memory for good, in case they come again: nothing may stay of what is destroyed.
ANY_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(
    Annotated[AnyEvent, Field(discriminator="kind")],
    config=ConfigDict(hide_input_in_errors=True, cache_strings="keys"),
)
