"""What is kept: one transaction at a time, on SQLite or PostgreSQL, in one SQL.

>>> store = Store.open("sqlite:///data/readiness.db", master)
>>> with store.transaction() as tx:
...     if tx.first_time(update_id, at):
...         head = tx.lock(negotiation)
"""

from bot.storage.database import Database, schema_of
from bot.storage.errors import Conflict, Damaged, Refused, StoreBusy, StoreError, StoreUnavailable
from bot.storage.integrity.encryption import Tampered, WrongKey
from bot.storage.records import (
    ChatRow,
    EventRow,
    FileRow,
    InviteRow,
    LastSeenRow,
    PersonRow,
    ProcessedUpdateRow,
    SentMessageRow,
    SessionRow,
)
from bot.storage.repositories.deletions import DeletionRow
from bot.storage.repositories.group_cards import GroupCardRow
from bot.storage.repositories.incoming_files import IncomingFileRow
from bot.storage.repositories.notifications import NoticeRow, PreferencesRow, SeatRow
from bot.storage.repositories.passphrases import (
    OWASP_COST,
    PassphraseRow,
    ScryptCost,
    hash_passphrase,
    passphrase_matches,
)
from bot.storage.repositories.security_log import RefusalRow
from bot.storage.unit_of_work import UnitOfWork

__all__ = [
    "OWASP_COST",
    "ChatRow",
    "Conflict",
    "Damaged",
    "Database",
    "DeletionRow",
    "EventRow",
    "FileRow",
    "GroupCardRow",
    "IncomingFileRow",
    "InviteRow",
    "LastSeenRow",
    "NoticeRow",
    "PassphraseRow",
    "PersonRow",
    "PreferencesRow",
    "ProcessedUpdateRow",
    "RefusalRow",
    "Refused",
    "ScryptCost",
    "SeatRow",
    "SentMessageRow",
    "SessionRow",
    "StoreBusy",
    "StoreError",
    "StoreUnavailable",
    "Tampered",
    "UnitOfWork",
    "WrongKey",
    "hash_passphrase",
    "passphrase_matches",
    "schema_of",
]
