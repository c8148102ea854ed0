"""What Telegram is told, call by call: nothing of what is kept out of the chat, and old prompts keep no answer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.dialog.screens.redacted import ON_OUR_PAGE
from bot.telegram.presenter import LEFT
from tests.api import CHECKLISTS, Delegation, Hooks, on_telegram
from tests.telegram_double import Broken, TelegramDouble
from tests.test_need import CANARY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.telegram_double import Person

pytestmark = pytest.mark.slow

SOON = 15.0  # seconds
TWO_DAYS = 48 * 3600  # seconds
PAGES = "https://talks.example/page"


@asynccontextmanager
async def at_work(folder: Path, double: TelegramDouble) -> AsyncIterator[tuple[Delegation, Person, Person]]:
    """The bot at work on a double, with Maya, who leads, and Omar."""
    with Delegation(folder, pages=PAGES) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        people = [double.person(made.telegram[name], name) for name in ("Maya", "Omar")]
        async with on_telegram(made, double, unasked=True):
            for one in people:
                await one.type("/start")
                await one.expect("Talks with", SOON)
            yield made, people[0], people[1]


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as started:
        yield started


@pytest.fixture(autouse=True)
def quick(faults: Hooks) -> None:
    faults.pace(group_card=0.05, reminders=0.05)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


async def taps(person: Person, *steps: tuple[str, str]) -> None:
    """Tap labels that begin so, each once the screen before says what it should after."""
    for label, then in steps:
        found = next((one for one in person.screen.labels if one.startswith(label)), label)
        await person.tap(found)
        await person.expect(then, SOON)


async def seal(maya: Person, how: str) -> None:
    await maya.type("/privacy")
    await maya.expect("end-to-end", SOON)
    section = ("□ Authority and decision", "The strictest")
    await taps(maya, ("What the chat carries", "Here leads say"), section, (how, "from now on the chat"))


async def to_mandate(omar: Person) -> None:
    await omar.type("/sections")
    await omar.expect("Settled items", SOON)
    await taps(omar, ("Authority and decision", "by whose authority"), ("○ Our mandate", "Who sends us"))


def asked(double: TelegramDouble) -> str:
    """All that the bot has asked of Telegram."""
    return "\n".join(f"{method}\n{params}" for method, params in double.world.requests)


def own(double: TelegramDouble, person: Person) -> list[str]:
    """What of a person's own messages is still in the chat."""
    return [one.text for one in double.world.chats[person.id].messages.values() if not one.from_bot]


@pytest.mark.parametrize("how", ["Names and references", "Seal it"])
async def test_what_is_typed_at_a_kept_item_is_deleted_and_told_and_said_nowhere(
    tmp_path: Path, double: TelegramDouble, how: str
) -> None:
    """Typed, edited, pasted and sent as a file; then looked for in everything the bot asked of Telegram."""
    async with at_work(tmp_path, double) as (delegation, maya, omar):
        await seal(maya, how)
        await to_mandate(omar)
        await omar.type(f"{CANARY} sends us")
        await omar.expect("I am deleting your message", SOON)
        await omar.edit(f"{CANARY} sends us, says the minister")
        await omar.type(f"Given by: {CANARY}\nScope: {CANARY}")
        await omar.send_file(f"{CANARY}.pdf", CANARY.encode(), caption=CANARY)
        await until(lambda: not [one for one in own(double, omar) if CANARY in one])
        for command in ("/summary", "/gaps", "/find minister", "/changed", "/mine"):
            await omar.type(command)
        await omar.expect("Your work", SOON)
        assert CANARY not in asked(double)
        n, line = delegation.negotiation(), repr(delegation.line())
        assert not n.record("mandate").past
        assert CANARY not in line


async def test_the_same_conversation_tells_telegram_all_where_nothing_is_kept(
    tmp_path: Path, double: TelegramDouble
) -> None:
    """The control of the test above."""
    async with at_work(tmp_path, double) as (_, _, omar):
        await to_mandate(omar)
        await omar.type(f"{CANARY} sends us")
        await omar.expect("Recorded:", SOON)
        assert CANARY in asked(double)
        assert [one for one in own(double, omar) if CANARY in one]


