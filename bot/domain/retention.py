"""For how long talks are kept: the day from which they are destroyed, and what must agree before they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.domain.negotiation import Negotiation

WARNED = (14, 2)  # days before talks are destroyed on which their leads are told
LEAST = timedelta(days=2)  # between the first warning and the end, however late it came
FEWEST, MOST = 30, 3650  # days for which talks can be kept


@dataclass(frozen=True, slots=True)
class RetentionNote:
    """What an earlier look wrote down: that talks are past their last day (``ends``), seen so on ``day``."""

    ends: date
    day: date


def ends(n: Negotiation) -> date | None:
    """The last day on which talks are kept; None for no last day, or none yet."""
    if n.keeping is None:
        return None
    since = n.talks_on if n.keeping.after == "talks" else n.away_since if n.archived else None
    return min(since, date.max - timedelta(days=MOST)) + timedelta(days=n.keeping.days) if since else None


def judged(
    n: Negotiation, on: date, told: date | None, noted: RetentionNote | None
) -> Literal["keep", "note", "destroy"]:
    """What a day's look comes to. ``told``: when the leads were first warned of this very end.

    Talks are destroyed only when a lead was told at least two days ago, and a look on an earlier day
    came to the same: a clock that jumps ahead for an hour destroys nothing.
    """
    last = ends(n)
    if last is None or on <= last or told is None or on < told + LEAST:
        return "keep"
    if noted is None or noted.ends != last or noted.day > on:
        return "note"
    return "destroy" if noted.day < on else "keep"
