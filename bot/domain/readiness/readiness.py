"""The only judge: which gaps are open, and how ready the delegation is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import attrgetter

from bot.domain.answers import Claim
from bot.domain.checklist import GapRule, Item, RowId, Section, Severity
from bot.domain.negotiation import Negotiation
from bot.domain.ownership import due, owners
from bot.domain.purgeable_cache import remembered
from bot.domain.readiness.incremental import kept, made_of, watched
from bot.domain.readiness.item_gaps import Gap, GapGroup, applies, groups

URGENCY = attrgetter("urgency")


class State(StrEnum):
    """How far the delegation is from being ready."""

    NOT_READY = "not ready"
    CONDITIONAL = "conditional"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How one section stands: settled items, of those that apply, and what first passes claim."""

    section: Section
    settled: int
    total: int
    claims: Mapping[Claim, int]


@dataclass(frozen=True, slots=True)
class Readiness:
    """The verdict of a day. ``raw`` looks through waivers, ``state`` honours them."""

    state: State
    raw: State
    gaps: tuple[Gap, ...]
    waived: tuple[Gap, ...]
    sections: tuple[SectionProgress, ...]
    days_left: int

    def number(self, severity: Severity, *, raw: bool = False) -> int:
        """How many gaps of a severity are open; ``raw`` counts the waived ones too."""
        counted = self.gaps + self.waived if raw else self.gaps
        return sum(1 for gap in counted if gap.severity == severity)


@remembered(256)
def gaps(n: Negotiation, on: date) -> tuple[Gap, ...]:
    """Every gap on a given day, waived ones included: worst first, then by due date, then in order.

    All rules are judged on the whole; gaps of sections that ``n`` leaves out are left out.
    """
    return _gaps(n, watched(n.judged, on), on)


def gaps_once(n: Negotiation, on: date) -> tuple[Gap, ...]:
    """The same for a day that nobody asks about again: nothing is kept of it."""
    return _gaps(n, n.judged, on)


def blocks(n: Negotiation, gap: Gap) -> bool:
    """Whether rules that look at open blockers see a gap: from format 2 on, not once a lead has accepted it."""
    return gap.severity == Severity.BLOCKER and (gap.waiver is None or n.checklist.format == 1)


def gaps_at(n: Negotiation, item: Item, on: date) -> tuple[Gap, ...]:
    """The gaps of one item, but for those of rules that look at other blockers: cheaper than all."""
    there = watched(n.judged, on)
    return _shown(n, _plain(there, item, _about(there, item), on), on)


def looking(n: Negotiation, on: date, *, blocked: bool) -> tuple[Gap, ...]:
    """The gaps of the rules that look at other blockers, as they are with one open or with none."""
    found = _looking(watched(n.judged, on), n.judged, on, blocked=blocked)
    return _shown(n, sorted(found, key=URGENCY), on)


def _gaps(n: Negotiation, there: Negotiation, on: date) -> tuple[Gap, ...]:
    whole = n.judged
    found = [group for item, about in _abouts(there) for group in _plain(there, item, about, on)]
    blocked = any(blocks(whole, _waived(whole, gap, on)) for group in found for gap in group.gaps)
    found += _looking(there, whole, on, blocked=blocked)
    found.sort(key=URGENCY)
    return _shown(n, found, on)


def _plain(there: Negotiation, item: Item, about: Hashable, on: date) -> list[GapGroup]:
    """What an item leaves but for rules that look at other blockers, those apart that are silent."""
    found = kept(there.records, about, groups, there, item, on)
    rules = there.checklist.silencers.get(item.id)
    return _audible(there, found, rules, on) if found and rules else found


def _audible(
    n: Negotiation, found: list[GapGroup], rules: Sequence[tuple[GapRule, str, str]], on: date
) -> list[GapGroup]:
    """The gaps of one item without those that are silent while another is open."""
    silent: set[tuple[str, RowId | None]] = set()
    for rule, item_id, rule_id in rules:
        item = n.checklist.item[item_id]
        others = kept(n.records, _about(n, item), groups, n, item, on)
        rows = {gap.row for group in others for gap in group.gaps if gap.rule == rule_id}
        own = {gap.row for group in found for gap in group.gaps if gap.rule == rule.id}
        in_rows = item_id == found[0].gaps[0].item and item.rule[rule_id].each and rule.each
        silent |= {(rule.id, row) for row in (own & rows if in_rows else own if rows else ())}
    left = [
        group._replace(gaps=tuple(gap for gap in group.gaps if (gap.rule, gap.row) not in silent)) for group in found
    ]
    return [group for group in left if group.gaps]


