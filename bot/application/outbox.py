"""Screens: what each chat should show, and what it shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from bot.application.chats import packed, says, shows, standing, wanted
from bot.application.contexts import ContextFactory
from bot.application.documents import Document, order, render_document
from bot.application.membership import blank_chat
from bot.application.messages import ChatView, OutgoingMessage, Receipt, UploadJob
from bot.application.reply_targets import sent_rows
from bot.dialog.contract import Context, DocumentRequest, Message
from bot.dialog.engine import render
from bot.dialog.screens.home import Home
from bot.storage import ChatRow, DeletionRow, PersonRow, UnitOfWork

HELD_SECONDS = 5  # for which a chat is held by the process that shows it, which renews that; then another takes it over
IN_HAND_SECONDS = 30  # for which whoever noted a message that may not stay tries to have it deleted
DELETABLE_SECONDS = 48 * 3600  # after which Telegram lets no bot delete a message in a private chat
LOOKS = 100  # chats taken over at a time
TRIES = 32  # numbers under which a message that was not noted is looked for; as many may have been on their way at once
AWAY = "I was away for a while. A tap in that time did not reach me; please tap again."


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What a turn leaves. ``context`` is where the person then is, None when that must be looked up.

    ``wakes`` are the others whose chats changed with it; ``kept`` is what the answered message says from now on
    where a face of our own keeps it. ``paper`` is what was asked for in such a face: it is brought there, by whoever
    heard the reply, and never into Telegram. ``astray``: what was typed was meant for another place, and not heard.
    """

    person: PersonRow
    chat: ChatRow
    context: Context | None
    wakes: tuple[str, ...] = ()
    erase: bool = False
    kept: str = ""
    paper: DocumentRequest | None = None
    astray: bool = False


