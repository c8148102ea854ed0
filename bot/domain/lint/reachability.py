"""Whether every item can be reached: none waits for itself, none for what cannot be.

Conditions are thought through by trial. A single choice is tried with every option,
blank, unknown and "not applicable"; any other fact is taken to be free, true in one
trial and false in another. So an item is only called unreachable when it truly is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from bot.domain.checklist import Asked, Checklist, Item, ItemId, Kind
from bot.domain.conditions import AllOf, AnyOf, Condition, Fact, Not, Ref
from bot.domain.lint.condition_refs import fields_in, items_in, parts_of, refs_in
from bot.domain.lint.fault import Fault, Path, placed_items

BLANK, UNKNOWN, NOT_APPLICABLE = "(blank)", "(unknown)", "(not applicable)"  # no option's id has brackets

MOST_TRIALS = 20_000  # of one item; one with more is taken to be reachable
MOST_EFFORT = 200_000  # parts of conditions looked at in all; our own checklists need 2,000

Tried = Ref | Condition
World = Mapping[Tried, str | bool]
Waiting = Mapping[ItemId, tuple[Condition, ...]]  # what must hold before an item is answered


def cycles(checklist: Checklist) -> Iterator[Fault]:
    """The circles in which items, fields of a row, or the names of rows wait for each other."""
    paths = {item.id: path for path, item in placed_items(checklist)}
    waits = {item.id: set(_awaited(item)) & paths.keys() for item in checklist.item.values()}
    for circle in _circles(waits):
        item = checklist.item[circle[0]]
        key = "show_if" if circle[1] in items_in(item.show_if) else "locked"
        what = f"item {item.id} waits for itself ({' → '.join(circle)})"
        yield Fault((*paths[item.id], key), what, "Remove one of these conditions.")
    for item in checklist.item.values():
        yield from _field_cycles(item, paths[item.id])
    yield from _naming_cycles(checklist, paths)


def _field_cycles(item: Item, path: Path) -> Iterator[Fault]:
    places = {field.id: number for number, field in enumerate(item.fields)}
    waits = {field.id: set(fields_in(field.show_if)) & places.keys() for field in item.fields}
    for circle in _circles(waits):
        what = f"field {circle[0]} waits for itself ({' → '.join(circle)})"
        yield Fault((*path, "fields", places[circle[0]], "show_if"), what, "Remove one of these conditions.")


def _naming_cycles(checklist: Checklist, paths: Mapping[ItemId, Path]) -> Iterator[Fault]:
    """Tables whose rows are called after rows that are called after theirs: a name without an end."""
    naming = {item.id: _named_after(item) for item in checklist.item.values()}
    for circle in _circles({item: {of} & paths.keys() for item, of in naming.items()}):
        what = f"the rows of {circle[0]} are called after themselves ({' → '.join(circle)})"
        yield Fault((*paths[circle[0]], "named_by"), what, "Name a field of another kind in named_by.")


def _named_after(item: Item) -> ItemId:
    named_by = item.named_by or next(iter(item.field), "")
    naming = item.field.get(named_by)
    return (naming.of or "") if item.kind == Kind.TABLE and naming else ""


def _circles(waits: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """The shortest circle through each node that lies on one, each circle's nodes told once."""
    told: set[str] = set()
    for start in waits:
        if start not in told and (circle := _way_back(start, waits)):
            told.update(circle)
            yield circle


