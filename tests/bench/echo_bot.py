"""A bare python-telegram-bot bot that asks thirty questions and keeps nothing: the baseline of the bench.

    python -m tests.bench.echo_bot URL TOKEN

It is written as the library's documentation writes bots: one application, handlers, polling with its own client.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from tests.bench.questions import OPTIONS, QUESTIONS, ask, is_tapped

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=key) for key, label in OPTIONS.items()]])
DONE = "Thank you. That was all."


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Ask the first question."""
    context.user_data["question"] = 0
    await answer(update, context)


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Go on with the next question, in the same message after a tap."""
    number = context.user_data["question"] = context.user_data["question"] + 1
    text = ask(number) if number <= QUESTIONS else DONE
    keyboard = KEYBOARD if is_tapped(number) else InlineKeyboardMarkup([])
    if update.callback_query:
        await update.callback_query.answer()
        await update.callback_query.edit_message_text(text, reply_markup=keyboard)
    else:
        await update.message.reply_text(text, reply_markup=keyboard)


def main(arguments: Sequence[str]) -> None:
    """Poll the server at this address until stopped."""
    url, token = arguments
    application = Application.builder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(answer))
    application.add_handler(MessageHandler(filters.TEXT, answer))
    application.run_polling()


if __name__ == "__main__":
    main(sys.argv[1:])
