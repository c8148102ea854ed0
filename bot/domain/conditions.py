"""The language of checklist rules, as data.

A condition is a YAML mapping with one head key, which names what it does. References
say where a value stands:

- ``goals`` or ``rung``: an item;
- ``rung.done``: a field of a form item;
- ``.approved_on``: a field of the row in question (inside ``where`` and ``each`` rules);
- ``.ask.topic``: the field of the row that this row's pointer points at;
- ``talks`` and ``today``: the day talks begin and the day of judgement.

A missing value is never equal to, over or under anything: such facts are false.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

TALKS = "talks"
TODAY = "today"

REF = r"^\.?[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
Ref = Annotated[str, Field(pattern=REF, max_length=80)]
TableRef = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
PointerRef = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=80)]


class Part(BaseModel):
    """A piece of a checklist: frozen, and no key is ever ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Shifted(Part):
    """Another value moved on: days for dates, rungs for ordered choices."""

    the: Ref
    plus: int = Field(ge=-3650, le=3650)


Operand = int | float | Ref | Shifted
"""What a value is measured against: a number, a reference, or a reference moved on."""


class Fact(Part):
    """What is so of one value: ``{the: .want, is: must}``.

    Exactly one predicate is given. ``empty`` is a blank, ``unknown`` a recorded unknown,
    ``missing`` either of them or "not applicable". ``over``, ``under``, ``at_least`` and
    ``at_most`` compare numbers and the ranks of ordered choices; ``after`` and ``before``
    compare dates; ``older_than`` counts days before today. ``same_as`` compares two texts,
    case and spaces apart. ``changed_since`` tells whether any of this row's named fields
    changed after the value was last set.
    """

    the: Ref
    is_: str | None = Field(None, alias="is", max_length=40)
    in_: tuple[str, ...] | None = Field(None, alias="in", min_length=1, max_length=40)
    empty: Literal[True] | None = None
    unknown: Literal[True] | None = None
    missing: Literal[True] | None = None
    same_as: Ref | None = None
    over: Operand | None = None
    under: Operand | None = None
    at_least: Operand | None = None
    at_most: Operand | None = None
    after: Operand | None = None
    before: Operand | None = None
    older_than: int | None = Field(None, ge=0, le=36500)
    changed_since: tuple[str, ...] | None = Field(None, min_length=1, max_length=20)

    @model_validator(mode="after")
    def one_predicate(self) -> Fact:
        """Hold exactly one predicate, so that every fact reads as one sentence."""
        if len(self.predicates()) != 1:
            known = ", ".join(
                sorted(field.alias or name for name, field in type(self).model_fields.items() if name != "the")
            )
            msg = f"a fact about {self.the} needs exactly one of: {known}"
            raise ValueError(msg)
        return self

    @cached_property
    def predicate(self) -> str:
        """The name of its one predicate."""
        (name,) = self.predicates()
        return name

    def predicates(self) -> dict[str, Any]:
        """The predicates given, by field name."""
        return {
            name: value
            for name in type(self).model_fields
            if name != "the" and (value := getattr(self, name)) is not None
        }


class AllOf(Part):
    """Every one of these holds."""

    all: tuple[Condition, ...] = Field(min_length=1, max_length=20)


class AnyOf(Part):
    """At least one of these holds."""

    any: tuple[Condition, ...] = Field(min_length=1, max_length=20)


class Not(Part):
    """The opposite of a condition."""

    not_: Condition = Field(alias="not")


class AnyRow(Part):
    """Some row of the table satisfies ``where`` (or: there is a row at all)."""

    any_row: TableRef
    where: Condition | None = None


class EveryRow(Part):
    """The table has rows, and each of them satisfies ``where``."""

    every_row: TableRef
    where: Condition


class NoRow(Part):
    """No row of the table satisfies ``where`` (or: there is no row at all)."""

    no_row: TableRef
    where: Condition | None = None


