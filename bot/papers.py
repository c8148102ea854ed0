"""Documents and pictures on request: what a `Paper` asks for, made from the negotiation as it stands."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from threading import Lock

from bot.core.card import card
from bot.core.checklist import SectionId
from bot.core.events import EvidenceAdded
from bot.core.negotiation import Happened, Negotiation
from bot.core.report import report
from bot.core.trend import Known, trend
from bot.dialog.place import Paper, Room
from bot.export.card import card_png, card_words
from bot.export.drawing import Undrawable
from bot.export.markdown import markdown
from bot.export.portable import PortableFile, dump
from bot.export.trend import trend_png, trend_words
from bot.store import FileRow
from bot.traffic import Brought

log = logging.getLogger(__name__)
PICTURES = 64  # kept; at about 150 kB each
DAYS = 1000  # of trends, kept for each negotiation


@dataclass(frozen=True, slots=True)
class Ordered:
    """Something asked for. All it needs has been read: it is made after the transaction, which it would hold up."""

    name: str
    says: Callable[[], str]
    makes: Callable[[], bytes]
    picture: bool = False


def made(ordered: Ordered | None, below: str) -> tuple[Brought | None, str]:
    """What was asked for, and the text below it, which says so when a picture cannot be drawn."""
    if ordered is None:
        return None, below
    says = ordered.says()
    try:
        return Brought(ordered.name, says, ordered.makes(), ordered.picture), below
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
    stem = re.sub(r"[^\w-]+", "-", n.counterpart).strip("-").lower() or "negotiation"
    name = f"readiness-{stem[:40]}-{room.now:%Y-%m-%d}"
    match paper.form:
        case "card":
            return _card(name, n, room.today, number, pictures)
        case "trend":
            return _trend(name, n, events(), room.today, number, pictures)
        case "markdown":
            line = events()
            makes = lambda: markdown(report(n, room.now, room.name, line)).encode()  # noqa: E731
            return Ordered(f"{name}.md", lambda: f"{n.counterpart}: every answer and gap, to read.", makes)
        case "json" if n.hidden:
            return None
        case "json":
            body = portable(n, events(), file).encode()
            return Ordered(f"{name}.json", lambda: f"{n.counterpart}: complete, for “readiness import”.", lambda: body)
        case _:
            row = file(paper.arg)
            shown = any(one.id == paper.arg for record in n.records.values() for one in record.evidence)
            if row is None or row.negotiation != number or not shown:
                return None
            return Ordered(row.name, lambda: f"Evidence: {row.name}"[:200], lambda: row.body)


def _card(name: str, n: Negotiation, on: date, number: int, pictures: Pictures) -> Ordered:
    there = cache(lambda: card(n, on))
    key = ("card", number, n.seq, on, n.hidden)
    return Ordered(
        f"{name}.png",
        lambda: card_words(there()),
        lambda: pictures.drawn(key, lambda: card_png(there())),
        picture=True,
    )


def _trend(name: str, n: Negotiation, line: Sequence[Happened], on: date, number: int, pictures: Pictures) -> Ordered:
    known = pictures.days(number, n.hidden)
    there = cache(lambda: trend(line, n.judged.checklist, on, known=known, hidden=n.hidden))
    key = ("trend", number, n.seq, on, n.hidden)
    return Ordered(
        f"{name}-trend.png",
        lambda: trend_words(there()),
        lambda: pictures.drawn(key, lambda: trend_png(there())),
        picture=True,
    )


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
