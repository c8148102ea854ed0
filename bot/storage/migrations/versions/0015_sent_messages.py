"""What each message of ours showed, so that a reply to it finds its question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make room; of what was sent before, nothing is known."""
    op.create_table(
        "sent_messages",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("message_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("negotiation", sa.Integer),
        sa.Column("place", sa.LargeBinary, nullable=False),
        sa.Column("negotiation_before", sa.Integer),
        sa.Column("place_before", sa.LargeBinary),
        sa.PrimaryKeyConstraint("person", "message_id", name="sent_messages_pkey"),
    )
