"""The two updates that come all day, a text and a tap, read as they are: PTB's objects cost more than hearing them."""

from __future__ import annotations

from typing import Any

from bot.application.messages import IncomingUpdate
from bot.telegram.formatting import clean
from bot.telegram.parser import GAME, text

SAID = {"message_id", "date", "chat", "from", "text"}  # with anything else a message is PTB's to read


def plain(raw: dict[str, Any]) -> IncomingUpdate | None:
    """A person's text or tap in their private chat, as `receive` tells of it; None for every other update."""
    match raw:
        case {"update_id": int(update_id), "message": dict(message), **rest} if not rest and message.keys() == SAID:
            return _said(update_id, message)
        case {"update_id": int(update_id), "callback_query": dict(query), **rest} if not rest:
            return _tapped(update_id, query)
        case _:
            return None


def _said(update_id: int, message: dict[str, Any]) -> IncomingUpdate | None:
    match message:
        case {"message_id": int(number), "date": int(at), "chat": {"type": "private", "id": int()}, "text": str(said)}:
            who = _who(message["from"])
            if who is None:
                return None
            handle = clean(message["from"].get("username") or "")
            return IncomingUpdate(update_id, *who, text(clean(said)), number, sent=float(at), handle=handle)
        case _:
            return None


def _tapped(update_id: int, query: dict[str, Any]) -> IncomingUpdate | None:
    match query:
        case {
            "id": str(),
            "data": str(data),
            "from": who,
            "message": {"message_id": int(number), "chat": {"type": "private", "id": int()}},
        }:
            told = _who(who)
            return IncomingUpdate(update_id, *told, None, number, packed=clean(data) or GAME) if told else None
        case _:
            return None


def _who(user: object) -> tuple[int, str] | None:
    """A person's number and name; None for a bot."""
    match user:
        case {"id": int(number), "is_bot": False, "first_name": str(first), **rest} if first:
            last = rest.get("last_name") or ""
            return (number, clean(f"{first} {last}" if last else first).strip()) if isinstance(last, str) else None
        case _:
            return None
