"""The chain over a negotiation's events: each MAC covers its event and the MAC before it.

It is taken over the sealed bodies, so that it can be checked without opening one, and still
stands where a negotiation's key was destroyed. The head has a MAC of its own: without it,
whoever writes to the database could cut off the newest events and nobody would know.
"""

from __future__ import annotations

import hmac
import json
from json.encoder import encode_basestring_ascii as quoted

from bot.storage.integrity.row_macs import keyed, size

BEGIN = b"\x00" * 32  # what stands before the first event


def event_mac(  # noqa: PLR0913, PLR0917 (a row, column by column)
    key: bytes, before: bytes, negotiation: int, seq: int, at: str, by: str | None, update_id: int | None, sealed: bytes
) -> bytes:
    """The MAC of an event's row, on top of the one before.

    `keyed` over `json.dumps` of the columns, written out: `verify` spends its time here.
    """
    name = "null" if by is None else quoted(by)
    update = "null" if update_id is None else update_id
    said = f'["event", {negotiation}, {seq}, {quoted(at)}, {name}, {update}]'.encode()
    whole = b"".join((size(len(before)), before, size(len(said)), said, size(len(sealed)), sealed))
    return hmac.digest(key, whole, "sha256")


def head_mac(key: bytes, negotiation: int, uid: str, head: int, last: bytes) -> bytes:
    """The MAC of a negotiation's row: so many events there are, and this is the last one's."""
    return keyed(key, last, json.dumps(["head", negotiation, uid, head]).encode())


def purge_mac(key: bytes, told: str) -> bytes:
    """The MAC of a proof that a negotiation was purged."""
    return keyed(key, json.dumps(["purged", told]).encode())


def talks_mac(key: bytes, negotiation: int) -> bytes:
    """The MAC by which a negotiation stands in the roll, whatever becomes of its events."""
    return keyed(key, json.dumps(["talks", negotiation]).encode())


def witness_mac(key: bytes, text: str) -> bytes:
    """The MAC of a list of heads that is kept elsewhere."""
    return keyed(key, json.dumps(["witness", text]).encode())
