"""The operator's upkeep of a store: verify, witness, purge, a new key, backup and restore."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.application.negotiations import NegotiationRepository, Unopenable
from bot.dialog.callback_data import stored
from bot.dialog.screens.home import Home
from bot.domain.events import EvidenceAdded, Invited, Joined, Left, RoleGiven
from bot.storage import Damaged, Database, EventRow, StoreError, backup
from bot.storage.backup import BackupContents
from bot.storage.integrity.encryption import CHAIN, Tampered, Vault
from bot.storage.integrity.event_chain import witness_mac
from bot.storage.integrity.verification import ChainHead, MaintenanceUnit
from bot.storage.new_file import new_file

# How the events begin that the small tables follow from.
TELLING = tuple(
    f'{{"kind":"{event.model_fields["kind"].default}"'.encode()
    for event in (EvidenceAdded, Invited, Joined, Left, RoleGiven)
)


UNFINISHED = (
    "PostgreSQL keeps what it deletes for a while, and so the sealed key{1} of {0} destroyed negotiation{1}. "
    "Stop the bot, run “readiness rekey NEW”, and destroy the old key with all its copies: then nothing opens them."
)


class IntegrityError(Damaged):
    """What was found wrong; a line each."""


def verify(store: Database, archive: NegotiationRepository, witness: str = "") -> list[str]:
    """What is wrong with what is kept: the first wrong row of each negotiation, and all that disagrees with the events.

    With a witness (what `witnessed` gave, kept elsewhere) also what was there then and is not now.
    """
    with store.inspecting() as tx:
        wrong = [*tx.broken_beside(), *(_lost(tx, witness) if witness else ())]
        numbers = [number for number, _, _ in tx.negotiations()]
    for number in numbers:  # each by itself, so that nobody who writes waits for the end
        with store.inspecting() as tx:
            wrong += _wrong(tx, archive, number)
    return wrong


@dataclass
class _Tally:
    """What the events of a negotiation say of its small tables."""

    archive: NegotiationRepository
    events: int = 0
    seats: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    invited: set[tuple[str, str, str | None, str]] = field(default_factory=set)
    joined: list[tuple[str, int]] = field(default_factory=list)

    def look(self, row: EventRow) -> None:
        """Take an event in. Most say nothing of these, and are not read for it."""
        self.events += 1
        if not row.body.startswith(TELLING) and row.body.startswith(b'{"kind":"'):
            return
        match self.archive.happened(row).event:
            case EvidenceAdded(evidence=evidence) if evidence.form == "file":
                self.kept.add(evidence.id)
            case Invited(invite=invite, role=role, expires_at=expires, person=person):
                self.invited.add((invite, role, person, expires.isoformat()))
            case Joined(person=person, role=role):
                self.seats[person] = role
                self.joined.append((person, row.seq))
            case RoleGiven(person=person, role=role) if person in self.seats:
                self.seats[person] = role
            case Left(person=person):
                self.seats.pop(person, None)
            case _:
                pass


def _wrong(tx: MaintenanceUnit, archive: NegotiationRepository, number: int) -> Iterator[str]:
    """What is wrong with a negotiation: the first wrong event, else where the small tables say something else."""
    told = _Tally(archive)
    if broken := tx.broken_line(number, told.look):
        yield broken
        return
    if not told.events and tx.head(number) is not None:
        yield f"negotiation {number}: it has no events"
        return
    if dict(tx.seats_at(number)) != told.seats:
        yield f"negotiation {number}: its seats are not those that its events give"
    if tx.invites_to(number) - told.invited:
        yield f"negotiation {number}: an invitation is not one that its events give"
    for person, seq in told.joined:
        if tx.person(person) is None:
            yield f"negotiation {number}: nobody knows {person}, who joined by event {seq}"
    for file in sorted(told.kept):
        if tx.file(file) is None:
            yield f"negotiation {number}: the file {file} is missing"
    if told.events:
        yield from _unopenable(tx, archive, number)


def _unopenable(tx: MaintenanceUnit, archive: NegotiationRepository, number: int) -> Iterator[str]:
    """What keeps a negotiation from being opened, as an export would open it."""
    try:
        archive.load(tx, number)
    except Unopenable as error:
        yield str(error)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        yield f"negotiation {number}: it cannot be opened: {type(error).__name__}"
    archive.forget([number])


def witnessed(store: Database) -> str:
    """Where every negotiation stands, signed: a text to keep where the database's keeper cannot reach it."""
    with store.operating() as tx:
        heads = json.dumps([asdict(head) for head in tx.heads()], indent=1)
        persons = str(tx.roll().writes)
        signed = witness_mac(tx.secret(CHAIN), heads + persons).hex()
        return json.dumps({"heads": heads, "persons": persons, "mac": signed}) + "\n"


