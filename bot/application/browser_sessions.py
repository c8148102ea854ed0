"""Browsers at the desk: who is signed in, and what they say and see. A face calls this from a thread of its own."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.application.documents import Document
from bot.application.file_use import FileUse
from bot.application.messages import ChatView, IncomingReply
from bot.application.outbox import TurnResult
from bot.application.security_log import SecurityEvent
from bot.application.updates import UpdateHandler
from bot.dialog.contract import BOT_LINK
from bot.dialog.screens.group_cards import COMMAND as CARD
from bot.domain.access.permissions import Permission, is_for_anybody
from bot.storage import Conflict, SessionRow, StoreBusy, UnitOfWork

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)  # of a session
TOUCHED = timedelta(minutes=5)  # how exactly the last use is noted
TOKEN_BYTES = 32
TRIES = 3  # against another writer


@dataclass(frozen=True, slots=True)
class BrowserAnswer:
    """What became of a reply: the screen after it, what it asked for, whose chats changed with it.

    ``told`` is False for a repeat, which was heard before; ``refused`` is what no page of theirs can have sent.
    ``talks`` is the number of those it was about. ``astray``: it was typed at another place, and was not heard.
    """

    screen: ChatView
    ordered: Document | None = None
    wakes: tuple[str, ...] = ()
    told: bool = True
    refused: bool = False
    talks: int | None = None
    astray: bool = False


class BrowserSessionService:
    """What browsers may do with a desk. Each call is one transaction or two, and blocks."""

    def __init__(self, desk: UpdateHandler) -> None:
        """Work on a desk."""
        self._desk = desk
        self._key = desk.store.derived("browser session").encode()

    def now(self) -> datetime:
        """The desk's time."""
        return self._desk.clock()

    @property
    def commands(self) -> tuple[tuple[str, str], ...]:
        """The commands that are of use here, each with what it does."""
        return tuple(command for command in self._desk.commands if command[0] != CARD or BOT_LINK in self._desk.link)

    # Sessions

    def sign_in(self, person: str) -> str:
        """Begin a session; its secret, of which only a hash is kept."""
        with self._desk.store.transaction() as tx:
            return self._begun(tx, person)

    def _begun(self, tx: UnitOfWork, person: str) -> str:
        """Keep a session. Its secret tells whose it is, signed: no row that somebody writes speaks for another."""
        now, chance = self._desk.clock(), secrets.token_urlsafe(TOKEN_BYTES)
        token = f"{chance}.{self._signed(person, chance)}"
        tx.forget_sessions((now - LONGEST).isoformat(), (now - IDLE).isoformat())
        tx.add_session(SessionRow(hashed(token), person, now.isoformat(), now.isoformat()))
        return token

    def _signed(self, person: str, chance: str) -> str:
        return hmac.new(self._key, f"{person}/{chance}".encode(), hashlib.sha256).hexdigest()

    def sign_in_by_telegram(self, telegram_id: int, once: str) -> tuple[str, str] | None:
        """Begin a session for whoever opened a page in Telegram: who they are, and its secret.

        None for strangers, and for an opening that was used before: ``once`` is its own.
        """
        now = self._desk.clock().isoformat()
        with self._desk.store.transaction() as tx:
            person = tx.person_by_telegram(telegram_id)
            if person is None or not tx.first_time(numbered("initData", once, ""), now):
                return None
            return person.id, self._begun(tx, person.id)

    def who(self, token: str, *, used: bool = True) -> str | None:
        """Whose session this is; None when it is nobody's or has expired. ``used``: by somebody, and so it goes on."""
        now = self._desk.clock()
        with self._desk.store.reading() as tx:
            row = tx.session_of_known(hashed(token))
        if row is None:
            return None
        if now - _at(row.made_at) > LONGEST or now - _at(row.used_at) > IDLE:
            self.sign_out(token)  # for good, whatever becomes of the clock
            return None
        chance, _, signed = token.partition(".")
        if not hmac.compare_digest(signed.encode(), self._signed(row.person, chance).encode()):
            return None
        if used and now - _at(row.used_at) > TOUCHED:
            with self._desk.store.transaction() as tx:
                tx.use_session(row, now.isoformat())
        return row.person

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._desk.store.transaction() as tx:
            tx.end_session(hashed(token))

    # The door

    def awaited(self, secret: str) -> str | None:
        """Whom an invitation lets in: a name, empty for anybody; None when it opens nothing."""
        with self._desk.store.reading() as tx:
            awaited = self._desk.doors.awaited(tx, secret)
            is_over = awaited is None and self._desk.doors.is_over(tx, secret)
        if is_over:
            with self._desk.store.transaction() as tx:
                self._desk.doors.note_over(tx, secret)
        return awaited

    def join(self, secret: str, name: str, person: str | None) -> tuple[str, tuple[str, ...]] | None:
        """Let somebody in who brings an invitation; who they are, and whose chats changed. None: it opens nothing."""
        doors = self._desk.doors
        with self._desk.store.transaction() as tx:
            row = tx.person(person) if person else None
            found = doors.let_in(tx, row, secret, name, None)
            chat = tx.chat(found.person.id) if found else None
            closed = doors.close_links(tx, chat.negotiation) if chat and chat.negotiation is not None else ()
        self._desk.archive.committed(tx)
        return (found.person.id, (found.person.id, *found.wakes, *closed)) if found else None

    def may(self, person: str, verb: Permission, number: int | None = None) -> bool:
        """Whether a person may do this in some talks; without a number, in those that their chat is at."""
        if is_for_anybody(verb):  # asked at every page, which looks at the talks itself
            return True
        with self._desk.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            number = number or (chat.negotiation if chat else None)
            return row is not None and self._desk.own_context(tx, row, number).may(verb)

    # The conversation

    def screen(self, person: str) -> ChatView:
        """What a person's chat shows now."""
        return self._desk.screen(person)

    def reply(self, batch: Sequence[IncomingReply]) -> list[BrowserAnswer]:
        """Hear replies in one transaction, each once. When this raises, none of them was heard."""
        for left in reversed(range(TRIES)):
            try:
                turns = self._desk.reply_all(batch)
            except (Conflict, StoreBusy):
                if not left:
                    raise
            else:
                return [self._answer(reply.person, turned) for reply, turned in zip(batch, turns, strict=True)]
        raise AssertionError  # the last try returns or raises

    def file_use(self, person: str, *names: str) -> FileUse:
        """What becomes of a file that a person sends now, before anything of it is read; of any where none is named."""
        return self._desk.file_use(person, *names)

    def _answer(self, person: str, turned: TurnResult | SecurityEvent | None) -> BrowserAnswer:
        if turned is None:
            return BrowserAnswer(self._desk.screen(person), told=False)
        if isinstance(turned, SecurityEvent):
            return BrowserAnswer(self._desk.screen(person), told=False, refused=True)
        ordered = self._desk.ordered(person, turned.paper)
        screen, talks = self._desk.screen_after(turned), turned.chat.negotiation
        return BrowserAnswer(screen, ordered, (person, *turned.wakes), talks=talks, astray=turned.astray)

    def seats(self, person: str) -> frozenset[int]:
        """The numbers of the negotiations that a person sits in now: what was brought of others is not theirs."""
        with self._desk.store.reading() as tx:
            return frozenset(number for number, _ in tx.seats_of(person))

    def backlog(self) -> tuple[int, int]:
        """How many chats on Telegram are behind, and for how many seconds the oldest of them."""
        return self._desk.backlog()

    def marks(self, persons: Sequence[str]) -> dict[str, tuple[object, ...]]:
        """What is another whenever a chat may have something else to show."""
        with self._desk.store.reading() as tx:
            marks = tx.marks(persons)
        return {person: (*mark, self._desk.now().date()) for person, mark in marks.items()}


def hashed(token: str) -> str:
    """What is kept of a session's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def numbered(person: str, once: str, what: str) -> int:
    """A reply's number among updates: below zero, where Telegram has none; the same for the same words again."""
    digest = hashlib.sha256(f"{person}\n{once}\n{what}".encode()).digest()
    return -1 - (int.from_bytes(digest[:8]) >> 1)
