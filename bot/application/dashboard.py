"""Boards: talks as a whole on one page, as the person who looks may see them, with the chat's own buttons.

Nothing is decided here. What is shown is what places say and what the report holds; each button carries what
the chat's button carries, and is heard by the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.application.documents import Document, order
from bot.application.updates import UpdateHandler
from bot.dialog.callback_data import pack
from bot.dialog.contract import Action, Button, Context, DocumentRequest, Link, NegotiationLine, Place
from bot.dialog.engine import render
from bot.dialog.parsing.whole import whole
from bot.dialog.screens.changes import Changes
from bot.dialog.screens.export import ExportPage
from bot.dialog.screens.home import Home, NextForMe, Sections
from bot.dialog.screens.item import at
from bot.dialog.screens.my_work import MyWork
from bot.dialog.screens.redacted import place_of_page
from bot.dialog.screens.summary import GapDetail, Gaps, Summary
from bot.dialog.screens.team import Team
from bot.domain.access.permissions import Permission
from bot.domain.person_names import person_name
from bot.domain.report.builder import Report, report
from bot.domain.report.model import ReportGap
from bot.storage import PersonRow, UnitOfWork

HERE = (Changes, NextForMe, Gaps, Home, MyWork, Sections, Summary, ExportPage, Team)  # what a board shows anyway
Buttons = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """What a place says on a board: each button with what it carries."""

    title: str
    text: str
    buttons: Buttons


@dataclass(frozen=True, slots=True)
class DashboardGap:
    """A gap, the section it is in, and what can be done about it."""

    gap: ReportGap
    section: str
    late: bool
    buttons: Buttons


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All of one negotiation that a person may see. ``items`` is what opens each item."""

    number: int
    today: date
    report: Report
    summary: Panel
    gaps: tuple[DashboardGap, ...]
    items: dict[str, str]
    changes: Panel
    team: Panel
    exports: Panel


@dataclass(frozen=True, slots=True)
class DashboardView:
    """Who looks, and at what: ``board`` is None for who belongs to no negotiation."""

    name: str
    talks: tuple[NegotiationLine, ...]
    board: Dashboard | None


class DashboardService:
    """Makes boards from a desk. Each call reads once, and blocks."""

    def __init__(self, desk: UpdateHandler) -> None:
        """Show what is on a desk."""
        self._desk = desk

    def seat(self, person: str, number: int | None = None) -> DashboardView:
        """What a person sees of a negotiation; without a number, of the one their chat is at.

        Raises LookupError for talks that this person does not belong to.
        """
        with self._desk.store.reading() as tx:
            row, context, number, rev = self._context(tx, person, number)
            board = _board(context, number, rev) if number is not None and context.may(Permission.LOOK) else None
        self._desk.look(number, context.n)
        return DashboardView(person_name(row.name), context.talks, board)

    def trend(self, person: str, number: int | None = None) -> Document | None:
        """The picture of how the gaps came and went; it is drawn when it is asked for."""
        with self._desk.store.reading() as tx:
            _, context, number, _ = self._context(tx, person, number)
            if number is None or not context.may(Permission.LOOK):
                return None
            events = partial(self._desk.archive.events, tx, number)
            return order(DocumentRequest("trend"), context, events, tx.file, number, self._desk.pictures)

    def opens(self, person: str, path: str) -> str:
        """What a button carries that leads to the place of a page; empty when there is no such place."""
        digits, _, rest = path.partition("/")
        number = whole(digits)
        if number is None:
            return ""
        try:
            with self._desk.store.reading() as tx:
                _, context, found, rev = self._context(tx, person, number)
                place = place_of_page(context, rest) if found and context.may(Permission.LOOK) else None
        except (ValueError, LookupError):
            return ""
        return pack(Button("", Link(place)), Home(), number, rev) if place is not None else ""

    def _context(self, tx: UnitOfWork, person: str, number: int | None) -> tuple[PersonRow, Context, int | None, int]:
        row, chat = tx.person(person), tx.chat(person)
        if row is None:
            raise LookupError(person)
        if number is not None and number not in dict(tx.seats_of(person)):
            raise LookupError(number)
        number = number or (chat.negotiation if chat else None)
        return row, self._desk.own_context(tx, row, number), number, chat.rev if chat else 1


def _board(context: Context, number: int, rev: int) -> Dashboard:
    told = report(context.here, context.now, context.name, context.line(0))
    packs = partial(_packed, number=number, rev=rev)
    placed = {item.id: section.id for section in told.sections for item in section.items}
    items = {
        item.id: packs(Button("", Link(at(context.item(item.id)))), Home())
        for section in told.sections
        for item in section.items
    }
    return Dashboard(
        number=number,
        today=context.today,
        report=told,
        summary=_panel(context, Summary(), number, rev),
        gaps=tuple(_rows(context, told.gaps, placed, number, rev)),
        items=items,
        changes=_panel(context, Changes().resolve(context), number, rev),
        team=_panel(context, Team(), number, rev),
        exports=_panel(context, ExportPage(), number, rev),
    )


def _rows(
    context: Context, gaps: tuple[ReportGap, ...], placed: dict[str, str], number: int, rev: int
) -> Iterator[DashboardGap]:
    for gap in gaps:
        place = GapDetail(*[*gap.key.split("/"), "", ""][:3])
        buttons = _panel(context, place, number, rev).buttons
        late = gap.due is not None and gap.due < context.today
        yield DashboardGap(gap, placed.get(gap.item_id, ""), late, buttons)


def _panel(context: Context, place: Place, number: int, rev: int) -> Panel:
    """What a place says; buttons that lead to what the board shows anyway are left out."""
    shown = render(context, place)
    buttons = tuple(
        (button.label, _packed(button, place, number=number, rev=rev))
        for row in shown.buttons
        for button in row
        if not (
            isinstance(button.means, Link)
            and isinstance(button.means.place, HERE)
            and type(button.means.place) is not type(place)
        )
        and button.means != Action("trend")
    )
    return Panel(shown.title, shown.text, buttons)


def _packed(button: Button, place: Place, *, number: int, rev: int) -> str:
    return pack(button, place, number, rev)
