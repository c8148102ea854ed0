"""A MAC over each row that gives power: seats, invitations, passphrases, sessions, what the office keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    """Make room; who holds the key enters what is there in the same transaction, and never later."""
    op.add_column("invites", sa.Column("ran_out_at", sa.Text))
    for table in ("seats", "invites", "passphrases", "sessions", "office"):
        op.add_column(table, sa.Column("mac", sa.LargeBinary))
