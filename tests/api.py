"""How tests drive the program. They import this, and nothing of what stands behind it.

A delegation prepares talks; each of its people has a chat on Telegram, and taps what it shows::

    with Delegation(tmp_path) as delegation:                    # or the fixtures `delegation`, `maya`, `omar`
        delegation.opens("us-china-space", "Maya lead", "Omar member")
        omar = delegation.chat("Omar")
        omar.types("/sections")
        omar.taps("Limit expectations · 0 of 12", "○ Crewed flight")
        assert "Recorded: Yes" in omar.taps("Yes")
        assert omar.screen.labels == [...]                      # also its title and its text

What a phone offers no more goes by `Chat.taps_old`, what it never offered by `Chat.forges`. Updates that come twice,
together or from elsewhere are made by `Chat.update` and heard by `Installation.receives`.

The clock is `Delegation.at`. `Installation.happens` records what somebody did; `negotiation`, `line`, `events` and
`recorded` tell what is so; `operator` is the command line's side. `Installation.terminal` is a face of which Telegram
sees nothing, `tests.browsers` has the pages, `on_telegram` serves a delegation to a `TelegramDouble`, and `tests.e2e`
starts processes. Where no installation is needed, `negotiation` and its like make talks, and `context` says who looks.
Faults, paces and limits of `tests.faults` are put in by name: by `on`, `pace`, `limits`, or the fixture `faults`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bot.application import maintenance
from bot.application.administration import AdminService, NotFound
from bot.application.browser_sessions import BrowserSessionService
from bot.application.chats import place_of, wanted
from bot.application.documents import Document
from bot.application.file_use import unpacked
from bot.application.group_cards import GroupCardService
from bot.application.messages import Attachment, IncomingUpdate, Origin, OutgoingMessage, Receipt, UpdateResult
from bot.application.passphrases import PassphraseService
from bot.application.rate_limit import RateLimiter
from bot.application.reminders import Reminder, ReminderService
from bot.application.retention import RetentionService
from bot.application.sample import sample_people
from bot.application.updates import UpdateHandler
from bot.dialog.callback_data import stored, wordless
from bot.dialog.contract import Command, Context, FileReply, Reply, TextReply, UnsupportedReply
from bot.dialog.engine import go, handle, render
from bot.domain.answers import Picked
from bot.domain.events import AnyEvent, Opened, Role, RowPut
from bot.domain.negotiation import FORM, Happened, Negotiation
from bot.domain.wording.history import told
from bot.runtime.background_jobs import BackgroundJobs
from bot.runtime.terminal import INDENT, pictured, said, tapped, written
from bot.storage import Database, ScryptCost
from tests.e2e import KEY, ROOT, store_url
from tests.factories import happen, negotiation, settling, story
from tests.faults import Hooks, limits, on, pace, read_each_text_once
from tests.fresh import fresh_store
from tests.ready import real
from tests.telegram_double.clients import Client, messages_of

if TYPE_CHECKING:
    from tests.telegram_double import TelegramDouble

__all__ = [
    "CHEAP_COST",
    "CHECKLISTS",
    "KEY",
    "ROOT",
    "TALKS_ON",
    "Attachment",
    "Chat",
    "Client",
    "Context",
    "Delegation",
    "Hooks",
    "Installation",
    "NotFound",
    "Origin",
    "OutgoingMessage",
    "ReminderService",
    "Response",
    "Screen",
    "Terminal",
    "Update",
    "context",
    "go",
    "handle",
    "happen",
    "limits",
    "negotiation",
    "of_process",
    "on",
    "on_telegram",
    "open_store",
    "pace",
    "read_update",
    "render",
    "story",
]

read_each_text_once()
CHECKLISTS = {path.stem: real(path.stem) for path in sorted((ROOT / "checklists").glob("*.yaml"))}
TALKS_ON = date(2027, 3, 15)
YES = Picked(options=("yes",))
SPACE_TALKS = {"money": YES, "asset": YES, "safety": YES}
KIND_OF_TALKS: Mapping[str, tuple[AnyEvent, ...]] = {
    "us-china-space": (RowPut(item="rung", row=FORM, cells=SPACE_TALKS),),
    "bilateral": (RowPut(item="rung", row=FORM, cells={**SPACE_TALKS, "rival": YES}),),
}
LINK, PAGES = "https://t.me/sample_bot?start=", "https://sample.example/page"
SHOWN_IN = 9000  # the first message that shows an answer
REMINDER = 8000  # the message of every reminder
BEGINS = {".pdf": b"%PDF-1.7\n", ".png": b"\x89PNG\r\n\x1a\n", ".exe": b"MZ\x90\x00"}  # files, by their names

CHEAP_COST = ScryptCost(ln=4, r=8, p=1)  # 16 KiB: the real one costs half a second a guess

Update = IncomingUpdate  # something on its way from Telegram, not yet heard
open_store = Database.open


@dataclass(frozen=True)
class Screen:
    """What a person is shown: a title, a text, and rows of buttons, each a label with what it carries."""

    title: str
    text: str
    rows: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def labels(self) -> list[str]:
        """What can be tapped, from the top."""
        return [label for row in self.rows for label, _ in row]

    def label(self, words: str) -> str:
        """The first label with these words in it."""
        return next(label for label in self.labels if words in label)

    def button(self, label: str) -> str:
        """What the button of this label carries."""
        return next(data for row in self.rows for one, data in row if one == label)

    @property
    def whole(self) -> str:
        """Every word of it."""
        return "\n".join([self.title, self.text, *self.labels])


@dataclass(frozen=True)
class Response:
    """What came of something that a person sent; ``words in response`` looks at what they then read.

    ``name``: whose chat it was heard in. ``notice`` comes at once, beside the chat or instead of it. ``wakes``: the
    names of others whose chats changed. ``erases``: the message that may not stay. ``owed``: what the chat is to show,
    where that came along. ``lines``: what was recorded, then the bot's message, as transcripts have them.
    """

    name: str
    known: bool
    repeated: bool
    notice: str
    wakes: tuple[str, ...]
    erases: int | None
    owed: OutgoingMessage | None
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All that the person reads."""
        return "\n".join(self.lines)

    def __contains__(self, words: str) -> bool:
        return words in self.text


