"""Draws docs/conversation.svg from docs/conversation.chat, a chat that a test replays.

A phone for each person, as Telegram shows the conversation: one live message that taps
change, sent anew below when a person typed; the answered one keeps what was recorded.
Run it from the repository's root: ``python -m docs.picture``.
"""  # noqa: INP001 (a script beside the documents it draws)

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
CHAT, PICTURE = HERE / "conversation.chat", HERE / "conversation.svg"

SIZE, LINE = 15, 20  # pixels
PHONE, MARGIN, PAD = 410, 14, 11
BUBBLE = 352  # the widest a message gets
BUTTON = 34
HEAD = 52
FONTS = "-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
SPEAKER = re.compile(r"(?P<name>[A-Z]\w*)>\s?(?P<text>.*)\Z")
# Widths in thousandths of the size, about those of common sans-serif fonts; the drawing holds lines to them.
WIDTHS = {
    **dict.fromkeys("ijl.,:;'|!’", 250),
    **dict.fromkeys(" ftrI()[]/-·", 320),
    **dict.fromkeys("mwMW%@—…", 860),
    **dict.fromkeys("⛔▲△✓○◐🔒?", 900),
}
CAPITAL, SMALL = 690, 545

COLOURS = {
    "page": ("#d9e2ea", "#0e1621"),
    "head": ("#ffffff", "#17212b"),
    "bot": ("#ffffff", "#182533"),
    "me": ("#e3f6d2", "#2b5278"),
    "button": ("#557189", "#24394d"),
    "text": ("#111820", "#f2f5f8"),
    "faint": ("#5a6b7b", "#93a5b5"),
    "label": ("#ffffff", "#ffffff"),
    "frame": ("#b9c6d2", "#2c3d4d"),
}


@dataclass
class Message:
    """One bubble: the bot's has a title and may have buttons, a person's has neither."""

    mine: bool
    title: str
    text: str
    buttons: list[list[str]] = field(default_factory=list)


def phones(chat: str) -> dict[str, list[Message]]:
    """What each person's phone shows at the end of a transcript."""
    shown: dict[str, list[Message]] = {}
    name, lines, recorded = "", [], False
    for block in re.split(r"\n(?=\S|     · )", chat):
        match = SPEAKER.match(block.split("\n")[0])
        if block.startswith("     · "):
            recorded = True
        elif match and match["name"] != "Bot":
            name, lines, recorded = match["name"], _lines(block), False
        elif match:
            _bring(shown.setdefault(name, []), lines, _lines(block), recorded=recorded)
    return shown


def _lines(block: str) -> list[str]:
    return [line[7:] for line in block.rstrip().split("\n")]


def _bring(phone: list[Message], said: list[str], answer: list[str], *, recorded: bool) -> None:
    """Add what a person said, and the bot's message."""
    tapped = said[0].startswith("[")
    live = phone.pop() if phone else None
    if live is not None and not tapped:
        phone.append(Message(mine=False, title=live.title, text=answer[1] if recorded else live.text))
    if not tapped:
        phone.append(Message(mine=True, title="", text="\n".join(said)))
    buttons = [re.findall(r"\[(.+?)\]", line) for line in answer if line.startswith("[")]
    text = "\n".join(line for line in answer[1:] if not line.startswith("["))
    phone.append(Message(mine=False, title=answer[0], text=text.strip(), buttons=buttons))


def width(text: str, *, bold: bool = False) -> float:
    """How wide a line is, in pixels."""
    units = sum(WIDTHS.get(one, CAPITAL if one.isupper() else SMALL) for one in text)
    return units * SIZE / 1000 * (1.07 if bold else 1)


