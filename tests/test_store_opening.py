"""A database is made, brought up to date, or refused in one line; what holds for each kind of it."""

from __future__ import annotations

import stat
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.storage import Database, StoreError, StoreUnavailable, engines
from bot.storage.migrate import REVISIONS
from bot.storage.schema import REVISION, metadata
from tests.api import Hooks, open_store
from tests.e2e import KEY
from tests.test_store import CHAT, MAYA, OMAR, negotiation

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection

    ByHand = Callable[[], AbstractContextManager[Connection]]

pytest_plugins = ["tests.conftest_store"]


class TestOpening:
    """A database is made, brought up to date, or refused in one line."""

    def test_the_migrated_schema_is_the_one_of_the_tables(self, store: Database, by_hand: ByHand) -> None:
        """A table changed without a revision fails here."""
        del store
        with by_hand() as connection:
            context = MigrationContext.configure(connection, opts={"compare_server_default": True})
            assert compare_metadata(context, metadata) == []

    def test_the_newest_revision_is_the_one_that_a_start_looks_for(self) -> None:
        """Else each start would run the migrations, or none."""
        config = Config()
        config.set_main_option("script_location", REVISIONS)
        assert ScriptDirectory.from_config(config).get_heads() == [REVISION]

    @pytest.mark.slow
    def test_a_start_without_news_leaves_the_migrations_alone(self, store: Database, url: str) -> None:
        """Loading them takes as long as loading a third of the bot."""
        del store
        program = (
            f"import sys; from bot.storage import Database; Database.open({url!r}, {KEY!r}).close(); "
            "print('alembic' in sys.modules)"
        )
        started = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert started.stdout == "False\n"

    def test_opening_twice_is_harmless(self, store: Database, url: str) -> None:
        """Nothing is done and nothing lost."""
        negotiation(store)
        open_store(url, KEY).close()
        with store.reading() as tx:
            assert tx.persons() == [MAYA, OMAR]

    @pytest.mark.prove
    def test_processes_that_start_at_once_do_not_collide(self, url: str) -> None:
        """One makes the tables, the others wait for it."""
        program = f"from bot.storage import Database; Database.open({url!r}, {KEY!r}).close()"
        started = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
        assert [process.wait(timeout=60) for process in started] == [0, 0, 0]

    def test_a_newer_schema_is_refused(self, store: Database, url: str, by_hand: ByHand) -> None:
        """An old program does not write into what it does not know."""
        del store
        with by_hand() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StoreError, match=r"schema 9999.*newer program"):
            open_store(url, KEY)

    @pytest.mark.parametrize(
        "bad",
        [
            "nonsense",
            "",
            "sqlite://",
            "sqlite:///:memory:",
            "sqlite:///a.db?mode=ro",
            "mysql://me:secret@host/db",
            "postgresql://me:secret@127.0.0.1:1/db",
            "postgresql://me:secret@host:port/db",
            "postgresql://me:secret@127.0.0.1:1/db?nonsense=1",
            "sqlite:////dev/null/data/a.db",
            "sqlite:////proc/a.db",
            "sqlite:////tmp",
        ],
    )
    def test_what_cannot_be_opened_is_said_in_one_line(self, bad: str) -> None:
        """Without the password."""
        with pytest.raises(StoreError) as refused:
            open_store(bad, KEY)
        assert "\n" not in str(refused.value)
        assert "secret" not in str(refused.value)

    def test_a_server_that_is_not_there_is_unavailable(self) -> None:
        """That may pass, and the caller can tell."""
        with pytest.raises(StoreUnavailable, match="refused"):
            open_store("postgresql://127.0.0.1:1/db", KEY)


class TestSQLite:
    """What holds for the file."""

    def test_the_settings_are_kept_by_every_connection(self, tmp_path: Path) -> None:
        """Journal DELETE, synchronous EXTRA (3), foreign keys on; the reader only reads."""
        for engine, only in zip(engines.engines(f"sqlite:///{tmp_path}/a.db"), (0, 1), strict=True):
            with engine.connect() as connection:
                ask = ("journal_mode", "synchronous", "foreign_keys", "query_only")
                found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ask]
                assert found == ["delete", 3, 1, only]
            engine.dispose()

    def test_a_setting_that_does_not_hold_is_refused(self, tmp_path: Path, faults: Hooks) -> None:
        """SQLite ignores what it cannot do, so each setting is read back."""
        faults.on("journal_mode_refused")
        with pytest.raises(StoreError, match="journal_mode is delete and must be nonsense"):
            open_store(f"sqlite:///{tmp_path}/a.db", KEY)

    def test_only_the_owner_may_look(self, tmp_path: Path) -> None:
        """The folder is made for one user, and so is the file."""
        open_store(f"sqlite:///{tmp_path}/data/a.db", KEY).close()
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "data" / "a.db").stat().st_mode) == 0o600

    def test_another_file_is_not_written_over(self, tmp_path: Path) -> None:
        """A file that is no database stays as it is."""
        file = tmp_path / "letter.txt"
        file.write_text("Dear Maya, " * 500)
        with pytest.raises(StoreError, match="not a database"):
            open_store(f"sqlite:///{file}", KEY)
        assert file.read_text() == "Dear Maya, " * 500

    def test_a_damaged_file_is_told_in_one_line(self, tmp_path: Path) -> None:
        """Not as a mistake in this program: the operator is told to restore a backup."""
        file = tmp_path / "a.db"
        store = open_store(f"sqlite:///{file}", KEY)
        with store.transaction() as tx:
            tx.add_person(MAYA)
        store.close()
        body = bytearray(file.read_bytes())
        body[4096:] = b"\x5a" * (len(body) - 4096)
        file.write_bytes(bytes(body))
        damaged = pytest.raises(StoreError, match=r"The database file is damaged: .*\. Restore a backup\.")
        with damaged, store.reading() as tx:
            tx.persons()
        store.close()


class TestPostgreSQL:
    """What holds for the server."""

    @pytest.mark.slow
    def test_a_lost_connection_is_unavailable_and_then_made_again(self, postgres_database: str) -> None:
        """One transaction fails; the next one works and nothing of the first is there."""
        store = open_store(postgres_database, KEY)
        with pytest.raises(StoreUnavailable), store.transaction() as tx:  # noqa: PT012
            tx.add_person(MAYA)
            with psycopg.connect(postgres_database, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            tx.add_person(OMAR)
        with store.transaction() as tx:
            assert tx.persons() == []
        store.close()

    @pytest.mark.slow
    def test_a_reference_does_not_wait_for_a_writer(self, postgres_database: str) -> None:
        """A chat may move into a negotiation while somebody writes in it."""
        store = open_store(postgres_database, KEY)
        number = negotiation(store)
        with store.transaction() as first:
            first.lock(number)
            with store.transaction() as second:
                second.put_chat(replace(CHAT, negotiation=number))
        store.close()

    @pytest.mark.slow
    def test_the_short_scheme_is_understood(self, postgres_database: str) -> None:
        """Hosting services hand out postgres:// URLs."""
        open_store(postgres_database.replace("postgresql://", "postgres://"), KEY).close()


@pytest.mark.slow
def test_serving_on_sqlite_leaves_the_dialect_of_postgresql_alone() -> None:
    """It is 3 MB and 40 ms of every start, for nothing."""
    program = (
        "import sys, bot.runtime.serve, bot.application.updates; print('sqlalchemy.dialects.postgresql' in sys.modules)"
    )
    started = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert started.stdout == "False\n"
