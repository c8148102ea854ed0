"""Chats as tests: a transcript is replayed against a desk, and what comes out is compared with it.

Lines before the first speaker are comments (#), the day (``@ 2027-01-15 10:00``) and who is there
(``! us-china-space: Maya lead, Omar member``, talks on 2027-03-15; with ``us-china-space settled`` everything
is answered well, as of 2027-02-15). ``! nobody`` begins with an empty database, whose one-time code is
``<invitation>``. ``@@ 2027-02-10 08:00`` in between lets time pass, and the bot writes to whom it has to
(``(to Omar)``); the buttons of that can be tapped. ``(edited csv: items rung answer = no)`` sends back the file last
given to a person, with something else typed into it. Hashes of states are written ``<state 1>``, ``<state 2>``, in
the order in which they appear. All state is read from storage anew before every reply: nothing may live in memory
alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from bot.runtime.terminal import INDENT, said
from tests.api import Delegation
from tests.edited import edited_csv, edited_excel

SPEAKER = re.compile(r"(?P<name>[A-Z]\w*)>\s?(?P<text>.*)\Z")
INVITATION = "<invitation>"
EDITED = re.compile(r"\(edited (?P<form>csv|excel): (?P<edits>.*)\)\Z")
EDIT = re.compile(r"(?P<sheet>\S+) (?P<key>\S+) (?P<column>\S+) = (?P<typed>.*)\Z")
STATE = re.compile(r"[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}\b")
FILE = re.compile(r"\(file (?P<name>\S+) (?P<size>\d+)\)\Z")


def says(delegation: Delegation, name: str, line: str) -> list[str]:
    """What comes back when a person says, taps or sends what a transcript's line says."""
    chat = delegation.chat(name)
    text = line.replace(INVITATION, delegation.invitation)
    if text.startswith(("[", "#")):
        label = text.removeprefix("[").removesuffix("]")
        if chat.offered(label) is None:
            return [said("Bot", f"(there is no button {text})")]
        return list(chat.taps(label).lines)
    if text.startswith("(edit) "):
        return list(chat.edits(text.removeprefix("(edit) ")).lines)
    if edit := EDITED.match(text):
        return list(chat.sends_back(_edited(delegation.brought[name], edit["form"], edit["edits"])).lines)
    if file := FILE.match(text):
        return list(chat.sends_file(file["name"], int(file["size"])).lines)
    if text.startswith("(") and text.endswith(")"):
        return list(chat.sends_what_no_bot_takes(text[1:-1]).lines)
    return list(chat.types(text).lines)


def told_unasked(delegation: Delegation, at: datetime) -> list[str]:
    """What the bot writes unasked by a moment, each message with whom it goes to."""
    lines: list[str] = []
    for name, one in delegation.passes(at):
        labels = [" ".join(f"[{label}]" for label, _ in row) for row in one.buttons]
        lines += ["", said("Bot", "\n".join([f"(to {name}) {one.title}", one.text, *labels]))]
    return lines


def _edited(body: bytes, form: str, edits: str) -> bytes:
    """The file that somebody was given, after they typed into it: ``items rung answer = Contacts; ...``."""
    matches = [EDIT.match(one.strip()) for one in edits.split(";")]
    typed = {(one["sheet"], one["key"], one["column"]): one["typed"] for one in matches if one}
    return edited_csv(body, typed) if form == "csv" else edited_excel(body, typed)


def replayed(transcript: str, folder: Path) -> str:
    """The transcript as it comes out when its people say their lines again."""
    out: list[str] = []
    states: dict[str, int] = {}

    def steady(line: str) -> str:
        """A line without what differs each time: secrets, and hashes, which change with each word of a checklist."""
        shown = line.replace(delegation.invitation, INVITATION) if delegation.invitation else line
        return STATE.sub(lambda found: f"<state {states.setdefault(found[0], len(states) + 1)}>", shown)

    with Delegation(folder) as delegation:
        for line in _turns(transcript):
            match = SPEAKER.match(line.split("\n")[0])
            if line == "! nobody":
                delegation.invitation = delegation.operator.first_code() or ""
                out.append(line)
            elif line.startswith("!"):
                checklist, _, people = line[1:].partition(":")
                name, _, settled = checklist.strip().partition(" ")
                delegation.opens(name, *map(str.strip, people.split(",")), settled=settled == "settled")
                out.append(line)
            elif line.startswith("@@"):
                at = datetime.fromisoformat(line[2:].strip()).replace(tzinfo=UTC)
                out += ["", line, *told_unasked(delegation, at)]
            elif line.startswith("@"):
                delegation.at = datetime.fromisoformat(line[1:].strip()).replace(tzinfo=UTC)
                out.append(line)
            elif match is None or match["name"] == "Bot":
                out += [line] if match is None else []
            else:
                text = "\n".join([match["text"].strip(), *(rest[len(INDENT) :] for rest in line.split("\n")[1:])])
                answer = says(delegation, match["name"], text)
                out += ["", said(match["name"], text), *map(steady, answer)]
    return "\n".join(out).strip() + "\n"


def _turns(transcript: str) -> list[str]:
    """The transcript cut into what one speaker says, comments and directives; replies of the bot left out."""
    turns: list[str] = []
    bot = False
    for line in transcript.splitlines():
        match = SPEAKER.match(line)
        if match:
            bot = match["name"] == "Bot"
        elif not line.startswith((" ", "#", "!", "@")) or line.startswith("     · "):
            continue
        if match or line.startswith(("#", "!", "@")):
            if not (match and bot):
                turns.append(line)
        elif not bot and turns:
            turns[-1] += f"\n{line}"
    return turns
