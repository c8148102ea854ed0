"""How typed text becomes a date: in digits, in words, or as far as it is from today or from the talks.

A date that can be meant in two ways comes back as `Unsure`, to be asked. So does a period ("Q2 2027", "mid-May"),
which is never silently one of its days, and a day still to come where a question asks when something happened: it
is believed, but not unasked. Words that say more than the day stay beside it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.dialog.parsing.text import LONGEST, MOST_OFFERED, Misread, Read, Unsure, plain, quoted, tidy
from bot.domain.answers import Day

FIRST_YEAR, LAST_YEAR = 1900, 2200
AHEAD, AGO = 30, 15  # years from now in which a year of two digits is likely, before a month or a day
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
ORDINALS = ("first", "second", "third", "fourth")
BEGUN_BY = {"early": 10, "first half": 15, "first week": 7, "second week": 14, "third week": 21}  # its last day
ENDED_BY = ("late", "second half", "last week")  # the last day of the month
WEEKDAY_OF = {"early": 1, "mid": 2, "middle": 2, "late": 4, "later": 4}  # days after Monday
ENDS = {"w": "week", "m": "month", "q": "quarter", "y": "year"}  # EOM: the end of this month
MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}


class NoSuchDayError(ValueError):
    """A day that no calendar has; says why."""


@dataclass(frozen=True, slots=True)
class DateView:
    """From which day a date is looked at, and which way: ``back`` at what happened, else ahead.

    ``talks_on`` is the day from which "T-20" counts, where there are talks.
    """

    today: date
    back: bool
    talks_on: date | None = None


class Period(tuple[date, ...]):
    """The days by which a period may be meant: to be asked, were it only one."""

    __slots__ = ()


def read_day(text: str, today: date, *, past: bool = False, talks_on: date | None = None) -> Read | Unsure | Misread:
    """A date as people type it, seen from their today; echoed in full unless typed in full.

    ``past``: it is asked when something happened, so the last such day is meant, and one to come is asked back.
    ``talks_on``: from there counts "T-20", "two weeks before the talks", "until the talks".
    """
    try:
        meant, more = _meant(_day_words(text), DateView(today, past, talks_on)) if len(text) <= LONGEST else ((), False)
    except NoSuchDayError as wrong:
        return Misread(f"{wrong} Check the date and type it again.")
    except (ValueError, OverflowError):  # beyond what a calendar holds: "in 9999 years"
        meant, more = (date.min,), False
    days = [day for day in dict.fromkeys(meant) if FIRST_YEAR <= day.year <= LAST_YEAR]
    if not meant:
        return Misread(f"{quoted(text)} is not a date I understand. Try {examples(past=past)}.")
    if not days:
        return Misread(f"{quoted(text)} is too far away. Dates run from {FIRST_YEAR} to {LAST_YEAR}.")
    early = {day for day in days if day > today} if past else set()
    words = " ".join(tidy(text).split()) if more or isinstance(meant, Period) else ""
    if len(days) > 1 or early or isinstance(meant, Period):
        offered = tuple(
            (_dated(day) + (", though still to come" if day in early else ""), Day(day=day, words=words))
            for day in days[:MOST_OFFERED]
        )
        return Unsure(offered, _doubt(text, period=isinstance(meant, Period), early=len(early) == len(days)))
    day = days[0]
    echo = f"{WEEKDAYS[day.weekday()]} {_dated(day)}"
    in_full = plain(text) in {day.isoformat(), _dated(day).casefold(), echo.casefold()}
    return Read(Day(day=day, words=words), "" if in_full else f"{echo} (“{words}”)" if words else echo)


def _doubt(text: str, *, period: bool, early: bool) -> str:
    if early:
        return f"{quoted(text)} is still to come, and this asks when something happened. Which day do you mean?"
    if period:
        return f"Which day do you mean by {quoted(text)}? Tap one, or type another."
    return f"Which day do you mean by {quoted(text)}?"


def examples(*, past: bool) -> str:
    """How a date may be typed, for who is asked for one."""
    return "12 March or 3 weeks ago" if past else "12 March, 2027-03-12 or in 3 weeks"


def read_due(text: str, today: date, talks_on: date) -> Read | Unsure | Misread:
    """A date by which something is due, which may be counted back from the talks."""
    return read_day(text, today, talks_on=talks_on)


def _dated(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _day_words(text: str) -> str:
    """A date with all that says nothing left out: commas, "of", "the"."""
    words = FOREIGN_MONTH.sub(_in_english, plain(text).replace(",", " "))
    words = re.sub(r"^~ *|^approx\. *|(.*)\?$", r"about \1", words)
    words = re.sub(r" *([./-]) *", r"\1", words).rstrip(".")
    words = re.sub(r"\beo([wmqy])\b", lambda found: f"end this {ENDS[found[1]]}", words)
    return " ".join(word for word in words.split() if word not in {"of", "the", "on"})


def _meant(words: str, view: DateView) -> tuple[tuple[date, ...], bool]:
    """Every day that words can mean, and whether they say more than it: a time of day, a place, "about"."""
    if days := _days(words, view):
        return days, False
    if found := AT_TIME.fullmatch(words):
        days, more = _meant(found["rest"], view)
        return days, more or bool(found["time"].strip("0:.hz"))
    if found := LEADING.fullmatch(words):
        days, more = _meant(found["rest"], view)
        if found["before"]:  # whether that day still counts is for people to say
            days = days[:1] if isinstance(days, Period) else days
            return Period(on for day in days for on in (day - timedelta(days=1), day)), more
        if isinstance(days, Period) and days and found["by"]:
            return Period(days[-1:]), more
        return (Period(days), True) if found["about"] and days else (days, more)
    if found := LATEST.fullmatch(words):
        return _meant(f"by {found['rest']}", view)
    if days := _range(words, view):
        return days, False
    if found := PLACED.fullmatch(words):
        return _days(found["rest"], view), True
    return (), False


def _range(words: str, view: DateView) -> Period:
    """The first and the last day of a range: "12-14 March", "28 Feb to 2 March 2027", "March 12-14"."""
    for mark in BETWEEN.finditer(words):
        first, last = words[: mark.start()], words[mark.end() :]
        if last.isdecimal() and (found := re.match(rf"{_M}{_S}*", first)):  # March 12-14
            last = f"{found[0]}{last}"
        ends = _days(last, view)
        if not ends or not first:
            continue
        if re.fullmatch(r"[0-9]{1,2}(?:st|nd|rd|th)?", first):
            number = int(re.sub("[a-z]+", "", first))
            starts = tuple(day.replace(day=number) for day in ends if 0 < number <= monthrange(day.year, day.month)[1])
        else:
            starts = _days(f"{first} {ends[0].year}", view) or _days(first, view)
        if starts and isinstance(starts, Period) == isinstance(ends, Period):
            return Period((starts[0], ends[-1]))
    return Period()


def _days(words: str, view: DateView) -> tuple[date, ...]:
    """Every day the words can mean by themselves, the likeliest first."""
    if view.talks_on is not None and (found := FROM_TALKS.fullmatch(words)):
        return _from_talks(found.groupdict(), view.talks_on)
    if found := AFTER_WEEKDAY.fullmatch(words):
        days = _days(found["rest"], view)
        if isinstance(days, Period):
            return ()
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
    return _on(int(parts["d"] or 0), month, parts["y"] or parts.get("y2"), view)


def _either_way(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Two numbers and perhaps a year: day first or month first. With dots the day comes first."""
    a, b = int(parts["a"] or 0), int(parts["b"] or 0)
    readings = [(day, month) for day, month in ((a, b), (b, a)) if 1 <= month <= 12 and day]
    if not readings:
        msg = f"There is no month {max(a, b) if min(a, b) else 0}."
        raise NoSuchDayError(msg)
    turned = _year_first(a, b, parts, view)
    if parts["mark"] == "." or readings[0] == readings[-1]:
        return (*turned, *_on(*readings[0], parts["y"], view))
    likely = slice(None) if view.back else slice(-1, None)
    return (*turned, *(on for day, month in readings for on in _on(day, month, parts["y"], view)[likely]))


