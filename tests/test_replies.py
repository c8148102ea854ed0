"""A reply means the message it replies to: it is recorded there, or it is asked, and never where its sender stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from bot.dialog.callback_data import stored
from bot.dialog.contract import FileReply, Place
from bot.dialog.screens.clarifications import Clarify
from bot.dialog.screens.evidence import ItemEvidence
from bot.dialog.screens.export import ExportPage
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import ItemQuestion
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.placing import UnplacedMessage
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.summary import GapDetail, Gaps, Summary
from bot.dialog.screens.table import FieldQuestion, TablePage
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.domain.answers import Day, Picked, Text
from bot.domain.events import Answered, Assigned, DueSet, Left, Restricted, RowPut, Shielded
from bot.domain.negotiation import FORM
from tests.api import Chat, Client, Delegation, Installation, on
from tests.edited import edited_excel

LEAST, PUBLIC = FieldQuestion("minimum", FORM, "outcome"), FieldQuestion("minimum", FORM, "public_line")
ACCEPTANCE, CREWED = ItemQuestion("acceptance"), ItemQuestion("crewed")
APRIL = "Correction: in April, not March"
ASKED = "Where does this belong?"


@pytest.fixture(autouse=True)
def heavy(delegation: Delegation) -> None:
    """The costs weigh more, so that it is asked who accepts that: a question for words."""
    weigh_costs(delegation)


def weigh_costs(delegation: Delegation) -> None:
    cells = {"what": Text(text="Trust"), "side": Picked(options=("cost",)), "size": Picked(options=("large",))}
    delegation.happens(RowPut(item="balance", row="r1", cells=cells))


def stands(chat: Chat, place: Place) -> int:
    """Let a chat stand at a place, and show it; the message that does."""
    chat.is_left(place=stored(place), negotiation=chat.installation.number, aside="", fresh=True)
    chat.is_shown()
    return chat.installation.shown[chat.name][-1]


def place(chat: Chat) -> Place:
    """Where a chat stands, whatever it saw there."""
    from bot.dialog.callback_data import restored

    with chat.installation.store.reading() as tx:
        row = tx.chat(chat.person)
    assert row is not None
    return restored(row.place)


def said(there: Installation, item: str, field: str = "", row: str = FORM) -> str | None:
    """The words that stand in an answer or a field."""
    record = there.negotiation().record(item)
    held = record.rows[row].said(field) if field else record.said
    return getattr(held, "text", None) or (held and repr(held))


# One's own answers


def test_a_reply_to_ones_own_answer_corrects_it(delegation: Delegation, omar: Chat) -> None:
    """As an edit of it does; the next question stays where it is, and open."""
    stands(omar, LEAST)
    omar.types("A second meeting in March")
    before = omar.screen.title
    reply = omar.replies(APRIL)
    assert said(delegation, "minimum", "outcome") == APRIL
    assert said(delegation, "minimum", "public_line") is None
    assert "At “Minimum acceptable outcome · Least we accept”: Recorded: Correction" in reply
    assert omar.screen.title == before
    assert "Public line" in omar.screen.text


def test_an_answer_that_was_changed_since_is_asked_about(delegation: Delegation, omar: Chat) -> None:
    """By somebody else, or by oneself; both stay in the history, and one is back where one stood."""
    stands(omar, LEAST)
    omar.types("A second meeting in March")
    first = delegation.last["Omar"]
    stands(omar, CREWED)
    delegation.happens(RowPut(item="minimum", row=FORM, cells={"outcome": Text(text="No meeting")}))
    asked = omar.replies(APRIL, first)
    assert "Somebody else changed this." in asked
    assert "Yours: Correction: in April" in asked
    assert said(delegation, "minimum", "outcome") == "No meeting"
    omar.taps("Use mine")
    assert said(delegation, "minimum", "outcome") == APRIL
    assert place(omar) == CREWED
    assert "You changed this." in omar.replies("In May", first)
    omar.taps("Keep what is there")
    assert said(delegation, "minimum", "outcome") == APRIL
    assert place(omar) == CREWED


def test_a_reply_that_can_be_read_in_two_ways_is_asked_and_one_is_back(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, FieldQuestion("mandate", FORM, "given_on"))
    stands(omar, CREWED)
    before = delegation.recorded()
    omar.replies("03/04/2026", there)
    assert delegation.recorded() == before
    omar.taps(omar.screen.label("March"))
    assert "2026" in (said(delegation, "mandate", "given_on") or "")
    assert place(omar) == CREWED


# Messages of the bot


@pytest.mark.parametrize(
    ("question", "words", "item"),
    [
        (LEAST, APRIL, "minimum"),
        (ACCEPTANCE, APRIL, "acceptance"),
        (CREWED, "Yes", "crewed"),
        (RowPage("minimum", FORM), APRIL, "minimum"),
        (ItemEvidence("crewed"), "A letter of 3 May", "crewed"),
        (FieldQuestion("minimum", FORM, "public_rung"), "Common standards", "minimum"),
    ],
)
def test_a_reply_to_a_question_answers_that_question(
    delegation: Delegation, omar: Chat, question: Place, words: str, item: str
) -> None:
    there = stands(omar, question)
    stands(omar, ItemQuestion("verdict"))
    before = delegation.recorded()
    omar.replies(words, there)
    assert [getattr(event, "item", "") for event in delegation.events()[before:]] == [item]
    assert place(omar) == ItemQuestion("verdict")


def test_words_that_reply_to_a_row_as_it_was_do_not_fill_the_field_that_is_blank_now(
    delegation: Delegation, omar: Chat
) -> None:
    """The message asked for the bottom line; by now the public line would be next."""
    there = stands(omar, RowPage("minimum", FORM))
    stands(omar, LEAST)
    omar.types("A second meeting")
    stands(omar, CREWED)
    before = delegation.recorded()
    assert "Which field do you mean?" in omar.replies(APRIL, there)
    assert delegation.recorded() == before
    omar.taps(omar.screen.label("Least we accept"))
    assert said(delegation, "minimum", "outcome") == APRIL
    assert said(delegation, "minimum", "public_line") is None
    omar.replies("Public line: A useful exchange", there)
    omar.taps("Change this row")
    assert said(delegation, "minimum", "public_line") == "A useful exchange"
    assert place(omar) == CREWED


def test_a_reply_judges_by_what_its_question_showed(delegation: Delegation, omar: Chat) -> None:
    """What somebody else wrote since is not overwritten unasked."""
    there = stands(omar, ACCEPTANCE)
    stands(omar, CREWED)
    delegation.happens(Answered(item="acceptance", answer=Text(text="The minister")))
    assert "Somebody else changed this." in omar.replies("The cabinet", there)
    assert said(delegation, "acceptance") == "The minister"


def test_rows_that_reply_to_a_table_wait_there(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, TablePage("goals"))
    stands(omar, CREWED)
    omar.replies("Goal: Open data\nMust or want: must have", there)
    omar.taps("Record 1 row")
    assert [row.said("goal") for row in delegation.negotiation().record("goals").rows.values()] == [
        Text(text="Open data")
    ]
    assert place(omar) == CREWED


def test_a_reply_to_the_live_message_is_typed_there(delegation: Delegation, omar: Chat) -> None:
    """And the walk goes on, as after any answer."""
    there = stands(omar, LEAST)
    omar.replies("A second meeting", there)
    assert said(delegation, "minimum", "outcome") == "A second meeting"
    assert "Public line" in omar.screen.text


def test_a_reply_to_a_gap_goes_to_its_item(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, GapDetail("acceptance", "_unanswered", ""))
    stands(omar, CREWED)
    omar.replies("The cabinet", there)
    assert said(delegation, "acceptance") == "The cabinet"
    assert place(omar) == CREWED


@pytest.mark.slow
@pytest.mark.parametrize("shown", [Summary(), Gaps()])
@pytest.mark.parametrize("own", [None, CREWED])
def test_of_a_reply_to_a_list_the_item_is_asked(
    delegation: Delegation, omar: Chat, shown: Place, own: Place | None
) -> None:
    """Of the list that one stands at, too; and one stays there."""
    there = stands(omar, shown)
    if own is not None:
        stands(omar, own)
    before = delegation.recorded()
    assert ASKED in omar.replies("The cabinet", there)
    assert delegation.recorded() == before
    if shown == Summary():
        omar.taps("Authority and decision", "Who accepts the balance")
        assert said(delegation, "acceptance") == "The cabinet"
    else:
        omar.taps(omar.screen.label("Our goals"))
        assert "Goal: The cabinet" in omar.screen.text
        omar.taps("Record 1 row")
    assert place(omar) == (own or shown)


def test_a_reply_to_a_file_is_asked_and_to_evidence_goes_to_its_item(delegation: Delegation, omar: Chat) -> None:
    """A file that came with a page shows what that page was about."""
    stands(omar, CREWED)
    omar.sends_file("letter.pdf", 300)
    evidence = delegation.negotiation().record("crewed").evidence[0]
    omar.types("/take")
    page = delegation.shown["Omar"][-1]
    assert ASKED in omar.replies("The cabinet", page)
    omar.taps("Discard")
    stands(omar, ItemEvidence("crewed"))
    omar.taps(omar.screen.label("letter.pdf"))
    one = delegation.shown["Omar"][-1]
    stands(omar, ACCEPTANCE)
    omar.replies("Yes", one)
    assert "options=('yes',)" in (said(delegation, "crewed") or "")
    assert evidence.text == "letter.pdf"


def test_a_file_as_a_reply_is_evidence_there(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, ACCEPTANCE)
    stands(omar, CREWED)
    omar.sends_file("letter.pdf", 300, reply_to=there)
    assert [one.text for one in delegation.negotiation().record("acceptance").evidence] == ["letter.pdf"]
    assert not delegation.negotiation().record("crewed").evidence
    assert place(omar) == CREWED


def test_a_file_that_replies_goes_there_wherever_its_sender_is_once_it_is_fetched(
    delegation: Delegation, omar: Chat
) -> None:
    """Also in talks where they are not by then, or were not when they sent it."""
    there = stands(omar, ACCEPTANCE)
    stands(omar, CREWED)
    sent = FileReply("f", "letter.pdf", 300)
    delegation.desk.hear_all([omar.update(sent, file=b"%PDF-1.7\n".ljust(300), reply_to=there)])
    other = delegation.opens("bilateral", "Maya lead", "Omar member", uid="other", counterpart="Sampleland")
    before = delegation.recorded(other)
    omar.is_left(place=stored(Home()), negotiation=other, fresh=True)
    delegation.files_come()
    assert [one.text for one in delegation.negotiation().record("acceptance").evidence] == ["letter.pdf"]
    assert "Talks with China: " in omar.screen.text
    assert omar.stands_in == other
    omar.sends_file("memo.pdf", 300, reply_to=there)
    assert [one.text for one in delegation.negotiation().record("acceptance").evidence] == ["letter.pdf", "memo.pdf"]
    assert "Added as evidence: memo.pdf" in omar.screen.text
    assert delegation.recorded(other) == before


def test_rows_in_a_file_that_replies_to_a_table_wait_there(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, TablePage("goals"))
    stands(omar, CREWED)
    body = b"Goal,Must or want\nLearn who signs,Must have\n"
    omar.sends(omar.update(FileReply("f", "goals.csv", len(body)), file=body, reply_to=there))
    assert not delegation.negotiation().record("goals").rows
    omar.taps("Record 1 row")
    assert len(delegation.negotiation().record("goals").rows) == 1
    assert not delegation.negotiation().record("crewed").evidence
    assert place(omar) == CREWED


@pytest.mark.slow
def test_an_edited_export_that_replies_to_where_it_was_taken_is_looked_at(delegation: Delegation, maya: Chat) -> None:
    """As it is when it is sent under Take away."""
    there = stands(maya, ExportPage())
    maya.taps("Excel, to work on")
    edited = edited_excel(delegation.brought["Maya"], {("items", "crewed", "answer"): "Yes"})
    stands(maya, CREWED)
    maya.sends(maya.update(FileReply("f", "edited.xlsx", len(edited)), file=edited, reply_to=there))
    maya.taps("Take")
    assert "options=('yes',)" in (said(delegation, "crewed") or "")
    assert not delegation.negotiation().record("crewed").evidence


# Words typed while one stood elsewhere by a face of ours


def test_words_typed_before_telegram_showed_where_one_is_are_asked_about(delegation: Delegation, omar: Chat) -> None:
    """Whoever went on in the browser or the terminal, and types below what Telegram still shows."""
    stands(omar, ACCEPTANCE)
    goes_on_elsewhere(delegation)
    before = delegation.recorded()
    asked = omar.sends(omar.update("The cabinet", sent=delegation.at.timestamp() - 1))
    assert delegation.recorded() == before
    assert "You wrote this before this chat showed where you are now." in asked
    assert "You wrote: The cabinet" in asked
    omar.taps("Here")
    assert delegation.events()[-1].item == "minimum"


def test_so_is_a_file_not_kept_behind_what_telegram_did_not_show(delegation: Delegation, omar: Chat) -> None:
    stands(omar, ACCEPTANCE)
    goes_on_elsewhere(delegation)
    before = delegation.recorded()
    told = omar.sends_file("letter.pdf", 300, "The letter", sent=delegation.at.timestamp() - 1)
    assert delegation.recorded() == before
    assert "The file was not kept" in told
    assert "You wrote: The letter" in told


def test_what_is_typed_once_telegram_shows_it_is_heard_there(delegation: Delegation, omar: Chat) -> None:
    stands(omar, ACCEPTANCE)
    goes_on_elsewhere(delegation)
    omar.is_shown()
    omar.sends(omar.update("The cabinet", sent=delegation.at.timestamp() + 5))
    assert delegation.events()[-1].item == "minimum"


def goes_on_elsewhere(delegation: Delegation) -> None:
    """Let Omar stand at another question on a face of ours."""
    terminal = delegation.terminal("Omar")
    terminal.types("/sections")
    for words in ("Limit expectations", "Minimum acceptable outcome", "Public line"):
        terminal.taps(terminal.screen.label(words))


def test_a_file_that_replies_to_what_nobody_knows_is_not_kept_and_that_is_said(
    delegation: Delegation, omar: Chat
) -> None:
    stands(omar, CREWED)
    before = delegation.recorded()
    told = omar.sends_file("letter.pdf", 300, "The letter", reply_to=77)
    assert delegation.recorded() == before
    assert "The file was not kept" in told
    assert "You wrote: The letter" in told


@pytest.mark.parametrize("unknown", [77, 0])
@pytest.mark.parametrize(("tap", "kept"), [("Here", "The cabinet"), ("Discard", None)])
def test_a_reply_to_what_the_bot_does_not_know_is_asked(
    delegation: Delegation, omar: Chat, unknown: int, tap: str, kept: str | None
) -> None:
    """Too old, of another chat, or never noted."""
    stands(omar, ACCEPTANCE)
    before = delegation.recorded()
    asked = omar.replies("The cabinet", unknown)
    assert delegation.recorded() == before
    assert ASKED in asked
    assert "You wrote: The cabinet" in asked
    omar.taps(tap)
    assert said(delegation, "acceptance") == kept


def test_what_waits_to_be_placed_is_not_lost_by_going_away(omar: Chat) -> None:
    stands(omar, ACCEPTANCE)
    omar.replies("The cabinet", 77)
    assert "Not recorded: The cabinet" in omar.types("/summary")
    stands(omar, ACCEPTANCE)
    omar.replies("The cabinet", 77)
    assert "Not recorded: Another" in omar.replies("Another", 78, after=600) or "Another" in omar.screen.text


def test_an_edit_of_what_waits_to_be_placed_counts(delegation: Delegation, omar: Chat) -> None:
    stands(omar, ACCEPTANCE)
    delegation.last["Omar"] = delegation.updates + 1
    omar.replies("The cabnet", 77)
    assert "Your edited message counts" in omar.edits("The cabinet")
    omar.taps("Here")
    assert said(delegation, "acceptance") == "The cabinet"


def test_an_edit_of_one_of_several_that_wait_loses_none(delegation: Delegation, omar: Chat) -> None:
    stands(omar, ACCEPTANCE)
    delegation.last["Omar"] = delegation.updates + 1
    omar.replies("The cabinet,", 77)
    omar.replies("and the minister", 77)
    assert "Your edited message changes nothing: it waits with another" in omar.edits("The cabnet")
    omar.taps("Here")
    assert said(delegation, "acceptance") == "The cabinet,\nand the minister"


def test_a_reply_is_forgotten_with_its_message_after_fourteen_days(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, ACCEPTANCE)
    stands(omar, CREWED)
    delegation.at += timedelta(days=13)
    delegation.is_alive()
    assert ASKED not in omar.replies("The cabinet", there)
    delegation.at += timedelta(days=2)
    delegation.is_alive()
    assert ASKED in omar.replies("The minister", there)


# A message that changed a moment before


@pytest.mark.slow
@pytest.mark.parametrize(("after", "quote", "item"), [
    (60, "", "verdict"), (3, "", ""), (-2, "", ""), (3, "crewed flight or docking", "crewed"),
    (3, "Do we go in", "verdict"),
])  # fmt: skip
def test_a_reply_within_seconds_of_an_edit_is_asked_unless_a_quote_decides(
    delegation: Delegation, omar: Chat, after: float, quote: str, item: str
) -> None:
    """It means what the message showed last; a moment after that changed, what it showed before may be meant."""
    there = stands(omar, CREWED)
    omar.is_left(place=stored(ItemQuestion("verdict")), fresh=False)
    omar.is_shown()
    assert delegation.shown["Omar"][-1] == there
    before = delegation.recorded()
    answer = omar.replies("No" if item == "crewed" else "Yes" if not item else "Go", there, after=after, quote=quote)
    happened = [getattr(event, "item", "") for event in delegation.events()[before:]]
    assert happened == ([item] if item else [])
    assert (ASKED in answer) is not bool(item)
    if not item:
        omar.taps("Crewed flight")
        assert "options=('yes',)" in (said(delegation, "crewed") or "")


# Who may see what; other talks


def test_need_to_know_is_judged_when_the_reply_comes(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    there = stands(omar, ACCEPTANCE)
    stands(omar, CREWED)
    delegation.happens(Restricted(section="gate", people=(maya.person,)))
    before = delegation.recorded()
    told = omar.replies("The cabinet", there)
    assert delegation.recorded() == before
    assert "accepts the balance" not in told.text
    assert place(omar) == CREWED


def test_words_that_reply_to_what_the_chat_may_not_carry_are_deleted(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, ACCEPTANCE)
    stands(omar, CREWED)
    delegation.happens(Shielded(target="acceptance", how="sealed"))
    before = delegation.recorded()
    told = omar.replies("The cabinet", there)
    assert delegation.recorded() == before
    assert told.erases is not None
    assert "The cabinet" not in told.text


def test_an_observer_who_replies_records_nothing(delegation: Delegation) -> None:
    delegation.meets("Lina")
    delegation.operator.seat(delegation.people["Lina"], 1, "observer")  # type: ignore[arg-type]
    lina = delegation.chat("Lina")
    there = stands(lina, ItemQuestion("verdict"))
    stands(lina, CREWED)
    before = delegation.recorded()
    assert "observer" in lina.replies("No", there)
    assert delegation.recorded() == before


def test_a_reply_about_other_talks_is_recorded_there_and_said_so(delegation: Delegation, omar: Chat) -> None:
    other = delegation.opens("bilateral", "Maya lead", "Omar member", uid="other", counterpart="Sampleland")
    before = delegation.recorded(other)
    there = stands(omar, ACCEPTANCE)
    omar.is_left(place=stored(CREWED), negotiation=other, fresh=True)
    omar.is_shown()
    told = omar.replies("The cabinet", there)
    assert said(delegation, "acceptance") == "The cabinet"
    assert "In the talks with China" in told
    assert omar.stands_in == other
    assert delegation.recorded(other) == before


def test_a_reply_about_talks_that_one_left_is_recorded_nowhere(delegation: Delegation, omar: Chat) -> None:
    other = delegation.opens("bilateral", "Maya lead", "Omar member", uid="other", counterpart="Sampleland")
    there = stands(omar, ACCEPTANCE)
    delegation.happens(Left(person=omar.person))
    omar.is_left(place=stored(CREWED), negotiation=other, fresh=True)
    omar.is_shown()
    before = delegation.recorded(), delegation.recorded(other)
    told = omar.replies("The cabinet", there)
    assert "talks that you do not belong to any more" in told
    assert "Nothing was recorded. You wrote: The cabinet" in told
    assert (delegation.recorded(), delegation.recorded(other)) == before


# Reminders


def test_a_reply_to_a_reminder_goes_to_its_item_or_is_asked(delegation: Delegation, omar: Chat) -> None:
    delegation.happens(Assigned(target="acceptance", people=(omar.person,)))
    delegation.happens(DueSet(target="acceptance", day=date(2027, 1, 16)))
    stands(omar, CREWED)
    sent = delegation.passes(delegation.at + timedelta(days=1))
    assert [name for name, _ in sent if name == "Omar"]
    told = omar.replies("The cabinet", 8000)
    if ASKED in told:
        omar.taps("Who accepts the balance")
    assert said(delegation, "acceptance") == "The cabinet"
    assert place(omar) == CREWED


# Long replies


def test_a_long_reply_that_was_cut_is_one_answer(delegation: Delegation, omar: Chat) -> None:
    there = stands(omar, LEAST)
    stands(omar, CREWED)
    text = "\n\n".join(["We accept a second meeting. " * 90, "And no less than that. " * 90])
    omar.types_in_parts(text, Client.DESKTOP, reply_to=there)
    assert (said(delegation, "minimum", "outcome") or "").count("\n") == 1
    assert said(delegation, "minimum", "public_line") is None
    assert place(omar) == CREWED


# The crawl: each of the last twenty messages, from every kind of question


QUESTIONS: dict[str, tuple[Place, str]] = {
    "text": (ACCEPTANCE, "Reply {}"),
    "yes or no": (CREWED, "No"),
    "choice": (ItemQuestion("verdict"), "Do not go"),
    "text field": (LEAST, "Reply {}"),
    "choice field": (FieldQuestion("minimum", FORM, "public_rung"), "Common standards"),
    "date field": (FieldQuestion("mandate", FORM, "given_on"), "4 January 2027"),
    "number field": (FieldQuestion("goals", "r1", "rank"), "7"),
    "pointer": (FieldQuestion("asks", "r1", "goal"), "Open data"),
    "form": (RowPage("walk_away", FORM), "Reply {}"),
    "table": (TablePage("steps"), "Reply {}"),
    "evidence": (ItemEvidence("crewed"), "Reply {}"),
}
ELSEWHERE: dict[str, Place] = {"summary": Summary(), "gaps": Gaps(), "gap": GapDetail("acceptance", "_unanswered", "")}
ASKED_BACK: dict[str, Place] = {
    "a day in doubt": Clarify("mandate", FORM, "given_on", "03/04/2026"),
    "rows that wait": PastedRows("steps", "", "Sample step", key="k1"),
    "a message that waits": UnplacedMessage("Sample words", "unknown", stored(Home()), key="k1"),
    "what would void": ConfirmVoid(stored(LEAST), text="Sample words", signed="9"),
}


@dataclass(frozen=True)
class Sent:
    """A message in the chat: its number, the item it is about, if it is about one, and what answers it."""

    number: int
    item: str
    words: str


def conversation(omar: Chat) -> list[Sent]:
    """A walk through every kind of question; the last twenty messages of it."""
    sent: list[Sent] = []
    for nth, (question, words) in enumerate(QUESTIONS.values()):
        item = getattr(question, "item", "")
        sent.append(Sent(stands(omar, question), item, words))
        omar.types(words.format(f"first {nth}"))
        sent.append(Sent(omar.installation.last[omar.name], item, words))
    sent += [Sent(stands(omar, shown), getattr(shown, "item", ""), "Reply {}") for shown in ELSEWHERE.values()]
    return sent[-20:]


def misplaced(delegation: Delegation, omar: Chat, latest: int = 20) -> Iterator[str]:
    """What a reply to each of the last messages recorded elsewhere, or left unsaid, from every kind of question."""
    approved = {"approved_by": Text(text="Jane Roe"), "approved_on": Day(day=date(2027, 1, 4))}
    goal = {"goal": Text(text="Open data"), "want": Picked(options=("must",)), **approved}
    delegation.happens(RowPut(item="goals", row="r1", cells=goal))
    delegation.happens(RowPut(item="asks", row="r1", cells={"ask": Text(text="Show the budget")}))
    messages, tried = conversation(omar)[-latest:], 0
    for name, own in ({kind: one for kind, (one, _) in QUESTIONS.items()} | ELSEWHERE | ASKED_BACK).items():
        for message in messages:
            tried += 1
            stands(omar, own)
            before, words = delegation.recorded(), message.words.format(tried)
            answer = omar.replies(words, message.number)
            items = {getattr(event, "item", "") for event in delegation.events()[before:]}
            if items - {message.item}:
                yield f"at {name}, a reply to {message.item or 'a list'} is recorded at {items}"
            if not items and words not in answer:
                yield f"at {name}, a reply to {message.item or 'a list'} is neither recorded nor said"
            if items and where(place(omar)) != where(place_after(own, omar)):
                yield f"at {name}, a reply to {message.item} moved its sender"
    assert tried >= latest * len(QUESTIONS)


def where(there: Place) -> Place:
    """A place, whatever was seen there."""
    return replace(there, seen=0) if isinstance(there, PastedRows) else there


def place_after(own: Place, omar: Chat) -> Place:
    """The same place, as it sees what is recorded now."""
    from tests.api import context

    n = omar.installation.negotiation()
    return own.resolve(context(n, omar.person))


@pytest.mark.slow
@pytest.mark.parametrize("latest", [4, pytest.param(20, marks=pytest.mark.prove)])
def test_a_reply_to_each_of_the_last_messages_is_recorded_nowhere_else(
    delegation: Delegation, omar: Chat, latest: int
) -> None:
    assert list(misplaced(delegation, omar, latest)) == []


@pytest.mark.prove
def test_a_bot_that_hears_replies_where_one_stands_is_found_out(delegation: Delegation, omar: Chat) -> None:
    with on("hear_replies_here"):
        found = list(misplaced(delegation, omar))
    assert len(found) > 20
    assert json.dumps(found).count("is recorded at") > 20
