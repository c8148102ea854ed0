"""The desk: hears an update in one transaction, and tells what each chat should show.

The clock and chance enter here; everything below is pure. A reply is not sent from here:
the transaction marks the chat's place as not yet shown, and a face shows it afterwards.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.core.checklist import Checklist
from bot.core.events import ANY_EVENT, Invited, Joined, Left, Opened, Role
from bot.core.negotiation import Happened, Negotiation, after, opened
from bot.dialog.front import COMMANDS, REFUSED, Outcome, amend, go, hear, heard_at, say, still
from bot.dialog.home import Home
from bot.dialog.place import Command, Paper, Place, Room, Said, Say, Sent, Talks, Tapped, Typed
from bot.dialog.team import hashed
from bot.dialog.wire import Garbled, pack, restored, stored, unpack
from bot.papers import Brought, bring
from bot.store import ChatRow, EventRow, FileRow, InviteRow, PersonRow, Store, Tx

log = logging.getLogger(__name__)
FIRST_CODE = "first_code"
ASIDE_LIMIT = 1500  # characters; what collapsed turns have to say together
OLD_BUTTON = "That button belongs to an older message. Nothing was changed; here is where you are."


@dataclass(frozen=True, slots=True)
class Arrived:
    """One update, in our words. A tap has ``packed`` and no ``said``."""

    update_id: int
    telegram_id: int
    name: str
    said: Said | None
    message_id: int | None = None
    packed: str = ""
    edited: bool = False
    file: bytes | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an update. ``answer`` goes back at once; the chat itself is shown later."""

    person: str | None
    known: bool
    repeated: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """What a chat should show now."""

    person: str
    telegram_id: int
    rev: int
    message_id: int | None
    fresh: bool
    title: str
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    settle: str
    paper: Brought | None


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply on its way into a turn."""

    said: Said | None
    packed: str = ""
    update_id: int | None = None
    message_id: int | None = None
    edited: bool = False
    file: bytes | None = None


class Desk:
    """Loads, hears, folds and saves; one transaction a reply."""

    commands = tuple((name, what) for name, (_, what) in COMMANDS.items())

    def __init__(
        self,
        store: Store,
        checklists: Mapping[str, Checklist],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        link: str = "https://t.me/your_bot?start=",
        secret: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        """Work on a store, with the checklists that can be opened. ``link`` begins an invitation."""
        self.store = store
        self.link = link
        self.clock = clock
        self.secret = secret
        self.checklists = dict(checklists)
        self._known: dict[int, Negotiation] = {}
        self._by_digest = {one.digest: one for one in checklists.values()}

    # Hearing

    def hear(self, arrived: Arrived) -> Heard:
        """Hear one update from Telegram, once: a repeat changes nothing."""
        learned: dict[int, Negotiation] = {}
        with self.store.transaction() as tx:
            now = self.clock()
            if not tx.first_time(arrived.update_id, now.isoformat()):
                return Heard(person=None, known=True, repeated=True)
            person = tx.person_by_telegram(arrived.telegram_id)
            if isinstance(arrived.said, Command) and arrived.said.name == "start" and arrived.said.arg:
                let_in = self._let_in(tx, person, arrived)
                person = let_in or person
                if let_in is not None:
                    return Heard(person=let_in.id, known=True)
            if person is None:
                return Heard(person=None, known=False, answer=REFUSED)
            reply = _Reply(
                arrived.said, arrived.packed, arrived.update_id, arrived.message_id, arrived.edited, arrived.file
            )
            self._turn(tx, person, reply, learned)
        self._known.update(learned)
        return Heard(person=person.id, known=True)

    def reply(self, person: str, said: Said | None, packed: str = "") -> None:
        """Hear a reply from a face that knows its person itself, such as the terminal."""
        learned: dict[int, Negotiation] = {}
        with self.store.transaction() as tx:
            row = tx.person(person)
            if row is None:
                raise LookupError(person)
            self._turn(tx, row, _Reply(said, packed), learned)
        self._known.update(learned)

    def _turn(self, tx: Tx, person: PersonRow, reply: _Reply, learned: dict[int, Negotiation]) -> None:
        chat = tx.chat(person.id) or self.new_chat(tx, person)
        room = self._room(tx, person, chat.negotiation, write=True)
        number, outcome = self._outcome(tx, person, chat, room, reply)
        if outcome.turn.talks is not None:
            number = outcome.turn.talks
        if outcome.happened:
            number = self.save(tx, number, outcome.happened, reply.update_id)
            if outcome.n is not None and number is not None:
                learned[number] = outcome.n
        if isinstance(reply.said, Sent) and reply.file is not None and outcome.happened and number is not None:
            tx.add_file(FileRow(reply.said.id, number, reply.said.name, "", reply.said.size, reply.file))
        self._stand(tx, chat, number, outcome, room, tapped=bool(reply.packed))
        if reply.update_id is not None:
            spot = heard_at(outcome.happened)
            place, seq = (stored(spot[0]), spot[1]) if spot else (None, None)
            tx.note_heard(reply.update_id, person.id, reply.message_id, number, place, seq)

    def _outcome(
        self, tx: Tx, person: PersonRow, chat: ChatRow, room: Room, reply: _Reply
    ) -> tuple[int | None, Outcome]:
        number, place = chat.negotiation, _restored(chat.place)
        if reply.edited and isinstance(reply.said, Typed):
            return self._edited(tx, chat, room, place, reply)
        if not reply.packed:
            return number, hear(room, place, reply.said or Command("home"))
        try:
            tap = unpack(reply.packed)
        except Garbled:
            return number, still(room, place, OLD_BUTTON)
        mine = {one.number for one in room.talks}
        if tap.talks and tap.talks not in mine:
            return number, still(room, place, OLD_BUTTON)
        if tap.talks and tap.talks != number:
            number = tap.talks
            room = self._room(tx, person, number, write=True)
        offered = tap.place
        if offered is None:
            if tap.rev != chat.rev:
                return chat.negotiation, still(room, place, OLD_BUTTON)
            offered = place
        with suppress(LookupError):  # a row, field or item of another checklist
            outcome = go(room, offered) if tap.act is None else hear(room, offered, Tapped(tap.act, tap.arg))
            say(replace(room, n=outcome.n), outcome.place)
            return number, outcome
        return chat.negotiation, still(room, place, OLD_BUTTON)

    def _edited(self, tx: Tx, chat: ChatRow, room: Room, place: Place, reply: _Reply) -> tuple[int | None, Outcome]:
        before = tx.heard_message(chat.person, reply.message_id) if reply.message_id else None
        if before is None or before.place is None or before.seq is None or before.negotiation != chat.negotiation:
            return chat.negotiation, still(
                room, place, "Your edited message changes nothing: it did not give an answer by itself."
            )
        text = reply.said.text if isinstance(reply.said, Typed) else ""
        return chat.negotiation, amend(room, place, _restored(before.place), text, before.seq)

    # People

    def _let_in(self, tx: Tx, person: PersonRow | None, arrived: Arrived) -> PersonRow | None:
        """Let in whoever brings the first code or an invitation; None when the code opens nothing."""
        assert isinstance(arrived.said, Command)  # noqa: S101 (the caller looked)
        code, now = hashed(arrived.said.arg), self.clock()
        if tx.get_office(FIRST_CODE) == code:
            tx.del_office(FIRST_CODE)
            person = person or self.add(tx, arrived.name, arrived.telegram_id, lead=True)
            self.new_chat(tx, person)
            return person
        invite = tx.invite(code)
        if invite is None or invite.used_at or datetime.fromisoformat(invite.expires_at) < now:
            return None
        if invite.person is not None:
            if person is not None or not tx.use_invite(code, now.isoformat()):
                return None
            tx.link_person(invite.person, arrived.telegram_id)
            person = tx.person(invite.person)
        elif not tx.use_invite(code, now.isoformat()):
            return None
        person = person or self.add(tx, arrived.name, arrived.telegram_id)
        if invite.negotiation is not None:
            self.join(tx, person, invite, arrived.update_id)
        chat = tx.chat(person.id) or self.new_chat(tx, person)
        tx.put_chat(
            replace(
                chat,
                negotiation=invite.negotiation or chat.negotiation,
                place=stored(Home()),
                aside="",
                rev=chat.rev + 1,
                fresh=True,
            )
        )
        return person

    def join(self, tx: Tx, person: PersonRow, invite: InviteRow, update_id: int | None) -> None:
        """Seat a person where an invitation says, under a name nobody else there has."""
        number = invite.negotiation
        n = self._load(tx, number, write=True) if number is not None else None
        if n is None or number is None or n.role(person.id):
            return
        taken = {one.name for one in n.here if one.id != person.id}
        name = next(
            name
            for count in range(1, 10_000)
            if (name := person.name if count == 1 else f"{person.name} {count}") not in taken
        )
        event = Joined(person=person.id, name=name, role=Role(invite.role))
        happened = Happened(n.seq + 1, self.clock(), person.id, event)
        self.save(tx, number, (happened,), update_id)

    def add(self, tx: Tx, name: str, telegram_id: int | None, *, lead: bool = False) -> PersonRow:
        """Add a person."""
        person = PersonRow(
            "p" + secrets.token_hex(5), name[:60] or "somebody", telegram_id, lead, self.clock().isoformat()
        )
        tx.add_person(person)
        return person

    def new_chat(self, tx: Tx, person: PersonRow) -> ChatRow:
        """Begin a person's chat, at home in the first of their negotiations."""
        seats = tx.seats_of(person.id)
        chat = ChatRow(person.id, seats[0][0] if seats else None, stored(Home()), "", "", None, True, 1, 0, None, None)  # noqa: FBT003
        tx.put_chat(chat)
        return chat

    # Loading and saving

    def _room(self, tx: Tx, person: PersonRow, number: int | None, *, write: bool = False) -> Room:
        seats = dict(tx.seats_of(person.id))
        n = self._load(tx, number, write=write) if number is not None and number in seats else None
        talks = tuple(self._listed(tx, one, role, n if one == number else None) for one, role in seats.items())
        return Room(
            me=person.id,
            name=n.name(person.id) if n else person.name,
            now=self.clock(),
            n=n,
            may_open=person.lead or Role.LEAD in seats.values(),
            talks=talks,
            checklists=self.checklists,
            secret=self.secret(),
            link=self.link,
        )

    def _listed(self, tx: Tx, number: int, role: str, n: Negotiation | None) -> Talks:
        n = n or self._load(tx, number, write=False)
        return Talks(number, n.counterpart, n.subject, Role(role))

    def _load(self, tx: Tx, number: int, *, write: bool) -> Negotiation:
        """The negotiation as committed. What is known already is folded on, never folded again."""
        head = tx.lock(number) if write else tx.head(number)
        known = self._known.get(number)
        if known is not None and (head is None or known.seq > head):
            known = None
        if known is not None and known.seq == head:
            return known
        for happened in self.events(tx, number, known.seq if known else 0):
            known = self._first(tx, happened) if known is None else after(known, happened)
        if known is None:
            raise LookupError(f"negotiation {number}")
        self._known[number] = known
        return known

    def _first(self, tx: Tx, happened: Happened) -> Negotiation:
        digest = happened.event.checklist if isinstance(happened.event, Opened) else ""
        if digest not in self._by_digest:
            body = tx.checklist(digest)
            if body is None:
                raise LookupError(f"checklist {digest}")
            self._by_digest[digest] = Checklist.model_validate_json(body)
        return opened(happened, self._by_digest[digest])

    def events(self, tx: Tx, number: int, since: int = 0) -> list[Happened]:
        """What happened in a negotiation after an event, in order."""
        return [
            Happened(row.seq, datetime.fromisoformat(row.at), row.by, ANY_EVENT.validate_json(row.body))
            for row in tx.events(number, since)
        ]

    def load(self, tx: Tx, number: int) -> Negotiation:
        """A negotiation, to read."""
        return self._load(tx, number, write=False)

    def know(self, checklist: Checklist) -> None:
        """Take in a checklist that came with an import."""
        self._by_digest[checklist.digest] = checklist

    def save(
        self,
        tx: Tx,
        number: int | None,
        happened: tuple[Happened, ...],
        update_id: int | None,
        *,
        invites: bool = True,
    ) -> int:
        """Write events, and the small tables that follow from them. No number opens a negotiation."""
        first = happened[0].event
        if isinstance(first, Opened):
            checklist = self._by_digest[first.checklist]
            tx.keep_checklist(checklist.digest, checklist.model_dump_json(by_alias=True, exclude_defaults=True))
            number = tx.new_negotiation(first.uid)
        if number is None:
            raise LookupError("no negotiation to save to")
        rows = [
            EventRow(one.seq, one.at.isoformat(), one.by, update_id, ANY_EVENT.dump_json(one.event)) for one in happened
        ]
        tx.append(number, rows, happened[-1].seq)
        for one in happened:
            if invites or not isinstance(one.event, Invited):
                self._index(tx, number, one)
        return number

    def _index(self, tx: Tx, number: int, happened: Happened) -> None:
        """The small tables that follow from the events, written with them."""
        match happened.event:
            case Joined(person=person, role=role):
                tx.sit(number, person, role)
            case Left(person=person):
                tx.rise(number, person)
                chat = tx.chat(person)
                if chat and chat.negotiation == number:
                    tx.put_chat(
                        replace(
                            chat,
                            negotiation=None,
                            place=stored(Home()),
                            aside="",
                            settle="",
                            paper=None,
                            rev=chat.rev + 1,
                        )
                    )
            case Invited(invite=invite, role=role, expires_at=expires):
                tx.add_invite(InviteRow(invite, number, role, None, expires.isoformat()))
            case _:
                pass

    def _stand(self, tx: Tx, chat: ChatRow, number: int | None, outcome: Outcome, room: Room, *, tapped: bool) -> None:
        pending = chat.shown < chat.rev
        old = json.loads(chat.aside)["aside"] if pending and chat.aside else ""
        aside = "\n".join(part for part in (old, outcome.aside) if part)[-ASIDE_LIMIT:]
        settle = chat.settle if pending and chat.settle else self._settled(chat, room, outcome)
        paper = outcome.turn.paper
        tx.put_chat(
            replace(
                chat,
                negotiation=number,
                place=stored(outcome.place),
                aside=json.dumps({"aside": aside, "undo": outcome.undo}),
                settle=settle,
                paper=json.dumps([paper.form, paper.arg]) if paper else (chat.paper if pending else None),
                fresh=not tapped or (pending and chat.fresh),
                rev=chat.rev + 1,
            )
        )

    def _settled(self, chat: ChatRow, room: Room, outcome: Outcome) -> str:
        """What the answered message says from now on."""
        if not outcome.happened:
            return ""
        with suppress(LookupError):
            return f"{say(room, _restored(chat.place)).title}\n{outcome.kept}"
        return outcome.kept

    # Showing

    def view(self, person: str) -> Say:
        """What a person's chat says now."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None:
                raise LookupError(person)
            if chat is None:
                return say(self._room(tx, row, None), Home())
            return self._say(chat, self._room(tx, row, chat.negotiation))

    def _say(self, chat: ChatRow, room: Room) -> Say:
        told = json.loads(chat.aside) if chat.aside else {"aside": "", "undo": ""}
        try:
            return say(room, _restored(chat.place), told["aside"], told["undo"])
        except LookupError:  # the place is gone: a row removed, another checklist
            return say(room, Home(), told["aside"])

    def packed(self, person: str) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The buttons of a person's chat, each label with what it carries."""
        with self.store.reading() as tx:
            chat = tx.chat(person)
        if chat is None:
            chat = ChatRow(person, None, stored(Home()), "", "", None, True, 1, 0, None, None)  # noqa: FBT003
        return _packed(self.view(person), chat)

    def showing(self, person: str) -> Showing | None:
        """What a Telegram chat should show, None when it is shown already or is not on Telegram."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None or chat is None or row.telegram_id is None or chat.shown >= chat.rev:
                return None
            room = self._room(tx, row, chat.negotiation)
            shown = self._say(chat, room)
            paper = self._bring(tx, chat, room)
        return Showing(
            person=person,
            telegram_id=row.telegram_id,
            rev=chat.rev,
            message_id=chat.message_id,
            fresh=chat.fresh or chat.message_id is None or paper is not None,
            title=shown.title,
            text=shown.text,
            buttons=_packed(shown, chat),
            settle=chat.settle,
            paper=paper,
        )

    def _bring(self, tx: Tx, chat: ChatRow, room: Room) -> Brought | None:
        if not chat.paper or room.n is None or chat.negotiation is None:
            return None
        paper = Paper(*json.loads(chat.paper))
        return bring(paper, room, self.events(tx, chat.negotiation), tx.file, chat.negotiation)

    def brought(self, person: str) -> Brought | None:
        """The document that a person's last reply asked for, for faces other than Telegram."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            return self._bring(tx, chat, self._room(tx, row, chat.negotiation)) if row and chat else None

    def seen(self, person: str) -> None:
        """Note that a person who reads no Telegram has seen where their chat stands."""
        with self.store.transaction() as tx:
            chat = tx.chat(person)
            if chat is not None:
                tx.shown(person, chat.rev, chat.message_id)

    def shown(self, person: str, rev: int, message_id: int | None) -> None:
        """Note that a chat shows its place of this revision, in this message."""
        with self.store.transaction() as tx:
            tx.shown(person, rev, message_id)

    def unshown(self, limit: int = 1000) -> list[str]:
        """The persons whose chat does not show its latest place."""
        with self.store.reading() as tx:
            return list(tx.unshown(limit))

    def set_aside(self, update_id: int, raw: str, error: str) -> None:
        """Put away an update that cannot be heard, so that it holds up nobody."""
        with self.store.transaction() as tx:
            now = self.clock().isoformat()
            tx.first_time(update_id, now)
            tx.set_update_aside(update_id, now, raw, error)

    def say_again(self) -> int:
        """Show every open prompt anew, after an outage in which taps were lost; how many."""
        with self.store.transaction() as tx:
            chats = [chat for person in tx.persons() if person.telegram_id and (chat := tx.chat(person.id))]
            for chat in chats:
                aside = json.dumps(
                    {
                        "aside": "I was away for a while. A tap in that time did not reach me; please tap again.",
                        "undo": "",
                    }
                )
                tx.put_chat(replace(chat, aside=aside, fresh=True, rev=chat.rev + 1))
            return len(chats)


def _restored(text: str) -> Place:
    try:
        return restored(text)
    except Garbled:
        log.warning("a chat stood at a place that is no more; it begins at home")
        return Home()


def _packed(shown: Say, chat: ChatRow) -> tuple[tuple[tuple[str, str], ...], ...]:
    place = _restored(chat.place)
    return tuple(
        tuple((button.label, pack(button, place, chat.negotiation or 0, chat.rev)) for button in row)
        for row in shown.buttons
    )
