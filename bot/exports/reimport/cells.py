"""One cell of a file that came back: whether it is as it was exported, and what it says if not.

Reading is stricter than in the chat: nothing can be asked, so what can be meant in two ways is
not read. Options and rows are known by their labels or their codes, dates are dates or ISO.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from bot.domain.answers import UNKNOWN, Answer, Day, NotApplicable, Number, Picked, Pointer, Text
from bot.domain.checklist import Asked, Field, ItemId, Kind
from bot.domain.folding import folded, unmarked
from bot.domain.limits import TEXT as LONGEST
from bot.domain.negotiation import Negotiation
from bot.domain.nonanswers import says_nothing, says_unknown
from bot.domain.proposed_changes import NEW
from bot.exports.printable import visible
from bot.exports.reimport.reader import Formula, Percentage, Raw
from bot.exports.spreadsheet.sheets import MARKS, NOT_APPLICABLE, Value
from bot.exports.spreadsheet.xlsx import GOES_ON, PART

NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
CUT = re.compile(re.escape(GOES_ON).replace(r"\{\}", r"\d+") + r"\Z")
DASHES = {"-", "–", "—"}
# Reads what is typed where a date or a choice is asked for, as the chat does; a text says what else it may mean.
Reader = Callable[[Asked, str], Answer | str]


Names = Mapping[ItemId, Collection[str]]
NO_NAMES: Names = MappingProxyType({})


class UnreadableCell(ValueError):
    """Why a cell cannot be read."""


def empty(raw: Raw) -> bool:
    """Whether nothing stands in a cell."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def seen(raw: Raw) -> str:
    """What stands in a cell, in words."""
    match raw:
        case Formula(text=text):
            return text
        case datetime() if (raw.hour, raw.minute) == (0, 0):
            return f"{raw:%Y-%m-%d}"
        case datetime():
            return f"{raw:%Y-%m-%d %H:%M}"
        case Percentage():
            return f"{raw.shown.normalize():f}%"
        case _:
            return str(raw if raw is not None else "")[:2000]


