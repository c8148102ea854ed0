"""Whether a checklist makes sense beyond its form.

Form (keys, types, lengths) is the models' work. Here is what only the whole checklist
can tell: that every reference leads somewhere, that what is compared can be compared,
that every item can be reached and no two wait for each other. A checklist without
faults can be judged without an error, whatever is answered.
"""

from __future__ import annotations

from itertools import chain, islice

from bot.domain.checklist import Checklist
from bot.domain.lint.fault import Fault, Path, meant, nearest
from bot.domain.lint.reachability import cycles, unreachable
from bot.domain.lint.references import dangling
from bot.domain.lint.silence import ill_silenced
from bot.domain.lint.structure import misshapen

__all__ = ["Fault", "Path", "faults", "meant", "nearest"]


MOST_FAULTS = 100  # and no time is spent on more


def faults(checklist: Checklist) -> list[Fault]:
    """Every fault of a checklist; conditions are only thought through once they all refer to something."""
    shape = list(islice(misshapen(checklist), MOST_FAULTS))
    if any(fault.first for fault in shape):  # what refers to an id that two have would be judged by either
        return shape
    written = chain(shape, dangling(checklist), cycles(checklist), ill_silenced(checklist))
    return list(islice(written, MOST_FAULTS)) or list(islice(unreachable(checklist), MOST_FAULTS))
