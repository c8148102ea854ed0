"""What a message looks like in Telegram: escaped, cut to size, with its buttons."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.application.messages import OutgoingMessage

TEXT = 4096  # UTF-16 units "after entities parsing"; Bot API, sendMessage.text
CAPTION = 1024  # UTF-16 units; Bot API, sendDocument.caption
NOTICE = 200  # characters; Bot API, answerCallbackQuery.text
MORE = "…"


def clean(text: str) -> str:
    """Text that can be sent and stored: whole characters only, and none that PostgreSQL refuses."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def cut(text: str, limit: int) -> str:
    """The text in at most ``limit`` UTF-16 units, with a sign when something is missing."""
    if 2 * len(text) <= limit:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * limit:
        return text
    return units[: 2 * (limit - 1)].decode("utf-16-le", "ignore").rstrip() + MORE


def page(title: str, text: str) -> str:
    """A message as HTML, the title bold. It is cut before it is escaped, so never inside an escape."""
    title, text = cut(clean(title).strip(), TEXT), clean(text).strip()
    if not title:
        return escape(cut(text, TEXT) or MORE, quote=False)
    whole = cut(f"{title}\n\n{text}".rstrip(), TEXT)
    return f"<b>{escape(title, quote=False)}</b>{escape(whole[len(title) :], quote=False)}"


def as_message(showing: OutgoingMessage) -> dict[str, object]:
    """What a chat should show, as the parameters of the call that shows it."""
    message = titled(showing.telegram_id, showing.title, showing.text)
    buttons = keyboard(showing.buttons)
    return message if buttons is None else {**message, "reply_markup": buttons}


def titled(chat_id: int, title: str, text: str) -> dict[str, object]:
    """A message of a chat with its title in bold, as parameters of a call."""
    return {
        "chat_id": chat_id,
        "text": page(title, text),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def keyboard(buttons: Sequence[Sequence[tuple[str, str]]]) -> dict[str, object] | None:
    """The buttons below a message, as Telegram's JSON."""
    rows = [[_button(clean(label), data) for label, data in row] for row in buttons if row]
    return {"inline_keyboard": rows} if rows else None


def _button(label: str, data: str) -> dict[str, object]:
    """A button: what begins as an address opens that page inside Telegram, which sees nothing of it."""
    if data.startswith("https://"):
        return {"text": label, "web_app": {"url": data}}
    return {"text": label, "callback_data": data}


def link(label: str, url: str) -> dict[str, object]:
    """One button that opens an address."""
    return {"inline_keyboard": [[{"text": label, "url": url}]]}


def in_topic(topic: int) -> dict[str, object]:
    """Where in a forum a message goes, as a parameter of a call; General (0) has no number to name."""
    return {"message_thread_id": topic} if topic else {}
