"""The command by which a container asks how the bot is: it imports as little as can be."""

from __future__ import annotations

import sys

import click

from bot.runtime.cli import installation
from bot.runtime.cli.exit_codes import CHECK_FAILED
from bot.runtime.health_check import check_health


@click.command()
def health() -> None:
    """Ask the bot that runs here how it is; exit code 1 when it is of no use at present."""
    ready, told = check_health(installation.chosen_settings())
    click.echo(told)
    if not ready:
        sys.exit(CHECK_FAILED)