class Installation:
    """An installation in this process: its people, their faces, what is recorded, and what its operator does."""

    def __init__(self, desk: Callable[[], UpdateHandler]) -> None:
        """Drive what ``desk`` gives: one that goes on, or another that remembers nothing."""
        self._desk = desk
        self.telegram: dict[str, int] = {}
        self.updates = 1000
        self.number: int | None = None  # of the negotiation that is meant where none is named
        self.invitation = ""  # the secret of the latest that was shown
        self.last: dict[str, int] = {}  # the message that each typed last
        self.reminded: dict[str, dict[str, str]] = {}  # a person's latest reminder: label, button
        self.brought: dict[str, bytes] = {}  # the last file that each was given
        self.sent: dict[str, bytes] = {}  # files that lie at Telegram, by their ids
        self.shown: dict[str, list[int]] = {}  # the messages that each was shown, the oldest first
        self._names: dict[str, str] = {}

    @property
    def desk(self) -> UpdateHandler:
        """What a face serves. Tests hand it on, and do not look into it."""
        return self._desk()

    @property
    def store(self) -> Database:
        """The open database."""
        return self.desk.store

    # People and what they look at

    @property
    def people(self) -> dict[str, str]:
        """Everybody's id by their name."""
        return {one.name: one.id for one in self.operator.people()}

    def chat(self, name: str) -> Chat:
        """A person's chat on Telegram, a stranger's too."""
        if name not in self.telegram:
            known = {person.name: person.telegram_id for person in self.operator.people()}
            self.telegram[name] = known.get(name) or 500 + len(self.telegram)
        return Chat(self, name)

    def terminal(self, name: str) -> Terminal:
        """A person's conversation on a face of our own."""
        return Terminal(self, name)

    def link(self, name: str, telegram_id: int) -> None:
        """Give a person who is known an account on Telegram."""
        self.telegram[name] = telegram_id
        with self.store.transaction() as tx:
            tx.link_person(self.people[name], telegram_id)

    def signs_in(self, name: str) -> str:
        """The cookie of a new session of somebody in a browser."""
        return BrowserSessionService(self.desk).sign_in(self.people[name])

    def browses_as(self, cookie: str) -> str | None:
        """The name of whoever is signed in by a session; None where it is nobody's."""
        person = BrowserSessionService(self.desk).who(cookie)
        return self._name(person) if person else None

    def is_open(self, cookie: str) -> bool:
        """Whether a session may see talks that ask for a passphrase."""
        person = BrowserSessionService(self.desk).who(cookie)
        return person is not None and not self._phrases.lock(_session(cookie), [person]).person

    def chooses_passphrase(self, cookie: str, phrase: str) -> bool:
        """Choose a first passphrase in a session, and so enter it; False when it is not kept."""
        person = BrowserSessionService(self.desk).who(cookie)
        return person is not None and self._phrases.choose(_session(cookie), person, self._phrases.to_keep(phrase))

    def tries_passphrase(self, name: str) -> None:
        """Begin a try at somebody's passphrase, as the page does before it looks at it."""
        self._phrases.begin(self.people[name])

    @property
    def _phrases(self) -> PassphraseService:
        return PassphraseService(self.desk, CHEAP_COST)

    def opens_page(self, name: str) -> None:
        """Have somebody look at their page in a browser, and do nothing."""
        BrowserSessionService(self.desk).screen(self.people[name])

    def awaits(self, secret: str) -> bool:
        """Whether the page of an invitation lets somebody in."""
        return BrowserSessionService(self.desk).awaited(secret) is not None

    def receives(self, *updates: Update, shown: Mapping[str, int] | None = None, draws: bool = True) -> list[Response]:
        """What came of updates that arrive together; nothing of it is shown yet.

        ``shown``: of which revision somebody's chat was by then, where that is noted only now. ``draws``: it is
        worked out at once what each chat is to show.
        """
        people = self.people if shown else {}
        notes = [Receipt(people[name], rev, SHOWN_IN) for name, rev in (shown or {}).items()]
        heard = self.desk.hear_all(updates, lambda _: draws, notes)
        came = self.files_come() if any(one.awaits for one in heard) else {}
        return [self._response(came.get(sent.update_id, one)) for sent, one in zip(updates, heard, strict=True)]

    def hears(self, name: str, reply: Reply | None, button: str = "") -> None:
        """What somebody says on a face of our own, or the button that they press there."""
        self.desk.reply(self.people[name], reply, button)

    def files_come(self) -> dict[int, UpdateResult]:
        """What came of files that were sent: Telegram hands them over at once; by the numbers of their updates."""
        found: dict[int, UpdateResult] = {}
        while awaited := self.desk.waiting_files((), 1):
            (one,) = awaited
            file = self.sent.pop(one.file_id)
            rows = unpacked(one.use, file, one.name)
            if (heard := self.desk.file_came(one.update_id, file, rows)) is not None:
                found[one.update_id] = heard
        return found

    def _response(self, heard: UpdateResult) -> Response:
        name = self._name(heard.person) if heard.person else ""
        wakes = tuple(map(self._name, heard.wakes))
        return Response(name, heard.known, heard.repeated, heard.answer, wakes, heard.erase, heard.showing)

    def _name(self, person: str) -> str:
        if person not in self._names:
            self._names = {known.id: known.name for known in self.operator.people()}
        return self._names[person]

    def unshown(self) -> list[str]:
        """The names of those whose chat does not show its latest place."""
        behind = self.desk.unshown()
        return [name for name, person in self.people.items() if person in behind]

    # Negotiations

    def opens(  # noqa: D417 (the others are those of Opened)
        self,
        checklist: str,
        *people: str,
        settled: bool = False,
        events: tuple[AnyEvent, ...] = (),
        uid: str = "sample",
        counterpart: str = "",
        subject: str = "",
        talks_on: date = TALKS_ON,
    ) -> int:
        """Open a negotiation; its number.

        Args:
            people: a name and a role each; the first opens it, and whoever is not known yet is met. Of the kind of
                talks, which is asked first, most is answered by then, so that the walk begins with the goals.
            settled: everything is answered well, as of 15 February 2027; ``events`` are what happened besides.

        """
        sound, seats = CHECKLISTS[checklist], [one.rsplit(maxsplit=1) for one in people]
        for nth, (name, _) in enumerate(seats):
            self.meets(name, lead=not nth)
        start = Opened(
            uid=uid,
            checklist=sound.digest,
            counterpart=counterpart or sound.counterpart or "Sampleland",
            subject=subject or sound.subject or "a sample subject",
            talks_on=talks_on,
            given={one.id: "" for one in sound.opening},
        )
        everybody = self.people
        happened = (*(settling(checklist) if settled else KIND_OF_TALKS.get(checklist, ())), *events)
        number = self.operator.open(everybody[seats[0][0]], start, happened)
        for name, role in seats[1:]:
            self.operator.seat(everybody[name], number, Role(role))
        self.number = self.number or number
        return number

    def meets(self, name: str, *, lead: bool = False) -> str:
        """Make a person known to the bot; their id."""
        return self.operator.person(name, lead=lead)

    def sample(self) -> None:
        """Let Maya, who leads, Omar and Lina be there, in the sample's talks."""
        sample_people(self.operator, self.desk)

    def happens(self, *events: AnyEvent, by: str = "Maya", number: int | None = None) -> None:
        """Record what somebody did, as another process would; nobody's chat moves."""
        desk, number, person = self.desk, number or self.number or 1, self.people.get(by)
        with desk.store.transaction() as tx:
            seq = desk.archive.load(tx, number, write=True).seq
            line = tuple(Happened(seq + nth, desk.clock(), person, event) for nth, event in enumerate(events, 1))
            desk.archive.save(tx, number, line, None)
        desk.archive.committed(tx)

    def negotiation(self, number: int | None = None) -> Negotiation:
        """A negotiation as storage has it."""
        with self.store.reading() as tx:
            return self.desk.archive.load(tx, number or self.number or 1)

    def line(self, number: int | None = None, since: int = 0) -> tuple[Happened, ...]:
        """All that happened in a negotiation, with who did it and when."""
        with self.store.reading() as tx:
            return tuple(self.desk.archive.events(tx, number or self.number or 1, since))

    def events(self, number: int | None = None) -> list[AnyEvent]:
        """All that happened in a negotiation."""
        return [one.event for one in self.line(number)]

    def recorded(self, number: int | None = None) -> int:
        """How many events a negotiation has."""
        with self.store.reading() as tx:
            return tx.head(number or self.number or 1) or 0

    # The operator, and what goes on by itself

    @property
    def operator(self) -> AdminService:
        """What whoever runs commands on the server can do."""
        return AdminService(self.desk)

    @property
    def commands(self) -> list[str]:
        """The commands that people are offered, without their slash."""
        return [name for name, _ in self.desk.commands]

    def verified(self, witness: str = "") -> list[str]:
        """What is wrong with what is kept, a line each."""
        return maintenance.verify(self.store, self.desk.archive, witness)

    def purge(self, number: int | None = None) -> None:
        """Destroy a negotiation."""
        maintenance.purge(self.store, number or self.number or 1, self.desk.clock(), "a test")

    def reminding(self) -> ReminderService:
        """What finds out whom to remind."""
        return ReminderService(self.desk)

    def keeping(self) -> RetentionService:
        """What destroys talks whose last day is over."""
        return RetentionService(self.desk)

    def keeps(self) -> None:
        """Let the daily look at what is kept too long come to its end."""
        keeping = self.keeping()
        while keeping.look():
            pass

    def cards(self) -> GroupCardService:
        """What groups show."""
        return GroupCardService(self.desk)

    @asynccontextmanager
    async def housekeeping(self) -> AsyncIterator[asyncio.Event]:
        """Let go on what a process does by itself, reminding included; the event tells of its first full round."""
        desk, done = self.desk, asyncio.Event()
        desk.faces_forget.append(lambda _: done.set())
        with ThreadPoolExecutor(1) as executor:
            async with BackgroundJobs(desk, executor, ReminderService(desk)).going():
                yield done
        desk.faces_forget.pop()


