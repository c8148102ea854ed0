"""The checklist for access and release: it says all that the method argues, and keeps in what must never leave."""

from __future__ import annotations

import pytest

from bot.domain.checklist import Field, Item, Kind, Section
from bot.domain.conditions import Fact
from bot.domain.lint.condition_refs import parts_of, refs_in
from bot.domain.readiness.readiness import gaps
from tests.ready import TODAY, cases, real

HERE = real("humanitarian")
POINTS = {f"H{nth}" for nth in range(1, 23)}
NEVER_WAIVED = {  # a red line, a guarantee, a mandator
    "red_lines/crossed": "H17",
    "guarantees/none": "H18",
    "guarantees/not_given": "H18",
    "guarantees/no_wait": "H18",
    "mandate/none": "H15",
}
NEVER_LEAVES = {
    *("red_lines", "bottom", "outcomes", "offers", "no_deal", "their_way", "influence", "readings", "way_out"),
    *("strain", "rehearsal", "their_stand.motive", "meets.answers_to", "meets.successor", "our_stand.first"),
    *("after.stop", "after.same_day", "goods.reply", "room.unwritten", "facts.source", "movement.lists", "public.leak"),
    *("guarantees.call", "heard.wish", "others.accepts", "contact.reason", "standing.repair", "overlap.ours"),
}
LONGEST_GAP = 140
TAPPED = {Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.CHOICE, Kind.CHOICES}


def test_no_point_of_the_method_is_left_without_an_item() -> None:
    assert set(HERE.points) == POINTS == {point for item in HERE.item.values() for point in item.from_}


def test_nobody_can_accept_a_crossed_line_a_missing_guarantee_or_a_missing_mandate_and_nothing_else() -> None:
    there = {f"{item.id}/{rule.id}": item.from_ for item, rule in HERE.rules() if not rule.waivable}
    assert there.keys() == NEVER_WAIVED.keys()
    assert all(point in there[name] for name, point in NEVER_WAIVED.items())


def test_what_must_never_leave_is_internal_from_the_opening_on() -> None:
    assert HERE.internal == NEVER_LEAVES


def test_the_spine_are_the_three_recommendations_and_the_gate() -> None:
    assert [section.id for section in HERE.sections] == ["transparency", "expectations", "allies", "gate"]
    assert HERE.sections[0].items[0].id == "kind"


@pytest.mark.parametrize("section", HERE.sections, ids=lambda section: section.id)
def test_each_section_opens_with_what_is_answered_in_a_tap(section: Section) -> None:
    first = section.items[0]
    given = {name for row in first.rows for name in row.cells}
    asked = next((field for field in first.fields if field.id not in given), None) or first
    assert asked.kind in TAPPED


@pytest.mark.slow
def test_every_gap_fits_a_glance() -> None:
    said = [gap.says for case in cases("humanitarian") for gap in gaps(case.negotiation(), TODAY)]
    assert said
    assert [says for says in said if len(says) > LONGEST_GAP] == []


def test_whatever_is_asked_is_read_by_a_rule_a_condition_or_as_a_name() -> None:
    unread = [f"{item.id}.{field.id}" for item in HERE.item.values() for field in item.fields if not _read(item, field)]
    assert unread == []


def _read(item: Item, field: Field) -> bool:
    shown = [shown.show_if for shown in (*item.fields, *HERE.item.values()) if shown.show_if]
    refs = {ref for condition in (*(rule.when for rule in item.gaps), *shown) for ref in refs_in(condition)}
    return field.required or field == item.naming or not refs.isdisjoint(_called(item, field))


def _called(item: Item, field: Field) -> set[str]:
    return {f".{field.id}", f"{item.id}.{field.id}"}


def test_every_date_is_looked_at_again() -> None:
    """One that grows neither old nor due would stay true for ever."""
    dates = [(item, field) for item in HERE.item.values() for field in item.fields if field.kind == Kind.DATE]
    assert dates
    for item, field in dates:
        facts = [part for rule in item.gaps for part in parts_of(rule.when) if isinstance(part, Fact)]
        aging = {fact.the for fact in facts if fact.older_than is not None or fact.before is not None}
        assert not aging.isdisjoint(_called(item, field)), (item.id, field.id)
