"""How one message becomes rows of a table: named lines, cells from a spreadsheet, or a field a line.

Nothing typed is thrown away: what does not fit is kept as text beside the reason why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.dialog.parsing.text import unlisted
from bot.dialog.parsing.values import NO_ROWS, Misread, Read, Unsure, cleaned, quoted, read_cell, tidy
from bot.domain.answers import UNKNOWN, Cell, Text
from bot.domain.checklist import Field, FieldId, Item, Kind
from bot.domain.limits import ROWS_PASTED as MOST_ROWS

SEPARATORS = ("|", ";")
GAP = re.compile(" {2,}")  # what is left of a tab where no tab arrives
NO_COLUMNS = "The columns cannot be told apart. Put ; between the cells and send the rows again."


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One row as it was understood.

    ``kept`` holds the text that was not, by the field it was meant for, or under "" when
    it fits none; each has its reason in ``troubles``. ``vague`` are the fields whose text says nothing.
    """

    cells: dict[FieldId, Cell]
    troubles: tuple[str, ...]
    kept: dict[FieldId, str]
    vague: tuple[FieldId, ...] = ()


Shown = Callable[[Mapping[FieldId, Cell]], Sequence[Field]]


@dataclass(frozen=True, slots=True)
class Paste:
    """What a message is read with: the table, the day, what is pointed at, and which fields a row shows.

    ``rows_of``: for each table, the labels of its rows by their ids. ``shown``: the fields, in their order on the
    screen, of a row that holds some cells. ``vague`` says what becomes of words that say nothing: "unknown" or "text".
    """

    item: Item
    today: date
    rows_of: Mapping[str, Mapping[str, str]]
    shown: Shown
    vague: str = ""
    talks_on: date | None = None

    def cell(self, asked: Field, text: str) -> Read | Unsure | Misread | None:
        """What one cell says."""
        return read_cell(asked, text, self.today, self.rows_of.get(asked.of or "", NO_ROWS), self.talks_on)


@dataclass(slots=True)
class _DraftRow:
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


def is_plain(item: Item, text: str) -> bool:
    """Whether a message of several lines says of none of them what it is: by no name, and in no columns."""
    kept = cleaned(text).strip(" \n")
    return "\n" in kept and "\t" not in kept and not _has_names(item, kept) and not _columns(item, kept)


def read_rows(paste: Paste, text: str) -> tuple[ParsedRow, ...]:
    """The rows in a message."""
    kept = cleaned(text).strip("\n")
    if not tidy(kept) or not paste.item.fields:
        return ()
    drafts = [draft for draft in _drafts(paste, kept) if draft.texts or draft.loose]
    for extra in drafts[MOST_ROWS:]:
        why = f"At most {MOST_ROWS} rows fit. Paste the last {len(drafts) - MOST_ROWS} again after these."
        whole = "\t".join([*extra.texts.values(), *(loose for loose, _ in extra.loose)])
        drafts[MOST_ROWS - 1].loose.append((whole, why))
    read = (_row(paste, draft) for draft in drafts[:MOST_ROWS])
    return tuple(row for row in read if row.cells or row.kept)


def _drafts(paste: Paste, text: str) -> Iterator[_DraftRow]:
    item = paste.item
    if _has_names(item, text):
        return _by_name(paste, text)
    lines = [line for line in text.split("\n") if tidy(line)]
    headed = len(lines) > 2 and tidy(lines[0]).endswith(":")  # a list may stand under a line that announces it
    listed = unlisted(lines[headed:]) if item.kind == Kind.TABLE and len(lines) > 1 else None
    if listed and any(listed):
        first, *more = _by_column(paste, _columns(item, "\n".join(listed)) or [[line] for line in listed])
        first.loose += [(lines[0], f"{quoted(lines[0])} was taken for the heading of the list.")] if headed else []
        return iter([first, *more])
    if rows := _columns(item, text):
        return _by_column(paste, rows)
    if len(lines) > 1 and _titles_run_on(item, lines[0]):
        return iter([_DraftRow(loose=[(line, NO_COLUMNS) for line in lines])])
    if len(item.fields) == 1 and item.kind == Kind.TABLE:
        return _by_column(paste, [[line] for line in lines])
    return _by_column(paste, [lines])


