"""Documents on request: what a `Paper` asks for, made from the negotiation as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.changes import CHANGES
from bot.core.events import EvidenceAdded
from bot.core.forms import FORMS
from bot.core.negotiation import Happened, Negotiation
from bot.core.releasing import partner_report
from bot.core.report import report
from bot.dialog.place import Paper, Room, Sent
from bot.dialog.takeaway import holding
from bot.export.coming_back import Found, changes
from bot.export.forms import written
from bot.export.portable import PortableFile, dump
from bot.export.returned import Sent as SentRow
from bot.export.returned import Unreadable, returned
from bot.store import FileRow

CAPTION = 900  # characters; Telegram takes 1,024


@dataclass(frozen=True, slots=True)
class Brought:
    """A file on its way into a chat."""

    name: str
    caption: str
    body: bytes


def bring(
    paper: Paper,
    room: Room,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    number: int,
) -> Brought | None:
    """The document a person asked for; None when it is not there (any more)."""
    if paper.form in FORMS:
        return made(paper, room.here, events, file, room.now, room.name)
    row = file(paper.arg)
    if row is None or row.negotiation != number:
        return None
    return Brought(row.name, f"Evidence: {row.name}"[:200], row.body)


def made(
    paper: Paper,
    n: Negotiation,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    now: datetime,
    by: str,
) -> Brought:
    """The checklist in one of its forms, for whom and when: the same for every face.

    ``paper.arg`` is ``partner`` for the partner version, which the complete form does not have.
    """
    form, partner = FORMS[paper.form], paper.arg == "partner"
    if form.name == "json":
        body = portable(n, events, file).encode()
    elif partner:
        body = written(form.name, partner_report(n, events, now, by))
    else:
        body = written(form.name, report(n, now, by, events))
    stem = re.sub(r"[^\w-]+", "-", n.counterpart).strip("-").lower() or "negotiation"
    name = f"readiness-{stem[:40]}-{now:%Y-%m-%d}{'-partner' if partner else ''}.{form.extension}"
    face = [line for line in (n.handling, "Partner version" if partner else "") if line]
    holds = f"{n.counterpart}: {holding(form, paper.arg)}."
    return Brought(name, " · ".join([*face, holds])[:CAPTION], body)


def portable(n: Negotiation, events: Sequence[Happened], file: Callable[[str], FileRow | None]) -> str:
    """The negotiation as lossless JSON, its files included."""
    kept = [
        PortableFile(id=row.id, name=row.name, mime=row.mime, body=row.body)
        for happened in events
        if isinstance(happened.event, EvidenceAdded)
        and happened.event.evidence.form == "file"
        and (row := file(happened.event.evidence.id)) is not None
    ]
    return dump(events, n.checklist, kept)


Unpacked = tuple[SentRow, ...] | Unreadable


def unpacked(body: bytes) -> Unpacked:
    """The cells of a file that somebody sent back, or why there are none to be read."""
    try:
        return returned(body)
    except Unreadable as error:
        return error


def proposed(said: Sent, rows: Unpacked, n: Negotiation, events: Sequence[Happened]) -> Sent:
    """What a person sent, with the changes that are in it."""
    if isinstance(rows, Unreadable):
        return replace(said, trouble=str(rows))
    try:
        found: Found = changes(rows, n, events)
    except Unreadable as error:
        return replace(said, trouble=str(error))
    return replace(said, changes=CHANGES.dump_json(found.changes).decode() if found.changes else "", note=found.note)
