"""All talks and open invitations are counted in the roll."""

from __future__ import annotations

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Change no table: who holds the key enters them in the same transaction, and never later."""
