"""What operators write wrong, in the environment, in .env or in a file: told by name before anything is made."""

from __future__ import annotations

import asyncio
import base64
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.runtime.cli.exit_codes import MISTAKE, TRY_AGAIN, WRONG_SETTING
from bot.runtime.settings import NAMES, Settings, settings
from bot.storage.schema import REVISION
from tests.e2e import KEY, ROOT, Bot, command, environment

pytestmark = pytest.mark.slow

TOKEN = "123456:sample-token-nobody-has"
LISTEN, METRICS, URL = "READINESS_LISTEN", "READINESS_METRICS_LISTEN", "READINESS_URL"
SECRET = base64.b64encode(KEY).decode()


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty folder with our checklists, and an environment without settings. Nothing may be made in it."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("READINESS_CHECKLISTS", str(ROOT / "checklists"))
    yield
    assert not (tmp_path / "data").exists()


def ran(*words: str, **given: str) -> Result:
    return CliRunner().invoke(main, words, env=given)


def refusal(result: Result, code: int = WRONG_SETTING) -> str:
    """The one line of a refusal, and nothing beside it."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("readiness: ")
    return line.removeprefix("readiness: ")


WRONG = [
    (LISTEN, "http://127.0.0.1:8080"),
    (LISTEN, "999.1.1.1:8080"),
    (LISTEN, "8080"),
    (LISTEN, ":8080"),
    (LISTEN, "*:8080"),
    (LISTEN, "::1:8080"),
    (LISTEN, "127.0.0.1:99999"),
    (LISTEN, "127.0.0.1:http"),
    (LISTEN, "127.0.0.1:٨٠٨٠"),
    (METRICS, "localhost"),
    (METRICS, "two words:8080"),
    (URL, "https://"),
    (URL, "https://:443"),
    (URL, "https://example.org/talks"),
    (URL, "https://example.org?talks"),
    (URL, "https://example.org#talks"),
    (URL, "http://example.org"),
    (URL, "example.org"),
    (URL, "https://example.org:99999"),
    (URL, "https://exa mple.org"),
    (URL, "https://127.0.0.300"),
    ("TELEGRAM_API_URL", "https://"),
    ("TELEGRAM_API_URL", "https:///bot"),
    ("TELEGRAM_API_URL", "ftp://example.org"),
    ("READINESS_TIMEZONE", "+02:00"),
    ("READINESS_TIMEZONE", "Paris"),
    ("READINESS_TIMEZONE", "../UTC"),
    ("READINESS_TIMEZONE", "Europe"),
    ("READINESS_DATA", "postgresql://host/database"),
    ("READINESS_UPDATES", "push"),
    ("READINESS_KEY", "c2hvcnQ="),
    ("FORWARDED_ALLOW_IPS", "proxy.example.org"),
    ("FORWARDED_ALLOW_IPS", "10.0.0.1;10.0.0.2"),
    ("LOG_LEVEL", "verbose"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("source", ["environment", ".env"])
def test_a_wrong_form_is_refused_by_name_with_what_to_write(name: str, value: str, source: str, tmp_path: Path) -> None:
    if source == ".env":
        (tmp_path / ".env").write_text(f'{name}="{value}"\n', encoding="utf-8")
    line = refusal(ran("talk", **({name: value} if source == "environment" else {})))
    assert line.startswith(f"{name} ")
    assert re.search(r"Give|give|must begin with|Did you mean", line)


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1080", "proxy:3128", "http://"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])
def test_a_proxy_that_cannot_be_used_is_refused_where_telegram_is_asked(name: str, value: str) -> None:
    line = refusal(ran("serve", TELEGRAM_BOT_TOKEN=TOKEN, **{name: value}))
    assert line.startswith(f"{name} is no proxy that can be used. Give it as http://host:port")
    assert ran("list", **{name: value}).exit_code == MISTAKE, "who does not ask Telegram needs no proxy"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://Example.ORG", "https://example.org"),
        ("https://example.org:443/", "https://example.org"),
        ("HTTPS://example.org.", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://[2001:DB8::0:1]", "https://[2001:db8::1]"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("http://localhost:80", "http://localhost"),
        (" https://example.org ", "https://example.org"),
    ],
)
def test_an_address_is_taken_as_browsers_name_it(given: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or every page would be refused as that of another server."""
    monkeypatch.setenv(URL, given)
    assert settings().url == meant