def _columns(item: Item, text: str) -> list[list[str]]:
    """The cells of a text in columns: parted by tabs, bars, semicolons or wide gaps; empty when it is in none."""
    if "\t" in text:
        return _cells(text, "\t")
    for mark in SEPARATORS:
        rows = _cells(_unframed(text) if mark == "|" else text, mark)
        if _agree(item, rows):
            return rows
    lines = [line.strip() for line in text.split("\n") if tidy(line)]
    commas = _cells(text, ",")  # which sentences have, too: only under a header of nothing but names
    if len(commas) > 1 and len(commas[0]) > 1 and all(_field_named(item, title, in_full=True) for title in commas[0]):
        return commas
    rows = [GAP.split(line) for line in lines]
    sentences = any(re.search("[.!?:] {2,}", line) for line in lines)  # which some begin two blanks after the last
    headed = len(rows) > 1 and _is_header(item, rows[0])
    return rows if _agree(item, rows) and len(rows) > 1 and (headed or not sentences) else []


def _agree(item: Item, rows: list[list[str]]) -> bool:
    """Whether lines are rows of cells: all of one width that fits, or under a header, as wide as that at most."""
    rows = [row for row in rows if any(map(tidy, row))]
    widths = {len(row) for row in rows}
    if len(widths) == 1:
        return 1 < min(widths) <= len(item.fields) or (min(widths) > 1 and len(rows) > 1 and _is_header(item, rows[0]))
    return len(rows) > 1 < len(rows[0]) == max(widths) and _is_header(item, rows[0])


def _titles_run_on(item: Item, line: str) -> bool:
    """Whether a line is the names of several fields and nothing else: a header whose tabs were lost."""
    rest, found = f" {_name_key(line)} ", 0
    for name in sorted({_name_key(asked.label) for asked in item.fields}, key=len, reverse=True):
        if name and f" {name} " in rest:
            rest, found = rest.replace(f" {name} ", "  ", 1), found + 1
    return found > 1 and not rest.strip()


def _row(paste: Paste, draft: _DraftRow) -> ParsedRow:
    cells: dict[FieldId, Cell] = {}
    troubles: list[str] = []
    kept: dict[FieldId, str] = {}
    vague: list[FieldId] = []
    for name, text in draft.texts.items():
        asked = paste.item.field[name]
        match paste.cell(asked, text):
            case None:
                continue
            case Read(value=value):
                cells[name] = value
            case Unsure(values=((_, first), *_)) if first == UNKNOWN and paste.vague == "unknown":
                cells[name] = UNKNOWN
            case Unsure(values=(_, (_, Text() as words))) if paste.vague == "text":
                cells[name] = words
            case Unsure(values=values, ask=ask):
                kept[name] = tidy(text)
                vague += [name] if values[0][1] == UNKNOWN else []
                said = f"{quoted(text)} says nothing yet." if name in vague else ask
                choices = "" if name in vague else f" {' or '.join(label for label, _ in values)}."
                troubles.append(f"{asked.label}: {said}{choices}")
            case Misread(why=why):
                kept[name] = tidy(text)
                troubles.append(f"{asked.label}: {why}")
    if loose := "\n".join(tidy(text) for text, _ in draft.loose if tidy(text)):
        kept[""] = loose
    troubles.extend(why for why in dict.fromkeys(why for _, why in draft.loose) if why)
    return ParsedRow(cells, tuple(troubles), kept, tuple(vague))


# By name


