"""Brings each chat to its latest place, after the place is committed."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram import InputFile
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.application.messages import Receipt
from bot.application.retry import fixed, quietly, waits, where
from bot.dialog.screens.export import too_large
from bot.telegram.delivery_receipts import ReceiptWriter
from bot.telegram.flood_control import FloodControl
from bot.telegram.formatting import CAPTION, NOTICE, TEXT, as_message, clean, cut, in_topic, link, titled
from bot.telegram.uploads import UploadWorkers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence

    from bot.application.messages import Attachment, OutgoingMessage, UploadJob
    from bot.application.retry import WorkerPool
    from bot.application.updates import UpdateHandler
    from bot.telegram.client import BotClient

AT_ONCE = 32  # calls in flight: at 50 ms each, 640 a second
ERRANDS = 256  # answers to taps and short replies waiting at once; more are dropped
UPLOAD_BYTES = 50 * 1024 * 1024  # Bot API, sendDocument
SLOW_SECONDS = 1.0  # after which chats that take their time are not waited for before others begin
PUT_OFF_SECONDS = 600  # until a message that Telegram refuses is tried again, where several processes show chats
TRIES = 4  # of what may be left undone: an answer to a tap, the old message's last words

ERASES = 20  # messages deleted in one round, of those that could not be before

LEFT = "·"  # of a message that cannot be deleted any more
UNDELETED = (
    "A message that you sent may not stay in this chat, and Telegram did not let me delete it. "
    "Please delete it yourself, for everybody."
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _ChatDelivery:
    """A chat that is being brought to its latest place."""

    task: asyncio.Task[None] | None = None
    again: bool = False
    brought: int = -1  # the latest revision whose file was sent, or cannot be made
    why: str = ""  # what could not be made, to be told with the place
    held: tuple[int, Attachment] | None = None  # made, and not yet sent: Telegram may ask to wait
    files: list[int] = field(default_factory=list)  # the messages that brought what this place was asked for


class Presenter:
    """Shows chats, one call at a time in each, many chats at once.

    What a chat should show is asked just before it is shown, so that quick changes
    collapse into the latest.
    """

    def __init__(
        self,
        desk: UpdateHandler,
        backroom: WorkerPool,
        line: BotClient,
        *,
        group: str,
        private: str,
        shared: bool = False,
        unsure: Iterable[str] = (),
    ) -> None:
        """``group``: the reply in groups; ``private``: its button, which opens the private chat.

        ``shared``: other processes show chats, too; what they heard meanwhile is asked after each showing.
        ``unsure``: whose chats may hold a message that an earlier process sent and did not note.
        """
        self._shared = shared
        self._desk, self._backroom, self._line = desk, backroom, line
        self._group, self._private = group, private
        self._chats: dict[str, _ChatDelivery] = {}
        self.notes = ReceiptWriter(desk, backroom)
        self._unsure = set(unsure)
        self._drawing = UploadWorkers(self.beside)
        self._late: set[str] = set()  # whose showing ended while updates were being heard
        self._errands: set[asyncio.Task[None]] = set()
        self._context = asyncio.Semaphore(AT_ONCE)
        self._wrote: set[str] = set()  # who wrote since their chat was last shown
        self._quiet = FloodControl()

    def idle(self, person: str) -> bool:
        """Whether nothing is being shown to a person, nor to be looked for in their chat."""
        return person not in self._chats and person not in self._unsure

    def hearing(self) -> None:
        """Updates are about to be heard; what comes of them is woken after that."""
        self._late.clear()

    def wake(self, person: str, showing: OutgoingMessage | None = None, *, wrote: bool = False) -> None:
        """Bring a person's chat to its latest place. ``showing`` if that was found out in `hearing`.

        ``wrote``: what an earlier process sent stands above what they wrote, and is no place for the answer to it.
        """
        if wrote:
            self._wrote.add(person)
            self._unsure.discard(person)
        if person in self._late:  # found out before it was noted which message is the live one now
            showing = None
        chat = self._chats.get(person)
        if chat is not None:
            chat.again = True
            return
        chat = self._chats[person] = _ChatDelivery()
        chat.task = asyncio.create_task(self._bring(person, chat, showing))

    async def take_over(self) -> None:
        """Show what other processes heard and do not show: they were killed, or another one was at it then."""
        left = await self._backroom.once(self._desk.take_over, tuple(self._chats))
        self._unsure.update(person for person, unsure in left.items() if unsure and person not in self._wrote)
        for person in left:
            self.wake(person)

    async def catch_up(self) -> None:
        """Show whatever could not be shown before."""
        if self._shared:
            await self.take_over()
        else:
            behind = await self._backroom.do(self._desk.unshown)
            for start in range(0, len(behind), AT_ONCE):  # as many as are shown at a time: more would only wait
                some = behind[start : start + AT_ONCE]
                for person in some:
                    self.wake(person)
                tasks = [chat.task for woken in some if (chat := self._chats.get(woken)) and chat.task]
                if tasks:
                    await asyncio.wait(tasks, timeout=SLOW_SECONDS)

    async def resend_all(self) -> None:
        """Show every open prompt anew: a press that never arrived is then visibly unanswered."""
        await self._backroom.do(self._desk.resend_all)
        await self.catch_up()

    def fire_and_forget(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something beside the updates that may also be left undone."""
        if len(self._errands) >= ERRANDS:
            work.close()
            return
        task = asyncio.create_task(quietly(work))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def answer(self, query: str, text: str) -> None:
        """Answer a tap, so that its button stops glowing."""
        data = {"callback_query_id": query, **({"text": clean(text)[:NOTICE]} if text else {})}
        self.fire_and_forget(self._call("answerCallbackQuery", data))

    def say(self, telegram_id: int, text: str) -> None:
        """Send a short message that is no place: a refusal, a word about a fault. After a kill one may become it."""
        data = {"chat_id": telegram_id, "text": cut(clean(text), TEXT), "protect_content": True}
        self.fire_and_forget(self._at_leisure("sendMessage", data))

    def erase(self, telegram_id: int, message_id: int) -> None:
        """Delete a message that may not stay in a chat, which was noted: what fails now is tried again later."""
        self.fire_and_forget(self._delete(telegram_id, message_id))

    async def erase_what_is_left(self) -> bool:
        """Delete what may not stay and could not be deleted before; whether there may be more."""
        left = await self._backroom.do(self._desk.undeleted, ERASES)
        for chat_id, message_id, possible in left:
            if not possible:
                await self._give_up(chat_id, message_id)
            elif not self._quiet.left(chat_id) and not await self._delete(chat_id, message_id, tries=1):
                return False  # Telegram cannot be reached
        return len(left) == ERASES

    def redirect_to_private(self, group: int, topic: int = 0) -> None:
        """Point a group to the private chat, in the topic in which it was asked."""
        button = link(self._private, f"https://t.me/{self._line.username}")
        data = {"chat_id": group, "text": self._group, "reply_markup": button, **in_topic(topic)}
        self.fire_and_forget(self._at_leisure("sendMessage", data))

    async def beside(self, method: str, data: dict[str, Any]) -> Any:
        """Make a call that shows no place, in turn with all that do. Errors are the caller's."""
        try:
            return await self._call(method, data)
        except RetryAfter as error:
            self._quiet.asked(data["chat_id"], error)
            raise

    def rests(self, chat_id: int) -> bool:
        """Whether Telegram asked to leave a chat alone, and that time is not over."""
        return self._quiet.left(chat_id) > 0

    async def close(self, patience: float) -> None:
        """Finish what is being shown, for so many seconds at most; the rest is shown at the next start."""
        tasks = {chat.task for chat in self._chats.values() if chat.task} | self._errands
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._drawing.close()

    # What may not stay

    async def _delete(self, chat_id: int, message_id: int, tries: int = TRIES) -> bool:
        """Delete a message, and forget it once it is gone or can never be; False when Telegram cannot be reached."""
        try:
            done = await self._patiently("deleteMessage", {"chat_id": chat_id, "message_id": message_id}, tries)
        except Forbidden:  # blocked; perhaps not for long
            return True
        except BadRequest as error:
            done = "not found" in error.message.lower()
            if not done:
                await self._give_up(chat_id, message_id)
                return True
        if done:
            await self._backroom.do(self._desk.deleted, chat_id, message_id)
        return done

    async def _give_up(self, chat_id: int, message_id: int) -> None:
        """Empty a message that cannot be deleted any more, where it is ours; else tell whose it is."""
        if await self._backroom.do(self._desk.deleted, chat_id, message_id):
            emptied = await self._at_leisure("editMessageText", titled(chat_id, LEFT, "") | {"message_id": message_id})
            if not emptied:
                self.say(chat_id, UNDELETED)

    # One chat

    async def _bring(self, person: str, chat: _ChatDelivery, showing: OutgoingMessage | None) -> None:
        wait = waits()
        try:
            while True:
                chat.again = False
                showing = showing or await self._backroom.do(self._desk.showing, person, unsure=person in self._unsure)
                if showing is not None:
                    pause = await self._shown(showing, chat, wait)
                    showing = None
                    if pause:
                        await asyncio.sleep(pause)
                        continue
                    wait = waits()
                    if self._shared:
                        continue
                if not chat.again:
                    return
        except Exception as error:  # noqa: BLE001 (a fault in one chat; its next update tries again)
            log.error("A chat cannot be shown: %s", where(error))  # noqa: TRY400
            if chat.again:
                asyncio.get_running_loop().call_soon(self.wake, person)
        finally:
            del self._chats[person]
            self._late.add(person)

    async def _shown(self, showing: OutgoingMessage, chat: _ChatDelivery, wait: Iterator[float]) -> float:
        """Show a place; how many seconds to wait before trying again, 0 when it is done with."""
        try:
            await self._show(showing, chat)
        except RetryAfter as error:
            return self._quiet.asked(showing.telegram_id, error)
        except (Forbidden, BadRequest) as error:
            gone = isinstance(error, Forbidden) or "chat not found" in error.message.lower()
            log.log(logging.INFO if gone else logging.ERROR, "Telegram refuses a message: %s", fixed(error))
            if self._shared and not gone:
                await self._backroom.do(self._desk.put_off, showing.person, PUT_OFF_SECONDS)
            if gone:  # blocked or deleted; their next word wakes the chat again
                await self._note(showing, showing.message_id)
        except TelegramError as error:
            pause = next(wait)
            if not self._line.refused.is_set():
                log.warning("Telegram cannot be reached (%s). Trying again in %.1f s.", fixed(error), pause)
            return pause
        return 0.0

    async def _show(self, showing: OutgoingMessage, chat: _ChatDelivery) -> None:
        if not showing.papers:  # what was held to be sent is wanted no more: its talks may be destroyed
            chat.held, chat.why = None, ""
        for making in showing.papers:
            if making.asked > chat.brought:
                await self._bring_file(showing.telegram_id, making, chat)
        message = as_message(replace(showing, text=f"{chat.why}{showing.text}"))
        old = showing.message_id
        if old is not None and not showing.fresh and (edited := await self._edit(old, message)):
            await self._note(showing, old, edited, chat.files)
            chat.files.clear()
            return
        number, at = await self._found(showing, message)
        if number is None:
            sent = await self._call("sendMessage", {**message, "protect_content": True})
            number, at = sent["message_id"], sent["date"]
        chat.why = ""
        await self._note(showing, number, at, chat.files)
        chat.files.clear()
        if old is not None:
            await self._settle(showing.telegram_id, old, showing.settle)

    async def _note(
        self, showing: OutgoingMessage, message_id: int | None, at: int = 0, files: Sequence[int] = ()
    ) -> None:
        """Note what a chat shows, and since when; without a time nothing was shown."""
        note = Receipt(showing.person, showing.rev, message_id)
        if at:
            note = replace(note, place=showing.place, negotiation=showing.negotiation, at=at, files=tuple(files))
        old = showing.message_id
        if old is not None and old != message_id and not showing.settle:
            note = replace(note, takes_away=(showing.telegram_id, old))
        await self.notes.take(note)
        self._unsure.discard(showing.person)
        self._wrote.discard(showing.person)

    async def _found(self, showing: OutgoingMessage, message: dict[str, Any]) -> tuple[int | None, int]:
        """The message that was sent and not noted, if there is one: it shows the place from now on, and since when."""
        if showing.person not in self._unsure:  # they wrote after this was asked for
            return None, 0
        try:
            # A number of another chat is "not found": tdlib/telegram-bot-api looks it up there first (check_message).
            for number in showing.perhaps:
                if at := await self._edit(number, message):
                    log.info("A message that an earlier process sent and did not note was found.")
                    return number, at
        except RetryAfter:  # asked to do less: what is then sent may come twice
            self._unsure.discard(showing.person)
            raise
        return None, 0

    async def _edit(self, message_id: int, message: dict[str, Any]) -> int:
        """Change the live message; when, in seconds since 1970, and 0 when it is no longer there to be changed."""
        try:
            edited = await self._call("editMessageText", {**message, "message_id": message_id})
        except BadRequest as error:
            return int(time.time()) if "not modified" in error.message.lower() else 0
        return int(edited.get("edit_date") or edited["date"])

    async def _settle(self, telegram_id: int, message_id: int, text: str) -> None:
        """Leave the answered message with one line, or take it away, as was noted; what fails is done later."""
        if not text:
            await self._delete(telegram_id, message_id)
            return
        title, _, rest = text.partition("\n")
        with suppress(BadRequest, Forbidden):
            if not await self._patiently(
                "editMessageText", titled(telegram_id, title, rest) | {"message_id": message_id}
            ):
                await self._backroom.do(self._desk.take_away, telegram_id, message_id)

    async def _bring_file(self, telegram_id: int, making: UploadJob, chat: _ChatDelivery) -> None:
        """Make a file and send it, once; when the sending fails it is tried again with the same file."""
        if chat.held is None or chat.held[0] != making.asked:
            file, why = await self._drawing.made(telegram_id, making)
            chat.why += why
            if file is not None and len(file.body) > UPLOAD_BYTES:
                file, chat.why = None, f"{chat.why}{too_large(making.called)}\n\n"
            chat.held = (making.asked, file) if file is not None else None
        if chat.held is not None:
            chat.files += await self._send_paper(telegram_id, chat.held[1])
        chat.brought, chat.held = making.asked, None

    async def _send_paper(self, telegram_id: int, paper: Attachment) -> list[int]:
        """Send a file; the message that brings it, none where Telegram refuses it."""
        file = InputFile(paper.body, filename=clean(paper.name))
        caption = cut(clean(paper.caption), CAPTION)
        try:
            sending = self._line.send_photo if paper.picture else self._line.send_document
            send = partial(sending, telegram_id, file, caption=caption, protect_content=not paper.kept)
            return [(await self._in_turn(telegram_id, send)).message_id]
        except BadRequest as error:
            if "chat not found" in error.message.lower():
                raise
            log.error("Telegram refuses a document: %s", fixed(error))  # noqa: TRY400
            return []

    # Calls

    async def _call(self, method: str, data: dict[str, Any]) -> Any:
        return await self._in_turn(data.get("chat_id"), partial(self._line.call, method, data))

    async def _in_turn(self, chat_id: int | None, call: Callable[[], Awaitable[Any]]) -> Any:
        while (left := self._quiet.left(chat_id)) > 0:  # noqa: ASYNC110 (a wait of known length)
            await asyncio.sleep(left)
        async with self._context:
            answer = await call()
        if chat_id is not None:
            self._quiet.served()
        return answer

    async def _at_leisure(self, method: str, data: dict[str, Any]) -> bool:
        """Make a call that may also fail, since nothing depends on it; whether it was made."""
        with suppress(BadRequest, Forbidden):
            return await self._patiently(method, data)
        return False

    async def _patiently(self, method: str, data: dict[str, Any], tries: int = TRIES) -> bool:
        """Make a call, tried a few times; False when Telegram cannot be reached. BadRequest, Forbidden are refusals."""
        wait = waits()
        for _ in range(tries):
            try:
                await self._call(method, data)
            except RetryAfter as error:
                self._quiet.asked(data["chat_id"], error)
            except (BadRequest, Forbidden):
                raise
            except TelegramError:
                await asyncio.sleep(next(wait))
            else:
                return True
        return False
