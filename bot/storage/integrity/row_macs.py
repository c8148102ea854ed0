"""The MACs over rows that give power: who somebody is, where they sit, and by what they come in.

Each covers every column of its row and begins with a label, which says what the row is. Labels are frozen: a table may
be renamed, and what is in it holds. Whoever writes to the database without the key makes no such row and changes none.
"""

from __future__ import annotations

import hmac
import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.storage.records import InviteRow, PersonRow

CHECKLIST_LABEL, OFFICE_LABEL, PASSPHRASE_LABEL, SEAT_LABEL, SESSION_LABEL = (
    "checklist", "office", "passphrase", "seat", "session",
)  # fmt: skip


def row_mac(key: bytes, label: str, *columns: str | int | bytes | None) -> bytes:
    """The MAC of a row of one kind, over its columns in their order."""
    told = [column.hex() if isinstance(column, bytes) else column for column in columns]
    return keyed(key, json.dumps([label, *told]).encode())


def person_mac(key: bytes, person: PersonRow) -> bytes:
    """The MAC of a person's row."""
    return row_mac(key, "person", person.id, person.name, person.telegram_id, bool(person.lead), person.joined_at)


def open_invite_mac(key: bytes, invite: InviteRow) -> bytes:
    """The MAC by which an invitation stands in the roll while it is open; it is stored nowhere."""
    return row_mac(key, "invite", invite.hash, invite.negotiation, invite.role, invite.person, invite.expires_at)


def invite_mac(key: bytes, invite: InviteRow) -> bytes:
    """The MAC of an invitation's row, by which it stands in the roll once it is used or has run out."""
    told = (invite.hash, invite.negotiation, invite.role, invite.person, invite.expires_at)
    return row_mac(key, "invitation", *told, invite.used_at, invite.ran_out_at)


def in_roll(key: bytes, mac: bytes) -> int:
    """What a row, by its MAC, adds to the roll; adding it again takes it away.

    It is stored nowhere: of numbers that can be seen, rows could be picked that add up to the same.
    """
    return int.from_bytes(keyed(key, b"roll", mac))


def keyed(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over the parts, each with its length before it."""
    return hmac.digest(key, b"".join(size(len(part)) + part for part in parts), "sha256")


size = struct.Struct(">Q").pack