def _by_name(paste: Paste, text: str) -> Iterator[_DraftRow]:
    """Lines "name: value". A blank line before a name, or a name said again, begins the next row.

    A row may begin with its first fields in their order, and name the others.
    """
    item = paste.item
    draft, last, gap, lines = _DraftRow(), "", True, text.split("\n")
    ordered: Iterator[Field] | None = None  # while a row's first fields come in their order
    for number, line in enumerate(lines):
        if not tidy(line):
            gap = ordered is None
            continue
        named = _named_line(item, line)
        if named:
            ordered = None
        elif ordered is None and gap and not (last and _goes_on(item.field[last], draft.texts[last])):
            ordered = _in_order(paste, lines[number:])
        if ordered is not None:
            named = next(ordered), line
        if named and (gap or named[0].id in draft.texts):
            yield draft
            draft, last = _DraftRow(), ""
        if named:
            last = named[0].id
            draft.texts[last] = named[1]
        elif last and _goes_on(item.field[last], draft.texts[last]):
            draft.texts[last] += ("\n\n" if gap and draft.texts[last] else "\n") + line
        else:
            draft.loose.append((line, f"{quoted(line)} names no field. Fields: {_names(item)}."))
        gap = False
    yield draft


def _in_order(paste: Paste, lines: list[str]) -> Iterator[Field] | None:
    """The first fields of a row, when its lines give them in their order before one names another."""
    before: list[str] = []
    for line in lines:
        if named := _named_line(paste.item, line):
            ordered = [paste.item.field[name] for name in _fields_for(paste, before).texts]
            return None if named[0] in ordered or len(ordered) < len(before) else iter(ordered)
        before += [line] if tidy(line) else []
        if len(before) > len(paste.item.fields):
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
    fitting = [field_id for field_id, known in keys.items() if key in known]
    if not fitting and not in_full and len(key) > 1:
        fitting = [field_id for field_id, known in keys.items() if any(each.startswith(key) for each in known)]
    return item.field[fitting[0]] if len(fitting) == 1 else None


def _name_key(name: str) -> str:
    """A field's name without what people and spreadsheets add to it: case, stars, notes in brackets."""
    words = re.sub(r"[*:?#_\"]", " ", re.sub(r"[(\[].*?[)\]]", " ", tidy(name)[:200].casefold()))
    return " ".join(words.split())


def _names(item: Item) -> str:
    return ", ".join(asked.label for asked in item.fields)


# By column


def _by_column(paste: Paste, rows: list[list[str]]) -> Iterator[_DraftRow]:
    """Cells in columns: those the first line names, else the fields in their order."""
    item = paste.item
    rows = [row for row in rows if any(map(tidy, row))]
    if len(rows) < 2 or not _is_header(item, rows[0]):
        yield from (_fields_for(paste, row) for row in rows)
        return
    titles, *rows = rows
    columns: list[Field | None] = []
    for title in titles:
        found = _field_named(item, title)
        columns.append(None if found in columns else found)
    for row in rows:
        draft = _DraftRow()
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


def _fields_for(paste: Paste, texts: Sequence[str]) -> _DraftRow:
    """The fields that texts in order are for: those a row shows, as its cells decide which; all, where all are given.

    What a row does not show (yet) nobody typed; a spreadsheet has a column for every field.
    """
    draft, cells = _DraftRow(), dict[FieldId, Cell]()
    all_given = len(texts) >= len(paste.item.fields)
    for text in texts:
        fields = paste.item.fields if all_given else paste.shown(cells)
        asked = next((column for column in fields if column.id not in draft.texts), None)
        if asked is None:
            if tidy(text):
                names = ", ".join(column.label for column in fields)
                draft.loose.append((text, f"There is more than the {len(fields)} fields take: {names}."))
            continue
        draft.texts[asked.id] = text
        if isinstance(said := paste.cell(asked, text), Read):
            cells[asked.id] = said.value
    return draft


def _is_header(item: Item, row: list[str]) -> bool:
    """Whether at least half of the cells are names of fields and no answers, or all begin like one."""
    titles = [title for title in row if tidy(title)]
    answers = {
        _name_key(word) for asked in item.fields for option in asked.options for word in (option.id, option.label)
    }
    full = sum(
        _field_named(item, title, in_full=True) is not None and _name_key(title) not in answers for title in titles
    )
    begun = {found.id for title in titles if (found := _field_named(item, title))}
    return full * 2 >= len(titles) > 0 or len(begun) == len(titles) > 1


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
