"""Settings, from the environment or a ``.env`` file. Secrets show as stars wherever they are printed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator

ENV_FILE = Path(".env")

NAMES = {
    "token": "TELEGRAM_BOT_TOKEN",
    "api_url": "TELEGRAM_API_URL",
    "database_url": "DATABASE_URL",
    "data": "READINESS_DATA",
    "checklists": "READINESS_CHECKLISTS",
    "log_level": "LOG_LEVEL",
    "key": "READINESS_KEY",
    "key_file": "READINESS_KEY_FILE",
    "listen": "READINESS_LISTEN",
    "url": "READINESS_URL",
    "rate": "READINESS_RATE",
    "updates": "READINESS_UPDATES",
    "metrics_listen": "READINESS_METRICS_LISTEN",
    "token_file": "TELEGRAM_BOT_TOKEN_FILE",
    "database_url_file": "DATABASE_URL_FILE",
}


PORTS = 65_536
HERE = {("http", "127.0.0.1"), ("http", "localhost")}
RATE = re.compile(r"([1-9]\d{0,6})/([1-9]\d{0,6})")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """A setting is wrong; the message is one line for the operator."""


class Settings(BaseModel):
    """What the operator decides. Source: README, "Settings"."""

    token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    api_url: str = Field("https://api.telegram.org", validation_alias="TELEGRAM_API_URL")
    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    data: Path = Field(Path("data"), validation_alias="READINESS_DATA")
    checklists: Path = Field(Path("checklists"), validation_alias="READINESS_CHECKLISTS")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", validation_alias="LOG_LEVEL")

    key: SecretStr | None = Field(None, validation_alias="READINESS_KEY")
    key_file: Path | None = Field(None, validation_alias="READINESS_KEY_FILE")

    listen: str | None = Field(None, validation_alias="READINESS_LISTEN")
    url: str | None = Field(None, validation_alias="READINESS_URL")
    updates: Literal["polling", "webhook"] = Field("polling", validation_alias="READINESS_UPDATES")
    metrics_listen: str | None = Field(None, validation_alias="READINESS_METRICS_LISTEN")

    token_file: Path | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN_FILE")
    database_url_file: Path | None = Field(None, validation_alias="DATABASE_URL_FILE")

    rate: str = Field("30/1", validation_alias="READINESS_RATE")

    @field_validator("rate")
    @classmethod
    def is_two_numbers(cls, rate: str) -> str:
        """Ask for how many at once, and how many a second after that."""
        if not RATE.fullmatch(rate):
            msg = f"is “{rate}”. Give how many messages at once and how many a second after that, such as 30/1"
            raise ValueError(msg)
        return rate

    @field_validator("log_level", mode="before")
    @classmethod
    def in_capitals(cls, level: object) -> object:
        """Take ``info`` for ``INFO``."""
        if str(level).upper() not in LEVELS:
            msg = f"is “{level}”. Give {', '.join(LEVELS[:-1])} or {LEVELS[-1]}"
            raise ValueError(msg)
        return str(level).upper()

    @field_validator("token")
    @classmethod
    def looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        """Refuse what @BotFather cannot have given, before Telegram is asked."""
        number, colon, secret = (token.get_secret_value() if token else "1:x").partition(":")
        if not (number.isdecimal() and colon and secret.strip() == secret != ""):
            msg = "is not a bot token. Copy it from @BotFather: digits, a colon, letters"
            raise ValueError(msg)
        return token

    @field_validator("api_url")
    @classmethod
    def is_an_address(cls, url: str) -> str:
        """Ask for the whole address of the Bot API server, without a slash at its end."""
        if not url.startswith(("http://", "https://")):
            msg = "is not an address. Give it as https://host[:port]"
            raise ValueError(msg)
        return url.rstrip("/")

    @field_validator("listen", "metrics_listen")
    @classmethod
    def is_a_host_and_port(cls, listen: str) -> str:
        """Ask for a host and a port."""
        host, _, port = listen.rpartition(":")
        if not host or not (port.isdecimal() and int(port) < PORTS):
            msg = f"is “{listen}”. Give host:port, such as 127.0.0.1:8080"
            raise ValueError(msg)
        return listen

    @field_validator("url")
    @classmethod
    def is_a_public_address(cls, url: str) -> str:
        """Ask for the address under which Telegram and browsers reach this server."""
        parts = urlsplit(url)
        if parts.scheme != "https" and (parts.scheme, parts.hostname) not in HERE:
            msg = "must begin with https://; only this machine itself may be reached without"
            raise ValueError(msg)
        return url.rstrip("/")

    @field_validator("updates", mode="before")
    @classmethod
    def is_one_of_the_two_ways(cls, updates: object) -> object:
        """Ask for one of the two ways in which updates come."""
        if updates not in {"polling", "webhook"}:
            msg = f"is “{updates}”. Give polling or webhook"
            raise ValueError(msg)
        return updates

    @field_validator("checklists")
    @classmethod
    def is_there(cls, folder: Path) -> Path:
        """Refuse a folder without checklists."""
        if not any(folder.glob("*.yaml")):
            msg = f"names {folder}, where there is no checklist (*.yaml). Give the folder that holds them"
            raise ValueError(msg)
        return folder

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may hold, beside the token: the key, the database's password."""
        key = self.key.get_secret_value() if self.key else ""
        url = urlsplit(self.database_url.get_secret_value()) if self.database_url else None
        passwords = [unquote(url.password or ""), *parse_qs(url.query).get("password", ())] if url else []
        return tuple(one for one in (key, *passwords) if one)

    @property
    def pace(self) -> tuple[int, int]:
        """How many messages one person may send at once, and how many a second after that."""
        burst, _, each = self.rate.partition("/")
        return int(burst), int(each)

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


def settings() -> Settings:
    """The settings in force. Raises `Wrong` with one line that names the setting."""
    given = {**_env_file(), **{name: value for name, value in os.environ.items() if value}}
    try:
        # By pydantic alone: pydantic-settings is loaded only where there is a .env file to read.
        return Settings.model_validate(_read({name: given[name] for name in NAMES.values() if given.get(name)}))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        what = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{NAMES.get(name, name)} {what}.") from None


def _read(given: dict[str, str | None]) -> dict[str, str | None]:
    """The settings, with those read that are given as a file: so containers hand secrets on."""
    read = {}
    for name in (NAMES["token"], NAMES["database_url"]):
        path = given.get(f"{name}_FILE")
        if path and name not in given:
            try:
                read[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(
                    f"{name}_FILE names {path}, which cannot be read: {type(error).__name__}."
                ) from None
    return given | read


def _env_file() -> Mapping[str, str | None]:
    if not ENV_FILE.is_file():
        return {}
    from pydantic_settings import BaseSettings, DotEnvSettingsSource

    return DotEnvSettingsSource(BaseSettings, ENV_FILE, case_sensitive=True).env_vars
