"""Unknowns become work: a question for the first session, or a task with an owner and a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.dialog.answer_slot import clip, present, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import at
from bot.dialog.screens.ownership import AssignOwner
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.summary import Summary
from bot.domain.access.permissions import Permission
from bot.domain.events import Pursued, Target
from bot.domain.negotiation import FORM
from bot.domain.ownership import of_unknown
from bot.domain.readiness.unknowns import Unresolved, asked, late, unknowns

PAGE = 6
PRIORITIES: tuple[tuple[Literal[1, 2, 3], str], ...] = ((1, "first"), (2, "next"), (3, "if there is time"))
NOT_THEIRS = "It is not theirs to answer, so it cannot be a question to them: make it a task, or let it rest."


def pursued(context: Context, unknown: Unresolved) -> str:
    """What is done about an unknown."""
    if unknown.pursuit is None:
        return "neither a question nor a task yet"
    if unknown.question:
        return f"question for the first session, priority {unknown.pursuit.priority}"
    day = f", due {when(unknown.due)}{' (late)' if late(unknown, context.today) else ''}" if unknown.due else ""
    return f"task of {context.here.names(unknown.owners)}{day}"


@dataclass(frozen=True)
class Unknowns(Place):
    """Everything recorded as unknown: questions in the order in which to ask them, then tasks, then what rests."""

    code = "U"
    verb = Permission.LOOK
    targets = ()
    page: int = 0

    def render(self, context: Context) -> Message:
        found = unknowns(context.here, context.today)
        last = (Button("Summary", Link(Summary())), Button("Home", Link(Home())))
        if not found:
            return Message("Unknowns", "Nothing is recorded as unknown.", (last,))
        page = min(self.page, (len(found) - 1) // PAGE)  # the last of a page may have been answered
        first = page * PAGE
        shown = list(enumerate(found[first : first + PAGE], start=first + 1))
        lines = [
            f"{number}. {unknown.item.label}: {clip(asked(context.here, unknown), 160)} · {pursued(context, unknown)}"
            for number, unknown in shown
        ]
        turns = [Button("◀ Before", Link(Unknowns(page - 1)))] if page else []
        turns += [Button("More ▶", Link(Unknowns(page + 1)))] if len(found) > first + PAGE else []
        picks = tuple(Button(str(number), Link(UnknownDetail(unknown.spot))) for number, unknown in shown)
        questions, tasks = sum(unknown.question for unknown in found), sum(unknown.task for unknown in found)
        counts = f"{questions} question{'s' if questions != 1 else ''}, {tasks} task{'s' if tasks != 1 else ''}"
        return Message(
            f"Unknowns · {len(found)}: {counts}",
            "\n\n".join(lines),
            tuple(row for row in (picks, tuple(turns), last) if row),
        )


@dataclass(frozen=True)
class UnknownDetail(Place):
    """One unknown, and what is done about it."""

    code = "k"
    verb = Permission.LOOK
    spot: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.spot,)

    def unknown(self, context: Context) -> Unresolved | None:
        """The unknown, None once it is answered."""
        return next((unknown for unknown in unknowns(context.here, context.today) if unknown.spot == self.spot), None)

    def _item(self, context: Context) -> Button:
        item, row, _ = (*self.spot.split("/"), "", "")[:3]
        there = row and row != FORM and row in context.here.record(item).rows
        return Button("Go to the item", Link(RowPage(item, row) if there else at(context.item(item))))

    def render(self, context: Context) -> Message:
        unknown = self.unknown(context)
        item = context.item(self.spot.partition("/")[0])
        last = (Button("Unknowns", Link(Unknowns())), Button("Home", Link(Home())))
        if unknown is None:
            return Message(item.label, "This is not unknown any more.", ((self._item(context),), last))
        now = unknown.pursuit.priority if unknown.pursuit and unknown.question else 0
        ask = tuple(
            (Button(f"{'✓ ' if priority == now else ''}Ask it {words}", Action("question", str(priority))),)
            for priority, words in (PRIORITIES if unknown.askable else ())
        )
        task = Button("Find it out: owner and date…" if unknown.task else "Make it a task…", Action("task"))
        rest = ((Button("Let it rest", Action("rest")),),) if unknown.pursuit else ()
        done = pursued(context, unknown)
        text = [
            asked(context.here, unknown),
            present(context.here, unknown.field or item, unknown.held),
            f"{done[0].upper()}{done[1:]}.",
            *([] if unknown.askable else [NOT_THEIRS]),
        ]
        return Message(
            f"Unknown: {item.label}", "\n\n".join(text), (*ask, (task,), *rest, (self._item(context),), last)
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        unknown = self.unknown(context)
        match said:
            case ButtonReply() if unknown is None:
                return Outcome(self, aside="This was answered in the meantime. Nothing was recorded.")
            case ButtonReply(act="question") if unknown and not unknown.askable:
                return Outcome(self, aside=f"{NOT_THEIRS} Nothing was recorded.")
            case ButtonReply(act="question", arg=arg) if arg in {str(priority) for priority, _ in PRIORITIES}:
                priority, words = PRIORITIES[int(arg) - 1]
                question = Pursued(spot=self.spot, course="question", priority=priority)
                return Outcome(self, (question,), kept=f"A question for the first session, to be asked {words}.")
            case ButtonReply(act="task") if unknown and unknown.task:
                return Outcome(AssignOwner(of_unknown(self.spot)))
            case ButtonReply(act="task"):
                task = Pursued(spot=self.spot, course="task")
                return Outcome(
                    AssignOwner(of_unknown(self.spot)), (task,), kept="A task. Who finds it out, and by when?"
                )
            case ButtonReply(act="rest") if unknown and unknown.pursuit:
                return Outcome(self, (Pursued(spot=self.spot, course=None),), kept="It rests.")
            case _:
                return super().handle(context, said)
