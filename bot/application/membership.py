"""The doors: the first code, invitations, and seats at a negotiation."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.application.announcements import notify
from bot.application.negotiations import NegotiationRepository
from bot.dialog.answer_slot import not_recorded
from bot.dialog.callback_data import UnknownCallback, restored, stored
from bot.dialog.contract import Command, Context, Place, Reply, TextReply
from bot.dialog.refusals import KEPT, entry
from bot.dialog.screens.admission import WAITS, AwaitingAdmission, knocks, knocks_elsewhere
from bot.dialog.screens.home import Home
from bot.dialog.screens.redacted import TAPPED, stand_in
from bot.dialog.screens.team import INVITE_DAYS, Invitation, Team, hashed
from bot.domain.access.need_to_know import hidden_from, may_see
from bot.domain.access.permissions import Actor, Denial, Permission, Resource, authorise
from bot.domain.events import (
    Joined,
    Knocked,
    Left,
    PassphraseReset,
    Renamed,
    Restricted,
    Role,
    RoleGiven,
    Shielded,
    TurnedAway,
)
from bot.domain.events.base import of_section
from bot.domain.negotiation import Happened, Negotiation, Newcomer
from bot.domain.person_names import person_name
from bot.domain.wording.history import told
from bot.storage import ChatRow, InviteRow, PersonRow, Tampered, UnitOfWork

ALREADY_IN = "You are in already; the invitation is still good for somebody else."
BY_LINK = "Somebody signed in as you by a link that was made for you. If it was not you, tell your office at once."
USED, EXPIRED = "That invitation was used.", "That invitation has run out."
RENAMED = "Here you are called {}: names are kept plain, and no two look alike. Under Team you can change yours."
FIRST_CODE = "first_code"
# The link of an invitation, to a chat or to a page.
LINK = re.compile(r"(?i)(?:https?://)?[^\s?]+\.[^\s?]+\?(?:\S*&)?(?:start|s)=([a-z0-9_-]{8,64})")
CODE = re.compile(r"[A-Za-z0-9_-]{20,64}")  # of one, as `secrets.token_urlsafe` makes it
MARKS = " \t\n.,;:!<>()[]\"'“”‘’«»`"  # around a code that somebody passes on
LED = "led"  # who came in by it
LATEST = "latest"  # the latest time that the clock ever showed
SET_BACK = timedelta(days=7)
OVERDUE_AT_ONCE = 100  # invitations
SLACK = timedelta(minutes=5)  # by which the clocks of replicas may differ


def invitation_secret(said: Reply | None, *, stranger: bool) -> str:
    """The secret of an invitation that a message brings: with /start, in its link, or alone; empty for none.

    Who is in already brings one by its link alone: other words of theirs are answers.
    """
    match said:
        case Command(name="start", arg=arg) if arg:
            found = LINK.search(arg)
            return found[1] if found else arg.strip(MARKS)
        case TextReply(text=text) if found := LINK.search(text):
            return found[1] if stranger or len(text.split()) == 1 else ""
        case TextReply(text=text) if stranger and CODE.fullmatch(text.strip(MARKS)):
            return text.strip(MARKS)
        case _:
            return ""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who came in, or to the door; ``wakes`` are the leads whose chats say so."""

    person: PersonRow
    wakes: tuple[str, ...] = ()


