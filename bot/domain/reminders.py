"""Who is to be told what, and when: before something of theirs is due, at gates, and once a day on demand.

A notice has a key that stays the same however often it is asked for, so that it is told once:
``due:2027-02-01`` for a day's reminder, ``gate:30:2027-02-13`` for a gate and the day on which it is
told, ``digest:2027-02-01``,
``end:14:2027-09-01`` for the last day on which talks are kept. Days are the team's; when in them somebody is told
is by the person's own clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.domain.access.need_to_know import may_hear, may_see, seen_by
from bot.domain.answers import Unknown
from bot.domain.checklist import ItemId, Severity
from bot.domain.events import PersonId, Role
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.ownership import UNKNOWN, item_of
from bot.domain.ownership import due as due_of
from bot.domain.purgeable_cache import remembered
from bot.domain.readiness.gates import GateStatus, gates
from bot.domain.readiness.gates import days as gate_days
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import State, gaps_once, readiness
from bot.domain.retention import LEAST, WARNED, ends
from bot.domain.timezones import zone

Key = str

DUE, GATE, DIGEST, END = "due", "gate", "digest", "end"
BEFORE = (3, 1, 0)  # days before something is due on which its owners are told
GATE_BEFORE = (3, 0)  # days before a gate on which the leads are told
MORNING = 8 * 60  # minutes after midnight: when a day's notices fall
QUIET = (21 * 60, 8 * 60)  # unless a person says otherwise


@dataclass(frozen=True, slots=True)
class NotificationPreferences:
    """How a person wants to be reminded. ``quiet`` is from and to, in minutes after midnight in their zone."""

    zone: str = "UTC"
    quiet: tuple[int, int] | None = QUIET
    reminders: bool = True
    digest: bool = False

    def local(self, now: datetime) -> datetime:
        """A moment as the person's clock shows it."""
        return now.astimezone(zone(self.zone))


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something a person has to settle: the worst that is open at an item, and how much more is."""

    item: ItemId
    severity: Severity
    says: str
    due: date | None
    lapsed: date | None = None  # the last day of a waiver that has ended
    more: int = 0  # further gaps at the same item


@dataclass(frozen=True, slots=True)
class DueNotice:
    """What of a person's is due now, worst first."""

    key: Key
    charges: tuple[DueItem, ...]


@dataclass(frozen=True, slots=True)
class GateNotice:
    """How a gate stands."""

    key: Key
    passing: GateStatus


@dataclass(frozen=True, slots=True)
class GapCounts:
    """Open gaps by severity, worst first."""

    blocker: int = 0
    major: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class DigestNotice:
    """A day in short: the state, what is new since the digest before, what is theirs."""

    key: Key
    state: State
    counts: GapCounts
    before: GapCounts | None
    news: tuple[Happened, ...]
    charges: tuple[DueItem, ...]


@dataclass(frozen=True, slots=True)
class EndNotice:
    """The talks are to be destroyed, from this day on."""

    key: Key
    day: date


Notice = DueNotice | GateNotice | DigestNotice | EndNotice


# When


def day_told(prefs: NotificationPreferences, now: datetime) -> date | None:
    """The latest day whose notices may be told at this moment; None in quiet hours. ``now`` is by the team's clock.

    A day is the team's. Its notices fall in the morning by the person's own clock, and not before it has begun for
    the team. What falls in quiet hours comes at their end.
    """
    clock = prefs.local(now).replace(tzinfo=None)
    if _quiet(prefs, clock.hour * 60 + clock.minute):
        return None
    told = clock.date() if _falls(prefs, clock.date()) <= clock else clock.date() - timedelta(days=1)
    return min(told, now.date())


