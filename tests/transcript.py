"""Chats as tests: a transcript is replayed against a desk, and what comes out is compared with it.

Lines before the first speaker are comments (#), the day (``@ 2027-01-15 10:00``) and who is there
(``! us-china-space: Maya lead, Omar member``, talks on 2027-03-15; with ``us-china-space settled`` everything
is answered well, as of 2027-02-15). ``! nobody`` begins with an empty database, whose one-time code is
``<invitation>``. ``@@ 2027-02-10 08:00`` in between lets time pass, and the bot writes to whom it has to
(``(to Omar)``); the buttons of that can be tapped. ``(edited csv: items rung answer = no)`` sends back the file last
given to a person, with something else typed into it. Hashes of states are written ``<state 1>``, ``<state 2>``, in
the order in which they appear. All state is read from storage anew before every reply: nothing may live in memory
alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from bot.chats import wanted
from bot.core.events import Opened, Role
from bot.core.told import told
from bot.desk import Desk
from bot.dialog.place import Command, Said, Sent, Typed, Unheard
from bot.library import read_library
from bot.office import Office
from bot.papers import Ordered
from bot.reminding import Reminding
from bot.store import Store
from bot.talk import INDENT, pictured, said, tapped, written
from bot.traffic import Arrived, Shown
from tests.e2e import KEY
from tests.edited import edited_csv, edited_excel
from tests.factories import settling
from tests.fresh import fresh_store

ROOT = Path(__file__).parent.parent
CHECKLISTS = read_library(ROOT / "checklists")
TALKS_ON = date(2027, 3, 15)
SPEAKER = re.compile(r"(?P<name>[A-Z]\w*)>\s?(?P<text>.*)\Z")
INVITATION = "<invitation>"
REMINDER = 8000  # the message of every reminder
EDITED = re.compile(r"\(edited (?P<form>csv|excel): (?P<edits>.*)\)\Z")
EDIT = re.compile(r"(?P<sheet>\S+) (?P<key>\S+) (?P<column>\S+) = (?P<typed>.*)\Z")
STATE = re.compile(r"[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}\b")
FILE = re.compile(r"\(file (?P<name>\S+) (?P<size>\d+)\)\Z")


@dataclass
class Chat:
    """A delegation at its desk, and everything said so far."""

    folder: Path
    at: datetime = datetime(2027, 1, 15, 10, 0, tzinfo=UTC)
    people: dict[str, str] = field(default_factory=dict)
    telegram: dict[str, int] = field(default_factory=dict)
    updates: int = 1000
    secrets: int = 0
    number: int | None = None
    last: dict[str, int] = field(default_factory=dict)
    url: str = ""
    invitation: str = ""
    reminded: dict[str, dict[str, str]] = field(default_factory=dict)  # a person's latest reminder: label, button
    brought: dict[str, bytes] = field(default_factory=dict)  # the last file that each was given
    states: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = Store.open(self.url, KEY) if self.url else fresh_store(self.folder / "chat.db")

    def desk(self) -> Desk:
        """A desk that remembers nothing."""
        return Desk(
            self.store,
            CHECKLISTS,
            clock=lambda: self.at,
            secret=self._secret,
            link="https://t.me/sample_bot?start=",
            pages="https://sample.example/page",
        )

    def _secret(self) -> str:
        self.secrets += 1
        return f"secret{self.secrets:04d}"

    def open(self, checklist: str, people: list[tuple[str, Role]], *, settled: bool = False) -> None:
        """Open a negotiation with these people in it, perhaps with everything settled."""
        desk = self.desk()
        office = Office(desk)
        for name, _ in people:
            self.meet(name, lead=name == people[0][0])
        sound = CHECKLISTS[checklist]
        opened = Opened(
            uid="sample",
            checklist=sound.digest,
            counterpart=sound.counterpart or "Sampleland",
            subject=sound.subject or "a sample subject",
            talks_on=TALKS_ON,
            given={one.id: "" for one in sound.opening},
        )
        self.number = office.open(self.people[people[0][0]], opened, settling(checklist) if settled else ())
        for name, role in people[1:]:
            office.seat(self.people[name], self.number, role)

    def meet(self, name: str, *, lead: bool = False) -> None:
        """Make a person known to the bot."""
        self.telegram[name] = 500 + len(self.telegram)
        self.people[name] = Office(self.desk()).person(name, lead=lead)
        with self.store.transaction() as tx:
            tx.link_person(self.people[name], self.telegram[name])

    def hears(self, name: str, text: str) -> list[str]:
        """What comes back when a person says, taps or sends something: events, then the bot's message."""
        desk = self.desk()
        self.telegram.setdefault(name, 500 + len(self.telegram))
        before = self._head()
        self.updates += 1
        arrived = self._arrived(desk, name, text)
        if arrived is None:
            return [said("Bot", f"(there is no button {text})")]
        (heard,) = desk.hear_all([arrived], lambda _: True)
        if not heard.known:
            return [said("Bot", heard.answer)]
        assert heard.person is not None
        self.people[name] = heard.person
        desk = self.desk()
        assert heard.showing in {None, desk.showing(heard.person)}, "what came along is not what storage says"
        lines = self._events(desk, before)
        lines.append(written(desk.view(heard.person, veiled=True)))
        if found := re.search(r"start=(secret\d+)", lines[-1]):
            self.invitation = found[1]
            lines[-1] = lines[-1].replace(found[1], INVITATION)
        ordered = self.ordered(heard.person)
        if ordered is not None and ordered.picture:
            lines.append(pictured(ordered.says()))
        elif ordered is not None:
            lines.append(f"{INDENT}(file {ordered.name}: {ordered.says()})")
            if ordered.name.endswith((".zip", ".xlsx")):
                self.brought[name] = ordered.makes()
        lines = [STATE.sub(self._state, one) for one in lines]
        with self.store.reading() as tx:
            chat = tx.chat(heard.person)
        if chat is not None:
            desk.shown([Shown(heard.person, chat.rev, 9000)])
        return lines

    def ordered(self, person: str) -> Ordered | None:
        """The file that a person's chat waits for last."""
        with self.store.reading() as tx:
            chat = tx.chat(person)
        waiting = [paper for paper, _ in wanted(chat)] if chat else []
        return self.desk().ordered(person, waiting[-1], veiled=True) if waiting else None

    def passes(self, at: datetime) -> list[str]:
        """What the bot writes unasked by a moment, each message with whom it goes to."""
        self.at, lines = at, []
        reminding, more = Reminding(self.desk()), True
        while more:
            found, more = reminding.due()
            for one in found:
                name = next(name for name, person in self.people.items() if person == one.person)
                self.reminded[name] = {label: packed for row in one.buttons for label, packed in row}
                labels = [" ".join(f"[{label}]" for label, _ in row) for row in one.buttons]
                lines += ["", said("Bot", "\n".join([f"(to {name}) {one.title}", one.text, *labels]))]
                reminding.sent(one, REMINDER)
        return lines

    def _arrived(self, desk: Desk, name: str, text: str) -> Arrived | None:
        packed, what = "", None
        if text.startswith(("[", "#")):
            found = tapped(desk, self.people[name], text, veiled=True)
            found = found or self.reminded.get(name, {}).get(text.strip("[]"))
            if found is None:
                return None
            packed = found
        else:
            what = _said(text.replace(INVITATION, self.invitation))
        edited = text.startswith("(edit) ")
        message = self.last.get(name) if edited else self.updates
        if isinstance(what, Typed) and not edited:
            self.last[name] = self.updates
        if edited:
            what = Typed(text.removeprefix("(edit) "))
        file = _sample(what) if isinstance(what, Sent) else None
        if edit := EDITED.match(text):
            file = _edited(self.brought[name], edit["form"], edit["edits"])
            what = Sent("fedited", "edited", len(file))
        who = (self.telegram[name], name)
        return Arrived(self.updates, *who, what, message, packed, edited, file, handle=name.lower())

    def _state(self, found: re.Match[str]) -> str:
        """A state's hash as transcripts have it: it changes with every word of the checklist."""
        return f"<state {self.states.setdefault(found[0], len(self.states) + 1)}>"

    def _head(self) -> int:
        with self.store.reading() as tx:
            return tx.head(self.number or 0) or 0

    def _events(self, desk: Desk, before: int) -> list[str]:
        with self.store.reading() as tx:
            if self.number is None:
                self.number = tx.negotiation_by_uid("sample") or (1 if tx.head(1) else None)
            if self.number is None:
                return []
            n = desk.archive.load(tx, self.number)
            happened = desk.archive.events(tx, self.number, before)
        return [f"     · {told(n, one)}" for one in happened]


