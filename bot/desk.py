"""The desk: hears an update in one transaction.

A reply is not sent from here: the transaction marks the chat's place as not yet shown, and a face shows it afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.audit import Tried, note
from bot.chats import kept_above, moved, place_of
from bot.core.events import Joined, Left, Opened
from bot.core.permission import Verb, What, Who, authorise
from bot.dialog.forged import forged_deed, forged_place
from bot.dialog.front import COMMANDS, Outcome, amend, go, hear, say, still, unedited
from bot.dialog.permits import REFUSED
from bot.dialog.place import Command, Place, Room, Said, Sent, Tapped, Typed, Unheard
from bot.dialog.sealed import slips
from bot.dialog.takeaway import TakeAway
from bot.dialog.wire import Garbled, Tap, stored, unpack
from bot.doors import LATEST
from bot.kinds import ALLOWED, kind_of
from bot.looks import note_look
from bot.pace import Pace
from bot.papers import Unpacked, proposed, unpacked
from bot.screens import HELD, Screens, Turned
from bot.store import ChatRow, FileRow, PersonRow, Tx
from bot.telling import tell, tell_of_void
from bot.traffic import Arrived, Given, Heard, Origin, Shown, waken
from bot.wishes import grant

log = logging.getLogger(__name__)
ALIVE = "alive"
ELSEWHERE = {Origin.GROUP: Tried.GROUP, Origin.CHANNEL: Tried.CHANNEL, Origin.BOT: Tried.BOT}
AUDITED = timedelta(days=90)
HEARD_KEPT = timedelta(days=14)  # Telegram repeats an update for a day and lets people edit for two
ASIDE_KEPT = timedelta(days=30)  # in which somebody has looked at what could not be heard, or nobody will
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
    kind: str = ""  # of the file, by its content
    before: str = ""  # what is to be told before what the reply comes to
    veiled: bool = True  # it came through a chat whose servers others run


class _Forged(Exception):
    """A tap that no button of theirs can have been."""

    def __init__(self, tried: Tried) -> None:
        super().__init__(tried)
        self.tried = tried


class Desk(Screens):
    """Loads, hears, folds and saves; one transaction a reply."""

    pace: Pace | None = None  # how fast it listens; None for as fast as it can
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
            tx.all_shown([(one.person, one.rev, one.message_id) for one in notes], self.holder)
            known = {one.telegram_id: one for one in tx.persons_by_telegram([one.telegram_id for one in batch])}
            tx.lock_chats([one.id for one in known.values()])
            ignored = self._ignored(batch, known)
            new = tx.first_times([one.update_id for one in batch if one not in ignored], self.clock().isoformat())
            heard = [
                (Heard(person=None, known=False), None) if one in ignored else self._heard(tx, known, new, one, cells)
                for one, cells in zip(batch, unpacked, strict=True)
            ]
            turns = [turned for _, turned in heard if turned is not None]
            latest = {one.person.id: one for one in turns if one.chat is tx.chat(one.person.id)}
            mine = [person for person in latest if idle(person)]
            held = tx.hold(mine, self.holder, HELD) if self.holder else mine
        showings = {person: self.after(latest[person]) for person in held}
        return [replace(one, showing=showings.get(one.person)) if one.person else one for one, _ in heard]

    @contextmanager
    def _hearing(self) -> Iterator[Tx]:
        """A transaction that tells the archive, once it is committed and not before."""
        with self.store.transaction() as tx:
            yield tx
        self.archive.committed(tx)

    def _heard(
        self,
        tx: Tx,
        known: dict[int | None, PersonRow],
        new: set[int],
        arrived: Arrived,
        unpacked: Unpacked | None,
    ) -> tuple[Heard, Turned | None]:
        person = known.get(arrived.telegram_id)
        if arrived.update_id not in new:
            # Heard by a process that was killed, perhaps before it showed anything: the chat is looked at again.
            erase = arrived.message_id if person and self._slipped(tx, person, arrived) else None
            return Heard(person=person.id if person else None, known=True, repeated=True, erase=erase), None
        new.remove(arrived.update_id)  # once in a poll, too
        if arrived.origin is not Origin.PRIVATE:
            note(tx, self.clock().isoformat(), ELSEWHERE[arrived.origin], None, arrived.telegram_id)
            return Heard(person=None, known=False, answer=REFUSED), None
        if isinstance(arrived.said, Command) and arrived.said.name == "start" and arrived.said.arg:
            told = (arrived.said.arg, arrived.name, arrived.telegram_id, arrived.handle)
            let_in = self.doors.let_in(tx, person, *told)
            if let_in is not None:
                inside = tx.person(let_in.person.id) or let_in.person  # as they are now: lead, linked
                known[arrived.telegram_id] = inside
                number = chat.negotiation if (chat := tx.chat(inside.id)) else None
                closed = self.doors.close_links(tx, number) if number is not None else ()
                return Heard(person=inside.id, known=True, wakes=(*let_in.wakes, *closed)), None
        if person is None:
            return self._refused(tx, arrived, None), None
        came = _Reply(
            arrived.said, arrived.packed, arrived.update_id, arrived.message_id, arrived.edited, arrived.file, unpacked
        )
        reply = self._paced(tx, person, came, arrived.sent)
        if reply is None:
            return Heard(person=person.id, known=True), None
        turned = self._turn(tx, person, reply)
        if turned is Tried.REMOVED:
            return self._refused(tx, arrived, person), None
        if isinstance(turned, Tried):
            note(tx, self.clock().isoformat(), turned, person.id, None)
            return Heard(person=person.id, known=True, answer=REFUSED), None
        erase = arrived.message_id if turned.erase else None
        return Heard(person=person.id, known=True, wakes=turned.wakes, erase=erase), turned

    def _slipped(self, tx: Tx, person: PersonRow, arrived: Arrived) -> bool:
        """Whether a message heard before may hold what the chat may not carry: it is deleted once more."""
        chat = tx.chat(person.id)
        if chat is None or not isinstance(arrived.said, Typed | Sent | Unheard):
            return False
        return slips(self._room(tx, person, chat.negotiation, veiled=True), place_of(chat.place))

    def _ignored(self, batch: Sequence[Arrived], known: Mapping[int | None, PersonRow]) -> list[Arrived]:
        """What strangers said who were answered just now. Silence costs no write, however many there are of them."""
        if self.pace is None:
            return []
        ignored, knocking = [], set(known)
        for one in batch:
            tries = isinstance(one.said, Command) and one.said.name == "start" and bool(one.said.arg)
            if one.telegram_id in knocking:
                continue
            if not self.pace.stranger(one.telegram_id, tries=tries):
                ignored.append(one)
            elif tries:
                knocking.add(one.telegram_id)  # who may be let in by it, and then be heard
        return ignored

    def _paced(self, tx: Tx, person: PersonRow, reply: _Reply, sent: float | None = None) -> _Reply | None:
        """The reply, perhaps with more to be told; None when it comes too fast, which its sender is told."""
        if self.pace is None:
            return reply
        words = reply.said.text if isinstance(reply.said, Typed) else ""
        verdict = self.pace.known(person.id, reply.update_id, sent, words)
        if verdict.hears:
            return replace(reply, before=verdict.says)
        if verdict.says and not tell(tx, person.id, 0, verdict.says, verdict.says):
            self.doors.new_chat(tx, person)
            tell(tx, person.id, 0, verdict.says, verdict.says)
        return None

    def belongs(self, tx: Tx, person: PersonRow) -> bool:
        """Whether somebody is more than a stranger: they have a seat, may open talks, or wait at a door."""
        return person.lead or bool(tx.seats_of(person.id)) or self.doors.waits(tx, person)

    def _refused(self, tx: Tx, arrived: Arrived, person: PersonRow | None) -> Heard:
        """A stranger, who is told one sentence, the same whatever they tried; so is who belongs nowhere any more."""
        brings = isinstance(arrived.said, Command) and arrived.said.name == "start" and arrived.said.arg
        tried = Tried.INVITATION if brings else Tried.REMOVED if person else Tried.STRANGER
        note(tx, self.clock().isoformat(), tried, person.id if person else None, arrived.telegram_id)
        return Heard(person=None, known=False, answer=REFUSED)

    def reply(self, person: str, said: Said | None, packed: str = "") -> Turned | Tried | None:
        """Hear a reply from a face of our own that knows its person itself, such as the terminal."""
        return self.reply_all((Given(person, said, packed),))[0]

    def reply_all(self, batch: Sequence[Given]) -> list[Turned | Tried | None]:
        """Hear replies in one transaction, in order. When this raises, none of them was heard.

        None for a repeat, and for what came too fast; what was tried for what is refused.
        """
        with self.store.reading() as tx:
            rows = {one.person: tx.person(one.person) for one in batch}
        sent = [self._unpacked(rows[one.person], one.said, one.file) for one in batch]
        with self._hearing() as tx:
            tx.lock_chats(sorted(rows))
            return [self._given(tx, rows[one.person], one, cells) for one, cells in zip(batch, sent, strict=True)]

    def _given(self, tx: Tx, person: PersonRow | None, given: Given, cells: Unpacked | None) -> Turned | Tried | None:
        if person is None:
            raise LookupError(given.person)
        if given.once is not None and not tx.first_time(given.once, self.clock().isoformat()):
            return None
        if given.seen and person.telegram_id is None:  # what Telegram shows is the presenter's to say
            tx.shown(person.id, given.seen, None)
        came = _Reply(given.said, given.packed, given.once, file=given.file, unpacked=cells, veiled=False)
        reply = self._paced(tx, person, came)
        turned = self._turn(tx, person, reply) if reply is not None else None
        if isinstance(turned, Tried):
            note(tx, self.clock().isoformat(), turned, person.id, None)
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

    def _turn(self, tx: Tx, person: PersonRow, reply: _Reply) -> Turned | Tried:
        """Hear a reply at its place; or what is refused, and then changes nothing."""
        chat = tx.chat(person.id) or self.doors.new_chat(tx, person)
        room = self._room(tx, person, chat.negotiation, veiled=reply.veiled, write=True)
        reply = self._looked_at(reply)
        if not room.who.belongs and not self.doors.waits(tx, person):
            return Tried.REMOVED
        if reply.unpacked is not None and isinstance(reply.said, Sent) and room.n and room.leads:
            events = self.archive.events(tx, chat.negotiation or 0)
            reply = replace(reply, said=proposed(reply.said, reply.unpacked, room.n, events))
        try:
            number, outcome = self._outcome(tx, person, chat, room, reply)
        except _Forged as forged:
            return forged.tried
        if reply.before:
            outcome = replace(outcome, aside="\n".join(filter(None, (reply.before, outcome.aside))))
        grant(tx, person.id, number, outcome.turn, lambda talks: self._leads(tx, person, talks))
        if outcome.turn.talks is not None:
            number = outcome.turn.talks
        if outcome.happened:
            number = self.archive.save(tx, number, outcome.happened, reply.update_id)
            if outcome.n is not None:
                self.archive.learn(tx, number, outcome.n)
                self.doors.close(tx, number, outcome.n, outcome.happened)
                self.doors.decided(tx, number, outcome.n, outcome.happened)
                self.doors.shut_out(tx, outcome.happened)
        if isinstance(reply.said, Sent) and reply.file is not None and outcome.happened and number is not None:
            tx.add_file(FileRow(reply.said.id, number, reply.said.name, reply.kind, reply.said.size, reply.file))
        stays = not any(one.event == Left(person=person.id) for one in outcome.happened)
        tapped = bool(reply.packed) and not self._below(tx, chat, reply)
        stands = moved(chat, number if stays else None, outcome, room, tapped=tapped)
        tx.put_chat(stands)
        self._note(tx, chat, number, outcome, reply)
        wakes = self._told(tx, person, number, room, outcome)
        seated = any(isinstance(one.event, Opened | Joined | Left) for one in outcome.happened)
        elsewhere = seated or number != chat.negotiation or outcome.place.shows_news  # which reads what is new
        then = None if elsewhere else replace(room, n=outcome.n) if outcome.happened else room
        kept = kept_above(room, place_of(chat.place), outcome)
        paper = None if reply.veiled else outcome.turn.paper
        return Turned(person, stands, then, wakes, outcome.turn.erase, kept, paper)

    def _looked_at(self, reply: _Reply) -> _Reply:
        """A reply with a file as what it is by its content, under an id that nobody can guess."""
        if not isinstance(reply.said, Sent) or reply.file is None:
            return reply
        kind = kind_of(reply.file, reply.said.name)
        said = replace(reply.said, id=self.secret()[:16])
        if kind is None and reply.unpacked is None:
            said = replace(said, trouble=f"That is no file of a kind I keep, whatever its name says. {ALLOWED}")
        return replace(reply, said=said, kind=kind or "")

    def _leads(self, tx: Tx, person: PersonRow, number: int) -> bool:
        return authorise(Who(person.id), Verb.ORDER, What(self.archive.load(tx, number))) is None

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
        tap = self._tap(chat, room, reply.packed)
        if tap.talks and tap.talks != number:
            number = tap.talks
            room = self._room(tx, person, number, veiled=reply.veiled, write=True)
        offered = tap.place
        if offered is None:
            if tap.rev != chat.rev:
                return chat.negotiation, self._old(tx, person, room, place)
            offered = place
        elif forged_place(room, offered, tap.talks):
            raise _Forged(Tried.FORGED)
        with suppress(LookupError):  # a row or field that is gone
            tapped = Tapped(tap.act, tap.arg) if tap.act is not None else None
            outcome = go(room, offered) if tapped is None else hear(room, offered, tapped)
            if tapped is not None and not outcome.happened and forged_deed(room, offered, tapped):
                raise _Forged(Tried.FORGED)
            say(replace(room, n=outcome.n), outcome.place)
            return number, outcome
        return chat.negotiation, self._old(tx, person, room, place)

    def _tap(self, chat: ChatRow, room: Room, packed: str) -> Tap:
        """What a button meant that this chat can have shown."""
        mine = {one.number for one in room.talks}
        try:
            tap = unpack(packed)
        except Garbled:
            raise _Forged(Tried.GARBLED) from None
        switch = int(tap.arg) if tap.act == "switch" and tap.arg.isdecimal() else 0
        if (tap.talks and tap.talks not in mine) or (switch and switch not in mine):
            raise _Forged(Tried.OTHER_TALKS)
        if (tap.rev or 0) > chat.rev:
            raise _Forged(Tried.FORGED)
        return tap

    def _old(self, tx: Tx, person: PersonRow, room: Room, place: Place) -> Outcome:
        """A button that was theirs, and is no more: told kindly, and noted."""
        note(tx, self.clock().isoformat(), Tried.OLD_BUTTON, person.id, None)
        return still(room, place, OLD_BUTTON)

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
            now = self.clock()
            tx.set_office(ALIVE, now.isoformat())
            tx.set_office(LATEST, self.doors.latest(tx).isoformat())
            tx.forget_heard((now - HEARD_KEPT).isoformat())
            tx.forget_set_aside((now - ASIDE_KEPT).isoformat())
            tx.forget_refusals((now - AUDITED).date().isoformat())

    def come_back(self, seconds: float) -> bool:
        """Note that the bot runs; whether it had not for so long, and it is this process that is to say so."""
        now = self.clock()
        with self.store.transaction() as tx:
            return tx.move_office(ALIVE, (now - timedelta(seconds=seconds)).isoformat(), now.isoformat())

    def away(self) -> float:
        """For how many seconds the bot did not run before now; 0 when it never ran."""
        with self.store.reading() as tx:
            at = tx.get_office(ALIVE)
        return (self.clock() - datetime.fromisoformat(at)).total_seconds() if at else 0.0
