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
from .wire import Json, Upload
from .words import CAPTION_LIMIT, entities_in
from .world import Press, World

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        self, text: str, *, group: Group | None = None, pause: int = 0, order: Sequence[int] = ()
    ) -> list[int]:
        """Write to the bot, or in a group, and return the numbers of the messages.

        A text too long for one message goes out in several, as their app cuts it, each `pause` seconds after the one
        before; the bot receives them in this `order`, at first as they were sent. In a group the bot hears only
        commands for it, as privacy mode has it. Source: "Telegram Bot Features", privacy mode.
        """
        parts = [part for part in messages_of(text, self.client) if not is_empty(cleaned(part))]
        sent = [self._say(part, group, at * pause) for at, part in enumerate(parts)]
        for message in [sent[at] for at in order] or sent:
            if group is None or _is_for_bot(message.text, self._world):
                self._world.inbox.add("message", message.as_json())
        return [message.message_id for message in sent]

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
        message.edit_date = int(self._world.clock.now())
        if message.chat.kind == "private" or _is_for_bot(message.text, self._world):
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
    ) -> None:
        """Send a document; `size` (bytes) claims a larger one than `data` is."""
        file = self._world.keep(Upload(name, mime, data), size)
        shown = {**file.as_json(), "file_name": name, "mime_type": mime}
        self._send({"document": shown}, file, caption)

    async def send_photo(self, data: bytes, *, caption: str = "") -> None:
        """Send a picture, which arrives without a name or a type."""
        file = self._world.keep(Upload("photo.jpg", "image/jpeg", data))
        shown = {**file.as_json(), "width": 800, "height": 600}
        self._send({"photo": [shown]}, file, caption)

    async def block(self) -> None:
        """Block the bot, which is told."""
        self._set_blocked(blocked=True)

    async def unblock(self) -> None:
        """Let the bot write again, which is told too."""
        self._set_blocked(blocked=False)

    def _say(self, text: str, group: Group | None, later: int = 0) -> Message:
        message = self._write(group, later)
        self._fill(message, text)
        self._own.append(message)
        return message

    def _fill(self, message: Message, text: str) -> None:
        """Put words into a message, as Telegram keeps them."""
        message.text = trimmed(cleaned(text))
        message.entities = entities_in(message.text, str(self._world.bot["username"]))

    def _write(self, group: Group | None, later: int = 0) -> Message:
        if group is not None:
            return self._world.post(group._chat, self._user, later)  # noqa: SLF001
        self._chat.open = True
        return self._world.post(self._chat, self._user, later)

    def _send(self, media: Json, file: StoredFile, caption: str) -> None:
        if len(caption) > CAPTION_LIMIT:
            what = f"An app lets nobody write {len(caption)} characters below a file: {CAPTION_LIMIT} are the most."
            raise ValueError(what)
        message = self._write(None)
        message.media, message.file = media, file
        self._fill(message, caption)
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
            "date": int(self._world.clock.now()),
            "old_chat_member": member(was),
            "new_chat_member": member(now),
        }
        self._world.inbox.add("my_chat_member", change)


def _is_for_bot(text: str, world: World) -> bool:
    return re.match(rf"/\w+(@{world.bot['username']})?(?!\S)", text) is not None


def _screen(message: Message) -> Screen:
    return Screen(message.message_id, message.text, _rows(message.keyboard))


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
