"""The partner version: nothing in it can be traced to what is internal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.application.documents import PictureCache, document, order, render_document
from bot.dialog.contract import ButtonReply, DocumentRequest, Place, TextReply
from bot.dialog.screens.partner_release import HandlingMarking, InternalItem, InternalMarks, InternalSection
from bot.domain.access.partner_release import partner_report, released
from bot.domain.answers import UNKNOWN, Text
from bot.domain.checklist import Checklist
from bot.domain.events import AnyEvent, Evidence, EvidenceAdded, Exported, Internal, RowPut, Signed, TakenBack
from bot.domain.export_formats import EXPORT_FORMATS
from bot.domain.lint import faults
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after
from bot.domain.readiness.readiness import State, gaps
from bot.domain.report.builder import Report, report
from bot.domain.report.model import PARTNER
from bot.exports.registry import written
from tests.api import context as room_of
from tests.api import handle
from tests.factories import SMALL, happen, happened, negotiation, real, settled, story
from tests.test_fold import fold, lines

NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)
SECRET = "Sample secret"
TARGETS = (
    *(f"s:{section.id}" for section in SMALL.sections),
    *SMALL.item,
    *(f"{item.id}.{field.id}" for item in SMALL.item.values() for field in item.fields),
)


def marked(n: Negotiation, *targets: str) -> Negotiation:
    return replace(n, internal=frozenset(targets))


def for_partners(
    n: Negotiation, line: Sequence[Happened], *targets: str, more: Sequence[AnyEvent] = ()
) -> tuple[Report, str]:
    """The partner version with these marked, and all the words in it."""
    for event in more:
        line = (*line, happened(n, event))
        n = happen(n, event)
    found = partner_report(marked(n, *targets), line, NOW, "Maya")
    return found, str(found)


def hidden(event: AnyEvent, n: Negotiation, there: Negotiation) -> bool:
    """Whether an event is at an item of which nothing is released: what is written outside the internal stays."""
    names = [getattr(event, name, "") or "" for name in ("item", "gap", "target", "spot")]
    item = next((one.removeprefix("u:").partition("/")[0] for one in names if one), "")
    return item in n.checklist.item and item not in there.checklist.item


def otherwise(line: Sequence[Happened], n: Negotiation) -> tuple[Happened, ...]:
    """The same line with whatever is internal never told, or told otherwise."""
    other: list[Happened] = []
    there, _ = released(n, line)
    for one in line:
        event = one.event
        if hidden(event, n, there):
            continue
        if isinstance(event, RowPut):
            secret = event.cells.keys() - there.checklist.item[event.item].field.keys()
            cells = {name: None if name in secret else cell for name, cell in event.cells.items()}
            event = RowPut(item=event.item, row=event.row, cells=cells)
        other.append(replace(one, seq=len(other) + 1, event=event))
    return tuple(other)


@given(lines(), st.lists(st.sampled_from(TARGETS), max_size=4, unique=True))
def test_whatever_is_internal_could_as_well_be_anything_else(line: tuple[Happened, ...], targets: list[str]) -> None:
    """Two negotiations that differ only in what is internal give the same partner version, to the byte."""
    n = marked(fold(line), *targets)
    other = otherwise(line, n)
    assert partner_report(n, line, NOW, "Maya") == partner_report(marked(fold(other), *targets), other, NOW, "Maya")


def of_gaps_there(line: Sequence[Happened]) -> tuple[Happened, ...]:
    """A line without what is said of gaps that are not there: no place offers that, and no partner is told of it."""
    told = [line[0]]
    n = fold(line[:1])
    for one in line[1:]:
        aim = getattr(one.event, "gap", None) or getattr(one.event, "target", "")
        if "/" in aim and all(gap.key != aim for gap in gaps(n, one.at.date())):
            continue
        told.append(replace(one, seq=len(told) + 1))
        n = after(n, told[-1])
    return tuple(told)


@pytest.mark.slow
@given(lines().map(of_gaps_there))
def test_with_nothing_internal_it_is_the_whole_but_for_its_face(line: tuple[Happened, ...]) -> None:
    n = fold(line)
    there, here = partner_report(n, line, NOW, "Maya"), report(n, NOW, "Maya", line)
    assert there.head.partner
    assert not here.head.partner
    assert there.sections == here.sections
    assert (there.gaps, there.unknowns, there.counts) == (here.gaps, here.unknowns, here.counts)


@pytest.mark.prove
@pytest.mark.parametrize("checklist", ["us-china-space", "bilateral", "humanitarian"])
def test_whatever_is_marked_the_rest_of_a_checklist_stays_sound(checklist: str) -> None:
    """Item by item and field by field: no rule and no condition looks at what is gone."""
    n, line = settled(checklist)
    items = real(checklist).item.values()
    fields = [f"{item.id}.{field.id}" for item in items for field in item.fields]
    for number, target in enumerate([*(item.id for item in items), *fields]):
        there, told = released(marked(n, target), line)
        assert not [fault for fault in faults(there.checklist) if "no item" in fault.what or "no field" in fault.what]
        if number % 8 == 0:  # a whole report takes longer than all the rest
            assert report(there, NOW, "Maya", told)


@pytest.mark.parametrize("target", ["s:transparency", "goals", "goals.goal"])
@pytest.mark.parametrize("form", [name for name, form in EXPORT_FORMATS.items() if form.partner])
def test_what_is_internal_stands_in_no_file(form: str, target: str) -> None:
    n, line = story(
        rows={
            "goals": {"r1": {"goal": SECRET, "want": "must"}},
            "asks": {"r1": {"ask": "Sample ask", "topic": "budget", "goal": "r1"}},
        }
    )
    found, text = for_partners(n, line, target)
    assert SECRET not in text
    assert SECRET.encode() not in written(form, found)
    assert SECRET in str(report(n, NOW, "Maya", line))


VISITS = Checklist.model_validate(
    yaml.safe_load("""