def wrapped(text: str, context: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer, bold=bold) > context:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def drawn(chat: str) -> str:
    """The picture of a chat, as SVG in light and dark."""
    columns = [_phone(name, shown) for name, shown in phones(chat).items()]
    height = max(tall for _, tall in columns) + MARGIN
    whole = len(columns) * PHONE + (len(columns) + 1) * MARGIN
    size = f'width="{whole}" height="{height + 2 * MARGIN}" viewBox="0 0 {whole} {height + 2 * MARGIN}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-size="{SIZE}" font-family="{FONTS}">',
        f"<title>{escape(' and '.join(phones(chat)))} prepare for talks</title>",
        _style(),
    ]
    for number, (body, _) in enumerate(columns):
        left = MARGIN + number * (PHONE + MARGIN)
        frame = f'<rect class="page frame" width="{PHONE}" height="{height}" rx="26" stroke-width="2"/>'
        parts.append(f'<g transform="translate({left} {MARGIN})">{frame}{body}</g>')
    return "\n".join([*parts, "</svg>", ""])


def _style() -> str:
    light = " ".join(f".{name} {{fill: {pair[0]}}}" for name, pair in COLOURS.items() if name != "frame")
    dark = " ".join(f".{name} {{fill: {pair[1]}}}" for name, pair in COLOURS.items() if name != "frame")
    edge = f".frame {{stroke: {COLOURS['frame'][0]}}}", f".frame {{stroke: {COLOURS['frame'][1]}}}"
    return f"<style>{light} {edge[0]}\n@media (prefers-color-scheme: dark) {{{dark} {edge[1]}}}</style>"


def _phone(name: str, messages: list[Message]) -> tuple[str, int]:
    parts = [
        f'<path class="head" d="M1 {HEAD}V26A25 25 0 0 1 26 1H{PHONE - 26}A25 25 0 0 1 {PHONE - 1} 26V{HEAD}Z"/>',
        _line("Readiness", PHONE / 2, 24, "text", bold=True, middle=True),
        _line(f"bot · {name}’s phone", PHONE / 2, 43, "faint", middle=True),
    ]
    top = HEAD + MARGIN
    for message in messages:
        body, tall = _bubble(message, top)
        parts.append(body)
        top += tall + 10
    return "\n".join(parts), top


def _bubble(message: Message, top: int) -> tuple[str, int]:
    title = wrapped(message.title, BUBBLE - 2 * PAD, bold=True) if message.title else []
    text = wrapped(message.text, BUBBLE - 2 * PAD) if message.text else []
    gap = LINE // 2 if title and text else 0
    tall = (len(title) + len(text)) * LINE + gap + 2 * PAD
    widest = max([width(one, bold=True) for one in title] + [width(one) for one in text])
    wide = BUBBLE if message.buttons else int(widest) + 2 * PAD + 2
    left = PHONE - MARGIN - wide if message.mine else MARGIN
    parts = [
        f'<rect class="{"me" if message.mine else "bot"}" x="{left}" y="{top}" width="{wide}" height="{tall}" rx="14"/>'
    ]
    at = top + PAD + SIZE
    for number, one in enumerate([*title, *text]):
        bold = number < len(title)
        at += gap if number == len(title) else 0
        parts.append(_line(one, left + PAD, at, "text", bold=bold))
        at += LINE
    for row in message.buttons:
        each = (BUBBLE - 4 * (len(row) - 1)) / len(row)
        for number, label in enumerate(row):
            x = left + number * (each + 4)
            parts.append(
                f'<rect class="button" x="{x:g}" y="{top + tall + 4}" width="{each:g}" height="{BUTTON}" rx="9"/>'
            )
            parts.append(_line(label, x + each / 2, top + tall + 26, "label", middle=True))
        tall += BUTTON + 4
    return "\n".join(parts), tall


def _line(text: str, x: float, y: float, kind: str, *, bold: bool = False, middle: bool = False) -> str:
    if not text:
        return ""
    weight = ' font-weight="700"' if bold else ""
    anchor = ' text-anchor="middle"' if middle else ""
    held = f' textLength="{width(text, bold=bold):.0f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text class="{kind}" x="{x:g}" y="{y:g}"{weight}{anchor}{held}>{escape(text, quote=False)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(drawn(CHAT.read_text(encoding="utf-8")), encoding="utf-8")
