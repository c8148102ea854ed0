"""Documents and pictures on request: what a `Paper` asks for, made from the negotiation as it stands."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from threading import Lock

from bot.core.card import card
from bot.core.changes import CHANGES
from bot.core.checklist import SectionId
from bot.core.events import EvidenceAdded
from bot.core.forms import FORMS
from bot.core.negotiation import Happened, Negotiation
from bot.core.releasing import partner_report
from bot.core.report import report
from bot.core.trend import Known, marks, trend
from bot.dialog.place import Paper, Room, Sent
from bot.dialog.takeaway import holding
from bot.export.card import card_png, card_words
from bot.export.coming_back import Found, changes
from bot.export.drawing import Undrawable
from bot.export.forms import written
from bot.export.portable import PortableFile, dump
from bot.export.returned import Sent as SentRow
from bot.export.returned import Unreadable, returned
from bot.export.trend import trend_png, trend_words
from bot.store import FileRow
from bot.traffic import Brought

log = logging.getLogger(__name__)
PICTURES = 64  # kept; at about 150 kB each
DAYS = 1000  # of trends, kept for each negotiation

CAPTION = 900  # characters; Telegram takes 1,024
PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Ordered:
    """Something asked for. All it needs has been read: it is made after the transaction, which it would hold up."""

    name: str
    says: Callable[[], str]
    makes: Callable[[], bytes]
    picture: bool = False
    kept: bool = False  # asked for to be taken away


def made(ordered: Ordered | None, below: str) -> tuple[Brought | None, str]:
    """What was asked for, and the text below it, which says so when a picture cannot be drawn."""
    if ordered is None:
        return None, below
    says = ordered.says()
    try:
        return Brought(ordered.name, says, ordered.makes(), ordered.picture, ordered.kept), below
    except Exception as fault:
        if not ordered.picture:
            raise
        # No trace, which could quote what people wrote.
        why = fault if isinstance(fault, Undrawable) else type(fault).__name__
        log.error("A picture cannot be drawn: %s", why)  # noqa: TRY400
        return None, f"The picture could not be drawn. In words:\n{says}\n\n{below}"


class Pictures:
    """Pictures drawn before: the same state on the same day, seen alike, is drawn once. Threads may share it."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._days: dict[tuple[int, frozenset[SectionId]], Known] = {}
        self._lock = Lock()

    def drawn(self, key: tuple[object, ...], draw: Callable[[], bytes]) -> bytes:
        """The picture of this key, drawn now if it is not there. Two threads may both draw it."""
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        body = draw()
        with self._lock:
            self._drawn[key] = body
            if len(self._drawn) > PICTURES:
                self._drawn.popitem(last=False)
        return body

    def days(self, number: int, hidden: frozenset[SectionId]) -> Known:
        """What is known of a negotiation's past days, with some sections left out."""
        with self._lock:
            known = self._days.setdefault((number, hidden), {})
            if len(known) > DAYS:
                known = self._days[number, hidden] = {}
            return known


def order(
    paper: Paper,
    room: Room,
    events: Callable[[], Sequence[Happened]],
    file: Callable[[str], FileRow | None],
    number: int,
    pictures: Pictures,
) -> Ordered | None:
    """What a person asked for, as far as they may see; None when it is not there (any more)."""
    n = room.here
    name = _name(n, room.now)
    match paper.form:
        case "card":
            return _card(name, n, room.today, number, pictures)
        case "trend":
            return _trend(name, n, events(), room.today, number, pictures)
        case "json" if n.hidden or n.veiled:
            return None
        case _ if n.hidden and paper.arg == PARTNER:
            return None
        case form if form in FORMS:
            line = events()
            if form == "json":
                brought = document(paper, n, line, file, room.now, room.name)
                return Ordered(brought.name, lambda: brought.caption, lambda: brought.body, kept=True)
            makes = cache(lambda: document(paper, n, line, file, room.now, room.name))
            called = _file_name(paper, n, room.now)
            return Ordered(called, lambda: _holds(paper, n), lambda: makes().body, kept=True)
        case _:
            row = file(paper.arg)
            shown = any(
                one.id == paper.arg
                for item, record in n.records.items()
                if item not in n.veiled
                for one in record.evidence
            )
            if row is None or row.negotiation != number or not shown:
                return None
            return Ordered(row.name, lambda: f"Evidence: {row.name}"[:200], lambda: row.body)


def _card(name: str, n: Negotiation, on: date, number: int, pictures: Pictures) -> Ordered:
    there = cache(lambda: card(n, on))
    key = ("card", number, n.seq, on, n.hidden, n.veiled)
    return Ordered(
        f"{name}.png",
        lambda: card_words(there()),
        lambda: pictures.drawn(key, lambda: card_png(there())),
        picture=True,
    )


def _trend(name: str, n: Negotiation, line: Sequence[Happened], on: date, number: int, pictures: Pictures) -> Ordered:
    known = pictures.days(number, n.hidden)
    there = cache(lambda: trend(line, n.judged.checklist, on, marks=marks(n), known=known, hidden=n.hidden))
    key = ("trend", number, n.seq, on, n.hidden, n.veiled)
    return Ordered(
        f"{name}-trend.png",
        lambda: trend_words(there()),
        lambda: pictures.drawn(key, lambda: trend_png(there())),
        picture=True,
    )


def document(
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
    form = FORMS[paper.form]
    if form.name == "json":
        body = portable(n, events, file).encode()
    elif paper.arg == PARTNER:
        body = written(form.name, partner_report(n, events, now, by))
    else:
        body = written(form.name, report(n, now, by, events))
    return Brought(_file_name(paper, n, now), _holds(paper, n), body, kept=True)


def _name(n: Negotiation, now: datetime) -> str:
    stem = re.sub(r"[^\w-]+", "-", n.counterpart).strip("-").lower() or "negotiation"
    return f"readiness-{stem[:40]}-{now:%Y-%m-%d}"


def _file_name(paper: Paper, n: Negotiation, now: datetime) -> str:
    partner = "-partner" if paper.arg == PARTNER else ""
    return f"{_name(n, now)}{partner}.{FORMS[paper.form].extension}"


def _holds(paper: Paper, n: Negotiation) -> str:
    """What a file says of itself: its handling line, whether it is for partners, what is in it."""
    veil = "Without what this chat may not carry" if n.veiled else ""
    face = [line for line in (n.handling, "Partner version" if paper.arg == PARTNER else "", veil) if line]
    holds = f"{n.counterpart}: {holding(FORMS[paper.form], paper.arg)}."
    return " · ".join([*face, holds])[:CAPTION]


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
