"""`INSERT ... ON CONFLICT`, which SQLite and PostgreSQL write word for word alike.

SQLAlchemy has one for each. PostgreSQL's would bring 3 MB of its dialect along, which a start on SQLite does
without; SQLite's lacks only the name of a constraint to conflict with, which PostgreSQL's writer asks for.
"""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate

__all__ = ["Insert", "replacing", "upsert"]

for _clause in (OnConflictDoNothing, OnConflictDoUpdate):
    _clause.constraint_target = None  # type: ignore[union-attr]


def replacing(table: Table, key: str) -> Insert:
    """A row that takes the place of the one with the same key, if there is one."""
    made = upsert(table)
    kept = {column.name: made.excluded[column.name] for column in table.columns if column.name != key}
    return made.on_conflict_do_update(index_elements=[table.c[key]], set_=kept)
