"""A row with the state of every field; a form is the only row of its item."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import AnswerSlot, changed_meanwhile, clip, confirmation, fields_shown
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.parsing.rows import looks_like_rows, named_alone
from bot.dialog.parsing.values import tidy
from bot.dialog.screens.item import NextItem, about_buttons, hedge_buttons, question, record, where
from bot.dialog.screens.table import FieldQuestion, TablePage, pasted, row_missing
from bot.domain.access.permissions import Permission
from bot.domain.answers import UNKNOWN, Unknown
from bot.domain.checklist import Field, Kind
from bot.domain.events import Target
from bot.domain.negotiation import Row
from bot.domain.readiness.item_gaps import locked


@dataclass(frozen=True)
class RowPage(Place):
    """One row, every field with its state. A form is its item's only row."""

    code = "o"
    verb = Permission.LOOK
    item: str
    row: str
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def missing(self, context: Context) -> str:
        return row_missing(context, self.item, self.row)

    def resolve(self, context: Context) -> Place:
        """The same row, its item's last change being seen; the table, when the row was removed."""
        record = context.here.record(self.item)
        return replace(self, seen=record.seq) if self.row in record.rows else TablePage(self.item).resolve(context)

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.remove_row import ConfirmRemoveRow

        item = context.item(self.item)
        row = context.here.record(self.item).rows.get(self.row)
        if row is None:
            return TablePage(self.item).render(context)
        form = item.kind == Kind.FORM
        fields = fields_shown(context, item, row)
        blank = self._blank(context) if context.answers else None
        lines = question(context, item) if form else []
        lines.append("\n".join(field_line(context, row, field) for field in fields))
        if context.answers and not locked(context.here, item, context.today):
            fill = f"Type to fill “{blank.label}”, or tap" if blank else "Tap"
            lines.append(f"{fill} a field to change it. “name: value”, a line each, works too.")
        buttons = [
            Button(f"{_field_mark(row, field)} {field.label}", Link(FieldQuestion(item.id, row.id, field.id)))
            for field in fields
        ]
        rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
        if blank:
            rows.append((Button(f"Fill next: {blank.label}", Link(FieldQuestion(item.id, row.id, blank.id))),))
        if form:
            answered = row.touched or context.here.record(item.id).said is not None
            rows += [
                *(hedge_buttons(item, answered=False)),
                *([(Button("Still holds", Action("holds")),)] if answered else []),
            ]
            return Message(
                f"{where(context, item)}: {item.label}", "\n\n".join(lines), (*rows, *about_buttons(context, item))
            )
        last = [Button("Back to the table", Link(TablePage(item.id)))]
        if not row.forced:
            last.insert(0, Button("Remove…", Link(ConfirmRemoveRow(item.id, row.id))))
        return Message(
            f"{item.label}: {clip(context.here.row_label(item, row), 80)}", "\n\n".join(lines), (*rows, tuple(last))
        )

    def _blank(self, context: Context) -> Field | None:
        """The field that is asked next."""
        item, row = context.item(self.item), context.here.record(self.item).rows.get(self.row)
        return next((field for field in fields_shown(context, item, row) if row and row.said(field.id) is None), None)

    def _asks_back(self, context: Context, text: str) -> Outcome | None:
        """What a single field asks back, where its one line cannot be read, or in two ways; else None."""
        if (named := named_alone(context.item(self.item), text)) is None:
            return None
        field, value = named[0], tidy(named[1])
        turn = FieldQuestion(self.item, self.row, field.id, self.seen).handle(context, TextReply(value))
        return None if turn.events or not value else turn

    def handle(self, context: Context, said: Reply) -> Outcome:
        item = context.item(self.item)
        match said:
            case TextReply(text=text) if (asked := self._asks_back(context, text)) is not None:
                return asked
            case TextReply(text=text) if looks_like_rows(item, text):
                return Outcome(pasted(item.id, self.row, text))
            case TextReply(text=text) if text.strip() and (field := self._blank(context)) is not None:
                return FieldQuestion(self.item, self.row, field.id).handle(context, said)
            case TextReply(text=text):
                return Outcome(
                    self,
                    aside="Which field is that for? Tap the field first, or type “name: value”.\n"
                    f"You wrote: {clip(text, 300)}",
                )
            case ButtonReply(act="unknown" | "holds") if aside := changed_meanwhile(context, item.id, self.seen):
                return Outcome(self, aside=aside)
            case ButtonReply(act="unknown") if item.kind == Kind.FORM:
                return record(context, AnswerSlot(item.id), UNKNOWN, context.here.seq, NextItem(item.id))
            case ButtonReply(act="holds"):
                return Outcome(NextItem(item.id), (confirmation(context, item.id),), kept="Confirmed: it still holds.")
            case _:
                return super().handle(context, said)


def _field_mark(row: Row, field: Field) -> str:
    said = row.said(field.id)
    return "?" if isinstance(said, Unknown) else "✓" if said is not None else "•" if field.required else "○"


def field_line(context: Context, row: Row, field: Field) -> str:
    """A field of a row with what it holds."""
    said = row.said(field.id)
    value = clip(context.here.shown(field, said), 200) if said else ("needed" if field.required else "–")
    return f"{field.label}: {value}"