def _year_first(year: int, month: int, parts: Parts, view: DateView) -> tuple[date, ...]:
    """27-03-12 as a day of 2027, where that is likely: always with hyphens, else where 2012 would not be."""
    last = parts["y"] or ""
    if len(last) != 2 or not _likely(year, view) or (parts["mark"] != "-" and _likely(int(last), view)):
        return ()
    try:
        return (date(2000 + year, month, int(last)),)
    except ValueError:
        return ()


def _likely(year: int, view: DateView) -> bool:
    """Whether a year of two digits is one that people speak of, seen from here."""
    ago, ahead = (AGO, 0) if view.back else (1, AHEAD)
    return view.today.year - ago <= 2000 + year <= view.today.year + ahead


def _day_of_month(parts: Parts, view: DateView) -> tuple[date, ...]:
    """The 15th: of this or another month."""
    number = int(parts["d"] or 0)
    if not 1 <= number <= 31:
        return ()
    if parts["which"]:
        month = _moved(view.today.replace(day=1), WHICH[parts["which"]], "month")
        return _on(number, month.month, str(month.year), view)
    months = (_moved(view.today.replace(day=1), step, "month") for step in range(-2, 3))
    days = [month.replace(day=number) for month in months if number <= monthrange(month.year, month.month)[1]]
    if view.back:
        return tuple([day for day in days if day <= view.today][-1:])
    return tuple([day for day in days if day >= view.today][:1])


