"""What the bot promises, tried: `python -m tests.soak [NAME...] [--short]` prints a figure for each fault.

Each module is one fault. Its `soak` does to the bot what the fault does, counts what was lost, and does the same
to a bot with a bug put in on purpose: a harness that cannot fail would prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table. ``caught``: whether the bot with the bug in it failed, as it must."""

    fault: str
    method: str
    wanted: str
    met: bool
    caught: bool
    measured: str

    @property
    def passed(self) -> bool:
        """Whether the promise held, and would have been seen not to."""
        return self.met and self.caught

    def __str__(self) -> str:
        """The figure as a line of a Markdown table."""
        told = "yes" if self.passed else "NO" if self.caught else "NO: the seeded bug was not found"
        return f"| {self.fault} | {self.method} | {self.wanted} | {told} | {self.measured} |"


HEAD = "| fault | method | promised | held | measured |\n|---|---|---|---|---|"
