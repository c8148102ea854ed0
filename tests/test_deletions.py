"""What may not stay in a chat is deleted in the end, whatever befalls Telegram or the bot meanwhile."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.telegram.presenter import LEFT, UNDELETED
from tests.api import Delegation, Hooks, on_telegram
from tests.telegram_double import Broken, TelegramDouble
from tests.test_need import CANARY
from tests.test_veil_telegram import PAGES, SOON, own, seal, to_mandate, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.telegram_double import Person

pytestmark = pytest.mark.slow


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as started:
        yield started


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path, pages=PAGES) as delegation:
        delegation.opens("us-china-space", "Maya lead", "Omar member")
        yield delegation


@pytest.fixture(autouse=True)
def quick(faults: Hooks) -> None:
    faults.pace(undeleted=0.05)


@asynccontextmanager
async def at_work(made: Delegation, double: TelegramDouble) -> AsyncIterator[tuple[Person, Person]]:
    """The bot at work until it is stopped, with Maya and Omar."""
    people = [double.person(made.telegram[name], name) for name in ("Maya", "Omar")]
    async with on_telegram(made, double):
        for person in people:
            await person.type("/start")
            await person.expect("Talks with", SOON)
        yield people[0], people[1]


def secrets(double: TelegramDouble, omar: Person) -> list[str]:
    """What of it still stands in a chat."""
    return [text for text in own(double, omar) if CANARY in text]


async def types_by_mistake(double: TelegramDouble, maya: Person, omar: Person) -> None:
    """Omar types at a sealed item, while Telegram deletes nothing."""
    await seal(maya, "Seal it")
    await to_mandate(omar)
    double.faults.fail_share(Broken(), 1.0, "deleteMessage")
    await omar.type(f"{CANARY} sends us")
    await omar.expect("I am deleting your message", SOON)


async def test_what_was_typed_by_mistake_goes_when_telegram_is_there_again(
    made: Delegation, double: TelegramDouble
) -> None:
    """Also when the bot was stopped meanwhile: it is written down with what was heard."""
    async with at_work(made, double) as (maya, omar):
        await types_by_mistake(double, maya, omar)
    assert secrets(double, omar)
    double.faults.clear()
    made.at += timedelta(minutes=1)
    async with on_telegram(made, double):
        await until(lambda: not secrets(double, omar))
    assert made.desk.undeleted() == []


async def test_who_typed_what_can_be_deleted_no_more_is_told(made: Delegation, double: TelegramDouble) -> None:
    """After 48 hours Telegram lets no bot delete a message in a private chat; it is told once."""
    async with at_work(made, double) as (maya, omar):
        await types_by_mistake(double, maya, omar)
    double.faults.clear()
    made.at += timedelta(hours=49)
    double.advance(49 * 3600)
    async with on_telegram(made, double):
        await until(lambda: [message.text for message in omar.messages].count(UNDELETED) == 1)
        await until(lambda: made.desk.undeleted() == [])
    assert [message.text for message in omar.messages].count(UNDELETED) == 1


async def test_a_prompt_that_was_replaced_while_telegram_failed_does_not_stay(
    made: Delegation, double: TelegramDouble
) -> None:
    async with at_work(made, double) as (_, omar):
        await to_mandate(omar)
        double.faults.fail_share(Broken(), 1.0, "deleteMessage")
        await omar.type("/gaps")
        await omar.expect("Gaps", SOON)
    assert any("Who sends us" in message.text for message in omar.messages)
    double.faults.clear()
    made.at += timedelta(minutes=1)
    async with on_telegram(made, double):
        await until(lambda: not any("Who sends us" in message.text for message in omar.messages))


async def test_a_prompt_that_can_be_deleted_no_more_is_emptied(made: Delegation, double: TelegramDouble) -> None:
    async with at_work(made, double) as (_, omar):
        await to_mandate(omar)
        double.faults.fail_share(Broken(), 1.0, "deleteMessage")
        await omar.type("/gaps")
        await omar.expect("Gaps", SOON)
    double.faults.clear()
    made.at += timedelta(hours=49)
    double.advance(49 * 3600)
    async with on_telegram(made, double):
        await until(lambda: LEFT in [message.text for message in omar.messages])
    assert UNDELETED not in [message.text for message in omar.messages]
