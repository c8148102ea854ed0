"""What is sealed is said on our page, and is then nowhere: looked for in every byte that a bot leaves behind."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from tests.api import of_process
from tests.browsers import Tab
from tests.canaries import HOOK, Search, Seen, Tap, spellings, tapped, watched
from tests.e2e import ROOT, TOKEN, environment, serving, store_url, types
from tests.edited import edited_csv
from tests.postgres import postgres_url
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.telegram_double import Person

CANARIES = {
    "answer": "kanarienvögel im vertrag 4711",
    "row": "kanarie-röhre 0815",
    "file": "canary bytes in a büchse",
    "name": "canaryname-größe",
    "caption": "canary caption für alle",
    "reason it does not apply": "canary does not äpply",
    "waiver": "canary waiver für montag",
    "dissent": "canary dissent of müller",
    "edited": "canary edited in a täble",
}
LARGE = 3 * 2**20  # bytes: more than what servers keep of a form in memory
EVERY_FORM = ("PDF, to carry", "Word, to edit", "Excel, to work on", "CSV, for other programs", "Web page, to print",
              "Calendar", "Markdown, to read", "JSON, complete")  # fmt: skip


@dataclass
class There:
    """A bot at work, and all places where something of it may lie."""

    folder: Path
    database: str
    url: str
    sessions: dict[str, str]
    maya: Person
    omar: Person
    double: TelegramDouble
    tap: Tap
    seen: Seen

    @property
    def said(self) -> bytes:
        """All it has said, on both its outputs, at DEBUG."""
        return (self.folder / "work" / "bot.out").read_bytes()

    @property
    def written(self) -> list[str]:
        """Each path that its Python has opened to write, and each temporary file it asked for."""
        return (self.folder / "written").read_text(encoding="utf-8").splitlines()

    @property
    def asked(self) -> list[bytes]:
        """All that was asked of Telegram, as bytes and as they were understood."""
        requests = self.double.world.requests
        understood = [f"{method}\n{params}".encode("utf-8", "backslashreplace") for method, params in requests]
        files = [one.data for _, params in requests for one in params.uploads.values()]
        return [*map(bytes, self.tap.heard), *understood, *files]

    @property
    def kept(self) -> list[Path]:
        """Where the database lies."""
        return [self.folder / "work" / "data", *([Path(self.database.rpartition("host=")[2])] if self.database else [])]

    def checkpoint(self) -> None:
        """Let PostgreSQL write all that it has in memory."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as admin:
                admin.execute("CHECKPOINT")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of its own, whose every statement goes into its log; SQLite is empty."""
    if request.param == "sqlite":
        yield ""
        return
    with postgres_url("log_statement=all", "logging_collector=on") as url:
        yield url


@asynccontextmanager
async def at_work(folder: Path, database: str, *bugs: str, sealed: bool = True) -> AsyncIterator[There]:
    """The sample on Telegram and in the browser, in a process of its own; the talks ``sealed``."""
    work, tmp = folder / "work", folder / "tmp"
    for one in (work / "data", tmp, folder / "hook"):
        one.mkdir(parents=True)
    hook = HOOK.format(out=str(folder / "written"))
    (folder / "hook" / "sitecustomize.py").write_text(hook, encoding="utf-8")
    sessions = begun(store_url(work, database), sealed=sealed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    search = Search(CANARIES)
    async with TelegramDouble(token=TOKEN) as double, tapped(int(double.url.rpartition(":")[2])) as tap:
        double.world.requests = deque()  # all of them, not the latest
        more = {"LOG_LEVEL": "DEBUG", "TMPDIR": str(tmp), "READINESS_LISTEN": listen, "PYTHONDONTWRITEBYTECODE": "1"}
        env = environment(tap.url, work, database, PYTHONPATH=f"{folder / 'hook'}:{ROOT}", **more)
        people = double.person(501, "Maya"), double.person(502, "Omar")
        with watched(search, (tmp, work, work / "data"), {work / "data" / "readiness.db", work / "bot.out"}) as seen:
            async with serving(env, work, *bugs) as bot:
                for one in people:
                    await types(one, "/start", "Talks with")
                yield There(folder, database, f"http://{listen}", sessions, *people, double, tap, seen)
                assert await bot.stop() == 0


def begun(url: str, *, sealed: bool) -> dict[str, str]:
    """Open the sample, Maya and Omar known on Telegram; by their names, their sessions in the browser."""
    with of_process(Path(), url) as made:
        made.sample()
        made.link("Maya", 501)
        made.link("Omar", 502)
        if sealed:
            made.terminal("Maya").forges("1!how:sealed@ks")
        return {name: made.signs_in(name) for name in ("Maya", "Omar")}


def on_our_page(there: There) -> None:
    """All that may be sealed, said in the browser; looked at, drawn and taken away in every form."""
    said = CANARIES
    with browser(there, "Omar") as client:
        omar = Tab(client).see("/")
        omar.write("/find minimum acceptable").tap("1").write(said["answer"])
        large = said["file"].encode() + b" " * LARGE + said["file"].encode()
        assert said["name"] in omar.send(f"{said['name']}.txt", large, said["caption"]).live
        omar.write("/find precedents").tap("1").tap("Add a row")
        omar.write(f"{said['row']}\nNot returned\nFix the day first").tap("Record 1 row")
        omar.write("/find which standards").tap("1").tap("Not applicable…").write(said["reason it does not apply"])
        assert said["reason it does not apply"] in omar.text
    with browser(there, "Maya") as client:
        maya = Tab(client).see("/")
        waives(maya, said["waiver"])
        maya.write("/sign").tap("Record a dissent…").write(said["dissent"]).tap("Sign this state")
        for command in ("/summary", "/changed", "/gaps"):
            maya.write(command)
        maya.write("/summary").tap("Trend")
        assert all(taken(maya, form) for form in EVERY_FORM)
        edits = {("table-goals", "r1", "goal"): said["edited"]}
        edited = edited_csv(taken(maya, "CSV, for other programs"), edits)
        assert said["edited"] in maya.send("answers.zip", edited).tap("Take").tap("Go on").text
        for page in ("/desk", "/desk/trend.png"):
            assert maya.see(page).status == 200
    with browser(there, "Omar") as client:
        Tab(client).see("/").write("/find crewed flight").tap("1").tap("No")


def taken(tab: Tab, form: str) -> bytes:
    """The talks in one of their forms."""
    tab.write("/take").tap(form)
    answer = tab.client.get(tab.page.xpath("//a[contains(@href, '/file/')]/@href")[-1])
    assert answer.status_code == 200
    return answer.content


def browser(there: There, name: str) -> httpx.Client:
    """Somebody's browser."""
    client = httpx.Client(base_url=there.url, headers={"origin": there.url}, follow_redirects=True, timeout=30)
    client.cookies.set("readiness", there.sessions[name])
    return client


