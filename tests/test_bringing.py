"""Pictures on their way into a chat: when they come, how often they are drawn, and what comes when they cannot be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot import papers
from bot.core.events import Role
from bot.core.forms import unheeded
from bot.desk import Desk
from bot.dialog.place import Command, Typed
from bot.export.drawing import Undrawable
from bot.traffic import Arrived, Brought, Showing, Shown
from tests.transcript import Chat

pytestmark = pytest.mark.slow


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = Chat(tmp_path)
    made.open("us-china-space", [("Maya", Role.LEAD), ("Omar", Role.MEMBER)])
    yield made
    made.store.close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count what is drawn, instead of drawing it."""
    seen: list[object] = []
    for name in ("card_png", "trend_png"):
        monkeypatch.setattr(papers, name, lambda shown: seen.append(shown) or b"\x89PNG")
    return seen


@dataclass(frozen=True)
class Seen:
    """What somebody is shown: the words, and the file above them."""

    paper: Brought | None
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]


def seen(showing: Showing | None) -> Seen:
    """What a face makes of what a chat should show."""
    assert showing is not None
    made = [one.make(unheeded) for one in showing.papers]
    paper = made[-1][0] if made else None
    return Seen(paper, "".join(why for _, why in made) + showing.text, showing.buttons)


def told(chat: Chat, desk: Desk, name: str, text: str) -> Seen:
    """What a chat should show after a command, a typed text or a tap; it is then noted as shown."""
    chat.updates += 1
    who = chat.people[name]
    packed = next((packed for row in desk.packed(who) for label, packed in row if f"[{label}]" == text), "")
    said = None if packed else Command(text[1:]) if text.startswith("/") else Typed(text)
    desk.hear(Arrived(chat.updates, chat.telegram[name], name, said, chat.updates, packed))
    showing = desk.showing(who)
    assert showing is not None
    shows = seen(showing)
    desk.shown([Shown(who, showing.rev, 9000)])
    return shows


def test_a_picture_comes_on_arriving(chat: Chat, drawn: list[object]) -> None:
    """By the command or the button, and not with what is said there."""
    desk = chat.desk()
    arrived = told(chat, desk, "Maya", "/summary")
    assert arrived.paper is not None
    assert (arrived.paper.picture, arrived.paper.name) == (True, "readiness-china-2027-01-15.png")
    assert arrived.paper.caption.startswith("Readiness for talks with China")
    assert told(chat, desk, "Maya", "what else").paper is None
    assert told(chat, desk, "Maya", "/nonsense").paper is None
    assert told(chat, desk, "Maya", "/home").paper is None
    assert told(chat, desk, "Maya", "[Summary]").paper == arrived.paper
    assert told(chat, desk, "Maya", "[Trend]").paper.name == "readiness-china-2027-01-15-trend.png"
    assert told(chat, desk, "Maya", "[Sections]").paper is None
    assert len(drawn) == 2


def test_what_is_shown_again_brings_nothing_again(chat: Chat, drawn: list[object]) -> None:
    """After an outage the summary is said anew, without its picture; one that was never shown still comes."""
    desk = chat.desk()
    told(chat, desk, "Maya", "/summary")
    desk.say_again()
    assert seen(desk.showing(chat.people["Maya"])).paper is None
    desk.hear(Arrived(5, chat.telegram["Omar"], "Omar", Command("summary"), 5))
    desk.say_again()
    assert seen(desk.showing(chat.people["Omar"])).paper is not None
    assert len(drawn) == 1


def test_the_same_state_on_the_same_day_is_drawn_once(chat: Chat, drawn: list[object]) -> None:
    """For everybody; an answer or a new day makes it another picture."""
    desk = chat.desk()
    for name in ("Maya", "Omar", "Maya"):
        told(chat, desk, name, "/summary")
    assert len(drawn) == 1
    told(chat, desk, "Omar", "/continue")
    told(chat, desk, "Omar", "Goal: A sample\nMust or want: must have")
    told(chat, desk, "Omar", "[Record 1 row]")
    told(chat, desk, "Omar", "/summary")
    assert len(drawn) == 2
    chat.at += timedelta(days=1)
    told(chat, desk, "Omar", "/summary")
    assert len(drawn) == 3


def test_only_so_many_pictures_are_kept(chat: Chat, drawn: list[object]) -> None:
    desk = chat.desk()
    for _ in range(papers.PICTURES + 5):
        chat.at += timedelta(days=1)
        told(chat, desk, "Maya", "/summary")
    told(chat, desk, "Maya", "/summary")
    assert len(drawn) == papers.PICTURES + 5
    chat.at -= timedelta(days=papers.PICTURES)
    told(chat, desk, "Maya", "/summary")
    assert len(drawn) == papers.PICTURES + 6


@pytest.mark.parametrize("fault", [Undrawable("the font package x is not installed"), MemoryError("a secret")])
def test_a_summary_comes_without_the_picture_that_cannot_be_drawn(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    """It says so, and the facts in words; the fault is logged and quotes nobody."""

    def fails(_: object) -> bytes:
        raise fault

    monkeypatch.setattr(papers, "card_png", fails)
    shown = told(chat, chat.desk(), "Maya", "/summary")
    assert shown.paper is None
    assert shown.text.startswith("The picture could not be drawn. In words:\nReadiness for talks with China")
    assert "[Gaps" not in shown.text
    assert shown.buttons[0][0][0] == "Gaps (50)"
    assert "A picture cannot be drawn: " in caplog.text
    assert "a secret" not in caplog.text


def test_nothing_is_drawn_within_a_transaction(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writes while a picture is being drawn."""
    desk = chat.desk()
    wrote = threading.Event()

    def slow(_: object) -> bytes:
        def write() -> None:
            with chat.store.transaction() as tx:
                tx.set_office("drawing", "on")
            wrote.set()

        threading.Thread(target=write).start()
        assert wrote.wait(10)
        return b"\x89PNG"

    monkeypatch.setattr(papers, "trend_png", slow)
    told(chat, desk, "Maya", "/summary")
    assert told(chat, desk, "Maya", "[Trend]").paper is not None


def test_a_picture_stays_in_its_negotiation(chat: Chat, drawn: list[object]) -> None:
    """A card that was not shown before its person was removed is never shown."""
    desk = chat.desk()
    desk.hear(Arrived(5, chat.telegram["Omar"], "Omar", Command("summary"), 5))
    told(chat, desk, "Maya", "/team")
    told(chat, desk, "Maya", "[Omar…]")
    told(chat, desk, "Maya", "[Remove…]")
    told(chat, desk, "Maya", "[Remove]")
    assert seen(desk.showing(chat.people["Omar"])).paper is None
    assert drawn == []
