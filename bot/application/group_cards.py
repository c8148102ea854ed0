"""The cards in groups: which group shows which talks, and what its card says now.

What a group hears of is its card and nothing else; all other answers go to the person in private.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from bot.application.preferences import shows
from bot.application.security_log import SecurityEvent, record
from bot.application.updates import UpdateHandler
from bot.dialog.callback_data import stored
from bot.dialog.screens.group_cards import (
    CLOSED,
    GETS_ONE,
    HAS_ONE,
    NOT_A_LEAD,
    NOT_PINNED,
    TAKEN,
    ChooseGroupCard,
    card,
)
from bot.domain.access.permissions import Actor, Permission, Resource, authorise
from bot.domain.access.redaction import veiled
from bot.domain.events import PersonId
from bot.storage import GroupCardRow, PersonRow, UnitOfWork

Pin = Literal["pinned", "refused", "later"]

HELD = timedelta(minutes=2)  # for which one replica has a group's card for itself; more than any call takes
AT_ONCE = 50  # groups a look
TITLE = 120  # characters


@dataclass(frozen=True, slots=True)
class CardRequestResult:
    """What comes of a wish for a card: a word to the person in private, or their chat to look at again.

    ``stranger``: the bot does not know them, and says only what it says to every group.
    """

    stranger: bool = False
    private: str = ""
    wake: PersonId | None = None


@dataclass(frozen=True, slots=True)
class GroupCardMessage:
    """What a group's card should say now, in which message; ``closes``: it is said for the last time."""

    group: int
    negotiation: int | None
    text: str
    seq: int
    day: str
    message_id: int | None
    pinned: int | None
    refused: bool

    @property
    def closes(self) -> bool:
        """Whether the card is taken away."""
        return self.negotiation is None


