"""The desk: hears an update in one transaction.

A reply is not sent from here: the transaction marks the chat's place as not yet shown, and a face shows it afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.chats import moved, place_of
from bot.core.events import Joined, Left, Opened
from bot.dialog.front import COMMANDS, REFUSED, Outcome, amend, go, hear, say, still, unedited
from bot.dialog.place import Command, Place, Room, Said, Sent, Tapped, Typed, Unheard
from bot.dialog.sealed import slips
from bot.dialog.takeaway import TakeAway
from bot.dialog.wire import Garbled, stored, unpack
from bot.looks import note_look
from bot.papers import Unpacked, proposed, unpacked
from bot.screens import Screens, Turned
from bot.store import ChatRow, FileRow, PersonRow, Tx
from bot.telling import tell_of_void
from bot.traffic import Arrived, Given, Heard, Shown, waken
from bot.wishes import grant

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
    veiled: bool = True  # it came through a chat whose servers others run


class Desk(Screens):
    """Loads, hears, folds and saves; one transaction a reply."""

    commands = tuple((name, what) for name, (_, what) in COMMANDS.items())

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
        unpacked = [self._sent(arrived) for arrived in batch]
        with self._hearing() as tx:
            tx.all_shown([(one.person, one.rev, one.message_id) for one in notes])
            known = {one.telegram_id: one for one in tx.persons_by_telegram([one.telegram_id for one in batch])}
            tx.lock_chats([one.id for one in known.values()])
            heard = [self._heard(tx, known, *one) for one in zip(batch, unpacked, strict=True)]
            turns = [turned for _, turned in heard if turned is not None]
            latest = {one.person.id: one for one in turns if one.chat is tx.chat(one.person.id)}
        showings = {person: self.after(one) for person, one in latest.items() if idle(person)}
        return [replace(one, showing=showings.get(one.person)) if one.person else one for one, _ in heard]

    @contextmanager
    def _hearing(self) -> Iterator[Tx]:
        """A transaction that tells the archive, once it is committed and not before."""
        with self.store.transaction() as tx:
            yield tx
        self.archive.committed(tx)

    def _heard(
        self, tx: Tx, known: dict[int | None, PersonRow], arrived: Arrived, unpacked: Unpacked | None
    ) -> tuple[Heard, Turned | None]:
        first = tx.first_time(arrived.update_id, self.clock().isoformat())
        person = known.get(arrived.telegram_id)
        if not first:
            # Heard by a process that was killed, perhaps before it showed anything: the chat is looked at again.
            erase = arrived.message_id if person and self._slipped(tx, person, arrived) else None
            return Heard(person=person.id if person else None, known=True, repeated=True, erase=erase), None
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
        erase = arrived.message_id if turned.erase else None
        return Heard(person=person.id, known=True, wakes=turned.wakes, erase=erase), turned

    def _slipped(self, tx: Tx, person: PersonRow, arrived: Arrived) -> bool:
        """Whether a message heard before may hold what the chat may not carry: it is deleted once more."""
        chat = tx.chat(person.id)
        if chat is None or not isinstance(arrived.said, Typed | Sent | Unheard):
            return False
        return slips(self._room(tx, person, chat.negotiation, veiled=True), place_of(chat.place))

    def reply(self, person: str, said: Said | None, packed: str = "") -> None:
        """Hear a reply from a face of our own that knows its person itself, such as the terminal."""
        self.reply_all((Given(person, said, packed),))

    def reply_all(self, batch: Sequence[Given]) -> list[Turned | None]:
        """Hear replies in one transaction, in order; None for a repeat. When this raises, none of them was heard."""
        with self.store.reading() as tx:
            rows = {one.person: tx.person(one.person) for one in batch}
        sent = [self._unpacked(rows[one.person], one.said, one.file) for one in batch]
        with self._hearing() as tx:
            tx.lock_chats(sorted(rows))
            return [self._given(tx, rows[one.person], one, cells) for one, cells in zip(batch, sent, strict=True)]

    def _given(self, tx: Tx, person: PersonRow | None, given: Given, cells: Unpacked | None) -> Turned | None:
        if person is None:
            raise LookupError(given.person)
        if given.once is not None and not tx.first_time(given.once, self.clock().isoformat()):
            return None
        if given.seen and person.telegram_id is None:  # what Telegram shows is the presenter's to say
            tx.shown(person.id, given.seen, None)
        reply = _Reply(given.said, given.packed, given.once, file=given.file, unpacked=cells, veiled=False)
        turned = self._turn(tx, person, reply)
        if given.once is not None and person.telegram_id is not None and turned.chat.paper:
            # A page brings it where it was asked for, and not into Telegram; the terminal looks for it afterwards.
            tx.put_chat(replace(turned.chat, paper=None))
        return turned

    def _unpacked(self, person: PersonRow | None, said: Said | None, file: bytes | None) -> Unpacked | None:
        """A file that was sent where edited ones come back; reading it takes time, and holds up nobody here."""
        if not isinstance(said, Sent) or file is None or person is None:
            return None
        with self.store.reading() as tx:
            chat = tx.chat(person.id)
        return unpacked(file) if chat and isinstance(place_of(chat.place), TakeAway) else None

    def _sent(self, arrived: Arrived) -> Unpacked | None:
        if not isinstance(arrived.said, Sent) or arrived.file is None:
            return None
        with self.store.reading() as tx:
            person = tx.person_by_telegram(arrived.telegram_id)
        return self._unpacked(person, arrived.said, arrived.file)

    def _turn(self, tx: Tx, person: PersonRow, reply: _Reply) -> Turned:
        chat = tx.chat(person.id) or self.doors.new_chat(tx, person)
        room = self._room(tx, person, chat.negotiation, veiled=reply.veiled, write=True)
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
                self.doors.shut_out(tx, outcome.happened)
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
        return Turned(person, stands, then, wakes, outcome.turn.erase)

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
            room = self._room(tx, person, number, veiled=reply.veiled, write=True)
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
            why = "Your edited message changes nothing: it did not give an answer by itself."
            return chat.negotiation, unedited(room, place, why)
        text = reply.said.text if isinstance(reply.said, Typed) else ""
        return chat.negotiation, amend(room, place, place_of(before.place), text, before.seq)

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
