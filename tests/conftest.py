"""What all tests share: how much of chance is tried, and that nothing is skipped where everything has to be tried."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("CI"))
EXAMPLES = {"quick": 5, "test": 25, "prove": 250}  # of each property
for command, count in EXAMPLES.items():
    settings.register_profile(command, max_examples=count, deadline=None, derandomize=IN_CI)
settings.load_profile("test")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the transcripts with what comes out")
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
