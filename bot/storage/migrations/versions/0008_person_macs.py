"""A MAC over each person's row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make room; who is known is entered in the roll in the same transaction, by who holds the key."""
    op.add_column("persons", sa.Column("mac", sa.LargeBinary))
