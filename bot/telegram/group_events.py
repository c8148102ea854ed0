"""What happens in a group that concerns its card. Nothing else of what is said there is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from telegram.constants import ChatMemberStatus, ChatType

from bot.dialog.screens.group_cards import COMMAND
from bot.telegram.formatting import clean

if TYPE_CHECKING:
    from telegram import ChatMemberUpdated, Message, Update

GROUPS = {ChatType.GROUP, ChatType.SUPERGROUP}
OUT = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """Somebody asked for a card, the bot was removed or given other rights, or the group moved to ``to``."""

    update_id: int
    kind: Literal["asked", "left", "rights", "moved"]
    group: int
    telegram_id: int = 0
    title: str = ""
    to: int = 0
    topic: int = 0  # of a forum, in which it was asked; 0 is General


def group_news(update: Update, username: str) -> GroupEvent | None:
    """What an update tells of a group's card, if anything. ``username`` is the bot's, without "@"."""
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member)
    message = update.message
    if message is None or message.chat.type not in GROUPS:
        return None
    here = message.chat.id
    if message.migrate_to_chat_id:
        return GroupEvent(update.update_id, "moved", here, to=message.migrate_to_chat_id)
    if message.migrate_from_chat_id:
        return GroupEvent(update.update_id, "moved", message.migrate_from_chat_id, to=here)
    who = message.from_user
    if who is None or who.is_bot or not _asks(message, username):
        return None
    return GroupEvent(
        update.update_id, "asked", here, who.id, clean(message.chat.title or "").strip(), topic=topic_of(message)
    )


def topic_of(message: Message) -> int:
    """The topic of a forum in which a message stands, 0 for General; threads of replies elsewhere are none."""
    return (message.message_thread_id or 0) if message.is_topic_message else 0


def _membership(update_id: int, change: ChatMemberUpdated) -> GroupEvent | None:
    if change.chat.type not in GROUPS:
        return None
    kind: Literal["left", "rights"] = "left" if change.new_chat_member.status in OUT else "rights"
    return GroupEvent(update_id, kind, change.chat.id)


def _asks(message: Message, username: str) -> bool:
    asked = rf"/{COMMAND}(?:@{re.escape(username)})?"
    return re.fullmatch(asked, (message.text or "").strip(), re.IGNORECASE) is not None
