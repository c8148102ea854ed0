"""People who work on the same talks at the same time lose nothing to each other, nor to their own second tap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.events import Role
from bot.core.negotiation import Negotiation
from bot.office import Office
from bot.traffic import Arrived
from tests.transcript import Chat


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = Chat(tmp_path)
    made.open("us-china-space", [("Maya", Role.LEAD), ("Omar", Role.MEMBER), ("Lina", Role.MEMBER)])
    yield made
    made.store.close()


def now(chat: Chat) -> Negotiation:
    with chat.store.reading() as tx:
        return chat.desk().archive.load(tx, chat.number or 0)


def taps(chat: Chat, name: str, *labels: str) -> list[str]:
    said: list[str] = []
    for label in labels:
        said = chat.hears(name, f"[{label}]")
        assert "(there is no button" not in "".join(said), label
    return said


def goals(chat: Chat, name: str) -> None:
    chat.hears(name, "/sections")
    taps(chat, name, "Demand transparency · 0 of 9")
    labels = [label for row in chat.desk().packed(chat.people[name]) for label, _ in row]
    taps(chat, name, next(label for label in labels if label.endswith("Our goals")))


def add(chat: Chat, name: str, goal: str) -> None:
    goals(chat, name)
    taps(chat, name, "Add a row")
    chat.hears(name, goal)


def test_a_third_answer_is_shown_before_mine_replaces_it(chat: Chat) -> None:
    for name in ("Maya", "Omar", "Lina"):
        chat.hears(name, "/sections")
        taps(chat, name, "Limit expectations · 0 of 11", "○ Crewed flight")
    taps(chat, "Maya", "Yes")
    taps(chat, "Omar", "No")
    taps(chat, "Lina", "Unknown", "Use mine")
    said = "".join(taps(chat, "Omar", "Use mine"))
    assert "Now: unknown\n" in said
    assert "(Lina, " in said


def test_a_second_tap_on_a_new_row_makes_no_second_row(chat: Chat) -> None:
    chat.hears("Omar", "/sections")
    taps(chat, "Omar", "Consult allies and partners · 0 of 3", "○ How it will be read", "Add a row")
    button = next(packed for row in chat.desk().packed(chat.people["Omar"]) for label, packed in row if label == "ESA")
    for update in (901, 902):
        chat.desk().hear(Arrived(update, chat.telegram["Omar"], "Omar", None, 5, button))
    assert list(now(chat).record("signals").rows) == ["r1"]


def test_two_new_rows_of_two_people_stay_two(chat: Chat) -> None:
    for name in ("Omar", "Lina"):
        goals(chat, name)
        taps(chat, name, "Add a row")
    chat.hears("Omar", "Sample goal of Omar")
    chat.hears("Lina", "Sample goal of Lina")
    assert len(now(chat).record("goals").rows) == 2


def test_an_answer_to_a_row_that_was_removed_is_shown_back_and_makes_no_stump(chat: Chat) -> None:
    add(chat, "Omar", "Sample goal")
    taps(chat, "Omar", "Must have", "○ Rank")
    goals(chat, "Lina")
    taps(chat, "Lina", "○ Sample goal", "Remove…", "Remove it")
    said = "".join(chat.hears("Omar", "1"))
    assert "That row was removed. Nothing was recorded. You wrote: 1" in said
    assert not now(chat).record("goals").rows


def test_a_row_that_changed_is_not_removed_unseen(chat: Chat) -> None:
    add(chat, "Omar", "Sample goal")
    goals(chat, "Omar")
    taps(chat, "Omar", "○ Sample goal", "Remove…")
    goals(chat, "Lina")
    taps(chat, "Lina", "○ Sample goal", "○ Fallback")
    chat.hears("Lina", "Sample fallback")
    assert "while you were looking at it: Lina" in "".join(taps(chat, "Omar", "Remove it"))
    assert now(chat).record("goals").rows


def test_a_table_with_rows_is_not_set_aside(chat: Chat) -> None:
    add(chat, "Omar", "Sample goal")
    goals(chat, "Lina")
    assert "There are rows here." in "".join(taps(chat, "Lina", "Unknown"))
    assert now(chat).record("goals").said is None


def test_nothing_to_list_takes_unknown_back(chat: Chat) -> None:
    goals(chat, "Omar")
    taps(chat, "Omar", "Unknown")
    goals(chat, "Omar")
    taps(chat, "Omar", "Nothing to list")
    assert now(chat).record("goals").said is None


def test_a_locked_item_is_not_written_by_a_forged_button(chat: Chat) -> None:
    seq = now(chat).seq
    for update, packed in enumerate(("1!unknown:@t~asks~0~zz", "1!holds:@t~asks~0~zz"), start=900):
        chat.desk().hear(Arrived(update, chat.telegram["Omar"], "Omar", None, 5, packed))
    assert now(chat).seq == seq


@pytest.mark.parametrize(
    "packed",
    ["1!unknown:@f~goals~form~goal~0", "1!unknown:@f~goals~zz9~goal~0", "1!mine:@d~goals~~~", "1!clear:@i~goals~0"],
)
def test_a_button_that_fits_no_item_records_nothing(chat: Chat, packed: str) -> None:
    seq = now(chat).seq
    chat.desk().hear(Arrived(900, chat.telegram["Omar"], "Omar", None, 5, packed))
    assert now(chat).seq == seq


def test_a_paste_that_telegram_cut_in_two_is_put_together(chat: Chat) -> None:
    text = "\n".join(
        f"Sample goal number {number} of many, with a long name to fill the message\twant\t{number}"
        for number in range(1, 61)
    )
    goals(chat, "Omar")
    chat.hears("Omar", text[:4096])
    chat.hears("Omar", text[4096:])
    taps(chat, "Omar", "Record 60 rows")
    assert len(now(chat).record("goals").rows) == 60


def test_what_could_not_be_recorded_of_a_paste_is_said_row_by_row(chat: Chat) -> None:
    rows = [f"Sample goal {number}\twant\t{number}" for number in range(1, 11)]
    rows[7] = "Sample goal 8\twant\tfirst-ish"
    goals(chat, "Omar")
    shown = "".join(chat.hears("Omar", "\n".join(rows)))
    assert "“first-ish”" in shown
    assert "Row 8, not recorded: first-ish" in "".join(taps(chat, "Omar", "Record 10 rows"))


def test_words_that_are_no_rows_leave_a_draft_as_it_is(chat: Chat) -> None:
    goals(chat, "Omar")
    chat.hears("Omar", "Sample goal A\twant\nSample goal B\tmust have")
    said = "".join(chat.hears("Omar", "oops what?"))
    assert "[Record 2 rows]" in said
    assert "You wrote: oops what?" in said


def test_an_invitation_is_not_used_up_by_who_is_in_already(chat: Chat) -> None:
    chat.hears("Maya", "/team")
    taps(chat, "Maya", "Invite a member")
    assert "You are in already" in "".join(chat.hears("Omar", "/start <invitation>"))
    assert "Talks with China" in "".join(chat.hears("Nora", "/start <invitation>"))


def test_a_member_may_be_invited_to_lead(chat: Chat) -> None:
    chat.hears("Maya", "/team")
    taps(chat, "Maya", "Invite a lead")
    chat.hears("Omar", "/start <invitation>")
    assert now(chat).role(chat.people["Omar"]) == Role.LEAD


def test_somebody_always_leads(chat: Chat) -> None:
    me = chat.people["Maya"]
    chat.desk().hear(Arrived(900, chat.telegram["Maya"], "Maya", None, 5, f"1!remove:@R~{me}"))
    assert now(chat).leads == (me,)


def test_the_terminal_s_sample_does_not_take_the_first_lead_s_place(tmp_path: Path) -> None:
    chat = Chat(tmp_path)
    Office(chat.desk()).person("Maya", lead=True)
    chat.invitation = Office(chat.desk()).first_code() or ""
    assert "[Open a negotiation]" in "".join(chat.hears("Nora", "/start <invitation>"))
    assert Office(chat.desk()).first_code() is None
    chat.store.close()


def test_whoever_brings_the_first_code_leads_though_they_were_known(tmp_path: Path) -> None:
    chat = Chat(tmp_path)
    chat.meet("Nora")
    chat.invitation = Office(chat.desk()).first_code() or ""
    assert "[Open a negotiation]" in "".join(chat.hears("Nora", "/start <invitation>"))
    chat.store.close()


def waiving(chat: Chat, name: str, gap: str) -> None:
    """Ask to waive a gap from the list, by what it says."""
    chat.hears(name, "/gaps")
    while True:
        line = re.search(rf"(\d+)\. [^\n]*{re.escape(gap)}", chat.desk().view(chat.people[name]).text)
        if line:
            break
        taps(chat, name, "More ▶")
    taps(chat, name, line[1], "Waive…")


def test_a_reason_that_is_too_long_is_asked_for_again_and_one_that_fits_is_kept_whole(chat: Chat) -> None:
    waiving(chat, "Maya", "any view of what the other side wants")
    said = "".join(chat.hears("Maya", "x" * 2001))
    assert "Please give the reason in at most 2000 characters; that was 2001." in said
    assert "Type the reason." in said
    chat.hears("Maya", "x" * 2000)
    taps(chat, "Maya", "Until the talks")
    assert now(chat).waivers["their_aims/none"].reason == "x" * 2000


def test_a_gap_that_grows_while_a_lead_types_the_reason_is_not_waived_as_what_it_was(chat: Chat) -> None:
    chat.hears("Omar", "/sections")
    taps(chat, "Omar", "Demand transparency · 0 of 9", "First pass: one tap an item", *["Skip"] * 6, "In hand")
    waiving(chat, "Maya", "Who enforces what: Said to be in hand")
    chat.hears("Maya", "The list is with our embassy.")
    chat.hears("Lina", "/sections")
    taps(chat, "Lina", "Limit expectations · 0 of 11", "○ Planned steps", "Add a row")
    chat.hears("Lina", "Sample step")
    said = "".join(taps(chat, "Maya", "Until the talks"))
    assert "Meanwhile this went from major to blocker. Nothing was waived; look again first.\n" in said
    assert "You wrote: The list is with our embassy." in said
    assert not now(chat).waivers


def test_an_edit_of_the_second_part_of_a_long_answer_is_refused(chat: Chat) -> None:
    goals(chat, "Omar")
    taps(chat, "Omar", "Add a row")
    chat.hears("Omar", "x" * 4096)
    chat.hears("Omar", "the rest")
    assert "changes nothing" in "".join(chat.hears("Omar", "(edit) the rest, corrected"))
    said = now(chat).record("goals").rows["r1"].said("goal")
    assert said is not None
    assert getattr(said, "text", "").endswith("the rest")
