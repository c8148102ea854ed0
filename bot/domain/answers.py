"""What can be said in answer to an item or a field.

Answers are tagged values, so that a text that looks like a date stays a text through
any number of round trips. A blank is the absence of an answer: never an `Unknown`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Saying(BaseModel):
    """A frozen value with no keys but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class Text(Saying):
    """Words, as they were typed."""

    kind: Literal["text"] = "text"
    text: str


class Number(Saying):
    """A number, exact."""

    kind: Literal["number"] = "number"
    number: Decimal


class Day(Saying):
    """A date. ``words`` are those typed that say more than it: "Q2 2027", "3 Feb in Paris"."""

    kind: Literal["day"] = "day"
    day: date
    words: str = Field(default="", exclude_if=lambda words: not words)  # without them, as it always was


class Picked(Saying):
    """One option, or several for an item that takes several."""

    kind: Literal["picked"] = "picked"
    options: tuple[str, ...]


class Pointer(Saying):
    """A row of another table."""

    kind: Literal["pointer"] = "pointer"
    row: str


class Unknown(Saying):
    """Asked, and not known: recorded work, not a blank."""

    kind: Literal["unknown"] = "unknown"


class NotApplicable(Saying):
    """Said not to apply to these talks, and why."""

    kind: Literal["not_applicable"] = "not_applicable"
    reason: str


Value = Text | Number | Day | Picked | Pointer
Answer = Annotated[Value | Unknown | NotApplicable, Field(discriminator="kind")]
Cell = Annotated[Value | Unknown, Field(discriminator="kind")]
UNKNOWN = Unknown()


class Claim(StrEnum):
    """What a first pass says of an item before anything is written."""

    IN_HAND = "in_hand"
    PARTLY = "partly"
    NOT_YET = "not_yet"
