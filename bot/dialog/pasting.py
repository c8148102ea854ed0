"""How one message becomes rows of a table: named lines, cells from a spreadsheet, or a field a line.

Nothing typed is thrown away: what does not fit is kept as text beside the reason why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.core.answers import Cell, Unknown
from bot.core.checklist import Field, FieldId, Item, Kind
from bot.core.limits import ROWS_PASTED as MOST_ROWS
from bot.dialog.reading import NO_ROWS, Read, Unsure, Wrong, cleaned, quoted, read_cell, tidy

SEPARATORS = ("|", ";")


@dataclass(frozen=True, slots=True)
class RowRead:
    """One row as it was understood.

    ``kept`` holds the text that was not, by the field it was meant for, or under "" when
    it fits none; each has its reason in ``troubles``.
    """

    cells: dict[FieldId, Cell]
    troubles: tuple[str, ...]
    kept: dict[FieldId, str]


@dataclass(slots=True)
class _Draft:
    """One row while it is taken apart: a text for each field, and texts for none with the reason."""

    texts: dict[FieldId, str] = field(default_factory=dict)
    loose: list[tuple[str, str]] = field(default_factory=list)


def looks_like_rows(item: Item, text: str) -> bool:
    """Whether a message says more than one cell: cells, lines, or a field by its name."""
    kept = cleaned(text).strip(" \n")
    return bool(tidy(text)) and ("\t" in kept or "\n" in kept or _named_line(item, kept) is not None)


def named_alone(item: Item, text: str) -> tuple[Field, str] | None:
    """The field and its value, where a message is a single line "name: value"."""
    line = cleaned(text).strip(" \n")
    return None if "\n" in line or "\t" in line else _named_line(item, line)


def read_rows(item: Item, text: str, today: date, rows_of: Mapping[str, Mapping[str, str]]) -> tuple[RowRead, ...]:
    """The rows in a message. ``rows_of``: for each table, the labels of its rows by their ids."""
    kept = cleaned(text).strip("\n")
    if not tidy(kept) or not item.fields:
        return ()
    drafts = [draft for draft in _drafts(item, kept) if draft.texts or draft.loose]
    for extra in drafts[MOST_ROWS:]:
        why = f"At most {MOST_ROWS} rows fit. Paste the last {len(drafts) - MOST_ROWS} again after these."
        whole = "\t".join([*extra.texts.values(), *(loose for loose, _ in extra.loose)])
        drafts[MOST_ROWS - 1].loose.append((whole, why))
    read = (_row(item, draft, today, rows_of) for draft in drafts[:MOST_ROWS])
    return tuple(row for row in read if row.cells or row.kept)


def _drafts(item: Item, text: str) -> Iterator[_Draft]:
    if _has_names(item, text):
        return _by_name(item, text)
    if "\t" in text:
        return _by_column(item, _cells(text, "\t"))
    for mark in SEPARATORS:
        rows = _cells(_unframed(text) if mark == "|" else text, mark)
        widths = {len(row) for row in rows if any(map(tidy, row))}
        if len(widths) == 1 and 1 < min(widths) <= len(item.fields):
            return _by_column(item, rows)
    lines = [line for line in text.split("\n") if tidy(line)]
    if len(item.fields) == 1 and item.kind == Kind.TABLE:
        return _by_column(item, [[line] for line in lines])
    return _by_column(item, [lines])


def _row(item: Item, draft: _Draft, today: date, rows_of: Mapping[str, Mapping[str, str]]) -> RowRead:
    cells: dict[FieldId, Cell] = {}
    troubles: list[str] = []
    kept: dict[FieldId, str] = {}
    for name, text in draft.texts.items():
        asked = item.field[name]
        match read_cell(asked, text, today, rows_of.get(asked.of or "", NO_ROWS)):
            case None:
                continue
            case Read(value=value):
                cells[name] = value
            case Unknown() as unknown:
                cells[name] = unknown
            case Unsure(values=values, ask=ask):
                kept[name] = tidy(text)
                troubles.append(f"{asked.label}: {ask} {' or '.join(label for label, _ in values)}.")
            case Wrong(why=why):
                kept[name] = tidy(text)
                troubles.append(f"{asked.label}: {why}")
    if loose := "\n".join(tidy(text) for text, _ in draft.loose if tidy(text)):
        kept[""] = loose
    troubles.extend(why for why in dict.fromkeys(why for _, why in draft.loose) if why)
    return RowRead(cells, tuple(troubles), kept)


# By name


def _by_name(item: Item, text: str) -> Iterator[_Draft]:
    """Lines "name: value". A blank line before a name, or a name said again, begins the next row.

    A row may begin with its first fields in their order, and name the others.
    """
    draft, last, gap, lines = _Draft(), "", True, text.split("\n")
    ordered: Iterator[Field] | None = None  # while a row's first fields come in their order
    for number, line in enumerate(lines):
        if not tidy(line):
            gap = ordered is None
            continue
        named = _named_line(item, line)
        if named:
            ordered = None
        elif ordered is None and gap and not (last and _goes_on(item.field[last], draft.texts[last])):
            ordered = _in_order(item, lines[number:])
        if ordered is not None:
            named = next(ordered), line
        if named and (gap or named[0].id in draft.texts):
            yield draft
            draft, last = _Draft(), ""
        if named:
            last = named[0].id
            draft.texts[last] = named[1]
        elif last and _goes_on(item.field[last], draft.texts[last]):
            draft.texts[last] += ("\n\n" if gap and draft.texts[last] else "\n") + line
        else:
            draft.loose.append((line, f"{quoted(line)} names no field. Fields: {_names(item)}."))
        gap = False
    yield draft


def _in_order(item: Item, lines: list[str]) -> Iterator[Field] | None:
    """The first fields of a row, when its lines give them in their order before one names another."""
    before = 0
    for line in lines:
        if named := _named_line(item, line):
            ordered = item.fields[:before]
            return None if named[0] in ordered else iter(ordered)
        before += bool(tidy(line))
        if before > len(item.fields):
            break
    return None


def _goes_on(asked: Field, text: str) -> bool:
    """Whether a value may go on in the next line: words and lists may, a date that is there may not."""
    return asked.kind in {Kind.TEXT, Kind.CHOICES} or not tidy(text)


def _has_names(item: Item, text: str) -> bool:
    """Whether the first line begins with a field's name, or a later one with such a name in full."""
    if "\t" in re.sub(r"([:：])\s+", r"\1 ", text):
        return False
    lines = [line for line in text.split("\n") if tidy(line)]
    return any(_named_line(item, line, in_full=number > 0) for number, line in enumerate(lines))


