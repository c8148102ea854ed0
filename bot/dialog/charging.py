"""Who has what, and by when: people and days for a section, an item, a gap or a task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.core.answers import Day
from bot.core.charge import SECTION, UNKNOWN, around, charged, due_of, item_of
from bot.core.events import Assigned, DueSet, PersonId, Role, Target
from bot.core.need import may_see
from bot.core.negotiation import Member, Negotiation
from bot.core.permission import Verb
from bot.core.told import aimed
from bot.core.unknowns import overdue
from bot.dialog.day_doubts import day_buttons, picked_day
from bot.dialog.days import read_due
from bot.dialog.home import AtSection
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure, Wrong
from bot.dialog.spot import clip, when
from bot.dialog.walk import at


def owned(n: Negotiation, target: Target) -> str:
    """Who has a target, short enough for a button."""
    people = charged(n, target)
    more = f" +{len(people) - 1}" if len(people) > 1 else ""
    return f"{clip(n.names(people[:1]), 20)}{more}"


def has(n: Negotiation, people: tuple[PersonId, ...]) -> str:
    """Who has something, as the end of a sentence."""
    return f"{n.names(people)} {'have' if len(people) > 1 else 'has'} it"


def back(room: Room, target: Target) -> Place:
    """The place of what is given or dated: a section, an item, a gap or an unknown."""
    from bot.dialog.leading import AtGap
    from bot.dialog.unknowns import AtUnknown

    item = item_of(target)
    if item is None:
        return AtSection(target.removeprefix(SECTION))
    if target.startswith(UNKNOWN):
        return AtUnknown(target.removeprefix(UNKNOWN))
    if target == item:
        return at(room.item(item))
    return AtGap(*(*target.split("/"), "")[:3])


def _what(room: Room, target: Target) -> str:
    """What a target is called. Raises a `LookupError` for one that this checklist does not have."""
    item = item_of(target)
    _ = room.here.checklist.section[target.removeprefix(SECTION)] if item is None else room.item(item)
    return clip(aimed(room.here, target), 80)


@dataclass(frozen=True)
class Giving(Place):
    """Who has something: anyone may take it on or leave it, a lead may give it to one person or to several."""

    code = "a"
    verb = Verb.LOOK
    target: Target

    def says(self, room: Room) -> Say:
        n, have, own = room.here, charged(room.here, self.target), room.here.owners.get(self.target, ())
        wider = around(n, self.target)
        inherited = charged(n, wider) if wider else ()
        through = f", with {_what(room, wider)}" if have and not own and wider else ""
        due = due_of(n, self.target)
        by = f"{when(due)}{' (late)' if overdue(n, self.target, room.today) else ''}" if due else "no day is set"
        rows: list[tuple[Button, ...]] = []
        if room.leads:
            people = [_toggle(room, one.id, have) for one in n.here if one.id in have or _may_have(n, one, self.target)]
            rows += [tuple(people[start : start + 2]) for start in range(0, len(people), 2)]
            if own:
                label = f"As for {_what(room, wider)}: {n.names(inherited)}" if wider and inherited else "Nobody"
                rows.append((Button(clip(label, 60), Do("nobody")),))
            rows.append((Button("Set a date…", Go(Dating(self.target))),))
        elif room.me not in have:
            rows.append((Button("I take it", Do("give", room.me)),))
        elif room.me in own:
            rows.append((Button("I leave it", Do("drop", room.me)),))
        hint = "Tap everybody who is to have it." if room.leads else ""
        text = f"Has it now: {n.names(have)}{through}.\nDue: {by}."
        return Say(
            f"Owner: {_what(room, self.target)}",
            "\n\n".join(part for part in (text, hint) if part),
            (*rows, (Button("Done", Go(back(room, self.target))),)),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        n, have = room.here, charged(room.here, self.target)
        match said:
            case Tapped(act="give", arg=person) if n.role(person):
                if person in have:
                    return Turn(self, aside=f"{n.name(person)} has it already.")
                return self._given(room, (*have, person))
            case Tapped(act="drop", arg=person) if person in have:
                return self._dropped(room, person)
            case Tapped(act="nobody") if self.target in n.owners:
                return self._given(room, ())
            case Tapped(act="give" | "drop" | "nobody"):
                return Turn(self, aside="That was changed already. Nothing was recorded.")
            case _:
                return super().hears(room, said)

    def _dropped(self, room: Room, person: PersonId) -> Turn:
        wider = around(room.here, self.target)
        left = tuple(one for one in charged(room.here, self.target) if one != person)
        if not left and wider and person in charged(room.here, wider):
            who = room.here.name(person)
            aside = (
                f"{who} has {_what(room, wider)} and this with it. Give this to somebody else as well, then tap {who}."
            )
            return Turn(self, aside=aside)
        return self._given(room, left)

    def _given(self, room: Room, people: tuple[PersonId, ...]) -> Turn:
        wider = around(room.here, self.target)
        now = people or (charged(room.here, wider) if wider else ())
        kept = f"{_first(_what(room, self.target))}: {has(room.here, now)}."
        return Turn(self, (Assigned(target=self.target, people=people),), kept=kept)


def _first(words: str) -> str:
    """Words as a sentence begins."""
    return words[:1].upper() + words[1:]


def _from_talks(n: Negotiation, day: date) -> str:
    left = (n.talks_on - day).days
    return f"T-{left}" if left >= 0 else "after the talks begin"


def _may_have(n: Negotiation, one: Member, target: Target) -> bool:
    """Whether somebody can be given a target at all: observers take on no work, and nobody what they may not see."""
    return one.role != Role.OBSERVER and may_see(n.judged, one.id, target)


def _toggle(room: Room, person: PersonId, have: tuple[PersonId, ...]) -> Button:
    name = f"{clip(room.here.name(person), 24)}{' (you)' if person == room.me else ''}"
    return Button(f"✓ {name}", Do("drop", person)) if person in have else Button(name, Do("give", person))


@dataclass(frozen=True)
class Dating(Place):
    """By when something is to be settled: a lead sets a day by hand, or goes back to the checklist's."""

    code = "b"
    verb = Verb.LEAD
    target: Target
    doubt: str = ""  # a date that can be read in two ways

    def says(self, room: Room) -> Say:
        n, due = room.here, due_of(room.here, self.target)
        last = (Button("Back", Go(Giving(self.target))),)
        title = f"By when: {_what(room, self.target)}"
        reading = read_due(self.doubt, room.own_day, n.talks_on) if self.doubt else None
        if isinstance(reading, Unsure):
            return Say(title, reading.ask, (*day_buttons(reading), last))
        by_hand = self.target in n.dues
        source = "set by hand" if by_hand else self._source(room)
        now = f"Due on {when(due)} ({_from_talks(n, due)}), {source}." if due else "No day is set."
        text = f"{now}\n\nType a date: 12 March, T-20, in 2 weeks or 20 days before the talks."
        gates = [gate for gate in n.checklist.gates if n.talks_on - timedelta(days=gate.days) >= room.today]
        rows = tuple(
            (Button(clip(f"T-{gate.days}: {gate.label}", 40), Do("before", str(gate.days))),) for gate in gates
        )
        reset = ((Button(_first(self._source(room)), Do("reset")),),) if by_hand else ()
        return Say(title, text, (*rows, *reset, last))

    def _source(self, room: Room) -> str:
        """Where the day comes from when none is set for this by hand."""
        wider = around(room.here, self.target)
        while wider is not None:
            if wider in room.here.dues:
                return f"as for {_what(room, wider)}"
            wider = around(room.here, wider)
        return "as the checklist says"

    def hears(self, room: Room, said: Said) -> Turn:
        n = room.here
        match said:
            case Typed(text=text):
                reading = read_due(text, room.own_day, n.talks_on)
            case Tapped(act="before", arg=days) if days in {str(gate.days) for gate in n.checklist.gates}:
                reading = Read(Day(day=n.talks_on - timedelta(days=int(days))))
            case Tapped(act="day", arg=nth) if self.doubt:
                reading = read_due(self.doubt, room.own_day, n.talks_on)
                if picked := picked_day(reading, nth):
                    reading = Read(Day(day=picked))
            case Tapped(act="reset") if self.target in n.dues:
                kept = f"{_first(_what(room, self.target))}: the day is again {self._source(room)}."
                return Turn(Giving(self.target), (DueSet(target=self.target, day=None),), kept=kept)
            case Tapped(act="reset"):
                return Turn(Giving(self.target), aside="No day was set by hand here.")
            case _:
                return super().hears(room, said)
        match reading:
            case Read(value=Day(day=day)):
                return self._set(room, day)
            case Unsure() if isinstance(said, Typed):
                return Turn(replace(self, doubt=said.text))
            case Wrong(why=why):
                return Turn(replace(self, doubt=""), aside=why)
            case _:
                return super().hears(room, said)

    def _set(self, room: Room, day: date) -> Turn:
        if day < room.today:
            return Turn(replace(self, doubt=""), aside=f"{when(day)} is past. By when is it to be settled?")
        after = " That is after the talks begin." if day > room.here.talks_on else ""
        kept = f"{_first(_what(room, self.target))}: due on {when(day)}.{after}"
        return Turn(Giving(self.target), (DueSet(target=self.target, day=day),), kept=kept)
