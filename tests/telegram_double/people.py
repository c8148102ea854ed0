"""People with phones: they see chats, type, tap and send files.

A person does only what a phone allows: a tap needs a button that is on the
screen, and an edit needs a message of one's own.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .cleaning import cleaned, is_empty, trimmed
from .clients import Client, messages_of
from .markup import utf16_length
from .wire import Json, Upload
from .words import CAPTION_LIMIT, entities_in
from .world import Press, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .origins import Origin
    from .words import Keyboard
    from .world import Chat, Message, StoredFile


# Required of an administrator. Bot API, ChatMemberAdministrator.
RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip


@dataclass(frozen=True)
class Button:
    """An inline button: its label, and the data or the link behind it."""

    label: str
    data: str | None
    url: str | None


@dataclass(frozen=True)
class Screen:
    """One message of the bot as it stood when somebody looked at it."""

    message_id: int
    text: str
    rows: tuple[tuple[Button, ...], ...]
    topic: int = 0  # of a forum; 0 is General

    @property
    def labels(self) -> list[str]:
        """The labels of the buttons, row after row."""
        return [button.label for row in self.rows for button in row]

    def __str__(self) -> str:
        """Show the words, and the buttons below them."""
        rows = (" ".join(f"[{button.label}]" for button in row) for row in self.rows)
        return "\n".join([self.text, *rows])


@dataclass(frozen=True)
class Document:
    """A file that the bot sent, with its bytes."""

    name: str
    mime: str
    data: bytes
    caption: str


class Window:
    """A chat as those in it see it: what the bot has said, newest last."""

    def __init__(self, world: World, chat: Chat) -> None:
        """Look at this chat."""
        self._world = world
        self._chat = chat

    @property
    def id(self) -> int:
        """The chat's number; for a private chat also that of its person."""
        return self._chat.chat_id

    @property
    def messages(self) -> list[Screen]:
        """Every message of the bot that is still there, oldest first."""
        return [_screen(m) for m in self._chat.messages.values() if m.from_bot]

    @property
    def screen(self) -> Screen:
        """The newest message of the bot."""
        if not self.messages:
            what = f"the bot has said nothing to {self._chat.name} yet"
            raise LookupError(what)
        return self.messages[-1]

    @property
    def documents(self) -> list[Document]:
        """Every document of the bot that is still there, oldest first."""
        return self._files("document")

    @property
    def pictures(self) -> list[Document]:
        """Every photo of the bot that is still there, oldest first."""
        return self._files("photo")

    def _files(self, kind: str) -> list[Document]:
        sent = [m for m in self._chat.messages.values() if m.from_bot and kind in m.media]
        return [_document(m.file, m.text) for m in sent if m.file is not None]

    @property
    def texts(self) -> list[str]:
        """Every text the bot has put here, in order, edits and deleted ones too."""
        return list(self._chat.texts)

    async def expect(
        self,
        substring: str,
        timeout: float = 5.0,  # noqa: ASYNC109  (callers think in seconds)
    ) -> Screen:
        """Wait until the bot's newest message contains this, and return it.

        Raises `AssertionError` with what is there instead after `timeout` seconds.
        """

        def is_there() -> bool:
            return bool(self.messages) and substring in self.screen.text

        try:
            async with asyncio.timeout(timeout), self._world.changed:
                await self._world.changed.wait_for(is_there)
        except TimeoutError:
            there = str(self.screen) if self.messages else "(nothing)"
            what = f"{substring!r} did not appear to {self._chat.name}. There is:\n"
            raise AssertionError(what + there) from None
        return self.screen


