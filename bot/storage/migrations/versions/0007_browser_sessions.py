"""Who is signed in from a browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make room."""
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="sessions_pkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="sessions_person_fkey"),
    )
    op.create_index("sessions_person_idx", "sessions", ["person"])
