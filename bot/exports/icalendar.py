"""A report as a calendar: the talks, the gates, and every due date with its owners.

Each event keeps its UID for good, and ``SEQUENCE`` grows with what happened to the negotiation,
so that importing a later file moves the events of an earlier one and doubles none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from bot.domain.report.builder import ItemStatus, Report, ReportItem
from bot.exports.printable import visible

if TYPE_CHECKING:
    from icalendar import Event


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of the calendar; ``key`` tells it from every other of these talks."""

    key: str
    on: date
    title: str
    about: str
    busy: bool = False


def calendar(report: Report) -> bytes:
    """The calendar file."""
    from icalendar import Calendar, vText

    head = report.head
    made = Calendar()
    made.add("prodid", "-//negotiation-readiness//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", vText(_flat(f"Talks with {head.counterpart}")))
    told = f"Made for {head.made_by}, {head.made_at:%Y-%m-%d %H:%M %Z}"
    made.add("x-wr-caldesc", vText(visible("\n".join([*head.face, told]))))
    for day in _days(report):
        made.add_component(_event(day, report))
    return bytes(made.to_ical())


def _event(day: _Day, report: Report) -> Event:
    from icalendar import Event

    head = report.head
    event = Event()
    event.add("uid", f"{_name(head.uid, day.key)}@negotiation-readiness")
    event.add("sequence", head.seq)
    event.add("dtstamp", head.made_at.astimezone(UTC))
    event.add("last-modified", head.made_at.astimezone(UTC))
    event.add("dtstart", day.on)
    if day.on < date.max:
        event.add("dtend", day.on + timedelta(days=1))
    event.add("summary", _flat(day.title))
    event.add("description", visible("\n".join([*head.face, day.about, f"Made for {head.made_by}"])))
    event.add("transp", "OPAQUE" if day.busy else "TRANSPARENT")
    event.add("class", "CONFIDENTIAL")
    return event


def _days(report: Report) -> Iterator[_Day]:
    head, items = report.head, [item for section in report.sections for item in section.items]
    state = f"{str(report.state).capitalize()}; without waivers: {report.raw}."
    yield _Day("talks", head.talks_on, f"Talks with {head.counterpart}", f"{head.subject}\n{state}", busy=True)
    for nth, gate in enumerate(report.gates):
        holding = f"{gate.holding} gaps keep it shut." if gate.holding else "Nothing keeps it shut."
        yield _Day(f"gate/{nth}", gate.on, f"Gate: {gate.label} ({head.counterpart})", holding)
    for item in items:
        if item.due is not None and item.state != ItemStatus.NOT_ASKED:
            yield _due(item, item.due)
    due_of = {item.id: item.due for item in items}
    for gap in report.gaps:
        if gap.due is not None and gap.due != due_of.get(gap.item_id):
            about = f"{gap.says}\nTo mend: {gap.mend}\nHas it: {gap.owner or 'nobody'}"
            yield _Day(f"gap/{gap.key}", gap.due, f"Due: {gap.item}, {gap.severity} ({gap.owner or 'nobody'})", about)


def _due(item: ReportItem, on: date) -> _Day:
    owner = item.owner or "nobody"
    done = item.state in {ItemStatus.SETTLED, ItemStatus.WAIVED}
    title = f"{str(item.state).capitalize()}: {item.label}" if done else f"Due: {item.label} ({owner})"
    gaps = "\n".join(f"{gap.severity.capitalize()}: {gap.says}" for gap in item.gaps[:10] if not gap.waiver)
    return _Day(f"item/{item.id}", on, title, f"{item.ask}\nHas it: {owner}\n{gaps}".strip())


def _flat(text: str) -> str:
    return visible(text).replace("\n", " ")


def _name(uid: str, key: str) -> str:
    """An id that stays the same and tells nothing."""
    return hashlib.sha256(f"{uid}/{key}".encode("utf-8", "replace")).hexdigest()[:32]
