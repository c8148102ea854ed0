"""Search: the places whose text holds some words."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, islice

from bot.core.finding import Found, find
from bot.core.folding import searched
from bot.core.permission import Verb
from bot.dialog.evidence import OneEvidence
from bot.dialog.home import Home
from bot.dialog.place import Button, Go, Place, Room, Said, Say, Turn, Typed
from bot.dialog.rows import AtRow
from bot.dialog.spot import clip
from bot.dialog.walk import at

SHOWN = 10
LONGEST = 100  # characters of what is looked for
AROUND = 60  # characters shown before and after


@dataclass(frozen=True)
class Find(Place):
    """What was found for some words, each with a way there."""

    code = "F"
    verb = Verb.LOOK
    words: str = ""

    def says(self, room: Room) -> Say:
        home = (Button("Home", Go(Home())),)
        if not self.words:
            return Say("Find", "Type the words to look for: in items, rows, answers and names of evidence.", (home,))
        found = list(islice(find(room.here, self.words, room.today), SHOWN + 1))
        lines = [
            f"{number}. {room.item(one.item).label}: {excerpt(one.text, self.words)}"
            for number, one in enumerate(found[:SHOWN], start=1)
        ]
        if len(found) > SHOWN:
            lines.append("There is more. Type another word as well to find less.")
        picks = [Button(str(number), Go(_there(room, one))) for number, one in enumerate(found[:SHOWN], start=1)]
        rows = [tuple(picks[start : start + 5]) for start in range(0, len(picks), 5)]
        title = f"Found for “{clip(self.words, 60)}”"
        text = "\n\n".join(lines) or "Nothing that you can see holds all of these words. Type others."
        return Say(title, text, (*rows, home))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Typed(text=text) if len(text) > LONGEST:
                return Turn(self, aside=f"Please look for at most {LONGEST} characters.")
            case Typed(text=text) if text.strip():
                return Turn(Find(" ".join(text.split())))
            case _:
                return super().hears(room, said)


def _there(room: Room, found: Found) -> Place:
    """The place where what was found is looked at."""
    if found.evidence is not None:
        return OneEvidence(found.item, found.evidence)
    return AtRow(found.item, found.row) if found.row is not None else at(room.item(found.item))


def excerpt(text: str, words: str) -> str:
    """A text on one line, around the first place where one of the words stands."""
    flat = " ".join(text.split())
    pieces = [searched(char) for char in flat]  # which may be longer or shorter than what is shown
    there = "".join(pieces)
    starts = [start for word in searched(words).split() if (start := there.find(word)) >= 0]
    ends = list(accumulate(map(len, pieces)))
    start = max(0, bisect_right(ends, min(starts, default=0)) - AROUND)
    cut = flat[start : start + 2 * AROUND]
    return f"{'…' if start else ''}{cut.strip()}{'…' if start + 2 * AROUND < len(flat) else ''}"
