"""Answering: one item at a time, why it is asked, what was said before, and doubts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import (
    ANSWER,
    MARK,
    AnswerSlot,
    changed_meanwhile,
    clip,
    confirmation,
    gaps_at,
    items_shown,
    present,
    when,
)
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.parsing.dates import examples
from bot.dialog.parsing.text import empty_words
from bot.dialog.parsing.values import Misread, Read, Unsure, read
from bot.domain.access.permissions import Permission
from bot.domain.answers import UNKNOWN, Answer, NotApplicable, Picked, Unknown
from bot.domain.checklist import Asked, Item, Kind
from bot.domain.events import Target
from bot.domain.negotiation import FORM
from bot.domain.ownership import due
from bot.domain.readiness.item_gaps import locked
from bot.domain.wording.history import told

HINTS = {
    Kind.TEXT: "Type your answer.",
    Kind.NUMBER: "Type a number.",
    Kind.CHOICES: "Tap all that apply.",
}


def hint(asked: Asked) -> str:
    """How a question is answered, where its buttons do not say it."""
    if asked.kind == Kind.DATE:
        return f"Type a date: {examples(past=asked.past)}."
    return HINTS.get(asked.kind, "")


def at(item: Item) -> Place:
    """The place where an item is answered."""
    from bot.dialog.screens.row import RowPage
    from bot.dialog.screens.table import TablePage

    match item.kind:
        case Kind.TABLE:
            return TablePage(item.id)
        case Kind.FORM:
            return RowPage(item.id, FORM)
        case _:
            return ItemQuestion(item.id)


def where(context: Context, item: Item) -> str:
    """Where a person is: the section, and how far along it."""
    section = context.here.checklist.section_of[item.id]
    shown = [sibling.id for sibling in items_shown(context, section.id)]
    number = f" · {shown.index(item.id) + 1} of {len(shown)}" if item.id in shown else ""
    return f"{section.title}{number}"


def question(context: Context, item: Item) -> list[str]:
    """What an item asks, and what is open there."""
    n = context.here
    lines = [n.words(item.ask)]
    if item.example:
        lines.append(f"For example: {n.words(item.example)}")
    if item.locked and locked(n, item, context.today):
        lines.append(f"🔒 {n.words(item.locked.says)}")
    record = n.record(item.id)
    if record.claim and not record.answered:
        lines.append(f"First pass: {str(record.claim).replace('_', ' ')}.")
    open_here = [gap for gap in gaps_at(context, item.id) if not gap.rule.startswith("_unanswered")]
    lines += [f"{MARK[gap.severity]} {clip(gap.says, 200)}" for gap in open_here[:3]]
    if len(open_here) > 3:
        lines.append(f"… and {len(open_here) - 3} more gaps here.")
    return lines


def about_buttons(context: Context, item: Item) -> tuple[tuple[Button, ...], ...]:
    """The rows of buttons that every item has below its own."""
    from bot.dialog.screens.evidence import ItemEvidence
    from bot.dialog.screens.home import SectionPage
    from bot.dialog.screens.ownership import AssignOwner, owned
    from bot.dialog.screens.unknowns import UnknownDetail

    record = context.here.record(item.id)
    section = context.here.checklist.section_of[item.id]
    unknown = (
        ((Button("Question or task…", Link(UnknownDetail(item.id))),),) if isinstance(record.said, Unknown) else ()
    )
    files = f" ({len(record.evidence)})" if record.evidence else ""
    return (
        *unknown,
        (Button("Why", Link(ItemWhy(item.id))), Button("History", Link(ItemHistoryPage(item.id)))),
        (
            Button(f"Evidence{files}", Link(ItemEvidence(item.id))),
            Button(f"Owner: {owned(context.here, item.id)}", Link(AssignOwner(item.id))),
        ),
        (Button("Back", Link(SectionPage(section.id))), Button("Skip", Link(NextItem(item.id)))),
    )


def hedge_buttons(item: Item, *, answered: bool) -> tuple[tuple[Button, ...], ...]:
    """Unknown and not applicable, and a way to take an answer away."""
    row = [Button("Unknown", Action("unknown"))]
    if not item.always_applies:
        row.append(Button("Not applicable…", Link(NotApplicableReason(item.id))))
    return (
        (tuple(row), (Button("Clear", Action("clear")), Button("Still holds", Action("holds"))))
        if answered
        else (tuple(row),)
    )


def option_buttons(options: list[tuple[str, str]], chosen: tuple[str, ...]) -> tuple[tuple[Button, ...], ...]:
    """Options as buttons, short ones two a row, the chosen ones marked."""
    made = [Button(f"✓ {label}" if key in chosen else label, Action("pick", key)) for key, label in options]
    if all(len(button.label) <= 14 for button in made):
        return tuple(tuple(made[start : start + 2]) for start in range(0, len(made), 2))
    return tuple((button,) for button in made)


@dataclass(frozen=True)
class ItemQuestion(Place):
    """One question of the checklist, answered by a tap or a message.

    ``seen`` is the last change the person has seen here: answering over a newer one asks first.
    """

    code = "i"
    verb = Permission.LOOK
    item: str
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """The same question, what stands there now being seen."""
        held = AnswerSlot(self.item).held(context.here)
        return replace(self, seen=held.seq if held else 0)

    def render(self, context: Context) -> Message:
        item = context.item(self.item)
        held = AnswerSlot(self.item).held(context.here)
        said = held.said if held else None
        lines = [*question(context, item), present(context.here, item, held)]
        options: tuple[tuple[Button, ...], ...] = ()
        if context.answers:
            lines.append(hint(item))
        if context.answers and not locked(context.here, item, context.today):
            chosen = said.options if isinstance(said, Picked) else ()
            options = option_buttons([(choice.id, choice.label) for choice in item.choices.values()], chosen)
            options += hedge_buttons(item, answered=said is not None)
        return Message(
            f"{where(context, item)}: {item.label}",
            "\n\n".join(line for line in lines if line),
            options + about_buttons(context, item),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        item, spot = context.item(self.item), AnswerSlot(self.item)
        if item.has_rows:
            return Outcome(at(item), aside="This is answered row by row. Nothing was recorded.")
        if locked(context.here, item, context.today) and item.locked:
            return Outcome(self, aside=f"{context.here.words(item.locked.says)} Nothing was recorded.")
        match said:
            case ButtonReply(act="pick", arg=option) if option in item.choices:
                return self._picked(context, item, option)
            case ButtonReply(act="unknown"):
                return record(context, spot, UNKNOWN, self.seen, NextItem(item.id))
            case ButtonReply(act="clear"):
                return record(context, spot, None, self.seen, self)
            case ButtonReply(act="holds"):
                return Outcome(NextItem(item.id), (confirmation(context, item.id),), kept="Confirmed: it still holds.")
            case TextReply(text=text):
                return typed(context, spot, text, self.seen, self, NextItem(item.id))
            case _:
                return super().handle(context, said)

    def _picked(self, context: Context, item: Item, option: str) -> Outcome:
        spot = AnswerSlot(self.item)
        if item.kind != Kind.CHOICES:
            return record(context, spot, Picked(options=(option,)), self.seen, NextItem(item.id))
        held = spot.held(context.here)
        chosen = held.said.options if held and isinstance(held.said, Picked) else ()
        wanted = [choice for choice in item.choices if (choice in chosen) != (choice == option)]
        return record(context, spot, Picked(options=tuple(wanted)) if wanted else None, self.seen, self)


def record(context: Context, spot: AnswerSlot, said: Answer | None, seen: int, then: Place) -> Outcome:
    """Record an answer, unless somebody else changed it since this person looked."""
    from bot.dialog.screens.clarifications import ResolveConflict

    held = spot.held(context.here)
    if held and held.seq > seen and held.by not in {context.me, None} and held.said != said:
        return Outcome(
            ResolveConflict(spot.item, spot.row, spot.field, ANSWER.dump_json(said).decode() if said else "")
        )
    shown = context.here.shown(spot.asked(context), said)
    return Outcome(then, (spot.event(said),), kept=f"Recorded: {clip(shown)}" if said else "Cleared.")


def read_at(context: Context, spot: AnswerSlot, text: str) -> Read | Unsure | Misread:
    """What a text says in answer to the question of a spot."""
    return read(spot.asked(context), text, context.own_day, spot.rows(context), context.here.talks_on)


def typed(context: Context, spot: AnswerSlot, text: str, seen: int, stay: Place, then: Place) -> Outcome:
    """Record what was typed, ask when it can be read in two ways, explain when in none."""
    from bot.dialog.screens.clarifications import Clarify

    match read_at(context, spot, text):
        case Read(value=value, echo=echo):
            turn = record(context, spot, value, seen, then)
            return replace(turn, kept=_echoed(turn.kept, echo)) if echo and turn.kept else turn
        case Unsure():
            return Outcome(Clarify(spot.item, spot.row, spot.field, text, seen))
        case Misread(why=why):
            return Outcome(stay, aside=f"Not recorded. {why}\nYou wrote: {clip(text, 300)}")


def _echoed(kept: str, echo: str) -> str:
    """What was recorded, and as what it was understood, neither said twice."""
    if echo in kept:
        return kept
    _, _, value = kept.partition(": ")
    return kept.replace(value, echo) if value and value in echo else f"{kept} ({echo})"


@dataclass(frozen=True)
class NextItem(Place):
    """Not a place to stand at: the next question after an item, found when everything is recorded."""

    code = "n"
    verb = Permission.LOOK
    item: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """The next item of the section that applies, or the section itself at its end."""
        from bot.dialog.screens.home import SectionPage

        section = context.here.checklist.section_of[self.item]
        order = list(context.here.checklist.item)
        later = [
            sibling for sibling in items_shown(context, section.id) if order.index(sibling.id) > order.index(self.item)
        ]
        return at(later[0]) if later else SectionPage(section.id)

    def render(self, context: Context) -> Message:
        return self.resolve(context).render(context)


@dataclass(frozen=True)
class ItemWhy(Place):
    """Why an item is asked, and which points it comes from."""

    code = "w"
    verb = Permission.LOOK
    item: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        item, checklist = context.item(self.item), context.here.checklist
        points = [f"{point}: {context.here.words(checklist.points[point])}" for point in item.from_]
        day, before = due(context.here, item), f"Due {item.due} days before the talks."
        as_written = day is None or item.due == (context.here.talks_on - day).days
        when_due = f"Due on {when(day)}." if day and not as_written else before if item.due is not None else ""
        text = "\n\n".join(part for part in (context.here.words(item.why), *points, checklist.source, when_due) if part)
        return Message(f"Why: {item.label}", text, ((Button("Back", Link(at(item))),),))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, TextReply):  # who has read enough need not go back first
            return at(context.item(self.item)).handle(context, said)
        return super().handle(context, said)


@dataclass(frozen=True)
class ItemHistoryPage(Place):
    """What was said at an item, by whom and when, newest first."""

    code = "h"
    verb = Permission.LOOK
    item: str
    page: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        item, past = context.item(self.item), context.here.record(self.item).past
        entries = list(past or ())
        shown = entries[self.page * 8 : self.page * 8 + 8]
        lines = [
            f"{when(happened.at)} {happened.at:%H:%M} · {clip(told(context.here, happened), 300)}" for happened in shown
        ]
        more = []
        if self.page:
            more.append(Button("Newer", Link(ItemHistoryPage(self.item, self.page - 1))))
        if len(entries) > self.page * 8 + 8:
            more.append(Button("Older", Link(ItemHistoryPage(self.item, self.page + 1))))
        text = "\n".join(lines) or "Nothing was recorded here yet."
        return Message(f"History: {item.label}", text, (tuple(more), (Button("Back", Link(at(item))),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, TextReply):  # who has read enough need not go back first
            return at(context.item(self.item)).handle(context, said)
        return super().handle(context, said)


def has_rows(context: Context, item: Item) -> str:
    """Why a table that holds rows of the team's cannot be set aside or called unknown; empty when it can."""
    rows = context.here.record(item.id).rows.values()
    if item.kind == Kind.TABLE and any(row.touched for row in rows):
        return "There are rows here. Remove them first, or mark single fields as unknown. Nothing was recorded."
    return ""


