"""Measures the bot against a bare echo bot, side by side in one run: `python -m tests.bench [--quick]`.

CPU is that of the bot's own process; Telegram is the double, in a process of its own.
An answer counts when its event is in the database.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from compileall import compile_dir
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from bot.application.administration import AdminService
from bot.application.updates import UpdateHandler
from bot.authoring import read_library
from bot.dialog.callback_data import stored
from bot.dialog.screens.table import FieldQuestion
from bot.domain.answers import Text
from bot.domain.events import ANY_EVENT, Opened, Role, RowPut
from bot.storage import Database, EventRow
from tests.bench_core import lines
from tests.bench_files import measured
from tests.bench_web import measured as in_browsers
from tests.e2e import KEY, ROOT, TOKEN, environment, store_url

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = 1000  # the first chat's number
TABLE, FIELDS = "steps", ("deliverable", "ours", "theirs")  # three texts, one after the other
TEXTS = [f"{field} {{n}} of {{chat}}" for field in FIELDS]
MEMBERS = 10  # in each negotiation
WARM = 30  # answers before each measurement
PATIENCE = 240  # seconds for one measurement


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    target: str
    met: bool
    how: str


@dataclass
class Telegram:
    """The double in its own process, by remote."""

    url: str

    def ask(self, verb: str, **body: Any) -> dict[str, Any]:
        """Use one verb of its control."""
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(f"{self.url}/control/{verb}", data, timeout=30) as answer:  # noqa: S310 (loopback)
            found: dict[str, Any] = json.load(answer)
        return found

    def polls(self) -> int:
        """How often it was asked for updates."""
        return int(self.ask("counters")["calls"].get("getUpdates", 0))

    def wait(self, *, quiet: float = 0.4) -> tuple[float, float]:
        """Wait until nothing waits and no more calls come; the moments when these began."""
        taken, calls, since = 0.0, -1, time.monotonic()
        end = since + PATIENCE
        while time.monotonic() < end:
            found = self.ask("counters")
            now, made = time.monotonic(), sum(found["calls"].values())
            if not found["pending"] and not taken:
                taken = now
            if made != calls:
                calls, since = made, now
            elif taken and now - since > quiet:
                return taken, since
            time.sleep(0.02)
        raise TimeoutError("the bot did not come to rest")


@contextmanager
def telegram() -> Iterator[Telegram]:
    """Start a double and stop it by its own pid."""
    command = [sys.executable, "-m", "tests.telegram_double", "--token", TOKEN, "--lifetime", "900"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Telegram(process.stdout.readline().strip())
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def running(command: list[str], env: dict[str, str], folder: Path, double: Telegram) -> Iterator[psutil.Process]:
    """Start a bot, wait for its first poll, and stop it by its own pid."""
    before = double.polls()
    with (folder / "bench.out").open("ab") as out, subprocess.Popen(
        command, env=env, cwd=folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL
    ) as process:  # fmt: skip
        try:
            while double.polls() == before:
                if process.poll() is not None:
                    raise RuntimeError((folder / "bench.out").read_text())
                time.sleep(0.01)
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def ours(double: Telegram, folder: Path) -> tuple[list[str], dict[str, str]]:
    """The command and the settings of our bot."""
    return [sys.executable, "-m", "bot", "serve"], environment(double.url, folder, LOG_LEVEL="WARNING")


def echo(double: Telegram, folder: Path) -> tuple[list[str], dict[str, str]]:
    """The same for the bare echo bot."""
    return [sys.executable, str(ROOT / "tests" / "echo_bot.py"), double.url, TOKEN], environment(double.url, folder)


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def prepare(folder: Path, chats: int, stored_answers: int = 0) -> None:
    """Fill a database: negotiations of ten members who each stand at a new row, and answers given before."""
    (folder / "data").mkdir()
    store = Database.open(store_url(folder), KEY)
    checklists = read_library(ROOT / "checklists")
    desk = UpdateHandler(store, checklists)
    office, sound = AdminService(desk), checklists["us-china-space"]
    talks_on = datetime.now(UTC).date() + timedelta(days=120)
    negotiations = max(1, chats // MEMBERS)
    for which in range(negotiations):
        people = [office.person(f"Person {FIRST + which * MEMBERS + n}", lead=n == 0) for n in range(MEMBERS)]
        opened = Opened(
            uid=f"bench{which}", checklist=sound.digest, counterpart="China", subject="orbits", talks_on=talks_on,
            given={one.id: "" for one in sound.opening},
        )  # fmt: skip
        number = office.open(people[0], opened)
        for person in people[1:]:
            office.seat(person, number, Role.MEMBER)
        with store.transaction() as tx:
            _answer_before(tx, number, people, stored_answers // negotiations)
            for n, person in enumerate(people):
                tx.link_person(person, FIRST + which * MEMBERS + n)
                chat = tx.chat(person)
                assert chat is not None
                place = stored(FieldQuestion(TABLE, "", FIELDS[0]))
                tx.put_chat(replace(chat, place=place, rev=chat.rev + 1, shown=chat.rev + 1))
    store.close()


def _answer_before(tx: Any, number: int, people: list[str], answers: int) -> None:
    """Ten rows written over and over, so that only the number of answers differs."""
    head, now = tx.head(number), datetime.now(UTC).isoformat()
    rows = []
    for n in range(answers):
        cells = {FIELDS[n // 10 % 3]: Text(text=f"answer {n} given before")}
        body = ANY_EVENT.dump_json(RowPut(item=TABLE, row=f"r{n % 10 + 1}", cells=cells))
        rows.append(EventRow(head + 1 + n, now, people[n % MEMBERS], None, body))
    if rows:
        tx.append(number, rows, rows[-1].seq)


def events(folder: Path) -> dict[str, list[str]]:
    """The texts recorded by each person from the chat, in order, by the person's name."""
    store = Database.open(store_url(folder), KEY)
    found: dict[str, list[str]] = {}
    with store.reading() as tx:
        names = {one.id: one.name for one in tx.persons()}
        numbers = {number for person in names for number, _ in tx.seats_of(person)}
        for number in numbers:
            for row in tx.events(number, 0):
                event = ANY_EVENT.validate_json(row.body)
                if isinstance(event, RowPut) and row.by is not None:
                    texts = [said.text for said in event.cells.values() if isinstance(said, Text)]
                    found.setdefault(names[row.by], []).extend(text for text in texts if " of " in text)
    store.close()
    return found