def _way_back(start: str, waits: Mapping[str, set[str]]) -> list[str]:
    """The shortest way from a node to itself, empty if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:  # grows as we go: breadth first
        for step in sorted(waits[way[-1]] - seen):
            if step == start:
                return [*way, start]
            seen.add(step)
            ways.append([*way, step])
    return []


def unreachable(checklist: Checklist) -> Iterator[Fault]:
    """Items that are never shown, or whose lock never opens."""
    patience = SearchBudget()
    for path, item in placed_items(checklist):
        shut = (door for door in _doors(path, item) if not _opens(door, item, checklist, patience))
        if door := next(shut, None):
            yield door.fault


def _opens(door: Entrance, item: Item, checklist: Checklist, patience: SearchBudget) -> bool:
    """Whether a door opens in some world: looked at by itself, then with all that it waits for."""
    nothing: Waiting = {}
    for waiting in (nothing, _ancestors(item, door.conditions, checklist) if patience.left > 0 else nothing):
        trial = Trial.of(door.conditions, waiting, checklist)
        if patience.allows(trial) and not trial.succeeds():
            return False
    return True


@dataclass(slots=True)
class SearchBudget:
    """How much more is thought through; past that, items are taken to be reachable."""

    left: int = MOST_EFFORT

    def allows(self, trial: Trial) -> bool:
        """Whether a trial is made. Its cost is taken off, and that of having looked at it."""
        cost = trial.size * trial.number
        self.left -= trial.size
        if trial.number > MOST_TRIALS or cost > self.left:
            return False
        self.left -= cost
        return True


def may_hold(conditions: tuple[Condition, ...], checklist: Checklist, table: Item, budget: SearchBudget) -> bool:
    """Whether conditions put to a row of a table can hold together; what is too much to think through is taken to."""
    trial = Trial.of(conditions, {}, checklist, table)
    return not budget.allows(trial) or trial.succeeds()


@dataclass(frozen=True, slots=True)
class Entrance:
    """Conditions that must hold together, and the fault if they cannot."""

    conditions: tuple[Condition, ...]
    fault: Fault


def _doors(path: Path, item: Item) -> Iterator[Entrance]:
    shown = (item.show_if,) if item.show_if is not None else ()
    if shown:
        what, mend = f"item {item.id} can never be shown", "Change show_if: it cannot hold."
        yield Entrance(shown, Fault((*path, "show_if"), what, mend))
    if item.locked is not None:
        what, mend = f"item {item.id} can never be answered", "Change until: it cannot hold."
        yield Entrance((*shown, item.locked.until), Fault((*path, "locked", "until"), what, mend))


@dataclass(frozen=True, slots=True)
class Trial:
    """Conditions tried in every world that the choices they mention allow."""

    conditions: tuple[Condition, ...]
    waiting: Waiting
    choices: Mapping[Ref, Asked]
    tried: Mapping[Tried, tuple[str | bool, ...]]

    @classmethod
    def of(
        cls, conditions: tuple[Condition, ...], waiting: Waiting, checklist: Checklist, table: Item | None = None
    ) -> Trial:
        """The trial of conditions, in worlds where nothing is answered before its time.

        ``table``: they are put to a row of it, so that its own choices are thought through, too.
        """
        every = _all(conditions, waiting)
        refs = (ref for condition in every for ref in refs_in(condition))
        choices = {ref: asked for ref in refs if (asked := _single_choice(ref, checklist, table))}
        tried: dict[Tried, tuple[str | bool, ...]] = {ref: _answers(asked) for ref, asked in choices.items()}
        for condition in every:
            tried.update((fact, (True, False)) for fact in _free(condition, choices))
        return cls(conditions, waiting, choices, tried)

    @property
    def number(self) -> int:
        """How many worlds there are to try."""
        return math.prod(len(values) for values in self.tried.values())

    @property
    def size(self) -> int:
        """How many parts the conditions of a world have."""
        return sum(1 for condition in _all(self.conditions, self.waiting) for _ in parts_of(condition))

    def succeeds(self) -> bool:
        """Whether the conditions hold in some world that can come about."""
        worlds = (dict(zip(self.tried, values, strict=True)) for values in product(*self.tried.values()))
        return any(
            all(self.holds(condition, world) for condition in self.conditions) and self.possible(world)
            for world in worlds
        )

    def possible(self, world: World) -> bool:
        """Whether nothing is answered that could not have been asked."""
        answered = {ref.split(".")[0] for ref in self.choices if world[ref] != BLANK}
        return all(self.holds(condition, world) for item in answered for condition in self.waiting.get(item, ()))

    def holds(self, condition: Condition, world: World) -> bool:
        """Whether a condition holds in a world."""
        match condition:
            case AllOf(all=parts):
                return all(self.holds(part, world) for part in parts)
            case AnyOf(any=parts):
                return any(self.holds(part, world) for part in parts)
            case Not(not_=part):
                return not self.holds(part, world)
            case Fact(the=ref) if _decided(condition, self.choices):
                return _so(condition, str(world[ref]), list(self.choices[ref].choices))
            case _:
                return bool(world[condition])


def _all(conditions: Iterable[Condition], waiting: Waiting) -> list[Condition]:
    return [*conditions, *(condition for own in waiting.values() for condition in own)]


def _so(fact: Fact, answer: str, options: list[str]) -> bool:
    """Whether a fact about a single choice is so, given its answer."""
    if fact.empty:
        return answer == BLANK
    if fact.unknown:
        return answer == UNKNOWN
    if fact.missing:
        return answer in {BLANK, UNKNOWN, NOT_APPLICABLE}
    if answer not in options:
        return False
    if fact.is_ is not None:
        return answer == fact.is_
    if fact.in_ is not None:
        return answer in fact.in_
    return _in_rank(fact, options.index(answer) + 1)


def _in_rank(fact: Fact, rank: int) -> bool:
    match fact:
        case Fact(over=int() | float() as bound):
            return rank > bound
        case Fact(under=int() | float() as bound):
            return rank < bound
        case Fact(at_least=int() | float() as bound):
            return rank >= bound
        case Fact(at_most=int() | float() as bound):
            return rank <= bound
    return True


def _decided(fact: Fact, choices: Mapping[Ref, Asked]) -> bool:
    """Whether a fact follows from the answer to a single choice alone."""
    if fact.the not in choices:
        return False
    ((name, value),) = fact.predicates().items()
    return name in {"is_", "in_", "empty", "unknown", "missing"} or (
        name in {"over", "under", "at_least", "at_most"} and isinstance(value, (int, float))
    )


def _single_choice(ref: Ref, checklist: Checklist, table: Item | None) -> Asked | None:
    """The item, field of a form, or field of a row of the table, that a reference names, if it takes one option."""
    head, *steps = ref.split(".")
    asked: Asked | None = checklist.item.get(head)
    if not head:
        asked = table.field.get(steps[0]) if table and len(steps) == 1 else None
    elif isinstance(asked, Item) and steps:
        asked = asked.field.get(steps[0]) if asked.kind == Kind.FORM and len(steps) == 1 else None
    return asked if asked and asked.kind in {Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.CHOICE} else None


def _answers(asked: Asked) -> tuple[str, ...]:
    return (*asked.choices, BLANK, UNKNOWN, NOT_APPLICABLE)


def _free(condition: Condition, choices: Mapping[Ref, Asked]) -> Iterator[Condition]:
    """The facts in a condition that are taken to be free."""
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts):
            for part in parts:
                yield from _free(part, choices)
        case Not(not_=part):
            yield from _free(part, choices)
        case Fact() if _decided(condition, choices):
            return
        case _:
            yield condition


def _ancestors(item: Item, conditions: tuple[Condition, ...], checklist: Checklist) -> Waiting:
    """The items that conditions mention, directly or through others, with what each waits for."""
    found: dict[ItemId, tuple[Condition, ...]] = {}
    next_up = [name for condition in conditions for name in items_in(condition)]
    while next_up:
        name = next_up.pop()
        there = checklist.item.get(name)
        if name in found or name == item.id or there is None:
            continue
        found[name] = _waits_for(there)
        next_up.extend(_awaited(there))
    return found


def _waits_for(item: Item) -> tuple[Condition, ...]:
    shown = (item.show_if,) if item.show_if is not None else ()
    return (*shown, item.locked.until) if item.locked is not None else shown


def _awaited(item: Item) -> Iterator[ItemId]:
    """The items that decide whether an item can be answered."""
    for condition in _waits_for(item):
        yield from items_in(condition)
