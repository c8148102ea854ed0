"""Sign-off: one exact state, as many leads as are asked for, void by any change and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.answer_slot import confirmation
from bot.dialog.refusals import refusal
from bot.domain.answers import Day, Picked, Text
from bot.domain.checklist import Severity
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    Confirmed,
    DueSet,
    Joined,
    Left,
    Role,
    RoleGiven,
    RowPut,
    Signed,
    Waived,
)
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, changes_content
from bot.domain.readiness.readiness import State, readiness
from bot.domain.readiness.waivers import accepted, expired
from bot.domain.sign_off import objection, short, sign_off, standing, state_hash, voided
from bot.exports.json.archive import PortableError, dump, load
from tests.api import Chat, Delegation
from tests.api import context as room_of
from tests.factories import MONDAY, SMALL, happen, happened, negotiation, story
from tests.test_fold import ITEMS, SOON, answers, events, fold, lines


def signed(n: Negotiation, verdict: str = "no_go", words: str = "Not yet.") -> Signed:
    return Signed.model_validate({"state": state_hash(n), "verdict": verdict, "words": words})


def settled() -> Negotiation:
    """Nothing blocks, and a second lead is there."""
    n = negotiation(
        answers={"crewed": "no", "rung": "standards", "mandate": "The sample ministry"},
        rows={"goals": {"r1": {"goal": "Sample goal", "want": "must"}}, "walk_away": {"form": {"line": "Here"}}},
    )
    return happen(n, Joined(person="lena", name="Lena", role=Role.LEAD))


@given(lines(), events())
def test_a_signature_is_void_after_any_change_of_content_and_stands_after_anything_else(
    line: tuple[Happened, ...], event: AnyEvent
) -> None:
    n = happen(fold(line), Joined(person="lena", name="Lena", role=Role.LEAD))
    before = happen(n, signed(n), by="Lena")
    then = happen(before, event, by="Omar")
    stands = "lena" in {one.by for one in standing(then)}
    gone = {one.by for one in voided(before, then)}
    if changes_content(before, Happened(before.seq + 1, before.opened_at, "omar", event)):
        assert not stands
        assert gone == {one.by for one in standing(before)}
    else:
        assert not gone
        assert stands == (then.role("lena") == Role.LEAD)


@given(lines(), st.sampled_from(list(SMALL.item)))
def test_that_something_still_holds_voids_signatures_exactly_where_it_changes_what_is_signed(
    line: tuple[Happened, ...], item: str
) -> None:
    """Whatever the event notes of itself. One of before that was noted voids them, as it did."""
    n = happen(fold(line), Joined(person="lena", name="Lena", role=Role.LEAD))
    before = happen(n, signed(n), by="Lena")
    then = happen(before, Confirmed(item=item, keeps_signatures=True), by="Omar")
    assert ("lena" in {one.by for one in standing(then)}) == (state_hash(then) == state_hash(before))
    once = happen(before, Confirmed(item=item), by="Omar")
    assert "lena" not in {one.by for one in standing(once)}


@pytest.mark.parametrize(("item", "keeps"), [("parties", False), ("asks", False), ("goals", True), ("walk_away", True)])
def test_a_list_that_is_blank_or_was_given_is_signed_anew_once_somebody_says_that_it_is_right(
    item: str, *, keeps: bool
) -> None:
    """What the team wrote itself, or said already, is only as it was."""
    n = happen(settled(), signed(settled(), "go"), by="Maya")
    for expected in (keeps, True):
        here = room_of(n, "omar")
        n = happen(n, confirmation(here, item))
        assert bool(standing(n)) == expected
        n = happen(n, signed(n, "go"), by="Maya")


@given(st.data())
def test_equal_content_has_one_hash_in_whatever_order_it_came(data: st.DataObject) -> None:
    items = data.draw(st.lists(ITEMS, unique_by=lambda item: item.id))
    said = [data.draw(answers(item)) for item in items]
    other = data.draw(st.permutations(said))
    assert state_hash(happen(negotiation(), *said)) == state_hash(happen(negotiation(), *other, by="Maya"))


@given(lines(), answers())
def test_any_answer_that_differs_gives_another_hash(line: tuple[Happened, ...], answer: AnyEvent) -> None:
    before = fold(line)
    then = happen(before, answer)
    same = json.loads(shape(before)) == json.loads(shape(then))
    assert (state_hash(before) == state_hash(then)) == same


def shape(n: Negotiation) -> str:
    """What is said, told apart from how the hash is made: every record's values, in words."""
    return json.dumps(
        {
            item.id: [
                repr(n.record(item.id).said),
                n.record(item.id).confirmed,
                {
                    row.id: [
                        row.touched,
                        sorted((key, repr(held.said)) for key, held in row.cells.items() if held.said is not None),
                    ]
                    for row in n.record(item.id).rows.values()
                },
            ]
            for item in SMALL.item.values()
        },
        sort_keys=True,
    )


