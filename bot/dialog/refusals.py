"""Refusals in words: what `bot.domain.access.permissions` denies, and what nobody may do whatever their role."""

from __future__ import annotations

from bot.dialog.contract import Place, Room
from bot.domain.access.need_to_know import concerns, may_see
from bot.domain.access.permissions import Denied, What, authorise, verb_of
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
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    Screened,
    Shielded,
    Signed,
    TurnedAway,
    Waived,
)
from bot.domain.ownership import around, charged
from bot.domain.sign_off import objection

ASKED = {  # what is asked of a lead, in words
    Invited: "invite people",
    Rescheduled: "move the talks",
    Waived: "waive this",
    Left: "remove people",
    DueSet: "set dates",
    Signed: "sign",
    RoleGiven: "give people another role",
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


def entry(room: Room, place: Place) -> Denied | None:
    """Why this person may not stand at a place, None when they may."""
    if room.n is None and not place.outside:
        return Denied.STRANGER
    return authorise(room.who, place.verb, What(room.n, place.targets)) if room.kept else room.denied(place.verb)


def denied(room: Room, event: AnyEvent) -> Denied | None:
    """Why this person's role does not let them record an event, None when it does."""
    what = What(room.n, tuple(filter(None, (concerns(event),))))
    return authorise(room.who, verb_of(event, room.me, room.n), what)


def refusal(room: Room, events: tuple[AnyEvent, ...]) -> str | None:
    """Why these events may not be recorded by this person, None when they may."""
    opening = tuple(event for event in events if isinstance(event, Opened))  # what comes with it is part of it
    refused = next((why for event in opening or events if (why := _refused(room, event))), None)
    if refused or opening:
        return refused
    return LEADERLESS if events and _leaderless(room, events) else None


def in_words(room: Room, why: Denied, what: str = "do this") -> str:
    """A refusal, as the person is told it; ``what`` they asked for."""
    match why:
        case Denied.STRANGER:
            return REFUSED
        case Denied.UNINVITED:
            return "People join by an invitation."
        case Denied.NO_OPENER:
            return "Only a lead can open a negotiation."
        case Denied.KEPT:
            return KEPT
        case Denied.PARTIAL:
            return PARTIAL
        case Denied.NO_LEAD:
            return f"{room.only_leads} can {what}."
        case Denied.AWAY:
            return f"{AWAY} {room.only_leads} can take them up again."
        case Denied.OBSERVES:
            return OBSERVES


def _refused(room: Room, event: AnyEvent) -> str | None:
    if (why := denied(room, event)) is not None:
        return in_words(room, why, ASKED.get(type(event), "do this"))
    match event:
        case Joined(person=person, role=role) if room.here.waiting[person].role != role:
            return "People join in the role they were invited to."
        case Left(person=person) | RoleGiven(person=person) | PassphraseReset(person=person) if (
            room.here.role(person) is None
        ):
            return GONE
        case PassphraseReset(person=room.me):
            return OWN_PHRASE
        case TurnedAway(person=person) if person not in room.here.waiting:
            return "Nobody of that name waits any more."
        case Signed():
            return objection(room.here, event, room.today) or None
        case Assigned():
            return _workless(room, event) or _ungiven(room, event)
        case _:
            return None


def _own(room: Room, event: Assigned) -> bool:
    """Whether somebody only takes work or leaves it: nobody else gains or loses any, also not by inheritance."""
    n, wider = room.here, around(room.here, event.target)
    had = set(charged(n, event.target))
    now = set(event.people) or set(charged(n, wider) if wider else ())
    return not had - now - {room.me} and not set(event.people) - had - {room.me}


def _workless(room: Room, event: Assigned) -> str | None:
    """Why somebody cannot be given work: they are not here, or only look on."""
    for person in set(event.people) - set(charged(room.here, event.target)):
        if (role := room.here.role(person)) is None:
            return GONE
        if role == Role.OBSERVER:
            return f"{room.here.name(person)} is here as an observer and takes on no work."
    return None


def _ungiven(room: Room, event: Assigned) -> str | None:
    """Why something may not be given to these people."""
    if not room.leads and not _own(room, event):
        return f"{room.only_leads} can give work to other people, or take it from them."
    had = room.here.owners.get(event.target, ())
    blind = [one for one in event.people if one not in had and not may_see(room.here.judged, one, event.target)]
    if blind:
        return f"{room.here.names(blind)} may not see that section. Say first that they may."
    return None


def _leaderless(room: Room, events: tuple[AnyEvent, ...]) -> bool:
    """Whether nobody would lead any more once all of this has happened."""
    leads = set(room.here.leads)
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
