"""Screens: what each chat should show, and what it shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.chats import packed, says, shows
from bot.dialog.front import say
from bot.dialog.home import Home
from bot.dialog.place import Paper, Room, Say
from bot.doors import blank_chat
from bot.papers import Ordered, made, order
from bot.rooms import Rooms
from bot.store import ChatRow, PersonRow, Tx
from bot.traffic import Screen, Showing, Shown

AWAY = "I was away for a while. A tap in that time did not reach me; please tap again."


@dataclass(frozen=True, slots=True)
class Turned:
    """What a turn leaves. ``room`` is where the person then is, None when that must be looked up.

    ``wakes`` are the others whose chats changed with it.
    """

    person: PersonRow
    chat: ChatRow
    room: Room | None
    wakes: tuple[str, ...] = ()
    erase: bool = False


class Screens(Rooms):
    """Tells what chats show. A reply is not sent from here: a face shows it after the transaction that caused it."""

    def view(self, person: str, *, veiled: bool = False) -> Say:
        """What a person's chat says now; ``veiled`` where others run the servers that carry it."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None:
                raise LookupError(person)
            if chat is None:
                return say(self._room(tx, row, None, veiled=veiled), Home())
            return says(chat, self._room(tx, row, chat.negotiation, veiled=veiled))

    def packed(self, person: str, *, veiled: bool = False) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The buttons of a person's chat, each label with what it carries."""
        with self.store.reading() as tx:
            chat = tx.chat(person) or blank_chat(person, None)
        return packed(self.view(person, veiled=veiled), chat)

    def screen(self, person: str) -> Screen:
        """All that a person's chat shows now."""
        with self.store.reading() as tx:
            row = tx.person(person)
            if row is None:
                raise LookupError(person)
            chat = tx.chat(person) or blank_chat(person, None)
            return _screen(row, chat, self._room(tx, row, chat.negotiation, veiled=False))

    def screen_after(self, turned: Turned) -> Screen:
        """All that a chat shows after a turn that is committed."""
        if turned.room is None:
            return replace(self.screen(turned.person.id), settled=turned.chat.settle)
        return replace(_screen(turned.person, turned.chat, turned.room), settled=turned.chat.settle)

    def showing(self, person: str) -> Showing | None:
        """What a Telegram chat should show, None when it is shown already or is not on Telegram."""
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None or chat is None or row.telegram_id is None or chat.shown >= chat.rev:
                return None
            room = self._room(tx, row, chat.negotiation, veiled=True)
            ordered = self._order(tx, chat, room)
            shown = says(chat, room)
        paper, text = made(ordered, shown.text)
        return shows(chat, row.telegram_id, replace(shown, text=text), paper, self.pages)

    def after(self, turned: Turned) -> Showing | None:
        """What a chat should show after a turn that is committed; None when `showing` must find it out."""
        telegram_id, chat, room = turned.person.telegram_id, turned.chat, turned.room
        if telegram_id is None or room is None or chat.paper:
            return None
        try:
            return shows(chat, telegram_id, says(chat, room), None, self.pages)
        except Exception:  # noqa: BLE001 (it is heard; whoever asks again is told what is wrong)
            return None

    def _order(self, tx: Tx, chat: ChatRow, room: Room) -> Ordered | None:
        if not chat.paper or room.n is None or chat.negotiation is None:
            return None
        paper = Paper(*json.loads(chat.paper))
        events = partial(self.archive.events, tx, chat.negotiation)
        return order(paper, room, events, tx.file, chat.negotiation, self.pictures)

    def ordered(self, person: str, *, veiled: bool = False, chat: ChatRow | None = None) -> Ordered | None:
        """What a person's last reply asked for, for faces other than Telegram to make and show.

        ``chat`` is as that reply left it, where it may have been changed since.
        """
        with self.store.reading() as tx:
            row, chat = tx.person(person), chat or tx.chat(person)
            return self._order(tx, chat, self._room(tx, row, chat.negotiation, veiled=veiled)) if row and chat else None

    def seen(self, person: str) -> None:
        """Note that a person who reads no Telegram has seen where their chat stands."""
        with self.store.transaction() as tx:
            chat = tx.chat(person)
            if chat is not None:
                tx.shown(person, chat.rev, chat.message_id)

    def shown(self, notes: Sequence[Shown]) -> None:
        """Note what chats show."""
        with self.store.transaction() as tx:
            tx.all_shown([(one.person, one.rev, one.message_id) for one in notes])

    def unshown(self, limit: int = 1000) -> list[str]:
        """The persons whose chat does not show its latest place."""
        with self.store.reading() as tx:
            return list(tx.unshown(limit))

    def say_again(self) -> int:
        """Show every open prompt anew, after an outage in which taps were lost; how many."""
        with self.store.transaction() as tx:
            chats = [chat for person in tx.persons() if person.telegram_id and (chat := tx.chat(person.id))]
            for chat in chats:
                aside = json.dumps({"aside": AWAY, "undo": ""})
                paper = chat.paper if chat.shown < chat.rev else None
                tx.put_chat(replace(chat, aside=aside, paper=paper, fresh=True, rev=chat.rev + 1))
            return len(chats)


def _screen(row: PersonRow, chat: ChatRow, room: Room) -> Screen:
    shown = says(chat, room)
    talks = f"{room.n.counterpart}: {room.n.subject}" if room.n and room.role else ""
    return Screen(row.id, room.name, talks, chat.rev, shown.title, shown.text, packed(shown, chat))
