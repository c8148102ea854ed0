"""Taking a row out of its table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import changed_meanwhile, clip
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.screens.row import AtRow
from bot.dialog.screens.table import AtTable
from bot.domain.access.permissions import Verb
from bot.domain.events import RowRemoved
from bot.domain.negotiation import FORM


@dataclass(frozen=True)
class Removing(Place):
    """Asks before a row is taken out."""

    code = "z"
    verb = Verb.ANSWER
    item: str
    row: str
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same question, the last change being seen."""
        return replace(self, seen=room.here.record(self.item).seq)

    def says(self, room: Room) -> Say:
        item, row = room.item(self.item), room.here.record(self.item).rows.get(self.row)
        if row is None:
            return AtTable(self.item).says(room)
        name = clip(room.here.row_label(item, row), 80)
        remove, back = Button("Remove it", Do("remove")), Button("Back", Go(AtRow(self.item, self.row)))
        return Say(item.label, f"Remove “{name}”? It stays in the history.", ((remove,), (back,)))

    def hears(self, room: Room, said: Said) -> Turn:
        row = room.here.record(self.item).rows.get(self.row)
        if not (isinstance(said, Tapped) and said.act == "remove"):
            return super().hears(room, said)
        if row is None or row.forced or self.row == FORM:
            return Turn(AtTable(self.item), aside="That row cannot be removed.")
        if aside := changed_meanwhile(room, self.item, self.seen):
            return Turn(self, aside=aside)
        return Turn(AtTable(self.item), (RowRemoved(item=self.item, row=self.row),), kept="Row removed.")
