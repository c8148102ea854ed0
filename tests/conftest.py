"""What all tests share: how much of chance is tried, and that nothing is skipped where everything has to be tried."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api import Chat, Delegation, Hooks

IN_CI = bool(os.environ.get("CI"))
EXAMPLES = {"quick": 5, "test": 25, "prove": 100}  # of each property
for command, count in EXAMPLES.items():
    settings.register_profile(command, max_examples=count, deadline=None, derandomize=IN_CI)
settings.load_profile("test")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the transcripts, add to tests/golden")
    parser.addoption(
        "--nothing-skipped", action="store_true", default=IN_CI,
        help="fail what would be skipped because a program is missing; always so where CI is set",
    )  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: pytest.TestReport = yield
    if report.skipped and item.config.getoption("--nothing-skipped"):
        report.outcome, report.longrepr = "failed", report.longrepr[2]
    return report


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
