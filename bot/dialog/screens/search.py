"""Search: the places whose text holds some words."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, islice

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.screens.evidence import EvidenceDetail
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import at
from bot.dialog.screens.row import RowPage
from bot.domain.access.permissions import Permission
from bot.domain.folding import searched
from bot.domain.search import SearchHit, find

SHOWN = 10
LONGEST = 100  # characters of what is looked for
AROUND = 60  # characters shown before and after


@dataclass(frozen=True)
class Search(Place):
    """What was found for some words, each with a way there."""

    code = "F"
    verb = Permission.LOOK
    targets = ()
    words: str = ""

    def render(self, context: Context) -> Message:
        home = (Button("Home", Link(Home())),)
        if not self.words:
            return Message(
                "Find", "Type the words to look for: in items, rows, answers and names of evidence.", (home,)
            )
        found = list(islice(find(context.here, self.words, context.today), SHOWN + 1))
        lines = [
            f"{number}. {context.item(hit.item).label}: {excerpt(hit.text, self.words)}"
            for number, hit in enumerate(found[:SHOWN], start=1)
        ]
        if len(found) > SHOWN:
            lines.append("There is more. Type another word as well to find less.")
        picks = [Button(str(number), Link(_there(context, hit))) for number, hit in enumerate(found[:SHOWN], start=1)]
        rows = [tuple(picks[start : start + 5]) for start in range(0, len(picks), 5)]
        title = f"Found for “{clip(self.words, 60)}”"
        text = "\n\n".join(lines) or "Nothing that you can see holds all of these words. Type others."
        return Message(title, text, (*rows, home))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case TextReply(text=text) if len(text) > LONGEST:
                return Outcome(self, aside=f"Please look for at most {LONGEST} characters.")
            case TextReply(text=text) if text.strip():
                return Outcome(Search(" ".join(text.split())))
            case _:
                return super().handle(context, said)


def _there(context: Context, found: SearchHit) -> Place:
    """The place where what was found is looked at."""
    if found.evidence is not None:
        return EvidenceDetail(found.item, found.evidence)
    return RowPage(found.item, found.row) if found.row is not None else at(context.item(found.item))


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
