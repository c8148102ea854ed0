"""What is kept: one transaction at a time, on SQLite or PostgreSQL, in one SQL.

>>> store = Store.open("sqlite:///data/readiness.db", master)
>>> with store.transaction() as tx:
...     if tx.first_time(update_id, at):
...         head = tx.lock(negotiation)
"""

from bot.storage.database import Store
from bot.storage.errors import Conflict, StoreBusy, StoreError, StoreUnavailable
from bot.storage.integrity.encryption import Tampered, WrongKey
from bot.storage.records import ChatRow, EventRow, FileRow, HeardRow, InviteRow, LookRow, PersonRow
from bot.storage.repositories.group_cards import GroupRow
from bot.storage.repositories.notifications import NoticeRow, PrefsRow, SeatRow
from bot.storage.repositories.passphrases import OWASP_COST, PhraseRow, ScryptCost, hashed_phrase, phrase_fits
from bot.storage.repositories.security_log import RefusalRow
from bot.storage.repositories.sessions import SessionRow
from bot.storage.unit_of_work import Tx

__all__ = [
    "OWASP_COST",
    "ChatRow",
    "Conflict",
    "EventRow",
    "FileRow",
    "GroupRow",
    "HeardRow",
    "InviteRow",
    "LookRow",
    "NoticeRow",
    "PersonRow",
    "PhraseRow",
    "PrefsRow",
    "RefusalRow",
    "ScryptCost",
    "SeatRow",
    "SessionRow",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreUnavailable",
    "Tampered",
    "Tx",
    "WrongKey",
    "hashed_phrase",
    "phrase_fits",
]
