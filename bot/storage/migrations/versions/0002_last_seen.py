"""What each person has seen of each negotiation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of looks; nobody has looked yet."""
    op.create_table(
        "looks",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("negotiation", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("since", sa.Integer),
        sa.Column("since_at", sa.Text),
        sa.PrimaryKeyConstraint("person", "negotiation", name="looks_pkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="looks_person_fkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="looks_negotiation_fkey"),
    )
