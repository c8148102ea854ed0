"""Long messages that clients cut in parts: which message is the part of which, as far as its times can tell.

Nothing is held back to wait for a rest: each part is recorded as it comes. What is remembered of the last message is
in the chat's own row: numbers, times and lengths, and none of its words.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

LONG_UNITS = 2000  # UTF-16 code units from which a message may have been cut: Telegram Desktop cuts past 2,048
TOGETHER_SECONDS = 5  # between two parts, by Telegram's own time
ASKED_SECONDS = 60  # after a long message in which it is asked whether a message is its rest: a network may be slow


def utf16_units(text: str) -> int:
    """How long a text is as Telegram and its clients count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One message; ``length`` is that of what was recorded of it, in characters."""

    message_id: int
    update_id: int
    sent: float
    units: int
    length: int

    @property
    def is_long(self) -> bool:
        """Whether it may have been cut."""
        return self.units >= LONG_UNITS


@dataclass(frozen=True, slots=True)
class LastMessage:
    """What a person wrote last: one message, or the parts of one, by their numbers.

    ``place`` is the stored question of talks ``number`` that it answers, or the draft that it waits in; empty where it
    came to nothing.
    ``seq`` is the number of the answer, ``before`` that of the talks' last event before it. ``stood``: where the
    person then stood; ``reply_to``: the message it replied to.
    """

    parts: tuple[MessagePart, ...]
    number: int | None = None
    place: str = ""
    seq: int = 0
    before: int = 0
    stood: str = ""
    reply_to: int | None = None

    @classmethod
    def read(cls, text: str | None) -> LastMessage | None:
        """What `written` gave; None for nothing."""
        if not text:
            return None
        held = json.loads(text)
        return cls(**{**held, "parts": tuple(MessagePart(**part) for part in held["parts"])})

    def written(self) -> str:
        """The same for the chat's row."""
        return json.dumps(asdict(self))

    def number_of(self, part: MessagePart) -> int | None:
        """Which part of the whole a message is, from 0; None where it is none of it.

        Every part but the last is long, and they come one soon after the other, in whatever order they arrive.
        """
        number = sum(held.message_id < part.message_id for held in self.parts)
        near = (*self.parts[number - 1 : number], part, *self.parts[number : number + 1])
        fits = all(
            earlier.is_long and 0 <= other.sent - earlier.sent <= TOGETHER_SECONDS for earlier, other in pairwise(near)
        )
        return number if fits and len(near) > 1 else None

    def may_go_on(self, part: MessagePart) -> bool:
        """Whether a message may be the rest of this one, though nothing says so for sure."""
        last = self.parts[-1]
        return self.number_of(part) is not None or (last.is_long and 0 <= part.sent - last.sent <= ASKED_SECONDS)

    def with_part(self, number: int, part: MessagePart, seq: int, stood: str) -> LastMessage:
        """The same with one more part."""
        return replace(self, parts=(*self.parts[:number], part, *self.parts[number:]), seq=seq, stood=stood)
