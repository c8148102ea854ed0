"""The chain over a negotiation's events: each MAC covers its event and the MAC before it.

It is taken over the sealed bodies, so that it can be checked without opening one, and still
stands where a negotiation's key was destroyed. The head has a MAC of its own: without it,
whoever writes to the database could cut off the newest events and nobody would know.
"""

from __future__ import annotations

import hashlib
import hmac
import json

BEGIN = b"\x00" * 32  # what stands before the first event


def event_mac(  # noqa: PLR0913, PLR0917 (a row, column by column)
    key: bytes, before: bytes, negotiation: int, seq: int, at: str, by: str | None, update_id: int | None, sealed: bytes
) -> bytes:
    """The MAC of an event's row, on top of the one before."""
    said = json.dumps(["event", negotiation, seq, at, by, update_id]).encode()
    return _mac(key, before, said, sealed)


def head_mac(key: bytes, negotiation: int, uid: str, head: int, last: bytes) -> bytes:
    """The MAC of a negotiation's row: so many events there are, and this is the last one's."""
    return _mac(key, last, json.dumps(["head", negotiation, uid, head]).encode())


def purge_mac(key: bytes, told: str) -> bytes:
    """The MAC of a proof that a negotiation was purged."""
    return _mac(key, json.dumps(["purged", told]).encode())


def witness_mac(key: bytes, text: str) -> bytes:
    """The MAC of a list of heads that is kept elsewhere."""
    return _mac(key, json.dumps(["witness", text]).encode())


def _mac(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over the parts, each with its length before it."""
    told = b"".join(piece for part in parts for piece in (len(part).to_bytes(8, "big"), part))
    return hmac.new(key, told, hashlib.sha256).digest()
