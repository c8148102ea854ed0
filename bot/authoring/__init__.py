"""Checklist files: read whole and sound, or refused with every mistake and its position.

``checklists/goals.yaml:41:7: item asks has no "ask". Add "ask:" to it.``
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.authoring.diagnostics import MOST_MISTAKES, TOP, Mistake, Position, Unsound, in_order, mistake
from bot.authoring.json_schema import checklist_schema
from bot.authoring.sound_checklists import SoundChecklists
from bot.authoring.validation_messages import RefusedValue, refusals, wording
from bot.authoring.yaml_reader import ENDINGS, Data, YamlDocument, document, file_bytes, files_in, fix, page
from bot.domain.checklist import Checklist
from bot.domain.lint import Fault, faults
from bot.domain.lint.cautions import cautions

__all__ = [
    "Findings",
    "Mistake",
    "Position",
    "SoundChecklists",
    "Unsound",
    "checklist_schema",
    "files_in",
    "fix",
    "in_order",
    "lint",
    "read_checklist",
    "read_library",
    "review",
    "sound_library",
]


# What may stand, while the rest is judged, for a value that is refused; and what may be left out meanwhile.
STAND_INS = {"version": 1, "severity": "minor"} | dict.fromkeys(
    ("title", "about", "source", "label", "ask", "why", "says", "mend"), "…"
)
LEFT_OUT = {"example", "counterpart", "subject", "due", "valid_for", "unanswered", "not_applicable", "waivable"}
PASSES = 3


def read_checklist(path: Path | str) -> Checklist:
    """The checklist in a file. Raises `Unsound` with every mistake in it."""
    checklist, mistakes = _judged(page(Path(path)))
    if checklist is None or mistakes:
        raise Unsound(mistakes)
    return checklist


def read_library(folder: Path | str) -> dict[str, Checklist]:
    """Every checklist of a folder by its id. Raises `Unsound` with all their mistakes."""
    paths = files_in(folder) if Path(folder).is_dir() else []
    if not paths:
        raise Unsound([mistake(str(folder), TOP, "there is no checklist here", "Add one, or name another folder.")])
    checklists, found = _shelved(paths)
    if found.mistakes:
        raise Unsound(found.mistakes)
    return checklists


def sound_library(
    folder: Path, known: SoundChecklists | None = None
) -> tuple[dict[str, Checklist], tuple[Mistake, ...]]:
    """The checklists of a folder that are sound, by id, and the mistakes in the others. OSError where there is none.

    What is ``known`` to be sound is not read again, and what is found so is known from then on.
    """
    with os.scandir(folder):  # which tells why, where there is no folder
        paths = files_in(folder)
    if not paths:
        raise FileNotFoundError(errno.ENOENT, "There is none")
    checklists, found = _shelved(paths, known)
    if known:
        known.drop_the_rest()
    return checklists, in_order(found.mistakes)


def lint(paths: Iterable[Path | str]) -> list[Mistake]:
    """Every mistake in these files, in order; a folder stands for the checklists in it."""
    return list(in_order(review(paths).mistakes))


def review(paths: Iterable[Path | str]) -> Findings:
    """All that is to be said of these files; a folder stands for the checklists in it."""
    return _shelved([file for path in paths for file in files_in(path)], warns=True)[1]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be said of files: what keeps them from being used, and what is only to be warned of."""

    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)


def _shelved(
    paths: Iterable[Path], known: SoundChecklists | None = None, *, warns: bool = False
) -> tuple[dict[str, Checklist], Findings]:
    """The sound checklists of several files by their ids, and what is to be said of all of them."""
    shelf: dict[str, Checklist] = {}
    files: dict[str, Path] = {}
    findings = Findings()
    for path in paths:
        try:
            raw = file_bytes(path)
            before = known.get(raw) if known else None
            if before and before.id not in files and path.name in _names(before):
                shelf[before.id], files[before.id] = before, path
                continue
            read = document(raw, path)
        except Unsound as unsound:
            findings.mistakes.extend(unsound.mistakes)
            continue
        checklist, found = _judged(read)
        findings.warnings.extend(read.warnings)
        if checklist is not None:
            found += _misplaced(read, checklist, path, files.setdefault(checklist.id, path))
            if not found:
                shelf[checklist.id] = checklist
                if known:
                    known.put(raw, checklist)
                doubtful = cautions(checklist) if warns else ()
                findings.warnings.extend(replace(_told(read, fault), warning=True) for fault in doubtful)
        findings.mistakes.extend(found)
    return shelf, findings


def _misplaced(read: YamlDocument, checklist: Checklist, path: Path, first: Path) -> Iterator[Mistake]:
    if first != path:
        yield read.mistake(("id",), f"the id {checklist.id} is taken by {first}", "Choose another.")
    elif path.name not in _names(checklist):
        yield read.mistake(("id",), f"the file is not called {checklist.id}.yaml", "Rename it, or change the id.")


def _names(checklist: Checklist) -> list[str]:
    """What its file may be called."""
    return [f"{checklist.id}{end}" for end in ENDINGS]


def _judged(read: YamlDocument) -> tuple[Checklist | None, list[Mistake]]:
    """The checklist on a page, None where it is not even one in form, and every mistake."""
    checklist, refused = _formed(read, read.data)
    mistakes = [wording(refusal, read) for refusal in refused]
    if refused:
        checklist = _mended(read, refused)  # judge the rest as well
    if checklist is not None:
        mistakes += [_told(read, fault) for fault in faults(checklist)]
    noted = {(noticed.line, noticed.column) for noticed in read.mistakes}
    mistakes = [*read.mistakes, *(noticed for noticed in mistakes if (noticed.line, noticed.column) not in noted)]
    return checklist, list(in_order(mistakes)[:MOST_MISTAKES])


def _told(read: YamlDocument, fault: Fault) -> Mistake:
    first = f", first on line {read.position(fault.first).line}" if fault.first else ""
    return read.mistake(fault.path, fault.what + first, fault.mend, key=fault.key)


def _formed(read: YamlDocument, data: Data) -> tuple[Checklist | None, list[RefusedValue]]:
    """The data as a checklist, or what the models refuse in it.

    Judged as JSON, which is strict about types and still takes lists for tuples.
    """
    try:
        return Checklist.model_validate_json(json.dumps(data), strict=True, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, refusals(error, read)


def _mended(read: YamlDocument, refused: list[RefusedValue]) -> Checklist | None:
    """The checklist with stand-ins for what is refused, None where nothing can stand in for it.

    What a mended key hid shows only then, so this is done more than once; nobody is told of it.
    """
    data, checklist = json.loads(json.dumps(read.data)), None
    for _ in range(PASSES):
        if not all(_mend(data, refusal) for refusal in refused):
            return None
        checklist, refused = _formed(read, data)
        if checklist is not None:
            break
    return checklist


def _mend(data: Any, refused: RefusedValue) -> bool:
    """Put a stand-in where something is refused, or leave it out; False where neither would do."""
    *path, name = (*refused.path, refused.key) if refused.key else refused.path or ("",)
    for step in path:
        data = data[step]
    if not isinstance(data, dict):
        return False
    if refused.kind != "extra_forbidden" and name in STAND_INS:
        data[name] = STAND_INS[name]
    elif refused.kind == "extra_forbidden" or name in LEFT_OUT:
        data.pop(name, None)
    else:
        return False
    return True
