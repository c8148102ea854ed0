"""Whether the cases of a checklist notice that one of its conditions is another one.

Each condition is left out, turned into its opposite, and shifted by one; a change that every case survives is one
that an author could make by mistake, and nobody would be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, TypeVar

from bot.authoring import read_checklist
from bot.authoring.cases import Case, Wrong, cases_in
from bot.authoring.diagnostics import Mistake
from bot.authoring.yaml_reader import page
from bot.domain.checklist import Checklist, GapRule, Item
from bot.domain.conditions import Condition, Fact, Not, Part, Rows, Share, Shifted
from bot.domain.lint import Path
from bot.domain.lint.fault import placed_items
from bot.domain.readiness.item_gaps import GapGroup, groups

P = TypeVar("P", bound=Part)
SHARE_STEP = 0.1
LEFT_OUT = "this is left out"
OPPOSITE = "this says the opposite"
STRICTER = {"over": "at_least", "at_least": "over", "under": "at_most", "at_most": "under"}
LISTED = ("in_", "changed_since")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A checklist in which one condition of one item is another one: which, and how."""

    path: Path
    change: str  # after "that": this is left out
    item: Item
    rule: str  # the gap rule that was changed; empty for another condition
    checklist: Checklist


def survivors_in(file: FilePath, files: Iterable[FilePath]) -> tuple[int, list[Mistake]]:
    """How many changes were tried on a checklist's cases, which come out, and those that none noticed."""
    checklist, read = read_checklist(file), page(file)
    trials = Trials(case for each in files for case in cases_in(each, checklist))
    number, survivors = 0, list[Mistake]()
    for mutant in mutants(checklist):
        number += 1
        if not trials.notice(mutant):
            mend = "Add a case in which that makes a difference."
            survivors.append(read.mistake(mutant.path, f"no case would notice that {mutant.change}", mend))
    return number, survivors


def mutants(checklist: Checklist) -> Iterator[Mutant]:
    """Every change of one condition, in the order of the file."""
    for path, item in placed_items(checklist):
        for at, change, other, rule in _items(item, path):
            yield Mutant(at, change, other, rule, _with_item(checklist, path, other))


class Trials:
    """Cases that come out as expected, to be tried on mutants of their checklist."""

    def __init__(self, cases: Iterable[Case]) -> None:
        """Work out each case once."""
        self._trials = [_Trial(case) for case in cases]

    def notice(self, mutant: Mutant) -> bool:
        """Whether a case comes out otherwise. Those in which the changed rule speaks are tried first."""
        speaks = (mutant.item.id, mutant.rule)
        tried = sorted(self._trials, key=lambda trial: speaks not in trial.opened)
        return any(trial.notices(mutant) for trial in tried)


