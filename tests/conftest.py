"""What all tests share."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults import Hooks

# Programs of other people that read back what we write. `.ci/run` installs them.
MISSING = {
    "soffice": "LibreOffice (soffice) is not on this machine: Word and Excel files are not read back with it.",
    "pdftotext": "Poppler (pdftotext) is not on this machine: words read from the right are not read back from PDF.",
}


def there(program: str) -> bool:
    """Whether this machine has it."""
    return shutil.which(program) is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the transcripts with what comes out")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not tried here, in a line each."""
    for program, words in MISSING.items():
        if not there(program):
            terminalreporter.write_line(words)


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture
def faults() -> Iterator[Hooks]:
    """What puts faults, paces and limits into the bot for the rest of the test."""
    from tests.faults import Hooks  # not above: it loads all of the bot

    with ExitStack() as stack:
        yield Hooks(stack)