class Group(Window):
    """A group that the bot is a member of."""

    @property
    def pinned(self) -> list[Screen]:
        """The bot's messages that are pinned here, oldest first."""
        return [screen for screen in self.messages if screen.message_id in self._chat.pinned]

    @property
    def spoken_at(self) -> list[float]:
        """When the bot sent or changed a message here, in seconds."""
        return list(self._chat.spoken_at)

    def delete(self, screen: Screen) -> None:
        """Delete a message, as an admin may."""
        del self._chat.messages[screen.message_id]

    def let_pin(self, *, allowed: bool, tell: bool = True) -> None:
        """Make the bot an admin who may pin, or take that away."""
        self._chat.may_pin = allowed
        if tell:
            self._member("member", "administrator" if allowed else "member")

    def remove_bot(self) -> None:
        """Remove the bot, which is told."""
        self._chat.blocked = True
        self._member("member", "kicked")

    def open_topic(self, name: str, by: Person) -> int:
        """Open a topic of this forum and return its number, which is that of the message that says so.

        Source: core.telegram.org/api/forum; Bot API, ForumTopicCreated.
        """
        if self._chat.topics is None:
            what = f"{self._chat.name} has no topics."
            raise LookupError(what)
        message = self._world.post(self._chat, by._user)  # noqa: SLF001
        message.thread, message.in_topic = message.message_id, True
        message.about = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        self._chat.topics[message.message_id] = name
        self._world.inbox.add("message", message.as_json())
        return message.message_id

    def delete_topic(self, topic: int) -> None:
        """Delete a topic with all that is in it."""
        if self._chat.topics is not None:
            del self._chat.topics[topic]
        for number in [number for number, message in self._chat.messages.items() if message.thread == topic]:
            del self._chat.messages[number]

    def become_supergroup(self, number: int, *, tell: bool = True) -> Group:
        """Become a supergroup of this number; ``tell``: with the two messages that say so.

        Source: Bot API, Message.migrate_to_chat_id and migrate_from_chat_id.
        """
        chat = self._world.chat(number, "supergroup", self._chat.name)
        chat.open, chat.may_pin = True, self._chat.may_pin
        self._chat.moved_to = number
        sender = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        if tell:
            for there, name, other in ((self._chat, "migrate_to_chat_id", number),
                                       (chat, "migrate_from_chat_id", self._chat.chat_id)):  # fmt: skip
                message = self._world.post(there, sender).as_json()
                del there.messages[int(str(message["message_id"]))]
                self._world.inbox.add("message", {**message, name: other})
        return Group(self._world, chat)

    def _member(self, was: str, now: str) -> None:
        rights = dict.fromkeys(RIGHTS, False)

        def member(status: str) -> Json:
            more: Json = {"kicked": {"until_date": 0}, "administrator": rights}.get(status, {})
            return {"user": self._world.bot, "status": status, **more}

        change: Json = {
            "chat": self._chat.as_json(),
            "from": {"id": 1, "is_bot": False, "first_name": "An admin"},
            "date": int(self._world.clock.now()),
            "old_chat_member": member(was),
            "new_chat_member": member(now),
        }
        self._world.inbox.add("my_chat_member", change)


