"""A Telegram update in our words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from telegram.constants import ChatType
from telegram.ext.filters import StatusUpdate

from bot.application.messages import IncomingUpdate, Origin
from bot.dialog.contract import Command, FileReply, Reply, TextReply, UnsupportedReply
from bot.dialog.limit_messages import LARGEST
from bot.domain.folding import visible
from bot.telegram.formatting import clean
from bot.telegram.group_events import GroupEvent, group_news, topic_of

if TYPE_CHECKING:
    from telegram import CallbackQuery, Message, Update, User

GAME = "game"  # a tap that carries nothing: no button of ours
NAME = 200  # characters of a file's name
NAME_SHOWN = 60  # characters of whoever wrote what was forwarded
WANTED = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")

COMMAND = re.compile(r"/([A-Za-z]\w{0,31})(?:@\w+)?(?:\s+(.*))?", re.ASCII | re.DOTALL)

# What the bot cannot take. The first that a message has is the one: an animation has a document, too.
KINDS = {
    "voice": "a voice message",
    "video_note": "a video message",
    "video": "a video",
    "animation": "an animation",
    "audio": "a sound file",
    "sticker": "a sticker",
    "venue": "a place on the map",
    "location": "a location",
    "contact": "a contact",
    "poll": "a poll",
    "dice": "a dice",
    "game": "a game",
    "story": "a story",
    "checklist": "a Telegram checklist",
    "invoice": "an invoice",
    "paid_media": "a paid picture or video",
}
MOVING = ("location", "venue", "poll", "checklist")  # these are edited by the minute, and say nothing to us
ODD = "a message of a kind I cannot read"


Received: TypeAlias = IncomingUpdate | GroupEvent | None


def receive(update: Update, username: str, largest: int = LARGEST) -> Received:
    """What an update comes to; None for one that means nothing to us.

    ``username`` is the bot's, without "@"; ``largest``: bytes of a file that is taken.
    """
    if update.callback_query is not None:
        return _tap(update.update_id, update.callback_query)
    if (news := group_news(update, username)) is not None:
        return news
    message = update.message or update.edited_message or update.channel_post
    if message is None:
        return None
    who = message.from_user
    if message.chat.type != ChatType.PRIVATE:
        return _elsewhere(update.update_id, message, username) if update.edited_message is None else None
    if who is None:
        return None
    if who.is_bot:
        return IncomingUpdate(update.update_id, who.id, "", None, origin=Origin.BOT, chat=message.chat.id)
    if update.message is None:
        return _edited(update.update_id, message, who)
    return _message(update, message, who, largest)


def _elsewhere(update_id: int, message: Message, username: str) -> IncomingUpdate | None:
    """A call of the bot where it does not work. What they wrote stays there, and so does what does not call it."""
    channel, who = message.chat.type == ChatType.CHANNEL, message.from_user
    if not (_calls(message, username) or (channel and COMMAND.fullmatch(message.text or ""))):
        return None
    origin = Origin.CHANNEL if channel else Origin.BOT if who and who.is_bot else Origin.GROUP
    sender, chat = who.id if who else message.chat.id, message.chat.id
    return IncomingUpdate(update_id, sender, "", None, origin=origin, chat=chat, topic=topic_of(message))


def larger(largest: int) -> str:
    """A file that is not taken, in words."""
    return f"a file larger than {largest // (1024 * 1024)} MB"


def _tap(update_id: int, query: CallbackQuery) -> IncomingUpdate:
    message, who = query.message, query.from_user
    if who.is_bot:
        return IncomingUpdate(update_id, who.id, "", None, origin=Origin.BOT)
    if message is None or message.chat.type != ChatType.PRIVATE:  # we put no such buttons there
        return IncomingUpdate(update_id, who.id, "", None, origin=Origin.GROUP)
    return IncomingUpdate(
        update_id, who.id, _name(who), None, message.message_id, packed=clean(query.data or "") or GAME
    )


def _message(update: Update, message: Message, who: User, largest: int) -> Received:
    def arrived(said: Reply) -> IncomingUpdate:
        return IncomingUpdate(
            update.update_id,
            who.id,
            _name(who),
            said,
            message.message_id,
            sent=message.date.timestamp(),
            handle=clean(who.username or ""),
            reply_to=_replied_to(message),
            quote=clean(message.quote.text) if message.quote else "",
            forwarded_from=_forwarded_from(message),
        )

    if message.text is not None:
        return arrived(text(clean(message.text)))
    for kind, words in KINDS.items():
        if getattr(message, kind):
            return arrived(UnsupportedReply(words))
    file = message.document or (message.photo[-1] if message.photo else None)
    if file is not None:
        if (file.file_size or 0) > largest:
            return arrived(UnsupportedReply(larger(largest)))
        name = getattr(file, "file_name", None) or ("photo.jpg" if message.photo else "file")
        sent = FileReply(
            f"{who.id}-{message.message_id}",
            _file_name(name),
            file.file_size or 0,
            clean(message.caption or "").strip(),
        )
        return replace(arrived(sent), file_id=file.file_id)
    if StatusUpdate.ALL.check_update(update):  # a pinned message, a new timer: nobody said anything
        return None
    return arrived(UnsupportedReply(ODD))


def _edited(update_id: int, message: Message, who: User) -> IncomingUpdate | None:
    said: Reply = UnsupportedReply("a change to a file")
    if message.text is not None:
        said = TextReply(clean(message.text))
    elif any(getattr(message, kind) for kind in MOVING):
        return None
    return IncomingUpdate(update_id, who.id, _name(who), said, message.message_id, edited=True)


def _replied_to(message: Message) -> int | None:
    """The message of this chat that a message replies to; 0 for one of another chat."""
    if message.reply_to_message is not None:
        return message.reply_to_message.message_id
    return 0 if message.external_reply is not None else None


def _forwarded_from(message: Message) -> str:
    """Who wrote what was forwarded, as Telegram shows it; empty for a person's own words.

    A server of Bot API 6 shows it in fields of the message itself.
    """
    origin, before = message.forward_origin, message.api_kwargs
    if origin is None and "forward_date" not in before:
        return ""
    user = getattr(origin, "sender_user", None)
    chat = getattr(origin, "sender_chat", None) or getattr(origin, "chat", None)
    old = before.get("forward_from") or {}
    names = (
        user.full_name if user else "",
        chat.title if chat else "",
        getattr(origin, "sender_user_name", ""),
        f"{old.get('first_name', '')} {old.get('last_name', '')}",
        (before.get("forward_from_chat") or {}).get("title"),
        before.get("forward_sender_name"),
    )
    words = (" ".join(visible(clean(name or "")).split())[:NAME_SHOWN] for name in names)
    return next(filter(None, words), "somebody else")


def text(said: str) -> TextReply | Command:
    """What somebody typed: a command, or words."""
    command = COMMAND.fullmatch(said)
    if command is None:
        return TextReply(said)
    return Command(command[1].lower(), (command[2] or "").strip())


def _calls(message: Message, username: str) -> bool:
    text = message.text or message.caption or ""
    return "@" in text and re.search(rf"@{re.escape(username)}\b", text, re.IGNORECASE) is not None


def _name(user: User) -> str:
    return clean(user.full_name or "").strip()  # a deleted account has none


def _file_name(name: str) -> str:
    kept = "".join(char for char in clean(name) if char.isprintable())
    return re.split(r"[\\/]", kept)[-1].strip()[-NAME:] or "file"
