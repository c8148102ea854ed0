"""Files that people sent wait as rows until they are fetched; of what was heard a mark tells whether it comes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make room."""
    op.create_table(
        "incoming_files",
        sa.Column("update_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("negotiation", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("update_id", name="incoming_files_pkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="incoming_files_person_fkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="incoming_files_negotiation_fkey"),
    )
    op.add_column("heard", sa.Column("mark", sa.LargeBinary))
