"""Whether every reference of a checklist's conditions leads to something its predicate can be put to.

What `bot.domain.readiness.rules` would do with a condition, done on paper: the same scopes, the same
steps through pointers, with kinds in the place of answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.checklist import Asked, Checklist, Field, Item, Kind
from bot.domain.conditions import (
    TALKS,
    TODAY,
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Count,
    EveryRow,
    Fact,
    Forced,
    Mirror,
    NoRow,
    Not,
    OpenBlocker,
    PointedAt,
    Ref,
    Rows,
    Share,
    Shifted,
    Weigh,
)
from bot.domain.lint.fault import SPOKEN, Fault, Path, meant, placed_items

DAYS = (TALKS, TODAY)
OF_DATES = ("after", "before")
OF_SIZES = ("over", "under", "at_least", "at_most")


@dataclass(frozen=True, slots=True)
class ConditionScope:
    """From where a condition looks: a checklist, perhaps from a row of one of its items."""

    checklist: Checklist
    rows_of: Item | None = None
    blockers: bool = False  # whether it may ask for open blockers


def dangling(checklist: Checklist) -> Iterator[Fault]:
    """The faults of every condition in a checklist."""
    view = ConditionScope(checklist)
    for path, item in placed_items(checklist):
        if item.show_if is not None:
            yield from condition_faults(item.show_if, (*path, "show_if"), view)
        if item.locked is not None:
            yield from condition_faults(item.locked.until, (*path, "locked", "until"), view)
        in_row = replace(view, rows_of=item)
        for f, field in enumerate(item.fields):
            if field.show_if is not None:
                yield from condition_faults(field.show_if, (*path, "fields", f, "show_if"), in_row)
        for g, rule in enumerate(item.gaps):
            seen_from = replace(in_row if rule.each else view, blockers=True)
            yield from condition_faults(rule.when, (*path, "gaps", g, "when"), seen_from)
            if rule.lighter is not None:
                yield from condition_faults(rule.lighter.when, (*path, "gaps", g, "lighter", "when"), view)


def condition_faults(condition: Condition, at: Path, view: ConditionScope) -> Iterator[Fault]:  # noqa: C901, PLR0912 (a case a head)
    """The faults of a condition that stands at a path."""
    match condition:
        case Fact():
            yield from _fact(condition, at, view)
        case AllOf(all=parts):
            for number, part in enumerate(parts):
                yield from condition_faults(part, (*at, "all", number), view)
        case AnyOf(any=parts):
            for number, part in enumerate(parts):
                yield from condition_faults(part, (*at, "any", number), view)
        case Not(not_=part):
            yield from condition_faults(part, (*at, "not"), view)
        case AnyRow(any_row=table, where=where):
            yield from _rows(table, where, at, "any_row", view)
        case EveryRow(every_row=table, where=where):
            yield from _rows(table, where, at, "every_row", view)
        case NoRow(no_row=table, where=where):
            yield from _rows(table, where, at, "no_row", view)
        case Share(share=table, where=where):
            yield from _rows(table, where, at, "share", view)
        case Count():
            yield from _count(condition, at, view)
        case Weigh():
            yield from _weigh(condition, at, view)
        case Mirror(mirror=table, pointer=pointer):
            yield from _rows(table, None, at, "mirror", view)
            yield from _pointer(pointer, table, (*at, "pointer"), view)
        case PointedAt():
            yield from _pointed_at(condition, at, view)
        case Forced():
            yield from _forced((*at, "forced"), view)
        case OpenBlocker() if not view.blockers:
            what = "only a gap rule can ask whether a blocker is open"
            yield Fault((*at, "open_blocker"), what, "Move this into a gap rule, or name the item that matters.")


def _rows(table: str, where: Condition | None, at: Path, head: str, view: ConditionScope) -> Iterator[Fault]:
    """The faults of a head that goes over a table's rows, and of what it asks of each."""
    item = _table(table, (*at, head), view)
    if isinstance(item, Fault):
        yield item
    elif where is not None:
        yield from condition_faults(where, (*at, "where"), replace(view, rows_of=item))


def _table(table: str, at: Path, view: ConditionScope) -> Item | Fault:
    item = view.checklist.item.get(table)
    if item is None:
        return _no_item(table, at, view.checklist)
    if item.kind != Kind.TABLE:
        return Fault(
            at,
            f"{table} is {SPOKEN[item.kind]} and has no rows",
            "Name a table, or ask for the value itself.",
        )
    return item


def _no_item(name: str, at: Path, checklist: Checklist) -> Fault:
    return Fault(at, f"there is no item {name}", meant(name, checklist.item))


def _no_field(name: str, item: Item, at: Path) -> Fault:
    return Fault(at, f"item {item.id} has no field {name}", meant(name, item.field))


def _count(count: Count, at: Path, view: ConditionScope) -> Iterator[Fault]:
    yield from _rows(count.count, count.where, at, "count", view)
    for name, bound in (("over", count.over), ("under", count.under)):
        if isinstance(bound, Rows):
            yield from _rows(bound.rows, bound.where, (*at, name), "rows", view)


