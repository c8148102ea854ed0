"""Makes documents and pictures beside everything else, and tells the chat that waits how far they are."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError

from bot.dialog.screens.export import progressed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.application.messages import Attachment, UploadJob

DRAWERS = 2  # files made at once; typst keeps a compiler, of some 20 MB, for each
PATIENCE_SECONDS = 1.0  # after which a person is told that a file is being made
EVERY_SECONDS = 3.0  # between two words on it; Telegram shows a chat action for five


class UploadWorkers:
    """A few threads of their own, so that a long document holds up nobody's answers."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        """``call`` is how a chat is told of progress; what it raises of Telegram's is passed over."""
        self._call = call
        self._threads = ThreadPoolExecutor(DRAWERS, thread_name_prefix="drawing")

    async def made(self, telegram_id: int, making: UploadJob) -> tuple[Attachment | None, str]:
        """The file, or why there is none. What takes longer than a moment is told of in the chat."""
        at = (0, 0)

        def note(step: int, of: int) -> None:
            nonlocal at
            at = step, of

        work = asyncio.get_running_loop().run_in_executor(self._threads, making.make, note)
        await asyncio.wait((work,), timeout=PATIENCE_SECONDS)
        message, told = None, ""
        while not work.done():
            await self._acts(telegram_id, making)
            words = progressed(making.called, *at)
            if words != told:
                message, told = await self._says(telegram_id, message, words), words
            await asyncio.wait((work,), timeout=EVERY_SECONDS)
        if message is not None:
            with suppress(TelegramError):
                await self._call("deleteMessage", {"chat_id": telegram_id, "message_id": message})
        return await work

    def close(self) -> None:
        """Begin nothing more. What is being made ends by itself, and comes after the next start."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _acts(self, telegram_id: int, making: UploadJob) -> None:
        action = "upload_photo" if making.picture else "upload_document"
        with suppress(TelegramError):
            await self._call("sendChatAction", {"chat_id": telegram_id, "action": action})

    async def _says(self, telegram_id: int, message: int | None, words: str) -> int | None:
        """Say how far it is, in one message that is edited; which."""
        data: dict[str, object] = {"chat_id": telegram_id, "text": words}
        with suppress(TelegramError):
            if message is not None:
                await self._call("editMessageText", {**data, "message_id": message})
            else:
                data |= {"disable_notification": True, "protect_content": True}
                message = int((await self._call("sendMessage", data))["message_id"])
        return message
