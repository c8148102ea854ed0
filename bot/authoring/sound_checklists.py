"""Checklists that were found sound before, so that a start need not read and judge their files again.

Each is kept under the digest of its file's bytes and of the code that judged them. Whatever is not there, has been
changed or cannot be read is simply not known, and nothing ends because it could not be kept.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from bot.domain.checklist import Checklist

JUDGES = ("authoring", "domain")  # the packages of this program that decide what a file says and whether it is sound


class SoundChecklists:
    """The checklists of files by the files' bytes, in a folder of their own; one that is not there keeps nothing."""

    def __init__(self, folder: Path) -> None:
        """Keep them in a folder, whose parent must be there for anything to be kept."""
        self._folder = folder
        self._used: set[Path] = set()

    def get(self, raw: bytes) -> Checklist | None:
        """The checklist in a file of these bytes; None where it is not known to be sound."""
        path = self._path(raw)
        try:
            kept, body = path.read_bytes().split(b"\n", 1)
            if kept != hashlib.sha256(body).hexdigest().encode():
                return None
            return Checklist.model_validate_json(body)
        except (OSError, ValueError, ValidationError):
            return None

    def put(self, raw: bytes, checklist: Checklist) -> None:
        """Keep the checklist that was read from these bytes."""
        body = checklist.model_dump_json(by_alias=True, exclude_defaults=True).encode()
        path = self._path(raw)
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            beside, name = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(beside, "wb") as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            Path(name).replace(path)

    def drop_the_rest(self) -> None:
        """Keep nothing but what was asked for here: other files, or what earlier versions found."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path not in self._used:
                    path.unlink()

    def _path(self, raw: bytes) -> Path:
        path = self._folder / f"{hashlib.sha256(self._code + raw).hexdigest()}.json"
        self._used.add(path)
        return path

    @cached_property
    def _code(self) -> bytes:
        """What tells this program's judges from those of another version, or of a tree that is being worked on."""
        program = Path(__file__).parent.parent
        files = sorted(file for package in JUDGES for file in (program / package).rglob("*.py"))
        states = ((file.relative_to(program), file.stat()) for file in files)
        return "".join(f"{file} {state.st_size} {state.st_mtime_ns}\n" for file, state in states).encode()
