"""Databases made beforehand, and copies of them for a round each."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.bots import Failed
from tests.bench.inside import Answers
from tests.bench.questions import write_checklist
from tests.e2e import store_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.bots import Double


@contextmanager
def prepared_folder(people: int, stored: int = 0, database: str = "") -> Iterator[Path]:
    """A folder with the checklist and a database in which each of so many people leads a negotiation."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        write_checklist(folder / "checklists")
        answers(folder, database).fill(people, stored)
        yield folder


@contextmanager
def copy_of(template: Path) -> Iterator[Path]:
    """Another such folder, as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        yield Path(shutil.copytree(template, name, dirs_exist_ok=True))


def answers(folder: Path, database: str = "") -> Answers:
    """The database in a folder, or the one given."""
    return Answers(store_url(folder, database), folder / "checklists")


def check_recorded(double: Double, folder: Path, database: str = "") -> None:
    """Raise `Failed` unless all that people answered is recorded, each once and in order."""
    recorded = answers(folder, database).by_person()
    for chat, given in double.ask("given").items():
        if recorded.get(chat) != [tuple(answer) for answer in given]:
            raise Failed(f"person {chat} answered {given}, but recorded is {recorded.get(chat)}")
