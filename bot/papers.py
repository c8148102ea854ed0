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
from bot.core.forms import FORMS, Progress, unheeded
from bot.core.negotiation import Happened, Negotiation
from bot.core.permission import Verb
from bot.core.releasing import partner_report
from bot.core.report import report
from bot.core.trend import Known, marks, trend
from bot.dialog.place import Paper, Room, Sent
from bot.dialog.reading import reader_of_files
from bot.dialog.takeaway import BLANKS, holding, unmade
from bot.export.card import card_png, card_words
from bot.export.coming_back import Found, changes
from bot.export.drawing import Undrawable, forget_drawn
from bot.export.forms import blank, written
from bot.export.portable import PortableFile, dump
from bot.export.returned import Returned, Unreadable, returned
from bot.export.trend import trend_png, trend_words
from bot.kinds import outgoing
from bot.store import FileRow
from bot.traffic import Brought

log = logging.getLogger(__name__)
PICTURES = 64  # kept; at about 150 kB each
DAYS = 1000  # of trends, kept for each negotiation

CAPTION = 900  # characters; Telegram takes 1,024
PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Ordered:
    """Something asked for. All it needs has been read: it is made after the transaction, which it would hold up.

    ``talks`` is the number of those it tells of; None for a form of the library, which tells of none.
    """

    name: str
    says: Callable[[], str]
    draws: Callable[[Progress], bytes]
    picture: bool = False
    called: str = "a picture"  # inside a sentence
    kept: bool = False  # asked for to be taken away
    talks: int | None = None

    def makes(self, progress: Progress = unheeded) -> bytes:
        """The file, told step by step where its form has any."""
        return self.draws(progress)


def made(ordered: Ordered | None, below: str, progress: Progress = unheeded) -> tuple[Brought | None, str]:
    """What was asked for, and the text below it, which says so when it cannot be made."""
    if ordered is None:
        return None, below
    try:
        brought = Brought(ordered.name, ordered.says(), ordered.makes(progress), ordered.picture, ordered.kept)
    except Exception as fault:  # noqa: BLE001 (a chat must not end at a file that nothing can make)
        # No trace, which could quote what people wrote.
        why = fault if isinstance(fault, Undrawable) else type(fault).__name__
        what = "A picture cannot be drawn" if ordered.picture else f"{ordered.called} cannot be made"
        log.error("%s: %s", what, why)  # noqa: TRY400
        return None, f"{unmade(ordered.called, ordered.says() if ordered.picture else '')}\n\n{below}"
    else:
        return brought, below


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

    def forget(self) -> None:
        """Forget every picture, and every past day."""
        with self._lock:
            self._drawn.clear()
            self._days.clear()
        forget_drawn()

    def days(self, number: int, hidden: frozenset[SectionId]) -> Known:
        """What is known of a negotiation's past days, with some sections left out."""
        with self._lock:
            known = self._days.setdefault((number, hidden), {})
            if len(known) > DAYS:
                known = self._days[number, hidden] = {}
            return known


def needs(paper: Paper) -> Verb:
    """What somebody must be allowed to be brought this."""
    if paper.form == "json" or paper.arg == PARTNER:
        return Verb.TAKE_WHOLE
    return Verb.TAKE_AWAY if paper.form in FORMS else Verb.LOOK


def order(
    paper: Paper,
    room: Room,
    events: Callable[[], Sequence[Happened]],
    file: Callable[[str], FileRow | None],
    number: int,
    pictures: Pictures,
) -> Ordered | None:
    """What a person asked for, as far as they may see; None when it is not there (any more)."""
    if paper.form == "blank":
        found = _blank(paper, room)
        return replace(found, talks=number) if found and not paper.arg.partition("/")[2] else found
    if room.n is None or not room.may(needs(paper)):
        return None
    found = _of_talks(paper, room.here, room, events, file, number, pictures)
    return replace(found, talks=number) if found else None


def _of_talks(
    paper: Paper,
    n: Negotiation,
    room: Room,
    events: Callable[[], Sequence[Happened]],
    file: Callable[[str], FileRow | None],
    number: int,
    pictures: Pictures,
) -> Ordered | None:
    name = _name(n, room.now)
    match paper.form:
        case "card":
            return _card(name, n, room.today, number, pictures)
        case "trend":
            return _trend(name, n, events(), room.today, number, pictures)
        case "json" if n.veiled:
            return None
        case form if form in FORMS:
            return ordered_document(paper, n, events(), file, room.now, room.name)
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
            name = outgoing(row.name, row.mime)
            return Ordered(name, lambda: f"Evidence: {name}"[:200], lambda _: row.body, called="the file")


def _card(name: str, n: Negotiation, on: date, number: int, pictures: Pictures) -> Ordered:
    there = cache(lambda: card(n, on))
    key = ("card", number, n.seq, on, n.hidden, n.veiled)
    return Ordered(
        f"{name}.png",
        lambda: card_words(there()),
        lambda _: pictures.drawn(key, lambda: card_png(there())),
        picture=True,
    )


