"""What a reply to an older message means: the message of ours as it showed last, or the answer a message gave."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from bot.application.messages import Receipt
from bot.dialog.answer_slot import fields_shown
from bot.dialog.callback_data import UnknownCallback, restored
from bot.dialog.contract import Context, Place, Reply, TextReply
from bot.dialog.parsing.rows import looks_like_rows
from bot.dialog.replies import slot_of
from bot.dialog.screens.placing import question_of
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.table import FieldQuestion
from bot.storage import ChatRow, SentMessageRow, UnitOfWork

CHANGED_SECONDS = 5  # after an edit in which a reply may still mean what the message showed before


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """What a message showed, in which talks; ``before``: what it showed until a moment ago, where that may be meant.

    ``seq`` is the number of the answer that it gave, if it was a person's own.
    """

    number: int | None
    places: tuple[Place, ...]
    before: tuple[Place, ...] = ()
    seq: int | None = None


def target_of(tx: UnitOfWork, chat: ChatRow, message_id: int, sent: float | None) -> ReplyTarget | None:
    """What a reply to a message means that was sent at a time; None where the bot does not know the message."""
    row = tx.sent_message(chat.person, message_id) if message_id else None
    if row is not None:
        doubtful = row.place_before and sent is not None and sent - row.at <= CHANGED_SECONDS
        before = _places(row.place_before or "") if doubtful and row.negotiation_before == row.negotiation else ()
        return ReplyTarget(row.negotiation, _places(row.place), before)
    own = tx.heard_message(chat.person, message_id) if message_id else None
    if own is None or own.place is None:
        return None
    return ReplyTarget(own.negotiation, _places(own.place), seq=own.seq or None)


def meant(context: Context, target: ReplyTarget, quote: str) -> ReplyTarget:
    """The target, without what it showed before where that is the same, or where a quote decides."""
    if not target.before or _asks_same(target):
        return ReplyTarget(target.number, target.places, seq=target.seq)
    now, before = (_says(context, places, quote) for places in (target.places, target.before))
    if not quote or now == before:
        return target
    return ReplyTarget(target.number, target.places if now else target.before, seq=target.seq)


def questions(context: Context, places: Iterable[Place]) -> tuple[Place, ...]:
    """The questions that places ask, each once."""
    found: dict[object, Place] = {}
    for place in places:
        with suppress(LookupError):
            if (question := question_of(context, place)) is not None:
                found.setdefault((type(question), slot_of(question)), question)
    return tuple(found.values())


def fields_instead(context: Context, place: Place, said: Reply) -> tuple[Place, ...]:
    """The fields that words can mean which reply to a row as it was: another one is blank in it by now."""
    if not isinstance(place, RowPage) or not isinstance(said, TextReply):
        return ()
    item, record = context.item(place.item), context.here.record(place.item)
    row = record.rows.get(place.row)
    if row is None or record.seq == place.seen or looks_like_rows(item, said.text):
        return ()
    return tuple(FieldQuestion(item.id, row.id, field.id, place.seen) for field in fields_shown(context, item, row))


def sent_rows(notes: Iterable[Receipt], now: float) -> list[SentMessageRow]:
    """What is kept of messages that were sent or edited, so that replies to them are understood."""
    return [
        SentMessageRow(note.person, message_id, note.at or int(now), note.negotiation, note.place)
        for note in notes
        if note.place
        for message_id in (note.message_id, *note.files)
        if message_id is not None
    ]


def _asks_same(target: ReplyTarget) -> bool:
    now, before = ([(type(place), slot_of(place)) for place in places] for places in (target.places, target.before))
    return now == before


def _says(context: Context, places: tuple[Place, ...], quote: str) -> bool:
    with suppress(LookupError, ValueError):
        shown = [place.render(context) for place in places]
        return any(quote in f"{message.title}\n\n{message.text}" for message in shown)
    return False


def _places(text: str) -> tuple[Place, ...]:
    found = []
    for line in text.splitlines():
        with suppress(UnknownCallback):
            found.append(restored(line))
    return tuple(found)
