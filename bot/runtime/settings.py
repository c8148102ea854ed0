"""Settings: one table, from the environment or a ``.env`` file, each perhaps as a file. None is taken unread.

What a setting is called, what it may be, its default and its meaning stand here once;
docs/operate/settings.md and ``.env.example`` are compared with it.
"""
# ruff: noqa: RUF009 (the table's rows are fields, each made by a call)

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.runtime import setting_forms as forms

ENV_FILE = Path(".env")
FILE = "_FILE"  # ends the name of a setting that names a file which holds another
OURS = "READINESS_"
UTF_8 = "is not UTF-8 text. Save it as UTF-8"


class SettingsError(Exception):
    """A setting is wrong; the message is one line for the operator."""


class Occupied(SettingsError):
    """Another program has what a setting names; later it may have it no more."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table."""

    name: str
    read: Callable[[str], Any]
    default: str = ""
    secret: bool = False  # so that it may come as a file, whose name is the setting's with _FILE
    others: bool = False  # it belongs to programs in general, which write it in small letters, too


def setting(name: str, read: Callable[[str], Any], default: str = "", **more: bool) -> Any:
    """A field that is a setting."""
    return field(
        repr="others" not in more,  # a proxy may have a password in it
        default_factory=lambda: read(default) if default else None,
        metadata={"row": Setting(name, read, default, **more)},
    )


@dataclass(frozen=True)
class Settings:
    """What the operator decides. Source: docs/operate/settings.md."""

    token: SecretStr | None = setting("TELEGRAM_BOT_TOKEN", forms.bot_token, secret=True)
    api_url: str = setting("TELEGRAM_API_URL", forms.api_address, "https://api.telegram.org")
    database_url: SecretStr | None = setting("DATABASE_URL", forms.database, secret=True)
    data: Path = setting("READINESS_DATA", forms.folder, "data")
    checklists: Path = setting("READINESS_CHECKLISTS", forms.folder, "checklists")
    key: SecretStr | None = setting("READINESS_KEY", forms.master_key, secret=True)
    zone: ZoneInfo = setting("READINESS_TIMEZONE", forms.zone, "UTC")
    pace: tuple[int, int] = setting("READINESS_RATE", forms.pace, "30/1")
    log_level: str = setting("LOG_LEVEL", forms.level, "INFO")
    listen: str | None = setting("READINESS_LISTEN", forms.listen)
    url: str | None = setting("READINESS_URL", forms.public_address)
    updates: str = setting("READINESS_UPDATES", forms.updates, "polling")
    metrics_listen: str | None = setting("READINESS_METRICS_LISTEN", forms.listen)
    believed_proxies: str = setting("FORWARDED_ALLOW_IPS", forms.proxies, "127.0.0.1")
    https_proxy: str | None = setting("HTTPS_PROXY", forms.proxy, others=True)
    http_proxy: str | None = setting("HTTP_PROXY", forms.proxy, others=True)
    no_proxy: str | None = setting("NO_PROXY", str, others=True)
    unknown: tuple[str, ...] = ()  # what was given and is no setting, each with the name it may be meant for

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may hold, beside the token: the key, and passwords."""
        from bot.storage.engines import passwords

        key = self.key.get_secret_value() if self.key else ""
        of_database = passwords(self.database_url.get_secret_value()) if self.database_url else ()
        of_proxies = [urlsplit(proxy).password or "" for proxy in (self.https_proxy, self.http_proxy) if proxy]
        return tuple(secret for secret in (key, *of_database, *of_proxies) if secret)

    @property
    def writers(self) -> int:
        """How many transactions the database takes at once."""
        return 8 if self.store_url.startswith("postgres") else 1

    @property
    def store_url(self) -> str:
        """Where answers are kept: the database given, else a file in the data folder."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data / 'readiness.db'}"

    @property
    def told(self) -> str:
        """What a start does with them, for the log: without secrets."""
        from bot.storage.engines import name

        pages = f"{self.url or f'http://{self.listen}'}, on {self.listen}" if self.listen else "none"
        telegram = f"by {self.updates}, at {self.api_url}" if self.token else "none"
        numbers = self.metrics_listen or "none"
        return f"Database: {name(self.store_url)}. Telegram: {telegram}. Pages: {pages}. Metrics: {numbers}."

    def to_serve(self) -> None:
        """Raise `Wrong` where the settings do not go together for a bot that serves others."""
        if self.updates == "webhook" and self.token is None:
            raise SettingsError(
                "READINESS_UPDATES is webhook, by which Telegram brings updates, and TELEGRAM_BOT_TOKEN is not set."
            )
        if self.updates == "webhook" and not (self.url and self.listen):
            raise SettingsError("READINESS_UPDATES is webhook, so READINESS_URL and READINESS_LISTEN must be set.")
        if self.url and not self.listen:
            why = "so nothing answers there. Set it to the host:port to which your proxy passes browsers on"
            raise SettingsError(f"READINESS_URL is set and READINESS_LISTEN is not, {why}.")
        if self.token is None and self.listen is None:
            ways = "for the browser set READINESS_LISTEN and READINESS_URL; or run “readiness talk”"
            raise SettingsError(f"TELEGRAM_BOT_TOKEN is not set. Get a token from @BotFather; {ways}.")

    def hand_on(self) -> None:
        """Let the libraries that read proxies from the environment find those of ``.env`` there."""
        for name in ("https_proxy", "http_proxy", "no_proxy"):
            if value := getattr(self, name):
                os.environ[name] = value


