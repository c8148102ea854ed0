"""The bot as a process of its own, for tests that start it, talk to it and kill it."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.telegram_double import Person, Screen

ROOT = Path(__file__).parent.parent
KEY = bytes(range(32))  # a sample
TOKEN = "123456789:AAF-a_token_nobody_may_ever_see"
SOON = 20.0  # seconds within which a healthy bot has long answered, on a busy machine too
LOADED = 100.0  # seconds in which all of a bot is loaded, on a machine that does ten other things
OURS = ("TELEGRAM_", "READINESS_", "DATABASE_URL", "LOG_LEVEL")


def environment(double: TelegramDouble | str, folder: Path, database: str = "", **more: str) -> dict[str, str]:
    """The settings of a bot that talks to a double and keeps its data in a folder."""
    url = double if isinstance(double, str) else double.url
    own = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": url,
        "READINESS_DATA": str(folder / "data"),
        "READINESS_CHECKLISTS": str(ROOT / "checklists"),
        "DATABASE_URL": database,
        "READINESS_KEY": base64.b64encode(KEY).decode(),
        "READINESS_RATE": "1000000/1000000",  # tests press hard; the rate has its own
        "PTB_TIMEDELTA": "true",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    return own | settings | more


def store_url(folder: Path, database: str = "") -> str:
    """Where a bot of this environment keeps its answers."""
    return database or f"sqlite:///{folder / 'data' / 'readiness.db'}"


@dataclass
class Bot:
    """A bot that can be started, stopped and killed, again and again. What it says goes to one file."""

    env: dict[str, str]
    folder: Path
    process: asyncio.subprocess.Process | None = None
    command: str = "serve"
    faults: tuple[str, ...] = ()  # by their words in `tests.faults`
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing said."""
        self.out = self.folder / "bot.out"
        self.out.touch()

    @property
    def said(self) -> str:
        """All it has said, on both its outputs."""
        return self.out.read_text(encoding="utf-8")

    async def start(self) -> None:
        """Start `python -m bot serve`, or another command that goes on."""
        program = ("tests.faults", *self.faults, "--") if self.faults else ("bot",)
        with self.out.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *program, self.command,
                env=self.env, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit code."""
        assert self.process is not None
        async with asyncio.timeout(SOON):
            return await self.process.wait()

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to its own pid and wait; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    async def says(self, words: str) -> str:
        """Wait until it has said this; all it said."""
        for _ in range(int(SOON / 0.02)):
            if words in self.said:
                return self.said
            await asyncio.sleep(0.02)
        raise AssertionError(f"The bot did not say {words!r}:\n{self.said}")


@asynccontextmanager
async def serving(env: dict[str, str], folder: Path, *faults: str) -> AsyncIterator[Bot]:
    """Give a bot that runs, with faults of `tests.faults` or none, and leave none behind."""
    bot = Bot(env, folder, faults=faults)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop(signal.SIGKILL)


@dataclass
class Kennel:
    """A process with the bot's modules loaded, of which bots are forked; one at a time."""

    process: asyncio.subprocess.Process
    pid: int = 0

    async def loaded(self) -> None:
        """Wait until the bot's modules are loaded and its faults are in it."""
        await self._line(LOADED)

    async def start(self) -> None:
        """Fork a bot."""
        await self._write(b"start\n")
        self.pid = int(await self._line())

    async def end(self, number: int = signal.SIGKILL) -> int:
        """Send a signal to the bot's own pid; its wait status."""
        os.kill(self.pid, number)
        status = int(await self._line())
        self.pid = 0  # not before: a bot that does not end is killed by `close`
        return status

    async def close(self) -> None:
        """Kill what runs, then the kennel; a bot that it has not yet told of dies with it."""
        if self.pid:
            with suppress(ProcessLookupError, ValueError):
                await self.end()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def _write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        await self.process.stdin.drain()

    async def _line(self, within: float = SOON) -> bytes:
        """Read a number; the bot's own words are on the same output, and are passed over."""
        assert self.process.stdout is not None
        async with asyncio.timeout(within):
            while not (line := await self.process.stdout.readline()).strip().isdigit():
                if not line:
                    raise AssertionError("the kennel ended")
        return line


@asynccontextmanager
async def kennel(env: dict[str, str], folder: Path, *faults: str) -> AsyncIterator[Kennel]:
    """Give a kennel whose bots have these faults of `tests.faults`, and leave neither it nor a bot behind."""
    with (folder / "kennel.out").open("ab") as err:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.kennel", *faults,
            env=env, cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=err,
        )  # fmt: skip
    made = Kennel(process)
    try:
        await made.loaded()
        yield made
    finally:
        await made.close()


async def command(env: dict[str, str], folder: Path, *args: str) -> tuple[int, str]:
    """Run a command of `readiness` to its end; its exit code and what it said, with its errors when it failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *args,
        env=env, cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LOADED):
            said, beside = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, (said + beside if process.returncode else said).decode()


async def types(person: Person, text: str, expects: str, *, within: float = SOON) -> Screen:
    """A person types, and waits until the bot's newest message holds this."""
    await person.type(text)
    return await person.expect(expects, within)


async def taps(person: Person, label: str, expects: str, *, within: float = SOON) -> Screen:
    """A person taps the button whose label holds this, and waits until the newest message holds that."""
    found = next((one for one in person.screen.labels if label in one), label)
    await person.tap(found, screen=person.screen)
    return await person.expect(expects, within)
