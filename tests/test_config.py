"""A missing or wrong setting is one clear line with its exit code, and no secret is ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.runtime.cli.exit_codes import TRY_AGAIN, WRONG_SETTING
from bot.runtime.settings import NAMES, TABLE, Settings, SettingsError, settings

ROOT = Path(__file__).parent.parent
TOKEN = "123456:sample-token-nobody-has"
PASSWORD = "sample-password"


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without .env, an environment without settings, and the real checklists."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("READINESS_CHECKLISTS", str(ROOT / "checklists"))
    monkeypatch.setenv("READINESS_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def ran(*args: str, env: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, args, env=env)


def one_line(result: Result, code: int = WRONG_SETTING) -> str:
    """The one line of a refusal, and nothing beside it."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("readiness: ")
    return lines[0].removeprefix("readiness: ")


WRONG = [
    ("TELEGRAM_BOT_TOKEN", "sample-token", "not a bot token. Copy it from @BotFather"),
    ("TELEGRAM_BOT_TOKEN", "123456:", "not a bot token"),
    ("TELEGRAM_BOT_TOKEN", "123456: sample", "not a bot token"),
    ("TELEGRAM_BOT_TOKEN", '123456:sam"ple', "not a bot token"),
    ("TELEGRAM_BOT_TOKEN", "123456:sample/token", "not a bot token"),
    ("TELEGRAM_API_URL", "localhost:8081", "not an address. Give it as https://host[:port]"),
    ("READINESS_RATE", "fast", "is “fast”. Give how many messages at once and how many a second"),
    ("READINESS_RATE", "0/1", "is “0/1”. Give how many messages"),
    ("LOG_LEVEL", "loud", "is “loud”. Give DEBUG, INFO, WARNING or ERROR"),
    ("READINESS_URL", "http://example.org", "must begin with https://"),
    ("READINESS_URL", "https://example.org:99999", "names no host, or a host or port that cannot be"),
    ("READINESS_URL", "https://exa mple.org", "names no host, or a host or port that cannot be"),
    ("READINESS_URL", "https://name:word@example.org", "holds a name or a password, which everybody would read"),
    ("READINESS_UPDATES", "post", "is “post”. Give polling or webhook"),
    ("READINESS_METRICS_LISTEN", "9100", "is “9100”. Give host:port"),
]


@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_a_wrong_setting_is_one_line_that_names_it(name: str, value: str, says: str) -> None:
    line = one_line(ran("list", env={name: value}))
    assert line.startswith(name)
    assert says in line
    assert line.endswith(".")


@pytest.mark.parametrize("command", ["run", "serve", "talk", "form bilateral -o out"])
def test_a_folder_without_checklists_is_one_line_for_whoever_needs_one(command: str, tmp_path: Path) -> None:
    given = {"READINESS_CHECKLISTS": "nowhere", "TELEGRAM_BOT_TOKEN": TOKEN}
    line = one_line(ran(*command.split(), env=given))
    assert line.startswith("READINESS_CHECKLISTS names nowhere, where there is no checklist (*.yaml)")
    assert [path.name for path in tmp_path.iterdir()] == []


def test_without_a_token_there_is_no_telegram() -> None:
    line = one_line(ran("serve"))
    assert line.startswith("TELEGRAM_BOT_TOKEN is not set.")
    assert "@BotFather" in line


@pytest.mark.parametrize("missing", ["READINESS_URL", "READINESS_LISTEN"])
def test_a_webhook_needs_an_address_for_telegram_and_one_here(missing: str) -> None:
    given = {"READINESS_URL": "https://example.org", "READINESS_LISTEN": "127.0.0.1:8080", missing: ""}
    line = one_line(ran("serve", env={"TELEGRAM_BOT_TOKEN": TOKEN, "READINESS_UPDATES": "webhook", **given}))
    assert line == "READINESS_UPDATES is webhook, so READINESS_URL and READINESS_LISTEN must be set."


