"""Forks a bot for each line it reads, so that fifty starts cost fifty forks and not fifty imports.

`python -m tests.kennel [FAULT...]`, with the words of `tests.faults`. It dies with the test, and its bot dies with it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# What a start loads, loaded before.
import alembic.command  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401

import bot.__main__ as command_line
import bot.store.migrate
import bot.telegram.face  # noqa: F401
from tests import faults

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Say that all is loaded; then fork bots one after the other, and say the number of each and how it ended."""
    _die_with_parent()
    # Whoever is killed 500 times adds more than a person does in a year.
    endless = faults.limits(evidence=faults.BOUNDLESS, rows=faults.BOUNDLESS, events=faults.BOUNDLESS)
    with endless, faults.applied(sys.argv[1:]):
        _say(0)  # all is loaded
        for _ in sys.stdin:
            pid = os.fork()
            if not pid:
                _die_with_parent()
                sys.argv = ["readiness", "serve"]
                command_line.main()
            _say(pid)
            _say(os.waitpid(pid, 0)[1])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