class Delegation(Installation):
    """People who prepare talks on Telegram. All state is read from storage anew before each reply, and after it.

    Nothing may live in memory alone; where it is about what a process keeps, `goes_on` lets one hear everything.
    ``at`` is the time. A context manager, which lets go of the database.
    """

    def __init__(
        self,
        folder: Path,
        *,
        url: str = "",
        key: bytes = KEY,
        at: datetime = datetime(2027, 1, 15, 10, tzinfo=UTC),
        clock: Callable[[], datetime] | None = None,
        pages: str = PAGES,
        zone: tzinfo = UTC,
    ) -> None:
        """Open the database of ``url``, or one in the folder; ``pages``: where our own pages are; ``zone``: the team's.

        The time is ``at``, as it is then, or what a ``clock`` says.
        """
        super().__init__(self._handler)
        self.folder, self.at, self.pages, self.zone = folder, at, pages, zone
        self.file = folder / "chat.db"
        self.url = url or f"sqlite:///{self.file}"
        self._opened = open_store(url, key) if url else fresh_store(self.file)
        self.clock = clock or (lambda: self.at)
        self._running: UpdateHandler | None = None
        self._remembers = False
        self._secrets = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._opened.close()

    @contextmanager
    def replica(self) -> Iterator[Delegation]:
        """Another process at the same database, with the same clock."""
        with Delegation(self.folder, url=self.url, clock=self.clock, pages=self.pages, zone=self.zone) as other:
            yield other

    @property
    def store(self) -> Database:
        """The open database."""
        return self._opened

    def receives(self, *updates: Update, shown: Mapping[str, int] | None = None, draws: bool = True) -> list[Response]:
        """As of any installation; what went before is forgotten, and so is what this works out."""
        with self._anew():
            return super().receives(*updates, shown=shown, draws=draws)

    def hears(self, name: str, reply: Reply | None, button: str = "") -> None:
        """As of any installation; what went before is forgotten, and so is what this works out."""
        with self._anew():
            super().hears(name, reply, button)

    @contextmanager
    def _anew(self) -> Iterator[None]:
        before = self._running if self._remembers else None
        self._running = before
        try:
            yield
        finally:
            self._running = before

    def _handler(self) -> UpdateHandler:
        self._running = self._running or self._fresh()
        return self._running

    def _fresh(self) -> UpdateHandler:
        return UpdateHandler(
            self.store, CHECKLISTS, clock=self.clock, secret=self._secret, link=LINK, pages=self.pages, zone=self.zone
        )  # fmt: skip

    def _secret(self) -> str:
        self._secrets += 1
        return f"secret{self._secrets:04d}"

    def goes_on(self, pace: RateLimiter | None = None, *, chance: bool = False) -> None:
        """From now on one process hears everything, perhaps at some pace, and with secrets that nobody foresees."""
        self._running, self._remembers = self._fresh(), True
        self._running.pace = pace
        if chance:
            self._running.secret = self.secret_by_chance

    def secret_by_chance(self) -> str:
        """A secret as an installation makes it; in tests they are numbered."""
        return UpdateHandler(self.store, CHECKLISTS).secret()

    def restarts(self) -> None:
        """From now on nothing is remembered any more."""
        self._running, self._remembers = None, False

    def is_alive(self) -> None:
        """Let the bot note, as it does once in a while, that it runs."""
        self.desk.alive()

    def was_away(self) -> None:
        """Let the bot say everything anew, as it does after an outage."""
        self.desk.resend_all()

    def meets(self, name: str, *, lead: bool = False) -> str:
        """Make a person known to the bot, with Telegram; their id."""
        person = super().meets(name, lead=lead)
        if name not in self.telegram:
            self.link(name, 500 + len(self.telegram))
        return person

    def passes(self, at: datetime) -> list[tuple[str, Reminder]]:
        """Let time pass; what the bot then writes unasked, each with the name of whom it goes to."""
        self.at, sent, more = at, [], True
        names = {person: name for name, person in self.people.items()}
        reminding = self.reminding()
        while more:
            found, more = reminding.due()
            for one in found:
                self.reminded[names[one.person]] = {label: packed for row in one.buttons for label, packed in row}
                reminding.sent(one, REMINDER)
                sent.append((names[one.person], one))
        return sent