id: visits
version: 1
title: Visits
about: Questions that are asked only where another answer says so.
source: Written for tests.
points: {T1: To know.}
sections:
  - id: open
    title: Whom we visit
    about: What everybody is asked.
    items:
      - {id: risky, label: Risky, ask: "Is it risky?", kind: yes_no, why: To know., from: [T1]}
      - id: hosts
        label: Hosts
        ask: Whom do we visit?
        kind: table
        why: To know.
        from: [T1]
        fields:
          - {id: name, label: Name, ask: "Who?", kind: text, required: true}
          - {id: armed, label: Armed, ask: "Armed?", kind: yes_no}
          - {id: escort, label: Escort, ask: "Who goes along?", kind: text, show_if: {the: .armed, is: "yes"}}
          - {id: radio, label: Radio, ask: "On which channel?", kind: text,
             show_if: {not: {the: .escort, missing: true}}}
          - {id: shelter, label: Shelter, ask: "Where is shelter?", kind: text, show_if: {the: risky, is: "yes"}}
      - {id: doctor, label: Doctor, ask: "Which doctor comes?", kind: text, why: To know., from: [T1],
         show_if: {any_row: hosts, where: {the: .armed, is: "yes"}}}
  - id: quiet
    title: In a dangerous place
    about: What is asked only where it is risky.
    items:
      - {id: signal, label: Signal, ask: "Which signal ends it?", kind: text, why: To know., from: [T1],
         show_if: {the: risky, is: "yes"}}
