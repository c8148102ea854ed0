"""Refusals in words: what `bot.domain.access.permissions` denies, and what nobody may do whatever their role."""

from __future__ import annotations

from bot.dialog.contract import Context, Place
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Denial, Resource, authorise, permission_of
from bot.domain.events import (
    AnyEvent,
    Archived,
    Assigned,
    DueSet,
    Handling,
    Internal,
    Invited,
    Joined,
    Keep,
    Left,
    Opened,
    PassphraseReset,
    Passphrases,
    Renamed,
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    Screened,
    Shielded,
    Signed,
    TurnedAway,
    Waived,
    WaiverReinstated,
)
from bot.domain.ownership import around, charged
from bot.domain.sign_off import objection

ASKED = {  # what is asked of a lead, in words
    Invited: "invite people",
    Rescheduled: "move the talks",
    Waived: "waive this",
    WaiverReinstated: "say that a waiver holds on",
    Left: "remove people",
    DueSet: "set dates",
    Signed: "sign",
    RoleGiven: "give people another role",
    Renamed: "rename people",
    Restricted: "say who may see a section",
    Shielded: "say what the chat may carry",
    Passphrases: "say whether our own pages ask for a passphrase",
    PassphraseReset: "reset a passphrase",
    Archived: "put talks away",
    Keep: "say how long talks are kept",
    Handling: "set the handling line",
    Internal: "say what stays internal",
    Joined: "let people in",
    TurnedAway: "turn people away",
    Screened: "say whether new people wait",
}
REFUSED = "This bot works for its own delegations only. Ask your lead for an invitation."
OBSERVES = "You are here as an observer: you can read everything, but not answer."
AWAY = "These talks are put away: they can be read, but not changed."
KEPT = "That section is kept for others in the delegation."
PARTIAL = "That is made of every section, so it is only for those who see them all. Ask a lead for it."
LEADERLESS = "Somebody has to lead these talks. Make somebody else a lead first."
OWN_PHRASE = "Your own passphrase is reset by another lead, or by whoever runs the server. Nothing was recorded."
GONE = "That person is not in the delegation any more."


def entry(context: Context, place: Place) -> Denial | None:
    """Why this person may not stand at a place, None when they may."""
    if context.n is None and not place.outside:
        return Denial.STRANGER
    return (
        authorise(context.who, place.verb, Resource(context.n, place.targets))
        if context.kept
        else context.denied(place.verb)
    )


def denied(context: Context, event: AnyEvent) -> Denial | None:
    """Why this person's role does not let them record an event, None when it does."""
    what = Resource(context.n, tuple(filter(None, (event.concerns(),))))
    return authorise(context.who, permission_of(event, context.me, context.n), what)


def refusal(context: Context, events: tuple[AnyEvent, ...]) -> str | None:
    """Why these events may not be recorded by this person, None when they may."""
    opening = tuple(event for event in events if isinstance(event, Opened))  # what comes with it is part of it
    refused = next((why for event in opening or events if (why := _refused(context, event))), None)
    if refused or opening:
        return refused
    return LEADERLESS if events and _leaderless(context, events) else None


def in_words(context: Context, why: Denial, what: str = "do this") -> str:
    """A refusal, as the person is told it; ``what`` they asked for."""
    match why:
        case Denial.STRANGER:
            return REFUSED
        case Denial.UNINVITED:
            return "People join by an invitation."
        case Denial.NO_OPENER:
            return "Only a lead can open a negotiation."
        case Denial.KEPT:
            return KEPT
        case Denial.PARTIAL:
            return PARTIAL
        case Denial.NO_LEAD:
            return f"{context.only_leads} can {what}."
        case Denial.AWAY:
            return f"{AWAY} {context.only_leads} can take them up again."
        case Denial.OBSERVES:
            return OBSERVES


def _refused(context: Context, event: AnyEvent) -> str | None:
    if (why := denied(context, event)) is not None:
        return in_words(context, why, ASKED.get(type(event), "do this"))
    match event:
        case Joined(person=person, role=role) if context.here.waiting[person].role != role:
            return "People join in the role they were invited to."
        case (
            Left(person=person) | RoleGiven(person=person) | Renamed(person=person) | PassphraseReset(person=person)
        ) if context.here.role(person) is None:
            return GONE
        case PassphraseReset(person=context.me):
            return OWN_PHRASE
        case TurnedAway(person=person) if person not in context.here.waiting:
            return "Nobody of that name waits any more."
        case Signed():
            return objection(context.here, event, context.today) or None
        case Assigned():
            return _workless(context, event) or _ungiven(context, event)
        case _:
            return None


def _own(context: Context, event: Assigned) -> bool:
    """Whether somebody only takes work or leaves it: nobody else gains or loses any, also not by inheritance."""
    n, wider = context.here, around(context.here, event.target)
    had = set(charged(n, event.target))
    now = set(event.people) or set(charged(n, wider) if wider else ())
    return not had - now - {context.me} and not set(event.people) - had - {context.me}


def _workless(context: Context, event: Assigned) -> str | None:
    """Why somebody cannot be given work: they are not here, or only look on."""
    for person in set(event.people) - set(charged(context.here, event.target)):
        if (role := context.here.role(person)) is None:
            return GONE
        if role == Role.OBSERVER:
            return f"{context.here.name(person)} is here as an observer and takes on no work."
    return None


def _ungiven(context: Context, event: Assigned) -> str | None:
    """Why something may not be given to these people."""
    if not context.leads and not _own(context, event):
        return f"{context.only_leads} can give work to other people, or take it from them."
    had = context.here.owners.get(event.target, ())
    blind = [
        person
        for person in event.people
        if person not in had and not may_see(context.here.judged, person, event.target)
    ]
    if blind:
        return f"{context.here.names(blind)} may not see that section. Say first that they may."
    return None


def _leaderless(context: Context, events: tuple[AnyEvent, ...]) -> bool:
    """Whether nobody would lead any more once all of this has happened."""
    leads = set(context.here.leads)
    if not leads:
        return False
    for event in events:
        match event:
            case Left(person=person):
                leads.discard(person)
            case Joined(person=person, role=Role.LEAD) | RoleGiven(person=person, role=Role.LEAD):
                leads.add(person)
            case RoleGiven(person=person):
                leads.discard(person)
            case _:
                pass
    return not leads