def of_process(folder: Path, database: str = "") -> Delegation:
    """What a bot keeps that is, or was, a process of its own with the environment of `tests.e2e`."""
    return Delegation(folder, url=store_url(folder, database), at=datetime.now(UTC))


@dataclass(frozen=True)
class Chat:
    """One person's chat with the bot on Telegram. What they do is answered, and the answer is shown."""

    installation: Installation
    name: str

    @property
    def person(self) -> str:
        """Their id: of who has this account on Telegram, whatever they are called there."""
        there = self.installation
        linked = {known.telegram_id: known.id for known in there.operator.people() if known.telegram_id is not None}
        return linked.get(there.telegram.get(self.name)) or there.people[self.name]

    # What they do

    def types(self, text: str, *, shown: bool = True) -> Response:
        """Type a text, or a command; perhaps without being shown yet what comes back."""
        update = self.update(text)
        if isinstance(update.said, TextReply) and update.message_id is not None:
            self.installation.last[self.name] = update.message_id
        return self.sends(update) if shown else self.installation.receives(update)[0]

    def taps(self, *labels: str) -> Response:
        """Tap one button after the other, by its label or, as ``#2``, by its place; each must be offered."""
        for label in labels:
            packed = self.offered(label)
            assert packed is not None, f"{self.name} is not offered {label!r}, but {self.screen.labels}"
            response = self.sends(self.update(button=packed))
        return response

    def goes_to(self, *labels: str) -> Response:
        """Go from the list of sections down to somewhere, each time by the first label with these words in it."""
        response = self.types("/sections")
        for words in labels:
            response = self.taps(self.screen.label(words))
        return response

    def edits(self, text: str) -> Response:
        """Edit the message that they typed last."""
        message = self.installation.last.get(self.name)
        return self.sends(self.update(TextReply(text), message_id=message, edited=True))

    def replies(self, text: str, to: int | None = None, *, after: float = 60, quote: str = "") -> Response:
        """Reply to a message, at first to the one they typed last, so many seconds after now."""
        to = self.installation.last[self.name] if to is None else to
        return self.sends(self.update(text, reply_to=to, quote=quote, sent=self._now() + after))

    def forwards(self, text: str, origin: str, **more: Any) -> Response:
        """Forward what somebody else wrote."""
        return self.sends(self.update(TextReply(text), forwarded_from=origin, sent=self._now(), **more))

    def types_in_parts(
        self, text: str, client: Client, *, pause: float = 1, order: Sequence[int] = (), **more: Any
    ) -> list[Response]:
        """Type what is too long for one message: their app cuts it, and the parts arrive in an order."""
        parts = messages_of(text, client)
        updates = [self.update(part, sent=self._now() + nth * pause, **more) for nth, part in enumerate(parts)]
        self.installation.last[self.name] = updates[-1].message_id or 0
        numbers = sorted(one.update_id for one in updates)
        arriving = [updates[nth] for nth in order] or updates
        return [self.sends(replace(one, update_id=number)) for one, number in zip(arriving, numbers, strict=True)]

    def _now(self) -> float:
        return self.installation.desk.clock().timestamp()

    def sends_file(self, name: str, size: int, caption: str = "", **more: Any) -> Response:
        """Send a file that begins as one of its name does."""
        file = BEGINS.get(Path(name).suffix, b"").ljust(size, b"x")
        said = FileReply("f" + name.replace(".", "")[:8], name, size, caption)
        return self.sends(self.update(said, file=file, **more))

    def sends_back(self, edited: bytes) -> Response:
        """Send the file that they were given, after they typed into it."""
        return self.sends(self.update(FileReply("fedited", "edited", len(edited)), file=edited))

    def sends_what_no_bot_takes(self, what: str) -> Response:
        """Send a sticker, a voice message and the like."""
        return self.sends(self.update(UnsupportedReply(what)))

    def joins(self, secret: str = "") -> Response:
        """Come by an invitation, or by the latest that was shown."""
        return self.types(f"/start {secret or self.installation.invitation}")

    def taps_old(self, button: str) -> Response:
        """Tap a button that was theirs once, as `ChatView.button` had it; where they then are is not shown yet."""
        return self.forges(button)

    def forges(self, data: str) -> Response:
        """Press a button of their own making; where they then are is not shown yet."""
        return self.installation.receives(self.update(button=data))[0]

    def update(
        self,
        what: str | Reply | None = None,
        *,
        button: str = "",
        number: int | None = None,
        file: bytes | None = None,
        **more: Any,
    ) -> Update:
        """What they send, on its way under the next number or another; ``more`` are fields of an `Update`."""
        if number is None:
            self.installation.updates += 1
            number = self.installation.updates
        content = _said(what) if isinstance(what, str) else what
        fields = {"message_id": number, "handle": self.name.lower(), **more}
        if file is not None:
            lies = f"file{number}"
            fields["file_id"], self.installation.sent[lies] = lies, file
        return IncomingUpdate(
            number, self.installation.telegram[self.name], self.name, content, packed=button, **fields
        )

    def sends(self, update: Update) -> Response:
        """What comes back to an update: what was recorded, then the bot's message, which is then noted as shown."""
        there = self.installation
        before = there.recorded()
        (response,) = there.receives(update)
        if not response.known:
            return replace(response, lines=(said("Bot", response.notice),))
        assert response.owed in {None, self.owed}, "what came along is not what storage says"
        happened = there.line(since=before)
        n = there.negotiation() if happened else None
        lines = [f"     · {told(n, one)}" for one in happened if n]
        return replace(response, lines=(*lines, *self._looked()))

    def _looked(self) -> Iterator[str]:
        """What they read now, as transcripts have it; it is noted as shown."""
        there, desk = self.installation, self.installation.desk
        shown = written(desk.view(self.person, veiled=True))
        if found := re.search(r"start=(secret\d+)", shown):
            there.invitation = found[1]
        yield shown
        ordered = self.ordered()
        if ordered is not None and ordered.picture:
            yield pictured(ordered.says())
        elif ordered is not None:
            yield f"{INDENT}(file {ordered.name}: {ordered.says()})"
            if ordered.name.endswith((".zip", ".xlsx")):
                there.brought[self.name] = ordered.makes()
        self.is_shown()

    # What they see

    @property
    def screen(self) -> Screen:
        """What the chat says now."""
        shown = self.installation.desk.view(self.person, veiled=True)
        return Screen(shown.title, shown.text, self.installation.desk.packed(self.person, veiled=True))

    def offered(self, label: str) -> str | None:
        """What the button of a label carries, or of a place as ``#2``; also one of the latest reminder."""
        line = label if label.startswith("#") else f"[{label}]"
        found = tapped(self.installation.desk, self.person, line, veiled=True)
        return found or self.installation.reminded.get(self.name, {}).get(label)

    @property
    def owed(self) -> OutgoingMessage | None:
        """What Telegram has still to show; None where it shows the latest place."""
        return self.installation.desk.showing(self.person)

    def is_shown(self, rev: int | None = None) -> None:
        """Note that Telegram shows the latest place, or one of an earlier revision."""
        with self.installation.store.reading() as tx:
            row = tx.chat(self.person)
        if row is not None:
            there, rev = self.installation, row.rev if rev is None else rev
            shown = there.shown.setdefault(self.name, [])
            if row.fresh or row.message_id is None:
                shown.append(SHOWN_IN + sum(map(len, there.shown.values())))
            place, at = stored(wordless(place_of(row.place))), int(there.desk.clock().timestamp())
            there.desk.shown([Receipt(self.person, rev, shown[-1], place, row.negotiation, at)])

    def ordered(self) -> Document | None:
        """The file that the chat waits for last."""
        with self.installation.store.reading() as tx:
            row = tx.chat(self.person)
        waiting = [paper for paper, _ in wanted(row)] if row else []
        return self.installation.desk.ordered(self.person, waiting[-1], veiled=True) if waiting else None

    @property
    def draft(self) -> str:
        """Where the chat stands, as storage has it, with all that waits there to be recorded."""
        with self.installation.store.reading() as tx:
            row = tx.chat(self.person)
        return row.place if row else ""

    @property
    def stands_in(self) -> int | None:
        """The number of the negotiation that the chat is in."""
        with self.installation.store.reading() as tx:
            row = tx.chat(self.person)
        return row.negotiation if row else None

    @property
    def shown_in(self) -> int | None:
        """The number of the message that shows the latest place; None where none does yet."""
        with self.installation.store.reading() as tx:
            row = tx.chat(self.person)
        return row.message_id if row and row.shown == row.rev else None

    @property
    def told(self) -> str:
        """What was last said above the place."""
        with self.installation.store.reading() as tx:
            row = tx.chat(self.person)
        told: str = json.loads(row.aside or "{}").get("aside", "") if row else ""
        return told

    @property
    def kept(self) -> str:
        """All that storage holds of the chat."""
        with self.installation.store.reading() as tx:
            return repr(tx.chat(self.person))

    def is_left(self, **fields: Any) -> None:
        """Let storage hold something else of the chat, as another version or a killed process left it."""
        with self.installation.store.transaction() as tx:
            row = tx.chat(self.person)
            assert row is not None
            tx.put_chat(replace(row, **{"rev": row.rev + 1, **fields}))


