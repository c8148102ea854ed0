"""A day that is typed where no answer is due: by when, since when, until when. Read, and asked when in doubt."""

from __future__ import annotations

from datetime import date

from bot.core.answers import Day
from bot.dialog.place import Button, Do, Room
from bot.dialog.reading import Read, Unsure, Wrong, read_day

Reading = Read | Unsure | Wrong


def typed_day(room: Room, text: str, *, past: bool = False) -> Reading:
    """What a typed day means to this person, counted from the talks where there are any."""
    talks_on = room.here.talks_on if room.role is not None else None
    return read_day(text, room.own_day, past=past, talks_on=talks_on)


def day_buttons(reading: Reading) -> tuple[tuple[Button, ...], ...]:
    """A button for each day that may be meant."""
    values = reading.values if isinstance(reading, Unsure) else ()
    return tuple((Button(label, Do("day", str(number))),) for number, (label, _) in enumerate(values))


def picked_day(reading: Reading, number: str) -> date | None:
    """The day of one of these buttons."""
    values = reading.values if isinstance(reading, Unsure) else ()
    found = values[int(number)][1] if number.isdecimal() and int(number) < len(values) else None
    return found.day if isinstance(found, Day) else None
