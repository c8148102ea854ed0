"""People who work on the same talks at the same time lose nothing to each other, nor to their own second tap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.events import Role
from tests.api import Chat, Client, Delegation


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Omar member", "Lina member")
        yield made


def goals(chat: Chat) -> None:
    chat.goes_to("Demand transparency", "Our goals")


def add(chat: Chat, goal: str) -> None:
    goals(chat)
    chat.taps("Add a row")
    chat.types(goal)


@pytest.mark.slow
def test_a_third_answer_is_shown_before_mine_replaces_it(
    delegation: Delegation, maya: Chat, omar: Chat, lina: Chat
) -> None:
    for name in ("Maya", "Omar", "Lina"):
        delegation.chat(name).types("/sections")
        delegation.chat(name).taps("Limit expectations · 0 of 12", "○ Crewed flight")
    maya.taps("Yes")
    omar.taps("No")
    lina.taps("Unknown", "Use mine")
    said = omar.taps("Use mine")
    assert "Now: unknown\n" in said
    assert "(Lina, " in said


def test_a_second_tap_on_a_new_row_makes_no_second_row(delegation: Delegation, omar: Chat) -> None:
    omar.types("/sections")
    omar.taps("Consult allies and partners · 0 of 3", "○ Signals and messaging", "Add a row")
    button = omar.screen.button("ESA")
    for _ in range(2):
        omar.taps_old(button)
    assert list(delegation.negotiation().record("signals").rows) == ["r1"]


def test_two_new_rows_of_two_people_stay_two(delegation: Delegation, omar: Chat, lina: Chat) -> None:
    for name in ("Omar", "Lina"):
        goals(delegation.chat(name))
        delegation.chat(name).taps("Add a row")
    omar.types("Sample goal of Omar")
    lina.types("Sample goal of Lina")
    assert len(delegation.negotiation().record("goals").rows) == 2


@pytest.mark.slow
def test_an_answer_to_a_row_that_was_removed_is_shown_back_and_makes_no_stump(
    delegation: Delegation, omar: Chat, lina: Chat
) -> None:
    add(omar, "Sample goal")
    omar.taps("Must have", "○ Rank")
    goals(lina)
    lina.taps("○ Sample goal", "Remove…", "Remove it")
    said = omar.types("1")
    assert "That row was removed. Nothing was recorded. You wrote: 1" in said
    assert not delegation.negotiation().record("goals").rows


@pytest.mark.slow
def test_a_row_that_changed_is_not_removed_unseen(delegation: Delegation, omar: Chat, lina: Chat) -> None:
    add(omar, "Sample goal")
    goals(omar)
    omar.taps("○ Sample goal", "Remove…")
    goals(lina)
    lina.taps("○ Sample goal", "○ Fallback")
    lina.types("Sample fallback")
    assert "while you were looking at it: Lina" in omar.taps("Remove it")
    assert delegation.negotiation().record("goals").rows


def test_a_table_with_rows_is_not_set_aside(delegation: Delegation, omar: Chat, lina: Chat) -> None:
    add(omar, "Sample goal")
    goals(lina)
    assert "There are rows here." in lina.taps("Unknown")
    assert delegation.negotiation().record("goals").said is None


def test_nothing_to_list_takes_unknown_back(delegation: Delegation, omar: Chat) -> None:
    goals(omar)
    omar.taps("Unknown")
    goals(omar)
    omar.taps("Nothing to list")
    assert delegation.negotiation().record("goals").said is None


def test_a_locked_item_is_not_written_by_a_forged_button(delegation: Delegation, omar: Chat) -> None:
    seq = delegation.recorded()
    for packed in ("1!unknown:@t~asks~0~zz", "1!holds:@t~asks~0~zz"):
        omar.forges(packed)
    assert delegation.recorded() == seq


@pytest.mark.parametrize(
    "packed",
    ["1!unknown:@f~goals~form~goal~0", "1!unknown:@f~goals~zz9~goal~0", "1!mine:@d~goals~~~", "1!clear:@i~goals~0"],
)
def test_a_button_that_fits_no_item_records_nothing(delegation: Delegation, omar: Chat, packed: str) -> None:
    seq = delegation.recorded()
    omar.forges(packed)
    assert delegation.recorded() == seq


@pytest.mark.slow
def test_a_paste_that_telegram_cut_in_two_is_put_together(delegation: Delegation, omar: Chat) -> None:
    text = "\n".join(
        f"Sample goal number {number} of many, with a long name to fill the message\twant\t{number}"
        for number in range(1, 61)
    )
    goals(omar)
    omar.types_in_parts(text, Client.ANDROID)
    omar.taps("Record 60 rows")
    assert len(delegation.negotiation().record("goals").rows) == 60


def test_what_could_not_be_recorded_of_a_paste_is_said_row_by_row(omar: Chat) -> None:
    rows = [f"Sample goal {number}\twant\t{number}" for number in range(1, 11)]
    rows[7] = "Sample goal 8\twant\tfirst-ish"
    goals(omar)
    shown = omar.types("\n".join(rows))
    assert "“first-ish”" in shown
    assert "Row 8, not recorded: first-ish" in omar.taps("Record 10 rows")


def test_what_is_typed_while_rows_wait_is_added_to_them_and_said(omar: Chat) -> None:
    goals(omar)
    omar.types("Sample goal A\twant\nSample goal B\tmust have")
    said = omar.types("oops what?")
    assert "Added to what you sent before." in said
    assert "[Record 3 rows]" in said
    assert "[Replace]" in said


def test_an_invitation_is_not_used_up_by_who_is_in_already(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    maya.types("/team")
    maya.taps("Invite a member")
    assert "You are in already" in omar.joins()
    assert "Talks with China" in delegation.chat("Nora").joins()


def test_a_member_may_be_invited_to_lead(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    maya.types("/team")
    maya.taps("Invite a lead")
    omar.joins()
    assert delegation.negotiation().role(delegation.people["Omar"]) == Role.LEAD


def test_somebody_always_leads(delegation: Delegation, maya: Chat) -> None:
    me = delegation.people["Maya"]
    maya.forges(f"1!remove:@R~{me}")
    assert delegation.negotiation().leads == (me,)


@pytest.mark.slow
def test_the_terminal_s_sample_does_not_take_the_first_lead_s_place(tmp_path: Path) -> None:
    with Delegation(tmp_path) as delegation:
        delegation.operator.person("Maya", lead=True)
        code = delegation.operator.first_code() or ""
        assert "[Open a negotiation]" in delegation.chat("Nora").joins(code)
        assert delegation.operator.first_code() is None


def test_whoever_brings_the_first_code_leads_though_they_were_known(tmp_path: Path) -> None:
    with Delegation(tmp_path) as delegation:
        delegation.meets("Nora")
        code = delegation.operator.first_code() or ""
        assert "[Open a negotiation]" in delegation.chat("Nora").joins(code)


def waiving(chat: Chat, gap: str) -> None:
    """Ask to waive a gap from the list, by what it says."""
    chat.types("/gaps")
    while not (line := re.search(rf"(\d+)\. [^\n]*{re.escape(gap)}", chat.screen.text)):
        chat.taps("More ▶")
    chat.taps(line[1], "Waive…")


def test_a_reason_that_is_too_long_is_asked_for_again_and_one_that_fits_is_kept_whole(
    delegation: Delegation, maya: Chat
) -> None:
    waiving(maya, "no view yet of what the other side wants")
    said = maya.types("x" * 2001)
    assert "Please give the reason in at most 2000 characters; that was 2001." in said
    assert "Type the reason." in said
    maya.types("x" * 2000)
    maya.taps("Until the talks")
    assert delegation.negotiation().waivers["their_aims/none"].reason == "x" * 2000


@pytest.mark.slow
def test_a_gap_that_grows_while_a_lead_types_the_reason_is_not_waived_as_what_it_was(
    delegation: Delegation, maya: Chat, omar: Chat, lina: Chat
) -> None:
    omar.types("/sections")
    omar.taps("Demand transparency · 0 of 10", "First pass: one tap an item", *["Skip"] * 6, "In hand")
    waiving(maya, "Enforcement: Said to be in hand")
    maya.types("The list is with our embassy.")
    lina.types("/sections")
    lina.taps("Limit expectations · 0 of 12", "○ Planned steps", "Add a row")
    lina.types("Sample step")
    said = maya.taps("Until the talks")
    assert "Meanwhile this went from major to blocker. Nothing was waived; look again first.\n" in said
    assert "You wrote: The list is with our embassy." in said
    assert not delegation.negotiation().waivers
