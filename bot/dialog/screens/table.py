"""Tables: rows as buttons, one field of a row after the other, whole rows in one message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import Spot, changed_meanwhile, clip, fields_shown, present, when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.parsing.rows import looks_like_rows
from bot.dialog.parsing.text import empty_words
from bot.dialog.row_labels import pointable, row_names
from bot.dialog.screens.item import (
    Onward,
    about_buttons,
    at,
    has_rows,
    hedge_buttons,
    hint,
    option_buttons,
    question,
    record,
    typed,
    where,
)
from bot.domain.access.permissions import Verb
from bot.domain.answers import UNKNOWN, Picked, Pointer, Unknown
from bot.domain.checklist import Field, Item, Kind
from bot.domain.events import Confirmed
from bot.domain.negotiation import Record, Row
from bot.domain.nonanswers import says_unknown
from bot.domain.projection import new_row
from bot.domain.readiness.item_gaps import locked

PAGE = 8  # rows on one phone screen
NAME = 38  # characters of a row's on a button
SPREADSHEET = "Rows copied from a spreadsheet can be pasted"  # not on Telegram, which carries no tabs


@dataclass(frozen=True)
class AtTable(Place):
    """A table: its rows, and every way to add one."""

    code = "t"
    verb = Verb.LOOK
    item: str
    page: int = 0
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same table, its last change being seen."""
        return replace(self, seen=room.here.record(self.item).seq)

    def says(self, room: Room) -> Say:
        item, record_here = room.item(self.item), room.here.record(self.item)
        rows = list(record_here.rows.values())
        shown = rows[self.page * PAGE : self.page * PAGE + PAGE]
        lines = question(room, item)
        if record_here.said is not None:
            lines.append(present(room.here, item, record_here.answer))
        lines.append(_tally(record_here))
        names = row_names(room.here, item, NAME)
        buttons: list[tuple[Button, ...]] = [
            (Button(f"{_mark(room, item, row)} {names[row.id]}", Go(_row(item.id, row.id))),) for row in shown
        ]
        buttons.append(_pages(self, len(rows)))
        if room.answers and not locked(room.here, item, room.today):
            order = ", ".join(field.label for field in fields_shown(room, item, None))
            several = "Several rows: a row a line, with ; between the cells" if room.veiled else SPREADSHEET
            lines.append(f"Add a row with the button, or type it in one message: {order}, a line each. {several}.")
            buttons.append((Button("Add a row", Go(AtField(item.id, "", item.fields[0].id))),))
            buttons += hedge_buttons(item, answered=False)
            holds = Button("These rows hold" if rows else "Nothing to list", Do("holds"))
            buttons.append((holds, Button("Clear", Do("clear"))) if record_here.said is not None else (holds,))
        return Say(
            f"{where(room, item)}: {item.label}",
            "\n\n".join(line for line in lines if line),
            (*[row for row in buttons if row], *about_buttons(room, item)),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        item, rows = room.item(self.item), room.here.record(self.item).rows
        if locked(room.here, item, room.today) and item.locked:
            return Turn(self, aside=room.here.words(item.locked.says))
        match said:
            case Typed(text=text) if says_unknown(text):
                return self.hears(room, Tapped("unknown"))
            case Typed(text=text) if empty := empty_words(text):
                tap = "Tap “Unknown”" if rows else "Tap “Nothing to list” or “Unknown”"
                return Turn(self, aside=f"{empty} {tap}, or type a row. Nothing was recorded.")
            case Typed(text=text) if text.strip():
                return Turn(pasted(item.id, "", text))
            case Tapped(act="unknown" | "holds" | "clear") if aside := changed_meanwhile(room, item.id, self.seen):
                return Turn(self, aside=aside)
            case Tapped(act="unknown") if aside := has_rows(room, item):
                return Turn(self, aside=aside)
            case Tapped(act="unknown"):
                return record(room, Spot(item.id), UNKNOWN, room.here.seq, Onward(item.id))
            case Tapped(act="clear"):
                return record(room, Spot(item.id), None, room.here.seq, self)
            case Tapped(act="holds"):
                return Turn(Onward(item.id), (Confirmed(item=item.id),), kept=self._confirmed(room))
            case _:
                return super().hears(room, said)

    def _confirmed(self, room: Room) -> str:
        rows = room.here.record(self.item).rows
        return "Confirmed: these rows hold." if rows else "Recorded: nothing to list."


def _tally(record_here: Record) -> str:
    """How many rows there are; that there are to be none, once somebody said so."""
    number = len(record_here.rows)
    if not number and record_here.confirmed and record_here.confirmed_at:
        return f"Nothing to list ({when(record_here.confirmed_at)})."
    return "No rows yet." if not number else "1 row." if number == 1 else f"{number} rows."


def _pages(place: AtTable, total: int) -> tuple[Button, ...]:
    turn = []
    if place.page:
        turn.append(Button("◀ Earlier", Go(replace(place, page=place.page - 1))))
    if total > (place.page + 1) * PAGE:
        turn.append(Button("Later ▶", Go(replace(place, page=place.page + 1))))
    return tuple(turn)


def _mark(room: Room, item: Item, row: Row) -> str:
    """Whether a row is complete (✓), has blanks (○) or open questions (?)."""
    said = [row.said(field.id) for field in fields_shown(room, item, row)]
    if any(one is None for one in said):
        return "○"
    return "?" if any(isinstance(one, Unknown) for one in said) else "✓"


def _row(item: str, row: str) -> Place:
    from bot.dialog.screens.row import AtRow

    return AtRow(item, row)


PART = "\x1e"  # between two messages of one draft


def pasted(item: str, row: str, text: str) -> Place:
    """The place that shows rows back which were typed in one message."""
    from bot.dialog.screens.pasted_rows import Pasted

    return Pasted(item, row, text.replace(PART, ""))


@dataclass(frozen=True)
class AtField(Place):
    """One field of a row. With no row yet, the first answer makes one."""

    code = "f"
    verb = Verb.LOOK
    item: str
    row: str
    field: str
    seen: int = 0
    new: str = ""  # the row that the first answer makes

    def arrived(self, room: Room) -> Place:
        """The same field, what stands there now being seen; the table, if the row is gone."""
        record = room.here.record(self.item)
        if self.row and self.row not in record.rows:
            return AtTable(self.item).arrived(room)
        held = self._spot(room).held(room.here)
        return replace(self, seen=held.seq if held else 0, new="" if self.row else new_row(record))

    def _spot(self, room: Room) -> Spot:
        """Where the answer goes. A second tap on a button that made a row goes to that row, not to another."""
        record = room.here.record(self.item)
        made = record.rows.get(self.new)
        mine = made is not None and any(held.by == room.me for held in made.cells.values())
        return Spot(self.item, self.row or (self.new if mine else new_row(record)), self.field)

    def says(self, room: Room) -> Say:
        item, spot = room.item(self.item), self._spot(room)
        asked, held = item.field[self.field], spot.held(room.here)
        row = room.here.record(self.item).rows.get(self.row)
        title = (
            item.label
            if item.kind == Kind.FORM
            else f"{item.label}: {clip(room.here.row_label(item, row), 60) if row else 'new row'}"
        )
        said = held.said if held else None
        lines = [
            f"{asked.label}: {room.here.words(asked.ask)}",
            present(room.here, asked, held),
        ]
        back: Place = _row(self.item, self.row) if self.row else AtTable(self.item)
        if not room.answers:
            return Say(title, "\n\n".join(line for line in lines if line), ((Button("Back", Go(back)),),))
        lines.append(hint(asked))
        options = [(one.id, one.label) for one in asked.choices.values()]
        chosen = said.options if isinstance(said, Picked) else ()
        if asked.kind == Kind.ROW:
            options = list(pointable(room, asked).items())[:20]
            chosen = (said.row,) if isinstance(said, Pointer) else ()
            lines.append(_picking(room, asked, options=bool(options)))
        buttons = list(option_buttons(options, chosen))
        buttons.append((Button("Unknown", Do("unknown")), Button("Leave for later", Do("later"))))
        if asked.kind == Kind.CHOICES and chosen:
            buttons.append((Button("Done", Do("later")),))
        if said is not None:
            buttons.append((Button("Clear", Do("clear")),))
        buttons.append((Button("Back", Go(back)),))
        if not self.row:
            lines.append("Or type the whole row: one line a field, in order, or “name: value”.")
        return Say(title, "\n\n".join(line for line in lines if line), tuple(buttons))

    def hears(self, room: Room, said: Said) -> Turn:
        item, spot = room.item(self.item), self._spot(room)
        if locked(room.here, item, room.today) and item.locked:
            return Turn(at(item), aside=room.here.words(item.locked.says))
        if self.row and self.row not in room.here.record(self.item).rows:
            wrote = f" You wrote: {clip(said.text, 300)}" if isinstance(said, Typed) else ""
            return Turn(AtTable(self.item), aside=f"That row was removed. Nothing was recorded.{wrote}")
        onward = NextField(self.item, spot.row, self.field)
        match said:
            case Typed(text=text) if not self.row and looks_like_rows(item, text):
                return Turn(pasted(item.id, "", text))
            case Typed(text=text):
                return typed(room, spot, text, self.seen, self, onward)
            case Tapped(act="pick", arg=option):
                return self._picked(room, spot, option)
            case Tapped(act="unknown"):
                return record(room, spot, UNKNOWN, self.seen, onward)
            case Tapped(act="clear"):
                return record(room, spot, None, self.seen, replace(self, row=spot.row))
            case Tapped(act="later"):
                return Turn(NextField(self.item, spot.row, self.field) if self.row else AtTable(self.item))
            case _:
                return super().hears(room, said)

    def _picked(self, room: Room, spot: Spot, option: str) -> Turn:
        asked = room.item(self.item).field[self.field]
        onward = NextField(self.item, spot.row, self.field)
        if asked.kind == Kind.ROW:
            if option not in spot.rows(room):
                return Turn(self, aside="That row is gone. Nothing was recorded.")
            return record(room, spot, Pointer(row=option), self.seen, onward)
        if option not in asked.choices:
            return super().hears(room, Tapped("pick", option))
        if asked.kind != Kind.CHOICES:
            return record(room, spot, Picked(options=(option,)), self.seen, onward)
        held = spot.held(room.here)
        chosen = held.said.options if held and isinstance(held.said, Picked) else ()
        wanted = tuple(one for one in asked.choices if (one in chosen) != (one == option))
        return record(room, spot, Picked(options=wanted) if wanted else None, self.seen, replace(self, row=spot.row))


def _picking(room: Room, field: Field, *, options: bool) -> str:
    """How a row of another table is pointed at."""
    if room.here.withholds(field.of or ""):
        return "This points at a table of a section that is kept for others. Leave it for later, or ask a lead."
    if options:
        return "Tap one, or type its name."
    table = room.here.checklist.item[field.of or ""]
    return f"There are no rows in “{table.label}” yet. Leave this for later, or add one there first."


@dataclass(frozen=True)
class NextField(Place):
    """Not a place to stand at: the next field still to ask, then the row as a whole."""

    code = "x"
    verb = Verb.LOOK
    item: str
    row: str
    field: str

    def arrived(self, room: Room) -> Place:
        """The next required blank; in a form the next blank of any kind; then the row."""
        item, row = room.item(self.item), room.here.record(self.item).rows.get(self.row)
        if row is None:
            return AtTable(self.item)
        fields = fields_shown(room, item, row)
        names = [field.id for field in fields]
        past = names.index(self.field) + 1 if self.field in names else 0
        wanted = [
            field
            for field in fields[past:]
            if row.said(field.id) is None and (field.required or item.kind == Kind.FORM)
        ]
        return AtField(self.item, self.row, wanted[0].id).arrived(room) if wanted else _row(self.item, self.row)

    def says(self, room: Room) -> Say:
        return self.arrived(room).says(room)
