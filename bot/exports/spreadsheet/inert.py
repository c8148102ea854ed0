"""Texts that a spreadsheet could take for a formula, made inert and back. It loads nothing, for who reads files apart.

A text that begins with = + - @, a tab or a line break, blanks before it or not, or with one of their full-width twins,
gets an apostrophe before it, and so does one that begins with an apostrophe. Taking one apostrophe away from whatever
begins with one gives the text back.
"""

from __future__ import annotations

import re

LIVE = re.compile(r"\s*[=+\-@＝＋－＠']|[\t\n\r]")


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if LIVE.match(text) else text


def plain(text: str) -> str:
    """The text that `inert` was given."""
    return text.removeprefix("'")