def _named_line(item: Item, line: str, *, in_full: bool = False) -> tuple[Field, str] | None:
    """The field a line names, and what it says of it. A label may itself hold a colon."""
    colons = [found.start() for found in re.finditer("[:：]", line[:80])]
    for colon in reversed(colons):
        name = re.sub(r"^\s*(?:[-*•]\s+)?", "", line[:colon])
        if found := _field_named(item, name, in_full=in_full):
            return found, line[colon + 1 :]
    return None


def _field_named(item: Item, name: str, *, in_full: bool = False) -> Field | None:
    """The one field with this label or id, or the one whose label or id begins so."""
    key = _name_key(name)
    if not key:
        return None
    keys = {asked.id: {_name_key(asked.label), _name_key(asked.id)} for asked in item.fields}
    fitting = [one for one, known in keys.items() if key in known]
    if not fitting and not in_full and len(key) > 1:
        fitting = [one for one, known in keys.items() if any(each.startswith(key) for each in known)]
    return item.field[fitting[0]] if len(fitting) == 1 else None


def _name_key(name: str) -> str:
    """A field's name without what people and spreadsheets add to it: case, stars, notes in brackets."""
    words = re.sub(r"[*:?#_\"]", " ", re.sub(r"[(\[].*?[)\]]", " ", tidy(name)[:200].casefold()))
    return " ".join(words.split())


def _names(item: Item) -> str:
    return ", ".join(asked.label for asked in item.fields)


# By column


def _by_column(item: Item, rows: list[list[str]]) -> Iterator[_Draft]:
    """Cells in columns: those the first line names, else the fields in their order."""
    rows = [row for row in rows if any(map(tidy, row))]
    columns: list[Field | None] = list(item.fields)
    titles: list[str] = []
    if len(rows) > 1 and _is_header(item, rows[0]):
        titles, *rows = rows
        columns = []
        for title in titles:
            found = _field_named(item, title)
            columns.append(None if found in columns else found)
    for row in rows:
        draft = _Draft()
        for number, text in enumerate(row):
            column = columns[number] if number < len(columns) else None
            if column:
                draft.texts[column.id] = text
            elif tidy(text) and number < len(titles):
                title = tidy(titles[number])
                why = f"No field is called {quoted(title)}." if title else "A column has no name."
                draft.loose.append((f"{title}: {text}" if title else text, f"{why} Fields: {_names(item)}."))
            elif tidy(text):
                why = f"There is more than the {len(columns)} fields take: {_names(item)}."
                draft.loose.append((text, why))
        yield draft


def _is_header(item: Item, row: list[str]) -> bool:
    """Whether most of the cells are names of fields, or all begin like one."""
    titles = [title for title in row if tidy(title)]
    full = sum(_field_named(item, title, in_full=True) is not None for title in titles)
    begun = {found.id for title in titles if (found := _field_named(item, title))}
    return full * 2 > len(titles) > 0 or len(begun) == len(titles) > 1


def _cells(text: str, mark: str) -> list[list[str]]:
    """Lines of cells. A cell in quotes may hold the mark, line ends, and quotes doubled."""
    bar = re.escape(mark)
    end = rf"(?:{bar}|\n|\Z)"
    cell = re.compile(rf' *"(?P<quoted>(?:[^"]|"")*)" *(?={end})|(?P<bare>[^{bar}\n]*)')
    rows: list[list[str]] = [[]]
    at = 0
    while found := cell.match(text, at):
        whole = found["quoted"]
        rows[-1].append(found["bare"] if whole is None else whole.replace('""', '"'))
        at = found.end() + 1
        if at > len(text):
            break
        if text[at - 1] == "\n":
            rows.append([])
    return rows


def _unframed(text: str) -> str:
    """A table drawn with bars, without its frame and its rule under the header."""
    lines = [line.strip() for line in text.split("\n") if tidy(line)]
    lines = [line for line in lines if not re.fullmatch(r"\|?(?: *:?-{2,}:? *\|)+(?: *:?-{2,}:? *)?", line)]
    if all(len(line) > 1 and line.startswith("|") and line.endswith("|") for line in lines):
        return "\n".join(line[1:-1] for line in lines)
    return text
