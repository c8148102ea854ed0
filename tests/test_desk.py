"""One transaction a reply: heard once, for this person, in this negotiation, or not at all."""

from __future__ import annotations

import gc
from datetime import timedelta
from pathlib import Path

import pytest

from bot.application.turns import OLD_BUTTON
from bot.dialog.refusals import REFUSED
from bot.exports.json.archive import load
from bot.storage import StoreError
from tests.api import Chat, Delegation, Hooks, Update, on


def to_crewed(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Crewed flight")


def test_the_same_update_twice_is_heard_once(delegation: Delegation, omar: Chat) -> None:
    to_crewed(omar)
    yes = omar.update("yes")
    before = delegation.recorded()
    (first,), (again,) = delegation.receives(yes), delegation.receives(yes)
    assert (first.repeated, first.name) == (False, "Omar")
    assert (again.repeated, again.name) == (True, "Omar")  # whose chat is then looked at again
    assert delegation.recorded() == before + 1


def test_update_ids_may_jump_down(delegation: Delegation, omar: Chat) -> None:
    to_crewed(omar)
    delegation.updates = 3
    omar.types("yes")
    assert "Recorded: Yes" in omar.screen.text


def test_an_old_button_still_means_what_it_said(omar: Chat) -> None:
    to_crewed(omar)
    old = omar.screen.button("Yes")
    omar.types("/help")
    omar.taps_old(old)
    assert "Recorded: Yes" in omar.screen.text


def test_a_button_of_a_draft_that_is_gone_changes_nothing(delegation: Delegation, omar: Chat) -> None:
    omar.types("/continue")
    omar.types("Goal: Sample goal\nMust or want: must have")
    old = omar.screen.button("Record 1 row")
    omar.types("/help")
    before = delegation.recorded()
    omar.taps_old(old)
    assert delegation.recorded() == before
    assert OLD_BUTTON in omar.screen.text


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "1>i~nothing~0",
        "1!pick:yes@i~crewed",
        "9!pick:yes@i~crewed~0",
        "1>R~nobody",
        "~" * 64,
        "1!give:stranger@a~crewed",
    ],
)
def test_a_forged_button_changes_nothing(delegation: Delegation, omar: Chat, forged: str) -> None:
    omar.types("/start")
    before = delegation.recorded()
    omar.forges(forged or "?")
    assert delegation.recorded() == before or forged == "1!pick:yes@i~crewed"
    assert omar.screen.labels


@pytest.mark.slow
@pytest.mark.parametrize("target", ["s:nothing", "nothing", "nothing/none", "u:nothing"])
def test_nobody_takes_what_is_not_there(delegation: Delegation, omar: Chat, target: str) -> None:
    omar.types("/start")
    before = delegation.recorded()
    omar.forges(f"1!give:{delegation.people['Omar']}@a~{target}")
    assert delegation.recorded() == before
    assert OLD_BUTTON in omar.screen.text


def test_a_lead_s_button_in_a_member_s_hand_is_refused(delegation: Delegation, omar: Chat) -> None:
    before = delegation.recorded()
    omar.types("/team")
    shown = omar.screen
    response = omar.forges(f"1!remove:@R~{delegation.people['Maya']}")
    assert delegation.recorded() == before
    assert response.notice == REFUSED
    assert omar.screen == shown


def test_a_stranger_gets_the_same_refusal_whatever_they_send(delegation: Delegation) -> None:
    stranger = delegation.chat("Stranger")
    sent = [stranger.update(text) for text in ("hello", "/start guess", "/summary")]
    for response in delegation.receives(*sent, stranger.update(button="1>M")):
        assert (response.known, response.notice) == (False, REFUSED)


