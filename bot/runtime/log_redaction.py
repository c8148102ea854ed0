"""Keeps the token and other secrets out of every log line and traceback, and an error's own words out of both."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.application.log_repetition import RepetitionFilter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

MARK, OTHER = "[token]", "[secret]"
LONGEST = 8  # errors of which one came from the other
SECRET = 16  # characters; a shorter second half of a token is not taken for a secret of its own

log = logging.getLogger(__name__)
log.addFilter(RepetitionFilter())  # asyncio tells each time that no connection can be accepted

# What these say below the given level holds addresses (with the token) or what people wrote, or helps nobody.
QUIETED = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "openpyxl": logging.WARNING,
    "fontTools": logging.WARNING,
    "alembic.runtime.plugins": logging.WARNING,  # lists its own parts at every start
}


class RedactionFilter(logging.Filter):
    """A filter for handlers: replaces the token, and other secrets, wherever a record holds them.

    It leaves the traceback formatted in ``exc_text`` and takes ``exc_info`` away, so
    that no formatter can write it out again. It must come last among a handler's filters.
    Our own code logs no traceback; what serves it does, and an error may quote what somebody wrote.
    """

    def __init__(self, token: str, secrets: Iterable[str] = ()) -> None:
        """``token``: the bot's, as BotFather gave it; ``secrets``: keys and passwords."""
        super().__init__()
        self._forms = _forms(token)
        self._others = tuple(
            form for secret in secrets if secret for form in dict.fromkeys((secret, quote(secret, safe="")))
        )

    def clean(self, text: str) -> str:
        """The text without the token."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MARK)
        for form in self._others:
            if form in text:
                text = text.replace(form, OTHER)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record; always lets it pass."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 (a wrong log call must not end in a traceback that holds its arguments)
            message = f"{record.msg} (a log call whose arguments do not fit)"
        record.msg, record.args = self.clean(message), ()
        if record.exc_info:
            record.exc_text = wordless(record.exc_info[1])
        record.exc_info = None
        record.exc_text = self.clean(record.exc_text) if record.exc_text else None
        record.stack_info = self.clean(record.stack_info) if record.stack_info else None
        return True


def redact(
    token: str, handlers: Iterable[logging.Handler] | None = None, secrets: Iterable[str] = ()
) -> RedactionFilter:
    """Redact the token and other secrets on these handlers (by default the root's) and in uncaught tracebacks."""
    filtered = RedactionFilter(token, secrets)
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        handler.addFilter(filtered)
    for name, level in QUIETED.items():
        logging.getLogger(name).setLevel(max(level, logging.getLogger().level))

    def uncaught(_kind: type[BaseException], error: BaseException, _where: TracebackType | None) -> None:
        sys.stderr.write(f"{wordless(error)}\n")

    sys.excepthook = uncaught
    return filtered


def wordless(error: BaseException | None) -> str:
    """A traceback that tells where, and which errors, and nothing that they say."""
    parts: list[str] = []
    while error is not None and len(parts) < LONGEST:
        lines = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{lines}{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich came after\n\n".join(parts)


def unheeded(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody awaited. asyncio's own words show the task, and with it what its error says."""
    log.error("%s", context["message"], exc_info=context.get("exception"))


def _forms(token: str) -> tuple[str, ...]:
    secret = token.partition(":")[2]
    forms = [token, quote(token, safe=""), secret if len(secret) >= SECRET else ""]
    return tuple(form for form in forms if form)
