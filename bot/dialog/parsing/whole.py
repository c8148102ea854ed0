"""Numbers that come from outside: buttons, forms, addresses, headers. A length is looked at before a number is made."""

from __future__ import annotations

import re

LARGEST = 2**63  # what a database takes for a number is below
COUNTED = 10**9  # what the database counts by ones stays below
DIGITS = {10: re.compile(r"[0-9]{1,19}"), 36: re.compile(r"[0-9a-z]{1,13}")}  # as many as that number has


def whole(text: str, base: int = 10, below: int = LARGEST) -> int | None:
    """The number that a text is; None for anything that none of ours is written like: signs, other digits, too many."""
    number = int(text, base) if DIGITS[base].fullmatch(text) else None
    return number if number is not None and number < below else None
