"""Replies, quotes, forwarded words and cut messages, as clients send them and Telegram delivers them to the bot."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.domain.negotiation import FORM
from tests.api import Client, Delegation, on_telegram
from tests.telegram_double import FromChannel, FromGroup, FromPerson, TelegramDouble
from tests.telegram_double.clients import messages_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.telegram_double import Origin, Person

pytestmark = pytest.mark.slow

SOON = 15.0  # seconds
ASKED = "Where does this belong?"
LONG = "The least that we accept is a second meeting on a fixed day, with both offices in the room. " * 27
REST = "The fallback is a written exchange. " * 50


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[tuple[Delegation, Person, TelegramDouble]]:
    """The bot at work on a double, with Omar at the first field of a form."""
    with Delegation(folder, clock=lambda: datetime.now(UTC)) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        async with TelegramDouble() as double, on_telegram(made, double):
            omar = double.person(made.telegram["Omar"], "Omar")
            await omar.type("/sections")
            await taps(omar, "Limit expectations", "○ Minimum acceptable outcome", "• Least we accept")
            await omar.expect("Least we accept: What is the least", SOON)
            yield made, omar, double


async def taps(person: Person, *labels: str) -> None:
    """Tap labels that begin so, each once it is there."""
    for label in labels:
        await until(lambda label=label: person.messages and any(map_(person, label)))
        await person.tap(next(one for one in person.screen.labels if one.startswith(label)))


def map_(person: Person, label: str) -> list[bool]:
    return [one.startswith(label) for one in person.screen.labels]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


def said(there: Delegation, field: str = "outcome") -> str | None:
    return getattr(there.negotiation().record("minimum").rows[FORM].said(field), "text", None)


@pytest.mark.parametrize("client", list(Client))
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_an_answer_of_4300_characters_is_one_answer(
    tmp_path: Path, client: Client, order: tuple[int, ...]
) -> None:
    """What each app makes of it, in either order of arrival; the next field stays open."""
    async with at_work(tmp_path) as (there, omar, _):
        omar.client = client
        parts = messages_of(f"{LONG}\n\n{REST}", client)
        assert len(parts) == 2
        await omar.type(f"{LONG}\n\n{REST}", order=order, pause=1)
        await until(lambda: said(there) == "\n".join(parts))
        assert said(there, "public_line") is None
        await omar.expect("What may be said in public?", SOON)
        await omar.tap("Undo")
        await until(lambda: said(there) is None)


async def test_replies_find_their_questions(tmp_path: Path) -> None:
    """To one's own answer, to what is left of an older question, to a file; by swipe or by quote."""
    async with at_work(tmp_path) as (there, omar, double):
        question = omar.screen.message_id
        (own,) = await omar.type("A second meeting in March")
        await omar.expect("What may be said in public?", SOON)
        await omar.reply("Correction: in April, not March", own)
        await until(lambda: said(there) == "Correction: in April, not March")
        await omar.expect("What may be said in public?", SOON)
        double.advance(6)
        await omar.reply("In May", question, quote="Recorded")
        await until(lambda: said(there) == "In May")
        assert said(there, "public_line") is None
        await omar.reply_elsewhere("In June", FromGroup("Elsewhere", -5))
        await omar.expect(ASKED, SOON)
        await omar.tap("Discard")
        await omar.expect("Discarded: In June", SOON)
        await omar.type("/take")
        await omar.expect("Take away", SOON)
        assert said(there) == "In May"


async def test_a_file_of_ours_is_known_when_somebody_replies_to_it(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (there, omar, _):
        await omar.type("/summary")
        await until(lambda: omar.pictures)
        await omar.expect("NOT READY", SOON)
        before = there.recorded()
        picture = max(number for number, one in omar._chat.messages.items() if "photo" in one.media)  # noqa: SLF001
        await until(lambda: not there.unshown())
        await omar.reply("The cabinet", picture)
        await omar.expect(ASKED, SOON)
        assert "not about one item" in omar.screen.text
        assert there.recorded() == before


@pytest.mark.parametrize(
    ("origin", "named"),
    [
        (FromPerson("Jane Roe", 77), "Jane Roe"),
        (FromPerson("Jane\u202eRoe"), "JaneRoe"),
        (FromChannel("The ministry", -100, 5), "The ministry"),
        (FromGroup("Office", -7), "Office"),
    ],
)
async def test_what_is_forwarded_is_asked_about_and_says_whose_words_it_is(
    tmp_path: Path, origin: Origin, named: str
) -> None:
    async with at_work(tmp_path) as (there, omar, _):
        before = there.recorded()
        await omar.forward("They will accept two meetings", origin)
        await omar.expect("These are the words of somebody else.", SOON)
        assert f"Forwarded from {named}: They will accept" in omar.screen.text
        assert there.recorded() == before
        await omar.tap("Minimum acceptable outcome · Least we accept")
        await until(lambda: said(there) == f"Forwarded from {named}: They will accept two meetings")


async def test_a_file_that_replies_is_evidence_there_and_one_forwarded_says_so(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (there, omar, _):
        (own,) = await omar.type("A second meeting in March")
        await omar.expect("What may be said in public?", SOON)
        await omar.type("/summary")
        await omar.expect("NOT READY", SOON)
        await omar.send_file("letter.pdf", b"%PDF-1.7 sample", caption="Signed", to=own)
        await until(lambda: there.negotiation().record("minimum").evidence)
        assert there.negotiation().record("minimum").evidence[0].text == "letter.pdf – Signed"
