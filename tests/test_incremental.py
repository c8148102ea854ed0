"""Judging with what was judged before at hand gives what judging afresh gives.

A line of events is judged as it grows, on changing days, so that everything kept is used;
then each of its negotiations is judged again with nothing kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers import Answer, Claim, Day, NotApplicable, Number, Picked, Pointer, Text, Unknown, Value
from bot.domain.checklist import Asked, Checklist, Item, Kind, Severity
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    Joined,
    Left,
    Rescheduled,
    Role,
    RowPut,
    RowRemoved,
    TakenBack,
    Waived,
)
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.purgeable_cache import forget_all
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import gaps
from tests.factories import SMALL, TALKS, happen, negotiation
from tests.test_fold import SOON, lines

STEPS = 120
CHECKLISTS = ("us-china-space", "bilateral", "humanitarian")
PEOPLE = ("maya", "omar", "lena")

CROSSED = Checklist.model_validate(  # rules that look past their own item or row
    yaml.safe_load("""
id: crossed
version: 1
title: Rules that look elsewhere
about: Small, so that chance finds every case.
source: Written for tests.
points: {T1: Openness binds both.}
sections:
  - id: all
    title: All
    about: Everything.
    items:
      - {id: plain, label: Plain, ask: "Which?", kind: yes_no, why: To know., from: [T1],
         gaps: [{id: unsure, severity: blocker, when: {not: {the: plain, is: "yes"}},
                 says: "Not settled with {counterpart}.", mend: "Ask {counterpart}."}]}
      - {id: goals, label: Goals, ask: "Which?", kind: table, why: To know., from: [T1],
         fields: [{id: goal, label: Goal, ask: "Which?", kind: text}],
         gaps: [{id: alone, severity: minor, each: true, when: {not: {pointed_at_by: asks.goal}},
                 says: "Nothing is asked for {row}.", mend: Ask.},
                {id: open, severity: minor, when: {any_row: goals, where: {open_blocker: true}},
                 says: A blocker is open., mend: Settle it.}]}
      - {id: asks, label: Asks, ask: "Which?", kind: table, why: To know., from: [T1],
         fields: [{id: goal, label: Goal, ask: "For which?", kind: row, of: goals}]}
      - {id: verdict, label: Verdict, ask: "Do we go?", kind: yes_no, why: To know., from: [T1],
         gaps: [{id: go, severity: minor, when: {open_blocker: true}, says: A blocker is open., mend: Settle it.}]}
""")
)


class Chance:
    """Random events, most of them near to each other so that they meet in the rules."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (not for secrets)

    def value(self, n: Negotiation, asked: Asked) -> Value:
        """An answer of a question's own kind; pointers mostly point at rows that are there."""
        match asked.kind:
            case Kind.NUMBER:
                return Number(number=Decimal(self.random.randint(-3, 9)))
            case Kind.DATE:
                return Day(day=SOON + timedelta(days=self.random.randint(-100, 100)))
            case Kind.ROW:
                table = getattr(asked, "of", None) or ""
                return Pointer(row=self.random.choice([*n.record(table).rows, "r1", "r9"]))
            case Kind.TEXT:
                return Text(text=self.random.choice(("Sample", "sample ", "Another {counterpart}")))
            case _:
                return Picked(options=(self.random.choice(list(asked.choices)),))

    def said(self, n: Negotiation, asked: Asked) -> Answer | None:
        """An answer, now and then none or a recorded unknown."""
        return self.random.choice((*[self.value(n, asked)] * 6, Unknown(), None))

    def row(self, n: Negotiation, item: Item) -> AnyEvent:
        """A row put into a table, or another cell into the one that is there."""
        there = list(n.record(item.id).rows) or ["r1"]
        row = self.random.choice(there if item.kind == Kind.FORM else [*there, "r1", "r2", "r3"])
        fields = self.random.sample(item.fields, self.random.randint(1, len(item.fields)))
        return RowPut(item=item.id, row=row, cells={field.id: self.said(n, field) for field in fields})

    def event(self, n: Negotiation, found: Sequence[Gap]) -> AnyEvent:
        """Anything that can change what is judged."""
        choose = self.random.choice
        item = choose(list(n.checklist.item.values()))
        aside = (Unknown(), NotApplicable(reason="Sample"), None)
        until = SOON + timedelta(days=self.random.randint(-9, 30))
        gap = choose(found).key if found else f"{item.id}/_unanswered"
        section = f"s:{n.checklist.section_of[item.id].id}"
        recorded: Callable[[], AnyEvent] = lambda: (  # noqa: E731
            self.row(n, item) if item.has_rows else Answered(item=item.id, answer=self.value(n, item))
        )
        rare: tuple[Callable[[], AnyEvent], ...] = (
            lambda: Answered(item=item.id, answer=choose(aside)),
            lambda: RowRemoved(item=item.id, row=choose([*n.record(item.id).rows, "r1"])),
            lambda: Claimed(item=item.id, claim=choose((*Claim, None))),
            lambda: Confirmed(item=item.id),
            lambda: TakenBack(item=item.id),
            lambda: Assigned(target=choose((item.id, gap, section)), people=(choose(PEOPLE),)),
            lambda: DueSet(target=choose((item.id, gap)), day=choose((until, None))),
            lambda: Waived(
                gap=gap, reason=choose(("Sample", "Sample", None)), until=until, severity=choose((*Severity, None))
            ),
            lambda: Rescheduled(talks_on=TALKS + timedelta(days=self.random.randint(-60, 60))),
            lambda: Joined(person="lena", name="Lena", role=Role.MEMBER),
            lambda: Left(person=choose(PEOPLE)),
        )
        return choose((*[recorded] * len(rare), *rare))()


