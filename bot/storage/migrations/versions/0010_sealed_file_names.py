"""The names of files are sealed as their bodies are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make room; what is there is sealed afterwards, by `MaintenanceUnit`. No name begins as what is sealed does."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(r"ALTER TABLE files ALTER COLUMN name TYPE bytea USING convert_to(ltrim(name, chr(1)), 'UTF8')")
        return
    op.execute("PRAGMA secure_delete=ON")  # or the names stay in the pages that the old table leaves
    op.execute("UPDATE files SET name = ltrim(name, char(1)) WHERE name LIKE char(1) || '%'")
    with op.batch_alter_table("files") as files:
        files.alter_column("name", type_=sa.LargeBinary, existing_type=sa.Text, existing_nullable=False)
