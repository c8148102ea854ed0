"""What is kept in memory of many negotiations is bounded, and what is used goes on being known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.application.recently_used import RecentlyUsed
from tests.api import Delegation, Hooks


def kept(most: int) -> RecentlyUsed[int, int]:
    return RecentlyUsed(lambda weight: weight, most)


def test_what_was_used_longest_ago_goes_first() -> None:
    there = kept(3)
    for key in (1, 2, 3):
        there.put(key, 1)
    assert there.get(1) == 1
    there.put(4, 1)
    assert [there.get(key) for key in (1, 2, 3, 4)] == [1, None, 1, 1]


def test_a_value_too_heavy_for_all_is_kept_alone() -> None:
    there = kept(3)
    there.put(1, 1)
    there.put(2, 100)
    assert (there.get(1), there.get(2)) == (None, 100)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20))))
def test_all_of_them_never_weigh_more_than_allowed(puts: list[tuple[int, int]]) -> None:
    there, last = kept(30), {}
    for key, weight in puts:
        there.put(key, weight)
        last[key] = weight
        found = {key: value for key in range(10) if (value := there.get(key)) is not None}
        assert there.get(key) == weight
        assert found.items() <= last.items()
        assert sum(found.values()) <= 30


def test_any_thread_may_use_it() -> None:
    there = kept(50)

    def works(number: int) -> None:
        for step in range(2_000):
            there.put(step % 17 + number, 5)
            there.get(step % 13)
            if step % 5 == 0:
                there.pop(step % 7)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(works, range(4))) == [None] * 4
    assert sum(value for key in range(40) if (value := there.get(key))) <= 50


@pytest.fixture
def delegation(tmp_path: Path, faults: Hooks):
    faults.limits(events_known=12)
    with Delegation(tmp_path) as there:
        yield there


@pytest.mark.slow
def test_of_many_negotiations_those_in_use_are_known(delegation: Delegation) -> None:
    """And one that was let go of is read from the database again, unchanged."""
    for count in range(6):
        delegation.opens("bilateral", "Maya lead", uid=f"n{count}", counterpart=f"Land {count}", subject="the bridge")
    maya = delegation.chat("Maya")
    for count in (0, 5, 0):
        maya.types("/talks")
        maya.taps(f"Land {count}: the bridge")
        maya.types("/gaps")
        assert maya.screen.title.startswith("Gaps · 1")
