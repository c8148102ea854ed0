"""Whole rows in one message: shown back before anything is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip, fields_shown, not_recorded, rows_of
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.parsing.rows import ParsedRow, Paste, is_plain, read_rows
from bot.dialog.parsing.text import empty_words
from bot.dialog.parsing.text import key as name_key
from bot.dialog.parsing.values import quoted
from bot.dialog.screens.row import RowPage, field_line
from bot.dialog.screens.table import JOINT, PART, UNPARTED, FieldQuestion, NextField, TablePage
from bot.domain.access.permissions import Permission
from bot.domain.answers import Cell, Picked, Text
from bot.domain.checklist import Field, FieldId, Item, Kind
from bot.domain.events import AnyEvent, RowPut, Target
from bot.domain.limits import ROWS_PASTED, TEXT
from bot.domain.negotiation import Held, Row
from bot.domain.projection import new_row

SHOWN = 6  # rows shown back on a phone's screen
PARTED = re.compile(f"([{PART}{JOINT}])")


@dataclass(frozen=True)
class PastedRows(Place):
    """Rows that were typed or pasted, shown back for a tap to confirm. ``row`` when they change a row there is.

    ``text`` is one message, or several with `PART` between them, and `JOINT` between the parts of one that was cut.
    ``vague`` is what becomes of words that say nothing ("unknown" or "text"), ``twins`` of rows whose names are in the
    table ("update" or "add"), once that was asked.
    """

    code = "p"
    verb = Permission.ANSWER
    draft = True
    item: str
    row: str
    text: str
    seen: int = 0
    vague: str = ""
    twins: str = ""
    key: str = ""  # tells this draft from another at the same table

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """The same rows, what stands there now being seen."""
        return replace(self, seen=context.here.seq, key=self.key or context.secret[:8])

    @property
    def parts(self) -> list[str]:
        """The messages that were sent, one after the other, and the parts of those that were cut."""
        return PARTED.split(self.text)[::2]

    def _changed(self, context: Context, row: str, cells: Iterable[FieldId]) -> list[str]:
        """The fields of a row that somebody else wrote since this person looked."""
        there = context.here.record(self.item).rows.get(row)
        held = {name: there.cells[name] for name in cells if name in there.cells} if there else {}
        return [name for name, cell in held.items() if cell.seq > self.seen and cell.by not in {context.me, None}]

    def rows(self, context: Context) -> tuple[ParsedRow, ...]:
        """The rows, as far as they are understood; for a row there is, one with all that changes in it."""
        item = context.item(self.item)
        tables = {field.of: rows_of(context.here, field.of) for field in item.fields if field.of}

        def shown(cells: Mapping[FieldId, Cell]) -> list[Field]:
            there = context.here.record(item.id).rows.get(self.row)
            held = {name: Held(said, context.me, context.now, 0) for name, said in cells.items()}
            return fields_shown(context, item, Row(id="", cells={**(there.cells if there else {}), **held}))

        paste = Paste(item, context.own_day, tables, shown, self.vague, context.here.talks_on)
        messages = self.text.replace(JOINT, "\n").split(PART)
        rows = tuple(row for message in messages for row in read_rows(paste, message))
        return (_merged(rows),) if self.row and rows else rows

    def _there(self, context: Context, rows: tuple[ParsedRow, ...]) -> dict[int, str]:
        """Which of the rows have the name of one row in the table, by their number, and of which."""
        if self.row:
            return {}
        item, record = context.item(self.item), context.here.record(self.item)
        found = {nth: _twin(item, record.rows.values(), row) for nth, row in enumerate(rows) if row.cells}
        return {nth: twin for nth, twin in found.items() if twin}

    def render(self, context: Context) -> Message:
        item, rows = context.item(self.item), self.rows(context)
        good = [row for row in rows if row.cells or row.vague]
        parts, buttons = self._asks(context, rows) if good else (["I found no row in this. Nothing is recorded."], [])
        # What is in doubt comes first: it must be seen before it is confirmed.
        numbered = sorted(enumerate(rows, start=1), key=lambda numbered_row: not numbered_row[1].troubles)
        parts += [self._shown(context, item, number, row, several=len(rows) > 1) for number, row in numbered[:SHOWN]]
        if len(rows) > SHOWN:
            parts.append(f"… and {_rows(len(rows) - SHOWN)} more.")
        if PART in self.text:
            parts.append("“Replace” keeps only your last message.")
            buttons.append((Button("Replace", Action("replace")),))
        back: Place = RowPage(self.item, self.row) if self.row else TablePage(self.item)
        return Message(item.label, "\n\n".join(parts), (*buttons, (Button("Cancel", Link(back)),)))

    def _asks(self, context: Context, rows: tuple[ParsedRow, ...]) -> tuple[list[str], list[tuple[Button, ...]]]:
        """What is asked before anything is recorded, one thing after the other, and the taps that answer it."""
        item, there = context.item(self.item), self._there(context, rows)
        if vague := {row.kept[name]: item.field[name] for row in rows for name in row.vague if not self.vague}:
            words, text = ", ".join(map(quoted, list(vague)[:5])), Kind.TEXT in {asked.kind for asked in vague.values()}
            says = "say" if len(vague) > 1 else "says"
            ask = f"{words} {says} nothing yet. Unknown, or {'keep as text' if text else 'leave blank'}?"
            keep = Button("Keep as text" if text else "Leave blank", Action("vague", "text"))
            return [f"{ask} Nothing is recorded yet."], [(Button("Unknown", Action("vague", "unknown")), keep)]
        if there and not self.twins:
            record = context.here.record(self.item)
            names = [quoted(context.here.row_label(item, record.rows[row])) for row in dict.fromkeys(there.values())]
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            ask = f"In the table already: {', '.join(names[:5])}{more}. Update what is there, or add another row?"
            taps = (Button("Update", Action("twins", "update")), Button("Add", Action("twins", "add")))
            return [f"{ask} Nothing is recorded yet."], [taps]
        good = sum(1 for row in rows if row.cells)
        label = "Change this row" if self.row else f"Record {_rows(good)}"
        ask = "Is this right? Nothing is recorded yet. Rows you send now are added."
        if (field := self._whole(context)) is not None:
            ask = f"Is all of this “{field.label}”, or a field a line, as below? Nothing is recorded yet."
            whole = Button(f"All of it is “{clip(field.label, 40)}”", Action("whole"))
            return [ask], [(whole,), *([(Button("A field a line", Action("record")),)] if good else [])]
        return [ask] if good else ["I found no row in this. Nothing is recorded."], (
            [(Button(label, Action("record")),)] if good else []
        )

    def _whole(self, context: Context) -> Field | None:
        """The field that lines without names may be one answer to: the next one that is blank, where it takes words."""
        item, row = context.item(self.item), context.here.record(self.item).rows.get(self.row)
        if row is None or PART in self.text or not is_plain(item, self.text.replace(JOINT, "\n")):
            return None
        blank = next((field for field in fields_shown(context, item, row) if row.said(field.id) is None), None)
        return blank if blank is not None and blank.kind == Kind.TEXT else None

    def _settled(self, context: Context) -> bool:
        """Whether nothing is left to be asked."""
        rows = self.rows(context)
        vague = not self.vague and any(row.vague for row in rows)
        return not vague and bool(self.twins or not self._there(context, rows))

    @staticmethod
    def _shown(context: Context, item: Item, number: int, row: ParsedRow, *, several: bool) -> str:
        lines = [f"Row {number}"] if several else []
        lines += [
            f"{item.field[name].label}: {clip(context.here.shown(item.field[name], said), 80)}"
            for name, said in row.cells.items()
        ]
        lines += [f"⚠ {clip(trouble, 160)}" for trouble in row.troubles]
        lines += [f"   not recorded: {clip(text, 80)}" for name, text in row.kept.items() if name not in row.vague]
        return "\n".join(lines)

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case TextReply(text=text) if text.strip():
                return self.added(context, text)
            case ButtonReply(act="replace"):
                *before, last = self.text.split(PART)
                return Outcome(
                    replace(self, text=last, vague="", twins="", key=context.secret[:8]),
                    aside=not_recorded(replace(self, text=PART.join(before)).unrecorded()),
                )
            case ButtonReply(act="vague", arg="unknown" | "text" as how):
                return Outcome(replace(self, vague=how))
            case ButtonReply(act="twins", arg="update" | "add" as how):
                return Outcome(replace(self, twins=how))
            case ButtonReply(act="whole") if (field := self._whole(context)) is not None:
                there = FieldQuestion(self.item, self.row, field.id).resolve(context)
                return there.handle(context, TextReply(self.text.replace(JOINT, "\n")))
            case ButtonReply(act="record") if self._settled(context):
                return self._recorded(context)
            case _:
                return super().handle(context, said)

    def added(self, context: Context, text: str) -> Outcome:
        """A further message: its rows are added to those that wait."""
        wrote = f"\nYou wrote: {clip(text, 300)}"
        if empty := empty_words(text):
            return Outcome(self, aside=f"{empty} What you sent before stays. Record it, or cancel, first.{wrote}")
        more = replace(self, text=f"{self.text}{PART}{text.translate(UNPARTED)}", vague="", twins="")
        if len(more.text) > 2 * TEXT or len(more.rows(context)) > ROWS_PASTED:
            return Outcome(self, aside=f"That is more than is taken at once. Record what is here first.{wrote}")
        return Outcome(more, aside="Added to what you sent before.")

    def joined(self, context: Context, number: int, text: str) -> PastedRows | None:
        """The draft with one more part of a message that was cut, under this number; None when it is too much."""
        parts, ends = PARTED.split(self.text)[::2], PARTED.split(self.text)[1::2]
        parts.insert(number, text.translate(UNPARTED))
        ends.insert(min(number, len(ends)), JOINT)
        whole = "".join(part + end for part, end in zip(parts, [*ends, ""], strict=True))
        more = replace(self, text=whole, vague="", twins="")
        return None if len(whole) > 2 * TEXT or len(more.rows(context)) > ROWS_PASTED else more

    def message(self, part: int) -> PastedRows:
        """One of the draft's messages, by its number from 0, without what it says."""
        return PastedRows(self.item, self.row, "", part, key=self.key)

    def amended(self, message: PastedRows, text: str) -> PastedRows | None:
        """The draft with one of its messages corrected; None when it holds that one no more."""
        parts = PARTED.split(self.text)
        if message.key != self.key or 2 * message.seen >= len(parts):
            return None
        parts[2 * message.seen] = text.translate(UNPARTED)
        return replace(self, text="".join(parts), vague="", twins="")

    def unrecorded(self) -> str:
        messages = self.text.replace(JOINT, PART).split(PART)  # none of them is cut away by those before it
        return "\n".join(clip(message, 300) for message in messages)

    def _recorded(self, context: Context) -> Outcome:
        read = self.rows(context)
        if self.row:
            return self._changes(context, [row for row in read if row.cells][:1])
        there = self._there(context, read) if self.twins == "update" else {}
        record, events = context.here.record(self.item), list[AnyEvent]()
        number = int(new_row(record)[1:]) - 1
        for nth, row in enumerate(read):
            if not row.cells:
                continue
            if (twin := there.get(nth)) and (theirs := self._theirs(context, twin, row)):
                return Outcome(self, aside=theirs)
            number += not twin
            while not twin and f"r{number}" in record.rows:
                number += 1
            events.append(RowPut(item=self.item, row=twin or f"r{number}", cells=dict(row.cells)))
        then: Place = TablePage(self.item)
        if len(events) == 1:
            then = RowPage(self.item, there[0]) if there else NextField(self.item, f"r{number}", "")
        updated = f" {len(there)} of them updated." if there else ""
        return Outcome(then, tuple(events), kept=f"Recorded {_rows(len(events))}.{updated}", aside=_left_out(read))

    def _theirs(self, context: Context, row: str, read: ParsedRow) -> str:
        """What somebody else wrote in the meantime where this row would; empty when nobody did."""
        there = context.here.record(self.item).rows.get(row)
        theirs = self._changed(context, row, read.cells)
        if there is None or not theirs:
            return ""
        now = "\n".join(field_line(context, there, context.item(self.item).field[name]) for name in theirs)
        return f"This row was changed while you were looking at it. Now it says:\n{now}"

    def _changes(self, context: Context, good: list[ParsedRow]) -> Outcome:
        if context.here.record(self.item).rows.get(self.row) is None:
            wrote = clip("\n".join(self.parts), 300)
            return Outcome(TablePage(self.item), aside=f"That row was removed. You wrote: {wrote}")
        if theirs := "".join(self._theirs(context, self.row, row) for row in good):
            return Outcome(self, aside=theirs)
        events = tuple(RowPut(item=self.item, row=self.row, cells=dict(row.cells)) for row in good)
        return Outcome(
            RowPage(self.item, self.row), events, kept="Recorded: this row was changed.", aside=_left_out(tuple(good))
        )