class Rows(Part):
    """The rows of a table that satisfy ``where``."""

    rows: TableRef
    where: Condition | None = None


class Count(Part):
    """How many rows satisfy ``where``, against a number or against other rows."""

    count: TableRef
    where: Condition | None = None
    over: int | Rows | None = None
    under: int | Rows | None = None

    @model_validator(mode="after")
    def one_bound(self) -> Count:
        """Compare one way only."""
        if (self.over is None) == (self.under is None):
            msg = f"count of {self.count} needs exactly one of: over, under"
            raise ValueError(msg)
        return self


class Share(Part):
    """The part of a table's rows that satisfies ``where`` is over a fraction."""

    share: TableRef
    where: Condition
    over: float = Field(ge=0, lt=1)


class Weigh(Part):
    """The ``heavier`` rows' sizes add up to at least those of the ``than`` rows.

    Sizes are the numbers, or the ranks (from 1) of an ordered choice, in field ``by``.
    False while no row is ``heavier``.
    """

    weigh: TableRef
    by: str = Field(max_length=40)
    heavier: Condition
    than: Condition


class Mirror(Part):
    """Each row of one table has its partner in another, and each partner its row.

    ``pointer`` names the field of ``mirror``'s partner table that points back:
    ``{mirror: asks, pointer: ledger.ask}`` holds when every ask is pointed at by some
    ledger row and every ledger row points at an ask. ``one_way`` asks the first half only.
    """

    mirror: TableRef
    pointer: PointerRef
    one_way: bool = False


class PointedAt(Part):
    """Some row of another table points at this row: ``{pointed_at_by: asks.goal}``."""

    pointed_at_by: PointerRef
    where: Condition | None = None


class Forced(Part):
    """The row in question must be there: the checklist gives it, and nobody can remove it."""

    forced: Literal[True]


class OpenBlocker(Part):
    """A blocker is open anywhere else in the checklist, waived or not."""

    open_blocker: Literal[True]


HEADS: dict[str, type[Part]] = {
    "the": Fact,
    "all": AllOf,
    "any": AnyOf,
    "not": Not,
    "any_row": AnyRow,
    "every_row": EveryRow,
    "no_row": NoRow,
    "count": Count,
    "share": Share,
    "weigh": Weigh,
    "mirror": Mirror,
    "pointed_at_by": PointedAt,
    "forced": Forced,
    "open_blocker": OpenBlocker,
}


def head_of(raw: object) -> str | None:
    """The key that says which condition a mapping is, or None when there is none."""
    if isinstance(raw, dict):
        return next((key for key in HEADS if key in raw or f"{key}_" in raw), None)
    return next((key for key, kind in HEADS.items() if type(raw) is kind), None)


def asks_for_blockers(condition: object) -> bool:
    """Whether a condition asks for other open blockers, and so is judged after all others."""
    if isinstance(condition, tuple):
        return any(asks_for_blockers(part) for part in condition)
    if not isinstance(condition, Part):
        return False
    return isinstance(condition, OpenBlocker) or any(
        asks_for_blockers(getattr(condition, name)) for name in type(condition).model_fields
    )


Condition = Annotated[
    Annotated[Fact, Tag("the")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AnyRow, Tag("any_row")]
    | Annotated[EveryRow, Tag("every_row")]
    | Annotated[NoRow, Tag("no_row")]
    | Annotated[Count, Tag("count")]
    | Annotated[Share, Tag("share")]
    | Annotated[Weigh, Tag("weigh")]
    | Annotated[Mirror, Tag("mirror")]
    | Annotated[PointedAt, Tag("pointed_at_by")]
    | Annotated[Forced, Tag("forced")]
    | Annotated[OpenBlocker, Tag("open_blocker")],
    Discriminator(
        head_of,
        custom_error_type="condition",
        custom_error_message="a condition needs one of the keys: " + ", ".join(HEADS),
    ),
]
