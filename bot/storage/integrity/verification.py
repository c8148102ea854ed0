"""What only the operator's commands do to a store: verify, witness, purge, rekey, seal what is old."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from bot.storage import statements as sql
from bot.storage.integrity.encryption import CHAIN, OFFICE, SIGN, Tampered, Vault
from bot.storage.integrity.event_chain import BEGIN, event_mac, head_mac, purge_mac, talks_mac
from bot.storage.integrity.membership_digest import COUNTED, KEY, SUMS, MembershipDigest
from bot.storage.integrity.row_macs import SEAT_LABEL, in_roll
from bot.storage.records import EventRow, InviteRow, PersonRow, SessionRow
from bot.storage.schema import (
    chats,
    checklists,
    events,
    files,
    groups,
    heard,
    incoming_files,
    invites,
    keys,
    looks,
    negotiations,
    notices,
    office,
    passphrases,
    persons,
    purged,
    seats,
    sent_messages,
    sessions,
    set_aside,
)
from bot.storage.unit_of_work import SEALED, UnitOfWork, sent_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Select, Table

    Home = Callable[[Any, str], str]  # what a row's column is bound to


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where a negotiation's line of events ends, and the MAC of its last event."""

    uid: str
    head: int
    mac: str


class MaintenanceUnit(UnitOfWork):
    """A transaction in which an operator works on the store itself."""

    def secret(self, name: str) -> bytes:
        """One of the unwrapped keys."""
        return self._vault.key(name)

    def negotiations(self) -> list[tuple[int, str, int]]:
        """Every negotiation: number, uid, head."""
        found = self._connection.execute(
            select(negotiations.c.id, negotiations.c.uid, negotiations.c.head).order_by(negotiations.c.id)
        )
        return [(row.id, row.uid, row.head) for row in found]

    # Verifying

    def broken(self) -> Iterator[str]:
        """The first wrong row of each negotiation, and every row beside the events that does not open."""
        for number, _, _ in self.negotiations():
            if wrong := self.broken_line(number, lambda _: None):
                yield wrong
        yield from self.broken_beside()

    def broken_beside(self) -> Iterator[str]:
        """What is wrong beside the lines of events: proofs, checklists, and every row that does not open."""
        yield from self._broken_keys()
        yield from self._broken_persons()
        yield from self._broken_power()
        yield from self._broken_proofs()
        yield from self._broken_checklists()
        yield from self._broken_rows()

    def broken_line(self, number: int, look: Callable[[EventRow], None]) -> str:
        """What is wrong first in a negotiation's line of events; nothing when it stands. ``look`` gets each event."""
        row = self._connection.execute(select(negotiations).where(negotiations.c.id == number)).first()
        if row is None:
            return ""  # purged meanwhile
        key, mac, last, unseal = self._vault.key(CHAIN), BEGIN, 0, self._vault.open
        with self._connection.execute(
            sql.whole_line, {"the_negotiation": number}, execution_options={"yield_per": 1000}
        ) as found:
            for seq, at, by, update_id, body, its in found:
                if seq != last + 1:
                    return f"negotiation {number}, event {seq}: event {last + 1} is missing before it"
                mac = event_mac(key, mac, number, seq, at, by, update_id, body)
                if mac != its:
                    return f"negotiation {number}, event {seq}: changed, or moved there"
                try:
                    look(EventRow(seq, at, by, update_id, unseal(f"events/{number}/{seq}", body)))
                except Tampered as error:
                    return f"negotiation {number}, event {seq}: {error}"
                last = seq
        if last != row.head:
            return f"negotiation {number}: it should end at event {row.head} and ends at {last}"
        if row.mac != head_mac(key, number, row.uid, row.head, mac):
            return f"negotiation {number}: its head was changed, or its last events were cut off"
        return ""

    def _broken_proofs(self) -> Iterator[str]:
        key = self._vault.key(CHAIN)
        for row in self._connection.execute(select(purged).order_by(purged.c.number)):
            if row.mac != purge_mac(key, row.told) or json.loads(row.told)["number"] != row.number:
                yield f"the proof that negotiation {row.number} was purged: changed"

    def _broken_keys(self) -> Iterator[str]:
        for row in self._connection.execute(select(keys).order_by(keys.c.name)):
            if not self._vault.opens(row.name, row.wrapped):
                yield f"the key of {row.name}: changed, or wrapped with another master key"

    def _broken_persons(self) -> Iterator[str]:
        key, added = self._vault.key(CHAIN), 0
        every = select(persons).order_by(persons.c.joined_at, persons.c.id)
        for *columns, mac in self._connection.execute(every):
            person = PersonRow(*columns)
            added ^= in_roll(key, mac or b"")
            if not hmac.compare_digest(self._person_mac(person), mac or b""):
                yield f"person {person.id}: changed, or put there by hand"
        try:
            roll = self._roll()
            if roll.sum != added:
                yield "the roll of persons: somebody was deleted, put there by hand, or put back as they were before"
            if roll.talks is None:
                yield "the roll of talks: it is from before there was one: an older copy was put back"
                return
            if roll.talks != self._talks():
                yield "the roll of talks: a negotiation, or the proof that one was purged, was deleted or put there"
            if roll.closed is None:
                yield "the roll of passphrases: it is from before there was one: an older copy was put back"
                return
            for name, macs in SUMS.items():
                if getattr(roll, name) != self._sum(macs(self)):
                    yield WRONG[name]
        except Tampered as error:
            yield str(error)

    def _broken_power(self) -> Iterator[str]:
        """Every row that gives power and is not as it was written."""
        for rows, _, named, mac in POWER:
            for row in self._connection.execute(rows):
                if not hmac.compare_digest(mac(self, row), row.mac or b""):
                    yield f"{named(row)}: changed, or put there by hand"

    def _talks(self) -> int:
        """What all talks add up to, those that were purged by their proofs."""
        key, added = self._vault.key(CHAIN), 0
        there = [talks_mac(key, number) for number, _, _ in self.negotiations()]
        for mac in (*there, *self._connection.execute(select(purged.c.mac)).scalars()):
            added ^= in_roll(key, mac)
        return added

    def _broken_checklists(self) -> Iterator[str]:
        for row in self._connection.execute(select(checklists).order_by(checklists.c.digest)):
            if hashlib.sha256(row.body.encode()).hexdigest() != row.digest:
                yield f"the checklist {row.digest[:12]}…: changed"

    def _broken_rows(self) -> Iterator[str]:
        for table, names, home in BOUND:
            for row in self._connection.execute(select(table), execution_options={"yield_per": 100}):
                for name in names:
                    if (body := getattr(row, name)) is not None:
                        yield from self._one(home(row, name), body)

    def _one(self, row: str, body: bytes) -> Iterator[str]:
        try:
            self._vault.open(row, body)
        except Tampered as error:
            yield str(error)

    def invites_to(self, number: int) -> set[tuple[str, str, str | None, str]]:
        """The invitations to a negotiation: hash, role, whom they sign in, end."""
        columns = invites.c.hash, invites.c.role, invites.c.person, invites.c.expires_at
        return {tuple(row) for row in self._connection.execute(select(*columns).where(invites.c.negotiation == number))}

    # Witnessing

    def heads(self) -> list[ChainHead]:
        """Where every line of events ends."""
        found = self._connection.execute(
            select(negotiations.c.uid, negotiations.c.head, events.c.mac)
            .outerjoin(events, (events.c.negotiation == negotiations.c.id) & (events.c.seq == negotiations.c.head))
            .order_by(negotiations.c.id)
        )
        return [ChainHead(row.uid, row.head, (row.mac or BEGIN).hex()) for row in found]

    def roll(self) -> MembershipDigest:
        """What all persons add up to. Tampered when it was touched."""
        return self._roll()

    def mac_at(self, uid: str, seq: int) -> str | None:
        """The MAC of an event of a negotiation; None when it is not there."""
        found = self._connection.execute(
            select(events.c.mac)
            .join(negotiations, negotiations.c.id == events.c.negotiation)
            .where(negotiations.c.uid == uid, events.c.seq == seq)
        ).scalar()
        if seq == 0:
            return BEGIN.hex()
        return found.hex() if found else None

    def purged_uids(self) -> set[str]:
        """The negotiations that were purged."""
        return {json.loads(row.told)["uid"] for row in self._connection.execute(select(purged))}

    # Purging

    def purge(self, number: int, at: str, by: str) -> None:
        """Destroy a negotiation's key and all its rows; a proof that it was here stays."""
        uid, head = self._connection.execute(
            select(negotiations.c.uid, negotiations.c.head).where(negotiations.c.id == number)
        ).one()
        mac = self._mac_of(number, head)
        told = json.dumps(
            {"number": number, "uid": uid, "events": head, "last": (mac or BEGIN).hex(), "at": at, "by": by}
        )
        self._connection.execute(delete(keys).where(keys.c.name == str(number)))
        for *columns, _ in self._connection.execute(select(invites).where(invites.c.negotiation == number)).all():
            self._enter_invite(InviteRow(*columns))
        for table in (events, files, incoming_files, invites, seats, notices, looks):
            self._connection.execute(delete(table).where(table.c.negotiation == number))
        self._connection.execute(delete(heard).where(heard.c.negotiation == number))
        shown = (sent_messages.c.negotiation == number) | (sent_messages.c.negotiation_before == number)
        self._connection.execute(delete(sent_messages).where(shown))
        self._connection.execute(delete(groups).where(groups.c.negotiation == number))  # which put the bot out
        self._connection.execute(delete(negotiations).where(negotiations.c.id == number))
        self.forget_phrases_of_gone()
        proof = purge_mac(self._vault.key(CHAIN), told)
        self._connection.execute(purged.insert().values(number=number, told=told, mac=proof))
        self._enter_talks(number)
        self._enter_proof(proof)

    # Keys

    def rekey(self, new: Vault) -> int:
        """Wrap every key with another master key; how many. All or none.

        PostgreSQL keeps what is deleted in its files and log for a while, the wrapped keys of what was purged too: once
        the old master key is destroyed, nothing opens it.
        """
        self.set_office(GONE_FOR_GOOD, str(len(self.purged())))
        rows = self._connection.execute(select(keys)).all()
        for row in rows:
            key = self._vault.key(row.name)
            self._connection.execute(
                update(keys).where(keys.c.name == row.name).values(wrapped=new.wrap(row.name, key))
            )
        return len(rows)

    def unfinished(self) -> int:
        """How many were purged since the master key was changed last."""
        return len(self.purged()) - int(self.get_office(GONE_FOR_GOOD) or 0)

    def enter_old(self) -> None:
        """Enter everybody in a new roll: those from before there was one."""
        self._keep_roll(MembershipDigest(talks=None))
        for *columns, _ in self._connection.execute(select(persons)).all():
            mac = self._person_mac(PersonRow(*columns))
            self._connection.execute(update(persons).where(persons.c.id == columns[0]).values(mac=mac))
            self._enter(mac)
        self.close_roll()

    def enter_rest(self) -> None:
        """Enter all talks and open invitations in a roll from before they were."""
        if (roll := self._roll(sql.lock_office)).talks is None:
            self._keep_roll(replace(roll, talks=self._talks(), invites=self._sum(SUMS["invites"](self)), closed=None))

    def enter_power(self) -> None:
        """Give every row that gives power its MAC, and enter it in a roll from before they were."""
        for rows, table, _, mac in POWER:
            for row in self._connection.execute(rows).all():
                there = [key == getattr(row, key.name) for key in table.primary_key]
                self._connection.execute(update(table).where(*there).values(mac=mac(self, row)))
        sums = {name: self._sum(macs(self)) for name, macs in SUMS.items() if name != "invites"}
        self._keep_roll(replace(self._roll(sql.lock_office), **sums))

    def seal_old(self) -> None:
        """Seal and chain what was written before there were keys."""
        for number, uid, head in self.negotiations():
            if self._wrapped(str(number)) is None:
                self._vault.make(str(number))
            self._chain_old(number, uid, head)
        for table, names, home in BOUND:
            self._seal_open(table, names, home, select(table))

    def seal_names(self) -> None:
        """Seal the names of files, which were not at first. On SQLite nothing is left of them in free bytes."""
        self._seal_open(files, ("name",), _of_file, select(files.c.id, files.c.negotiation, files.c.name))

    def _seal_open(self, table: Table, names: tuple[str, ...], home: Home, rows: Select[Any]) -> None:
        for row in self._connection.execute(rows).all():
            sealed = {}
            for name in names:
                body = getattr(row, name)
                if body is not None and body[:1] != SIGN:
                    sealed[name] = self._vault.seal(home(row, name), body)
            if sealed:
                there = [key == getattr(row, key.name) for key in table.primary_key]
                self._connection.execute(update(table).where(*there).values(**sealed))

    def _chain_old(self, number: int, uid: str, head: int) -> None:
        mac, key = BEGIN, self._vault.key(CHAIN)
        for row in self._connection.execute(
            select(events).where(events.c.negotiation == number).order_by(events.c.seq)
        ).all():
            body = row.body if row.body[:1] == SIGN else self._vault.seal(f"events/{number}/{row.seq}", row.body)
            mac = event_mac(key, mac, number, row.seq, row.at, row.by, row.update_id, body)
            self._connection.execute(
                update(events).where(events.c.negotiation == number, events.c.seq == row.seq).values(body=body, mac=mac)
            )
        self._connection.execute(
            update(negotiations).where(negotiations.c.id == number).values(mac=head_mac(key, number, uid, head, mac))
        )


