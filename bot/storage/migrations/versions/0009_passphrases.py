"""Passphrases of people's own, and the sessions in which they were entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make room."""
    op.add_column("sessions", sa.Column("unlocked", sa.Text))
    op.create_table(
        "passphrases",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("wait_until", sa.Text),
        sa.PrimaryKeyConstraint("person", name="passphrases_pkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="passphrases_person_fkey"),
    )
