"""A turn: a reply heard at a place, inside a transaction that is open; or what is refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from bot.audit import Tried, note
from bot.chats import kept_above, moved, place_of, standing, undo_of
from bot.core.events import Joined, Left, Opened
from bot.core.permission import Verb, What, Who, authorise
from bot.dialog.forged import forged_deed, forged_place
from bot.dialog.front import Outcome, amend, go, hear, left_unsaid, say, still, unedited
from bot.dialog.place import Command, Place, Room, Said, Sent, Tapped, Typed
from bot.dialog.wire import Garbled, Tap, stored, unpack
from bot.kinds import ALLOWED, kind_of
from bot.looks import note_look
from bot.papers import Unpacked, proposed
from bot.screens import Screens, Turned
from bot.store import ChatRow, FileRow, PersonRow, Tx
from bot.telling import tell_of_void
from bot.traffic import waken
from bot.wishes import grant

OLD_BUTTON = "That button belongs to an older message. Nothing was changed; here is where you are."
ASTRAY = (
    "You wrote that where you are not any more: you went on elsewhere. Nothing was recorded; here is where you are."
)


@dataclass(frozen=True, slots=True)
class Reply:
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
    at: str = ""  # the place it was written at, where the face knows


class Forged(Exception):
    """A tap that no button of theirs can have been."""

    def __init__(self, tried: Tried) -> None:
        super().__init__(tried)
        self.tried = tried


class Turning(Screens):
    """Hears one reply of one person."""

    def _turn(self, tx: Tx, person: PersonRow, reply: Reply) -> Turned | Tried:
        """Hear a reply at its place; or what is refused, and then changes nothing."""
        chat = tx.chat(person.id) or self.doors.new_chat(tx, person)
        room = self._room(tx, person, chat.negotiation, veiled=reply.veiled, write=True)
        reply = self._looked_at(reply)
        if not room.who.belongs and not self.doors.waits(tx, person):
            return Tried.REMOVED
        if reply.unpacked is not None and isinstance(reply.said, Sent) and room.n and room.leads:
            events = self.archive.events(tx, chat.negotiation or 0)
            reply = replace(reply, said=proposed(reply.said, reply.unpacked, room.n, events, room.own_day))
        astray = isinstance(reply.said, Typed | Sent) and reply.at not in {"", standing(chat)}
        try:
            number, outcome = self._outcome(tx, person, chat, room, reply, astray=astray)
        except Forged as forged:
            return forged.tried
        outcome = left_unsaid(room, place_of(chat.place), outcome)
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
        kept = "" if reply.veiled else kept_above(room, place_of(chat.place), outcome)
        paper = None if reply.veiled else outcome.turn.paper
        return Turned(person, stands, then, wakes, outcome.turn.erase, kept, paper, astray)

    def _looked_at(self, reply: Reply) -> Reply:
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

    def _below(self, tx: Tx, chat: ChatRow, reply: Reply) -> bool:
        """Whether a tap was on a reminder: the live message is above it, so the answer goes below."""
        there = reply.message_id
        return there is not None and there != chat.message_id and tx.reminded(chat.person, there)

    def _note(self, tx: Tx, chat: ChatRow, number: int | None, outcome: Outcome, reply: Reply) -> None:
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
        self, tx: Tx, person: PersonRow, chat: ChatRow, room: Room, reply: Reply, *, astray: bool
    ) -> tuple[int | None, Outcome]:
        number, place = chat.negotiation, place_of(chat.place)
        if astray:  # below one item's question, and perhaps not to be known at another's
            return number, still(room, place, ASTRAY)
        if reply.edited and isinstance(reply.said, Typed):
            return self._edited(tx, chat, room, place, reply)
        if not reply.packed:
            return number, hear(room, place, reply.said or Command("home"), undo_of(chat))
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
            raise Forged(Tried.FORGED)
        with suppress(LookupError):  # a row or field that is gone
            tapped = Tapped(tap.act, tap.arg) if tap.act is not None else None
            outcome = go(room, offered) if tapped is None else hear(room, offered, tapped)
            if tapped is not None and not outcome.happened and forged_deed(room, offered, tapped):
                raise Forged(Tried.FORGED)
            say(replace(room, n=outcome.n), outcome.place)
            return number, outcome
        return chat.negotiation, self._old(tx, person, room, place)

    def _tap(self, chat: ChatRow, room: Room, packed: str) -> Tap:
        """What a button meant that this chat can have shown."""
        mine = {one.number for one in room.talks}
        try:
            tap = unpack(packed)
        except Garbled:
            raise Forged(Tried.GARBLED) from None
        switch = int(tap.arg) if tap.act == "switch" and tap.arg.isdecimal() else 0
        if (tap.talks and tap.talks not in mine) or (switch and switch not in mine):
            raise Forged(Tried.OTHER_TALKS)
        if (tap.rev or 0) > chat.rev:
            raise Forged(Tried.FORGED)
        return tap

    def _old(self, tx: Tx, person: PersonRow, room: Room, place: Place) -> Outcome:
        """A button that was theirs, and is no more: told kindly, and noted."""
        note(tx, self.clock().isoformat(), Tried.OLD_BUTTON, person.id, None)
        return still(room, place, OLD_BUTTON)

    def _edited(self, tx: Tx, chat: ChatRow, room: Room, place: Place, reply: Reply) -> tuple[int | None, Outcome]:
        before = tx.heard_message(chat.person, reply.message_id) if reply.message_id else None
        if before is None or before.place is None or before.seq is None or before.negotiation != chat.negotiation:
            why = "Your edited message changes nothing: it did not give an answer by itself."
            return chat.negotiation, unedited(room, place, why)
        text = reply.said.text if isinstance(reply.said, Typed) else ""
        return chat.negotiation, amend(room, place, place_of(before.place), text, before.seq)
