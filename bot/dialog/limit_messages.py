"""What is too much, said in words: the limit, what was kept, what to do."""

from __future__ import annotations

from bot.dialog.contract import Context
from bot.domain.events import (
    AnyEvent,
    Archived,
    EvidenceAdded,
    Exported,
    Invited,
    Keep,
    Left,
    Opened,
    Renamed,
    Restricted,
    Role,
    RoleGiven,
    RowPut,
    RowRemoved,
)
from bot.domain.limits import EVENTS, EVIDENCE, FILE, FILES, INVITES, LED, MIB, ROWS
from bot.domain.negotiation import Negotiation

LARGEST = FILE  # faces refuse a larger one before they fetch it
ALWAYS = (
    Archived,
    Exported,
    Keep,
    Left,
    Renamed,
    RoleGiven,
    Restricted,
)  # never too much


def over(context: Context, events: tuple[AnyEvent, ...]) -> str | None:
    """Why these events would be too much, None while they are not."""
    if any(isinstance(event, Opened) for event in events):
        led = sum(negotiation.role == Role.LEAD for negotiation in context.talks)
        return _led() if led >= LED else None
    if context.n is None or not events or all(isinstance(event, ALWAYS) for event in events):
        return None
    if context.n.seq + len(events) > EVENTS:
        return (
            f"These talks hold {EVENTS:,} changes, and no more are taken. All of them are kept: take the talks away "
            "as a file, put them away, and go on in new ones."
        )
    return _rows(context, context.n, events) or _evidence(context, context.n, events) or _invites(context, events)


def _led() -> str:
    return (
        f"You lead {LED} sets of talks, and nobody can lead more. They are all kept: leave some, or have them "
        "destroyed by the operator, before you open another."
    )


def _rows(context: Context, n: Negotiation, events: tuple[AnyEvent, ...]) -> str | None:
    made: dict[str, set[str]] = {}
    gone: dict[str, set[str]] = {}
    for event in events:
        match event:
            case RowPut(item=item, row=row) if row not in n.record(item).rows:
                made.setdefault(item, set()).add(row)
            case RowRemoved(item=item, row=row):
                gone.setdefault(item, set()).add(row)
    for item, rows in made.items():
        there = len(n.record(item).rows) - len(gone.get(item, ()))
        if there + len(rows) > ROWS:
            return (
                f"A table takes {ROWS:,} rows, and “{context.item(item).label}” has {there:,}. Those are kept. "
                "Remove rows that no longer matter, or put a longer list behind the item as a file."
            )
    return None


def _evidence(context: Context, n: Negotiation, events: tuple[AnyEvent, ...]) -> str | None:
    added = [event for event in events if isinstance(event, EvidenceAdded)]
    for event in added:
        if len(n.record(event.item).evidence) + 1 > EVIDENCE:
            return (
                f"An item takes {EVIDENCE} pieces of evidence, and “{context.item(event.item).label}” has them all. "
                "They are kept. Remove one that no longer counts, or put several documents into one."
            )
    size = sum(event.evidence.size for event in added if event.evidence.form == "file")
    if size and (there := stored_bytes(n)) + size > FILES:
        return (
            f"The files of one set of talks take {FILES // MIB:,} MB, and these have {there // MIB:,} MB, with what "
            "was removed since, which history keeps. All of it is kept. Send a smaller file, or a document’s reference."
        )
    return None


def stored_bytes(n: Negotiation) -> int:
    """How much is stored in files for these talks. A file whose evidence was taken away is still stored."""
    line = (happened.event for record in n.records.values() for happened in record.past or ())
    return sum(
        event.evidence.size for event in line if isinstance(event, EvidenceAdded) and event.evidence.form == "file"
    )


def _invites(context: Context, events: tuple[AnyEvent, ...]) -> str | None:
    if any(isinstance(event, Invited) for event in events) and context.invited() >= INVITES:
        return (
            f"{INVITES} invitations to these talks are open, and there can be no more at a time. They stay good: "
            "wait until some are used or have run out."
        )
    return None
