"""Who has what, and by when: of a section, an item, a gap or an unknown.

A target is written ``s:allies`` for a section, ``asks`` for an item, the gap's key for a
gap (``asks/goalless/r2``), and ``u:`` before the spot of an unknown. The nearest wins: what
is set for a gap, else for its item, else for its section, else what the checklist says.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.core.checklist import Item, ItemId, SectionId
from bot.core.events import PersonId, Target
from bot.core.negotiation import Negotiation

SECTION = "s:"
UNKNOWN = "u:"


def of_section(section: SectionId) -> Target:
    """A section as a target."""
    return SECTION + section


def of_unknown(spot: str) -> Target:
    """An unknown as a target."""
    return UNKNOWN + spot


def item_of(target: Target) -> ItemId | None:
    """The item that a target is, or lies in; None for a section."""
    if target.startswith(SECTION):
        return None
    return target.removeprefix(UNKNOWN).partition("/")[0]


def owners(n: Negotiation, item: Item) -> tuple[PersonId, ...]:
    """Who has an item, by itself or with its section."""
    return n.owners.get(item.id) or n.owners.get(of_section(n.checklist.section_of[item.id].id), ())


def due(n: Negotiation, item: Item) -> date | None:
    """The day by which an item should be settled, if there is one."""
    by_hand = n.dues.get(item.id) or n.dues.get(of_section(n.checklist.section_of[item.id].id))
    return by_hand or due_by_checklist(n, item)


def due_by_checklist(n: Negotiation, item: Item) -> date | None:
    """``T-n`` as a day; there is none before the calendar begins."""
    if item.due is None or item.due >= n.talks_on.toordinal():
        return None
    return n.talks_on - timedelta(days=item.due)
