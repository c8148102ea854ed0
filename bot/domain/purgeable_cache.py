"""What is worked out from talks is remembered; once talks are destroyed, all of it can be forgotten at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import _lru_cache_wrapper

T = TypeVar("T")

_forgets: list[Callable[[], None]] = []


def remembered(most: int) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """`lru_cache` for whatever holds something of talks: the very same, so that no call costs more, and entered here.

    Without it what is destroyed would lie in memory until others push it out, which may be never.
    """

    def remembers(work: Callable[..., T]) -> _lru_cache_wrapper[T]:
        cache = lru_cache(most)(work)
        _forgets.append(cache.cache_clear)
        return cache

    return remembers


def forget_all() -> None:
    """Forget all that was worked out from any talks. What is still wanted is worked out anew."""
    for forget in _forgets:
        forget()
