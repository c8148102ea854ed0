"""What was judged before, kept for as long as nothing it looked at has changed.

An event changes one record, and most of what was judged before it looked at others. Nobody
writes down what a rule looks at: while something is judged, the negotiation's records note
which of them are read. Records and rows never change, so what was read is compared by
identity, and a judgement stands while all of it is still in place. Nothing else that is
judged by can differ within one memo: the day, the talks' day, the names, the checklist.

Threads may share a memo: each entry carries what it stands on and is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import is_
from typing import Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from bot.domain.checklist import Checklist, ItemId, RowId
from bot.domain.negotiation import BLANK, Negotiation, Record, Row
from bot.domain.purgeable_cache import remembered

P = ParamSpec("P")
T = TypeVar("T")


class _AtRow(NamedTuple):
    """What was found in a row by itself, with the number of the judge that found it; and who must be asked again."""

    row: Row
    found: tuple[tuple[int, Any], ...]
    ask: tuple[int, ...]


class _AtRows(NamedTuple):
    """What was found in each row; and in all of these together, where nobody must be asked again."""

    each: dict[RowId, _AtRow]
    rows: Mapping[RowId, Row] | None
    found: Sequence[list[Any]]


@dataclass(frozen=True, slots=True)
class IncrementalJudge:
    """What is known of one negotiation on one day."""

    whole: dict[Hashable, tuple[Mapping[ItemId, Record], Any]] = field(default_factory=dict)
    made: dict[Hashable, tuple[tuple[object, ...], Any]] = field(default_factory=dict)
    rows: dict[Hashable, _AtRows] = field(default_factory=dict)


class ChecklistIdentity:
    """A checklist, equal to itself alone: its rules are known here by their identity.

    Being a part of the memo's key, it also keeps the checklist alive, so that no other
    rule can come to have the identity of one of these.
    """

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ChecklistIdentity) and other.checklist is self.checklist

    def __hash__(self) -> int:
        return id(self.checklist)


class WatchedRecords(Mapping[ItemId, Record]):
    """The records of a negotiation, noting which of them are read. One caller's own."""

    def __init__(self, records: Mapping[ItemId, Record], memo: IncrementalJudge) -> None:
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
    memo = _memo(ChecklistIdentity(n.checklist), n.uid, names, n.talks_on, on, n.hidden, n.veiled)
    return replace(n, records=WatchedRecords(n.records, memo))


@remembered(64)
def _memo(
    _checklist: ChecklistIdentity,
    _uid: str,
    _names: tuple[object, ...],
    _talks_on: date,
    _on: date,
    _hidden: frozenset[str],
    _veiled: frozenset[str],
) -> IncrementalJudge:
    """The memo of a negotiation on a day, with these sections kept and these items veiled: texts differ with them."""
    return IncrementalJudge()


def made_of(records: Mapping[ItemId, Record], about: Hashable, parts: tuple[object, ...], make: Callable[[], T]) -> T:
    """What is made of parts that never change, and of no record; made again when one of them is another object."""
    if not isinstance(records, WatchedRecords):
        return make()
    known = records.memo.made.get(about)
    if known is None or not all(map(is_, known[0], parts)):
        known = records.memo.made[about] = (parts, make())
    made: T = known[1]
    return made


def kept(
    records: Mapping[ItemId, Record], about: Hashable, judge: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """What a judge finds, asked again only when a record it read is another one now; unwatched, every time."""
    if not isinstance(records, WatchedRecords):
        return judge(*args, **kwargs)
    known = records.memo.whole.get(about)
    if known is not None and _stands(known[0], records.records):
        before: T = known[1]
        return before
    records.read = {}
    found = judge(*args, **kwargs)
    records.memo.whole[about] = (records.read, found)
    return found


def _stands(read: Mapping[ItemId, Record], records: Mapping[ItemId, Record]) -> bool:
    for item, record in read.items():  # noqa: SIM110 (all() would take twice as long, and this is the common path)
        if records.get(item, BLANK) is not record:
            return False
    return True


Judge: TypeAlias = Callable[[Row], T | None]


def by_row(
    n: Negotiation, about: Hashable, there: Mapping[RowId, Row], judges: Sequence[Judge[T]]
) -> Sequence[list[T]]:
    """What each judge finds in rows, in their order; None is nothing found. Asked again only of rows that changed.

    A judge that read any record looked at more than its row; it is asked every time. The lists are only read.
    """
    records = n.records
    if not isinstance(records, WatchedRecords):
        return [[finding for row in there.values() if (finding := judge(row)) is not None] for judge in judges]
    known = records.memo.rows.get(about)
    if known is not None and known.rows is there:
        return known.found
    each = known.each if known is not None else {}
    if len(each) > 2 * len(there):  # mostly rows that were removed
        each.clear()
    found: Sequence[list[T]] = [[] for _ in judges]
    again = False
    for key, row in there.items():
        entry = each.get(key)
        if entry is None or entry.row is not row:
            entry = each[key] = _judged(row, judges, records, found)
        else:
            _recalled(entry, judges, found)
        again = again or bool(entry.ask)
    records.memo.rows[about] = _AtRows(each, None if again else there, found)
    return found


def _recalled(entry: _AtRow, judges: Sequence[Judge[T]], found: Sequence[list[T]]) -> None:
    """What is known of a row that is the same, and what those find in it now who look further."""
    for nth, finding in entry.found:
        found[nth].append(finding)
    for nth in entry.ask:
        now = judges[nth](entry.row)
        if now is not None:
            found[nth].append(now)


def _judged(row: Row, judges: Sequence[Judge[T]], records: WatchedRecords, found: Sequence[list[T]]) -> _AtRow:
    """Put a row to every judge; what those find in it that look at nothing else, and who looks further."""
    alone, ask = [], []
    for nth, judge in enumerate(judges):
        reads = records.reads
        finding = judge(row)
        further = records.reads != reads
        if further:
            ask.append(nth)
        if finding is not None:
            found[nth].append(finding)
            if not further:
                alone.append((nth, finding))
    return _AtRow(row, tuple(alone), tuple(ask))
