"""The roll: what all persons add up to, each by the MAC over their row, all talks, and all open invitations; sealed.

The sums find who was deleted, put in by hand, or put back as they were before; talks that are gone with
all their rows, which no chain tells, or whose proof of having been purged is; and an invitation that nobody
made, or that was used and is open again. The roll is moved at the very
end of a transaction, with its row locked: whoever writes persons at the same time waits there for no
longer than a commit, and nobody waits for anything else while holding it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.storage import statements as sql
from bot.storage.integrity.encryption import CHAIN, OFFICE, KeyRing, Tampered
from bot.storage.integrity.event_chain import in_roll, invite_mac, person_mac, talks_mac
from bot.storage.records import InviteRow, PersonRow

if TYPE_CHECKING:
    from sqlalchemy import Executable

KEY = "roll"  # in the office
ROW = f"office/{OFFICE}/{KEY}"
SUM = 32  # bytes
MISSING = "the roll of persons: it is not there"


@dataclass(frozen=True, slots=True)
class MembershipDigest:
    """What all persons add up to, how often one was written, which never goes back; all talks, and open invitations.

    ``talks`` is None in a roll that was written before schema 0011.
    """

    sum: int = 0
    writes: int = 0
    talks: int | None = 0
    invites: int = 0

    def bytes(self) -> bytes:
        """As it is sealed."""
        rest = b"" if self.talks is None else self.talks.to_bytes(SUM) + self.invites.to_bytes(SUM)
        return self.sum.to_bytes(SUM) + self.writes.to_bytes(8) + rest


class DigestKeeper:
    """What `bot.storage.UnitOfWork` does whenever a person is written, or talks or invitations begin or end."""

    _run: Any
    _vault: KeyRing
    _written: MembershipDigest  # what this transaction adds

    def close_roll(self) -> None:
        """Add to the roll what was written: last of all."""
        if self._written != MembershipDigest():
            self._keep_roll(self._plus(self._roll(sql.lock_office), self._written))
            self._written = MembershipDigest()

    def _person_mac(self, person: PersonRow) -> bytes:
        return person_mac(self._vault.key(CHAIN), person)

    def _enter(self, mac: bytes) -> None:
        """Count in what was written of a person."""
        self._written = self._plus(self._written, MembershipDigest(in_roll(self._vault.key(CHAIN), mac), 1))

    def _enter_talks(self, negotiation: int) -> None:
        """Count talks in that begin; or out, when they end."""
        self._enter_proof(talks_mac(self._vault.key(CHAIN), negotiation))

    def _enter_proof(self, mac: bytes) -> None:
        self._written = self._plus(self._written, MembershipDigest(talks=in_roll(self._vault.key(CHAIN), mac)))

    def _enter_invite(self, invite: InviteRow) -> None:
        """Count an invitation in that is made; or out, when it is used or destroyed."""
        key = self._vault.key(CHAIN)
        self._written = self._plus(self._written, MembershipDigest(invites=in_roll(key, invite_mac(key, invite))))

    def _to_change(self, id: str) -> PersonRow:  # noqa: A002
        """A person, counted out to be written anew. LookupError for nobody, Tampered where the row is not ours."""
        row = self._run(sql.lock_person, {"the_id": id}).first()
        if row is None:
            msg = f"there is no person {id}"
            raise LookupError(msg)
        *columns, mac = row
        person = PersonRow(*columns)
        if not hmac.compare_digest(self._person_mac(person), mac or b""):
            msg = f"person {id}: changed, or put there by hand"
            raise Tampered(msg)
        self._written = self._plus(self._written, MembershipDigest(in_roll(self._vault.key(CHAIN), mac)))
        return person

    def _roll(self, statement: Executable = sql.get_office) -> MembershipDigest:
        """The roll as it was sealed. Tampered when it is not that."""
        sealed = self._run(statement, {"the_key": KEY}).scalar()
        if sealed is None:
            raise Tampered(MISSING)
        try:
            kept = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            kept = b""
        body = self._vault.open(ROW, kept)
        rest = body[SUM + 8 :]
        persons = int.from_bytes(body[:SUM]), int.from_bytes(body[SUM : SUM + 8])
        return MembershipDigest(*persons, int.from_bytes(rest[:SUM]) if rest else None, int.from_bytes(rest[SUM:]))

    def _keep_roll(self, roll: MembershipDigest) -> None:
        sealed = base64.b64encode(self._vault.seal(ROW, roll.bytes())).decode()
        self._run(sql.put_office, {"key": KEY, "value": sealed})

    @staticmethod
    def _plus(one: MembershipDigest, other: MembershipDigest) -> MembershipDigest:
        talks = None if one.talks is None or other.talks is None else one.talks ^ other.talks
        return MembershipDigest(one.sum ^ other.sum, one.writes + other.writes, talks, one.invites ^ other.invites)
