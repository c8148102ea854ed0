"""Keeps the cards in groups: one pinned message each, edited in place and no oftener than Telegram allows."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.application.periodic import PeriodicTask
from bot.application.retry import fixed, seconds, where
from bot.telegram.formatting import in_topic, link, titled

if TYPE_CHECKING:
    from bot.application.group_cards import GroupCardMessage, GroupCardService, Pin
    from bot.application.retry import WorkerPool
    from bot.telegram.client import BotClient
    from bot.telegram.group_events import GroupEvent
    from bot.telegram.presenter import Presenter

# Seconds between two calls to one group: 15 a minute, where Telegram allows 20 messages. The others are for
# the word that points a group to the private chat.
EVERY_SECONDS = 4.0
AGAIN_SECONDS = 10.0  # to wait when Telegram cannot be reached
GONE = ("chat not found", "kicked", "deactivated", "not a member", "was deleted")
NO_TOPIC = ("thread not found", "topic_closed", "topic_deleted")

log = logging.getLogger(__name__)


class GroupPresenter:
    """Shows cards: what changed since the last look is shown at once, however much it was."""

    def __init__(
        self,
        cards: GroupCardService,
        backroom: WorkerPool,
        line: BotClient,
        presenter: Presenter,
        *,
        private: str,
        every: float | None = None,
    ) -> None:
        """``private`` is the button that opens the private chat; ``every``: seconds between calls to a group."""
        self._cards, self._backroom, self._line, self._presenter = cards, backroom, line, presenter
        self._private, self._every = private, EVERY_SECONDS if every is None else every
        self._next: dict[int, float] = {}  # when a group may be called again; the loop's clock
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._rounds = PeriodicTask(self._round, self._every)

    def start(self) -> None:
        """Begin to look for cards that are behind."""
        self._rounds.start()

    async def close(self, patience: float) -> None:
        """Finish the calls in hand, for so many seconds at most."""
        await self._rounds.close(patience)
        busy = set(self._busy.values())
        if busy:
            _, late = await asyncio.wait(busy, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def hear(self, news: GroupEvent, backroom: WorkerPool) -> bool:
        """Take in what happened in a group; whether it should be pointed to the private chat."""
        match news.kind:
            case "asked":
                asked = (news.update_id, news.telegram_id, news.group, news.title, news.topic)
                came = await backroom.do(self._cards.asked, *asked)
                if came.private:
                    self._presenter.say(news.telegram_id, came.private)
                if came.wake is not None:
                    self._presenter.wake(came.wake)
                return came.stranger
            case "left":
                await backroom.do(self._cards.left, news.group, news.update_id)
            case "rights":
                await backroom.do(self._cards.may_pin, news.group, news.update_id)
            case "moved":
                await backroom.do(self._cards.moved, news.group, news.to, news.update_id)
        return False

    async def _round(self) -> None:
        for group in await self._backroom.do(self._cards.behind):
            if group not in self._busy and self._wait(group) <= 0 and not self._presenter.rests(group):
                self._busy[group] = asyncio.create_task(self._bring(group))

    async def _bring(self, group: int) -> None:
        try:
            showing = await self._backroom.do(self._cards.take, group)
            if showing is not None:
                await self._show(showing)
        except Exception as error:  # noqa: BLE001 (a fault with one card; it is tried again when let go)
            log.error("A card cannot be shown: %s", where(error))  # noqa: TRY400
        finally:
            del self._busy[group]

    async def _show(self, showing: GroupCardMessage) -> None:
        group = showing.group
        message_id: int | None = None
        pin: Pin = "pinned"
        try:
            message_id = await self._put(showing)
            pin = await self._pin(showing, message_id)
        except RetryAfter as error:
            await self._backroom.do(self._cards.let_go, group, seconds(error))
            return
        except ChatMigrated as error:
            await self._backroom.do(self._cards.moved, group, error.new_chat_id)
            return
        except (Forbidden, BadRequest) as error:
            if isinstance(error, Forbidden) or any(word in error.message.lower() for word in GONE):
                await self._backroom.do(self._cards.left, group)
                return
            log.warning("Telegram refuses a card: %s", fixed(error))  # tried again when it changes
        except TelegramError as error:
            log.warning("A card cannot be shown (%s). Trying again.", fixed(error))
            await self._backroom.do(self._cards.let_go, group, AGAIN_SECONDS)
            return
        told = await self._backroom.do(self._cards.shown, showing, message_id, pin)
        if told is not None:
            self._presenter.say(*told)

    async def _put(self, showing: GroupCardMessage) -> int | None:
        """Say it in the message that is there, else in a new one; the message it stands in."""
        title, _, rest = showing.text.partition("\n")
        message = titled(showing.group, title, rest)
        if not showing.closes:
            message["reply_markup"] = link(self._private, f"https://t.me/{self._line.username}")
        if showing.message_id is not None:
            try:
                await self._call("editMessageText", {**message, "message_id": showing.message_id})
            except BadRequest as error:
                if "not modified" in error.message.lower():
                    return showing.message_id
                if any(word in error.message.lower() for word in GONE):
                    raise
            else:
                return showing.message_id
        if showing.closes:
            return None
        sent = await self._sent(message, showing.topic)
        number: int = sent["message_id"]
        return number

    async def _sent(self, message: dict[str, Any], topic: int) -> Any:
        """A new message in its topic; in General, where that topic is gone or closed."""
        silent = {**message, "disable_notification": True}
        try:
            return await self._call("sendMessage", {**silent, **in_topic(topic)})
        except BadRequest as error:
            if not topic or not any(word in error.message.lower() for word in NO_TOPIC):
                raise
        return await self._call("sendMessage", silent)

    async def _pin(self, showing: GroupCardMessage, message_id: int | None) -> Pin:
        if showing.closes:
            return await self._unpinned(showing)
        if message_id is None or showing.pinned == message_id:
            return "pinned"
        if showing.refused and message_id == showing.message_id:
            return "refused"
        data = {"chat_id": showing.group, "message_id": message_id, "disable_notification": True}
        try:
            await self._call("pinChatMessage", data)
        except (BadRequest, Forbidden):
            return "refused"
        except TelegramError:
            return "later"
        return "pinned"

    async def _unpinned(self, showing: GroupCardMessage) -> Pin:
        if showing.pinned is not None:
            try:
                await self._call("unpinChatMessage", {"chat_id": showing.group, "message_id": showing.pinned})
            except TelegramError as error:
                log.info("A card stays pinned: %s", fixed(error))
        return "refused"

    async def _call(self, method: str, data: dict[str, Any]) -> Any:
        """Make a call when the group's turn has come."""
        group = data["chat_id"]
        while (left := self._wait(group)) > 0:  # noqa: ASYNC110 (a wait of known length)
            await asyncio.sleep(left)
        self._next[group] = asyncio.get_running_loop().time() + self._every
        return await self._presenter.beside(method, data)

    def _wait(self, group: int) -> float:
        return self._next.get(group, 0.0) - asyncio.get_running_loop().time()
