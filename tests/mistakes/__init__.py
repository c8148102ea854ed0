"""One mistake each: what is changed in a sound checklist (``-`` and ``+``), and what lint tells of it then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

HERE = Path(__file__).parent


def cases(name: str) -> Iterator[ParameterSet]:
    """The changes of a file, each with the text it replaces, the new text, and the lines told."""
    for block in (HERE / f"{name}.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        old = "\n".join(line[1:] for line in lines if line.startswith("-"))
        new = "\n".join(line[1:] for line in lines if line.startswith("+"))
        if lines:
            yield pytest.param(old, new, [line for line in lines if line[0] not in "-+"], id=f"{name}: {new.strip()}")
