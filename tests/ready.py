"""The plainly invented world in which everything is settled, as ``checklists/tests/NAME/ready.yaml`` tells it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.authoring import read_checklist
from bot.authoring.cases import Case, case_files, cases_in

if TYPE_CHECKING:
    from bot.domain.checklist import Checklist

CHECKLISTS = Path(__file__).parents[1] / "checklists"
TALKS = date(2027, 3, 15)
TODAY = date(2027, 2, 15)


@cache
def real(checklist: str) -> Checklist:
    """One of the checklists that come with the bot, by its id."""
    return read_checklist(CHECKLISTS / f"{checklist}.yaml")


@cache
def ready(checklist: str) -> Case:
    """The case in which everything is settled."""
    return cases_in(CHECKLISTS / "tests" / checklist / "ready.yaml", real(checklist))[0]


@cache
def cases(checklist: str) -> tuple[Case, ...]:
    """All cases of a checklist."""
    path = CHECKLISTS / f"{checklist}.yaml"
    return tuple(case for file in case_files(path)[path] for case in cases_in(file, real(checklist)))
