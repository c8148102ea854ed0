"""Two hundred people with phones: each taps what is on the screen, or types, and reads what comes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.bench.questions import OPTIONS, QUESTIONS, ask, is_tapped, number_in, option_for, words_for
from tests.telegram_double.wire import Json, Upload
from tests.telegram_double.world import Message, Press

if TYPE_CHECKING:
    from tests.bench.telegram import Telegram

FIRST_CHAT = 1000


class Astray(Exception):
    """The bot showed something that nobody who answers thirty questions should see."""


@dataclass
class Person:
    """Somebody in their chat with the bot, at one of the thirty questions."""

    telegram: Telegram
    chat_id: int
    question: int = 0  # the number of the one on the screen; QUESTIONS + 1 once all are answered
    screen: Message | None = None  # the newest message with buttons
    waits: bool = False  # for the bot to show what follows
    asked_at: float = 0.0
    on_next: Callable[[Person, float], None] = lambda _person, _seconds: None
    given: list[tuple[int, str]] = field(default_factory=list)  # question, answer
    _presses: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Know the bot already."""
        self._chat = self.telegram.world.chat(self.chat_id, "private", f"Person {self.chat_id}")
        self._chat.open = True
        self._user: Json = {"id": self.chat_id, "is_bot": False, "first_name": self._chat.name, "language_code": "en"}

    def answer(self) -> None:
        """Answer the question on the screen, as it is answered."""
        self.waits, self.asked_at = True, self.telegram.now()
        if is_tapped(self.question):
            option = option_for(self.question, self.chat_id)
            self.given.append((self.question, option))
            self.tap(OPTIONS[option])
        else:
            words = words_for(self.question, self.chat_id)
            self.given.append((self.question, words))
            self.type(words)

    def type(self, text: str) -> None:
        """Write to the bot."""
        message = self.telegram.world.post(self._chat, self._user)
        message.text = text
        if text.startswith("/"):
            message.entities = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        self.telegram.world.inbox.add("message", message.as_json())

    def send_file(self, upload: Upload) -> None:
        """Send a document."""
        world = self.telegram.world
        message = world.post(self._chat, self._user)
        message.file = world.keep(upload)
        message.media = {
            "document": {**message.file.as_json(), "file_name": upload.name, "mime_type": upload.mime},
        }
        world.inbox.add("message", message.as_json())

    def tap(self, label: str) -> None:
        """Tap a button that is on the screen. Raises `Astray` when there is none of this label."""
        data = next((data for shown, data in self.buttons() if label in shown), None)
        if data is None or self.screen is None:
            raise Astray(f"{self._chat.name} sees no button {label!r} but {self.buttons()} under {self.text!r}")
        query_id = f"{self.chat_id}{next(self._presses):06}"
        self.telegram.world.presses[query_id] = Press(query_id, self.telegram.world.clock.now())
        query: Json = {
            "id": query_id,
            "from": self._user,
            "chat_instance": str(self.chat_id),
            "message": self.screen.as_json(),
            "data": data,
        }
        self.telegram.world.inbox.add("callback_query", query)

    def buttons(self) -> list[tuple[str, str]]:
        """Label and data of every button on the screen."""
        rows = self.screen.keyboard if self.screen else []
        return [(str(button["text"]), str(button.get("callback_data"))) for row in rows for button in row]

    @property
    def text(self) -> str:
        """The words on the screen."""
        return self.screen.text if self.screen else ""

    def see(self, message: Message) -> None:
        """Look at what the bot put into the chat."""
        tapped, number = message is self.screen, number_in(message.text)
        if message.keyboard:
            self.screen = message
        if not self.waits:
            return
        if number == self.question + 1 or (self.question == QUESTIONS and tapped and not number):
            self.waits, self.question = False, self.question + 1
            self.on_next(self, self.telegram.now() - self.asked_at)
        elif message.keyboard and number != self.question:
            raise Astray(f"after question {self.question} the bot shows {message.text!r}")

    def ask_oneself(self) -> None:
        """Put the next question on the screen in the name of a bot that says nothing."""
        self.question, self.waits = self.question % QUESTIONS + 1, False
        message = self.telegram.world.post(self._chat, self.telegram.world.bot)
        message.text = ask(self.question)
        message.keyboard = [[{"text": label, "callback_data": option} for option, label in OPTIONS.items()]]
        self.screen = message


class Crowd:
    """All who talk to the bot; what the bot shows reaches them at once."""

    def __init__(self, telegram: Telegram, people: int, first_chat: int = FIRST_CHAT) -> None:
        """Nobody stands at a question yet."""
        self.telegram = telegram
        self.people = {chat: Person(telegram, chat) for chat in range(first_chat, first_chat + people)}
        self.trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        telegram.on_shown = self._shown

    def __iter__(self) -> Iterator[Person]:
        """Give one after the other."""
        return iter(self.people.values())

    def _shown(self, message: Message) -> None:
        person = self.people.get(message.chat.chat_id)
        if person is None:
            return
        try:
            person.see(message)
        except Astray as error:
            if not self.trouble.done():
                self.trouble.set_exception(error)

    async def wait_for(self, done: asyncio.Future[None], seconds: float) -> None:
        """Wait for this. Raises `Astray` when somebody went astray, or when it takes longer."""
        await asyncio.wait({done, self.trouble}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self.trouble.done():
            self.trouble.result()
        if not done.done():
            waiting = [person for person in self if person.waits]
            some = [(person.chat_id, person.question, person.text) for person in waiting[:3]]
            raise Astray(f"{len(waiting)} people still wait after {seconds:.0f} s: {some}")
