"""Where a message is heard that was not simply typed where its sender stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bot.application.chats import MOVED, place_of, standing, undo_of
from bot.application.cut_messages import LastMessage, MessagePart, utf16_units
from bot.application.outbox import Outbox
from bot.application.reply_targets import ReplyTarget, fields_instead, meant, questions, target_of
from bot.application.returned_files import Brought
from bot.dialog.answer_slot import clip
from bot.dialog.callback_data import stored
from bot.dialog.contract import UNEXPECTED, Context, FileReply, Place, Reply, TextReply
from bot.dialog.engine import HandledReply, handle, named_button, still
from bot.dialog.parsing.text import tidy
from bot.dialog.replies import join, reply_at, slot_of, wait
from bot.dialog.screens.clarifications import AnswerPart
from bot.dialog.screens.export import ExportPage
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import ItemQuestion
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.placing import WHY, UnplacedMessage, forwarded, named_by, unplaced
from bot.dialog.screens.redacted import slips
from bot.dialog.screens.table import FieldQuestion
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.domain.limits import TEXT
from bot.storage import ChatRow, PersonRow, UnitOfWork

ANSWERED = (ItemQuestion, FieldQuestion, AnswerPart)
NO_FILE = "The file was not kept. Open the item it belongs to, then send it."


@dataclass(frozen=True, slots=True)
class ReplyInTurn:
    """A reply on its way into a turn."""

    said: Reply | None
    packed: str = ""
    update_id: int | None = None
    message_id: int | None = None
    edited: bool = False
    file: bytes | None = None
    unpacked: Brought | None = None
    kind: str = ""  # of the file, by its content
    before: str = ""  # what is to be told before what the reply comes to
    veiled: bool = True  # it came through a chat whose servers others run
    at: str = ""  # the place it was written at, where the face knows
    sent: float | None = None  # in seconds since 1970, by Telegram's clock
    reply_to: int | None = None  # the message it replies to; 0 for one of another chat
    quote: str = ""
    forwarded_from: str = ""
    there: str = ""  # the place that a file replied to when it was sent, as it is stored


@dataclass(frozen=True, slots=True)
class FilePlace:
    """The place that a file is for, in which talks, as its sender may look at them."""

    number: int
    context: Context
    place: Place
    replied: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply came to, in which talks, as somebody may look at them; ``part``: which of a cut message it was."""

    number: int | None
    outcome: HandledReply
    context: Context
    part: int | None = None
    stays: bool = False  # it was heard elsewhere: what the chat shows is not answered by it


