"""Who opened a page of ours inside Telegram: what its client hands over, believed only when two keys agree.

Telegram signs it twice: with a key made from the bot's token, and with one that Telegram alone has. A stolen
token forges the first and not the second; the second alone is also made for other bots. So both are asked for.
Source: core.telegram.org/bots/webapps, "Validating data received via the Mini App", "... for Third-Party Use".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TELEGRAM = bytes.fromhex("e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d")
OLDEST = timedelta(minutes=10)  # between opening a page and signing in by it
EARLIEST = timedelta(minutes=1)  # that Telegram's clock may be ahead of ours
LONGEST_BYTES = 16 * 1024
FIELDS = 32


@dataclass(frozen=True, slots=True)
class MiniAppOpening:
    """Somebody opened a page in Telegram. ``once`` is the same whenever the same opening is shown again."""

    telegram_id: int
    once: str


class InitData:
    """Reads what a client hands over for one bot."""

    def __init__(self, token: str, telegram: bytes = TELEGRAM) -> None:
        """``telegram`` is the public key of the servers that sign."""
        self._bot = token.partition(":")[0]
        self._secret = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
        self._telegram = Ed25519PublicKey.from_public_bytes(telegram)

    def read(self, given: str, now: datetime) -> MiniAppOpening | None:
        """Who opened the page; None for whatever is not wholly as Telegram signed it, for this bot, just now."""
        fields = parsed(given)
        if fields is None or not self._agreed(fields) or not fresh(fields.get("auth_date", ""), now):
            return None
        user = person(fields.get("user", ""))
        # By what Telegram signed, and not by the hash, which is the token's: whoever has that may make hashes.
        return None if user is None else MiniAppOpening(user, hashlib.sha256(self._signed(fields)).hexdigest())

    def _agreed(self, fields: dict[str, str]) -> bool:
        return self.by_token(fields) and self.by_telegram(fields)

    def by_token(self, fields: dict[str, str]) -> bool:
        """Whether whoever made the hash knows the bot's token."""
        lines = _lines({name: value for name, value in fields.items() if name != "hash"})
        expected = hmac.new(self._secret, lines.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), fields.get("hash", "").encode())

    def by_telegram(self, fields: dict[str, str]) -> bool:
        """Whether Telegram itself signed this, for this bot."""
        given = fields.get("signature", "")
        try:
            signature = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
            if base64.urlsafe_b64encode(signature).rstrip(b"=") != given.encode():
                return False  # another way to write the same
            self._telegram.verify(signature, self._signed(fields))
        except (InvalidSignature, ValueError, binascii.Error):
            return False
        return True

    def _signed(self, fields: dict[str, str]) -> bytes:
        theirs = {name: value for name, value in fields.items() if name not in {"hash", "signature"}}
        return f"{self._bot}:WebAppData\n{_lines(theirs)}".encode()


def parsed(given: str) -> dict[str, str] | None:
    """The fields; None for what can be read in two ways."""
    if len(given) > LONGEST_BYTES:
        return None
    try:
        pairs = parse_qsl(given, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        return None
    fields = dict(pairs)
    # With a line feed in it, one field could pass for two.
    plain = all(char.isprintable() for pair in pairs for part in pair for char in part if ord(char) < 128)
    return fields if len(fields) == len(pairs) and plain else None


def fresh(auth_date: str, now: datetime) -> bool:
    """Whether it was made just now."""
    if not (auth_date.isascii() and auth_date.isdecimal() and len(auth_date) < 12):
        return False
    made = datetime.fromtimestamp(int(auth_date), UTC)
    return now - OLDEST <= made <= now + EARLIEST


def person(user: str) -> int | None:
    """The Telegram number of who opened it, when that is somebody and no bot."""
    try:
        said = json.loads(user)
    except ValueError:
        return None
    found = said.get("id") if isinstance(said, dict) and not said.get("is_bot") else None
    return found if type(found) is int and 0 < found < 2**52 else None


def _lines(fields: dict[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