class Outbox(ContextFactory):
    """Tells what chats show. A reply is not sent from here: a face shows it after the transaction that caused it."""

    holder = ""  # this process, where several show chats; empty when it is the only one

    def view(self, person: str, *, veiled: bool = False) -> Message:
        """What a person's chat says now; ``veiled`` where others run the servers that carry it."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None:
                raise LookupError(person)
            if chat is None:
                return render(self._context(tx, row, None, veiled=veiled), Home())
            return says(chat, self._context(tx, row, chat.negotiation, veiled=veiled))

    def packed(self, person: str, *, veiled: bool = False) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The buttons of a person's chat, each label with what it carries."""
        with self.store.reading() as tx:
            chat = tx.chat(person) or blank_chat(person, None)
        return packed(self.view(person, veiled=veiled), chat)

    def screen(self, person: str) -> ChatView:
        """All that a person's chat shows now."""
        with self.store.reading() as tx:
            row = tx.person(person)
            if row is None:
                raise LookupError(person)
            chat = tx.chat(person) or blank_chat(person, None)
            context = self._context(tx, row, chat.negotiation, veiled=False)
            shown = _screen(row, chat, context)
        self.look(chat.negotiation, context.n)
        return shown

    def screen_after(self, turned: TurnResult) -> ChatView:
        """All that a chat shows after a turn that is committed."""
        shown = None
        if turned.context is not None:
            with suppress(Exception):  # it says what has to be looked up, and that transaction has ended
                shown = _screen(turned.person, turned.chat, turned.context)
        return replace(shown or self.screen(turned.person.id), settled=turned.kept)

    def showing(self, person: str, *, unsure: bool = False) -> OutgoingMessage | None:
        """What a Telegram chat should show, None when it is shown already or elsewhere, or is not there.

        What it is to be brought is only read here, and made by whoever shows it. ``unsure``: a process that was
        killed may have shown it in a message that it did not note.
        """
        if not self._held(person):
            return None
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None or chat is None or row.telegram_id is None or chat.shown >= chat.rev:
                return None
            context = self._context(tx, row, chat.negotiation, veiled=True)
            papers = tuple(
                UploadJob(asked, paper.called, paper.picture, partial(render_document, paper, ""))
                for paper, asked in self._orders(tx, chat, context)
            )
            shown = shows(chat, row.telegram_id, says(chat, context), papers, pages=self.pages)
            # Where files are still to come, none is looked for: it would stand above them.
            return replace(shown, perhaps=tuple(tx.unnoted(person, TRIES))) if unsure and not papers else shown

    def _held(self, person: str) -> bool:
        """Whether this process may show a chat, and from now on no other."""
        if not self.holder:
            return True
        with self.store.transaction() as tx:
            return person in tx.hold((person,), self.holder, HELD_SECONDS)

    def take_over(self, busy: Sequence[str], limit: int = LOOKS) -> dict[str, bool]:
        """Keep holding the chats that are being shown; take on what is behind and nobody shows; whose.

        For each, whether another process held it to the end: that one may have sent what it did not note.
        """
        with self.store.transaction() as tx:
            tx.hold_on(busy, self.holder, HELD_SECONDS)
            return tx.hold_left(self.holder, HELD_SECONDS, limit)

    def put_off(self, person: str, seconds: int) -> None:
        """Leave a chat that cannot be shown for later; no process tries it before, unless the person says something."""
        with self.store.transaction() as tx:
            tx.put_off(person, self.holder, seconds)

    def backlog(self) -> tuple[int, int]:
        """How many chats are behind, and for how many seconds the oldest of them."""
        with self.store.reading() as tx:
            return tx.backlog()

    def after(self, turned: TurnResult) -> OutgoingMessage | None:
        """What a chat should show after a turn that is committed; None when `showing` must find it out."""
        telegram_id, chat, context = turned.person.telegram_id, turned.chat, turned.context
        if telegram_id is None or context is None or wanted(chat):
            return None
        try:
            return shows(chat, telegram_id, says(chat, context), pages=self.pages)
        except Exception:  # noqa: BLE001 (it is heard; whoever asks again is told what is wrong)
            return None

    def _orders(self, tx: UnitOfWork, chat: ChatRow, context: Context) -> Iterator[tuple[Document, int]]:
        for paper, asked in wanted(chat):
            ordered = self._order(tx, paper, chat.negotiation or 0, context)
            if ordered is not None:
                yield ordered, asked

    def _order(self, tx: UnitOfWork, paper: DocumentRequest, number: int, context: Context) -> Document | None:
        return order(paper, context, partial(self.archive.events, tx, number), tx.file, number, self.pictures)

    def ordered(self, person: str, paper: DocumentRequest | None, *, veiled: bool = False) -> Document | None:
        """What a person asked for, of the talks where their chat stands, for the face that was asked to show."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if paper is None or row is None or chat is None:
                return None
            return self._order(
                tx, paper, chat.negotiation or 0, self._context(tx, row, chat.negotiation, veiled=veiled)
            )

    def seen(self, person: str) -> None:
        """Note that a person who reads no Telegram has seen where their chat stands."""
        with self.store.transaction() as tx:
            chat = tx.chat(person)
            if chat is not None:
                tx.shown(person, chat.rev, chat.message_id)

    def shown(self, notes: Sequence[Receipt]) -> None:
        """Note what chats show."""
        with self.store.transaction() as tx:
            self._note_shown(tx, notes)

    def _note_shown(self, tx: UnitOfWork, notes: Sequence[Receipt]) -> None:
        tx.all_shown([(note.person, note.rev, note.message_id) for note in notes], self.holder)
        tx.note_sent(sent_rows(notes, self.clock().timestamp()))
        self.may_not_stay(tx, [note.takes_away for note in notes if note.takes_away])

    def may_not_stay(self, tx: UnitOfWork, messages: Iterable[tuple[int, int]]) -> None:
        """Keep in mind messages to be deleted, each by its chat and its number, whatever befalls the process."""
        now = int(self.clock().timestamp())
        tx.add_deletions(DeletionRow(chat_id, message_id, now) for chat_id, message_id in messages)

    def take_away(self, chat_id: int, message_id: int) -> None:
        """Keep in mind one message to be deleted."""
        with self.store.transaction() as tx:
            self.may_not_stay(tx, [(chat_id, message_id)])

    def undeleted(self, at_most: int = 50) -> list[tuple[int, int, bool]]:
        """Messages that may not stay and are not known to be deleted: chat, message, whether Telegram may still do it.

        Those of the last half minute are left to whoever has them in hand.
        """
        now = int(self.clock().timestamp())
        with self.store.reading() as tx:
            rows = tx.deletions(now - IN_HAND_SECONDS, at_most)
        return [(row.chat_id, row.message_id, now - row.at < DELETABLE_SECONDS) for row in rows]

    def deleted(self, chat_id: int, message_id: int) -> bool:
        """Note that a message is deleted, or never will be; False when that was noted before."""
        with self.store.transaction() as tx:
            return tx.del_deletion(chat_id, message_id)

    def unshown(self, limit: int = 1000) -> list[str]:
        """The persons whose chat does not show its latest place."""
        with self.store.reading() as tx:
            return list(tx.unshown(limit))

    def resend_all(self) -> int:
        """Show every open prompt anew, after an outage in which taps were lost; how many."""
        with self.store.transaction() as tx:
            chats = [chat for person in tx.persons() if person.telegram_id and (chat := tx.chat(person.id))]
            for chat in chats:
                aside = json.dumps({"aside": AWAY, "undo": ""})
                paper = chat.paper if chat.shown < chat.rev else None
                tx.put_chat(replace(chat, aside=aside, paper=paper, fresh=True, rev=chat.rev + 1))
            return len(chats)


def _screen(row: PersonRow, chat: ChatRow, context: Context) -> ChatView:
    shown = says(chat, context)
    talks = f"{context.n.counterpart}: {context.n.subject}" if context.n and context.role else ""
    return ChatView(
        row.id, context.name, talks, chat.rev, shown.title, shown.text, packed(shown, chat), at=standing(chat)
    )
