"""Finding: items, rows, answers and evidence whose text holds all of some words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.domain.checklist import Item, ItemId, Kind, RowId
from bot.domain.folding import searched
from bot.domain.negotiation import Negotiation, Row
from bot.domain.readiness.item_gaps import applies


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Where words were found: an item, one of its rows, or its evidence; ``text`` is what holds them."""

    item: ItemId
    text: str
    row: RowId | None = None
    evidence: str | None = None


def find(n: Negotiation, words: str, on: date) -> Iterator[SearchHit]:
    """Everything whose text holds all the words, in the checklist's order, as far as ``n`` shows it.

    Case, width and accents of letters, apostrophes and dashes do not matter. Items that are not asked in these talks
    are found only by what was written there.
    """
    wanted = searched(words).split()
    if not wanted:
        return
    for item in n.checklist.item.values():
        for found in _texts(n, item, on):
            itself = found.row is None and found.evidence is None
            there = searched(f"{n.words(item.label)}\n{found.text}" if itself else found.text)
            if all(word in there for word in wanted):
                yield found


def _texts(n: Negotiation, item: Item, on: date) -> Iterator[SearchHit]:
    """Every text at an item: what it asks and what is answered, then each row, then the evidence."""
    record = n.record(item.id)
    said = n.shown(item, record.said) if record.said is not None else ""
    if said or applies(n, item, on):
        yield SearchHit(item.id, "\n".join(part for part in (n.words(item.ask), said) if part))
    for row in record.rows.values():
        yield SearchHit(item.id, _row(n, item, row), row=row.id)
    for evidence in record.evidence:
        yield SearchHit(item.id, evidence.text, evidence=evidence.id)


def _row(n: Negotiation, item: Item, row: Row) -> str:
    """What a row holds, its name first."""
    fields = sorted(item.fields, key=lambda field: item.kind == Kind.TABLE and field is not item.naming)
    return " · ".join(n.shown(field, said) for field in fields if (said := row.said(field.id)) is not None)
