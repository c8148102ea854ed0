"""The desk: hears an update in one transaction, and tells what each chat should show.

The clock and chance enter here; everything below is pure. A reply is not sent from here:
the transaction marks the chat's place as not yet shown, and a face shows it afterwards.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from bot.archive import Archive
from bot.chats import moved, packed, place_of, says, shows
from bot.core.checklist import Checklist
from bot.core.events import Joined, Left, Opened, Role
from bot.core.negotiation import Negotiation
from bot.dialog.front import COMMANDS, REFUSED, Outcome, amend, go, hear, say, still
from bot.dialog.home import Home
from bot.dialog.place import Command, Paper, Place, Room, Said, Say, Sent, Talks, Tapped, Typed
from bot.dialog.takeaway import TakeAway
from bot.dialog.wire import Garbled, stored, unpack
from bot.doors import Doors, blank_chat
from bot.looks import last_look, note_look
from bot.papers import Ordered, Pictures, Unpacked, made, order, proposed, unpacked
from bot.store import ChatRow, FileRow, PersonRow, Store, Tx
from bot.telling import tell_of_void
from bot.traffic import Arrived, Heard, Showing, Shown, waken
from bot.wishes import cards_of, grant, prefs_of, waiting

log = logging.getLogger(__name__)
ALIVE = "alive"
HEARD_KEPT = timedelta(days=14)  # Telegram repeats an update for a day and lets people edit for two
OLD_BUTTON = "That button belongs to an older message. Nothing was changed; here is where you are."


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply on its way into a turn."""

    said: Said | None
    packed: str = ""
    update_id: int | None = None
    message_id: int | None = None
    edited: bool = False
    file: bytes | None = None
    unpacked: Unpacked | None = None


