"""Who has what, and by when: of a section, an item, a gap or an unknown.

A target is written ``s:allies`` for a section, ``asks`` for an item, the gap's key for a
gap (``asks/goalless/r2``), and ``u:`` before the spot of an unknown. The nearest wins: what
is set for a gap, else for its item, else for its section, else what the checklist says.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil

from bot.domain.checklist import Item, ItemId
from bot.domain.events import Assigned, PersonId, Target
from bot.domain.events.base import SECTION, of_section
from bot.domain.negotiation import Negotiation

UNKNOWN = "u:"


def of_unknown(spot: str) -> Target:
    """An unknown as a target."""
    return UNKNOWN + spot


def item_of(target: Target) -> ItemId | None:
    """The item that a target is, or lies in; None for a section."""
    if target.startswith(SECTION):
        return None
    return target.removeprefix(UNKNOWN).partition("/")[0]


def around(n: Negotiation, target: Target) -> Target | None:
    """What a target lies in and inherits from: a gap or an unknown in its item, an item in its section."""
    item = item_of(target)
    if item is None:
        return None
    if target != item:
        return item
    section = n.checklist.section_of.get(item)
    return of_section(section.id) if section else None


def charged(n: Negotiation, target: Target) -> tuple[PersonId, ...]:
    """Who has any target, by itself or with what it lies in."""
    wider = around(n, target)
    return n.owners.get(target) or (charged(n, wider) if wider else ())


def due_of(n: Negotiation, target: Target) -> date | None:
    """The day by which any target should be settled, by itself or with what it lies in."""
    wider, item = around(n, target), n.checklist.item.get(target)
    inherited = due_of(n, wider) if wider else None
    return n.dues.get(target) or inherited or (due_by_checklist(n, item) if item else None)


def handed_over(n: Negotiation, person: PersonId, to: PersonId) -> tuple[Assigned, ...]:
    """What gives everything of one person's to another, who joins those that have it with them."""
    return tuple(
        Assigned(target=target, people=tuple(dict.fromkeys(to if owner == person else owner for owner in people)))
        for target, people in n.owners.items()
        if person in people
    )


def owners(n: Negotiation, item: Item) -> tuple[PersonId, ...]:
    """Who has an item, by itself or with its section."""
    if not n.owners:  # asked for each item at every answer
        return ()
    return n.owners.get(item.id) or n.owners.get(of_section(n.checklist.section_of[item.id].id), ())


def due(n: Negotiation, item: Item) -> date | None:
    """The day by which an item should be settled, if there is one."""
    if not n.dues:
        return due_by_checklist(n, item)
    by_hand = n.dues.get(item.id) or n.dues.get(of_section(n.checklist.section_of[item.id].id))
    return by_hand or due_by_checklist(n, item)


def due_by_checklist(n: Negotiation, item: Item) -> date | None:
    """``T-n`` as a day; there is none before the calendar begins.

    In format 2 the days of talks that begin sooner than the longest of them are drawn together, so that nothing is
    late on the day of opening, or on that on which the talks were moved.
    """
    days = item.due
    if days is None or days >= n.talks_on.toordinal():
        return None
    longest, there = n.checklist.longest_due, max((n.talks_on - n.dated_on).days, 0)
    if n.checklist.format > 1 and longest > there:
        drawn = ceil(days * there / longest)
        days = min(drawn, there - 1) if there > 1 else drawn
    return n.talks_on - timedelta(days=days)
