"""How the apps send what a person typed: what they trim, and where they cut what is too long for one message.

Telegram counts characters, as Telegram Desktop does (tdlib/td, MessageContent.cpp, get_input_message_content:
utf8_length); the phones cut at as many UTF-16 code units.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from itertools import pairwise

LIMIT = 4096  # message_length_max; Bot API, sendMessage.text


class Client(Enum):
    """An app that people use."""

    DESKTOP = auto()
    IOS = auto()
    ANDROID = auto()


def messages_of(text: str, client: Client) -> list[str]:
    """Return what goes out, message by message; nothing when nothing is left to send."""
    match client:
        case Client.DESKTOP:
            parts = _desktop(text)
        case Client.IOS:
            parts = _ios(text)
        case Client.ANDROID:
            parts = _android(text)
    return [part for part in parts if part]


# Telegram Desktop. Source: desktop-app/lib_ui, ui/text/text_entity.cpp (PrepareForSending, ApplyServerCleaning,
# CutPart, Trim) and ui/text/text.cpp (IsReplacedBySpace, IsTrimmed), called by tdesktop's ApiWrap::sendMessage.

_REPLACED = re.compile("[\x00-\x02\x07\x08\x0b\x0c\x0e-\x1f\u030a\u0333\u033f\u2028-\u202d]")
_LINK = re.compile(r"https?://\S+")
_SEPARATORS = frozenset(" \n.,?!@#$:;-<>[](){}=/+%&^*'\"`~|")


def _desktop(text: str) -> list[str]:
    left = _trim_desktop(_REPLACED.sub(" ", text.replace("\t", "  ").replace("\r", "")))
    parts = []
    while len(left) > LIMIT:
        cut = _best_cut(left)
        parts.append(left[:cut])
        left = left[cut:]
    return [_trim_desktop(part) for part in (*parts, left)]


def _best_cut(text: str) -> int:
    """Return the last of the best places in the second half of what fits."""
    inside = {at for link in _LINK.finditer(text, 0, LIMIT * 2) for at in range(link.start() + 1, link.end())}
    return max(range(LIMIT // 2 + 1, LIMIT + 1), key=lambda at: (0 if at in inside else _level(text, at), at))


def _level(text: str, at: int) -> int:
    """Return how good it is to cut before a character: best before a blank line, then a line, a sentence, a word."""
    before, here, after = text[at - 1], text[at], text[at + 1 : at + 2]
    if here == "\n":
        return 15 if after == "\n" else 13
    if _is_space(here):
        return 10 if before in ".?!" else 8 if before in ",:;" else 6
    return 4 if before in _SEPARATORS else 2


def _is_space(character: str) -> bool:
    return character.isspace() or character < " " or character in "\ufffc\u200b"


def _trim_desktop(text: str) -> str:
    kept = [at for at, character in enumerate(text) if not (_is_space(character) or _is_bad(ord(character)))]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _is_bad(code: int) -> bool:
    selector = 0xFE00 <= code < 0xFE0F
    return 0x2028 <= code < 0x202D or selector or (0x7F <= code < 0xA0 and code != 0x9C)


# Telegram for iOS. Source: TelegramMessenger/Telegram-iOS, submodules/TextFormat/Sources/ChatTextInputAttributes.swift
# (breakChatInputText, trimChatInputText).


def _ios(text: str) -> list[str]:
    units = _units(text).strip(" \t\n\u200c")
    cuts = [0]
    while len(units) - cuts[-1] > LIMIT:
        first, last = cuts[-1], cuts[-1] + LIMIT
        good = 1 + max(units.rfind("\n", first, last), units.rfind(".", first, last))
        cuts.append(good or last)
    cuts.append(len(units))
    return [_text(units[first:last].strip(" \t\n\u200c")) for first, last in pairwise(cuts)]


# Telegram for Android. Source: DrKLO/Telegram, org/telegram/ui/Components/ChatActivityEnterView.java
# (processSendingText) and org/telegram/messenger/AndroidUtilities.java (getTrimmedString). The space where it cuts is
# not sent. Without one within reach it drops a letter; that is not done here.

_REACH = 300  # code units back from the limit


def _android(text: str) -> list[str]:
    units = _units(text).strip(" \n")
    parts = []
    while len(units) > LIMIT:
        cut = _android_cut(units)
        parts.append(units[:cut])
        units = units[cut + 1 :] if units[cut].isspace() else units[cut:]
    return [_text(part.strip(" \n")) for part in (*parts, units)]


def _android_cut(units: str) -> int:
    """Return where to cut: at the last blank line within reach, else the first line's end there, else as it comes."""
    reach = range(LIMIT - 1, LIMIT - 1 - _REACH, -1)
    lines = [at for at in reach if units[at] == "\n"]
    blank = next((at for at in lines if units[at - 1] == "\n"), None)
    if blank is not None:
        return blank
    spaces = [at for at in reach if units[at].isspace()]
    sentence = next((at for at in spaces if units[at - 1] == "."), None)
    if lines:
        return lines[-1]
    if sentence is not None:
        return sentence
    return spaces[0] if spaces else LIMIT


def _units(text: str) -> str:
    """Return a text with one character for each UTF-16 code unit, as Java's and Objective-C's strings are."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(low | high << 8) for low, high in zip(raw[::2], raw[1::2], strict=True))


def _text(units: str) -> str:
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
