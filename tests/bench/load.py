"""What people do to the bot while it is measured. Each verb returns what was measured, as JSON carries it."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.bench.mixed_use import mixed_use
from tests.bench.people import FIRST_CHAT, Crowd, Person
from tests.bench.processes import cpu_seconds, family
from tests.bench.questions import QUESTIONS, is_tapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.telegram import Telegram

PATIENCE_SECONDS = 600.0  # on a busy machine
START_SECONDS = 60.0
LOOK_SECONDS = 0.01
QUIET_SECONDS = 0.3  # without a call: then the bot has done all it had to


@dataclass
class Meter:
    """What passes while something is measured: on the clock, of the bot's CPU, and of the double's."""

    roots: list[int]
    pids: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        self.pids = family(self.roots)
        self._cpu, self._own, self._clock = cpu_seconds(self.pids), time.process_time(), time.monotonic()

    def passed(self, answers: int) -> dict[str, Any]:
        """What passed on the clock until now, and how much of it the double was busy."""
        seconds = time.monotonic() - self._clock
        return {"answers": answers, "seconds": seconds, "busy": (time.process_time() - self._own) / seconds}

    def cpu_seconds(self) -> float:
        """The bot's CPU until now."""
        return cpu_seconds(family(self.roots)) - self._cpu


class Load:
    """The verbs, for one bot."""

    def __init__(self, telegram: Telegram) -> None:
        """Nobody is there yet."""
        self._telegram = telegram
        self._loop = asyncio.get_running_loop()
        self._chance = random.Random(20_261_130)  # noqa: S311 (a bench must repeat)
        self._crowd = Crowd(telegram, 0)

    async def first_call(self, method: str) -> float:
        """When the bot called a method for the first time, by the monotonic clock."""
        async with asyncio.timeout(START_SECONDS):
            return await self._telegram.first_call(method)

    async def gather(self, people: int, texts: list[str], first: int = FIRST_CHAT) -> int:
        """Let people type, one text after the other, until each stands at the first question."""
        self._crowd = crowd = Crowd(self._telegram, people, first)
        for text in texts:
            for person in crowd:
                person.screen, person.waits = None, text == texts[-1]
                person.type(text)
            await self._until_all(lambda person: person.screen is not None and not person.waits)
        await self._quiet()
        return people

    async def latency(self, seconds: float) -> float:
        """Let every call take so long from now on."""
        self._telegram.latency_seconds = seconds
        return seconds

    async def replicas(self, urls: list[str]) -> int:
        """Bring updates to these replicas in turn."""
        self._telegram.delivery.behind = urls
        return len(urls)

    async def flood(self, each: int, pids: list[int]) -> dict[str, Any]:
        """Let everybody answer as fast as they are asked, so many questions each, or all that are left (0)."""
        left = {person.chat_id: each or QUESTIONS + 1 - person.question for person in self._crowd}
        answers, done = sum(left.values()), self._loop.create_future()

        def go_on(person: Person, _seconds: float) -> None:
            left[person.chat_id] -= 1
            if left[person.chat_id]:
                person.answer()
            elif not any(left.values()):
                done.set_result(None)

        meter = Meter(pids)
        self._heed(go_on)
        for person in self._crowd:
            if left[person.chat_id]:
                person.answer()
        await self._crowd.wait_for(done, PATIENCE_SECONDS)
        return await self._told(meter, answers)

    async def lone(self, rate: float, seconds: float, pids: list[int], disturbed: int = 0) -> dict[str, Any]:
        """Let people answer one by one at moments that nobody can foretell, so many a second.

        The calls of every chat whose number ``disturbed`` divides are disturbed; of the others it is told after how
        many seconds each tap was answered.
        """
        chats = frozenset(chat for chat in self._crowd.people if disturbed and not chat % disturbed)
        self._telegram.disturbance.chats = chats
        taps: list[float] = []

        def note(person: Person, took: float) -> None:
            if is_tapped(person.question - 1) and person.chat_id not in chats:
                taps.append(took)

        self._heed(note)
        meter, answers, end = Meter(pids), 0, self._loop.time() + seconds
        at = self._loop.time()
        while (at := at + self._chance.expovariate(rate)) < end:
            await asyncio.sleep(max(0.0, at - self._loop.time()))
            ready = [person for person in self._crowd if not person.waits and person.question <= QUESTIONS]
            if ready:
                self._chance.choice(ready).answer()
                answers += 1
        await self._until_all(lambda person: not person.waits)
        told = await self._told(meter, answers)
        self._telegram.disturbance.chats = frozenset()
        return told | {"taps": taps}

    async def waves(self, times: int, pids: list[int], *, shown: bool) -> dict[str, Any]:
        """Let all answer at once, time and again; the CPU is that until the last of each wave was taken in.

        ``shown``: the bot shows what follows, and the next wave waits for it; else people know by themselves.
        """
        self._heed(lambda _person, _seconds: None)
        cpu, taken = 0.0, 0
        meter = Meter(pids)
        for _ in range(times):
            if not shown:
                for person in self._crowd:
                    person.ask_oneself()
            before = cpu_seconds(meter.pids)
            taken += await self._wave()
            cpu += cpu_seconds(meter.pids) - before
            if shown:
                await self._until_all(lambda person: not person.waits)
                await self._quiet()
        return meter.passed(taken) | {"cpu": cpu}

    async def _wave(self) -> int:
        """Let all answer at once, and wait until all was taken in."""
        inbox, done = self._telegram.world.inbox, self._loop.create_future()
        for person in self._crowd:
            person.answer()
        brought = len(inbox)

        def look() -> None:
            if not len(inbox) and not done.done():
                done.set_result(None)

        self._telegram.delivery.on_taken = look
        await self._crowd.wait_for(done, PATIENCE_SECONDS)
        return brought

    async def mixed(self, **wanted: Any) -> dict[str, Any]:
        """Let people do all that can be done here; see `mixed_use`."""
        return await mixed_use(self._crowd, **wanted)

    async def given(self) -> dict[str, list[tuple[int, str]]]:
        """What each person answered."""
        return {str(person.chat_id): person.given for person in self._crowd}

    async def _told(self, meter: Meter, answers: int) -> dict[str, Any]:
        """What was measured; the CPU is that until the bot has done all it had to, after the last answer was seen."""
        passed = meter.passed(answers)
        await self._quiet()
        return passed | {"cpu": meter.cpu_seconds()}

    def _heed(self, on_next: Callable[[Person, float], None]) -> None:
        for person in self._crowd:
            person.on_next = on_next

    async def _until_all(self, so: Callable[[Person], bool]) -> None:
        """Wait until this is so of everybody. Raises `Astray` when somebody went astray, or when it takes long."""
        done = self._loop.create_future()

        def look() -> None:
            if all(map(so, self._crowd)):
                done.set_result(None)
            else:
                self._loop.call_later(LOOK_SECONDS, look)

        look()
        await self._crowd.wait_for(done, PATIENCE_SECONDS)

    async def _quiet(self) -> None:
        """Wait until the bot calls nothing but for updates any more."""
        before = -1
        while (calls := self._telegram.world.calls.total()) != before:
            before = calls
            await asyncio.sleep(QUIET_SECONDS)
