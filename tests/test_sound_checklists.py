"""A start does not read again what it knows to be sound, and reads whatever has changed as ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from textwrap import dedent

import pytest

from bot.authoring import SoundChecklists, sound_library
from tests.api import CHECKLISTS
from tests.test_cases import CHECKLIST

ROOT = Path(__file__).parent.parent
SMALL = dedent(CHECKLIST)
TITLE = "title: A small one"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of checklists, with one in it."""
    (tmp_path / "checklists").mkdir()
    (tmp_path / "checklists" / "small.yaml").write_text(SMALL)
    return tmp_path / "checklists"


def kept(folder: Path) -> Path:
    return folder.parent / "kept"


def titles(folder: Path) -> dict[str, str]:
    """What a start finds there: the title of each checklist that is sound, the last mistake of another."""
    found, mistakes = sound_library(folder, SoundChecklists(kept(folder)))
    return {name: one.title for name, one in found.items()} | {mistake.file: mistake.what for mistake in mistakes}


def test_the_second_start_takes_what_the_first_found_sound(folder: Path) -> None:
    titles(folder)
    (file,) = kept(folder).iterdir()
    body = file.read_bytes().split(b"\n", 1)[1].replace(b"A small one", b"As it was kept")
    file.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert titles(folder) == {"small": "As it was kept"}


@pytest.mark.parametrize("name", list(CHECKLISTS))
def test_it_is_the_very_checklist(name: str, tmp_path: Path) -> None:
    known, raw = SoundChecklists(tmp_path / "kept"), (ROOT / "checklists" / f"{name}.yaml").read_bytes()
    known.put(raw, CHECKLISTS[name])
    found = SoundChecklists(tmp_path / "kept").get(raw)
    assert found == CHECKLISTS[name]
    assert found.digest == CHECKLISTS[name].digest


def test_a_file_that_was_changed_is_read(folder: Path) -> None:
    titles(folder)
    (folder / "small.yaml").write_text(SMALL.replace(TITLE, "title: Another one"))
    assert titles(folder) == {"small": "Another one"}
    assert len(list(kept(folder).iterdir())) == 1, "the other is not kept any longer"
    (folder / "small.yaml").write_text(SMALL.replace(TITLE, "titel: Another one"))
    assert "small" not in titles(folder)


@pytest.mark.parametrize("harm", [b"", b"{}", b"\xff\n{}", b"0" * 64 + b"\n{}"])
def test_what_was_kept_and_is_damaged_is_not_believed(folder: Path, harm: bytes) -> None:
    titles(folder)
    (file,) = kept(folder).iterdir()
    file.write_bytes(harm)
    assert titles(folder) == {"small": "A small one"}


def test_what_other_code_found_sound_is_judged_again(folder: Path) -> None:
    titles(folder)
    (file,) = kept(folder).iterdir()
    file.rename(kept(folder) / f"{'0' * 64}.json")
    assert titles(folder) == {"small": "A small one"}
    assert [path.name for path in kept(folder).iterdir()] == [file.name]


def test_a_file_of_the_same_checklist_is_told_at_every_start(folder: Path) -> None:
    (folder / "twin.yaml").write_text(SMALL)
    for _ in range(2):
        assert "is taken by" in titles(folder)[str(folder / "twin.yaml")]


def test_where_nothing_can_be_kept_all_is_read(folder: Path) -> None:
    kept(folder).write_text("in its way")
    for _ in range(2):
        assert titles(folder) == {"small": "A small one"}