def takes_rows(place: Place) -> bool:
    """Whether the rows of a spreadsheet that is sent here are added to a table."""
    return isinstance(place, TablePage) or (isinstance(place, FieldQuestion | PastedRows) and not place.row)


def _twin(item: Item, rows: Iterable[Row], read: ParsedRow) -> str:
    """The one row in the table that a row read is meant to be, by its name; of equal names, by what was picked."""
    name = read.cells.get(item.naming.id)
    if name is None or item.kind != Kind.TABLE:
        return ""
    same = [row for row in rows if _same_name(row.said(item.naming.id), name)]
    fitting = [row for row in same if not any(_differs(row, field, said) for field, said in read.cells.items())]
    return same[0].id if len(same) == 1 else fitting[0].id if len(fitting) == 1 else ""


def _same_name(cell: object, other: Cell) -> bool:
    words, others = getattr(cell, "text", None), getattr(other, "text", None)
    return cell == other if words is None or others is None else name_key(words) == name_key(others)


def _differs(row: Row, field: FieldId, said: Cell) -> bool:
    there = row.said(field)
    return isinstance(said, Picked) and isinstance(there, Picked) and there != said


def _merged(rows: tuple[ParsedRow, ...]) -> ParsedRow:
    """Several messages about one row: what was said last of a field stands, and what gave way to it is kept aside."""
    cells, kept, vague, troubles = dict[FieldId, Cell](), dict[FieldId, str](), list[FieldId](), list[str]()
    for nth, row in enumerate(rows):
        given_way = {name: cells[name] for name in cells.keys() & row.cells.keys() if cells[name] != row.cells[name]}
        kept |= {f"{name} {nth}": cell.text for name, cell in given_way.items() if isinstance(cell, Text)}
        kept |= {f"{name} {nth}": kept[name] for name in kept.keys() & row.kept.keys()}
        kept |= row.kept
        cells |= row.cells
        vague += row.vague
        troubles += row.troubles
    return ParsedRow(cells, tuple(dict.fromkeys(troubles)), kept, tuple(dict.fromkeys(vague)))


def _rows(number: int) -> str:
    return f"{number} row{'s' if number != 1 else ''}"


def _left_out(rows: tuple[ParsedRow, ...]) -> str:
    """What of a paste could not be recorded, row by row, so that it can be typed again."""
    kept = [
        f"Row {number}, not recorded: {clip('; '.join(row.kept.values()), 200)}"
        for number, row in enumerate(rows, start=1)
        if row.kept
    ]
    return "\n".join(kept[:8]) + (f"\n… and {len(kept) - 8} more." if len(kept) > 8 else "")
