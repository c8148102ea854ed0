"""A desk that only counts, for tests of the Telegram face alone: what the face needs of a desk, and no more."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from bot.application.file_use import FileUse
from bot.application.incoming_files import AwaitedFile
from bot.application.messages import (
    Attachment,
    IncomingUpdate,
    Origin,
    OutgoingMessage,
    Receipt,
    UpdateResult,
    UploadJob,
)
from bot.dialog.contract import FileReply, UnsupportedReply
from bot.domain.export_formats import Progress

PNG = b"\x89PNG\r\n\x1a\n and so on"
PAPERS = {
    "paper": Attachment("notes.md", "All of it", b"# Notes"),
    "card": Attachment("card.png", "Not ready.\nT−28.", PNG, picture=True),
    "broken": Attachment("card.png", "Not ready.", b"no picture at all", picture=True),
}


@dataclass
class Row:
    """A chat: what it says, and what it shows."""

    telegram_id: int
    rev: int = 0
    shown: int = 0
    message_id: int | None = None
    fresh: bool = True
    text: str = ""
    papers: tuple[UploadJob, ...] = ()


@dataclass
class CountingDesk:
    """A desk whose only place says how many replies it heard, and repeats the last."""

    commands: tuple[tuple[str, str], ...] = (("summary", "Where we stand"),)
    heard: list[IncomingUpdate] = field(default_factory=list)
    aside: list[tuple[int, str, str]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    chats: dict[str, Row] = field(default_factory=dict)
    before: Callable[[IncomingUpdate], None] = lambda _: None
    draw: Callable[[str, Progress], None] = lambda _name, _progress: None
    answer: str = ""
    title: str = "Demand & supply"
    tries: Counter[int] = field(default_factory=Counter)
    together: list[int] = field(default_factory=list)
    noted: list[int] = field(default_factory=list)
    perhaps: tuple[int, ...] = ()
    holder: str = ""
    awaited: dict[int, IncomingUpdate] = field(default_factory=dict)  # by number: files that were not fetched yet
    files: dict[int, bytes] = field(default_factory=dict)

    def hear_all(
        self, batch: Sequence[IncomingUpdate], idle: Callable[[str], bool], notes: Sequence[Receipt]
    ) -> list[UpdateResult]:
        """Note replies, all of them or, when one fails, none."""
        before = copy.deepcopy((self.heard, self.seen, self.chats))
        try:
            heard = [self.hear(arrived) for arrived in batch]
        except Exception:
            self.heard, self.seen, self.chats = before
            raise
        self.together.append(len(batch))
        if notes:
            self.shown(notes)
        return [
            replace(one, showing=self.showing(one.person)) if one.person and idle(one.person) else one for one in heard
        ]

    def hear(self, arrived: IncomingUpdate) -> UpdateResult:
        """Note a reply, once."""
        self.tries[arrived.update_id] += 1
        self.before(arrived)
        if arrived.update_id in self.seen:
            return UpdateResult(None, known=True, repeated=True)
        self.seen.add(arrived.update_id)
        if arrived.file_id and arrived.name != "Stranger":
            self.awaited[arrived.update_id] = arrived
            self.chats.setdefault(str(arrived.telegram_id), Row(arrived.telegram_id))
            return UpdateResult(str(arrived.telegram_id), known=True, awaits=True)
        return self.note(arrived)

    def note(self, arrived: IncomingUpdate) -> UpdateResult:
        """Count a reply."""
        self.heard.append(arrived)
        if arrived.origin is not Origin.PRIVATE:
            return UpdateResult(None, known=False, answer="Not here.")
        if arrived.name == "Stranger":
            return UpdateResult(None, known=False, answer="I do not know you.")
        row = self.chats.setdefault(str(arrived.telegram_id), Row(arrived.telegram_id))
        row.rev += 1
        row.text = f"{row.rev}: {arrived.packed or getattr(arrived.said, 'text', arrived.said)}"
        row.fresh = not arrived.packed or (row.fresh and row.shown < row.rev - 1)
        paper = PAPERS.get(row.text.split()[-1])
        waits = tuple(one for one in row.papers if one.asked > row.shown)
        row.papers = (*waits, self.making(row.rev, paper)) if paper else waits
        return UpdateResult(str(arrived.telegram_id), known=True, answer=self.answer)

    def waiting_files(self, busy: Collection[str], limit: int) -> list[AwaitedFile]:
        """Name files to fetch, one a person."""
        first = {str(one.telegram_id): one for one in reversed(self.awaited.values())}
        there = [(person, one, one.said) for person, one in first.items() if person not in busy]
        return [
            AwaitedFile(one.update_id, person, one.telegram_id, one.file_id, said.name, said.size, FileUse.EVIDENCE)
            for person, one, said in there[:limit]
            if isinstance(said, FileReply)
        ]

    def release_files(self) -> None:
        """Nothing is held here."""

    def file_came(
        self, update_id: int, file: bytes | None, _rows: object, why: str, notes: Sequence[Receipt]
    ) -> UpdateResult | None:
        """Count a file that came, or why it did not."""
        if notes:
            self.shown(notes)
        arrived = self.awaited.pop(update_id)
        if file is None:
            return self.note(replace(arrived, said=UnsupportedReply(why)))
        self.files[update_id] = file
        return self.note(arrived)

    def making(self, asked: int, paper: Attachment) -> UploadJob:
        """What was asked for; it takes as long as ``draw`` does."""

        def make(progress: Progress) -> tuple[Attachment | None, str]:
            self.draw(paper.name, progress)
            return paper, ""

        return UploadJob(asked, "a sample", paper.picture, make)

    def set_aside(self, update_id: int, raw: str, error: str) -> None:
        """Put an update away."""
        self.aside.append((update_id, raw, error))

    def unshown(self) -> list[str]:
        """Name the chats that are behind."""
        return [person for person, row in self.chats.items() if row.shown < row.rev]

    def showing(self, person: str, *, unsure: bool = False) -> OutgoingMessage | None:
        """Show the count and the last reply."""
        row = self.chats[person]
        if row.shown >= row.rev:
            return None
        buttons = ((("More", "more"), ("Most", "most")),)
        return OutgoingMessage(
            person, row.telegram_id, row.rev, row.message_id, row.fresh, self.title, row.text, buttons,
            f"Settled\n{row.rev - 1}", row.papers, self.perhaps if unsure else (),
        )  # fmt: skip

    def shown(self, notes: Sequence[Receipt]) -> None:
        """Note what chats show."""
        self.noted.append(len(notes))
        for note in notes:
            row = self.chats[note.person]
            row.shown, row.message_id = note.rev, note.message_id

    def take_away(self, chat_id: int, message_id: int) -> None:
        """Nothing is kept in mind here."""

    def undeleted(self, _at_most: int) -> list[tuple[int, int, bool]]:
        """There is nothing."""
        return []

    def deleted(self, _chat_id: int, _message_id: int) -> bool:
        """Nothing was kept in mind."""
        return False

    def resend_all(self) -> int:
        """Show all anew."""
        for row in self.chats.values():
            row.rev, row.fresh = row.rev + 1, True
        return len(self.chats)
