"""The command that holds the conversation in the terminal."""

from __future__ import annotations

import click

from bot.application.administration import AdminService, NotFound
from bot.application.sample import LEAD, open_sample
from bot.runtime.cli import installation
from bot.runtime.cli.output import say_beside
from bot.runtime.terminal import prompt
from bot.runtime.terminal import talk as hold_talk


@click.command()
@click.option("--as", "name", default=LEAD, show_default=True, help="Who you are.")
@click.option("--sample", is_flag=True, help="Open the sample negotiation first.")
def talk(name: str, *, sample: bool) -> None:
    """Hold the conversation in the terminal, as any person."""
    desk = installation.whole_desk(installation.chosen_settings())
    office = AdminService(desk)
    if sample and not office.negotiations():
        open_sample(office, desk)
    people = {person.name: person.id for person in office.people()}
    if name not in people and not people:
        people[name] = office.person(name, lead=True)
    if name not in people:
        raise NotFound(f"There is no {name}. Known are: {', '.join(people)}.")
    hold_talk(desk, people[name], prompt(name), click.echo, beside=say_beside)