@pytest.mark.parametrize(("given", "meant"), [("europe/paris", "Europe/Paris"), ("UTC", "UTC"), ("etc/utc", "Etc/UTC")])
def test_a_time_zone_is_taken_whatever_its_capitals(given: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_TIMEZONE", given)
    assert settings().zone.key == meant


PASSWORDS = ["canary@Horse9", "can@ary/horse", "ca#nary@horse", "canary@horse:9", "canary@%horse", "a@canary?b@horse"]


@pytest.mark.parametrize("password", PASSWORDS)
def test_no_part_of_a_password_is_told_whatever_its_characters(password: str) -> None:
    line = refusal(ran("list", DATABASE_URL=f"postgresql://readiness:{password}@127.0.0.1:1/readiness"))
    assert line.startswith("DATABASE_URL is refused. ")
    assert "Percent-encode the password: @ is %40" in line
    assert not any(part in line for part in re.findall("canary|Horse9|horse|nary|ary", password))


@pytest.mark.parametrize("password", ["canary#horse", "canary/horse", "canary%40horse", "can:ary", "canary%"])
def test_a_password_that_the_address_can_hold_is_used_and_not_told(password: str) -> None:
    url = f"postgresql://readiness:{password}@127.0.0.1:1/readiness?connect_timeout=1"
    line = refusal(ran("list", DATABASE_URL=url), TRY_AGAIN)
    assert line.startswith("127.0.0.1/readiness: the database cannot be opened: ")
    assert not any(part in line for part in ("canary", "horse", "ary"))


def test_a_password_in_the_options_is_not_told_either() -> None:
    line = refusal(ran("list", DATABASE_URL="postgresql://127.0.0.1:1/readiness?user=me&password=can&canary=1"))
    assert "Percent-encode" in line
    assert "canary" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN_FILE", "123456789:canary-token-by-mistake"),
        ("TELEGRAM_BOT_TOKEN_FILE", "canary_token_without_its_number_but_long"),
        ("DATABASE_URL_FILE", "postgresql://me:canary@host/database"),
        ("READINESS_KEY_FILE", SECRET),
        (LISTEN, "123456789:canary-token"),
        (URL, "https://me:canary@example.org"),
        (URL, "postgresql://me:canary@host/database"),
        ("READINESS_DATA", "postgresql://me:canary@host/database"),
        ("LOG_LEVEL", SECRET),
        ("TELEGRAM_API_URL", "https://me:canary@example.org"),
    ],
)
def test_a_secret_at_the_wrong_name_is_not_told(name: str, value: str) -> None:
    line = refusal(ran("list", **{name: value}))
    assert line.startswith(name)
    assert "canary" not in line
    assert SECRET not in line


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "DATABASE_URL", "READINESS_KEY"])
@pytest.mark.parametrize("command", ["run", "serve", "talk", "list", "backup b1"])
def test_a_file_that_holds_nothing_is_refused(name: str, command: str, tmp_path: Path) -> None:
    """Else an empty DATABASE_URL_FILE would be a bot beside its database."""
    (tmp_path / "e").write_text(" \n", encoding="utf-8")
    line = refusal(ran(*command.split(), **{f"{name}_FILE": "e"}))
    assert line == f"{name}_FILE names e, which is empty. Put the value there, or leave {name}_FILE out."


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "DATABASE_URL", "READINESS_KEY"])
def test_a_file_that_cannot_be_read_or_holds_no_text_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("sample".encode("utf-16"))
    (tmp_path / "folder").mkdir()
    assert "names text, which is not UTF-8 text. Save it as UTF-8." in refusal(ran("list", **{f"{name}_FILE": "text"}))
    assert "names folder, which cannot be read: Is a directory." in refusal(ran("list", **{f"{name}_FILE": "folder"}))
    assert "names none, which cannot be read: No such file" in refusal(ran("list", **{f"{name}_FILE": "none"}))