def _trend(name: str, n: Negotiation, line: Sequence[Happened], on: date, number: int, pictures: Pictures) -> Ordered:
    known = pictures.days(number, n.hidden)
    there = cache(lambda: trend(line, n.judged.checklist, on, marks=marks(n), known=known, hidden=n.hidden))
    key = ("trend", number, n.seq, on, n.hidden, n.veiled)
    return Ordered(
        f"{name}-trend.png",
        lambda: trend_words(there()),
        lambda _: pictures.drawn(key, lambda: trend_png(there())),
        picture=True,
    )


def _blank(paper: Paper, room: Room) -> Ordered | None:
    """A form without answers: of a checklist of the library, or of the talks' own as far as it is seen."""
    form, _, key = paper.arg.partition("/")
    checklist = room.checklists.get(key) if key else room.here.checklist if room.n else None
    if checklist is None or form not in BLANKS:
        return None
    name = f"blank-{_stem(checklist.title)}.{FORMS[form].extension}"
    called = "a blank form"
    return Ordered(
        name,
        lambda: f"{checklist.title}: {BLANKS[form].holds}."[:CAPTION],
        lambda _: blank(form, checklist),
        called=called,
        kept=True,
    )


def ordered_document(
    paper: Paper,
    n: Negotiation,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    now: datetime,
    by: str,
) -> Ordered:
    """`document`, to be made later: what it needs of the database is read now."""
    kept = _files(events, file) if paper.form == "json" else {}

    def draws(progress: Progress) -> bytes:
        return document(paper, n, events, kept.get, now, by, progress).body

    return Ordered(_file_name(paper, n, now), lambda: _holds(paper, n), draws, called=FORMS[paper.form].told, kept=True)


def document(
    paper: Paper,
    n: Negotiation,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    now: datetime,
    by: str,
    progress: Progress = unheeded,
) -> Brought:
    """The checklist in one of its forms, for whom and when: the same for every face.

    ``paper.arg`` is ``partner`` for the partner version, which the complete form does not have.
    """
    form = FORMS[paper.form]
    if form.name == "json":
        body = portable(n, events, file, (by, now)).encode()
    elif paper.arg == PARTNER:
        body = written(form.name, partner_report(n, events, now, by), progress)
    else:
        body = written(form.name, report(n, now, by, events), progress)
    return Brought(_file_name(paper, n, now), _holds(paper, n), body, kept=True)


def _name(n: Negotiation, now: datetime) -> str:
    return f"readiness-{_stem(n.counterpart) or 'negotiation'}-{now:%Y-%m-%d}"


def _stem(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-").lower()[:40]


def _file_name(paper: Paper, n: Negotiation, now: datetime) -> str:
    partner = "-partner" if paper.arg == PARTNER else ""
    return f"{_name(n, now)}{partner}.{FORMS[paper.form].extension}"


def _holds(paper: Paper, n: Negotiation) -> str:
    """What a file says of itself: its handling line, whether it is for partners, what is in it."""
    veil = "Without what this chat may not carry" if n.veiled else ""
    face = [line for line in (n.handling, "Partner version" if paper.arg == PARTNER else "", veil) if line]
    holds = f"{n.counterpart}: {holding(FORMS[paper.form], paper.arg)}."
    return " · ".join([*face, holds])[:CAPTION]


def portable(
    n: Negotiation,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    exported: tuple[str, datetime] | None = None,
) -> str:
    """The negotiation as lossless JSON, its files included; ``exported`` by whom and when, where somebody takes it."""
    rows = _files(events, file).values()
    return dump(events, n.checklist, [PortableFile(row.id, row.name, row.mime, row.body) for row in rows], exported)


def _files(events: Sequence[Happened], file: Callable[[str], FileRow | None]) -> dict[str, FileRow]:
    """The files among the evidence, by their ids."""
    proofs = (one.event.evidence for one in events if isinstance(one.event, EvidenceAdded))
    found = (file(proof.id) for proof in proofs if proof.form == "file")
    return {row.id: row for row in found if row is not None}


Unpacked = Returned | Unreadable


def unpacked(body: bytes, name: str = "") -> Unpacked:
    """The cells of a file that somebody sent back, or why there are none to be read."""
    try:
        return returned(body, name)
    except Unreadable as error:
        return error


def proposed(said: Sent, rows: Unpacked, n: Negotiation, events: Sequence[Happened], today: date) -> Sent:
    """What a person sent, with the changes that are in it; ``today`` is the person's day."""
    if isinstance(rows, Unreadable):
        return replace(said, trouble=str(rows))
    try:
        found: Found = changes(rows, n, events, reader_of_files(today, n.talks_on))
    except Unreadable as error:
        return replace(said, trouble=str(error))
    return replace(said, changes=CHANGES.dump_json(found.changes).decode() if found.changes else "", note=found.note)
