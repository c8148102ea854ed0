"""Who may do what: the one table, of roles, verbs and what they are done to.

Every place, event, command, document and route names its verb. `authorise` is asked inside the
transaction that shows or records; what it refuses is put into words elsewhere. Beside this table
stand only conditions on what is done, the same for every role: somebody has to lead, a signature
needs no open blocker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from bot.domain.access.need_to_know import hidden_from, may_see
from bot.domain.events import (
    Answered,
    AnyEvent,
    Archived,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    EvidenceAdded,
    EvidenceRemoved,
    Exported,
    Handling,
    Internal,
    Invited,
    Joined,
    Keep,
    Knocked,
    Left,
    Opened,
    PassphraseReset,
    Passphrases,
    PersonId,
    Pursued,
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    RowPut,
    RowRemoved,
    Screened,
    Shielded,
    Signed,
    TakenBack,
    Target,
    TurnedAway,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.negotiation import Negotiation


class Permission(StrEnum):
    """What can be done."""

    WAIT = "wait"  # for a lead's word; shows nothing of any talks
    COME = "come"  # to what needs no talks: help, one's own settings, the list of one's own talks
    OPEN = "open"  # a negotiation
    ENTER = "enter"  # a delegation, or wait at its door
    LOOK = "look"
    TAKE_AWAY = "take_away"  # as a file, as far as one sees
    TAKE_WHOLE = "take_whole"  # as a file made of everything
    ANSWER = "answer"
    LEAVE = "leave"
    LEAD = "lead"  # waive, sign, invite, set days: what only leads do, in talks at work
    ORDER = "order"  # who is in it, who sees what, whether it is put away: what leads do in any talks
    OPERATE = "operate"  # from the command line, on the server


class Relation(StrEnum):
    """What a person is to a negotiation."""

    LEAD = "lead"
    MEMBER = "member"
    OBSERVER = "observer"
    OUTSIDE = "outside"  # known, but not in it: of other talks, or of none yet
    STRANGER = "stranger"  # belongs nowhere, or nowhere any more
    INVITED = "invited"  # brings an invitation to it
    OPERATOR = "operator"


class Denial(StrEnum):
    """Why something is refused."""

    STRANGER = "stranger"
    UNINVITED = "uninvited"
    NO_OPENER = "no_opener"
    KEPT = "kept"  # in a section that is kept for others
    PARTIAL = "partial"  # sections are kept from them, and it is made of all
    NO_LEAD = "no_lead"
    AWAY = "away"  # the talks are put away
    OBSERVES = "observes"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who wants something.

    ``belongs``: they have a seat somewhere, or may open talks. ``invited`` is for the doors to say, ``operator``
    for the command line.
    """

    person: PersonId = ""
    belongs: bool = False
    opens: bool = False
    invited: bool = False
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """What something is done to: a negotiation, whole, and the sections, items, gaps or unknowns in it that matter."""

    n: Negotiation | None = None
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may, and whether also in talks that are put away, and only who sees the whole."""

    by: frozenset[Relation]
    away: bool = True
    whole: bool = False


OPERATOR = Actor(operator=True)

_LEADS = frozenset({Relation.LEAD})
_WORKING = _LEADS | {Relation.MEMBER}
_INSIDE = _WORKING | {Relation.OBSERVER}
_KNOWN = _INSIDE | {Relation.OUTSIDE}

RULES: Mapping[Permission, Rule] = MappingProxyType(
    {
        Permission.WAIT: Rule(frozenset(Relation)),
        Permission.COME: Rule(_KNOWN),
        Permission.OPEN: Rule(_KNOWN | {Relation.OPERATOR}),
        Permission.ENTER: Rule(frozenset({Relation.INVITED, Relation.OPERATOR})),
        Permission.LOOK: Rule(_INSIDE),
        Permission.TAKE_AWAY: Rule(_INSIDE | {Relation.OPERATOR}),
        Permission.TAKE_WHOLE: Rule(_INSIDE | {Relation.OPERATOR}, whole=True),
        Permission.ANSWER: Rule(_WORKING, away=False),
        Permission.LEAVE: Rule(_INSIDE),
        Permission.LEAD: Rule(_LEADS, away=False),
        Permission.ORDER: Rule(_LEADS),
        Permission.OPERATE: Rule(frozenset({Relation.OPERATOR})),
    }
)

# The verb by which each event is recorded; `verb_of` tells the few that depend on what is in it.
EVENTS: Mapping[type[AnyEvent], Permission] = MappingProxyType(
    {
        Opened: Permission.OPEN,
        Joined: Permission.ENTER,
        Knocked: Permission.ENTER,
        Exported: Permission.TAKE_AWAY,
        **dict.fromkeys((Answered, RowPut, RowRemoved, TakenBack, Claimed, Confirmed), Permission.ANSWER),
        **dict.fromkeys((EvidenceAdded, EvidenceRemoved, Pursued, Assigned), Permission.ANSWER),
        **dict.fromkeys((Rescheduled, Invited, Waived, WaiverReinstated, DueSet, Signed), Permission.LEAD),
        **dict.fromkeys((Handling, Internal, Screened), Permission.LEAD),
        WaiverExpired: Permission.OPERATE,  # nobody says so: the clock does
        **dict.fromkeys((Left, RoleGiven, Restricted, Archived, Keep, TurnedAway, Shielded), Permission.ORDER),
        **dict.fromkeys((Passphrases, PassphraseReset), Permission.ORDER),
    }
)


def permission_of(event: AnyEvent, by: PersonId, n: Negotiation | None) -> Permission:
    """What somebody does who records an event."""
    match event:
        case Left(person=person) if person == by:
            return Permission.LEAVE
        case Joined(person=person) if n is not None and person in n.waiting:
            return Permission.ORDER  # a lead's word is what they wait for
        case Exported(variant="partner") | Exported(form="json"):
            return Permission.TAKE_WHOLE
        case _:
            return EVENTS[type(event)]


def standing(who: Actor, n: Negotiation | None) -> Relation:
    """What somebody is to a negotiation."""
    if who.operator:
        return Relation.OPERATOR
    if who.invited:
        return Relation.INVITED
    role = n.role(who.person) if n is not None else None
    if role is not None:
        return _ROLES[role]
    return Relation.OUTSIDE if who.belongs else Relation.STRANGER


_ROLES = {Role.LEAD: Relation.LEAD, Role.MEMBER: Relation.MEMBER, Role.OBSERVER: Relation.OBSERVER}


def is_for_anybody(verb: Permission) -> bool:
    """Whether this is granted to whoever asks, whatever they are to any talks."""
    rule = RULES[verb]
    return rule.by == frozenset(Relation) and rule.away and not rule.whole


def authorise(who: Actor, verb: Permission, what: Resource) -> Denial | None:
    """Why somebody may not do this, None when they may."""
    rule, stands = RULES[verb], standing(who, what.n)
    if verb is Permission.OPEN and not (who.opens or who.operator):
        return Denial.STRANGER if stands is Relation.STRANGER else Denial.NO_OPENER
    if stands not in _INSIDE or what.n is None:
        return None if stands in rule.by else Denial.STRANGER
    if not all(may_see(what.n, who.person, one) for one in what.targets):
        return Denial.KEPT
    if rule.whole and hidden_from(what.n, who.person):
        return Denial.PARTIAL
    if stands not in rule.by and Relation.MEMBER not in rule.by:
        return Denial.NO_LEAD if Relation.LEAD in rule.by else Denial.UNINVITED
    if what.n.archived and not rule.away:
        return Denial.AWAY
    return None if stands in rule.by else Denial.OBSERVES
