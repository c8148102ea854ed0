"""The chain over a negotiation's events: each MAC covers its event and the MAC before it.

It is taken over the sealed bodies, so that it can be checked without opening one, and still
stands where a negotiation's key was destroyed. The head has a MAC of its own: without it,
whoever writes to the database could cut off the newest events and nobody would know.
"""

from __future__ import annotations

import hmac
import json
import struct
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.storage.records import InviteRow, PersonRow

BEGIN = b"\x00" * 32  # what stands before the first event


def event_mac(  # noqa: PLR0913, PLR0917 (a row, column by column)
    key: bytes, before: bytes, negotiation: int, seq: int, at: str, by: str | None, update_id: int | None, sealed: bytes
) -> bytes:
    """The MAC of an event's row, on top of the one before.

    `_mac` over `json.dumps` of the columns, written out: `verify` spends its time here.
    """
    name = "null" if by is None else quoted(by)
    update = "null" if update_id is None else update_id
    said = f'["event", {negotiation}, {seq}, {quoted(at)}, {name}, {update}]'.encode()
    whole = b"".join((_size(len(before)), before, _size(len(said)), said, _size(len(sealed)), sealed))
    return hmac.digest(key, whole, "sha256")


def head_mac(key: bytes, negotiation: int, uid: str, head: int, last: bytes) -> bytes:
    """The MAC of a negotiation's row: so many events there are, and this is the last one's."""
    return _mac(key, last, json.dumps(["head", negotiation, uid, head]).encode())


def purge_mac(key: bytes, told: str) -> bytes:
    """The MAC of a proof that a negotiation was purged."""
    return _mac(key, json.dumps(["purged", told]).encode())


def talks_mac(key: bytes, negotiation: int) -> bytes:
    """The MAC by which a negotiation stands in the roll, whatever becomes of its events."""
    return _mac(key, json.dumps(["talks", negotiation]).encode())


def person_mac(key: bytes, person: PersonRow) -> bytes:
    """The MAC of a person's row, over every column."""
    told = [person.id, person.name, person.telegram_id, bool(person.lead), person.joined_at]
    return _mac(key, json.dumps(["person", *told]).encode())


def invite_mac(key: bytes, invite: InviteRow) -> bytes:
    """The MAC by which an invitation stands in the roll while it is open."""
    told = [invite.hash, invite.negotiation, invite.role, invite.person, invite.expires_at]
    return _mac(key, json.dumps(["invite", *told]).encode())


def in_roll(key: bytes, mac: bytes) -> int:
    """What a row, by its MAC, adds to the roll; adding it again takes it away.

    It is stored nowhere: of numbers that can be seen, rows could be picked that add up to the same.
    """
    return int.from_bytes(_mac(key, b"roll", mac))


def witness_mac(key: bytes, text: str) -> bytes:
    """The MAC of a list of heads that is kept elsewhere."""
    return _mac(key, json.dumps(["witness", text]).encode())


def _mac(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over the parts, each with its length before it."""
    return hmac.digest(key, b"".join(_size(len(part)) + part for part in parts), "sha256")


_size = struct.Struct(">Q").pack
