"""The bench: every row is measured by what people do in chats, and a target is missed only when it surely is."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, RetryAfter

from tests.bench import report
from tests.bench.bots import Failed
from tests.bench.people import FIRST_CHAT, Astray, Crowd
from tests.bench.prepared import answers, check_recorded, prepared_folder
from tests.bench.processes import cpu_seconds, family
from tests.bench.questions import QUESTIONS, ask, is_tapped
from tests.bench.report import Bar, Figure
from tests.bench.rows import BARS
from tests.bench.telegram import Connection, Disturbance, Telegram
from tests.e2e import ROOT, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MAYA = FIRST_CHAT
PATIENCE_SECONDS = 900  # for every bot started once, on a machine that does other things
BURN = "import time\nwhile time.process_time() < 0.3: pass"
SPAWN = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}]); print(flush=True); sys.stdin.read()"


# The whole


@pytest.mark.prove
def test_a_quick_run_measures_every_row() -> None:
    """Each bot is started, talked to and found to have kept what was said; the figures say nothing."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    rows = re.findall(r"^\| (.+?) \| -?[\d.,]+.* \| ([≤≥] .+?) \| (?:met|missed) \|", ran.stdout, re.MULTILINE)
    assert rows == [(bar.what, bar.target) for bars in BARS.values() for bar in bars]


# What is told


def test_a_target_is_missed_only_by_more_than_the_spread() -> None:
    low, high = Bar("cost", 0.6), Bar("rate", 0.6, at_least=True)
    near, far = (0.5, 0.58, 0.62, 0.66, 0.9), (0.69, 0.7, 0.7, 0.7, 0.71)
    assert Figure(low, near).is_met
    assert not Figure(low, far).is_met
    assert Figure(high, far).is_met
    assert not Figure(high, [1 - ratio for ratio in far]).is_met
    assert Figure(low, near).line() == "| cost | 0.62 ± 0.04 | ≤ 0.6 | met | ; 5 rounds |"


def test_the_table_is_put_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Before.\n<!-- bench -->\nold\n<!-- /bench -->\nAfter.\n", encoding="utf-8")
    report.write_into(page, "new\n")
    assert page.read_text(encoding="utf-8") == "Before.\n<!-- bench -->\nnew\n<!-- /bench -->\nAfter.\n"
    page.write_text("Nothing.", encoding="utf-8")
    with pytest.raises(ValueError, match="has no <!-- bench -->"):
        report.write_into(page, "new\n")


@pytest.mark.slow
def test_cpu_is_that_of_a_process_and_of_all_it_started_even_after_they_ended() -> None:
    command = [sys.executable, "-c", SPAWN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        spent = cpu_seconds(family([process.pid]))
        process.stdin.close()
    assert spent >= 0.3


# Answers count only when they are kept


class Asked:
    """A double whose people say they gave these answers."""

    def __init__(self, given: dict[str, list[list[object]]]) -> None:
        self._given = given

    def ask(self, _verb: str) -> dict[str, list[list[object]]]:
        return self._given


@pytest.mark.slow
def test_an_answer_that_is_not_in_the_database_fails_the_bench() -> None:
    with prepared_folder(2, stored=3) as folder:
        assert answers(folder).by_person() == {
            str(MAYA): [],
            str(MAYA + 1): [],
        }  # what was stored before is none of theirs
        check_recorded(Asked({str(MAYA): []}), folder)  # type: ignore[arg-type]
        with pytest.raises(Failed, match="person 1000 answered"):
            check_recorded(Asked({str(MAYA): [[1, "contacts"]]}), folder)  # type: ignore[arg-type]


def test_seven_of_ten_questions_are_tapped() -> None:
    assert sum(map(is_tapped, range(1, QUESTIONS + 1))) == 21


# The lean Telegram keeps and refuses what Telegram does


@pytest.fixture
async def lean(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Telegram, Bot]]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    telegram = Telegram()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(telegram), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        yield telegram, bot
    server.close()


async def test_messages_are_sent_and_changed_and_what_changes_nothing_is_refused(lean: tuple[Telegram, Bot]) -> None:
    telegram, bot = lean
    crowd = Crowd(telegram, 1)
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Contacts", callback_data="contacts")]])
    sent = await bot.send_message(MAYA, "<b>Now</b>", parse_mode="HTML", reply_markup=buttons)
    assert [person.text for person in crowd] == ["Now"]
    await bot.edit_message_text("Later", MAYA, sent.message_id, reply_markup=buttons)
    assert [person.text for person in crowd] == ["Later"]
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("Later", MAYA, sent.message_id, reply_markup=buttons)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(MAYA + 1, "Nobody")


async def test_a_file_goes_there_and_back_whole(lean: tuple[Telegram, Bot]) -> None:
    telegram, bot = lean
    Crowd(telegram, 1)
    content = b"--\r\n\r\nsample \x00" * 100
    sent = await bot.send_document(MAYA, content, filename="a sample.bin", caption="Here")
    assert sent.document is not None
    assert (sent.document.file_name, sent.caption) == ("a sample.bin", "Here")
    back = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
    assert bytes(back) == content


async def test_a_poll_waits_for_what_people_say_and_confirms_what_it_had(lean: tuple[Telegram, Bot]) -> None:
    telegram, bot = lean
    (maya,) = Crowd(telegram, 1)
    earlier = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.first_call("getUpdates")
    maya.type("first")
    maya.type("second")
    (first, second) = await earlier
    assert (first.message.text, second.message.text) == ("first", "second")
    assert await bot.get_updates(offset=second.update_id + 1, timeout=0) == ()
    assert len(telegram.world.inbox) == 0
    telegram.called.clear()
    later = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.first_call("getUpdates")
    async with Bot(TOKEN, base_url=bot.base_url.removesuffix(TOKEN)) as second_bot:
        other = asyncio.create_task(second_bot.get_updates(timeout=20))
        with pytest.raises(Conflict):
            await later
        maya.type("third")
        assert [update.message.text for update in await other] == ["third"]


async def test_a_disturbed_chat_is_refused_until_its_wait_is_over_and_the_others_are_not(
    lean: tuple[Telegram, Bot],
) -> None:
    telegram, bot = lean
    Crowd(telegram, 2)
    telegram.disturbance = Disturbance(frozenset({MAYA}), share=2.0)
    with pytest.raises(RetryAfter):
        await bot.send_message(MAYA, "Now")
    telegram.disturbance.share = 0.0
    with pytest.raises(RetryAfter):
        await bot.send_message(MAYA, "Now")
    assert await bot.send_message(MAYA + 1, "Now")


async def test_a_bot_that_skips_a_question_is_found_out(lean: tuple[Telegram, Bot]) -> None:
    telegram, bot = lean
    crowd = Crowd(telegram, 1)
    (maya,) = crowd
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Contacts", callback_data="contacts")]])
    maya.waits = True
    for number in (1, 3):
        await bot.send_message(MAYA, ask(number), reply_markup=buttons)
        maya.waits = True
    nothing: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    with pytest.raises(Astray, match="after question 1 the bot shows"):
        await crowd.wait_for(nothing, 5)
