"""Passphrases of people's own: how they are hashed, and the part of a transaction that keeps them.

A hash costs a guess half a second and 128 MiB, and is sealed with a key that a copy of the database does not
hold: without the master key there is nothing to guess at.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import bindparam, delete, insert, select, update

from bot.store.people import unless_taken
from bot.store.tables import passphrases, seats, sessions

if TYPE_CHECKING:
    from bot.store.vault import Unlocked

SALT = 16  # bytes
COST, BLOCK, LANES = 2**17, 8, 1  # OWASP, Password Storage Cheat Sheet: scrypt


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """What is kept of a person's passphrase. ``mark`` names it in the sessions in which it was entered."""

    person: str
    mark: str
    body: bytes
    wrong: int = 0
    wait_until: str | None = None


def hashed_phrase(phrase: str) -> bytes:
    """What is kept of a passphrase: slow, and large in memory. Never two at a time in a process."""
    salt = secrets.token_bytes(SALT)
    return salt + _scrypt(salt).derive(_bytes(phrase))


def phrase_fits(phrase: str, kept: bytes) -> bool:
    """Whether this is the passphrase of which that is kept; as slow as making it, whatever the answer."""
    try:
        _scrypt(kept[:SALT]).verify(_bytes(phrase), kept[SALT:])
    except InvalidKey:
        return False
    return True


def _scrypt(salt: bytes) -> Scrypt:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=LANES)


def _bytes(phrase: str) -> bytes:
    """One keyboard composes an accent and another does not: the same words are the same passphrase."""
    return unicodedata.normalize("NFKC", phrase).encode()


_its = passphrases.c.person == bindparam("the_person")
FIND = select(passphrases).where(_its)
ADD = insert(passphrases)
TRIED = update(passphrases).where(_its).values(wrong=bindparam("new_wrong"), wait_until=bindparam("until"))
FORGET = delete(passphrases).where(_its)
FORGET_GONE = delete(passphrases).where(passphrases.c.person.not_in(select(seats.c.person)))
UNLOCK = update(sessions).where(sessions.c.hash == bindparam("the_hash")).values(unlocked=bindparam("marks"))
END_OTHERS = delete(sessions).where(
    sessions.c.person == bindparam("the_person"), sessions.c.hash != bindparam("the_hash")
)


class Phrases:
    """What `bot.store.Tx` can do about passphrases."""

    _run: Any  # the connection's execute
    _vault: Unlocked

    def phrase(self, person: str) -> PhraseRow | None:
        """What is kept of a person's passphrase."""
        row = self._run(FIND, {"the_person": person}).first()
        if row is None:
            return None
        return replace(PhraseRow(*row), body=self._vault.open(f"passphrases/-/{person}", row.body))

    def add_phrase(self, row: PhraseRow) -> None:
        """Keep a passphrase. Conflict when the person has one."""
        sealed = self._vault.seal(f"passphrases/-/{row.person}", row.body)
        with unless_taken("passphrase"):
            self._run(ADD, {name: getattr(row, name) for name in row.__slots__} | {"body": sealed})

    def phrase_tried(self, person: str, wrong: int, wait_until: str | None) -> None:
        """Note how often a passphrase was tried in vain, and until when none is tried."""
        self._run(TRIED, {"the_person": person, "new_wrong": wrong, "until": wait_until})

    def forget_phrase(self, person: str) -> None:
        """Forget a person's passphrase; no matter if there is none."""
        self._run(FORGET, {"the_person": person})

    def forget_phrases_of_gone(self) -> None:
        """Forget the passphrases of all who sit nowhere."""
        self._run(FORGET_GONE)

    def unlock_session(self, hash: str, marks: str) -> None:  # noqa: A002
        """Note which passphrases were entered in a session."""
        self._run(UNLOCK, {"the_hash": hash, "marks": marks})

    def end_other_sessions(self, person: str, hash: str) -> None:  # noqa: A002
        """Forget every session of a person but one."""
        self._run(END_OTHERS, {"the_person": person, "the_hash": hash})
