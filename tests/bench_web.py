"""The browser face under load: how soon a page asks its first question, and two hundred people in one process."""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

import httpx

from bot.domain.events import Opened, Role
from tests.browsers import desk_in, served

PEOPLE, TEAM = 200, 10  # who look on and answer, and how many of them share a negotiation
EVERY = 4.0  # seconds between two answers of a person
ROUNDS = 3
BRIEF = httpx.Limits(keepalive_expiry=1)  # seconds: the server lets go of what is silent for 5


def delegations(people: int) -> None:
    """Serve so many people, and print address, session and person of each until the input ends."""
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_in(Path(folder))
        with served(desk) as there:
            lines = []
            checklist = desk.checklists["us-china-space"]
            for team in range(people // TEAM):
                ids = [there.office.person(f"Sample {team}-{n}", lead=True) for n in range(TEAM)]
                day = (datetime.now(UTC) + timedelta(weeks=8)).date()
                start = Opened(
                    uid=f"bench-{team}", checklist=checklist.digest, counterpart="China", subject="orbits", talks_on=day
                )
                number = there.office.open(ids[0], start)
                for one in ids[1:]:
                    there.office.seat(one, number, Role.MEMBER)
                lines += [f"{there.site.browsing.sign_in(one)} {one}" for one in ids]
            sys.stdout.write("\n".join((there.url, *lines)) + "\n")
            sys.stdout.flush()
            sys.stdin.read()


async def _looks_on(client: httpx.AsyncClient, person: str, seen: list[int]) -> None:
    async with client.stream("GET", f"/live?as={person}", timeout=None) as stream:
        async for line in stream.aiter_lines():
            seen[0] += line.startswith("data:")


async def _answers(client: httpx.AsyncClient, person: str, first: float, took: list[float]) -> None:
    """Type a row into a table every few seconds, as a page does."""
    page = (await client.get(f"/chat/{person}")).text
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found, page[-300:]
    await asyncio.sleep(first)
    for text in ("/find steps", "", *(f"Sample step {n} of {person}" for n in range(ROUNDS))):
        form = {"csrf": found[1], "once": f"{text}-{time.monotonic()}", "rev": "0", "text": text}
        if not text:
            carried = re.findall(r'name="tap" value="([^"]+)">1<', page)
            form |= {"tap": carried[0].replace("&gt;", ">")}
        begun = time.monotonic()
        answer = await client.post(f"/chat/{person}", data=form, headers={"x-page": "live"})
        took.append(time.monotonic() - begun)
        assert answer.status_code == 200, answer.status_code
        page = answer.text
        await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - begun)))


async def _all(url: str, people: list[list[str]]) -> tuple[list[float], int]:
    took: list[float] = []
    seen = [0]
    clients = [
        httpx.AsyncClient(base_url=url, cookies={"readiness": token}, headers={"origin": url}, timeout=60, limits=BRIEF)
        for token, _ in people
    ]
    looking = [asyncio.create_task(_looks_on(one, who, seen)) for one, (_, who) in zip(clients, people, strict=True)]
    await asyncio.sleep(3)
    await asyncio.gather(
        *(
            _answers(one, who, EVERY * nth / len(people), took)
            for nth, (one, (_, who)) in enumerate(zip(clients, people, strict=True))
        )
    )
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    for one in clients:
        await one.aclose()
    return took, seen[0]


def _prompt(url: str, token: str, person: str) -> float:
    """Seconds until a page with its style and script is there, the question in it; the median."""
    took = []
    for _ in range(9):
        with httpx.Client(base_url=url, cookies={"readiness": token}) as client:
            begun = time.monotonic()
            page = client.get(f"/chat/{person}").text
            for part in ("face.css", "face.js"):
                client.get(f"/static/{part}").raise_for_status()
            took.append(time.monotonic() - begun)
            assert "Talks with China" in page
    return statistics.median(took)


def measured(*, quick: bool) -> list[tuple[str, str, str, bool, str]]:
    """What, measured, target, whether it is met, and how: a line each."""
    people = PEOPLE // 4 if quick else PEOPLE
    command = [sys.executable, "-c", f"from tests.bench_web import delegations; delegations({people})"]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        known = [process.stdout.readline().split() for _ in range(people)]
        prompt = _prompt(url, *known[0])
        took, seen = asyncio.run(_all(url, known))
        process.stdin.close()
    slowest = max(took)
    how = f"an answer each {EVERY:.0f} s a person, {len(took):,} answers, {seen:,} screens brought to others"
    return [
        ("Page to first prompt in the browser", f"{1000 * prompt:.0f} ms", "< 300 ms", prompt < 0.3, "one person"),
        (
            f"Longest wait for an answer, {people} people connected and answering",
            f"{slowest:.2f} s (median {1000 * statistics.median(took):.0f} ms)",
            "< 1 s",
            slowest < 1,
            how,
        ),
    ]
