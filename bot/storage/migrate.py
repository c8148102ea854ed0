"""Bringing a database's tables up to date when the program starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

REVISIONS = str(Path(__file__).parent / "migrations")
ONE_AT_A_TIME = 7_236_423_001  # any number, the same in every process


def migrate(engine: Engine, then: Callable[[Connection, str], None]) -> None:
    """Run what revisions are missing, and ``then``, which is told the revision before: all or none.

    StoreError when the database is ahead of this program.
    """
    with engine.begin() as connection:
        queue(connection)
        config = Config()
        config.set_main_option("script_location", REVISIONS.replace("%", "%%"))
        config.attributes["connection"] = connection
        script = ScriptDirectory.from_config(config)
        found = MigrationContext.configure(connection).get_current_heads()
        known = {revision.revision for revision in script.walk_revisions()}
        if unknown := set(found) - known:
            msg = (
                f"The database has schema {', '.join(sorted(unknown))}, this program knows up to "
                f"{script.get_current_head()}. Install the newer program."
            )
            raise StorageError(msg)
        if set(found) != set(script.get_heads()):
            command.upgrade(config, "head")
            then(connection, max(found, default=""))


def queue(connection: Connection) -> None:
    """Let one process migrate at a time. On SQLite the transaction itself holds the file."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
