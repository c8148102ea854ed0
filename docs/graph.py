"""Draws which package of ``bot`` imports which, for docs/develop/architecture.md: ``python -m docs.graph``."""  # noqa: INP001 (docs is no package)

from __future__ import annotations

import sys
from pathlib import Path

import grimp

PAGE = Path(__file__).parent / "develop" / "architecture.md"
BEGIN, END = "<!-- graph -->\n", "<!-- /graph -->"


def arrows() -> dict[str, list[str]]:
    """What each package imports, those on top first."""
    graph = grimp.build_graph("bot")
    found: dict[str, set[str]] = {package.split(".")[1]: set() for package in graph.find_children("bot")}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = (name.split(".")[1:2] for name in (module, imported))
            if here and there and here != there:
                found[here[0]].add(there[0])
    below = {package: len(_reached(package, found)) for package in found}
    return {package: sorted(found[package]) for package in sorted(found, key=lambda name: (-below[name], name))}


def _reached(package: str, found: dict[str, set[str]]) -> set[str]:
    """All packages below one, through others as well."""
    reached, ahead = set[str](), [package]
    while ahead:
        for there in found[ahead.pop()] - reached:
            reached.add(there)
            ahead.append(there)
    return reached


def drawing() -> str:
    """The arrows as a diagram that GitHub and editors draw."""
    found = arrows()
    lines = [f"    {here} --> {' & '.join(there)}" for here, there in found.items() if there]
    figures = f"{len(found)} packages, {sum(map(len, found.values()))} arrows."
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```", "", figures, ""])


def placed(page: str) -> str:
    """The page with the drawing in its place."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}{drawing()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(drawing())
