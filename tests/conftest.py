"""What all tests share."""

import shutil

import pytest

# Programs of other people that read back what we write. `.ci/run` installs them.
MISSING = {
    "soffice": "LibreOffice (soffice) is not on this machine: Word and Excel files are not read back with it.",
    "pdftotext": "Poppler (pdftotext) is not on this machine: words read from the right are not read back from PDF.",
}


def there(program: str) -> bool:
    """Whether this machine has it."""
    return shutil.which(program) is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the transcripts, add to tests/golden")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not tried here, in a line each."""
    for program, words in MISSING.items():
        if not there(program):
            terminalreporter.write_line(words)


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