def differing(judged: Sequence[tuple[Negotiation, date, tuple[Gap, ...]]]) -> Iterator[tuple[int, date]]:
    """Where judging afresh gives something else."""
    for n, on, found in judged:
        forget_all()
        if gaps(n, on) != found:
            yield n.seq, on


@pytest.mark.slow
@pytest.mark.parametrize("checklists", [CHECKLISTS, (CROSSED, SMALL)], ids=["real", "small"])
@pytest.mark.parametrize("seed", range(3))
def test_a_long_line_of_events_is_judged_as_if_afresh(seed: int, checklists: Sequence[Checklist | str]) -> None:
    """Two checklists in turns, in negotiations that even share their uid but not their names."""
    forget_all()
    chance = Chance(seed)
    several = [negotiation(checklist=one, counterpart=name) for one in checklists for name in ("Ruritania", "Zenda")]
    judged = []
    for _ in range(STEPS):
        nth = chance.random.randrange(len(several))
        on = SOON + timedelta(days=chance.random.choice((0, 0, 0, 0, 1, 40)))
        n = several[nth]
        at = n.opened_at + timedelta(hours=10 * n.seq)
        n = several[nth] = happen(n, chance.event(n, gaps(n, on)), at=at)
        judged.append((n, on, gaps(n, on)))
    assert not list(differing(judged))


@pytest.mark.slow
@given(lines(), st.lists(st.sampled_from((SOON, SOON, SOON + timedelta(days=1), TALKS)), min_size=30, max_size=30))
def test_any_line_of_events_is_judged_as_if_afresh(line: tuple[Happened, ...], days: list[date]) -> None:
    forget_all()
    grown = accumulate(line[1:], after, initial=opened(line[0], SMALL))
    judged = [(n, on, gaps(n, on)) for n, on in zip(grown, days, strict=False)]
    assert not list(differing(judged))


def test_negotiations_of_other_names_share_nothing() -> None:
    """The same uid and the same blank records, but another counterpart."""
    one, other = (negotiation(checklist=CROSSED, counterpart=name) for name in ("Ruritania", "Zenda"))
    assert [gaps(n, SOON)[0].says for n in (one, other)] == ["Not settled with Ruritania.", "Not settled with Zenda."]


def test_a_row_is_judged_again_when_another_table_points_at_it() -> None:
    """The rows that are pointed at are found once for all rows, and none of the rows is kept for it."""
    n = negotiation(checklist=CROSSED, rows={"goals": {"r1": {"goal": "A"}, "r2": {"goal": "B"}}})
    assert {gap.row for gap in gaps(n, SOON) if gap.rule == "alone"} == {"r1", "r2"}
    n = happen(n, RowPut(item="asks", row="r1", cells={"goal": Pointer(row="r2")}))
    assert {gap.row for gap in gaps(n, SOON) if gap.rule == "alone"} == {"r1"}
