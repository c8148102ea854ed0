"""Typed text made visible: every character can be seen, printed, and held by any format.

Controls are shown by their pictures (␀), what turns the direction of text by its code point in
brackets, and what is no Unicode character (halves of surrogate pairs, and others that XML
cannot hold) as �. Line breaks of every kind become line feeds.
"""

from __future__ import annotations

import unicodedata

PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: "␡"}
TURNING = {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
BREAKS = {0x85: "\n", 0x2028: "\n", 0x2029: "\n", 0xFEFF: "[U+FEFF]"}
BROKEN = dict.fromkeys((*range(0x80, 0x85), *range(0x86, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "�")
SHOWN = str.maketrans({**PICTURES, **TURNING, **BREAKS, **BROKEN})


def visible(text: str) -> str:
    """Text in which every character can be seen and printed; line breaks are line feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(SHOWN)


def leftward(text: str) -> bool:
    """Whether a text is read from right to left: its first letter is Arabic, Hebrew or the like."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False
