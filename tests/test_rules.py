"""Every rule of the checklists that come with the bot has its cases; `make check` tries them."""

from __future__ import annotations

import pytest

from tests.ready import CHECKLISTS, cases, real

EVERY = sorted(path.stem for path in CHECKLISTS.glob("*.yaml"))


@pytest.mark.parametrize("checklist", EVERY)
def test_every_rule_is_made_to_speak_by_a_case_of_its_own(checklist: str) -> None:
    """And is silent in the case in which everything is settled."""
    assert {f"{item.id}/{rule.id}" for item, rule in real(checklist).rules()} <= {
        case.name for case in cases(checklist)
    }
