"""A desk on Telegram in this process, so that a soak can reach the disk below it and the chats above."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.telegram.bot import run
from tests.soak.delegation import FIRST
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from tests.soak.delegation import Delegation
    from tests.telegram_double import Person

SOON = 60.0  # seconds in which it has to come to that, on a busy machine too


@asynccontextmanager
async def serving(there: Delegation, double: TelegramDouble) -> AsyncIterator[dict[str, Person]]:
    """Serve a delegation on a double; its people by name."""
    people = {name: double.person(number, name) for number, name in enumerate(there.names, start=FIRST)}
    for name, person in people.items():
        double.world.chat(person.id, "private", name).open = True
    stop, ready = asyncio.Event(), asyncio.Event()

    async def begins(_: str) -> None:
        ready.set()

    with ThreadPoolExecutor(1) as executor:
        running = asyncio.create_task(run(there.desk, executor, double.token, double.url, stop, on_ready=begins))
        try:
            async with asyncio.timeout(SOON):
                await ready.wait()
            yield people
        finally:
            stop.set()
            await running


async def until(there: Any, seconds: float = SOON) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not there():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.005)


def shows(there: Delegation, name: str, person: Person) -> bool:
    """Whether a phone shows where its chat stands, and the database knows."""
    with there.store.reading() as tx:
        chat = tx.chat(there.ids[name])
    if chat is None or chat.shown != chat.rev or chat.message_id != person.screen.message_id:
        return False
    said = there.desk.view(there.ids[name])
    labels = [button.label for row in said.buttons for button in row]
    return person.screen.labels == labels and person.screen.text.startswith(said.title)