class ReplyRouter(Outbox):
    """Finds where a message belongs: with the rest of a long one, at what it replies to, or nowhere before a tap."""

    def _apart(
        self, tx: UnitOfWork, person: PersonRow, chat: ChatRow, context: Context, reply: ReplyInTurn
    ) -> Heard | None:
        """What a message comes to that is not simply heard where its sender stands; None for one that is."""
        place, said = place_of(chat.place), reply.said
        if not isinstance(said, TextReply | FileReply) or not (context.answers or context.n is None):
            return None
        if isinstance(said, TextReply):
            if (rest := self._rest(chat, context, place, said.text, reply)) is not None:
                return rest
            if reply.forwarded_from:
                asked_at = place.home if isinstance(place, UnplacedMessage) else place
                message = forwarded(context, said.text, reply.forwarded_from, asked_at)
                return Heard(chat.negotiation, wait(context, place, message), context)
        elif reply.there:
            there = place_of(reply.there)
            filed = handle(context, there, said) if _takes_back(there) else reply_at(context, place, there, said)
            return Heard(chat.negotiation, filed, context, stays=True)
        if reply.reply_to is not None:
            return self._replied(tx, person, chat, context, reply)
        if _moved_meanwhile(chat, reply.sent):
            return Heard(chat.negotiation, self._asks(context, place, said, "moved"), context)
        return None

    def _file_goes(self, tx: UnitOfWork, person: PersonRow, chat: ChatRow, reply: ReplyInTurn) -> FilePlace | None:
        """Where a file belongs that is sent now; None where nobody can tell."""
        context = self._context(tx, person, chat.negotiation, veiled=True)
        if chat.negotiation is None:
            return None
        here = FilePlace(chat.negotiation, context, place_of(chat.place))
        if reply.reply_to is None:
            return None if _moved_meanwhile(chat, reply.sent) else here
        target = self._target(tx, chat, reply)
        if target is None:
            return None
        number = target.number or here.number
        if number != here.number:
            if number not in dict(tx.seats_of(person.id)):
                return None
            context = self._context(tx, person, number, veiled=True)
        target = meant(context, target, reply.quote)
        if number == here.number and _is_live(chat, here.place, target, reply):
            return here
        if target.places and _takes_back(target.places[0]):
            return FilePlace(number, context, target.places[0], replied=True)
        found = questions(context, (*target.places, *target.before))
        if len(found) != 1 or target.before:
            return None
        if number == here.number and _awaits_file(here.place, found[0]):
            return here
        return FilePlace(number, context, found[0], replied=True)

    # Parts of a message that a client cut

    def _rest(self, chat: ChatRow, context: Context, place: Place, text: str, reply: ReplyInTurn) -> Heard | None:
        """A part of a long message, put where the others are; asked about where nothing says so for sure."""
        last, part = LastMessage.read(chat.answering), _part(reply)
        if last is None or part is None or reply.forwarded_from or reply.reply_to not in {None, last.reply_to}:
            return None
        number, then = last.number_of(part), place_of(last.place) if last.place else None
        rows = place.shows
        if number is None and isinstance(then, PastedRows) and isinstance(rows, PastedRows) and rows.key == then.key:
            return None  # a message that comes later is added to rows that wait, whatever it is
        whole = reply.reply_to == last.reply_to and last.stood == standing(chat)
        if number is not None and then is not None and whole:
            lengths = tuple(piece.length for piece in last.parts)
            if (joined := join(context, place, then, text, number, lengths, last.seq)) is not None:
                if isinstance(joined.place, ConfirmVoid) and not isinstance(then, ConfirmVoid):
                    return Heard(chat.negotiation, joined, context)
                undo = _undo_of_all(context, joined, last, slot_of(then).item)
                return Heard(chat.negotiation, replace(joined, undo=undo), context, number, stays=True)
        if not last.may_go_on(part) or (number is None and named_button(context, place, TextReply(text), "")):
            return None
        asked = then.question if then is not None and last.number == chat.negotiation else None
        ends = [self._end_of(asked)] if isinstance(asked, ANSWERED) else []
        return Heard(chat.negotiation, wait(context, place, unplaced(text, "rest", place, ends)), context)

    @staticmethod
    def _end_of(then: Place) -> Place:
        slot = slot_of(then)
        return AnswerPart(slot.item, slot.row, slot.field, TEXT)

    def _last_message(
        self, chat: ChatRow, stands: ChatRow, context: Context, heard: Heard, reply: ReplyInTurn
    ) -> LastMessage | None:
        """What is remembered of a message, for the parts of it that may follow; of a tap, nothing is."""
        last, part = LastMessage.read(chat.answering), _part(reply)
        if not isinstance(reply.said, TextReply) or reply.edited:
            return last
        if part is None:
            return None
        spot, stood = heard.outcome.spot, standing(stands)
        if last is not None and heard.part is not None:
            return last.with_part(heard.part, part, spot[1] if spot else 0, stood)
        own = spot is not None and heard.number == chat.negotiation
        place, seq = (stored(spot[0]), spot[1]) if spot is not None and own else ("", 0)
        before = context.n.seq if context.n is not None else 0
        return LastMessage((part,), chat.negotiation, place, seq, before, stood, reply.reply_to)

    @staticmethod
    def _note_parts(tx: UnitOfWork, chat: ChatRow, number: int | None, last: LastMessage) -> None:
        """Note of every part which piece of the answer, or of the draft, it gave: an edit of it finds that."""
        then, first = place_of(last.place), 0
        slot = slot_of(then)
        for nth, part in enumerate(last.parts):
            place: Place = AnswerPart(slot.item, slot.row, slot.field, first, part.length)
            if isinstance(then, PastedRows):
                place = replace(then, seen=then.seen + nth)
            elif isinstance(then, UnplacedMessage | ConfirmVoid):
                place = then
            tx.note_heard(part.update_id, chat.person, part.message_id, number, stored(place), last.seq)
            first += part.length + 1

    # Replies to older messages

    def _replied(self, tx: UnitOfWork, person: PersonRow, chat: ChatRow, context: Context, reply: ReplyInTurn) -> Heard:
        place, said, number = place_of(chat.place), reply.said or TextReply(""), chat.negotiation
        target = self._target(tx, chat, reply)
        if target is None:
            return Heard(number, self._asks(context, place, said, "unknown"), context)
        if target.number not in {None, number}:
            return self._replied_in_other_talks(tx, person, chat, context, target, replace(reply, said=said))
        target = meant(context, target, reply.quote)
        if _is_live(chat, place, target, reply):
            outcome = handle(context, place, said, undo_of(chat))
            if outcome.aside != UNEXPECTED or isinstance(said, FileReply):
                return Heard(number, outcome, context)
        found = questions(context, (*target.places, *target.before))
        if len(found) == 1 and (fields := fields_instead(context, found[0], said)):
            return Heard(number, self._asks(context, place, said, "row", fields), context)
        if len(found) == 1 and not target.before:
            return Heard(number, reply_at(context, place, found[0], said, target.seq), context, stays=True)
        if not found and target.places:
            found = named_by(context, target.places[0])
        return Heard(number, self._asks(context, place, said, "edited" if target.before else "list", found), context)

    @staticmethod
    def _target(tx: UnitOfWork, chat: ChatRow, reply: ReplyInTurn) -> ReplyTarget | None:
        target = target_of(tx, chat, reply.reply_to or 0, reply.sent)
        if target is None and reply.reply_to == chat.message_id and reply.reply_to:  # sent by an earlier version
            return ReplyTarget(chat.negotiation, (place_of(chat.place),))
        return target

    def _replied_in_other_talks(
        self,
        tx: UnitOfWork,
        person: PersonRow,
        chat: ChatRow,
        context: Context,
        target: ReplyTarget,
        reply: ReplyInTurn,
    ) -> Heard:
        """A reply to a message about other talks: recorded there, and said so; the chat stays in its own."""
        place, number, said = place_of(chat.place), target.number, reply.said or TextReply("")
        home = chat.negotiation
        if number not in dict(tx.seats_of(person.id)):
            gone = "You replied to a message about talks that you do not belong to any more."
            return Heard(home, still(context, place, f"{gone}{_lost(context, place, said)}"), context)
        there = self._context(tx, person, number, veiled=reply.veiled, write=True)
        target = meant(there, target, reply.quote)
        found, talks = questions(there, target.places), f"In the talks with {there.here.counterpart}"
        why = "it is not clear what this answers"
        if len(found) == 1 and not target.before and not fields_instead(there, found[0], said):
            outcome = reply_at(there, Home(), found[0], said, target.seq)
            if outcome.happened:
                told = replace(outcome, place=place, aside=f"{talks}: {outcome.aside}", undo="")
                return Heard(number, told, there, stays=True)
            if outcome.turn.erase:
                return Heard(home, still(context, place, outcome.aside, erase=True), context)
            if isinstance(outcome.place.shows, ConfirmVoid):
                why = "leads have signed, and this would make it void"
        why = f"{talks}, {why}. Open them, and say it there."
        return Heard(home, still(context, place, f"{why}{_lost(there, place, said)}"), context)

    def _asks(
        self, context: Context, place: Place, said: Reply, why: str, options: tuple[Place, ...] = ()
    ) -> HandledReply:
        """What is asked of a reply whose place nobody can tell; a file cannot wait for the answer."""
        if isinstance(said, TextReply):
            return wait(context, place, unplaced(said.text, why, place, options))
        known = f"{WHY[why]} " if why in {"unknown", "moved"} else ""
        return still(context, place, f"{known}{NO_FILE}{_lost(context, place, said)}")


