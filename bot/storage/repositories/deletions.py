"""Messages that may not stay in a chat: the part of a transaction that knows them until they are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, select

from bot.storage.schema import deletions
from bot.storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable


class DeletionRow(NamedTuple):
    """A message by its numbers at Telegram, and since when it may not stay, in seconds since 1970."""

    chat_id: int
    message_id: int
    at: int


ADD_DELETIONS = upsert(deletions).on_conflict_do_nothing()
DELETIONS = (
    select(deletions)
    .where(deletions.c.at <= bindparam("until"))
    .order_by(deletions.c.at, deletions.c.chat_id, deletions.c.message_id)
    .limit(bindparam("at_most"))
)
DEL_DELETION = delete(deletions).where(
    deletions.c.chat_id == bindparam("the_chat_id"), deletions.c.message_id == bindparam("the_message_id")
)


class DeletionRepository:
    """What `bot.storage.UnitOfWork` can do about messages that may not stay."""

    _run: Any  # the transaction's, which settles first

    def add_deletions(self, rows: Iterable[DeletionRow]) -> None:
        """Keep in mind that messages may not stay; each is known once."""
        if found := [row._asdict() for row in rows]:
            self._run(ADD_DELETIONS, found)

    def deletions(self, until: int, limit: int) -> list[DeletionRow]:
        """The messages that may not stay since a time or longer, first those that wait longest."""
        return [DeletionRow(*row) for row in self._run(DELETIONS, {"until": until, "at_most": limit})]

    def del_deletion(self, chat_id: int, message_id: int) -> bool:
        """Forget a message, which is deleted or never will be; False when that was done before."""
        found = self._run(DEL_DELETION, {"the_chat_id": chat_id, "the_message_id": message_id})
        return bool(found.rowcount == 1)
