"""What an edited file proposes, worked out before the transaction in which it is heard, while nobody waits for it.

It is compared with whole tables of the talks, which takes its time where they are long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialog.contract import Context
from bot.dialog.parsing.values import reader_of_files
from bot.domain.negotiation import Happened
from bot.exports.reimport.proposals import ReimportResult, changes
from bot.exports.reimport.reader import Returned, Unreadable
from bot.exports.reimport.reading_process import Unpacked

Basis = tuple[str, int, date]  # of which talks, after which event, on whose day


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What the rows of a file propose, or why they cannot be read, and what that was made from."""

    rows: Returned
    basis: Basis
    found: ReimportResult | Unreadable


Brought = Unpacked | WorkedOut


def basis(context: Context) -> Basis:
    """All that proposals depend on beside their file: with another, they may be others."""
    return context.here.uid, context.here.seq, context.own_day


def worked_out(rows: Returned, context: Context, day: date, events: Sequence[Happened]) -> ReimportResult | Unreadable:
    """What the rows of a file propose in talks, their dates read on a day."""
    try:
        return changes(rows, context.here, events, reader_of_files(day, context.here.talks_on))
    except Unreadable as error:
        return error


def proposed(
    rows: Returned | WorkedOut, context: Context, events: Callable[[], Sequence[Happened]]
) -> ReimportResult | Unreadable:
    """What a file proposes in talks as they are now: what was worked out before, unless they moved on since."""
    if isinstance(rows, WorkedOut):
        if rows.basis == basis(context):
            return rows.found
        rows = rows.rows
    return worked_out(rows, context, context.own_day, events())
