"""Whether rules that are silent while another gap is open name one that says enough."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checklist import Checklist, GapRule
from bot.domain.lint.fault import Fault, Path, meant, placed_items


def ill_silenced(checklist: Checklist) -> Iterator[Fault]:
    """The faults of every ``unless_gap``."""
    rules = {f"{item.id}/{rule.id}": rule for item, rule in checklist.rules()}
    for path, item in placed_items(checklist):
        for number, rule in enumerate(item.gaps):
            if rule.unless_gap is not None:
                own = f"{item.id}/{rule.id}"
                yield from _fault(own, rule, rules, (*path, "gaps", number, "unless_gap"))


def _fault(own: str, rule: GapRule, rules: dict[str, GapRule], path: Path) -> Iterator[Fault]:
    other = rules.get(rule.unless_gap or "")
    if other is None:
        yield Fault(path, f"there is no gap rule {rule.unless_gap}", meant(str(rule.unless_gap), rules))
    elif _goes_round(own, rules):
        yield Fault(path, f"{own} waits in a circle for itself", "Take unless_gap out of one of them.")
    elif other.last or rule.last:
        yield Fault(path, "a rule that looks at open blockers neither is silent nor silences", "Remove unless_gap.")
    elif other.severity.rank > rule.severity.rank:
        what = f"{rule.unless_gap} weighs less than {own}, and would hide it"
        yield Fault(path, what, "Let the graver of the two speak, or weigh them alike.")
    elif other.waivable and not rule.waivable:
        what = f"{rule.unless_gap} can be waived and {own} cannot"
        yield Fault(path, what, "Set waivable: false there as well, or remove unless_gap.")


def _goes_round(own: str, rules: dict[str, GapRule]) -> bool:
    """Whether following the rules that silence it comes back to a rule."""
    name, seen = rules[own].unless_gap, set[str]()
    while name in rules and name not in seen:
        if name == own:
            return True
        seen.add(name)
        name = rules[name].unless_gap
    return False
