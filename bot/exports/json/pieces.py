"""JSON read piece by piece, so that a text costs the memory of its largest piece, and a piece has a bound.

`json.loads` makes objects of a whole text before anybody can look at one: fifty megabytes of numbers become gigabytes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

from pydantic import JsonValue

SPACE = re.compile(r"[ \t\n\r]*")
TRIED = (4 * 1024, 256 * 1024)  # characters in which a piece is sought before as many as it may have


class JsonFault(ValueError):
    """What is wrong with a text, and where: a line and column, or the name of what holds it."""

    def __init__(self, where: str, what: str) -> None:
        """Say it."""
        super().__init__(f"{where}: {what}")
        self.where, self.what = where, what


class JsonPieces:
    """A text whose members and elements are taken one after the other; whoever is given one takes its value."""

    def __init__(self, text: str) -> None:
        """Begin at its start."""
        self._text, self._at = text, 0
        self._decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here."""
        self._take("{")
        seen: set[str] = set()
        more = self._begins('"') or self._take("}") == ","
        while more:
            key = self.string()
            if key in seen:
                raise JsonFault("the file", _twice(key))
            seen.add(key)
            self._take(":")
            yield key
            more = self._take(",}") == ","

    def elements(self) -> Iterator[int]:
        """The numbers of the elements of the list that begins here, from 0."""
        self._take("[")
        number, more = 0, not self._begins("]") or self._take("]") == ","
        while more:
            yield number
            number, more = number + 1, self._take(",]") == ","

    def string(self) -> str:
        """The text that stands here."""
        if not self._begins('"'):
            self._stop(self._at, "Expecting a text")
        try:
            found, self._at = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._stop(error.pos, error.msg)
        return str(found)

    def strings(self) -> dict[str, str]:
        """The object that stands here, of nothing but texts."""
        found = {}
        for key in self.members():
            if not self._begins('"'):
                raise JsonFault(key, "is no text")
            found[key] = self.string()
        return found

    def piece(self, most: int) -> tuple[JsonValue, str]:
        """The value that stands here, of so many characters at most, and how it is written."""
        self._skip()
        what = f"what begins here is no JSON, or longer than {most:,} characters, as none that is written"
        for length in (*(size for size in TRIED if size < most), most):
            written = self._text[self._at : self._at + length]
            is_all = self._at + length >= len(self._text)
            try:
                value, end = self._decoder.raw_decode(written)
            except json.JSONDecodeError as error:
                if is_all:
                    self._stop(self._at + error.pos, error.msg)
            except RecursionError:
                raise JsonFault("the file", "it is nested too deeply") from None
            except ValueError as error:
                raise JsonFault("the file", str(error)) from None
            else:
                self._at += end
                return value, written[:end]
        return self._stop(self._at, what)

    def ends(self) -> None:
        """Nothing more stands here."""
        self._skip()
        if self._at < len(self._text):
            self._stop(self._at, "Extra data")

    def _skip(self) -> None:
        found = SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _begins(self, sign: str) -> bool:
        self._skip()
        return self._text.startswith(sign, self._at)

    def _take(self, signs: str) -> str:
        """One of these signs, which must stand here."""
        self._skip()
        sign = self._text[self._at : self._at + 1]
        if not sign or sign not in signs:
            self._stop(self._at, f"Expecting {' or '.join(signs)}")
        self._at += 1
        return sign

    def _stop(self, at: int, what: str) -> NoReturn:
        line, column = self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)
        raise JsonFault(f"line {line}, column {column}", f"no JSON: {what}") from None


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        raise ValueError(_twice(next(name for name, count in times.items() if count > 1)))
    return found


def _twice(key: str) -> str:
    return f"the key “{key[:40]}” is given twice"


def _no_constant(name: str) -> JsonValue:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
