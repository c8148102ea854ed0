"""Pictures on their way into a chat: when they come, how often they are drawn, and what comes when they cannot be."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.application import documents
from bot.domain.export_formats import unheeded
from bot.exports.pdf.typst import Undrawable
from tests.api import Attachment, Chat, Delegation, Hooks, OutgoingMessage

pytestmark = pytest.mark.slow


@pytest.fixture
def drawn(faults: Hooks) -> list[object]:
    """Count what is drawn, instead of drawing it."""
    seen: list[object] = []
    for name in ("card_drawn_by", "trend_drawn_by"):
        faults.on(name, lambda shown: seen.append(shown) or b"\x89PNG")
    return seen


@dataclass(frozen=True)
class Seen:
    """What somebody is shown: the words, and the file above them."""

    paper: Attachment | None
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]


def seen(showing: OutgoingMessage | None) -> Seen:
    """What a face makes of what a chat should show."""
    assert showing is not None
    made = [one.make(unheeded) for one in showing.papers]
    paper = made[-1][0] if made else None
    return Seen(paper, "".join(why for _, why in made) + showing.text, showing.buttons)


def told(chat: Chat, text: str) -> Seen:
    """What a chat should show after a command, a typed text or a tap; it is then noted as shown."""
    label = text.strip("[]")
    chat.installation.receives(chat.update(text) if label == text else chat.update(button=chat.screen.button(label)))
    shows = seen(chat.owed)
    chat.is_shown()
    return shows


@pytest.fixture(autouse=True)
def one_process(delegation: Delegation) -> None:
    """What is drawn is kept by a process."""
    delegation.goes_on()


def test_a_picture_comes_on_arriving(maya: Chat, drawn: list[object]) -> None:
    """By the command or the button, and not with what is said there."""
    arrived = told(maya, "/summary")
    assert arrived.paper is not None
    assert (arrived.paper.picture, arrived.paper.name) == (True, "readiness-china-2027-01-15.png")
    assert arrived.paper.caption.startswith("Readiness for talks with China")
    assert told(maya, "what else").paper is None
    assert told(maya, "/nonsense").paper is None
    assert told(maya, "/home").paper is None
    assert told(maya, "[Summary]").paper == arrived.paper
    assert told(maya, "[Trend]").paper.name == "readiness-china-2027-01-15-trend.png"
    assert told(maya, "[Sections]").paper is None
    assert len(drawn) == 2


def test_what_is_shown_again_brings_nothing_again(
    delegation: Delegation, maya: Chat, omar: Chat, drawn: list[object]
) -> None:
    """After an outage the summary is said anew, without its picture; one that was never shown still comes."""
    told(maya, "/summary")
    delegation.was_away()
    assert seen(maya.owed).paper is None
    delegation.receives(omar.update("/summary"))
    delegation.was_away()
    assert seen(omar.owed).paper is not None
    assert len(drawn) == 1


def test_the_same_state_on_the_same_day_is_drawn_once(delegation: Delegation, omar: Chat, drawn: list[object]) -> None:
    """For everybody; an answer or a new day makes it another picture."""
    for name in ("Maya", "Omar", "Maya"):
        told(delegation.chat(name), "/summary")
    assert len(drawn) == 1
    told(omar, "/continue")
    told(omar, "Goal: A sample\nMust or want: must have")
    told(omar, "[Record 1 row]")
    told(omar, "/summary")
    assert len(drawn) == 2
    delegation.at += timedelta(days=1)
    told(omar, "/summary")
    assert len(drawn) == 3


def test_only_so_many_pictures_are_kept(delegation: Delegation, maya: Chat, drawn: list[object]) -> None:
    for _ in range(documents.PICTURES + 5):
        delegation.at += timedelta(days=1)
        told(maya, "/summary")
    told(maya, "/summary")
    assert len(drawn) == documents.PICTURES + 5
    delegation.at -= timedelta(days=documents.PICTURES)
    told(maya, "/summary")
    assert len(drawn) == documents.PICTURES + 6


@pytest.mark.parametrize("fault", [Undrawable("the font package x is not installed"), MemoryError("a secret")])
def test_a_summary_comes_without_the_picture_that_cannot_be_drawn(
    maya: Chat, faults: Hooks, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    """It says so, and the facts in words; the fault is logged and quotes nobody."""

    def fails(_: object) -> bytes:
        raise fault

    faults.on("card_drawn_by", fails)
    shown = told(maya, "/summary")
    assert shown.paper is None
    assert shown.text.startswith("The picture could not be drawn. In words:\nReadiness for talks with China")
    assert "[Gaps" not in shown.text
    assert shown.buttons[0][0][0] == "Gaps (47)"
    assert "A picture cannot be drawn: " in caplog.text
    assert "a secret" not in caplog.text


def test_nothing_is_drawn_within_a_transaction(delegation: Delegation, maya: Chat, faults: Hooks) -> None:
    """Another writes while a picture is being drawn."""
    wrote = threading.Event()

    def slow(_: object) -> bytes:
        def write() -> None:
            with delegation.store.transaction() as tx:
                tx.set_office("drawing", "on")
            wrote.set()

        threading.Thread(target=write).start()
        assert wrote.wait(10)
        return b"\x89PNG"

    faults.on("trend_drawn_by", slow)
    told(maya, "/summary")
    assert told(maya, "[Trend]").paper is not None


def test_a_picture_stays_in_its_negotiation(
    delegation: Delegation, maya: Chat, omar: Chat, drawn: list[object]
) -> None:
    """A card that was not shown before its person was removed is never shown."""
    delegation.receives(omar.update("/summary"))
    told(maya, "/team")
    told(maya, "[Omar…]")
    told(maya, "[Remove…]")
    told(maya, "[Remove]")
    assert seen(omar.owed).paper is None
    assert drawn == []
