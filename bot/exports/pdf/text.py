"""Text as it can be set in type: what cannot be drawn is named, what would disturb its neighbours is left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

LONGEST = 2000  # characters; a template cuts to what it has room for
ISOLATE, END = "\u2068", "\u2069"
PLAIN = re.compile(r"[\x20-\x7e\xa0-\xac\xae-\u017f\u0391-\u03a9\u03b1-\u03c9\u0400-\u045f–—‘’“”…·•−]*")
# Of what is written for no eye, joiners alone shape letters: Persian and Hindi need them.
JOINERS = "\u200c\u200d"
SKIN = range(0x1F3FB, 0x1F400)
FLAG = 0x1F1E6  # regional indicator A
MARKS = 4  # combining marks on one letter; more would be drawn over the lines around
MISSING = "▯"


def lettered(text: str, drawable: Callable[[str], bool]) -> str:
    """The text on one line, each character of which can be drawn.

    A symbol that no font has is named, such as [rocket]; a letter that none has is a box. Text with
    right-to-left letters is isolated, so that it does not turn what stands around it.
    """
    text = " ".join(text[: 2 * LONGEST].split())[:LONGEST]
    if PLAIN.fullmatch(text):
        return text
    # Halves of surrogate pairs meet, or are replaced: JSON and typst know whole characters only.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = "".join(_shown(unicodedata.normalize("NFC", text), drawable))
    text = " ".join(text.split())
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return f"{ISOLATE}{text}{END}"
    return text


def _shown(text: str, drawable: Callable[[str], bool]) -> Iterator[str]:
    marks, before = 0, ""
    for char in text:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if marks > MARKS or ord(char) in SKIN or (char in "\ufe0e\ufe0f"):
            continue
        if kind in {"Cc", "Cf", "Cs"}:
            # A joiner between symbols makes one picture of two; they are shown one by one.
            if char in JOINERS and unicodedata.category(before or " ").startswith(("L", "M")):
                yield char
        elif FLAG <= ord(char) < FLAG + 26:
            yield chr(ord(char) - FLAG + ord("A"))
        elif drawable(char):
            yield char
        elif kind == "So" and (name := unicodedata.name(char, "")):
            yield f"[{name.lower()}]"
        else:
            if before != MISSING:
                yield MISSING
            before = MISSING  # a run of such letters is one box
            continue
        before = char
