"""What can be read and written inside one transaction."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.storage import statements as sql
from bot.storage.errors import StoreBusy, StoreError
from bot.storage.integrity.encryption import CHAIN, KeyRing, Tampered, Vault
from bot.storage.integrity.membership_digest import NOTHING
from bot.storage.records import ChatRow, FileRow, ProcessedUpdateRow, SentMessageRow
from bot.storage.repositories.deletions import DeletionRepository
from bot.storage.repositories.events import EventRepository
from bot.storage.repositories.group_cards import GroupCardRepository
from bot.storage.repositories.incoming_files import IncomingFileRepository
from bot.storage.repositories.notifications import NotificationRepository
from bot.storage.repositories.passphrases import PassphraseRepository
from bot.storage.repositories.people import PeopleRepository, unless_taken, values
from bot.storage.repositories.security_log import SecurityLogRepository
from bot.storage.repositories.sessions import SessionRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Executable

MARK_BYTES = 8
NO_MARKS: Mapping[int, bytes] = MappingProxyType({})


class UnitOfWork(
    PeopleRepository,
    EventRepository,
    NotificationRepository,
    GroupCardRepository,
    DeletionRepository,
    IncomingFileRepository,
    SecurityLogRepository,
    SessionRepository,
    PassphraseRepository,
):
    """One open transaction. Nothing of it counts until the `with` block that gave it has ended."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        """Work on a connection whose transaction has begun."""
        self._connection = connection
        self._vault = KeyRing(vault, self._wrapped, self._keep_key)
        self._kept = vault
        self._heads = {}
        self._locked: dict[str, ChatRow] = {}  # nobody else can change these until the end
        self._seats = {}
        self._written = NOTHING
        self._offices = {}
        # What is written about many chats at once is put off and written together, since a statement costs
        # more than what it writes.
        self._puts_off = False
        self._left, self._waiting = {}, []
        self._moved: dict[str, ChatRow] = {}
        self._noted: list[dict[str, object]] = []

    def settle(self) -> None:
        """Write what was put off: at the end, and before anything is asked that may hang on it."""
        if self._left:
            self._settle_events()
        if self._moved:
            moved, self._moved = self._moved, {}
            self._run(sql.put_chat, [self._sealed(chat) for chat in moved.values()])
        if self._noted:
            noted, self._noted = self._noted, []
            self._run(sql.note_heard, noted)

    def _run(self, statement: Executable, values: Any = None) -> Any:
        if self._puts_off and statement not in sql.APART:
            self.settle()
        return self._connection.execute(statement, values)

    # What was heard

    def first_time(self, update_id: int, at: str) -> bool:
        """Note that an update came; False when it came before, and then nothing is to be done."""
        return update_id in self.first_times((update_id,), at)

    def first_times(self, update_ids: Sequence[int], at: str, marks: Mapping[int, bytes] = NO_MARKS) -> set[int]:
        """Note that updates came, perhaps each with the mark of what it says; which of them never came before."""
        if not update_ids:
            return set()
        rows = [{"update_id": update_id, "at": at, "mark": marks.get(update_id)} for update_id in update_ids]
        return set(self._run(sql.hear, rows).scalars())

    def mark_of(self, words: str) -> bytes:
        """A mark of what an update says, which tells nothing of it to who has no key."""
        return hmac.digest(self._vault.key(CHAIN), f"update/{words}".encode("utf-8", "surrogatepass"), "sha256")[
            :MARK_BYTES
        ]

    def came_otherwise(self, update_id: int, mark: bytes) -> bool:
        """Whether an update that came before said something else then; told once."""
        return self._count(sql.unmark, the_update_id=update_id, the_mark=mark) == 1

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
        self._noted.append({"the_update_id": update_id, "place": sealed, **noted})
        if not self._puts_off:
            self.settle()

    def heard_message(self, person: str, message_id: int) -> ProcessedUpdateRow | None:
        """What was heard last from a person on one message."""
        row = self._run(sql.heard_message, {"the_person": person, "the_message_id": message_id}).first()
        if row is None:
            return None
        found = ProcessedUpdateRow(*row)
        name = f"heard/{_of(found.negotiation)}/{found.update_id}"
        return replace(found, place=self._open(name, row.place))

    def forget_heard(self, before: str) -> int:
        """Forget updates older than a moment; how many. Keep at least what Telegram may send again."""
        return self._count(sql.forget_heard, before=before)

    # What was sent

    def note_sent(self, rows: Sequence[SentMessageRow]) -> None:
        """Keep what messages show, as of their last edit. Of talks that were purged meanwhile nothing is kept."""
        noted = {}
        for row in rows:
            name = sent_name(row.negotiation, row.person, row.message_id)
            with suppress(Tampered):
                noted[row.person, row.message_id] = {
                    "the_person": row.person,
                    "the_message_id": row.message_id,
                    "the_at": row.at,
                    "the_negotiation": row.negotiation,
                    "the_place": self._seal(name, row.place),
                    "the_key": _of(row.negotiation),
                }
        if noted:
            self._run(sql.note_sent, list(noted.values()))

    def sent_message(self, person: str, message_id: int) -> SentMessageRow | None:
        """What a message of ours in a person's chat shows; None for one that is not known."""
        row = self._run(sql.sent_message, {"the_person": person, "the_message_id": message_id}).first()
        if row is None:
            return None
        sent = SentMessageRow(*row)
        now, before = (sent_name(number, person, message_id) for number in (sent.negotiation, sent.negotiation_before))
        place = self._vault.open(now, row.place).decode()
        return replace(sent, place=place, place_before=self._open(before, row.place_before))

    def forget_sent(self, before: int) -> int:
        """Forget what was sent or edited before a moment, in seconds since 1970; how many."""
        return self._count(sql.forget_sent, before=before)

    # Checklists

    def keep_checklist(self, digest: str, body: str) -> None:
        """Keep a checklist as it was when somebody answered it; a second time changes nothing."""
        if self._count(sql.keep_checklist, digest=digest, body=body) == 1:
            self._enter_checklist(digest)

    def checklist(self, digest: str) -> str | None:
        """A kept checklist."""
        return self._text(sql.checklist, the_digest=digest)

    # Keys

    def has_key(self, name: str) -> bool:
        """Whether there is a key; WrongKey when the master key does not open it."""
        return self._wrapped(name) is not None and bool(self._vault.key(name))

    def need_key(self, name: str) -> None:
        """StoreError where a key is missing that the tables were made with."""
        if not self.has_key(name):
            msg = f"the key of the {name} is not there: somebody removed it. Restore a backup."
            raise StoreError(msg)

    def ensure_key(self, name: str) -> None:
        """Make a key unless there is one; WrongKey when the master key does not open the one there is."""
        if self._wrapped(name) is None:
            self._vault.make(name)
        self._vault.key(name)

    def purged(self) -> frozenset[int]:
        """The numbers of negotiations that were purged, with their keys."""
        return frozenset(self._run(sql.purged_numbers).scalars())

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
        self._seats |= {person: [] for person in persons}
        for seat in self._seats_in(self._run(sql.seats_of_all, {"persons": persons})):
            self._seats[seat.person].append((seat.negotiation, seat.role))
        self._puts_off = True

    def locked_at(self, negotiation: int) -> dict[str, ChatRow]:
        """The chats that stand somewhere in a negotiation, by person, kept from being changed by others."""
        there = [chat.person for chat in self.chats_at(negotiation)]
        self.lock_chats(there)
        return {person: self._locked[person] for person in there if self._locked[person].negotiation == negotiation}

    def chats_at(self, negotiation: int) -> list[ChatRow]:
        """The chats that stand somewhere in a negotiation, by person."""
        return [self._chat(row) for row in self._run(sql.chats_at, {"the_negotiation": negotiation})]

    def put_chat(self, chat: ChatRow) -> None:
        """Move a chat to where it stands now. StoreBusy when it is not locked and was moved since it was read."""
        if chat.person in self._locked:
            self._locked[chat.person] = self._moved[chat.person] = chat
        elif self._run(sql.put_chat_unlocked, self._sealed(chat)).rowcount != 1:
            msg = "A chat was moved while others were told of a change: try again."
            raise StoreBusy(msg)

    def shown(self, person: str, rev: int, message_id: int | None) -> bool:
        """Note what a person has seen; False, and nothing noted, when they have seen it or later."""
        self._locked.pop(person, None)
        seen = {"the_person": person, "new_shown": rev, "message_id": message_id, "holder": ""}
        return self._count(sql.mark_shown, **seen) == 1

    def all_shown(self, notes: Sequence[tuple[str, int, int | None]], holder: str = "") -> None:
        """Note what many persons have seen: person, revision, message. ``holder`` lets go of these chats."""
        self._locked.clear()
        if notes:
            rows = [
                {"the_person": person, "new_shown": rev, "message_id": message, "holder": holder}
                for person, rev, message in notes
            ]
            self._run(sql.mark_shown, rows)

    def unshown(self, limit: int) -> list[str]:
        """Persons who have not seen where their chat stands."""
        return list(self._run(sql.unshown, {"at_most": limit}).scalars())

    def backlog(self) -> tuple[int, int]:
        """How many chats on Telegram are behind, and for how many seconds the oldest of them."""
        row = self._run(sql.backlog).one()
        return row[0], max(row[1] or 0, 0)

    # Showing, where several processes do: a chat is held by one of them

    def hold(self, persons: Sequence[str], holder: str, seconds: int) -> set[str]:
        """Take chats that are behind on oneself, for so many seconds; whose. The others are held, or shown."""
        if not persons:
            return set()
        asked = {"persons": list(persons), "holder": holder, "seconds": seconds}
        return set(self._run(sql.hold_chats, asked).scalars())

    def hold_left(self, holder: str, seconds: int, limit: int) -> dict[str, bool]:
        """Take on oneself what is behind and held by nobody, or by a process that no longer renews.

        Whose, and whether there was such a process.
        """
        found = self._run(sql.left, {"at_most": limit}).all()
        left = {person: held_by not in {None, holder, sql.PUT_OFF} for person, held_by in found}
        if left:
            self._run(sql.take_chats, {"persons": list(left), "holder": holder, "seconds": seconds})
        return left

    def unnoted(self, person: str, limit: int) -> list[int]:
        """Numbers from the last message known of a person's chat on, in order, that are known of no other message.

        The last itself is one of them where it is a message the person wrote, or tapped, and not the live one.
        """
        last = self._run(sql.last_message, {"the_person": person}).scalar()
        if last is None:
            return []
        numbers = range(last, last + 4 * limit)  # where many talk, others are known to have most of them
        asked = {"the_person": person, "first": numbers[0], "last": numbers[-1]}
        known = set(self._run(sql.known_messages, asked).scalars())
        return [number for number in numbers if number not in known][:limit]

    def hold_on(self, persons: Sequence[str], holder: str, seconds: int) -> None:
        """Keep holding what one holds."""
        if persons:
            self._run(sql.hold_on, {"persons": list(persons), "holder": holder, "seconds": seconds})

    def put_off(self, person: str, holder: str, seconds: int) -> None:
        """Leave a chat to nobody for so many seconds, unless it is moved before."""
        self._run(sql.put_off, {"the_person": person, "holder": holder, "seconds": seconds})

    def _sealed(self, chat: ChatRow) -> dict[str, object]:
        home = f"chats/{_of(chat.negotiation)}/{chat.person}"
        return values(chat) | {name: self._seal(f"{home}/{name}", getattr(chat, name)) for name in SEALED}

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

    def forget_set_aside(self, before: str) -> int:
        """Forget what was set aside before a moment; how many."""
        return self._count(sql.forget_set_aside, before=before)

    # Files

    def add_file(self, file: FileRow) -> None:
        """Keep a file. Conflict when its id is taken."""
        home = f"files/{file.negotiation}/{file.id}"
        sealed = {"body": self._vault.seal(home, file.body), "name": self._seal(f"{home}/name", file.name)}
        with unless_taken(f"file {file.id}"):
            self._run(sql.add_file, values(file) | sealed)

    def file(self, id: str) -> FileRow | None:  # noqa: A002
        """A kept file."""
        row = self._run(sql.file, {"the_id": id}).first()
        if row is None:
            return None
        home = f"files/{row.negotiation}/{row.id}"
        name = self._vault.open(f"{home}/name", row.name).decode()
        return replace(FileRow(*row), name=name, body=self._vault.open(home, row.body))

    # How the above is done

    def _seal(self, row: str, text: str | None) -> bytes | None:
        return None if text is None else self._vault.seal(row, text.encode())

    def _open(self, row: str, body: bytes | None) -> str | None:
        return None if body is None else self._vault.open(row, body).decode()


def sent_name(negotiation: int | None, person: str, message_id: int) -> str:
    """What that which a message shows is bound to: the same when it becomes what the message showed before."""
    return f"sent_messages/{_of(negotiation)}/{person}/{message_id}"


SEALED = ("place", "aside", "settle", "paper", "answering")  # of a chat


def _of(negotiation: int | None) -> str:
    return "-" if negotiation is None else str(negotiation)
