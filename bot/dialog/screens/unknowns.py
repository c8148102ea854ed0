"""Unknowns become work: a question for the first session, or a task with an owner and a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.dialog.answer_slot import clip, present, when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import at
from bot.dialog.screens.ownership import Giving
from bot.dialog.screens.row import AtRow
from bot.dialog.screens.summary import Summary
from bot.domain.access.permissions import Verb
from bot.domain.events import Pursued
from bot.domain.negotiation import FORM
from bot.domain.ownership import of_unknown
from bot.domain.readiness.unknowns import KnownUnknown, asked, late, unknowns

PAGE = 6
PRIORITIES: tuple[tuple[Literal[1, 2, 3], str], ...] = ((1, "first"), (2, "next"), (3, "if there is time"))


def pursued(room: Room, one: KnownUnknown) -> str:
    """What is done about an unknown."""
    if one.pursuit is None:
        return "neither a question nor a task yet"
    if one.question:
        return f"question for the first session, priority {one.pursuit.priority}"
    day = f", due {when(one.due)}{' (late)' if late(one, room.today) else ''}" if one.due else ""
    return f"task of {room.here.names(one.owners)}{day}"


@dataclass(frozen=True)
class Unknowns(Place):
    """Everything recorded as unknown: questions in the order in which to ask them, then tasks, then what rests."""

    code = "U"
    verb = Verb.LOOK
    page: int = 0

    def says(self, room: Room) -> Say:
        found = unknowns(room.here, room.today)
        last = (Button("Summary", Go(Summary())), Button("Home", Go(Home())))
        if not found:
            return Say("Unknowns", "Nothing is recorded as unknown.", (last,))
        page = min(self.page, (len(found) - 1) // PAGE)  # the last of a page may have been answered
        first = page * PAGE
        shown = list(enumerate(found[first : first + PAGE], start=first + 1))
        lines = [
            f"{number}. {one.item.label}: {clip(asked(room.here, one), 160)} · {pursued(room, one)}"
            for number, one in shown
        ]
        turns = [Button("◀ Before", Go(Unknowns(page - 1)))] if page else []
        turns += [Button("More ▶", Go(Unknowns(page + 1)))] if len(found) > first + PAGE else []
        picks = tuple(Button(str(number), Go(AtUnknown(one.spot))) for number, one in shown)
        questions, tasks = sum(one.question for one in found), sum(one.task for one in found)
        counts = f"{questions} question{'s' if questions != 1 else ''}, {tasks} task{'s' if tasks != 1 else ''}"
        return Say(
            f"Unknowns · {len(found)}: {counts}",
            "\n\n".join(lines),
            tuple(row for row in (picks, tuple(turns), last) if row),
        )


@dataclass(frozen=True)
class AtUnknown(Place):
    """One unknown, and what is done about it."""

    code = "k"
    verb = Verb.LOOK
    spot: str

    def unknown(self, room: Room) -> KnownUnknown | None:
        """The unknown, None once it is answered."""
        return next((one for one in unknowns(room.here, room.today) if one.spot == self.spot), None)

    def _item(self, room: Room) -> Button:
        item, row, _ = (*self.spot.split("/"), "", "")[:3]
        there = row and row != FORM and row in room.here.record(item).rows
        return Button("Go to the item", Go(AtRow(item, row) if there else at(room.item(item))))

    def says(self, room: Room) -> Say:
        one = self.unknown(room)
        item = room.item(self.spot.partition("/")[0])
        last = (Button("Unknowns", Go(Unknowns())), Button("Home", Go(Home())))
        if one is None:
            return Say(item.label, "This is not unknown any more.", ((self._item(room),), last))
        now = one.pursuit.priority if one.pursuit and one.question else 0
        ask = tuple(
            (Button(f"{'✓ ' if priority == now else ''}Ask it {words}", Do("question", str(priority))),)
            for priority, words in PRIORITIES
        )
        task = Button("Find it out: owner and date…" if one.task else "Make it a task…", Do("task"))
        rest = ((Button("Let it rest", Do("rest")),),) if one.pursuit else ()
        done = pursued(room, one)
        text = [asked(room.here, one), present(room.here, one.field or item, one.held), f"{done[0].upper()}{done[1:]}."]
        return Say(f"Unknown: {item.label}", "\n\n".join(text), (*ask, (task,), *rest, (self._item(room),), last))

    def hears(self, room: Room, said: Said) -> Turn:
        one = self.unknown(room)
        match said:
            case Tapped() if one is None:
                return Turn(self, aside="This was answered in the meantime. Nothing was recorded.")
            case Tapped(act="question", arg=arg) if arg in {str(priority) for priority, _ in PRIORITIES}:
                priority, words = PRIORITIES[int(arg) - 1]
                question = Pursued(spot=self.spot, course="question", priority=priority)
                return Turn(self, (question,), kept=f"A question for the first session, to be asked {words}.")
            case Tapped(act="task") if one and one.task:
                return Turn(Giving(of_unknown(self.spot)))
            case Tapped(act="task"):
                task = Pursued(spot=self.spot, course="task")
                return Turn(Giving(of_unknown(self.spot)), (task,), kept="A task. Who finds it out, and by when?")
            case Tapped(act="rest") if one and one.pursuit:
                return Turn(self, (Pursued(spot=self.spot, course=None),), kept="It rests.")
            case _:
                return super().hears(room, said)
