"""What real talks taught about checklists that are sound in form and still do not help who answers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.checklist import Checklist, Field, GapRule, Item, Kind, Severity
from bot.domain.conditions import Condition, Fact, Not, Weigh
from bot.domain.lint.condition_refs import parts_of, refs_in
from bot.domain.lint.fault import Fault, Path, placed_items
from bot.domain.lint.reachability import SearchBudget, may_hold

TAPPED = {Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.CHOICE, Kind.CHOICES}
ONE_OPTION = TAPPED - {Kind.CHOICES}
# What a delegation would not let the other side read.
INTERNAL = re.compile(
    r"\b(red lines?|bottom line|walk[- ]away|fallback|floor|least we accept|minimum we|reserve (price|position)"
    r"|concede|concessions?|withheld|hold back|their weakness|what we think of)\b",
    re.IGNORECASE,
)


def content_cautions(checklist: Checklist) -> Iterator[Fault]:
    """What to warn of in what a checklist asks, and in what it finds."""
    budget = SearchBudget()
    conditions = list(_conditions(checklist))
    ages = {ref.split(".")[-1] for condition in conditions for ref in _aging(condition)}
    read = {name for condition in conditions for name in _names_in(condition)} | _named_otherwise(checklist)
    for path, item in placed_items(checklist):
        yield from _Answers(checklist, item, path, budget).cautions()
        for number, rule in enumerate(item.gaps):
            if rule.each and item.kind == Kind.TABLE and "{row}" not in rule.says:
                what = f"the gap {rule.id} does not say which row it means"
                yield Fault((*path, "gaps", number, "says"), what, "Write {row} where the row's name belongs.")
        if checklist.format > 1:
            yield from _unmarked(item, path)
            for number, field in enumerate(item.fields):
                yield from _idle(item, field, (*path, "fields", number), ages, read)


@dataclass(frozen=True, slots=True)
class _Answers:
    """Which answers to an item leave nothing open."""

    checklist: Checklist
    item: Item
    path: Path
    budget: SearchBudget

    def cautions(self) -> Iterator[Fault]:
        """That no answer would do."""
        rules: list[GapRule] = []
        for number, rule in enumerate(self.item.gaps):
            if not self.may_hold(_silent(rule)):
                continue  # it is always open, which is told by itself
            if rule.severity == Severity.BLOCKER and not self.may_hold(_silent(rule), *self.given(rule)):
                at = (*self.path, "gaps", number, "when")
                yield Fault(at, f"no answer closes the blocker {rule.id}", "Let some answer close it.")
            else:
                rules.append(rule)
        for at, ref, options in self.choices():
            own = [rule for rule in rules if ref in refs_in(rule.when)]
            if own and all(self.leaves_a_gap(own, Fact(the=ref, is_=option)) for option in options):
                yield Fault(at, f"every answer to {ref.strip('.')} leaves a gap", "Let one of its answers leave none.")

    def choices(self) -> Iterator[tuple[Path, str, list[str]]]:
        """Where each question with options stands, how conditions name it, and its options."""
        if self.item.kind in ONE_OPTION:
            yield self.path, self.item.id, list(self.item.choices)
        for number, field in enumerate(self.item.fields):
            if field.kind in ONE_OPTION:
                table = "" if self.item.kind == Kind.TABLE else self.item.id
                yield (*self.path, "fields", number), f"{table}.{field.id}", list(field.choices)

    def leaves_a_gap(self, rules: list[GapRule], answer: Fact) -> bool:
        """Whether one of the rules speaks whatever else is answered."""
        return any(not self.may_hold(answer, _silent(rule)) for rule in rules)

    def given(self, rule: GapRule) -> Iterator[Condition]:
        """That all of its own item at which a rule looks is answered."""
        for ref in dict.fromkeys(refs_in(rule.when)):
            own = ref.startswith(".") or ref.split(".")[0] == self.item.id
            if own and not (self.item.has_rows and ref == self.item.id):  # which is the table, not an answer
                yield Not.model_construct(not_=Fact(the=ref, missing=True))

    def may_hold(self, *conditions: Condition) -> bool:
        """Whether these can hold together."""
        return may_hold(conditions, self.checklist, self.item, self.budget)


def _silent(rule: GapRule) -> Condition:
    return Not.model_construct(not_=rule.when)


def _unmarked(item: Item, path: Path) -> Iterator[Fault]:
    """What sounds like nobody else's business and would be in the partner version."""
    for number, asked in ((None, item), *enumerate(item.fields)):
        found = INTERNAL.search(f"{asked.label}. {asked.ask}")
        if found and "internal" not in item.model_fields_set | asked.model_fields_set:
            at = path if number is None else (*path, "fields", number)
            what = f"“{found[0]}” in {asked.id} sounds internal, and partners would read it"
            yield Fault(at, what, "Say “internal: true”, or “internal: false” if they may.")


def _idle(item: Item, field: Field, path: Path, ages: set[str], read: set[str]) -> Iterator[Fault]:
    """A date that nothing ages, a tap that nothing comes of."""
    if field.kind == Kind.DATE and field.past and item.valid_for is None and field.id not in ages:
        what = f"the date {field.id} never ages: one of years ago is as good as today's"
        yield Fault(path, what, "Judge it with older_than, or give the item valid_for.")
    if field.kind in TAPPED and not field.required and field.id not in read:
        what = f"no rule and no condition reads {field.id}"
        yield Fault(path, what, "Judge it in a rule, or leave it out: each tap costs who answers.")


def _conditions(checklist: Checklist) -> Iterator[Condition]:
    """Every condition of a checklist."""
    for item in checklist.item.values():
        yield from (shown for shown in (item.show_if, *(field.show_if for field in item.fields)) if shown is not None)
        if item.locked:
            yield item.locked.until
        for rule in item.gaps:
            yield rule.when
            if rule.lighter:
                yield rule.lighter.when


def _aging(condition: Condition) -> Iterator[str]:
    for part in parts_of(condition):
        if isinstance(part, Fact) and part.older_than is not None:
            yield part.the


def _names_in(condition: Condition) -> Iterator[str]:
    """Every word of every reference, and the fields that are named without one."""
    yield from (name for ref in refs_in(condition) for name in ref.split("."))
    for part in parts_of(condition):
        if isinstance(part, Fact):
            yield from part.changed_since or ()
        elif isinstance(part, Weigh):
            yield part.by


def _named_otherwise(checklist: Checklist) -> set[str]:
    """The fields that a row's name or a request is made of."""
    requests = [item.requests for item in checklist.item.values() if item.requests]
    fields = [name for request in requests for name in (request.words, request.to, request.by, request.goal)]
    return {name for name in (*fields, *(item.named_by for item in checklist.item.values())) if name}
