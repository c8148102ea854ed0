"""Files that people send on Telegram: nothing is fetched before it is known that it may be kept, and nobody waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.application.incoming_files import WAITING_FILES
from bot.dialog.contract import FileReply, TextReply
from bot.domain.events import EvidenceAdded, Left
from tests.api import Chat, Delegation, Hooks, Update, on_telegram
from tests.counting import CountingDesk
from tests.telegram_double import TelegramDouble
from tests.test_telegram import until

PDF = b"%PDF-1.7\nsample"


def sends(chat: Chat, name: str = "letter.pdf", number: int | None = None) -> Update:
    """A file on its way; Telegram still has it."""
    return chat.update(FileReply("sent", name, len(PDF)), number=number, file=PDF)


def is_heard(delegation: Delegation, *updates: Update) -> None:
    """Let updates be heard, and no file be fetched yet."""
    delegation.desk.hear_all(updates)


def comes(delegation: Delegation) -> list[str]:
    """Let every file that is awaited come; their names."""
    names = []
    while awaited := delegation.desk.waiting_files((), 1):
        names.append(awaited[0].name)
        delegation.desk.file_came(awaited[0].update_id, delegation.sent[awaited[0].file_id], None)
    return names


def evidence(delegation: Delegation) -> list[tuple[str, str]]:
    return [(one.item, one.evidence.text) for one in delegation.events() if isinstance(one, EvidenceAdded)]


# On Telegram


@pytest.mark.slow
async def test_nothing_is_fetched_of_who_may_not_add_a_file_there(tmp_path: Path) -> None:
    """A stranger, somebody who only reads, and somebody who stands where none is taken; who may, is fetched for."""
    with Delegation(tmp_path) as delegation:
        delegation.opens("us-china-space", "Maya lead", "Omar member", "Ines observer")
        delegation.chat("Omar").types("/continue")
        delegation.chat("Ines").goes_to("Limit expectations", "Crewed flight")
        async with TelegramDouble() as double, on_telegram(delegation, double):
            maya, omar, ines = (double.person(delegation.telegram[one], one) for one in ("Maya", "Omar", "Ines"))
            stranger = double.person(999, "Stranger")
            for person in (stranger, maya, ines):
                await person.send_file("letter.pdf", PDF)
            await stranger.expect("delegation")
            await maya.expect("open the item first")
            await ines.expect("Nothing was recorded")
            assert double.world.calls["getFile"] == 0
            await omar.send_file("letter.pdf", PDF)
            await omar.expect("Added as evidence: letter.pdf")
            assert double.world.calls["getFile"] == 1
        assert [text for _, text in evidence(delegation)] == ["letter.pdf"]


@pytest.mark.slow
async def test_no_more_bytes_are_on_their_way_than_two_files_have(faults: Hooks) -> None:
    """However many people send how much: the rest is fetched later, and meanwhile everybody is heard."""
    size = 40_000
    faults.limits(file_bytes_in_flight=2 * size)
    desk = CountingDesk()
    async with TelegramDouble() as double, on_telegram(desk, double):
        double.hands_over.clear()
        people = [double.person(number, f"P{number}") for number in range(1, 13)]
        for person in people:
            await person.send_file("large.pdf", b"x" * size)
        await until(lambda: double.world.calls["file"] == 2)
        await people[0].type("meanwhile")
        await people[0].expect("meanwhile")
        await people[11].type("me too")
        await people[11].expect("me too")
        assert double.world.calls["file"] == 2
        double.hands_over.set()
        await until(lambda: len(desk.files) == 12)
    assert double.world.calls["file"] == 12


@pytest.mark.slow
async def test_who_sends_one_file_after_the_other_keeps_nobody_elses_waiting() -> None:
    """Of each person one is fetched at a time."""
    desk = CountingDesk()
    async with TelegramDouble() as double, on_telegram(desk, double):
        double.hands_over.clear()
        many, one = double.person(1, "Many"), double.person(2, "One")
        for number in range(20):
            await many.send_file(f"{number}.pdf", PDF)
        await until(lambda: len(desk.awaited) == 20)
        await one.send_file("mine.pdf", PDF)
        await until(lambda: double.world.calls["file"] == 2)
        double.hands_over.set()
        await until(lambda: len(desk.files) == 21)
    assert "mine.pdf" in [getattr(heard.said, "name", "") for heard in desk.heard[:3]]


@pytest.mark.slow
async def test_a_file_larger_than_telegram_says_is_not_read_to_its_end(faults: Hooks) -> None:
    """What it says of the size may be wrong, and is no bound."""
    faults.limits(file_bytes=100_000)
    desk = CountingDesk()
    async with TelegramDouble() as double, on_telegram(desk, double, largest=100_000):
        maya = double.person(1, "Maya")
        await maya.send_file("liar.pdf", b"x" * 5_000_000, size=10)
        await maya.expect("a file larger than")
    assert desk.files == {}


# At the desk


def test_a_file_is_fetched_by_the_process_that_comes_after_a_kill(delegation: Delegation, omar: Chat) -> None:
    """The update was confirmed, and nothing of it is lost: the place, the words, who sent it."""
    omar.types("/continue")
    is_heard(delegation, sends(omar))
    assert delegation.desk.waiting_files((), 8), "a process is at it, and is killed"
    delegation.restarts()
    assert not delegation.desk.waiting_files((), 8)
    delegation.desk.release_files()
    assert comes(delegation) == ["letter.pdf"]
    assert [text for _, text in evidence(delegation)] == ["letter.pdf"]


def test_a_file_is_put_where_it_was_sent_wherever_its_sender_is_by_then(delegation: Delegation, omar: Chat) -> None:
    """They stay where they went, and are told what was recorded."""
    omar.types("/continue")
    is_heard(delegation, sends(omar))
    there = omar.types("/summary").text
    assert "letter.pdf" not in there
    title = omar.screen.title
    comes(delegation)
    ((_, text),) = evidence(delegation)
    assert text == "letter.pdf"
    assert omar.screen.title == title
    assert "Added as evidence: letter.pdf" in omar.screen.text


def test_a_file_that_comes_twice_is_kept_once(delegation: Delegation, omar: Chat) -> None:
    """Two processes may have fetched it, and Telegram may bring the update again."""
    omar.types("/continue")
    update = sends(omar)
    is_heard(delegation, update)
    (awaited,) = delegation.desk.waiting_files((), 1)
    for _ in range(2):
        delegation.desk.file_came(awaited.update_id, PDF, None)
    is_heard(delegation, update)
    assert comes(delegation) == []
    assert len(evidence(delegation)) == 1


def test_a_file_of_somebody_removed_meanwhile_is_not_kept(delegation: Delegation, omar: Chat) -> None:
    omar.types("/continue")
    is_heard(delegation, sends(omar))
    delegation.happens(Left(person=delegation.people["Omar"]))
    assert comes(delegation) == ["letter.pdf"]
    assert evidence(delegation) == []


def test_what_waits_is_sealed_and_is_destroyed_with_its_talks(delegation: Delegation, omar: Chat) -> None:
    """Neither Telegram's id of the file, nor its name, lies in the database as it is."""
    omar.types("/continue")
    is_heard(delegation, sends(omar, "a very telling name.pdf"))
    assert delegation.verified() == []
    stored = b"".join(path.read_bytes() for path in delegation.folder.glob("chat.db*"))
    assert b"telling name" not in stored
    assert b"file_id" not in stored
    delegation.purge()
    assert comes(delegation) == []
    assert delegation.verified() == []


