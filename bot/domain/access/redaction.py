"""What a chat may carry: the negotiation as it is shown where others run the servers.

A lead says it of the whole, of a section or of an item: all of it may be shown (``chat``), or
names, states and document references alone (``pointer``), or it is not even asked there
(``sealed``). The strictest of the three holds for an item. In the veiled view the words, numbers,
days and choices of such items are gone, with their rows' names, their notes, reasons and file names.
Everything is still judged on the whole: gaps, states, owners and days are what they are elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from bot.domain.answers import Answer, NotApplicable, Text, Unknown
from bot.domain.checklist import ItemId
from bot.domain.events import (
    Answered,
    AnyEvent,
    Evidence,
    EvidenceAdded,
    How,
    RowPut,
    Signed,
    Target,
    Waived,
)
from bot.domain.events.base import of_section
from bot.domain.negotiation import VEILED, Held, ItemHistory, Negotiation, Record, Row
from bot.domain.ownership import item_of
from bot.domain.purgeable_cache import remembered

WHOLE: Target = ""  # the negotiation as a whole
STRICT: tuple[How, ...] = ("chat", "pointer", "sealed")
PASTS = 16  # of an item's history: what is older is told on a page of our own


def shield(n: Negotiation, item: ItemId) -> How:
    """What a chat may carry of an item: the strictest of what is said of it, its section and the whole."""
    if not n.shields:
        return "chat"
    section = n.judged.checklist.section_of.get(item)
    targets = (WHOLE, item, *((of_section(section.id),) if section else ()))
    return max((n.shields.get(target, "chat") for target in targets), key=STRICT.index)


def veiled(n: Negotiation, shields: Mapping[Target, How] | None = None) -> Negotiation:
    """The negotiation as a chat may carry it: ``n`` itself where all of it may be shown.

    ``shields`` are those of another moment. The view is only for looking at: events go on the whole.
    """
    if shields is not None and shields != n.shields:
        n = replace(n, shields=shields, behind=replace(n.judged, shields=shields) if n.behind else None)
    return _veiled(n) if n.shields else n


@remembered(256)
def _veiled(n: Negotiation) -> Negotiation:
    strict = {item: how for item in n.judged.checklist.item if (how := shield(n, item)) != "chat"}
    veil = frozenset(strict)
    there = replace(n.judged, veiled=veil)
    records = {
        item: _unsaid_at(_Itself(record), strict[item]) if item in strict else record
        for item, record in n.records.items()
    }
    waivers = {
        gap: replace(waiver, reason=VEILED) if item_of(gap) in veil else waiver for gap, waiver in n.waivers.items()
    }
    signed = n.signatures
    if WHOLE in n.shields:
        signed = tuple(replace(signature, words=VEILED) if signature.words else signature for signature in signed)
    return replace(
        n,
        veiled=veil,
        records=MappingProxyType(records),
        waivers=MappingProxyType(waivers),
        signatures=signed,
        behind=there,
    )


class _Itself:
    """A record, equal to itself alone: what it comes to is kept for as long as it has not changed."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)


@remembered(4096)
def _unsaid_at(itself: _Itself, how: How) -> Record:
    """What is recorded at an item, without its content."""
    record = itself.record
    rows = {name: _row(row) for name, row in record.rows.items()}
    return replace(
        record,
        answer=_held(record.answer) if record.answer else None,
        rows=MappingProxyType(rows),
        evidence=tuple(_evidence(evidence, how) for evidence in record.evidence),
        past=_past(record.past, how),
        before=None,
    )


def _row(row: Row) -> Row:
    return replace(row, cells=MappingProxyType({name: _held(held) for name, held in row.cells.items()}))


def _held(held: Held) -> Held:
    return replace(held, said=_answer(held.said))


def _answer(said: Answer | None) -> Answer | None:
    """That something is said, but not what; unknowns stay what they are."""
    match said:
        case None | Unknown():
            return said
        case NotApplicable():
            return NotApplicable(reason=VEILED)
        case _:
            return Text(text=VEILED)


def _evidence(evidence: Evidence, how: How) -> Evidence:
    """Evidence without its words; a reference or a link is what `pointer` is for."""
    return evidence if how == "pointer" and evidence.form != "file" else evidence.model_copy(update={"text": VEILED})


def _past(past: ItemHistory | None, how: How) -> ItemHistory | None:
    """The latest of what happened at an item, without its content."""
    latest = [happened for happened, _ in zip(past or (), range(PASTS), strict=False)]
    told: ItemHistory | None = None
    for happened in reversed(latest):
        told = ItemHistory(replace(happened, event=_event(happened.event, how)), told)
    return told


def unsaid(n: Negotiation, event: AnyEvent) -> AnyEvent:
    """An event as a veiled view may tell it: what happened and where, without the content."""
    if isinstance(event, Signed):
        return event.model_copy(update={"words": VEILED}) if event.words and WHOLE in n.shields else event
    item = item_of(event.concerns() or "")
    return _event(event, shield(n, item)) if item in n.veiled else event


def _event(event: AnyEvent, how: How) -> AnyEvent:
    changed: dict[str, object]
    match event:
        case Answered(answer=answer):
            changed = {"answer": _answer(answer)}
        case RowPut():
            changed = {"cells": {}}
        case EvidenceAdded(evidence=evidence):
            changed = {"evidence": _evidence(evidence, how)}
        case Waived(reason=str()):
            changed = {"reason": VEILED}
        case _:
            return event
    return cast("AnyEvent", event.model_copy(update=changed))