def same(raw: Raw, exported: Value) -> bool:
    """Whether a cell still says what was exported, whatever a spreadsheet program made of its form."""
    if empty(raw) or exported is None:
        return empty(raw) and exported in (None, "")
    match exported:
        case Decimal() | int():
            return _number(raw) == exported or (isinstance(raw, Percentage) and raw.held == exported)
        case datetime():
            return True  # nobody edits when something was written
        case date():
            return exported in _dates(raw)
        case _ if isinstance(raw, str):
            now, then = _even(raw), _even(str(exported))
            cut = CUT.search(now)
            return now == then or bool(cut and len(then) > PART // 2 and then.startswith(now[: cut.start()]))
        case _:
            return False


def _even(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _number(raw: Raw) -> Decimal | None:
    if isinstance(raw, Percentage):
        return raw.shown
    if isinstance(raw, int | float):
        number = Decimal(str(raw))
        return number if number.is_finite() else None
    if isinstance(raw, str) and NUMBER.fullmatch(typed := raw.strip().removesuffix("%").strip()):
        try:
            return Decimal(typed)
        except InvalidOperation:
            return None
    return None


def _dates(raw: Raw) -> set[date]:
    """Every date that a cell may mean: a program may have written an ISO date in its country's form."""
    if isinstance(raw, datetime):
        return {raw.date()}
    if isinstance(raw, date):
        return {raw}
    if not isinstance(raw, str):
        return set()
    parts = [int(part) for part in re.split(r"[-/. ]+", raw.strip().rstrip(".")) if part.isdecimal() and len(part) <= 4]
    if len(parts) != 3:
        return set()
    a, b, c = parts
    meant = [(a, b, c)] if a > 31 else [(c, b, a), (c, a, b)]
    meant += [(2000 + c, b, a), (2000 + c, a, b)] if c < 100 and a <= 31 else []
    found = set()
    for year, month, day in meant:
        try:
            found.add(date(year, month, day))
        except ValueError:
            continue
    return found


def vague(n: Negotiation, asked: Asked, raw: Raw) -> bool:
    """Whether words stand in a cell that say nothing yet, and are no option there: they are read as unknown."""
    words = _even(seen(raw))
    return not empty(raw) and says_nothing(words) and not says_unknown(words) and not _names(n, asked, words)


def _names(n: Negotiation, asked: Asked, words: str) -> bool:
    """Whether words are the name of an option, or of a row that may be pointed at."""
    named = {_folded(name) for choice in asked.choices.values() for name in (choice.id, visible(n.words(choice.label)))}
    return _folded(words) in named | ({"none"} if asked.kind in {Kind.YES_NO, Kind.YES_PARTLY_NO} else set())


def _folded(text: str) -> str:
    return unmarked(folded(text))


def read(n: Negotiation, asked: Asked, raw: Raw, reader: Reader, new: Names = NO_NAMES) -> Answer | None:
    """What a cell says in answer to a question, None for a blank; raises `UnreadableCell`.

    ``new`` are the names of the rows that the same file adds to each table.
    """
    if empty(raw) or (isinstance(raw, str) and raw.strip() in DASHES):
        return None
    if isinstance(raw, Formula):
        raise UnreadableCell("a formula or an error stands there; give its value")
    words = _even(seen(raw)) if not isinstance(raw, str) else _even(raw)
    if (says_unknown(words) and not _names(n, asked, words)) or vague(n, asked, raw):
        return UNKNOWN
    if words.startswith(NOT_APPLICABLE):
        return NotApplicable(reason=words.removeprefix(NOT_APPLICABLE).strip())
    if len(words) > LONGEST:
        raise UnreadableCell(f"it is longer than {LONGEST:,} characters; send it in the chat as a file")
    match asked.kind:
        case Kind.NUMBER:
            return _read_number(raw)
        case Kind.DATE:
            return _read_day(asked, raw, reader)
        case Kind.ROW:
            return _read_row(n, asked, words, new)
        case Kind.TEXT | Kind.TABLE | Kind.FORM:
            return Text(text=words.removeprefix("'") if words.lstrip("'").startswith(MARKS) else words)
        case _:
            return _read_options(
                asked, words, {choice.id: n.words(choice.label) for choice in asked.choices.values()}, reader
            )


def _read_number(raw: Raw) -> Answer:
    number = _number(raw)
    if number is None:
        raise UnreadableCell("it is no number; give it as 1234.5")
    return Number(number=number)


def _read_day(asked: Asked, raw: Raw, reader: Reader) -> Answer:
    if isinstance(raw, str) and not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}( 00:00(:00)?)?", raw.strip()):
        said = reader(asked, raw)
        if isinstance(said, str):
            meant = f" ({said})" if said else ""
            raise UnreadableCell(f"it is no date that can be meant in one way only; give it as 2027-03-12{meant}")
        return said
    found = _dates(raw.strip().split(" ")[0] if isinstance(raw, str) else raw)
    if len(found) != 1:
        raise UnreadableCell("it is no date; give it as 2027-03-12")
    return Day(day=found.pop())


def _read_options(asked: Asked, words: str, labels: dict[str, str], reader: Reader) -> Answer:
    names = {visible(label).casefold(): option for option, label in labels.items()}
    names |= {option.casefold(): option for option in labels if option.casefold() not in names}
    alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    typed = words.casefold()
    if not re.fullmatch(rf"(?:{alternatives})(?:[\s,;]+(?:{alternatives}))*", typed):
        if isinstance(said := reader(asked, words), str):
            raise UnreadableCell(f"it is none of: {', '.join(labels.values())}")
        return said
    picked = [names[found] for found in re.findall(rf"(?:{alternatives})(?=[\s,;]|\Z)", typed)]
    order = [option for option in asked.choices if option in picked]
    return Picked(options=tuple(order))


def _read_row(n: Negotiation, asked: Asked, words: str, new: Names) -> Answer:
    table = n.checklist.item[asked.of] if isinstance(asked, Field) and asked.of else None
    rows = n.record(table.id).rows if table else {}
    if words in rows:
        return Pointer(row=words)
    named = [row.id for row in rows.values() if table and _even(visible(n.row_label(table, row))) == words]
    if not named and table:
        named = [row.id for row in rows.values() if _folded(visible(n.row_label(table, row))) == _folded(words)]
    if not named and table and words in new.get(table.id, ()):
        return Pointer(row=f"{NEW}{words}")
    if len(named) != 1:
        several = "several rows are called that; put the row’s id into the column of codes"
        raise UnreadableCell(several if named else "no row is called that")
    return Pointer(row=named[0])
