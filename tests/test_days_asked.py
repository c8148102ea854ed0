"""Typed days at commands and prompts: looked at the right way, from the own day, asked when in doubt."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.dialog.contract import Place
from bot.dialog.screens.changes import Changes, SinceWhen
from bot.dialog.screens.item import ItemQuestion
from bot.dialog.screens.opening import MoveTalks, Opening
from bot.dialog.screens.ownership import SetDueDate
from bot.dialog.screens.table import FieldQuestion
from bot.dialog.screens.waivers import RenewWaiver, WaiveGap
from bot.domain.answers import Day
from bot.domain.sign_off import state_hash
from tests.api import Context
from tests.talking import Talk

GOALS = {"goals": {"r1": {"goal": "Sample"}}}
APPROVED = FieldQuestion("goals", "r1", "approved_on")
WAIVING = WaiveGap("minimum", "_unanswered", "", "major", "We ask them in the first session.")


def waived(talk: Talk) -> date:
    return talk.n.waivers["minimum/_unanswered"].until


@pytest.mark.parametrize(
    ("typed", "since"),
    [("Friday", "2026-11-27"), ("20 November", "2026-11-20"), ("12 November", "2026-11-12"), ("today", "2026-11-30")],
)
def test_what_changed_since_a_day_looks_back(typed: str, since: str):
    """The talks were opened on 2 November; it is the 30th."""
    place = Talk().goes(SinceWhen()).types(typed).place
    assert isinstance(place, Changes)
    assert (place.why, place.day) == ("date", since)


def test_a_day_that_can_mean_two_is_asked_with_buttons():
    talk = Talk().goes(SinceWhen()).types("3/11")
    assert talk.labels == ["3 November 2026", "11 March 2026", "Back"]
    place = talk.taps("3 November 2026").place
    assert isinstance(place, Changes)
    assert place.day == "2026-11-03"
    assert "still to come" in Talk().goes(SinceWhen()).types("tomorrow").told


@pytest.mark.parametrize("typed", ["until the talks", "the talks", "T-0", "Until the talks."])
def test_a_waiver_holds_until_the_talks(typed: str):
    assert waived(Talk().goes(WAIVING).types(typed)) == date(2027, 3, 1)


def test_a_waivers_last_day_is_asked_when_in_doubt_and_counts_from_the_talks():
    talk = Talk().goes(WAIVING).types("3/1/27")
    assert talk.labels == ["3 January 2027", "1 March 2027", "Back"]
    assert waived(talk.taps("3 January 2027")) == date(2027, 1, 3)
    assert waived(Talk().goes(WAIVING).types("a week before the talks")) == date(2027, 2, 22)
    renewed = (
        Talk(waived={"minimum": "A sample reason"}).goes(RenewWaiver("minimum", "_unanswered")).types("by January")
    )
    assert waived(renewed.taps("31 January 2027")) == date(2027, 1, 31)


def test_a_due_day_and_a_new_day_of_the_talks_are_asked_too():
    due = Talk().goes(SetDueDate("minimum")).types("Q1 2027").taps("31 March 2027")
    assert due.n.dues["minimum"] == date(2027, 3, 31)
    moved = Talk().goes(MoveTalks()).types("12-14 April 2027")
    assert moved.labels == ["12 April 2027", "14 April 2027", "Back"]
    assert moved.taps("12 April 2027").n.talks_on == date(2027, 4, 12)


def test_opening_asks_on_which_day_of_a_range_the_talks_begin():
    talk = Talk().goes(Opening("small", ("Ruritania", "the bridge"))).types("12-14 March 2027")
    assert talk.labels[:2] == ["12 March 2027", "14 March 2027"]
    assert talk.taps("12 March 2027").place == Opening("small", ("Ruritania", "the bridge", "2027-03-12"))


OPENING = Opening("small", ("Ruritania", "the bridge"))
DAY_PROMPTS = pytest.mark.parametrize(
    ("place", "told"),
    [
        (SetDueDate("minimum"), "due on {day}."),
        (WAIVING, "Waived until {day} in the name of"),
        (MoveTalks(), "The talks are moved to {day}."),
        (OPENING, "The talks begin on {day}."),
    ],
    ids=["due", "waiver", "move", "opening"],
)


def recorded(talk: Talk) -> date:
    """The day that stands where one of these prompts records it."""
    if isinstance(talk.place, Opening):
        return date.fromisoformat(talk.place.given[2])
    waivers = [waiver.until for waiver in talk.n.waivers.values()]
    return next(iter([*talk.n.dues.values(), *waivers, talk.n.talks_on]))


@DAY_PROMPTS
@pytest.mark.parametrize(
    ("typed", "label", "day"),
    [
        ("by June", "30 June 2027", "2027-06-30"),
        ("Q2 2027", "30 June 2027", "2027-06-30"),
        ("mid-May", "15 May 2027", "2027-05-15"),
        ("early May", "10 May 2027", "2027-05-10"),
        ("last week of May", "31 May 2027", "2027-05-31"),
        ("late next week", "11 December 2026", "2026-12-11"),
        ("before 12 March", "11 March 2027", "2027-03-11"),
        ("June at the latest", "30 June 2027", "2027-06-30"),
    ],
)
def test_a_period_is_asked_at_every_prompt_for_a_day_and_told_back_with_its_words(
    place: Place, told: str, typed: str, label: str, day: str
):
    """What is stored is the day that was tapped; its words are told beside it."""
    talk = Talk().goes(place).types(typed)
    assert label in talk.labels
    assert f"Which day do you mean by “{typed}”?" in talk.screen
    assert "stay beside it" not in talk.screen
    talk.taps(label)
    assert recorded(talk) == date.fromisoformat(day)
    assert told.format(day=f"{label} (“{typed}”)") in talk.told


@DAY_PROMPTS
def test_another_day_than_those_offered_is_told_with_the_words_too(place: Place, told: str):
    talk = Talk().goes(place).types("mid-May").types("12 May")
    assert recorded(talk) == date(2027, 5, 12)
    assert told.format(day="12 May 2027 (“mid-May”)") in talk.told


@DAY_PROMPTS
@pytest.mark.parametrize(
    ("typed", "day"), [("end of next week", "2026-12-11"), ("EOM", "2026-11-30"), ("within 3 weeks", "2026-12-21")]
)
def test_the_edge_of_a_period_is_a_day(place: Place, told: str, typed: str, day: str):
    talk = Talk().goes(place).types(typed)
    assert recorded(talk) == date.fromisoformat(day)
    assert isinstance(place, Opening) or told[:5] in talk.told


def test_a_waiver_until_a_period_leaves_the_state_that_its_day_leaves():
    """The words are no content: a signature given over either stands for the same."""
    by_words = Talk().goes(WAIVING).types("Q2 2027").taps("30 June 2027").n
    by_day = Talk().goes(WAIVING).types("30 June 2027").n
    assert state_hash(by_words) == state_hash(by_day)


def test_a_period_stands_as_the_day_that_was_tapped_with_the_words_beside_it():
    talk = Talk(rows=GOALS).goes(APPROVED).types("Q2 2027").taps("30 June 2027")
    assert talk.said("goals", "r1", "approved_on") == Day(day="2027-06-30", words="Q2 2027")
    assert "30 June 2027 (“Q2 2027”)" in talk.told


def test_another_day_than_those_offered_keeps_the_words_too():
    talk = Talk(rows=GOALS).goes(APPROVED).types("mid-May").types("12 May")
    assert talk.said("goals", "r1", "approved_on") == Day(day="2027-05-12", words="mid-May")


def test_a_field_counts_from_the_talks_as_a_due_day_does():
    assert Talk(rows=GOALS).goes(APPROVED).types("T-20").said("goals", "r1", "approved_on") == Day(day="2027-02-09")


def test_pasted_rows_say_which_days_a_period_may_be():
    talk = Talk().goes("goals").types("Goal; Approved on\nOpen data; Q2 2027\nVisits; T-20")
    assert "Which day do you mean by “Q2 2027”?" in talk.screen
    assert "not recorded: Q2 2027" in talk.screen
    assert talk.taps("Record 2 rows").rows("goals")[1]["approved_on"] == "9 February 2027"


@pytest.mark.parametrize(
    ("zone", "now", "today", "friday"),
    [
        ("America/New_York", datetime(2026, 12, 1, 1, tzinfo=UTC), "2026-11-30", "2026-11-27"),
        ("Asia/Shanghai", datetime(2026, 11, 30, 22, 30, tzinfo=UTC), "2026-12-01", "2026-11-27"),
        ("UTC", datetime(2026, 11, 30, 22, 30, tzinfo=UTC), "2026-11-30", "2026-11-27"),
    ],
)
def test_a_relative_day_is_the_persons_own(zone: str, now: datetime, today: str, friday: str):
    """In the evening of Washington and in the morning of Beijing, "today" is what their calendars say."""
    for typed, means in (("today", today), ("last Friday", friday)):
        talk = Talk(zone=zone, now=now).goes(ItemQuestion("last_met")).types(typed)
        assert talk.said("last_met") == Day(day=means)


def test_gaps_and_verdicts_keep_the_teams_day():
    context = Talk(zone="Asia/Shanghai", now=datetime(2026, 11, 30, 22, 30, tzinfo=UTC)).context
    assert isinstance(context, Context)
    assert (context.today, context.own_day) == (date(2026, 11, 30), date(2026, 12, 1))


def test_a_day_without_words_is_stored_and_signed_as_it_always_was():
    """No key is added: chains, exports and state hashes of earlier versions stay what they are."""
    assert Day(day="2027-03-12").model_dump_json() == '{"kind":"day","day":"2027-03-12"}'
    plain = Talk(rows={"goals": {"r1": {"approved_on": "2027-03-12"}}}).n
    worded = Talk(rows={"goals": {"r1": {"approved_on": Day(day="2027-03-12", words="mid-March")}}}).n
    assert state_hash(plain) != state_hash(worded)
