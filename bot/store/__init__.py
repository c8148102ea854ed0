"""What is kept: one transaction at a time, on SQLite or PostgreSQL, in one SQL.

>>> store = Store.open("sqlite:///data/readiness.db", master)
>>> with store.transaction() as tx:
...     if tx.first_time(update_id, at):
...         head = tx.lock(negotiation)
"""

from bot.store.errors import Conflict, Damaged, Refused, StoreBusy, StoreError, StoreUnavailable
from bot.store.groups import GroupRow
from bot.store.notices import NoticeRow, PrefsRow, SeatRow
from bot.store.phrases import OWASP_COST, PhraseRow, ScryptCost, hashed_phrase, phrase_fits
from bot.store.refusals import RefusalRow
from bot.store.rows import ChatRow, EventRow, FileRow, HeardRow, InviteRow, LookRow, PersonRow
from bot.store.sessions import SessionRow
from bot.store.store import Store, schema_of
from bot.store.tx import Tx
from bot.store.vault import Tampered, WrongKey

__all__ = [
    "OWASP_COST",
    "ChatRow",
    "Conflict",
    "Damaged",
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
    "Refused",
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
    "schema_of",
]
