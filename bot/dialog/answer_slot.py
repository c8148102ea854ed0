"""A spot is where one answer goes: an item, or a field of one of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter

from bot.dialog.contract import Context
from bot.domain.answers import Answer, NotApplicable, Unknown
from bot.domain.checklist import Asked, Item, Severity
from bot.domain.checklist import Field as RowField
from bot.domain.events import Answered, AnyEvent, Confirmed, RowPut
from bot.domain.negotiation import Happened, Held, Negotiation, Row
from bot.domain.projection import changes_content
from bot.domain.readiness.item_gaps import Gap, applies, locked
from bot.domain.readiness.readiness import gaps
from bot.domain.readiness.rules import Scope, holds
from bot.domain.wording.history import told

ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
UNRECORDED = 1000  # characters repeated of what waited and was left
CLIP = 700  # characters of one answer shown in chat; exports carry all of it
MARK = {"blocker": "⛔", "major": "▲", "minor": "△"}


@dataclass(frozen=True, slots=True)
class AnswerSlot:
    """An item's own answer (``field`` is empty), or one cell of a row."""

    item: str
    row: str = ""
    field: str = ""

    def asked(self, context: Context) -> Asked:
        """The question put here."""
        item = context.item(self.item)
        return item.field[self.field] if self.field else item

    def held(self, n: Negotiation) -> Held | None:
        """What stands here, and who said it."""
        record = n.record(self.item)
        if not self.field:
            return record.answer
        row = record.rows.get(self.row)
        return row.cells.get(self.field) if row else None

    def event(self, said: Answer | None) -> AnyEvent:
        """The event that records an answer here."""
        if not self.field:
            return Answered(item=self.item, answer=said)
        if isinstance(said, NotApplicable):
            msg = "a cell is blank or unknown, never not applicable"
            raise TypeError(msg)
        return RowPut(item=self.item, row=self.row, cells={self.field: said})

    def rows(self, context: Context) -> dict[str, str]:
        """The rows that an answer here may point at, by id, with their names."""
        asked = self.asked(context)
        table = asked.of if isinstance(asked, RowField) else None
        return rows_of(context.here, table) if table else {}


def rows_of(n: Negotiation, table: str) -> dict[str, str]:
    """The rows of a table with their names."""
    if n.withholds(table):
        return {}
    item = n.checklist.item[table]
    return {row.id: n.row_label(item, row) for row in n.record(table).rows.values()}


def fields_shown(context: Context, item: Item, row: Row | None) -> list[RowField]:
    """The fields of a row that apply, required ones first."""
    row = row or Row(id="", cells={})
    row = context.here.judged.record(item.id).rows.get(row.id, row)
    scope = Scope(context.here.judged, context.today, item, row)
    shown = [field for field in item.fields if field.show_if is None or holds(field.show_if, scope)]
    return sorted(shown, key=lambda field: not field.required)


def clip(text: str, limit: int = CLIP) -> str:
    """Text short enough for a chat message, saying how much was left out."""
    return text if len(text) <= limit else f"{text[:limit].rstrip()}… ({len(text) - limit:,} more characters)"


def not_recorded(words: str) -> str:
    """That words which waited were not recorded, with as many of them as fit beside what else is told."""
    return f"Not recorded: {clip(words, UNRECORDED)}"


def when(at: datetime | date) -> str:
    """A day as people read it."""
    return f"{at.day} {at:%B %Y}"


def present(n: Negotiation, asked: Asked, held: Held | None) -> str:
    """The answer as it stands, with who and when; an invitation to answer where there is none."""
    if held is None or held.said is None:
        return ""
    who = f"{n.name(held.by)}, {when(held.at)}" if held.by else "given by the checklist"
    return f"Now: {clip(n.shown(asked, held.said))}\n({who})"


def confirmation(context: Context, item: str, row: str | None = None) -> Confirmed:
    """That what stands still holds; it keeps signatures, unless it says so of a list for the first time."""
    n, keeping = context.here.judged, Confirmed(item=item, row=row, keeps_signatures=True)
    voids = changes_content(n, Happened(n.seq + 1, context.now, context.me, keeping))
    return Confirmed(item=item, row=row) if voids else keeping


def gaps_at(context: Context, item: str) -> tuple[Gap, ...]:
    """The open gaps of one item, worst first."""
    return tuple(gap for gap in gaps(context.here, context.today) if gap.item == item)


def mark(context: Context, item: Item) -> str:
    """How an item stands, as one sign: never by colour alone."""
    record = context.here.record(item.id)
    if locked(context.here, item, context.today):
        return "🔒"
    if isinstance(record.said, NotApplicable):
        return "–"
    if isinstance(record.said, Unknown):
        return "?"
    worst = next(iter(gaps_at(context, item.id)), None)
    if worst is None:
        return "✓"
    if record.written:
        return MARK[worst.severity]
    return "◐" if record.claim else "○"


def items_shown(context: Context, section: str) -> list[Item]:
    """The items of a section that apply to these talks."""
    return [
        item for item in context.here.checklist.section[section].items if applies(context.here, item, context.today)
    ]


def changed_meanwhile(context: Context, item: str, seen: int) -> str:
    """What somebody else did at an item since this person looked, in words; empty when nothing."""
    record = context.here.record(item)
    newest = record.past.happened if record.past else None
    if newest is None or record.seq <= seen or newest.by in {context.me, None}:
        return ""
    return (
        f"This was changed while you were looking at it: {told(context.here, newest)}. "
        "Nothing was recorded; look again."
    )


def effect(before: Negotiation, after: Negotiation, on: date) -> str:
    """What a change opened, closed and made heavier or lighter, in words; empty when the gaps are the same.

    Of what the person no longer sees after it, nothing is said.
    """
    was, now = gaps(before, on), gaps(after, on)
    same = set(map(id, was)).intersection(map(id, now))  # most are: what a change does not touch is not judged anew
    old = {gap.key: gap for gap in was if id(gap) not in same and not after.withholds(gap.item)}
    new = {gap.key: gap for gap in now if id(gap) not in same}
    lines = [
        f"This {'is now' if key in old else 'opens'} {_called(after, gap)}"
        for key, gap in new.items()
        if key not in old or old[key].severity != gap.severity
    ]
    lines += [f"This closes {_called(before, gap)}" for key, gap in old.items() if key not in new]
    more = len(lines) - 3
    told = "\n".join(clip(line, 300) for line in lines[:3])
    return told if more <= 0 else f"{told}\n… and {more} more change{'s' if more > 1 else ''}."


def _called(n: Negotiation, gap: Gap) -> str:
    kind = "a blocker" if gap.severity == Severity.BLOCKER else f"a {gap.severity} gap"
    item = f"{n.checklist.item[gap.item].label}: " if gap.rule.startswith("_") else ""
    return f"{kind}: {item}{gap.says}"
