"""What goes wrong between a bot and Telegram, on demand and from a seed.

A fault strikes the next calls or a share of all calls, of every method or of
some. A chat that was told to wait stays closed until the wait is over, and each
call that did not wait is written down.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .inbox import Clock


@dataclass(frozen=True)
class Flood:
    """429: leave this chat alone for so many seconds."""

    retry_after: int = 1


@dataclass(frozen=True)
class Broken:
    """A server error instead of an answer; nothing was done."""

    status: int = 502


@dataclass(frozen=True)
class Reset:
    """The connection breaks, either before the call was done or just after it."""

    done: bool = False


@dataclass(frozen=True)
class Silent:
    """No answer for so many seconds, then the connection breaks; nothing was done, or all at once."""

    seconds: float = 3.0
    done: bool = False


@dataclass(frozen=True)
class CutShort:
    """The call is done, but its answer ends amid its first words."""


Fault: TypeAlias = Flood | Broken | Reset | Silent | CutShort


@dataclass(frozen=True)
class Violation:
    """A call to a chat that came before its wait was over."""

    method: str
    chat_id: int
    seconds_early: float


@dataclass
class _Plan:
    fault: Fault
    methods: frozenset[str]
    times: int | None  # None: as often as the share says
    share: float


class Faults:
    """The switches. Latency is in seconds and holds for every call."""

    def __init__(self, clock: Clock, seed: int) -> None:
        """Start with nothing wrong; the seed fixes which calls a share strikes."""
        self._clock = clock
        self._random = random.Random(seed)  # noqa: S311  (a test must repeat)
        self._plans: list[_Plan] = []
        self._closed_until: dict[int, float] = {}
        self.latency = 0.0
        self.violations: list[Violation] = []

    def fail_next(self, fault: Fault, *methods: str, times: int = 1) -> None:
        """Strike the next calls of these methods, or of any when none is named."""
        self._plans.append(_Plan(fault, _lower(methods), times, share=1.0))

    def fail_share(self, fault: Fault, share: float, *methods: str) -> None:
        """Strike this share (0 to 1) of the calls of these methods, or of any."""
        self._plans.append(_Plan(fault, _lower(methods), None, share))

    def clear(self) -> None:
        """Let everything work again; what was recorded stays."""
        self._plans.clear()
        self._closed_until.clear()
        self.latency = 0.0

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """Return what befalls this call, if anything."""
        wait = self._wait_left(chat_id)
        if wait > 0 and chat_id is not None:
            self.violations.append(Violation(method, chat_id, wait))
            return Flood(math.ceil(wait))
        fault = self._planned(method.lower())
        if isinstance(fault, Flood) and chat_id is not None:
            self._closed_until[chat_id] = self._clock.now() + fault.retry_after
        return fault

    def _wait_left(self, chat_id: int | None) -> float:
        if chat_id is None or chat_id not in self._closed_until:
            return 0.0
        return self._closed_until[chat_id] - self._clock.now()

    def _planned(self, method: str) -> Fault | None:
        for plan in self._plans:
            if plan.methods and method not in plan.methods:
                continue
            if plan.times is None:
                if self._random.random() < plan.share:
                    return plan.fault
            elif plan.times > 0:
                plan.times -= 1
                return plan.fault
        return None


def _lower(methods: tuple[str, ...]) -> frozenset[str]:
    return frozenset(method.lower() for method in methods)
