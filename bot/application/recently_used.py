"""Values that are kept for as long as they are used, and together hold no more than so much."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentlyUsed(Generic[K, V]):
    """A mapping for any thread that lets go of what was used longest ago. The last value put in always stays."""

    def __init__(self, weight: Callable[[V], int], most: int) -> None:
        """``weight`` of a value; ``most`` that all of them may weigh."""
        self._weight, self._most = weight, most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._total = 0
        self._one = Lock()

    def get(self, key: K) -> V | None:
        """The value of a key, which counts as used now."""
        with self._one:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: K, value: V) -> None:
        """Keep a value, at the expense of others if need be."""
        with self._one:
            self._take(key)
            self._values[key] = value
            self._total += self._weight(value)
            while self._total > self._most and len(self._values) > 1:
                self._take(next(iter(self._values)))

    def pop(self, key: K) -> None:
        """Keep nothing under a key any more."""
        with self._one:
            self._take(key)

    def _take(self, key: K) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._total -= self._weight(value)
