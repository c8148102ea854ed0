"""How fast the bot listens: a token bucket for each person and one for all, and little patience with strangers.

What is refused is not recorded, and who sent it is told: at once, once, and again with the number of what was
not taken in as soon as something is. A message counts when it was sent, not when it came in: what waited at
Telegram while the bot was away is not too fast. Kept in memory: another process, or a start, begins anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from time import time
from typing import Generic, Self, TypeVar

from bot.dialog.answer_slot import clip

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class TokenRate:
    """So many at once, so many a second after that; once empty, a bucket opens again at ``again``."""

    burst: float
    each: float
    again: float = 1.0


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """What is left, as of a moment in seconds. ``missed`` were refused since the last that was not."""

    left: float
    at: float
    missed: int = 0

    def take(self, rate: TokenRate, at: float) -> tuple[TokenBucket, bool]:
        """Take one out if one is in. A clock that was put back adds nothing, and goes on from there."""
        left = min(rate.burst, self.left + max(0.0, at - self.at) * rate.each)
        wanted = min(rate.again, rate.burst) if self.missed else 1.0
        taken = left >= wanted
        missed = 0 if taken else self.missed + 1
        return TokenBucket(left - taken, at, missed), taken


PERSON = TokenRate(30, 1.0, again=5)  # nobody types or taps 30 times in a breath; 1 a second goes on for hours
ALL = TokenRate(2_000, 200.0)  # a process hears 326 a second (docs/develop/figures.md); the rest is for what it shows
REFUSALS = TokenRate(1, 1 / 60)  # of one stranger
TRIES = TokenRate(5, 1 / 60)  # of one stranger with a code or an invitation: a link opened twice, a code mistyped
STRANGERS = TokenRate(20, 2.0)  # refusals of all strangers: of the 30 messages that Telegram takes in a second
KNOWN = 20_000  # buckets kept; the one unused for longest goes first, and is full again by then

SLOWER = (
    "A little slower, please: this came faster than I take it in, and was not recorded. "
    "What was recorded before is safe. Please wait a few seconds and send it again."
)


@dataclass(frozen=True, slots=True)
class RateDecision:
    """Whether a reply is heard, and what its sender is to be told beside."""

    hears: bool
    says: str = ""


class _Latest(Generic[K, V]):
    """The values used last, a bounded number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)


class RateLimiter:
    """Says of each reply whether it is heard now. Threads may share it."""

    def __init__(self, person: TokenRate = PERSON, all_: TokenRate = ALL, clock: Callable[[], float] = time) -> None:
        """``clock``: seconds since 1970, for what does not say when it was sent, such as a tap."""
        self._person, self._all, self._clock = person, all_, clock
        self._buckets: _Latest[tuple[TokenRate, int | str], TokenBucket] = _Latest(KNOWN)
        self._judged: _Latest[int, RateDecision] = _Latest(KNOWN)
        self._lock = Lock()

    @classmethod
    def of(cls, burst: float, each: float, clock: Callable[[], float] = time) -> Self:
        """A pace that gives each person this rate, and all of them together at least as much."""
        all_ = TokenRate(max(ALL.burst, burst), max(ALL.each, each))
        return cls(TokenRate(burst, each, again=min(PERSON.again, burst)), all_, clock)

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._buckets)

    def known(self, person: str, update_id: int | None, sent: float | None, words: str) -> RateDecision:
        """What becomes of a reply of somebody known. A transaction that is tried again gets the same verdict."""
        with self._lock:
            verdict = self._judged.get(update_id) if update_id is not None else None
            if verdict is None:
                verdict = self._judge(person, sent)
                if update_id is not None:
                    self._judged.put(update_id, verdict)
        if verdict.says == SLOWER and words:  # put in here and not kept: nothing typed stays in memory
            return replace(verdict, says=f"{SLOWER}\nYou wrote: {clip(words, 300)}")
        return verdict

    def stranger(self, telegram_id: int, *, tries: bool) -> bool:
        """Whether a stranger is answered now (or, with a code, looked at); else there is silence."""
        with self._lock:
            rate = TRIES if tries else REFUSALS
            return self._takes(rate, telegram_id) and (tries or self._takes(STRANGERS, ""))

    def _judge(self, person: str, sent: float | None) -> RateDecision:
        missed = (self._buckets.get((self._person, person)) or TokenBucket(0, 0)).missed
        taken = self._takes(self._person, person, sent)
        if taken and not self._takes(self._all, "", sent):
            bucket = self._buckets.get((self._person, person))
            if bucket is not None:
                self._buckets.put((self._person, person), replace(bucket, missed=missed + 1))
            taken = False
        if taken:
            return RateDecision(hears=True, says=_after(missed))
        return RateDecision(hears=False, says="" if missed else SLOWER)

    def _takes(self, rate: TokenRate, whose: int | str, sent: float | None = None) -> bool:
        """Take one out of a bucket. What was sent before something that was counted already adds nothing.

        Else taps, which count now, and messages, which count from when they were sent, would fill it in turns.
        """
        now, key = self._clock(), (rate, whose)
        at = now if sent is None else min(sent, now)
        bucket = self._buckets.get(key) or TokenBucket(rate.burst, at)
        at = at if sent is None else max(at, min(bucket.at, now))
        bucket, taken = bucket.take(rate, at)
        self._buckets.put(key, bucket)
        return taken


def _after(missed: int) -> str:
    """What is said with the first reply that is heard again: the first that was refused was told by itself."""
    if missed <= 1:
        return ""
    return f"I listen again. {missed} messages or taps came too fast and were not recorded; please send them again."