def _weigh(weigh: Weigh, at: Path, view: ConditionScope) -> Iterator[Fault]:
    item = _table(weigh.weigh, (*at, "weigh"), view)
    if isinstance(item, Fault):
        yield item
        return
    by = item.field.get(weigh.by)
    if by is None:
        yield _no_field(weigh.by, item, (*at, "by"))
    elif not _has_size(by):
        yield _no_size(f".{by.id}", by, (*at, "by"))
    in_row = replace(view, rows_of=item)
    yield from condition_faults(weigh.heavier, (*at, "heavier"), in_row)
    yield from condition_faults(weigh.than, (*at, "than"), in_row)


def _pointed_at(pointed: PointedAt, at: Path, view: ConditionScope) -> Iterator[Fault]:
    if view.rows_of is None:
        yield _no_row_here("pointed_at_by", (*at, "pointed_at_by"))
        return
    yield from _pointer(pointed.pointed_at_by, view.rows_of.id, (*at, "pointed_at_by"), view)
    partner = view.checklist.item.get(pointed.pointed_at_by.split(".")[0])
    if pointed.where is not None and partner is not None:
        yield from condition_faults(pointed.where, (*at, "where"), replace(view, rows_of=partner))


def _forced(at: Path, view: ConditionScope) -> Iterator[Fault]:
    item = view.rows_of
    if item is None:
        yield _no_row_here("forced", at)
    elif not any(row.forced for row in item.rows):
        mend = "Give it one in rows, with forced: true, or ask something else."
        yield Fault(at, f"no row of item {item.id} is forced", mend)


def _pointer(pointer: str, to: str, at: Path, view: ConditionScope) -> Iterator[Fault]:
    """The faults of a ``table.field`` that should point at the rows of another table."""
    table, name = pointer.split(".")
    item = _table(table, at, view)
    if isinstance(item, Fault):
        yield item
        return
    field = item.field.get(name)
    if field is None:
        pointers = [f"{table}.{pointing.id}" for pointing in item.fields if pointing.of == to]
        yield Fault(at, f"item {table} has no field {name}", meant(pointer, pointers))
    elif field.kind != Kind.ROW:
        yield Fault(at, f"{pointer} is {SPOKEN[field.kind]} and points at no row", "Name a field of kind row.")
    elif field.of in view.checklist.item and field.of != to:
        yield Fault(at, f"{pointer} points at {field.of}, not at {to}", f"Name a field that points at {to}.")


def resolved(ref: Ref, at: Path, view: ConditionScope) -> Asked | Fault:
    """The item or field that stands at a reference, or why there is none."""
    head, *steps = ref.split(".")
    if head in DAYS:
        return Fault(at, f"{ref} is a day, which is only compared", "Use after or before, or name an item.")
    if not head:
        return _followed(view.rows_of, steps, at, view) if view.rows_of else _no_row_here(ref, at)
    item = view.checklist.item.get(head)
    if item is None:
        return _no_item(head, at, view.checklist)
    if not steps:
        return item
    if item.kind == Kind.TABLE:
        mend = f"Ask any_row, every_row or count of {head}, with .{steps[0]} in where."
        return Fault(at, f"{head} is a table: {ref} is another value in each of its rows", mend)
    if item.kind != Kind.FORM:
        return Fault(at, f"{head} is {SPOKEN[item.kind]} and has no fields", f"Write {head} without .{steps[0]}.")
    return _followed(item, steps, at, view)


def _followed(item: Item, steps: list[str], at: Path, view: ConditionScope) -> Field | Fault:
    """The field at the end of a path through pointers."""
    name, *further = steps
    field = item.field.get(name)
    if field is None:
        return _no_field(name, item, at)
    if not further:
        return field
    if field.kind != Kind.ROW:
        what = f"{name} of item {item.id} is {SPOKEN[field.kind]} and leads to no .{further[0]}"
        return Fault(at, what, "Only a field of kind row leads on.")
    target = view.checklist.item.get(field.of or "")
    if target is None:
        return Fault(at, f"{name} of item {item.id} points at no table", f"Give field {name} a table in of.")
    return _followed(target, further, at, view)


def _no_row_here(ref: str, at: Path) -> Fault:
    return Fault(at, f"there is no row here for {ref}", "Put it under where, or give the gap rule each: true.")


def _fact(fact: Fact, at: Path, view: ConditionScope) -> Iterator[Fault]:
    ((name, value),) = fact.predicates().items()
    name = name.rstrip("_")
    if name in OF_DATES or name in OF_SIZES:
        yield from _compared(fact.the, name, value, at, view)
        return
    asked = resolved(fact.the, (*at, "the"), view)
    if isinstance(asked, Fault):
        yield asked
        return
    match name:
        case "is":
            yield from _options(fact.the, asked, (value,), (*at, "is"))
        case "in":
            yield from _options(fact.the, asked, value, (*at, "in"))
        case "same_as":
            yield from _same_as(fact.the, asked, value, at, view)
        case "older_than" if asked.kind != Kind.DATE:
            yield Fault((*at, name), f"{fact.the} is {SPOKEN[asked.kind]} and has no age", "Ask older_than of a date.")
        case "changed_since":
            yield from _changed_since(fact.the, value, at, view)


