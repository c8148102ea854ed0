"""What changed: the difference between two moments, no more and no less, and who made it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.access.need_to_know import may_hear, without
from bot.domain.answers import UNKNOWN, Day, Text
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    DueSet,
    Evidence,
    EvidenceAdded,
    Joined,
    Left,
    Pursued,
    Rescheduled,
    Role,
    RowPut,
    RowRemoved,
    TakenBack,
    Waived,
)
from bot.domain.history.diff import Diff, changes, last_before
from bot.domain.negotiation import Happened
from bot.domain.projection import after
from bot.domain.readiness.readiness import gaps
from tests.api import Chat, Delegation, limits
from tests.factories import MONDAY, SMALL, TALKS, happened, story
from tests.test_fold import SOON, fold, lines

Line = tuple[Happened, ...]


def grown(line: Line, *events: AnyEvent, by: str = "Omar") -> Line:
    for event in events:
        line = (*line, happened(fold(line), event, by=by))
    return line


def since(line: Line, before: int, on: date = MONDAY) -> Diff:
    return changes(line, SMALL, before, on, on)


def told(found: Diff) -> list[tuple[str, str, str]]:
    return [(one.what, one.before, one.after) for one in found.answers + found.around]


def test_an_answer_is_told_once_with_what_stood_there_before() -> None:
    _, line = story(answers={"mandate": "The old ministry"})
    more = grown(line, *(Answered(item="mandate", answer=Text(text=one)) for one in ("Nobody", "The new ministry")))
    found = since(more, len(line))
    assert told(found) == [("Mandate", "The old ministry", "The new ministry")]
    assert found.answers[0].last == more[-1]


def test_what_was_written_and_taken_back_is_no_change() -> None:
    _, line = story(answers={"mandate": "The old ministry"})
    more = grown(line, Answered(item="mandate", answer=UNKNOWN), TakenBack(item="mandate"))
    found = since(more, len(line))
    assert (told(found), found.flips) == ([], ())


def test_rows_are_added_changed_and_removed_by_name() -> None:
    _, line = story(
        rows={"goals": {"r1": {"goal": "Sample goal A", "want": "must"}, "r2": {"goal": "Sample goal B"}}},
    )
    more = grown(
        line,
        RowPut(item="goals", row="r3", cells={"goal": Text(text="Sample goal C"), "want": None}),
        RowPut(item="goals", row="r1", cells={"goal": Text(text="Sample goal D"), "approved_on": Day(day=MONDAY)}),
        RowRemoved(item="goals", row="r2"),
    )
    assert told(since(more, len(line))) == [
        ("Goals “Sample goal B”", "", "removed"),
        ("Goals “Sample goal D”, Goal", "Sample goal A", "Sample goal D"),
        ("Goals “Sample goal D”, Approved on", "blank", "2 November 2026"),
        ("Goals “Sample goal C”", "", "added"),
    ]


def test_people_days_waivers_and_owners_are_told() -> None:
    _, line = story()
    more = grown(
        line,
        Joined(person="lena", name="Lena", role=Role.OBSERVER),
        Rescheduled(talks_on=TALKS + timedelta(days=7)),
        Waived(gap="mandate/none", reason="The letter is signed.", until=TALKS),
        Assigned(target="mandate", people=("omar",)),
        DueSet(target="s:allies", day=SOON),
        Pursued(spot="mandate", course="question", priority=1),
        EvidenceAdded(item="rung", evidence=Evidence(id="e1", form="link", text="https://a.example")),
        by="Maya",
    )
    assert told(since(more, len(line))) == [
        ("Rung, evidence", "none", "https://a.example"),
        ("The talks", "1 March 2027", "8 March 2027"),
        ("Lena", "not in the delegation", "observer"),
        ("Waiver at Mandate (none)", "none", "Maya, until 1 March 2027: The letter is signed."),
        ("Owner of Mandate", "nobody", "Omar"),
        ("Date of Consult allies", "as the checklist says", "20 December 2026"),
        ("Unknown at Mandate", "none", "question for the first session, priority 1"),
    ]
    assert {one.last.by for one in since(more, len(line)).around if one.last} == {"maya"}
    assert since(grown(more, Answered(item="rung", answer=UNKNOWN)), len(more)).around == ()
    back = grown(more, DueSet(target="s:allies", day=None))
    assert "Date of Consult allies" not in [one.what for one in since(back, len(line)).around]
    gone = grown(more, Left(person="omar"), by="Maya")
    assert ("Owner of Mandate", "Omar", "nobody") in told(since(gone, len(more)))


def test_a_gap_names_who_closed_it_and_a_stale_fact_nobody() -> None:
    _, line = story(answers={"last_met": "2026-11-01"})
    more = grown(line, Answered(item="mandate", answer=Text(text="The ministry")), by="Maya")
    later = MONDAY + timedelta(days=40)
    found = changes(more, SMALL, len(line), MONDAY, later)
    flips = {one.gap.key: (one.opened, cause.by if (cause := found.cause(one)) else None) for one in found.flips}
    assert flips == {"mandate/none": (False, "maya"), "last_met/_stale": (True, None)}


def test_a_day_begins_before_its_first_event() -> None:
    _, line = story(answers={"mandate": "The ministry"})
    assert last_before(line, MONDAY) == 1
    assert last_before(line, MONDAY + timedelta(days=1)) == len(line)


@pytest.mark.slow
@given(lines(), st.integers(1, 28), st.sampled_from((1, 3, 64)))
def test_gaps_opened_and_closed_are_the_difference_and_their_cause_made_it(
    line: Line, before: int, states_kept: int
) -> None:
    """However long the line is: that not every state is kept changes neither what differs nor who did it."""
    with limits(states_kept=states_kept):
        found = changes(line, SMALL, before, SOON, SOON)
    states = [fold(line[:1])]
    for one in line[1:]:
        states.append(after(states[-1], one))
    standing = [{gap.key for gap in gaps(n, SOON) if not gap.waiver} for n in states]
    first, last = standing[min(before, len(line)) - 1], standing[-1]
    assert {one.gap.key for one in found.flips if one.opened} == last - first
    assert {one.gap.key for one in found.flips if not one.opened} == first - last
    for one in found.flips:
        cause = found.cause(one)
        assert cause is not None
        was, now = standing[cause.seq - 2], standing[cause.seq - 1]
        assert (one.gap.key in now) == one.opened
        assert (one.gap.key in was) != one.opened


@pytest.mark.slow
@given(lines(), st.integers(1, 28))
def test_every_difference_in_what_is_said_is_told(line: Line, before: int) -> None:
    found = since(line, before, SOON)
    old, new = reduce(after, line[1:before], fold(line[:1])), fold(line)
    differ = {
        item.label
        for item in SMALL.item.values()
        if old.record(item.id).said != new.record(item.id).said
        or {
            (row.id, name, repr(held.said))
            for row in old.record(item.id).rows.values()
            for name, held in row.cells.items()
            if held.said
        }
        != {
            (row.id, name, repr(held.said))
            for row in new.record(item.id).rows.values()
            for name, held in row.cells.items()
            if held.said
        }
    }
    named = " ".join(one.what for one in found.answers)
    assert all(label in named for label in differ)
    assert since(line, len(line), SOON).answers == ()


# In the chat


def answer(omar: Chat, label: str) -> None:
    omar.goes_to("Limit expectations", "Crewed flight")
    omar.taps(label)


def test_going_about_does_not_make_what_is_new_old(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    """Looks that follow each other are one: what was new stays new until the person comes back another time."""
    maya.types("/summary")
    delegation.at += timedelta(days=2)
    answer(omar, "Yes")
    for command in ("/summary", "/gaps", "/summary", "/changed"):
        maya.types(command)
        delegation.at += timedelta(minutes=10)
    shown = maya.screen
    assert shown.title == "What changed since you last looked, on 15 January 2027"
    assert "Crewed flight: blank → Yes" in shown.text
    delegation.at += timedelta(hours=2)
    maya.types("/changed")
    shown = maya.screen
    assert shown.title == "What changed since you last looked, on 17 January 2027"
    assert shown.text == "Nothing changed."


def test_everyone_has_their_own_last_look(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    maya.types("/changed")
    assert "since the talks were opened" in maya.screen.title
    delegation.at += timedelta(days=1)
    omar.types("/changed")
    assert "since the talks were opened" in omar.screen.title


def test_what_a_person_may_not_see_is_no_news_to_them() -> None:
    """Whatever a checklist leaves out is neither told nor counted."""
    n, line = story(answers={"mandate": "The ministry"})
    hidden = frozenset({SMALL.section_of["mandate"].id})
    seen = without(n, hidden)
    found = changes(line, SMALL, 1, MONDAY, MONDAY, hidden)
    assert "Mandate" not in " ".join(what for what, _, _ in told(found))
    assert all(one.gap.item != "mandate" for one in found.flips)
    assert not [one for one in line if isinstance(one.event, Answered) and may_hear(seen, one)]


def test_a_button_of_ones_own_making_is_answered(maya: Chat) -> None:
    for forged in (
        "1>Ch~1~date~nonsense",
        "1>Ch~1~else~2027-01-15",
        "1>Ch~zzzzzz~look~2027-01-15~zz",
        "1>Wy~x~zz",
        "1>Wl~zz",
    ):
        maya.forges(forged)
        assert maya.screen.labels