def test_without_an_address_there_is_nobody_to_ask_how_the_bot_is() -> None:
    assert one_line(ran("health")) == "READINESS_LISTEN is not set, so the bot does not tell how it is."


@pytest.mark.slow
@pytest.mark.parametrize(
    "url",
    [
        f"mysql://someone:{PASSWORD}@host/database",
        f"nonsense {PASSWORD}",
        f"sqlite:///:memory:?password={PASSWORD}",
        "sqlite://",
        f"postgresql://someone:{PASSWORD}@127.0.0.1:1/database?connect_timeout=1",
    ],
)
def test_a_database_that_cannot_be_used_is_one_line_without_its_password(url: str) -> None:
    code = TRY_AGAIN if url.startswith("postgresql") else WRONG_SETTING
    assert PASSWORD not in one_line(ran("list", env={"DATABASE_URL": url}), code)


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = one_line(ran("talk", env={"READINESS_DATA": str(tmp_path / "file" / "data")}))
    assert line == f"READINESS_DATA names {tmp_path}/file/data, which cannot be made: Not a directory."


@pytest.mark.parametrize("token", [TOKEN, "sample-token-without-number", "123456:"])
def test_the_token_is_never_printed(token: str) -> None:
    """Neither where it is refused, nor beside another mistake, nor in what a program shows of its settings."""
    secret = token.partition(":")[2] or token
    for name, value in (("TELEGRAM_API_URL", "nowhere"), ("LOG_LEVEL", "loud"), ("DATABASE_URL", "mysql://host/x")):
        result = ran("list", env={"TELEGRAM_BOT_TOKEN": token, name: value})
        assert result.exit_code == WRONG_SETTING
        assert secret not in result.output
        assert secret not in repr(result.exception)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELEGRAM_BOT_TOKEN", token)
        try:
            shown = f"{settings()!r} {settings()}"
        except SettingsError as wrong:
            shown = f"{wrong!r} {wrong.__cause__!r}"
    assert secret not in shown


def test_secrets_may_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As containers hand them on."""
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (tmp_path / "url").write_text(f"postgresql://someone:{PASSWORD}@host/database\n", encoding="utf-8")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    chosen = settings()
    assert chosen.token is not None
    assert chosen.token.get_secret_value() == TOKEN
    assert chosen.store_url == f"postgresql://someone:{PASSWORD}@host/database"


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN_FILE", "DATABASE_URL_FILE"])
def test_a_secret_whose_file_is_not_there_is_one_line(name: str) -> None:
    assert (
        one_line(ran("list", env={name: "nowhere"}))
        == f"{name} names nowhere, which cannot be read: No such file or directory."
    )


def test_the_password_of_the_database_shows_as_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://someone:{PASSWORD}@host/database")
    assert PASSWORD not in repr(settings())
    assert PASSWORD in settings().store_url


def test_settings_come_from_the_env_file_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nLOG_LEVEL=debug\nSOMETHING_ELSE=1\n", encoding="utf-8")
    chosen = settings()
    assert chosen.token is not None
    assert chosen.token.get_secret_value() == TOKEN
    assert chosen.log_level == "DEBUG"


def test_the_environment_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\n", encoding="utf-8")
    monkeypatch.setenv("LOG_LEVEL", "warning")
    assert settings().log_level == "WARNING"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_setting_is_no_setting(name: str, blank: str) -> None:
    """A line of .env.example that is left empty keeps the default."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("READINESS_CHECKLISTS")
        patch.delenv("READINESS_DATA")
        patch.setenv(name, blank)
        assert settings() == Settings()


def test_every_setting_reads_its_own_default() -> None:
    for attribute, row in TABLE.items():
        assert getattr(Settings(), attribute) == (row.read(row.default) if row.default else None)


def test_an_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_API_URL", "http://localhost:8081/")
    assert settings().api_url == "http://localhost:8081"
