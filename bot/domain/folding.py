"""How two texts are compared by what they say: without case, width, invisible signs and outer marks."""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ`´′"), "'")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
# Letters that are their plain twin with a stroke or a ligature, which Unicode does not take apart.
STROKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
ACCENTS = re.compile("[\u0300-\u036f]")
SKIN_TONES = range(0x1F3FB, 0x1F400)
SPEAKING = "?¿%&#@/\\"  # punctuation that says something: a doubt, a share, a number, a way


def visible(text: str) -> str:
    """A text without the signs that nobody sees: byte order marks, joiners, directions, variations of a picture."""
    if text.isascii():
        return text
    return "".join(char for char in text if not _unseen(char))


def _unseen(char: str) -> bool:
    return (
        unicodedata.category(char) == "Cf"
        or 0xFE00 <= ord(char) <= 0xFE0F
        or ord(char) in SKIN_TONES
        or char in "\u034f\u115f\u1160\u3164\uffa0"  # fillers, which count as letters
    )


def folded(text: str) -> str:
    """A text without differences of case, width, kinds of apostrophes and dashes, and invisible signs."""
    same = unicodedata.normalize("NFKC", visible(text)).casefold()
    return same.translate(APOSTROPHES).translate(DASHES)


def unmarked(text: str, but: str = SPEAKING) -> str:
    """A text without the punctuation and blanks around it; as it is where nothing else would be left."""
    start, end = 0, len(text)
    while start < end and _is_mark(text[start], but):
        start += 1
    while end > start and _is_mark(text[end - 1], but):
        end -= 1
    return text[start:end] or text.strip()


def _is_mark(char: str, but: str) -> bool:
    return char.isspace() or (char not in but and unicodedata.category(char)[0] == "P") or char in "`´•"


def searched(text: str) -> str:
    """A text as search compares it: `folded`, without accents and apostrophes, a blank for a dash."""
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", folded(text)))
    return unicodedata.normalize("NFC", plain).translate(STROKED).replace("'", "").replace("-", " ")


TITLES = {
    *("dr", "prof", "professor", "mr", "mrs", "ms", "mx", "miss", "sir", "dame", "lord", "lady", "hon", "rev", "amb"),
    *("ambassador", "gen", "general", "col", "colonel", "maj", "major", "capt", "captain", "lt", "lieutenant", "sgt"),
    *("cmdr", "commander", "adm", "admiral"),
}
DEGREES = {"phd", "dphil", "md", "jd", "mba", "mpa", "mpp", "msc", "bsc", "llm", "llb", "esq"}
BEHIND_COMMA = DEGREES | {"ma", "ba"}  # which are family names, too: Jack Ma
NO_WORDS = re.compile(r"[^\w\s,]")
INITIALS = re.compile(r"\b(\w) (?=\w\b)")


def name_by_looks(name: str) -> str:
    """What two spellings of a person's name share: "Dr. Jane Roe, Ph.D.", "ROE, JANE" and "Jane Roé" are one.

    Without titles before it and degrees behind it, marks, accents and case; with them where nothing else is left.
    """
    plain = NO_WORDS.sub(" ", searched(name).replace(".", ""))
    parts = [part.split() for part in plain.split(",")]
    while len(parts) > 1 and all(word in BEHIND_COMMA for word in parts[-1]):
        parts.pop()
    family, given = (parts[0], parts[1]) if len(parts) == 2 else ([], [word for part in parts for word in part])
    words = [*given, *family]
    start = next((nth for nth, word in enumerate(words) if word not in TITLES), len(words))
    end = next((len(words) - nth for nth, word in enumerate(reversed(words)) if word not in DEGREES), 0)
    return INITIALS.sub(r"\1", " ".join(words[start:end] or words))