@dataclass(frozen=True)
class Terminal:
    """One person's conversation on a face of our own, of which Telegram sees nothing."""

    installation: Installation
    name: str

    @property
    def person(self) -> str:
        """Their id."""
        return self.installation.people[self.name]

    def types(self, text: str) -> Screen:
        """Type a text, or a command; what is then there."""
        self.installation.hears(self.name, _said(text))
        return self.screen

    def taps(self, *labels: str) -> Screen:
        """Tap one button after the other; what is then there."""
        for label in labels:
            self.forges(self.screen.button(label))
        return self.screen

    def forges(self, data: str) -> Screen:
        """Press a button of their own making; what is then there."""
        self.installation.hears(self.name, None, data)
        return self.screen

    @property
    def screen(self) -> Screen:
        """What is there now."""
        shown = self.installation.desk.view(self.person)
        return Screen(shown.title, shown.text, self.installation.desk.packed(self.person))


def _session(cookie: str) -> str:
    """The name that a session has in storage."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def read_update(raw: dict[str, Any]) -> Update:
    """What the bot makes of a message of a private chat, as Telegram brings it."""
    from telegram import Update as RawUpdate  # with Telegram's client, which few tests need

    from bot.telegram.fast_parser import plain
    from bot.telegram.parser import receive

    read = plain(raw) or receive(RawUpdate.de_json(raw, None), "sample_bot")
    assert isinstance(read, IncomingUpdate)
    return read


def _said(text: str) -> Reply:
    name, _, arg = text.removeprefix("/").partition(" ")
    return Command(name, arg) if text.startswith("/") else TextReply(text)


def context(n: Negotiation | None, me: str = "maya", **more: Any) -> Context:
    """All that somebody may look at, for `say`, `hear` and `go`; ``more`` are fields of it, ``now`` the opening."""
    known = {"name": n.name(me) if n and n.role(me) else me.title(), **({"now": n.opened_at} if n else {})}
    return Context(me=me, n=n, **{**known, **more})


@asynccontextmanager
async def on_telegram(
    there: Any, double: TelegramDouble, *, unasked: bool = False, **more: Any
) -> AsyncIterator[asyncio.Event]:
    """Serve an installation, or what stands in for its desk, on a double until the block ends; it must then stop.

    ``unasked``: it also reminds people and keeps cards in groups. ``more`` are arguments of the face.
    """
    from bot.telegram.bot import run  # with Telegram's client, which few tests need

    desk = there.desk if isinstance(there, Installation) else there
    if unasked:
        more |= {"reminding": ReminderService(desk), "cards": GroupCardService(desk)}
    stop, ready = asyncio.Event(), asyncio.Event()

    async def begins(_: str) -> None:
        ready.set()

    with ThreadPoolExecutor(1) as executor:
        running = asyncio.create_task(run(desk, executor, double.token, double.url, stop, begins, **more))
        try:
            async with asyncio.timeout(10):
                await ready.wait()
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(running, 20)
