"""What several commands say, and how."""

from __future__ import annotations

import sys
from functools import partial

import click

NUMBER = click.IntRange(max=2**31 - 1)  # of a negotiation, as PostgreSQL holds it
say_beside = partial(click.echo, err=True)


def counted(number: int, singular: str, several: str) -> str:
    """So many of something, in words."""
    return f"{number} {singular if number == 1 else several}"


def is_terminal() -> bool:
    """Whether somebody reads at a terminal what is written."""
    return sys.stdout.isatty()
