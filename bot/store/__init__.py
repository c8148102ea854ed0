"""What is kept: one transaction at a time, on SQLite or PostgreSQL, in one SQL.

>>> store = Store.open("sqlite:///data/readiness.db")
>>> with store.transaction() as tx:
...     if tx.first_time(update_id, at):
...         head = tx.lock(negotiation)
"""

from bot.store.errors import Conflict, StoreBusy, StoreError, StoreUnavailable
from bot.store.rows import ChatRow, EventRow, FileRow, HeardRow, InviteRow, LookRow, PersonRow
from bot.store.store import Store
from bot.store.tx import Tx

__all__ = [
    "ChatRow",
    "Conflict",
    "EventRow",
    "FileRow",
    "HeardRow",
    "InviteRow",
    "LookRow",
    "PersonRow",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreUnavailable",
    "Tx",
]
