"""The operator's upkeep of a store: verify, witness, purge, a new key, backup and restore."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from bot.archive import Archive
from bot.core.events import EvidenceAdded, EvidenceRemoved, Joined
from bot.dialog.home import Home
from bot.dialog.wire import stored
from bot.store import Store, StoreError
from bot.store.chain import witness_mac
from bot.store.deep import Deep, Head
from bot.store.vault import CHAIN, Vault


class Broken(StoreError):
    """What was found wrong; a line each."""


def verify(store: Store, archive: Archive, witness: str = "") -> list[str]:
    """What is wrong with what is kept: the first wrong row of each negotiation, and all that disagrees with the events.

    With a witness (what `witnessed` gave, kept elsewhere) also what was there then and is not now.
    """
    with store.operating() as tx:
        wrong = list(tx.broken())
        wrong += [] if wrong else list(_disagreeing(tx, archive))
        wrong += _lost(tx, witness) if witness else []
    return wrong


def _disagreeing(tx: Deep, archive: Archive) -> Iterator[str]:
    """Where the small tables say something else than the events."""
    for number, _, head in tx.negotiations():
        if not head:
            yield f"negotiation {number}: it has no events"
            continue
        n = archive.load(tx, number)
        if dict(tx.seats_at(number)) != {one.id: str(one.role) for one in n.here}:
            yield f"negotiation {number}: its seats are not those that its events give"
        kept: set[str] = set()
        for happened in archive.events(tx, number):
            match happened.event:
                case EvidenceAdded(evidence=evidence) if evidence.form == "file":
                    kept.add(evidence.id)
                case EvidenceRemoved(evidence=gone):
                    kept.discard(gone)
                case Joined(person=person) if tx.person(person) is None:
                    yield f"negotiation {number}: nobody knows {person}, who joined by event {happened.seq}"
        for file in sorted(kept):
            if tx.file(file) is None:
                yield f"negotiation {number}: the file {file} is missing"


def witnessed(store: Store) -> str:
    """Where every negotiation stands, signed: a text to keep where the database's keeper cannot reach it."""
    with store.operating() as tx:
        heads = json.dumps([asdict(head) for head in tx.heads()], indent=1)
        return json.dumps({"heads": heads, "mac": witness_mac(tx.secret(CHAIN), heads).hex()}) + "\n"


def _lost(tx: Deep, witness: str) -> list[str]:
    try:
        given = json.loads(witness)
        signed = witness_mac(tx.secret(CHAIN), given["heads"]).hex()
        if not hmac.compare_digest(signed, given["mac"]):
            return ["the witness: it was changed, or it belongs to another database"]
        heads = [Head(**one) for one in json.loads(given["heads"])]
    except (ValueError, KeyError, TypeError):
        return ["the witness: it cannot be read"]
    purged = tx.purged_uids()
    return [
        f"negotiation {head.uid}: event {head.head}, which was witnessed, is not there: an older copy was put back"
        for head in heads
        if head.uid not in purged and tx.mac_at(head.uid, head.head) != head.mac
    ]


def purge(store: Store, number: int, now: datetime, by: str) -> str:
    """Destroy a negotiation: its key and every row of it. What remains says only that it was there. Its uid."""
    with store.operating() as tx:
        uid = next((uid for one, uid, _ in tx.negotiations() if one == number), None)
        if uid is None:
            msg = f"There is no negotiation {number}. “readiness list” shows them."
            raise StoreError(msg)
        for chat in tx.chats_at(number):
            at_home = replace(chat, negotiation=None, place=stored(Home()), aside="", settle="", paper=None)
            tx.put_chat(replace(at_home, answering=None, rev=chat.rev + 1, fresh=True))
        for group in tx.groups_of(number):
            tx.put_group(replace(group, negotiation=None, text=None))
        tx.purge(number, now.isoformat(), by)
    return uid


def rekey(store: Store, new: bytes) -> int:
    """Wrap every key of the store with another master key; how many. All or none."""
    with store.operating() as tx:
        return tx.rekey(Vault(new))


def back_up(store: Store, path: Path) -> int:
    """Back up into a new file; how many rows. A file that is there is not written over."""
    with path.open("xb") as out:
        path.chmod(0o600)
        return store.back_up(out)


def restore(store: Store, path: Path) -> int:
    """Put a backup back into an empty store, and verify it; how many rows."""
    with path.open("rb") as source:
        count = store.restore(source)
    with store.operating() as tx:
        wrong = list(tx.broken())
    if wrong:
        raise Broken("What was restored does not verify: " + "; ".join(wrong[:3]))
    return count
