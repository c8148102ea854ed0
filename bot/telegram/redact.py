"""Keeps the token and other secrets out of every log line and traceback."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

MARK, OTHER = "[token]", "[secret]"
SECRET = 16  # characters; a shorter second half of a token is not taken for a secret of its own
FORMATTER = logging.Formatter()

# What these say below the given level holds addresses (with the token) or what people wrote.
QUIETED = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "openpyxl": logging.WARNING,
    "fontTools": logging.WARNING,
}


class Redact(logging.Filter):
    """A filter for handlers: replaces the token, and other secrets, wherever a record holds them.

    It leaves the traceback formatted in ``exc_text`` and takes ``exc_info`` away, so
    that no formatter can write it out again. It must come last among a handler's filters.
    """

    def __init__(self, token: str, secrets: Iterable[str] = ()) -> None:
        """``token``: the bot's, as BotFather gave it; ``secrets``: keys and passwords."""
        super().__init__()
        self._forms = _forms(token)
        self._others = tuple(form for one in secrets if one for form in dict.fromkeys((one, quote(one, safe=""))))

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
        if record.exc_info and not record.exc_text:
            record.exc_text = FORMATTER.formatException(record.exc_info)
        record.exc_info = None
        record.exc_text = self.clean(record.exc_text) if record.exc_text else None
        record.stack_info = self.clean(record.stack_info) if record.stack_info else None
        return True


def redact(token: str, handlers: Iterable[logging.Handler] | None = None, secrets: Iterable[str] = ()) -> Redact:
    """Redact the token and other secrets on these handlers (by default the root's) and in uncaught tracebacks."""
    filtered = Redact(token, secrets)
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        handler.addFilter(filtered)
    for name, level in QUIETED.items():
        logging.getLogger(name).setLevel(max(level, logging.getLogger().level))

    def uncaught(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        sys.stderr.write(filtered.clean("".join(traceback.format_exception(kind, error, where))))

    sys.excepthook = uncaught
    return filtered


def _forms(token: str) -> tuple[str, ...]:
    secret = token.partition(":")[2]
    forms = [token, quote(token, safe=""), secret if len(secret) >= SECRET else ""]
    return tuple(form for form in forms if form)
