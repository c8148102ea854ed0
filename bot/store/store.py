"""A store: a database that is open and up to date."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.store import statements as sql
from bot.store.engines import engines, name
from bot.store.errors import StoreError, fault, one_line
from bot.store.tables import REVISION
from bot.store.tx import Tx
from bot.store.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from sqlalchemy import Engine


class Store:
    """Gives transactions, to any thread. Made by `Store.open`."""

    def __init__(self, writes: Engine, reads: Engine, vault: Vault) -> None:
        """Join the parts; the tables must be there."""
        self._writes = writes
        self._reads = reads
        self._vault = vault

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a database, make it if it is a file that is not there, and bring its tables up to date.

        StoreError, one line for the operator, when that cannot be done.
        """
        writes, reads = engines(url)
        store = cls(writes, reads, Vault())
        try:
            if not store._up_to_date():
                from bot.store.migrate import migrate  # 60 ms and 6 MB, which a start without news saves

                migrate(writes)
                with store.reading():
                    pass
        except SQLAlchemyError as error:
            store.close()
            kind = type(fault(error) or StoreError())
            msg = f"{name(url)}: the database cannot be opened: {one_line(error)}"
            raise kind(msg) from error
        except StoreError as error:
            store.close()
            msg = f"{name(url)}: {error}"
            raise type(error)(msg) from error
        return store

    def _up_to_date(self) -> bool:
        try:
            with self._reads.begin() as connection:
                return list(connection.execute(sql.revisions).scalars()) == [REVISION]
        except DBAPIError as error:
            if fault(error) is None:  # no such table: a new database
                return False
            raise

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """All of what is done inside, or none of it when it raises."""
        try:
            with self._writes.begin() as connection:
                yield Tx(connection, self._vault)
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """One state of the database, to read only: a write is refused with StoreError."""
        try:
            with self._reads.begin() as connection:
                yield Tx(connection, self._vault)
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    def close(self) -> None:
        """Let go of every connection."""
        self._reads.dispose()
        self._writes.dispose()
