"""What is measured and what it is compared with, each started as its operator would, on the bot's core."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.processes import BOT_CORE, DOUBLE_CORE, family, pin, resident_mb
from tests.e2e import ROOT, TOKEN, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTEN_SECONDS = 60.0
READINESS = Path(sys.executable).with_name("readiness")


class Failed(Exception):
    """Something could not be measured; the message says what the bot or the double said."""


@dataclass
class Double:
    """The Telegram of the bench in its own process; its verbs are those of `Load`."""

    process: subprocess.Popen[str]
    url: str

    def ask(self, verb: str, **wanted: Any) -> Any:
        """Have the people do something, and return what was measured."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps([verb, wanted])}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the double ended"}')
        if isinstance(answer, dict) and "error" in answer:
            raise Failed(f"{verb}: {answer['error']}")
        return answer


@contextmanager
def telegram() -> Iterator[Double]:
    """Start a double on its core, and end it with the block."""
    with pin(DOUBLE_CORE):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.double"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Double(process, json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


@dataclass(frozen=True)
class Bot:
    """How a bot is started, what people say to it to come to the first question, and by what call it is there."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    greeting: tuple[str, ...] = ("/start",)
    ready: str = "getUpdates"
    port: int = 0  # at which it must answer before it is there; 0: it polls


@dataclass
class Running:
    """A bot that runs."""

    bot: Bot
    pid: int
    start_seconds: float

    @property
    def memory_mb(self) -> float:
        """The memory of the bot and of all it started."""
        return resident_mb(family([self.pid]))


def ours(double: Double, folder: Path, database: str = "", **settings: str) -> Bot:
    """Our bot, with the thirty questions as its checklist."""
    own = {"READINESS_CHECKLISTS": str(folder / "checklists"), "LOG_LEVEL": "WARNING", **settings}
    return Bot(
        "ours",
        (str(READINESS), "serve"),
        environment(double.url, folder, database, **own),
        greeting=("/start", "/continue"),
        ready="setWebhook" if "READINESS_UPDATES" in settings else "getUpdates",
        port=int(settings.get("READINESS_LISTEN", ":0").rpartition(":")[2]),
    )


def echo(double: Double, _folder: Path) -> Bot:
    """The bare python-telegram-bot bot."""
    return Bot("echo", _module("echo_bot", double.url, TOKEN), _plain())


def floor(double: Double, folder: Path) -> Bot:
    """The bot that does only what durability needs."""
    return Bot("floor", _module("floor_bot", double.url, TOKEN, str(folder / "floor.db")), _plain())


def bare_route(double: Double, _folder: Path) -> Bot:
    """A bare route of a web server."""
    port = free_port()
    command = _module("bare_route", double.url, TOKEN, str(port))
    return Bot("bare", command, _plain(), greeting=(), ready="setWebhook", port=port)


def webhook_settings() -> dict[str, str]:
    """The settings under which Telegram brings updates to a port of its own."""
    address = f"127.0.0.1:{free_port()}"
    return {"READINESS_UPDATES": "webhook", "READINESS_LISTEN": address, "READINESS_URL": f"http://{address}"}


@contextmanager
def start(bot: Bot, double: Double, folder: Path) -> Iterator[Running]:
    """Start a bot on its core, wait until it is there, and kill it by its own number with the block."""
    said = folder / f"{bot.name}.out"
    begun = time.monotonic()
    with pin(BOT_CORE), said.open("ab") as out:
        process = subprocess.Popen(
            bot.command, env=bot.environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    with process:
        try:
            started = Running(bot, process.pid, double.ask("first_call", method=bot.ready) - begun)
            if bot.port:
                _wait_for(bot.port)
            yield started
        except Failed as error:
            raise Failed(f"{bot.name}: {error}\n{said.read_text()[-4000:]}") from error
        finally:
            process.kill()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    """Return once somebody listens there."""
    end = time.monotonic() + LISTEN_SECONDS
    while time.monotonic() < end:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise Failed(f"nobody listens on port {port}")


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"tests.bench.{name}", *arguments)


def _plain() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