class MembershipService:
    """Lets people in, each by a code or a link that works once."""

    def __init__(self, archive: NegotiationRepository, clock: Callable[[], datetime]) -> None:
        """Seat people in the archive's negotiations."""
        self._archive = archive
        self.clock = clock

    def let_in(
        self,
        tx: UnitOfWork,
        person: PersonRow | None,
        secret: str,
        name: str,
        telegram_id: int | None,
        handle: str = "",
    ) -> Admission | None:
        """Let in whoever brings the first code or an invitation; None when the secret opens nothing.

        Without a Telegram account they come in from a browser. Where a lead is asked first, they only come to the
        door, and the invitation is used up all the same.
        """
        code = hashed(secret)
        if self._is_first_code(tx, code):
            return self._first(tx, person or person_name(name, handle), code, telegram_id)
        invite = self._opening(tx, code)
        if invite is None:
            self.note_over(tx, secret)
            return None
        if invite.person is not None and person is not None:
            return None
        if invite.person is not None and not self._still(tx, invite, telegram_id):
            return None
        if person is not None and not self._adds(tx, person, invite):
            self._home(tx, person, invite.negotiation, ALREADY_IN)
            return Admission(person)
        if not tx.use_invite(code, self.clock().isoformat()):
            return None
        if invite.person is not None:
            if telegram_id is not None:
                tx.link_person(invite.person, telegram_id)
            person = tx.person(invite.person)
        person = person or self.add(tx, name, telegram_id, handle)
        if invite.person is not None:
            self._home(tx, person, invite.negotiation, BY_LINK)
            return Admission(person)
        return self._entered(tx, person, invite, Newcomer(person.id, name or person.name, handle, Role(invite.role)))

    def _first(self, tx: UnitOfWork, person: PersonRow | str, code: str, telegram_id: int | None) -> Admission | None:
        """Let in whoever is to lead first, who may be only a name yet; None when somebody else was quicker."""
        if not tx.take_office(FIRST_CODE, code):
            return None
        if isinstance(person, str):
            person = self.add(tx, person, telegram_id)
        tx.make_lead(person.id)
        tx.set_office(LED, person.id)
        self._home(tx, person, None)
        return Admission(person)

    def latest(self, tx: UnitOfWork) -> datetime:
        """Now, or the latest time noted before if the clock went back. By more than `SET_BACK` it was wrong before."""
        now, noted = self.clock(), tx.get_office(LATEST)
        latest = datetime.fromisoformat(noted) if noted else now
        return latest if now < latest < now + SET_BACK else now

    def note_time(self, tx: UnitOfWork) -> None:
        """Write down how late it is, and which invitations have run out by now."""
        with suppress(Tampered):  # which the log tells; what is there stays, for whoever looks into it
            latest = self.latest(tx)
            tx.set_office(LATEST, latest.isoformat())
            for invite in tx.overdue_invites(latest.isoformat(), OVERDUE_AT_ONCE):
                tx.run_out(invite, self.clock().isoformat())

    def is_over(self, tx: UnitOfWork, secret: str) -> bool:
        """Whether an invitation has run out, and nobody wrote that down yet."""
        return self._overdue(tx, hashed(secret)) is not None

    def note_over(self, tx: UnitOfWork, secret: str) -> None:
        """Write down that an invitation has run out: no clock brings it back."""
        if (invite := self._overdue(tx, hashed(secret))) is not None:
            tx.run_out(invite, self.clock().isoformat())

    def _overdue(self, tx: UnitOfWork, code: str) -> InviteRow | None:
        """The invitation of this hash, where it is open and its time is over."""
        invite = tx.invite(code)
        with suppress(Tampered):
            if invite is not None and invite.is_open and self._is_over(tx, invite):
                return invite
        return None

    def _is_first_code(self, tx: UnitOfWork, code: str) -> bool:
        """Whether this makes the first lead: nobody came by it, and nobody put it there again."""
        try:
            if tx.get_office(FIRST_CODE) != code:
                return False
            tx.prove("office")
            return tx.get_office(LED) is None
        except Tampered:
            return False

    def _opening(self, tx: UnitOfWork, code: str) -> InviteRow | None:
        """The invitation of this hash, where it opens something: it is not used, not over, and was not put there."""
        invite = tx.invite(code)
        if invite is None or not invite.is_open:
            return None
        try:
            if self._is_over(tx, invite) or self._is_early(invite):
                return None
            tx.prove("office")
            tx.prove("invites")
        except Tampered:
            return None
        return invite

    def _is_over(self, tx: UnitOfWork, invite: InviteRow) -> bool:
        return datetime.fromisoformat(invite.expires_at) < self.latest(tx)

    def _is_early(self, invite: InviteRow) -> bool:
        """Whether the clock stands before the invitation was made: then it is wrong, and cannot be trusted to tell."""
        return self.clock() < datetime.fromisoformat(invite.expires_at) - timedelta(days=INVITE_DAYS) - SLACK

    def _entered(self, tx: UnitOfWork, person: PersonRow, invite: InviteRow, newcomer: Newcomer) -> Admission:
        """Seat a person, or leave them at the door where a lead is asked first."""
        number = invite.negotiation
        n = self._archive.load(tx, number, write=True) if number is not None else None
        if n is None or number is None or not {"", invite.hash} & n.screened:
            called = self.join(tx, person, invite)
            self._home(tx, person, number, RENAMED.format(called) if called not in {"", newcomer.name.strip()} else "")
            return Admission(person)
        self._authorised(n, person)
        newcomer = replace(newcomer, name=n.unused(person.id, person_name(newcomer.name, newcomer.handle)))
        knocked = Knocked(person=person.id, name=newcomer.name, handle=newcomer.handle, role=newcomer.role)
        self._archive.save(tx, number, (Happened(n.seq + 1, self.clock(), person.id, knocked),), None)
        if tx.seats_of(person.id) or person.lead:
            self._home(tx, person, None, WAITS)
        else:
            chat = tx.chat(person.id) or blank_chat(person.id, None)
            at_door = replace(
                chat, negotiation=None, place=stored(AwaitingAdmission()), aside="", settle="", paper=None
            )
            tx.put_chat(replace(at_door, fresh=True, rev=chat.rev + 1))
        called, elsewhere = knocks(newcomer), knocks_elsewhere(n)
        return Admission(person, tuple(lead for lead in n.leads if notify(tx, lead, number, called, elsewhere)))

    def _authorised(self, n: Negotiation, person: PersonRow) -> None:
        if authorise(Actor(person.id, invited=True), Permission.ENTER, Resource(n)) is not None:
            raise PermissionError

    def decided(self, tx: UnitOfWork, number: int, n: Negotiation, happened: tuple[Happened, ...]) -> None:
        """Tell those who waited what a lead decided: they come in, or they are strangers again."""
        for change in happened:
            match change.event:
                case Joined(person=joined) if joined != change.by and (person := tx.person(joined)) is not None:
                    chat = tx.chat(joined)
                    if chat is None or chat.negotiation is None:
                        self._home(tx, person, number)
                    else:
                        words = f"You are in the delegation for the talks with {n.counterpart} now."
                        notify(tx, joined, number, words, words)
                case TurnedAway(person=away) if (chat := tx.chat(away)) and isinstance(_place(chat), AwaitingAdmission):
                    tx.put_chat(replace(chat, place=stored(Home()), aside="", fresh=True, rev=chat.rev + 1))

    def close_links(self, tx: UnitOfWork, number: int) -> tuple[str, ...]:
        """Take links that open nothing any more out of the chats that show them; whose chats."""
        now, closed = self.clock(), []
        for chat in tx.chats_at(number):
            try:
                place = restored(chat.place)
            except UnknownCallback:
                continue
            if not isinstance(place, Invitation):
                continue
            invite = tx.invite(hashed(place.secret))
            if invite is not None and invite.is_open:
                if datetime.fromisoformat(invite.expires_at) >= now:
                    continue
                tx.run_out(invite, now.isoformat())
            says = json.dumps({"aside": USED if invite and invite.used_at else EXPIRED, "undo": ""})
            tx.put_chat(replace(chat, place=stored(Team()), aside=says, rev=chat.rev + 1))
            closed.append(chat.person)
        return tuple(closed)

    def _still(self, tx: UnitOfWork, invite: InviteRow, telegram_id: int | None) -> bool:
        """Whether a link for one person still lets them in: not to another's Telegram, nor after they left.

        Nor may a lead's link open more than what that lead leads: whoever sits elsewhere, or leads, has theirs from
        whoever runs the server.
        """
        row = tx.person(invite.person or "", write=True)  # of two links at once, the second sees whose they are now
        if row is None or (telegram_id is not None and row.telegram_id not in {None, telegram_id}):
            return False
        seats = dict(tx.seats_of(row.id))
        mine = seats.keys() == {invite.negotiation} and Role.LEAD not in seats.values() and not row.lead
        return invite.negotiation is None or mine

    def awaited(self, tx: UnitOfWork, secret: str) -> str | None:
        """Whom a secret lets in: a name, empty for anybody; None when it opens nothing."""
        code = hashed(secret)
        if self._is_first_code(tx, code):
            return ""
        invite = self._opening(tx, code)
        if invite is None:
            return None
        person = tx.person(invite.person) if invite.person else None
        return person_name(person.name) if person else ""

    def shut_out(self, tx: UnitOfWork, happened: tuple[Happened, ...]) -> None:
        """End the sessions of those who left and sit nowhere any more, and of those whose passphrase was reset."""
        for change in happened:
            match change.event:
                case PassphraseReset(person=person):
                    self.forget_phrase(tx, person)
                case Left(person=person) if not tx.seats_of(person):
                    self.forget_phrase(tx, person)

    def forget_phrase(self, tx: UnitOfWork, person: str) -> None:
        """Forget a passphrase, and end what it may have opened."""
        tx.forget_phrase(person)
        tx.end_sessions(person)

    def _adds(self, tx: UnitOfWork, person: PersonRow, invite: InviteRow) -> bool:
        """Whether an invitation gives a person anything they do not have."""
        role = dict(tx.seats_of(person.id)).get(invite.negotiation or 0)
        return role is None or (invite.role == Role.LEAD and role != Role.LEAD)

    def _home(self, tx: UnitOfWork, person: PersonRow, number: int | None, aside: str = "") -> None:
        chat = tx.chat(person.id) or self.new_chat(tx, person)
        left = self._left(tx, chat)
        number = number or chat.negotiation
        told = json.dumps({"aside": "\n".join(filter(None, (aside, left))), "undo": ""})
        home = replace(chat, negotiation=number, place=stored(Home()), aside=told, paper=None, fresh=True)
        tx.put_chat(replace(home, rev=chat.rev + 1))

    def _left(self, tx: UnitOfWork, chat: ChatRow) -> str:
        """What is told of words that waited where somebody was; not which, where they are kept out of chats."""
        place = _place(chat)
        words = place.unrecorded() if place else ""
        n = self._archive.load(tx, chat.negotiation) if words and chat.negotiation is not None else None
        if n is not None and n.shields:
            return "What waited to be recorded was not."
        return not_recorded(words) if words else ""

    def join(self, tx: UnitOfWork, person: PersonRow, invite: InviteRow) -> str:
        """Seat a person where an invitation says; the name they have there, which looks like nobody else's."""
        number = invite.negotiation
        n = self._archive.load(tx, number, write=True) if number is not None else None
        if n is None or number is None or n.role(person.id) == invite.role:
            return n.name(person.id) if n else ""
        self._authorised(n, person)
        name = n.unused(person.id, person_name(person.name))
        event = Joined(person=person.id, name=name, role=Role(invite.role))
        happened = Happened(n.seq + 1, self.clock(), person.id, event)
        self._archive.save(tx, number, (happened,), None)
        return name

    def waits(self, tx: UnitOfWork, person: PersonRow) -> bool:
        """Whether somebody who has no seat stands at a door."""
        chat = tx.chat(person.id)
        return chat is not None and isinstance(_place(chat), AwaitingAdmission)

    def add(
        self, tx: UnitOfWork, name: str, telegram_id: int | None, handle: str = "", *, lead: bool = False
    ) -> PersonRow:
        """Add a person."""
        called, now = person_name(name, handle), self.clock().isoformat()
        person = PersonRow("p" + secrets.token_hex(5), called, telegram_id, lead, now)
        tx.add_person(person)
        return person

    def new_chat(self, tx: UnitOfWork, person: PersonRow) -> ChatRow:
        """Begin a person's chat, at home in the first of their negotiations."""
        seats = tx.seats_of(person.id)
        chat = blank_chat(person.id, seats[0][0] if seats else None)
        tx.put_chat(chat)
        return chat

    def close(self, tx: UnitOfWork, number: int, n: Negotiation, happened: tuple[Happened, ...]) -> None:
        """Close what others may no longer see, in their chats too, and tell those whose role or name is another now."""
        chats = tx.locked_at(number) if any(map(_shuts, happened)) else {}
        for change in happened:
            match change.event:
                case RoleGiven(person=person) if person != change.by and person in chats:
                    chat = self._closed(chats[person], n) if hidden_from(n, person) else chats[person]
                    aside = json.dumps({"aside": f"{told(n, change)}.", "undo": ""})
                    tx.put_chat(replace(chat, aside=aside, rev=chats[person].rev + 1, fresh=True))
                case Renamed(person=person) if person != change.by:
                    notify(tx, person, number, f"{told(n, change)}.", f"{told(n, change)}.")
                case Restricted(section=section):
                    for chat in chats.values():
                        if chat.person != change.by and not may_see(n, chat.person, of_section(section)):
                            tx.put_chat(self._closed(chat, n))
                case Shielded():
                    for chat in chats.values():
                        if chat.person != change.by:
                            tx.put_chat(self._cleared(chat, n))

    def _closed(self, chat: ChatRow, n: Negotiation) -> ChatRow:
        """A chat in which nothing is left of what was said to it last; it goes home from what it may not see.

        A document it asked for is made when it is shown, as the person may see it then.
        """
        chat = replace(chat, aside="", settle="")
        place = _place(chat)
        if place is None:
            return chat
        if entry(Context(me=chat.person, name="", now=self.clock(), n=n), place) is not Denial.KEPT:
            return chat
        aside = json.dumps({"aside": KEPT, "undo": ""})
        return replace(chat, place=stored(Home()), aside=aside, rev=chat.rev + 1)

    def _cleared(self, chat: ChatRow, n: Negotiation) -> ChatRow:
        """A chat to be shown anew, as it may be carried now; it leaves what it may not show, and what it was told."""
        chat = replace(chat, aside="", settle="", rev=chat.rev + 1)
        with suppress(UnknownCallback):
            context = Context(me=chat.person, name="", now=self.clock(), n=n, veiled=True)
            place = restored(chat.place)
            if (stand := stand_in(context, place)) != place:
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


def _place(chat: ChatRow) -> Place | None:
    try:
        return restored(chat.place)
    except UnknownCallback:
        return None
