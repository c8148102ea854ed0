"""How typed text becomes a value: numbers, dates and choices as people write them.

What can be meant in two ways is never guessed: it comes back as `Unsure`, to be asked.
What cannot be understood comes back as `Wrong`, in words for the person who typed it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from types import MappingProxyType

from bot.core.answers import UNKNOWN, Day, Number, Picked, Pointer, Text, Unknown, Value
from bot.core.checklist import Asked, Kind

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_DIGITS = 30
MOST_OFFERED = 5  # candidates put on buttons; more than that is a list to choose from
LONGEST = 100  # characters of a number or a date
LATELY = timedelta(days=62)  # a day without a year that passed lately may be meant, or next year's
NO_ROWS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Read:
    """Understood. ``echo`` says as what, where that is worth saying."""

    value: Value
    echo: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Can be meant in several ways: a label for a button and the value, each."""

    values: tuple[tuple[str, Value], ...]
    ask: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Not understood: what is wrong, and what would be right."""

    why: str


def read(asked: Asked, text: str, today: date, rows: Mapping[str, str] = NO_ROWS) -> Read | Unsure | Wrong:
    """What a text says in answer to an item or a field.

    ``rows`` are the labels, by row id, of the table that a row field points at.
    """
    text = tidy(text)
    if not text:
        return Wrong("There is nothing to read in that. Type an answer.")
    match asked.kind:
        case Kind.TEXT:
            return Read(Text(text=text))
        case Kind.NUMBER:
            return read_number(text)
        case Kind.DATE:
            return read_day(text, today)
        case Kind.ROW:
            return _read_row(text, rows)
        case Kind.CHOICES:
            return _read_choices(text, _labels(asked))
        case Kind.TABLE | Kind.FORM:
            return Wrong("This is answered field by field, not in one word.")
        case _:
            return _read_choice(text, _labels(asked))


def read_cell(
    asked: Asked, text: str, today: date, rows: Mapping[str, str] = NO_ROWS
) -> Read | Unsure | Wrong | Unknown | None:
    """The same for one cell of a row, where "unknown" may be said and a dash leaves a blank (None)."""
    key = _key(text)
    if key in BLANKS:
        return None
    if key in UNKNOWNS and key not in {_key(name) for pair in _labels(asked).items() for name in pair}:
        return UNKNOWN
    return read(asked, text, today, rows)


BLANKS = {"", "-", "–", "—"}
UNKNOWNS = {
    "?", "??", "???", "unknown", "not known", "don't know", "dont know", "do not know",
    "i don't know", "we don't know", "no idea",
}  # fmt: skip


# Text


def tidy(text: str) -> str:
    """A text as it is kept: no control characters but newline and tab, no lone surrogates, no outer space."""
    text = cleaned(text).strip()
    return text if any(unicodedata.category(char)[0] not in "ZC" for char in text) else ""


def cleaned(text: str) -> str:
    """The same with its outer space left on, which in a line of cells holds the blank ones."""
    return "".join(_kept(char) for char in text.replace("\r\n", "\n").replace("\r", "\n"))


def _kept(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" if char not in "\n\t":
            return ""
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return char


def quoted(text: str) -> str:
    """A text as it is named in a sentence: on one line, and not too long."""
    line = " ".join(text.split())
    return f"“{line[:39]}…”" if len(line) > 40 else f"“{line}”"


def _key(text: str) -> str:
    """What two texts share that differ only in case, width or spacing."""
    folded = unicodedata.normalize("NFKC", tidy(text)).casefold().replace("’", "'")
    return " ".join(folded.split())


def _plain(text: str) -> str:
    """A number or a date in ASCII digits and lower case. Superscripts stay as they are: 10² is not 102."""
    return " ".join("".join(_plain_char(char) for char in tidy(text)).casefold().split())


def _plain_char(char: str) -> str:
    if char in "−–—":
        return "-"
    if char == "’":
        return "'"
    match unicodedata.category(char):
        case "Nd":
            return str(unicodedata.decimal(char))
        case "No":
            return char
        case _:
            return unicodedata.normalize("NFKC", char)


# Choices


SYNONYMS = {
    "yes": {"yeah", "yep", "yup", "true", "sure", "ok", "✓", "✔", "✅"},
    "partly": {"partial", "partially", "in part", "somewhat", "half"},
    "no": {"nope", "none", "false", "✗", "✘", "❌"},
}
SEPARATORS = re.compile(r"[,;\n]")


def _labels(asked: Asked) -> dict[str, str]:
    return {option.id: option.label for option in asked.choices.values()}


def _fitting(text: str, labels: Mapping[str, str], *, by_id: bool) -> tuple[str, ...]:
    """The ids a text may stand for: those it names in full, else by number, else by how they begin."""
    key = _key(text)
    if not key:
        return ()
    names = {
        one: {_key(label), *((_key(one), *SYNONYMS.get(one, ())) if by_id else ())} for one, label in labels.items()
    }
    if exact := tuple(one for one, known in names.items() if key in known):
        return exact
    if re.fullmatch(r"[0-9]{1,4}\.?", key) and 1 <= (number := int(key.rstrip("."))) <= len(labels):
        return (tuple(labels)[number - 1],)
    return tuple(one for one, known in names.items() if any(name.startswith(key) for name in known))


def _read_choice(text: str, labels: Mapping[str, str]) -> Read | Unsure | Wrong:
    fitting = _fitting(text, labels, by_id=True)
    return _settled(text, {labels[one]: Picked(options=(one,)) for one in fitting}, labels.values())


def _read_row(text: str, labels: Mapping[str, str]) -> Read | Unsure | Wrong:
    if not labels:
        return Wrong("There is no row to point at yet. Add one to that table first.")
    fitting = _fitting(text, labels, by_id=False)
    order = {one: number for number, one in enumerate(labels, start=1)}
    twins = len({_key(labels[one]) for one in fitting}) < len(fitting)
    meant = {f"{order[one]}. {labels[one]}" if twins else labels[one]: Pointer(row=one) for one in fitting}
    return _settled(text, meant, labels.values())


def _read_choices(text: str, labels: Mapping[str, str]) -> Read | Unsure | Wrong:
    meant: list[tuple[str, ...]] = []
    for part in _parts(text, labels):
        fitting = _fitting(part, labels, by_id=True)
        if not fitting:
            return _settled(part, {}, labels.values())
        meant.append(fitting)
        if len(meant) > len(labels) * 2:
            return Wrong(f"That names more than there is. {_listing(labels.values())}")
    several: dict[str, Picked] = {}
    for picks in itertools.islice(itertools.product(*meant), MOST_OFFERED * 2) if meant else ():
        options = tuple(one for one in labels if one in picks)
        several[", ".join(labels[one] for one in options)] = Picked(options=options)
    return _settled(text, several, labels.values())


def _parts(text: str, labels: Mapping[str, str]) -> list[str]:
    """A list taken apart at commas, semicolons and line ends; a label that holds a comma stays whole."""
    whole = {_key(SEPARATORS.sub(" ", label)) for label in labels.values()}
    pieces = [piece for piece in SEPARATORS.split(text) if tidy(piece)]
    longest = max((len(SEPARATORS.split(label)) for label in labels.values()), default=1)
    parts: list[str] = []
    at = 0
    while at < len(pieces):
        for size in range(min(longest, len(pieces) - at), 0, -1):
            if size == 1 or _key(" ".join(pieces[at : at + size])) in whole:
                parts.append(_relabelled(" ".join(pieces[at : at + size]), labels))
                at += size
                break
    return parts


def _relabelled(part: str, labels: Mapping[str, str]) -> str:
    return next((label for label in labels.values() if _key(SEPARATORS.sub(" ", label)) == _key(part)), part)


def _settled(text: str, meant: Mapping[str, Value], all_labels: Iterable[str]) -> Read | Unsure | Wrong:
    """One meaning is read, a few are asked about, none or many are explained."""
    if len(meant) == 1:
        label, value = next(iter(meant.items()))
        return Read(value, "" if _key(label) == _key(text) else label)
    if 1 < len(meant) <= MOST_OFFERED:
        return Unsure(tuple(meant.items()), f"Which do you mean by {quoted(text)}?")
    if meant:
        return Wrong(f"{quoted(text)} fits more than one. {_listing(meant)}")
    return Wrong(f"{quoted(text)} is not one of the choices. {_listing(all_labels)}")


def _listing(labels: Iterable[str]) -> str:
    shown = list(labels)
    more = f"; and {len(shown) - 20} more" if len(shown) > 20 else ""
    return f"Type one of: {'; '.join(shown[:20])}{more}."


# Numbers


TIMES = {
    "": 0, "%": 0, "percent": 0, "per cent": 0, "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6,
    "b": 9, "bn": 9, "billion": 9, "tn": 12, "trillion": 12,
}  # fmt: skip
NUMBER = re.compile(rf"(?P<sign>[+-]?) ?(?P<figure>[0-9.,][0-9 .,'_]*?) ?(?P<times>{'|'.join(map(re.escape, TIMES))})")


def read_number(text: str) -> Read | Unsure | Wrong:
    """A number, exact; thousands may be set apart, and % is dropped."""
    typed = _plain(text)
    found = NUMBER.fullmatch(typed) if len(typed) <= LONGEST else None
    figures = _figures(found["figure"]) if found else ()
    if not found or not figures:
        if len(typed) > LONGEST and re.fullmatch(r"[+-]?[0-9 .,'_]+", typed):
            return Wrong(f"A number may have at most {MOST_DIGITS} digits.")
        examples = "1200, 1,200.50, 12% or 3m"
        return Wrong(f"{quoted(text)} is not a number I understand. Type it alone, such as {examples}.")
    numbers = [_number(found["sign"], figure, TIMES[found["times"]]) for figure in figures]
    if any(sum(char.isdigit() for char in f"{number:f}") > MOST_DIGITS for number in numbers):
        return Wrong(f"A number may have at most {MOST_DIGITS} digits.")
    if len(numbers) > 1:
        offered = tuple((_spaced(number), Number(number=number)) for number in numbers)
        return Unsure(offered, f"Which number do you mean by {quoted(text)}?")
    return Read(Number(number=numbers[0]), "" if typed == f"{numbers[0]:f}" else _spaced(numbers[0]))


def _figures(typed: str) -> tuple[str, ...]:
    """Every way to read digits with marks between them: "1,234" is 1234 or 1.234."""
    found = [] if (whole := _whole(typed, ".,")) is None else [whole]
    for point, other in (".,", ",."):
        before, mark, decimals = typed.partition(point)
        whole = "0" if not before else _whole(before, other)
        if mark and whole is not None and re.fullmatch(r"[0-9]+", decimals):
            found.append(f"{whole}.{decimals}")
    return tuple(found)


def _whole(typed: str, marks: str) -> str | None:
    """The digits before the decimal mark, in threes if set apart, by one mark throughout."""
    if re.fullmatch(r"[0-9]+", typed):
        return typed
    if re.fullmatch(rf"[1-9][0-9]{{0,2}}([ '_{re.escape(marks)}])[0-9]{{3}}(?:\1[0-9]{{3}})*", typed):
        return re.sub(r"[^0-9]", "", typed)
    return None


def _number(sign: str, figure: str, power: int) -> Decimal:
    """The number exactly; no exponent and no minus zero are left in it."""
    number = Decimal(sign + figure)
    with localcontext(prec=2 * LONGEST):
        if power:
            number *= Decimal(10) ** power
            whole = number.to_integral_value()
            number = whole if whole == number else number
    return number or number.copy_abs()


def _spaced(number: Decimal) -> str:
    """A number as it is echoed: thousands set apart by spaces, no mark that could mean two things."""
    typed = f"{number:f}"
    if "." in typed:
        typed = typed.rstrip("0").rstrip(".")
    whole, mark, decimals = typed.partition(".")
    grouped = f"{int(whole):,}".replace(",", " ") if len(whole.lstrip("-")) > 4 else whole
    return grouped + mark + decimals


# Dates


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


def read_day(text: str, today: date) -> Read | Unsure | Wrong:
    """A date as people type it, seen from today; echoed in full unless typed in full."""
    try:
        meant = _days(_day_words(text), today) if len(text) <= LONGEST else ()
    except NoSuchDayError as wrong:
        return Wrong(f"{wrong} Check the date and type it again.")
    except (ValueError, OverflowError):  # beyond what a calendar holds: "in 9999 years"
        meant = (date.min,)
    days = [day for day in dict.fromkeys(meant) if FIRST_YEAR <= day.year <= LAST_YEAR]
    if not meant:
        return Wrong(f"{quoted(text)} is not a date I understand. Try 12 March, 2027-03-12 or in 3 weeks.")
    if not days:
        return Wrong(f"{quoted(text)} is too far away. Dates run from {FIRST_YEAR} to {LAST_YEAR}.")
    if len(days) > 1:
        offered = tuple((_dated(day), Day(day=day)) for day in days)
        return Unsure(offered, f"Which day do you mean by {quoted(text)}?")
    day = days[0]
    echo = f"{WEEKDAYS[day.weekday()]} {_dated(day)}"
    in_full = _plain(text) in {day.isoformat(), _dated(day).casefold(), echo.casefold()}
    return Read(Day(day=day), "" if in_full else echo)


def _dated(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _day_words(text: str) -> str:
    """A date with all that says nothing left out: commas, "of", "the", the ends of 1st and 2nd."""
    words = re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b", "", _plain(text).replace(",", " "))
    words = re.sub(r" *([./-]) *", r"\1", words).rstrip(".")
    return " ".join(word for word in words.split() if word not in {"of", "the", "on"})


def _days(words: str, today: date) -> tuple[date, ...]:
    """Every day the words can mean, the likeliest first."""
    if found := AFTER_WEEKDAY.fullmatch(words):
        days = _days(found["rest"], today)
        weekday = _place(found["weekday"], WEEKDAYS)
        fitting = tuple(day for day in days if day.weekday() == weekday)
        if days and not fitting:
            msg = f"{_dated(days[0])} is a {WEEKDAYS[days[0].weekday()]}, not a {WEEKDAYS[weekday]}."
            raise NoSuchDayError(msg)
        return fitting
    for pattern, meaning in GRAMMAR:
        if found := pattern.fullmatch(words):
            return meaning(found.groupdict(), today)
    return ()


Parts = dict[str, str | None]


def _numbered(parts: Parts, today: date) -> tuple[date, ...]:
    """Day, month and perhaps year, the month by number or by name."""
    month = _place(parts["month"] or "", MONTHS) + 1 if parts.get("month") else int(parts["m"] or 0)
    return _on(int(parts["d"] or 0), month, parts["y"], today)


def _either_way(parts: Parts, today: date) -> tuple[date, ...]:
    """Two numbers and perhaps a year: day first or month first. With dots the day comes first."""
    a, b = int(parts["a"] or 0), int(parts["b"] or 0)
    readings = [(day, month) for day, month in ((a, b), (b, a)) if 1 <= month <= 12 and day]
    if not readings:
        msg = f"There is no month {max(a, b) if min(a, b) else 0}."
        raise NoSuchDayError(msg)
    if parts["mark"] == "." or readings[0] == readings[-1]:
        return _on(*readings[0], parts["y"], today)
    return tuple(_on(day, month, parts["y"], today)[-1] for day, month in readings)


def _on(day: int, month: int, year: str | None, today: date) -> tuple[date, ...]:
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
    return _nearest(lambda of: date(of, month, day) if day <= monthrange(of, month)[1] else None, today)


def _year(typed: str) -> int:
    return int(typed) + (2000 if len(typed) == 2 else 0)


def _nearest(in_year: Callable[[int], date | None], today: date) -> tuple[date, ...]:
    """The next such day, and the last one too if it passed lately: either may be meant."""
    near = [day for year in range(today.year - 1, today.year + 9) if (day := in_year(year))]
    passed = [day for day in near if today - LATELY <= day < today]
    return (*passed[-1:], next(day for day in near if day >= today))


def _nearby(parts: Parts, today: date) -> tuple[date, ...]:
    return (today + timedelta(days=NEARBY[parts["nearby"] or ""]),)


def _counted(parts: Parts, today: date) -> tuple[date, ...]:
    """So many units away: "in 3 weeks", "2 weeks ago"; "3 weeks" alone may mean either."""
    count = parts["n"] or ""
    number = int(count) if count.isdigit() else COUNTS.index(count) + 1 if count in COUNTS else 1
    if parts["in"] and parts["end"]:
        return ()
    ahead, ago = (_moved(today, sign * number, parts["unit"] or "") for sign in (1, -1))
    if parts["end"] == " ago":
        return (ago,)
    return (ahead,) if parts["in"] or parts["end"] else (ahead, ago)


def _moved(day: date, number: int, unit: str) -> date:
    """A day so many units on; the end of a short month stays its end."""
    if unit in {"day", "week", "fortnight"}:
        return day + number * timedelta(days={"day": 1, "week": 7, "fortnight": 14}[unit])
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _weekday(parts: Parts, today: date) -> tuple[date, ...]:
    """A day by its weekday: "Friday" is the next one. "Next Friday" may be that one, or the one of next week."""
    weekday = _place(parts["weekday"] or "", WEEKDAYS)
    coming = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    match parts["which"]:
        case "next":
            return (coming, today + timedelta(days=7 - today.weekday() + weekday))
        case "last":
            return (today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1),)
        case "this":
            return (today + timedelta(days=weekday - today.weekday()),)
        case _:
            return (coming,)


def _month(parts: Parts, today: date) -> tuple[date, ...]:
    """A month, or its edge: "end of March" is a day; "March 2027" alone may mean its first or its last."""
    month = _place(parts["month"] or "", MONTHS) + 1

    def first(year: int) -> date:
        return date(year, month, 1)

    def last(year: int) -> date:
        return date(year, month, monthrange(year, month)[1])

    if parts["edge"]:
        edge = last if parts["edge"] == "end" else first
        return (edge(_year(parts["y"])),) if parts["y"] else _nearest(edge, today)
    year = _year(parts["y"]) if parts["y"] else _nearest(last, today)[-1].year
    return first(year), last(year)


def _period(parts: Parts, today: date) -> tuple[date, ...]:
    """A week, month or year, or its edge: "end of next month", "next week". A week ends on its Friday."""
    if not parts["edge"] and not parts["which"]:
        return ()
    unit = parts["unit"] or ""
    day = _moved(today, WHICH[(parts["which"] or "this").strip()], unit)
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
GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[Parts, date], tuple[date, ...]]], ...] = tuple(
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
