"""A long message that a client cut in parts is one answer: in any order of arrival, with one Undo, or it is asked."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from bot.dialog.callback_data import stored
from bot.dialog.contract import Place
from bot.dialog.screens.item import ItemQuestion
from bot.dialog.screens.table import FieldQuestion, TablePage
from bot.domain.events import RowPut
from bot.domain.negotiation import FORM
from tests.api import Chat, Client, Delegation
from tests.telegram_double.clients import messages_of

LEAST = FieldQuestion("minimum", FORM, "outcome")
WORDS = "The least that we accept is a second meeting on a fixed day, with both offices in the room. "
FALLBACK = "The fallback is a written exchange."


def paragraphs(*lengths: int) -> str:
    """A text in paragraphs of about so many characters, each with its number."""
    return "\n\n".join(f"Part {nth}. " + WORDS * (length // len(WORDS)) for nth, length in enumerate(lengths, 1))


def stands(chat: Chat, place: Place) -> Chat:
    """The chat at a question, which it shows."""
    chat.types("/start")
    chat.is_left(place=stored(place), fresh=True)
    chat.is_shown()
    return chat


def said(delegation: Delegation, item: str = "minimum", row: str = FORM, field: str = "outcome") -> str | None:
    """What stands in a field."""
    cell = delegation.negotiation().record(item).rows[row].said(field)
    return getattr(cell, "text", None)


@pytest.mark.parametrize("client", list(Client))
def test_a_long_answer_is_one_answer_whatever_app_cut_it(delegation: Delegation, omar: Chat, client: Client) -> None:
    """And the next question stays open: the bottom line is not in the public line."""
    text = paragraphs(2_400, 1_800, 2_300, 900)
    assert len(messages_of(text, client)) > 1
    stands(omar, LEAST).types_in_parts(text, client)
    assert said(delegation) == "\n".join(messages_of(text, client))
    assert said(delegation, field="public_line") is None
    assert "Public line" in omar.screen.text


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_are_put_in_their_order_whichever_comes_first(
    delegation: Delegation, omar: Chat, order: tuple[int, ...]
) -> None:
    """Each is recorded as it comes, with what came before it or after it."""
    text = paragraphs(2_400, 3_000, 1_500)
    parts = messages_of(text, Client.DESKTOP)
    assert len(parts) == len(order)
    stands(omar, LEAST).types_in_parts(text, Client.DESKTOP, order=order)
    assert said(delegation) == "\n".join(parts)
    assert said(delegation, field="public_line") is None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_one_undo_takes_back_all_parts(delegation: Delegation, omar: Chat, order: tuple[int, ...]) -> None:
    stands(omar, LEAST).types_in_parts(paragraphs(2_400, 3_000, 1_500), Client.DESKTOP, order=order)
    omar.taps("Undo")
    assert said(delegation) is None


def test_one_undo_brings_back_what_stood_there_before(delegation: Delegation, omar: Chat) -> None:
    stands(omar, LEAST).types("A second meeting")
    stands(omar, LEAST.resolve(omar_sees(delegation, omar))).types_in_parts(paragraphs(2_400, 700), Client.DESKTOP)
    omar.taps("Undo")
    assert said(delegation) == "A second meeting"


def omar_sees(delegation: Delegation, omar: Chat) -> object:
    from tests.api import context

    return context(delegation.negotiation(), omar.person)


def test_an_undo_of_all_parts_takes_back_a_row_that_they_began(delegation: Delegation, omar: Chat) -> None:
    stands(omar, FieldQuestion("red_lines", "", "line")).types_in_parts(
        paragraphs(2_400, 700).replace("\n\n", " "), Client.ANDROID
    )
    rows = delegation.negotiation().record("red_lines").rows
    omar.taps("Undo") if len(rows) else None
    assert not delegation.negotiation().record("red_lines").rows


def test_a_message_is_as_long_as_telegram_counts(delegation: Delegation, omar: Chat) -> None:
    """In UTF-16 units, of which a picture has two: 1,100 pictures may have been cut, 900 not."""
    for pictures, joined in ((1_100, True), (900, False)):
        stands(omar, LEAST)
        now = delegation.at.timestamp()
        omar.sends(omar.update("Ja " + "🛰" * pictures, sent=now))
        omar.sends(omar.update(f"Rest {pictures}", sent=now + 1))
        assert (f"Rest {pictures}" in (said(delegation) or "")) is joined
    assert said(delegation, field="public_line") == "Rest 900"


@pytest.mark.parametrize(
    ("tap", "outcome", "public"),
    [
        ("Add to", f"\n{FALLBACK}", None),
        ("Here", "", FALLBACK),
        ("Discard", "", None),
    ],
)
def test_a_part_that_comes_late_is_asked_about(
    delegation: Delegation, omar: Chat, tap: str, outcome: str, public: str | None
) -> None:
    first = WORDS * 25
    omar = stands(omar, LEAST)
    now, before = delegation.at.timestamp(), delegation.recorded()
    omar.sends(omar.update(first, sent=now))
    asked = omar.sends(omar.update(FALLBACK, sent=now + 6))
    assert delegation.recorded() == before + 1
    assert "Where does this belong?" in asked
    assert FALLBACK in asked
    omar.taps(omar.screen.label(tap))
    assert said(delegation) == f"{first.strip()}{outcome}"
    assert said(delegation, field="public_line") == public


def test_after_a_minute_a_message_answers_where_one_stands(delegation: Delegation, omar: Chat) -> None:
    stands(omar, LEAST)
    now = delegation.at.timestamp()
    omar.sends(omar.update(WORDS * 25, sent=now))
    omar.sends(omar.update(FALLBACK, sent=now + 61))
    assert said(delegation, field="public_line") == FALLBACK


def test_a_part_is_asked_about_when_the_place_moved_meanwhile(delegation: Delegation, omar: Chat) -> None:
    stands(omar, LEAST)
    now = delegation.at.timestamp()
    omar.sends(omar.update(WORDS * 25, sent=now))
    omar.types("/summary")
    omar.types("/continue")
    before = delegation.recorded()
    assert "Where does this belong?" in omar.sends(omar.update(FALLBACK, sent=now + 1))
    assert delegation.recorded() == before
    omar.taps(omar.screen.label("Add to"))
    assert (said(delegation) or "").endswith(f"\n{FALLBACK}")


@pytest.mark.slow
def test_a_part_is_asked_about_when_somebody_else_changed_the_answer(delegation: Delegation, omar: Chat) -> None:
    stands(omar, LEAST)
    now = delegation.at.timestamp()
    omar.sends(omar.update(WORDS * 25, sent=now))
    delegation.happens(RowPut(item="minimum", row=FORM, cells={"outcome": {"kind": "text", "text": "Another"}}))
    assert "Where does this belong?" in omar.sends(omar.update(FALLBACK, sent=now + 1))
    assert said(delegation) == "Another"


def test_the_rest_of_what_was_no_answer_is_none_either(delegation: Delegation, omar: Chat) -> None:
    """As a long text at a question for yes or no, whose last part is a yes."""
    stands(omar, ItemQuestion("crewed"))
    now, before = delegation.at.timestamp(), delegation.recorded()
    omar.sends(omar.update(WORDS * 25, sent=now))
    assert "Where does this belong?" in omar.sends(omar.update("Yes.", sent=now + 1))
    assert delegation.recorded() == before


@pytest.mark.parametrize("edited", [0, 1, 2])
def test_an_edit_of_a_part_changes_that_part(delegation: Delegation, omar: Chat, edited: int) -> None:
    text = paragraphs(2_400, 3_000, 1_500)
    parts = messages_of(text, Client.DESKTOP)
    stands(omar, LEAST)
    delegation.last["Omar"] = omar_message(omar, text, edited)
    omar.edits("Corrected.")
    parts[edited] = "Corrected."
    assert said(delegation) == "\n".join(parts)


def omar_message(omar: Chat, text: str, number: int) -> int:
    """Type it, and say which message is its part of this number."""
    first = omar.installation.updates + 1
    omar.types_in_parts(text, Client.DESKTOP)
    return first + number


GOALS = "\n\n".join(
    f"Goal: Sample goal {nth}\nMust or want: must have\nHow we measure it: {WORDS * 2}" for nth in range(1, 24)
)


@pytest.mark.parametrize("client", list(Client))
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_rows_that_come_in_parts_wait_together(
    delegation: Delegation, omar: Chat, client: Client, order: tuple[int, ...]
) -> None:
    """Twenty-three goals by name, more than one message holds: none is replaced and none is glued."""
    parts = len(messages_of(GOALS, client))
    assert parts == 2
    stands(omar, TablePage("goals")).types_in_parts(GOALS, client, order=order)
    omar.taps("Record 23 rows")
    rows = delegation.negotiation().record("goals").rows.values()
    assert [row.said("goal").text for row in rows] == [f"Sample goal {nth}" for nth in range(1, 24)]


def test_an_edit_of_one_part_of_the_rows_leaves_the_others(delegation: Delegation, omar: Chat) -> None:
    stands(omar, TablePage("goals"))
    first = omar.installation.updates + 1
    omar.types_in_parts(GOALS, Client.DESKTOP, order=(1, 0))
    rest = messages_of(GOALS, Client.DESKTOP)[1]
    delegation.last["Omar"] = first + 1
    omar.edits(rest.replace("Sample goal 23", "Corrected goal"))
    omar.taps("Record 23 rows")
    names = [row.said("goal").text for row in delegation.negotiation().record("goals").rows.values()]
    assert names[0] == "Sample goal 1"
    assert names[-1] == "Corrected goal"


def test_a_long_answer_holds_up_nobody(delegation: Delegation, omar: Chat) -> None:
    """On our own faces, which cut nothing, and on Telegram: the next question comes at once."""
    terminal = delegation.terminal("Omar")
    stands(omar, LEAST)
    assert "Public line" in terminal.types(WORDS * 60).text
    stands(omar, LEAST.resolve(omar_sees(delegation, omar)))
    assert "Public line" in omar.types(WORDS * 40)


def test_nothing_that_was_typed_is_kept_to_know_its_rest(delegation: Delegation, omar: Chat) -> None:
    """What the chat remembers of a long message are numbers."""
    stands(omar, LEAST).types_in_parts(paragraphs(2_400, 700), Client.DESKTOP)
    with delegation.store.reading() as tx:
        chat = tx.chat(omar.person)
    assert chat is not None
    assert chat.answering
    assert "least" not in chat.answering
    delegation.at += timedelta(days=1)
