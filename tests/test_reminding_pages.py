"""Who reads pages alone is reminded there: of the same, in the same words, at the same times as on Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.application.reminders import Reminder
from bot.domain.answers import Picked, Text
from bot.domain.events import Assigned, DueSet, Keep, Restricted, RowPut, Shielded
from bot.domain.negotiation import VEILED
from bot.domain.retention import ends
from bot.storage.schema import chats
from tests.browsers import Clock, Tab, Web, served
from tests.test_forgotten import running

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 25)  # the talks are on 6 January
COORDINATE = Picked(options=("coordinate",))
WORDS = "Reminder: talks with China"


def charged(web: Web) -> None:
    """Omar and Maya each have something that is due tomorrow."""
    for name, item in (("Omar", "walk_away"), ("Maya", "goals")):
        person = web.people[name]
        web.happens(Assigned(target=item, people=(person,)), DueSet(target=item, day=TODAY + timedelta(days=1)))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path) as made:
        charged(made)
        yield made


def rings(web: Web) -> list[Reminder]:
    """What a look finds to be sent by Telegram."""
    return web.reminding().due()[0]


def linked(web: Web, name: str) -> None:
    web.link(name, 501)


def told(tab: Tab) -> str:
    """What stands above the place that a page shows."""
    return tab.see("/").live


def test_a_page_that_is_open_or_is_opened_later_shows_it_once(web: Web) -> None:
    """Above what it shows, until they have seen it and go on; however many processes look."""
    omar = web.as_("Omar").write("/sections")
    before = told(omar)
    assert rings(web) == []
    assert WORDS in told(omar)
    assert "due tomorrow" in told(web.as_("Omar"))  # of another session
    assert told(omar).endswith(before.removeprefix("Bot: Sections"))
    seen = told(omar)
    for _ in range(2):
        assert rings(web) == []
    assert told(omar) == seen
    assert WORDS not in omar.write("/gaps").live
    assert rings(web) == []
    assert WORDS not in told(omar)


async def test_a_page_that_is_open_shows_it_without_asking(web: Web) -> None:
    person, come = web.people["Omar"], []
    web.as_("Omar")
    live = type(web.site.live)(web.site._marks, web.site._screen)  # noqa: SLF001 (in this event loop)
    async with asyncio.timeout(20):
        async for screen in live.follow((person,)):
            come.append(screen.text if screen else "")
            if WORDS in come[-1]:
                break
            rings(web)
    live.close()


def test_it_comes_in_the_words_of_telegram(tmp_path: Path) -> None:
    """Also where something is kept from them, or kept out of chats: these talks are told of as carefully."""
    shown = []
    for name in ("page", "telegram"):
        (tmp_path / name).mkdir()
        with served(tmp_path / name) as web:
            charged(web)
            omar = web.people["Omar"]
            web.happens(
                RowPut(item="parties", row="r9", cells={"party": Text(text="Samplia"), "level": COORDINATE}),
                Assigned(target="parties", people=(omar,)),
                DueSet(target="parties", day=TODAY + timedelta(days=1)),
                Shielded(target="parties", how="sealed"),
                Restricted(section="expectations", people=(web.people["Lina"],)),
            )
            if name == "telegram":
                linked(web, "Omar")
            found = rings(web)
            text = found[0].text if found else told(web.as_("Omar"))
            shown.append(" ".join(f"{found[0].title} {text}".split()) if found else text)
    page, telegram = shown
    assert telegram in page
    assert f"{VEILED} is to be coordinated with" in page
    assert "Samplia" not in page
    assert "Walk-away plan" not in page


def test_quiet_hours_and_a_stop_hold_on_pages_too(web: Web) -> None:
    web.as_("Maya").write("/reminders").tap("Stop reminders")
    web.clock.now = datetime(2026, 11, 25, 22, tzinfo=UTC)
    rings(web)
    assert WORDS not in told(web.as_("Omar"))
    web.clock.now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    rings(web)
    assert "due today" in told(web.as_("Omar"))
    assert WORDS not in told(web.as_("Maya"))


def test_who_comes_after_days_finds_the_latest_alone(web: Web) -> None:
    web.as_("Omar")
    for days in range(2):
        web.clock.now = datetime(2026, 11, 25 + days, 9, tzinfo=UTC)
        rings(web)
    found = told(web.as_("Omar"))
    assert found.count(WORDS) == 1
    assert "due today" in found
    assert "due tomorrow" not in found


def test_who_stands_in_other_talks_reads_only_that_there_is_one(web: Web) -> None:
    """What it says belongs to its own talks, and is destroyed with them."""
    day = (web.clock.now + timedelta(weeks=8)).date()
    web.opens("us-china-space", "Omar lead", uid="other", counterpart="Sampleland", subject="orbits", talks_on=day)
    omar = web.as_("Omar")
    assert "Sampleland" in omar.text
    rings(web)
    assert f"{WORDS}. Open them to see what is open." in told(omar)
    assert "due tomorrow" not in told(omar)


def test_who_has_telegram_is_reminded_there_and_not_on_pages(web: Web) -> None:
    linked(web, "Omar")
    assert [one.person for one in rings(web)] == [web.people["Omar"]]
    assert WORDS not in told(web.as_("Omar"))


def test_who_never_came_finds_it_on_their_first_page(web: Web) -> None:
    with web.store.transaction() as tx:
        tx._connection.execute(delete(chats))  # noqa: SLF001 (as of people who came with a file)
    rings(web)
    assert WORDS in told(web.as_("Omar"))


def test_a_delegation_without_telegram_is_reminded_too(web: Web) -> None:
    """Nothing of Telegram runs there that would look."""

    async def goes() -> None:
        omar = web.as_("Omar")
        async with web.housekeeping():
            for _ in range(100):
                await asyncio.sleep(0.1)
                if WORDS in await asyncio.to_thread(told, omar):
                    return
        pytest.fail("nobody was reminded")

    asyncio.run(goes())


def test_two_processes_tell_it_once(url: str) -> None:
    with running(url, Clock()) as one:
        one.sample()
        charged(one)
        with running(url, one.clock) as other, ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda process: process.reminding().due(), (one, other) * 2))
        assert [due for due, _ in found] == [[]] * 4
        with one.store.reading() as tx:
            notices = tx.notices_of(1, one.people["Omar"])
        assert [(notice.key, notice.sent_at is not None) for notice in notices] == [(f"due:{TODAY}", True)]
        assert one.chat("Omar").kept.count(WORDS) == 2  # the words themselves, and to know them by
        assert WORDS in told(one.as_("Omar"))


def test_a_warning_on_a_page_alone_destroys_no_talks(web: Web) -> None:
    """Nobody can tell whether a page was read: without Telegram the operator destroys by hand."""
    web.happens(Keep(days=30, after="talks"))
    last = ends(web.negotiation())
    assert last is not None
    for days in range(-14, 5):
        web.clock.now = datetime.combine(last + timedelta(days=days), datetime.min.time(), UTC) + timedelta(hours=12)
        rings(web)
        web.keeps()
    assert "are to be destroyed" in told(web.as_("Maya"))
    assert web.keeping().past() == [1]