WRONG = {
    "invites": "the roll of invitations: one was put there, changed, deleted, or is open again",
    "closed": "the roll of invitations: one that was used or has run out was changed, deleted, or put there",
    "passphrases": "the roll of passphrases: one was put there, changed, deleted, or is there again",
    "office": f"the roll of the office: {', '.join(sorted(COUNTED))}: one was changed, deleted, or is there again",
    "checklists": "the roll of checklists: the text of one was deleted, or put there",
}
# Every row that gives power, beside the persons: the rows, their table, what one is called, and the MAC of its columns.
POWER: tuple[tuple[Select[Any], Table, Callable[[Any], str], Callable[[MaintenanceUnit, Any], bytes]], ...] = (
    (
        select(seats).order_by(seats.c.negotiation, seats.c.person),
        seats,
        lambda row: f"the seat of {row.person} at negotiation {row.negotiation}",
        lambda tx, row: tx._row_mac(SEAT_LABEL, row.negotiation, row.person, row.role),  # noqa: SLF001
    ),
    (
        select(invites).order_by(invites.c.hash),
        invites,
        lambda row: f"invitation {row.hash[:12]}…",
        lambda tx, row: tx._invite_mac(InviteRow(*row[:-1])),  # noqa: SLF001
    ),
    (
        select(passphrases).order_by(passphrases.c.person),
        passphrases,
        lambda row: f"the passphrase of {row.person}",
        lambda tx, row: tx._phrase_mac(*row[:-1]),  # noqa: SLF001
    ),
    (
        select(sessions).order_by(sessions.c.hash),
        sessions,
        lambda row: f"a session of {row.person}",
        lambda tx, row: tx._session_mac(SessionRow(*row[:-1])),  # noqa: SLF001
    ),
    (
        select(office).where(office.c.key != KEY).order_by(office.c.key),
        office,
        lambda row: f"office {row.key}",
        lambda tx, row: tx._office_mac(row.key, row.value),  # noqa: SLF001
    ),
)
GONE_FOR_GOOD = "gone_for_good"  # in the office: how many had been purged when the master key was changed last


