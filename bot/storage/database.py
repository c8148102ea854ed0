"""A store: a database that is open and up to date."""

from __future__ import annotations

import logging
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.storage import statements as sql
from bot.storage.engines import engines, name, parsed
from bot.storage.errors import Damaged, Refused, StoreError, StoreUnavailable, fault, no_table, of_setup, one_line
from bot.storage.integrity.encryption import CHAIN, KEY_BYTES, OFFICE, Vault, derived, health_secret
from bot.storage.new_file import new_file
from bot.storage.schema import REVISION
from bot.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from sqlalchemy import Connection, Engine

    from bot.storage.backup import BackupContents
    from bot.storage.integrity.verification import MaintenanceUnit


SEALED = "0004"  # the revision since which a database opens with its own key alone
ROLL = "0008"  # the revision since which there is a roll of persons
NAMES = "0010"  # since which the names of files are sealed
COUNTED = "0011"  # since which talks and invitations are in the roll
POWER = "0013"  # since which every row that gives power has a MAC

log = logging.getLogger(__name__)


def schema_of(url: str) -> str:
    """The revision of the tables of a database; nothing where there is none. This makes nothing."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists():
        return ""
    with _telling(url):
        store = Database(*engines(url), Vault(bytes(KEY_BYTES)))
        try:
            return store._schema()  # noqa: SLF001
        finally:
            store.close()


@contextmanager
def _telling(url: str) -> Iterator[None]:
    """Tell what keeps a database from being opened, with its name."""
    try:
        yield
    except SQLAlchemyError as error:
        found = fault(error) or StoreError()
        refused = isinstance(error, DBAPIError) and of_setup(error)
        what = str(found) if isinstance(found, Damaged) else f"the database cannot be opened: {one_line(error)}"
        kind = Refused if refused else type(found)
        msg = f"{name(url)}: {what}"
        raise kind(msg) from error
    except StoreError as error:
        msg = f"{name(url)}: {error}"
        raise type(error)(msg) from error


class Database:
    """Gives transactions, to any thread. Made by `Database.open`."""

    def __init__(self, writes: Engine, reads: Engine, vault: Vault) -> None:
        """Join the parts; the tables must be there."""
        self._writes = writes
        self._reads = reads
        self._vault = vault

    @classmethod
    def open(cls, url: str, master: bytes, backups: Path | None = None) -> Self:
        """Open a database, make it if it is a file that is not there, and bring its tables up to date.

        ``master``: the 32 bytes that open its keys. ``backups``: the folder in which a backup is written before tables
        are changed. StoreError, one line for the operator, when it cannot be opened; WrongKey when the master key is
        not the one it was sealed with.
        """
        with _telling(url):
            store = cls(*engines(url), Vault(master))
            try:
                if (found := store._schema()) != REVISION:
                    store._bring_up_to_date(url, found, backups)
                with store.reading() as tx:
                    tx.need_key(CHAIN)
            except BaseException:
                store.close()
                raise
        return store

    def _bring_up_to_date(self, url: str, found: str, backups: Path | None) -> None:
        from bot.storage.migrate import migrate  # 60 ms and 6 MB, which a start without news saves
        from bot.storage.process_lock import DatabaseInUse, process_lock

        if found >= SEALED:
            with self.reading() as tx:
                tx.need_key(CHAIN)  # before anything is backed up or sealed with another
        kept: list[Path] = []

        def keep(revision: str) -> None:
            if backups is not None:
                kept.append(self._keep(revision, backups))

        try:
            with process_lock(url) if found else nullcontext():  # nobody works on a database that is new
                migrate(self._writes, keep, self._seal)
        except DatabaseInUse:
            if self._schema() != REVISION:  # else it is another start that was quicker
                raise
        except BaseException:
            for path in kept:
                path.unlink()  # nothing was changed, and the next try writes another
            raise

    def _keep(self, revision: str, folder: Path) -> Path:
        """Back up what is there before its tables are changed; the file."""
        path = folder / f"schema-{revision}-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.backup"
        try:
            with new_file(path) as out:
                self.back_up(out, revision)
        except OSError as error:
            msg = (
                f"The tables are to be brought up to date, and the backup that is written before cannot be: "
                f"{error.filename}: {error.strerror}. Nothing was changed. Make room, and start again."
            )
            raise StoreUnavailable(msg) from error
        log.warning("The tables are brought up to date. A backup of schema %s is in %s.", revision, path)
        return path

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
        if before < COUNTED:
            tx.enter_rest()
        if before < POWER:
            tx.enter_power()

    def _seal_again(self, connection: Connection, before: str) -> None:
        """The same for what came back from an earlier version, with keys that came with it."""
        self._vault.known.clear()
        self._seal(connection, before)

    def _schema(self) -> str:
        """The revision of the tables that are there; nothing where there are none."""
        try:
            with self._reads.begin() as connection:
                return max(connection.execute(sql.revisions).scalars(), default="")
        except DBAPIError as error:
            if no_table(error):
                return ""
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

    def back_up(self, out: IO[bytes], revision: str = REVISION) -> BackupContents:
        """Write all that is kept as one sealed file, while others go on. ``revision``: that of the tables."""
        from bot.storage.backup import write

        try:
            with self._reads.begin() as connection:
                return write(connection, self._vault.master, out, revision)
        except SQLAlchemyError as error:
            raise fault(error) or error from error

    def restore(self, source: IO[bytes]) -> BackupContents:
        """Put a backup back into this store, which must be empty. All or nothing."""
        from bot.storage.backup import read

        try:
            with self._writes.begin() as connection:
                held = read(connection, self._vault.master, source, self._seal_again)
        except SQLAlchemyError as error:
            raise fault(error) or error from error
        finally:
            self._vault.known.clear()
        return held

    def forget_purged(self) -> frozenset[int]:
        """Let go of the keys of negotiations that were purged, by whichever process; the numbers of all of them."""
        with self.reading() as tx:
            gone = tx.purged()
        self._vault.forget(gone)
        return gone

    @property
    def keeps_deleted(self) -> bool:
        """Whether what is deleted stays for a while in files that this program cannot reach."""
        return self._writes.dialect.name == "postgresql"

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
