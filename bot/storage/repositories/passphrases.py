"""Passphrases of people's own: how they are hashed, and the part of a transaction that keeps them.

A hash costs a guess half a second and 128 MiB, and is sealed with a key that a copy of the database does not
hold: without the master key there is nothing to guess at. What is kept is a PHC string, which names its own cost:
`$scrypt$ln=17,r=8,p=1$salt$hash`. Earlier versions kept 16 bytes of salt and 32 of hash, all at the same cost.
https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import bindparam, delete, insert, select, update

from bot.storage.integrity.encryption import Tampered
from bot.storage.integrity.membership_digest import DigestKeeper
from bot.storage.integrity.row_macs import PASSPHRASE_LABEL
from bot.storage.repositories.people import unless_taken
from bot.storage.schema import passphrases, seats, sessions

if TYPE_CHECKING:
    from bot.storage.integrity.encryption import KeyRing

SALT_BYTES, HASH_BYTES = 16, 32
PHC = re.compile(rb"\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)")


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """What a guess costs: 128 * 2**ln * r bytes of memory, p times."""

    ln: int
    r: int
    p: int


OWASP_COST = ScryptCost(ln=17, r=8, p=1)  # Password Storage Cheat Sheet: 128 MiB
UNNAMED_COST = ScryptCost(ln=17, r=8, p=1)  # of what earlier versions kept; it stays when the cost above grows


@dataclass(frozen=True, slots=True)
class PassphraseRow:
    """What is kept of a person's passphrase. ``mark`` names it in the sessions in which it was entered."""

    person: str
    mark: str
    body: bytes
    wrong: int = 0
    wait_until: str | None = None


def hash_passphrase(phrase: str, cost: ScryptCost = OWASP_COST) -> bytes:
    """What is kept of a passphrase: slow, and large in memory. Never two at a time in a process."""
    salt = secrets.token_bytes(SALT_BYTES)
    head = f"$scrypt$ln={cost.ln},r={cost.r},p={cost.p}".encode()
    return b"$".join((head, _base64(salt), _base64(_scrypt(phrase, salt, cost))))


def passphrase_matches(phrase: str, kept: bytes) -> bool:
    """Whether this is the passphrase of which that is kept; as slow as making it, whatever the answer."""
    cost, salt, wanted = _parts(kept)
    return hmac.compare_digest(_scrypt(phrase, salt, cost), wanted)


def _parts(kept: bytes) -> tuple[ScryptCost, bytes, bytes]:
    """The cost, salt and hash of what is kept."""
    if len(kept) == SALT_BYTES + HASH_BYTES:  # a PHC string is longer
        return UNNAMED_COST, kept[:SALT_BYTES], kept[SALT_BYTES:]
    found = PHC.fullmatch(kept)
    if found is None:
        raise ValueError("What is kept of a passphrase is no scrypt hash.")
    ln, r, p, salt, wanted = found.groups()
    return ScryptCost(int(ln), int(r), int(p)), base64.b64decode(salt + b"=="), base64.b64decode(wanted + b"==")


def _base64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _scrypt(phrase: str, salt: bytes, cost: ScryptCost) -> bytes:
    """One keyboard composes an accent and another does not: the same words are the same passphrase."""
    same = unicodedata.normalize("NFKC", phrase).encode()
    return Scrypt(salt=salt, length=HASH_BYTES, n=2**cost.ln, r=cost.r, p=cost.p).derive(same)


_its = passphrases.c.person == bindparam("the_person")
FIND = select(passphrases).where(_its)
LOCK = FIND.with_for_update()
ADD = insert(passphrases)
TRIED = (
    update(passphrases)
    .where(_its)
    .values(wrong=bindparam("new_wrong"), wait_until=bindparam("until"), mac=bindparam("new_mac"))
)
FORGET = delete(passphrases).where(_its)
GONE = select(passphrases.c.person).where(passphrases.c.person.not_in(select(seats.c.person)))
END_OTHERS = delete(sessions).where(
    sessions.c.person == bindparam("the_person"), sessions.c.hash != bindparam("the_hash")
)


class PassphraseRepository(DigestKeeper):
    """What `bot.storage.UnitOfWork` can do about passphrases."""

    _run: Any  # the connection's execute
    _vault: KeyRing

    def phrase(self, person: str, *, write: bool = False) -> PassphraseRow | None:
        """What is kept of a person's passphrase; to write, others wait.

        Tampered where somebody else wrote the row, or took one away: who has none may choose one.
        """
        row = self._run(LOCK if write else FIND, {"the_person": person}).first()
        if row is None:
            self.prove("passphrases")
            return None
        self._mac_of_phrase(row)
        *columns, _ = row
        return replace(PassphraseRow(*columns), body=self._vault.open(f"passphrases/-/{person}", row.body))

    def add_phrase(self, row: PassphraseRow) -> None:
        """Keep a passphrase. Conflict when the person has one."""
        sealed = self._vault.seal(f"passphrases/-/{row.person}", row.body)
        mac = self._phrase_mac(row.person, row.mark, sealed, row.wrong, row.wait_until)
        with unless_taken("passphrase"):
            self._run(ADD, {name: getattr(row, name) for name in row.__slots__} | {"body": sealed, "mac": mac})
        self._count_in(passphrases=mac)

    def phrase_tried(self, person: str, wrong: int, wait_until: str | None) -> None:
        """Note how often a passphrase was tried in vain, and until when none is tried."""
        row = self._run(LOCK, {"the_person": person}).first()
        if row is None:
            return
        before, then = self._mac_of_phrase(row), self._phrase_mac(person, row.mark, row.body, wrong, wait_until)
        self._run(TRIED, {"the_person": person, "new_wrong": wrong, "until": wait_until, "new_mac": then})
        self._count_in(passphrases=before)
        self._count_in(passphrases=then)

    def forget_phrase(self, person: str) -> None:
        """Forget a person's passphrase; no matter if there is none."""
        row = self._run(LOCK, {"the_person": person}).first()
        if row is not None:
            self._run(FORGET, {"the_person": person})
            self._count_in(passphrases=row.mac or b"")

    def forget_phrases_of_gone(self) -> None:
        """Forget the passphrases of all who sit nowhere."""
        for person in self._run(GONE).scalars().all():
            self.forget_phrase(person)

    def end_other_sessions(self, person: str, hash: str) -> None:  # noqa: A002
        """Forget every session of a person but one."""
        self._run(END_OTHERS, {"the_person": person, "the_hash": hash})

    def _phrase_mac(self, *columns: str | int | bytes | None) -> bytes:
        return self._row_mac(PASSPHRASE_LABEL, *columns)

    def _mac_of_phrase(self, row: Any) -> bytes:
        """The MAC of a passphrase's row; Tampered where somebody else wrote it."""
        *columns, mac = row
        expected = self._phrase_mac(*columns)
        if not self._is_ours(f"the passphrase of {row.person}", expected, mac):
            msg = f"the passphrase of {row.person}: changed, or put there by hand"
            raise Tampered(msg)
        return expected
