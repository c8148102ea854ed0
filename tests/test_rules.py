"""Every gap rule of the checklists that come with the bot: silent in a ready world, open after one change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.answers import UNKNOWN, Answer
from bot.domain.checklist import Asked
from bot.domain.events import Answered, AnyEvent, RowPut, RowRemoved
from bot.domain.negotiation import Negotiation
from bot.domain.projection import literal
from bot.domain.readiness.readiness import State, gaps, readiness
from tests.factories import happen, negotiation, real
from tests.ready import ALSO, FIRES, READY, TALKS, TODAY, Changes

NAMED = pytest.mark.parametrize(
    ("checklist", "pair"), [("us-china-space", ["india", "taiwan"]), ("bilateral", ["neighbour1", "neighbour2"])]
)
EVERY_RULE = [(checklist, rule) for checklist, fires in FIRES.items() for rule in fires]


@pytest.mark.parametrize("checklist", READY)
def test_everything_can_be_settled(checklist: str) -> None:
    """A delegation that has answered everything well has no gap at all."""
    n = ready(checklist)

    assert [(gap.key, gap.says) for gap in gaps(n, TODAY)] == []
    assert readiness(n, TODAY).state == State.READY


@pytest.mark.parametrize("checklist", READY)
def test_every_rule_is_tried(checklist: str) -> None:
    """No gap rule of a checklist is left out below."""
    assert {f"{item.id}.{rule.id}" for item, rule in real(checklist).rules()} == set(FIRES[checklist])


@pytest.mark.parametrize(("checklist", "rule"), EVERY_RULE, ids=[f"{one}:{rule}" for one, rule in EVERY_RULE])
def test_a_rule_fires_alone(checklist: str, rule: str) -> None:
    """The change that a rule is about leaves its gap, and no other."""
    n = changed(ready(checklist), FIRES[checklist][rule])

    assert {rule} | ALSO.get(rule, set()) == {f"{gap.item}.{gap.rule}" for gap in gaps(n, TODAY)}


@pytest.mark.slow
@pytest.mark.parametrize(("checklist", "rule"), EVERY_RULE, ids=[f"{one}:{rule}" for one, rule in EVERY_RULE])
def test_a_gap_has_no_braces_left(checklist: str, rule: str) -> None:
    """Names are put into what a gap says and into how to mend it."""
    n = changed(ready(checklist), FIRES[checklist][rule])

    for gap in gaps(n, TODAY):
        assert not set("{}") & set(gap.says + gap.mend)
        assert "unnamed row" not in gap.says


def test_a_party_told_of_neither_is_a_blocker_and_a_gap_each() -> None:
    """India or Taiwan not informed is major; neither of them informed blocks."""
    untold = {"rows": {"parties": {"india": {"consulted_on": None}, "taiwan": {"consulted_on": None}}}}

    n = changed(ready("us-china-space"), untold)

    assert [gap.key for gap in gaps(n, TODAY)] == [
        "parties/none_informed",
        "parties/uninformed/india",
        "parties/uninformed/taiwan",
    ]


def test_not_knowing_how_far_we_have_come_is_no_reason_to_aim_high() -> None:
    """An unknown last rung blocks whatever lies beyond contacts."""
    n = changed(ready("us-china-space"), {"rows": {"rung": {"form": {"done": "?"}}}})

    assert [gap.key for gap in gaps(n, TODAY)] == ["rung/leap"]


def test_an_approval_to_come_is_none_yet() -> None:
    """A must-have goal approved tomorrow leaves the delegation without one today."""
    n = changed(ready("us-china-space"), {"rows": {"goals": {"g1": {"approved_on": "2027-02-16"}}}})

    assert [gap.key for gap in gaps(n, TODAY)] == ["goals/no_must"]


def test_a_changed_must_have_goal_has_no_approval() -> None:
    """Editing the one approved must-have goal voids its approval, which blocks and cannot be waived."""
    n = changed(ready("us-china-space"), {"rows": {"goals": {"g1": {"goal": "Know a little more"}}}})

    assert [(gap.key, gap.waivable) for gap in gaps(n, TODAY)] == [("goals/no_must", False), ("goals/voided/g1", True)]


@pytest.mark.parametrize("checklist", READY)
@pytest.mark.parametrize(
    ("item", "row", "field", "gap"),
    [
        ("deciders", "d1", "verified_on", "deciders/stale/d1"),
        ("roster", "p3", "verified_on", "roster/stale/p3"),
        ("walk_away", "form", "rehearsed_on", "walk_away/unrehearsed"),
    ],
)
def test_a_check_to_come_is_none_yet(checklist: str, item: str, row: str, field: str, gap: str) -> None:
    """What will be checked or rehearsed tomorrow has not been so today."""
    n = changed(ready(checklist), {"rows": {item: {row: {field: "2027-02-16"}}}})

    assert [one.key for one in gaps(n, TODAY)] == [gap]


@NAMED
@pytest.mark.parametrize("group", ["informed", "others", "ally"])
def test_somebody_else_who_was_told_does_not_stand_for_those_named(checklist: str, pair: list[str], group: str) -> None:
    """A third party of whatever group, told today, leaves the blocker about India and Taiwan open; both stay listed."""
    told = {"party": "Sample third party", "group": group, "level": "inform", **_TOLD}
    untold = {row: {"consulted_on": None} for row in pair}

    n = changed(ready(checklist), {"rows": {"parties": {"third": told, **untold}}})

    assert "parties/none_informed" in [gap.key for gap in gaps(n, TODAY)]
    assert all(n.record("parties").rows[row].forced for row in untold)


@NAMED
@pytest.mark.parametrize("group", ["asset", "ally", "others", "?"])
def test_those_named_count_in_whatever_group_they_are_put(checklist: str, pair: list[str], group: str) -> None:
    """India and Taiwan, moved into another group, are still to be told; one of them told, neither is none any more."""
    moved = {row: {"group": group, "consulted_on": None} for row in pair}
    untold = changed(ready(checklist), {"rows": {"parties": moved}})
    assert {"parties/none_informed", *(f"parties/uninformed/{row}" for row in pair)} <= _open(untold)

    told = changed(untold, {"rows": {"parties": {pair[0]: {"consulted_on": "2027-02-15"}}}})
    assert not {"parties/none_informed", f"parties/uninformed/{pair[0]}"} & _open(told)
    assert f"parties/uninformed/{pair[1]}" in _open(told)


def test_where_nobody_was_named_whoever_is_entered_is_to_be_told() -> None:
    """Talks opened without neighbours to inform wait for one to be entered and told; not for one of another group."""
    n = negotiation(checklist="bilateral", given={"neighbours": ""}, talks_on=TALKS, opened_on=TODAY)
    assert "parties/none_informed" in _open(n)

    party = {"party": "Sample third party", "level": "inform", **_TOLD}
    other = changed(n, {"rows": {"parties": {"third": {**party, "group": "others"}}}})
    assert "parties/none_informed" in _open(other)

    entered = changed(n, {"rows": {"parties": {"third": {**party, "group": "informed"}}}})
    assert "parties/none_informed" not in _open(entered)


def _open(n: Negotiation) -> set[str]:
    return {gap.key for gap in gaps(n, TODAY)}


_TOLD = {"consulted_on": "2027-02-15", "position": "support", "next_update": "2027-03-01", "confidences": "no"}


def ready(checklist: str) -> Negotiation:
    """Make a negotiation in which everything is settled."""
    world = READY[checklist]
    n = negotiation(
        checklist=checklist,
        given=world["given"],
        counterpart="Samplia",
        subject="the sample exchange",
        talks_on=TALKS,
        opened_on=TODAY,
    )
    return changed(n, world)


def changed(n: Negotiation, changes: Changes) -> Negotiation:
    """The negotiation after some changes."""
    return happen(n, *_events(n, changes))


def _events(n: Negotiation, changes: Changes) -> Iterator[AnyEvent]:
    for name, value in changes.get("items", {}).items():
        yield Answered(item=name, answer=_said(n.checklist.item[name], value))
    for name, rows in changes.get("rows", {}).items():
        item = n.checklist.item[name]
        for row, cells in rows.items():
            if cells is None:
                yield RowRemoved(item=name, row=row)
            else:
                said = {field: _said(item.field[field], value) for field, value in cells.items()}
                yield RowPut.model_validate({"item": name, "row": row, "cells": said})


def _said(asked: Asked, value: str | None) -> Answer | None:
    if value is None:
        return None
    return UNKNOWN if value == "?" else literal(asked, value)
