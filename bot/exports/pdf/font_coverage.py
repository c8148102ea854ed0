"""Which characters a font file can draw, read from its table of characters and nothing else of it.

Source: OpenType 1.9.1, chapters "cmap" and "Font file". All numbers there are big-endian.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path

Span = tuple[int, int]  # the first character and the last


def spans(path: Path, number: int = 0) -> list[Span]:
    """The characters of a font, in order; ``number`` is its place in a collection."""
    with path.open("rb") as file:

        def at(offset: int, size: int) -> bytes:
            file.seek(offset)
            return file.read(size)

        start = struct.unpack(">I", at(12 + 4 * number, 4))[0] if at(0, 4) == b"ttcf" else 0
        (tables,) = struct.unpack(">H", at(start + 4, 2))
        for tag, _, offset, length in struct.iter_unpack(">4sIII", at(start + 12, 16 * tables)):
            if tag == b"cmap":
                return _joined(_characters(at(offset, length)))
    msg = f"{path.name} has no table of characters"
    raise ValueError(msg)


def _characters(table: bytes) -> Iterator[Span]:
    """Read the widest of the table's tables: of 32 bits (format 12), else of 16 (format 4)."""
    (count,) = struct.unpack_from(">H", table, 2)
    offsets = [struct.unpack_from(">I", table, 8 + 8 * nth)[0] for nth in range(count)]
    formats = {struct.unpack_from(">H", table, offset)[0]: offset for offset in offsets}
    if 12 in formats:
        (groups,) = struct.unpack_from(">I", table, formats[12] + 12)
        first = formats[12] + 16
        for start, end, _ in struct.iter_unpack(">III", table[first : first + 12 * groups]):
            yield start, end
    elif 4 in formats:
        yield from _of_16_bits(table, formats[4])


def _of_16_bits(table: bytes, offset: int) -> Iterator[Span]:
    (double,) = struct.unpack_from(">H", table, offset + 6)
    ends, starts, deltas, ranges = (
        struct.unpack_from(f">{double // 2}H", table, offset + 14 + part * double + (2 if part else 0))
        for part in range(4)
    )
    for nth, (end, start, delta, there) in enumerate(zip(ends, starts, deltas, ranges, strict=True)):
        where = offset + 16 + 3 * double + 2 * nth + there
        for code in range(start, end + 1):
            glyph = struct.unpack_from(">H", table, where + 2 * (code - start))[0] if there else (code + delta) & 0xFFFF
            if glyph and code != 0xFFFF:
                yield code, code


def _joined(found: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class Coverage:
    """The characters of several fonts."""

    def __init__(self, fonts: Iterable[list[Span]]) -> None:
        self._spans = _joined(span for font in fonts for span in font)
        self._starts = [start for start, _ in self._spans]

    def __contains__(self, character: str) -> bool:
        """Whether one of the fonts has it."""
        nth = bisect_right(self._starts, ord(character)) - 1
        return nth >= 0 and ord(character) <= self._spans[nth][1]
