"""Equal names in a list are told apart: by their first difference, else by a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.contract import Message, Place
from bot.dialog.row_labels import apart, talks_names
from bot.dialog.screens.clarifications import Clarify
from bot.dialog.screens.negotiations import Negotiations
from bot.dialog.screens.table import FieldQuestion, TablePage
from bot.domain.answers import Number, Text
from bot.domain.events import RowPut
from bot.domain.negotiation import Negotiation
from tests.api import Context
from tests.api import context as room_of
from tests.factories import TALKS, happen, negotiation

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = st.sampled_from(["Japan", "japan", "Japan (ally)", "Japan (1)", "Korea"])
DETAILS = st.tuples(*[st.sampled_from(["", "ally", "Ally", "partner"])] * 2)


def context(n: Negotiation, **others: Negotiation) -> Context:
    there = {int(number.removeprefix("n")): one for number, one in others.items()}
    return room_of(n, "omar", now=NOW, overview=lambda: there)


def labels(shown: Message) -> list[str]:
    return [button.label for row in shown.buttons for button in row]


def of(place: Place, n: Negotiation) -> list[str]:
    return labels(place.render(context(n)))


def twins() -> Negotiation:
    """Two goals of one name; the second is a must, of rank 2, and a third is called otherwise."""
    n = happen(negotiation(), RowPut(item="goals", row="a", cells={"goal": Text(text="Visit")}))
    n = happen(n, RowPut(item="goals", row="b", cells={"goal": Text(text="Visit"), "rank": Number(number=2)}))
    return happen(n, RowPut(item="goals", row="c", cells={"goal": Text(text="Data"), "rank": Number(number=3)}))


@given(st.lists(st.tuples(NAMES, DETAILS), max_size=8))
def test_no_two_names_stay_equal(named: list[tuple[str, tuple[str, ...]]]) -> None:
    found = apart(named)
    assert len({one.casefold() for one in found}) == len(found)
    assert all(one.startswith(name) for one, (name, _) in zip(found, named, strict=True))


def test_names_that_differ_stay_as_they_are() -> None:
    assert apart([("Japan", ["ally"]), ("Korea", ["ally"])]) == ["Japan", "Korea"]


def test_the_first_detail_that_differs_tells_equal_names_apart() -> None:
    named = [("Japan", ["Asia", "partner", "x"]), ("Japan", ["Asia", "ally", "y"])]
    assert apart(named) == ["Japan (partner)", "Japan (ally)"]


def test_names_equal_in_everything_are_numbered() -> None:
    assert apart([("Japan", ["ally"]), ("Korea", [""]), ("Japan", ["ally"])]) == ["Japan (1)", "Korea", "Japan (2)"]


def test_rows_of_one_name_are_told_apart_on_their_buttons() -> None:
    shown = of(TablePage("goals"), twins())
    assert [one[2:] for one in shown[:3]] == ["Visit", "Visit (2)", "Data"]


def test_rows_of_one_name_are_told_apart_where_they_are_pointed_at() -> None:
    """By tapping, and where what was typed fits both."""
    n = happen(twins(), RowPut(item="asks", row="x", cells={"ask": Text(text="Budget")}))
    assert of(FieldQuestion("asks", "x", "goal"), n)[:3] == ["Visit", "Visit (2)", "Data"]
    sure = Clarify("asks", "x", "goal", "visit")
    assert of(sure, n)[:2] == ["Visit", "Visit (2)"]


def test_talks_of_one_name_are_told_apart_by_their_day_else_by_a_number() -> None:
    n = negotiation(counterpart="Japan", subject="fishing")
    later = negotiation(counterpart="Japan", subject="fishing", talks_on=TALKS + timedelta(days=1))
    shown = Negotiations().render(context(n, n1=n, n2=later, n3=negotiation(counterpart="Japan", subject="visas")))
    assert labels(shown)[:3] == ["Japan: fishing (1 March 2027)", "Japan: visas", "Japan: fishing (2 March 2027)"]
    assert all(f"{name}\n" in shown.text for name in labels(shown)[:3])
    assert list(talks_names(context(n, n1=n, n2=n), 50).values()) == ["Japan: fishing (1)", "Japan: fishing (2)"]
