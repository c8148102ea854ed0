"""What people want of the bot beside what they say of their talks: how to be reminded, cards in groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.dialog.contract import CardedGroup, GroupCardRequest, Outcome
from bot.dialog.parsing.whole import whole
from bot.domain.events import PersonId
from bot.domain.reminders import NotificationPreferences
from bot.storage import GroupCardRow, PreferencesRow, UnitOfWork


def prefs_of(tx: UnitOfWork, person: PersonId, team: str = "UTC") -> NotificationPreferences:
    """How a person wants to be reminded; who said nothing of it lives by the clocks of the ``team``'s zone."""
    return prefs(tx.prefs(person), team)


def prefs(row: PreferencesRow | None, team: str = "UTC") -> NotificationPreferences:
    """The same, from what is kept of it."""
    if row is None:
        return NotificationPreferences(team)
    quiet = (row.quiet_from, row.quiet_to) if row.quiet_from is not None and row.quiet_to is not None else None
    return NotificationPreferences(row.zone, quiet, row.reminders, row.digest)


def cards_of(tx: UnitOfWork, number: int | None) -> tuple[CardedGroup, ...]:
    """The groups that show a negotiation's card."""
    return tuple(_named(group) for group in tx.groups_of(number)) if number is not None else ()


def waiting(tx: UnitOfWork, person: PersonId, group: str) -> CardedGroup | None:
    """A group for which this person asked for a card and did not yet say of which talks."""
    row = _row(tx, group)
    return _named(row) if row and row.negotiation is None and row.asked_by == person and not row.gone else None


def apply(tx: UnitOfWork, person: PersonId, number: int | None, turn: Outcome, leads: Callable[[int], bool]) -> None:
    """Do what a turn wants. ``number`` is the negotiation it was about; ``leads`` tells which ones the person leads."""
    if turn.prefs is not None:
        wish = turn.prefs
        begin, end = wish.quiet or (None, None)
        tx.put_prefs(PreferencesRow(person, wish.zone, begin, end, wish.reminders, wish.digest))
    if turn.card is not None:
        _card(tx, person, number, turn.card, leads)


def _card(
    tx: UnitOfWork, person: PersonId, number: int | None, wish: GroupCardRequest, leads: Callable[[int], bool]
) -> None:
    row = _row(tx, wish.group, write=True)
    talks = number if wish.talks is None else wish.talks
    if row is None or talks is None or not leads(talks):
        return
    if wish.talks is not None and row.negotiation is None and row.asked_by == person:
        tx.put_group(shows(row, wish.talks))
    elif wish.talks is None and row.negotiation == number:
        if row.message_id is None:
            tx.del_group(row.chat_id)
        else:
            tx.put_group(replace(row, negotiation=None))


def shows(row: GroupCardRow, number: int) -> GroupCardRow:
    """A group that shows this negotiation from now on."""
    return replace(row, negotiation=number, text=None, seq=0, day="", gone=False, refused=False)


def _row(tx: UnitOfWork, group: str, *, write: bool = False) -> GroupCardRow | None:
    number = whole(group.removeprefix("-"))
    if number is None:
        return None
    return tx.group(-number if group.startswith("-") else number, write=write)


def _named(row: GroupCardRow) -> CardedGroup:
    return CardedGroup(str(row.chat_id), row.title)
