"""Typed text becomes the value that a person meant, or a question, or an explanation."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.contract import TextReply
from bot.dialog.parsing.values import Misread, Read, Unsure, read, read_cell, read_day
from bot.dialog.screens.clarifications import Clarify
from bot.dialog.screens.item import ItemQuestion
from bot.domain.answers import UNKNOWN, Day, Number, Picked
from bot.domain.checklist import Field, Kind, Option
from bot.domain.events import Answered
from tests.api import context as room_of
from tests.factories import negotiation

TODAY = date(2026, 11, 4)  # a Wednesday
LABELS = {"must": "Must have", "must_not": "Must not", "nice": "Nice, if cheap"}
ROWS = {"r1": "Open data", "r2": "Site visits", "r3": "Open meetings"}


def asked(kind: Kind, *, past: bool = False) -> Field:
    """A field of a kind, with options where it takes them; ``past`` when it asks when something happened."""
    options = tuple(Option(id=one, label=label) for one, label in LABELS.items())
    chooses = kind in {Kind.CHOICE, Kind.CHOICES}
    return Field.model_validate(
        {"id": "it", "label": "It", "ask": "What?", "kind": kind, "past": past, "options": options if chooses else ()}
    )


def heard(kind: Kind, text: str, *, past: bool = False) -> object:
    """The value read, the labels offered, or the explanation."""
    match read(asked(kind, past=past), text, TODAY, ROWS):
        case Read(value=value):
            said = next(one for name, one in value if name != "kind")
            return said.isoformat() if isinstance(said, date) else said
        case Unsure(values=values):
            return [label for label, _ in values]
        case Misread(why=why):
            return why


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("2027-03-12", "2027-03-12"),
        ("20270312", "2027-03-12"),
        ("12 March", "2027-03-12"),
        ("March 12", "2027-03-12"),
        ("the 12th of March, 2027", "2027-03-12"),
        ("12 Mar 2027", "2027-03-12"),
        ("12-Mar-27", "2027-03-12"),
        ("Fri 12 March 2027", "2027-03-12"),
        ("12.3.2027", "2027-03-12"),
        ("12. März 2027", "2027-03-12"),
        ("12 mars 2027", "2027-03-12"),
        ("12 de marzo de 2027", "2027-03-12"),
        ("12 марта 2027", "2027-03-12"),
        ("3. Mai 2027", "2027-05-03"),
        ("25/03/2027", "2027-03-25"),
        ("3/25/2027", "2027-03-25"),
        ("04/04/2027", "2027-04-04"),
        ("2027年3月12日", "2027-03-12"),
        ("１２ March", "2027-03-12"),
        ("today", "2026-11-04"),
        ("Tomorrow", "2026-11-05"),
        ("yesterday", "2026-11-03"),
        ("in 3 weeks", "2026-11-25"),
        ("in a month", "2026-12-04"),
        ("two weeks ago", "2026-10-21"),
        ("Friday", "2026-11-06"),
        ("wednesday", "2026-11-11"),
        ("next Monday", "2026-11-09"),
        ("last Monday", "2026-11-02"),
        ("end of March", "2027-03-31"),
        ("end of next month", "2026-12-31"),
        ("29 Feb", "2028-02-29"),
        ("1 August", "2027-08-01"),
    ],
)
def test_a_date_is_understood_as_people_type_it(typed: str, means: str) -> None:
    """A date is understood as people type it."""
    assert heard(Kind.DATE, typed) == means


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("03/04/2027", ["3 April 2027", "4 March 2027"]),
        ("20 October", ["20 October 2026", "20 October 2027"]),
        ("next Friday", ["6 November 2026", "13 November 2026"]),
        ("March 2027", ["1 March 2027", "31 March 2027"]),
        ("3 weeks", ["25 November 2026", "14 October 2026"]),
    ],
)
def test_a_date_that_can_mean_two_days_is_asked_about(typed: str, offered: list[str]) -> None:
    """A date that can mean two days is asked about."""
    assert heard(Kind.DATE, typed) == offered


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("soonish", "“soonish” is not a date I understand. Try 12 March, 2027-03-12 or in 3 weeks."),
        ("31 April", "April has 30 days, so there is no 31 April."),
        ("29 Feb 2027", "February 2027 has 28 days"),
        ("Thursday 12 March 2027", "12 March 2027 is a Friday, not a Thursday."),
        ("13/14/2027", "There is no month 14."),
        ("1 May 1850", "Dates run from 1900 to 2200."),
        ("in 9999 years", "Dates run from 1900 to 2200."),
    ],
)
def test_an_impossible_date_is_explained(typed: str, why: str) -> None:
    """An impossible date is explained."""
    assert why in str(heard(Kind.DATE, typed))


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("12 March", "2026-03-12"),
        ("March 12", "2026-03-12"),
        ("4 November", "2026-11-04"),
        ("20 December", "2025-12-20"),
        ("29 Feb", "2024-02-29"),
        ("Thursday 12 March", "2026-03-12"),
        ("3/14", "2026-03-14"),
        ("12.3.", "2026-03-12"),
        ("2026-03-12", "2026-03-12"),
        ("3 weeks", "2026-10-14"),
        ("a week", "2026-10-28"),
        ("3 weeks ago", "2026-10-14"),
        ("today", "2026-11-04"),
        ("yesterday", "2026-11-03"),
        ("Tuesday", "2026-11-03"),
        ("Friday", "2026-10-30"),
        ("last Monday", "2026-11-02"),
        ("end of March", "2026-03-31"),
        ("end of November", "2025-11-30"),
    ],
)
def test_a_day_on_which_something_happened_is_the_last_one(typed: str, means: str) -> None:
    """Asked when something happened, a day without a year is the last one, today included."""
    assert heard(Kind.DATE, typed, past=True) == means


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("in 3 weeks", ["25 November 2026, though still to come"]),
        ("tomorrow", ["5 November 2026, though still to come"]),
        ("12 March 2027", ["12 March 2027, though still to come"]),
        ("2027-03-12", ["12 March 2027, though still to come"]),
        ("3 weeks from now", ["25 November 2026, though still to come"]),
        ("this Friday", ["6 November 2026, though still to come"]),
        ("next Friday", ["6 November 2026, though still to come", "13 November 2026, though still to come"]),
        ("next year", ["1 January 2027, though still to come", "31 December 2027, though still to come"]),
    ],
)
def test_a_day_to_come_is_asked_back_where_something_happened(typed: str, offered: list[str]) -> None:
    """Asked when something happened, a day to come is not recorded unasked; why is said, and it can be meant."""
    assert heard(Kind.DATE, typed, past=True) == offered
    answer = read_day(typed, TODAY, past=True)
    assert isinstance(answer, Unsure)
    assert answer.ask.startswith(f"“{typed}” is still to come, and this asks when something happened.")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("3/4", ["3 April 2026", "4 March 2026"]),
        ("10/12/2026", ["10 December 2026, though still to come", "12 October 2026"]),
        ("March", ["1 March 2026", "31 March 2026"]),
        ("December", ["1 December 2025", "31 December 2025"]),
        ("November", ["1 November 2026", "30 November 2026, though still to come"]),
        ("Wednesday", ["28 October 2026", "4 November 2026"]),
        # It may be the fifth where they are: days here are those of UTC.
        ("5 November", ["5 November 2025", "5 November 2026, though still to come"]),
        ("5/11", ["5 November 2025", "5 November 2026, though still to come", "11 May 2026"]),
    ],
)
def test_a_day_that_has_been_and_can_mean_two_is_asked_about(typed: str, offered: list[str]) -> None:
    """A day on which something happened that can mean two days is asked about as any other."""
    assert heard(Kind.DATE, typed, past=True) == offered
    answer = read_day(typed, TODAY, past=True)
    assert isinstance(answer, Unsure)
    assert answer.ask.startswith(f"Which day do you mean by “{typed}”?")


def test_an_example_of_a_day_that_has_been_is_one() -> None:
    """Whoever is asked when something happened is shown days that have been."""
    assert str(heard(Kind.DATE, "soonish", past=True)).endswith("Try 12 March or 3 weeks ago.")


def test_an_item_asks_when_something_happened_as_a_field_does() -> None:
    """An item may ask when something happened: its hint says so, and a day to come is asked back."""
    here = room_of(negotiation(), "maya", now=datetime.combine(TODAY, time(10), UTC))
    asks = ItemQuestion("last_met")

    assert "Type a date: 12 March or 3 weeks ago." in asks.render(here).text
    assert isinstance(asks.handle(here, TextReply("in 3 weeks")).place, Clarify)
    assert asks.handle(here, TextReply("3 weeks")).events == (
        Answered(item="last_met", answer=Day(day=TODAY - timedelta(weeks=3))),
    )


def test_a_date_is_echoed_unless_it_was_typed_in_full() -> None:
    """A date is echoed with its weekday unless it was typed in full."""
    day = Day(day=date(2027, 3, 12))
    assert read_day("12 March", TODAY) == Read(day, "Friday 12 March 2027")
    assert read_day("12 March 2027", TODAY) == Read(day)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("1 200", "1200"),
        ("1'200", "1200"),
        ("1_200", "1200"),
        ("1\u202f200", "1200"),
        ("1,200.50", "1200.50"),
        ("1.200,50", "1200.50"),
        ("1,200,000", "1200000"),
        ("0,234", "0.234"),
        ("12,5", "12.5"),
        ("12%", "12"),
        ("3k", "3000"),
        ("2M", "2000000"),
        ("1.5 bn", "1500000000"),
        ("−5", "-5"),
        ("+5", "5"),
        ("١٢", "12"),
    ],
)
def test_a_number_is_understood_as_people_type_it(typed: str, means: str) -> None:
    """A number is understood as people type it."""
    assert str(heard(Kind.NUMBER, typed)) == means


@pytest.mark.parametrize("typed", ["1,234", "1.234"])
def test_a_number_with_one_mark_before_three_digits_is_asked_about(typed: str) -> None:
    """One mark before three digits may be thousands or decimals."""
    assert heard(Kind.NUMBER, typed) == ["1234", "1.234"]


@pytest.mark.parametrize("typed", ["nan", "inf", "a dozen", "10²", "½", "1 20", "$3", "3 to 5", "9" * 31])
def test_what_is_no_number_is_explained(typed: str) -> None:
    """What is no number, or too long a one, is explained."""
    assert isinstance(read(asked(Kind.NUMBER), typed, TODAY), Misread)


@pytest.mark.parametrize(
    ("kind", "typed", "means"),
    [
        (Kind.YES_NO, "Y", ("yes",)),
        (Kind.YES_NO, "nope", ("no",)),
        (Kind.YES_NO, "2", ("no",)),
        (Kind.YES_PARTLY_NO, "partially", ("partly",)),
        (Kind.CHOICE, "MUST  HAVE", ("must",)),
        (Kind.CHOICE, "must", ("must",)),
        (Kind.CHOICE, "ni", ("nice",)),
        (Kind.CHOICE, "2", ("must_not",)),
        (Kind.CHOICE, "mus", ["Must have", "Must not"]),
        (Kind.CHOICES, "Nice, if cheap; must have", ("must", "nice")),
        (Kind.CHOICES, "1, 3", ("must", "nice")),
        (Kind.CHOICES, "mus, nice", ["Must have, Nice, if cheap", "Must not, Nice, if cheap"]),
        (Kind.ROW, "site visits", "r2"),
        (Kind.ROW, "site", "r2"),
        (Kind.ROW, "3", "r3"),
        (Kind.ROW, "open", ["Open data", "Open meetings"]),
    ],
)
def test_a_choice_is_made_by_name_beginning_or_number(kind: Kind, typed: str, means: object) -> None:
    """A choice is made by its name, its beginning or its number; two that fit are asked about."""
    assert heard(kind, typed) == means


def test_what_is_no_choice_is_told_what_is() -> None:
    """What is no choice is told what is."""
    assert heard(Kind.YES_NO, "perhaps") == "“perhaps” is not one of the choices. Type one of: Yes; No."
    assert "not one of the choices" in str(heard(Kind.CHOICES, "must, perhaps"))
    assert "no row to point at" in str(read(asked(Kind.ROW), "x", TODAY))


def test_rows_of_one_name_are_told_apart_by_their_number() -> None:
    """Rows of one name are told apart by their number."""
    twins = read(asked(Kind.ROW), "visit", TODAY, {"r1": "Visit", "r2": "visit"})
    assert isinstance(twins, Unsure)
    assert [label for label, _ in twins.values] == ["1. Visit", "2. visit"]


def test_a_text_stays_as_it_was_typed() -> None:
    """A text loses its outer space and control characters, and nothing else."""
    assert heard(Kind.TEXT, "  one\r\n\ttwo\x00 \u200fthree\ud800 ") == "one\n\ttwo \u200fthree\ufffd"


def test_a_cell_may_be_blank_or_unknown() -> None:
    """A dash leaves a cell blank, a question mark says that it is not known."""
    assert read_cell(asked(Kind.DATE), " - ", TODAY) is None
    assert read_cell(asked(Kind.NUMBER), "?", TODAY) == Read(UNKNOWN)
    assert read_cell(asked(Kind.TEXT), "Don’t know", TODAY) == Read(UNKNOWN)
    assert read_cell(asked(Kind.YES_NO), "y", TODAY) == Read(Picked(options=("yes",)), "Yes")


def test_an_option_called_unknown_is_that_option() -> None:
    """An option called "Unknown" is chosen, not taken for a cell that is not known."""
    own = asked(Kind.CHOICE).model_copy(update={"options": (Option(id="u", label="Unknown"),)})
    assert read_cell(own, "unknown", TODAY) == Read(Picked(options=("u",)))


PICKY = st.text(alphabet="0123456789 .,/-'%:;km年月²١－abdefinorstuwy\n\t\x00\ud800\u200f", max_size=40)


@given(st.sampled_from([kind for kind in Kind if kind not in {Kind.TABLE, Kind.FORM}]), st.text() | PICKY)
def test_no_text_breaks_the_reading(kind: Kind, text: str) -> None:
    """No text breaks the reading, and only a text with nothing in it reads as nothing."""
    answer = read(asked(kind), text, TODAY, ROWS)
    assert isinstance(answer, (Read, Unsure, Misread))
    if isinstance(answer, Unsure):
        assert 1 <= len({label for label, _ in answer.values}) == len(answer.values) <= 5
    read_cell(asked(kind), text, TODAY, ROWS)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_a_printed_date_is_read_back(day: date, today: date) -> None:
    """Every date that the bot prints is read back equal."""
    in_full = read_day(day.isoformat(), today)
    assert in_full == Read(Day(day=day))
    assert read_day(f"{day.day} {day:%B %Y}", today) == in_full
    assert read_day(f"{day:%A} {day.day} {day:%B %Y}", today) == in_full


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_a_printed_date_to_come_is_believed_when_it_is_said_once_more(day: date, today: date) -> None:
    """Asked when something happened, a printed date is read back if it has been, and else offered alone."""
    answer = read_day(f"{day.day} {day:%B %Y}", today, past=True)
    if day <= today:
        assert answer == Read(Day(day=day))
    else:
        assert isinstance(answer, Unsure)
        assert [value for _, value in answer.values] == [Day(day=day)]


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 364))
def test_a_day_of_the_past_year_needs_no_year(today: date, ago: int) -> None:
    """Asked when something happened, every day of the past year is read without its year, or offered at least."""
    day = today - timedelta(days=ago)
    match read_day(f"{day.day} {day:%B}", today, past=True):
        case Read(value=value):
            assert value == Day(day=day)
        case Unsure(values=values):
            assert values[0][1] == Day(day=day)
            assert values[1][1] == Day(day=today + timedelta(days=1))
        case Misread(why=why):
            pytest.fail(why)


@given(PICKY, st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_no_day_to_come_is_recorded_unasked_where_something_happened(text: str, today: date) -> None:
    """However it is typed, a day to come is never read, only offered, where it is asked when something happened."""
    answer = read(asked(Kind.DATE, past=True), text, today)
    assert not (isinstance(answer, Read) and isinstance(answer.value, Day) and answer.value.day > today)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**20), max_value=10**20))
def test_a_printed_number_is_read_back(number: Decimal) -> None:
    """Every number that the bot prints is read back equal."""
    assert heard(Kind.NUMBER, f"{number:f}") == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-999, max_value=999, places=3))
def test_a_printed_number_that_could_be_thousands_is_at_least_offered(number: Decimal) -> None:
    """A printed number that looks like thousands is offered, where it is not read."""
    match read(asked(Kind.NUMBER), f"{number:f}", TODAY):
        case Read(value=Number(number=back)):
            assert back == number
        case Unsure(values=values):
            assert Number(number=number) in [value for _, value in values]
        case Misread(why=why):
            pytest.fail(why)


TALKS = date(2027, 1, 11)


def day_read(text: str, *, past: bool = False) -> tuple[str, list[str], set[str]]:
    """How a date is understood: read, asked or refused; the days, and the words that stay beside them."""
    match read_day(text, TODAY, past=past, talks_on=TALKS):
        case Read(value=Day(day=day, words=words)):
            return "read", [day.isoformat()], {words}
        case Unsure(values=values):
            days = [value for _, value in values if isinstance(value, Day)]
            return "asked", [one.day.isoformat() for one in days], {one.words for one in days}
        case _:
            return "refused", [], set()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("2029", ["2029-12-31"]),
        ("by 2029", ["2029-12-31"]),
        ("needed by 2029", ["2029-12-31"]),
        ("by June", ["2027-06-30"]),
        ("Q2 2027", ["2027-06-30"]),
        ("2Q27", ["2027-06-30"]),
        ("2027 Q2", ["2027-06-30"]),
        ("second quarter of 2027", ["2027-06-30"]),
        ("H1 2027", ["2027-06-30"]),
        ("mid-May", ["2027-05-15"]),
        ("middle of May 2027", ["2027-05-15"]),
        ("early June", ["2027-06-10"]),
        ("late June", ["2027-06-30"]),
        ("mid 2027", ["2027-06-30"]),
        ("2027-03", ["2027-03-01", "2027-03-31"]),
        ("March '27", ["2027-03-01", "2027-03-31"]),
        ("Mar-27", ["2027-03-27", "2027-03-01", "2027-03-31"]),
        ("12-14 March 2027", ["2027-03-12", "2027-03-14"]),
        ("March 12–14", ["2027-03-12", "2027-03-14"]),
        ("28 Feb to 2 March 2027", ["2027-02-28", "2027-03-02"]),
        ("from 12 to 14 March", ["2027-03-12", "2027-03-14"]),
        ("week 50", ["2026-12-07", "2026-12-11"]),
        ("CW 12 2027", ["2027-03-22", "2027-03-26"]),
        ("~12 March", ["2027-03-12"]),
        ("approx. 12 March", ["2027-03-12"]),
        ("12 March?", ["2027-03-12"]),
        ("about 12 March", ["2027-03-12"]),
        ("next quarter", ["2027-01-01", "2027-03-31"]),
        ("first week of March", ["2027-03-07"]),
        ("by the last week of February 2027", ["2027-02-28"]),
        ("second half of March", ["2027-03-31"]),
        ("early next week", ["2026-11-10"]),
        ("late next week", ["2026-11-13"]),
        ("June at the latest", ["2027-06-30"]),
        ("before 12 March", ["2027-03-11", "2027-03-12"]),
        ("before June", ["2027-05-31", "2027-06-01"]),
        ("before the talks", ["2027-01-10", "2027-01-11"]),
    ],
)
def test_a_period_is_never_silently_a_day(typed: str, offered: list[str]) -> None:
    """Its last day is offered, of its middle the 15th, of its beginning the 10th; the words stay beside the day."""
    assert day_read(typed) == ("asked", offered, {typed})


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("27-03-12", ["2027-03-12", "2012-03-27"]),
        ("27/03/12", ["2027-03-12", "2012-03-27"]),
        ("12-03-27", ["2027-03-12", "2027-12-03"]),
    ],
)
def test_a_year_of_two_digits_may_stand_first(typed: str, offered: list[str]) -> None:
    assert day_read(typed) == ("asked", offered, {""})


@pytest.mark.parametrize(
    ("typed", "means", "words"),
    [
        ("end of Q2", "2027-06-30", ""),
        ("end of 2027", "2027-12-31", ""),
        ("EOM", "2026-11-30", ""),
        ("by EOY", "2026-12-31", ""),
        ("COB Friday", "2026-11-06", ""),
        ("within 3 weeks", "2026-11-25", ""),
        ("in 2 weeks’ time", "2026-11-18", ""),
        ("by 12 March at the latest", "2027-03-12", ""),
        ("by Friday", "2026-11-06", ""),
        ("no later than 12 March", "2027-03-12", ""),
        ("NLT 12 March", "2027-03-12", ""),
        ("the 15th", "2026-11-15", ""),
        ("15th of next month", "2026-12-15", ""),
        ("2027-03-12 00:00", "2027-03-12", ""),
        ("2027-03-12T00:00:00Z", "2027-03-12", ""),
        ("12 March 2027 10:30", "2027-03-12", "12 March 2027 10:30"),
        ("3 Feb in Paris", "2027-02-03", "3 Feb in Paris"),
        ("T-20", "2026-12-22", ""),
        ("T+5", "2027-01-16", ""),
        ("T plus 5 days", "2027-01-16", ""),
        ("two weeks after the talks", "2027-01-25", ""),
        ("two weeks prior to the talks", "2026-12-28", ""),
        ("until the talks", "2027-01-11", ""),
        ("\ufeff2027-03-12", "2027-03-12", ""),
        ("“2027-03-12”.", "2027-03-12", ""),
        ("2027\u200b-03-12", "2027-03-12", ""),
        ("Mar-12", "2027-03-12", ""),
    ],
)
def test_a_day_is_read_through_what_stands_around_it(typed: str, means: str, words: str) -> None:
    """Marks and empty times say nothing; a place or a time of day stays beside the day."""
    assert day_read(typed) == ("read", [means], {words})


def test_without_talks_nothing_counts_from_them() -> None:
    assert isinstance(read_day("T-20", TODAY), Misread)
    assert isinstance(read_day("until the talks", TODAY), Misread)


@pytest.mark.parametrize("typed", ["31 Feb in Paris", "week 54", "the 32nd", "12 to 40 March", "2027-13", "T-99999999"])
def test_no_such_period_is_refused(typed: str) -> None:
    assert day_read(typed)[0] == "refused"


@pytest.mark.parametrize(
    ("kind", "typed", "means"),
    [
        (Kind.YES_NO, "Yes.", ("yes",)),
        (Kind.YES_NO, "No.", ("no",)),
        (Kind.YES_NO, "OK.", ("yes",)),
        (Kind.YES_NO, "Yep!", ("yes",)),
        (Kind.YES_NO, "👍🏽", ("yes",)),
        (Kind.YES_NO, "👎", ("no",)),
        (Kind.YES_NO, "✔️", ("yes",)),
        (Kind.YES_NO, "“Yes”", ("yes",)),
        (Kind.YES_NO, "\ufeffyes\u200b", ("yes",)),
        (Kind.YES_NO, "**Yes**", ("yes",)),
        (Kind.YES_NO, "• No", ("no",)),
        (Kind.CHOICE, "must-have", ("must",)),
        (Kind.CHOICE, "Must‑have.", ("must",)),
        (Kind.CHOICE, "‘Nice, if cheap’", ("nice",)),
        (Kind.ROW, "site visits.", "r2"),
        (Kind.ROW, "“Site‑Visits”", "r2"),
        (Kind.CHOICES, "must and nice", ("must", "nice")),
        (Kind.CHOICES, "Must have / Must not", ("must", "must_not")),
        (Kind.CHOICES, "• Must have\n• Must not", ("must", "must_not")),
        (Kind.CHOICES, "1. Must have\n2) Nice, if cheap", ("must", "nice")),
        (Kind.CHOICES, "must have & must not", ("must", "must_not")),
        (Kind.CHOICES, "must have, and must not.", ("must", "must_not")),
        (Kind.NUMBER, "“12”.", 12),
    ],
)
def test_marks_that_mean_nothing_do_not_count(kind: Kind, typed: str, means: object) -> None:
    assert heard(kind, typed) == means


@pytest.mark.parametrize("typed", ["No, but perhaps later", "Yes, if they do", "Not sure about yes", "Yes?"])
def test_what_says_more_than_yes_or_no_is_not_taken_for_it(typed: str) -> None:
    assert isinstance(read(asked(Kind.YES_NO), typed, TODAY), Misread)


@pytest.mark.parametrize("typed", ["(5)", "<5", "5?", "~5"])
def test_marks_that_change_a_number_are_not_left_out(typed: str) -> None:
    assert isinstance(read(asked(Kind.NUMBER), typed, TODAY), Misread)


@pytest.mark.parametrize("mark", ["\v", "\f", "\x85", "\u2028", "\u2029", "\r", "\r\n"])
def test_every_kind_of_line_end_stays_one(mark: str) -> None:
    """Word ends a line inside a paragraph with a vertical tab; words do not run together."""
    assert heard(Kind.TEXT, f"one{mark}two") == "one\ntwo"
