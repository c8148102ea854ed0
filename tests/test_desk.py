"""One transaction a reply: heard once, for this person, in this negotiation, or not at all."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.events import Role
from bot.dialog.permits import REFUSED
from bot.dialog.place import Command, Typed
from bot.export.portable import load
from bot.office import Office
from bot.store import StoreError
from bot.traffic import Arrived, Shown
from bot.turning import OLD_BUTTON
from tests.faults import Hooks, on
from tests.transcript import Chat


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = Chat(tmp_path)
    made.open("us-china-space", [("Maya", Role.LEAD), ("Omar", Role.MEMBER)])
    yield made
    made.store.close()


def events(chat: Chat) -> int:
    with chat.store.reading() as tx:
        return tx.head(chat.number or 0) or 0


def button(chat: Chat, name: str, label: str) -> str:
    return next(packed for row in chat.desk().packed(chat.people[name]) for one, packed in row if one == label)


def to_crewed(chat: Chat, name: str = "Omar") -> None:
    chat.hears(name, "/sections")
    chat.hears(name, "[Limit expectations · 0 of 11]")
    chat.hears(name, "[○ Crewed flight]")


def test_the_same_update_twice_is_heard_once(chat: Chat) -> None:
    to_crewed(chat)
    arrived = Arrived(77, chat.telegram["Omar"], "Omar", Typed("yes"), 5)
    before = events(chat)
    assert not chat.desk().hear(arrived).repeated
    again = chat.desk().hear(arrived)
    assert (again.repeated, again.person) == (True, chat.people["Omar"])  # whose chat is then looked at again
    assert events(chat) == before + 1


def test_update_ids_may_jump_down(chat: Chat) -> None:
    to_crewed(chat)
    chat.updates = 3
    chat.hears("Omar", "yes")
    assert "Recorded: Yes" in chat.desk().view(chat.people["Omar"]).text


def test_an_old_button_still_means_what_it_said(chat: Chat) -> None:
    to_crewed(chat)
    old = button(chat, "Omar", "Yes")
    chat.hears("Omar", "/help")
    chat.desk().hear(Arrived(78, chat.telegram["Omar"], "Omar", None, 5, old))
    assert "Recorded: Yes" in chat.desk().view(chat.people["Omar"]).text


def test_a_button_of_a_draft_that_is_gone_changes_nothing(chat: Chat) -> None:
    chat.hears("Omar", "/continue")
    chat.hears("Omar", "Goal: Sample goal\nMust or want: must have")
    old = button(chat, "Omar", "Record 1 row")
    chat.hears("Omar", "/help")
    before = events(chat)
    chat.desk().hear(Arrived(78, chat.telegram["Omar"], "Omar", None, 5, old))
    assert events(chat) == before
    assert OLD_BUTTON in chat.desk().view(chat.people["Omar"]).text


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
def test_a_forged_button_changes_nothing(chat: Chat, forged: str) -> None:
    chat.hears("Omar", "/start")
    before = events(chat)
    chat.desk().hear(Arrived(78, chat.telegram["Omar"], "Omar", None, 5, forged or "?"))
    assert events(chat) == before or forged == "1!pick:yes@i~crewed"
    assert chat.desk().view(chat.people["Omar"]).buttons


@pytest.mark.parametrize("target", ["s:nothing", "nothing", "nothing/none", "u:nothing"])
def test_nobody_takes_what_is_not_there(chat: Chat, target: str) -> None:
    chat.hears("Omar", "/start")
    before = events(chat)
    chat.desk().hear(Arrived(78, chat.telegram["Omar"], "Omar", None, 5, f"1!give:{chat.people['Omar']}@a~{target}"))
    assert events(chat) == before
    assert OLD_BUTTON in chat.desk().view(chat.people["Omar"]).text


def test_a_lead_s_button_in_a_member_s_hand_is_refused(chat: Chat) -> None:
    before = events(chat)
    chat.hears("Omar", "/team")
    shown = chat.desk().view(chat.people["Omar"])
    heard = chat.desk().hear(Arrived(78, chat.telegram["Omar"], "Omar", None, 5, f"1!remove:@R~{chat.people['Maya']}"))
    assert events(chat) == before
    assert heard.answer == REFUSED
    assert chat.desk().view(chat.people["Omar"]) == shown


def test_a_stranger_gets_the_same_refusal_whatever_they_send(chat: Chat) -> None:
    for update, said in enumerate([Typed("hello"), Command("start", "guess"), Command("summary"), None], start=90):
        heard = chat.desk().hear(Arrived(update, 999, "Stranger", said, 5, "" if said else "1>M"))
        assert (heard.known, heard.answer) == (False, REFUSED)


def test_a_removed_person_hears_nothing_more_of_the_talks(chat: Chat) -> None:
    old = None
    to_crewed(chat)
    old = button(chat, "Omar", "Yes")
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Omar…]")
    chat.hears("Maya", "[Remove…]")
    chat.hears("Maya", "[Remove]")
    before = events(chat)
    for arrived in (
        Arrived(78, chat.telegram["Omar"], "Omar", None, 5, old),
        Arrived(79, chat.telegram["Omar"], "Omar", Command("summary"), 6),
        Arrived(80, chat.telegram["Omar"], "Omar", None, 5, "1>M"),
    ):
        chat.desk().hear(arrived)
        shown = chat.desk().view(chat.people["Omar"])
        assert "China" not in shown.title + shown.text
    assert events(chat) == before


def test_nothing_is_recorded_when_the_commit_fails(chat: Chat) -> None:
    to_crewed(chat)
    before, desk = events(chat), chat.desk()

    with on("disk_full"), pytest.raises(StoreError):
        desk.hear(Arrived(77, chat.telegram["Omar"], "Omar", Typed("yes"), 5))
    assert events(chat) == before
    assert not desk.hear(Arrived(77, chat.telegram["Omar"], "Omar", Typed("yes"), 5)).repeated
    assert events(chat) == before + 1


@pytest.mark.parametrize("back", [timedelta(0), timedelta(days=1), timedelta(days=6)])
def test_an_invitation_that_ran_out_lets_nobody_in_though_the_clock_is_set_back(chat: Chat, back: timedelta) -> None:
    """The bot notes once in a while that it runs, and goes by the later of that and its clock."""
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Invite a member]")
    chat.at += timedelta(days=7, minutes=1)
    chat.desk().alive()
    chat.at -= back
    chat.desk().alive()
    heard = chat.desk().hear(Arrived(900, 777, "Nora", Command("start", chat.invitation), 1))
    assert (heard.known, heard.answer) == (False, REFUSED)


def test_a_clock_that_was_far_ahead_once_does_not_end_every_invitation(chat: Chat) -> None:
    now, chat.at = chat.at, chat.at + timedelta(days=3650)
    chat.desk().alive()
    chat.at = now
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Invite a member]")
    assert chat.desk().hear(Arrived(900, 777, "Nora", Command("start", chat.invitation), 1)).known


def test_a_message_can_be_edited_for_days_and_is_forgotten_after_weeks(chat: Chat) -> None:
    """The bot notes once in a while that it is alive, and forgets then what Telegram sends no more."""
    to_crewed(chat)
    chat.hears("Omar", "yes")
    chat.at += timedelta(days=13)
    chat.desk().alive()
    assert "Your edited message counts." in "".join(chat.hears("Omar", "(edit) no"))
    chat.at += timedelta(days=15)
    chat.desk().alive()
    assert "Your edited message changes nothing" in "".join(chat.hears("Omar", "(edit) yes"))


def together(chat: Chat, *said: tuple[str, str]) -> list[Arrived]:
    return [
        Arrived(number, chat.telegram[name], name, Typed(text), number) for number, (name, text) in enumerate(said, 900)
    ]


def to_new_goal(chat: Chat, name: str) -> None:
    chat.hears(name, "/sections")
    chat.hears(name, "[Demand transparency · 0 of 9]")
    labels = [label for row in chat.desk().packed(chat.people[name]) for label, _ in row]
    chat.hears(name, f"[{next(label for label in labels if label.endswith('Our goals'))}]")
    chat.hears(name, "[Add a row]")


def goals(chat: Chat) -> list[str]:
    with chat.store.reading() as tx:
        rows = chat.desk().archive.load(tx, chat.number or 0).record("goals").rows.values()
    return [getattr(row.said("goal"), "text", "") for row in rows]


def test_answers_of_several_people_in_one_poll_are_all_recorded(chat: Chat) -> None:
    """The second is heard with what the first left, though nothing is committed yet."""
    for name in ("Maya", "Omar"):
        to_new_goal(chat, name)
    desk = chat.desk()
    desk.hear_all(together(chat, ("Maya", "Sample goal of Maya"), ("Omar", "Sample goal of Omar")))
    assert goals(chat) == ["Sample goal of Maya", "Sample goal of Omar"]
    for name in ("Maya", "Omar"):
        assert desk.view(chat.people[name]) == chat.desk().view(chat.people[name])


def test_two_answers_of_one_person_in_one_poll_are_both_recorded_in_order(chat: Chat) -> None:
    """Their chat then shows where the second left it, once, and tells of both."""
    to_crewed(chat)
    heard = chat.desk().hear_all(together(chat, ("Omar", "yes"), ("Omar", "a pilot")), lambda _: True)
    showing = heard[0].showing
    assert showing is not None
    assert showing == heard[1].showing == chat.desk().showing(chat.people["Omar"])
    assert "Recorded: Yes" in showing.text
    with chat.store.reading() as tx:
        past = chat.desk().archive.events(tx, chat.number or 0)
        assert [one.seq for one in past] == list(range(1, len(past) + 1))


def test_what_a_person_has_seen_is_not_told_again_though_that_was_noted_late(chat: Chat) -> None:
    """Whoever answers before the bot knows that its message arrived is told twice at most, not for ever."""
    desk, me = chat.desk(), chat.people["Omar"]
    to_new_goal(chat, "Omar")
    desk.hear_all(together(chat, ("Omar", "Sample goal")))
    seen = desk.showing(me)
    assert seen is not None
    desk.hear_all([Arrived(950, chat.telegram["Omar"], "Omar", None, 5, button(chat, "Omar", "Must have"))])
    assert "Recorded: Sample goal" in desk.view(me).text
    desk.hear_all(
        [Arrived(951, chat.telegram["Omar"], "Omar", None, 5, button(chat, "Omar", "Back to the table"))],
        notes=[Shown(me, seen.rev, 5)],
    )
    assert "Recorded: Sample goal" not in desk.view(me).text
    assert "Recorded: Must have" in desk.view(me).text


def test_an_update_that_comes_twice_in_one_poll_is_heard_once(chat: Chat) -> None:
    to_crewed(chat)
    (arrived,) = together(chat, ("Omar", "yes"))
    before = events(chat)
    assert [one.repeated for one in chat.desk().hear_all([arrived, arrived])] == [False, True]
    assert events(chat) == before + 1


def test_what_a_failed_poll_did_is_undone_and_known_to_nobody(chat: Chat) -> None:
    """Of updates that fail together none was heard; each can then be heard by itself."""
    for name in ("Maya", "Omar"):
        to_new_goal(chat, name)
    desk, before = chat.desk(), events(chat)
    poll = together(chat, ("Maya", "Sample goal of Maya"), ("Omar", "poison"))
    with on("poison_update", poll[1].update_id), pytest.raises(RuntimeError, match="poison"):
        desk.hear_all(poll)
    assert events(chat) == before
    others = together(chat, ("Omar", "Sample goal of Omar"), ("Maya", "Other goal of Maya"))
    assert [one.repeated for update in others for one in chat.desk().hear_all([update])] == [False, False]
    with chat.store.reading() as tx:
        rows = desk.archive.load(tx, chat.number or 0).record("goals").rows.values()
    assert [getattr(row.said("goal"), "text", "") for row in rows] == goals(chat)
    assert goals(chat) == ["Sample goal of Omar", "Other goal of Maya"]


def test_who_was_let_in_by_a_failed_poll_is_not_thought_to_be_in(chat: Chat) -> None:
    """Their joining was read by the second update before it failed, and is forgotten with it."""
    to_crewed(chat)
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Invite a member]")
    desk = chat.desk()
    poll = [
        Arrived(900, 777, "Nora", Command("start", chat.invitation), 1),
        Arrived(901, 777, "Nora", Command("sections"), 2),
    ]
    with on("poison_update", poll[1].update_id), pytest.raises(RuntimeError, match="poison"):
        desk.hear_all(poll)
    chat.hears("Omar", "yes")
    with chat.store.reading() as tx:
        assert [one.name for one in desk.archive.load(tx, chat.number or 0).here] == ["Maya", "Omar"]


def test_who_is_removed_after_they_wrote_in_the_same_poll_is_shown_nothing_of_the_talks(chat: Chat) -> None:
    to_crewed(chat)
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Omar…]")
    chat.hears("Maya", "[Remove…]")
    remove = Arrived(950, chat.telegram["Maya"], "Maya", None, 5, button(chat, "Maya", "Remove"))
    heard = chat.desk().hear_all([*together(chat, ("Omar", "yes")), remove], lambda _: True)
    assert heard[0].showing is None
    assert heard[1].wakes == (chat.people["Omar"],)
    shown = chat.desk().showing(chat.people["Omar"])
    assert shown is not None
    assert "China" not in shown.title + shown.text


def test_who_is_let_in_and_goes_on_in_the_same_poll_is_known_at_once(chat: Chat) -> None:
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Invite a member]")
    secret = chat.invitation
    poll = [
        Arrived(900, 777, "Nora", Command("start", secret), 1),
        Arrived(901, 777, "Nora", Command("sections"), 2),
    ]
    heard = chat.desk().hear_all(poll, lambda _: True)
    assert [one.known for one in heard] == [True, True]
    assert heard[1].person is not None
    assert "Limit expectations" in str(chat.desk().packed(heard[1].person))


def test_a_long_negotiation_in_memory_is_not_walked_by_the_garbage_collector(chat: Chat, faults: Hooks) -> None:
    """Else everybody would wait for that, again and again, and the longer the more is recorded."""
    to_crewed(chat)
    faults.limits(events_collected=1)
    try:
        with chat.store.reading() as tx:
            n = chat.desk().archive.load(tx, chat.number or 0)
        assert not any(one is n for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is n for one in gc.get_objects())


def test_an_update_that_comes_again_after_a_day_is_still_known(chat: Chat) -> None:
    to_crewed(chat)
    arrived = Arrived(77, chat.telegram["Omar"], "Omar", Typed("yes"), 5)
    chat.desk().hear(arrived)
    chat.at += timedelta(days=1)
    chat.desk().alive()
    assert chat.desk().hear(arrived).repeated


def test_a_file_that_was_taken_away_as_evidence_still_travels_with_its_history(chat: Chat, tmp_path: Path) -> None:
    """The history names it, so an export that leaves it out would not come back equal."""
    to_crewed(chat)
    chat.hears("Omar", "(file letter.pdf 2048)")
    for reply in ("[Evidence (1)]", "[1. letter.pdf]", "[Remove]", "(file memo.pdf 1024)"):
        chat.hears("Omar", reply)
    text = Office(chat.desk()).exported(chat.number or 0)
    (tmp_path / "other").mkdir()
    other = Chat(tmp_path / "other")
    there = load(text)
    assert [file.name for file in there.files] == ["letter.pdf", "memo.pdf"]
    assert [one.text for one in there.negotiation().record("crewed").evidence] == ["memo.pdf"]
    number, _ = Office(other.desk()).imported(there)
    assert Office(other.desk()).exported(number) == text
    other.store.close()


def test_what_was_exported_comes_back_equal_in_another_installation(chat: Chat, tmp_path: Path) -> None:
    to_crewed(chat)
    chat.hears("Omar", "no")
    chat.hears("Omar", "(file letter.pdf 2048)")
    text = Office(chat.desk()).exported(chat.number or 0)
    (tmp_path / "other").mkdir()
    other = Chat(tmp_path / "other")
    number, links = Office(other.desk()).imported(load(text))
    assert Office(other.desk()).exported(number) == text
    assert [name for name, _ in links] == ["Maya", "Omar"]
    other.invitation = links[1][1].rpartition("=")[2]
    assert "Talks with China" in "".join(other.hears("Omar", "/start <invitation>"))
    other.store.close()


def seats(chat: Chat) -> dict[str, str]:
    with chat.store.reading() as tx:
        here = dict(tx.seats_at(chat.number or 0))
    return {name: here[person] for name, person in chat.people.items() if person in here}


def test_seats_follow_the_roles_that_are_given(chat: Chat) -> None:
    """Whoever is made a lead may open negotiations, as their seat says; whoever left has none."""
    chat.hears("Maya", "/team")
    for label in ("Omar…", "Hand over the lead…", "Hand over"):
        chat.hears("Maya", f"[{label}]")
    assert seats(chat) == {"Maya": "member", "Omar": "lead"}
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Leave…]")
    chat.hears("Maya", "[Leave]")
    assert seats(chat) == {"Omar": "lead"}
    with chat.store.reading() as tx:
        stands = tx.chat(chat.people["Maya"])
    assert stands is not None
    assert stands.negotiation is None


def test_whoever_leaves_goes_on_in_their_other_talks(chat: Chat) -> None:
    from bot.core.events import Opened
    from tests.transcript import CHECKLISTS, TALKS_ON

    office, sound = Office(chat.desk()), CHECKLISTS["bilateral"]
    opened = Opened(
        uid="other", checklist=sound.digest, counterpart="Sampleland", subject="a treaty", talks_on=TALKS_ON
    )
    office.open(chat.people["Maya"], opened)
    chat.hears("Maya", "/talks")
    for label in ("China: civil space cooperation", "Team", "Omar…", "Hand over the lead…", "Hand over", "Leave…"):
        chat.hears("Maya", f"[{label}]")
    chat.hears("Maya", "[Leave]")
    assert "Choose the talks you want to work on." in chat.desk().view(chat.people["Maya"]).text
    said = "".join(chat.hears("Maya", "[Your negotiations]"))
    assert "Sampleland: a treaty" in said
    assert "China" not in said
    assert "Talks with Sampleland" in "".join(chat.hears("Maya", "[Sampleland: a treaty]"))