class Person(Window):
    """A person with a phone, and their private chat with the bot.

    Until they write there for the first time, the bot cannot write to them. `client` is the app they use.
    """

    def __init__(self, world: World, chat: Chat) -> None:
        """Hold this private chat."""
        super().__init__(world, chat)
        self.client = Client.IOS
        self._user: Json = {
            "id": chat.chat_id,
            "is_bot": False,
            "first_name": chat.name,
            "language_code": "en",
        }
        self._own: list[Message] = []
        self._query_ids = itertools.count(1)

    async def type(
        self, text: str, *, group: Group | None = None, topic: int = 0, pause: int = 0, order: Sequence[int] = ()
    ) -> list[int]:
        """Write to the bot, or in a group or one of its topics, and return the numbers of the messages.

        A text too long for one message goes out in several, as their app cuts it, each `pause` seconds after the one
        before; the bot receives them in this `order`, at first as they were sent. In a group the bot hears only
        commands for it and replies to it, as privacy mode has it. Source: "Telegram Bot Features", privacy mode.
        """
        return self._say(text, group, topic, pause=pause, order=order)

    async def reply(
        self, text: str, to: Screen | int, *, quote: str = "", group: Group | None = None, pause: int = 0
    ) -> list[int]:
        """Reply to a message, or to the words of it that they mark as a quote; each part of a long text does.

        Source: Bot API, Message.reply_to_message and TextQuote.
        """
        original = self._shown(to, group)
        return self._say(text, group, pause=pause, reply_to=original, about=_quoted(original.text, quote))

    async def reply_elsewhere(self, text: str, origin: Origin, *, said: str = "", quote: str = "") -> list[int]:
        """Reply here to a message of another chat, where somebody `said` what they quote.

        Source: Bot API, ExternalReplyInfo; tdlib/telegram-bot-api, Client.cpp, JsonExternalReplyInfo. Of a chat that
        the bot is not in, it shows only where the message came from.
        """
        external: Json = {"origin": {**origin.as_json(), "date": self._now()}}
        return self._say(text, None, about={"external_reply": external, **_quoted(said, quote)})

    async def forward(self, text: str, origin: Origin, *, comment: str = "", ago: int = 3600) -> list[int]:
        """Forward what somebody else wrote so many seconds ago; a comment of their own goes before it.

        Source: Bot API, Message.forward_origin; tdlib/telegram-bot-api, Client.cpp, JsonMessage.
        """
        before = self._say(comment, None) if comment else []
        message = self._write(None)
        message.about = self._forwarded(origin, ago)
        self._fill(message, text)
        self._world.inbox.add("message", message.as_json())
        return [*before, message.message_id]

    async def send_poll(self, question: str, options: Sequence[str], *, old_server: bool = False) -> int:
        """Send a poll; an `old_server` of one's own shows it without what Bot API 10 knows of polls.

        Source: Bot API, Poll and PollOption; tdlib/telegram-bot-api of 2024, Client.cpp, JsonPoll.
        """
        choices: list[Json] = [{"text": text, "voter_count": 0} for text in options]
        poll: Json = {
            "id": str(self._now()),
            "question": question,
            "options": choices,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
        }
        if not old_server:
            poll |= {"allows_revoting": False, "members_only": False}
            poll["options"] = [{**choice, "persistent_id": str(at)} for at, choice in enumerate(choices)]
        return await self.send_content(poll=poll)

    async def send_content(self, **content: object) -> int:
        """Send something of a kind that the double does not know; with nothing, of one that Telegram does not show.

        Source: tdlib/telegram-bot-api, Client.cpp, JsonMessage: of messageUnsupported it shows no content.
        """
        message = self._write(None)
        message.about = content
        self._world.inbox.add("message", message.as_json())
        return message.message_id

    async def edit(self, text: str, *, message_id: int = 0) -> None:
        """Change the last text they wrote, or the one of this number. An app lets nobody make it too long, or empty."""
        own = [message for message in self._own if message_id in {0, message.message_id}]
        if not own:
            what = f"{self._chat.name} has written nothing that could be edited"
            raise LookupError(what)
        new = messages_of(text, self.client)
        if len(new) != 1:
            what = f"An app lets nobody edit one message into {len(new)}."
            raise ValueError(what)
        message = own[-1]
        self._fill(message, new[0])
        message.edit_date = self._now()
        if message.chat.kind == "private" or _is_for_bot(message, self._world):
            self._world.inbox.add("edited_message", message.as_json())

    async def tap(
        self,
        label: str,
        *,
        screen: Screen | None = None,
        group: Group | None = None,
    ) -> Press:
        """Tap a button and return the press, which later tells the bot's answer.

        The newest message with such a button is meant, or the `screen` given: a
        phone may still show buttons that the bot has changed since.
        """
        window = group or self
        shown = [screen] if screen else window.messages[::-1]
        for each in shown:
            for button in itertools.chain.from_iterable(each.rows):
                if button.label == label and button.data is not None:
                    return self._press(window._chat, each, button.data)  # noqa: SLF001
        there = sorted({name for each in shown for name in each.labels})
        what = f"{self._chat.name} sees no button {label!r}. There are: {there}"
        raise LookupError(what)

    async def forge(self, data: str) -> Press:
        """Press a button that nobody offered, by a program of their own that pretends it was on the newest message."""
        return self._press(self._chat, self.screen, data)

    async def send_file(
        self,
        name: str,
        data: bytes,
        mime: str = "application/octet-stream",
        *,
        caption: str = "",
        size: int | None = None,
        to: Screen | int = 0,
        origin: Origin | None = None,
    ) -> None:
        """Send a document, as a reply or forwarded from somewhere; `size` (bytes) claims a larger one than it is."""
        file = self._world.keep(Upload(name, mime, data), size)
        shown = {**file.as_json(), "file_name": name, "mime_type": mime}
        self._send({"document": shown}, file, caption, to, origin)

    async def send_photo(
        self, data: bytes, *, caption: str = "", to: Screen | int = 0, origin: Origin | None = None
    ) -> None:
        """Send a picture, which arrives without a name or a type."""
        file = self._world.keep(Upload("photo.jpg", "image/jpeg", data))
        shown = {**file.as_json(), "width": 800, "height": 600}
        self._send({"photo": [shown]}, file, caption, to, origin)

    async def edit_caption(self, text: str) -> None:
        """Change the words below the last file they sent. Source: Bot API, Update.edited_message."""
        sent = [message for message in self._chat.messages.values() if message.sender == self._user and message.file]
        message = sent[-1]
        self._fill(message, _caption(text))
        message.edit_date = self._now()
        self._world.inbox.add("edited_message", message.as_json())

    async def block(self) -> None:
        """Block the bot, which is told."""
        self._set_blocked(blocked=True)

    async def unblock(self) -> None:
        """Let the bot write again, which is told too."""
        self._set_blocked(blocked=False)

    def _say(
        self,
        text: str,
        group: Group | None,
        topic: int = 0,
        *,
        pause: int = 0,
        order: Sequence[int] = (),
        reply_to: Message | None = None,
        about: Json | None = None,
    ) -> list[int]:
        """Send words, in as many messages as they take, and return the numbers of these."""
        sent: list[Message] = []
        for part in messages_of(text, self.client):
            if is_empty(cleaned(part)):
                continue
            message = self._write(group, len(sent) * pause)
            message.about = dict(about or {})
            self._world.put(message, topic, reply_to)
            self._fill(message, part)
            sent.append(message)
        self._own += sent
        for message in [sent[at] for at in order] or sent:
            if group is None or _is_for_bot(message, self._world):
                self._world.inbox.add("message", message.as_json())
        return [message.message_id for message in sent]

    def _shown(self, what: Screen | int, group: Group | None = None) -> Message:
        """Return a message that they see: one of the bot's, or by its number."""
        chat = (group or self)._chat  # noqa: SLF001
        return chat.messages[what if isinstance(what, int) else what.message_id]

    def _forwarded(self, origin: Origin, ago: int) -> Json:
        date = self._now() - ago
        return {"forward_origin": {**origin.as_json(), "date": date}, **origin.as_before(), "forward_date": date}

    def _now(self) -> int:
        return int(self._world.clock.now())

    def _fill(self, message: Message, text: str) -> None:
        """Put words into a message, as Telegram keeps them."""
        message.text = trimmed(cleaned(text))
        message.entities = entities_in(message.text, str(self._world.bot["username"]))

    def _write(self, group: Group | None, later: int = 0) -> Message:
        if group is not None:
            return self._world.post(group._chat, self._user, later)  # noqa: SLF001
        self._chat.open = True
        return self._world.post(self._chat, self._user, later)

    def _send(
        self, media: Json, file: StoredFile, caption: str, to: Screen | int = 0, origin: Origin | None = None
    ) -> None:
        message = self._write(None)
        message.media, message.file = media, file
        message.about = self._forwarded(origin, 3600) if origin else {}
        self._world.put(message, 0, self._shown(to) if to else None)
        self._fill(message, _caption(caption))
        self._world.inbox.add("message", message.as_json())

    def _press(self, chat: Chat, screen: Screen, data: str) -> Press:
        query_id = f"{self.id}{next(self._query_ids):06}"
        press = Press(query_id, self._world.clock.now())
        self._world.presses[query_id] = press
        message = chat.messages.get(screen.message_id)
        # A deleted message shows only where it was. Bot API, InaccessibleMessage.
        gone = {"chat": chat.as_json(), "message_id": screen.message_id, "date": 0}
        query: Json = {
            "id": query_id,
            "from": self._user,
            "chat_instance": str(chat.chat_id),
            "message": message.as_json() if message else gone,
            "data": data,
        }
        self._world.inbox.add("callback_query", query)
        return press

    def _set_blocked(self, *, blocked: bool) -> None:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self._world.bot, "status": status, **until}

        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        self._chat.blocked = blocked
        change: Json = {
            "chat": self._chat.as_json(),
            "from": self._user,
            "date": self._now(),
            "old_chat_member": member(was),
            "new_chat_member": member(now),
        }
        self._world.inbox.add("my_chat_member", change)


