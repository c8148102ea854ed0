"""What exists in the double's Telegram: chats, messages, files, presses.

Plain state, without HTTP and without waiting. Bots reach it through `api`, people
through `people`.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter, deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from .inbox import PRESS_LIFE, Clock, Inbox
from .wire import ApiError, Json, Params, Upload, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .delivery import Webhook
    from .words import Keyboard

MESSAGES_KEPT = 10_000  # per chat; older ones are forgotten, so benches stay small
TEXTS_KEPT = 100_000  # per chat
DOWNLOAD_LIMIT = 20 * 1024 * 1024  # bytes; Bot API, getFile


@dataclass
class StoredFile:
    """A file that Telegram holds, and what it calls it."""

    upload: Upload
    file_id: str
    path: str
    size: int

    def as_json(self) -> Json:
        """Return the part that every kind of file shows. Bot API, File."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_id[-8:],
            "file_size": self.size,
        }


@dataclass
class Message:
    """A message as it stands now; an edit changes it in place."""

    message_id: int
    chat: Chat
    sender: Json
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    media: Json = field(default_factory=dict)
    file: StoredFile | None = None
    keyboard: Keyboard = field(default_factory=list)
    edit_date: int = 0
    reply_to: Message | None = None  # in the same chat
    about: Json = field(default_factory=dict)  # what else its JSON says: a quote, where it was forwarded from, a poll
    thread: int = 0  # the number of the message that its topic, or its thread of replies, began with
    in_topic: bool = False

    @property
    def from_bot(self) -> bool:
        """Tell whether the bot sent it."""
        return self.sender["is_bot"] is True

    def as_json(self) -> Json:
        """Return it as updates and answers show it. Source: Bot API, Message.

        What it replies to is there as it is now, without what that replied to, and not at all once it is deleted.
        Source: tdlib/telegram-bot-api, Client.cpp, JsonMessage.
        """
        shown = self.alone()
        if self.reply_to is not None and self.reply_to.message_id in self.chat.messages:
            shown["reply_to_message"] = self.reply_to.alone()
        return shown

    def alone(self) -> Json:
        """Return it without what it replies to."""
        shown: Json = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat.as_json(),
            "date": self.date,
            **self.media,
            **self.about,
        }
        if self.thread:
            shown["message_thread_id"] = self.thread
        if self.in_topic:
            shown["is_topic_message"] = True
        if self.text:
            shown["caption" if self.media else "text"] = self.text
        if self.entities:
            shown["caption_entities" if self.media else "entities"] = self.entities
        if self.keyboard:
            shown["reply_markup"] = {"inline_keyboard": self.keyboard}
        if self.edit_date:
            shown["edit_date"] = self.edit_date
        return shown


@dataclass
class Chat:
    """A private chat or a group. A private one opens when its person first writes."""

    chat_id: int
    kind: str
    name: str
    open: bool = False
    blocked: bool = False
    may_pin: bool = True
    topics: dict[int, str] | None = None  # of a forum: its topics but General, by the message each began with
    moved_to: int = 0  # what a group became; Bot API, ResponseParameters.migrate_to_chat_id
    pinned: list[int] = field(default_factory=list)
    spoken_at: list[float] = field(default_factory=list)  # when the bot sent or changed a message
    messages: dict[int, Message] = field(default_factory=dict)
    texts: deque[str] = field(default_factory=lambda: deque(maxlen=TEXTS_KEPT))

    def as_json(self) -> Json:
        """Return it as messages show it. Source: Bot API, Chat."""
        name = "first_name" if self.kind == "private" else "title"
        forum = {"is_forum": True} if self.topics is not None else {}
        return {"id": self.chat_id, "type": self.kind, name: self.name, **forum}


@dataclass
class Press:
    """A tap on a button, and what the bot answered: a notice, or nothing yet."""

    query_id: str
    at: float
    answered: bool = False
    notice: str = ""
    alert: bool = False