def _from_talks(parts: Parts, talks_on: date) -> tuple[date, ...]:
    """A day counted from the talks: T-20, two weeks before or after them, their own day."""
    if parts["zero"]:
        return (talks_on,)
    number = int(parts["t"]) if parts["t"] else _number(parts["n"])
    sign = 1 if parts["plus"] or parts["after"] else -1
    return (_moved(talks_on, sign * number, parts["unit"] or "day"),)


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


def _month_or_day(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Mar-27: how spreadsheets write March 2027, and people the 27th."""
    year, month = int(parts["y"] or 0), _place(parts["month"] or "", MONTHS) + 1
    day = _on(year, month, None, view) if 1 <= year <= monthrange(2000, month)[1] else ()
    if not _likely(year, view):
        return day or _month({**parts, "edge": None}, view)
    return Period((*day, *_month({**parts, "edge": None}, view)))


def _number(count: str | None) -> int:
    """A count in digits or in words; "a" week is one, and so is a bare "week"."""
    return int(count) if count and count.isdigit() else COUNTS.index(count) + 1 if count in COUNTS else 1


def _moved(day: date, number: int, unit: str) -> date:
    """A day so many units on; the end of a short month stays its end."""
    if unit in {"day", "week", "fortnight"}:
        return day + number * timedelta(days={"day": 1, "week": 7, "fortnight": 14}[unit])
    months = day.year * 12 + day.month - 1 + number * MONTHS_IN[unit]
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
    month = int(parts["m"] or 0) if parts.get("m") else _place(parts["month"] or "", MONTHS) + 1
    if not 1 <= month <= 12:
        return ()

    def first(year: int) -> date:
        return date(year, month, 1)

    def last(year: int) -> date:
        return date(year, month, monthrange(year, month)[1])

    if parts["edge"]:
        edge = last if parts["edge"] == "end" else first
        return (edge(_year(parts["y"])),) if parts["y"] else _nearest(edge, view)
    near = _nearest(first, view)[0] if view.back else _nearest(last, view)[-1]  # the month that began, or ends
    year = _year(parts["y"]) if parts["y"] else near.year
    return Period((first(year), last(year)))


def _part_of_month(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Early May is offered as its 10th, mid-May as its 15th, late May as its last day, a week of it as that ends."""
    month, part = _place(parts["month"] or "", MONTHS) + 1, parts["part"] or ""
    number = 31 if part in ENDED_BY else BEGUN_BY.get(part, 15)

    def day(year: int) -> date:
        return date(year, month, min(number, monthrange(year, month)[1]))

    return Period((day(_year(parts["y"])),) if parts["y"] else _nearest(day, view))


def _part_of_week(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Early in a week is offered as its Tuesday, the middle as its Wednesday, late as its Friday."""
    monday = view.today + timedelta(days=7 * WHICH[parts["which"] or "this"] - view.today.weekday())
    return Period((monday + timedelta(days=WEEKDAY_OF[parts["part"] or ""]),))


def _part_of_year(parts: Parts, view: DateView) -> tuple[date, ...]:
    """Early, mid or late in a year: its first quarter, first half or all of it, each by its last day."""
    year = _year(parts["y"]) if parts["y"] else _moved(view.today, WHICH[parts["which"] or "this"], "year").year
    return Period((date(year, *{"early": (3, 31), "late": (12, 31)}.get(parts["part"] or "", (6, 30))),))


def _span(parts: Parts, view: DateView) -> tuple[date, ...]:
    """A year, a half or a quarter: its edge, or as a period its last day; looking back, its first as well."""
    unit, number = ("year", 1) if parts.get("n") is None else (parts.get("unit") or "quarter", _nth(parts["n"]))
    months = MONTHS_IN[{"q": "quarter", "h": "half"}.get(unit, unit)]

    def first(year: int) -> date:
        return date(year, months * (number - 1) + 1, 1)

    def last(year: int) -> date:
        return date(year, months * number, monthrange(year, months * number)[1])

    near = _nearest(first, view)[0] if view.back else _nearest(last, view)[-1]
    year = _year(parts["y"]) if parts["y"] else near.year
    if parts["edge"]:
        return (last(year) if parts["edge"] == "end" else first(year),)
    return Period((first(year), last(year)) if view.back else (last(year),))


def _nth(number: str | None) -> int:
    return ORDINALS.index(number) + 1 if number in ORDINALS else int((number or "1")[0])


def _calendar_week(parts: Parts, view: DateView) -> tuple[date, ...]:
    """A week by its number, as ISO 8601 counts them: its Monday and its Friday."""
    week, this = int(parts["w"] or 0), view.today.isocalendar()
    year = this.year + (week < this.week and not view.back) - (week > this.week and view.back)
    year = int(parts["y"]) if parts["y"] else year
    return Period(date.fromisocalendar(year, week, day) for day in (1, 5))


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
        months = MONTHS_IN[unit]
        first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
        last = _moved(first, 1, unit) - timedelta(days=1)
    return (last,) if parts["edge"] == "end" else (first,) if parts["edge"] else Period((first, last))


def _place(word: str, names: tuple[str, ...]) -> int:
    return next(place for place, name in enumerate(names) if name.casefold().startswith(word))


def _any_of(names: Iterable[str], shortest: int) -> str:
    """A pattern for names and for how they begin."""
    begun = {name.casefold()[:end] for name in names for end in range(shortest, len(name) + 1)}
    return "|".join(sorted(begun, key=lambda name: (-len(name), name)))


# The months of German, French, Spanish and Russian, from January on, as they stand in a date.
FOREIGN_MONTHS = tuple(
    names.split()
    for names in (
        "januar janvier enero января", "februar février fevrier febrero февраля", "märz maerz marz mars marzo марта",
        "april avril abril апреля", "mai mayo мая", "juni juin junio июня", "juli juillet julio июля",
        "august août aout agosto августа", "september septembre septiembre setiembre сентября",
        "oktober octobre octubre октября", "november novembre noviembre ноября",
        "dezember décembre decembre diciembre декабря",
    )
)  # fmt: skip
FOREIGN_MONTH = re.compile(
    rf"\b(?:de )?(?P<name>{'|'.join(name for names in FOREIGN_MONTHS for name in names)})\b(?: (?:del?|des)\b)?"
)


def _in_english(found: re.Match[str]) -> str:
    return next(month for month, names in zip(MONTHS, FOREIGN_MONTHS, strict=True) if found["name"] in names).casefold()


_M = rf"(?P<month>{_any_of((*MONTHS, 'Sept'), 3)})"
_W = rf"(?P<weekday>{_any_of(WEEKDAYS, 3)})"
_D = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?"
_Y = r"(?P<y>[0-9]{4}|[0-9]{2})"
_S = r"[ ./-]"
_N = rf"(?P<n>[0-9]{{1,4}}|an|a|{'|'.join(COUNTS)})"
_UNIT = r"(?P<unit>day|week|fortnight|month|quarter|year)"
_EDGE = r"(?:(?P<edge>end|start|beginning)[ -])?"
_PART = r"(?P<part>early|mid|middle|late)[ -]?"
_TO = r"(?: ?(?:-|/|–) ?| (?:to|till|until|through|and|&) )"
BETWEEN = re.compile(_TO)
AT_TIME = re.compile(
    r"(?P<rest>.+?)(?:t| (?:at )?)"
    r"(?P<time>[0-9]{1,2}[:.h][0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?|[0-9]{1,2}(?= ?[ap]m))"
    r"(?: ?[ap]m)?(?: ?(?:z|utc|gmt|c?e[sd]?t))?"
)
LEADING = re.compile(
    r"(?:(?P<by>(?:(?:needed|due|ready) )?(?:by|until|till|(?:no|not) later than|nlt|(?:at )?latest))"
    r"|(?P<before>before)|(?P<about>about|around|approximately|approx|roughly|circa|ca?\.?|week)"
    r"|eod|cob|end day|close business|in|from|since|after|as|seen|met|dated) (?P<rest>.+)"
)
LATEST = re.compile(r"(?:by )?(?P<rest>.+?) (?:at )?latest")
PLACED = re.compile(r"(?P<rest>.*?[0-9].*?) (?:(?:in|at|with|near|via) [^0-9]+|[(].*)")
AFTER_WEEKDAY = re.compile(rf"{_W}\.? (?P<rest>.*[0-9].*)")
FROM_TALKS = re.compile(
    r"t ?(?:-|minus|(?P<plus>\+|plus)) ?(?P<t>[0-9]{1,4})(?: ?d(?:ays?)?)?|(?P<zero>(?:(?:first )?day )?talks)"
    rf"|(?:{_N} ?)?{_UNIT}s? (?:(?:before|prior(?: to)?|ahead)(?: talks)?|(?P<after>after talks))"
)
GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[Parts, DateView], tuple[date, ...]]], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})", _numbered),
        (r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", _numbered),
        (r"(?:(?P<y>[0-9]{4}) ?年 ?)?(?P<m>[0-9]{1,2}) ?月 ?(?P<d>[0-9]{1,2}) ?[日号]?", _numbered),
        (rf"{_D}{_S}*{_M}(?:{_S}*'?{_Y})?", _numbered),
        (rf"{_M}[-/](?P<y>[0-9]{{2}})", _month_or_day),
        (rf"(?P<edge>){_M}{_S}*'(?P<y>[0-9]{{2}})", _month),
        (rf"{_M}{_S}*{_D}(?:(?:{_S}+'?(?P<y>[0-9]{{4}})|[ ./]+'?(?P<y2>[0-9]{{2}})))?", _numbered),
        (rf"(?P<y>[0-9]{{4}}){_S}*{_M}{_S}*{_D}", _numbered),
        (rf"(?P<a>[0-9]{{1,2}})(?P<mark>[./-])(?P<b>[0-9]{{1,2}})(?:(?P=mark){_Y})?", _either_way),
        (rf"(?P<a>[0-9]{{1,2}})(?P<mark> )(?P<b>[0-9]{{1,2}}) {_Y}", _either_way),
        (rf"(?P<nearby>{'|'.join(NEARBY)})", _nearby),
        (rf"(?P<in>in |within )?{_N} ?{_UNIT}s?(?P<end> from now| from today| ago)?(?:'? time)?", _counted),
        (rf"(?:(?P<which>this|next|last) )?{_W}", _weekday),
        (r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)(?: (?P<which>this|next|last) month)?", _day_of_month),
        (rf"{_EDGE}{_M}(?:{_S}+(?P<y>[0-9]{{4}}))?", _month),
        (r"(?P<edge>)(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})", _month),
        (r"(?P<edge>)(?P<m>[0-9]{1,2})[-/.](?P<y>[0-9]{4})", _month),
        (rf"{_PART}{_M}(?:{_S}+(?P<y>[0-9]{{4}}))?", _part_of_month),
        (rf"(?P<part>{'|'.join((*BEGUN_BY, *ENDED_BY))}) {_M}(?:{_S}+(?P<y>[0-9]{{4}}))?", _part_of_month),
        (rf"(?P<part>{'|'.join(WEEKDAY_OF)})[ -]?(?:(?P<which>this|next|last) )?week", _part_of_week),
        (rf"{_PART}(?:(?P<y>[0-9]{{4}})|(?:(?P<which>this|next|last) )?year)", _part_of_year),
        (rf"{_EDGE}(?P<unit>[qh])(?P<n>[1-4])(?:{_S}*'?{_Y})?", _span),
        (rf"{_EDGE}(?P<n>[1-4])(?P<unit>[qh])(?:{_S}*'?{_Y})?", _span),
        (rf"{_EDGE}(?P<y>[0-9]{{4}}){_S}*(?P<unit>[qh])(?P<n>[1-4])", _span),
        (rf"{_EDGE}(?P<n>{'|'.join(ORDINALS)}|[1-4](?:st|nd|rd|th)) (?P<unit>quarter|half)(?: {_Y})?", _span),
        (rf"{_EDGE}(?P<y>[0-9]{{4}})", _span),
        (r"(?:calendar )?(?:week|cw|kw|wk|w) ?(?P<w>[0-9]{1,2})(?:[ /-]*(?P<y>[0-9]{4}))?", _calendar_week),
        (r"(?P<y>[0-9]{4})[ -]?(?:week |cw|kw|w)(?P<w>[0-9]{1,2})", _calendar_week),
        (rf"{_EDGE}(?P<which>(?:this|next|last) )?(?P<unit>week|month|quarter|year)", _period),
    )
)
