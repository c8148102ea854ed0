"""What was judged before, kept for as long as nothing it looked at has changed.

An event changes one record, and most of what was judged before it looked at others. Nobody
writes down what a rule looks at: while something is judged, the negotiation's records note
which of them are read. Records and rows never change, so what was read is compared by
identity, and a judgement stands while all of it is still in place. Nothing else that is
judged by can differ within one memo: the day, the talks' day, the names, the checklist.

Threads may share a memo: each entry carries what it stands on and is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from bot.core.checklist import Checklist, ItemId, RowId
from bot.core.negotiation import BLANK, Negotiation, Record, Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Memo:
    """What is known of one negotiation on one day."""

    whole: dict[Hashable, tuple[Mapping[ItemId, Record], Any]] = field(default_factory=dict)
    rows: dict[Hashable, dict[RowId, tuple[Row, Any]]] = field(default_factory=dict)


class Same:
    """A checklist, equal to itself alone: its rules are known here by their identity.

    Being a part of the memo's key, it also keeps the checklist alive, so that no other
    rule can come to have the identity of one of these.
    """

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.checklist is self.checklist

    def __hash__(self) -> int:
        return id(self.checklist)


class Watched(Mapping[ItemId, Record]):
    """The records of a negotiation, noting which of them are read. One caller's own."""

    def __init__(self, records: Mapping[ItemId, Record], memo: Memo) -> None:
        self.records = records
        self.memo = memo
        self.read: dict[ItemId, Record] = {}
        self.reads = 0

    def __getitem__(self, item: ItemId) -> Record:
        self.reads += 1
        self.read[item] = self.records.get(item, BLANK)
        return self.records[item]

    def get(self, item: ItemId, default: Any = BLANK) -> Any:
        """The record of an item, as from any mapping, but noted."""
        self.reads += 1
        self.read[item] = record = self.records.get(item, BLANK)
        return default if record is BLANK else record

    def __iter__(self) -> Iterator[ItemId]:
        msg = "whoever looks at every record cannot be kept: ask for records by their items"
        raise TypeError(msg)

    def __len__(self) -> int:
        return len(self.records)


def watched(n: Negotiation, on: date) -> Negotiation:
    """The same negotiation with its records under watch."""
    names = (n.counterpart, n.subject, *sorted(n.given.items()))
    memo = _memo(Same(n.checklist), n.uid, names, n.talks_on, on, n.hidden, n.veiled)
    return replace(n, records=Watched(n.records, memo))


@lru_cache(maxsize=64)
def _memo(
    _checklist: Same,
    _uid: str,
    _names: tuple[object, ...],
    _talks_on: date,
    _on: date,
    _hidden: frozenset[str],
    _veiled: frozenset[str],
) -> Memo:
    """The memo of a negotiation on a day, with these sections kept and these items veiled: texts differ with them."""
    return Memo()


def forget() -> None:
    """Forget everything, for tests that compare with judging afresh."""
    _memo.cache_clear()


def kept(records: Mapping[ItemId, Record], about: Hashable, judge: Callable[[], T]) -> T:
    """What a judge finds, asked again only when a record it read is another one now; unwatched, every time."""
    if not isinstance(records, Watched):
        return judge()
    known = records.memo.whole.get(about)
    if known is not None and _stands(known[0], records.records):
        before: T = known[1]
        return before
    records.read = {}
    found = judge()
    records.memo.whole[about] = (records.read, found)
    return found


def _stands(read: Mapping[ItemId, Record], records: Mapping[ItemId, Record]) -> bool:
    for item, record in read.items():  # noqa: SIM110 (all() would take twice as long, and this is the common path)
        if records.get(item, BLANK) is not record:
            return False
    return True


def by_row(
    n: Negotiation, about: Hashable, there: Mapping[RowId, Row], judge: Callable[[Row], T]
) -> list[tuple[Row, T]]:
    """What a judge finds of each row, asked again only of rows that changed.

    A judge that read any record looked at more than its row; what it found is not kept.
    """
    records = n.records
    if not isinstance(records, Watched):
        return [(row, judge(row)) for row in there.values()]
    known = records.memo.rows.setdefault(about, {})
    if len(known) > 2 * len(there):  # mostly rows that were removed
        known.clear()
    found = []
    for key, row in there.items():
        entry = known.get(key)
        if entry is None or entry[0] is not row:
            reads = records.reads
            entry = (row, judge(row))
            if records.reads == reads:
                known[key] = entry
        found.append(entry)
    return found
