"""What a checklist of format 2 may say beyond format 1: who can know it, what is internal, what is one errand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.dialog.contract import ButtonReply
from bot.dialog.screens.item import ItemWhy
from bot.dialog.screens.unknowns import NOT_THEIRS, UnknownDetail
from bot.domain.access.partner_checklist import releasable
from bot.domain.answers import UNKNOWN, NotApplicable, Picked, Text
from bot.domain.checklist import Checklist
from bot.domain.events import Answered, DueSet, Internal, Pursued, Rescheduled, RowPut, Signed, TakenBack, Waived
from bot.domain.lint import faults
from bot.domain.ownership import due
from bot.domain.readiness.readiness import State, gaps, gaps_at, gaps_once, readiness
from bot.domain.readiness.shortest_path import way
from bot.domain.readiness.unknowns import unknowns
from bot.domain.report.builder import report
from bot.domain.sign_off import objection, state_hash
from tests.api import context
from tests.factories import MONDAY, SMALL, TALKS, happen, negotiation, settled
from tests.ready import ready

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def written(**changes: dict[str, Any]) -> Checklist:
    """The small checklist in format 2, some items (``item``) and rules (``item__rule``) with these keys as well."""
    data = SMALL.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data["format"] = 2
    for item in (item for section in data["sections"] for item in section["items"]):
        item.setdefault("asked_of", "them")
        item.update(changes.get(item["id"], {}))
        for rule in item.get("gaps", []):
            rule.update(changes.get(f"{item['id']}__{rule['id']}", {}))
    return Checklist.model_validate(data)


def test_the_text_of_an_earlier_checklist_keeps_its_digest() -> None:
    """Open talks find the checklist they were opened on by it."""
    again = Checklist.model_validate(SMALL.model_dump(by_alias=True))
    assert again.digest == SMALL.digest
    assert again.format == 1


# Whose knowledge it is


def test_only_what_is_theirs_can_become_a_question_to_them() -> None:
    checklist = written(minimum={"asked_of": "us"}, budget={"asked_of": "others"})
    n = negotiation(checklist=checklist, answers={"minimum": UNKNOWN, "budget": UNKNOWN, "mandate": UNKNOWN})
    here = context(n, "omar", now=NOW)
    for spot, theirs in (("minimum", False), ("budget", False), ("mandate", True)):
        place = UnknownDetail(spot)
        shown = place.render(here)
        labels = [button.label for row in shown.buttons for button in row]
        assert ("Ask it first" in labels) is theirs
        assert (NOT_THEIRS in shown.text) is not theirs
        heard = place.handle(here, ButtonReply("question", "1"))
        assert bool(heard.events) is theirs
        assert place.handle(here, ButtonReply("task")).events  # which anything can be


def test_a_field_says_for_itself_whose_knowledge_it_is() -> None:
    fields = SMALL.item["parties"].model_dump(mode="json", by_alias=True, exclude_defaults=True)["fields"]
    fields[1]["asked_of"] = "us"
    n = negotiation(checklist=written(parties={"fields": fields}), rows={"parties": {"japan": {"position": UNKNOWN}}})
    assert [one.askable for one in unknowns(n, MONDAY)] == [False]


def test_where_nobody_says_anything_may_be_asked_as_before() -> None:
    n = negotiation(answers={"minimum": UNKNOWN})
    assert [one.askable for one in unknowns(n, MONDAY)] == [True]


def test_what_became_a_question_earlier_stays_one() -> None:
    n = negotiation(checklist=written(minimum={"asked_of": "us"}), answers={"minimum": UNKNOWN})
    n = happen(n, Pursued(spot="minimum", course="question", priority=1))
    assert [one.question for one in unknowns(n, MONDAY)] == [True]


def test_an_item_that_does_not_say_is_a_fault_in_format_2_alone() -> None:
    found = faults(written(minimum={"asked_of": None}))
    assert [fault.what for fault in found] == ["item minimum does not say of whom it may be asked"]
    assert not faults(SMALL)


# What is internal


def test_what_the_checklist_marks_is_internal_from_the_opening_on_and_a_lead_lets_it_out() -> None:
    fields = SMALL.item["goals"].model_dump(mode="json", by_alias=True, exclude_defaults=True)["fields"]
    fields[-1]["internal"] = True
    n = negotiation(checklist=written(minimum={"internal": True}, goals={"fields": fields}))
    assert n.internal == {"minimum", f"goals.{fields[-1]['id']}"}
    assert happen(n, Internal(target="minimum", internal=False)).internal == {f"goals.{fields[-1]['id']}"}
    assert not negotiation().internal


# One errand, one gap


def silenced(**more: dict[str, Any]) -> Checklist:
    return written(mandate__none={"unless_gap": "walk_away/none"}, **more)


def test_a_rule_is_silent_while_another_gap_is_open_waived_or_not() -> None:
    n = negotiation(checklist=silenced())
    keys = [gap.key for gap in gaps(n, MONDAY)]
    assert "walk_away/none" in keys
    assert "mandate/none" not in keys
    waived = happen(n, Waived(gap="walk_away/none", reason="Fine.", until=TALKS, severity="blocker"))
    assert "mandate/none" not in {gap.key for gap in gaps(waived, MONDAY)}
    drawn = negotiation(checklist=silenced(), rows={"walk_away": {"form": {"line": "Here"}}})
    assert "mandate/none" in {gap.key for gap in gaps(drawn, MONDAY)}


@pytest.mark.parametrize("line", [None, "Here"])
def test_every_way_of_judging_knows_the_silent_ones(line: str | None) -> None:
    n = negotiation(checklist=silenced(), rows={"walk_away": {"form": {"line": line}}})
    whole = gaps(n, MONDAY)
    assert gaps_once(n, MONDAY) == whole
    assert {gap.key for gap in gaps_at(n, n.checklist.item["mandate"], MONDAY)} == {
        gap.key for gap in whole if gap.item == "mandate"
    }
    assert readiness(n, MONDAY).gaps == whole


def test_judging_again_after_a_change_hears_what_was_silent() -> None:
    """Nothing that was judged before stands in the way."""
    n = negotiation(checklist=silenced())
    assert "mandate/none" not in {gap.key for gap in gaps(n, MONDAY)}
    drawn = happen(n, RowPut(item="walk_away", row="form", cells={"line": Text(text="Here")}))
    assert "mandate/none" in {gap.key for gap in gaps(drawn, MONDAY)}
    assert "mandate/none" not in {gap.key for gap in gaps(happen(drawn, TakenBack(item="walk_away")), MONDAY)}


def test_in_one_table_a_row_is_silent_for_itself() -> None:
    rules = SMALL.item["parties"].model_dump(mode="json", by_alias=True, exclude_defaults=True)["gaps"]
    untold = {
        "id": "untold", "severity": "major", "each": True, "when": {"the": ".position", "is": "oppose"},
        "says": "“{row}” is against it.", "mend": "Talk to them.",
    }  # fmt: skip
    also = {**untold, "id": "also", "severity": "minor", "unless_gap": "parties/untold",
            "when": {"not": {"the": ".position", "is": "support"}}, "says": "“{row}” is not for it."}  # fmt: skip
    n = negotiation(
        checklist=written(parties={"gaps": [*rules, untold, also]}),
        rows={"parties": {"japan": {"position": "oppose"}, "r2": {"party": "Samplia"}}},
    )
    keys = [gap.key for gap in gaps(n, MONDAY)]
    assert "parties/untold/japan" in keys
    assert "parties/also/japan" not in keys
    assert "parties/also/r2" in keys


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mandate__none": {"unless_gap": "walk_away/nome"}}, "there is no gap rule walk_away/nome"),
        (
            {"mandate__none": {"unless_gap": "walk_away/none"}, "walk_away__none": {"unless_gap": "mandate/none"}},
            "mandate/none waits in a circle for itself",
        ),
        (
            {"mandate__none": {"unless_gap": "parties/position"}},
            "parties/position weighs less than mandate/none, and would hide it",
        ),
        (
            {"crewed__crewed": {"unless_gap": "mandate/none"}},
            "mandate/none can be waived and crewed/crewed cannot",
        ),
        (
            {"mandate__none": {"unless_gap": "verdict/go"}},
            "a rule that looks at open blockers neither is silent nor silences",
        ),
    ],
)
def test_a_rule_that_would_hide_too_much_is_a_fault(changes: dict[str, dict[str, Any]], says: str) -> None:
    assert says in [fault.what for fault in faults(written(**changes))]


def test_a_rule_silent_for_the_sake_of_what_is_internal_speaks_to_partners() -> None:
    n = negotiation(checklist=silenced(walk_away={"internal": True}))
    there = releasable(n).checklist
    assert not faults(there)
    assert there.item["mandate"].rule["none"].unless_gap is None


# Weight


def light() -> Checklist:
    return written(mandate__none={"lighter": {"when": {"the": "rung", "is": "contacts"}, "severity": "minor"}},
                   crewed__crewed={"lighter": {"when": {"the": "rung", "under": 2}, "severity": "major"}})  # fmt: skip


def test_a_rule_weighs_less_where_the_checklist_says_so() -> None:
    for rung, severity in (("contacts", "minor"), ("standards", "blocker")):
        n = negotiation(checklist=light(), answers={"rung": rung})
        assert [gap.severity for gap in gaps(n, MONDAY) if gap.key == "mandate/none"] == [severity]


def test_what_weighs_less_can_be_waived() -> None:
    for rung, waivable in (("contacts", True), ("standards", False)):
        n = negotiation(checklist=light(), answers={"rung": rung, "crewed": "yes"})
        assert [gap.waivable for gap in gaps(n, MONDAY) if gap.key == "crewed/crewed"] == [waivable]


def test_weight_follows_the_answer_it_depends_on_at_once() -> None:
    n = negotiation(checklist=light())
    assert {gap.key: gap.severity for gap in gaps(n, MONDAY)}["mandate/none"] == "blocker"
    n = happen(n, Answered(item="rung", answer=Picked(options=("contacts",))))
    assert {gap.key: gap.severity for gap in gaps(n, MONDAY)}["mandate/none"] == "minor"


def test_lighter_is_lighter() -> None:
    changes = {"mandate__none": {"lighter": {"when": {"the": "rung", "is": "contact"}, "severity": "blocker"}}}
    told = [fault.what for fault in faults(written(**changes))]
    assert told == ["blocker is not lighter than blocker", "rung can never be contact"]


def test_a_blocker_that_a_lead_accepted_no_longer_speaks_elsewhere() -> None:
    """From format 2 on; before, a go over a waived blocker stayed a blocker."""
    for checklist, speaks in ((written(), False), (SMALL, True)):
        rows = {"goals": {"r1": {"goal": "A sample", "want": "must"}}}
        n = negotiation(checklist=checklist, answers={"verdict": "go", "crewed": "no"}, rows=rows)
        assert "verdict/go" in {gap.key for gap in gaps(n, MONDAY)}
        waivers = [
            Waived(gap=gap.key, reason="Fine.", until=TALKS, severity=gap.severity)
            for gap in gaps(n, MONDAY)
            if gap.severity == "blocker" and gap.waivable
        ]
        n = happen(n, *waivers)
        assert ("verdict/go" in {gap.key for gap in gaps(n, MONDAY)}) is speaks
        assert gaps_once(n, MONDAY) == gaps(n, MONDAY)
        target = State.CONDITIONAL
        assert bool(way(n, MONDAY, target).steps) is (readiness(n, MONDAY).state == State.NOT_READY)


# Days that are drawn together


@pytest.mark.parametrize(
    ("days", "longest", "opened", "on"),
    [
        (30, 60, 100, 30),  # time enough: as it is written
        (30, 60, 60, 30),
        (30, 60, 30, 15),
        (60, 60, 30, 29),  # a day after the opening
        (60, 60, 1, 1),
        (7, 60, 10, 2),
        (60, 60, 0, 0),
    ],
)
def test_days_are_drawn_together_where_talks_are_opened_late(days: int, longest: int, opened: int, on: int) -> None:
    checklist = written(minimum={"due": days}, mandate={"due": longest})
    n = negotiation(checklist=checklist, opened_on=TALKS - timedelta(days=opened))
    assert due(n, n.checklist.item["minimum"]) == TALKS - timedelta(days=on)


@pytest.mark.parametrize("opened", range(0, 70, 3))
def test_nothing_is_late_on_the_day_of_opening(opened: int) -> None:
    checklist = written(minimum={"due": 60}, mandate={"due": 45}, parties={"due": 1})
    day = TALKS - timedelta(days=opened)
    n = negotiation(checklist=checklist, opened_on=day)
    assert all(gap.due is None or gap.due >= day for gap in gaps(n, day))


def test_days_are_counted_from_the_moving_of_the_talks_and_those_set_by_hand_stay() -> None:
    n = negotiation(checklist=written(minimum={"due": 60}), opened_on=MONDAY)
    by_hand = happen(n, DueSet(target="mandate", day=date(2026, 11, 5)))
    moved = happen(by_hand, Rescheduled(talks_on=date(2026, 12, 2)), at=datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert due(moved, n.checklist.item["minimum"]) == date(2026, 11, 23)
    assert due(moved, n.checklist.item["mandate"]) == date(2026, 11, 5)


def test_in_format_1_days_stay_as_they_were() -> None:
    n = negotiation(opened_on=TALKS - timedelta(days=3))
    assert due(n, n.checklist.item["minimum"]) == TALKS - timedelta(days=30)


def test_why_an_item_is_asked_tells_its_day_where_it_is_not_the_written_one() -> None:
    n = negotiation(checklist=written(minimum={"due": 60}), opened_on=date(2027, 1, 30))
    assert "Due on 31 January 2027." in ItemWhy("minimum").render(context(n, "omar", now=NOW)).text
    early = negotiation(checklist=written(minimum={"due": 60}), opened_on=MONDAY)
    assert "Due 60 days before the talks." in ItemWhy("minimum").render(context(early, "omar", now=NOW)).text


# What it lets a lead say


def test_a_lead_cannot_sign_for_more_than_the_delegation_answered() -> None:
    """Both are named; a dissent, and what goes no further, can be signed."""
    n = settled("bilateral")[0]
    day = ready("bilateral").today
    for answered, may_be_signed in (
        ("go", {"go", "conditional", "no_go"}),
        ("conditional", {"conditional", "no_go"}),
        ("no_go", {"no_go"}),
    ):
        said = happen(n, Answered(item="verdict", answer=Picked(options=(answered,))))
        why = {
            verdict: objection(said, Signed(state=state_hash(said), verdict=verdict, words="In May."), day)
            for verdict in ("go", "conditional", "no_go")
        }
        assert {verdict for verdict, objected in why.items() if not objected} == may_be_signed
        assert all("“Go or no-go”" in objected for objected in why.values() if objected)
    assert "“Do not go”" in why["go"]
    assert "“Go”" in why["go"]


def test_what_does_not_apply_leaves_no_gap() -> None:
    """With a reason, though a blocker of the item could be open; in format 1 it is a gap that a lead accepts."""
    for checklist, left in ((written(), []), (SMALL, ["rung"])):
        n = negotiation(checklist=checklist, answers={"rung": NotApplicable(reason="No such steps.")})
        assert [gap.item for gap in gaps(n, MONDAY) if gap.item == "rung"] == left


def test_the_questions_for_the_session_begin_with_what_we_ask_to_see() -> None:
    """In words fit to be read out, or as it is named: to whom, for which goal, and who of us asks."""
    n = settled("bilateral")[0]
    ((heading, questions), *_) = report(n, NOW, "Maya").unknowns_by_course
    assert heading == "Questions for the first session"
    assert [(question.ask, question.owner) for question in questions] == [
        ("Could you tell us who signs a project? · to Sample official A · for “Know who decides”", "Sample official B"),
        ("The yearly budget · to Sample official A · for “Know what it costs”", "Sample official B"),
        ("The visit we are owed · to Sample official A · for “Know what it costs”", "Sample official B"),
    ]


def test_the_fields_of_requests_are_there() -> None:
    data = written(asks={"requests": {"words": "ask", "to": "topic", "by": "owner", "goal": "goal"}})
    assert [fault.what for fault in faults(data)] == ["item asks has no field owner"]
