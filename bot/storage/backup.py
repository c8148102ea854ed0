"""A whole store as one sealed file, made while the bot runs, and back onto an empty database of either kind.

The file is a line that names the format, a salt, and chunks under AES-256-GCM whose key is
derived from the master key. Each chunk is bound to its number and to whether it is the
last, so that a file that was cut short, shuffled or mixed with another is refused.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Integer, func, insert, select, text

from bot.storage.errors import Damaged, Refused, StoreError
from bot.storage.schema import REVISION, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, MetaData, Table

MAGIC = b"readiness-backup-1\n"
SALT_BYTES = 16
CHUNK_BYTES = 1 << 20  # of a chunk before it is sealed
BATCH = 500  # rows put back at once
LEFT_OUT = {"sessions"}  # who is signed in here is not signed in where a backup is put back


class Unrestorable(Damaged):
    """Why a file is no backup that can be put back here."""


class NotEmpty(StoreError):
    """There is something already where a backup was to be put back."""


@dataclass(frozen=True, slots=True)
class BackupContents:
    """How much a backup holds."""

    rows: int
    negotiations: int


def write(connection: Connection, master: bytes, out: IO[bytes], revision: str = REVISION) -> BackupContents:
    """Write every row of every table of this revision, as one transaction sees them."""
    salt = secrets.token_bytes(SALT_BYTES)
    out.write(MAGIC + salt)
    counts: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        yield json.dumps({"revision": revision, "program": version("negotiation-readiness")}).encode() + b"\n"
        for table in _tables(revision).sorted_tables:
            if table.name in LEFT_OUT:
                continue
            with connection.execute(select(table), execution_options={"yield_per": 1000}) as rows:
                for row in rows:
                    counts[table.name] += 1
                    yield json.dumps([table.name, [_out(value) for value in row]]).encode() + b"\n"

    _seal(lines(), AESGCM(_key(master, salt)), out)
    return BackupContents(counts.total(), counts["negotiations"])


def prove(master: bytes, source: IO[bytes]) -> None:
    """Read a backup to its end. Unrestorable when it is not whole, or sealed with another key."""
    for _ in _opened(master, source):
        pass


def read(
    connection: Connection, master: bytes, source: IO[bytes], then: Callable[[Connection, str], None]
) -> BackupContents:
    """Put a backup back into empty tables. Unrestorable when it is not whole.

    That of an earlier revision is put into tables as they were then, which are brought up to date; ``then`` seals what
    is new in them.
    """
    if any(connection.execute(select(func.count()).select_from(table)).scalar() for table in _filled()):
        msg = "This database is not empty. Restore into a new one."
        raise NotEmpty(msg)
    lines = _lines(_opened(master, source))
    revision = next(lines)["revision"]
    if revision > REVISION:
        from bot.storage.migrate import newer

        raise Refused(newer("backup", revision))
    if revision != REVISION:
        from bot.storage.migrate import begin_anew, upgrade

        begin_anew(connection, revision)
    for table in reversed(metadata.sorted_tables) if revision == REVISION else ():
        connection.execute(table.delete())  # the keys that the first start made
    held = _put_back(connection, _tables(revision), lines)
    if revision != REVISION:
        upgrade(connection, "head")
        then(connection, revision)
    _count_on(connection)
    return held


def _tables(revision: str) -> MetaData:
    if revision == REVISION:
        return metadata
    from bot.storage.migrate import tables_at

    return tables_at(revision)


def _put_back(connection: Connection, tables: MetaData, lines: Iterable[Any]) -> BackupContents:
    counts: Counter[str] = Counter()
    for name, rows in groupby(lines, key=itemgetter(0)):
        table = tables.tables.get(name)
        while batch := [list(map(_in, values)) for _, values in islice(rows, BATCH)]:
            if table is None or any(len(values) != len(table.columns) for values in batch):
                msg = "The backup does not fit the schema that it names. Restore it with the program that made it."
                raise Unrestorable(msg)
            connection.execute(
                insert(table), [dict(zip(table.columns.keys(), values, strict=True)) for values in batch]
            )
            counts[name] += len(batch)
    return BackupContents(counts.total(), counts["negotiations"])


def _filled() -> list[Table]:
    return [metadata.tables[name] for name in ("persons", "negotiations")]


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those put back; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            last = connection.execute(select(func.max(column))).scalar()
            sequence = connection.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar()
            if last is not None and sequence is not None:
                connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _key(master: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"readiness backup").derive(master)


def _seal(lines: Iterable[bytes], cipher: AESGCM, out: IO[bytes]) -> None:
    number, held = 0, bytearray()
    for line in lines:
        held += line
        while len(held) > CHUNK_BYTES:
            _write_chunk(cipher, number, bytes(held[:CHUNK_BYTES]), out, last=False)
            del held[:CHUNK_BYTES]
            number += 1
    _write_chunk(cipher, number, bytes(held), out, last=True)


def _write_chunk(cipher: AESGCM, number: int, body: bytes, out: IO[bytes], *, last: bool) -> None:
    sealed = cipher.encrypt(number.to_bytes(12, "big"), body, b"last" if last else b"more")
    out.write(len(sealed).to_bytes(4, "big") + sealed)


def _opened(master: bytes, source: IO[bytes]) -> Iterator[bytes]:
    """The chunks of a backup, opened. Each backup has a salt of its own, so that counting gives fresh nonces."""
    if source.read(len(MAGIC)) != MAGIC:
        msg = "The file is not a backup of this program."
        raise Unrestorable(msg)
    cipher, number, last = AESGCM(_key(master, source.read(SALT_BYTES))), 0, False
    sealed = _chunk(source)
    while sealed:
        following = _chunk(source)
        last = not following
        try:
            yield cipher.decrypt(number.to_bytes(12, "big"), sealed, b"last" if last else b"more")
        except InvalidTag:
            msg = "The backup does not open: it is damaged, cut short, or made with another READINESS_KEY."
            raise Unrestorable(msg) from None
        sealed, number = following, number + 1
    if not last:
        msg = "The backup is empty."
        raise Unrestorable(msg)


def _chunk(source: IO[bytes]) -> bytes:
    size = int.from_bytes(source.read(4), "big")
    return source.read(min(size, CHUNK_BYTES + 16)) if size else b""


def _lines(chunks: Iterable[bytes]) -> Iterator[Any]:
    held = b""
    for chunk in chunks:
        *whole, held = (held + chunk).split(b"\n")
        for line in whole:
            yield json.loads(line)


def _out(value: object) -> object:
    return {"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _in(value: Any) -> object:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value
