"""Whole rows in one message: shown back before anything is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core.checklist import FieldId
from bot.core.events import AnyEvent, RowPut
from bot.dialog.pasting import RowRead, read_rows
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.spot import clip, rows_of
from bot.dialog.tables import AtRow, AtTable, NextField, field_line


@dataclass(frozen=True)
class Pasted(Place):
    """Rows that were typed or pasted, shown back for a tap to confirm. ``row`` when they change a row there is."""

    code = "p"
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
        parts = []
        for number, row in enumerate(rows[:6], start=1):
            lines = [f"Row {number}"] if len(rows) > 1 else []
            lines += [
                f"{item.field[name].label}: {clip(room.here.shown(item.field[name], said), 120)}"
                for name, said in row.cells.items()
            ]
            lines += [f"⚠ {trouble}" for trouble in row.troubles]
            lines += [f"   not recorded: {clip(text, 120)}" for text in row.kept.values()]
            parts.append("\n".join(lines))
        if len(rows) > 6:
            parts.append(f"… and {len(rows) - 6} more rows.")
        good = [row for row in rows if row.cells]
        label = "Change this row" if self.row else f"Record {len(good)} row{'s' if len(good) != 1 else ''}"
        buttons = [(Button(label, Do("record")),)] if good else []
        parts.append(
            "Is this right? Nothing is recorded yet. Send the message again to correct it."
            if good
            else "I found no row in this. Nothing is recorded."
        )
        back: Place = AtRow(self.item, self.row) if self.row else AtTable(self.item)
        return Say(item.label, "\n\n".join(parts), (*buttons, (Button("Cancel", Go(back)),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Typed(text=text):
                return Turn(replace(self, text=text))
            case Tapped(act="record"):
                return self._recorded(room)
            case _:
                return super().hears(room, said)

    def _recorded(self, room: Room) -> Turn:
        good = [row for row in self._read(room) if row.cells]
        events: list[AnyEvent] = []
        if self.row:
            good = good[:1]
            if theirs := [name for row in good for name in self._changed(room, row.cells)]:
                there = room.here.record(self.item).rows[self.row]
                now = "\n".join(field_line(room, there, room.item(self.item).field[name]) for name in theirs)
                return Turn(self, aside=f"This row was changed while you were looking at it. Now it says:\n{now}")
            events = [RowPut(item=self.item, row=self.row, cells=dict(row.cells)) for row in good]
            return Turn(AtRow(self.item, self.row), tuple(events), kept="Recorded: this row was changed.")
        number, taken = room.here.record(self.item).rows_made, room.here.record(self.item).rows
        for row in good:
            number += 1
            while f"r{number}" in taken:
                number += 1
            events.append(RowPut(item=self.item, row=f"r{number}", cells=dict(row.cells)))
        then: Place = AtTable(self.item)
        if len(good) == 1:
            then = NextField(self.item, f"r{number}", "")
        return Turn(then, tuple(events), kept=f"Recorded {len(good)} row{'s' if len(good) != 1 else ''}.")
