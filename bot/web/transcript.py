"""What was said above: each session's own, kept in memory as long as the session and no longer than the process.

What tells of some talks goes with them, or with the person's seat there: whoever shows it says where they sit now.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.application.messages import Attachment, ChatView

ENTRIES = 100  # of one conversation
CONVERSATIONS = 2000
SHELF_BYTES = 64 * 1024 * 1024  # of all files that can still be had


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One message above the present one. ``who``: ``you`` or ``bot``; ``file`` is where its file can be had.

    ``talks`` is the number of those it tells of.
    """

    n: int
    who: str
    title: str
    text: str
    file: str = ""
    picture: bool = False
    talks: int | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that can still be had, by whom, and of which talks."""

    session: str
    person: str
    brought: Attachment
    talks: int | None


@dataclass
class Conversation:
    """One conversation in one session: what is above, and what is on the screen."""

    entries: deque[TranscriptLine] = field(default_factory=lambda: deque(maxlen=ENTRIES))
    last: ChatView | None = None
    count: int = 0

    def add(
        self, who: str, title: str, text: str, file: str = "", *, picture: bool = False, talks: int | None = None
    ) -> None:
        """Put a message below the others."""
        self.count += 1
        self.entries.append(TranscriptLine(self.count, who, title, text, file, picture, talks))

    def empty(self) -> None:
        """Drop all of it. The count goes on: pages that are open ask for what comes after what they show."""
        self.entries.clear()
        self.last = None

    def sits(self, seats: Collection[int]) -> None:
        """Drop what was said in talks where the person does not sit any more."""
        if any(_gone(line.talks, seats) for line in self.entries):
            self.last = None
            self.entries = deque((line for line in self.entries if not _gone(line.talks, seats)), ENTRIES)

    def after(self, n: int) -> list[TranscriptLine]:
        """The messages below the one of this number."""
        return [line for line in self.entries if line.n > n]


class SessionTranscript:
    """Every session's conversations, and the files in them. The least used are dropped first."""

    def __init__(self) -> None:
        self._logs: OrderedDict[tuple[str, str], Conversation] = OrderedDict()
        self._files: OrderedDict[str, KeptFile] = OrderedDict()
        self._bytes = 0

    def log(self, session: str, person: str) -> Conversation:
        """A conversation."""
        log = self._logs.setdefault((session, person), Conversation())
        self._logs.move_to_end((session, person))
        if len(self._logs) > CONVERSATIONS:
            self._logs.popitem(last=False)
        return log

    def keep(self, session: str, person: str, brought: Attachment, talks: int | None) -> str:
        """Keep a file for a session; where it can be had."""
        key = secrets.token_urlsafe(16)
        self._files[key] = KeptFile(session, person, brought, talks)
        self._bytes += len(brought.body)
        while self._bytes > SHELF_BYTES and len(self._files) > 1:
            self._drop(next(iter(self._files)))
        return key

    def file(self, session: str, person: str, key: str, seats: Collection[int]) -> Attachment | None:
        """A file that this session was brought, of talks where the person sits; of others it is not kept."""
        kept = self._files.get(key)
        if kept is None or (kept.session, kept.person) != (session, person):
            return None
        if not _gone(kept.talks, seats):
            return kept.brought
        self._drop(key)
        return None

    def forget(self, session: str) -> None:
        """Drop all that was said in a session."""
        for pair in [pair for pair in self._logs if pair[0] == session]:
            del self._logs[pair]
        for key in [key for key, kept in self._files.items() if kept.session == session]:
            self._drop(key)

    def forget_talks(self, gone: Collection[int]) -> None:
        """Drop the files of talks that were destroyed; and all that was said, which may name them anywhere."""
        for log in self._logs.values():
            log.empty()
        for key in [key for key, kept in self._files.items() if kept.talks in gone]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._bytes -= len(self._files.pop(key).brought.body)


def _gone(talks: int | None, seats: Collection[int]) -> bool:
    return talks is not None and talks not in seats
