"""Who else works on a database: a process that polls has it to itself, webhook replicas share it.

On PostgreSQL it is an advisory lock, which the server lets go of with the connection that took it; on SQLite
a lock of the operating system on a file beside the database, let go of with the process.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.engines import SERVER, name, parsed
from bot.storage.errors import StoreError, fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from sqlalchemy import URL, Connection

    class HeldLock(Protocol):
        """The right to work on a database."""

        def kept(self) -> bool:
            """Whether it is still there, or could be had again; False when another process has it now."""

        def drop(self) -> None:
            """Let go of it."""


BOT = 7_236_423_002  # the advisory lock's number: any, the same in every process
PATIENCE_SECONDS = 3.0  # for a process that was just killed to be noticed
EVERY_SECONDS = 0.1  # between two tries

# A machine that vanished is noticed by its server within half a minute, not after two hours.
WATCHED = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"


class DatabaseInUse(StoreError):
    """Another process works on the database."""


def claim(url: str, *, shared: bool = False, patience: float = PATIENCE_SECONDS) -> HeldLock:
    """Claim a database, ``shared`` with all who claim it so. Taken when others are there; StoreError when it is away.

    SQLite's is never shared: there one process writes.
    """
    of = parsed(url)
    if of.get_backend_name() == "sqlite":
        made: HeldLock = _FileLock(Path(f"{of.database}.lock"))
    else:
        made = _AdvisoryLock(of, shared=shared)
    until = time.monotonic() + patience
    while not made.kept():
        if time.monotonic() > until:
            made.drop()
            who = "polls" if shared else "works"
            msg = f"Another process {who} on {name(url)}. Stop it first, or give this one a database of its own."
            raise DatabaseInUse(msg)
        time.sleep(EVERY_SECONDS)
    return made


@contextmanager
def process_lock(url: str) -> Iterator[None]:
    """Have a database on which no bot works: one that runs would go on with the keys that it read before."""
    claimed = claim(url)
    try:
        yield
    finally:
        claimed.drop()


class _FileLock:
    """A lock on a file; the operating system lets go of it when the process ends."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            msg = f"{path}: cannot be written: {error.strerror}. Choose another folder."
            raise StoreError(msg) from error
        self._held = False

    def kept(self) -> bool:
        """Take it, once."""
        if not self._held:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._held = True
        return True

    def drop(self) -> None:
        """Let go of it; the file stays, since another may wait for it by now."""
        os.close(self._file)


class _AdvisoryLock:
    """A lock that lasts as long as a connection."""

    def __init__(self, of: URL, *, shared: bool) -> None:
        settings = {**SERVER, "options": f"{SERVER['options']} {WATCHED}"}
        self._engine = create_engine(
            of.set(query=settings | dict(of.query)), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._take = text(f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}({BOT})")
        self._connection: Connection | None = None

    def kept(self) -> bool:
        """Ask whether the connection lives; if not, take the lock on a new one."""
        try:
            if self._connection is not None:
                try:
                    self._connection.execute(text("SELECT 1"))
                except SQLAlchemyError:
                    self._let_go()
                else:
                    return True
            connection = self._engine.connect()
            if connection.execute(self._take).scalar():
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError as error:
            raise fault(error) or error from error
        return False

    def drop(self) -> None:
        """Close the connection, and with it the lock."""
        self._let_go()
        self._engine.dispose()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