@pytest.mark.parametrize(
    ("name", "value"), [("TELEGRAM_BOT_TOKEN", TOKEN), ("DATABASE_URL", "sqlite:///a.db"), ("READINESS_KEY", SECRET)]
)
@pytest.mark.parametrize("both", ["environment", ".env", "one each"])
def test_a_secret_and_its_file_are_not_both_taken(name: str, value: str, both: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(value, encoding="utf-8")
    pair = {name: value, f"{name}_FILE": "file"}
    in_file = pair if both == ".env" else {name: value} if both == "one each" else {}
    (tmp_path / ".env").write_text("".join(f"{key}={text}\n" for key, text in in_file.items()), encoding="utf-8")
    given = {key: text for key, text in pair.items() if key not in in_file}
    assert refusal(ran("list", **given)) == f"{name} and {name}_FILE are both set. Keep one of them."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_an_env_file_that_is_not_utf_8_is_refused(encoding: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("READINESS_DATA=Verträge\n".encode(encoding))
    assert refusal(ran("list")) == ".env is not UTF-8 text. Save it as UTF-8."


def test_an_env_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=debug\r\nREADINESS_RATE=5/2\r\n", encoding="utf-8-sig")
    assert (settings().log_level, settings().pace) == ("DEBUG", (5, 2))


@pytest.mark.parametrize("line", ["READINESS_RATE: 5/2", "READINESS RATE=5/2", "READINESS_RATE='5/2"])
def test_a_line_of_the_env_file_that_is_no_setting_is_refused_with_its_number(line: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"# ours\nLOG_LEVEL=INFO\n{line}\n", encoding="utf-8")
    assert refusal(ran("list")) == ".env, line 3, is no setting. Write NAME=value."


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("READINESS_LISTN", LISTEN),
        ("READINESS_CHEKLISTS", "READINESS_CHECKLISTS"),
        ("READINESS_TIME_ZONE", "READINESS_TIMEZONE"),
        ("READINESS_SOMETHING_QUITE_DIFFERENT", ""),
    ],
)
def test_a_name_that_is_no_setting_is_warned_of_with_the_nearest(name: str, near: str, tmp_path: Path) -> None:
    told = f"readiness: {name} is no setting, and is ignored.{f' Did you mean {near}?' if near else ''}\n"
    assert ran("list", **{name: "x"}).stderr.startswith(told)
    (tmp_path / ".env").write_text(f"{name}=x\nSOMETHING_ELSE=1\n", encoding="utf-8")
    assert ran("list").stderr.startswith(told)
    assert "SOMETHING_ELSE" not in ran("list").stderr


@pytest.mark.parametrize("name", ["TELEGRAM_TOKEN", "DATABASE_URI", "readiness_listen"])
def test_in_the_env_file_a_near_miss_of_any_setting_is_warned_of(name: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=x\n", encoding="utf-8")
    assert f"{name} is no setting, and is ignored. Did you mean " in ran("list").stderr


NOT_TOGETHER = [
    ("serve", {}, "TELEGRAM_BOT_TOKEN is not set."),
    ("serve", {URL: "https://example.org"}, "READINESS_URL is set and READINESS_LISTEN is not"),
    ("serve", {"READINESS_UPDATES": "webhook"}, "READINESS_UPDATES is webhook"),
    ("serve", {"READINESS_UPDATES": "webhook", LISTEN: "127.0.0.1:0", URL: "https://example.org"}, "READINESS_UPDATES"),
    ("run", {"READINESS_UPDATES": "webhook"}, "READINESS_UPDATES is webhook"),
    ("serve", {"READINESS_UPDATES": "webhook", "TELEGRAM_BOT_TOKEN": TOKEN}, "READINESS_UPDATES is webhook"),
    ("serve", {URL: "https://example.org", "TELEGRAM_BOT_TOKEN": TOKEN}, "READINESS_URL is set and READINESS_LISTEN"),
    ("serve", {LISTEN: "0.0.0.0:0"}, "READINESS_URL is not set."),
    ("serve", {LISTEN: "127.0.0.1:8080", METRICS: "127.0.0.1:8080"}, "READINESS_LISTEN and READINESS_METRICS_LISTEN"),
    ("list", {LISTEN: "127.0.0.1:8080", METRICS: "127.0.0.1:08080"}, "READINESS_LISTEN and READINESS_METRICS_LISTEN"),
]


@pytest.mark.parametrize(("command", "given", "says"), NOT_TOGETHER)
def test_settings_that_do_not_go_together_are_refused(command: str, given: dict[str, str], says: str) -> None:
    assert refusal(ran(command, **given)).startswith(says)


@contextmanager
def taken() -> Iterator[str]:
    """An address on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield f"127.0.0.1:{other.getsockname()[1]}"


@pytest.mark.parametrize("name", [LISTEN, METRICS])
@pytest.mark.parametrize("telegram", [True, False])
def test_an_address_that_another_has_is_named_before_anything_is_said(name: str, *, telegram: bool) -> None:
    with taken() as address:
        given = {LISTEN: "127.0.0.1:0", name: address} | ({"TELEGRAM_BOT_TOKEN": TOKEN} if telegram else {})
        line = refusal(ran("serve", **given), TRY_AGAIN)
    assert line == f"{name} is {address}, where another program listens. Stop it, or give another port."


@pytest.mark.parametrize("listen", ["192.0.2.1:8080", "no-such-host.invalid:8080"])
def test_an_address_that_is_not_ours_is_named(listen: str) -> None:
    line = refusal(ran("serve", READINESS_LISTEN=listen, READINESS_URL="https://example.org"))
    assert line.startswith(f"READINESS_LISTEN is {listen}, which ")


def test_a_port_that_takes_rights_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs these tests may have them, so the system's answer is put there."""

    def refuses(_socket: object, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuses)
    line = refusal(ran("serve", READINESS_LISTEN="127.0.0.1:80"))
    assert line.startswith("READINESS_LISTEN is 127.0.0.1:80, which this user may not listen on. Give a port from 1024")


@pytest.mark.parametrize("place", ["/proc/self/data", "/proc/self", "/dev/null"])
def test_a_data_folder_that_cannot_be_used_is_named(place: str) -> None:
    line = refusal(ran("talk", READINESS_DATA=place))
    assert re.match(f"READINESS_DATA names {place}, which (cannot be made|cannot be written|is a file)", line)


def test_nothing_that_is_printed_of_the_settings_holds_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:canary")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:canary@host/database")
    monkeypatch.setenv("READINESS_KEY", SECRET)
    chosen = settings()
    assert isinstance(chosen, Settings)
    assert "canary" not in f"{chosen!r} {chosen} {chosen.told}"
    assert SECRET not in f"{chosen!r} {chosen} {chosen.told}"


