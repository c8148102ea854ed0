"""A day that is typed where no answer is due: by when, since when, until when. Read, and asked when in doubt.

What is recorded there is a day alone. The words that it was typed by are told back with it, and stay in the chat.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.dialog.answer_slot import when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Reply, TextReply
from bot.dialog.parsing.values import Misread, Read, Unsure, quoted, read_day
from bot.dialog.parsing.whole import whole
from bot.domain.answers import Day

Reading = Read | Unsure | Misread


def typed_day(context: Context, text: str, *, past: bool = False) -> Reading:
    """What a typed day means to this person, counted from the talks where there are any."""
    talks_on = context.here.talks_on if context.role is not None else None
    return read_day(text, context.own_day, past=past, talks_on=talks_on)


def day_said(said: Reply, doubt: str, read: Callable[[str], Reading]) -> Reading | None:
    """What a reply to a question for a day says: a day in words, or one of those offered; None where it is neither.

    ``doubt`` are the words that were asked about, and ``read`` tells what words mean there.
    """
    before = read(doubt) if doubt else None
    match said:
        case TextReply(text=text):
            return with_words(before, read(text))
        case ButtonReply(act="day", arg=number) if day := _picked(before, number):
            return Read(day)
        case _:
            return None


def with_words(before: Reading | None, now: Reading) -> Reading:
    """A day typed instead of those that were offered for a period, with the words first typed beside it."""
    offered = before.values[0][1] if isinstance(before, Unsure) else None
    if not isinstance(offered, Day) or not offered.words or not isinstance(now, Read) or not isinstance(now.value, Day):
        return now
    return now if now.value.words else Read(Day(day=now.value.day, words=offered.words))


def day_buttons(reading: Reading) -> tuple[tuple[Button, ...], ...]:
    """A button for each day that may be meant."""
    values = reading.values if isinstance(reading, Unsure) else ()
    return tuple((Button(label, Action("day", str(number))),) for number, (label, _) in enumerate(values))


def told_day(day: Day) -> str:
    """A day, with the words that it was typed by where these say more or less than it."""
    return f"{when(day.day)} ({quoted(day.words)})" if day.words else when(day.day)


def _picked(reading: Reading | None, number: str) -> Day | None:
    """The day of one of these buttons."""
    values = reading.values if isinstance(reading, Unsure) else ()
    nth = whole(number)
    found = values[nth][1] if nth is not None and nth < len(values) else None
    return found if isinstance(found, Day) else None
