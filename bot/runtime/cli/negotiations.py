"""Commands about negotiations and the people in them."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from bot.application.administration import AdminService, NotFound
from bot.application.imported_people import NEW, FilePerson
from bot.domain.export_formats import EXPORT_FORMATS, Progress
from bot.domain.limits import FILE, MIB
from bot.domain.report.model import UNMARKED
from bot.exports.json.archive import LARGEST, load
from bot.runtime.cli import installation
from bot.runtime.cli.output import NUMBER, is_terminal, say_beside
from bot.runtime.terminal import watched
from bot.storage import PersonRow


@click.command(name="list")
def list_() -> None:
    """List the negotiations with their numbers."""
    for number, counterpart, subject in installation.office().negotiations():
        click.echo(f"{number}  {counterpart}: {subject}")


@click.command()
@click.argument("number", type=NUMBER)
@click.option("--format", "form", type=click.Choice(list(EXPORT_FORMATS)), default="json", show_default=True)
@click.option("--partner", is_flag=True, help="The partner version: what leads marked as internal is left out.")
@click.option("--yes", "agreed", is_flag=True, help="Export the partner version also where nothing is marked internal.")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of on the screen."
)
def export(number: int, form: str, out: Path | None, *, partner: bool, agreed: bool) -> None:
    """Export a negotiation as a file."""
    if partner and not EXPORT_FORMATS[form].partner:
        raise NotFound(f"There is no partner version as {EXPORT_FORMATS[form].told}: it is complete.")
    if out is None and not EXPORT_FORMATS[form].text and is_terminal():
        raise NotFound(
            f"{EXPORT_FORMATS[form].told} is no text to show here. Name a file with -o, or redirect the output."
        )
    office = installation.office()
    if partner and not agreed and office.unmarked(number):
        _ask_unmarked()
    body = watched(partial(_taken, office, number, form, partner=partner), EXPORT_FORMATS[form].told, say_beside)
    if out is None:
        click.echo(body, nl=False)
    else:
        out.write_bytes(body)
        click.echo(f"{out}: {out.stat().st_size:,} bytes.")


def _ask_unmarked() -> None:
    """Ask whoever sits at a terminal whether partners are to be given all of it; else say how to go on."""
    if not (sys.stdin.isatty() and is_terminal()):
        raise NotFound(f"{UNMARKED}. Nothing was exported. Give --yes to export it all the same.")
    click.confirm(f"{UNMARKED}. Export it all the same?", abort=True, err=True)


def _taken(office: AdminService, number: int, form: str, progress: Progress, *, partner: bool) -> bytes:
    return office.taken(number, form, partner=partner, progress=progress)


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("number", type=NUMBER, required=False)
@click.option("--propose", is_flag=True, help="Print what an edited Excel or CSV file would change in NUMBER.")
@click.option(
    "--person",
    "persons",
    multiple=True,
    metavar="ID=ID",
    help="Who of the file somebody here is; or ID=new for nobody.",
)
def import_(file: Path, number: int | None, persons: tuple[str, ...], *, propose: bool) -> None:
    """Import a negotiation that was exported as JSON.

    Whoever of the file has the id of somebody here is that person, and gets a seat, only if you say so: you are asked,
    or a script says it with --person. Everybody else is new; “readiness link NAME” lets them in.

    With --propose and a NUMBER: print what an edited Excel or CSV file would change there. Nothing is
    recorded; to record changes, a lead sends the file to the bot under Take away.
    """
    if propose != (number is not None):
        raise NotFound("Give --propose together with the number of the negotiation, or neither.")
    if number is not None:
        office = installation.office()
        lines = office.proposed(number, _content(file, FILE), file.name)
        click.echo("\n".join(lines) or "The file holds no change.")
        if lines and (signers := office.signers(number)):
            say_beside(f"Signed by {', '.join(signers)}. Recording any of this voids that.")
        return
    try:
        text = _content(file, LARGEST).decode()
    except UnicodeDecodeError:
        raise NotFound(f"{file} is not UTF-8 text. Give a file that “readiness export” wrote.") from None
    there = load(text)
    office = installation.office(makes=True)
    number = office.imported(there, _choice(office.people_in(there), _named(persons)))
    click.echo(f"Imported as negotiation {number}.")


def _named(persons: tuple[str, ...]) -> dict[str, str]:
    """What a script says of people of a file."""
    pairs = [argument.partition("=") for argument in persons]
    if wrong := next(
        (argument for argument, (person, _, whose) in zip(persons, pairs, strict=True) if not (person and whose)), ""
    ):
        raise NotFound(f"--person {wrong} says nothing. Write ID=ID: of the file, and of somebody here, or “{NEW}”.")
    return {person: whose for person, _, whose in pairs}


def _choice(people: list[FilePerson], named: dict[str, str]) -> dict[str, str]:
    """Who of a file somebody here is. The operator is shown everybody, and asked of each whose id is taken here."""
    choice = dict(named)
    for person in people:
        told = f"{person.name} ({person.id}) of the file gets {person.seat}"
        if person.id in named or person.here is None:
            whose = choice.get(person.id, NEW)
            click.echo(f"{told}, as somebody {'new' if whose == NEW else f'who is here: {whose}'}.")
        else:
            choice[person.id] = person.id if _is_same(person, person.here, told) else NEW
    return choice


def _is_same(person: FilePerson, here: PersonRow, told: str) -> bool:
    account = "with Telegram" if here.telegram_id is not None else "without Telegram"
    try:
        return click.confirm(f"{told}. {here.name}, {account}, has this id here. Is it the same person?")
    except click.Abort:
        raise NotFound(
            f"Nothing was imported. Say who {person.name} is: --person {person.id}={person.id} for {here.name} here, "
            f"--person {person.id}={NEW} for somebody new."
        ) from None


def _content(file: Path, most: int) -> bytes:
    """The bytes of a file. NotFound where there are more than are taken in."""
    if file.stat().st_size > most:
        raise NotFound(f"{file} is larger than {most // MIB} MB, and nothing so large is taken in.")
    return file.read_bytes()


@click.command()
@click.argument("name")
@click.option("--new-passphrase", is_flag=True, help="Forget their passphrase: they sign in and choose another.")
def link(name: str, *, new_passphrase: bool) -> None:
    """Print a link by which somebody who is known already signs in, once."""
    chosen = installation.chosen_settings()
    desk = installation.desk(chosen)
    if chosen.listen or chosen.url:
        desk.page = f"{chosen.url or f'http://{chosen.listen}'}/join?s="
    click.echo(AdminService(desk).link(name, new_passphrase=new_passphrase))


@click.command()
def audit() -> None:
    """Print what was refused: day, times, how often, which kind, to whom."""
    click.echo("\n".join(installation.office().audited()) or "Nothing was refused.")
