"""Bringing a database's tables up to date when the program starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, text

from bot.storage.errors import Refused
from bot.storage.schema import REVISION, metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

REVISIONS = str(Path(__file__).parent / "migrations")
ONE_AT_A_TIME = 7_236_423_001  # any number, the same in every process


def migrate(engine: Engine, before: Callable[[str], None], then: Callable[[Connection, str], None]) -> None:
    """Run what revisions are missing: all or none.

    ``before`` keeps what is there, and ``then`` seals what is new: both are told the revision that is there, which is
    nothing for a new database. Refused when the database is ahead of this program.
    """
    with engine.begin() as connection:
        queue(connection)
        found = MigrationContext.configure(connection).get_current_revision() or ""
        if found > REVISION:
            raise Refused(newer("database", found))
        if found != REVISION:
            if found:
                before(found)
            upgrade(connection, "head")
            then(connection, found)


def newer(what: str, found: str) -> str:
    """Why a database or a backup is not for this program."""
    return f"The {what} has schema {found}, this program knows up to {REVISION}. Install the newer program."


def upgrade(connection: Connection, to: str) -> None:
    """Run the revisions up to this one, inside the transaction that the connection is in."""
    config = Config()
    config.set_main_option("script_location", REVISIONS.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def begin_anew(connection: Connection, revision: str) -> None:
    """Empty tables as they were at a revision, instead of those that are there."""
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    upgrade(connection, revision)


def tables_at(revision: str) -> MetaData:
    """The tables as they were at a revision, their columns in the order in which they came."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection, revision)
        found = MetaData()
        found.reflect(connection)
    engine.dispose()
    found.remove(found.tables["alembic_version"])
    return found


def queue(connection: Connection) -> None:
    """Let one process migrate at a time. On SQLite the transaction itself holds the file."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
