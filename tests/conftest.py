"""What all tests share."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api import Chat, Delegation, Hooks

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
    from tests.api import Hooks  # not above: it loads all of the bot

    with ExitStack() as stack:
        yield Hooks(stack)


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    """Maya, who leads, and Omar, who prepare talks with China."""
    from tests.api import Delegation

    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        yield made


@pytest.fixture
def maya(delegation: Delegation) -> Chat:
    """Maya's chat; she leads."""
    return delegation.chat("Maya")


@pytest.fixture
def omar(delegation: Delegation) -> Chat:
    """Omar's chat; he is a member."""
    return delegation.chat("Omar")


@pytest.fixture
def lina(delegation: Delegation) -> Chat:
    """Lina's chat, where she is there."""
    return delegation.chat("Lina")