def _sample(sent: Sent) -> bytes:
    """A file of the size that was said, which begins as one of its name does."""
    begins = {".pdf": b"%PDF-1.7\n", ".png": b"\x89PNG\r\n\x1a\n", ".exe": b"MZ\x90\x00"}
    return begins.get(Path(sent.name).suffix, b"").ljust(sent.size, b"x")


def _edited(body: bytes, form: str, edits: str) -> bytes:
    """The file that somebody was given, after they typed into it: ``items rung answer = Contacts; ...``."""
    matches = [EDIT.match(one.strip()) for one in edits.split(";")]
    typed = {(one["sheet"], one["key"], one["column"]): one["typed"] for one in matches if one}
    return edited_csv(body, typed) if form == "csv" else edited_excel(body, typed)


def _said(text: str) -> Said:
    if text.startswith("/"):
        name, _, arg = text[1:].partition(" ")
        return Command(name, arg)
    if match := FILE.match(text):
        return Sent("f" + match["name"].replace(".", "")[:8], match["name"], int(match["size"]))
    if text.startswith("(") and text.endswith(")") and not text.startswith("(edit)"):
        return Unheard(text[1:-1])
    return Typed(text)


def replayed(transcript: str, folder: Path) -> str:
    """The transcript as it comes out when its people say their lines again."""
    chat, out = Chat(folder), []
    try:
        for line in _turns(transcript):
            match = SPEAKER.match(line.split("\n")[0])
            if line == "! nobody":
                chat.invitation = Office(chat.desk()).first_code() or ""
                out.append(line)
            elif line.startswith("!"):
                checklist, _, people = line[1:].partition(":")
                named = [one.split() for one in people.split(",")]
                name, _, settled = checklist.strip().partition(" ")
                chat.open(name, [(who, Role(role)) for who, role in named], settled=settled == "settled")
                out.append(line)
            elif line.startswith("@@"):
                out += ["", line, *chat.passes(datetime.fromisoformat(line[2:].strip()).replace(tzinfo=UTC))]
            elif line.startswith("@"):
                chat.at = datetime.fromisoformat(line[1:].strip()).replace(tzinfo=UTC)
                out.append(line)
            elif match is None or match["name"] == "Bot":
                out += [line] if match is None else []
            else:
                text = "\n".join([match["text"].strip(), *(rest[len(INDENT) :] for rest in line.split("\n")[1:])])
                out += ["", said(match["name"], text), *chat.hears(match["name"], text)]
    finally:
        chat.store.close()
    return "\n".join(out).strip() + "\n"


def _turns(transcript: str) -> list[str]:
    """The transcript cut into what one speaker says, comments and directives; replies of the bot left out."""
    turns: list[str] = []
    bot = False
    for line in transcript.splitlines():
        match = SPEAKER.match(line)
        if match:
            bot = match["name"] == "Bot"
        elif not line.startswith((" ", "#", "!", "@")) or line.startswith("     · "):
            continue
        if match or line.startswith(("#", "!", "@")):
            if not (match and bot):
                turns.append(line)
        elif not bot and turns:
            turns[-1] += f"\n{line}"
    return turns
