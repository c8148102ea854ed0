"""The shortest way to go: enough, and nothing in it too much."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers import Picked
from bot.domain.checklist import Checklist, Severity
from bot.domain.events import Answered, Assigned, Waived
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.readiness.readiness import State, gaps, readiness, verdict
from bot.domain.readiness.shortest_path import ORDER, way, without
from tests.factories import MONDAY, SMALL, happen, negotiation, real, settling
from tests.ready import TODAY
from tests.test_fold import SOON, fold, lines

TARGETS = (State.CONDITIONAL, State.READY)
LEADS_NOWHERE = Answered(item="verdict", answer=Picked(options=("go",)))


def keys(n: Negotiation, target: State) -> list[str]:
    return [step.gap.key for step in way(n, SOON, target).steps]


def enough(n: Negotiation, closed: list[str] | tuple[str, ...], target: State) -> bool:
    return ORDER.index(verdict(without(n, SOON, closed))) >= ORDER.index(target)


def accepting(n: Negotiation, number: int) -> Negotiation:
    """Waive some of what can be waived, so that waived blockers stand in the way of others."""
    for gap in [one for one in gaps(n, SOON) if one.waivable][:number]:
        n = happen(n, Waived(gap=gap.key, reason="A sample reason", until=SOON, severity=gap.severity), by="Maya")
    return n


@given(line=lines(), said_go=st.booleans(), waived=st.integers(0, 12), target=st.sampled_from(TARGETS))
def test_closing_the_shortest_way_suffices_and_leaving_one_out_does_not(
    *, line: tuple[Happened, ...], said_go: bool, waived: int, target: State
) -> None:
    n = fold(line)
    n = accepting(happen(n, LEADS_NOWHERE) if said_go else n, waived)
    found = keys(n, target)
    assert enough(n, found, target)
    for nth in range(len(found)):
        assert not enough(n, found[:nth] + found[nth + 1 :], target)


@given(waived=st.integers(0, 12), said_go=st.booleans(), target=st.sampled_from(TARGETS))
def test_no_other_way_is_shorter(*, waived: int, said_go: bool, target: State) -> None:
    """Every smaller set of gaps is tried, where there are few."""
    n = negotiation(answers={"crewed": "no", "rung": "standards", "minimum": "Little", "mandate": "A sample ministry"})
    n = accepting(happen(n, LEADS_NOWHERE) if said_go else n, waived)
    found = keys(n, target)
    every = [gap.key for gap in gaps(n, SOON)]
    assert not any(enough(n, some, target) for some in combinations(every, max(0, len(found) - 1)) if found)


@given(lines(), st.sampled_from(TARGETS))
def test_what_follows_closes_by_itself_and_nothing_else_does(line: tuple[Happened, ...], target: State) -> None:
    n = happen(fold(line), LEADS_NOWHERE)
    found = way(n, SOON, target)
    follow = [gap.key for gap in found.follow]
    assert all(key.startswith("verdict/") for key in follow)
    assert not set(follow) & set(keys(n, target))


def test_a_go_over_an_open_blocker_is_not_counted_beside_the_blocker() -> None:
    n = happen(negotiation(), LEADS_NOWHERE)
    assert "verdict/go" in {gap.key for gap in gaps(n, SOON)}
    assert "verdict/go" not in keys(n, State.CONDITIONAL)
    assert [gap.key for gap in way(n, SOON, State.CONDITIONAL).follow] == ["verdict/go"]


def test_where_only_waived_blockers_are_left_the_go_itself_has_to_go() -> None:
    """A waived blocker is a blocker to the rule that asks for one: taking back the go is the shorter way."""
    n = negotiation(
        answers={"crewed": "no", "rung": "standards"},
        rows={"goals": {"r1": {"goal": "Sample goal", "want": "must"}}, "walk_away": {"form": {"line": "Here"}}},
    )
    n = happen(
        n, Waived(gap="mandate/none", reason="A sample reason", until=SOON, severity=Severity.BLOCKER), by="Maya"
    )
    assert way(n, MONDAY, State.CONDITIONAL).steps == ()
    n = happen(n, LEADS_NOWHERE)
    assert keys(n, State.CONDITIONAL) == ["verdict/go"]
    assert "mandate/none" in keys(n, State.READY)
    assert "verdict/go" not in keys(n, State.READY)


def test_where_a_waived_blocker_keeps_two_gaps_open_closing_it_is_shorter() -> None:
    whole = SMALL.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    verdict = whole["sections"][-1]["items"][-1]
    verdict["gaps"].append({**verdict["gaps"][0], "id": "again"})
    n = negotiation(
        checklist=Checklist.model_validate(whole),
        answers={"crewed": "no", "rung": "standards", "verdict": "go"},
        rows={"goals": {"r1": {"goal": "Sample goal", "want": "must"}}, "walk_away": {"form": {"line": "Here"}}},
    )
    n = happen(
        n, Waived(gap="mandate/none", reason="A sample reason", until=SOON, severity=Severity.BLOCKER), by="Maya"
    )
    found = way(n, MONDAY, State.CONDITIONAL)
    assert [step.gap.key for step in found.steps] == ["mandate/none"]
    assert [gap.key for gap in found.follow] == ["verdict/go", "verdict/again"]


@pytest.mark.parametrize("target", TARGETS)
def test_who_is_there_has_nothing_to_close(target: State) -> None:
    n = happen(negotiation(checklist=real("bilateral")), *settling("bilateral"))
    if readiness(n, TODAY).state == State.READY:
        assert way(n, TODAY, target).steps == ()


def test_the_way_is_grouped_by_who_has_it_and_nobodys_comes_last() -> None:
    n = happen(
        negotiation(),
        Assigned(target="mandate", people=("omar",)),
        Assigned(target="goals", people=("maya", "omar")),
    )
    groups = way(n, MONDAY, State.CONDITIONAL).by_owner()
    assert [people for people, _ in groups][-1] == ()
    assert {people for people, _ in groups} == {("omar",), ("maya", "omar"), ()}
    assert sum(len(steps) for _, steps in groups) == len(way(n, MONDAY, State.CONDITIONAL).steps)


def test_what_waits_for_another_item_says_so() -> None:
    steps = way(negotiation(), MONDAY, State.READY).steps
    assert {step.gap.item for step in steps if step.waits} == {"asks"}
