"""Who has what, and by when: people and days for a section, an item, a gap or a task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.day_questions import Reading, day_buttons, day_said, told_day
from bot.dialog.parsing.dates import read_due
from bot.dialog.parsing.values import Misread, Read, Unsure
from bot.dialog.screens.home import SectionPage
from bot.dialog.screens.item import at
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Permission
from bot.domain.answers import Day
from bot.domain.events import Assigned, DueSet, PersonId, Role, Target
from bot.domain.events.base import SECTION
from bot.domain.negotiation import Member, Negotiation
from bot.domain.ownership import UNKNOWN, around, charged, due_of, item_of
from bot.domain.readiness.unknowns import overdue
from bot.domain.wording.history import aimed


def owned(n: Negotiation, target: Target) -> str:
    """Who has a target, short enough for a button."""
    people = charged(n, target)
    more = f" +{len(people) - 1}" if len(people) > 1 else ""
    return f"{clip(n.names(people[:1]), 20)}{more}"


def has(n: Negotiation, people: tuple[PersonId, ...]) -> str:
    """Who has something, as the end of a sentence."""
    return f"{n.names(people)} {'have' if len(people) > 1 else 'has'} it"


def back(context: Context, target: Target) -> Place:
    """The place of what is given or dated: a section, an item, a gap or an unknown."""
    from bot.dialog.screens.summary import GapDetail
    from bot.dialog.screens.unknowns import UnknownDetail

    item = item_of(target)
    if item is None:
        return SectionPage(target.removeprefix(SECTION))
    if target.startswith(UNKNOWN):
        return UnknownDetail(target.removeprefix(UNKNOWN))
    if target == item:
        return at(context.item(item))
    return GapDetail(*(*target.split("/"), "")[:3])


def _what(context: Context, target: Target) -> str:
    """What a target is called. Raises a `LookupError` for one that this checklist does not have."""
    item = item_of(target)
    _ = context.here.checklist.section[target.removeprefix(SECTION)] if item is None else context.item(item)
    return clip(aimed(context.here, target), 80)


@dataclass(frozen=True)
class AssignOwner(Place):
    """Who has something: anyone may take it on or leave it, a lead may give it to one person or to several."""

    code = "a"
    verb = Permission.LOOK
    target: Target

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.target,)

    def render(self, context: Context) -> Message:
        n, have, own = context.here, charged(context.here, self.target), context.here.owners.get(self.target, ())
        wider = around(n, self.target)
        inherited = charged(n, wider) if wider else ()
        through = f", with {_what(context, wider)}" if have and not own and wider else ""
        due = due_of(n, self.target)
        by = f"{when(due)}{' (late)' if overdue(n, self.target, context.today) else ''}" if due else "no day is set"
        rows: list[tuple[Button, ...]] = []
        if context.leads:
            people = [
                _toggle(context, member.id, have)
                for member in n.here
                if member.id in have or _may_have(n, member, self.target)
            ]
            rows += [tuple(people[start : start + 2]) for start in range(0, len(people), 2)]
            if own:
                label = f"As for {_what(context, wider)}: {n.names(inherited)}" if wider and inherited else "Nobody"
                rows.append((Button(clip(label, 60), Action("nobody")),))
            rows.append((Button("Set a date…", Link(SetDueDate(self.target))),))
        elif context.me not in have:
            rows.append((Button("I take it", Action("give", context.me)),))
        elif context.me in own:
            rows.append((Button("I leave it", Action("drop", context.me)),))
        hint = "Tap everybody who is to have it." if context.leads else ""
        text = f"Has it now: {n.names(have)}{through}.\nDue: {by}."
        return Message(
            f"Owner: {_what(context, self.target)}",
            "\n\n".join(part for part in (text, hint) if part),
            (*rows, (Button("Done", Link(back(context, self.target))),)),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        n, have = context.here, charged(context.here, self.target)
        match said:
            case ButtonReply(act="give", arg=person) if n.role(person):
                if person in have:
                    return Outcome(self, aside=f"{n.name(person)} has it already.")
                return self._given(context, (*have, person))
            case ButtonReply(act="drop", arg=person) if person in have:
                return self._dropped(context, person)
            case ButtonReply(act="nobody") if self.target in n.owners:
                return self._given(context, ())
            case ButtonReply(act="give" | "drop" | "nobody"):
                return Outcome(self, aside="That was changed already. Nothing was recorded.")
            case _:
                return super().handle(context, said)

    def _dropped(self, context: Context, person: PersonId) -> Outcome:
        wider = around(context.here, self.target)
        left = tuple(owner for owner in charged(context.here, self.target) if owner != person)
        if not left and wider and person in charged(context.here, wider):
            who = context.here.name(person)
            aside = (
                f"{who} has {_what(context, wider)} and this with it. "
                f"Give this to somebody else as well, then tap {who}."
            )
            return Outcome(self, aside=aside)
        return self._given(context, left)

    def _given(self, context: Context, people: tuple[PersonId, ...]) -> Outcome:
        wider = around(context.here, self.target)
        now = people or (charged(context.here, wider) if wider else ())
        kept = f"{_first(_what(context, self.target))}: {has(context.here, now)}."
        return Outcome(self, (Assigned(target=self.target, people=people),), kept=kept)


def _first(words: str) -> str:
    """Words as a sentence begins."""
    return words[:1].upper() + words[1:]


def _from_talks(n: Negotiation, day: date) -> str:
    left = (n.talks_on - day).days
    return f"T-{left}" if left >= 0 else "after the talks begin"


def _may_have(n: Negotiation, member: Member, target: Target) -> bool:
    """Whether somebody can be given a target at all: observers take on no work, and nobody what they may not see."""
    return member.role != Role.OBSERVER and may_see(n.judged, member.id, target)


def _toggle(context: Context, person: PersonId, have: tuple[PersonId, ...]) -> Button:
    name = f"{clip(context.here.name(person), 24)}{' (you)' if person == context.me else ''}"
    return Button(f"✓ {name}", Action("drop", person)) if person in have else Button(name, Action("give", person))


@dataclass(frozen=True)
class SetDueDate(Place):
    """By when something is to be settled: a lead sets a day by hand, or goes back to the checklist's."""

    code = "b"
    verb = Permission.LEAD
    target: Target
    doubt: str = ""  # a date that can be read in two ways

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.target,)

    def render(self, context: Context) -> Message:
        n, due = context.here, due_of(context.here, self.target)
        last = (Button("Back", Link(AssignOwner(self.target))),)
        title = f"By when: {_what(context, self.target)}"
        reading = self._read(context, self.doubt) if self.doubt else None
        if isinstance(reading, Unsure):
            return Message(title, reading.ask, (*day_buttons(reading), last))
        by_hand = self.target in n.dues
        source = "set by hand" if by_hand else self._source(context)
        now = f"Due on {when(due)} ({_from_talks(n, due)}), {source}." if due else "No day is set."
        text = f"{now}\n\nType a date: 12 March, T-20, in 2 weeks or 20 days before the talks."
        gates = [gate for gate in n.checklist.gates if n.talks_on - timedelta(days=gate.days) >= context.today]
        rows = tuple(
            (Button(clip(f"T-{gate.days}: {gate.label}", 40), Action("before", str(gate.days))),) for gate in gates
        )
        reset = ((Button(_first(self._source(context)), Action("reset")),),) if by_hand else ()
        return Message(title, text, (*rows, *reset, last))

    def _source(self, context: Context) -> str:
        """Where the day comes from when none is set for this by hand."""
        wider = around(context.here, self.target)
        while wider is not None:
            if wider in context.here.dues:
                return f"as for {_what(context, wider)}"
            wider = around(context.here, wider)
        return "as the checklist says"

    def unrecorded(self) -> str:
        return self.doubt

    def handle(self, context: Context, said: Reply) -> Outcome:
        n = context.here
        match said:
            case ButtonReply(act="before", arg=days) if days in {str(gate.days) for gate in n.checklist.gates}:
                return self._set(context, Day(day=n.talks_on - timedelta(days=int(days))))
            case ButtonReply(act="reset") if self.target in n.dues:
                kept = f"{_first(_what(context, self.target))}: the day is again {self._source(context)}."
                return Outcome(AssignOwner(self.target), (DueSet(target=self.target, day=None),), kept=kept)
            case ButtonReply(act="reset"):
                return Outcome(AssignOwner(self.target), aside="No day was set by hand here.")
        match day_said(said, self.doubt, partial(self._read, context)):
            case Read(value=Day() as day):
                return self._set(context, day)
            case Unsure() if isinstance(said, TextReply):
                return Outcome(replace(self, doubt=said.text))
            case Misread(why=why):
                return Outcome(replace(self, doubt=""), aside=why)
            case _:
                return super().handle(context, said)

    def _read(self, context: Context, text: str) -> Reading:
        return read_due(text, context.own_day, context.here.talks_on)

    def _set(self, context: Context, due: Day) -> Outcome:
        if due.day < context.today:
            aside = f"{told_day(due)} is past. By when is it to be settled?"
            return Outcome(replace(self, doubt=""), aside=aside)
        after = " That is after the talks begin." if due.day > context.here.talks_on else ""
        kept = f"{_first(_what(context, self.target))}: due on {told_day(due)}.{after}"
        return Outcome(AssignOwner(self.target), (DueSet(target=self.target, day=due.day),), kept=kept)