def _is_for_bot(message: Message, world: World) -> bool:
    command = re.match(rf"/\w+(@{world.bot['username']})?(?!\S)", message.text)
    return command is not None or (message.reply_to is not None and message.reply_to.from_bot)


def _quoted(said: str, quote: str) -> Json:
    """Return what shows a quote: its words, where it stands in UTF-16 code units, and that a person chose it."""
    if not quote:
        return {}
    position = utf16_length(said[: said.index(quote)])
    return {"quote": {"text": quote, "position": position, "is_manual": True}}


def _caption(text: str) -> str:
    if len(text) > CAPTION_LIMIT:
        what = f"An app lets nobody write {len(text)} characters below a file: {CAPTION_LIMIT} are the most."
        raise ValueError(what)
    return text


def _screen(message: Message) -> Screen:
    topic = message.thread if message.in_topic else 0
    return Screen(message.message_id, message.text, _rows(message.keyboard), topic)


def _rows(keyboard: Keyboard) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(_button(each) for each in row) for row in keyboard)


def _button(shown: Json) -> Button:
    data, url = shown.get("callback_data"), shown.get("url")
    return Button(
        str(shown["text"]),
        None if data is None else str(data),
        None if url is None else str(url),
    )


def _document(file: StoredFile, caption: str) -> Document:
    return Document(file.upload.name, file.upload.mime, file.upload.data, caption)
