"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

UpdateId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table; those that others point to come first."""
    _people()
    _negotiations()
    _chats()
    _the_rest()


def _people() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("telegram_id", sa.BigInteger),
        sa.Column("lead", sa.Boolean, nullable=False),
        sa.Column("joined_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="persons_pkey"),
        sa.UniqueConstraint("telegram_id", name="persons_telegram_id_key"),
    )


def _negotiations() -> None:
    op.create_table(
        "negotiations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("head", sa.Integer, nullable=False),
        sa.UniqueConstraint("uid", name="negotiations_uid_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("negotiation", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("update_id", sa.BigInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("negotiation", "seq", name="events_pkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="events_negotiation_fkey"),
    )
    op.create_table(
        "seats",
        sa.Column("negotiation", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("negotiation", "person", name="seats_pkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="seats_negotiation_fkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="seats_person_fkey"),
    )
    op.create_index("seats_person_idx", "seats", ["person"])
    op.create_table(
        "invites",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("negotiation", sa.Integer),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text),
        sa.PrimaryKeyConstraint("hash", name="invites_pkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="invites_negotiation_fkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="invites_person_fkey"),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("negotiation", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="files_pkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="files_negotiation_fkey"),
    )


def _chats() -> None:
    op.create_table(
        "chats",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("negotiation", sa.Integer),
        sa.Column("place", sa.LargeBinary, nullable=False),
        sa.Column("aside", sa.LargeBinary, nullable=False),
        sa.Column("settle", sa.LargeBinary, nullable=False),
        sa.Column("paper", sa.LargeBinary),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("answering", sa.LargeBinary),
        sa.PrimaryKeyConstraint("person", name="chats_pkey"),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name="chats_person_fkey"),
        sa.ForeignKeyConstraint(["negotiation"], ["negotiations.id"], name="chats_negotiation_fkey"),
    )
    op.create_index("chats_negotiation_idx", "chats", ["negotiation"])
    op.create_table(
        "heard",
        sa.Column("update_id", UpdateId, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("negotiation", sa.Integer),
        sa.Column("place", sa.LargeBinary),
        sa.Column("seq", sa.Integer),
    )
    op.create_index("heard_person_message_id_idx", "heard", ["person", "message_id"])
    op.create_table(
        "set_aside",
        sa.Column("update_id", UpdateId, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )


def _the_rest() -> None:
    op.create_table(
        "checklists",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="checklists_pkey"),
    )
    op.create_table(
        "office",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="office_pkey"),
    )
