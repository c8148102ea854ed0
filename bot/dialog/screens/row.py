"""A row with the state of every field; a form is the only row of its item."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import Spot, changed_meanwhile, clip, fields_shown
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.parsing.rows import looks_like_rows, named_alone
from bot.dialog.parsing.values import tidy
from bot.dialog.screens.item import Onward, about_buttons, hedge_buttons, question, record, where
from bot.dialog.screens.table import AtField, AtTable, pasted
from bot.domain.access.permissions import Verb
from bot.domain.answers import UNKNOWN, Unknown
from bot.domain.checklist import Field, Kind
from bot.domain.events import Confirmed
from bot.domain.negotiation import Row
from bot.domain.readiness.item_gaps import locked


@dataclass(frozen=True)
class AtRow(Place):
    """One row, every field with its state. A form is its item's only row."""

    code = "o"
    verb = Verb.LOOK
    item: str
    row: str
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same row, its item's last change being seen; the table, when the row was removed."""
        record = room.here.record(self.item)
        return replace(self, seen=record.seq) if self.row in record.rows else AtTable(self.item).arrived(room)

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.remove_row import Removing

        item = room.item(self.item)
        row = room.here.record(self.item).rows.get(self.row)
        if row is None:
            return AtTable(self.item).says(room)
        form = item.kind == Kind.FORM
        fields = fields_shown(room, item, row)
        blank = self._blank(room) if room.answers else None
        lines = question(room, item) if form else []
        lines.append("\n".join(field_line(room, row, field) for field in fields))
        if room.answers and not locked(room.here, item, room.today):
            fill = f"Type to fill “{blank.label}”, or tap" if blank else "Tap"
            lines.append(f"{fill} a field to change it. “name: value”, a line each, works too.")
        buttons = [
            Button(f"{_field_mark(row, field)} {field.label}", Go(AtField(item.id, row.id, field.id)))
            for field in fields
        ]
        rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
        if blank:
            rows.append((Button(f"Fill next: {blank.label}", Go(AtField(item.id, row.id, blank.id))),))
        if form:
            answered = row.touched or room.here.record(item.id).said is not None
            rows += [
                *(hedge_buttons(item, answered=False)),
                *([(Button("Still holds", Do("holds")),)] if answered else []),
            ]
            return Say(f"{where(room, item)}: {item.label}", "\n\n".join(lines), (*rows, *about_buttons(room, item)))
        last = [Button("Back to the table", Go(AtTable(item.id)))]
        if not row.forced:
            last.insert(0, Button("Remove…", Go(Removing(item.id, row.id))))
        return Say(
            f"{item.label}: {clip(room.here.row_label(item, row), 80)}", "\n\n".join(lines), (*rows, tuple(last))
        )

    def _blank(self, room: Room) -> Field | None:
        """The field that is asked next."""
        item, row = room.item(self.item), room.here.record(self.item).rows.get(self.row)
        return next((field for field in fields_shown(room, item, row) if row and row.said(field.id) is None), None)

    def _asks_back(self, room: Room, text: str) -> Turn | None:
        """What a single field asks back, where its one line cannot be read, or in two ways; else None."""
        if (named := named_alone(room.item(self.item), text)) is None:
            return None
        field, value = named[0], tidy(named[1])
        turn = AtField(self.item, self.row, field.id, self.seen).hears(room, Typed(value))
        return None if turn.events or not value else turn

    def hears(self, room: Room, said: Said) -> Turn:
        item = room.item(self.item)
        match said:
            case Typed(text=text) if (asked := self._asks_back(room, text)) is not None:
                return asked
            case Typed(text=text) if looks_like_rows(item, text):
                return Turn(pasted(item.id, self.row, text))
            case Typed(text=text) if text.strip() and (field := self._blank(room)) is not None:
                return AtField(self.item, self.row, field.id).hears(room, said)
            case Typed(text=text):
                return Turn(
                    self,
                    aside="Which field is that for? Tap the field first, or type “name: value”.\n"
                    f"You wrote: {clip(text, 300)}",
                )
            case Tapped(act="unknown" | "holds") if aside := changed_meanwhile(room, item.id, self.seen):
                return Turn(self, aside=aside)
            case Tapped(act="unknown") if item.kind == Kind.FORM:
                return record(room, Spot(item.id), UNKNOWN, room.here.seq, Onward(item.id))
            case Tapped(act="holds"):
                return Turn(Onward(item.id), (Confirmed(item=item.id),), kept="Confirmed: it still holds.")
            case _:
                return super().hears(room, said)


def _field_mark(row: Row, field: Field) -> str:
    said = row.said(field.id)
    return "?" if isinstance(said, Unknown) else "✓" if said is not None else "•" if field.required else "○"


def field_line(room: Room, row: Row, field: Field) -> str:
    """A field of a row with what it holds."""
    said = row.said(field.id)
    value = clip(room.here.shown(field, said), 200) if said else ("needed" if field.required else "–")
    return f"{field.label}: {value}"
