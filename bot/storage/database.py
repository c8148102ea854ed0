"""A store: a database that is open and up to date."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.storage import statements as sql
from bot.storage.engines import engines, name
from bot.storage.errors import StorageError, fault, one_line
from bot.storage.integrity.encryption import CHAIN, OFFICE, Vault, derived, health_secret
from bot.storage.schema import REVISION
from bot.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from sqlalchemy import Connection, Engine

    from bot.storage.integrity.verification import MaintenanceUnit


ROLL = "0008"  # the revision since which there is a roll of persons
NAMES = "0010"  # and since which the names of files are sealed


class Database:
    """Gives transactions, to any thread. Made by `Database.open`."""

    def __init__(self, writes: Engine, reads: Engine, vault: Vault) -> None:
        """Join the parts; the tables must be there."""
        self._writes = writes
        self._reads = reads
        self._vault = vault

    @classmethod
    def open(cls, url: str, master: bytes) -> Self:
        """Open a database, make it if it is a file that is not there, and bring its tables up to date.

        ``master``: the 32 bytes that open its keys. StoreError, one line for the operator, when it cannot be
        opened; WrongKey when the master key is not the one it was sealed with.
        """
        writes, reads = engines(url)
        store = cls(writes, reads, Vault(master))
        try:
            if not store._up_to_date():
                from bot.storage.migrate import migrate  # 60 ms and 6 MB, which a start without news saves

                migrate(writes, store._seal)
            with store.reading() as tx:
                tx.need_key(CHAIN)
                counted = tx.counts_all()
            if not counted:
                with store.operating() as deep:
                    deep.enter_rest()
        except SQLAlchemyError as error:
            store.close()
            kind = type(fault(error) or StorageError())
            msg = f"{name(url)}: the database cannot be opened: {one_line(error)}"
            raise kind(msg) from error
        except StorageError as error:
            store.close()
            msg = f"{name(url)}: {error}"
            raise type(error)(msg) from error
        return store

    def _seal(self, connection: Connection, before: str) -> None:
        """Seal what new tables need, and what an earlier version left unsealed: in the transaction that makes them.

        Never later: whoever takes away a key or the roll must not have all that they wrote sealed by the next start.
        """
        from bot.storage.integrity.verification import MaintenanceUnit

        tx = MaintenanceUnit(connection, self._vault)
        fresh = not tx.has_key(CHAIN)
        for key in (OFFICE, CHAIN):
            tx.ensure_key(key)
        if fresh:
            tx.seal_old()
        elif before < NAMES:
            tx.seal_names()
        if before < ROLL:
            tx.enter_old()

    def _up_to_date(self) -> bool:
        try:
            with self._reads.begin() as connection:
                return list(connection.execute(sql.revisions).scalars()) == [REVISION]
        except DBAPIError as error:
            if fault(error) is None:  # no such table: a new database
                return False
            raise

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """All of what is done inside, or none of it when it raises."""
        try:
            with self._writes.begin() as connection:
                tx = UnitOfWork(connection, self._vault)
                yield tx
                tx.settle()
                tx.close_roll()
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    @contextmanager
    def operating(self) -> Iterator[MaintenanceUnit]:
        """A transaction that may also do what only operators do."""
        from bot.storage.integrity.verification import MaintenanceUnit

        try:
            with self._writes.begin() as connection:
                deep = MaintenanceUnit(connection, self._vault)
                yield deep
                deep.settle()
                deep.close_roll()
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """One state of the database, to read only: a write is refused with StoreError."""
        try:
            with self._reads.begin() as connection:
                yield UnitOfWork(connection, self._vault)
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    @contextmanager
    def inspecting(self) -> Iterator[MaintenanceUnit]:
        """One state of the database for operators to look at; others go on writing."""
        from bot.storage.integrity.verification import MaintenanceUnit

        try:
            with self._reads.begin() as connection:
                yield MaintenanceUnit(connection, self._vault)
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    def back_up(self, out: IO[bytes]) -> int:
        """Write all that is kept as one sealed file, while others go on; how many rows."""
        from bot.storage.backup import write

        try:
            with self._reads.begin() as connection:
                return write(connection, self._vault.master, out)
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    def restore(self, source: IO[bytes]) -> int:
        """Put a backup back into this store, which must be empty; how many rows. All or nothing."""
        from bot.storage.backup import read

        try:
            with self._writes.begin() as connection:
                count = read(connection, self._vault.master, source)
        except SQLAlchemyError as error:
            raise fault(error) or error from error
        self._vault.known.clear()
        return count

    def forget_purged(self) -> frozenset[int]:
        """Let go of the keys of negotiations that were purged, by whichever process; the numbers of all of them."""
        with self.reading() as tx:
            gone = tx.purged()
        self._vault.forget(gone)
        return gone

    def derived(self, purpose: str) -> str:
        """The secret for one purpose that follows from the master key."""
        return derived(self._vault.master, purpose)

    @property
    def health_secret(self) -> str:
        """What shows all of a process's health to who brings it."""
        return health_secret(self._vault.master)

    def close(self) -> None:
        """Let go of every connection."""
        self._reads.dispose()
        self._writes.dispose()
