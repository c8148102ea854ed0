"""Who is signed in from a browser: the part of a transaction that they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from bot.storage.schema import chats, negotiations, sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in as a person; only the hash of its secret is kept."""

    hash: str
    person: str
    made_at: str
    used_at: str
    unlocked: str | None = None  # the marks of the passphrases entered in it


ADD = insert(sessions)
FIND = select(sessions).where(sessions.c.hash == bindparam("the_hash"))
USE = update(sessions).where(sessions.c.hash == bindparam("the_hash")).values(used_at=bindparam("at"))
END = delete(sessions).where(sessions.c.hash == bindparam("the_hash"))
END_OF = delete(sessions).where(sessions.c.person == bindparam("the_person"))
FORGET = delete(sessions).where(
    or_(sessions.c.made_at < bindparam("made_before"), sessions.c.used_at < bindparam("used_before"))
)
# What moves when a chat may have something else to show.
MARKS = (
    select(chats.c.person, chats.c.rev, chats.c.negotiation, negotiations.c.head)
    .join(negotiations, negotiations.c.id == chats.c.negotiation, isouter=True)
    .where(chats.c.person.in_(bindparam("persons", expanding=True)))
)


class SessionRepository:
    """What `bot.storage.UnitOfWork` can do about browsers that are signed in."""

    _connection: Connection
    _run: Any  # the connection's execute

    def add_session(self, row: SessionRow) -> None:
        """Keep a session."""
        self._run(ADD, {name: getattr(row, name) for name in row.__slots__})

    def session(self, hash: str) -> SessionRow | None:  # noqa: A002
        """A session by the hash of its secret, expired or not."""
        row = self._run(FIND, {"the_hash": hash}).first()
        return None if row is None else SessionRow(*row)

    def use_session(self, hash: str, at: str) -> None:  # noqa: A002
        """Note that a session is in use."""
        self._run(USE, {"the_hash": hash, "at": at})

    def end_session(self, hash: str) -> None:  # noqa: A002
        """Forget a session; no matter if there is none."""
        self._run(END, {"the_hash": hash})

    def end_sessions(self, person: str) -> None:
        """Forget every session of a person."""
        self._run(END_OF, {"the_person": person})

    def forget_sessions(self, made_before: str, used_before: str) -> None:
        """Forget what has expired."""
        self._run(FORGET, {"made_before": made_before, "used_before": used_before})

    def marks(self, persons: Sequence[str]) -> dict[str, tuple[int, int | None, int | None]]:
        """For each person's chat: its revision, its negotiation, and that one's last event."""
        found = self._run(MARKS, {"persons": persons})
        return {row.person: (row.rev, row.negotiation, row.head) for row in found}
