"""A checklist without what a lead marked as internal, still sound: no rule looks at what is gone."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.domain.checklist import Checklist, Field, GapRule, GivenRow, Item, ItemId, Requests
from bot.domain.conditions import Condition, Part
from bot.domain.events import Target
from bot.domain.events.base import of_section
from bot.domain.lint.references import ConditionScope, condition_faults
from bot.domain.negotiation import Negotiation

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class PartnerChecklist:
    """What is left of a checklist; ``openers`` were asked at the opening for the sake of what is left out."""

    checklist: Checklist
    openers: frozenset[str]


def releasable(n: Negotiation) -> PartnerChecklist:
    """The checklist of a negotiation without what is internal in it."""
    items = _items_kept(n, _left_out(n))
    bare = _put(n.checklist, items)
    fed = {opener for item in items.values() for opener in _openers(item)}
    openers = {opener for item in n.checklist.item.values() for opener in _openers(item)} - fed
    judged = {item.id: _rules_kept(item, bare) for item in items.values()}
    return PartnerChecklist(_put(n.checklist, judged), frozenset(openers))


def left_out_with_internal(n: Negotiation) -> frozenset[Target]:
    """The items and fields that no lead marked and that go with what is internal, as they would tell of it."""
    return _left_out(n) - n.internal


def _left_out(n: Negotiation) -> frozenset[Target]:
    """What is internal, and every item and field that is asked only where something internal says so.

    That such a question is there tells the internal answer, and so would its absence: it goes whatever was answered.
    """
    left_out = n.internal
    while more := frozenset(_told_by_being_there(_put(n.checklist, _items_kept(n, left_out)))):
        left_out |= more
    return left_out


def _told_by_being_there(bare: Checklist) -> Iterator[Target]:
    """The items and fields whose conditions look at what is not in the checklist."""
    for item in bare.item.values():
        if not _is_sound(item.show_if, bare):
            yield item.id
        for field in item.fields:
            if not _is_sound(field.show_if, bare, item):
                yield f"{item.id}.{field.id}"


def _items_kept(n: Negotiation, left_out: Container[Target]) -> dict[ItemId, Item]:
    """The items of which something is left, without the fields that are left out."""
    gone = _gone(n.checklist, left_out)
    return {item.id: _fields_kept(n, item, left_out, gone) for item in n.checklist.item.values() if item.id not in gone}


def _gone(checklist: Checklist, left_out: Container[Target]) -> set[ItemId]:
    """The items of which nothing is left: left out, in a section that is, or with every field left out."""
    gone = {
        item.id
        for section in checklist.sections
        for item in section.items
        if item.id in left_out or of_section(section.id) in left_out
    }
    while True:
        empty = {
            item.id
            for item in checklist.item.values()
            if item.id not in gone and item.fields and not any(True for _ in _shown(item, left_out, gone))
        }
        if not empty:
            return gone
        gone |= empty


def _shown(item: Item, left_out: Container[Target], gone: Container[ItemId]) -> Iterator[Field]:
    for field in item.fields:
        if f"{item.id}.{field.id}" not in left_out and (field.of is None or field.of not in gone):
            yield field


def _fields_kept(n: Negotiation, item: Item, left_out: Container[Target], gone: Container[ItemId]) -> Item:
    """The item without the fields that are left out; given rows keep what is left of them."""
    fields = tuple(_shown(item, left_out, gone))
    if len(fields) == len(item.fields):
        return item
    ids = {field.id for field in fields}
    rows = tuple(row for given in item.rows for row in _rows_given(n, item, given, ids))
    naming = item.naming.id if item.naming.id in ids else None
    return _with(item, fields=fields, named_by=naming, rows=rows, requests=_requests_kept(item.requests, ids))


def _requests_kept(requests: Requests | None, ids: Container[str]) -> Requests | None:
    """The note of what is requested without fields that are gone; without the words nothing of it is left."""
    if requests is None or requests.words not in ids:
        return None
    gone = {key: None for key, name in requests.model_dump().items() if name not in ids}
    return _with(requests, **gone)


def _rows_given(n: Negotiation, item: Item, given: GivenRow, ids: Container[str]) -> Iterator[GivenRow]:
    cells = {name: text for name, text in given.cells.items() if name in ids}
    into = given.into or item.naming.id
    if given.each is None or into in ids:
        yield _with(given, cells=cells, into=into if given.each else None)
        return
    for number, _ in enumerate(n.given.get(given.each, "").splitlines(), start=1):
        yield _with(given, id=f"{given.id}{number}", cells=cells, each=None, into=None)


def _openers(item: Item) -> Iterator[str]:
    return (given.each for given in item.rows if given.each)


def _is_sound(condition: Condition | None, bare: Checklist, row_of: Item | None = None) -> bool:
    """Whether a condition, perhaps one of a row, looks only at what is in the checklist."""
    view = ConditionScope(bare, row_of, blockers=True)
    return condition is None or not any(True for _ in condition_faults(condition, (), view))


def _rules_kept(item: Item, bare: Checklist) -> Item:
    """The item without the rules and the lock that look at what is gone."""
    return _with(
        item,
        gaps=tuple(
            rule if rule.lighter is None or _is_sound(rule.lighter.when, bare) else _with(rule, lighter=None)
            for rule in item.gaps
            if _is_sound(rule.when, bare, item if rule.each else None)
        ),
        locked=item.locked if item.locked and _is_sound(item.locked.until, bare) else None,
    )


def _put(whole: Checklist, items: dict[ItemId, Item]) -> Checklist:
    """The checklist with these items alone; sections and points that have none left go too.

    A rule that was silent for the sake of one that is gone speaks.
    """
    rules = {f"{item.id}/{rule.id}" for item in items.values() for rule in item.gaps}
    items = {
        name: _with(item, gaps=tuple(_heard(rule, rules) for rule in item.gaps)) if item.gaps else item
        for name, item in items.items()
    }
    sections = (
        _with(section, items=tuple(items[item.id] for item in section.items if item.id in items))
        for section in whole.sections
    )
    asked_in = {point for item in whole.item.values() for point in item.from_}
    left = {point for item in items.values() for point in item.from_}
    return _with(
        whole,
        sections=tuple(section for section in sections if section.items),
        points={point: says for point, says in whole.points.items() if point in left or point not in asked_in},
    )


def _heard(rule: GapRule, rules: Container[str]) -> GapRule:
    return rule if rule.unless_gap is None or rule.unless_gap in rules else _with(rule, unless_gap=None)


def _with(part: P, **changes: Any) -> P:
    """A copy with changes, free of what was worked out from the original."""
    copied = part.model_copy(update=changes)
    for name in set(vars(copied)) - set(type(part).model_fields):
        del vars(copied)[name]
    return copied
