"""Files that take long: who waits for them, what is told meanwhile, and that each comes once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.dialog.screens.export import progressed
from bot.domain.events import Exported
from bot.domain.export_formats import EXPORT_FORMATS, unheeded
from bot.exports.pdf.typst import Undrawable
from bot.exports.registry import written
from bot.runtime import terminal
from tests.api import Chat, Delegation, Hooks, on_telegram
from tests.telegram_double import Broken, Flood, TelegramDouble
from tests.test_forms import sample
from tests.test_telegram import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.export_formats import Progress
    from bot.domain.report.builder import Report
    from tests.telegram_double import Person

STEPS = 7
STUCK = 15.0  # seconds after which a press goes on by itself, so that a failing test ends


@dataclass
class Press:
    """Draws as long as it is told to, and fails when it is told to."""

    gate: threading.Event = field(default_factory=threading.Event)
    drawn: list[str] = field(default_factory=list)
    step: int = 3
    fault: Exception | None = None

    def written(self, form: str, report: Report, progress: Progress = unheeded) -> bytes:
        """A file, once the gate is open."""
        self.drawn.append(f"{form} for {report.head.made_by}")
        before, patience = 0, time.monotonic() + STUCK
        while not self.gate.wait(0.01) and time.monotonic() < patience:
            if self.step != before:
                before = self.step
                progress(before, STEPS)
        if self.fault is not None:
            raise self.fault
        return b"%PDF-sample"


@pytest.fixture
def press(faults: Hooks) -> Iterator[Press]:
    """A press that stands still until its gate is opened; a moment is short here."""
    made = Press()
    faults.on("documents_drawn_by", made.written)
    faults.pace(file_made=0.05, file_made_again=0.05)
    yield made
    made.gate.set()


async def take(maya: Person, label: str = "PDF, to carry") -> None:
    """Ask for a file under Take away."""
    await maya.type("/take")
    await maya.expect("Take away: China")
    await maya.tap(label)


def exported(delegation: Delegation) -> list[str]:
    """What was recorded as taken away."""
    return [event.form for event in delegation.events() if isinstance(event, Exported)]


async def test_others_are_answered_while_a_document_is_drawn(delegation: Delegation, press: Press) -> None:
    """The one thread that writes to SQLite never draws; whoever waits for the document sees how far it is."""
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya, omar = double.person(500, "Maya"), double.person(501, "Omar")
        await take(maya)
        await maya.expect("Making PDF: drawing 3 of 7…")
        assert double.world.calls["sendChatAction"] > 0
        await omar.type("/sections")
        await omar.expect("Settled items")
        await omar.type("/gaps")
        await omar.expect("Gaps · 1–6")
        press.step = 4
        await maya.expect("Making PDF: drawing 4 of 7…")
        assert maya.documents == []
        press.gate.set()
        await maya.expect("Taken away as PDF.")
        assert not [one for one in maya.messages if "Making" in one.text]
        assert [(one.name, one.data) for one in maya.documents] == [("readiness-china-2027-01-15.pdf", b"%PDF-sample")]
    assert exported(delegation) == ["pdf"]


async def test_others_are_answered_while_a_picture_is_drawn(
    delegation: Delegation, press: Press, faults: Hooks
) -> None:
    def slow(_: object) -> bytes:
        press.gate.wait(10)
        return b"\x89PNG\r\n\x1a\n and so on"

    faults.on("card_drawn_by", slow)
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya, omar = double.person(500, "Maya"), double.person(501, "Omar")
        await maya.type("/summary")
        await maya.expect("Making a picture…")
        await omar.type("/sections")
        await omar.expect("Settled items")
        press.gate.set()
        await maya.expect("Worst first:")
        assert len(maya.pictures) == 1


async def test_what_is_quick_is_not_talked_about(delegation: Delegation, press: Press, faults: Hooks) -> None:
    faults.pace(file_made=5.0)
    press.gate.set()
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya = double.person(500, "Maya")
        await take(maya)
        await maya.expect("Taken away as PDF.")
        assert double.world.calls["sendChatAction"] == 0
        assert not [text for _, text in double.world.sent if "Making" in text]


async def test_every_file_asked_for_while_one_is_drawn_comes_once_and_in_order(
    delegation: Delegation, press: Press
) -> None:
    """Also when the same button is tapped twice, for somebody who thinks the first tap was lost."""
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya = double.person(500, "Maya")
        await take(maya)
        await maya.expect("Making PDF: drawing 3 of 7…")
        menu = next(one for one in maya.messages if "Take away: China" in one.text)
        for label in ("PDF, to carry", "Word, to edit", "Web page, to print"):
            await maya.tap(label, screen=menu)
        await until(lambda: exported(delegation) == ["pdf", "pdf", "word", "html"])
        press.gate.set()
        await maya.expect("Taken away as a web page.")
        await until(lambda: not delegation.unshown())
        assert [one.name.rpartition(".")[2] for one in maya.documents] == ["pdf", "docx", "html"]
    assert press.drawn == ["pdf for Maya", "word for Maya", "html for Maya"]


async def test_a_file_that_cannot_be_sent_at_once_is_not_made_again(delegation: Delegation, press: Press) -> None:
    press.gate.set()
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya = double.person(500, "Maya")
        double.faults.fail_next(Flood(1), "sendDocument")
        double.faults.fail_next(Broken(502), "sendDocument")
        await take(maya)
        await maya.expect("Taken away as PDF.", 10)
        assert len(maya.documents) == 1
    assert press.drawn == ["pdf for Maya"]


@pytest.mark.parametrize("fault", [Undrawable("brief.typ cannot be drawn"), MemoryError("a secret")])
async def test_a_document_that_cannot_be_made_is_said_so_and_the_chat_goes_on(
    delegation: Delegation, press: Press, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    """It can be asked for again; the fault is logged and quotes nobody."""
    press.gate.set()
    press.fault = fault
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya = double.person(500, "Maya")
        await take(maya)
        told = await maya.expect("I could not make PDF. Nothing is lost. Ask for it again")
        press.fault = None
        await maya.tap("PDF, to carry", screen=told)
        await until(lambda: len(maya.documents) == 1)
        await maya.type("/sections")
        await maya.expect("Settled items")
    assert "PDF cannot be made: " in caplog.text
    assert "a secret" not in caplog.text


async def test_a_file_too_large_for_telegram_is_said_so(delegation: Delegation, press: Press, faults: Hooks) -> None:
    faults.limits(upload_bytes=3)
    press.gate.set()
    async with TelegramDouble() as double, on_telegram(delegation, double):
        maya = double.person(500, "Maya")
        await take(maya)
        await maya.expect("What you get as PDF is larger than Telegram carries.")
        assert maya.documents == []


@pytest.mark.parametrize("how", ["killed before it was sent", "killed after it was sent and noted"])
def test_a_file_that_was_not_brought_is_waited_for_across_a_restart(
    delegation: Delegation, maya: Chat, how: str
) -> None:
    """A desk that remembers nothing finds it in the database, until it is noted as brought."""
    maya.forges("1!bring:pdf@A")
    if how.startswith("killed after"):
        maya.is_shown()
    maya.forges("1>A")  # whatever they tap then
    delegation.was_away()
    assert [one.called for one in maya.owed.papers] == (["PDF"] if how.endswith("before it was sent") else [])
    assert exported(delegation) == ["pdf"]


@pytest.mark.parametrize("kept", ['["markdown", ""]', '[["markdown", "", 10]]'], ids=["of an older version", "ours"])
def test_a_file_asked_for_before_an_upgrade_still_comes(maya: Chat, kept: str) -> None:
    maya.is_left(paper=kept, rev=10, shown=9)
    assert [one.called for one in maya.owed.papers] == ["Markdown"]


@pytest.mark.slow
@pytest.mark.parametrize("form", [name for name in EXPORT_FORMATS if name != "json"])
def test_steps_are_counted_to_their_end_where_a_form_has_any(form: str) -> None:
    """One after the other, the last of as many as were said at first."""
    steps: list[tuple[int, int]] = []
    written(form, sample(), lambda step, of: steps.append((step, of)))
    assert [step for step, _ in steps] == list(range(1, len(steps) + 1))
    assert {of for _, of in steps} == ({len(steps)} if steps else set())
    assert bool(steps) == (form in {"pdf", "word", "excel"})


def test_a_form_without_steps_only_says_that_it_is_being_made() -> None:
    assert progressed("a calendar", 0, 0) == "Making a calendar…"


def test_the_terminal_tells_how_far_a_long_file_is(press: Press, faults: Hooks) -> None:
    """Each word once, and nothing of what is done in a moment."""
    faults.pace(file_made_terminal=0.02)
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)
        press.step += 1
        if press.step > 5:
            press.gate.set()

    def makes(progress: Progress) -> bytes:
        return press.written("pdf", sample(), progress)

    assert terminal.watched(makes, "PDF", tell) == b"%PDF-sample"
    steps = [int(words.split()[3]) for words in told if words != "Making PDF…"]
    assert steps == sorted(set(steps)) != []
    assert {words.partition(" drawing ")[0] for words in told} <= {"Making PDF:", "Making PDF…"}
    told.clear()
    faults.pace(file_made_terminal=5.0)
    terminal.watched(makes, "PDF", tell)
    assert told == []
