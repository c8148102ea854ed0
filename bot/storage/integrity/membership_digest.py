"""The roll: what all rows that give power add up to, each by its MAC; sealed.

The sums find who was deleted, put in by hand, or put back as they were before: persons; talks that are gone with
all their rows, which no chain tells, or whose proof of having been purged is; an invitation that nobody
made, or that was used and is open again; passphrases; what the office keeps of who may lead and how late it is; and
the texts of checklists. The roll is moved at the very end of a transaction, with its row locked: whoever writes such
rows at the same time waits there for no longer than a commit, and nobody waits for anything else while holding it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from bot.storage import statements as sql
from bot.storage.errors import StoreBusy
from bot.storage.integrity.encryption import CHAIN, OFFICE, KeyRing, Tampered, Vault
from bot.storage.integrity.event_chain import talks_mac
from bot.storage.integrity.row_macs import (
    CHECKLIST_LABEL,
    OFFICE_LABEL,
    in_roll,
    invite_mac,
    open_invite_mac,
    person_mac,
    row_mac,
)
from bot.storage.records import InviteRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Executable

log = logging.getLogger(__name__)
KEY = "roll"  # in the office
ROW = f"office/{OFFICE}/{KEY}"
SUM_BYTES = 32
MISSING = "the roll of persons: it is not there"
COUNTED = frozenset({"first_code", "led", "latest"})  # of the office: what of it gives power, also by not being there
LOOKS = 5  # at the roll and what is in it, between which others write


@dataclass(frozen=True, slots=True)
class MembershipDigest:
    """What all persons add up to, how often one was written, which never goes back, and the sums of all else.

    ``talks`` is None in a roll that was written before schema 0011, ``closed`` in one from before 0013. ``invites``
    are the open invitations, ``closed`` those that were used or have run out.
    """

    sum: int = 0
    writes: int = 0
    talks: int | None = 0
    invites: int = 0
    closed: int | None = 0
    passphrases: int = 0
    office: int = 0
    checklists: int = 0

    def body(self) -> bytes:
        """As it is sealed."""
        told = [self.sum.to_bytes(SUM_BYTES), self.writes.to_bytes(8)]
        if self.talks is not None:
            told += [self.talks.to_bytes(SUM_BYTES), self.invites.to_bytes(SUM_BYTES)]
            if self.closed is not None:
                told += [
                    added.to_bytes(SUM_BYTES) for added in (self.closed, self.passphrases, self.office, self.checklists)
                ]
        return b"".join(told)

    @classmethod
    def of(cls, sealed: bytes) -> MembershipDigest:
        """The roll that was sealed."""
        rest = sealed[SUM_BYTES + 8 :]
        sums: list[int | None] = [int.from_bytes(rest[at : at + SUM_BYTES]) for at in range(0, len(rest), SUM_BYTES)]
        sums += [None, 0, None, 0, 0, 0][len(sums) :]
        talks, invites, closed, *others = sums
        persons = int.from_bytes(sealed[:SUM_BYTES]), int.from_bytes(sealed[SUM_BYTES : SUM_BYTES + 8])
        return cls(*persons, talks, invites or 0, closed, *(other or 0 for other in others))


NOTHING = MembershipDigest()


class DigestKeeper:
    """What `bot.storage.UnitOfWork` does whenever a row is written that gives power, or read."""

    _run: Any
    _vault: KeyRing
    _kept: Vault
    _written: MembershipDigest  # what this transaction adds
    _offices: dict[str, str | None]  # what it writes to the office, which is done under the roll's lock

    def close_roll(self) -> None:
        """Add to the roll what was written: last of all."""
        if self._written == NOTHING and not self._offices:
            return
        roll = self._roll(sql.lock_office)
        self._settle_office()
        self._keep_roll(self._plus(roll, self._written))
        self._written = NOTHING

    # What rows are worth

    def _is_ours(self, what: str, expected: bytes, mac: bytes | None) -> bool:
        """Whether a row's MAC is that which its columns have; what is not ours is told in the log, once."""
        if hmac.compare_digest(expected, mac or b""):
            return True
        if what not in self._kept.refused:
            self._kept.refused.add(what)
            log.critical("%s: changed, or put there by hand. It is refused. Run “readiness verify”.", what)
        return False

    def _person(self, row: Sequence[Any]) -> PersonRow | None:
        """A person as they were written by us; None for a row that somebody else wrote: it is nobody's."""
        *columns, mac = row
        person = PersonRow(*columns)
        return person if self._is_ours(f"person {person.id}", self._person_mac(person), mac) else None

    def _row_mac(self, label: str, *columns: str | int | bytes | None) -> bytes:
        return row_mac(self._vault.key(CHAIN), label, *columns)

    def _person_mac(self, person: PersonRow) -> bytes:
        return person_mac(self._vault.key(CHAIN), person)

    def _invite_mac(self, invite: InviteRow) -> bytes:
        return invite_mac(self._vault.key(CHAIN), invite)

    # What is counted

    def _count_in(self, **macs: bytes) -> None:
        """Count a row in that begins, by the name of its sum; or out, when it ends."""
        key = self._vault.key(CHAIN)
        sums = {name: in_roll(key, mac) for name, mac in macs.items()}
        self._written = self._plus(self._written, MembershipDigest(**sums))

    def _enter(self, mac: bytes) -> None:
        """Count in what was written of a person."""
        self._written = self._plus(self._written, MembershipDigest(in_roll(self._vault.key(CHAIN), mac), 1))

    def _enter_talks(self, negotiation: int) -> None:
        """Count talks in that begin; or out, when they end."""
        self._count_in(talks=talks_mac(self._vault.key(CHAIN), negotiation))

    def _enter_proof(self, mac: bytes) -> None:
        self._count_in(talks=mac)

    def _enter_invite(self, invite: InviteRow) -> None:
        """Count an invitation in as it is now, open or not; or out, as it was."""
        if invite.is_open:
            self._count_in(invites=open_invite_mac(self._vault.key(CHAIN), invite))
        else:
            self._count_in(closed=self._invite_mac(invite))

    def _enter_checklist(self, digest: str) -> None:
        self._count_in(checklists=self._row_mac(CHECKLIST_LABEL, digest))

    def _to_change(self, id: str) -> PersonRow:  # noqa: A002
        """A person, counted out to be written anew. LookupError for nobody, Tampered where the row is not ours."""
        row = self._run(sql.lock_person, {"the_id": id}).first()
        if row is None:
            msg = f"there is no person {id}"
            raise LookupError(msg)
        person = self._person(row)
        if person is None:
            msg = f"person {id}: changed, or put there by hand"
            raise Tampered(msg)
        self._written = self._plus(self._written, MembershipDigest(in_roll(self._vault.key(CHAIN), row.mac)))
        return person

    # The office

    def _office_mac(self, key: str, value: str) -> bytes:
        return self._row_mac(OFFICE_LABEL, key, value)

    def _settle_office(self) -> None:
        """Write what the office is to keep of what is counted, with nobody else writing it."""
        offices, self._offices = self._offices, {}
        for key, value in offices.items():
            before = self._run(sql.get_office, {"the_key": key}).first()
            if before is not None:
                self._count_in(office=self._office_mac(key, before.value))
            if value is None:
                self._run(sql.del_office, {"the_key": key})
            else:
                mac = self._office_mac(key, value)
                self._run(sql.put_office, {"key": key, "value": value, "mac": mac})
                self._count_in(office=mac)

    # Looking at the whole

    def prove(self, name: str) -> None:
        """Look whether all rows of a sum are those that were written: Tampered where one is gone, or is there again.

        For what one row cannot say of itself: that it was not used since, or that there is none.
        """
        for _ in range(LOOKS):
            before = self._sealed_roll()
            there = self._sum(SUMS[name](self))
            if self._sealed_roll() == before:
                break
        else:
            msg = "Others go on writing what was to be looked at: try again."
            raise StoreBusy(msg)
        if getattr(self._plus(self._opened_roll(before), self._written), name) != there:
            msg = f"the roll of {name}: one was put there, changed, deleted, or is there again"
            raise Tampered(msg)

    def _sum(self, macs: Iterable[bytes | None]) -> int:
        """What rows add up to, by their MACs."""
        key, added = self._vault.key(CHAIN), 0
        for mac in macs:
            added ^= in_roll(key, mac or b"")
        return added

    def _open_macs(self) -> Iterable[bytes]:
        key = self._vault.key(CHAIN)
        return (open_invite_mac(key, InviteRow(*row[:-1])) for row in self._run(sql.open_ones))

    def _closed_macs(self) -> Iterable[bytes | None]:
        return (row.mac for row in self._run(sql.closed_ones))

    def _passphrase_macs(self) -> Iterator[bytes | None]:
        yield from self._run(sql.passphrase_macs).scalars()

    def _counted_macs(self) -> Iterator[bytes | None]:
        yield from self._run(sql.office_macs, {"keys": sorted(COUNTED)}).scalars()

    def _checklist_macs(self) -> Iterable[bytes]:
        return (self._row_mac(CHECKLIST_LABEL, digest) for digest in self._run(sql.checklist_digests).scalars())

    # The roll itself

    def _sealed_roll(self, statement: Executable = sql.get_office) -> str:
        row = self._run(statement, {"the_key": KEY}).first()
        if row is None:
            raise Tampered(MISSING)
        sealed: str = row.value
        return sealed

    def _opened_roll(self, sealed: str) -> MembershipDigest:
        try:
            kept = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            kept = b""
        return MembershipDigest.of(self._vault.open(ROW, kept))

    def _roll(self, statement: Executable = sql.get_office) -> MembershipDigest:
        """The roll as it was sealed. Tampered when it is not that."""
        return self._opened_roll(self._sealed_roll(statement))

    def _keep_roll(self, roll: MembershipDigest) -> None:
        sealed = base64.b64encode(self._vault.seal(ROW, roll.body())).decode()
        self._run(sql.put_office, {"key": KEY, "value": sealed, "mac": None})

    @staticmethod
    def _plus(first: MembershipDigest, other: MembershipDigest) -> MembershipDigest:
        def added(name: str) -> int | None:
            mine, others = getattr(first, name), getattr(other, name)
            return None if mine is None or others is None else mine ^ others

        sums = {field.name: added(field.name) for field in fields(MembershipDigest) if field.name != "writes"}
        return MembershipDigest(writes=first.writes + other.writes, **sums)  # type: ignore[arg-type]


# The sums that can be looked at by themselves, and the MACs of what is in them.
SUMS: dict[str, Callable[[DigestKeeper], Iterable[bytes | None]]] = {
    "invites": DigestKeeper._open_macs,  # noqa: SLF001
    "closed": DigestKeeper._closed_macs,  # noqa: SLF001
    "passphrases": DigestKeeper._passphrase_macs,  # noqa: SLF001
    "office": DigestKeeper._counted_macs,  # noqa: SLF001
    "checklists": DigestKeeper._checklist_macs,  # noqa: SLF001
}
