"""The partner version: what a lead marked as internal is left out of everything.

It is not a report with holes. The line of events is told again without what is internal, on a
checklist without the internal sections, items and fields; what comes of that is judged and
reported like any negotiation. So nothing in it can depend on what is internal: no count, no
gap, no line of history, and no rule that looks there. What points at rows of an internal table
is internal too, and so is what is asked only where something internal says so. Signatures,
exports and who may see what concern the whole, and stay out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.access.partner_checklist import PartnerChecklist, releasable
from bot.domain.access.redaction import veiled
from bot.domain.checklist import Checklist
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    EvidenceAdded,
    EvidenceRemoved,
    Exported,
    Handling,
    Internal,
    Knocked,
    Opened,
    PassphraseReset,
    Passphrases,
    Pursued,
    Restricted,
    RowPut,
    RowRemoved,
    Screened,
    Shielded,
    Signed,
    TakenBack,
    Target,
    TurnedAway,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.events.base import SECTION
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.ownership import UNKNOWN
from bot.domain.projection import after, opened
from bot.domain.readiness.readiness import gaps
from bot.domain.report.builder import Report, report


def partner_report(n: Negotiation, line: Sequence[Happened], now: datetime, by: str) -> Report:
    """What partners are given: the report of what is not internal, which says so on its face."""
    there, told = released(n, line)
    there = replace(there, handling=n.handling)
    made = report(veiled(there, n.shields) if n.veiled else there, now, by, told, partner=True)
    return made if n.internal else replace(made, head=replace(made.head, unmarked=True))


def released(n: Negotiation, line: Sequence[Happened]) -> tuple[Negotiation, tuple[Happened, ...]]:
    """The negotiation as if what is internal had never been asked, and its events, counted anew."""
    return _told_again(releasable(n), line)


def _told_again(part: PartnerChecklist, line: Sequence[Happened]) -> tuple[Negotiation, tuple[Happened, ...]]:
    first, *rest = line
    begun = _Again(part, opened(replace(first, event=_opened(part, first.event)), part.checklist))
    told = [replace(first, event=_opened(part, first.event))]
    for happened in rest:
        event = begun.releases(happened)
        if event is not None:
            told.append(replace(happened, seq=len(told) + 1, event=event))
            begun.n = after(begun.n, told[-1])
    return begun.n, tuple(told)


def _opened(part: PartnerChecklist, event: AnyEvent) -> AnyEvent:
    if not isinstance(event, Opened):
        return event
    given = {name: text for name, text in event.given.items() if name not in part.openers}
    return event.model_copy(update={"given": given})


@dataclass
class _Again:
    """The line of events being told again, and what has come of it so far.

    ``unheard`` are the items whose last change was left out, so that taking it back is too.
    """

    part: PartnerChecklist
    n: Negotiation

    def __post_init__(self) -> None:
        self.unheard: set[str] = set()

    def releases(self, happened: Happened) -> AnyEvent | None:
        """What is told of an event, None when nothing is."""
        match happened.event:
            case Exported() | Handling() | Internal() | Restricted() | Shielded() | Signed():
                return None
            case Screened() | Knocked() | TurnedAway() | Passphrases() | PassphraseReset():
                return None
            case Answered() | Claimed() | Confirmed() | EvidenceAdded() | EvidenceRemoved() | RowPut() | RowRemoved():
                event = self._at_item(happened.event)
                (self.unheard.add if event is None else self.unheard.discard)(happened.event.item)
                return event
            case TakenBack(item=item):
                known = item in self.part.checklist.item and item not in self.unheard
                self.unheard.discard(item)
                return happened.event if known else None
            case Waived(gap=gap, reason=reason):
                known = gap in self.n.waivers if reason is None else self._is_gap(gap, happened)
                return happened.event if known else None
            case WaiverExpired(gap=gap) | WaiverReinstated(gap=gap):
                return happened.event if gap in self.n.waivers else None
            case Assigned(target=target) | DueSet(target=target) | Pursued(spot=target):
                return happened.event if self._aims(target, happened) else None
            case _:
                return happened.event

    def _at_item(self, event: AnyEvent) -> AnyEvent | None:
        item = self.part.checklist.item.get(getattr(event, "item", ""))
        if item is None:
            return None
        match event:
            case RowPut(cells=cells):
                shown = {name: cell for name, cell in cells.items() if name in item.field}
                return event.model_copy(update={"cells": shown}) if shown or not cells else None
            case RowRemoved(row=row):
                return event if row in self.n.record(item.id).rows else None
            case _:
                return event

    def _is_gap(self, key: str, happened: Happened) -> bool:
        return any(gap.key == key for gap in gaps(self.n, happened.at.date()))

    def _aims(self, target: Target, happened: Happened) -> bool:
        """Whether what is aimed at is released: a section, an item, a gap, or a spot."""
        checklist: Checklist = self.part.checklist
        if target.startswith(SECTION):
            return target.removeprefix(SECTION) in checklist.section
        item_id, *rest = target.removeprefix(UNKNOWN).split("/")
        item = checklist.item.get(item_id)
        if item is None or not rest:
            return item is not None
        if len(rest) == 2 and rest[1] in item.field:
            return rest[0] in self.n.record(item_id).rows
        return self._is_gap(target, happened)