def test_a_removed_person_hears_nothing_more_of_the_talks(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    to_crewed(omar)
    old = omar.screen.button("Yes")
    maya.types("/team")
    maya.taps("Omar…", "Remove…", "Remove")
    before = delegation.recorded()
    for update in (omar.update(button=old), omar.update("/summary"), omar.update(button="1>M")):
        delegation.receives(update)
        assert "China" not in omar.screen.title + omar.screen.text
    assert delegation.recorded() == before


def test_nothing_is_recorded_when_the_commit_fails(delegation: Delegation, omar: Chat) -> None:
    to_crewed(omar)
    before = delegation.recorded()
    delegation.goes_on()
    yes = omar.update("yes")
    with on("disk_full"), pytest.raises(StoreError):
        delegation.receives(yes)
    assert delegation.recorded() == before
    assert not delegation.receives(yes)[0].repeated
    assert delegation.recorded() == before + 1


@pytest.mark.parametrize("back", [timedelta(0), timedelta(days=1), timedelta(days=6)])
def test_an_invitation_that_ran_out_lets_nobody_in_though_the_clock_is_set_back(
    delegation: Delegation, maya: Chat, back: timedelta
) -> None:
    """The bot notes once in a while that it runs, and goes by the later of that and its clock."""
    maya.types("/team")
    maya.taps("Invite a member")
    delegation.at += timedelta(days=7, minutes=1)
    delegation.is_alive()
    delegation.at -= back
    delegation.is_alive()
    response = delegation.chat("Nora").joins()
    assert (response.known, response.notice) == (False, REFUSED)


def test_a_clock_that_was_far_ahead_once_does_not_end_every_invitation(delegation: Delegation, maya: Chat) -> None:
    now, delegation.at = delegation.at, delegation.at + timedelta(days=3650)
    delegation.is_alive()
    delegation.at = now
    maya.types("/team")
    maya.taps("Invite a member")
    assert delegation.chat("Nora").joins().known


def test_a_message_can_be_edited_for_days_and_is_forgotten_after_weeks(delegation: Delegation, omar: Chat) -> None:
    """The bot notes once in a while that it is alive, and forgets then what Telegram sends no more."""
    to_crewed(omar)
    omar.types("yes")
    delegation.at += timedelta(days=13)
    delegation.is_alive()
    assert "Your edited message counts." in omar.edits("no")
    delegation.at += timedelta(days=15)
    delegation.is_alive()
    assert "Your edited message changes nothing" in omar.edits("yes")


def together(delegation: Delegation, *said: tuple[str, str]) -> list[Update]:
    return [delegation.chat(name).update(text) for name, text in said]


def to_new_goal(chat: Chat) -> None:
    chat.goes_to("Demand transparency", "Our goals", "Add a row")


def goals(delegation: Delegation) -> list[str]:
    rows = delegation.negotiation().record("goals").rows.values()
    return [getattr(row.said("goal"), "text", "") for row in rows]


def test_answers_of_several_people_in_one_poll_are_all_recorded(delegation: Delegation) -> None:
    """The second is heard with what the first left, though nothing is committed yet."""
    for name in ("Maya", "Omar"):
        to_new_goal(delegation.chat(name))
    delegation.goes_on()
    delegation.receives(*together(delegation, ("Maya", "Sample goal of Maya"), ("Omar", "Sample goal of Omar")))
    assert goals(delegation) == ["Sample goal of Maya", "Sample goal of Omar"]
    shown = [delegation.chat(name).screen for name in ("Maya", "Omar")]
    delegation.restarts()
    assert shown == [delegation.chat(name).screen for name in ("Maya", "Omar")]


def test_two_answers_of_one_person_in_one_poll_are_both_recorded_in_order(delegation: Delegation, omar: Chat) -> None:
    """Their chat then shows where the second left it, once, and tells of both."""
    omar.goes_to("Limit expectations", "Minimum acceptable outcome")
    first, second = delegation.receives(
        *together(delegation, ("Omar", "A second meeting"), ("Omar", "A useful exchange"))
    )
    assert first.owed is not None
    assert first.owed == second.owed == omar.owed
    assert "Recorded: A second meeting" in first.owed.text
    past = delegation.line()
    assert [one.seq for one in past] == list(range(1, len(past) + 1))


def test_what_a_person_has_seen_is_not_told_again_though_that_was_noted_late(
    delegation: Delegation, omar: Chat
) -> None:
    """Whoever answers before the bot knows that its message arrived is told twice at most, not for ever."""
    delegation.goes_on()
    to_new_goal(omar)
    delegation.receives(omar.update("Sample goal"))
    seen = omar.owed
    assert seen is not None
    omar.taps_old(omar.screen.button("Must have"))
    assert "Recorded: Sample goal" in omar.screen.text
    back = omar.update(button=omar.screen.button("Back to the table"))
    delegation.receives(back, shown={"Omar": seen.rev})
    assert "Recorded: Sample goal" not in omar.screen.text
    assert "Recorded: Must have" in omar.screen.text


def test_an_update_that_comes_twice_in_one_poll_is_heard_once(delegation: Delegation, omar: Chat) -> None:
    to_crewed(omar)
    yes = omar.update("yes")
    before = delegation.recorded()
    assert [one.repeated for one in delegation.receives(yes, yes)] == [False, True]
    assert delegation.recorded() == before + 1


def test_what_a_failed_poll_did_is_undone_and_known_to_nobody(delegation: Delegation) -> None:
    """Of updates that fail together none was heard; each can then be heard by itself."""
    for name in ("Maya", "Omar"):
        to_new_goal(delegation.chat(name))
    delegation.goes_on()
    before = delegation.recorded()
    poll = together(delegation, ("Maya", "Sample goal of Maya"), ("Omar", "poison"))
    with on("poison_update", poll[1].update_id), pytest.raises(RuntimeError, match="poison"):
        delegation.receives(*poll)
    assert delegation.recorded() == before
    others = together(delegation, ("Omar", "Sample goal of Omar"), ("Maya", "Other goal of Maya"))
    assert [delegation.receives(update)[0].repeated for update in others] == [False, False]
    assert goals(delegation) == ["Sample goal of Omar", "Other goal of Maya"]
    delegation.restarts()
    assert goals(delegation) == ["Sample goal of Omar", "Other goal of Maya"]


def test_who_was_let_in_by_a_failed_poll_is_not_thought_to_be_in(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """Their joining was read by the second update before it failed, and is forgotten with it."""
    to_crewed(omar)
    maya.types("/team")
    maya.taps("Invite a member")
    delegation.goes_on()
    nora = delegation.chat("Nora")
    poll = [nora.update(f"/start {delegation.invitation}"), nora.update("/sections")]
    with on("poison_update", poll[1].update_id), pytest.raises(RuntimeError, match="poison"):
        delegation.receives(*poll)
    omar.types("yes")
    assert [one.name for one in delegation.negotiation().here] == ["Maya", "Omar"]


def test_who_is_removed_after_they_wrote_in_the_same_poll_is_shown_nothing_of_the_talks(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    to_crewed(omar)
    maya.types("/team")
    maya.taps("Omar…", "Remove…")
    remove = maya.update(button=maya.screen.button("Remove"))
    first, second = delegation.receives(omar.update("yes"), remove)
    assert first.owed is None
    assert second.wakes == ("Omar",)
    shown = omar.owed
    assert shown is not None
    assert "China" not in shown.title + shown.text


def test_who_is_let_in_and_goes_on_in_the_same_poll_is_known_at_once(delegation: Delegation, maya: Chat) -> None:
    maya.types("/team")
    maya.taps("Invite a member")
    nora = delegation.chat("Nora")
    poll = [nora.update(f"/start {delegation.invitation}"), nora.update("/sections")]
    assert [one.known for one in delegation.receives(*poll)] == [True, True]
    assert "Limit expectations" in nora.screen.whole


def test_a_long_negotiation_in_memory_is_not_walked_by_the_garbage_collector(
    delegation: Delegation, omar: Chat, faults: Hooks
) -> None:
    """Else everybody would wait for that, again and again, and the longer the more is recorded."""
    to_crewed(omar)
    delegation.restarts()
    faults.limits(events_collected=1)
    try:
        n = delegation.negotiation()
        assert not any(one is n for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is n for one in gc.get_objects())


def test_an_update_that_comes_again_after_a_day_is_still_known(delegation: Delegation, omar: Chat) -> None:
    to_crewed(omar)
    yes = omar.update("yes")
    delegation.receives(yes)
    delegation.at += timedelta(days=1)
    delegation.is_alive()
    assert delegation.receives(yes)[0].repeated


def another(folder: Path) -> Delegation:
    """An installation elsewhere, in which nobody is."""
    (folder / "other").mkdir()
    return Delegation(folder / "other")


def test_a_file_that_was_taken_away_as_evidence_still_travels_with_its_history(
    delegation: Delegation, omar: Chat, tmp_path: Path
) -> None:
    """The history names it, so an export that leaves it out would not come back equal."""
    to_crewed(omar)
    omar.sends_file("letter.pdf", 2048)
    omar.taps("Evidence (1)", "1. letter.pdf", "Remove")
    omar.sends_file("memo.pdf", 1024)
    text = delegation.operator.exported(delegation.number)
    there = load(text)
    assert [file.name for file in there.files] == ["letter.pdf", "memo.pdf"]
    assert [one.text for one in there.negotiation().record("crewed").evidence] == ["memo.pdf"]
    with another(tmp_path) as other:
        number = other.operator.imported(there)
        assert other.operator.exported(number) == text


def test_what_was_exported_comes_back_equal_in_another_installation(
    delegation: Delegation, omar: Chat, tmp_path: Path
) -> None:
    to_crewed(omar)
    omar.types("no")
    omar.sends_file("letter.pdf", 2048)
    text = delegation.operator.exported(delegation.number)
    with another(tmp_path) as other:
        number = other.operator.imported(load(text))
        assert other.operator.exported(number) == text
        assert sorted(other.people) == ["Maya", "Omar"]
        assert "Talks with China" in other.chat("Omar").joins(other.operator.link("Omar").rpartition("=")[2])


def seats(delegation: Delegation) -> dict[str, str]:
    with delegation.store.reading() as tx:
        here = dict(tx.seats_at(delegation.number))
    return {name: here[person] for name, person in delegation.people.items() if person in here}


def test_seats_follow_the_roles_that_are_given(delegation: Delegation, maya: Chat) -> None:
    """Whoever is made a lead may open negotiations, as their seat says; whoever left has none."""
    maya.types("/team")
    maya.taps("Omar…", "Hand over the lead…", "Hand over")
    assert seats(delegation) == {"Maya": "member", "Omar": "lead"}
    maya.types("/team")
    maya.taps("Leave…", "Leave")
    assert seats(delegation) == {"Omar": "lead"}
    assert maya.stands_in is None


def test_whoever_leaves_goes_on_in_their_other_talks(delegation: Delegation, maya: Chat) -> None:
    delegation.opens("bilateral", "Maya lead", uid="other", counterpart="Sampleland", subject="a treaty")
    maya.types("/talks")
    maya.taps("China: civil space cooperation", "Team", "Omar…", "Hand over the lead…", "Hand over", "Leave…", "Leave")
    assert "Choose the talks you want to work on." in maya.screen.text
    said = maya.taps("Your negotiations")
    assert "Sampleland: a treaty" in said
    assert "China" not in said
    assert "Talks with Sampleland" in maya.taps("Sampleland: a treaty")
