"""Buttons that nobody can have been offered.

A tap is forged when no screen this person was ever shown can have held its button: it names a
place, or asks for a deed, that the table (`bot.domain.access.permissions`) allows them neither now nor in any
role they ever had here, in any state the talks were in by then; or it asks for a deed that leads
alone are offered there, and they never led; or it names an item that the checklist does not
have; or it is of a revision the chat has not reached. Such a tap is answered as a stranger is.

A button that was once theirs is not forged, however old: it is told kindly why it does nothing.
So is one that is offered to everybody and refused by name, such as “Waive…” to a member.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.dialog.contract import Action, ButtonReply, Context, Place
from bot.dialog.engine import render
from bot.dialog.refusals import denied, entry
from bot.domain.access.permissions import Permission, Resource, authorise, permission_of
from bot.domain.events import Archived, Joined, Left, Restricted, Role, RoleGiven, Target
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened

SHIFTS = (Joined, Left, RoleGiven, Restricted, Archived)  # what decides who may do what


def forged_place(context: Context, place: Place, talks: int) -> bool:
    """Whether a button can never have led to, or hung at, this place. ``talks``: the number in it, 0 for none."""
    if context.n is None or not talks:
        return not place.outside or (entry(context, place) is not None and not _once(context, place.verb, ()))
    item = getattr(place, "item", "")
    if isinstance(item, str) and item and item not in context.n.checklist.item:
        return True
    return entry(context, place) is not None and not _once(context, place.verb, place.targets)


def forged_deed(context: Context, place: Place, tapped: ButtonReply) -> bool:
    """Whether a place can never have offered this person a deed that came to nothing."""
    if context.n is None or entry(context, place) is not None or tapped in _offered(context, place):
        return False
    refused = [event for event in place.handle(context, tapped).events if denied(context, event) is not None]
    if refused:
        return not all(_once(context, permission_of(event, context.me, context.n), ()) for event in refused)
    leading = Happened(context.n.seq + 1, context.now, None, RoleGiven(person=context.me, role=Role.LEAD))
    as_lead = replace(context, n=after(context.n, leading))
    return tapped in _offered(as_lead, place) and not _once(context, Permission.ORDER, ())


def _offered(context: Context, place: Place) -> set[ButtonReply]:
    means = (button.means for row in render(context, place).buttons for button in row)
    return {ButtonReply(action.act, action.arg) for action in means if isinstance(action, Action)}


def _once(context: Context, verb: Permission, targets: tuple[Target, ...]) -> bool:
    """Whether this person was ever allowed to do something here."""
    return any(authorise(context.who, verb, Resource(n, targets)) is None for n in _past(context))


def _past(context: Context) -> Iterator[Negotiation]:
    """The negotiation in every state of who may do what, with nothing else in it."""
    if context.n is None:
        return
    line = context.line(0)
    n = opened(line[0], context.n.checklist)
    for happened in line:
        if isinstance(happened.event, SHIFTS):
            n = after(n, replace(happened, seq=n.seq + 1))
            yield n
