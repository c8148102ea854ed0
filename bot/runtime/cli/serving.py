"""Commands that run the bot."""

from __future__ import annotations

import click

from bot.runtime.cli import installation
from bot.runtime.settings import Settings
from bot.runtime.standalone import serve_pages, try_out


@click.command()
def run() -> None:
    """Start on Telegram when a token is set, else in the browser with a sample negotiation."""
    chosen = installation.chosen_settings()
    if chosen.token is None:
        try_out(chosen, installation.whole_desk, click.echo)
    else:
        _serve_telegram(chosen)


@click.command()
def serve() -> None:
    """Run the bot on Telegram, or in the browser when READINESS_LISTEN is set and no token."""
    chosen = installation.chosen_settings()
    if chosen.token is None and chosen.listen is not None:
        serve_pages(chosen, installation.whole_desk, click.echo)
    else:
        _serve_telegram(chosen)


def _serve_telegram(chosen: Settings) -> None:
    from bot.runtime.serve import serve as serve_chats  # Telegram's library: half a second, which pages alone save

    serve_chats(chosen, installation.whole_desk, click.echo)
