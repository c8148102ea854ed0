"""How typed text becomes a date: in digits, in words, or as far as it is from today.

A date that can be meant in two ways comes back as `Unsure`, to be asked. So does a day still to come where a
question asks when something happened: it is believed, but not unasked.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.dialog.parsing.text import LONGEST, Misread, Read, Unsure, plain, quoted
from bot.domain.answers import Day

FIRST_YEAR, LAST_YEAR = 1900, 2200
LATELY = timedelta(days=62)  # a day without a year that passed lately may be meant, or next year's
SOON = timedelta(days=1)  # looking back, it may be tomorrow's: today here is UTC's, and theirs may have begun
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NEARBY = {"today": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2, "day before yesterday": -2}
WHICH = {"last": -1, "this": 0, "next": 1}


class NoSuchDayError(ValueError):
    """A day that no calendar has; says why."""


@dataclass(frozen=True, slots=True)
class DateView:
    """From which day a date is looked at, and which way: ``back`` at what happened, else ahead."""

    today: date
    back: bool


def read_day(text: str, today: date, *, past: bool = False) -> Read | Unsure | Misread:
    """A date as people type it, seen from today; echoed in full unless typed in full.

    ``past``: it is asked when something happened, so the last such day is meant, and one to come is asked back.
    """
    try:
        meant = _days(_day_words(text), DateView(today, past)) if len(text) <= LONGEST else ()
    except NoSuchDayError as wrong:
        return Misread(f"{wrong} Check the date and type it again.")
    except (ValueError, OverflowError):  # beyond what a calendar holds: "in 9999 years"
        meant = (date.min,)
    days = [day for day in dict.fromkeys(meant) if FIRST_YEAR <= day.year <= LAST_YEAR]
    if not meant:
        return Misread(f"{quoted(text)} is not a date I understand. Try {examples(past=past)}.")
    if not days:
        return Misread(f"{quoted(text)} is too far away. Dates run from {FIRST_YEAR} to {LAST_YEAR}.")
    early = {day for day in days if day > today} if past else set()
    if len(days) > 1 or early:
        offered = tuple(
            (_dated(day) + (", though still to come" if day in early else ""), Day(day=day)) for day in days
        )
        why = f"{quoted(text)} is still to come, and this asks when something happened. Which day do you mean?"
        return Unsure(offered, why if len(early) == len(days) else f"Which day do you mean by {quoted(text)}?")
    day = days[0]
    echo = f"{WEEKDAYS[day.weekday()]} {_dated(day)}"
    in_full = plain(text) in {day.isoformat(), _dated(day).casefold(), echo.casefold()}
    return Read(Day(day=day), "" if in_full else echo)


def examples(*, past: bool) -> str:
    """How a date may be typed, for who is asked for one."""
    return "12 March or 3 weeks ago" if past else "12 March, 2027-03-12 or in 3 weeks"


def read_due(text: str, today: date, talks_on: date) -> Read | Unsure | Misread:
    """A date as for `read_day`, which may also be counted back from the talks: "T-20", "two weeks before the talks"."""
    words = _day_words(text) if len(text) <= LONGEST else ""
    found = BEFORE_TALKS.fullmatch(words)
    if found is None:
        return read_day(text, today)
    try:
        number = 0 if found["zero"] else int(found["t"]) if found["t"] else _number(found["n"])
        day = _moved(talks_on, -number, found["unit"] or "day")
    except OverflowError:
        return Misread(f"{quoted(text)} is too far away.")
    return Read(Day(day=day), f"{WEEKDAYS[day.weekday()]} {_dated(day)}")


def _dated(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _day_words(text: str) -> str:
    """A date with all that says nothing left out: commas, "of", "the", the ends of 1st and 2nd."""
    words = re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b", "", plain(text).replace(",", " "))
    words = re.sub(r" *([./-]) *", r"\1", words).rstrip(".")
    return " ".join(word for word in words.split() if word not in {"of", "the", "on"})


def _days(words: str, view: DateView) -> tuple[date, ...]:
    """Every day the words can mean, the likeliest first."""
    if found := AFTER_WEEKDAY.fullmatch(words):
        days = _days(found["rest"], view)
        weekday = _place(found["weekday"], WEEKDAYS)
        fitting = tuple(day for day in days if day.weekday() == weekday)
        if days and not fitting:
            msg = f"{_dated(days[0])} is a {WEEKDAYS[days[0].weekday()]}, not a {WEEKDAYS[weekday]}."
            raise NoSuchDayError(msg)
        return fitting
    for pattern, meaning in GRAMMAR:
        if found := pattern.fullmatch(words):
            return meaning(found.groupdict(), view)
    return ()


Parts = dict[str, str | None]


def _numbered(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Day, month and perhaps year, the month by number or by name."""
    month = _place(parts["month"] or "", MONTHS) + 1 if parts.get("month") else int(parts["m"] or 0)
    return _on(int(parts["d"] or 0), month, parts["y"], view)


