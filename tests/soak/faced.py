"""A desk on Telegram in this process, so that a soak can reach the disk below it and the chats above."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.api import on_telegram
from tests.soak.delegation import FIRST
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from tests.soak.delegation import Clerks
    from tests.telegram_double import Person

SOON = 60.0  # seconds in which it has to come to that, on a busy machine too


@asynccontextmanager
async def serving(there: Clerks, double: TelegramDouble) -> AsyncIterator[dict[str, Person]]:
    """Serve a delegation on a double; its people by name."""
    people = {name: double.person(number, name) for number, name in enumerate(there.names, start=FIRST)}
    for name, person in people.items():
        double.world.chat(person.id, "private", name).open = True
    async with on_telegram(there, double):
        yield people


async def until(there: Any, seconds: float = SOON) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not there():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.005)


def shows(there: Clerks, name: str, person: Person) -> bool:
    """Whether a phone shows where its chat stands, and the database knows."""
    chat = there.chat(name)
    if chat.shown_in is None or chat.shown_in != person.screen.message_id:
        return False
    said = chat.screen
    return person.screen.labels == said.labels and person.screen.text.startswith(said.title)