def _part(reply: ReplyInTurn) -> MessagePart | None:
    """A message as a part of a longer one; None where its number or its time is not known, as on our own faces."""
    if not isinstance(reply.said, TextReply) or None in {reply.sent, reply.update_id, reply.message_id}:
        return None
    text, sent = reply.said.text, reply.sent or 0.0
    units, length = utf16_units(text), len(tidy(text))
    return MessagePart(reply.message_id or 0, reply.update_id or 0, sent, units, length)


def _undo_of_all(context: Context, joined: HandledReply, last: LastMessage, item: str) -> str:
    """What one Undo takes back: all parts, unless something else was recorded at the item in between."""
    if not joined.happened or context.n is None or context.n.record(item).seq != last.seq:
        return joined.undo
    return f"{item}.{joined.happened[-1].seq}.{joined.happened[-1].seq - last.before}"


def credited(file: FileReply, origin: str) -> FileReply:
    """A file whose caption says whom it is from, where it was forwarded."""
    caption = "; ".join(filter(None, (file.caption, f"forwarded from {origin}" if origin else "")))
    return replace(file, caption=caption)


def _takes_back(place: Place) -> bool:
    """Whether edited exports come back here: which changes are taken is then asked here, wherever a person stood."""
    return isinstance(place, ExportPage)


def _awaits_file(place: Place, question: Place) -> bool:
    """Whether a file of a question is awaited where a person stands: they were told to send it again."""
    waits = place.shows
    return isinstance(waits, ConfirmVoid) and bool(waits.agreed) and slot_of(place.question) == slot_of(question)


def _is_live(chat: ChatRow, place: Place, target: ReplyTarget, reply: ReplyInTurn) -> bool:
    """Whether a reply is to what the chat shows now, and is as good as none."""
    live = reply.reply_to == chat.message_id and chat.shown == chat.rev
    return live and not target.before and slot_of(place.question) == slot_of((*target.places, place)[0].question)


def _moved_meanwhile(chat: ChatRow, sent: float | None) -> bool:
    """Whether a face of our own moved a chat, which Telegram did not show yet when something was typed there."""
    moved = json.loads(chat.aside).get(MOVED) if chat.aside and sent is not None else None
    return moved is not None and sent is not None and (chat.shown < chat.rev or sent <= moved)


def _lost(context: Context, place: Place, said: Reply) -> str:
    """What of a message is recorded nowhere, in its own words where the chat may carry them."""
    words = said.text if isinstance(said, TextReply) else said.caption if isinstance(said, FileReply) else ""
    if isinstance(said, FileReply):
        return f" You wrote: {clip(words, 300)}" if words and not slips(context, place) else ""
    return f" Nothing was recorded. You wrote: {clip(words, 300)}" if words and not slips(context, place) else ""
