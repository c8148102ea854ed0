"""Three people at once write as people do: corrected, pasted, replied, cut, twice, out of order, and gone on.

Every word that is sent is a marker, which is nowhere else. Of each it is asked what became of it: it is recorded at
the question below which it was typed, or it stands in a draft of its sender's, or an answer says what became of it. A
word recorded at another question went astray; a word of which nothing says what became of it is unsaid.
"""

from __future__ import annotations

import random
import re
import secrets
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bot.dialog.callback_data import restored, stored
from bot.dialog.screens.item import at
from bot.dialog.screens.placing import UnplacedMessage
from bot.dialog.screens.search import Search
from bot.domain.events import RowPut
from bot.domain.ownership import item_of
from bot.domain.readiness.item_gaps import applies
from tests import faults
from tests.api import CHECKLISTS, Delegation, read_update
from tests.soak import Figure
from tests.telegram_double.clients import Client, messages_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.dialog.contract import Place
    from bot.domain.events import AnyEvent
    from tests.api import Response

TEAM = ("Maya", "Omar", "Lina")
CHECKLIST = "us-china-space"
SESSIONS, PROVED, SEEDED = 10_000, 1_000, 120
TOGETHER = 25  # sessions in one set of talks
SEED = 15  # of the run that is always the same
MARKER = re.compile(r"zq[0-9]+z")
NOTHING = re.compile(
    r"nothing was recorded|not recorded|changes nothing|was not kept|at most 100 characters", re.IGNORECASE
)
# What would end the talks, or somebody's part in them, or begin others.
ELSEWHERE = re.compile(
    r"Leave|Remove|Hand over|Step down|Put the talks|Open a neg|^Make |Invite|Other talks|are kept|Move the talks|"
    r"Passphrase|carries|Replace|sees this|Sign-in|wait for a lead|Take away|PDF|Word|Excel|CSV|JSON|Markdown|Web page|"
    r"Calendar"
)
TYPED = (
    "answer",
    "answer",
    "answer",
    "rows",
    "named",
    "list",
    "lines",
    "long",
    "edit",
    "twice",
    "late",
    "find",
    "go",
    "go",
)
KINDS = (*TYPED, "reply", "forward", "cut")


@dataclass(frozen=True)
class Message:
    """What somebody sent: its words, and the place below which they typed it."""

    sender: str
    number: int
    words: tuple[str, ...]
    place: Place
    one_line: bool

    @property
    def told(self) -> str:
        """It, in a few words."""
        return f"{self.sender}’s {self.number} {self.words[:2]}… ({len(self.words)}) at {self.place!r:.150}"