# What a start says, and what it does with settings that others read


async def _serving(bot: Bot, says: str) -> str:
    await bot.start()
    return await bot.says(says)


def _pages(tmp_path: Path, in_file: str, **given: str) -> Bot:
    """A bot without Telegram, with a .env in its folder."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / ".env").write_text(in_file, encoding="utf-8")
    own = {name: value for name, value in environment("", tmp_path).items() if not name.startswith("TELEGRAM")}
    return Bot(own | {"READINESS_DATA": "kept"} | given, tmp_path / "bot")


@pytest.mark.prove
async def test_without_telegram_metrics_are_served_and_the_log_says_what_began(tmp_path: Path) -> None:
    metrics = f"127.0.0.1:{_free()}"
    bot = _pages(tmp_path, f"READINESS_LISTEN=127.0.0.1:0\nREADINESS_METRICS_LISTEN={metrics}\n")
    try:
        said = await _serving(bot, "Nobody leads yet.")
        assert "http://127.0.0.1:0/join" not in said
        assert f"readiness {version('negotiation-readiness')}, schema {REVISION}" in said
        assert "Database: kept/readiness.db. Telegram: none. Pages: http://127.0.0.1:" in said
        pages = re.search(r"Pages: http://127\.0\.0\.1:([0-9]+), on 127\.0\.0\.1:([0-9]+)\. ", said)
        assert pages is not None
        assert pages[1] == pages[2] != "0", "the port that was had"
        assert f"Metrics: {metrics}." in said
        async with httpx.AsyncClient() as client:
            assert "readiness_ready 1.0" in (await client.get(f"http://{metrics}/metrics")).text
        assert not re.search("alembic.runtime.plugins|Started server process", bot.said)
        assert await bot.stop() == 0
    finally:
        await bot.stop(signal.SIGKILL)


@pytest.mark.prove
@pytest.mark.parametrize("believed", [True, False])
async def test_a_proxy_that_the_env_file_names_says_who_asks(tmp_path: Path, *, believed: bool) -> None:
    """So that ten wrong links of one person shut out nobody else."""
    port = _free()
    proxy = "127.0.0.0/8" if believed else "192.0.2.1"
    bot = _pages(tmp_path, f"READINESS_LISTEN=127.0.0.1:{port}\nFORWARDED_ALLOW_IPS={proxy}\n")
    try:
        await _serving(bot, f"http://127.0.0.1:{port}\n")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            answers = [
                (await client.get("/join?s=wrong", headers={"x-forwarded-for": f"198.51.100.{number}"})).status_code
                for number in range(20)
            ]
        assert (set(answers) == {404}) == believed
    finally:
        await bot.stop(signal.SIGKILL)


@pytest.mark.prove
async def test_a_proxy_of_the_env_file_is_the_way_to_telegram(tmp_path: Path) -> None:
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def passes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked.put(await reader.readline())
        writer.close()

    async with await asyncio.start_server(passes, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        given = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://telegram.invalid"}
        bot = _pages(tmp_path, f"HTTP_PROXY=http://me:canary@127.0.0.1:{port}\n", **given)
        try:
            said = await _serving(bot, "Telegram cannot be reached at http://telegram.invalid (")
            assert (await asked.get()).startswith(b"POST http://telegram.invalid/bot")
            assert "canary" not in said
        finally:
            await bot.stop(signal.SIGKILL)


@pytest.mark.prove
async def test_a_bot_that_begins_on_the_sample_says_that_it_is_there(tmp_path: Path) -> None:
    given = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:9"}
    bot = _pages(tmp_path, "", **given)
    assert (await command(bot.env, bot.folder, "talk", "--sample"))[0] == 0
    try:
        await _serving(bot, "The database holds the sample, negotiation 1, and its people. Give another READINESS_DATA")
    finally:
        await bot.stop(signal.SIGKILL)


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