def _either_way(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Two numbers and perhaps a year: day first or month first. With dots the day comes first."""
    a, b = int(parts["a"] or 0), int(parts["b"] or 0)
    readings = [(day, month) for day, month in ((a, b), (b, a)) if 1 <= month <= 12 and day]
    if not readings:
        msg = f"There is no month {max(a, b) if min(a, b) else 0}."
        raise NoSuchDayError(msg)
    if parts["mark"] == "." or readings[0] == readings[-1]:
        return _on(*readings[0], parts["y"], view)
    likely = slice(None) if view.back else slice(-1, None)
    return tuple(on for day, month in readings for on in _on(day, month, parts["y"], view)[likely])


def _on(day: int, month: int, year: str | None, view: DateView) -> tuple[date, ...]:
    if not 1 <= month <= 12:
        msg = f"There is no month {month}."
        raise NoSuchDayError(msg)
    most = monthrange(_year(year) or 2000, month)[1] if year else monthrange(2000, month)[1]
    if not 1 <= day <= most:
        when = f" {_year(year)}" if year else ""
        msg = f"{MONTHS[month - 1]}{when} has {most} days, so there is no {day} {MONTHS[month - 1]}{when}."
        raise NoSuchDayError(msg)
    if year:
        return (date(_year(year), month, day),)
    return _nearest(lambda of: date(of, month, day) if day <= monthrange(of, month)[1] else None, view)


def _year(typed: str) -> int:
    return int(typed) + (2000 if len(typed) == 2 else 0)


def _nearest(in_year: Callable[[int], date | None], view: DateView) -> tuple[date, ...]:
    """The next such day, and the last one too if it passed lately: either may be meant. Looking back, the last one."""
    today = view.today
    near = [day for year in range(today.year - 8, today.year + 9) if (day := in_year(year))]
    passed = [day for day in near if day <= today]
    coming = [day for day in near if day not in passed]
    if view.back:
        return (*passed[-1:], *(day for day in coming[:1] if day <= today + SOON))
    return (*(day for day in passed[-1:] if day >= today - LATELY), *coming[: today not in passed])


def _nearby(parts: Parts, view: DateView) -> tuple[date, ...]:
    return (view.today + timedelta(days=NEARBY[parts["nearby"] or ""]),)


def _counted(parts: Parts, view: DateView) -> tuple[date, ...]:
    """So many units away: "in 3 weeks", "2 weeks ago". "3 weeks" alone may mean either; looking back, it is ago."""
    number = _number(parts["n"])
    if parts["in"] and parts["end"]:
        return ()
    ahead, ago = (_moved(view.today, sign * number, parts["unit"] or "") for sign in (1, -1))
    if parts["end"] == " ago":
        return (ago,)
    if parts["in"] or parts["end"]:
        return (ahead,)
    return (ago,) if view.back else (ahead, ago)


def _number(count: str | None) -> int:
    """A count in digits or in words; "a" week is one, and so is a bare "week"."""
    return int(count) if count and count.isdigit() else COUNTS.index(count) + 1 if count in COUNTS else 1


def _moved(day: date, number: int, unit: str) -> date:
    """A day so many units on; the end of a short month stays its end."""
    if unit in {"day", "week", "fortnight"}:
        return day + number * timedelta(days={"day": 1, "week": 7, "fortnight": 14}[unit])
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _weekday(parts: Parts, view: DateView) -> tuple[date, ...]:
    """A day by its weekday: "Friday" is the next one, looking back the last one, and on a Friday perhaps today.

    "Next Friday" may be the next one, or the one of next week.
    """
    today, weekday = view.today, _place(parts["weekday"] or "", WEEKDAYS)
    last = today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    coming = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    match parts["which"]:
        case "next":
            return (coming, today + timedelta(days=7 - today.weekday() + weekday))
        case "last":
            return (last,)
        case "this":
            return (today + timedelta(days=weekday - today.weekday()),)
        case _ if view.back:
            return (last, today) if today.weekday() == weekday else (last,)
        case _:
            return (coming,)


def _month(parts: Parts, view: DateView) -> tuple[date, ...]:
    """A month, or its edge: "end of March" is a day; "March 2027" alone may mean its first or its last."""
    month = _place(parts["month"] or "", MONTHS) + 1

    def first(year: int) -> date:
        return date(year, month, 1)

    def last(year: int) -> date:
        return date(year, month, monthrange(year, month)[1])

    if parts["edge"]:
        edge = last if parts["edge"] == "end" else first
        return (edge(_year(parts["y"])),) if parts["y"] else _nearest(edge, view)
    near = _nearest(first, view)[0] if view.back else _nearest(last, view)[-1]  # the month that began, or ends
    year = _year(parts["y"]) if parts["y"] else near.year
    return first(year), last(year)


def _period(parts: Parts, view: DateView) -> tuple[date, ...]:
    """A week, month or year, or its edge: "end of next month", "next week". A week ends on its Friday."""
    if not parts["edge"] and not parts["which"]:
        return ()
    unit = parts["unit"] or ""
    day = _moved(view.today, WHICH[(parts["which"] or "this").strip()], unit)
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=4)
    else:
        first = day.replace(day=1, month=1 if unit == "year" else day.month)
        last = _moved(first, 1, unit) - timedelta(days=1)
    return (last,) if parts["edge"] == "end" else (first,) if parts["edge"] else (first, last)


def _place(word: str, names: tuple[str, ...]) -> int:
    return next(place for place, name in enumerate(names) if name.casefold().startswith(word))


def _any_of(names: Iterable[str], shortest: int) -> str:
    """A pattern for names and for how they begin."""
    begun = {name.casefold()[:end] for name in names for end in range(shortest, len(name) + 1)}
    return "|".join(sorted(begun, key=lambda name: (-len(name), name)))


_M = rf"(?P<month>{_any_of((*MONTHS, 'Sept'), 3)})"
_W = rf"(?P<weekday>{_any_of(WEEKDAYS, 3)})"
_D = r"(?P<d>[0-9]{1,2})"
_Y = r"(?P<y>[0-9]{4}|[0-9]{2})"
_S = r"[ ./-]"
_N = rf"(?P<n>[0-9]{{1,4}}|an|a|{'|'.join(COUNTS)})"
_UNIT = r"(?P<unit>day|week|fortnight|month|year)"
_EDGE = r"(?:(?P<edge>end|start|beginning)[ -])?"
AFTER_WEEKDAY = re.compile(rf"{_W}\.? (?P<rest>.*[0-9].*)")
BEFORE_TALKS = re.compile(
    rf"t ?(?:-|minus) ?(?P<t>[0-9]{{1,4}})|(?P<zero>(?:day )?talks)|(?:{_N} ?)?{_UNIT}s? before(?: talks)?"
)
GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[Parts, DateView], tuple[date, ...]]], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})", _numbered),
        (r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", _numbered),
        (r"(?:(?P<y>[0-9]{4}) ?年 ?)?(?P<m>[0-9]{1,2}) ?月 ?(?P<d>[0-9]{1,2}) ?[日号]?", _numbered),
        (rf"{_D}{_S}*{_M}(?:{_S}*{_Y})?", _numbered),
        (rf"{_M}{_S}*{_D}(?:{_S}+{_Y})?", _numbered),
        (rf"(?P<y>[0-9]{{4}}){_S}*{_M}{_S}*{_D}", _numbered),
        (rf"(?P<a>[0-9]{{1,2}})(?P<mark>[./-])(?P<b>[0-9]{{1,2}})(?:(?P=mark){_Y})?", _either_way),
        (rf"(?P<a>[0-9]{{1,2}})(?P<mark> )(?P<b>[0-9]{{1,2}}) {_Y}", _either_way),
        (rf"(?P<nearby>{'|'.join(NEARBY)})", _nearby),
        (rf"(?P<in>in )?{_N} ?{_UNIT}s?(?P<end> from now| from today| ago)?", _counted),
        (rf"(?:(?P<which>this|next|last) )?{_W}", _weekday),
        (rf"{_EDGE}{_M}(?:[ -](?P<y>[0-9]{{4}}))?", _month),
        (rf"{_EDGE}(?P<which>(?:this|next|last) )?(?P<unit>week|month|year)", _period),
    )
)