async def test_what_was_answered_elsewhere_is_said_nowhere_in_the_chat(tmp_path: Path, double: TelegramDouble) -> None:
    """Omar answers on the terminal, which shares his place with the chat; reminders, cards and exports follow."""
    async with at_work(tmp_path, double) as (delegation, maya, omar):
        await seal(maya, "Seal it")
        terminal = delegation.terminal("Omar")
        terminal.forges(f"{delegation.number}>f~mandate~form~{_field('mandate')}")
        assert CANARY in terminal.types(f"{CANARY} sends us").text
        await omar.type("/summary")
        await omar.expect("blocker", SOON)
        await omar.type("/reminders")
        await omar.expect("Reminders", SOON)
        await omar.tap("Daily digest")
        group = double.group(-100, "Delegation")
        await maya.type("/card@readiness_bot", group=group)
        await group.expect("left", SOON)
        await omar.type("/take")
        await omar.expect("What this chat may not carry", SOON)
        await omar.tap("Markdown, to read")
        await until(lambda: omar.documents)
        delegation.at += timedelta(days=1)
        await until(
            lambda: [text for text in omar.texts if "since yesterday" in text.lower() or "digest" in text.lower()]
        )
        assert CANARY not in asked(double)
        assert CANARY not in omar.documents[0].data.decode()


def _field(item: str) -> str:
    return next(iter(CHECKLISTS["us-china-space"].item[item].field))


async def test_a_sealed_item_opens_our_own_page_from_the_chat(tmp_path: Path, double: TelegramDouble) -> None:
    async with at_work(tmp_path, double) as (_, maya, omar):
        await seal(maya, "Seal it")
        await to_mandate(omar)
        assert ON_OUR_PAGE in omar.screen.labels
        assert f"{PAGES}/1/item/mandate" in asked(double)
        assert "web_app" in asked(double)


async def test_who_stands_there_when_it_is_sealed_sees_a_clean_place(tmp_path: Path, double: TelegramDouble) -> None:
    """The live message is changed, whoever seals it."""
    async with at_work(tmp_path, double) as (_, maya, omar):
        await to_mandate(omar)
        await omar.type(f"{CANARY} sends us")
        await omar.expect("Recorded:", SOON)
        await seal(maya, "Seal it")
        await omar.expect("Sealed", SOON)
        await until(lambda: not [one for one in omar.messages if CANARY in one.text])


async def test_all_that_the_bot_says_in_private_is_protected_but_files_taken_away(
    tmp_path: Path, double: TelegramDouble
) -> None:
    """They are there to be taken away; pictures and what stands behind answers are not."""
    async with at_work(tmp_path, double) as (delegation, maya, _):
        await maya.type("/summary")
        await until(lambda: maya.pictures)
        await maya.type("/take")
        await maya.expect("Take away", SOON)
        await maya.tap("Markdown, to read")
        await until(lambda: maya.documents)
        await until(lambda: maya.screen.text.startswith("Take away"))
        before = double.world.calls["sendMessage"]
        delegation.at += timedelta(days=29)  # the day of a gate, of which leads are reminded
        await until(lambda: double.world.calls["sendMessage"] > before)
        stranger = double.person(999, "Stranger")
        await stranger.type("hello")
        await until(lambda: stranger.messages)
        sent: dict[str, list[bool]] = {"sendmessage": [], "sendphoto": [], "senddocument": []}
        for method, params in double.world.requests:
            if method.lower() in sent:
                sent[method.lower()].append(params.flag("protect_content"))
        assert all(sent["sendmessage"])
        assert set(sent["sendphoto"]) == {True}
        assert sent["senddocument"] == [False]


async def test_an_old_prompt_keeps_no_answer(tmp_path: Path, double: TelegramDouble) -> None:
    """The answered one says which item, one that led to nothing goes; there is one live message."""
    async with at_work(tmp_path, double) as (_, _, omar):
        await omar.type("/sections")
        await omar.expect("Settled items", SOON)
        await until(lambda: len(omar.messages) == 1)
        await to_mandate(omar)
        await omar.type(f"{CANARY} sends us")
        await omar.expect("Recorded:", SOON)
        await until(lambda: [one.text for one in omar.messages[:-1]] == ["Recorded: Our mandate."])


async def test_where_telegram_deletes_nothing_any_more_the_old_prompt_is_emptied(
    tmp_path: Path, double: TelegramDouble
) -> None:
    async with at_work(tmp_path, double) as (_, _, omar):
        await to_mandate(omar)
        double.advance(TWO_DAYS + 1)
        await omar.type("/gaps")
        await omar.expect("Gaps", SOON)
        await until(lambda: [one.text for one in omar.messages[:-1]] == [LEFT])


async def test_deleting_is_tried_again(tmp_path: Path, double: TelegramDouble) -> None:
    async with at_work(tmp_path, double) as (_, maya, omar):
        await seal(maya, "Seal it")
        await to_mandate(omar)
        double.faults.fail_next(Broken(), "deleteMessage", times=2)
        await omar.type(f"{CANARY} sends us")
        await until(lambda: not [one for one in own(double, omar) if CANARY in one])
