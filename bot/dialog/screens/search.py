"""Search: the places whose text holds some words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Go, Place, Room, Said, Say, Turn, Typed
from bot.dialog.screens.evidence import OneEvidence
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import at
from bot.dialog.screens.row import AtRow
from bot.domain.access.permissions import Verb
from bot.domain.search import Found, find, folded

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
    there = folded(flat)
    starts = [start for word in folded(words).split() if (start := there.find(word)) >= 0]
    start = max(0, min(starts, default=0) - AROUND)
    cut = flat[start : start + 2 * AROUND]
    return f"{'…' if start else ''}{cut.strip()}{'…' if start + 2 * AROUND < len(flat) else ''}"
