"""Every fault for a short while: what is promised holds, and a bot with a bug put in on purpose is found out.

`make soak` does the same for longer and prints what it measures.
"""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.soak import Figure
from tests.soak.__main__ import FAULTS
from tests.soak.delegation import roomy

pytestmark = pytest.mark.prove

ELSEWHERE = {"kills", "race", "size"}  # below; and kills with their control, many more of them, in test_e2e.py


@pytest.mark.parametrize("fault", [one for one in FAULTS if one not in ELSEWHERE])
def test_what_is_promised_holds_under(fault: str):
    """Nothing lost, nothing twice, nothing told that is not so; the harness itself sees its seeded bug."""
    for figure in _short(fault):
        assert figure.caught, f"the seeded bug was not found: {figure}"
        assert figure.met, str(figure)


def test_two_replicas_write_one_line_of_events():
    """Whichever hears an update first, the other knows, and neither forks the line."""
    (figure,) = _short("race")
    assert figure.passed, str(figure)


def test_a_full_store_is_measured_and_verifies():
    """Its times mean nothing on a busy machine, so only what they are taken of is looked at here."""
    from tests.soak.size import measured

    found = measured(4, 1200, 4, 6)
    assert found.wrong == []
    assert found.answers == 1200
    assert len(found.many.warm) == len(found.few.warm) > 0
    assert sum(found.forgetting.warm) > sum(found.many.warm[: len(found.forgetting.warm)])


def _short(fault: str) -> list[Figure]:
    with roomy():
        figures: list[Figure] = import_module(f"tests.soak.{fault}").soak(short=True)
    assert figures
    return figures
