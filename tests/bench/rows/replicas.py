"""Two replicas on one PostgreSQL against one, the server's work included."""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests.bench.bots import ours, start, telegram, webhook_settings
from tests.bench.prepared import check_recorded, prepared_folder
from tests.bench.processes import BOT_CORE, pin
from tests.bench.questions import write_checklist
from tests.bench.report import Bar, Figure
from tests.postgres import postgres_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.bench.sizes import Sizes

SAFE = ("fsync=on", "full_page_writes=on")  # as a server is run; the tests' own is in a hurry
FILLED = "filled"
REPLICAS = Bar("PostgreSQL: CPU per answer of two replicas and the server, × one replica and the server", 1.15)
BARS = {"replicas": (REPLICAS,)}


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Let everybody answer one replica and two by turns, each time in a fresh copy of one database."""
    with ExitStack() as stack:
        with pin(BOT_CORE):
            server = stack.enter_context(postgres_url(*SAFE))
        _run(server, f"CREATE DATABASE {FILLED}")
        stack.enter_context(prepared_folder(sizes.people, database=_named(server, FILLED)))
        rounds = [[_cpu_ms(server, replicas, sizes) for replicas in (1, 2)] for _ in range(sizes.rounds)]
    alone, both = (statistics.median(those) for those in zip(*rounds, strict=True))
    yield Figure(
        REPLICAS,
        [shared / single for single, shared in rounds],
        f"{both:.2f} ms against {alone:.2f} ms",
        "a flood by webhook, in turn to both; all on one core",
    )


def _cpu_ms(server: str, replicas: int, sizes: Sizes) -> float:
    _run(server, "DROP DATABASE IF EXISTS bench")
    _run(server, f"CREATE DATABASE bench TEMPLATE {FILLED}")
    database = _named(server, "bench")
    with ExitStack() as stack:
        double = stack.enter_context(telegram())
        pids, urls = [_pid(server)], []
        for _ in range(replicas):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
            write_checklist(folder / "checklists")
            settings = webhook_settings()
            bot = ours(double, folder, database, **settings)
            pids.append(stack.enter_context(start(bot, double, folder)).pid)
            urls.append(settings["READINESS_URL"])
        double.ask("replicas", urls=urls)
        double.ask("gather", people=sizes.people, texts=bot.greeting)
        load = double.ask("flood", each=sizes.replica_answers, pids=pids)
        check_recorded(double, folder, database)
    return 1000 * float(load["cpu"]) / int(load["answers"])


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, database: str) -> str:
    """The address of another database of this server."""
    return server.replace("/postgres?", f"/{database}?")


def _pid(server: str) -> int:
    folder = parse_qs(urlsplit(server).query)["host"][0]
    return int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0])
