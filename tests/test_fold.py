"""Properties of the fold, over negotiations made of random valid events."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers import Answer, Claim, Day, NotApplicable, Number, Picked, Pointer, Text, Unknown, Value
from bot.domain.checklist import Asked, Item, Kind, Severity
from bot.domain.events import (
    Answered,
    AnyEvent,
    Archived,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    Invited,
    Joined,
    Keep,
    Left,
    Pursued,
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    RowPut,
    RowRemoved,
    Signed,
    TakenBack,
    Waived,
)
from bot.domain.negotiation import FORM, Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.sign_off import objection, state_hash
from tests.factories import SMALL, TALKS, happen, negotiation, story

SOON = date(2026, 12, 20)  # later than anything here is good for
ITEMS = st.sampled_from(tuple(SMALL.item.values()))
ROWS = st.sampled_from(("r1", "r2", "r3", "japan", "partner1"))
TEXTS = st.text(max_size=30) | st.sampled_from(("must", "unknown", "| a |", "# a\n\n- b", "\u202eabc"))
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))
PEOPLE = st.sampled_from(("maya", "omar", "lena"))


def values(asked: Asked) -> st.SearchStrategy[Value]:
    """Answers of a question's own kind."""
    options = st.sampled_from(tuple(asked.choices) or ("none",))
    match asked.kind:
        case Kind.NUMBER:
            return st.builds(Number, number=st.decimals(-1000, 1000, places=2))
        case Kind.DATE:
            return st.builds(Day, day=DAYS)
        case Kind.ROW:
            return st.builds(Pointer, row=ROWS)
        case Kind.TEXT:
            return st.builds(Text, text=TEXTS)
        case Kind.CHOICES:
            return st.builds(Picked, options=st.lists(options, unique=True).map(tuple))
        case _:
            return st.builds(Picked, options=st.tuples(options))


@st.composite
def answers(draw: st.DrawFn, item: Item | None = None) -> AnyEvent:
    """An answer to an item, or a row put into it."""
    item = item or draw(ITEMS)
    aside: st.SearchStrategy[Answer | None] = st.builds(Unknown) | st.builds(NotApplicable, reason=TEXTS) | st.none()
    if item.has_rows and draw(st.integers(0, 4)):
        row = FORM if item.kind == Kind.FORM else draw(ROWS)
        cells = {
            field.id: draw(values(field) | st.builds(Unknown) | st.none())
            for field in draw(st.lists(st.sampled_from(item.fields), unique_by=lambda field: field.id))
        }
        return RowPut(item=item.id, row=row, cells=cells)
    return Answered(item=item.id, answer=draw(aside if item.has_rows else values(item) | aside))


@st.composite
def changes(draw: st.DrawFn) -> AnyEvent:
    """Anything that can happen at one item."""
    item = draw(ITEMS).id
    evidence = st.builds(
        Evidence, id=st.sampled_from(("e1", "e2")), form=st.sampled_from(("link", "reference")), text=TEXTS
    )
    return draw(
        answers()
        | st.builds(RowRemoved, item=st.just(item), row=ROWS)
        | st.builds(Claimed, item=st.just(item), claim=st.sampled_from(Claim) | st.none())
        | st.builds(Confirmed, item=st.just(item), keeps_signatures=st.booleans())
        | st.builds(EvidenceAdded, item=st.just(item), evidence=evidence)
        | st.builds(EvidenceRemoved, item=st.just(item), evidence=st.sampled_from(("e1", "e2")))
    )


@st.composite
def events(draw: st.DrawFn) -> AnyEvent:
    """Anything that can happen after the opening."""
    item = draw(ITEMS)
    rules = tuple(item.rule) or ("_unanswered",)
    gap = f"{item.id}/{rules[0]}"
    targets = st.sampled_from((item.id, gap, f"s:{SMALL.section_of[item.id].id}", f"u:{item.id}"))
    some = st.lists(PEOPLE, max_size=2, unique=True).map(tuple)
    return draw(
        changes()
        | changes()
        | st.builds(TakenBack, item=st.just(item.id))
        | st.builds(Rescheduled, talks_on=DAYS)
        | st.builds(Joined, person=PEOPLE, name=TEXTS, role=st.sampled_from(Role))
        | st.builds(Left, person=PEOPLE)
        | st.builds(Invited, invite=TEXTS, role=st.sampled_from(Role), expires_at=st.just(negotiation().opened_at))
        | st.builds(
            Waived,
            gap=st.sampled_from([f"{item.id}/{rule}" for rule in rules]),
            reason=TEXTS,
            until=DAYS,
            severity=st.sampled_from(Severity) | st.none(),
        )
        | st.builds(Assigned, target=targets, people=some)
        | st.builds(DueSet, target=targets, day=DAYS | st.none())
        | st.builds(Pursued, spot=st.just(item.id), course=st.sampled_from(("question", "task", None)))
        | st.builds(Signed, state=TEXTS, verdict=st.sampled_from(("go", "conditional", "no_go")), words=TEXTS)
        | st.builds(RoleGiven, person=PEOPLE, role=st.sampled_from(Role))
        | st.builds(Restricted, section=st.just(SMALL.section_of[item.id].id), people=some | st.none())
        | st.builds(Archived, archived=st.booleans())
        | st.builds(Keep, days=st.integers(1, 3650) | st.none(), after=st.sampled_from(("talks", "away")))
    )


