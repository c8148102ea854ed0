"""What can be read and written inside one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.store import statements as sql
from bot.store.chain import BEGIN, event_mac, head_mac
from bot.store.errors import Conflict
from bot.store.groups import Groups
from bot.store.notices import Notices
from bot.store.people import People, unless_taken, values
from bot.store.rows import ChatRow, EventRow, FileRow, HeardRow
from bot.store.sessions import Sessions
from bot.store.vault import CHAIN, Unlocked, Vault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection


class Tx(People, Notices, Groups, Sessions):
    """One open transaction. Nothing of it counts until the `with` block that gave it has ended."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        """Work on a connection whose transaction has begun."""
        self._connection = connection
        self._run = connection.execute
        self._vault = Unlocked(vault, self._wrapped, self._keep_key)
        self._locked: dict[str, ChatRow] = {}  # nobody else can change these until the end

    # What was heard

    def first_time(self, update_id: int, at: str) -> bool:
        """Note that an update came; False when it came before, and then nothing is to be done."""
        return self._count(sql.hear, update_id=update_id, at=at) == 1

    def note_heard(
        self,
        update_id: int,
        person: str | None,
        message_id: int | None,
        negotiation: int | None,
        place: str | None,
        seq: int | None,
    ) -> None:
        """Keep what came of an update, for who taps the same message again."""
        noted = {"person": person, "message_id": message_id, "negotiation": negotiation, "seq": seq}
        sealed = self._seal(f"heard/{_of(negotiation)}/{update_id}", place)
        self._run(sql.note_heard, {"the_update_id": update_id, "place": sealed, **noted})

    def heard_message(self, person: str, message_id: int) -> HeardRow | None:
        """What was heard last from a person on one message."""
        row = self._run(sql.heard_message, {"the_person": person, "the_message_id": message_id}).first()
        if row is None:
            return None
        found = HeardRow(*row)
        name = f"heard/{_of(found.negotiation)}/{found.update_id}"
        return replace(found, place=self._open(name, row.place))

    def forget_heard(self, before: str) -> int:
        """Forget updates older than a moment; how many. Keep at least what Telegram may send again."""
        return self._count(sql.forget_heard, before=before)

    # Checklists

    def keep_checklist(self, digest: str, body: str) -> None:
        """Keep a checklist as it was when somebody answered it; a second time changes nothing."""
        self._run(sql.keep_checklist, {"digest": digest, "body": body})

    def checklist(self, digest: str) -> str | None:
        """A kept checklist."""
        return self._text(sql.checklist, the_digest=digest)

    # Negotiations and their events

    def new_negotiation(self, uid: str) -> int:
        """Begin a negotiation without events; its number. Conflict when the uid is taken."""
        with unless_taken(f"negotiation {uid}"):
            made: int = self._run(sql.new_negotiation, {"uid": uid, "head": 0}).scalar_one()
        self._vault.make(str(made))
        self._run(sql.move_head, {"the_id": made, "the_head": 0, **self._head(made, uid, 0, BEGIN)})
        return made

    def negotiation_by_uid(self, uid: str) -> int | None:
        """A negotiation's number."""
        return self._number(sql.negotiation_by_uid, the_uid=uid)

    def lock(self, negotiation: int) -> int | None:
        """The last event's seq, with other writers kept waiting until this transaction ends."""
        return self._number(sql.lock, the_id=negotiation)

    def head(self, negotiation: int) -> int | None:
        """The last event's seq; 0 before the first, None for no such negotiation."""
        return self._number(sql.head, the_id=negotiation)

    def events(self, negotiation: int, after_seq: int = 0) -> Iterator[EventRow]:
        """Events in order, from the one after `after_seq`. Read them inside the transaction."""
        rows = self._run(sql.events_after, {"the_negotiation": negotiation, "after_seq": after_seq})
        unseal = self._vault.open
        return (
            EventRow(seq, at, by, update_id, unseal(f"events/{negotiation}/{seq}", body))
            for seq, at, by, update_id, body in rows
        )

    def append(self, negotiation: int, rows: Sequence[EventRow], head: int) -> None:
        """Add events after the last one; `head` is the seq of the last event then.

        Conflict when another writer was first, or there is no such negotiation.
        """
        if not rows:
            return
        first = rows[0].seq
        if [row.seq for row in rows] != list(range(first, head + 1)):
            msg = f"events {[row.seq for row in rows]} do not lead without a gap to {head}"
            raise ValueError(msg)
        there = self._run(sql.at_head, {"the_id": negotiation}).first()
        mac = self._last_mac(negotiation, first - 1)
        if there is None or there.head != first - 1 or mac is None:
            msg = f"Negotiation {negotiation} is not at event {first - 1}, where this was decided."
            raise Conflict(msg)
        written = []
        for row in rows:
            written.append(self._event(negotiation, row, mac))
            mac = written[-1]["mac"]
        moved = {"the_id": negotiation, "the_head": first - 1, **self._head(negotiation, there.uid, head, mac)}
        if self._count(sql.move_head, **moved) != 1:
            msg = f"Negotiation {negotiation} is not at event {first - 1} any more."
            raise Conflict(msg)
        with unless_taken(f"event {first} of negotiation {negotiation}"):
            self._run(sql.append, written)

    def _event(self, negotiation: int, row: EventRow, before: bytes) -> dict[str, Any]:
        sealed = self._vault.seal(f"events/{negotiation}/{row.seq}", row.body)
        key = self._vault.key(CHAIN)
        return {
            "negotiation": negotiation,
            "seq": row.seq,
            "at": row.at,
            "by": row.by,
            "update_id": row.update_id,
            "body": sealed,
            "mac": event_mac(key, before, negotiation, row.seq, row.at, row.by, row.update_id, sealed),
        }

    def _last_mac(self, negotiation: int, seq: int) -> bytes | None:
        """The MAC of an event; what stands before the first one for 0."""
        if not seq:
            return BEGIN
        found: bytes | None = self._run(sql.event_mac, {"the_negotiation": negotiation, "the_seq": seq}).scalar()
        return found

    def _head(self, negotiation: int, uid: str, head: int, last: bytes) -> dict[str, object]:
        return {"new_head": head, "new_mac": head_mac(self._vault.key(CHAIN), negotiation, uid, head, last)}

    # Keys

    def has_key(self, name: str) -> bool:
        """Whether there is a key; WrongKey when the master key does not open it."""
        return self._wrapped(name) is not None and bool(self._vault.key(name))

    def ensure_key(self, name: str) -> None:
        """Make a key unless there is one; WrongKey when the master key does not open the one there is."""
        if self._wrapped(name) is None:
            self._vault.make(name)
        self._vault.key(name)

    def _wrapped(self, name: str) -> bytes | None:
        found: bytes | None = self._run(sql.get_key, {"the_name": name}).scalar()
        return found

    def _keep_key(self, name: str, wrapped: bytes) -> bool:
        return self._count(sql.put_key, name=name, wrapped=wrapped) == 1

    # Chats

    def chat(self, person: str) -> ChatRow | None:
        """Where a person's chat stands."""
        if (locked := self._locked.get(person)) is not None:
            return locked
        row = self._run(sql.chat, {"the_person": person}).first()
        return None if row is None else self._chat(row)

    def lock_chats(self, persons: Sequence[str]) -> None:
        """Keep others from changing these persons' chats until this transaction ends."""
        rows = self._run(sql.lock_chats, {"persons": persons})
        self._locked.update((chat.person, chat) for chat in map(self._chat, rows))

    def chats_at(self, negotiation: int) -> list[ChatRow]:
        """The chats that stand somewhere in a negotiation, by person."""
        return [self._chat(row) for row in self._run(sql.chats_at, {"the_negotiation": negotiation})]

    def put_chat(self, chat: ChatRow) -> None:
        """Move a chat to where it stands now."""
        home = f"chats/{_of(chat.negotiation)}/{chat.person}"
        sealed = {name: self._seal(f"{home}/{name}", getattr(chat, name)) for name in SEALED}
        self._run(sql.put_chat, values(chat) | sealed)
        if chat.person in self._locked:
            self._locked[chat.person] = chat

    def shown(self, person: str, rev: int, message_id: int | None) -> bool:
        """Note what a person has seen; False, and nothing noted, when they have seen it or later."""
        self._locked.pop(person, None)
        return self._count(sql.mark_shown, the_person=person, new_shown=rev, message_id=message_id) == 1

    def all_shown(self, notes: Sequence[tuple[str, int, int | None]]) -> None:
        """Note what many persons have seen: person, revision, message."""
        self._locked.clear()
        if notes:
            rows = [{"the_person": one, "new_shown": rev, "message_id": message} for one, rev, message in notes]
            self._run(sql.mark_shown, rows)

    def unshown(self, limit: int) -> list[str]:
        """Persons who have not seen where their chat stands."""
        return list(self._run(sql.unshown, {"at_most": limit}).scalars())

    def _chat(self, row: Sequence[Any]) -> ChatRow:
        stored = ChatRow(*row)
        home = f"chats/{_of(stored.negotiation)}/{stored.person}"
        opened = {name: self._open(f"{home}/{name}", getattr(stored, name)) for name in SEALED}
        return replace(stored, **opened)  # type: ignore[arg-type]

    # Updates that could not be heard

    def set_update_aside(self, update_id: int, at: str, raw: str, error: str) -> None:
        """Keep an update that fails, with the latest error; `tries` counts how often."""
        sealed = self._seal(f"set_aside/-/{update_id}", raw)
        self._run(sql.set_update_aside, {"update_id": update_id, "at": at, "raw": sealed, "error": error})

    # Files

    def add_file(self, file: FileRow) -> None:
        """Keep a file. Conflict when its id is taken."""
        sealed = self._vault.seal(f"files/{file.negotiation}/{file.id}", file.body)
        with unless_taken(f"file {file.id}"):
            self._run(sql.add_file, values(file) | {"body": sealed})

    def file(self, id: str) -> FileRow | None:  # noqa: A002
        """A kept file."""
        row = self._run(sql.file, {"the_id": id}).first()
        if row is None:
            return None
        found = FileRow(*row)
        return replace(found, body=self._vault.open(f"files/{found.negotiation}/{found.id}", found.body))

    # How the above is done

    def _seal(self, row: str, text: str | None) -> bytes | None:
        return None if text is None else self._vault.seal(row, text.encode())

    def _open(self, row: str, body: bytes | None) -> str | None:
        return None if body is None else self._vault.open(row, body).decode()


SEALED = ("place", "aside", "settle", "paper", "answering")  # of a chat


def _of(negotiation: int | None) -> str:
    return "-" if negotiation is None else str(negotiation)