""")
)


@pytest.mark.parametrize(
    ("internal", "no", "asked_for_it", "released"),
    [
        ("risky", "risky", ("shelter", "signal"), {"Hosts", "Name", "Armed", "Escort", "Radio", "Doctor"}),
        ("hosts.armed", "armed", ("escort", "radio", "doctor"), {"Risky", "Hosts", "Name", "Shelter", "Signal"}),
        ("s:open", "risky", ("shelter", "signal"), set()),
    ],
)
@pytest.mark.parametrize("form", [name for name, form in EXPORT_FORMATS.items() if form.partner])
def test_what_is_asked_only_for_an_internal_answer_does_not_tell_it(
    form: str, internal: str, no: str, asked_for_it: Sequence[str], released: set[str]
) -> None:
    """Neither by being there nor by being gone: a field, an item, a section, and what hangs on one of these."""
    others = [name for name in ("escort", "radio", "shelter", "doctor", "signal") if name not in asked_for_it]
    where_yes = for_visits(internal, "", (*others, *asked_for_it))
    where_no = for_visits(internal, no, others)
    items = [item for section in where_yes.sections for item in section.items]
    assert {word for item in items for word in (item.label, *item.headers)} == released
    assert written(form, where_yes) == written(form, where_no)


def test_a_lead_is_told_what_goes_with_what_is_internal() -> None:
    """Before a file is made: nobody marked these, and they are left out."""
    n = marked(negotiation(checklist=VISITS), "hosts.armed")
    text = InternalMarks().render(room_of(n, "maya", now=NOW)).text
    assert "Internal now: Armed of Hosts.\n\nLeft out with it: Doctor, Escort of Hosts, Radio of Hosts." in text
    assert "Left out with it" not in InternalMarks().render(room_of(marked(n, "doctor"), "maya", now=NOW)).text


def for_visits(internal: str, no: str, named: Sequence[str]) -> Report:
    """The partner version of visits of which so much is named, in this order, and only one thing is answered by no."""
    said = {name: f"Sample {name}" for name in named}
    fields = {name: said.pop(name, None) for name in ("escort", "radio", "shelter")}
    host = {"name": "A host", "armed": "no" if no == "armed" else "yes", **fields}
    answers = {"risky": "no" if no == "risky" else "yes", **said}
    n, line = story(checklist=VISITS, rows={"hosts": {"r1": host}}, answers=answers)
    return for_partners(n, line, internal)[0]


def test_the_file_says_that_it_is_for_partners() -> None:
    n, line = story()
    found, _ = for_partners(n, line, "rung")
    assert found.head.face == (PARTNER,)
    for form in ("html", "markdown", "calendar"):
        assert b"Partner version" in written(form, found)


def test_counts_state_and_history_speak_of_what_is_shown() -> None:
    """A blocker in an internal item makes no partner version unready, and no number jumps."""
    n, line = story(answers={"rung": "crewed"})
    open_blockers = report(n, NOW, "Maya", line).counts[0].open
    found, text = for_partners(n, line, "rung")
    assert "Too high a rung" not in text
    assert found.counts[0].open == open_blockers - 1
    assert found.head.seq == len(found.history) == len(line) - 1
    everything = [f"s:{section.id}" for section in SMALL.sections]
    assert for_partners(n, line, *everything)[0].state == State.READY


def test_a_change_taken_back_is_told_only_where_the_change_is() -> None:
    n, line = story(rows={"goals": {"r1": {"goal": "Sample goal", "rank": "1"}}})
    put = RowPut(item="goals", row="r1", cells={"rank": UNKNOWN})
    _, text = for_partners(n, line, "goals.rank", more=(put, TakenBack(item="goals")))
    assert "took back" not in text
    found, text = for_partners(n, line, "asks", more=(put, TakenBack(item="goals")))
    assert "took back" in text
    assert found.sections[0].items[0].lines[0].cells[2].text == "1"


def test_what_points_at_an_internal_table_is_internal_too() -> None:
    n, line = story(
        rows={
            "asks": {"r1": {"ask": SECRET, "topic": "budget"}},
            "ledger": {"r1": {"ask": "r1", "shown": "A sample of ours"}},
        }
    )
    found, text = for_partners(n, line, "asks")
    assert SECRET not in text
    assert "removed" not in text
    [ledger] = [one for section in found.sections for one in section.items if one.id == "ledger"]
    assert ledger.headers == ("We show",)
    assert "Asks and disclosures do not match" not in text


def test_an_internal_name_of_given_rows_stays_out_with_what_was_asked_at_the_opening() -> None:
    n, line = story(given={"partners": SECRET}, rows={"parties": {"partner1": {"position": "support"}}})
    _, text = for_partners(n, line, "parties.party")
    assert SECRET not in text
    assert "Support" in text
    _, text = for_partners(n, line, "parties")
    assert SECRET not in text


def test_signatures_exports_marks_and_evidence_of_what_is_internal_stay_out() -> None:
    n, line = story()
    proof = EvidenceAdded(item="rung", evidence=Evidence(id="e1", form="link", text=SECRET))
    more = (proof, Signed(state="0" * 64, verdict="go", words=SECRET), Exported(form="word"))
    more = (*more, Internal(target="rung", internal=True))
    _, text = for_partners(n, line, "rung", more=more)
    assert SECRET not in text
    assert "took the checklist away" not in text
    assert "internal" not in text.replace(PARTNER, "")


def test_marking_and_releasing_is_remembered_and_told() -> None:
    n = happen(negotiation(), Internal(target="goals.rank", internal=True), Internal(target="rung", internal=True))
    assert n.internal == {"goals.rank", "rung"}
    n = happen(n, Internal(target="rung", internal=False))
    assert n.internal == {"goals.rank"}
    before = happen(n, RowPut(item="goals", row="r1", cells={"goal": Text(text="A")}))
    assert happen(before, Internal(target="asks", internal=True)).content_seq == before.content_seq


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (InternalSection("transparency"), ButtonReply("mark")),
        (InternalItem("goals"), ButtonReply("mark", "goal")),
        (HandlingMarking(), TextReply("SAMPLE HANDLING")),
    ],
)
def test_only_a_lead_says_what_stays_internal(place: Place, said: TextReply | ButtonReply) -> None:
    """Also from a button that a member should never have seen."""
    n = negotiation()
    outcome = handle(room_of(n, "omar", now=NOW), place, said)
    assert not outcome.happened
    assert outcome.aside.startswith("Only Maya, the lead, can do this. Nothing was recorded.")
    assert handle(room_of(n, "maya", now=NOW), place, said).happened


@pytest.mark.slow
def test_the_chat_and_the_command_line_give_the_same_bytes() -> None:
    """For the same state, time and person there is one file of each form."""
    n, line = story()
    context = room_of(n, "maya", now=NOW)
    for name, form in EXPORT_FORMATS.items():
        for variant in ("", "partner") if form.partner else ("",):
            paper = DocumentRequest(name, variant)
            brought, _ = render_document(order(paper, context, lambda: line, lambda _: None, 1, PictureCache()), "")
            assert brought == document(paper, n, line, lambda _: None, NOW, "Maya")
            assert brought is not None
            assert form.holds in brought.caption
            assert brought.name.endswith(f"{'-partner' if variant else ''}.{form.extension}")
