"""Values written without quotes that YAML takes for something else than their author meant."""

from __future__ import annotations

import re

from bot.authoring.slips import CURLED, SPACE, TEXTS, UNSEEN, Manuscript, quoted

INDICATOR = re.compile(r"[\[\]{},&*#!|>%@`\"']|[-?:](?=\s|$)")
COLON = re.compile(r":(?=\s|$)")
COMMENT = re.compile(r"\s#")
EATEN = re.compile(r"\s#(?=\S)")  # whoever means a comment writes a space after it
ENDING = re.compile(r"[,\[\]{}]")  # what ends a value in braces
SIGNS = {",": "a comma", "[": "a bracket", "]": "a bracket", "{": "a brace", "}": "a brace"}
WORD = re.compile(r"[\w.-]+")
MEND = "Put the text in quotes."


def named(key: str) -> str:
    """What a sentence calls the value of a key."""
    return f'the {"text" if key in TEXTS else "value"} of "{key}"' if key else "this text"


def content_end(page: Manuscript, start: int, end: int, *, text: bool) -> int:
    """Where a value ends, a comment apart; in a text only what is written as one is a comment."""
    for comment in COMMENT.finditer(page.text, start, end):
        if not (text and EATEN.match(page.text, comment.start(), end)):
            end = comment.start()
            break
    while end > start and re.fullmatch(SPACE, page.text[end - 1]):
        end -= 1
    return end


def check_unquoted(page: Manuscript, start: int, end: int, key: str, *, text: bool, braces: bool = False) -> None:
    """Note what is wrong with a value that was written without quotes."""
    found = page.text[start:end]
    if not found:
        return
    what, traits = _trouble(found, named(key), text=text, braces=braces)
    curled = CURLED.fullmatch(found)
    if what:
        _quote(page, (start, end), curled[1] if curled else found, what, traits)
    elif text:
        return
    elif curled:
        mend = "Use straight quotes, or none."
        page.note(start, f"the value of {_key(key)} stands in curled quotes", mend, (start, end, quoted(curled[1])),
                  legal=True)  # fmt: skip
    elif (unseen := UNSEEN.search(found)) and WORD.fullmatch(word := UNSEEN.sub("", found)):
        page.note_odd(start + unseen.start(), f"in the value of {_key(key)}", (start, end, word))


def _key(key: str) -> str:
    return f'"{key}"' if key else "a list"


def _quote(page: Manuscript, span: tuple[int, int], text: str, what: str, traits: dict[str, bool]) -> None:
    start, end = span
    whole = quoted(text)
    if "\n" not in text:
        page.note(start, what, MEND, (start, end, whole), **traits)
    elif whole[1:-1] == text:  # or it would have to be written otherwise on several lines
        mend = f"Put the text in quotes, up to the end of line {page.text.count(chr(10), 0, end) + 1}."
        page.note(start, what, mend, (start, start, whole[0]), (end, end, whole[0]), **traits)


def _trouble(found: str, named: str, *, text: bool, braces: bool) -> tuple[str, dict[str, bool]]:
    """What is wrong, and the traits of that slip."""
    if INDICATOR.match(found) and (text or found[0] not in "&*!"):
        return f"{named} begins with {found[0]}, which is a sign of YAML's own there", {}
    if COLON.search(found):
        return f"{named} holds a colon, which makes a key of what stands before it", {}
    if braces and (sign := ENDING.search(found)):
        return f"{named} stands in braces and holds {SIGNS[sign[0]]}, which ends it there", {"legal": sign[0] == ","}
    if EATEN.search(found):
        return f"{named} holds a #, and nothing is read from there on", {"legal": True, "certain": False}
    if text and found[-1:] == '"' and found.count('"') % 2 and not found[-2:-1].isdigit():
        return f"{named} ends with a quote that nothing opens", {"legal": True, "certain": False}
    if braces and "?" in found:  # YAML 1.2 reads it as it was meant, and so do we; its readers differ
        what = f"{named} stands in braces and holds a question mark, at which other programs stop reading"
        return what, {"tolerated": True}
    return "", {}
