"""The command ``readiness``: which commands there are, and how they end."""

from __future__ import annotations

import errno
from importlib import import_module
from typing import Any

import click

from bot.application.administration import NotFound
from bot.application.negotiations import Unopenable
from bot.exports.json.archive import PortableError
from bot.runtime.cli.exit_codes import CODES, MISTAKE, TRY_AGAIN
from bot.runtime.cli.output import say_beside
from bot.runtime.settings import SettingsError
from bot.runtime.version import told_version
from bot.storage import StoreError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
COMMANDS = {  # each with the module of this package that holds it
    "run": "serving",
    "serve": "serving",
    "talk": "conversation",
    "health": "health",
    "list": "negotiations",
    "export": "negotiations",
    "import": "negotiations",
    "link": "negotiations",
    "audit": "negotiations",
    "lint": "checklists",
    "new": "checklists",
    "check": "checklists",
    "schema": "checklists",
    "form": "checklists",
    "verify": "operations",
    "witness": "operations",
    "doctor": "operations",
    "purge": "operations",
    "rekey": "operations",
    "backup": "operations",
    "restore": "operations",
}


class OneLine(click.Group):
    """Tells operators what they can mend in one line with an exit code, not in a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """The command of this name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        commands = vars(import_module(f"bot.runtime.cli.{module}")).values()
        return next(found for found in commands if isinstance(found, click.Command) and found.name == cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read our output has had enough
            say_beside(f"readiness: {_in_words(error)}")
            ctx.exit(TRY_AGAIN if error.errno in NO_ROOM else MISTAKE)
        except (SettingsError, StoreError, Unopenable, NotFound, PortableError) as error:
            say_beside(f"readiness: {error}")
            ctx.exit(next((code for kind, code in CODES.items() if isinstance(error, kind)), MISTAKE))


def _in_words(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return f"{error.filename} is there already; nothing was written. Choose another name."
    return f"{error.filename or 'A file'}: {error.strerror}. Nothing unfinished is left."


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001 (click's)
    if asked:
        click.echo(told_version())
        ctx.exit()


@click.group(cls=OneLine)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Which program.")
def main() -> None:
    """Walk a delegation through what must be settled before talks begin."""