def waives(tab: Tab, why: str) -> None:
    """Accept the first gap that can be accepted."""
    for nth in "123456":
        tab.write("/gaps").tap(nth).tap("Waive…")
        if "Type the reason" in tab.live:
            break
    assert why in tab.write(why).tap("Until the talks").text


async def in_the_chat(there: There) -> None:
    """Everything that Telegram shows of it is asked for there."""
    for one in (there.maya, there.omar):
        for command, shown in (
            ("/summary", "NOT READY"), ("/gaps", "Gaps"), ("/changed", "hang"), ("/mine", "Your work"),
            ("/sign", "Sign-off"), ("/unknowns", "nknown"), ("/sections", "Settled"), ("/take", "Take away"),
        ):  # fmt: skip
            await types(one, command, shown)
    await there.maya.tap("Excel, to work on")
    async with asyncio.timeout(20):
        while not there.maya.documents:  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.02)


@pytest.mark.prove
async def test_what_is_sealed_is_in_no_request_log_database_byte_or_temporary_file(
    database: str, tmp_path: Path
) -> None:
    """During the conversation and after the process has ended."""
    search = Search(CANARIES)
    async with at_work(tmp_path, database) as there:
        await asyncio.to_thread(on_our_page, there)
        await in_the_chat(there)
        there.checkpoint()
        assert search.below(*there.kept) == {}
    assert len(there.asked) > 50
    assert search.found(*there.asked) == set()
    assert b"INFO bot.runtime.serve: readiness " in there.said
    assert search.found(there.said) == set()
    assert there.seen.found == {}
    there.checkpoint()
    assert search.below(tmp_path, *there.kept) == {}
    assert strange(there) == []


def strange(there: There) -> list[str]:
    """Whatever was written or made that is neither the database nor the log."""
    data = str(there.folder / "work" / "data")  # synced itself when a file in it is new
    database = f"{data}/readiness.db"
    expected = {data, database, f"{database}-journal", f"{database}.lock", str(there.folder / "work" / "bot.out")}
    expected |= {"/dev/null"}  # and pipes by their numbers: to the process that reads files sent back
    shipped = f"{data}/checklists-read"  # and nothing of the talks, which the search below the folder has shown
    made = [name for name in there.seen.names if name not in expected and not name.startswith(shipped)]
    written = [line for line in there.written if not re.fullmatch(r"open \d+", line) and shipped not in line]
    return sorted({*made, *(line for line in written if not any(repr(name) in line for name in expected))})


@pytest.mark.prove
async def test_the_same_search_finds_what_leaks_into_each_of_them(database: str, tmp_path: Path) -> None:
    """The control: talks that are not sealed, and code that leaves what is said everywhere."""
    search, leaked = Search(CANARIES), {"answer", "row", "waiver"}
    async with at_work(tmp_path, database, "leak_what_is_recorded", sealed=False) as there:
        await asyncio.to_thread(on_our_page, there)
        await in_the_chat(there)
    there.checkpoint()
    assert leaked <= search.found(*there.asked)
    assert leaked <= search.found(there.said)
    kept = search.below(*there.kept)
    assert leaked <= set().union(*kept.values())
    if database:
        assert {Path(name).parent.name for name in kept} >= {"pg_wal", "log"}
    below = search.below(tmp_path)
    for prefix in ("never", "beside"):
        assert leaked <= set().union(*(found for name, found in below.items() if Path(name).name.startswith(prefix)))
    soon = [found for name, found in there.seen.found.items() if Path(name).name.startswith("soon")]
    assert leaked <= set().union(*soon)
    gone = [line for line in strange(there) if line.startswith("open") and str(tmp_path / "tmp") in line]
    assert gone


@pytest.mark.parametrize("name", list(CANARIES))
def test_a_word_is_found_however_it_is_written(name: str) -> None:
    """Each spelling amid others, and in base64 wherever it begins."""
    import base64

    word, search = CANARIES[name], Search(CANARIES)
    assert all(search.found(b"before" + one + b"after") == {name} for one in spellings(word))
    for before in range(7):
        assert search.found(base64.b64encode(b"x" * before + word.encode() + b"yyy")) == {name}
    assert search.found(b"nothing of the kind") == set()
