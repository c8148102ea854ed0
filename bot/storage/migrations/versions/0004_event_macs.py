"""Keys, and the MACs that chain events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room; what is there is sealed and chained afterwards, by `MaintenanceUnit.seal_old`."""
    op.create_table(
        "keys",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="keys_pkey"),
    )
    op.create_table(
        "purged",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="purged_pkey"),
    )
    op.add_column("negotiations", sa.Column("mac", sa.LargeBinary))
    op.add_column("events", sa.Column("mac", sa.LargeBinary))
