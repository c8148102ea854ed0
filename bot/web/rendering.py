"""From what a chat says to what a page shows. Text stays text: templates escape it, and nothing here marks it up."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.dialog.contract import Command, FileReply, Reply, TextReply
from bot.web.texts import PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.application.messages import ChatView
    from bot.web.auth import Session
    from bot.web.transcript import Conversation, TranscriptLine

HERE = Path(__file__).parent
STATIC = HERE / "static"
COMMAND = re.compile(r"/([A-Za-z]\w{0,31})(?:\s+(.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pane:
    """One conversation on a page. ``mark`` is another whenever the message is; ``once`` is fresh each time.

    ``at`` names the place that what is typed here is for.
    """

    person: str
    name: str
    talks: str
    rev: int
    at: str
    mark: str
    once: str
    title: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    entries: tuple[TranscriptLine, ...] = ()


def pane(screen: ChatView, log: Conversation | None = None, after: int = 0) -> Pane:
    """What a page shows of a screen, below what was said above."""
    what = repr((screen.title, screen.text, screen.buttons, screen.talks))
    return Pane(
        screen.person,
        screen.name,
        screen.talks,
        screen.rev,
        screen.at,
        hashlib.sha256(what.encode()).hexdigest()[:16],
        secrets.token_urlsafe(12),
        screen.title,
        paragraphs(screen.text),
        screen.buttons,
        tuple(log.after(after)) if log else (),
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """A text at its blank lines."""
    return tuple(part for part in re.split(r"\n\s*\n", text.strip("\n")) if part.strip())


def typed(text: str) -> TextReply | Command:
    """What somebody wrote: a command when it looks like one."""
    text = text.replace("\r\n", "\n").replace("\0", "")
    command = COMMAND.fullmatch(text.strip())
    return Command(command[1].lower(), (command[2] or "").strip()) if command else TextReply(text)


def echoed(said: Reply | None, packed: str, before: ChatView | None, *, settled: bool) -> str:
    """How what a person did stands above, in their own words. A way that was only looked along leaves no trace."""
    match said:
        case TextReply(text=text):
            return text.strip()
        case FileReply(name=name, caption=caption):
            return f"{name}\n{caption}".strip()
        case None if settled and before is not None:
            return next((label for row in before.buttons for label, data in row if data == packed), "")
        case _:
            return ""


def pages() -> Environment:
    """The templates, every value escaped, every name known."""
    env = Environment(
        loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    env.globals["say"] = PAGE
    env.filters["paragraphs"] = paragraphs
    return env


def context(
    visiting: Session, panes: Sequence[Pane], commands: Sequence[tuple[str, str]], people: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """All that a page of conversations needs. ``people``: whom the visitor may be, id and name."""
    phrase = "/passphrase" if visiting.guarded else ""
    return {"csrf": visiting.csrf, "phrase": phrase, "panes": panes, "commands": commands, "people": people}
