"""Equal names in a list, told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Context
from bot.domain.checklist import Field, Item
from bot.domain.negotiation import Negotiation

ON_BUTTON = 40  # characters of a name
SHORT = 24  # characters of what tells one from another


def apart(named: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """The names of things, those that are equal with the first of their details in which they differ, else numbered.

    Each thing is its name and its details; what has an equal name has details of the same kinds, in order.
    """
    names = [name for name, _ in named]
    for nth in range(max((len(details) for _, details in named), default=0)):
        for same in _equal(names):
            found = {place: clip(named[place][1][nth], SHORT) for place in same}
            if len(set(map(_evened, found.values()))) > 1:
                for place, detail in found.items():
                    names[place] += f" ({detail})" if detail else ""
    taken = set(map(_evened, names))
    for same in _equal(names):
        for place in same:
            tries = (f"{names[place]} ({number})" for number in count(1))
            names[place] = next(name for name in tries if _evened(name) not in taken)
            taken.add(_evened(names[place]))
    return names


def _equal(names: Sequence[str]) -> Iterator[list[int]]:
    """Where each name stands that stands there more than once, however it is spaced and capitalised."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(_evened(name), []).append(place)
    return (same for same in list(places.values()) if len(same) > 1)


def _evened(name: str) -> str:
    return " ".join(name.split()).casefold()


def row_names(n: Negotiation, item: Item, limit: int) -> dict[str, str]:
    """The rows of a table, by id, with names for buttons that differ from each other."""
    rows = n.record(item.id).rows
    names = {row.id: clip(n.row_label(item, row), limit) for row in rows.values()}
    often = Counter(map(_evened, names.values()))
    beside = [field for field in item.fields if field.id != item.naming.id]
    named = [
        (name, [n.shown(field, said) if (said := rows[row].said(field.id)) else "" for field in beside])
        if often[_evened(name)] > 1
        else (name, [])
        for row, name in names.items()
    ]
    return dict(zip(names, apart(named), strict=True))


def pointable(context: Context, field: Field) -> dict[str, str]:
    """The rows that a field may point at, named like `row_names`."""
    table = field.of or ""
    return {} if not table or context.here.withholds(table) else row_names(context.here, context.item(table), ON_BUTTON)


def talks_names(context: Context, limit: int) -> dict[int, str]:
    """A person's talks, by number, with names that differ from each other: counterpart, subject, else their day."""
    mine = sorted(context.overview().items())
    named = [(clip(f"{n.counterpart}: {n.subject}", limit), (when(n.talks_on), n.checklist.title)) for _, n in mine]
    return dict(zip((number for number, _ in mine), apart(named), strict=True))