def test_that_a_table_is_right_as_it_is_is_signed_as_well() -> None:
    """Neither of these writes a word, and both settle something."""
    n = negotiation()
    empty, as_given = (happen(n, Confirmed(item=item)) for item in ("asks", "parties"))
    touched = happen(n, RowPut(item="parties", row="japan", cells={}))
    assert len({state_hash(one) for one in (n, empty, as_given, touched)}) == 4


def test_who_has_what_and_by_when_is_not_what_is_signed() -> None:
    n = settled()
    around = happen(n, Assigned(target="rung", people=("omar",)), DueSet(target="rung", day=SOON))
    assert state_hash(around) == state_hash(n)


@pytest.mark.parametrize(
    "change",
    [{"counterpart": "Another"}, {"subject": "another"}, {"talks_on": SOON}, {"given": {"partners": "Zenda"}}],
    ids=str,
)
def test_the_talks_themselves_are_signed(change: dict[str, object]) -> None:
    n = settled()
    assert state_hash(replace(n, **change)) != state_hash(n)  # type: ignore[arg-type]  # fields by name


def test_the_reason_and_the_end_of_a_waiver_are_signed() -> None:
    one, other = (negotiation(waived={"mandate": why}) for why in ("One reason", "Another reason"))
    assert len({state_hash(n) for n in (negotiation(), one, other)}) == 3


def test_a_hash_is_shown_by_its_first_twelve_digits() -> None:
    assert short("0123456789abcdef" * 4) == "0123 4567 89ab"


@pytest.mark.parametrize("verdict", ["go", "conditional"])
def test_no_go_can_be_signed_over_an_open_blocker(verdict: str) -> None:
    n = negotiation()
    assert "open blocker" in objection(n, signed(n, verdict, "On conditions"), MONDAY)
    assert not objection(n, signed(n), MONDAY)  # a dissent can
    good = settled()
    assert not objection(good, signed(good, verdict, "On conditions"), MONDAY)


def test_a_waived_blocker_can_be_signed_over() -> None:
    n = happen(settled(), Answered(item="rung", answer=Picked(options=("crewed",))))
    assert readiness(n, MONDAY).state == State.NOT_READY
    assert objection(n, signed(n, "go"), MONDAY)
    waived = happen(
        n, Waived(gap="rung/high", reason="A sample reason", until=SOON, severity=Severity.BLOCKER), by="Maya"
    )
    assert not objection(waived, signed(waived, "go"), MONDAY)


@pytest.mark.parametrize("verdict", ["conditional", "no_go"])
def test_conditions_and_dissents_are_written_down(verdict: str) -> None:
    n = settled()
    assert objection(n, signed(n, verdict, " "), MONDAY)


def test_who_signs_another_state_signs_nothing() -> None:
    n = settled()
    before = signed(n, "go")
    then = happen(n, Answered(item="minimum", answer=Text(text="A sample minimum")))
    assert "changed" in objection(then, before, MONDAY)