@dataclass(frozen=True, slots=True)
class _Turned:
    """What a turn leaves. ``room`` is where the person then is, None when that must be looked up.

    ``wakes`` are the others whose chats changed with it.
    """

    person: PersonRow
    chat: ChatRow
    room: Room | None
    wakes: tuple[str, ...] = ()


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
        self.archive = Archive(checklists)
        self.doors = Doors(self.archive, clock)
        self.pictures = Pictures()

    # Hearing

    def hear(self, arrived: Arrived) -> Heard:
        """Hear one update from Telegram, once: a repeat changes nothing."""
        return self.hear_all((arrived,))[0]

    def hear_all(
        self,
        batch: Sequence[Arrived],
        idle: Callable[[str], bool] = lambda _: False,
        notes: Sequence[Shown] = (),
    ) -> list[Heard]:
        """Hear updates in one transaction, in order, each once. When this raises, none of them was heard.

        ``idle`` tells whose chat can be shown at once: what it should show then comes along.
        ``notes`` of what chats show are made before, in the same transaction.
        """
        unpacked = [self._unpacked(arrived) for arrived in batch]
        with self._hearing() as tx:
            tx.all_shown([(one.person, one.rev, one.message_id) for one in notes])
            known = {one.telegram_id: one for one in tx.persons_by_telegram([one.telegram_id for one in batch])}
            tx.lock_chats([one.id for one in known.values()])
            heard = [self._heard(tx, known, *one) for one in zip(batch, unpacked, strict=True)]
            turns = [turned for _, turned in heard if turned is not None]
            latest = {one.person.id: one for one in turns if one.chat is tx.chat(one.person.id)}
        showings = {person: self._showing(one) for person, one in latest.items() if idle(person)}
        return [replace(one, showing=showings.get(one.person)) if one.person else one for one, _ in heard]

    @contextmanager
    def _hearing(self) -> Iterator[Tx]:
        """A transaction that tells the archive, once it is committed and not before."""
        with self.store.transaction() as tx:
            yield tx
        self.archive.committed(tx)

    def _heard(
        self, tx: Tx, known: dict[int | None, PersonRow], arrived: Arrived, unpacked: Unpacked | None
    ) -> tuple[Heard, _Turned | None]:
        first = tx.first_time(arrived.update_id, self.clock().isoformat())
        person = known.get(arrived.telegram_id)
        if not first:
            # Heard by a process that was killed, perhaps before it showed anything: the chat is looked at again.
            return Heard(person=person.id if person else None, known=True, repeated=True), None
        if isinstance(arrived.said, Command) and arrived.said.name == "start" and arrived.said.arg:
            let_in = self.doors.let_in(tx, person, arrived.said.arg, arrived.name, arrived.telegram_id)
            if let_in is not None:
                known[arrived.telegram_id] = tx.person(let_in.id) or let_in  # as they are now: lead, linked
                return Heard(person=let_in.id, known=True), None
        if person is None:
            return Heard(person=None, known=False, answer=REFUSED), None
        reply = _Reply(
            arrived.said, arrived.packed, arrived.update_id, arrived.message_id, arrived.edited, arrived.file, unpacked
        )
        turned = self._turn(tx, person, reply)
        return Heard(person=person.id, known=True, wakes=turned.wakes), turned

    def reply(self, person: str, said: Said | None, packed: str = "") -> None:
        """Hear a reply from a face that knows its person itself, such as the terminal."""
        with self._hearing() as tx:
            row = tx.person(person)
            if row is None:
                raise LookupError(person)
            self._turn(tx, row, _Reply(said, packed))

    def _unpacked(self, arrived: Arrived) -> Unpacked | None:
        """A file that was sent where edited ones come back; reading it takes time, and holds up nobody here."""
        if not isinstance(arrived.said, Sent) or arrived.file is None:
            return None
        with self.store.reading() as tx:
            person = tx.person_by_telegram(arrived.telegram_id)
            chat = tx.chat(person.id) if person else None
        return unpacked(arrived.file) if chat and isinstance(place_of(chat.place), TakeAway) else None

    def _turn(self, tx: Tx, person: PersonRow, reply: _Reply) -> _Turned:
        chat = tx.chat(person.id) or self.doors.new_chat(tx, person)
        room = self._room(tx, person, chat.negotiation, write=True)
        if reply.unpacked is not None and isinstance(reply.said, Sent) and room.n and room.leads:
            events = self.archive.events(tx, chat.negotiation or 0)
            reply = replace(reply, said=proposed(reply.said, reply.unpacked, room.n, events))
        number, outcome = self._outcome(tx, person, chat, room, reply)
        grant(tx, person.id, number, outcome.turn)
        if outcome.turn.talks is not None:
            number = outcome.turn.talks
        if outcome.happened:
            number = self.archive.save(tx, number, outcome.happened, reply.update_id)
            if outcome.n is not None:
                self.archive.learn(tx, number, outcome.n)
                self.doors.close(tx, number, outcome.n, outcome.happened)
        if isinstance(reply.said, Sent) and reply.file is not None and outcome.happened and number is not None:
            tx.add_file(FileRow(reply.said.id, number, reply.said.name, "", reply.said.size, reply.file))
        stays = not any(one.event == Left(person=person.id) for one in outcome.happened)
        tapped = bool(reply.packed) and not self._below(tx, chat, reply)
        stands = moved(chat, number if stays else None, outcome, room, tapped=tapped)
        tx.put_chat(stands)
        self._note(tx, chat, number, outcome, reply)
        wakes = self._told(tx, person, number, room, outcome)
        seated = any(isinstance(one.event, Opened | Joined | Left) for one in outcome.happened)
        elsewhere = seated or number != chat.negotiation or outcome.place.shows_news  # which reads what is new
        then = None if elsewhere else replace(room, n=outcome.n) if outcome.happened else room
        return _Turned(person, stands, then, wakes)

    def _told(self, tx: Tx, person: PersonRow, number: int | None, room: Room, outcome: Outcome) -> tuple[str, ...]:
        """Note what the person has looked at, and tell others what the turn means for them; whom."""
        if number is None or outcome.n is None:
            return ()
        if outcome.place.shows_news:
            note_look(tx, person.id, number, outcome.n.seq, room.now)
        void = tell_of_void(tx, number, room.n, outcome.n, outcome.happened)
        return (*void, *waken(outcome.n, outcome.happened))

    def _below(self, tx: Tx, chat: ChatRow, reply: _Reply) -> bool:
        """Whether a tap was on a reminder: the live message is above it, so the answer goes below."""
        there = reply.message_id
        return there is not None and there != chat.message_id and tx.reminded(chat.person, there)

    def _note(self, tx: Tx, chat: ChatRow, number: int | None, outcome: Outcome, reply: _Reply) -> None:
        """Note which answer a message gave, so that an edit of it finds the answer again."""
        spot = outcome.spot
        place, seq = (stored(spot[0]), spot[1]) if spot else (None, None)
        if (
            spot is None
            and reply.edited
            and reply.message_id
            and (before := tx.heard_message(chat.person, reply.message_id))
        ):
            place, seq = before.place, before.seq
        if reply.update_id is not None:
            tx.note_heard(reply.update_id, chat.person, reply.message_id, number, place, seq)

    def _outcome(
        self, tx: Tx, person: PersonRow, chat: ChatRow, room: Room, reply: _Reply
    ) -> tuple[int | None, Outcome]:
        number, place = chat.negotiation, place_of(chat.place)
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
        return chat.negotiation, amend(room, place, place_of(before.place), text, before.seq)

    # Loading and saving

    def room(self, tx: Tx, person: PersonRow, number: int) -> Room:
        """What a person may look at in a negotiation, where others wait to write: to tell them of it unasked."""
        return self._room(tx, person, number, write=True)

    def _room(self, tx: Tx, person: PersonRow, number: int | None, *, write: bool = False) -> Room:
        seats = dict(tx.seats_of(person.id))
        n = self.archive.load(tx, number, write=write) if number is not None and number in seats else None
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
            overview=lambda: {one: self.archive.load(tx, one) for one in seats},
            prefs=lambda: prefs_of(tx, person.id),
            cards=lambda: cards_of(tx, number),
            waiting=lambda group: waiting(tx, person.id, group),
            line=cache(lambda since: self.archive.events(tx, number, since) if n and number else ()),
            looked=lambda: last_look(tx, person.id, number, self.clock()) if number else None,
        )

    def _listed(self, tx: Tx, number: int, role: str, n: Negotiation | None) -> Talks:
        n = n or self.archive.named(tx, number)
        return Talks(number, n.counterpart, n.subject, Role(role))

    # Showing

    def view(self, person: str) -> Say:
        """What a person's chat says now."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None:
                raise LookupError(person)
            if chat is None:
                return say(self._room(tx, row, None), Home())
            return says(chat, self._room(tx, row, chat.negotiation))

    def packed(self, person: str) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The buttons of a person's chat, each label with what it carries."""
        with self.store.reading() as tx:
            chat = tx.chat(person) or blank_chat(person, None)
        return packed(self.view(person), chat)

    def showing(self, person: str) -> Showing | None:
        """What a Telegram chat should show, None when it is shown already or is not on Telegram."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None or chat is None or row.telegram_id is None or chat.shown >= chat.rev:
                return None
            room = self._room(tx, row, chat.negotiation)
            ordered = self._order(tx, chat, room)
            shown = says(chat, room)
        paper, text = made(ordered, shown.text)
        return shows(chat, row.telegram_id, replace(shown, text=text), paper)

    def _showing(self, turned: _Turned) -> Showing | None:
        """What a chat should show after a turn that is committed; None when `showing` must find it out."""
        telegram_id, chat, room = turned.person.telegram_id, turned.chat, turned.room
        if telegram_id is None or room is None or chat.paper:
            return None
        try:
            return shows(chat, telegram_id, says(chat, room), None)
        except Exception:  # noqa: BLE001 (it is heard; whoever asks again is told what is wrong)
            return None

    def _order(self, tx: Tx, chat: ChatRow, room: Room) -> Ordered | None:
        if not chat.paper or room.n is None or chat.negotiation is None:
            return None
        paper = Paper(*json.loads(chat.paper))
        events = partial(self.archive.events, tx, chat.negotiation)
        return order(paper, room, events, tx.file, chat.negotiation, self.pictures)

    def ordered(self, person: str) -> Ordered | None:
        """What a person's last reply asked for, for faces other than Telegram to make and show."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            return self._order(tx, chat, self._room(tx, row, chat.negotiation)) if row and chat else None

    def seen(self, person: str) -> None:
        """Note that a person who reads no Telegram has seen where their chat stands."""
        with self.store.transaction() as tx:
            chat = tx.chat(person)
            if chat is not None:
                tx.shown(person, chat.rev, chat.message_id)

    def shown(self, notes: Sequence[Shown]) -> None:
        """Note what chats show."""
        with self.store.transaction() as tx:
            tx.all_shown([(one.person, one.rev, one.message_id) for one in notes])

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

    def alive(self) -> None:
        """Note that the bot runs, so that a later start knows for how long it did not."""
        with self.store.transaction() as tx:
            tx.set_office(ALIVE, self.clock().isoformat())
            tx.forget_heard((self.clock() - HEARD_KEPT).isoformat())

    def away(self) -> float:
        """For how many seconds the bot did not run before now; 0 when it never ran."""
        with self.store.reading() as tx:
            at = tx.get_office(ALIVE)
        return (self.clock() - datetime.fromisoformat(at)).total_seconds() if at else 0.0

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
                paper = chat.paper if chat.shown < chat.rev else None
                tx.put_chat(replace(chat, aside=aside, paper=paper, fresh=True, rev=chat.rev + 1))
            return len(chats)
