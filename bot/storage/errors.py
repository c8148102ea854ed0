"""What can go wrong with a store, and which of it passes when tried again."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

if TYPE_CHECKING:
    from sqlalchemy.exc import SQLAlchemyError

# https://www.sqlite.org/rescode.html, primary codes (the low byte)
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
BROKEN = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
DUPLICATE = {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
CONTENDED = {"55P03", "40P01", "40001"}  # lock not available, deadlock, serialization failure
GONE = ("08", "53", "57P")  # connection exception, insufficient resources, shutdown
READ_ONLY = "25006"
UNIQUE = "23505"
NO_TABLE, NO_RIGHT = "42P01", "42501"
SET_UP = re.compile(r"authentication failed|no password supplied|pg_hba\.conf|(role|database) .+ does not exist")


class StoreError(Exception):
    """The store cannot do this; the message is one line for the operator."""


class StoreBusy(StoreError):
    """Another writer held the lock for too long. Nothing was saved: try again."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or written at present.

    If the connection broke during the commit itself, the commit may have happened. Trying the same
    update again is safe all the same: `UnitOfWork.first_time` then says no.
    """


class Damaged(StoreError):
    """What is kept, or was to be put back, is not whole."""


class Refused(StoreError):
    """The database is of no use as it is set up: another schema, another password, no rights."""


class Conflict(StoreError):
    """Somebody else wrote this first. Nothing was saved: load again and decide again."""


def duplicate(error: DBAPIError) -> bool:
    """Whether a row with the same key is already there."""
    cause = error.orig
    return getattr(cause, "sqlstate", None) == UNIQUE or getattr(cause, "sqlite_errorcode", None) in DUPLICATE


def fault(error: SQLAlchemyError) -> StoreError | None:
    """The store's own word for a driver's error; None when it is a mistake in this program."""
    if isinstance(error, PoolTimeout):
        return StoreBusy("All connections to the database are in use.")
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_fault(error.orig)
    return _postgres_fault(error)


def of_setup(error: DBAPIError) -> bool:
    """Whether a server will say the same again until somebody changes its set-up or ours.

    While connecting, libpq tells no code but only words.
    """
    return getattr(error.orig, "sqlstate", None) == NO_RIGHT or bool(SET_UP.search(one_line(error)))


def no_table(error: DBAPIError) -> bool:
    """Whether a table is not there."""
    return getattr(error.orig, "sqlstate", None) == NO_TABLE or "no such table" in str(error.orig)


def one_line(error: BaseException) -> str:
    """The first line of an error's text, which never holds a statement's parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)


def _sqlite_fault(cause: sqlite3.Error) -> StoreError | None:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in LOCKED:
        return StoreBusy(f"The database file stayed locked by another writer: {cause}.")
    if code in BROKEN:
        return StoreUnavailable(f"The database file cannot be read or written: {cause}.")
    if code in DAMAGED:
        return Damaged(f"The database file is damaged: {cause}. Restore a backup.")
    if code == sqlite3.SQLITE_READONLY:
        return StoreError(f"A write was refused: {cause}.")
    return None


def _postgres_fault(error: DBAPIError) -> StoreError | None:
    state = getattr(error.orig, "sqlstate", None)
    if state in CONTENDED:
        return StoreBusy(f"Another writer held the lock: {one_line(error)}.")
    if state == READ_ONLY:
        return StoreError(f"A write was refused: {one_line(error)}.")
    lost = error.connection_invalidated or (state is None and _is_operational(error))
    if lost or (state is not None and state.startswith(GONE)):
        return StoreUnavailable(f"The database server cannot be reached: {one_line(error)}")
    return None


def _is_operational(error: DBAPIError) -> bool:
    return any(kind.__name__ == "OperationalError" for kind in type(error.orig).__mro__)
