"""Which process shows a chat, and since when the chat is behind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room; nobody shows anything yet."""
    op.add_column("chats", sa.Column("behind_since", sa.BigInteger))
    op.add_column("chats", sa.Column("held_by", sa.Text))
    op.add_column("chats", sa.Column("held_until", sa.BigInteger))
