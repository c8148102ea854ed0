"""Need to know: who sees which section, and the negotiation as one person may see it.

A lead may keep a section for some people; leads see every section. What is not theirs is
left out of a person's view altogether: items, records, waivers, owners, days. Rules are still
judged on the whole, so that a gap means the same for everybody who sees it; rows of other
sections that its text would name are called "a withheld row". One thing shows through: a rule
that asks whether any blocker is open says so wherever the blocker is, without saying where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from bot.domain.checklist import Checklist, SectionId
from bot.domain.events import (
    PersonId,
    Role,
    Target,
)
from bot.domain.events.base import SECTION
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.ownership import item_of
from bot.domain.purgeable_cache import remembered
from bot.domain.readiness.incremental import ChecklistIdentity

V = TypeVar("V")


def hidden_from(n: Negotiation, person: PersonId | None) -> frozenset[SectionId]:
    """The sections that a person may not see. None stands for just anybody, as in a group."""
    if not n.restricted or (person is not None and n.role(person) == Role.LEAD):
        return frozenset()
    return frozenset(section for section, people in n.restricted.items() if person not in people)


def seen_by(n: Negotiation, person: PersonId) -> Negotiation:
    """The negotiation as a person may see it: ``n`` itself where nothing is kept from them."""
    hidden = hidden_from(n, person)
    return without(n, hidden) if hidden else n


@remembered(256)
def without(n: Negotiation, hidden: frozenset[SectionId]) -> Negotiation:
    """The negotiation with some sections left out. It is only for looking at: events go on the whole."""
    checklist = _narrowed(ChecklistIdentity(n.checklist), hidden)
    there = replace(n, hidden=hidden)

    def seen(held: Mapping[Target, V]) -> Mapping[Target, V]:
        return MappingProxyType({target: value for target, value in held.items() if sees(there, target)})

    return replace(
        there,
        checklist=checklist,
        records=MappingProxyType({item: record for item, record in n.records.items() if item in checklist.item}),
        waivers=seen(n.waivers),
        owners=seen(n.owners),
        dues=seen(n.dues),
        pursuits=seen(n.pursuits),
        restricted=MappingProxyType({key: people for key, people in n.restricted.items() if key not in hidden}),
        behind=there,
    )


@lru_cache(maxsize=64)  # checklists hold nothing of talks
def _narrowed(whole: ChecklistIdentity, hidden: frozenset[SectionId]) -> Checklist:
    """The checklist without some sections; all of them may be left out."""
    fields = {name: getattr(whole.checklist, name) for name in Checklist.model_fields}
    sections = tuple(section for section in whole.checklist.sections if section.id not in hidden)
    return Checklist.model_construct(**(fields | {"sections": sections}))


def sees(n: Negotiation, target: Target | None) -> bool:
    """Whether a view of a negotiation shows a target: a section, an item, a gap, an unknown; None is the whole."""
    if target is None or not n.hidden:
        return True
    if target.startswith(SECTION):
        return target.removeprefix(SECTION) not in n.hidden
    return not n.withholds(item_of(target) or "")


def may_see(n: Negotiation, person: PersonId | None, target: Target | None) -> bool:
    """Whether a person may see a target: a section (`of_section`), an item, a gap, an unknown; None is the whole."""
    hidden = hidden_from(n, person)
    return not hidden or sees(without(n, hidden), target)


def may_hear(n: Negotiation, happened: Happened) -> bool:
    """Whether a view of a negotiation may tell of something that happened."""
    return sees(n, happened.event.concerns())
