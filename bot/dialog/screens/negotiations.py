"""Several negotiations at once: how each stands, going from one to another, putting one away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.dialog.answer_slot import when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.refusals import AWAY
from bot.dialog.row_labels import talks_names
from bot.dialog.screens.home import Home, state_line
from bot.dialog.screens.team import Team
from bot.domain.access.permissions import Verb
from bot.domain.events import Archived
from bot.domain.negotiation import Negotiation
from bot.domain.readiness.gates import next_gate

PAGE = 6  # talks on one phone screen
ON_BUTTON, IN_TEXT = 50, 120  # characters of what talks are called
RESTS = "They can be read, but not changed, until a lead takes them up again."
Rows = list[tuple[Button, ...]]


def standing(name: str, n: Negotiation, today: date) -> str:
    """How talks stand, below their name: state, days left, and the gate that comes next."""
    lines = [name, state_line(n, today)]
    gate = next_gate(n, today)
    if gate is not None:
        holding = len(gate.holding)
        still = "open" if gate.open else f"{holding} gap{'s' if holding > 1 else ''} to close"
        lines.append(f"Next: {gate.gate.label}, {when(gate.on)}: {still}")
    return "\n".join(lines)


def _listed(room: Room, page: int, *, archived: bool) -> tuple[list[tuple[int, Negotiation]], int]:
    """The talks on a page, those that come soonest first, and how many there are altogether."""
    mine = [(number, n) for number, n in room.overview().items() if n.archived == archived]
    mine.sort(key=lambda one: (one[1].talks_on, one[0]))
    return mine[page * PAGE : page * PAGE + PAGE], len(mine)


def _rows(
    room: Room, place: OtherTalks | PutAway, shown: Iterable[tuple[int, Negotiation]], total: int
) -> list[tuple[Button, ...]]:
    names = talks_names(room, ON_BUTTON)
    rows: list[tuple[Button, ...]] = [(Button(names[number], Do("switch", str(number))),) for number, _ in shown]
    turns = []
    if place.page:
        turns.append(Button("◀ Earlier", Go(replace(place, page=place.page - 1))))
    if total > (place.page + 1) * PAGE:
        turns.append(Button("Later ▶", Go(replace(place, page=place.page + 1))))
    return [*rows, *([tuple(turns)] if turns else [])]


def _switched(room: Room, place: Place, said: Said) -> Turn | None:
    """A switch to other talks, if that is what was said."""
    if not (isinstance(said, Tapped) and said.act == "switch"):
        return None
    if said.arg not in {str(one.number) for one in room.talks}:
        return Turn(place, aside="You do not belong to those talks any more.")
    return Turn(Home(), talks=int(said.arg))


@dataclass(frozen=True)
class OtherTalks(Place):
    """All the negotiations of a person: how each stands, those that come soonest first."""

    code = "O"
    verb = Verb.COME
    page: int = 0

    def says(self, room: Room) -> Say:
        shown, total = _listed(room, self.page, archived=False)
        names = talks_names(room, IN_TEXT)
        text = "\n\n".join(standing(names[number], room.seen(n), room.today) for number, n in shown)
        text = text or ("There are none at work." if room.talks else "You belong to no negotiation.")
        rows = _rows(room, self, shown, total)
        away = len(room.talks) - total
        if away > 0:
            rows.append((Button(f"Put away ({away})", Go(PutAway())),))
        return Say("Your negotiations", text, (*rows, (Button("Home", Go(Home())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        return _switched(room, self, said) or super().hears(room, said)


@dataclass(frozen=True)
class PutAway(Place):
    """The negotiations that were put away: to be read, or taken up again."""

    code = "Oa"
    verb = Verb.COME
    page: int = 0

    def says(self, room: Room) -> Say:
        shown, total = _listed(room, self.page, archived=True)
        names = talks_names(room, IN_TEXT)
        lines = [f"{names[number]}\nTalks on {when(n.talks_on)}" for number, n in shown]
        text = "\n\n".join([RESTS, *lines]) if shown else "Nothing is put away."
        back = (Button("Your negotiations", Go(OtherTalks())), Button("Home", Go(Home())))
        return Say("Put away", text, (*_rows(room, self, shown, total), back))

    def hears(self, room: Room, said: Said) -> Turn:
        return _switched(room, self, said) or super().hears(room, said)


@dataclass(frozen=True)
class PuttingAway(Place):
    """Asks before talks are put away."""

    code = "V"
    verb = Verb.ORDER

    def says(self, room: Room) -> Say:
        back = (Button("Back", Go(Team())),)
        if room.here.archived:
            return Say("Put the talks away", AWAY, (back,))
        text = (
            f"Put the talks with {room.here.counterpart} away? They leave everybody’s overview. They can still be read "
            "and taken away as a file, but nothing is answered in them until a lead takes them up again."
        )
        return Say("Put the talks away", text, ((Button("Put away", Do("away")),), back))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Tapped) and said.act == "away" and not room.here.archived:
            return Turn(Home(), (Archived(archived=True),), kept="Put away.")
        return super().hears(room, said)
