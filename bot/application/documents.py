"""Documents and pictures on request: what a `DocumentRequest` asks for, made from the negotiation as it stands."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from threading import Lock

from bot.application.file_types import outgoing
from bot.application.messages import Attachment
from bot.application.returned_files import Brought, proposed
from bot.dialog.contract import Context, DocumentRequest, FileReply
from bot.dialog.screens.export import BLANKS, holding, unmade
from bot.domain.access.partner_release import partner_report
from bot.domain.access.permissions import Permission
from bot.domain.checklist import SectionId
from bot.domain.events import EvidenceAdded
from bot.domain.export_formats import EXPORT_FORMATS, Progress, unheeded
from bot.domain.history.trend import Known, marks, trend
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.proposed_changes import CHANGES
from bot.domain.report.builder import report
from bot.domain.report.card import card
from bot.exports.json.archive import PortableFile, dump
from bot.exports.pdf.card import card_png, card_words
from bot.exports.pdf.trend import trend_png, trend_words
from bot.exports.pdf.typst import Undrawable, forget_drawn
from bot.exports.registry import blank, written
from bot.exports.reimport.pasted import PastedSheet
from bot.exports.reimport.reader import Unreadable
from bot.storage import FileRow

log = logging.getLogger(__name__)
PICTURES = 64  # kept; at about 150 kB each
DAYS = 1000  # of trends, kept for each negotiation

CAPTION_CHARACTERS = 900  # Telegram takes 1,024
PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Document:
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


def render_document(
    ordered: Document | None, below: str, progress: Progress = unheeded
) -> tuple[Attachment | None, str]:
    """What was asked for, and the text below it, which says so when it cannot be made."""
    if ordered is None:
        return None, below
    try:
        brought = Attachment(ordered.name, ordered.says(), ordered.makes(progress), ordered.picture, ordered.kept)
    except Exception as fault:  # noqa: BLE001 (a chat must not end at a file that nothing can make)
        # No trace, which could quote what people wrote.
        why = fault if isinstance(fault, Undrawable) else type(fault).__name__
        what = "A picture cannot be drawn" if ordered.picture else f"{ordered.called} cannot be made"
        log.error("%s: %s", what, why)  # noqa: TRY400
        return None, f"{unmade(ordered.called, ordered.says() if ordered.picture else '')}\n\n{below}"
    else:
        return brought, below


class PictureCache:
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


def needs(paper: DocumentRequest) -> Permission:
    """What somebody must be allowed to be brought this."""
    if paper.form == "json" or paper.arg == PARTNER:
        return Permission.TAKE_WHOLE
    return Permission.TAKE_AWAY if paper.form in EXPORT_FORMATS else Permission.LOOK


def order(
    paper: DocumentRequest,
    context: Context,
    events: Callable[[], Sequence[Happened]],
    file: Callable[[str], FileRow | None],
    number: int,
    pictures: PictureCache,
) -> Document | None:
    """What a person asked for, as far as they may see; None when it is not there (any more)."""
    if paper.form == "blank":
        found = _blank(paper, context)
        return replace(found, talks=number) if found and not paper.arg.partition("/")[2] else found
    if context.n is None or not context.may(needs(paper)):
        return None
    found = _of_talks(paper, context.here, context, events, file, number, pictures)
    return replace(found, talks=number) if found else None


def _of_talks(
    paper: DocumentRequest,
    n: Negotiation,
    context: Context,
    events: Callable[[], Sequence[Happened]],
    file: Callable[[str], FileRow | None],
    number: int,
    pictures: PictureCache,
) -> Document | None:
    name = _name(n, context.now)
    match paper.form:
        case "card":
            return _card(name, n, context.today, number, pictures)
        case "trend":
            return _trend(name, n, events(), context.today, number, pictures)
        case "json" if n.veiled:
            return None
        case form if form in EXPORT_FORMATS:
            return ordered_document(paper, n, events(), file, context.now, context.name)
        case _:
            row = file(paper.arg)
            shown = any(
                evidence.id == paper.arg
                for item, record in n.records.items()
                if item not in n.veiled
                for evidence in record.evidence
            )
            if row is None or row.negotiation != number or not shown:
                return None
            name = outgoing(row.name, row.mime)
            return Document(name, lambda: f"Evidence: {name}"[:200], lambda _: row.body, called="the file")


def _card(name: str, n: Negotiation, on: date, number: int, pictures: PictureCache) -> Document:
    there = cache(lambda: card(n, on))
    key = ("card", number, n.seq, on, n.hidden, n.veiled)
    return Document(
        f"{name}.png",
        lambda: card_words(there()),
        lambda _: pictures.drawn(key, lambda: card_png(there())),
        picture=True,
    )


def _trend(
    name: str, n: Negotiation, line: Sequence[Happened], on: date, number: int, pictures: PictureCache
) -> Document:
    known = pictures.days(number, n.hidden)
    there = cache(lambda: trend(line, n.judged.checklist, on, marks=marks(n), known=known, hidden=n.hidden))
    key = ("trend", number, n.seq, on, n.hidden, n.veiled)
    return Document(
        f"{name}-trend.png",
        lambda: trend_words(there()),
        lambda _: pictures.drawn(key, lambda: trend_png(there())),
        picture=True,
    )


def _blank(paper: DocumentRequest, context: Context) -> Document | None:
    """A form without answers: of a checklist of the library, or of the talks' own as far as it is seen."""
    form, _, key = paper.arg.partition("/")
    checklist = context.checklists.get(key) if key else context.here.checklist if context.n else None
    if checklist is None or form not in BLANKS:
        return None
    name = f"blank-{_stem(checklist.title)}.{EXPORT_FORMATS[form].extension}"
    called = "a blank form"
    return Document(
        name,
        lambda: f"{checklist.title}: {BLANKS[form].holds}."[:CAPTION_CHARACTERS],
        lambda _: blank(form, checklist),
        called=called,
        kept=True,
    )