class World:
    """Everything one bot shares with the people who talk to it."""

    def __init__(self, bot: Json, clock: Clock) -> None:
        """Begin with the bot alone in it."""
        self.bot = bot
        self.clock = clock
        self.inbox = Inbox(clock, first=730_000_000)
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.presses: dict[str, Press] = {}
        self.settings: Json = {}
        self.calls: Counter[str] = Counter()
        self.requests: deque[tuple[str, Params]] = deque(maxlen=500)  # the latest, as they came
        self.sent: list[tuple[int, str]] = []  # every message of the bot as it was sent: chat, text
        self.changed = asyncio.Condition()
        self._message_ids = 0
        self.bring_to: Callable[[Webhook | None], None] = lambda _: None

    def chat(self, chat_id: int, kind: str, name: str) -> Chat:
        """Return the chat of this number, made now if it was not there yet."""
        return self.chats.setdefault(chat_id, Chat(chat_id, kind, name))

    def chat_for_bot(self, chat_id: int) -> Chat:
        """Return the chat a bot speaks of, if it may speak there at all."""
        chat = self.chats.get(chat_id)
        if chat is None or not chat.open:
            refuse("chat not found")
        if chat.moved_to:
            what = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(HTTPStatus.BAD_REQUEST, what, moved_to=chat.moved_to)
        if chat.blocked and chat.kind != "private":
            refuse(f"bot was kicked from the {chat.kind} chat", HTTPStatus.FORBIDDEN)
        if chat.blocked:
            refuse("bot was blocked by the user", HTTPStatus.FORBIDDEN)
        return chat

    def post(self, chat: Chat, sender: Json, later: int = 0) -> Message:
        """Add an empty message to a chat, for the caller to fill; ``later``: so many seconds from now.

        Numbers run through all chats of the bot, as they do in private chats.
        """
        self._message_ids += 1
        message = Message(self._message_ids, chat, sender, int(self.clock.now()) + later)
        chat.messages[message.message_id] = message
        if len(chat.messages) > MESSAGES_KEPT:
            del chat.messages[next(iter(chat.messages))]
        return message

    def put(self, message: Message, topic: int, reply_to: Message | None) -> None:
        """Put a new message into a topic, 0 for none, and below what it replies to.

        Whatever stands in a topic replies to the message that the topic began with, unless to another; a reply goes
        where that one is. Elsewhere in a supergroup, so in General, a reply names the thread that it is in, which
        is no topic. Source: github.com/tdlib/telegram-bot-api, issues 356 and 447; aiogram/aiogram, issue 1511.
        """
        chat = message.chat
        if reply_to is not None and reply_to.in_topic:
            topic = reply_to.thread
        if topic:
            message.thread, message.in_topic = topic, True
            message.reply_to = reply_to or chat.messages.get(topic)
        elif reply_to is not None:
            message.reply_to = reply_to
            message.thread = (reply_to.thread or reply_to.message_id) if chat.kind == "supergroup" else 0

    def keep(self, upload: Upload, size: int | None = None) -> StoredFile:
        """Keep a file; a `size` (bytes) claims more than the data really has."""
        number = len(self.files) + 1
        file = StoredFile(
            upload,
            file_id=f"BQACAgDouble{number:04}-{zlib.crc32(upload.data):08x}",
            path=f"documents/file_{number}",
            size=len(upload.data) if size is None else size,
        )
        self.files[file.file_id] = file
        return file

    def file(self, file_id: str) -> StoredFile:
        """Return the file of this id."""
        if file_id not in self.files:
            refuse("wrong file_id or the file is temporarily unavailable")
        return self.files[file_id]

    def file_at(self, path: str) -> StoredFile:
        """Return the file that downloads from this path."""
        for file in self.files.values():
            if file.path == path:
                return file
        raise ApiError(HTTPStatus.NOT_FOUND, "Not Found")

    def fresh_press(self, query_id: str) -> Press:
        """Return a press that may still be answered."""
        press = self.presses.get(query_id)
        if press is None or self.clock.now() - press.at > PRESS_LIFE:
            what = "query is too old and response timeout expired or query ID is invalid"
            refuse(what)
        return press

    async def tell_watchers(self) -> None:
        """Wake everybody who waits for a chat to change."""
        async with self.changed:
            self.changed.notify_all()