@dataclass
class Count:
    """What became of all words so far; of what went wrong the first few, to be looked into."""

    sent: int = 0
    astray: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many words went astray, vanished, or were heard twice."""
        return len(self.astray) + len(self.unsaid) + len(self.twice)


class Talks:
    """One set of talks, in which sessions follow each other."""

    def __init__(self, folder: Path, chance: random.Random, count: Count) -> None:
        """Open the talks; ``chance`` decides all."""
        self.there = Delegation(folder, at=datetime(2027, 1, 15, 10, tzinfo=UTC))
        self.there.goes_on(chance=True)  # or all drafts would have the same key
        self.there.opens(CHECKLIST, "Maya lead", "Omar member", "Lina member")
        self.chance, self.count = chance, count
        self.messages: dict[str, list[Message]] = {name: [] for name in TEAM}
        self.drafts: dict[str, list[Message]] = {name: [] for name in TEAM}
        self.shown: dict[str, dict[int, Place]] = {name: {} for name in TEAM}  # what each message of the bot's shows

    def session(self, kinds: Sequence[str]) -> None:
        """Some eight messages of three people, who begin at questions of their own."""
        for name in TEAM:
            n, today = self.there.negotiation(), self.there.at.date()
            item = self.chance.choice([one for one in CHECKLISTS[CHECKLIST].item.values() if applies(n, one, today)])
            self._leaves_drafts(name)
            self.there.chat(name).is_left(place=stored(at(item)))
            self._sees(name)
        for _ in range(self.chance.randint(6, 10)):
            self.there.at += timedelta(seconds=self.chance.randint(6, 90))
            self._act(self.chance.choice(TEAM), self.chance.choice(kinds))

    # What they do

    def _act(self, name: str, kind: str) -> None:
        match kind:
            case "go":
                self._taps(name)
            case "edit":
                self._edits(name)
            case "twice":
                self._sends_twice(name)
            case "late":
                self._edits_before_it_is_heard(name)
            case "cut":
                self._sends_cut(name)
            case _:
                others = [other for other in TEAM if other != name and self.chance.random() < 0.2]
                self._hears(
                    [self._message(who, self._text(kind), **self._beside(who, kind)) for who in (name, *others)]
                )

    def _taps(self, name: str) -> None:
        chat = self.there.chat(name)
        labels = [label for label in chat.screen.labels if not ELSEWHERE.search(label)]
        if not labels:
            self._hears([self._message(name, "/sections")])
            return
        label = self.chance.choice(labels)
        packed = chat.offered(label)
        assert packed is not None
        placed = isinstance(self._place(name), UnplacedMessage)  # they say where it goes
        came = self.there.receives(chat.update(button=packed))[0]
        self._told(name, came, self._happened(), f"[{label}]", placed=placed)

    def _edits(self, name: str) -> None:
        if not self.messages[name]:
            return
        before = self.chance.choice(self.messages[name][-4:])
        self.drafts[name] = [one for one in self.drafts[name] if one.number != before.number]
        text = self._text("lines" if len(before.words) > 3 else "answer")
        self._hears([self._message(name, text, of=before)])

    def _sends_twice(self, name: str) -> None:
        raw = self._message(name, self._text("answer"))
        self._hears([raw])
        before = self.there.recorded()
        again = self.there.receives(read_update(raw[0]))
        if self.there.recorded() != before or not again[0].repeated:
            self.count.twice.append(raw[0]["message"]["text"])

    def _edits_before_it_is_heard(self, name: str) -> None:
        """The correction overtakes what it corrects."""
        late = self._message(name, self._text("answer"))
        self._hears([self._message(name, self._text("answer"), of=late[1])])
        self._hears([late])

    def _sends_cut(self, name: str) -> None:
        text = " ".join(self._words(self.chance.randint(700, 1100)))
        parts = messages_of(text, self.chance.choice(list(Client)))
        place = self._place(name)
        self._hears([self._message(name, part, place=place) for part in parts])

    def _beside(self, name: str, kind: str) -> dict[str, Any]:
        """What Telegram sends beside the words, for the ways that are its own."""
        if kind == "forward":
            origin = {"type": "hidden_user", "date": 1_800_000_000, "sender_user_name": "Somebody else"}
            return {"beside": {"forward_origin": origin}}
        if kind == "reply" and self.shown[name]:
            number, place = self.chance.choice(list(self.shown[name].items())[-20:])
            chat = {"id": self.there.telegram[name], "type": "private", "first_name": name}
            return {"beside": {"reply_to_message": {"message_id": number, "date": 1, "chat": chat}}, "place": place}
        return {}

    # What they write

    def _words(self, number: int) -> list[str]:
        self.count.sent += number
        return [f"zq{self.count.sent - nth}z" for nth in range(number)]

    def _text(self, kind: str) -> str:
        words = self._words(self.chance.randint(1, 3))
        match kind:
            case "rows":
                return "\n".join(f"{word}; {other}" for word, other in zip(words, self._words(len(words)), strict=True))
            case "named":
                item = self.chance.choice([one for one in CHECKLISTS[CHECKLIST].item.values() if one.fields])
                return (
                    "\n".join(f"{one.label}: {word}" for one, word in zip(item.fields, words, strict=False)) or words[0]
                )
            case "list":
                return "\n".join(f"• {word}" for word in words)
            case "lines":
                return "\n".join(words)
            case "long":
                return " ".join([*words, *self._words(self.chance.randint(150, 290))])
            case "find":
                return f"/find {' '.join(words)}"
            case _:
                said = " ".join(words)
                return self.chance.choice(
                    (said, said, f"12 March 2027 {said}", f"Yes, {said}", f"{said}?", f"“{said}”")
                )

    def _message(
        self,
        name: str,
        text: str,
        *,
        of: Message | None = None,
        place: Place | None = None,
        beside: dict[str, Any] | None = None,
    ) -> tuple[dict[str, Any], Message]:
        """A message as Telegram brings it, or an edit ``of`` one; with what it is to be found by."""
        self.there.updates += 1
        number = of.number if of else self.there.updates
        where = of.place if of else place or self._place(name)
        sender = {"id": self.there.telegram.setdefault(name, 500), "is_bot": False, "first_name": name}
        core = {"message_id": number, "date": int(self.there.at.timestamp()), "text": text, "from": sender}
        core["chat"] = {"id": sender["id"], "type": "private", "first_name": name}
        core |= {"edit_date": core["date"] + 1} if of else {}
        kind = "edited_message" if of else "message"
        message = Message(name, number, tuple(MARKER.findall(text)), where, "\n" not in text)
        if not of:
            self.messages[name].append(message)
        return {"update_id": self.there.updates, kind: {**core, **(beside or {})}}, message

    def _sees(self, name: str) -> None:
        """Have Telegram show somebody where their chat stands."""
        self.there.chat(name).is_shown()
        self.shown[name][self.there.shown[name][-1]] = self._place(name)

    def _place(self, name: str) -> Place:
        with self.there.store.reading() as tx:
            row = tx.chat(self.there.people[name])
        assert row is not None
        return restored(row.place)

    # What becomes of it

    def _hears(self, sent: list[tuple[dict[str, Any], Message]]) -> None:
        self.chance.shuffle(sent)
        for _, message in sent:
            self.drafts[message.sender].append(message)
        responses = self.there.receives(*(read_update(raw) for raw, _ in sent))
        happened = self._happened()
        last = {message.sender: response for (_, message), response in zip(sent, responses, strict=True)}
        for name, response in last.items():
            self._told(name, response, happened)

    def _happened(self) -> list[AnyEvent]:
        line = self.there.line(since=getattr(self, "_seq", 0))
        self._seq = line[-1].seq if line else getattr(self, "_seq", 0)
        return [one.event for one in line]

    def _told(
        self, name: str, response: Response, happened: Sequence[AnyEvent], act: str = "", *, placed: bool = False
    ) -> None:
        """Look for every word of somebody's that is not accounted for yet."""
        chat = self.there.chat(name)
        owed = response.owed
        read = "\n".join([response.notice, *([owed.title, owed.text] if owed else [chat.screen.whole])])
        place = self._place(name)
        self._sees(name)
        recorded = {word: event for event in happened for word in MARKER.findall(event.model_dump_json())}
        sent = [word for message in self.drafts[name] for word in message.words]
        repeated = _is_clipped([word for word in sent if word not in recorded], read)
        left = []
        for message in self.drafts[name]:
            there = [word for word in message.words if word in recorded]
            blanket = repeated or (not there and NOTHING.search(read) is not None)
            waits = []
            for word in message.words:
                if word in recorded:
                    if not placed and not _is_at(message, word, recorded[word]):
                        self.count.astray.append(f"{word} of {message.told} is in {recorded[word]!r:.300}")
                elif not isinstance(place, Search) and word in stored(place):
                    waits.append(word)
                elif word not in read and not blanket:
                    self.count.unsaid.append(
                        f"{word} of {message.told} after {act or 'a message'}, at {place!r:.150} they read: {read:.500}"
                    )
            if waits:
                left.append(Message(message.sender, message.number, tuple(waits), message.place, message.one_line))
        self.drafts[name] = left

    def _leaves_drafts(self, name: str) -> None:
        """A session ends where it stands: what waits in a draft goes with an honest word, by /home."""
        if self.drafts[name]:
            self._hears([self._message(name, "/home")])

    def close(self) -> None:
        """Let go of the database."""
        self.there.close()


