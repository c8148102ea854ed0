"""What was said above: each session's own, kept in memory as long as the session and no longer than the process."""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.traffic import Brought, Screen

ENTRIES = 100  # of one conversation
CONVERSATIONS = 2000
SHELF = 64 * 1024 * 1024  # bytes of all files that can still be had


@dataclass(frozen=True, slots=True)
class Entry:
    """One message above the present one. ``who``: ``you`` or ``bot``; ``file`` is where its file can be had."""

    n: int
    who: str
    title: str
    text: str
    file: str = ""
    picture: bool = False


@dataclass
class Log:
    """One conversation in one session: what is above, and what is on the screen."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=ENTRIES))
    last: Screen | None = None
    count: int = 0

    def add(self, who: str, title: str, text: str, file: str = "", *, picture: bool = False) -> None:
        """Put a message below the others."""
        self.count += 1
        self.entries.append(Entry(self.count, who, title, text, file, picture))

    def after(self, n: int) -> list[Entry]:
        """The messages below the one of this number."""
        return [one for one in self.entries if one.n > n]


class Scrollback:
    """Every session's conversations, and the files in them. The least used are dropped first."""

    def __init__(self) -> None:
        self._logs: OrderedDict[tuple[str, str], Log] = OrderedDict()
        self._files: OrderedDict[str, tuple[str, str, Brought]] = OrderedDict()
        self._bytes = 0

    def log(self, session: str, person: str) -> Log:
        """A conversation."""
        log = self._logs.setdefault((session, person), Log())
        self._logs.move_to_end((session, person))
        if len(self._logs) > CONVERSATIONS:
            self._logs.popitem(last=False)
        return log

    def keep(self, session: str, person: str, brought: Brought) -> str:
        """Keep a file for a session; where it can be had."""
        key = secrets.token_urlsafe(16)
        self._files[key] = (session, person, brought)
        self._bytes += len(brought.body)
        while self._bytes > SHELF and len(self._files) > 1:
            self._drop(next(iter(self._files)))
        return key

    def file(self, session: str, person: str, key: str) -> Brought | None:
        """A file that this session was brought."""
        of, whose, brought = self._files.get(key, ("", "", None))
        return brought if (of, whose) == (session, person) else None

    def forget(self, session: str) -> None:
        """Drop all that was said in a session."""
        for pair in [one for one in self._logs if one[0] == session]:
            del self._logs[pair]
        for key in [key for key, (of, _, _) in self._files.items() if of == session]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        _, _, brought = self._files.pop(key)
        self._bytes -= len(brought.body)
