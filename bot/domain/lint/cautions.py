"""What a sound checklist does that its author may not have meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from bot.domain.checklist import Checklist, Item, Severity
from bot.domain.conditions import Not
from bot.domain.events import Opened
from bot.domain.lint.content import content_cautions
from bot.domain.lint.fault import Fault, Path, placed_items
from bot.domain.lint.reachability import SearchBudget, may_hold
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import opened
from bot.domain.readiness.item_gaps import UNANSWERED
from bot.domain.readiness.readiness import State, gaps_once, verdict

OPENING = date(2027, 1, 4)  # any day: nothing is late on the day of the opening


def cautions(checklist: Checklist) -> Iterator[Fault]:
    """What to warn of in a checklist without faults."""
    n = _untouched(checklist)
    left = gaps_once(n, OPENING)
    if verdict(left) == State.READY:
        what = "talks in which nothing is answered yet are called ready"
        yield Fault(("sections",), what, "Say “unanswered: blocker” or “major” at what must be answered.", key=True)
    budget = SearchBudget()
    for path, item in placed_items(checklist):
        gaps = [gap for gap in left if gap.item == item.id]
        if "unanswered" not in item.model_fields_set and [gap.rule for gap in gaps] == [UNANSWERED]:
            yield from _light_blank(item, path, gaps[0].severity)
        for nth, rule in enumerate(item.gaps):
            at = (*path, "gaps", nth, "when")
            if not may_hold((rule.when,), checklist, item, budget):
                yield Fault(at, f"the gap {rule.id} can never be open", "Change the condition: it cannot hold.")
            elif not may_hold((Not.model_construct(not_=rule.when),), checklist, item, budget):
                yield Fault(at, f"the gap {rule.id} is always open", "Change the condition: it always holds.")
    yield from content_cautions(checklist)


def _light_blank(item: Item, path: Path, weight: Severity) -> Iterator[Fault]:
    """That a blank weighs less than what the rules of its item find, where its author has not said so."""
    worst = min((rule.severity for rule in item.gaps), key=lambda severity: severity.rank, default=weight)
    if worst.rank < weight.rank:
        what = f"left blank, item {item.id} is a {weight} gap, though one of its rules finds a {worst}"
        yield Fault(path, what, f"Say “unanswered: {worst}” if a blank is as grave, else “unanswered: {weight}”.")


def _untouched(checklist: Checklist) -> Negotiation:
    """Talks on a checklist, on the day they are opened."""
    event = Opened(
        uid="0" * 16,
        checklist=checklist.digest,
        counterpart=checklist.counterpart or "Ruritania",
        subject=checklist.subject or "the bridge",
        talks_on=OPENING + timedelta(days=checklist.longest_due + 1),
        given={opener.id: opener.label for opener in checklist.opening},
    )
    return opened(Happened(1, datetime(OPENING.year, OPENING.month, OPENING.day, tzinfo=UTC), "lead", event), checklist)
