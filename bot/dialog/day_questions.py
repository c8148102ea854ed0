"""A day that is typed where no answer is due: by when, since when, until when. Read, and asked when in doubt."""

from __future__ import annotations

from datetime import date

from bot.dialog.contract import Action, Button, Context
from bot.dialog.parsing.values import Misread, Read, Unsure, read_day
from bot.dialog.parsing.whole import whole
from bot.domain.answers import Day

Reading = Read | Unsure | Misread


def typed_day(context: Context, text: str, *, past: bool = False) -> Reading:
    """What a typed day means to this person, counted from the talks where there are any."""
    talks_on = context.here.talks_on if context.role is not None else None
    return read_day(text, context.own_day, past=past, talks_on=talks_on)


def day_buttons(reading: Reading) -> tuple[tuple[Button, ...], ...]:
    """A button for each day that may be meant."""
    values = reading.values if isinstance(reading, Unsure) else ()
    return tuple((Button(label, Action("day", str(number))),) for number, (label, _) in enumerate(values))


def picked_day(reading: Reading, number: str) -> date | None:
    """The day of one of these buttons."""
    values = reading.values if isinstance(reading, Unsure) else ()
    nth = whole(number)
    found = values[nth][1] if nth is not None and nth < len(values) else None
    return found.day if isinstance(found, Day) else None
