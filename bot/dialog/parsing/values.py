"""How typed text becomes a value: numbers, dates and choices as people write them.

What can be meant in two ways is never guessed, nor is a day to come taken unasked for one that has been: it comes
back as `Unsure`, to be asked.
What cannot be understood comes back as `Wrong`, in words for the person who typed it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal, localcontext
from types import MappingProxyType

from bot.dialog.parsing.dates import DateView, read_day
from bot.dialog.parsing.text import (
    LONGEST,
    MOST_OFFERED,
    Misread,
    Read,
    Unsure,
    cleaned,
    key,
    plain,
    quoted,
    tidy,
    unlisted,
)
from bot.domain.answers import UNKNOWN, Cell, Day, Number, Picked, Pointer, Text
from bot.domain.checklist import Asked, Kind
from bot.domain.nonanswers import is_screen_word, says_nothing, says_unknown

__all__ = [
    "NO_ROWS",
    "Misread",
    "Read",
    "Unsure",
    "cleaned",
    "quoted",
    "read",
    "read_cell",
    "read_day",
    "read_number",
    "tidy",
]

MOST_DIGITS = 30
NO_ROWS: Mapping[str, str] = MappingProxyType({})


def read(
    asked: Asked, text: str, today: date, rows: Mapping[str, str] = NO_ROWS, talks_on: date | None = None
) -> Read | Unsure | Misread:
    """What a text says in answer to an item or a field: a value, or that it is unknown.

    ``today`` is the day it is where it was typed; ``rows`` are the labels, by row id, of the table that a row field
    points at; ``talks_on`` is the day from which "T-20" counts.
    """
    text = tidy(text)
    if not text:
        return Misread("There is nothing to read in that. Type an answer.")
    return _non_answer(asked, text, rows) or _answer(asked, text, DateView(today, asked.past, talks_on), rows)


def _answer(asked: Asked, text: str, view: DateView, rows: Mapping[str, str]) -> Read | Unsure | Misread:
    match asked.kind:
        case Kind.TEXT:
            return Read(Text(text=text))
        case Kind.NUMBER:
            return read_number(text)
        case Kind.DATE:
            return read_day(text, view.today, past=view.back, talks_on=view.talks_on)
        case Kind.ROW:
            return _read_row(text, rows)
        case Kind.CHOICES:
            return _read_choices(text, _labels(asked))
        case Kind.TABLE | Kind.FORM:
            return Misread("This is answered field by field, not in one word.")
        case _:
            return _read_choice(text, _labels(asked))


def _names_of(asked: Asked, rows: Mapping[str, str]) -> set[str]:
    """What an answer may be called here: options, their codes and synonyms, rows. These win over what says nothing."""
    labels = _labels(asked)
    options = {
        name for option, label in labels.items() for name in (key(label), key(option), *SYNONYMS.get(option, ()))
    }
    return options | ({key(label) for label in rows.values()} if asked.kind == Kind.ROW else set())


def _non_answer(asked: Asked, text: str, rows: Mapping[str, str]) -> Read | Unsure | None:
    """That it is unknown, or what is asked back when words say nothing: only as text may they stand. Else None."""
    if asked.kind in {Kind.TABLE, Kind.FORM} or key(text) in _names_of(asked, rows):
        return None
    if says_unknown(text):
        return Read(UNKNOWN)
    if asked.kind == Kind.TEXT and is_screen_word(text):
        ask = f"{quoted(text)} reads like a word to me, not like an answer. Nothing is recorded yet."
        return Unsure((("Keep as text", Text(text=text)),), ask)
    if not says_nothing(text):
        return None
    if asked.kind != Kind.TEXT:
        return Unsure((("Unknown", UNKNOWN),), f"{quoted(text)} says nothing yet. Tap Unknown, or type an answer.")
    ask = f"{quoted(text)} says nothing yet. Is it unknown, or are these words the answer?"
    return Unsure((("Unknown", UNKNOWN), ("Keep as text", Text(text=text))), ask)


def read_cell(
    asked: Asked, text: str, today: date, rows: Mapping[str, str] = NO_ROWS, talks_on: date | None = None
) -> Read | Unsure | Misread | None:
    """The same for one cell of a row, where a dash leaves a blank (None)."""
    return None if tidy(text) in BLANKS else read(asked, text, today, rows, talks_on)


def reader_of_files(today: date, talks_on: date) -> Callable[[Asked, str], Cell | str]:
    """Reads a typed date or choice where nobody can be asked; else a text says what it may mean, empty for nothing.

    A date that depends on the day on which it was typed ("today", "Friday") is not: a file does not say which that was.
    """

    def reads(asked: Asked, text: str) -> Cell | str:
        meant = read(asked, text, today, NO_ROWS, talks_on)
        later = (read(asked, text, today + timedelta(days=days), NO_ROWS, talks_on) for days in (1, 8, 31))
        match meant:
            case Read(value=Day(day=day)) if any(
                not (isinstance(reading, Read) and isinstance(reading.value, Day) and reading.value.day == day)
                for reading in later
            ):
                return "it depends on the day on which it was typed"
            case Read(value=value):
                return value
            case Unsure(values=values):
                return " or ".join(label for label, _ in values)
            case Misread():
                return ""

    return reads


BLANKS = {"", "-", "–", "—"}


# Choices


SYNONYMS = {
    "yes": {"yeah", "yep", "yup", "true", "sure", "ok", "okay", "correct", "agreed", "✓", "✔", "✅", "☑", "👍", "👌"},
    "partly": {"partial", "partially", "in part", "somewhat", "half"},
    "no": {"nope", "nah", "none", "false", "✗", "✘", "❌", "✕", "✖", "👎"},
}
SEPARATORS = re.compile(r"[,;\n\t/|&+]| and ", re.IGNORECASE)


def _labels(asked: Asked) -> dict[str, str]:
    return {option.id: option.label for option in asked.choices.values()}


def _fitting(text: str, labels: Mapping[str, str], *, by_id: bool) -> tuple[str, ...]:
    """The ids a text may stand for: those it names in full, else by number, else by how they begin."""
    folded = key(text)
    if not folded:
        return ()
    names = {
        option: {key(label), *((key(option), *SYNONYMS.get(option, ())) if by_id else ())}
        for option, label in labels.items()
    }
    if exact := tuple(option for option, known in names.items() if folded in known):
        return exact
    if re.fullmatch(r"[0-9]{1,4}\.?", folded) and 1 <= (number := int(folded.rstrip("."))) <= len(labels):
        return (tuple(labels)[number - 1],)
    return tuple(option for option, known in names.items() if any(name.startswith(folded) for name in known))


def _read_choice(text: str, labels: Mapping[str, str]) -> Read | Unsure | Misread:
    fitting = _fitting(text, labels, by_id=True)
    return _settled(text, {labels[option]: Picked(options=(option,)) for option in fitting}, labels.values())


def _read_row(text: str, labels: Mapping[str, str]) -> Read | Unsure | Misread:
    if not labels:
        return Misread("There is no row to point at yet. Add one to that table first.")
    fitting = _fitting(text, labels, by_id=False)
    order = {row: number for number, row in enumerate(labels, start=1)}
    twins = len({key(labels[row]) for row in fitting}) < len(fitting)
    meant = {f"{order[row]}. {labels[row]}" if twins else labels[row]: Pointer(row=row) for row in fitting}
    return _settled(text, meant, labels.values())


def _read_choices(text: str, labels: Mapping[str, str]) -> Read | Unsure | Misread:
    meant: list[tuple[str, ...]] = []
    lines = [line for line in text.split("\n") if tidy(line)]
    text = "\n".join(unlisted(lines) or lines)
    whole = _fitting(text, labels, by_id=True)
    for part in [text] if len(whole) == 1 else _parts(text, labels):
        fitting = _fitting(part, labels, by_id=True)
        if not fitting:
            return _settled(part, {}, labels.values())
        meant.append(fitting)
        if len(meant) > len(labels) * 2:
            return Misread(f"That names more than there is. {_listing(labels.values())}")
    several: dict[str, Picked] = {}
    for picks in itertools.islice(itertools.product(*meant), MOST_OFFERED * 2) if meant else ():
        options = tuple(option for option in labels if option in picks)
        several[", ".join(labels[option] for option in options)] = Picked(options=options)
    return _settled(text, several, labels.values())


def _parts(text: str, labels: Mapping[str, str]) -> list[str]:
    """A list taken apart at commas, "and", slashes and line ends; a label that holds one of them stays whole."""
    whole = {key(SEPARATORS.sub(" ", label)) for label in labels.values()}
    pieces = [re.sub(r"\Aand ", "", piece.strip(), flags=re.IGNORECASE) for piece in SEPARATORS.split(text)]
    pieces = [piece for piece in pieces if tidy(piece)]
    longest = max((len(SEPARATORS.split(label)) for label in labels.values()), default=1)
    parts: list[str] = []
    at = 0
    while at < len(pieces):
        for size in range(min(longest, len(pieces) - at), 0, -1):
            if size == 1 or key(" ".join(pieces[at : at + size])) in whole:
                parts.append(_relabelled(" ".join(pieces[at : at + size]), labels))
                at += size
                break
    return parts


def _relabelled(part: str, labels: Mapping[str, str]) -> str:
    return next((label for label in labels.values() if key(SEPARATORS.sub(" ", label)) == key(part)), part)


def _settled(text: str, meant: Mapping[str, Cell], all_labels: Iterable[str]) -> Read | Unsure | Misread:
    """One meaning is read, a few are asked about, none or many are explained."""
    if len(meant) == 1:
        label, value = next(iter(meant.items()))
        return Read(value, "" if key(label) == key(text) else label)
    if 1 < len(meant) <= MOST_OFFERED:
        return Unsure(tuple(meant.items()), f"Which do you mean by {quoted(text)}?")
    if meant:
        return Misread(f"{quoted(text)} fits more than one. {_listing(meant)}")
    return Misread(f"{quoted(text)} is not one of the choices. {_listing(all_labels)}")


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


def read_number(text: str) -> Read | Unsure | Misread:
    """A number, exact; thousands may be set apart, and % is dropped."""
    typed = plain(text)
    found = NUMBER.fullmatch(typed) if len(typed) <= LONGEST else None
    figures = _figures(found["figure"]) if found else ()
    if not found or not figures:
        if len(typed) > LONGEST and re.fullmatch(r"[+-]?[0-9 .,'_]+", typed):
            return Misread(f"A number may have at most {MOST_DIGITS} digits.")
        examples = "1200, 1,200.50, 12% or 3m"
        return Misread(f"{quoted(text)} is not a number I understand. Type it alone, such as {examples}.")
    numbers = [_number(found["sign"], figure, TIMES[found["times"]]) for figure in figures]
    if any(sum(char.isdigit() for char in f"{number:f}") > MOST_DIGITS for number in numbers):
        return Misread(f"A number may have at most {MOST_DIGITS} digits.")
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