def _is_clipped(words: Sequence[str], read: str) -> bool:
    """Whether an answer repeats the beginning of what waited, and says how much more of it there was."""
    return "more characters)" in read and any(word in read for word in words)


def _is_at(message: Message, word: str, event: AnyEvent) -> bool:
    """Whether an event records a word where its sender was asked."""
    items = {item_of(target) for target in message.place.targets} - {None}
    item = item_of(event.concerns() or "")
    if item is None:
        return not items or event.concerns() in message.place.targets
    if items and item not in items:
        return False
    asked = getattr(message.place, "field", "")
    if not (asked and message.one_line and isinstance(event, RowPut)):
        return bool(items)
    return word in repr(event.cells.get(asked))


def lived(sessions: int, seed: int, kinds: Sequence[str] = KINDS) -> Count:
    """What became of all words of so many sessions."""
    count, chance = Count(), random.Random(seed)  # noqa: S311 (a soak must repeat)
    with ExitStack() as stack:
        stack.enter_context(faults.on("sync_less"))
        for size in _sizes(sessions):
            with TemporaryDirectory() as folder:
                talks = Talks(Path(folder), chance, count)
                for _ in range(size):
                    talks.session(kinds)
                talks.close()
    return count


def _sizes(sessions: int) -> Iterator[int]:
    while sessions > 0:
        yield min(TOGETHER, sessions)
        sessions -= TOGETHER


def soak(*, short: bool) -> list[Figure]:
    """Live so many sessions; then with a bot that leaves words unsaid, and one that takes edits where people stand."""
    sessions, seed = (PROVED, SEED) if short else (SESSIONS, secrets.randbelow(10**6))
    with ProcessPoolExecutor(2, get_context("spawn")) as both:
        halves = list(both.map(lived, (sessions // 2, sessions // 2), (seed, seed + 1)))
    found = Count(
        sum(half.sent for half in halves),
        *([one for half in halves for one in getattr(half, wrong)] for wrong in ("astray", "unsaid", "twice")),
    )
    with faults.on("leave_words_unsaid"):
        silent = lived(SEEDED, SEED, TYPED)
    with faults.on("edit_where_they_stand"):
        astray = lived(SEEDED, SEED, TYPED)
    counted = f"{len(found.astray)} elsewhere, {len(found.unsaid)} unsaid, {len(found.twice)} twice"
    first = "; ".join([*found.astray[:1], *found.unsaid[:1], *found.twice[:1]])[:600]
    return [
        Figure(
            "three people write as people do",
            f"{sessions:,} sessions of some eight messages, seeds {seed} and {seed + 1}: {found.sent:,} words "
            "answered, corrected, pasted, replied, forwarded, cut by clients, twice, overtaken and left in drafts",
            "no word elsewhere, none unsaid, none twice",
            met=found.wrong == 0,
            caught=bool(silent.unsaid) and bool(astray.astray),
            measured=". ".join(filter(None, (counted, first))),
        )
    ]
