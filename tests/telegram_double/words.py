"""What a message may say: lengths, HTML and buttons, judged as Telegram does.

The checks and their wording follow the Bot API's "Formatting options" and
InlineKeyboardButton, and the answers of Telegram's own server where these pages
are silent. Lengths are counted in UTF-16 code units, as MessageEntity is: never less than Telegram counts, which
counts characters (tdlib/td, MessageContent.cpp: utf8_length), so that what passes here passes there.
"""

from __future__ import annotations

import re
from typing import TypeAlias
from urllib.parse import urlsplit

from .cleaning import cleaned, is_empty, trimmed
from .markup import MarkupError, parse_html, utf16_length
from .wire import Json, Params, refuse

Keyboard: TypeAlias = list[list[Json]]
Words: TypeAlias = tuple[str, list[Json]]

TEXT_LIMIT = 4096  # UTF-16 code units; Bot API, sendMessage.text
CAPTION_LIMIT = 1024  # UTF-16 code units; Bot API, sendDocument.caption
CALLBACK_DATA_LIMIT = 64  # bytes; Bot API, InlineKeyboardButton.callback_data
NOTICE_LIMIT = 200  # characters; Bot API, answerCallbackQuery.text

# What a button may do besides carrying data. Bot API, InlineKeyboardButton.
_OTHER_ACTIONS = frozenset(
    {
        "callback_game",
        "copy_text",
        "login_url",
        "pay",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "web_app",
    }
)


def text_of(params: Params) -> Words:
    """Return the text of a message to send, and its entities."""
    if not params.text("text"):
        refuse("message text is empty")
    text, entities = _parsed(params, "text", "entities")
    if not text:
        refuse("text must be non-empty")
    if utf16_length(text) > TEXT_LIMIT:
        refuse("message is too long")
    return text, entities


def caption_of(params: Params) -> Words:
    """Return the caption of a file to send, which may be empty."""
    caption, entities = _parsed(params, "caption", "caption_entities")
    if utf16_length(caption) > CAPTION_LIMIT:
        refuse("message caption is too long")
    return caption, entities


def keyboard_of(params: Params) -> Keyboard:
    """Return the inline buttons of a message, row by row; often none.

    Other reply markups are taken and forgotten: they are not part of the message.
    """
    markup = params.json("reply_markup")
    if markup is None:
        return []
    if not isinstance(markup, dict):
        refuse("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        refuse("can't parse inline keyboard: expected an Array of Array")
    return [[_button(button) for button in row] for row in rows if row]


def entities_in(text: str, username: str) -> list[Json]:
    """Return what Telegram marks by itself in a person's text: commands, links."""
    command = rf"(?<!\S)/[A-Za-z0-9_]{{1,64}}(?:@{re.escape(username)})?\b"
    found = [("bot_command", m) for m in re.finditer(command, text)]
    found += [("url", m) for m in re.finditer(r"https?://[^\s<>]+", text)]
    return [
        {
            "type": kind,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for kind, match in sorted(found, key=lambda pair: pair[1].start())
    ]


def _parsed(params: Params, field: str, entities_field: str) -> Words:
    source = cleaned(params.text(field))
    match params.text("parse_mode").lower():
        case "":
            given = params.json(entities_field)
            found: list[Json] = given if isinstance(given, list) else []
            return _trimmed(source, found)
        case "html":
            try:
                return _trimmed(*parse_html(source))
            except MarkupError as error:
                refuse(f"can't parse entities: {error}")
        case _:
            # Markdown is real but unused here; better refused than half known.
            refuse("unsupported parse_mode")
    return None


def _trimmed(text: str, entities: list[Json]) -> Words:
    """Cut the blank ends off a text; a message in which nothing can be seen is empty."""
    lead = len(text) - len(text.lstrip(" \n"))
    text = "" if is_empty(text) else trimmed(text)
    end = utf16_length(text)
    kept: list[Json] = []
    for entity in entities:
        start, length = entity["offset"], entity["length"]
        if not isinstance(start, int) or not isinstance(length, int):
            continue
        first, last = max(start - lead, 0), min(start - lead + length, end)
        if first < last:
            kept.append({**entity, "offset": first, "length": last - first})
    return text, kept


def _button(button: object) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        refuse("can't parse inline keyboard button: expected an Object")
    if "callback_data" in button:
        data = str(button["callback_data"])
        if not 1 <= len(data.encode()) <= CALLBACK_DATA_LIMIT:
            refuse("BUTTON_DATA_INVALID")
    elif "url" in button:
        _check_link(str(button["url"]))
    elif not _OTHER_ACTIONS & button.keys():
        refuse("text buttons are unallowed in the inline keyboard")
    return button


def _check_link(url: str) -> None:
    """Refuse a link that Telegram would not open, as one to this very machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"", "http", "https", "tg"}:
        why = "Unsupported URL protocol"
    elif parts.scheme != "tg" and "." not in (parts.hostname or parts.path):
        why = "Wrong HTTP URL"
    else:
        return
    refuse(f"inline keyboard button URL '{url}' is invalid: {why}")
