"""Who may do what: the one table behind every button, for leads, members and observers."""

from __future__ import annotations

from bot.core.charge import around, charged
from bot.core.events import (
    AnyEvent,
    Archived,
    Assigned,
    DueSet,
    Exported,
    Handling,
    Internal,
    Invited,
    Joined,
    Left,
    Opened,
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    Shielded,
    Signed,
    Waived,
)
from bot.core.need import concerns, may_see, sees
from bot.core.sealing import objection
from bot.dialog.place import Room

LEADS_ONLY = {
    Invited: "invite people",
    Rescheduled: "move the talks",
    Waived: "waive this",
    Left: "remove people",
    DueSet: "set dates",
    Signed: "sign",
    RoleGiven: "give people another role",
    Restricted: "say who may see a section",
    Shielded: "say what the chat may carry",
    Archived: "put talks away",
    Handling: "set the handling line",
    Internal: "say what stays internal",
}
STILL = (Archived, Exported, Left, RoleGiven, Restricted, Shielded)  # what may be recorded in talks that are put away
OBSERVES = "You are here as an observer: you can read everything, but not answer."
AWAY = "These talks are put away: they can be read, but not changed."
KEPT = "That section is kept for others in the delegation."
LEADERLESS = "Somebody has to lead these talks. Make somebody else a lead first."
GONE = "That person is not in the delegation any more."


def refusal(room: Room, events: tuple[AnyEvent, ...]) -> str | None:
    """Why these events may not be recorded by this person, None when they may."""
    if any(isinstance(event, Opened) for event in events):
        return None if room.may_open else "Only a lead can open a negotiation."
    refused = next((why for event in events if (why := _refused(room, event))), None)
    return refused or (LEADERLESS if events and _leaderless(room, events) else None)


def reads_only(room: Room) -> str:
    """Why this person can only read here; empty when they may answer."""
    if room.n is not None and room.n.archived:
        return f"{AWAY} {room.only_leads} can take them up again."
    return OBSERVES if room.role == Role.OBSERVER else ""


def _refused(room: Room, event: AnyEvent) -> str | None:
    if room.role is None:
        return "You do not belong to this delegation."
    if not sees(room.here, concerns(event)):
        return KEPT
    if isinstance(event, Left) and event.person == room.me:
        return None
    if not room.leads and (what := LEADS_ONLY.get(type(event))) is not None:
        return f"{room.only_leads} can {what}."
    if not isinstance(event, STILL) and (why := reads_only(room)):
        return why
    match event:
        case Joined():
            return "People join by an invitation."
        case Left(person=person) | RoleGiven(person=person) if room.here.role(person) is None:
            return GONE
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