@st.composite
def lines(draw: st.DrawFn) -> tuple[Happened, ...]:
    """A whole line of events, at random distances of time."""
    _, line = story(given={"partners": draw(st.sampled_from(("", "Zenda", "Zenda\nStrelsau")))})
    n = fold(line)
    for drawn in draw(st.lists(events(), max_size=25)):
        at = line[-1].at + timedelta(hours=draw(st.integers(0, 200)))
        event, by = drawn, draw(PEOPLE)
        if isinstance(event, Signed):  # what stands is signed by a lead, as it is
            if not n.leads:
                continue
            by, event = n.leads[0], event.model_copy(update={"state": state_hash(n)})
            if objection(n, event, at.date()):
                event = Signed(state=event.state, verdict="no_go", words="Not yet.")
        line = (*line, Happened(len(line) + 1, at, by, event))
        n = after(n, line[-1])
    return line


def fold(line: tuple[Happened, ...]) -> Negotiation:
    return reduce(after, line[1:], opened(line[0], SMALL))


def judged(n: Negotiation) -> list[Gap]:
    return sorted(gaps(n, SOON), key=lambda gap: gap.key)


@given(st.data())
def test_the_order_of_answers_does_not_matter(data: st.DataObject) -> None:
    """The same answers to different items give the same gaps in whatever order they came."""
    items = data.draw(st.lists(ITEMS, unique_by=lambda item: item.id))
    said = [data.draw(answers(item)) for item in items]
    other = data.draw(st.permutations(said))
    assert judged(happen(negotiation(), *said)) == judged(happen(negotiation(), *other))


@given(lines(), changes())
def test_what_is_taken_back_leaves_no_trace_in_the_gaps(line: tuple[Happened, ...], change: AnyEvent) -> None:
    """Whatever was changed at an item and taken back is as if it had never been."""
    before = fold(line)
    assert not isinstance(change, Rescheduled | Invited | Joined | Left | Waived)  # those are at no item
    after_all = happen(before, change, TakenBack(item=change.item))  # type: ignore[union-attr]
    assert judged(before) == judged(after_all)
    assert before.record(change.item).said == after_all.record(change.item).said  # type: ignore[union-attr]


@given(lines(), st.integers(1, 28))
def test_folding_in_two_halves_equals_folding_at_once(line: tuple[Happened, ...], cut: int) -> None:
    """A cached negotiation and the tail of its events are the whole."""
    half = fold(line[:cut])
    judged(half)  # judging changes nothing
    whole, tailed = fold(line), reduce(after, line[cut:], half) if cut < len(line) else half
    assert judged(whole) == judged(tailed)
    assert (whole.seq, whole.people, whole.waivers) == (tailed.seq, tailed.people, tailed.waivers)
    assert whole.records == tailed.records


@given(lines())
def test_waivers_never_make_things_worse(line: tuple[Happened, ...]) -> None:
    """Every gap is open or waived, none is both, and the verdict after waivers is never the worse."""
    verdict = readiness(fold(line), SOON)
    assert len(verdict.gaps) + len(verdict.waived) == len(judged(fold(line)))
    order = ["ready", "conditional", "not ready"]
    assert order.index(verdict.state) <= order.index(verdict.raw)


def test_the_day_of_the_talks_is_that_of_the_last_move() -> None:
    """Moving the talks moves every due date with them."""
    n = negotiation()
    later = happen(n, Rescheduled(talks_on=TALKS + timedelta(days=7)))
    one, other = ({gap.key: gap.due for gap in judged(of)} for of in (n, later))
    assert all(due is None or other[key] == due + timedelta(days=7) for key, due in one.items())
