"""Commands that keep an installation sound: backups, keys, checks, and what is destroyed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.application import maintenance
from bot.application.administration import NotFound
from bot.application.retention import RetentionService
from bot.runtime.cli import installation
from bot.runtime.cli.exit_codes import CHECK_FAILED
from bot.runtime.cli.output import NUMBER, say_beside
from bot.runtime.master_key import keep, key_in, key_there
from bot.storage import Database, WrongKey
from bot.storage.backup import BackupContents
from bot.storage.process_lock import process_lock


@click.command()
@click.option("--witness", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What was witnessed.")
def verify(witness: Path | None) -> None:
    """Check every event, file and index; exit code 1 and a line for each thing that is wrong."""
    desk = installation.desk(installation.chosen_settings())
    wrong = maintenance.verify(desk.store, desk.archive, witness.read_text(encoding="utf-8") if witness else "")
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(CHECK_FAILED)
    click.echo("All that is kept verifies.")
    _say_unfinished(desk.store)


@click.command()
def witness() -> None:
    """Print where every negotiation stands, signed, to keep elsewhere."""
    click.echo(maintenance.witnessed(installation.desk(installation.chosen_settings()).store), nl=False)


@click.command()
def doctor() -> None:
    """Look whether this machine is as the bot needs it; exit code 1 and a line for each thing that is not."""
    told = installation.office().clock_behind()
    click.echo(told or "The clock is not behind what was noted.")
    if told:
        sys.exit(CHECK_FAILED)


@click.command()
@click.argument("number", type=NUMBER, required=False)
@click.option("--due", is_flag=True, help="All that are past the last day on which their leads said to keep them.")
@click.confirmation_option(prompt="Destroy for good? Neither the bot nor this program can bring it back.")
def purge(number: int | None, *, due: bool) -> None:
    """Destroy a negotiation's key and rows. A proof that it was there remains."""
    if due == (number is not None):
        raise NotFound("Give the number of a negotiation, or --due.")
    desk = installation.desk(installation.chosen_settings())
    numbers = RetentionService(desk).past() if number is None else [number]
    for negotiation in numbers:
        uid = maintenance.purge(desk.store, negotiation, desk.clock(), "the command line")
        click.echo(f"Negotiation {negotiation} ({uid}) is destroyed. Backups still hold it until they are deleted.")
    if not numbers:
        click.echo("No negotiation is past the last day on which it is to be kept.")
    _say_unfinished(desk.store)


@click.command()
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
def rekey(new: Path) -> None:
    """Change the master key to the one in the file NEW, which is made when it is not there."""
    chosen = installation.chosen_settings()
    then = f"Set READINESS_KEY_FILE to {new} before the next start."
    try:
        desk = installation.desk(chosen)
    except WrongKey:
        if not new.exists():
            raise
        Database.open(chosen.store_url, key_in(new)).close()  # WrongKey again, unless an earlier run did it all
        click.echo(f"All keys are wrapped with {new} already. {then}")
        return
    with process_lock(chosen.store_url):
        count = maintenance.rekey(desk.store, keep(new))
    click.echo(f"{count} keys are wrapped anew. {then}")


@click.command()
@click.argument("file", type=click.Path(exists=False, dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Back up everything into one sealed file, while the bot runs."""
    held = maintenance.back_up(installation.desk(installation.chosen_settings()).store, file)
    size = f"{file.stat().st_size:,} bytes"
    click.echo(f"{file}: {_told(held)}, {size}. It opens only with this installation's key.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup back into an empty database."""
    chosen = installation.chosen_settings()
    key = key_there(chosen)
    if key is None:
        raise NotFound("There is no key here. Set READINESS_KEY or READINESS_KEY_FILE to that of the backup.")
    maintenance.prove(file, key)  # before a database is made, which would be sealed with a wrong key
    desk = installation.desk(chosen, makes=True)
    with process_lock(chosen.store_url):
        held = maintenance.restore(desk.store, file)
    click.echo(f"{_told(held)} are back, and verify.")


def _told(held: BackupContents) -> str:
    return f"{held.negotiations} negotiation{'s' * (held.negotiations != 1)}, {held.rows:,} rows"


def _say_unfinished(store: Database) -> None:
    if told := maintenance.unfinished(store):
        say_beside(f"readiness: {told}")
