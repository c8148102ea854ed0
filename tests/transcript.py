"""Chats as tests: a transcript is replayed against a desk, and what comes out is compared with it.

Lines before the first speaker are comments (#), the day (``@ 2027-01-15 10:00``) and who is there
(``! us-china-space: Maya lead, Omar member``, talks on 2027-03-15). ``! nobody``
begins with an empty database, whose one-time code is ``<invitation>``. All state is read from storage anew
before every reply: nothing may live in memory alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from bot.core.events import Opened, Role
from bot.core.told import told
from bot.desk import Desk
from bot.dialog.place import Command, Said, Sent, Typed, Unheard
from bot.library import read_library
from bot.office import Office
from bot.store import Store
from bot.talk import INDENT, said, tapped, written
from bot.traffic import Arrived, Shown

ROOT = Path(__file__).parent.parent
CHECKLISTS = read_library(ROOT / "checklists")
TALKS_ON = date(2027, 3, 15)
SPEAKER = re.compile(r"(?P<name>[A-Z]\w*)>\s?(?P<text>.*)\Z")
INVITATION = "<invitation>"
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

    def __post_init__(self) -> None:
        self.store = Store.open(self.url or f"sqlite:///{self.folder / 'chat.db'}")

    def desk(self) -> Desk:
        """A desk that remembers nothing."""
        return Desk(
            self.store, CHECKLISTS, clock=lambda: self.at, secret=self._secret, link="https://t.me/sample_bot?start="
        )

    def _secret(self) -> str:
        self.secrets += 1
        return f"secret{self.secrets:04d}"

    def open(self, checklist: str, people: list[tuple[str, Role]]) -> None:
        """Open a negotiation with these people in it."""
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
        self.number = office.open(self.people[people[0][0]], opened)
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
        lines.append(written(desk.view(heard.person)))
        if found := re.search(r"start=(secret\d+)", lines[-1]):
            self.invitation = found[1]
            lines[-1] = lines[-1].replace(found[1], INVITATION)
        brought = desk.brought(heard.person)
        if brought is not None:
            lines.append(f"{INDENT}(file {brought.name}: {brought.caption})")
        with self.store.reading() as tx:
            chat = tx.chat(heard.person)
        if chat is not None:
            desk.shown([Shown(heard.person, chat.rev, 9000)])
        return lines

    def _arrived(self, desk: Desk, name: str, text: str) -> Arrived | None:
        packed, what = "", None
        if text.startswith(("[", "#")):
            found = tapped(desk, self.people[name], text)
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
        file = b"x" * what.size if isinstance(what, Sent) else None
        return Arrived(self.updates, self.telegram[name], name, what, message, packed, edited, file)

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
                chat.open(checklist.strip(), [(name, Role(role)) for name, role in named])
                out.append(line)
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