TABLE: dict[str, Setting] = {column.name: column.metadata["row"] for column in fields(Settings) if column.metadata}
NAMES = [name for row in TABLE.values() for name in (row.name, *([row.name + FILE] if row.secret else []))]


def settings() -> Settings:
    """The settings in force. Raises `Wrong` with one line that names the setting."""
    in_file = _env_file()
    return settings_of(in_file | {name: value for name, value in os.environ.items() if value.strip()}, in_file)


def settings_of(given: Mapping[str, str], in_file: Mapping[str, str] | None = None) -> Settings:
    """The settings given so, of which those ``in_file`` are all meant for this program."""
    found: dict[str, Any] = {"unknown": tuple(_unknown(given, in_file or {}))}
    for attribute, row in TABLE.items():
        name, text = _text(row, given)
        if text and not (row.others and "token" not in found):  # nobody but Telegram is asked from here
            try:
                found[attribute] = row.read(text)
            except ValueError as error:
                raise SettingsError(f"{name} {error}{'' if str(error).endswith('?') else '.'}") from None
    chosen = Settings(**found)
    if chosen.listen and chosen.listen == chosen.metrics_listen and not chosen.listen.endswith(":0"):
        raise SettingsError(
            f"READINESS_LISTEN and READINESS_METRICS_LISTEN are both {chosen.listen}. Give each its own port."
        )
    return chosen


def _text(row: Setting, given: Mapping[str, str]) -> tuple[str, str]:
    """What a setting is given as, and the name that it came by."""
    name = next((name for name in (row.name.lower(), row.name) if row.others and given.get(name)), row.name)
    text, path = given.get(name, "").strip(), given.get(row.name + FILE, "").strip() if row.secret else ""
    if text and path:
        raise SettingsError(f"{row.name} and {row.name}{FILE} are both set. Keep one of them.")
    return (f"{row.name}{FILE}", _in(row.name + FILE, path)) if path else (name, text)


def _in(name: str, path: str) -> str:
    """What the file holds that a setting names. Where it may be the secret itself, it is not repeated."""
    told = (
        path if os.path.lexists(path) or re.fullmatch(r"[\w ./~-]{1,19}|[\w ./~-]*[./][\w ./~-]*", path) else "a file"
    )
    try:
        text = Path(path).read_bytes().decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SettingsError(f"{name} names {told}, which {UTF_8}.") from None
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{name} names {told}, which cannot be read: {getattr(error, 'strerror', 'no path')}."
        ) from None
    if not text:
        raise SettingsError(f"{name} names {told}, which is empty. Put the value there, or leave {name} out.")
    return text


def _unknown(given: Mapping[str, str], in_file: Mapping[str, str]) -> list[str]:
    """Names that are no settings, and look as if they were meant for this program."""
    told, known = [], {name.removeprefix(OURS): name for name in NAMES}
    for name in sorted(set(given) - set(NAMES) - {row.name.lower() for row in TABLE.values() if row.others}):
        ours = name.upper().startswith(OURS)
        near = get_close_matches(name.upper().removeprefix(OURS), known, 1, 0.7 if ours else 0.85)
        if ours or (near and name in in_file):
            told.append(f"{name} is no setting, and is ignored.{f' Did you mean {known[near[0]]}?' if near else ''}")
    return told


def _env_file() -> dict[str, str]:
    """What stands in ``.env``, without what is left empty there."""
    if not ENV_FILE.is_file():
        return {}
    from dotenv import dotenv_values  # loaded only where there is something to read
    from dotenv.parser import parse_stream

    try:
        text = ENV_FILE.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{ENV_FILE} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16 holds it wherever there is a letter of ours
        raise SettingsError(f"{ENV_FILE} {UTF_8}.")
    for line in parse_stream(StringIO(text)):
        if line.error:
            raise SettingsError(f"{ENV_FILE}, line {line.original.line}, is no setting. Write NAME=value.")
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value and value.strip()}
