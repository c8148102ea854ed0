"""Files that people sent and that still lie at Telegram: the part of a transaction that keeps them until they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, delete, func, insert, or_, select, update

from bot.storage.schema import incoming_files
from bot.storage.statements import NOW

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row

    from bot.storage.integrity.encryption import KeyRing


@dataclass(frozen=True, slots=True)
class IncomingFileRow:
    """A file that is still to be fetched; ``body`` says which, where it was sent and with which words."""

    update_id: int
    person: str
    negotiation: int
    body: str


_columns = tuple(incoming_files.c[name] for name in IncomingFileRow.__slots__)
_its = incoming_files.c.update_id == bindparam("the_update_id")
_free = or_(incoming_files.c.held_until.is_(None), incoming_files.c.held_until < NOW)
_first = (
    select(func.min(incoming_files.c.update_id))
    .where(_free, incoming_files.c.person.not_in(bindparam("busy", expanding=True)))
    .group_by(incoming_files.c.person)
    .order_by(func.min(incoming_files.c.update_id))
    .limit(bindparam("at_most"))
)
ADD = insert(incoming_files)
FIND = select(*_columns).where(_its)
# Whatever another process is taking just now is passed over. SQLite leaves SKIP LOCKED out.
FIRST = (
    select(*_columns)
    .where(incoming_files.c.update_id.in_(_first))
    .order_by(incoming_files.c.update_id)
    .with_for_update(skip_locked=True)
)
HOLD = (
    update(incoming_files)
    .where(incoming_files.c.update_id.in_(bindparam("update_ids", expanding=True)))
    .values(held_until=NOW + bindparam("seconds", type_=BigInteger))
)
RELEASE = update(incoming_files).values(held_until=None)
COUNT = select(func.count()).select_from(incoming_files).where(incoming_files.c.person == bindparam("the_person"))
REMOVE = delete(incoming_files).where(_its).execution_options(preserve_rowcount=True)


class IncomingFileRepository:
    """What `bot.storage.UnitOfWork` can do about files that are still to be fetched."""

    _run: Any  # the transaction's, which settles first
    _vault: KeyRing

    def add_incoming_file(self, row: IncomingFileRow) -> None:
        """Keep a file that is to be fetched."""
        sealed = self._vault.seal(_home(row), row.body.encode())
        self._run(ADD, {name: getattr(row, name) for name in row.__slots__} | {"body": sealed})

    def incoming_files_of(self, person: str) -> int:
        """How many files of a person are still to be fetched."""
        return int(self._run(COUNT, {"the_person": person}).scalar_one())

    def hold_incoming_files(self, busy: Collection[str], seconds: int, limit: int) -> list[IncomingFileRow]:
        """Take the first file of each person on oneself, for so many seconds; of nobody who is ``busy``."""
        rows = self._run(FIRST, {"busy": list(busy), "at_most": limit}).all()
        if rows:
            self._run(HOLD, {"update_ids": [row.update_id for row in rows], "seconds": seconds})
        return [self._incoming(row) for row in rows]

    def release_incoming_files(self) -> None:
        """Leave every file to whoever fetches next: whoever held them is no more."""
        self._run(RELEASE)

    def take_incoming_file(self, update_id: int) -> IncomingFileRow | None:
        """Take a file out of those that are to be fetched; None when somebody else has."""
        row = self._run(FIND, {"the_update_id": update_id}).first()
        found = None if row is None else self._incoming(row)
        return found if self._run(REMOVE, {"the_update_id": update_id}).rowcount else None

    def _incoming(self, row: Row[Any]) -> IncomingFileRow:
        body = self._vault.open(_home(row), row.body).decode()
        return IncomingFileRow(row.update_id, row.person, row.negotiation, body)


def _home(row: IncomingFileRow | Row[Any]) -> str:
    return f"incoming_files/{row.negotiation}/{row.person}/{row.update_id}"
