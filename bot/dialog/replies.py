"""What is not simply typed where a person stands: replies to older messages, parts of long ones, doubts."""

from __future__ import annotations

from dataclasses import replace

from bot.dialog.answer_slot import ANSWER, AnswerSlot, clip
from bot.dialog.callback_data import stored
from bot.dialog.contract import Context, Place, Reply, TextReply
from bot.dialog.engine import HandledReply, handle, reworded, still
from bot.dialog.parsing.text import tidy
from bot.dialog.parsing.values import Read
from bot.dialog.refusals import entry
from bot.dialog.screens.clarifications import AnswerPart, ResolveConflict
from bot.dialog.screens.item import read_at
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.placing import ReplyElsewhere, UnplacedMessage, added
from bot.dialog.screens.redacted import SENT, slips, stand_in
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.domain.answers import Text

ADDED = "Added to what you sent before: a long message comes in parts."


def slot_of(place: Place) -> AnswerSlot:
    """The answer that a place asks for; without an item where it asks for none."""
    return AnswerSlot(getattr(place, "item", ""), getattr(place, "row", ""), getattr(place, "field", ""))


def reply_at(context: Context, place: Place, there: Place, said: Reply, seq: int | None = None) -> HandledReply:
    """A reply to an older message, heard where that one is answered; the person stays where they are.

    ``seq`` is the number of the answer which that message gave, if it gave one: words then correct it, unless it was
    changed since, which is asked.
    """
    spot = slot_of(there)
    if isinstance(place, ReplyElsewhere) and slot_of(place.question) == spot:
        place = place.home  # said instead of what is asked back there
    is_open = entry(context, there) is None and stand_in(context, there) == there
    if seq is not None and isinstance(said, TextReply) and context.answers and is_open:
        held, reading = spot.held(context.here), read_at(context, spot, said.text)
        if held is not None and held.seq != seq and isinstance(reading, Read):
            mine = ANSWER.dump_json(reading.value).decode()
            asked = ResolveConflict(spot.item, spot.row, spot.field, mine).resolve(context)
            return still(context, ReplyElsewhere(stored(asked), stored(place)), "")
    return handle(context, ReplyElsewhere(stored(there), stored(place)), said)


def wait(context: Context, place: Place, message: UnplacedMessage) -> HandledReply:
    """Record nothing of a message before a tap says where it belongs; another that waits already stays."""
    if slips(context, place):
        return still(context, place, SENT, erase=True)
    more = added(place, message) if isinstance(place, UnplacedMessage) else message
    if more is None:
        aside = "Please tap first where the message below belongs."
        return still(context, place, f"{aside} Not recorded: {clip(message.words, 300)}")
    return _waits(context, more.resolve(context))


def join(
    context: Context, place: Place, then: Place, text: str, number: int, lengths: tuple[int, ...], seq: int
) -> HandledReply | None:
    """One more part of a message that a client cut, put where the others are; None where they are there no more.

    ``then`` is where the others are: the question that they answer, by event ``seq``, or the draft that they wait in.
    ``number`` says which part of them all it is, from 0; ``lengths`` are the characters of the others.
    """
    shown = place.shows
    if isinstance(then, UnplacedMessage):
        waiting = shown if isinstance(shown, UnplacedMessage) and shown.key == then.key else None
        return _waits(context, waiting.joined(text, number)) if waiting else None
    if isinstance(then, PastedRows):
        if not isinstance(shown, PastedRows) or shown.key != then.key:
            return None
        more = shown.joined(context, then.seen + number, text)
        if more is None:
            return None
        drafted: Place = replace(place, there=stored(more)) if isinstance(place, ReplyElsewhere) else more
        return replace(still(context, drafted, ADDED), spot=(then, 0))
    if isinstance(then, ConfirmVoid):
        return _held_back_with(context, place, then, text, number, lengths)
    held = slot_of(then).held(context.here) if context.n is not None else None
    if held is None or held.seq != seq or not isinstance(held.said, Text):
        return None
    if sum(lengths) + len(lengths) - 1 != len(held.said.text):
        return None
    spot = slot_of(then)
    part = AnswerPart(spot.item, spot.row, spot.field, sum(length + 1 for length in lengths[:number]))
    outcome = handle(context, part, TextReply(text))
    if isinstance(outcome.place, ConfirmVoid):
        return replace(outcome, place=replace(outcome.place, back=stored(place)))
    if not outcome.happened:
        return replace(outcome, place=place)
    stand = place.resolve(replace(context, n=outcome.n))
    return replace(outcome, place=stand, aside=f"{ADDED}\n{outcome.aside}")


def _held_back_with(
    context: Context, place: Place, then: ConfirmVoid, text: str, number: int, lengths: tuple[int, ...]
) -> HandledReply | None:
    """One more part of a text that waits until its voiding signatures is agreed to: all of it is heard anew."""
    waits = place.shows
    if not isinstance(waits, ConfirmVoid) or waits.place != then.place:
        return None
    whole = tidy(waits.text)
    if sum(lengths) + len(lengths) - 1 != len(whole):
        return None
    first = sum(length + 1 for length in lengths[:number])
    parts = (whole[:first].rstrip("\n"), tidy(text), whole[first:])
    outcome = reworded(context, place, waits, "\n".join(filter(None, parts)))
    if not outcome.happened and not isinstance(outcome.place.shows, ConfirmVoid):
        return None
    return replace(outcome, aside=f"{ADDED}\n{outcome.aside}".strip())


def _waits(context: Context, stand: UnplacedMessage) -> HandledReply:
    return replace(still(context, stand, ""), spot=(replace(stand, text="", options=()), 0))