@dataclass(frozen=True)
class NotApplicableReason(Place):
    """Asks why an item does not apply. ``first_pass`` goes on with the section's first pass."""

    code = "r"
    verb = Permission.ANSWER
    item: str
    first_pass: int = 0
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """The same question, what stands there now being seen."""
        return replace(self, seen=context.here.record(self.item).seq)

    def render(self, context: Context) -> Message:
        item = context.item(self.item)
        text = f"{context.here.words(item.ask)}\n\nWhy does this not apply to these talks? Type the reason."
        return Message(f"Not applicable: {item.label}", text, ((Button("Back", Link(at(item))),),))

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.first_pass import FirstPass

        item = context.item(self.item)
        if not isinstance(said, TextReply) or not said.text.strip():
            return Outcome(self, aside="Please type a reason. Nothing was recorded.")
        if item.always_applies:
            return Outcome(at(item), aside="This one applies to all talks and cannot be set aside.")
        if empty := empty_words(said.text):
            return Outcome(self, aside=f"{empty} Please type the reason in words. Nothing was recorded.")
        if aside := changed_meanwhile(context, item.id, self.seen) or has_rows(context, item):
            return Outcome(self, aside=f"{aside}\nYou wrote: {clip(said.text, 300)}")
        then: Place = NextItem(item.id)
        if self.first_pass:
            then = FirstPass(context.here.checklist.section_of[item.id].id, item.id)
        return record(context, AnswerSlot(item.id), NotApplicable(reason=said.text.strip()), context.here.seq, then)