def _lost(tx: MaintenanceUnit, witness: str) -> list[str]:
    try:
        given = json.loads(witness)
        persons = given.get("persons", "")  # an earlier version's says nothing of them
        signed = witness_mac(tx.secret(CHAIN), given["heads"] + persons).hex()
        if not hmac.compare_digest(signed, given["mac"]):
            return ["the witness: it was changed, or it belongs to another database"]
        heads = [ChainHead(**head) for head in json.loads(given["heads"])]
        written = int(persons or 0)
    except (ValueError, KeyError, TypeError):
        return ["the witness: it cannot be read"]
    purged = tx.purged_uids()
    older = ["persons: they are as before what was witnessed: an older copy was put back"]
    return older * (_written(tx) < written) + [
        f"negotiation {head.uid}: event {head.head}, which was witnessed, is not there: an older copy was put back"
        for head in heads
        if head.uid not in purged and tx.mac_at(head.uid, head.head) != head.mac
    ]


def _written(tx: MaintenanceUnit) -> float:
    """How often persons were written; where the roll was touched, which is told elsewhere, as often as you like."""
    try:
        return tx.roll().writes
    except Tampered:
        return math.inf


def purge(
    store: Database, number: int, now: datetime, by: str, is_due: Callable[[MaintenanceUnit], bool] = lambda _: True
) -> str:
    """Destroy a negotiation: its key and every row of it. What remains says only that it was there. Its uid.

    Nothing is done, and no uid given, where it ``is_due`` no more once nobody else can write to it.
    """
    with store.operating() as tx:
        is_there = tx.lock(number) is not None  # of two who destroy it at once, the second finds nothing
        uid = next((uid for other, uid, _ in tx.negotiations() if other == number), None)
        if uid is None or not is_there:
            msg = f"There is no negotiation {number}. “readiness list” shows them."
            raise StoreError(msg)
        if not is_due(tx):
            return ""
        for chat in tx.chats_at(number):
            at_home = replace(chat, negotiation=None, place=stored(Home()), aside="", settle="", paper=None)
            tx.put_chat(replace(at_home, answering=None, rev=chat.rev + 1, fresh=True))
        for group in tx.groups_of(number):
            tx.put_group(replace(group, negotiation=None, text=None))
        tx.purge(number, now.isoformat(), by)
    return uid


def unfinished(store: Database) -> str:
    """What is still to be done so that what was purged opens no more; nothing when all is done."""
    if not store.keeps_deleted:
        return ""
    with store.inspecting() as tx:
        count = tx.unfinished()
    return UNFINISHED.format(count, "s" * (count != 1)) if count > 0 else ""


def rekey(store: Database, new: bytes) -> int:
    """Wrap every key of the store with another master key; how many. All or none."""
    with store.operating() as tx:
        return tx.rekey(Vault(new))


def back_up(store: Database, path: Path) -> BackupContents:
    """Back up into a new file, which is on the disk then. A file that is there is not written over."""
    with new_file(path) as out:
        return store.back_up(out)


def prove(path: Path, master: bytes) -> None:
    """Read a backup to its end. StoreError when it is not whole, or sealed with another key."""
    with path.open("rb") as source:
        backup.prove(master, source)


def restore(store: Database, path: Path) -> BackupContents:
    """Put a backup back into an empty store, and verify it."""
    with path.open("rb") as source:
        held = store.restore(source)
    with store.operating() as tx:
        wrong = list(tx.broken())
    if wrong:
        raise IntegrityError("What was restored does not verify: " + "; ".join(wrong[:3]))
    return held
