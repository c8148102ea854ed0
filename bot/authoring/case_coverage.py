"""Which rules of a checklist its cases never see open, or never see closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.authoring import read_checklist
from bot.authoring.cases import Case, cases_in
from bot.authoring.diagnostics import Mistake
from bot.authoring.yaml_reader import YamlDocument, page
from bot.domain.lint.fault import placed_items
from bot.domain.readiness.item_gaps import applies


def uncovered_in(file: Path, files: Iterable[Path]) -> list[Mistake]:
    """The same of a checklist's file and its files of cases, which come out. Raises `Unsound`."""
    checklist = read_checklist(file)
    return list(uncovered(page(file), [case for each in files for case in cases_in(each, checklist)]))


def uncovered(read: YamlDocument, cases: Iterable[Case]) -> Iterator[Mistake]:
    """The rules that no case sees open, or that every case in which their item is asked sees open."""
    opened: set[tuple[str, str]] = set()
    closed: set[tuple[str, str]] = set()
    checklist = None
    for case in cases:
        checklist, n = case.checklist, case.negotiation()
        leaves = {(gap.item, gap.rule) for gap in case.gaps(n)}
        opened |= leaves
        asked = [item for item in checklist.item.values() if applies(n, item, case.today)]
        closed |= {(item.id, rule.id) for item in asked for rule in item.gaps} - leaves
    for path, item in placed_items(checklist) if checklist else ():
        for nth, rule in enumerate(item.gaps):
            at, name = (*path, "gaps", nth, "id"), f"{item.id}/{rule.id}"
            if (item.id, rule.id) not in opened:
                yield read.mistake(at, f"the gap {name} is open in no case", "Add one in which it is.")
            elif (item.id, rule.id) not in closed:
                yield read.mistake(at, f"the gap {name} is closed in no case", "Add one in which it is.")
