"""The thirty questions that everybody is asked: as a checklist for our bot, and as plain texts for the bare ones."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = 30
CHECKLIST = "bench"
OPTIONS = {"contacts": "Contacts", "standards": "Standards", "exchanges": "Exchanges"}
STORED = "earlier"  # the item under which answers are put that were given before

_NUMBER = re.compile(rf"point (\d+) of {QUESTIONS}\b")


def is_tapped(number: int) -> bool:
    """Whether the question of this number is answered with a tap: seven of ten are."""
    return number % 10 not in {3, 6, 9}


def ask(number: int) -> str:
    """The words of a question."""
    if is_tapped(number):
        return f"How far does point {number} of {QUESTIONS} go?"
    return f"What do we say about point {number} of {QUESTIONS}?"


def number_in(text: str) -> int:
    """The number of the question that a message asks; 0 when it asks none."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else 0


def item_id(number: int) -> str:
    """The question's item in the checklist."""
    return f"q{number}"


def option_for(number: int, chat_id: int) -> str:
    """The option that a person taps."""
    return list(OPTIONS)[(number + chat_id) % len(OPTIONS)]


def words_for(number: int, chat_id: int) -> str:
    """The words that a person types."""
    return f"Sample words of {chat_id} on the matter numbered {number}, as long as a short sentence."


def _item(number: int) -> dict[str, object]:
    item: dict[str, object] = {
        "id": item_id(number),
        "label": f"Matter {number}",
        "ask": ask(number),
        "why": "It has to be known.",
        "from": ["P1"],
    }
    if not is_tapped(number):
        return item | {"kind": "text"}
    gap = {
        "id": "far",
        "severity": "major",
        "when": {"the": item_id(number), "is": "exchanges"},
        "says": "This goes too far.",
        "mend": "Go less far.",
    }
    options = [{"id": option, "label": label} for option, label in OPTIONS.items()]
    return item | {"kind": "choice", "options": options, "gaps": [gap]}


def _others() -> list[dict[str, object]]:
    """A text and a table, which nobody is asked for in turn."""
    common = {"why": "It is kept beside.", "from": ["P1"]}
    note = {"id": "note", "label": "Note", "ask": "What is noted?", "kind": "text", "required": True}
    return [
        {"id": STORED, "label": "Earlier words", "ask": "What was said earlier?", "kind": "text", **common},
        {"id": "notes", "label": "Notebook", "ask": "Which notes?", "kind": "table", "fields": [note], **common},
    ]


def write_checklist(folder: Path) -> None:
    """Put the checklist into a folder."""
    folder.mkdir()
    checklist = {
        "id": CHECKLIST,
        "version": 1,
        "title": "Thirty questions",
        "about": "Questions about {counterpart}.",
        "source": "Written for the bench.",
        "counterpart": "China",
        "subject": "orbits",
        "gates": [{"days": 30, "label": "Substance complete"}],
        "points": {"P1": "One step at a time."},
        "sections": [
            {"id": "asked", "title": "Asked", "about": "Thirty questions.", "items": list(map(_item, _numbers()))},
            {"id": "beside", "title": "Beside", "about": "What is kept beside.", "items": _others()},
        ],
    }
    (folder / f"{CHECKLIST}.yaml").write_text(json.dumps(checklist, indent=1), encoding="utf-8")


def _numbers() -> range:
    return range(1, QUESTIONS + 1)
