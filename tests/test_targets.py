"""`make quick`, `make test` and `make prove`: none leaves a test to nobody, and the last skips nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MARKERS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"][
    "markers"
]
SELECTED = dict(
    re.findall(
        r'^(\w+): \.venv/ready\n\t\$\(PYTEST\) .*-m "(.+?)"',
        (ROOT / "Makefile").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
NEED_A_PROGRAM = {
    "Chromium": "test_browser.py::test_a_page_that_was_away_catches_up",
    "LibreOffice": "test_forms.py::test_libreoffice_reads_every_office_file_without_complaint",
    "pdftotext": "test_forms.py::test_words_read_from_the_right_are_read_back_from_the_pdf_word_by_word",
}


def test_no_test_is_left_out_and_the_smaller_set_is_part_of_the_larger() -> None:
    """Whatever markers a test has; Hypothesis marks the tests of a property itself."""
    assert set(SELECTED) == {"quick", "test", "prove"}
    for slow, prove, hypothesis in product((True, False), repeat=3):
        marked = {"slow": slow, "prove": prove, "hypothesis": hypothesis}
        quick, test, proved = (eval(SELECTED[name], {}, marked) for name in ("quick", "test", "prove"))  # noqa: S307
        assert test or proved, marked
        assert test or not quick, marked


def test_every_marker_says_when_to_use_it() -> None:
    """`--strict-markers` knows no others."""
    assert {one.partition(":")[0] for one in MARKERS} == {"slow", "prove"}
    assert all(len(one.partition(": ")[2].split()) > 5 for one in MARKERS)


@pytest.mark.prove
@pytest.mark.parametrize(
    ("ci", "options", "outcome"),
    [("", [], "3 skipped"), ("true", [], "3 errors"), ("", ["--nothing-skipped"], "3 errors")],
)
def test_a_missing_program_is_told_in_a_line_and_fails_where_nothing_may_be_skipped(
    ci: str, options: list[str], outcome: str
) -> None:
    own = {**os.environ, "PATH": "", "CI": ci}
    asked = [f"tests/{name}" for name in NEED_A_PROGRAM.values()]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, *asked],
        cwd=ROOT, env=own, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert f"{outcome} in" in done.stdout, done.stdout
    for program in NEED_A_PROGRAM:
        assert f"{program} is missing: apt-get install" in done.stdout
