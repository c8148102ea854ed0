"""`make` with the wrong Python says so in a line, and does not keep what an earlier one set up."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e import ROOT

pytestmark = pytest.mark.slow

PYTHON = """#!/bin/sh
# Says which version it is, and makes environments that say the same.
case "$*" in
    *">="*) echo {new} ;;
    -c*) echo "{version}" ;;
    "-m venv"*) echo "$*" >>made; rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python
        printf '#!/bin/sh\\n' >.venv/bin/pip; chmod +x .venv/bin/pip ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name, version, new in (("old", "(3, 10)", False), ("usual", "(3, 11)", True), ("newer", "(3, 13)", True)):
        script = tmp_path / name
        script.write_text(PYTHON.format(version=version, new=new), encoding="utf-8")
        script.chmod(0o755)
    return tmp_path


def made(clone: Path, python: str) -> subprocess.CompletedProcess[str]:
    words = ["make", "--no-print-directory", f"PYTHON={python}", ".venv/ready"]
    return subprocess.run(words, cwd=clone, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("python", ["./old", "./none"])
def test_a_python_that_will_not_do_is_one_line(clone: Path, python: str) -> None:
    ended = made(clone, python)
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert f"This needs Python 3.11 or newer, and {python} is not: make PYTHON=python3.11 run" in line
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("before", ["old", "newer", "gone"])
def test_what_another_python_set_up_is_made_anew(clone: Path, before: str) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    if before != "gone":
        shutil.copy(clone / before, clone / ".venv" / "bin" / "python")
    assert made(clone, "./usual").returncode == 0
    assert (clone / "made").read_text(encoding="utf-8") == "-m venv --clear .venv\n"
    (clone / ".venv" / "ready").unlink()
    assert made(clone, "./usual").returncode == 0
    assert (clone / "made").read_text(encoding="utf-8").count("\n") == 1, "the same Python's is kept"
