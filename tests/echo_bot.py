"""A bare python-telegram-bot bot that echoes: the baseline of the benches.

    python tests/echo_bot.py URL TOKEN

It polls as the library does by default, and prints "polling" once it has begun.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Context: TypeAlias = ContextTypes.DEFAULT_TYPE
AnyApplication: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

POLL = 10  # seconds; the library's own default for run_polling
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="a")]])


async def echo(update: Update, _: Context) -> None:
    """Say what was said, with a button below it."""
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text, reply_markup=KEYBOARD)


async def press(update: Update, _: Context) -> None:
    """Answer the press and change the message."""
    if update.callback_query is not None:
        await update.callback_query.answer()
        await update.callback_query.edit_message_text(f"Pressed {update.update_id}.")


async def say_polling(_: AnyApplication) -> None:
    """Tell the bench that the bot is up."""
    sys.stdout.write("polling\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """Poll the server at this address until stopped."""
    url, token = arguments
    application = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .post_init(say_polling)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(press))
    application.run_polling(timeout=POLL)


if __name__ == "__main__":
    main(sys.argv[1:])
