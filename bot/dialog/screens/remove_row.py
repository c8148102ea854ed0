"""Taking a row out of its table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import changed_meanwhile, clip
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.table import TablePage, row_missing
from bot.domain.access.permissions import Permission
from bot.domain.events import RowRemoved, Target
from bot.domain.negotiation import FORM


@dataclass(frozen=True)
class ConfirmRemoveRow(Place):
    """Asks before a row is taken out."""

    code = "z"
    verb = Permission.ANSWER
    item: str
    row: str
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def missing(self, context: Context) -> str:
        return row_missing(context, self.item, self.row)

    def resolve(self, context: Context) -> Place:
        """The same question, the last change being seen; the table, when the row was removed already."""
        record = context.here.record(self.item)
        return replace(self, seen=record.seq) if self.row in record.rows else TablePage(self.item).resolve(context)

    def render(self, context: Context) -> Message:
        item, row = context.item(self.item), context.here.record(self.item).rows.get(self.row)
        if row is None:
            return TablePage(self.item).render(context)
        name = clip(context.here.row_label(item, row), 80)
        remove, back = Button("Remove it", Action("remove")), Button("Back", Link(RowPage(self.item, self.row)))
        return Message(item.label, f"Remove “{name}”? It stays in the history.", ((remove,), (back,)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        row = context.here.record(self.item).rows.get(self.row)
        if not (isinstance(said, ButtonReply) and said.act == "remove"):
            return super().handle(context, said)
        if row is None or row.forced or self.row == FORM:
            return Outcome(TablePage(self.item), aside="That row cannot be removed.")
        if aside := changed_meanwhile(context, self.item, self.seen):
            return Outcome(self, aside=aside)
        return Outcome(TablePage(self.item), (RowRemoved(item=self.item, row=self.row),), kept="Row removed.")
