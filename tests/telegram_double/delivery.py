"""Brings updates to the bot's webhook, as Telegram does: several at once, in order within a chat, until taken.

Source: Bot API, setWebhook. What it leaves open (one update of a chat at a time, what counts as taken, the
wait before the next try) follows Telegram's own server, tdlib/telegram-bot-api, WebhookActor.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from .wire import Json, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .inbox import Inbox

HEADER = "X-Telegram-Bot-Api-Secret-Token"
AT_ONCE = 40  # Bot API, setWebhook.max_connections
MOST = 100
PATIENCE = 30.0  # seconds for an answer
FIRST, CAP = 0.1, 1.0  # seconds before the next try; Telegram's own begin with 1 and grow to minutes


@dataclass(frozen=True)
class Webhook:
    """What the bot asked for."""

    url: str
    secret: str
    at_once: int


def webhook_of(url: str, secret: str, at_once: int) -> Webhook:
    """Return a webhook, or refuse what Telegram would refuse. Bot API, setWebhook."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
        refuse("bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        refuse("secret token contains unallowed characters")
    return Webhook(url, secret, min(at_once or AT_ONCE, MOST))


class Delivery:
    """Brings what waits in an inbox to a webhook.

    `behind` are the addresses of several replicas, which then take turns as behind a balancer that sends nothing
    to one that refuses connections. `answers` counts what came back; 0 is a connection that broke.
    """

    def __init__(self, inbox: Inbox) -> None:
        """Bring nothing yet."""
        self._inbox = inbox
        self._webhook: Webhook | None = None
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self._busy: dict[object, float] = {}  # chats in flight, or to be left alone until then (the loop's clock)
        self._turn = itertools.count()
        self.behind: Sequence[str] = ()
        self.answers: Counter[int] = Counter()

    def wake(self) -> None:
        """Look again: something came."""
        self._more.set()

    def bring_to(self, webhook: Webhook | None) -> None:
        """Bring updates there from now on; None: nowhere."""
        if webhook == self._webhook:
            return
        self._webhook = webhook
        if self._task is not None:
            self._task.cancel()
        self._busy.clear()
        self._task = None if webhook is None else asyncio.create_task(self._go(webhook))

    async def close(self) -> None:
        """Bring no more."""
        task = self._task
        self.bring_to(None)
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    async def _go(self, webhook: Webhook) -> None:
        connector = aiohttp.TCPConnector(limit=webhook.at_once)
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        tries: Counter[object] = Counter()
        flying: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            try:
                while True:
                    self._more.clear()
                    context = webhook.at_once - len(flying)
                    for number, chat, update in self._inbox.heads(self._held(), context):
                        self._busy[chat] = float("inf")
                        one = asyncio.create_task(self._bring(session, webhook, number, chat, update, tries))
                        flying.add(one)
                        one.add_done_callback(flying.discard)
                    try:
                        await asyncio.wait_for(self._more.wait(), 0.05)
                    except TimeoutError:
                        continue
            finally:
                for one in flying:
                    one.cancel()
                await asyncio.gather(*flying, return_exceptions=True)

    def _held(self) -> set[object]:
        now = asyncio.get_running_loop().time()
        self._busy = {chat: until for chat, until in self._busy.items() if until > now}
        return set(self._busy)

    async def _bring(
        self, session: aiohttp.ClientSession, webhook: Webhook, number: int, chat: object, update: Json,
        tries: Counter[object],
    ) -> None:  # fmt: skip
        status = await self._post(session, webhook, update)
        self.answers[status] += 1
        if status // 100 == HTTPStatus.OK // 100:
            self._inbox.taken(number)
            del tries[chat]
            self._busy.pop(chat, None)
        else:
            tries[chat] += 1
            wait = min(FIRST * 2 ** (tries[chat] - 1), CAP)
            self._busy[chat] = asyncio.get_running_loop().time() + wait
        self.wake()

    async def _post(self, session: aiohttp.ClientSession, webhook: Webhook, update: Json) -> int:
        places = self.behind or (webhook.url,)
        first = next(self._turn)
        for n in range(len(places)):
            place = urlsplit(places[(first + n) % len(places)])
            url = urlunsplit((place.scheme, place.netloc, urlsplit(webhook.url).path, "", ""))
            try:
                async with session.post(url, json=update, headers={HEADER: webhook.secret}) as answer:
                    await answer.read()
                    return answer.status
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, OSError, TimeoutError):
                break
        return 0
