"""A checklist without what a lead marked as internal, still sound: no rule looks at what is gone."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.domain.checklist import Checklist, Field, GapRule, GivenRow, Item, ItemId
from bot.domain.conditions import Condition, Part
from bot.domain.lint.references import ConditionScope, condition_faults
from bot.domain.negotiation import Negotiation
from bot.domain.ownership import SECTION

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class PartnerChecklist:
    """What is left of a checklist.

    ``doubtful`` items are asked only when something internal says so; ``openers`` were asked
    at the opening for the sake of what is internal.
    """

    checklist: Checklist
    doubtful: frozenset[ItemId]
    openers: frozenset[str]


def releasable(n: Negotiation) -> PartnerChecklist:
    """The checklist of a negotiation without what is internal in it."""
    whole = n.checklist
    gone = _gone(n)
    items = {item.id: _fields_kept(n, item, gone) for item in whole.item.values() if item.id not in gone}
    bare = _put(whole, items)
    judged = {item.id: _rules_kept(item, bare) for item in items.values()}
    doubtful = {item.id for item in items.values() if item.show_if and not judged[item.id].show_if}
    fed = {one for item in items.values() for one in _openers(item)}
    openers = {one for item in whole.item.values() for one in _openers(item)} - fed
    return PartnerChecklist(_put(whole, judged), frozenset(doubtful), frozenset(openers))


def kept(checklist: Checklist, blank: Container[ItemId]) -> Checklist:
    """The checklist without these items too."""
    bare = _put(checklist, {item.id: item for item in checklist.item.values() if item.id not in blank})
    return _put(bare, {item.id: _rules_kept(item, bare) for item in bare.item.values()})


def _gone(n: Negotiation) -> set[ItemId]:
    """The items of which nothing is left: marked, in a marked section, or with every field internal."""
    gone = {
        item.id
        for section in n.checklist.sections
        for item in section.items
        if item.id in n.internal or f"{SECTION}{section.id}" in n.internal
    }
    while True:
        empty = {
            item.id
            for item in n.checklist.item.values()
            if item.id not in gone and item.fields and not any(True for _ in _shown(n, item, gone))
        }
        if not empty:
            return gone
        gone |= empty


def _shown(n: Negotiation, item: Item, gone: Container[ItemId]) -> Iterator[Field]:
    for field in item.fields:
        if f"{item.id}.{field.id}" not in n.internal and (field.of is None or field.of not in gone):
            yield field


def _fields_kept(n: Negotiation, item: Item, gone: Container[ItemId]) -> Item:
    """The item without its internal fields; given rows keep what is left of them."""
    fields = tuple(_shown(n, item, gone))
    if len(fields) == len(item.fields):
        return item
    ids = {field.id for field in fields}
    rows = tuple(row for given in item.rows for row in _rows_given(n, item, given, ids))
    return _with(item, fields=fields, named_by=item.naming.id if item.naming.id in ids else None, rows=rows)


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


def _rules_kept(item: Item, bare: Checklist) -> Item:
    """The item without the rules and conditions that look at what is gone."""

    def sound(condition: Condition | None, *, in_row: bool = False) -> bool:
        view = ConditionScope(bare, bare.item[item.id] if in_row else None, blockers=True)
        return condition is None or not any(True for _ in condition_faults(condition, (), view))

    fields = tuple(
        field if sound(field.show_if, in_row=True) else _with(field, show_if=None, required=False)
        for field in item.fields
    )
    return _with(
        item,
        fields=fields,
        gaps=tuple(
            rule if rule.lighter is None or sound(rule.lighter.when) else _with(rule, lighter=None)
            for rule in item.gaps
            if sound(rule.when, in_row=rule.each)
        ),
        show_if=item.show_if if sound(item.show_if) else None,
        locked=item.locked if item.locked and sound(item.locked.until) else None,
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
