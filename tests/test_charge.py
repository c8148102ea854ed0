"""Who has what, and by when: the nearest wins, and who left has nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.refusals import refusal
from bot.domain.answers import UNKNOWN
from bot.domain.checklist import Severity
from bot.domain.events import Assigned, DueSet, Joined, Left, Pursued, Role, Target, Waived
from bot.domain.events.base import of_section
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.ownership import around, charged, due_of, handed_over, of_unknown
from bot.domain.projection import after
from bot.domain.readiness.gates import gates
from bot.domain.readiness.readiness import gaps
from bot.domain.readiness.unknowns import late, work
from bot.domain.wording.history import told
from tests.api import Context
from tests.api import context as room_of
from tests.factories import MONDAY, SMALL, TALKS, happen, happened, negotiation
from tests.test_fold import DAYS, PEOPLE, SOON, fold, lines

ITEMS = st.sampled_from(tuple(SMALL.item.values()))
SOME = st.lists(PEOPLE, max_size=3, unique=True).map(tuple)


def targets(item: str) -> tuple[Target, Target, Target]:
    """A gap, its item and its section, the nearest first."""
    return f"{item}/_unanswered", item, of_section(SMALL.section_of[item].id)


@given(ITEMS, st.tuples(SOME, SOME, SOME), st.tuples(*[st.none() | DAYS] * 3))
def test_the_nearest_owner_and_the_nearest_day_win(
    item: object, people: tuple[tuple[str, ...], ...], days: tuple[date | None, ...]
) -> None:
    """What is set for a gap, else for its item, else for its section, else what the checklist says."""
    one = getattr(item, "id", "")
    n = happen(negotiation(), Joined(person="lena", name="Lena", role=Role.MEMBER))
    for target, given_to, day in zip(targets(one), people, days, strict=True):
        n = happen(n, Assigned(target=target, people=given_to), DueSet(target=target, day=day))
    due = SMALL.item[one].due
    by_checklist = TALKS - timedelta(days=due) if due is not None else None
    nearest = next((some for some in people if some), ())
    soonest = next((day for day in days if day), by_checklist)
    gap = targets(one)[0]
    assert (charged(n, gap), due_of(n, gap)) == (nearest, soonest)
    for found in gaps(n, MONDAY):
        if found.item == one:
            assert (found.owners, found.due) == (charged(n, found.key), due_of(n, found.key))


@st.composite
def charges(draw: st.DrawFn) -> Negotiation:
    """A delegation of three with gaps, items and sections given to some of them, and days set by hand."""
    n = happen(fold(draw(lines())), Joined(person="lena", name="Lena", role=Role.MEMBER))
    n = happen(n, *(Joined(person=one, name=one.title(), role=Role.LEAD) for one in ("maya", "omar")))
    found = gaps(n, SOON)
    near = [target for gap in found for target in (gap.key, gap.item, of_section(SMALL.section_of[gap.item].id))]
    for target in draw(st.lists(st.sampled_from(near), max_size=8)) if near else []:
        n = happen(n, Assigned(target=target, people=draw(SOME)), DueSet(target=target, day=draw(DAYS)))
    return n


@given(lines(), PEOPLE)
def test_who_was_removed_owns_nothing(line: tuple[Happened, ...], person: str) -> None:
    n = fold(line)
    n = after(n, happened(n, Left(person=person)))
    assert person not in {one for people in n.owners.values() for one in people}
    assert not any(person in gap.owners for gap in gaps(n, SOON))
    assert work(n, person, SOON) == ()


@given(charges(), st.sampled_from((("maya", "omar"), ("omar", "maya"))))
def test_what_is_handed_over_changes_hands_and_nothing_else_does(before: Negotiation, pair: tuple[str, str]) -> None:
    """Everything the one had the other has; whoever had it with them keeps it."""
    one, heir = pair
    n = happen(before, *handed_over(before, one, heir))
    for target, people in before.owners.items():
        assert set(n.owners[target]) == {heir if each == one else each for each in people}
        assert len(n.owners[target]) == len(set(n.owners[target]))


@given(charges())
def test_gaps_come_worst_first_then_by_their_day_also_where_it_was_set_by_hand(n: Negotiation) -> None:
    order = [(gap.severity.rank, gap.due or date.max) for gap in gaps(n, SOON)]
    assert order == sorted(order)


@given(charges(), PEOPLE)
def test_work_is_what_is_owned_overdue_first(n: Negotiation, person: str) -> None:
    found = work(n, person, SOON)
    assert all(person in one.owners for one in found)
    overdue = [late(one, SOON) for one in found]
    assert overdue == sorted(overdue, reverse=True)
    assert sum(1 for gap in gaps(n, SOON) if person in gap.owners and not gap.waiver) <= len(found)


def test_a_task_inherits_its_owner_and_its_day_from_its_item() -> None:
    n = negotiation(answers={"minimum": UNKNOWN})
    n = happen(n, Pursued(spot="minimum", course="task"), Assigned(target="minimum", people=("omar",)))
    target = of_unknown("minimum")
    assert around(n, target) == "minimum"
    assert (charged(n, target), due_of(n, target)) == (("omar",), TALKS - timedelta(days=30))
    n = happen(n, Assigned(target=target, people=("maya",)), DueSet(target=target, day=SOON))
    assert (charged(n, target), due_of(n, target)) == (("maya",), SOON)


def context(n: Negotiation, me: str) -> Context:
    return room_of(n, me, now=n.opened_at)


def delegation() -> Negotiation:
    n = happen(
        negotiation(),
        Joined(person="lena", name="Lena", role=Role.MEMBER),
        Joined(person="sam", name="Sam", role=Role.OBSERVER),
    )
    return happen(n, Assigned(target="s:allies", people=("lena",)), by="Maya")


@pytest.mark.parametrize(
    "target", ["s:transparency", "goals", "goals/must", "u:goals", "parties", "parties/position/japan"]
)
def test_a_member_takes_and_leaves_work_at_whatever_can_be_given(target: str) -> None:
    n = delegation()
    take = Assigned(target=target, people=(*charged(n, target), "omar"))
    assert refusal(context(n, "omar"), (take,)) is None
    n = happen(n, take)
    leave = Assigned(target=target, people=tuple(one for one in charged(n, target) if one != "omar"))
    assert refusal(context(n, "omar"), (leave,)) is None


@pytest.mark.parametrize(
    ("target", "people"),
    [
        ("s:allies", ()),  # takes it from somebody
        ("s:allies", ("omar",)),
        ("parties", ("omar",)),  # the same, by standing nearer
        ("parties/position/japan", ("omar",)),
        ("u:parties", ("omar",)),
        ("goals", ("maya",)),  # gives it to somebody
        ("goals", ("omar", "maya")),
        ("s:gate", ("lena", "omar")),
    ],
)
def test_only_a_lead_gives_work_to_others_or_takes_it_from_them(target: str, people: tuple[str, ...]) -> None:
    n, event = delegation(), Assigned(target=target, people=people)
    assert "Only Maya" in (refusal(context(n, "omar"), (event,)) or "")
    assert refusal(context(n, "maya"), (event,)) is None


def test_nobody_gives_work_to_who_only_looks_on_or_is_not_here() -> None:
    n = delegation()
    for person in ("sam", "stranger"):
        assert refusal(context(n, "maya"), (Assigned(target="goals", people=(person,)),))
        assert refusal(context(n, person), (Assigned(target="goals", people=(person,)),))


def test_only_a_lead_sets_days() -> None:
    n, event = delegation(), DueSet(target="goals", day=TALKS)
    assert "Only Maya" in (refusal(context(n, "omar"), (event,)) or "")
    assert refusal(context(n, "maya"), (event,)) is None


@pytest.mark.slow
@given(lines())
def test_a_waived_gap_holds_no_gate_shut(line: tuple[Happened, ...]) -> None:
    """What holds a gate is open, worst first, and due by then or of the severity that it closes."""
    n = fold(line)
    assert len(gates(n, SOON)) == 3
    n = happen(n, *(Waived(gap=gap.key, reason="Sample", until=SOON) for gap in gaps(n, SOON)[::2] if gap.waivable))
    for one in gates(n, SOON):
        assert not any(gap.waiver for gap in one.holding)
        ranks = [gap.severity.rank for gap in one.holding]
        assert ranks == sorted(ranks)
        wanted = {
            gap.key
            for gap in gaps(n, SOON)
            if not gap.waiver
            and ((gap.due and gap.due <= one.on) or (one.gate.closes and gap.severity.rank <= one.gate.closes.rank))
        }
        assert {gap.key for gap in one.holding} == wanted


def test_a_gate_opens_when_what_is_due_by_then_is_closed_and_shuts_with_a_day_set_by_hand() -> None:
    n = negotiation(checklist="us-china-space")
    first = gates(n, MONDAY)[0]
    later = next(gap for gap in gaps(n, MONDAY) if gap.due is None or gap.due > first.on)
    assert later.key not in {gap.key for gap in first.holding}
    n = happen(n, DueSet(target=later.key, day=first.on))
    assert later.key in {gap.key for gap in gates(n, MONDAY)[0].holding}


def test_a_gate_that_closes_blockers_is_held_shut_by_each_of_them() -> None:
    n = negotiation(checklist="us-china-space")
    blockers = {gap.key for gap in gaps(n, MONDAY) if gap.severity == Severity.BLOCKER}
    assert blockers <= {gap.key for gap in gates(n, MONDAY)[1].holding}


def test_what_is_given_is_told_by_its_name() -> None:
    n = negotiation(answers={"minimum": UNKNOWN}, rows={"parties": {"japan": {"position": UNKNOWN}}})
    given_to = ("omar",)
    said = {
        target: told(n, happened(n, Assigned(target=target, people=given_to)))
        for target in ("s:allies", "minimum", "parties/position/japan", "u:minimum", "u:parties/japan/position")
    }
    assert list(said.values()) == [
        "Omar assigned Consult allies to Omar",
        "Omar assigned Minimum to Omar",
        "Omar assigned a gap at Parties “Japan” to Omar",
        "Omar assigned an unknown at Minimum to Omar",
        "Omar assigned an unknown at Parties “Japan”, Position to Omar",
    ]
