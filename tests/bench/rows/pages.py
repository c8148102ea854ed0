"""The browser face under load: how soon a page asks its first question, and two hundred people in one process."""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
import time
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

import httpx

from tests.bench.report import Bar, Figure
from tests.e2e import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.bench.sizes import Sizes

TEAM = 10  # who share a negotiation
ROUNDS = 3
PROMPTS = 9
PROMPT = Bar("Page to first prompt in the browser", 300, " ms")
WAIT = Bar("Longest wait for an answer, 200 people connected and answering in browsers", 1, " s")
BARS = {"pages": (PROMPT, WAIT)}

_LIMITS = httpx.Limits(keepalive_expiry=1)  # seconds: the server lets go of what is silent for 5
_SERVE = "from tests.bench.inside import serve_delegations; serve_delegations({!r}, {}, {})"


def measure(sizes: Sizes, _wanted: Collection[str]) -> Iterator[Figure]:
    """Serve delegations in a process of their own, and let everybody look on and answer."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        command = [sys.executable, "-c", _SERVE.format(folder, sizes.onlookers, TEAM)]
        with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            known = [process.stdout.readline().split() for _ in range(sizes.onlookers)]
            prompts = _prompts(url, *known[0])
            took, seen = asyncio.run(_all(url, known, sizes.onlooker_seconds))
            process.stdin.close()
    yield Figure(PROMPT, [1000 * seconds for seconds in prompts], how="one person")
    yield Figure(
        WAIT,
        [max(took)],
        f"median {1000 * statistics.median(took):.0f} ms",
        f"an answer each {sizes.onlooker_seconds:g} s a person, {len(took):,} answers, {seen:,} screens for others",
    )


def _prompts(url: str, token: str, person: str) -> list[float]:
    """Seconds until a page with its style and script is there, the question in it, time and again."""
    took = []
    for _ in range(PROMPTS):
        with httpx.Client(base_url=url, cookies={"readiness": token}) as client:
            begun = time.monotonic()
            page = client.get(f"/chat/{person}").text
            for part in ("face.css", "face.js"):
                client.get(f"/static/{part}").raise_for_status()
            took.append(time.monotonic() - begun)
            assert "Talks with China" in page
    return took


async def _all(url: str, people: list[list[str]], every_seconds: float) -> tuple[list[float], int]:
    took: list[float] = []
    seen = [0]
    clients = [
        httpx.AsyncClient(
            base_url=url, cookies={"readiness": token}, headers={"origin": url}, timeout=60, limits=_LIMITS
        )
        for token, _ in people
    ]
    persons = [person for _, person in people]
    looking = [asyncio.create_task(_looks_on(*each, seen)) for each in zip(clients, persons, strict=True)]
    await asyncio.sleep(3)
    await asyncio.gather(
        *(
            _answers(client, person, nth / len(people), every_seconds, took)
            for nth, (client, person) in enumerate(zip(clients, persons, strict=True))
        )
    )
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    for client in clients:
        await client.aclose()
    return took, seen[0]


async def _looks_on(client: httpx.AsyncClient, person: str, seen: list[int]) -> None:
    async with client.stream("GET", f"/live?as={person}", timeout=None) as stream:
        async for line in stream.aiter_lines():
            seen[0] += line.startswith("data:")


async def _answers(
    client: httpx.AsyncClient, person: str, share: float, every_seconds: float, took: list[float]
) -> None:
    """Type a row into a table every few seconds, as a page does; ``share``: of these seconds, before the first."""
    page = (await client.get(f"/chat/{person}")).text
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found, page[-300:]
    await asyncio.sleep(share * every_seconds)
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
        await asyncio.sleep(max(0.0, every_seconds - (time.monotonic() - begun)))
