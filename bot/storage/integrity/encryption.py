"""The one place where bodies are closed before they are written and opened after they are read.

AES-256-GCM, with a key for each negotiation and one for what belongs to none. These keys lie
in the database, wrapped by the master key, which does not: a copy of the database alone tells
nothing that people typed, and destroying one wrapped key destroys one negotiation. A body is
bound to its row, so that two bodies which were swapped do not open.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.storage.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2: 96 random bits, for at most 2^32 bodies under one key
SIGN = b"\x01"  # the first byte of every sealed body: this way of sealing
OFFICE = "-"  # the key of what belongs to no negotiation
CHAIN = "chain"  # the key of the MACs that chain events


def derived(master: bytes, purpose: str) -> str:
    """A secret for one purpose, the same for all processes with this master key: 64 characters, 0 to f."""
    return hmac.new(master, f"readiness/{purpose}".encode(), "sha256").hexdigest()


def health_secret(master: bytes) -> str:
    """What shows all of a process's health to who brings it."""
    return derived(master, "health")


class Tampered(StoreError):
    """A body does not open: it was changed, or moved from another row."""


class WrongKey(StoreError):
    """The master key is not the one that this database was sealed with."""


class Vault:
    """Holds the master key, and the keys it has unwrapped."""

    def __init__(self, master: bytes) -> None:
        """``master``: 32 bytes."""
        if len(master) != KEY_BYTES:
            msg = f"the master key has {len(master)} bytes and must have {KEY_BYTES}"
            raise ValueError(msg)
        self.master = master
        self._master = AESGCM(master)
        self.known: dict[str, bytes] = {}  # unwrapped, committed ones only
        self.tails: dict[int, bytes] = {}  # by negotiation, the MAC written last; worth nothing unless proven
        self.refused: set[str] = set()  # rows that were found changed, each of which the log tells once

    def forget(self, numbers: Iterable[int]) -> None:
        """Hold nothing any more of negotiations that were purged."""
        for number in numbers:
            self.known.pop(str(number), None)
            self.tails.pop(number, None)

    def wrap(self, name: str, key: bytes) -> bytes:
        """A key as the database keeps it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return SIGN + nonce + self._master.encrypt(nonce, key, _bound("keys", name))

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The key that was wrapped under a name. WrongKey when the master key is another one."""
        try:
            return self._master.decrypt(_nonce(wrapped), wrapped[1 + NONCE_BYTES :], _bound("keys", name))
        except (InvalidTag, ValueError):
            msg = "READINESS_KEY is not the key that this database was sealed with. Give the one that belongs to it."
            raise WrongKey(msg) from None


class KeyRing:
    """The vault as one transaction sees it: keys made in it count only there until it commits."""

    def __init__(self, vault: Vault, get: Callable[[str], bytes | None], put: Callable[[str, bytes], bool]) -> None:
        """``get`` reads a wrapped key by name; ``put`` keeps one unless there is one, and says whether it did."""
        self._vault, self._get, self._put = vault, get, put
        self._ciphers: dict[str, AESGCM] = {}
        self._made: dict[str, bytes] = {}

    def make(self, name: str) -> None:
        """Make a key, for a negotiation by its number."""
        key = secrets.token_bytes(KEY_BYTES)
        if self._put(name, self._vault.wrap(name, key)):
            self._made[name] = key

    def key(self, name: str) -> bytes:
        """A key. Tampered when there is none: its negotiation was purged, or the key taken away."""
        key = self._made.get(name) or self._vault.known.get(name)
        if key is None:
            wrapped = self._get(name)
            if wrapped is None:
                msg = f"the key of {name} is not there: its negotiation was purged, or the key was removed"
                raise Tampered(msg)
            key = self._vault.known[name] = self._vault.unwrap(name, wrapped)
        return key

    def seal(self, row: str, body: bytes) -> bytes:
        """What to store for a body in a row.

        ``row`` names the value's home, "table/negotiation/key" or "table/negotiation/key/column",
        with "-" for no negotiation: the key is picked by it.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        return SIGN + nonce + self._cipher(row).encrypt(nonce, body, row.encode())

    def open(self, row: str, body: bytes) -> bytes:
        """The body that was sealed for this row. Tampered when it was not."""
        try:
            return self._cipher(row).decrypt(_nonce(body), body[1 + NONCE_BYTES :], row.encode())
        except (InvalidTag, ValueError):
            msg = f"{row} does not open: it was changed, or moved there from elsewhere"
            raise Tampered(msg) from None

    def opens(self, name: str, wrapped: bytes) -> bool:
        """Whether a wrapped key is what was wrapped under its name."""
        try:
            return bool(self._vault.unwrap(name, wrapped))
        except WrongKey:
            return False

    def _cipher(self, row: str) -> AESGCM:
        name = row.split("/", 2)[1]
        cipher = self._ciphers.get(name)
        if cipher is None:
            cipher = self._ciphers[name] = AESGCM(self.key(name))
        return cipher


def _nonce(sealed: bytes) -> bytes:
    """The nonce of what was sealed in the one way there is."""
    if sealed[:1] != SIGN:
        raise ValueError("sealed in a way that is not known")
    return sealed[1 : 1 + NONCE_BYTES]


def _bound(*names: str) -> bytes:
    return "/".join(names).encode()
