"""How to reach a database: its URL, its connections and their settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.storage.errors import StoreError
from bot.storage.new_file import make_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from sqlalchemy import URL, Connection

WAIT_SECONDS = 5  # for another's lock, and for a connection
POOL = 8  # PostgreSQL connections; the desk's executor has as many threads

HOW = "Write sqlite:///folder/file.db or postgresql://user:password@host/database."
ENCODE = "Percent-encode the password: @ is %40, # is %23, / is %2F, : is %3A, ? is %3F, & is %26, % is %25."
HOST = re.compile(r"[A-Za-z0-9_.:-]*")  # of PostgreSQL; several may be in the option "host"

SETTINGS = {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1, "secure_delete": 1}  # 3 is EXTRA

SERVER = {
    "connect_timeout": str(WAIT_SECONDS),
    "options": f"-c lock_timeout={WAIT_SECONDS}s",
    "tcp_user_timeout": "15000",  # ms until a silent network counts as broken
    "application_name": "readiness",
}


def engines(text: str) -> tuple[Engine, Engine]:
    """The engine that writes and the one that only reads. StoreError on a URL that is no use."""
    url = parsed(text)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgres(url)


def name(text: str) -> str:
    """A database's name for messages, without its password."""
    url = parsed(text)
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or url.query.get('host', 'localhost')}/{url.database or ''}"


def passwords(text: str) -> tuple[str, ...]:
    """What of a database's URL nobody may read."""
    url = parsed(text)
    given = url.query.get("password", ())
    return (*([str(url.password)] if url.password else []), *([given] if isinstance(given, str) else given))


def parsed(text: str) -> URL:
    """The URL of a database we can use; StoreError for any other, which repeats no part of it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        msg = f"The address of the database cannot be read. {HOW} {ENCODE}"
        raise StoreError(msg) from None
    kind = {"postgres": "postgresql"}.get(url.drivername, url.drivername)
    if kind in {"postgresql", "postgresql+psycopg"}:
        _refuse_split_password(text, url)
        return url.set(drivername="postgresql+psycopg")
    if kind not in {"sqlite", "sqlite+pysqlite"}:
        msg = f"The database can be SQLite or PostgreSQL, and no other. {HOW}"
        raise StoreError(msg)
    if url.database in {None, "", ":memory:"} or url.query or url.host:
        msg = f"SQLite needs a file, without options. {HOW}"
        raise StoreError(msg)
    return url.set(drivername="sqlite+pysqlite")


def _refuse_split_password(text: str, url: URL) -> None:
    """Refuse an address of which a password with @ or & in it has become the host, the database or an option."""
    from psycopg.pq import Conninfo

    options = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if text.count("@") > 1 or not HOST.fullmatch(url.host or "") or set(_query(text)) - options:
        msg = f"The address of the database has a host or an option that cannot be. {ENCODE}"
        raise StoreError(msg)


def _query(text: str) -> list[str]:
    """The names of the options in an address; SQLAlchemy leaves out those without a value."""
    return [option.partition("=")[0] for option in text.rpartition("@")[2].partition("?")[2].split("&") if option]


def _sqlite(url: URL) -> tuple[Engine, Engine]:
    _make_file(Path(str(url.database)))
    writes, reads = _sqlite_engine(url), _sqlite_engine(url)
    event.listen(writes, "connect", _settle)
    event.listen(reads, "connect", _settle_for_reading)
    event.listen(writes, "begin", _begin("BEGIN IMMEDIATE"))
    event.listen(reads, "begin", _begin("BEGIN"))
    return writes, reads


def _sqlite_engine(url: URL) -> Engine:
    """A pool that gives each thread which asks at the same time a connection of its own.

    The desk's one thread keeps using the same connection. Others wait in SQLite for the file, not in the
    pool, so that the busy timeout is the only limit.
    """
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=-1,
        hide_parameters=True,
        # isolation_level None: the driver begins nothing by itself; `_begin` does.
        connect_args={"isolation_level": None, "timeout": WAIT_SECONDS, "check_same_thread": False},
    )


def _postgres(url: URL) -> tuple[Engine, Engine]:
    """One pool for both. Reading sees one snapshot.

    Connections are not tried before use: a broken one fails its transaction with StoreUnavailable, takes the
    rest of the pool with it, and the next try connects anew.
    """
    writes = create_engine(
        url.set(query=SERVER | dict(url.query)),
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
    )
    return writes, writes.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _make_file(path: Path) -> None:
    """Make an empty file that only its owner may read; SQLite's journal takes over its mode."""
    try:
        if not path.exists():
            make_folder(path.parent)
            path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror}. Choose another folder."
        raise StoreError(msg) from error


def _begin(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _settle(connection: sqlite3.Connection, _record: object) -> None:
    """Set what SQLite must keep to, and see that it does."""
    for setting, wanted in SETTINGS.items():
        connection.execute(f"PRAGMA {setting}={wanted}")
        (found,) = connection.execute(f"PRAGMA {setting}").fetchone()
        if found != wanted:
            msg = f"SQLite's {setting} is {found} and must be {wanted}. Stop what else uses the file."
            raise StoreError(msg)


def _settle_for_reading(connection: sqlite3.Connection, record: object) -> None:
    _settle(connection, record)
    connection.execute("PRAGMA query_only=ON")