def _of(negotiation: int | None) -> str:
    return OFFICE if negotiation is None else str(negotiation)


def _of_sent(row: Any, name: str) -> str:
    negotiation = row.negotiation if name == "place" else row.negotiation_before
    return sent_name(negotiation, row.person, row.message_id)


def _of_file(row: Any, name: str) -> str:
    home = f"files/{row.negotiation}/{row.id}"
    return home if name == "body" else f"{home}/{name}"


# Every table with sealed columns beside the events: its columns, and what each is bound to.
BOUND: tuple[tuple[Table, tuple[str, ...], Home], ...] = (
    (chats, SEALED, lambda row, name: f"chats/{_of(row.negotiation)}/{row.person}/{name}"),
    (heard, ("place",), lambda row, _: f"heard/{_of(row.negotiation)}/{row.update_id}"),
    (sent_messages, ("place", "place_before"), _of_sent),
    (set_aside, ("raw",), lambda row, _: f"set_aside/-/{row.update_id}"),
    (files, ("body", "name"), _of_file),
    (incoming_files, ("body",), lambda row, _: f"incoming_files/{row.negotiation}/{row.person}/{row.update_id}"),
    (notices, ("body",), lambda row, _: f"notices/{row.negotiation}/{row.person}/{row.key}"),
    (passphrases, ("body",), lambda row, _: f"passphrases/-/{row.person}"),
    (groups, ("title", "text"), lambda row, name: f"groups/{_of(row.negotiation)}/{row.chat_id}/{name}"),
)