class GroupCardService:
    """Binds groups to negotiations, and tells what their cards should say."""

    def __init__(self, desk: UpdateHandler) -> None:
        """Keep the cards of a desk's negotiations."""
        self._desk = desk

    # What happens in groups

    def asked(self, update_id: int, telegram_id: int, group: int, title: str) -> CardRequestResult:
        """A person asks for a card in a group. Only a lead gets one, and who leads several talks chooses in private."""
        with self._desk.store.transaction() as tx:
            if not self._first(tx, update_id):
                return CardRequestResult()
            person = tx.person_by_telegram(telegram_id)
            if person is None or not self._desk.belongs(tx, person):
                record(
                    tx, self._desk.clock().isoformat(), SecurityEvent.GROUP, person.id if person else None, telegram_id
                )
                return CardRequestResult(stranger=True)
            led = self._led(tx, person)
            if not led:
                return CardRequestResult(private=NOT_A_LEAD)
            named = title[:TITLE] or "the group"
            waits = GroupCardRow(group, None, person.id, named)
            row = tx.group(group, write=True)
            if row is None and not tx.add_group(waits):
                row = tx.group(group, write=True)  # another lead asked at the same moment
            if row is not None and row.negotiation is not None and not row.gone:
                if row.negotiation not in led:
                    return CardRequestResult(private=TAKEN.format(title=named))
                tx.put_group(replace(row, title=named, text=None, day="", refused=False, pinned=None))
                return CardRequestResult(private=HAS_ONE.format(title=named))
            if len(led) == 1:
                tx.put_group(shows(waits, led[0]))
                return CardRequestResult(private=GETS_ONE.format(title=named))
            tx.put_group(waits)
            self._choose(tx, person, group)
            return CardRequestResult(wake=person.id)

    def left(self, group: int, update_id: int | None = None) -> None:
        """The bot is not in a group any more. The row stays for a move of the group that may come with it."""
        with self._desk.store.transaction() as tx:
            if self._first(tx, update_id) and (row := tx.group(group, write=True)) is not None:
                tx.put_group(replace(row, gone=True))

    def may_pin(self, group: int, update_id: int | None = None) -> None:
        """The bot's rights in a group have changed: pinning is tried again."""
        with self._desk.store.transaction() as tx:
            if self._first(tx, update_id) and (row := tx.group(group, write=True)) is not None:
                tx.put_group(replace(row, refused=False, day="" if row.pinned is None else row.day))

    def moved(self, old: int, new: int, update_id: int | None = None) -> None:
        """A group became a supergroup, which has another number and knows none of the old messages."""
        with self._desk.store.transaction() as tx:
            if not self._first(tx, update_id) or (row := tx.group(old, write=True)) is None:
                return
            tx.del_group(old)
            there = tx.group(new, write=True)
            if there is None or there.gone:
                moved = replace(row, chat_id=new, message_id=None, pinned=None, held_until="", refused=False)
                tx.put_group(replace(moved, text=None, day="", gone=False))

    def _first(self, tx: UnitOfWork, update_id: int | None) -> bool:
        return update_id is None or tx.first_time(update_id, self._desk.clock().isoformat())

    def _led(self, tx: UnitOfWork, person: PersonRow) -> list[int]:
        seats = [(number, self._desk.archive.load(tx, number)) for number, _ in tx.seats_of(person.id)]
        return [number for number, n in seats if authorise(Actor(person.id), Permission.LEAD, Resource(n)) is None]

    def _choose(self, tx: UnitOfWork, person: PersonRow, group: int) -> None:
        """Take a person's chat to where they choose which talks a group shows."""
        chat = tx.chat(person.id) or self._desk.doors.new_chat(tx, person)
        told = json.dumps({"aside": "", "undo": ""})
        place = stored(ChooseGroupCard(str(group)))
        tx.put_chat(replace(chat, place=place, aside=told, settle="", paper=None, rev=chat.rev + 1, fresh=True))

    # Showing

    def behind(self) -> list[int]:
        """The groups whose card does not say what is so now."""
        now = self._desk.clock()
        with self._desk.store.reading() as tx:
            return tx.groups_behind(now.date().isoformat(), now.isoformat(), AT_ONCE)

    def take(self, group: int) -> GroupCardMessage | None:
        """What a group's card should say now, for the caller alone to show; None when there is nothing to do."""
        now = self._desk.clock()
        with self._desk.store.transaction() as tx:
            if not tx.hold_group(group, now.isoformat(), (now + HELD).isoformat()):
                return None
            row = tx.group(group, write=True)
            if row is None:
                return None
            showing = self._showing(tx, row)
            kept = row.message_id is not None and row.text == showing.text
            if kept and not showing.closes and (row.refused or row.pinned == row.message_id):
                tx.put_group(replace(row, seq=showing.seq, day=showing.day, held_until=""))
                return None
            return showing

    def _showing(self, tx: UnitOfWork, row: GroupCardRow) -> GroupCardMessage:
        today = self._desk.clock().date()
        text, seq = CLOSED, row.seq
        if row.negotiation is not None:
            n = self._desk.archive.load(tx, row.negotiation)
            text, seq = card(veiled(n), today), n.seq
        day = today.isoformat()
        return GroupCardMessage(row.chat_id, row.negotiation, text, seq, day, row.message_id, row.pinned, row.refused)

    def shown(self, showing: GroupCardMessage, message_id: int | None, pin: Pin) -> tuple[int, str] | None:
        """Note that a card says this now; who is to be told, once, that it could not be pinned, and what."""
        with self._desk.store.transaction() as tx:
            row = tx.group(showing.group, write=True)
            if row is None:
                return None
            if row.negotiation is None and showing.closes:
                tx.del_group(showing.group)
                return None
            now = replace(row, message_id=message_id, held_until="", text=None, day="")
            if row.negotiation == showing.negotiation:  # else taken away, or given to other talks, meanwhile
                now = replace(now, text=showing.text, seq=showing.seq, day="" if pin == "later" else showing.day)
                now = replace(now, pinned=message_id if pin == "pinned" else None, refused=pin == "refused")
            tx.put_group(now)
            lead = tx.person(row.asked_by)
            leads = lead is not None and row.negotiation in self._led(tx, lead)
        if lead is None or not leads or lead.telegram_id is None or row.refused or not now.refused:
            return None
        return lead.telegram_id, NOT_PINNED.format(title=row.title)

    def let_go(self, group: int, seconds: float = 0) -> None:
        """Leave a group's card for later: after so many seconds, as Telegram may ask."""
        until = (self._desk.clock() + timedelta(seconds=seconds)).isoformat() if seconds else ""
        with self._desk.store.transaction() as tx:
            if (row := tx.group(group, write=True)) is not None:
                tx.put_group(replace(row, held_until=until))