def ordered_document(
    paper: DocumentRequest,
    n: Negotiation,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    now: datetime,
    by: str,
) -> Document:
    """`document`, to be made later: what it needs of the database is read now."""
    kept = _files(events, file) if paper.form == "json" else {}

    def draws(progress: Progress) -> bytes:
        return document(paper, n, events, kept.get, now, by, progress).body

    return Document(
        _file_name(paper, n, now), lambda: _holds(paper, n), draws, called=EXPORT_FORMATS[paper.form].told, kept=True
    )


def document(
    paper: DocumentRequest,
    n: Negotiation,
    events: Sequence[Happened],
    file: Callable[[str], FileRow | None],
    now: datetime,
    by: str,
    progress: Progress = unheeded,
) -> Attachment:
    """The checklist in one of its forms, for whom and when: the same for every face.

    ``paper.arg`` is ``partner`` for the partner version, which the complete form does not have.
    """
    form = EXPORT_FORMATS[paper.form]
    if form.name == "json":
        body = portable(n, events, file, (by, now)).encode()
    elif paper.arg == PARTNER:
        body = written(form.name, partner_report(n, events, now, by), progress)
    else:
        body = written(form.name, report(n, now, by, events), progress)
    return Attachment(_file_name(paper, n, now), _holds(paper, n), body, kept=True)


def _name(n: Negotiation, now: datetime) -> str:
    return f"readiness-{_stem(n.counterpart) or 'negotiation'}-{now:%Y-%m-%d}"


def _stem(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-").lower()[:40]


def _file_name(paper: DocumentRequest, n: Negotiation, now: datetime) -> str:
    partner = "-partner" if paper.arg == PARTNER else ""
    return f"{_name(n, now)}{partner}.{EXPORT_FORMATS[paper.form].extension}"


def _holds(paper: DocumentRequest, n: Negotiation) -> str:
    """What a file says of itself: its handling line, whether it is for partners, what is in it."""
    veil = "Without what this chat may not carry" if n.veiled else ""
    whole = "" if n.internal else ", with nothing marked internal"
    face = [line for line in (n.handling, f"Partner version{whole}" if paper.arg == PARTNER else "", veil) if line]
    holds = f"{n.counterpart}: {holding(EXPORT_FORMATS[paper.form], paper.arg)}."
    return " · ".join([*face, holds])[:CAPTION_CHARACTERS]


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
    proofs = (change.event.evidence for change in events if isinstance(change.event, EvidenceAdded))
    found = (file(proof.id) for proof in proofs if proof.form == "file")
    return {row.id: row for row in found if row is not None}


def sheet_read(said: FileReply, rows: Brought, context: Context, events: Callable[[], Sequence[Happened]]) -> FileReply:
    """What a person sent, with the rows of a table in it; or, for a lead, with the changes to what is there."""
    if isinstance(rows, PastedSheet):
        return replace(said, rows=rows.text, note=rows.note, trouble=rows.trouble)
    if context.n is None or not context.leads:
        return said
    found = rows if isinstance(rows, Unreadable) else proposed(rows, context, events)
    if isinstance(found, Unreadable):
        return replace(said, trouble=str(found))
    return replace(said, changes=CHANGES.dump_json(found.changes).decode() if found.changes else "", note=found.note)
