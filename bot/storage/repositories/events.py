"""Negotiations and their events, each chained to the one before: the part of a transaction that keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.storage import statements as sql
from bot.storage.errors import Conflict
from bot.storage.integrity.encryption import CHAIN, KeyRing, Tampered, Vault
from bot.storage.integrity.event_chain import BEGIN, event_mac, head_mac
from bot.storage.integrity.membership_digest import DigestKeeper
from bot.storage.records import EventRow
from bot.storage.repositories.people import unless_taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Executable


@dataclass(frozen=True, slots=True)
class NegotiationHead:
    """How far a negotiation is; the MAC covers the last event's."""

    seq: int
    uid: str
    mac: bytes | None


class EventRepository(DigestKeeper):
    """What `bot.storage.UnitOfWork` can do about negotiations and their events."""

    _run: Any  # the transaction's, which settles first
    _puts_off: bool  # whether what is written may wait until `settle`
    _vault: KeyRing
    _kept: Vault  # the store's, which outlives the transaction
    _heads: dict[int, NegotiationHead]  # of negotiations that are locked: nobody else can move them until the end
    _left: dict[int, NegotiationHead]  # where these are in the database until what was put off is written,
    _waiting: list[dict[str, Any]]  # and the events that are

    def new_negotiation(self, uid: str) -> int:
        """Begin a negotiation without events; its number. Conflict when the uid is taken."""
        with unless_taken(f"negotiation {uid}"):
            made: int = self._run(sql.new_negotiation, {"uid": uid, "head": 0}).scalar_one()
        self._vault.make(str(made))
        self._enter_talks(made)
        mac = head_mac(self._vault.key(CHAIN), made, uid, 0, BEGIN)
        self._run(sql.move_head, {"the_id": made, "the_head": 0, "new_head": 0, "new_mac": mac})
        return made

    def negotiation_by_uid(self, uid: str) -> int | None:
        """A negotiation's number."""
        return self._number(sql.negotiation_by_uid, the_uid=uid)

    def lock(self, negotiation: int) -> int | None:
        """The last event's seq, with other writers kept waiting until this transaction ends."""
        if (known := self._heads.get(negotiation)) is not None:
            return known.seq
        found = self._head(sql.lock, negotiation)
        if found is None:
            return None
        self._heads[negotiation] = found
        return found.seq

    def head(self, negotiation: int) -> int | None:
        """The last event's seq; 0 before the first, None for no such negotiation."""
        return self._number(sql.head, the_id=negotiation)

    def events(self, negotiation: int, after_seq: int = 0) -> Iterator[EventRow]:
        """Events in order, from the one after `after_seq`. Read them inside the transaction."""
        rows = self._run(sql.events_after, {"the_negotiation": negotiation, "after_seq": after_seq})
        unseal = self._vault.open
        return (
            EventRow(seq, at, by, update_id, unseal(f"events/{negotiation}/{seq}", body))
            for seq, at, by, update_id, body in rows
        )

    def whole_line(self, negotiation: int) -> Iterator[EventRow]:
        """All events in order, each proven to be the one that was written: Tampered at the first that is not.

        Who belongs to a negotiation and in which role follows from them.
        """
        key, mac, last, unseal = self._vault.key(CHAIN), BEGIN, 0, self._vault.open
        for seq, at, by, update_id, body, its in self._run(sql.whole_line, {"the_negotiation": negotiation}):
            mac = event_mac(key, mac, negotiation, seq, at, by, update_id, body)
            if seq != last + 1 or mac != its:
                msg = f"negotiation {negotiation}, event {seq}: changed, moved there, or one before it is missing"
                raise Tampered(msg)
            last = seq
            yield EventRow(seq, at, by, update_id, unseal(f"events/{negotiation}/{seq}", body))
        there = self._heads.get(negotiation) or self._head(sql.at_head, negotiation)
        if last and there is None:
            msg = f"negotiation {negotiation}: its row is gone, and its events are there"
            raise Tampered(msg)
        if there is not None and there.seq == last:  # else others have written more since
            self._prove_head(negotiation, there, mac)

    def append(self, negotiation: int, rows: Sequence[EventRow], head: int) -> None:
        """Add events after the last one; `head` is the seq of the last event then.

        Conflict when another writer was first, or there is no such negotiation.
        """
        if not rows:
            return
        first = rows[0].seq
        if [row.seq for row in rows] != list(range(first, head + 1)):
            msg = f"events {[row.seq for row in rows]} do not lead without a gap to {head}"
            raise ValueError(msg)
        locked = self._heads.get(negotiation)
        there = locked or self._head(sql.at_head, negotiation)
        last = self._last_mac(negotiation, there) if there is not None and there.seq == first - 1 else None
        if there is None or last is None:
            msg = f"Negotiation {negotiation} is not at event {first - 1}, where this was decided."
            raise Conflict(msg)
        written = []
        for row in rows:
            written.append(self._event(negotiation, row, last))
            last = written[-1]["mac"]
        self._left.setdefault(negotiation, there)
        self._heads[negotiation] = NegotiationHead(head, there.uid, self._head_mac(negotiation, there.uid, head, last))
        self._waiting += written
        self._kept.tails[negotiation] = last
        if not (locked and self._puts_off):
            self._settle_events()

    def _settle_events(self) -> None:
        """Write the events that were put off."""
        left, self._left = self._left, {}
        written, self._waiting = self._waiting, []
        for negotiation, there in left.items():
            to = self._heads[negotiation]
            values = {"the_id": negotiation, "the_head": there.seq, "new_head": to.seq, "new_mac": to.mac}
            if self._run(sql.move_head, values).rowcount != 1:
                msg = f"Negotiation {negotiation} is not at event {there.seq} any more."
                raise Conflict(msg)
        if written:
            with unless_taken(f"an event of negotiation {', '.join(map(str, left))}"):
                self._run(sql.append, written)

    def _event(self, negotiation: int, row: EventRow, before: bytes) -> dict[str, Any]:
        sealed = self._vault.seal(f"events/{negotiation}/{row.seq}", row.body)
        key = self._vault.key(CHAIN)
        return {
            "negotiation": negotiation,
            "seq": row.seq,
            "at": row.at,
            "by": row.by,
            "update_id": row.update_id,
            "body": sealed,
            "mac": event_mac(key, before, negotiation, row.seq, row.at, row.by, row.update_id, sealed),
        }

    def _last_mac(self, negotiation: int, there: NegotiationHead) -> bytes | None:
        """The last event's MAC: the one written last here if it is the one that the head's covers, else as stored.

        The former may be of a transaction that was rolled back, or be followed by events of another process.
        """
        known = self._kept.tails.get(negotiation)
        if known is not None and self._head_mac(negotiation, there.uid, there.seq, known) == there.mac:
            return known
        found = self._mac_of(negotiation, there.seq)
        if found is not None:
            self._prove_head(negotiation, there, found)
        return found

    def _prove_head(self, negotiation: int, there: NegotiationHead, last: bytes) -> None:
        if self._head_mac(negotiation, there.uid, there.seq, last) != there.mac:
            msg = f"negotiation {negotiation}: its head was changed, or its last events were cut off"
            raise Tampered(msg)

    def _mac_of(self, negotiation: int, seq: int) -> bytes | None:
        """The MAC of an event; what stands before the first one for 0."""
        if not seq:
            return BEGIN
        found: bytes | None = self._run(sql.event_mac, {"the_negotiation": negotiation, "the_seq": seq}).scalar()
        return found

    def _head_mac(self, negotiation: int, uid: str, head: int, last: bytes) -> bytes:
        return head_mac(self._vault.key(CHAIN), negotiation, uid, head, last)

    def _head(self, statement: Executable, negotiation: int) -> NegotiationHead | None:
        row = self._run(statement, {"the_id": negotiation}).first()
        return None if row is None else NegotiationHead(*row)

    def _number(self, statement: Executable, **values: object) -> int | None:
        found: int | None = self._run(statement, values).scalar()
        return found
