"""The doors: the first code, invitations, and seats at a negotiation."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.archive import Archive
from bot.core.charge import of_section
from bot.core.events import Joined, Left, Restricted, Role, RoleGiven, Shielded
from bot.core.need import hidden_from, may_see
from bot.core.negotiation import Happened, Negotiation
from bot.core.told import told
from bot.dialog.front import withheld
from bot.dialog.home import Home
from bot.dialog.permits import KEPT
from bot.dialog.place import Room
from bot.dialog.sealed import TAPPED, stand_in
from bot.dialog.team import hashed
from bot.dialog.wire import Garbled, restored, stored
from bot.store import ChatRow, InviteRow, PersonRow, Tx

ALREADY_IN = "You are in already; the invitation is still good for somebody else."
FIRST_CODE = "first_code"
LED = "led"  # who came in by it


class Doors:
    """Lets people in, each by a code or a link that works once."""

    def __init__(self, archive: Archive, clock: Callable[[], datetime]) -> None:
        """Seat people in the archive's negotiations."""
        self._archive = archive
        self.clock = clock

    def let_in(
        self, tx: Tx, person: PersonRow | None, secret: str, name: str, telegram_id: int | None
    ) -> PersonRow | None:
        """Let in whoever brings the first code or an invitation; None when the secret opens nothing.

        Without a Telegram account they come in from a browser.
        """
        code, now = hashed(secret), self.clock()
        if tx.get_office(FIRST_CODE) == code:
            tx.del_office(FIRST_CODE)
            person = person or self.add(tx, name, telegram_id)
            tx.make_lead(person.id)
            tx.set_office(LED, person.id)
            self._home(tx, person, None)
            return person
        invite = tx.invite(code)
        if invite is None or invite.used_at or datetime.fromisoformat(invite.expires_at) < now:
            return None
        if invite.person is not None and person is not None:
            return None
        if invite.person is not None and not self._still(tx, invite, telegram_id):
            return None
        if person is not None and not self._adds(tx, person, invite):
            self._home(tx, person, invite.negotiation, ALREADY_IN)
            return person
        if not tx.use_invite(code, now.isoformat()):
            return None
        if invite.person is not None:
            if telegram_id is not None:
                tx.link_person(invite.person, telegram_id)
            person = tx.person(invite.person)
        person = person or self.add(tx, name, telegram_id)
        if invite.negotiation is not None and invite.person is None:
            self.join(tx, person, invite)
        self._home(tx, person, invite.negotiation)
        return person

    def _still(self, tx: Tx, invite: InviteRow, telegram_id: int | None) -> bool:
        """Whether a link for one person still lets them in: not to another's Telegram, nor after they left."""
        row = tx.person(invite.person or "")
        linked = row is not None and row.telegram_id not in {None, telegram_id} and telegram_id is not None
        sits = row is not None and (invite.negotiation is None or invite.negotiation in dict(tx.seats_of(row.id)))
        return sits and not linked

    def awaited(self, tx: Tx, secret: str) -> str | None:
        """Whom a secret lets in: a name, empty for anybody; None when it opens nothing."""
        code = hashed(secret)
        if tx.get_office(FIRST_CODE) == code:
            return ""
        invite = tx.invite(code)
        if invite is None or invite.used_at or datetime.fromisoformat(invite.expires_at) < self.clock():
            return None
        person = tx.person(invite.person) if invite.person else None
        return person.name if person else ""

    def shut_out(self, tx: Tx, happened: tuple[Happened, ...]) -> None:
        """End the sessions of those who left and sit nowhere any more."""
        for one in happened:
            if isinstance(one.event, Left) and not tx.seats_of(one.event.person):
                tx.end_sessions(one.event.person)

    def _adds(self, tx: Tx, person: PersonRow, invite: InviteRow) -> bool:
        """Whether an invitation gives a person anything they do not have."""
        role = dict(tx.seats_of(person.id)).get(invite.negotiation or 0)
        return role is None or (invite.role == Role.LEAD and role != Role.LEAD)

    def _home(self, tx: Tx, person: PersonRow, number: int | None, aside: str = "") -> None:
        chat = tx.chat(person.id) or self.new_chat(tx, person)
        number = number or chat.negotiation
        told = json.dumps({"aside": aside, "undo": ""})
        home = replace(chat, negotiation=number, place=stored(Home()), aside=told, paper=None, fresh=True)
        tx.put_chat(replace(home, rev=chat.rev + 1))

    def join(self, tx: Tx, person: PersonRow, invite: InviteRow) -> None:
        """Seat a person where an invitation says, under a name nobody else there has."""
        number = invite.negotiation
        n = self._archive.load(tx, number, write=True) if number is not None else None
        if n is None or number is None or n.role(person.id) == invite.role:
            return
        taken = {one.name for one in n.here if one.id != person.id}
        name = next(
            name
            for count in range(1, 10_000)
            if (name := person.name if count == 1 else f"{person.name} {count}") not in taken
        )
        event = Joined(person=person.id, name=name, role=Role(invite.role))
        happened = Happened(n.seq + 1, self.clock(), person.id, event)
        self._archive.save(tx, number, (happened,), None)

    def add(self, tx: Tx, name: str, telegram_id: int | None, *, lead: bool = False) -> PersonRow:
        """Add a person."""
        person = PersonRow(
            "p" + secrets.token_hex(5), name[:60] or "somebody", telegram_id, lead, self.clock().isoformat()
        )
        tx.add_person(person)
        return person

    def new_chat(self, tx: Tx, person: PersonRow) -> ChatRow:
        """Begin a person's chat, at home in the first of their negotiations."""
        seats = tx.seats_of(person.id)
        chat = blank_chat(person.id, seats[0][0] if seats else None)
        tx.put_chat(chat)
        return chat

    def close(self, tx: Tx, number: int, n: Negotiation, happened: tuple[Happened, ...]) -> None:
        """Close what others may no longer see, in their chats too, and tell those whose role is another now."""
        chats = {one.person: one for one in tx.chats_at(number)} if any(map(_shuts, happened)) else {}
        for one in happened:
            match one.event:
                case RoleGiven(person=person) if person != one.by and person in chats:
                    chat = self._closed(chats[person], n) if hidden_from(n, person) else chats[person]
                    aside = json.dumps({"aside": f"{told(n, one)}.", "undo": ""})
                    tx.put_chat(replace(chat, aside=aside, rev=chats[person].rev + 1, fresh=True))
                case Restricted(section=section):
                    for chat in chats.values():
                        if chat.person != one.by and not may_see(n, chat.person, of_section(section)):
                            tx.put_chat(self._closed(chat, n))
                case Shielded():
                    for chat in chats.values():
                        if chat.person != one.by:
                            tx.put_chat(self._cleared(chat, n))

    def _closed(self, chat: ChatRow, n: Negotiation) -> ChatRow:
        """A chat in which nothing is left of what was said to it last; it goes home from what it may not see.

        A document it asked for is made when it is shown, as the person may see it then.
        """
        chat = replace(chat, aside="", settle="")
        try:
            place = restored(chat.place)
        except Garbled:
            return chat
        if not withheld(Room(me=chat.person, name="", now=self.clock(), n=n), place):
            return chat
        aside = json.dumps({"aside": KEPT, "undo": ""})
        return replace(chat, place=stored(Home()), aside=aside, rev=chat.rev + 1)

    def _cleared(self, chat: ChatRow, n: Negotiation) -> ChatRow:
        """A chat to be shown anew, as it may be carried now; it leaves what it may not show, and what it was told."""
        chat = replace(chat, aside="", settle="", rev=chat.rev + 1)
        with suppress(Garbled):
            room = Room(me=chat.person, name="", now=self.clock(), n=n, veiled=True)
            place = restored(chat.place)
            if (stand := stand_in(room, place)) != place:
                aside = json.dumps({"aside": TAPPED, "undo": ""})
                return replace(chat, place=stored(stand), aside=aside)
        return chat


def blank_chat(person: str, negotiation: int | None) -> ChatRow:
    """A chat in which nothing was said or shown yet: at home, to be shown as a new message."""
    return ChatRow(
        person=person,
        negotiation=negotiation,
        place=stored(Home()),
        aside="",
        settle="",
        paper=None,
        fresh=True,
        rev=1,
        shown=0,
        message_id=None,
        answering=None,
    )


def _shuts(happened: Happened) -> bool:
    return isinstance(happened.event, RoleGiven | Restricted | Shielded)