@dataclass(frozen=True)
class Run:
    """One measured load: answers, the bot's CPU seconds, and seconds on the clock until all were taken."""

    answers: int
    cpu: float
    seconds: float
    resident: int


def load(kind: Any, chats: int, *, stored_answers: int = 0, latency: float = 0.0) -> Run:
    """Let many people type three answers each, and measure the bot from the first to the last."""
    with tempfile.TemporaryDirectory() as name, telegram() as double:
        folder = Path(name)
        prepare(folder, chats + WARM, stored_answers)
        with running(*kind(double, folder), folder, double) as process:
            double.wait()
            resident = process.memory_info().rss
            # One from each negotiation, so that all is loaded before.
            for which in range(max(1, (chats + WARM) // MEMBERS)):
                double.ask("load", first=FIRST + which * MEMBERS, chats=1, texts=["/help"])
            double.wait()
            _stand_again(folder)
            if latency:
                double.ask("latency", seconds=latency)
            before, begun = cpu(process), time.monotonic()
            double.ask("load", first=FIRST, chats=chats, texts=TEXTS)
            taken, shown = double.wait()
            used = cpu(process) - before
        texts = _texts(double) if kind is echo else events(folder)
        wanted = {f"Person {chat}": [_filled(text, chat, n) for n, text in enumerate(TEXTS)] for chat in _chats(chats)}
        if {who: texts.get(who) for who in wanted} != wanted:
            raise AssertionError("not every answer is there, once and in order")
        # The echo bot acknowledges before it works, so for it the last call counts.
        return Run(chats * len(TEXTS), used, (shown if kind is echo else taken) - begun, resident)


def _stand_again(folder: Path) -> None:
    """Put those who asked for help back at their new rows."""
    store = Database.open(store_url(folder), KEY)
    with store.transaction() as tx:
        for one in tx.persons():
            chat = tx.chat(one.id)
            assert chat is not None
            tx.put_chat(replace(chat, place=stored(FieldQuestion(TABLE, "", FIELDS[0])), rev=chat.rev + 1))
            tx.shown(one.id, chat.rev + 1, chat.message_id)
    store.close()


def _texts(double: Telegram) -> dict[str, list[str]]:
    shown = double.ask("counters")["texts"]
    return {f"Person {chat}": [text for text in texts if " of " in text] for chat, texts in shown.items()}


def _chats(chats: int) -> range:
    return range(FIRST, FIRST + chats)


def _filled(text: str, chat: int, n: int) -> str:
    return text.replace("{chat}", str(chat)).replace("{n}", str(n))


def start(kind: Any, times: int) -> float:
    """Seconds from the command to the first poll, the median of several starts on a database that is there."""
    found = []
    with tempfile.TemporaryDirectory() as name, telegram() as double:
        folder = Path(name)
        for _ in range(times + 1):
            begun = time.monotonic()
            with running(*kind(double, folder), folder, double):
                found.append(time.monotonic() - begun)
    return statistics.median(found[1:])  # the first makes the database


def rows(*, quick: bool) -> list[Row]:
    """Measure everything; both sides of a ratio one after the other."""
    chats, many = (60, 10_000) if quick else (400, 100_000)
    us, bare = load(ours, chats), load(echo, chats)
    ratio = us.answers / us.cpu / (bare.answers / bare.cpu)
    few, full = load(ours, 100, stored_answers=130), load(ours, 100, stored_answers=many)
    growth = full.cpu / full.answers / (few.cpu / few.answers)
    slow, slow_bare = load(ours, chats, latency=0.05), load(echo, 20, latency=0.05)
    rate, rate_bare = slow.answers / slow.seconds, slow_bare.answers / slow_bare.seconds
    begin, begin_bare = start(ours, 3 if quick else 7), start(echo, 3 if quick else 7)
    resident = us.resident / 2**20
    return [
        Row(
            "Answers recorded durably per CPU-second, against a bare echo bot",
            f"{ratio:.2f} ({us.answers / us.cpu:,.0f}/s against {bare.answers / bare.cpu:,.0f}/s)",
            "≥ 0.6", ratio >= 0.6, f"{us.answers:,} typed answers in {chats} chats",
        ),
        Row(
            f"CPU per answer with {many:,} answers stored against 100",
            f"{growth:.2f} ({1000 * full.cpu / full.answers:.2f} ms against {1000 * few.cpu / few.answers:.2f} ms)",
            "≤ 1.2", growth <= 1.2, f"{full.answers} typed answers in 13 negotiations",
        ),
        Row(
            "Answers per second when every Telegram call takes 50 ms, in order within each chat",
            f"{rate:,.0f} (the echo bot: {rate_bare:,.0f})",
            "≥ 100", rate >= 100, f"{slow.answers:,} typed answers in {chats} chats",
        ),
        Row(
            "Start to first poll, against the echo bot",
            f"{begin / begin_bare:.2f} ({begin:.2f} s against {begin_bare:.2f} s)",
            "≤ 2", begin <= 2 * begin_bare, "median of several starts",
        ),
        Row("Resident memory when idle", f"{resident:.0f} MB", "< 100 MB", resident < 100, "after the first poll"),
        *(Row(*one) for one in measured(quick=quick)),
        *(Row(*one) for one in in_browsers(quick=quick)),
    ]  # fmt: skip


def machine() -> str:
    """What this ran on."""
    model = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        named = (line.partition(":")[2].strip() for line in about.read_text().splitlines() if "model name" in line)
        model = next(named, model)
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, SQLite, {datetime.now(UTC):%d %B %Y}"


def main() -> None:
    """Print the table; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="a smaller run, to see that it works")
    compile_dir(ROOT / "bot", quiet=1)  # as installing does, so that no start is measured compiling
    found = [*rows(quick=parser.parse_args().quick), *(Row(*one) for one in lines())]
    table = ["| what | measured | target | | how |", "|---|---|---|---|---|"]
    table += [
        f"| {one.what} | {one.measured} | {one.target} | {'✓' if one.met else '✗'} | {one.how} |" for one in found
    ]
    sys.stdout.write("\n".join([*table, "", f"Measured on {machine()}.", ""]))
    sys.exit(0 if all(one.met for one in found) else 1)


if __name__ == "__main__":
    main()
