"""Who may do what: the one table behind every button, for leads, members and observers."""

from __future__ import annotations

from bot.core.charge import around, charged
from bot.core.events import (
    AnyEvent,
    Archived,
    Assigned,
    DueSet,
    Invited,
    Joined,
    Left,
    Opened,
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    Signed,
    Waived,
)
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
    Archived: "put talks away",
}


def refusal(room: Room, events: tuple[AnyEvent, ...]) -> str | None:
    """Why these events may not be recorded by this person, None when they may."""
    if any(isinstance(event, Opened) for event in events):
        return None if room.may_open else "Only a lead can open a negotiation."
    return next((why for event in events if (why := _refused(room, event))), None)


def _refused(room: Room, event: AnyEvent) -> str | None:
    if room.role is None:
        return "You do not belong to this delegation."
    if room.leads and isinstance(event, Left) and room.here.leads == (event.person,):
        return "Somebody has to lead: the last lead cannot be removed."
    if isinstance(event, Assigned) and (why := _workless(room, event)):
        return why
    if room.leads or isinstance(event, Joined):
        return None
    if isinstance(event, Left) and event.person == room.me:
        return None
    if (what := LEADS_ONLY.get(type(event))) is not None:
        return f"Only {room.leads_by}, the lead, can {what}."
    if room.role == Role.OBSERVER:
        return "You are here as an observer: you can read everything, but not answer."
    if isinstance(event, Assigned) and not _own(room, event):
        return f"Only {room.leads_by}, the lead, can give work to other people, or take it from them."
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
            return "That person is not in the delegation any more."
        if role == Role.OBSERVER:
            return f"{room.here.name(person)} is here as an observer and takes on no work."
    return None
