"""A turn: a reply heard at a place, inside a transaction that is open; or what is refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from bot.application.announcements import notify_void_sign_off
from bot.application.chats import kept_above, moved, place_of, standing, undo_of
from bot.application.documents import sheet_read
from bot.application.file_types import ALLOWED, kind_of
from bot.application.last_seen import mark_seen
from bot.application.messages import chats_to_wake
from bot.application.outbox import TurnResult
from bot.application.preferences import apply
from bot.application.reply_router import Heard, ReplyInTurn, ReplyRouter
from bot.application.security_log import SecurityEvent, record
from bot.dialog.callback_data import CallbackData, UnknownCallback, stored, unpack, wordless
from bot.dialog.contract import ButtonReply, Command, Context, FileReply, Place, TextReply
from bot.dialog.engine import HandledReply, amend, go, handle, left_unsaid, render, still, unedited
from bot.dialog.forgery import forged_deed, forged_place
from bot.dialog.parsing.whole import whole
from bot.dialog.screens.home import Home
from bot.domain.access.permissions import Actor, Permission, Resource, authorise
from bot.domain.events import Joined, Left, Opened
from bot.storage import ChatRow, FileRow, PersonRow, UnitOfWork

OLD_BUTTON = "That button belongs to an older message. Nothing was changed; here is where you are."
UNSENT = "You went on while the file was being sent. Nothing was recorded: please send it again."
ASTRAY = (
    "You wrote that where you are not any more: you went on elsewhere. Nothing was recorded; here is where you are."
)


class ForgedButton(Exception):
    """A tap that no button of theirs can have been."""

    def __init__(self, tried: SecurityEvent) -> None:
        super().__init__(tried)
        self.tried = tried


class TurnHandler(ReplyRouter):
    """Hears one reply of one person."""

    def _turn(self, tx: UnitOfWork, person: PersonRow, reply: ReplyInTurn) -> TurnResult | SecurityEvent:
        """Hear a reply at its place; or what is refused, and then changes nothing."""
        chat = tx.chat(person.id) or self.doors.new_chat(tx, person)
        context = self._context(tx, person, chat.negotiation, veiled=reply.veiled, write=True)
        reply = self._looked_at(reply)
        if not context.who.belongs and not self.doors.waits(tx, person):
            return SecurityEvent.REMOVED
        if isinstance(reply.said, FileReply) and reply.unpacked is not None and context.n:
            events = partial(self.archive.events, tx, chat.negotiation or 0)
            reply = replace(reply, said=sheet_read(reply.said, reply.unpacked, context, events))
        astray = isinstance(reply.said, TextReply | FileReply) and reply.at not in {"", standing(chat)}
        try:
            heard = self._outcome(tx, person, chat, context, reply, astray=astray)
        except ForgedButton as forged:
            return forged.tried
        number, apart = heard.number, heard.stays and heard.number != chat.negotiation
        outcome = heard.outcome
        if isinstance(reply.said, FileReply) and reply.file is None and outcome.happened:
            outcome = still(context, place_of(chat.place), UNSENT)  # the place took none when it was asked
        outcome = left_unsaid(context, place_of(chat.place), outcome)
        if reply.before:
            outcome = replace(outcome, aside="\n".join(filter(None, (reply.before, outcome.aside))))
        apply(tx, person.id, number, outcome.turn, lambda talks: self._leads(tx, person, talks))
        if outcome.turn.talks is not None:
            number = outcome.turn.talks
        number = self._save(tx, number, outcome, reply)
        stays = not any(change.event == Left(person=person.id) for change in outcome.happened)
        tapped = bool(reply.packed) and not self._below(tx, chat, reply)
        shown = replace(outcome, happened=()) if heard.stays else outcome
        shown = replace(shown, n=context.n, undo="") if apart else shown
        stands = moved(chat, chat.negotiation if apart else number if stays else None, shown, context, tapped=tapped)
        last = self._last_message(chat, stands, context, heard, reply)
        tx.put_chat(stands := replace(stands, answering=last.written() if last else None))
        self._note(tx, chat, number, outcome, reply)
        if last is not None and heard.part is not None:
            self._note_parts(tx, chat, number, last)
        told = replace(outcome, place=Home()) if apart else outcome  # what the chat shows is of its own talks
        wakes = self._told(tx, person, number, heard.context if apart else context, told)
        seated = any(isinstance(change.event, Opened | Joined | Left) for change in outcome.happened)
        elsewhere = seated or apart or number != chat.negotiation or outcome.place.shows_news  # which reads what is new
        then = None if elsewhere else replace(context, n=outcome.n) if outcome.happened else context
        kept = "" if reply.veiled else kept_above(context, place_of(chat.place), outcome)
        paper = None if reply.veiled else outcome.turn.paper
        return TurnResult(person, stands, then, wakes, outcome.turn.erase, kept, paper, astray)

    def _save(self, tx: UnitOfWork, number: int | None, outcome: HandledReply, reply: ReplyInTurn) -> int | None:
        """Keep what a reply comes to, with its file; the number of the negotiation that holds it."""
        if outcome.happened:
            number = self.archive.save(tx, number, outcome.happened, reply.update_id)
            if outcome.n is not None:
                self.archive.learn(tx, number, outcome.n)
                self.doors.close(tx, number, outcome.n, outcome.happened)
                self.doors.decided(tx, number, outcome.n, outcome.happened)
                self.doors.shut_out(tx, outcome.happened)
        if isinstance(reply.said, FileReply) and reply.file is not None and outcome.happened and number is not None:
            tx.add_file(FileRow(reply.said.id, number, reply.said.name, reply.kind, reply.said.size, reply.file))
        return number

    def _looked_at(self, reply: ReplyInTurn) -> ReplyInTurn:
        """A reply with a file as what it is by its content, under an id that nobody can guess."""
        if not isinstance(reply.said, FileReply) or reply.file is None:
            return reply
        kind = kind_of(reply.file, reply.said.name)
        said = replace(reply.said, id=self.secret()[:16])
        if kind is None and reply.unpacked is None:
            said = replace(said, trouble=f"That is no file of a kind I keep, whatever its name says. {ALLOWED}")
        return replace(reply, said=said, kind=kind or "")

    def _leads(self, tx: UnitOfWork, person: PersonRow, number: int) -> bool:
        return authorise(Actor(person.id), Permission.ORDER, Resource(self.archive.load(tx, number))) is None

    def _told(
        self, tx: UnitOfWork, person: PersonRow, number: int | None, context: Context, outcome: HandledReply
    ) -> tuple[str, ...]:
        """Note what the person has looked at, and tell others what the turn means for them; whom."""
        if number is None or outcome.n is None:
            return ()
        if outcome.place.shows_news:
            mark_seen(tx, person.id, number, outcome.n.seq, context.now)
        void = notify_void_sign_off(tx, number, context.n, outcome.n, outcome.happened)
        return (*void, *chats_to_wake(outcome.n, outcome.happened))

    def _below(self, tx: UnitOfWork, chat: ChatRow, reply: ReplyInTurn) -> bool:
        """Whether a tap was on a reminder: the live message is above it, so the answer goes below."""
        there = reply.message_id
        return there is not None and there != chat.message_id and tx.reminded(chat.person, there)

    def _note(
        self, tx: UnitOfWork, chat: ChatRow, number: int | None, outcome: HandledReply, reply: ReplyInTurn
    ) -> None:
        """Note which answer a message gave, so that an edit of it finds the answer again."""
        spot = outcome.spot
        place, seq = (stored(spot[0]), spot[1]) if spot else (None, None)
        if spot is None and not reply.edited and isinstance(reply.said, TextReply):
            place = stored(wordless(place_of(chat.place)))  # a reply to it belongs there
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
        self, tx: UnitOfWork, person: PersonRow, chat: ChatRow, context: Context, reply: ReplyInTurn, *, astray: bool
    ) -> Heard:
        place = place_of(chat.place)
        if astray:  # below one item's question, and perhaps not to be known at another's
            return Heard(chat.negotiation, still(context, place, ASTRAY), context)
        if reply.edited and isinstance(reply.said, TextReply):
            return Heard(*self._edited(tx, chat, context, place, reply), context)
        if not reply.packed:
            apart = self._apart(tx, person, chat, context, reply)
            typed = reply.said or Command("home")
            return apart or Heard(chat.negotiation, handle(context, place, typed, undo_of(chat)), context)
        return Heard(*self._tapped(tx, person, chat, context, reply), context)

    def _tapped(
        self, tx: UnitOfWork, person: PersonRow, chat: ChatRow, context: Context, reply: ReplyInTurn
    ) -> tuple[int | None, HandledReply]:
        number, place = chat.negotiation, place_of(chat.place)
        tap = self._tap(chat, context, reply.packed)
        if tap.talks and tap.talks != number:
            number = tap.talks
            context = self._context(tx, person, number, veiled=reply.veiled, write=True)
        offered = tap.place
        if offered is None:
            if tap.rev != chat.rev:
                return chat.negotiation, self._old(tx, person, context, place)
            offered = place
        elif forged_place(context, offered, tap.talks):
            raise ForgedButton(SecurityEvent.FORGED)
        with suppress(LookupError):  # a row or field that is gone
            tapped = ButtonReply(tap.act, tap.arg) if tap.act is not None else None
            outcome = go(context, offered) if tapped is None else handle(context, offered, tapped)
            if tapped is not None and not outcome.happened and forged_deed(context, offered, tapped):
                raise ForgedButton(SecurityEvent.FORGED)
            render(replace(context, n=outcome.n), outcome.place)
            return number, outcome
        return chat.negotiation, self._old(tx, person, context, place)

    def _tap(self, chat: ChatRow, context: Context, packed: str) -> CallbackData:
        """What a button meant that this chat can have shown."""
        mine = {negotiation.number for negotiation in context.talks}
        try:
            tap = unpack(packed)
        except UnknownCallback:
            raise ForgedButton(SecurityEvent.GARBLED) from None
        switch = whole(tap.arg) if tap.act == "switch" else 0
        if switch is None:
            raise ForgedButton(SecurityEvent.GARBLED)
        if (tap.talks and tap.talks not in mine) or (switch and switch not in mine):
            raise ForgedButton(SecurityEvent.OTHER_TALKS)
        if (tap.rev or 0) > chat.rev:
            raise ForgedButton(SecurityEvent.FORGED)
        return tap

    def _old(self, tx: UnitOfWork, person: PersonRow, context: Context, place: Place) -> HandledReply:
        """A button that was theirs, and is no more: told kindly, and noted."""
        record(tx, self.clock().isoformat(), SecurityEvent.OLD_BUTTON, person.id, None)
        return still(context, place, OLD_BUTTON)

    def _edited(
        self, tx: UnitOfWork, chat: ChatRow, context: Context, place: Place, reply: ReplyInTurn
    ) -> tuple[int | None, HandledReply]:
        before = tx.heard_message(chat.person, reply.message_id) if reply.message_id else None
        if before is None or before.place is None or before.seq is None or before.negotiation != chat.negotiation:
            why = "Your edited message changes nothing: it did not give an answer by itself."
            return chat.negotiation, unedited(context, place, why)
        text = reply.said.text if isinstance(reply.said, TextReply) else ""
        return chat.negotiation, amend(context, place, place_of(before.place), text, before.seq)
