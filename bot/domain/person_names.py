"""What people are called: names made plain, and compared by their looks.

A name is somebody's own text that stands where the program says who is what and who did what. So it is one line,
without what nobody sees, and it holds none of the words by which the program itself says so.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.domain.folding import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST = 60  # characters
UNNAMED = "Unnamed person"

# By these the program says who is what and who did what. "Said", "You" and "Bot" are names, but not by themselves.
ROLES = frozenset(
    {"lead", "leads", "member", "members", "observer", "observers", "operator"}
)  # at either end of a name
DEEDS = frozenset(
    {"answered", "assigned", "confirmed", "invited", "joined", "opened", "recorded", "removed", "signed", "waived"}
)
NO_NAMES = frozenset({"you", "bot", "the bot", "somebody", "nobody", "everybody", "the command line", "unknown"})

BREAKS = ',;:"“”„«»|•→'  # between names in a list, and between a name and what is told of it
BLANKS = "\u2800"  # drawn as nothing, and counted as a sign
HARDLY_SEEN = dict.fromkeys(map(ord, " .,'’‘`´-‐–_·"))
WORD = re.compile(r"[^\W_]+")
YOU = re.compile(r"\(\s*you\s*\)", re.IGNORECASE)
EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
ACCENTS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
ACCENT = re.compile(f"[{ACCENTS}]")
HEAP = re.compile(f"([{ACCENTS}]{{3}})[{ACCENTS}]+")  # accents that are drawn over the lines above and below
EDGES = re.compile(rf"\A[\s{ACCENTS}–—-]+|[\s–—-]+\Z")
NO_HANDLE = re.compile(r"[^A-Za-z0-9_]")  # what no username on Telegram has


def person_name(text: str, handle: str = "") -> str:
    """What a person is called who gives this name: it, made plain; else their handle; else that they have none."""
    return plain_name(text) or plain_name(handle) or UNNAMED


def plain_name(text: str) -> str:
    """A name as it is shown: one line of signs that can be seen; empty where nothing of a name is left."""
    line = "".join(map(_kept, visible(unicodedata.normalize("NFKC", text))))
    line = HEAP.sub(r"\1", YOU.sub(" ", line))
    line = EMPTY.sub(" ", WORD.sub(lambda word: "" if _is_one(word[0], DEEDS) else word[0], line))
    words = line.split()
    while words and _is_one(words[0].strip("()[]"), ROLES):
        del words[0]
    while words and _is_one(words[-1].strip("()[]"), ROLES):
        del words[-1]
    name = EDGES.sub("", " ".join(words))[:LONGEST].rstrip()
    seen = any(unicodedata.category(char)[0] in "LN" or unicodedata.category(char) == "So" for char in name)
    return name if seen and name.casefold() not in NO_NAMES else ""


def _kept(char: str) -> str:
    if char in BREAKS or char in BLANKS or char.isspace():
        return " "
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs" | "Co" | "Cn":
            return ""
        case _:
            return "" if 0xE0100 <= ord(char) <= 0xE01EF else char  # more variations of a picture


def _is_one(word: str, words: frozenset[str]) -> bool:
    return word.casefold() in words or (not word.isascii() and any(looks_like(word, ours) for ours in words))


def looks_like(name: str, other: str) -> bool:
    """Whether a reader can take one name for the other: case, accents, marks and letters of other scripts apart."""
    return any(mine == theirs for mine, theirs in zip(_looks(name), _looks(other), strict=True))


def looks_like_any(name: str, others: Iterable[str]) -> str:
    """The first of these that a name can be taken for; empty for none."""
    return next((other for other in others if looks_like(name, other)), "")


@lru_cache(maxsize=1024)
def _looks(name: str) -> tuple[str, str]:
    """What is drawn: without regard to case, and as it stands, where a capital I is a small L."""
    plain = _bare(visible(unicodedata.normalize("NFKC", name)))
    ours = "".join(char if char.isascii() else _prototypes().get(char, char) for char in plain)
    return _drawn(ours.casefold()), _drawn(plain)


def _drawn(text: str) -> str:
    """The skeleton of a text (UTS 39, section 4), without blanks and the marks that are hardly seen."""
    drawn = _bare("".join(_prototypes().get(char, char) for char in text))
    return drawn.translate(HARDLY_SEEN) or drawn


def _bare(text: str) -> str:
    return ACCENT.sub("", unicodedata.normalize("NFKD", text))


@cache
def _prototypes() -> Mapping[str, str]:
    """The sign, or signs, that each is drawn like, by Unicode's table of confusables (UTS 39, confusables.txt).

    The package keeps the table both ways round. A prototype stands for several signs, a sign for its prototype
    alone; of a pair the lower one is taken for the prototype.
    """
    table = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_bytes())
    alike = {sign: [entry["c"] for entry in others] for sign, others in table.items()}
    return {
        sign: others[0]
        for sign, others in alike.items()
        if len(sign) == 1 and len(others) == 1 and (len(alike[others[0]]) > 1 or others[0] < sign)
    }