def _abouts(n: Negotiation) -> Sequence[tuple[Item, Hashable]]:
    """Every item, with what its judgement hangs on but for records."""
    items = n.checklist.item.values()
    return made_of(n.records, "abouts", (n.owners, n.dues), lambda: [(item, _about(n, item)) for item in items])


def _about(n: Negotiation, item: Item) -> Hashable:
    return item.id, owners(n, item), due(n, item)


def _looking(there: Negotiation, n: Negotiation, on: date, *, blocked: bool) -> list[GapGroup]:
    found: list[GapGroup] = []
    for item in n.checklist.looking:
        found += kept(there.records, (blocked, _about(n, item)), groups, there, item, on, blocked=blocked)
    return found


def _shown(n: Negotiation, found: list[GapGroup], on: date) -> tuple[Gap, ...]:
    """The gaps of these groups that a view of the negotiation shows."""
    if n.hidden:
        found = [group for group in found if not n.withholds(group.gaps[0].item)]
    return _marked(n, [gap for group in found for gap in group.gaps], on)


@remembered(256)
def readiness(n: Negotiation, on: date) -> Readiness:
    """How far the delegation is from being ready on a given day.

    Gaps come worst first, then by due date. Facts older than their item's
    ``valid_for`` (days) count as gaps. Source: DOMAIN.md, section 2.
    """
    found = gaps(n, on)
    waived = tuple(gap for gap in found if gap.waiver)
    standing = tuple(gap for gap in found if not gap.waiver)
    return Readiness(
        state=verdict(found),
        raw=_state(found, ()),
        gaps=standing,
        waived=waived,
        sections=tuple(_standing(n, section, found, on) for section in n.checklist.sections),
        days_left=(n.talks_on - on).days,
    )


def verdict(found: Iterable[Gap]) -> State:
    """The state that these gaps, and no others, leave; waivers are honoured."""
    listed = tuple(found)
    return _state(tuple(gap for gap in listed if not gap.waiver), tuple(gap for gap in listed if gap.waiver))


def _state(standing: tuple[Gap, ...], waived: tuple[Gap, ...]) -> State:
    severities = {gap.severity for gap in standing}
    if Severity.BLOCKER in severities:
        return State.NOT_READY
    if Severity.MAJOR in severities or any(gap.severity == Severity.BLOCKER for gap in waived):
        return State.CONDITIONAL
    return State.READY


def _standing(n: Negotiation, section: Section, found: tuple[Gap, ...], on: date) -> SectionProgress:
    open_items = {gap.item for gap in found}
    shown = [item for item in section.items if applies(n, item, on)]
    settled = [item for item in shown if item.id not in open_items]
    claims = Counter(claim for item in shown if not n.record(item.id).answered and (claim := n.record(item.id).claim))
    return SectionProgress(section, len(settled), len(shown), claims)


def _marked(n: Negotiation, found: list[Gap], on: date) -> tuple[Gap, ...]:
    """The gaps with what was set for single ones: waivers, owners, days."""
    single = {key.partition("/")[0] for keys in (n.waivers, n.owners, n.dues) for key in keys if "/" in key}
    if not single:
        return tuple(found)
    marked = [_waived(n, _charged(n, gap), on) if gap.item in single else gap for gap in found]
    if any("/" in key for key in n.dues):
        marked.sort(key=lambda gap: (gap.severity.rank, gap.due or date.max))
    return tuple(marked)


def _charged(n: Negotiation, gap: Gap) -> Gap:
    """The gap with the owners and the day that were set for itself."""
    people, day = n.owners.get(gap.key), n.dues.get(gap.key)
    return gap._replace(owners=people or gap.owners, due=day or gap.due) if people or day else gap


def _waived(n: Negotiation, gap: Gap, on: date) -> Gap:
    """The gap with its waiver, if one holds that day for as much as the gap weighs."""
    waiver = n.waivers.get(gap.key)
    return gap._replace(waiver=waiver) if waiver and gap.waivable and waiver.covers(gap.severity, on) else gap
