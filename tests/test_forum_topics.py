"""Groups with topics: what is asked in a topic is answered there, again and again, until the topic is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.answers import Picked
from bot.domain.events import Answered
from tests.telegram_double import TelegramDouble
from tests.test_groups import SOON, office, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.api import Hooks
    from tests.telegram_double import Group
    from tests.test_groups import Office

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow
FORUM = -1001000000001


@pytest.fixture
async def double(faults: Hooks) -> AsyncIterator[TelegramDouble]:
    faults.pace(group_card=0.05, reminders=0.05)
    async with TelegramDouble() as started:
        yield started


async def asked(here: Office, forum: Group, topic: int, words: str = "/card@readiness_bot") -> None:
    await here.person("Maya").type(words, group=forum, topic=topic)


async def test_a_card_stands_in_the_topic_in_which_it_was_asked_for(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        forum = double.forum(FORUM, "Delegation")
        topic = forum.open_topic("Logistics", here.person("Maya"))
        await asked(here, forum, topic)
        await forum.expect("left", SOON)
        assert forum.screen.topic == topic
        before = forum.screen.text
        here.happens(Answered(item="crewed", answer=Picked(options=("no",))))
        await until(lambda: forum.screen.text != before)
        assert [one.topic for one in forum.messages] == [topic]


async def test_a_card_that_was_deleted_comes_again_in_its_topic(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        forum = double.forum(FORUM, "Delegation")
        topic = forum.open_topic("Logistics", here.person("Maya"))
        await asked(here, forum, topic)
        await forum.expect("left", SOON)
        first = forum.screen
        forum.delete(first)
        here.happens(Answered(item="crewed", answer=Picked(options=("no",))))
        await until(lambda: forum.messages and forum.screen.message_id != first.message_id)
        assert [one.topic for one in forum.messages] == [topic]


async def test_a_card_whose_topic_is_gone_comes_in_general(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        forum = double.forum(FORUM, "Delegation")
        topic = forum.open_topic("Logistics", here.person("Maya"))
        await asked(here, forum, topic)
        await forum.expect("left", SOON)
        forum.delete_topic(topic)
        here.happens(Answered(item="crewed", answer=Picked(options=("no",))))
        await until(lambda: forum.messages)
        assert forum.screen.topic == 0


@pytest.mark.parametrize("topic", [False, True], ids=["General", "a topic"])
async def test_who_calls_the_bot_in_a_forum_is_pointed_to_the_private_chat_where_they_call(
    double: TelegramDouble, tmp_path: Path, *, topic: bool
) -> None:
    async with office(tmp_path, double) as here:
        forum = double.forum(FORUM, "Delegation")
        number = forum.open_topic("Logistics", here.person("Maya")) if topic else 0
        await asked(here, forum, number, "/help@readiness_bot")
        await until(lambda: forum.messages)
        assert forum.screen.topic == number


async def test_a_thread_of_replies_in_a_group_without_topics_is_no_topic(
    double: TelegramDouble, tmp_path: Path
) -> None:
    """Telegram numbers such threads too, and refuses a message that names one."""
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        assert [
            dict(call)["message_thread_id"] for name, call in double.world.requests if "message_thread_id" in call
        ] == []
