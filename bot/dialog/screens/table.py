"""Tables: rows as buttons, one field of a row after the other, whole rows in one message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import AnswerSlot, changed_meanwhile, clip, confirmation, fields_shown, present, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.parsing.rows import looks_like_rows
from bot.dialog.parsing.text import empty_words
from bot.dialog.row_labels import pointable, row_names
from bot.dialog.screens.item import (
    NextItem,
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
from bot.domain.access.permissions import Permission
from bot.domain.answers import UNKNOWN, Picked, Pointer, Unknown
from bot.domain.checklist import Field, Item, Kind
from bot.domain.events import Target
from bot.domain.negotiation import Record, Row
from bot.domain.nonanswers import says_unknown
from bot.domain.projection import new_row
from bot.domain.readiness.item_gaps import locked

PAGE = 8  # rows on one phone screen
NAME = 38  # characters of a row's on a button
SPREADSHEET = "Rows copied from a spreadsheet can be pasted"  # not on Telegram, which carries no tabs
FILES = "an Excel or CSV file"  # read as if its cells were pasted


@dataclass(frozen=True)
class TablePage(Place):
    """A table: its rows, and every way to add one."""

    code = "t"
    verb = Permission.LOOK
    item: str
    page: int = 0
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """The same table, its last change being seen."""
        return replace(self, seen=context.here.record(self.item).seq)

    def render(self, context: Context) -> Message:
        item, record_here = context.item(self.item), context.here.record(self.item)
        rows = list(record_here.rows.values())
        shown = rows[self.page * PAGE : self.page * PAGE + PAGE]
        lines = question(context, item)
        if record_here.said is not None:
            lines.append(present(context.here, item, record_here.answer))
        lines.append(_tally(record_here))
        names = row_names(context.here, item, NAME)
        buttons: list[tuple[Button, ...]] = [
            (Button(f"{_mark(context, item, row)} {names[row.id]}", Link(_row(item.id, row.id))),) for row in shown
        ]
        buttons.append(_pages(self, len(rows)))
        if context.answers and not locked(context.here, item, context.today):
            order = ", ".join(field.label for field in fields_shown(context, item, None))
            several = "Several rows: a row a line, with ; between the cells" if context.veiled else SPREADSHEET
            add = f"Add a row with the button, or type it in one message: {order}, a line each."
            lines.append(f"{add} {several}, or send {FILES}.")
            buttons.append((Button("Add a row", Link(FieldQuestion(item.id, "", item.fields[0].id))),))
            buttons += hedge_buttons(item, answered=False)
            holds = Button("These rows hold" if rows else "Nothing to list", Action("holds"))
            buttons.append((holds, Button("Clear", Action("clear"))) if record_here.said is not None else (holds,))
        return Message(
            f"{where(context, item)}: {item.label}",
            "\n\n".join(line for line in lines if line),
            (*[row for row in buttons if row], *about_buttons(context, item)),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        item, rows = context.item(self.item), context.here.record(self.item).rows
        if locked(context.here, item, context.today) and item.locked:
            return Outcome(self, aside=f"{context.here.words(item.locked.says)} Nothing was recorded.")
        match said:
            case TextReply(text=text) if says_unknown(text):
                return self.handle(context, ButtonReply("unknown"))
            case TextReply(text=text) if empty := empty_words(text):
                tap = "Tap “Unknown”" if rows else "Tap “Nothing to list” or “Unknown”"
                return Outcome(self, aside=f"{empty} {tap}, or type a row. Nothing was recorded.")
            case TextReply(text=text) if text.strip():
                return Outcome(pasted(item.id, "", text))
            case ButtonReply(act="unknown" | "holds" | "clear") if aside := changed_meanwhile(
                context, item.id, self.seen
            ):
                return Outcome(self, aside=aside)
            case ButtonReply(act="unknown") if aside := has_rows(context, item):
                return Outcome(self, aside=aside)
            case ButtonReply(act="unknown"):
                return record(context, AnswerSlot(item.id), UNKNOWN, context.here.seq, NextItem(item.id))
            case ButtonReply(act="clear"):
                return record(context, AnswerSlot(item.id), None, context.here.seq, self)
            case ButtonReply(act="holds"):
                return Outcome(NextItem(item.id), (confirmation(context, item.id),), kept=self._confirmed(context))
            case _:
                return super().handle(context, said)

    def _confirmed(self, context: Context) -> str:
        rows = context.here.record(self.item).rows
        return "Confirmed: these rows hold." if rows else "Recorded: nothing to list."


def _tally(record_here: Record) -> str:
    """How many rows there are; that there are to be none, once somebody said so."""
    number = len(record_here.rows)
    if not number and record_here.confirmed and record_here.confirmed_at:
        return f"Nothing to list ({when(record_here.confirmed_at)})."
    return "No rows yet." if not number else "1 row." if number == 1 else f"{number} rows."


def _pages(place: TablePage, total: int) -> tuple[Button, ...]:
    turn = []
    if place.page:
        turn.append(Button("◀ Earlier", Link(replace(place, page=place.page - 1))))
    if total > (place.page + 1) * PAGE:
        turn.append(Button("Later ▶", Link(replace(place, page=place.page + 1))))
    return tuple(turn)


def _mark(context: Context, item: Item, row: Row) -> str:
    """Whether a row is complete (✓), has blanks (○) or open questions (?)."""
    said = [row.said(field.id) for field in fields_shown(context, item, row)]
    if any(answer is None for answer in said):
        return "○"
    return "?" if any(isinstance(answer, Unknown) for answer in said) else "✓"


def _row(item: str, row: str) -> Place:
    from bot.dialog.screens.row import RowPage

    return RowPage(item, row)


def row_missing(context: Context, item: str, row: str) -> str:
    """That a row was removed; empty when it is there."""
    return "" if row in context.here.record(item).rows else "That row was removed."


PART = "\x1e"  # between two messages of one draft
JOINT = "\x1f"  # between two parts of one that a client cut
UNPARTED = str.maketrans("", "", PART + JOINT)


def pasted(item: str, row: str, text: str) -> Place:
    """The place that shows rows back which were typed in one message."""
    from bot.dialog.screens.pasted_rows import PastedRows

    return PastedRows(item, row, text.translate(UNPARTED))


@dataclass(frozen=True)
class FieldQuestion(Place):
    """One field of a row. With no row yet, the first answer makes one."""

    code = "f"
    verb = Permission.LOOK
    item: str
    row: str
    field: str
    seen: int = 0
    new: str = ""  # the row that the first answer makes

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def missing(self, context: Context) -> str:
        return row_missing(context, self.item, self.row) if self.row else ""

    def resolve(self, context: Context) -> Place:
        """The same field, what stands there now being seen; the table, if the row is gone."""
        record = context.here.record(self.item)
        if self.row and self.row not in record.rows:
            return TablePage(self.item).resolve(context)
        held = self._spot(context).held(context.here)
        return replace(self, seen=held.seq if held else 0, new="" if self.row else new_row(record))

    def _spot(self, context: Context) -> AnswerSlot:
        """Where the answer goes. A second tap on a button that made a row goes to that row, not to another."""
        record = context.here.record(self.item)
        made = record.rows.get(self.new)
        mine = made is not None and any(held.by == context.me for held in made.cells.values())
        return AnswerSlot(self.item, self.row or (self.new if mine else new_row(record)), self.field)

    def render(self, context: Context) -> Message:
        item, spot = context.item(self.item), self._spot(context)
        asked, held = item.field[self.field], spot.held(context.here)
        row = context.here.record(self.item).rows.get(self.row)
        title = (
            item.label
            if item.kind == Kind.FORM
            else f"{item.label}: {clip(context.here.row_label(item, row), 60) if row else 'new row'}"
        )
        said = held.said if held else None
        lines = [
            f"{asked.label}: {context.here.words(asked.ask)}",
            present(context.here, asked, held),
        ]
        back: Place = _row(self.item, self.row) if self.row else TablePage(self.item)
        if not context.answers:
            return Message(title, "\n\n".join(line for line in lines if line), ((Button("Back", Link(back)),),))
        lines.append(hint(asked))
        options = [(choice.id, choice.label) for choice in asked.choices.values()]
        chosen = said.options if isinstance(said, Picked) else ()
        if asked.kind == Kind.ROW:
            options = list(pointable(context, asked).items())[:20]
            chosen = (said.row,) if isinstance(said, Pointer) else ()
            lines.append(_picking(context, asked, options=bool(options)))
        buttons = list(option_buttons(options, chosen))
        buttons.append((Button("Unknown", Action("unknown")), Button("Leave for later", Action("later"))))
        if asked.kind == Kind.CHOICES and chosen:
            buttons.append((Button("Done", Action("later")),))
        if said is not None:
            buttons.append((Button("Clear", Action("clear")),))
        buttons.append((Button("Back", Link(back)),))
        if not self.row:
            lines.append("Or type the whole row: one line a field, in order, or “name: value”.")
        return Message(title, "\n\n".join(line for line in lines if line), tuple(buttons))

    def handle(self, context: Context, said: Reply) -> Outcome:
        item, spot = context.item(self.item), self._spot(context)
        if locked(context.here, item, context.today) and item.locked:
            return Outcome(at(item), aside=f"{context.here.words(item.locked.says)} Nothing was recorded.")
        if self.row and self.row not in context.here.record(self.item).rows:
            wrote = f" You wrote: {clip(said.text, 300)}" if isinstance(said, TextReply) else ""
            return Outcome(TablePage(self.item), aside=f"That row was removed. Nothing was recorded.{wrote}")
        onward = NextField(self.item, spot.row, self.field)
        match said:
            case TextReply(text=text) if not self.row and looks_like_rows(item, text):
                return Outcome(pasted(item.id, "", text))
            case TextReply(text=text):
                return typed(context, spot, text, self.seen, self, onward)
            case ButtonReply(act="pick", arg=option):
                return self._picked(context, spot, option)
            case ButtonReply(act="unknown"):
                return record(context, spot, UNKNOWN, self.seen, onward)
            case ButtonReply(act="clear"):
                return record(context, spot, None, self.seen, replace(self, row=spot.row))
            case ButtonReply(act="later"):
                return Outcome(NextField(self.item, spot.row, self.field) if self.row else TablePage(self.item))
            case _:
                return super().handle(context, said)

    def _picked(self, context: Context, spot: AnswerSlot, option: str) -> Outcome:
        asked = context.item(self.item).field[self.field]
        onward = NextField(self.item, spot.row, self.field)
        if asked.kind == Kind.ROW:
            if option not in spot.rows(context):
                return Outcome(self, aside="That row is gone. Nothing was recorded.")
            return record(context, spot, Pointer(row=option), self.seen, onward)
        if option not in asked.choices:
            return super().handle(context, ButtonReply("pick", option))
        if asked.kind != Kind.CHOICES:
            return record(context, spot, Picked(options=(option,)), self.seen, onward)
        held = spot.held(context.here)
        chosen = held.said.options if held and isinstance(held.said, Picked) else ()
        wanted = tuple(choice for choice in asked.choices if (choice in chosen) != (choice == option))
        return record(context, spot, Picked(options=wanted) if wanted else None, self.seen, replace(self, row=spot.row))


def _picking(context: Context, field: Field, *, options: bool) -> str:
    """How a row of another table is pointed at."""
    if context.here.withholds(field.of or ""):
        return "This points at a table of a section that is kept for others. Leave it for later, or ask a lead."
    if options:
        return "Tap one, or type its name."
    table = context.here.checklist.item[field.of or ""]
    return f"There are no rows in “{table.label}” yet. Leave this for later, or add one there first."


@dataclass(frozen=True)
class NextField(Place):
    """Not a place to stand at: the next field still to ask, then the row as a whole."""

    code = "x"
    verb = Permission.LOOK
    item: str
    row: str
    field: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def missing(self, context: Context) -> str:
        return row_missing(context, self.item, self.row)

    def resolve(self, context: Context) -> Place:
        """The next required blank; in a form the next blank of any kind; then the row."""
        item, row = context.item(self.item), context.here.record(self.item).rows.get(self.row)
        if row is None:
            return TablePage(self.item)
        fields = fields_shown(context, item, row)
        names = [field.id for field in fields]
        past = names.index(self.field) + 1 if self.field in names else 0
        wanted = [
            field
            for field in fields[past:]
            if row.said(field.id) is None and (field.required or item.kind == Kind.FORM)
        ]
        return (
            FieldQuestion(self.item, self.row, wanted[0].id).resolve(context) if wanted else _row(self.item, self.row)
        )

    def render(self, context: Context) -> Message:
        return self.resolve(context).render(context)