def test_every_face_is_held_to_the_same_rule() -> None:
    """Whoever gets such an event to the front door, by whatever button, is refused there."""
    n = negotiation()
    context = room_of(n)
    assert refusal(context, (signed(n, "go"),))
    assert refusal(context, (signed(n),)) is None
    assert refusal(replace(context, me="omar", name="Omar"), (signed(n),)) == "Only Maya, the lead, can sign."


def test_as_many_leads_sign_as_the_checklist_asks_for_each_once_and_no_dissent_counts() -> None:
    n = settled()
    two = replace(n, checklist=SMALL.model_copy(update={"signatures": 2}))
    once = happen(two, signed(two, "go"), signed(two, "go"), by="Maya")
    assert (len(sign_off(once, MONDAY).signed), sign_off(once, MONDAY).complete) == (1, False)
    against = happen(once, signed(once), by="Lena")
    assert [one.by for one in sign_off(against, MONDAY).dissents] == ["lena"]
    assert not sign_off(against, MONDAY).complete
    assert sign_off(happen(against, signed(against, "go"), by="Lena"), MONDAY).complete


@pytest.mark.parametrize("gone", [Left(person="lena"), RoleGiven(person="lena", role=Role.MEMBER)])
def test_the_signature_of_who_leads_no_more_does_not_count(gone: AnyEvent) -> None:
    n = settled()
    before = happen(n, signed(n, "go"), by="Lena")
    stands = sign_off(happen(before, gone, by="Maya"), MONDAY)
    assert sign_off(before, MONDAY).complete
    assert not stands.signed
    assert [one.by for one in stands.dropped] == ["lena"]


def test_what_time_alone_makes_worse_is_told_beside_the_signatures() -> None:
    n = happen(settled(), Answered(item="last_met", answer=None), Confirmed(item="parties"))
    n = happen(n, Answered(item="last_met", answer=Day(day=MONDAY)))
    n = happen(n, signed(n, "go"), by="Maya")
    assert sign_off(n, MONDAY + timedelta(days=30)).worse == ()
    later = sign_off(n, MONDAY + timedelta(days=31))
    assert [gap.key for gap in later.worse] == ["last_met/_stale"]
    assert later.complete


def test_a_waiver_that_ran_out_is_named_until_its_gap_is_closed() -> None:
    n = negotiation(waived={"mandate": "The letter is signed."}, talks_on=SOON)
    assert [one.holds for one in accepted(n, SOON)] == [True]
    after_it = SOON + timedelta(days=1)
    assert [one.key for one in expired(n, after_it)] == ["mandate/none"]
    closed = happen(n, Answered(item="mandate", answer=Text(text="The sample ministry")))
    assert not expired(closed, after_it)


@pytest.mark.slow
@given(lines())
def test_a_waiver_never_changes_readiness_without_waivers(line: tuple[Happened, ...]) -> None:
    n = fold(line)
    plain, with_all = replace(n, waivers={}), n
    assert readiness(plain, SOON).raw == readiness(with_all, SOON).raw == readiness(plain, SOON).state
    for severity in ("blocker", "major", "minor"):
        assert readiness(plain, SOON).number(severity, raw=True) == readiness(with_all, SOON).number(severity, raw=True)  # type: ignore[arg-type]  # severities are strings


# In the chat


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path, at=datetime(2027, 2, 15, 10, tzinfo=UTC)) as made:
        made.opens("us-china-space", "Maya lead", "Lena lead", "Omar member", settled=True)
        yield made


@pytest.fixture
def lena(delegation: Delegation) -> Chat:
    """The other lead's chat."""
    return delegation.chat("Lena")


def change(omar: Chat) -> None:
    """Answer something, and go on where that voids a sign-off."""
    omar.goes_to("Limit expectations", "Crewed flight", "No")
    if "Go on" in omar.screen.labels:
        omar.taps("Go on")


