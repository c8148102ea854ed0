"""What the tree promises a newcomer beside its arrows, which `lint-imports` holds (pyproject.toml, ``make check``)."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"
PURE = ("domain", "dialog", "exports")  # given today's date and a file's bytes, they ask for neither
CLOCKS_AND_FILES = {
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "open",
    "print",
    "input",
    "Path.read_text",
}
ENVIRONMENT = {"os.environ.get", "os.getenv"}


def calls(folder: Path) -> Iterator[tuple[str, str]]:
    """Every call below a folder: where it stands, and its dotted name."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.func)


@pytest.mark.slow
def test_no_class_name_stands_for_two_things() -> None:
    classes = Counter(
        node.name
        for path in BOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, number in classes.items() if number > 1] == []


@pytest.mark.slow
def test_what_is_pure_reads_no_clock_and_opens_no_file() -> None:
    """Today and now come in through the context; the application alone asks the clock."""
    found = [place for room in PURE for place, call in calls(BOT / room) if call in CLOCKS_AND_FILES]
    assert found == []


@pytest.mark.slow
def test_settings_are_read_in_one_module() -> None:
    found = {place.partition(":")[0] for place, call in calls(BOT) if call in ENVIRONMENT}
    assert found <= {"bot/runtime/settings.py"}


@pytest.mark.slow
def test_an_arrow_the_wrong_way_is_found(tmp_path: Path) -> None:
    """Imports inside functions and for type checking count as well."""
    shutil.copytree(BOT, tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    upwards = "\n\ndef wrong() -> None:\n    from bot.storage import Database\n    import time\n"
    with (tmp_path / "bot" / "dialog" / "answer_slot.py").open("a", encoding="utf-8") as module:
        module.write(upwards)
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "bot.dialog.answer_slot -> bot.storage" in said.stdout
    assert "bot.dialog.answer_slot -> time" in said.stdout
