"""Templates and data in, pictures and documents out, by typst.

Data reaches a template as JSON and is only ever shown: nothing a person typed is read as
markup. Only the fonts that came with the bot are used, so that a page looks the same everywhere.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal, TypeAlias

from bot.domain.purgeable_cache import remembered
from bot.exports.pdf.font_coverage import Coverage, spans
from bot.exports.pdf.text import LONGEST, lettered
from bot.exports.printable import visible

if TYPE_CHECKING:
    from typst import Compiler, Fonts

Data: TypeAlias = "str | int | bool | Sequence[Data] | Mapping[str, Data] | None"
Form: TypeAlias = Literal["png", "pdf"]
Standard: TypeAlias = Literal["ua-1"]

TEMPLATES = Path(__file__).parent / "templates"
# Families, by the package that brings them. What a font lacks is taken from the next: see style.typ.
FONTS = {
    "justmytype_western_core": (
        "fonts/ofl/inter/Inter[opsz,wght].ttf",  # Latin, Cyrillic, Greek
        "fonts/ofl/notosans/NotoSans[wdth,wght].ttf",  # and Devanagari
        "fonts/ofl/notosanssymbols2/NotoSansSymbols2-Regular.ttf",
    ),
    "justmytype_intl_rtl": (
        "fonts/ofl/notosansarabic/NotoSansArabic[wdth,wght].ttf",
        "fonts/ofl/notosanshebrew/NotoSansHebrew[wdth,wght].ttf",
    ),
    "noto_cjk_sans_otc": ("NotoSansCJK-Regular.ttc",),  # Chinese, Japanese, Korean
}
EVICTING = 12  # pages; typst drops what the last ten had no use for (comemo::evict in typst-py's compiler.rs)
HAN = 2  # of the collection: Noto Sans CJK SC, the one that style.typ names


class Undrawable(Exception):
    """A template, its data or a font is not as it should be."""


@dataclass(frozen=True, slots=True)
class TypstDocument:
    """A template and what it shows."""

    template: str
    data: Mapping[str, Data]
    lines: bool = False  # keep the lines of texts, however long they are


def compiled(
    page: TypstDocument,
    form: Form,
    *,
    scale: float = 1.0,
    at: datetime | None = None,
    standards: Sequence[Standard] = (),
) -> bytes:
    """The page as one PNG or as PDF.

    ``scale`` is in pixels a point; ``at`` is what a PDF says when it was made, and ``standards`` are those it
    must keep to, such as ``ua-1``: Undrawable when it cannot.
    """
    from typst import TypstError

    data = json.dumps(_clean(page.data, _in_lines if page.lines else _on_one_line))
    try:
        made, _ = _compiler().compile_with_warnings(
            input=str(TEMPLATES / page.template),
            format=form,
            ppi=72 * scale,
            sys_inputs={"data": data},
            timestamp=at.replace(microsecond=0) if at else None,  # typst takes whole seconds
            pdf_standards=list(standards),
        )
    except TypstError as error:
        # Not the diagnostic, which may quote what people typed.
        msg = f"{page.template} cannot be drawn: {error.message.splitlines()[0][:200]}"
        raise Undrawable(msg) from None
    if not isinstance(made, bytes):
        msg = f"{page.template} gives {len(made or ())} pages, not one"
        raise Undrawable(msg)
    return made


_kept = SimpleNamespace(mine=threading.local())  # each thread's compiler


def _compiler() -> Compiler:
    """The compiler of this thread: two threads may not share one, and a new one is slow at first."""
    from typst import Compiler

    compiler: Compiler | None = getattr(_kept.mine, "compiler", None)
    if compiler is None:
        compiler = Compiler(root=str(TEMPLATES), font_paths=_found(), ignore_system_fonts=True)
        _kept.mine.compiler = compiler
    return compiler


def forget_drawn() -> None:
    """Let go of all that was drawn: compilers hold the page they made last, and typst parts of those before."""
    if not _found.cache_info().currsize:  # nothing was drawn
        return
    for _ in range(EVICTING):
        _compiler().compile(input=b"", format="pdf")
    _kept.mine = threading.local()  # with every thread's


@cache
def _found() -> Fonts:
    """The fonts for all threads, so that each is in memory once."""
    from typst import Fonts

    folders: list[str] = sorted({str(path.parent) for path in fonts()})
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def fonts() -> tuple[Path, ...]:
    """The font files, in the order in which they are asked."""
    found = []
    for package, names in FONTS.items():
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            msg = f"the font package {package} is not installed"
            raise Undrawable(msg)
        found += [Path(spec.submodule_search_locations[0]) / name for name in names]
    return tuple(found)


@cache
def _covered() -> Coverage:
    """What the fonts can draw; read once, and only when a text needs to know."""
    return Coverage(spans(path, HAN if path.suffix == ".ttc" else 0) for path in fonts())


def drawable(character: str) -> bool:
    """Whether some font can draw this character."""
    return character in _covered()


@remembered(4096)  # the same words stand in an answer, its gap, and its history
def _on_one_line(text: str) -> str:
    return lettered(text, drawable)


def _in_lines(text: str) -> str:
    """A text with its lines, in pieces as long as can be lettered at once."""
    if len(text) <= LONGEST and text.isprintable():
        return _on_one_line(text)
    lines = []
    for line in visible(text).split("\n"):
        pieces = [line[start : start + LONGEST] for start in range(0, len(line), LONGEST)]
        lines.append("".join(lettered(piece, drawable) for piece in pieces))
    return "\n".join(lines)


def _clean(data: Data, lettering: Callable[[str], str]) -> Data:
    match data:
        case str():
            return lettering(data)
        case Mapping():
            return {key: _clean(value, lettering) for key, value in data.items()}
        case Sequence():
            return [_clean(value, lettering) for value in data]
        case _:
            return data
