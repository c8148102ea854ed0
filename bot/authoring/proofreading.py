"""A look at the lines of a checklist before they are read as YAML, which finds the slips that people make.

YAML's parser stops at the first thing it cannot read, often lines later, and speaks of tokens. Here lines are read
as their author meant them: by the keys that a checklist has, by which of them hold text, and by the indents of the
lines above. Every slip is found at once, with what should stand there; what is parsed then has all of them
corrected. Nothing here says that a file is sound: that is the parser's word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.authoring.braces import FARTHEST, QUOTED, inner_text, read_braces
from bot.authoring.slips import (
    ANY_KEY,
    KEY,
    KEYS,
    KEYS_BELOW,
    MAPPINGS_OF_TEXT,
    SPACE,
    SPACES,
    TEXTS,
    TIGHT_KEY,
    UNSEEN,
    Enough,
    Manuscript,
    Slip,
    name_of,
    quoted,
    read_key,
)
from bot.authoring.unquoted import check_unquoted, content_end, named

DASH = re.compile(f"-(?:{SPACE}+|$)")
TIGHT_DASH = re.compile(rf"-(?=(?:{ANY_KEY}):(?:\s|$))")
BULLET = re.compile(f"[–—•·●▪‣◦*]{SPACE}+")
GOES_ON = re.compile(r"[\w“‘„«(…]")  # how a further line of a text begins
BLOCK_TEXT = re.compile(r"[|>][-+0-9]{0,2}(?:\s+#.*)?")


@dataclass(slots=True)
class Level:
    """An open mapping or list: its column, the key whose value it is, and the keys seen in it."""

    kind: str  # "key" or "dash"
    column: int
    owner: str
    seen: set[str] = field(default_factory=set)


def slips_in(text: str) -> list[Slip]:
    """Every slip in a text, in the order of its lines, up to the number that is told of one file."""
    page = Manuscript(text)
    reader = _Proofreader(page)
    try:
        while reader.nth < len(page.lines):
            reader.read_line()
    except Enough:
        pass
    return page.slips


class _Proofreader:
    """One pass over the lines."""

    def __init__(self, page: Manuscript) -> None:
        self.page = page
        self.text = page.text
        self.nth = 0  # the line to be read next
        self.levels: list[Level] = []
        self.awaited: tuple[int, str] | None = None  # a key or dash whose value comes next: its column, and the key
        self.above: int | None = None  # the column of the key whose text ended on the line above
        self.shifted = ("", 0)  # what was wrong with the last indent, and how many slips there were by then
        indented = [self.text[start] for start, end in page.lines if start < end and self.text[start] in "\t "]
        self.in_tabs = 2 * indented.count("\t") > len(indented)

    def read_line(self) -> None:
        """Read the next line, and those that belong to its value."""
        column, body = self.page.indent(self.nth)
        start, end = self.page.lines[self.nth]
        self.nth += 1
        if not body or body[0] == "#" or body.startswith(("---", "...", "%")):
            if not body and (odd := self.page.odd(start, end)) is not None and self.text[odd] != "\t":
                self.page.note_odd(odd, "on an empty line", (start, end, ""))
            return
        above, self.above = self.above, None
        if _dash(body) or KEY.match(body) or TIGHT_KEY.match(body):
            place = self.place(start, column, body)
            self.read_entry(start + column, end, place)
        elif self.awaited and column > self.awaited[0]:
            self.read_value(start + column, end, *self.awaited)
        elif above is not None and GOES_ON.match(body):
            what = "this line goes on with the text above it, and is not indented under its key"
            edit = (start, start + column, " " * (above + 2))
            self.page.note(start + column, what, "Indent it further than the key.", edit, certain=False)
            self.above = above

    # Indents

    def place(self, start: int, column: int, body: str) -> int:
        """The column at which a line should begin, its level open; a slip where it begins elsewhere."""
        kind = "dash" if _dash(body) else "key"
        written = KEY.match(body) or TIGHT_KEY.match(body)
        key = name_of(written) if written and kind == "key" else ""
        odd = self.page.odd(start, start + column)
        tab = odd is not None and self.text[odd] == "\t"
        width = column - len(UNSEEN.findall(self.text, start, start + column))
        level = self.nearest(kind, self.width_of_tabs(column) if tab else width, key)
        self.awaited = None
        edit = (start, start + column, " " * level.column)
        trouble = self.text[odd] if odd is not None else f"{width - level.column}" if level.column != width else ""
        if trouble and self.shifted == (trouble, len(self.page.slips)):
            self.page.note_again(edit)
            return level.column
        if odd is not None:
            self.page.note_odd(odd, "in the indent", edit, certain=not tab)
        elif key == "id" and key in level.seen and self.levels[-2:-1] and self.levels[-2].kind == "dash":
            edit = (start, start + column, f"{' ' * self.levels[-2].column}- ")
            self.page.note(start + column, 'a second "id" begins another entry, and no dash stands before it',
                           "Put one there.", edit, certain=False, legal=True)  # fmt: skip
            level.seen.clear()
        elif level.column != width:
            what = f"this line is indented by {_spaces(width)}, and those it belongs with by {level.column}"
            self.page.note(start + column, what, f"Indent it by {level.column}.", edit, certain=False, legal=True)
        if trouble:
            self.shifted = (trouble, len(self.page.slips))
        return level.column

    def width_of_tabs(self, number: int) -> int | None:
        """How wide an indent of tabs was meant: known where the whole file is indented by them."""
        return 2 * number if self.in_tabs else None

    def nearest(self, kind: str, width: int | None, key: str) -> Level:
        """The level that an indent means (None: one that cannot be measured), with those within it closed."""
        if self.awaited:
            column, owner = self.awaited
            if width is None or width > column or (width == column and kind == "dash"):
                self.levels.append(Level(kind, column + 2 if width is None else width, owner))
                return self.levels[-1]
        alike = [nth for nth, level in enumerate(self.levels) if level.kind == kind]
        if not alike:
            self.levels.append(Level(kind, width or 0, ""))
            return self.levels[-1]
        meant = alike[-1] if width is None else min(reversed(alike), key=lambda nth: self.distance(nth, width, key))
        del self.levels[meant + 1 :]
        return self.levels[meant]

    def distance(self, nth: int, width: int, key: str) -> tuple[bool, int, bool]:
        """How far a level is from an indent: first by whether it can hold the key, last by whether it has it already.

        An ``id`` under a dash belongs with the entries of that dash: its own dash is missing.
        """
        level = self.levels[nth]
        around = self.levels[nth - 1] if nth else None
        if key == "id" and key in level.seen and around and (around.kind, around.column) == ("dash", width):
            return False, 0, False
        foreign = key in KEYS and key not in KEYS_BELOW.get(level.owner, KEYS)
        return foreign, abs(level.column - width), key in level.seen

    # Entries

    def read_entry(self, at: int, end: int, column: int) -> None:
        """Read what follows the indent: dashes, then a key or not, then a value."""
        owner = self.levels[-1].owner
        while dash := _dash(self.text[at:end]):
            self.check_dash(dash, at)
            at += dash.end()
            self.awaited = (column, owner)
            column += max(dash.end(), 2)
            rest = self.text[at:end]
            if KEY.match(rest) or TIGHT_KEY.match(rest) or _dash(rest):
                self.levels.append(Level("dash" if _dash(rest) else "key", column, owner))
        key = KEY.match(self.text, at, end) or TIGHT_KEY.match(self.text, at, end)
        if not key:
            if self.awaited and at < end:
                self.read_value(at, end, *self.awaited)
            return
        name = read_key(self.page, key)
        self.levels[-1].seen.add(name)
        self.awaited = (column, name)
        if key.re is TIGHT_KEY:
            self.page.note(key.end(), f'there is no space behind the colon of "{name}"', "Put one there.",
                           (key.end(), key.end(), " "))  # fmt: skip
        self.read_value(key.end(), end, column, name)

    def check_dash(self, dash: re.Match[str], at: int) -> None:
        """Note a dash that is none to YAML."""
        sign, edit = dash[0][0], (at, at + dash.end(), "- ")
        if sign != "-":
            self.page.note(at, f"an entry begins with {sign}, and not with a hyphen", "Write a hyphen.", edit)
        elif dash.re is TIGHT_DASH:
            self.page.note(at, "there is no space behind the hyphen", "Put one there.", edit)
        elif (odd := self.page.odd(at, at + dash.end())) is not None:
            self.page.note_odd(odd, "behind the hyphen", edit)

    # Values

    def read_value(self, at: int, end: int, column: int, key: str) -> None:
        """Read the value that stands behind a key or a dash, or below one."""
        spaces = SPACES.match(self.text, at, end)
        start = spaces.end() if spaces else at
        if start == end or (self.text[start] == "#" and start > at):
            return
        if (odd := self.page.odd(at, start)) is not None:
            self.page.note_odd(odd, "before the value", (at, start, " "))
        self.awaited = None
        text = key in TEXTS or self.levels[-1].owner in MAPPINGS_OF_TEXT
        found = self.text[start : content_end(self.page, start, end, text=text)]
        if BLOCK_TEXT.fullmatch(found):
            self.read_block_text(column)
        elif found[0] in QUOTED:
            self.read_quoted(start, end, column, key)
        elif found[0] in "{[" and not text:
            self.nth = read_braces(self.page, start, self.nth - 1, column, key)
        else:
            self.read_unquoted(start, end, column, key, text=text)

    def read_block_text(self, column: int) -> None:
        """Pass over the lines of a text that stands below its key."""
        width = 0
        while self.nth < len(self.page.lines):
            indent, body = self.page.indent(self.nth)
            if body and indent <= column:
                break
            start = self.page.lines[self.nth][0]
            odd = self.page.odd(start, start + min(indent, width or indent)) if body else None
            if odd is None:
                width = width or (indent if body else 0)
            else:
                self.page.note_odd(odd, "in the indent", (start, start + indent, " " * (width or column + 2)))
            self.nth += 1
        self.above = column

    def read_quoted(self, start: int, end: int, column: int, key: str) -> None:
        """Read a value in straight quotes, which may go on below."""
        mark = self.text[start]
        limit = self.page.lines[self.last_line(column)][1]
        closed = QUOTED[mark].match(self.text, start, min(limit, start + FARTHEST))
        self.above = column
        if closed:
            self.nth = self.page.line_at(closed.end(), self.nth - 1) + 1
            end = self.page.lines[self.nth - 1][1]
            rest = self.text[closed.end() : end].strip()
            if not rest or rest[0] == "#":
                return
        found = self.text[start:end].rstrip()
        stop = start + len(found)
        if closed:
            if "\n" not in found:
                inner = inner_text(found, closed.end() - 1 - start)
                what, mend = f"{named(key)} goes on behind its closing quote", "Put the whole text in quotes."
                self.page.note(closed.end() - 1, what, mend, (start, stop, quoted(inner)))
        elif found[-1] in "“”„‘’«»":
            what = f"{named(key)} begins with a straight quote and ends with a curled one"
            self.page.note(stop - 1, what, "Use straight quotes.", (stop - 1, stop, mark))
        else:
            what, mend = f"the quote before {named(key)} is never closed", "Close it where the text ends."
            self.page.note(start, what, mend, (stop, stop, mark), certain=False)

    def last_line(self, column: int) -> int:
        """The last line that a value under a key of this column may reach to."""
        nth = self.nth
        limit = self.page.lines[nth - 1][0] + FARTHEST
        while nth < len(self.page.lines) and self.page.lines[nth][0] < limit:
            self.page.spend()
            indent, body = self.page.indent(nth)
            if body and indent <= column:
                break
            nth += 1
        return nth - 1

    def read_unquoted(self, start: int, end: int, column: int, key: str, *, text: bool) -> None:
        """Read a value without quotes, with the lines on which it goes on."""
        stop = content_end(self.page, start, end, text=text)
        while not self.text[stop:end].strip() and self.goes_on(column):  # no comment ended it
            indent, _ = self.page.indent(self.nth)
            line, end = self.page.lines[self.nth]
            if (odd := self.page.odd(line, line + indent)) is not None and self.text[odd] != "\t":
                self.page.note_odd(odd, "in the indent", (line, line + indent, " " * (column + 2)))
            self.nth += 1
            stop = content_end(self.page, line + indent, end, text=text)
        check_unquoted(self.page, start, stop, key, text=text)
        self.above = column

    def goes_on(self, column: int) -> bool:
        """Whether the next line goes on with a text whose key stands at a column."""
        if self.nth >= len(self.page.lines):
            return False
        indent, body = self.page.indent(self.nth)
        if not body or indent <= column or body[0] == "#":
            return False
        key = KEY.match(body)
        return not (key and name_of(key) in KEYS)


def _dash(body: str) -> re.Match[str] | None:
    """The hyphen that an entry begins with, or what was written for one."""
    return DASH.match(body) or TIGHT_DASH.match(body) or BULLET.match(body)


def _spaces(number: int) -> str:
    return f"{number} space{'s' * (number != 1)}"
