"""What can happen to a negotiation, one file a kind. Events are never changed and never removed."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from bot.domain.events.answered import Answered
from bot.domain.events.archived import Archived
from bot.domain.events.assigned import Assigned
from bot.domain.events.base import CauseKey, Event, GapKey, How, PersonId, Role, Target
from bot.domain.events.claimed import Claimed
from bot.domain.events.confirmed import Confirmed
from bot.domain.events.due_set import DueSet
from bot.domain.events.evidence import Evidence
from bot.domain.events.evidence_added import EvidenceAdded
from bot.domain.events.evidence_removed import EvidenceRemoved
from bot.domain.events.exported import Exported
from bot.domain.events.handling import Handling
from bot.domain.events.internal import Internal
from bot.domain.events.invited import Invited
from bot.domain.events.joined import Joined
from bot.domain.events.keep import Keep
from bot.domain.events.knocked import Knocked
from bot.domain.events.left import Left
from bot.domain.events.opened import Opened
from bot.domain.events.passphrase_reset import PassphraseReset
from bot.domain.events.passphrases import Passphrases
from bot.domain.events.pursued import Pursued
from bot.domain.events.renamed import Renamed
from bot.domain.events.rescheduled import Rescheduled
from bot.domain.events.restricted import Restricted
from bot.domain.events.role_given import RoleGiven
from bot.domain.events.row_put import RowPut
from bot.domain.events.row_removed import RowRemoved
from bot.domain.events.screened import Screened
from bot.domain.events.shielded import Shielded
from bot.domain.events.signed import Signed
from bot.domain.events.taken_back import TakenBack
from bot.domain.events.turned_away import TurnedAway
from bot.domain.events.waived import Waived
from bot.domain.events.waiver_expired import WaiverExpired
from bot.domain.events.waiver_reinstated import WaiverReinstated

__all__ = [
    "ANY_EVENT",
    "Answered",
    "AnyEvent",
    "Archived",
    "Assigned",
    "CauseKey",
    "Claimed",
    "Confirmed",
    "DueSet",
    "Event",
    "Evidence",
    "EvidenceAdded",
    "EvidenceRemoved",
    "Exported",
    "GapKey",
    "Handling",
    "How",
    "Internal",
    "Invited",
    "Joined",
    "Keep",
    "Knocked",
    "Left",
    "Opened",
    "PassphraseReset",
    "Passphrases",
    "PersonId",
    "Pursued",
    "Renamed",
    "Rescheduled",
    "Restricted",
    "Role",
    "RoleGiven",
    "RowPut",
    "RowRemoved",
    "Screened",
    "Shielded",
    "Signed",
    "TakenBack",
    "Target",
    "TurnedAway",
    "Waived",
    "WaiverExpired",
    "WaiverReinstated",
]

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
    | Renamed
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
