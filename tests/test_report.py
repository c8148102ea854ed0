"""What a report says, and how one event is told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.domain.answers import UNKNOWN, Claim, NotApplicable, Text
from bot.domain.checklist import Severity
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    Claimed,
    Confirmed,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    Invited,
    Left,
    Rescheduled,
    Role,
    RowPut,
    RowRemoved,
    TakenBack,
    Waived,
)
from bot.domain.readiness.readiness import State, gaps
from bot.domain.report.builder import CellContent, ItemStatus, Report, ReportItem, report
from bot.domain.wording.history import told
from tests.factories import MONDAY, happen, happened, negotiation, story

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASK = {"asks": {"r1": {"ask": "Sample ask", "topic": "budget"}}}
LINK = Evidence(id="e1", form="link", text="https://example.org/a")


def item(found: Report, label: str) -> ReportItem:
    return next(one for section in found.sections for one in section.items if one.label == label)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Rescheduled(talks_on=date(2027, 4, 2)), "Omar moved the talks to 2 April 2027"),
        (Invited(invite="x", role=Role.MEMBER, expires_at=NOW), "Omar invited a member"),
        (Left(person="maya"), "Omar removed Maya"),
        (Left(person="omar"), "Omar left"),
        (Answered(item="rung", answer=None), "Omar took back the answer to Rung"),
        (Answered(item="rung", answer=UNKNOWN), "Omar answered Rung: unknown"),
        (
            Answered(item="rung", answer=NotApplicable(reason="No.")),
            "Omar answered Rung: not applicable: No.",
        ),
        (Answered(item="minimum", answer=Text(text="a\n\nb")), "Omar answered Minimum: a / b"),
        (RowRemoved(item="asks", row="r1"), "Omar removed “Sample ask” from What we ask to see"),
        (RowRemoved(item="parties", row="japan"), "Omar removed “Japan” from Parties"),
        (TakenBack(item="goals"), "Omar took back the last change at Goals"),
        (Claimed(item="goals", claim=Claim.IN_HAND), "Omar said Goals is in hand"),
        (Claimed(item="goals", claim=None), "Omar took back what the first pass said of Goals"),
        (Confirmed(item="goals"), "Omar confirmed Goals"),
        (EvidenceAdded(item="rung", evidence=LINK), "Omar put a link behind Rung: https://example.org/a"),
        (EvidenceRemoved(item="rung", evidence="e9"), "Omar took evidence away from Rung"),
        (Assigned(target="rung", people=("maya",)), "Omar assigned Rung to Maya"),
        (Assigned(target="rung", people=()), "Omar assigned Rung to nobody"),
        (
            Waived(gap="asks/budget", reason="Signed.", until=date(2027, 3, 1)),
            "Omar waived asks/budget until 1 March 2027: Signed.",
        ),
        (Waived(gap="asks/budget", reason=None, until=None), "Omar withdrew the waiver of asks/budget"),
    ],
)
def test_every_event_is_told_in_words(event: AnyEvent, words: str) -> None:
    """One event is one sentence, whether or not the negotiation knows it already."""
    n = negotiation(rows=ASK)
    assert words == told(n, happened(n, event))
    assert words == told(happen(n, event), happened(n, event))


def test_the_opening_and_the_rows_are_told() -> None:
    """A written row is called by its name, and its other cells follow."""
    n, line = story(rows=ASK)
    assert [told(n, one) for one in line] == [
        "Maya opened talks with Ruritania on the bridge, to begin on 1 March 2027",
        "Maya joined as a lead",
        "Omar joined as a member",
        "Omar wrote “Sample ask” in What we ask to see: Topic budget",
    ]


def test_a_row_is_called_as_it_was_at_the_event() -> None:
    """A later name, or one that was taken back, is not the name of before."""
    n = negotiation(rows=ASK)
    put = RowPut(item="asks", row="r1", cells={"topic": UNKNOWN})
    before, n = happened(n, put), happen(n, put)
    n = happen(n, RowPut(item="asks", row="r1", cells={"ask": Text(text="Renamed")}))
    assert "“Sample ask”" in told(n, before)
    n = happen(n, TakenBack(item="asks"))
    assert told(n, happened(n, put)) == "Omar wrote “Sample ask” in What we ask to see: Topic unknown"


def test_evidence_taken_away_is_named() -> None:
    """What was taken away is called by its text."""
    n = happen(negotiation(), EvidenceAdded(item="rung", evidence=LINK))
    gone = EvidenceRemoved(item="rung", evidence="e1")
    assert told(n, happened(n, gone)) == "Omar took “https://example.org/a” away from Rung"


def test_the_verdict_is_given_with_and_without_waivers() -> None:
    """A waiver lowers the open count and leaves the raw one."""
    blockers = [gap for gap in gaps(negotiation(), MONDAY) if gap.severity == Severity.BLOCKER]
    settled = negotiation(
        rows={
            "goals": {"r1": {"goal": "A", "want": "must"}},
            "walk_away": {"form": {"line": "Here"}},
        },
        waived={"mandate/none": "Signed."},
    )
    found = report(settled, NOW, "Maya")
    assert blockers
    assert (found.state, found.raw) == (State.CONDITIONAL, State.NOT_READY)
    count = next(one for one in found.counts if one.severity == Severity.BLOCKER)
    assert (count.open, count.raw) == (0, 1)


def test_a_blank_an_unknown_and_a_text_called_unknown_are_three_things() -> None:
    """Nothing written is never shown as unknown, nor the other way round."""
    n = negotiation(answers={"mandate": UNKNOWN, "minimum": "unknown"})
    found = report(n, NOW, "Maya")
    sorts = [item(found, label).answer.sort for label in ("Mandate", "Minimum", "Budget")]
    assert sorts == [CellContent.UNKNOWN, CellContent.SAID, CellContent.BLANK]


def test_unknowns_become_questions_for_the_first_session() -> None:
    """Of items and of cells, with who owns them and by when."""
    n = negotiation(answers={"minimum": UNKNOWN}, rows={"parties": {"japan": {"position": UNKNOWN}}})
    n = happen(n, Assigned(target="minimum", people=("omar",)))
    asked = report(n, NOW, "Maya").unknowns
    assert [one.ask for one in asked] == ["What is the least we accept?", "Japan: What do they say?"]
    assert (asked[0].owner, asked[0].due) == ("Omar", date(2027, 1, 30))


def test_an_answer_that_is_no_longer_asked_is_still_in_the_report() -> None:
    """Nothing written is lost, though it counts for nothing."""
    n = negotiation(answers={"crewed": "yes", "safety": "partly"})
    n = happen(n, Answered(item="crewed", answer=None))
    found = report(n, NOW, "Maya")
    assert item(found, "Safety").state == ItemStatus.NOT_ASKED
    assert found.sections[1].total == 7


def test_a_report_says_who_wrote_last() -> None:
    """What the checklist gave was written by nobody."""
    found = report(negotiation(rows=ASK), NOW, "Maya")
    said = item(found, "What we ask to see").said
    assert said
    assert said.by == "Omar"
    assert item(found, "Parties").said is None


def test_every_point_names_the_items_that_come_from_it() -> None:
    """Points of the source are listed with their items."""
    found = report(negotiation(checklist="us-china-space"), NOW, "Maya")
    assert all(point.items for point in found.points)


def test_history_is_whole_when_the_line_of_events_is_given() -> None:
    """Without it, only what happened to items is known."""
    n, line = story(answers={"rung": "contacts"})
    assert len(report(n, NOW, "Maya", line).history) == 4
    assert [one.says for one in report(n, NOW, "Maya").history] == ["Omar answered Rung: Contacts"]
