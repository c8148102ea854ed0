"""Files that are there whole, and on the disk, or not at all: keys and backups."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}  # as on a stick in FAT


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, for its owner alone, that gets its name once all of it is on the disk.

    FileExistsError where the name is taken. What an earlier try left unfinished is written over; whoever writes the
    same file at the same time is waited for.
    """
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.unfinished")
    try:
        with _alone(draft) as out:
            try:
                if os.path.lexists(path):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
                yield out
                out.flush()
                os.fsync(out.fileno())
                _name(draft, path)
            finally:
                draft.unlink(missing_ok=True)
        sync(path.parent)
    except OSError as error:
        error.filename = error.filename or str(path)  # a write that fails does not say where
        raise


def make_folder(path: Path) -> None:
    """Make a folder for its owner alone, and those above it, so that they stay after a power cut."""
    if not path.exists():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync(path.parent)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(draft: Path) -> Iterator[IO[bytes]]:
    while True:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            if os.fstat(out.fileno()).st_nlink:  # else whoever had it has finished, and this name is gone
                out.truncate(0)
                yield out
                return


def _name(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # which fails where there is one, unlike a rename
    except OSError as error:
        if error.errno not in NO_LINKS or path.exists():
            raise
        draft.rename(path)
