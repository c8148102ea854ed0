"""Names in rules are the same by their looks, in checklists of format 2."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.checklist import Checklist
from bot.domain.readiness.readiness import gaps
from tests.factories import negotiation, real

TODAY = date(2027, 2, 15)


def reviewed(by: str, proposed_by: str = "Jane Roe", form: int = 2) -> bool:
    """Whether it is told that one person both proposed a disclosure and judged it."""
    read = real("us-china-space").model_dump(mode="json", by_alias=True, exclude_defaults=True)
    cells = {"disclosure": "A sample drawing", "proposed_by": proposed_by, "reviewed_by": by}
    n = negotiation(checklist=Checklist.model_validate(read | {"format": form}), rows={"ledger": {"r1": cells}})
    return any(gap.key == "ledger/own_judge/r1" for gap in gaps(n, TODAY))


ALIKE = [
    "Jane Roe.",
    "jane  roe",
    "Dr. Jane Roe",
    "Prof. Dr. Jane Roe, Ph.D.",
    "ROE, Jane",
    "Jane Roé",
    "Ｊａｎｅ Roe",
    "“Jane Roe”",
]


@pytest.mark.parametrize("name", ALIKE)
def test_a_name_is_the_same_by_its_looks(name: str) -> None:
    """A title, a dot or an accent keeps no blocker away. Files of before that was so are read as they were meant."""
    assert reviewed(name)
    assert reviewed("Jane Roe", name)
    assert reviewed(name, form=1) == (" ".join(name.split()).casefold() == "jane roe")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane Roe", "Jane Row"),
        ("Jane Roe", "John Roe"),
        ("Jane Roe", "Jane Roe Jr."),
        ("Jack Ma", "Jack"),
        ("Dr.", "Prof."),
        ("A. Roe", "B. Roe"),
    ],
)
def test_names_of_two_people_stay_two(one: str, other: str) -> None:
    assert not reviewed(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("J. R. Roe", "J.R. Roe"), ("Seán O’Neil", "Sean O'Neil"), ("Anne-Marie Ma, M.A.", "Anne Marie Ma")],
)
def test_initials_apostrophes_and_hyphens_make_no_other_person(one: str, other: str) -> None:
    assert reviewed(one, other)
