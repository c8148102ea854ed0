"""Whole rows in one message: shown back before anything is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core.checklist import FieldId, Item
from bot.core.events import AnyEvent, RowPut
from bot.core.permission import Verb
from bot.dialog.pasting import RowRead, looks_like_rows, read_rows
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.rows import AtRow, field_line
from bot.dialog.spot import LONG, clip, rows_of
from bot.dialog.tables import AtTable, NextField

SHOWN = 6  # rows shown back on a phone's screen


@dataclass(frozen=True)
class Pasted(Place):
    """Rows that were typed or pasted, shown back for a tap to confirm. ``row`` when they change a row there is."""

    code = "p"
    verb = Verb.ANSWER
    draft = True
    item: str
    row: str
    text: str
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same rows, what stands there now being seen."""
        return replace(self, seen=room.here.seq)

    def _changed(self, room: Room, cells: Iterable[FieldId]) -> list[str]:
        """The fields of the row that somebody else wrote since this person looked."""
        row = room.here.record(self.item).rows.get(self.row)
        held = {name: row.cells[name] for name in cells if name in row.cells} if row else {}
        return [name for name, one in held.items() if one.seq > self.seen and one.by not in {room.me, None}]

    def _read(self, room: Room) -> tuple[RowRead, ...]:
        item = room.item(self.item)
        tables = {field.of: rows_of(room.here, field.of) for field in item.fields if field.of}
        return read_rows(item, self.text, room.today, tables)

    def says(self, room: Room) -> Say:
        item, rows = room.item(self.item), self._read(room)
        if self.row:
            rows = rows[:1]
        good = [row for row in rows if row.cells]
        label = "Change this row" if self.row else f"Record {_rows(len(good))}"
        buttons = [(Button(label, Do("record")),)] if good else []
        parts = ["I found no row in this. Nothing is recorded."]
        if good:
            parts = ["Is this right? Nothing is recorded yet. Send the rows again to correct them."]
        # What is in doubt comes first: it must be seen before it is confirmed.
        numbered = sorted(enumerate(rows, start=1), key=lambda one: not one[1].troubles)
        parts += [self._shown(room, item, number, row, several=len(rows) > 1) for number, row in numbered[:SHOWN]]
        if len(rows) > SHOWN:
            parts.append(f"… and {_rows(len(rows) - SHOWN)} more.")
        back: Place = AtRow(self.item, self.row) if self.row else AtTable(self.item)
        return Say(item.label, "\n\n".join(parts), (*buttons, (Button("Cancel", Go(back)),)))

    @staticmethod
    def _shown(room: Room, item: Item, number: int, row: RowRead, *, several: bool) -> str:
        lines = [f"Row {number}"] if several else []
        lines += [
            f"{item.field[name].label}: {clip(room.here.shown(item.field[name], said), 80)}"
            for name, said in row.cells.items()
        ]
        lines += [f"⚠ {clip(trouble, 160)}" for trouble in row.troubles]
        lines += [f"   not recorded: {clip(text, 80)}" for text in row.kept.values()]
        return "\n".join(lines)

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Typed(text=text) if len(self.text) >= LONG:
                # A long paste comes in parts, cut anywhere; Telegram's limit is 4096.
                return Turn(replace(self, text=f"{self.text}{text}"), aside="Added to what you sent before.")
            case Typed(text=text) if looks_like_rows(room.item(self.item), text):
                return Turn(replace(self, text=text))
            case Typed(text=text) if not looks_like_rows(room.item(self.item), self.text) and text.strip():
                return Turn(replace(self, text=text), aside=f"Instead of: {clip(self.text, 300)}")
            case Typed(text=text):
                aside = "That does not look like rows, so what you sent before stays. Record it, or cancel, first."
                return Turn(self, aside=f"{aside}\nYou wrote: {clip(text, 300)}")
            case Tapped(act="record"):
                return self._recorded(room)
            case _:
                return super().hears(room, said)

    def _recorded(self, room: Room) -> Turn:
        read = self._read(room)
        good = [row for row in read if row.cells]
        if self.row:
            return self._changes(room, good[:1])
        record, events = room.here.record(self.item), list[AnyEvent]()
        number = record.rows_made
        for row in good:
            number += 1
            while f"r{number}" in record.rows:
                number += 1
            events.append(RowPut(item=self.item, row=f"r{number}", cells=dict(row.cells)))
        then: Place = NextField(self.item, f"r{number}", "") if len(good) == 1 else AtTable(self.item)
        return Turn(then, tuple(events), kept=f"Recorded {_rows(len(good))}.", aside=_left_out(read))

    def _changes(self, room: Room, good: list[RowRead]) -> Turn:
        there = room.here.record(self.item).rows.get(self.row)
        if there is None:
            return Turn(AtTable(self.item), aside=f"That row was removed. You wrote: {clip(self.text, 300)}")
        if theirs := [name for row in good for name in self._changed(room, row.cells)]:
            now = "\n".join(field_line(room, there, room.item(self.item).field[name]) for name in theirs)
            return Turn(self, aside=f"This row was changed while you were looking at it. Now it says:\n{now}")
        events = tuple(RowPut(item=self.item, row=self.row, cells=dict(row.cells)) for row in good)
        return Turn(
            AtRow(self.item, self.row), events, kept="Recorded: this row was changed.", aside=_left_out(tuple(good))
        )


def _rows(number: int) -> str:
    return f"{number} row{'s' if number != 1 else ''}"


def _left_out(rows: tuple[RowRead, ...]) -> str:
    """What of a paste could not be recorded, row by row, so that it can be typed again."""
    kept = [
        f"Row {number}, not recorded: {clip('; '.join(row.kept.values()), 200)}"
        for number, row in enumerate(rows, start=1)
        if row.kept
    ]
    return "\n".join(kept[:8]) + (f"\n… and {len(kept) - 8} more." if len(kept) > 8 else "")
