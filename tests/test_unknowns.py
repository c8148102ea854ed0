"""Unknowns are work: questions in order, tasks with owners, and gone once they are answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.contract import ButtonReply
from bot.dialog.parsing.dates import read_due
from bot.dialog.parsing.values import Misread, Read, Unsure
from bot.dialog.screens.home import Home
from bot.dialog.screens.my_work import MyWork, Workload
from bot.dialog.screens.ownership import AssignOwner
from bot.dialog.screens.summary import line
from bot.dialog.screens.unknowns import UnknownDetail
from bot.dialog.stale_facts import still_holds
from bot.domain.answers import UNKNOWN, Day, NotApplicable, Picked, Text
from bot.domain.events import Answered, Assigned, Confirmed, DueSet, Pursued, Role, RowPut, RowRemoved, Waived
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.readiness.readiness import gaps
from bot.domain.readiness.unknowns import Unresolved, unknowns, work
from bot.domain.report.builder import report
from bot.exports.markdown import markdown
from tests.api import Context
from tests.api import context as room_of
from tests.factories import MONDAY, TALKS, happen, negotiation
from tests.test_fold import SOON, fold, lines

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def three() -> Negotiation:
    """Three unknowns: of two items and of a cell."""
    return negotiation(
        answers={"minimum": UNKNOWN, "budget": UNKNOWN},
        rows={"parties": {"japan": {"position": UNKNOWN}}},
    )


def context(n: Negotiation, me: str = "omar") -> Context:
    return room_of(n, me, now=NOW)


def test_every_unknown_is_found_of_items_and_of_cells() -> None:
    assert [one.spot for one in unknowns(three(), MONDAY)] == ["minimum", "budget", "parties/japan/position"]


def test_questions_come_by_priority_then_tasks_by_their_day_then_what_rests() -> None:
    n = happen(three(), Pursued(spot="budget", course="question", priority=3))
    n = happen(n, Pursued(spot="parties/japan/position", course="question", priority=1))
    assert [one.spot for one in unknowns(n, MONDAY)] == ["parties/japan/position", "budget", "minimum"]
    n = happen(n, Pursued(spot="parties/japan/position", course="task"))
    assert [one.spot for one in unknowns(n, MONDAY)] == ["budget", "parties/japan/position", "minimum"]
    n = happen(n, Pursued(spot="budget", course=None))
    assert [one.spot for one in unknowns(n, MONDAY)] == ["parties/japan/position", "minimum", "budget"]


@pytest.mark.parametrize("course", ["question", "task"])
def test_what_is_answered_is_no_question_and_no_task_any_more(course: str) -> None:
    """Nobody has to strike it off: not the lists, not the work of its owner, not the report."""
    n = three()
    for spot in ("minimum", "parties/japan/position"):
        pursued = Pursued.model_validate({"spot": spot, "course": course})
        n = happen(n, pursued, Assigned(target=f"u:{spot}", people=("omar",)))
    n = happen(n, Answered(item="minimum", answer=Text(text="Sample")))
    n = happen(n, RowPut(item="parties", row="japan", cells={"position": None}))
    assert [one.spot for one in unknowns(n, MONDAY)] == ["budget"]
    assert not [one for one in work(n, "omar", MONDAY) if isinstance(one, Unresolved)]
    assert [one.course for one in report(n, NOW, "Maya").unknowns] == [None]


def test_an_unknown_that_is_not_asked_any_more_is_no_work() -> None:
    n = negotiation(answers={"crewed": "yes", "safety": UNKNOWN}, rows={"goals": {"r1": {"rank": UNKNOWN}}})
    assert len(unknowns(n, MONDAY)) == 2
    n = happen(n, Answered(item="crewed", answer=None), RowRemoved(item="goals", row="r1"))
    assert not unknowns(n, MONDAY)
    n = happen(three(), Answered(item="parties", answer=NotApplicable(reason="Sample")))
    assert [one.spot for one in unknowns(n, MONDAY)] == ["minimum", "budget"]


@given(lines())
def test_the_list_of_unknowns_is_that_of_the_answers(line: tuple[Happened, ...]) -> None:
    """Each is said to be unknown now, and the report has them all in the same order."""
    n = fold(line)
    found = unknowns(n, SOON)
    assert all(one.held.said == UNKNOWN for one in found)
    order = [0 if one.question else 1 if one.task else 2 for one in found]
    assert order == sorted(order)
    asked = report(n, datetime(SOON.year, SOON.month, SOON.day, tzinfo=UTC), "Maya").unknowns
    assert [one.course for one in asked] == [one.pursuit.course if one.pursuit else None for one in found]


def test_the_document_lists_questions_in_their_order_and_tasks_with_their_owner() -> None:
    n = happen(
        three(),
        Pursued(spot="budget", course="question", priority=2),
        Pursued(spot="parties/japan/position", course="question", priority=1),
        Pursued(spot="minimum", course="task"),
        Assigned(target="u:minimum", people=("omar", "maya")),
        DueSet(target="u:minimum", day=date(2027, 2, 1)),
    )
    text = markdown(report(n, NOW, "Maya"))
    questions = text.split("## Questions for the first session")[1].split("##")[0]
    assert questions.index("Japan: What do they say?") < questions.index("What may it cost?")
    assert "*Priority 1.*" in questions
    tasks = text.split("## Tasks")[1].split("##")[0]
    assert "What is the least we accept? (owner Omar, Maya, due 1 February 2027)" in tasks
    assert "neither a question nor a task" not in text
    assert "neither a question nor a task" in markdown(report(three(), NOW, "Maya"))


def test_an_old_button_of_an_unknown_that_was_answered_changes_nothing() -> None:
    n = happen(three(), Answered(item="minimum", answer=Text(text="Sample")))
    for act in ("question", "task", "rest"):
        turn = UnknownDetail("minimum").handle(context(n), ButtonReply(act, "1"))
        assert not turn.events
        assert "answered in the meantime" in turn.aside


def test_a_task_is_given_to_somebody_at_once() -> None:
    turn = UnknownDetail("minimum").handle(context(three()), ButtonReply("task"))
    assert turn.place == AssignOwner("u:minimum")
    assert turn.events == (Pursued(spot="minimum", course="task"),)


def test_only_a_lead_sees_the_work_of_others() -> None:
    n = happen(three(), Assigned(target="minimum", people=("maya",)))
    for place in (MyWork("maya"), Workload()):
        assert "Only Maya" in place.render(context(n)).text
        assert "Minimum" not in place.render(context(n)).text
    assert "Minimum" in MyWork("maya").render(context(n, "maya")).text
    assert Home().render(context(n)).buttons


def test_confirming_a_row_keeps_its_answer_and_renews_no_other_row() -> None:
    n = negotiation(checklist="us-china-space")
    first = n.opened_at
    for row in ("r1", "r2"):
        n = happen(n, RowPut(item="roster", row=row, cells={"name": Text(text=f"Sample {row}")}), at=first)
    later = first + timedelta(days=40)
    turn = still_holds(room_of(n, "omar", now=later), "roster/_stale/r1", Home())
    assert turn.events == (Confirmed(item="roster", row="r1", keeps_signatures=True),)
    after_all = happen(n, *turn.events, at=later)
    assert [gap.row for gap in gaps(after_all, later.date()) if gap.rule == "_stale"] == ["r2"]
    assert after_all.record("roster").rows["r1"].cells == n.record("roster").rows["r1"].cells
    again = later + timedelta(days=31)
    assert {gap.row for gap in gaps(after_all, again.date()) if gap.rule == "_stale"} == {"r1", "r2"}


def test_confirming_an_item_keeps_its_answer() -> None:
    n = negotiation(answers={"last_met": "2026-10-01"})
    later = n.opened_at + timedelta(days=40)
    assert [gap.key for gap in gaps(n, later.date()) if gap.rule == "_stale"] == ["last_met/_stale"]
    turn = still_holds(room_of(n, "omar", now=later), "last_met/_stale", Home())
    n = happen(n, *turn.events, at=later)
    assert not [gap for gap in gaps(n, later.date()) if gap.rule == "_stale"]
    assert n.record("last_met").said == Day(day=date(2026, 10, 1))


def test_what_is_not_too_old_is_not_confirmed_by_an_old_button() -> None:
    turn = still_holds(context(negotiation(answers={"last_met": "2026-10-01"})), "last_met/_stale", Home())
    assert not turn.events


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("T-20", 20),
        ("t – 20", 20),
        ("T minus 7", 7),
        ("20 days before the talks", 20),
        ("two weeks before the talks", 14),
        ("a week before the talks", 7),
        ("the day before the talks", 1),
        ("3 days before", 3),
        ("the day of the talks", 0),
        ("T-0", 0),
    ],
)
def test_a_day_may_be_counted_back_from_the_talks(text: str, before: int) -> None:
    found = read_due(text, MONDAY, TALKS)
    assert isinstance(found, Read)
    assert found.value == Day(day=TALKS - timedelta(days=before))


@given(st.text(max_size=40))
def test_a_due_day_is_read_or_refused_and_never_a_crash(text: str) -> None:
    assert read_due(text, MONDAY, TALKS) is not None


@pytest.mark.parametrize("text", ["9999 years before the talks", "t"])
def test_what_is_no_day_before_the_talks_is_refused(text: str) -> None:
    assert isinstance(read_due(text, MONDAY, TALKS), Misread)


@pytest.mark.parametrize("text", ["T+3", "3 days after the talks"])
def test_a_day_may_be_counted_on_from_the_talks(text: str) -> None:
    found = read_due(text, MONDAY, TALKS)
    assert isinstance(found, Read)
    assert found.value == Day(day=TALKS + timedelta(days=3))


def test_a_time_before_the_talks_is_asked_about() -> None:
    assert isinstance(read_due("before the talks", MONDAY, TALKS), Unsure)


def test_dates_in_words_are_read_as_everywhere() -> None:
    found = read_due("in 2 weeks", MONDAY, TALKS)
    assert isinstance(found, Read)
    assert found.value == Day(day=MONDAY + timedelta(days=14))


def test_observers_are_not_offered_work() -> None:
    from bot.domain.events import Joined

    n = happen(three(), Joined(person="sam", name="Sam", role=Role.OBSERVER))
    labels = [button.label for row in AssignOwner("minimum").render(context(n, "maya")).buttons for button in row]
    assert "Sam" not in labels
    assert "Omar" in labels


@pytest.mark.parametrize("target", ["minimum", "s:expectations", "u:minimum", "minimum/_unknown"])
def test_what_is_open_past_its_day_is_late(target: str) -> None:
    n = happen(three(), DueSet(target=target, day=NOW.date() - timedelta(days=1)))
    assert "(late)" in AssignOwner(target).render(context(n, "maya")).text


@pytest.mark.parametrize("target", ["minimum", "u:minimum", "minimum/_unknown"])
def test_what_is_settled_is_never_late(target: str) -> None:
    """However long ago its day was, and whether the owner screen shows it as an item, a gap or an unknown."""
    n = happen(three(), DueSet(target=target, day=NOW.date() - timedelta(days=1)))
    n = happen(n, Answered(item="minimum", answer=Text(text="One sample visit")))
    shown = AssignOwner(target).render(context(n, "maya")).text
    assert "Due: 22 November 2026." in shown


def test_a_section_is_late_only_while_something_in_it_is_open() -> None:
    n = negotiation()
    n = happen(n, DueSet(target="s:gate", day=NOW.date() - timedelta(days=1)))
    n = happen(n, Answered(item="mandate", answer=Text(text="The minister")))
    assert "(late)" in AssignOwner("s:gate").render(context(n, "maya")).text
    n = happen(n, Answered(item="verdict", answer=Picked(options=("stay",))))
    assert "(late)" not in AssignOwner("s:gate").render(context(n, "maya")).text


def test_a_waived_gap_is_not_late_in_a_list() -> None:
    """Somebody accepted that it stays open."""
    n = happen(three(), DueSet(target="minimum", day=NOW.date() - timedelta(days=1)))
    gap = next(one for one in gaps(n, NOW.date()) if one.item == "minimum")
    assert "(late)" in line(context(n), gap)
    n = happen(n, Waived(gap=gap.key, reason="The letter is under way.", until=TALKS, severity=gap.severity))
    gap = next(one for one in gaps(n, NOW.date()) if one.item == "minimum")
    assert line(context(n), gap).endswith("due 22 November 2026 · waived")