def _quiet(prefs: NotificationPreferences, minute: int) -> bool:
    if prefs.quiet is None:
        return False
    begin, end = prefs.quiet
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def _falls(prefs: NotificationPreferences, day: date) -> datetime:
    """When a day's notices may first be told, by the person's clock."""
    morning = datetime.combine(day, time(MORNING // 60, MORNING % 60))
    if prefs.quiet is None or not _quiet(prefs, MORNING):
        return morning
    end = morning.replace(hour=prefs.quiet[1] // 60 % 24, minute=prefs.quiet[1] % 60)
    return end if end > morning else end + timedelta(days=1)


# What


def due_keys(
    n: Negotiation, person: PersonId, prefs: NotificationPreferences, now: datetime, done: Collection[Key] = ()
) -> tuple[Key, ...]:
    """The notices that fall to a person now. What was missed comes as one, saying what is so now."""
    day = day_told(prefs, now)
    if day is None:
        return ()
    keys = list(_end_key(n, person, day))  # whatever they wish: afterwards nobody can be told
    if not _listens(n, person, now.date()):
        return tuple(key for key in keys if key not in done)
    if prefs.reminders:
        keys += _due_key(n, person, day, done)
        keys += _gate_keys(n, person, day)
    if prefs.digest:
        keys.append(f"{DIGEST}:{day}")
    return tuple(key for key in keys if key not in done)


def notice(
    n: Negotiation,
    person: PersonId,
    key: Key,
    on: date,
    line: Sequence[Happened] = (),
    before: GapCounts | None = None,
) -> Notice | None:
    """What a notice says on a day, which may be later than its own; None when there is nothing to say any more."""
    kind, _, rest = key.partition(":")
    if kind == END:
        return _end(n, person, key, on)
    if not _listens(n, person, on):
        return None
    match kind:
        case "due":
            pressing = tuple(charge for charge in charges(n, person, on) if _pressing(charge, on))
            return DueNotice(key, pressing) if pressing else None
        case "gate":
            return _gate(n, person, key, rest, on)
        case "digest":
            return _digest(n, person, key, on, line, before)
        case _:
            return None


def _listens(n: Negotiation, person: PersonId, on: date) -> bool:
    """Whether there is anything to tell this person at all: they are here, and the talks are not over."""
    return n.role(person) is not None and not n.archived and on <= n.talks_on


def _due_key(n: Negotiation, person: PersonId, day: date, done: Collection[Key]) -> Iterator[Key]:
    """One reminder a day, if a day to remind of anything has come since the last one."""
    opened = n.opened_at.date()
    days = [max(at, opened) for charge in charges(n, person, day) for at in _reminds(charge) if at <= day]
    last = max((key for key in done if key.startswith(f"{DUE}:")), default="")
    if days and f"{DUE}:{max(days)}" > last:
        yield f"{DUE}:{day}"


def _reminds(charge: DueItem) -> Iterator[date]:
    """The days on which a charge is worth a reminder."""
    if charge.due is not None:
        yield from (charge.due - timedelta(days=days) for days in BEFORE)
    if charge.lapsed is not None:
        yield charge.lapsed + timedelta(days=1)


def _pressing(charge: DueItem, on: date) -> bool:
    return charge.lapsed is not None or (charge.due is not None and charge.due <= on + timedelta(days=max(BEFORE)))


def _gate_keys(n: Negotiation, person: PersonId, day: date) -> Iterator[Key]:
    """The latest day of any gate on which the leads are told. Gates that passed before the opening are nobody's."""
    if n.role(person) != Role.LEAD:
        return
    told = [
        (at, gate)
        for gate, on in gate_days(n)
        for at in (on - timedelta(days=days) for days in GATE_BEFORE)
        if n.opened_at.date() <= at <= day
    ]
    latest = max((at for at, _ in told), default=None)
    yield from (f"{GATE}:{gate.days}:{at}" for at, gate in told if at == latest)


def _gate(n: Negotiation, person: PersonId, key: Key, rest: str, on: date) -> GateNotice | None:
    days = rest.partition(":")[0]
    found = next((status for status in gates(n, on) if str(status.gate.days) == days), None)
    if found is None or n.role(person) != Role.LEAD:
        return None
    return GateNotice(key, replace(found, holding=tuple(_seen(n, person, found.holding))))


def _end_key(n: Negotiation, person: PersonId, day: date) -> Iterator[Key]:
    """The latest warning that the talks are to be destroyed; what was missed comes as one."""
    last = ends(n)
    if last is None or n.role(person) != Role.LEAD:
        return
    come = [days for days in WARNED if last - timedelta(days=days) <= day]
    if come:
        yield f"{END}:{min(come)}:{last}"


def _end(n: Negotiation, person: PersonId, key: Key, on: date) -> EndNotice | None:
    last = ends(n)
    if last is None or n.role(person) != Role.LEAD or not key.endswith(f":{last}"):
        return None
    return EndNotice(key, max(last + timedelta(days=1), on + LEAST))


def _digest(
    n: Negotiation, person: PersonId, key: Key, on: date, line: Sequence[Happened], before: GapCounts | None
) -> DigestNotice:
    return DigestNotice(
        key,
        readiness(n, on).state,
        counts(n, person, on),
        before,
        tuple(happened for happened in line if happened.by != person and not _hides(n, person, happened)),
        charges(n, person, on),
    )


def counts(n: Negotiation, person: PersonId | None, on: date) -> GapCounts:
    """The open gaps that a person may see, by severity; None stands for just anybody, as in a group."""
    seen = [gap.severity for gap in _seen(n, person, readiness(n, on).gaps)]
    return GapCounts(*(seen.count(severity) for severity in Severity))


def charges(n: Negotiation, person: PersonId, on: date) -> tuple[DueItem, ...]:
    """What a person has to settle, worst first, one charge an item."""
    found: dict[ItemId, DueItem] = {}
    for gap in _seen(n, person, _standing(n, on)):
        lapsed = _lapsed(n, gap, person, on)
        if person not in gap.owners and lapsed is None:
            continue
        first = found.get(gap.item)
        if first is None:
            found[gap.item] = DueItem(gap.item, gap.severity, gap.says, gap.due, lapsed)
        else:
            soonest = min((day for day in (first.due, gap.due) if day), default=None)
            found[gap.item] = replace(first, due=soonest, lapsed=first.lapsed or lapsed, more=first.more + 1)
    for task in _tasks(n, person):
        found.setdefault(task.item, task)
    return tuple(sorted(found.values(), key=lambda charge: (charge.severity.rank, charge.due or date.max)))


@remembered(4)
def _standing(n: Negotiation, on: date) -> tuple[Gap, ...]:
    """The open gaps, for everybody at a negotiation in turn: most of those looked at are not looked at again."""
    return tuple(gap for gap in gaps_once(n, on) if not gap.waiver)


def _lapsed(n: Negotiation, gap: Gap, person: PersonId, on: date) -> date | None:
    """The last day of a gap's waiver that has ended, for its owners and for who accepted it, or leads now."""
    waiver = n.waivers.get(gap.key)
    if waiver is None or not waiver.is_over(on):
        return None
    answering = (waiver.by,) if waiver.by in n.leads else n.leads
    return waiver.until if person in (*gap.owners, *answering) else None


def _tasks(n: Negotiation, person: PersonId) -> Iterator[DueItem]:
    """Unknowns that were made a task, and given to this person by themselves."""
    for target, people in n.owners.items():
        spot = target.removeprefix(UNKNOWN)
        item = n.checklist.item.get(item_of(target) or "")
        if target == spot or item is None or person not in people or not may_see(n, person, item.id):
            continue
        pursued = n.pursuits.get(spot)
        if pursued and pursued.course == "task" and _unknown(n, spot):
            yield DueItem(item.id, Severity.MINOR, "Unknown so far.", n.dues.get(target) or due_of(n, item))


def _unknown(n: Negotiation, spot: str) -> bool:
    item, _, cell = spot.partition("/")
    row, _, field = cell.partition("/")
    if not cell:
        return isinstance(n.record(item).said, Unknown)
    held = n.record(item).rows.get(row)
    return held is not None and isinstance(held.said(field), Unknown)


# Who may see it: the one place where reminders, digests and cards ask


def _seen(n: Negotiation, person: PersonId | None, found: Iterable[Gap]) -> Iterator[Gap]:
    return (gap for gap in found if may_see(n, person, gap.item))


def _hides(n: Negotiation, person: PersonId, happened: Happened) -> bool:
    """Whether an event speaks of what is kept for others."""
    return not may_hear(seen_by(n, person), happened)
