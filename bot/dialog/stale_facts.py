"""Facts past their validity: what was answered is shown, and one tap says that it still holds."""

from __future__ import annotations

from bot.dialog.answer_slot import clip, confirmation, fields_shown, present
from bot.dialog.contract import Context, Outcome, Place
from bot.dialog.screens.row import field_line
from bot.domain.checklist import Kind
from bot.domain.negotiation import FORM
from bot.domain.readiness.item_gaps import STALE, Gap
from bot.domain.readiness.readiness import gaps


def stands(context: Context, gap: Gap) -> str:
    """What was answered where a fact is too old, for whoever is to say that it still holds."""
    item, record = context.item(gap.item), context.here.record(gap.item)
    row = record.rows.get(gap.row or (FORM if item.kind == Kind.FORM else ""))
    if row is not None:
        lines = (field_line(context, row, field) for field in fields_shown(context, item, row) if row.said(field.id))
        return f"It says:\n{clip(chr(10).join(lines))}"
    return present(context.here, item, record.answer)


def still_holds(context: Context, key: str, then: Place) -> Outcome:
    """Confirm what a gap says is too old: the item, or the one row that it names. The answer stays as it is."""
    gap = next((gap for gap in gaps(context.here, context.today) if gap.key == key and gap.rule == STALE), None)
    if gap is None:
        return Outcome(then, aside="That is not waiting to be confirmed any more. Nothing was recorded.")
    return Outcome(then, (confirmation(context, gap.item, gap.row),), kept="Confirmed: it still holds.")
