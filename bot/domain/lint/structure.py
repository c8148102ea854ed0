"""Whether items, fields and given rows are put together as their kinds ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from string import digits

from bot.domain.checklist import Asked, Checklist, Field, GivenRow, Item, Kind
from bot.domain.conditions import TALKS, TODAY, Part
from bot.domain.lint.fault import Fault, Path, meant, placed_items

CHOSEN = {Kind.CHOICE, Kind.CHOICES}
NAMES = ("counterpart", "subject")  # what every text may hold in braces
BRACES = re.compile(r"\{([^{}]*)\}")


def misshapen(checklist: Checklist) -> Iterator[Fault]:
    """The faults of everything but conditions."""
    yield from _repeated((("sections", s, "id"), section.id) for s, section in enumerate(checklist.sections))
    yield from _repeated(((*path, "id"), item.id) for path, item in placed_items(checklist))
    yield from _points(checklist)
    yield from _openers(checklist)
    yield from _gates(checklist)
    yield from _braces(checklist, ("about",), (), _names(checklist), bare=("title", "source"))
    for s, section in enumerate(checklist.sections):
        yield from _braces(section, ("about",), ("sections", s), _names(checklist), bare=("title",))
    for path, item in placed_items(checklist):
        yield from _item(item, path, checklist)


def _repeated(ids: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    """A fault for every id that was there before, whatever it is the id of."""
    seen: dict[str, Path] = {}
    for path, name in ids:
        if name in seen:
            yield Fault(path, f"the id {name} is taken", "Choose another: ids in one place differ.", first=seen[name])
        seen.setdefault(name, path)


def _repeated_in(ids: Iterable[str], path: Path) -> Iterator[Fault]:
    return _repeated(((*path, number, "id"), name) for number, name in enumerate(ids))


def _points(checklist: Checklist) -> Iterator[Fault]:
    """Points that are named and not there, then points that are there and not named."""
    named: set[str] = set()
    for path, item in placed_items(checklist):
        named.update(item.from_)
        lists = [(path, item.from_), *(((*path, "gaps", g), rule.from_) for g, rule in enumerate(item.gaps))]
        for at, points in lists:
            for number, point in enumerate(points):
                if point not in checklist.points:
                    mend = meant(point, checklist.points, "Add it to points, or name another.")
                    yield Fault((*at, "from", number), f"there is no point {point}", mend)
    for point in checklist.points:
        if point not in named:
            yield Fault(("points", point), f"no item comes from point {point}", "Name it in an item's from.", key=True)


def _openers(checklist: Checklist) -> Iterator[Fault]:
    taken: list[tuple[Path, str]] = [((), name) for name in (*NAMES, "row")]
    yield from _repeated([*taken, *((("opening", o, "id"), field.id) for o, field in enumerate(checklist.opening))])


def _gates(checklist: Checklist) -> Iterator[Fault]:
    for number, (gate, following) in enumerate(pairwise(checklist.gates), start=1):
        if following.days >= gate.days:
            mend = "Put the gate that is farthest from the talks first, and each day once."
            yield Fault(("gates", number, "days"), f"{following.days} does not come after {gate.days}", mend)


def _names(checklist: Checklist) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*NAMES, *(opener.id for opener in checklist.opening))))


def _item(item: Item, path: Path, checklist: Checklist) -> Iterator[Fault]:
    if item.id in {TALKS, TODAY}:
        yield Fault((*path, "id"), f"{item.id} already means a day", "Choose another id.")
    yield from _asked(item, path)
    if checklist.format > 1 and item.asked_of is None:
        mend = "Add asked_of: them, us or others; a field of its own may say otherwise."
        yield Fault((*path, "asked_of"), f"item {item.id} does not say of whom it may be asked", mend)
    yield from _fields(item, path, checklist)
    yield from _given(item, path, checklist)
    yield from _gaps(item, path, checklist)
    names = _names(checklist)
    yield from _braces(item, ("ask", "why", "example"), path, names, bare=("label",))
    if item.locked:
        yield from _braces(item.locked, ("says",), (*path, "locked"), names)


def _asked(asked: Asked, path: Path) -> Iterator[Fault]:
    """The faults of options, their order, and what asks for a day that has been."""
    what = f"{asked.id} is of kind {asked.kind}"
    if asked.kind in CHOSEN and not asked.options:
        yield Fault((*path, "options"), f"{what} and has no options", "Add options.")
    if asked.kind not in CHOSEN and asked.options:
        yield Fault((*path, "options"), f"{what}, which has no options", "Remove them, or make it a choice.", key=True)
    if asked.kind != Kind.CHOICE and asked.ordered:
        yield Fault(
            (*path, "ordered"),
            f"{what}, which has no order",
            "Remove ordered, or make it a choice.",
            key=True,
        )
    if asked.kind != Kind.DATE and asked.past:
        yield Fault((*path, "past"), f"{what}, which has no past", "Remove past, or make it a date.", key=True)
    yield from _repeated_in((option.id for option in asked.options), (*path, "options"))


def _fields(item: Item, path: Path, checklist: Checklist) -> Iterator[Fault]:
    what = f"{item.id} is of kind {item.kind}"
    if item.has_rows and not item.fields:
        yield Fault((*path, "fields"), f"{what} and has no fields", "Add fields.")
    for key, written in (("fields", item.fields), ("named_by", item.named_by)):
        if written and not item.has_rows:
            mend = f"Remove {key}, or make it a table or a form."
            yield Fault((*path, key), f"{what}, which has no {key}", mend, key=True)
    if item.has_rows and item.named_by and item.named_by not in item.field:
        yield Fault(
            (*path, "named_by"),
            f"item {item.id} has no field {item.named_by}",
            meant(item.named_by, item.field),
        )
    for key, name in (item.requests.model_dump() if item.requests else {}).items():
        if name is not None and name not in item.field:
            yield Fault((*path, "requests", key), f"item {item.id} has no field {name}", meant(name, item.field))
    yield from _repeated_in((field.id for field in item.fields), (*path, "fields"))
    for number, field in enumerate(item.fields):
        at = (*path, "fields", number)
        yield from _asked(field, at)
        yield from _of(field, at, checklist)
        yield from _braces(field, ("ask",), at, _names(checklist), bare=("label",))


def _of(field: Field, path: Path, checklist: Checklist) -> Iterator[Fault]:
    """The faults of what a pointer points at."""
    if field.kind != Kind.ROW:
        if field.of:
            what = f"{field.id} is of kind {field.kind}, which points at nothing"
            yield Fault((*path, "of"), what, "Remove of, or make it of kind row.", key=True)
        return
    tables = [item.id for item in checklist.item.values() if item.kind == Kind.TABLE]
    if field.of is None:
        yield Fault((*path, "of"), f"{field.id} is of kind row and points at no table", "Add of, with a table's id.")
    elif field.of not in tables:
        yield Fault((*path, "of"), f"there is no table {field.of}", meant(field.of, tables))


def _given(item: Item, path: Path, checklist: Checklist) -> Iterator[Fault]:
    if item.rows and item.kind != Kind.TABLE:
        what = f"{item.id} is of kind {item.kind}, which is given no rows"
        yield Fault((*path, "rows"), what, "Remove rows, or make it a table.", key=True)
        return
    if len(item.field) < len(item.fields):
        return  # of two fields with one id, either could be meant
    yield from _repeated_in((row.id for row in item.rows), (*path, "rows"))
    numbered = [row.id for row in item.rows if row.each is not None]
    for number, row in enumerate(item.rows):
        at = (*path, "rows", number)
        if (stem := row.id.rstrip(digits)) != row.id and stem in numbered:
            yield Fault((*at, "id"), f"the id {row.id} is what a line of row {stem} gets", "Choose another.")
        yield from _lines(row, item, at, checklist)
        for name, text in row.cells.items():
            field = item.field.get(name)
            if field is None:
                yield Fault(
                    (*at, "cells", name),
                    f"item {item.id} has no field {name}",
                    meant(name, item.field),
                    key=True,
                )
            elif mend := _unfit(field, text, checklist):
                yield Fault((*at, "cells", name), f"{name} cannot hold “{text}”", mend)


def _lines(row: GivenRow, item: Item, path: Path, checklist: Checklist) -> Iterator[Fault]:
    """The faults of rows that an opening question gives, one a line."""
    openers = [opener.id for opener in checklist.opening]
    if row.each is not None and row.each not in openers:
        mend = meant(row.each, openers, "Add it to opening, or remove each.")
        yield Fault((*path, "each"), f"there is no opening question {row.each}", mend)
    if row.into is not None and row.each is None:
        yield Fault((*path, "into"), f"row {row.id} puts no lines anywhere", "Add each, or remove into.", key=True)
    into = row.into or item.named_by or next(iter(item.field), None)
    if row.each is None or into is None:
        return
    if into not in item.field:
        yield Fault((*path, "into"), f"item {item.id} has no field {into}", meant(into, item.field))
    elif item.field[into].kind != Kind.TEXT:
        yield Fault((*path, "into"), f"{into} holds no text to take a line", "Name a field of kind text.")


def _unfit(field: Field, text: str, checklist: Checklist) -> str | None:
    """What to do about a cell that its field cannot hold, None for one it can. See `negotiation.literal`."""
    match field.kind:
        case Kind.TEXT:
            return None
        case Kind.NUMBER:
            return None if _is_number(text) else 'Write a number in quotes, such as "30".'
        case Kind.DATE:
            return None if _is_date(text) else "Write a date as 2027-03-12."
        case Kind.ROW:
            target = checklist.item.get(field.of or "")
            if target is None:
                return None  # told where it should be named
            rows = [row.id for row in target.rows if row.each is None]
            return None if text in rows else meant(text, rows, f"Give {field.of} a row of that id.")
        case _:
            picked = text.replace(",", " ").split()
            if len(picked) != 1 and field.kind != Kind.CHOICES:
                return f"Use one of: {', '.join(field.choices)}."
            return next((meant(option, field.choices) for option in picked if option not in field.choices), None)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _gaps(item: Item, path: Path, checklist: Checklist) -> Iterator[Fault]:
    yield from _repeated_in((gap.id for gap in item.gaps), (*path, "gaps"))
    for number, rule in enumerate(item.gaps):
        at = (*path, "gaps", number)
        if rule.each and item.kind != Kind.TABLE:
            what = f"{item.id} is of kind {item.kind} and has no rows to judge one by one"
            yield Fault((*at, "each"), what, "Remove each.")
        if rule.lighter is not None and rule.lighter.severity.rank <= rule.severity.rank:
            what = f"{rule.lighter.severity} is not lighter than {rule.severity}"
            yield Fault((*at, "lighter", "severity"), what, "Choose a lighter one, or remove lighter.")
        names = _names(checklist)
        yield from _braces(rule, ("says",), at, (*names, "row") if rule.each else names)
        yield from _braces(rule, ("mend",), at, names)


def _braces(
    part: Part, texts: tuple[str, ...], path: Path, names: tuple[str, ...], bare: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Words in braces that nothing will be put in for; ``bare`` keys are shown as they are written."""
    for key in (*texts, *bare):
        for word in BRACES.findall(getattr(part, key) or ""):
            known = names if key in texts else ()
            if word not in known:
                mend = meant(word, known, "Write it without braces: this is shown as it stands.")
                yield Fault((*path, key), f"nothing is put in for {{{word}}}", mend)
