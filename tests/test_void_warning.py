"""Whatever would make a sign-off void says so before it is done, whoever does it and by whatever way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.dialog.callback_data import stored
from bot.dialog.screens.home import Home
from bot.domain.negotiation import FORM
from tests.api import Chat, Client, Delegation
from tests.edited import edited_excel

NOW = datetime(2027, 2, 11, 10, tzinfo=UTC)
GO_ON = ["Go on", "Cancel"]


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path, at=NOW) as made:
        made.opens("us-china-space", "Maya lead", "Lena lead", "Omar member", settled=True)
        yield made


@pytest.fixture
def lena(delegation: Delegation) -> Chat:
    """The other lead's chat."""
    return delegation.chat("Lena")


def sign(*leads: Chat) -> None:
    for lead in leads:
        lead.types("/sign")
        lead.taps("Sign for a go…", "Sign this state")


def both_sign(delegation: Delegation) -> None:
    sign(delegation.chat("Maya"), delegation.chat("Lena"))


# Ways of changing something: each ends with what would make the sign-off void.


def taps_an_answer(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Crewed flight", "Yes")


def taps_the_answer_that_stands(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Crewed flight", "No")


def calls_it_unknown(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Crewed flight", "Unknown")


def clears_an_answer(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Crewed flight", "Clear")


def types_a_field(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Minimum acceptable outcome", "Public line")
    chat.types("A frank exchange on standards")


def replies_to_an_older_question(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Minimum acceptable outcome", "Public line")
    older = chat.installation.shown[chat.name][-1]
    chat.types("/help")
    chat.installation.last[chat.name] = chat.installation.updates + 1
    chat.replies("A frank exchange on standards", older)


def says_where_words_belong(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Minimum acceptable outcome", "Public line")
    chat.forwards("A frank exchange on standards", "Jane Roe")
    chat.taps(chat.screen.labels[1])


def records_rows(chat: Chat) -> None:
    chat.goes_to("Authority", "Red lines")
    chat.types("No sample engines\nSample assembly\nNo")
    chat.taps("Record 1 row")


def removes_a_row(chat: Chat) -> None:
    chat.goes_to("Authority", "Red lines", "No sample drawings", "Remove…", "Remove it")


def adds_a_reference(chat: Chat) -> None:
    chat.goes_to("Limit expectations", "Crewed flight", "Evidence")
    chat.types("Cable A17, page 3")


def moves_the_talks(chat: Chat) -> None:
    chat.types("/team")
    chat.taps("Move the talks")
    chat.types("22 March 2027")


def waives_a_gap(chat: Chat) -> None:
    chat.types("/gaps")
    chat.taps("1", "Waive…")
    chat.types("The sample letter arrives on Monday.")
    chat.taps("Until the talks")


def takes_a_change_from_a_file(chat: Chat) -> None:
    chat.types("/take")
    chat.taps("Excel, to work on")
    chat.sends_back(edited_excel(chat.installation.brought[chat.name], {("items", "crewed", "answer"): "Yes"}))
    chat.taps("Take")


BY_ANYBODY = [
    taps_an_answer, taps_the_answer_that_stands, calls_it_unknown, clears_an_answer, types_a_field, records_rows,
    removes_a_row, adds_a_reference,
    replies_to_an_older_question, says_where_words_belong,
]  # fmt: skip
BY_LEADS = [moves_the_talks, waives_a_gap, takes_a_change_from_a_file]


def changes(delegation: Delegation) -> int:
    """How much was recorded; that a file was taken away is no change."""
    return sum(one.kind != "exported" for one in delegation.events())


@pytest.mark.prove
@pytest.mark.parametrize("way", [*BY_ANYBODY, *BY_LEADS], ids=lambda way: way.__name__)
def test_every_change_asks_before_it_voids_a_sign_off_and_goes_on_or_leaves_it_at_a_tap(
    delegation: Delegation, maya: Chat, lena: Chat, omar: Chat, way: Callable[[Chat], None]
) -> None:
    delegation.at += timedelta(days=32 * (way is waives_a_gap))  # by then some facts are too old
    both_sign(delegation)
    chat, before = (maya if way in BY_LEADS else omar), changes(delegation)
    way(chat)
    assert changes(delegation) == before
    assert "2 leads have signed; this voids it. Void: Maya (go), Lena (go)." in chat.screen.text
    assert "Not recorded yet:\n· " in chat.screen.text
    assert chat.screen.labels == GO_ON
    chat.taps("Cancel")
    assert "Nothing was recorded." in chat.screen.text
    assert changes(delegation) == before
    assert "Signed off: 2 of 2 signed" in lena.types("/summary")
    way(chat)
    said = chat.taps("Go on")
    assert changes(delegation) == before + 1
    assert "⚠ Sign-off VOID" in said
    assert ("has changed" in said) == (way is not taps_the_answer_that_stands)
    assert "⚠ Sign-off VOID: 0 of 2 signed." in lena.types("/summary")


@pytest.mark.slow
def test_taking_something_back_asks_first(delegation: Delegation, omar: Chat) -> None:
    taps_an_answer(omar)  # nobody has signed: it is recorded at once
    taps_the_answer_that_stands(omar)
    both_sign(delegation)
    assert "2 leads have signed; this voids it." in omar.taps("Undo")
    assert "Taken back." in omar.taps("Go on")


@pytest.mark.slow
def test_a_file_is_sent_again_once_the_person_goes_on(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    before = delegation.recorded()
    omar.goes_to("Limit expectations", "Crewed flight")
    assert "2 leads have signed; this voids it." in omar.sends_file("letter.pdf", 2048)
    assert "Send the file again: then it is kept." in omar.taps("Go on")
    assert delegation.recorded() == before
    assert "⚠ Sign-off VOID" in omar.sends_file("letter.pdf", 2048)
    assert [one.text for one in delegation.negotiation().record("crewed").evidence] == ["letter.pdf"]
    assert not delegation.verified()


@pytest.mark.slow
def test_a_file_that_was_not_kept_is_not_left_unsaid(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    omar.goes_to("Limit expectations", "Crewed flight")
    omar.sends_file("letter.pdf", 2048)
    assert "Not recorded: the file letter.pdf" in omar.types("/summary")


@pytest.mark.slow
def test_who_confirms_what_stands_is_asked_nothing_and_the_sign_off_stays(
    delegation: Delegation, lena: Chat, omar: Chat
) -> None:
    """Also where that closes a gap because a fact was too old."""
    delegation.at += timedelta(days=32)
    both_sign(delegation)
    for path in (
        ("Authority", "Red lines", "These rows hold"),
        ("Limit expectations", "Crewed flight", "Still holds"),
        ("Consult allies", "Wider effects", "These rows hold"),
    ):
        said = omar.goes_to(*path)
        assert "Confirmed: " in said
        assert "void" not in said.text.lower()
    assert "This closes a major gap" in said
    assert "Signed off: 2 of 2 signed" in lena.types("/summary")


@pytest.mark.slow
def test_what_another_signs_meanwhile_is_said_before_it_is_void(maya: Chat, lena: Chat, omar: Chat) -> None:
    sign(maya)
    taps_an_answer(omar)
    assert "1 lead has signed; this voids it. Void: Maya (go)." in omar.screen.text
    sign(lena)
    assert "2 leads have signed; this voids it." in omar.taps("Go on")
    assert "⚠ Sign-off VOID" in omar.taps("Go on")


@pytest.mark.slow
def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    delegation: Delegation, lena: Chat, omar: Chat
) -> None:
    both_sign(delegation)
    types_a_field(omar)
    lena.goes_to("Limit expectations", "Minimum acceptable outcome", "Public line")
    lena.types("A frank exchange on data")
    lena.taps("Go on")
    assert "Somebody else changed this." in omar.taps("Go on")
    assert "A frank exchange on data" in omar.screen.text


@pytest.mark.slow
def test_what_was_typed_and_waits_is_said_by_who_goes_elsewhere(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    types_a_field(omar)
    assert "Not recorded: A frank exchange on standards" in omar.types("/sections")


@pytest.mark.slow
def test_words_typed_while_it_is_asked_are_not_recorded_and_told(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    types_a_field(omar)
    before = delegation.recorded()
    said = omar.types("A second thought")
    assert "go on or cancel first" in said
    assert "You wrote: A second thought" in said
    assert omar.screen.labels == GO_ON
    omar.types("go on")  # a button's words tap it
    assert delegation.recorded() == before + 1


@pytest.mark.slow
def test_an_edit_of_the_message_that_waits_counts(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    types_a_field(omar)
    assert "Your edited message counts." in omar.edits("A frank exchange on data")
    omar.taps("Go on")
    assert "A frank exchange on data" in repr(delegation.events()[-1])


@pytest.mark.slow
def test_an_edit_of_an_answer_asks_and_comes_back_to_where_the_person_was(delegation: Delegation, omar: Chat) -> None:
    types_a_field(omar)
    both_sign(delegation)
    omar.types("/help")
    assert "2 leads have signed; this voids it." in omar.edits("A frank exchange on data")
    omar.taps("Go on")
    assert omar.screen.title == "Help"
    assert "A frank exchange on data" in repr(delegation.events()[-1])


@pytest.mark.slow
def test_a_reply_asks_and_comes_back_to_where_the_person_was(delegation: Delegation, omar: Chat) -> None:
    """To an older question, and to one's own answer."""
    both_sign(delegation)
    replies_to_an_older_question(omar)
    assert "Not recorded: A frank exchange on standards" in omar.taps("Cancel")
    assert omar.screen.title == "Help"
    replies_to_an_older_question(omar)
    omar.taps("Go on")
    assert omar.screen.title == "Help"
    assert "A frank exchange on standards" in repr(delegation.events()[-1])
    both_sign(delegation)
    before, answer = delegation.recorded(), omar.installation.last[omar.name]
    omar.replies("A frank exchange on missions", answer)
    assert delegation.recorded() == before
    omar.taps("Go on")
    assert omar.screen.title == "Help"
    assert "A frank exchange on missions" in repr(delegation.events()[-1])


@pytest.mark.slow
def test_an_edit_of_a_reply_that_waits_counts(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    replies_to_an_older_question(omar)
    assert "Your edited message counts." in omar.edits("A frank exchange on data")
    assert omar.screen.labels == GO_ON
    omar.taps("Go on")
    assert omar.screen.title == "Help"
    assert "A frank exchange on data" in repr(delegation.events()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_all_parts_of_a_long_answer_wait_together(delegation: Delegation, omar: Chat, order: tuple[int, ...]) -> None:
    """An edit of one part alone is told to change nothing; one tap records all, in their order."""
    both_sign(delegation)
    before = delegation.recorded()
    omar.goes_to("Limit expectations", "Minimum acceptable outcome", "Public line")
    text = "\n\n".join(f"Part {part}. " + "A frank exchange on standards. " * 80 for part in range(3))
    omar.types_in_parts(text, Client.DESKTOP, order=order)
    assert delegation.recorded() == before
    assert "Your edited message changes nothing: it waits with another" in omar.edits("Part 4.")
    assert omar.screen.labels == GO_ON
    omar.taps("Go on")
    held = delegation.negotiation().record("minimum").rows[FORM].said("public_line")
    assert held.text.split("\n") == [part.strip() for part in text.split("\n\n")]


@pytest.mark.slow
def test_a_file_as_a_reply_is_sent_again_once_the_person_goes_on(delegation: Delegation, omar: Chat) -> None:
    """As a reply again, or not."""
    omar.goes_to("Limit expectations", "Crewed flight")
    older = omar.installation.shown[omar.name][-1]
    for again in (older, None):
        both_sign(delegation)
        omar.types("/help")
        before = delegation.recorded()
        assert "2 leads have signed; this voids it." in omar.sends_file("letter.pdf", 2048, reply_to=older)
        omar.taps("Go on")
        assert delegation.recorded() == before
        assert "⚠ Sign-off VOID" in omar.sends_file("letter.pdf", 2048, reply_to=again)
        assert omar.screen.title == "Help"
        assert delegation.events()[-1].item == "crewed"


@pytest.mark.slow
def test_what_a_reply_would_void_in_other_talks_is_to_be_said_there(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    omar.goes_to("Limit expectations", "Minimum acceptable outcome", "Public line")
    older, first = omar.installation.shown[omar.name][-1], delegation.number
    other = delegation.opens("bilateral", "Maya lead", "Omar member", uid="other", counterpart="Sampleland")
    omar.is_left(place=stored(Home()), negotiation=other, fresh=True)
    omar.is_shown()
    before = delegation.recorded(first)
    said = omar.replies("A frank exchange on standards", older)
    assert "leads have signed, and this would make it void" in said
    assert "You wrote: A frank exchange on standards" in said
    assert delegation.recorded(first) == before


@pytest.mark.slow
def test_rows_that_wait_still_wait_after_a_cancel(delegation: Delegation, omar: Chat) -> None:
    both_sign(delegation)
    records_rows(omar)
    said = omar.taps("Cancel")
    assert "Record 1 row" in omar.screen.labels
    assert "Not recorded: " not in said


@pytest.mark.slow
def test_every_face_asks(delegation: Delegation) -> None:
    both_sign(delegation)
    terminal = delegation.terminal("Omar")
    terminal.types("/sections")
    for words in ("Limit expectations", "Crewed flight", "Yes"):
        terminal.taps(terminal.screen.label(words))
    assert terminal.screen.labels == GO_ON
    before = delegation.recorded()
    assert "⚠ Sign-off VOID" in terminal.taps("Go on").text
    assert delegation.recorded() == before + 1


@pytest.mark.slow
def test_what_this_chat_may_not_carry_is_not_told_where_it_is_asked(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """Said on our own page, and then looked at on Telegram."""
    both_sign(delegation)
    maya.types("/privacy")
    maya.taps("What the chat carries", "Names and references only")
    terminal = delegation.terminal("Omar")
    terminal.types("/sections")
    for words in ("Limit expectations", "Minimum acceptable outcome", "Public line"):
        terminal.taps(terminal.screen.label(words))
    terminal.types("A frank exchange on standards")
    assert terminal.screen.labels == GO_ON
    assert "A frank exchange" not in omar.screen.whole
