"""What a condition mentions: its parts, references, items, and fields of its own row."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checklist import FieldId, ItemId
from bot.domain.conditions import (
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Count,
    EveryRow,
    Fact,
    Mirror,
    NoRow,
    Not,
    Part,
    PointedAt,
    Ref,
    Rows,
    Share,
    Shifted,
    Weigh,
)


def items_in(condition: Condition | None) -> Iterator[ItemId]:
    """The items a condition mentions."""
    if condition is not None:
        yield from (head for ref in refs_in(condition) if (head := ref.split(".")[0]))


def fields_in(condition: Condition | None) -> Iterator[FieldId]:
    """The fields of its own row that a condition mentions; those under ``where`` are another row's."""
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts):
            for part in parts:
                yield from fields_in(part)
        case Not(not_=part):
            yield from fields_in(part)
        case Fact():
            yield from (ref.split(".")[1] for ref in refs_in(condition) if ref.startswith("."))


def parts_of(part: Part) -> Iterator[Part]:
    """A condition and every part of it."""
    yield part
    for name in type(part).model_fields:
        value = getattr(part, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Part):
                yield from parts_of(inner)


def refs_in(condition: Part) -> Iterator[Ref]:
    """Every reference in a condition, tables included."""
    for part in parts_of(condition):
        match part:
            case Fact(the=ref):
                yield ref
                bounds = (
                    part.same_as,
                    part.over,
                    part.under,
                    part.at_least,
                    part.at_most,
                    part.after,
                    part.before,
                )
                yield from (bound for bound in bounds if isinstance(bound, str))
            case Shifted(the=ref):
                yield ref
            case AnyRow(any_row=ref) | EveryRow(every_row=ref) | NoRow(no_row=ref) | Rows(rows=ref):
                yield ref
            case Count(count=ref) | Share(share=ref) | Weigh(weigh=ref) | PointedAt(pointed_at_by=ref):
                yield ref
            case Mirror(mirror=ref, pointer=pointer):
                yield from (ref, pointer)