def test_only_so_many_files_of_one_person_wait(delegation: Delegation, omar: Chat) -> None:
    """More are refused in words, and whoever sent them is heard as before."""
    omar.types("/continue")
    is_heard(delegation, *(sends(omar, f"{number}.pdf") for number in range(WAITING_FILES + 1)))
    assert f"{WAITING_FILES} files of yours" in omar.screen.text
    assert f"“{WAITING_FILES}.pdf” was not kept" in omar.screen.text
    assert len(comes(delegation)) == WAITING_FILES


def test_an_edited_file_that_comes_when_its_sender_went_on_moves_nobody(delegation: Delegation, maya: Chat) -> None:
    maya.types("/take")
    is_heard(delegation, sends(maya, "edited.xlsx"))
    maya.types("/summary")
    title = maya.screen.title
    comes(delegation)
    assert maya.screen.title == title
    assert "edited.xlsx" in maya.screen.text
    assert "send it again under Take away" in maya.screen.text


def test_words_between_two_files_are_heard_where_they_were_typed(delegation: Delegation, omar: Chat) -> None:
    """A file holds up nothing that its sender says after it."""
    omar.goes_to("Limit expectations", "Crewed flight")
    before = delegation.recorded()
    is_heard(delegation, sends(omar), omar.update(TextReply("No")))
    assert delegation.recorded() == before + 1
    assert evidence(delegation) == []
    comes(delegation)
    assert len(evidence(delegation)) == 1
