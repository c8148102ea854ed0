"""Buttons hold 64 bytes and still mean what they said; places come back from storage as they went in."""

import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.callback_data import LIMIT, UnknownCallback, base36, kinds, pack, restored, stored, unpack
from bot.dialog.contract import Action, Button, Link, Place
from bot.dialog.screens.home import Home, SectionPage
from bot.dialog.screens.item import ItemQuestion
from bot.dialog.screens.opening import Opening
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.table import FieldQuestion
from tests.places import every_place

ids = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)
options = st.from_regex(r"[a-z0-9][a-z0-9_]{0,11}", fullmatch=True)
WORDS = st.text(max_size=40)
seqs = st.integers(0, 10**7)


@st.composite
def places(draw: st.DrawFn, text: st.SearchStrategy[str] = WORDS) -> Place:
    kind = draw(st.sampled_from(sorted(kinds().values(), key=lambda one: one.code)))
    values = {
        one.name: draw(seqs if one.type == "int" else st.lists(text).map(tuple) if "tuple" in str(one.type) else text)
        for one in dataclasses.fields(kind)  # type: ignore[arg-type]
    }
    return kind(**values)


@given(places())
def test_a_place_comes_back_from_storage_as_it_was(place: Place) -> None:
    assert restored(stored(place)) == place


@given(places(text=ids), st.integers(0, 9999), seqs, ids, options)
def test_a_tap_reads_back_what_the_button_meant(place: Place, talks: int, rev: int, act: str, arg: str) -> None:
    packed = pack(Button("label", Action(act, arg)), place, talks, rev)
    tap = unpack(packed)
    assert len(packed.encode()) <= LIMIT
    assert (tap.talks, tap.act, tap.arg) == (talks, act, arg)
    assert tap.place == place or (tap.place is None and tap.rev == rev)


@given(ids, ids, seqs, st.integers(0, 9999))
def test_buttons_that_lead_to_an_item_or_field_always_fit(item: str, field: str, seen: int, talks: int) -> None:
    for place in (ItemQuestion(item, seen), FieldQuestion(item, "r99", field, seen), SectionPage(item)):
        assert unpack(pack(Button("label", Link(place)), Home(), talks, 1)).place == place


@given(st.text(max_size=80))
def test_forged_buttons_are_garbled_and_never_a_crash(packed: str) -> None:
    try:
        unpack(packed)
    except UnknownCallback:
        return


@given(st.text(max_size=80))
def test_a_spoilt_place_in_storage_is_garbled_and_never_a_crash(text: str) -> None:
    with pytest.raises(UnknownCallback):
        restored(text)


@pytest.mark.parametrize("place", [PastedRows("goals", "", "a\tb"), Opening("small", ("Ruritania",))])
def test_a_draft_does_not_travel_in_buttons(place: Place) -> None:
    packed = pack(Button("Record", Action("record")), place, 3, 41)
    assert unpack(packed).place is None
    assert unpack(packed).rev == 41


def test_places_have_codes_of_their_own() -> None:
    assert Counter(kind.code for kind in every_place()) == Counter(list(kinds()))
    assert all(len(code) <= 2 for code in kinds())


@given(st.integers(0, 10**12))
def test_numbers_come_back_from_base_36(number: int) -> None:
    assert int(base36(number), 36) == number