class _Trial:
    """One case with what came of it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.n = case.negotiation()
        self.today = case.today
        self._before: dict[str, list[GapGroup]] = {}

    @cached_property
    def opened(self) -> frozenset[tuple[str, str]]:
        """The rules that left gaps, by item."""
        return frozenset((gap.item, gap.rule) for gap in self.case.gaps(self.n))

    @cached_property
    def asked_about(self) -> frozenset[str]:
        """The items of which, or of whose fields, the case says whether they are asked or locked."""
        return frozenset(name.partition("/")[0].partition(".")[0] for name in self.case.names_asked)

    def notices(self, mutant: Mutant) -> bool:
        """Whether this case comes out otherwise with a mutant."""
        changed = replace(self.n, checklist=mutant.checklist)
        item = mutant.item
        rule = self.n.checklist.item[item.id].rule.get(mutant.rule)
        alone = not rule.last if rule else item.id not in self.asked_about
        if alone and self.before(item.id) == groups(changed, item, self.today):
            return False  # cheaper than to judge the whole, and mostly so
        try:
            self.case.prove(changed)
        except Wrong:
            return True
        return False

    def before(self, item: str) -> list[GapGroup]:
        """The gaps that the item left."""
        if item not in self._before:
            self._before[item] = groups(self.n, self.n.checklist.item[item], self.today)
        return self._before[item]


# Changes


Variant = tuple[Path, str, Any, str]  # where, how, the item as it is then, and the gap rule that was changed


def _items(item: Item, path: Path) -> Iterator[Variant]:
    """An item with one condition changed."""
    if item.show_if is not None:
        for at, change, condition in _changes(item.show_if, (*path, "show_if")):
            yield at, change, _changed(item, show_if=condition), ""
    if item.locked is not None:
        for at, change, until in _changes(item.locked.until, (*path, "locked", "until")):
            lock = None if until is None else _changed(item.locked, until=until)
            yield at, change, _changed(item, locked=lock), ""
    for nth, field in enumerate(item.fields):
        if field.show_if is not None:
            for at, change, condition in _changes(field.show_if, (*path, "fields", nth, "show_if")):
                fields = _with(item.fields, nth, _changed(field, show_if=condition))
                yield at, change, _changed(item, fields=fields), ""
    for nth, rule in enumerate(item.gaps):
        for at, change, other in _rules(rule, (*path, "gaps", nth)):
            yield at, change, _changed(item, gaps=_with(item.gaps, nth, other)), rule.id


def _rules(rule: GapRule, path: Path) -> Iterator[tuple[Path, str, GapRule | None]]:
    """A gap rule with one condition changed; None where it is left out."""
    for at, change, when in _changes(rule.when, (*path, "when")):
        yield at, change, None if when is None else _changed(rule, when=when)
    if rule.lighter is not None:
        for at, change, when in _changes(rule.lighter.when, (*path, "lighter", "when")):
            lighter = None if when is None else _changed(rule.lighter, when=when)
            yield at, change, _changed(rule, lighter=lighter)


def _changes(condition: Condition, path: Path) -> Iterator[tuple[Path, str, Condition | None]]:
    """A condition with one part changed: where, how, and what it is then; None where it is left out whole."""
    yield path, LEFT_OUT, None
    yield from _variants(condition, path)


def _variants(part: Part, path: Path) -> Iterator[tuple[Path, str, Any]]:  # noqa: C901 (a branch a kind of value)
    """A part of a condition with one thing changed in it."""
    if isinstance(part, Not):
        yield path, OPPOSITE, part.not_
    elif not isinstance(part, Rows | Shifted):
        yield path, OPPOSITE, Not.model_construct(not_=part)  # type: ignore[arg-type]  # all others are conditions
    if isinstance(part, Fact):
        yield from _facts(part, path)
    for name, field in type(part).model_fields.items():
        value, at = getattr(part, name), (*path, field.alias or name)
        if isinstance(value, Part):
            if name == "where" and not field.is_required():
                yield at, LEFT_OUT, _changed(part, where=None)
            for inner, change, other in _inner(part, value, at):
                yield inner, change, _changed(part, **{name: other})
        elif isinstance(value, tuple) and isinstance(value[0], Part):
            yield from _listed(part, name, value, at)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            step = SHARE_STEP if isinstance(part, Share) else 1
            for number in (value - step, value + step):
                yield at, f"this is {number:g}, and not {value:g}", _changed(part, **{name: number})


def _inner(part: Part, value: Part, path: Path) -> Iterator[tuple[Path, str, Any]]:
    """The variants of a part within another; the opposite of an opposite was told with the whole."""
    for at, change, other in _variants(value, path):
        if not (isinstance(part, Not) and at == path and change == OPPOSITE):
            yield at, change, other


def _listed(part: Part, name: str, parts: tuple[Part, ...], path: Path) -> Iterator[tuple[Path, str, Any]]:
    """The variants of all and any: each part left out, and each changed."""
    for nth, each in enumerate(parts):
        if len(parts) > 1:
            yield (*path, nth), LEFT_OUT, _changed(part, **{name: _with(parts, nth, None)})
        for at, change, other in _variants(each, (*path, nth)):
            yield at, change, _changed(part, **{name: _with(parts, nth, other)})


def _facts(fact: Fact, path: Path) -> Iterator[tuple[Path, str, Fact]]:
    """The variants of what is compared with another value, and of lists."""
    ((name, value),) = fact.predicates().items()
    at: Path = (*path, name.rstrip("_"))
    if isinstance(value, str) and name in STRICTER:
        yield at, f"this is {STRICTER[name]}", _changed(fact, **{name: None, STRICTER[name]: value})
    elif isinstance(value, str) and name in {"after", "before"}:
        for days in (-1, 1):
            shifted = Shifted.model_construct(the=value, plus=days)
            yield at, f"this is a day {'later' if days > 0 else 'earlier'}", _changed(fact, **{name: shifted})
    elif name in LISTED and len(value) > 1:
        for nth, word in enumerate(value):
            yield (*at, nth), f"{word} is left out", _changed(fact, **{name: _with(value, nth, None)})


def _with(parts: Sequence[Any], nth: int, other: object) -> tuple[Any, ...]:
    """These with another in one place, or without it where there is none."""
    return (*parts[:nth], *(() if other is None else (other,)), *parts[nth + 1 :])


def _with_item(checklist: Checklist, path: Path, item: Item) -> Checklist:
    s, i = int(path[1]), int(path[3])
    section = checklist.sections[s]
    section = _changed(section, items=_with(section.items, i, item))
    return _changed(checklist, sections=_with(checklist.sections, s, section))


def _changed(part: P, **fields: Any) -> P:
    """The part with some fields changed; what was worked out from them is not taken over."""
    copy = part.model_copy(update=fields)
    for name in copy.__dict__.keys() - type(part).model_fields.keys():
        del copy.__dict__[name]
    return copy
