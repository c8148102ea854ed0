"""When a person last looked at a negotiation, and how far it was then.

Looks that follow each other closely are one sitting: going from the summary to a gap and
back does not make what was new old.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.dialog.contract import LastSeen
from bot.domain.events import PersonId
from bot.storage import LastSeenRow, UnitOfWork

SITTING = timedelta(hours=1)  # without a look for as long, the next one begins another sitting


def last_look(tx: UnitOfWork, person: PersonId, number: int, now: datetime) -> LastSeen | None:
    """A person's last look before this sitting; None in their first."""
    row = tx.look(person, number)
    before = _before(row, now) if row else None
    return LastSeen(before[0], datetime.fromisoformat(before[1]).astimezone(now.tzinfo)) if before else None


def mark_seen(tx: UnitOfWork, person: PersonId, number: int, seq: int, now: datetime) -> None:
    """Note that a person looks now, at what stands after an event."""
    row = tx.look(person, number)
    since, since_at = (_before(row, now) if row else None) or (None, None)
    tx.looked(LastSeenRow(person, number, seq, now.astimezone(UTC).isoformat(), since, since_at))


def _before(row: LastSeenRow, now: datetime) -> tuple[int, str] | None:
    if now - datetime.fromisoformat(row.at) > SITTING:
        return row.seq, row.at
    return None if row.since is None or row.since_at is None else (row.since, row.since_at)
