"""The terminal face: the same conversation, one person at a time, written as a transcript.

What it prints is what `tests/transcripts` hold, so that a bug report pastes in as a test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from bot.application.documents import Document
from bot.application.outbox import TurnResult
from bot.application.updates import UpdateHandler
from bot.dialog.contract import Command, Message, TextReply
from bot.dialog.parsing.whole import whole
from bot.dialog.screens.export import progressed
from bot.domain.export_formats import Progress

T = TypeVar("T")

INDENT = " " * 7
PATIENCE_SECONDS = 1.0  # after which a person is told how far a file is
HELP = (
    "Tap a button by typing its label in brackets, as [Continue], or its number, as #1. "
    "Commands begin with /; leave with /bye."
)


def said(name: str, text: str) -> str:
    """A line somebody said, as transcripts have it."""
    first, *rest = text.splitlines() or [""]
    return "\n".join([f"{name + '>':<6} {first}".rstrip(), *(f"{INDENT}{line}".rstrip() for line in rest)])


def written(shown: Message, *, numbered: bool = False) -> str:
    """A message of the bot's, as transcripts have it; ``numbered`` buttons can be tapped by number."""
    lines = [shown.title, *shown.text.splitlines()]
    number = 0
    for row in shown.buttons:
        labels = []
        for button in row:
            number += 1
            labels.append(f"#{number} [{button.label}]" if numbered else f"[{button.label}]")
        lines.append(" ".join(labels))
    return said("Bot", "\n".join(lines))


def pictured(words: str) -> str:
    """A picture, as transcripts have it: in words."""
    first, *rest = words.splitlines()
    return "\n".join([f"     · picture: {first}", *(f"{INDENT}{line}" for line in rest)])


def tapped(desk: UpdateHandler, person: str, text: str, *, veiled: bool = False) -> str | None:
    """What the button carries that a typed line names, by label or by number; None when it names none."""
    buttons = [button for row in desk.packed(person, veiled=veiled) for button in row]
    nth = whole(text[1:]) if text.startswith("#") else None
    if nth is not None and 1 <= nth <= len(buttons):
        return buttons[nth - 1][1]
    if text.startswith("[") and text.endswith("]"):
        wanted = text[1:-1].casefold()
        return next((packed for label, packed in buttons if label.casefold() == wanted), None)
    return None


def talk(
    desk: UpdateHandler,
    person: str,
    lines: Iterable[str],
    out: Callable[[str], object] = print,
    folder: Path = Path(),
    beside: Callable[[str], object] = print,
) -> None:
    """Hold a conversation as one person until the lines end. Documents are written into a folder.

    What is said ``beside`` it, of files that take long, is no part of the transcript.
    """
    out(HELP)
    out(written(desk.view(person), numbered=True))
    for line in lines:
        text = line.rstrip("\n").replace("\\n", "\n")
        if text.strip() == "/bye":
            return
        packed = tapped(desk, person, text.strip())
        if packed is None and text.strip().startswith(("[", "#")):
            out(f"There is no button {text.strip()} here.")
            continue
        ordered = _reply(desk, person, text, packed or "") if text.strip() else None
        _show(desk, person, ordered, out, folder, beside)


def _reply(desk: UpdateHandler, person: str, text: str, packed: str) -> Document | None:
    """Say what was typed; what it asked for."""
    command, _, arg = text.removeprefix("/").partition(" ")
    said = Command(command, arg.strip()) if text.startswith("/") else TextReply(text)
    turned = desk.reply(person, None if packed else said, packed)
    return desk.ordered(person, turned.paper) if isinstance(turned, TurnResult) else None


def _show(
    desk: UpdateHandler,
    person: str,
    ordered: Document | None,
    out: Callable[[str], object],
    folder: Path,
    beside: Callable[[str], object],
) -> None:
    out(written(desk.view(person), numbered=True))
    if ordered is not None and ordered.picture:
        out(pictured(ordered.says()))
    elif ordered is not None:
        path = folder / Path(ordered.name).name
        path.write_bytes(watched(ordered.makes, ordered.called, beside))
        out(f"{INDENT}({ordered.says()} Saved as {path})")
    desk.seen(person)


def watched(makes: Callable[[Progress], T], called: str, tell: Callable[[str], object]) -> T:
    """Make something in a thread; when it takes long, tell every second how far it is."""
    at = (0, 0)

    def note(step: int, of: int) -> None:
        nonlocal at
        at = step, of

    with ThreadPoolExecutor(1) as drawing:
        making, told = drawing.submit(makes, note), ""
        while not wait((making,), timeout=PATIENCE_SECONDS).done:
            if (words := progressed(called, *at)) != told:
                tell(words)
            told = words
        return making.result()


def prompt(name: str) -> Iterable[str]:
    """The lines a person types, a prompt before each on a terminal."""
    while True:
        try:
            yield input(f"{name + '>':<6} ") if sys.stdin.isatty() else _next_line()
        except EOFError:
            return


def _next_line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
