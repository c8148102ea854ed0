"""Slips in what stands in braces and brackets, where a comma in a text ends it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.authoring.slips import (
    ANY_KEY,
    INVISIBLE,
    KEY,
    KEY_IN_BRACES,
    KEYS,
    LIKE_SPACES,
    MAPPINGS_OF_TEXT,
    SPACE,
    TEXTS,
    TIGHT_KEY,
    UNSEEN,
    Enough,
    Manuscript,
    name_of,
    quoted,
    read_key,
)
from bot.authoring.unquoted import EATEN, check_unquoted, named

DEEPEST = 60  # the parser's walk ends earlier
FARTHEST = 8_000  # characters in which a closing quote is sought: twice the longest text
CLOSING = {"{": "}", "[": "]"}
DASH = re.compile("-(?: |$)")
BLANK = re.compile(rf"[ \t\r{LIKE_SPACES}{INVISIBLE}]")
QUOTED = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL),
    "'": re.compile(r"'(?:[^']|'')*+'(?!')", re.DOTALL),
}
BEHIND_QUOTES = re.compile(rf"{SPACE}*(?:[,}}\]:\r\n]|$)|{SPACE}+#")

# Where a text may end, or goes on although it looks like an end: what stands in brackets within it, for one.
FURTHER_KEY = rf"(?:[\w\"'{INVISIBLE}-]{{1,60}}{SPACE}*:(?:\s|$)|(?:{ANY_KEY}):)"
TEXT_END = re.compile(rf",(?=\s*(?:{FURTHER_KEY}|[}}\]]))|\{{[^{{}}\n]*\}}|\[[^\[\]\n]*\]|[}}\]]|\n|\s#")
WORD_END = re.compile(r"[,\[\]{}\n]|\s#")


@dataclass(slots=True)
class Bracket:
    """An open brace or bracket: its sign, where it stands, whose value it is, and the key whose value comes next."""

    sign: str
    at: int
    owner: str
    key: str = ""


def inner_text(found: str, closed: int) -> str:
    """The text meant by one that goes on behind its closing quote, which may be an apostrophe."""
    if found[-1] == found[0]:
        return found[1:-1]
    apostrophe = found[closed] == "'" and found[closed - 1].isalnum() and found[closed + 1 : closed + 2].isalnum()
    return found[1:] if apostrophe else found


def read_braces(page: Manuscript, start: int, nth: int, column: int, key: str) -> int:
    """Read what begins with a brace or bracket under a key of this column; the number of the line behind it."""
    reader = _Braces(page, start, nth, column, key)
    return reader.read()


class _Braces:
    """One pass over braces and brackets within each other."""

    def __init__(self, page: Manuscript, start: int, nth: int, column: int, key: str) -> None:
        self.page = page
        self.text = page.text
        self.at = start + 1
        self.nth = nth  # the line being read
        self.column = column
        self.open = [Bracket(page.text[start], start, key)]

    def read(self) -> int:
        """Read to the end; the number of the next line."""
        behind = self.at
        while self.open:
            if len(self.open) > DEEPEST:
                raise Enough
            if not self.skip_blanks():
                self.note_unclosed(behind)
                return (
                    self.page.line_at(behind, self.nth) + 1 if behind > self.page.lines[self.nth][0] else self.nth + 1
                )
            self.read_sign()
            behind = self.at
        self.check_rest()
        return self.nth + 1

    def skip_blanks(self) -> bool:
        """Go to what stands next; False where the brackets must have been closed before."""
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == "\n":
                if self.leads_out(self.nth + 1):
                    return False
                self.nth += 1
            elif sign == "#" and self.text[self.at - 1].isspace():
                self.at = self.page.lines[self.nth][1]
                continue
            elif not BLANK.match(sign):
                return True
            elif sign not in " \r":
                self.page.note_odd(self.at, "in braces", (self.at, self.at + 1, "" if UNSEEN.match(sign) else " "))
            self.at += 1
        return False

    def leads_out(self, nth: int) -> bool:
        """Whether a line, being no deeper than the key of the brackets, begins something else."""
        if nth >= len(self.page.lines):
            return True
        indent, body = self.page.indent(nth)
        return bool(body) and indent <= self.column and bool(KEY.match(body) or DASH.match(body))

    def note_unclosed(self, behind: int) -> None:
        """Note that brackets are open where something else begins."""
        missing = "".join(CLOSING[bracket.sign] for bracket in reversed(self.open))
        last = self.open[-1]
        what, mend = f"“{last.sign}” is never closed", f"Close it with {missing}."
        self.page.note(last.at, what, mend, (behind, behind, missing), certain=False)

    def check_rest(self) -> None:
        """Note what closes nothing."""
        end = self.page.lines[self.nth][1]
        rest = self.text[self.at : end].strip()
        if rest and not rest.strip("}] "):
            place = self.text.index(rest, self.at)
            self.page.note(place, f"“{rest}” closes nothing", "Take it out.", (place, place + len(rest), ""),
                           certain=False)  # fmt: skip

    def read_sign(self) -> None:
        """Read one bracket, comma, key or value."""
        bracket, sign = self.open[-1], self.text[self.at]
        text = bracket.key in TEXTS or (bool(bracket.key) and bracket.owner in MAPPINGS_OF_TEXT)
        if sign in "}]":
            self.close(bracket, sign)
        elif sign == ",":
            bracket.key = ""
            self.at += 1
        elif sign in "{[" and not text:
            self.open.append(Bracket(sign, self.at, bracket.key or bracket.owner))
            self.at += 1
        elif not bracket.key and (bracket.sign == "{" or self.pair_begins()):
            self.read_key(bracket)
        elif sign in QUOTED:
            self.read_quoted(sign, bracket)
        else:
            self.read_unquoted(bracket, text=text)

    def pair_begins(self) -> bool:
        """Whether an entry of a list is a key with its value, without braces of its own."""
        key = KEY_IN_BRACES.match(self.text, self.at)
        return key is not None and name_of(key) in KEYS

    def close(self, bracket: Bracket, sign: str) -> None:
        if sign != CLOSING[bracket.sign]:
            what, mend = f"“{bracket.sign}” is closed by “{sign}”", f"Write {CLOSING[bracket.sign]}."
            self.page.note(self.at, what, mend, (self.at, self.at + 1, CLOSING[bracket.sign]), certain=False)
        self.open.pop()
        self.at += 1

    def read_key(self, bracket: Bracket) -> None:
        if key := KEY_IN_BRACES.match(self.text, self.at):
            bracket.key = read_key(self.page, key)
            self.at = key.end()
        elif key := TIGHT_KEY.match(self.text, self.at):
            bracket.key = key[1]
            self.at = key.end()
            self.page.note(self.at, f'there is no space behind the colon of "{bracket.key}"', "Put one there.",
                           (self.at, self.at, " "), legal=True)  # fmt: skip
        else:  # nothing with a key: the models have words for it
            stop = WORD_END.search(self.text, self.at + 1)
            self.at = stop.start() if stop else len(self.text)

    def read_quoted(self, mark: str, bracket: Bracket) -> None:
        """Read a value in straight quotes."""
        start = self.at
        closed = QUOTED[mark].match(self.text, start, start + FARTHEST)
        end = closed.end() if closed else start
        if closed and self.reaches(end) and BEHIND_QUOTES.match(self.text, end):
            self.at, self.nth = end, self.page.line_at(end, self.nth)
            return
        self.at = self.value_end(start + 1, text=True)
        found = self.text[start : self.at].rstrip()
        self.at = start + len(found)
        if closed and end <= self.at:
            inner = inner_text(found, end - 1 - start)
            what, mend = f"{named(bracket.key)} goes on behind its closing quote", "Put the whole text in quotes."
            self.page.note(end - 1, what, mend, (start, self.at, quoted(inner)))
        elif found[-1] in "“”„‘’«»":
            what = f"{named(bracket.key)} begins with a straight quote and ends with a curled one"
            self.page.note(self.at - 1, what, "Use straight quotes.", (self.at - 1, self.at, mark))
        else:
            what, mend = f"the quote before {named(bracket.key)} is never closed", "Close it where the text ends."
            self.page.note(start, what, mend, (self.at, self.at, mark), certain=False)

    def reaches(self, end: int) -> bool:
        """Whether no line up to an offset leads out of the brackets."""
        last = self.page.line_at(end, self.nth)
        return not any(self.leads_out(nth) for nth in range(self.nth + 1, last + 1))

    def read_unquoted(self, bracket: Bracket, *, text: bool) -> None:
        start = self.at
        end = self.value_end(start, text=text)
        found = self.text[start:end].rstrip()
        self.at = max(start + len(found), start + 1)
        check_unquoted(self.page, start, start + len(found), bracket.key, text=text, braces=True)
        self.nth = self.page.line_at(self.at, self.nth)

    def value_end(self, start: int, *, text: bool) -> int:
        """Where a value without quotes ends as its author meant it."""
        nth = self.nth
        for stop in (TEXT_END if text else WORD_END).finditer(self.text, start):
            sign = stop[0]
            if sign == "\n":
                nth += 1
                if self.leads_out(nth):
                    return stop.start()
            elif sign[-1] == "#":
                if not (text and EATEN.match(self.text, stop.start())):
                    return stop.start()
            elif len(sign) == 1 and not (sign in "{[" and not text and stop.start() == start):
                return stop.start()
        return len(self.text)
