"""Fixtures for a store, on both databases. Ask for them with `pytest_plugins = ["tests.conftest_store"]`.

Importing them by name would start a server a module.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from bot.storage import Database, engines
from tests.e2e import KEY
from tests.fresh import fresh_store
from tests.postgres import postgres_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server's own database; one server a session."""
    with postgres_url() as url:
        yield url


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[str]:
    """The URL of a database of its own, empty."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield postgres.replace("/postgres?", f"/{name}?")
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/readiness.db"
    database: str = request.getfixturevalue("postgres_database")
    return database


@pytest.fixture
def store(url: str) -> Iterator[Database]:
    """An open store without rows."""
    opened = fresh_store(Path(url.removeprefix("sqlite:///"))) if url.startswith("sqlite:") else Database.open(url, KEY)
    yield opened
    opened.close()


@pytest.fixture
def other(url: str, store: Database) -> Iterator[Database]:
    """A second store on the same database, as another process would have."""
    del store
    opened = Database.open(url, KEY)
    yield opened
    opened.close()


@pytest.fixture
def by_hand(url: str) -> Callable[[], AbstractContextManager[Connection]]:
    """Transactions past the store, for what the store itself does not tell."""

    @contextmanager
    def begun() -> Iterator[Connection]:
        writes, _ = engines.engines(url)
        with writes.begin() as connection:
            yield connection
        writes.dispose()

    return begun
