"""Tests say what people do, in the words of tests/api.py; nothing else knows how the program is driven.

So a part that is renamed or split is followed there and in the modules that it names, and in no test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import api

TESTS = Path(__file__).parent
DRIVING = (
    "IncomingUpdate",
    "BrowserSessionService",
    "GroupCardService",
    "UpdateHandler",
    "UpdateResult",
    "BackgroundJobs",
    "RetentionService",
    "AdminService",
    "ReminderService",
    "Context",
    "OutgoingMessage",
    "Receipt",
)
MODULES = sorted({*TESTS.glob("test_*.py"), *TESTS.glob("soak/*.py")} - {Path(__file__)})


def driven(source: str) -> Iterator[str]:
    """What a test takes from the program to drive it by hand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "bot":
            yield from (one.name for one in node.names if one.name in DRIVING)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "Database.open":
            yield "Database.open"


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TESTS)))
def test_a_test_drives_the_program_through_the_api_alone(path: Path) -> None:
    assert list(driven(path.read_text())) == []


def test_what_drives_the_program_by_hand_is_found() -> None:
    """The control; and each name is still that of something that the api drives with."""
    by_hand = "from bot.application.updates import UpdateHandler\nDatabase.open(url, KEY)"
    assert list(driven(by_hand)) == ["UpdateHandler", "Database.open"]
    assert [name for name in DRIVING if not hasattr(api, name)] == []