def _options(ref: Ref, asked: Asked, options: tuple[str, ...], at: Path) -> Iterator[Fault]:
    if asked.kind not in {Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.CHOICE, Kind.CHOICES}:
        what = f"{ref} is {SPOKEN[asked.kind]}: there is nothing to choose"
        yield Fault(at, what, "Ask empty, unknown or missing of it, or name a choice.")
        return
    for number, option in enumerate(options):
        if asked.choices and option not in asked.choices:
            where = (*at, number) if at[-1] == "in" else at
            yield Fault(where, f"{ref} can never be {option}", meant(option, asked.choices))


def _same_as(ref: Ref, asked: Asked, other_ref: Ref, at: Path, view: ConditionScope) -> Iterator[Fault]:
    other = resolved(other_ref, (*at, "same_as"), view)
    if isinstance(other, Fault):
        yield other
    elif not _alike(asked, other):
        what = f"{ref} ({SPOKEN[asked.kind]}) and {other_ref} ({SPOKEN[other.kind]}) are never the same"
        yield Fault((*at, "same_as"), what, "Compare two values of one kind.")


def _alike(asked: Asked, other: Asked) -> bool:
    """Whether two questions can have the same answer."""
    if asked.kind != other.kind or asked.kind in {Kind.TABLE, Kind.FORM}:
        return False
    if isinstance(asked, Field) and isinstance(other, Field) and asked.of != other.of:
        return False
    return asked.kind not in {Kind.CHOICE, Kind.CHOICES} or not asked.choices.keys().isdisjoint(other.choices)


def _changed_since(ref: Ref, names: tuple[str, ...], at: Path, view: ConditionScope) -> Iterator[Fault]:
    if view.rows_of is None or not (ref.startswith(".") and ref.count(".") == 1):
        yield Fault((*at, "the"), f"changed_since looks at one row, which {ref} is not in", "Name a field of the row.")
        return
    for number, name in enumerate(names):
        if name not in view.rows_of.field:
            yield _no_field(name, view.rows_of, (*at, "changed_since", number))


def _compared(ref: Ref, name: str, bound: object, at: Path, view: ConditionScope) -> Iterator[Fault]:
    """The faults of a comparison, whose two sides must both be sizes or both be days."""
    mine = _measured(ref, name, (*at, "the"), view)
    if isinstance(mine, Fault):
        yield mine
        return
    match bound:
        case Shifted(the=other):
            theirs = _measured(other, name, (*at, name, "the"), view)
        case str() as other:
            theirs = _measured(other, name, (*at, name), view)
        case _ if name in OF_DATES:
            theirs = Fault((*at, name), f"{name} compares days, and {bound} is a number", "Name a date.")
        case _:
            return
    if isinstance(theirs, Fault):
        yield _as_option(theirs, mine, bound)
    elif mine and theirs and not _on_one_scale(mine, theirs):
        what = f"{ref} ({SPOKEN[mine.kind]}) cannot be measured against {other} ({SPOKEN[theirs.kind]})"
        yield Fault((*at, name), what, "Compare two numbers, or two choices with the same options.")


def _measured(ref: Ref, name: str, at: Path, view: ConditionScope) -> Asked | Fault | None:
    """What stands at one side of a comparison; None for a day that is always known."""
    if ref in DAYS:
        return None if name in OF_DATES else Fault(at, f"{ref} is a day, not a size", "Use after or before.")
    asked = resolved(ref, at, view)
    if isinstance(asked, Fault):
        return asked
    if name in OF_DATES:
        no_date = Fault(at, f"{ref} is {SPOKEN[asked.kind]}, not a date", f"Ask {name} of dates only.")
        return asked if asked.kind == Kind.DATE else no_date
    return asked if _has_size(asked) else _no_size(ref, asked, at)


def _has_size(asked: Asked) -> bool:
    return asked.kind == Kind.NUMBER or (asked.kind == Kind.CHOICE and asked.ordered)


def _no_size(ref: Ref, asked: Asked, at: Path) -> Fault:
    if asked.kind == Kind.CHOICE:
        return Fault(at, f"the options of {ref} have no order", "Give it ordered: true, or use is or in.")
    mend = "Use after or before." if asked.kind == Kind.DATE else "Name a number or an ordered choice."
    return Fault(at, f"{ref} is {SPOKEN[asked.kind]} and has no size", mend)


def _on_one_scale(asked: Asked, other: Asked) -> bool:
    return asked.kind == other.kind and list(asked.choices) == list(other.choices)


def _as_option(fault: Fault, mine: Asked | None, bound: object) -> Fault:
    """The fault of a bound, better put where an author wrote an option and not a reference."""
    if mine is None or not isinstance(bound, str) or bound not in mine.choices:
        return fault
    return replace(fault, what=f"{bound} is an option, not a reference", mend="List the options meant: in: [...].")
