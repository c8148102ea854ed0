"""Where a message comes from that is forwarded, or replied to from another chat.

Source: Bot API, MessageOrigin; tdlib/telegram-bot-api, Client.cpp: JsonMessageOrigin, and JsonMessage for the fields
of before Bot API 7.0, which the server still fills.
"""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Json


@dataclass(frozen=True)
class FromPerson:
    """Somebody who shows who they are; `name` alone for somebody who hides their account."""

    name: str
    number: int = 0

    def as_json(self) -> Json:
        """Return it as messages show it, without its date."""
        if not self.number:
            return {"type": "hidden_user", "sender_user_name": self.name}
        return {"type": "user", "sender_user": self._user()}

    def as_before(self) -> Json:
        """Return it as Bot API 6 showed it."""
        return {"forward_from": self._user()} if self.number else {"forward_sender_name": self.name}

    def _user(self) -> Json:
        return {"id": self.number, "is_bot": False, "first_name": self.name}


@dataclass(frozen=True)
class FromChannel:
    """A post in a channel."""

    title: str
    number: int
    message_id: int
    signature: str = ""

    def as_json(self) -> Json:
        """Return it as messages show it, without its date."""
        signed = {"author_signature": self.signature} if self.signature else {}
        return {"type": "channel", "chat": self._chat(), "message_id": self.message_id, **signed}

    def as_before(self) -> Json:
        """Return it as Bot API 6 showed it."""
        signed = {"forward_signature": self.signature} if self.signature else {}
        return {"forward_from_chat": self._chat(), "forward_from_message_id": self.message_id, **signed}

    def _chat(self) -> Json:
        return {"id": self.number, "type": "channel", "title": self.title}


@dataclass(frozen=True)
class FromGroup:
    """A group, in whose name an anonymous admin wrote."""

    title: str
    number: int

    def as_json(self) -> Json:
        """Return it as messages show it, without its date."""
        return {"type": "chat", "sender_chat": self._chat()}

    def as_before(self) -> Json:
        """Return it as Bot API 6 showed it."""
        return {"forward_from_chat": self._chat()}

    def _chat(self) -> Json:
        return {"id": self.number, "type": "supergroup", "title": self.title}


Origin = FromPerson | FromChannel | FromGroup
