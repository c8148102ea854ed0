"""Who is signed in from a browser: the part of a transaction that they use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from bot.storage.integrity.membership_digest import DigestKeeper
from bot.storage.integrity.row_macs import SESSION_LABEL
from bot.storage.records import SessionRow
from bot.storage.schema import chats, negotiations, persons, sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


ADD = insert(sessions)
_its = sessions.c.hash == bindparam("the_hash")
FIND = select(sessions).where(_its)
LOCK = FIND.with_for_update()
FIND_KNOWN = select(sessions, persons).join(persons, persons.c.id == sessions.c.person).where(_its)
CHANGE = (
    update(sessions)
    .where(_its, sessions.c.mac == bindparam("the_mac"))
    .values(used_at=bindparam("at"), unlocked=bindparam("marks"), mac=bindparam("new_mac"))
)
END = delete(sessions).where(_its)
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


class SessionRepository(DigestKeeper):
    """What `bot.storage.UnitOfWork` can do about browsers that are signed in."""

    _connection: Connection
    _run: Any  # the connection's execute

    def add_session(self, row: SessionRow) -> None:
        """Keep a session."""
        self._run(ADD, {name: getattr(row, name) for name in row.__slots__} | {"mac": self._session_mac(row)})

    def session(self, hash: str) -> SessionRow | None:  # noqa: A002
        """A session by the hash of its secret, expired or not; None for one that somebody else wrote."""
        return self._session(self._run(FIND, {"the_hash": hash}).first())

    def session_of_known(self, hash: str) -> SessionRow | None:  # noqa: A002
        """The same, where we know its person."""
        found = self._run(FIND_KNOWN, {"the_hash": hash}).first()
        size = len(sessions.columns)
        return self._session(found[:size]) if found and self._person(found[size:]) else None

    def use_session(self, row: SessionRow, at: str) -> None:
        """Note that a session is in use; nothing where something else was noted of it since it was read."""
        self._change_session(row, replace(row, used_at=at))

    def unlock_session(self, hash: str, marks: str) -> None:  # noqa: A002
        """Note which passphrases were entered in a session."""
        row = self._session(self._run(LOCK, {"the_hash": hash}).first())
        if row is not None:
            self._change_session(row, replace(row, unlocked=marks))

    def end_session(self, hash: str) -> None:  # noqa: A002
        """Forget a session; no matter if there is none."""
        self._run(END, {"the_hash": hash})

    def end_sessions(self, person: str) -> None:
        """Forget every session of a person."""
        self._run(END_OF, {"the_person": person})

    def forget_sessions(self, made_before: str, used_before: str) -> None:
        """Forget what has expired."""
        self._run(FORGET, {"made_before": made_before, "used_before": used_before})

    def _session(self, found: Any) -> SessionRow | None:
        if found is None:
            return None
        *columns, mac = found
        row = SessionRow(*columns)
        return row if self._is_ours(f"a session of {row.person}", self._session_mac(row), mac) else None

    def _change_session(self, before: SessionRow, then: SessionRow) -> None:
        macs = {"the_mac": self._session_mac(before), "new_mac": self._session_mac(then)}
        self._run(CHANGE, {"the_hash": before.hash, "at": then.used_at, "marks": then.unlocked} | macs)

    def _session_mac(self, row: SessionRow) -> bytes:
        return self._row_mac(SESSION_LABEL, row.hash, row.person, row.made_at, row.used_at, row.unlocked)

    def marks(self, persons: Sequence[str]) -> dict[str, tuple[int, int | None, int | None]]:
        """For each person's chat: its revision, its negotiation, and that one's last event."""
        found = self._run(MARKS, {"persons": persons})
        return {row.person: (row.rev, row.negotiation, row.head) for row in found}
