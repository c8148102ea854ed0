"""The verdict: what counts as a gap, how much it weighs, and what a waiver changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.answers import UNKNOWN, Claim, Text
from bot.domain.checklist import Severity
from bot.domain.events import Answered, Claimed, Confirmed, RowPut, Waived
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.readiness import Readiness, State, gaps, readiness
from tests.factories import MONDAY, happen, negotiation, real

CHECKLISTS = ("us-china-space", "bilateral", "humanitarian")
ITEMS = [(name, item) for name in CHECKLISTS for item in real(name).item]


def worst(n: Negotiation, item: str, on: date = MONDAY) -> int:
    """The rank of an item's worst gap; more than any rank when it leaves none."""
    return min((gap.severity.rank for gap in gaps(n, on) if gap.item == item), default=len(Severity))


@pytest.mark.parametrize(("checklist", "item"), ITEMS)
def test_a_claim_with_nothing_behind_it_never_weighs_less_than_a_blank(checklist: str, item: str) -> None:
    blank = negotiation(checklist=checklist)
    claimed = happen(blank, Claimed(item=item, claim=Claim.IN_HAND))
    assert worst(claimed, item) <= worst(blank, item)


@pytest.mark.parametrize(("checklist", "item"), ITEMS)
def test_an_unknown_is_always_a_gap(checklist: str, item: str) -> None:
    blank = negotiation(checklist=checklist)
    if worst(blank, item) < len(Severity):  # the item is asked from the first day
        unknown = happen(blank, Answered(item=item, answer=UNKNOWN))
        assert worst(unknown, item) <= Severity.MAJOR.rank


@pytest.mark.parametrize(("checklist", "item"), [("us-china-space", "crewed"), ("bilateral", "headline")])
def test_one_tap_does_not_turn_a_blocker_into_less(checklist: str, item: str) -> None:
    blank = negotiation(checklist=checklist)
    assert worst(blank, item) == Severity.BLOCKER.rank
    assert worst(happen(blank, Answered(item=item, answer=UNKNOWN)), item) == Severity.BLOCKER.rank
    assert worst(happen(blank, Claimed(item=item, claim=Claim.IN_HAND)), item) == Severity.BLOCKER.rank


def test_each_row_ages_by_itself() -> None:
    n = negotiation(checklist="us-china-space")
    first = datetime.combine(MONDAY, datetime.min.time(), UTC)
    later = first + timedelta(days=40)
    n = happen(n, RowPut(item="roster", row="r1", cells={"name": None}), at=first)
    n = happen(n, RowPut(item="roster", row="r2", cells={"name": None}), at=later)
    stale = [gap.row for gap in gaps(n, later.date()) if gap.rule == "_stale"]
    assert stale == ["r1"]
    n = happen(n, Confirmed(item="roster"), at=later)
    assert not [gap for gap in gaps(n, later.date()) if gap.rule == "_stale"]


def verdict(n: Negotiation) -> Readiness:
    return readiness(n, MONDAY)


def test_a_negotiation_with_a_blocker_is_not_ready() -> None:
    assert verdict(negotiation()).state == State.NOT_READY


def test_a_waiver_never_changes_readiness_without_waivers() -> None:
    plain = negotiation()
    waived = negotiation(waived={"goals": "sample reason"})
    assert verdict(plain).raw == verdict(waived).raw
    assert len(verdict(plain).gaps) == len(verdict(waived).gaps) + len(verdict(waived).waived)


CLAIMED = "enforcers/_unwritten"  # major while no step is planned, a blocker once a step has no enforcer


def accepted(severity: Severity | None) -> Negotiation:
    """A claim with nothing behind it that a lead accepted as so severe, on a checklist where it may rise."""
    n = negotiation(checklist="us-china-space", claims={"enforcers": "in_hand"})
    waived = Waived(gap=CLAIMED, reason="Sample reason", until=n.talks_on, severity=severity)
    return happen(n, waived, by="Maya")


def planned(n: Negotiation) -> Negotiation:
    """The same with a step that nobody enforces."""
    return happen(n, RowPut(item="steps", row="r1", cells={"deliverable": Text(text="Sample step")}))


def standing(n: Negotiation) -> dict[str, Severity]:
    """The gaps that no waiver covers, by key."""
    return {gap.key: gap.severity for gap in verdict(n).gaps}


def test_a_gap_accepted_as_major_is_open_again_once_it_is_a_blocker() -> None:
    """Nobody accepted the blocker, though its key is the same."""
    n = accepted(Severity.MAJOR)
    assert CLAIMED not in standing(n)
    assert standing(planned(n))[CLAIMED] == Severity.BLOCKER


def test_a_gap_accepted_as_a_blocker_stays_accepted_once_it_is_lighter() -> None:
    n = accepted(Severity.BLOCKER)
    assert CLAIMED not in standing(n)
    assert CLAIMED not in standing(planned(n))


def test_a_waiver_from_before_severities_were_kept_covers_no_blocker() -> None:
    """What nobody wrote down is not taken to be the worst."""
    n = accepted(None)
    assert CLAIMED not in standing(n)
    assert standing(planned(n))[CLAIMED] == Severity.BLOCKER


def test_what_cannot_be_waived_stays_open_whatever_is_recorded() -> None:
    waived = verdict(negotiation(waived={"goals": "sample reason"}))
    assert all(gap.waivable for gap in waived.waived)
    assert "goals/must" in {gap.key for gap in waived.gaps}


def test_gaps_come_worst_first() -> None:
    ranks = [gap.severity.rank for gap in gaps(negotiation(checklist="us-china-space"), MONDAY)]
    assert ranks == sorted(ranks)
