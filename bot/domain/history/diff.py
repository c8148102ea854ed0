"""What changed between two moments: answers before and after, gaps opened and closed, and by whom.

Only the difference counts: what was written and taken back in between is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import accumulate

from bot.domain.access.need_to_know import without
from bot.domain.access.redaction import veiled
from bot.domain.checklist import Checklist, Item, Kind, SectionId
from bot.domain.events import (
    CauseKey,
    GapKey,
    How,
    Target,
)
from bot.domain.history.causes import causes_of, last_of
from bot.domain.negotiation import NOTHING, VEILED, Happened, Negotiation, Record, Row
from bot.domain.projection import after, opened
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import gaps, gaps_at
from bot.domain.wording.history import CLAIMS, COURSES, aimed, spelled

STATES = 64  # kept on the way; all of them would be as large as the events are many


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One difference in words. ``last`` is the event that left it so; none where that is not known."""

    what: str
    before: str
    after: str
    last: Happened | None


@dataclass(frozen=True, slots=True)
class GapFlip:
    """A gap that is open now and was not, or the other way about."""

    gap: Gap
    opened: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """All that is different, and from when to when."""

    since: datetime
    events: int
    answers: tuple[DiffLine, ...]
    around: tuple[DiffLine, ...]  # people, days, waivers, who has what
    flips: tuple[GapFlip, ...]
    trail: StateTrail

    def cause(self, flip: GapFlip) -> Happened | None:
        """What opened or closed a gap; none when time alone did. Asked for one at a time: it has to be searched."""
        return self.trail.cause(flip.gap.key, opened=flip.opened)


def changes(
    line: Sequence[Happened],
    checklist: Checklist,
    before: int,
    then: date,
    on: date,
    hidden: frozenset[SectionId] = frozenset(),
    shields: Mapping[Target, How] = NOTHING,
) -> Diff:
    """What is different since event ``before``, as seen on day ``then``, up to the end of the line on day ``on``.

    ``line`` is the whole line of events. Sections that are ``hidden`` from whoever asks are not compared;
    of what is behind ``shields``, it is only told that it changed.
    """
    first = opened(line[0], checklist)
    past, tail = line[1:before], line[max(before, 1) :]
    old = reduce(after, past, first)
    followed = trail(old, tail, on)
    new = followed.kept[-1]
    if hidden:
        old, new = without(old, hidden), without(new, hidden)
    old, new = veiled(old, shields), veiled(new, shields)
    causes = causes_of(tail)
    return Diff(
        since=(past[-1] if past else line[0]).at,
        events=len(tail),
        answers=tuple(_answers(old, new, causes)),
        around=tuple(_around(old, new, causes)),
        flips=tuple(_flips(old, then, new, on)),
        trail=followed,
    )


def last_before(line: Sequence[Happened], day: date) -> int:
    """The last event before a day; the opening when the day came before it."""
    return max((happened.seq for happened in line if happened.at.date() < day), default=1)


# Gaps


def _open(n: Negotiation, on: date) -> dict[GapKey, Gap]:
    return {gap.key: gap for gap in gaps(n, on) if not gap.waiver}


@dataclass(frozen=True, slots=True)
class StateTrail:
    """The way from one state to another, with some states on it kept, so that any is soon found again."""

    tail: Sequence[Happened]
    kept: Sequence[Negotiation]  # every `size` events, the first and the last among them
    size: int
    on: date

    def cause(self, key: GapKey, *, opened: bool) -> Happened | None:
        """An event that left a gap as it is at the end; none where it was so at the beginning, but for time."""
        nth = self._turn(self.kept, key, opened=opened)
        if nth is None:
            return None
        stretch = self.tail[(nth - 1) * self.size : nth * self.size]
        states = list(accumulate(stretch, after, initial=self.kept[nth - 1]))
        turn = self._turn(states, key, opened=opened)
        return stretch[turn - 1] if turn is not None else None

    def _turn(self, states: Sequence[Negotiation], key: GapKey, *, opened: bool) -> int | None:
        """The number of a state in which a gap is as in the last, after one in which it was not."""
        if is_open(states[0], key, self.on) == opened:
            return None
        before, then = 0, len(states) - 1
        while then - before > 1:
            middle = (before + then) // 2
            before, then = (before, middle) if is_open(states[middle], key, self.on) == opened else (middle, then)
        return then


