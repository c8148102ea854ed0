"""Documents on request: what a `Paper` asks for, made from the negotiation as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.events import EvidenceAdded
from bot.core.negotiation import Happened, Negotiation
from bot.core.report import report
from bot.dialog.place import Paper, Room
from bot.export.markdown import markdown
from bot.export.portable import PortableFile, dump
from bot.store import FileRow


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
    """The document a person asked for, as far as they may see; None when it is not there (any more)."""
    n = room.here
    stem = re.sub(r"[^\w-]+", "-", n.counterpart).strip("-").lower() or "negotiation"
    name = f"readiness-{stem[:40]}-{room.now:%Y-%m-%d}"
    match paper.form:
        case "markdown":
            body = markdown(report(n, room.now, room.name, events)).encode()
            return Brought(f"{name}.md", f"{n.counterpart}: every answer and gap, to read.", body)
        case "json" if n.hidden:
            return None
        case "json":
            body = portable(n, events, file).encode()
            return Brought(f"{name}.json", f"{n.counterpart}: complete, for “readiness import”.", body)
        case _:
            row = file(paper.arg)
            shown = any(one.id == paper.arg for record in n.records.values() for one in record.evidence)
            if row is None or row.negotiation != number or not shown:
                return None
            return Brought(row.name, f"Evidence: {row.name}"[:200], row.body)


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
