"""Telegram's HTML, read as strictly as Telegram reads it.

Only its own tags and four named entities exist; anything else is an error, and
the error names the byte where it begins. Source: Bot API, "HTML style"; the
wording and the byte offsets are those which Telegram's server answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .wire import Json

_ENTITY_OF = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*));?")
_LONGEST_REFERENCE = 10  # bytes; a longer number is left as it stands
_LAST_CODE_POINT = 0x10FFFF
_SPACE = b" \t\n\v\f\r"
_SURROGATES = re.compile("[\ud800-\udfff]")


class MarkupError(ValueError):
    """Text that claims to be Telegram's HTML and is not."""


def utf16_length(text: str) -> int:
    """Count a text as Telegram does: in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the text that people will see, and what is marked in it.

    Entities come in order of their offset, the longer first. Raises `MarkupError`.
    """
    return _Reader(source).read()


@dataclass(frozen=True)
class _Open:
    """A tag that still waits for its end."""

    tag: str
    attributes: dict[str, str]
    text_at: int


class _Reader:
    """One pass over the bytes; errors speak of bytes, entities of UTF-16 units."""

    def __init__(self, source: str) -> None:
        self._bytes = source.encode("utf-8", "surrogatepass")
        self._at = 0
        self._text: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        while self._at < len(self._bytes):
            if self._here() == b"<":
                self._tag()
            elif self._here() == b"&":
                self._write(self._reference())
            else:
                self._write(self._take_until(b"<&").decode("utf-8", "surrogatepass"))
        if self._open:
            tag = self._open[-1].tag
            what = f'Can\'t find end tag corresponding to start tag "{tag}"'
            raise MarkupError(what)
        text = "".join(self._text)
        if _SURROGATES.search(text):
            what = (
                "Text contains invalid Unicode characters after decoding HTML "
                "entities, check for unmatched surrogate code units"
            )
            raise MarkupError(what)
        self._entities.sort(key=_position)
        return text, self._entities

    def _here(self) -> bytes:
        return self._bytes[self._at : self._at + 1]

    def _take_until(self, stops: bytes) -> bytes:
        begin = self._at
        while self._at < len(self._bytes) and self._bytes[self._at] not in stops:
            self._at += 1
        return self._bytes[begin : self._at]

    def _skip_space(self) -> None:
        while self._here() and self._here() in _SPACE:
            self._at += 1

    def _write(self, text: str) -> None:
        self._text.append(text)
        self._length += utf16_length(text)

    def _reference(self) -> str:
        """Read `&lt;` and the like; what is no reference stays as typed."""
        match = _REFERENCE.match(self._bytes, self._at)
        character = _character(match) if match else ""
        if match is None or not character:
            self._at += 1
            return "&"
        self._at = match.end()
        return character

    def _tag(self) -> None:
        begin = self._at
        self._at += 1
        if self._here() == b"/":
            self._at += 1
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        tag = self._take_until(_SPACE + b">").decode().lower()
        where = f"at byte offset {begin}"
        if not self._here():
            what = f"Unclosed start tag {where}"
            raise MarkupError(what)
        if tag not in _ENTITY_OF:
            what = f'Unsupported start tag "{tag}" {where}'
            raise MarkupError(what)
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._here() == b">":
                break
            name, value = self._attribute(tag, begin)
            attributes[name] = value
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            what = f'Tag "span" must have class "tg-spoiler" {where}'
            raise MarkupError(what)
        self._at += 1
        self._open.append(_Open(tag, attributes, self._length))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        where = f"at byte offset {begin}"
        name = self._take_until(_SPACE + b"=>").decode()
        if not name:
            what = f'Empty attribute name in the tag "{tag}" {where}'
            raise MarkupError(what)
        self._skip_space()
        if (tag, name) == ("blockquote", "expandable") and self._here() != b"=":
            return name, ""
        if self._here() != b"=":
            what = f'Expected equal sign in declaration of an attribute of the tag "{tag}" {where}'
            raise MarkupError(what)
        self._at += 1
        self._skip_space()
        if not self._here():
            what = f'Unclosed start tag "{tag}" {where}'
            raise MarkupError(what)
        value = self._quoted() if self._here() in b"'\"" else self._token()
        if not self._here():
            what = f"Unclosed start tag {where}"
            raise MarkupError(what)
        return name, value

    def _quoted(self) -> str:
        quote = self._here()
        self._at += 1
        value = ""
        while self._here() and self._here() != quote:
            if self._here() == b"&":
                value += self._reference()
            else:
                piece = self._take_until(quote + b"&")
                value += piece.decode("utf-8", "surrogatepass")
        self._at += len(self._here())
        return value

    def _token(self) -> str:
        begin = self._at
        match = re.compile(rb"[A-Za-z0-9.-]*").match(self._bytes, begin)
        value = match.group() if match else b""
        self._at += len(value)
        if self._here() and self._here() not in _SPACE + b">":
            what = f"Unexpected end of name token at byte offset {begin}"
            raise MarkupError(what)
        return value.decode().lower()

    def _end_tag(self, begin: int) -> None:
        if not self._open:
            what = f"Unexpected end tag at byte offset {begin}"
            raise MarkupError(what)
        tag = self._take_until(_SPACE + b">").decode().lower()
        self._skip_space()
        if self._here() != b">":
            what = f"Unclosed end tag at byte offset {begin}"
            raise MarkupError(what)
        self._at += 1
        opened = self._open.pop()
        if tag not in {"", opened.tag}:
            what = f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{tag}>"'
            raise MarkupError(what)
        if self._length > opened.text_at:
            self._mark(opened)

    def _mark(self, opened: _Open) -> None:
        kind = _ENTITY_OF[opened.tag]
        entity: Json = {
            "type": kind,
            "offset": opened.text_at,
            "length": self._length - opened.text_at,
        }
        if kind == "text_link":
            entity["url"] = opened.attributes.get("href", "")
            if "." not in str(entity["url"]):
                return  # Telegram shows a link that leads nowhere as plain text.
        elif kind == "custom_emoji":
            number = opened.attributes.get("emoji-id", "")
            if not number.isdecimal():
                what = "Invalid custom emoji identifier specified"
                raise MarkupError(what)
            entity["custom_emoji_id"] = number
        elif kind == "date_time":
            entity["unix_time"] = int(opened.attributes.get("unix", "0"))
            entity["date_time_format"] = opened.attributes.get("format", "")
        elif kind == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        self._entities.append(entity)


def _character(match: re.Match[bytes]) -> str:
    """Return the character a reference stands for, or nothing if it is none."""
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, "")
    digits, base = (decimal, 10) if hexadecimal is None else (hexadecimal, 16)
    too_long = len(match.group().rstrip(b";")) >= _LONGEST_REFERENCE
    number = 0 if too_long or not digits else int(digits, base)
    return chr(number) if 0 < number < _LAST_CODE_POINT else ""


def _position(entity: Json) -> tuple[int, int]:
    return int(str(entity["offset"])), -int(str(entity["length"]))