def trail(n: Negotiation, tail: Sequence[Happened], on: date) -> StateTrail:
    """Follow these events from a state to the last."""
    size = max(1, -(-len(tail) // STATES))
    kept = [n]
    for start in range(0, len(tail), size):
        n = reduce(after, tail[start : start + size], n)
        kept.append(n)
    return StateTrail(tail, kept, size, on)


def is_open(n: Negotiation, key: GapKey, on: date) -> bool:
    """Whether a gap is there and not waived."""
    item_id, _, rule_id = key.partition("/")
    item = n.checklist.item[item_id]
    rule = item.rule.get(rule_id.partition("/")[0])
    found = gaps(n, on) if rule is not None and rule.last else gaps_at(n, item, on)
    return any(gap.key == key and not gap.waiver for gap in found)


def _flips(old: Negotiation, then: date, new: Negotiation, on: date) -> Iterator[GapFlip]:
    """The gaps that differ, the opened first, worst first."""
    before, now = _open(old, then), _open(new, on)
    yield from (GapFlip(gap, opened=True) for key, gap in now.items() if key not in before)
    yield from (GapFlip(gap, opened=False) for key, gap in before.items() if key not in now)


# Answers


def _answers(old: Negotiation, new: Negotiation, causes: Mapping[CauseKey, Happened]) -> Iterator[DiffLine]:
    for item in new.checklist.item.values():
        earlier, other = old.record(item.id), new.record(item.id)
        if earlier is other:
            continue
        label, undone = new.words(item.label), (item.id, "*")
        if item.id in new.veiled:
            yield from _unsaid(label, earlier, other, causes, item)
            continue
        if earlier.said != other.said:
            blank = "" if item.has_rows else "blank"
            before, now = (n.shown(item, r.said) if r.said else blank for n, r in ((old, earlier), (new, other)))
            yield DiffLine(label, before or "its rows", now or "its rows", last_of(causes, (item.id,), undone))
        yield from _rows(old, new, item, causes)
        if earlier.claim != other.claim:
            before, now = (CLAIMS[r.claim] if r.claim else "not said" for r in (earlier, other))
            yield DiffLine(f"{label}, first pass", before, now, last_of(causes, (item.id, "claim"), undone))
        if earlier.evidence != other.evidence:
            yield DiffLine(
                f"{label}, evidence", _proofs(earlier), _proofs(other), last_of(causes, (item.id, "evidence"), undone)
            )
        if earlier.confirmed_at != other.confirmed_at and (looked := causes.get((item.id, "looked"))):
            yield DiffLine(label, "", "looked at again, and it holds", looked)


def _unsaid(
    label: str, earlier: Record, other: Record, causes: Mapping[CauseKey, Happened], item: Item
) -> Iterator[DiffLine]:
    """That something changed at an item of which no content is told, and what its first pass says."""
    if earlier.seq != other.seq:
        yield DiffLine(label, "", f"changed {VEILED}", last_of(causes, *(key for key in causes if key[0] == item.id)))
    if earlier.claim != other.claim:
        before, now = (CLAIMS[r.claim] if r.claim else "not said" for r in (earlier, other))
        yield DiffLine(f"{label}, first pass", before, now, None)


def _rows(old: Negotiation, new: Negotiation, item: Item, causes: Mapping[CauseKey, Happened]) -> Iterator[DiffLine]:
    earlier, other = old.record(item.id).rows, new.record(item.id).rows
    undone = (item.id, "*")
    for row in earlier.values():
        if row.id not in other:
            yield DiffLine(_called(old, item, row), "", "removed", last_of(causes, (item.id, row.id), undone))
    for row in other.values():
        before = earlier.get(row.id)
        if before is row:
            continue
        if before is None:
            told = _cells(new, item, row)
            added = f"added: {told}" if told else "added"
            yield DiffLine(_called(new, item, row), "", added, last_of(causes, (item.id, row.id), undone))
            continue
        for field in item.fields:
            if before.said(field.id) != row.said(field.id):
                yield DiffLine(
                    f"{_called(new, item, row)}, {new.words(field.label)}",
                    old.shown(field, before.said(field.id)),
                    new.shown(field, row.said(field.id)),
                    last_of(causes, (item.id, row.id, field.id), undone),
                )


def _called(n: Negotiation, item: Item, row: Row) -> str:
    label = n.words(item.label)
    return label if item.kind == Kind.FORM else f"{label} “{n.row_label(item, row)}”"


def _cells(n: Negotiation, item: Item, row: Row) -> str:
    naming = item.naming.id
    told = (
        f"{n.words(field.label)} {n.shown(field, row.said(field.id))}"
        for field in item.fields
        if field.id != naming and row.said(field.id) is not None
    )
    return "; ".join(told)


def _proofs(record: Record) -> str:
    return ", ".join(evidence.text for evidence in record.evidence) or "none"


# What is around the answers


def _around(old: Negotiation, new: Negotiation, causes: Mapping[CauseKey, Happened]) -> Iterator[DiffLine]:
    if old.talks_on != new.talks_on:
        yield DiffLine("The talks", spelled(old.talks_on), spelled(new.talks_on), causes.get(("talks",)))
    for person in new.people:
        before, now = (n.role(person) or "not in the delegation" for n in (old, new))
        if before != now:
            yield DiffLine(new.name(person), before, now, causes.get(("person", person)))
        if person in old.people and old.name(person) != new.name(person):
            yield DiffLine("Name", old.name(person), new.name(person), causes.get(("name", person)))
    for about, label, told in AROUND:
        for target in sorted({*getattr(old, about), *getattr(new, about)}):
            before, now = told(old, target), told(new, target)
            if before != now and _there(new, target):
                named = _gap(new, target) if about == "waivers" else aimed(new, target)
                yield DiffLine(f"{label} {named}", before, now, last_of(causes, (about, target), (about,)))


def _waiver(n: Negotiation, gap: GapKey) -> str:
    waiver = n.waivers.get(gap)
    if waiver is None:
        return "none"
    ran_out = ", ran out" if waiver.expired_seq else ""
    return f"{n.name(waiver.by)}, until {spelled(waiver.until)}{ran_out}: {waiver.reason}"


def _owner(n: Negotiation, target: Target) -> str:
    return n.names(n.owners.get(target, ()))


def _day(n: Negotiation, target: Target) -> str:
    return spelled(n.dues[target]) if target in n.dues else "as the checklist says"


def _pursuit(n: Negotiation, spot: str) -> str:
    pursuit = n.pursuits.get(spot)
    return f"{COURSES[pursuit.course]}, priority {pursuit.priority}" if pursuit else "none"


# What is kept by gap or by target: the negotiation's own name for it, ours, and what stands there in words.
AROUND: tuple[tuple[str, str, Callable[[Negotiation, str], str]], ...] = (
    ("waivers", "Waiver at", _waiver),
    ("owners", "Owner of", _owner),
    ("dues", "Date of", _day),
    ("pursuits", "Unknown at", _pursuit),
)


def _there(n: Negotiation, target: str) -> bool:
    """Whether what a target names is in the checklist that is compared."""
    section, _, named = target.partition(":")
    if section == "s":
        return named in n.checklist.section
    return target.removeprefix("u:").partition("/")[0] in n.checklist.item


def _gap(n: Negotiation, gap: GapKey) -> str:
    item_id, _, rest = gap.partition("/")
    return f"{n.words(n.checklist.item[item_id].label)} ({rest.lstrip('_')})"
