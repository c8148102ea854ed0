"""Each person's own work, and for leads everybody's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.screens.home import Home
from bot.dialog.screens.summary import AtGap, gap_args, line
from bot.dialog.screens.unknowns import AtUnknown
from bot.dialog.stale_facts import still_holds
from bot.domain.access.permissions import Verb
from bot.domain.events import PersonId
from bot.domain.readiness.item_gaps import STALE, Gap
from bot.domain.readiness.unknowns import KnownUnknown, asked, late, work

PAGE = 6


@dataclass(frozen=True)
class Mine(Place):
    """What a person has to settle: what is overdue first, then worst first. Leads may look at anybody's."""

    code = "Y"
    verb = Verb.LOOK
    person: PersonId = ""
    page: int = 0

    def says(self, room: Room) -> Say:
        person = self.person or room.me
        if person != room.me and not room.leads:
            text = f"Only {room.leads_by}, the lead, can look at another person’s work."
            return Say("Work", text, ((Button("Mine", Go(Mine())), Button("Home", Go(Home()))),))
        found = work(room.here, person, room.today)
        title = "Your work" if person == room.me else f"Work of {room.here.name(person)}"
        page = min(self.page, max(len(found) - 1, 0) // PAGE)  # the last of a page may have been settled
        first = page * PAGE
        shown = list(enumerate(found[first : first + PAGE], start=first + 1))
        turns = [Button("◀ Before", Go(replace(self, page=page - 1)))] if page else []
        turns += [Button("More ▶", Go(replace(self, page=page + 1)))] if len(found) > first + PAGE else []
        rows = [
            tuple(Button(str(number), Go(_place(one))) for number, one in shown),
            *(
                (Button(f"{number} still holds", Do("holds", one.key)),)
                for number, one in shown
                if isinstance(one, Gap) and one.rule == STALE
            ),
            tuple(turns),
        ]
        others = [Button("Other people", Go(Hands()))] if room.leads else []
        overdue = sum(late(one, room.today) for one in found)
        count = f" · {len(found)} open, {overdue} overdue" if overdue else f" · {len(found)} open" if found else ""
        text = "\n\n".join(f"{number}. {_line(room, one)}" for number, one in shown)
        return Say(
            f"{title}{count}",
            text or "No open work. Items and gaps are taken on with their “Owner” button.",
            (*(row for row in rows if row), (*others, Button("Home", Go(Home())))),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="holds", arg=key):
                return still_holds(room, key, self)
            case _:
                return super().hears(room, said)


def _place(one: Gap | KnownUnknown) -> Place:
    return AtGap(*gap_args(one)) if isinstance(one, Gap) else AtUnknown(one.spot)


def _line(room: Room, one: Gap | KnownUnknown) -> str:
    overdue = "‼ " if late(one, room.today) else ""
    if isinstance(one, Gap):
        return f"{overdue}{line(room, one)}"
    due = f" · due {when(one.due)}{' (late)' if overdue else ''}" if one.due else ""
    what = f"? {one.item.label}: find out: {clip(asked(room.here, one), 160)}"
    return f"{overdue}{what} · {room.here.names(one.owners)}{due}"


@dataclass(frozen=True)
class Hands(Place):
    """Who has how much, for a lead."""

    code = "y"
    verb = Verb.ORDER

    def says(self, room: Room) -> Say:
        last = (Button("Mine", Go(Mine())), Button("Home", Go(Home())))
        if not room.leads:
            return Say("Work", f"Only {room.leads_by}, the lead, can look at other people’s work.", (last,))
        rows = []
        for one in room.here.here:
            found = work(room.here, one.id, room.today)
            overdue = sum(late(each, room.today) for each in found)
            count = f"{len(found)} open, {overdue} overdue" if overdue else f"{len(found)} open"
            rows.append((Button(f"{clip(one.name, 30)} · {count}", Go(Mine(one.id))),))
        return Say("Who has what", "Open work of each person.", (*rows, last))
