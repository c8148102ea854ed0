"""Boards: talks as a whole on one page, as the person who looks may see them, with the chat's own buttons.

Nothing is decided here. What is shown is what places say and what the report holds; each button carries what
the chat's button carries, and is heard by the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.application.documents import Ordered, order
from bot.application.updates import Desk
from bot.dialog.callback_data import pack
from bot.dialog.contract import Button, Do, Go, Paper, Place, Room, Talks
from bot.dialog.engine import say
from bot.dialog.screens.changes import Changes
from bot.dialog.screens.export import TakeAway
from bot.dialog.screens.home import Continue, Home, Sections
from bot.dialog.screens.item import at
from bot.dialog.screens.my_work import Mine
from bot.dialog.screens.redacted import place_of_page
from bot.dialog.screens.summary import AtGap, Gaps, Summary
from bot.dialog.screens.team import Team
from bot.domain.report.builder import Report, report
from bot.domain.report.model import Gap
from bot.storage import PersonRow, Tx

HERE = (Changes, Continue, Gaps, Home, Mine, Sections, Summary, TakeAway, Team)  # what a board shows anyway
Buttons = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """What a place says on a board: each button with what it carries."""

    title: str
    text: str
    buttons: Buttons


@dataclass(frozen=True, slots=True)
class Row:
    """A gap, the section it is in, and what can be done about it."""

    gap: Gap
    section: str
    late: bool
    buttons: Buttons


@dataclass(frozen=True, slots=True)
class Board:
    """All of one negotiation that a person may see. ``items`` is what opens each item."""

    number: int
    today: date
    report: Report
    summary: Panel
    gaps: tuple[Row, ...]
    items: dict[str, str]
    changes: Panel
    team: Panel
    exports: Panel


@dataclass(frozen=True, slots=True)
class Seat:
    """Who looks, and at what: ``board`` is None for who belongs to no negotiation."""

    name: str
    talks: tuple[Talks, ...]
    board: Board | None


class Boards:
    """Makes boards from a desk. Each call reads once, and blocks."""

    def __init__(self, desk: Desk) -> None:
        """Show what is on a desk."""
        self._desk = desk

    def seat(self, person: str, number: int | None = None) -> Seat:
        """What a person sees of a negotiation; without a number, of the one their chat is at.

        Raises LookupError for talks that this person does not belong to.
        """
        with self._desk.store.reading() as tx:
            row, room, number, rev = self._room(tx, person, number)
            board = _board(room, number, rev) if number is not None and room.role is not None else None
            return Seat(row.name, room.talks, board)

    def trend(self, person: str, number: int | None = None) -> Ordered | None:
        """The picture of how the gaps came and went; it is drawn when it is asked for."""
        with self._desk.store.reading() as tx:
            _, room, number, _ = self._room(tx, person, number)
            if number is None or room.role is None:
                return None
            events = partial(self._desk.archive.events, tx, number)
            return order(Paper("trend"), room, events, tx.file, number, self._desk.pictures)

    def opens(self, person: str, path: str) -> str:
        """What a button carries that leads to the place of a page; empty when there is no such place."""
        digits, _, rest = path.partition("/")
        try:
            number = int(digits, 36)
            with self._desk.store.reading() as tx:
                _, room, found, rev = self._room(tx, person, number)
                place = place_of_page(room, rest) if found and room.role is not None else None
        except (ValueError, LookupError):
            return ""
        return pack(Button("", Go(place)), Home(), number, rev) if place is not None else ""

    def _room(self, tx: Tx, person: str, number: int | None) -> tuple[PersonRow, Room, int | None, int]:
        row, chat = tx.person(person), tx.chat(person)
        if row is None:
            raise LookupError(person)
        if number is not None and number not in dict(tx.seats_of(person)):
            raise LookupError(number)
        number = number or (chat.negotiation if chat else None)
        return row, self._desk.own_room(tx, row, number), number, chat.rev if chat else 1


def _board(room: Room, number: int, rev: int) -> Board:
    told = report(room.here, room.now, room.name, room.line(0))
    packs = partial(_packed, number=number, rev=rev)
    placed = {item.id: section.id for section in told.sections for item in section.items}
    items = {
        item.id: packs(Button("", Go(at(room.item(item.id)))), Home())
        for section in told.sections
        for item in section.items
    }
    return Board(
        number=number,
        today=room.today,
        report=told,
        summary=_panel(room, Summary(), number, rev),
        gaps=tuple(_rows(room, told.gaps, placed, number, rev)),
        items=items,
        changes=_panel(room, Changes().arrived(room), number, rev),
        team=_panel(room, Team(), number, rev),
        exports=_panel(room, TakeAway(), number, rev),
    )


def _rows(room: Room, gaps: tuple[Gap, ...], placed: dict[str, str], number: int, rev: int) -> Iterator[Row]:
    for gap in gaps:
        place = AtGap(*[*gap.key.split("/"), "", ""][:3])
        buttons = _panel(room, place, number, rev).buttons
        late = gap.due is not None and gap.due < room.today
        yield Row(gap, placed.get(gap.item_id, ""), late, buttons)


def _panel(room: Room, place: Place, number: int, rev: int) -> Panel:
    """What a place says; buttons that lead to what the board shows anyway are left out."""
    shown = say(room, place)
    buttons = tuple(
        (one.label, _packed(one, place, number=number, rev=rev))
        for row in shown.buttons
        for one in row
        if not (
            isinstance(one.means, Go) and isinstance(one.means.place, HERE) and type(one.means.place) is not type(place)
        )
        and one.means != Do("trend")
    )
    return Panel(shown.title, shown.text, buttons)


def _packed(button: Button, place: Place, *, number: int, rev: int) -> str:
    return pack(button, place, number, rev)
