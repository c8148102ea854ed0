"""Reminders and the cards in groups: how people want to be reminded, what they were told, which group shows what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the three tables, empty."""
    op.create_table(
        "prefs",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("quiet_from", sa.Integer),
        sa.Column("quiet_to", sa.Integer),
        sa.Column("reminders", sa.Boolean, nullable=False),
        sa.Column("digest", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person", name="prefs_pkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="prefs_person_fkey"),
    )
    op.create_table(
        "notices",
        sa.Column("negotiation", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("claimed_at", sa.Text, nullable=False),
        sa.Column("sent_at", sa.Text),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("negotiation", "person", "key", name="notices_pkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="notices_negotiation_fkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="notices_person_fkey"),
    )
    op.create_table(
        "groups",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("negotiation", sa.Integer),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("title", sa.LargeBinary, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("pinned", sa.BigInteger),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("text", sa.LargeBinary),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("held_until", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="groups_pkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="groups_negotiation_fkey"),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name="groups_asked_by_fkey"),
    )
    op.create_index("groups_negotiation_idx", "groups", ["negotiation"])