@pytest.mark.slow
def test_what_changed_between_showing_and_tapping_is_not_signed_but_shown_anew(maya: Chat, omar: Chat) -> None:
    maya.types("/sign")
    maya.taps("Sign for a go…")
    shown = maya.screen.button("Sign this state")
    omar.types("/sections")
    omar.taps("Limit expectations · 12 of 12", "✓ Crewed flight")
    assert "VOID" not in omar.sends_file("letter.pdf", 2048)  # nobody has signed yet
    maya.taps_old(shown)
    assert "nothing was signed" in maya.screen.text
    assert maya.screen.button("Sign this state") != shown
    maya.taps("Sign this state")
    assert "1 of 2 signed" in maya.screen.text


@pytest.mark.slow
def test_every_lead_is_told_at_once_that_the_sign_off_is_void(maya: Chat, lena: Chat, omar: Chat) -> None:
    maya.types("/sign")
    maya.taps("Sign for a go…", "Sign this state")
    omar.types("/sections")
    omar.taps("Limit expectations · 12 of 12", "✓ Crewed flight")
    yes = omar.screen.button("Yes")
    lena.types("/help")
    for lead in (maya, lena):
        assert lead.owed is None
    assert omar.taps_old(yes).wakes == ()
    assert set(omar.taps_old(omar.screen.button("Go on")).wakes) == {"Maya", "Lena"}
    for lead in (maya, lena):
        showing = lead.owed
        assert showing is not None
        assert showing.fresh  # a message of its own, below the others
        assert "Sign-off VOID" in showing.text
        assert "Omar answered Crewed flight: Yes" in showing.text
        assert "/sign" in showing.text


@pytest.mark.slow
def test_a_second_change_tells_nobody_again(maya: Chat, lena: Chat, omar: Chat) -> None:
    maya.types("/sign")
    maya.taps("Sign for a go…", "Sign this state")
    change(omar)
    lena.is_shown()
    change(omar)
    assert lena.owed is None


@pytest.mark.slow
def test_a_lead_whose_chat_is_in_other_talks_reads_which_talks_and_nothing_of_them(
    maya: Chat, lena: Chat, omar: Chat
) -> None:
    maya.types("/sign")
    maya.taps("Sign for a go…", "Sign this state")
    lena.types("/help")
    lena.is_left(negotiation=None)
    change(omar)
    showing = lena.owed
    assert showing is not None
    assert "Talks with China: the sign-off is void." in showing.text
    assert "Crewed" not in showing.text


@pytest.mark.slow
def test_what_a_lead_was_told_and_has_not_seen_yet_is_kept_beside_the_news(maya: Chat, omar: Chat) -> None:
    maya.types("/sign")
    maya.taps("Sign for a go…")
    sign = maya.screen.button("Sign this state")
    maya.taps_old(sign)  # and the answer is not shown
    change(omar)
    showing = maya.owed
    assert showing is not None
    assert "Signed: go" in showing.text
    assert "Sign-off VOID" in showing.text


# Files


def test_a_signature_comes_back_from_a_file() -> None:
    n, line = story(answers={"crewed": "no"})
    line = (*line, happened(n, signed(n), by="Maya"))
    assert standing(load(dump(line, SMALL, [])).negotiation())


@pytest.mark.parametrize(
    ("verdict", "by", "state", "why"),
    [("go", "Maya", "", "blocker"), ("no_go", "Omar", "", "no lead"), ("no_go", "Maya", "0" * 64, "changed")],
)
def test_a_file_cannot_bring_a_signature_that_nobody_could_give(verdict: str, by: str, state: str, why: str) -> None:
    n, line = story()
    given = signed(n, verdict).model_copy(update={"state": state or state_hash(n)})
    line = (*line, happened(n, given, by=by))
    if by == "Omar":  # made a lead afterwards
        n = after(n, line[-1])
        line = (*line, happened(n, RoleGiven(person="omar", role=Role.LEAD), by="Maya"))
    with pytest.raises(PortableError, match=why):
        load(dump(line, SMALL, []))


def test_a_file_may_hold_what_is_history() -> None:
    n, line = story()
    line = (*line, happened(n, signed(n, "go"), by="Maya"))
    n = after(n, line[-1])
    line = (*line, happened(n, Answered(item="crewed", answer=Picked(options=("no",)))))
    assert not standing(load(dump(line, SMALL, [])).negotiation())
