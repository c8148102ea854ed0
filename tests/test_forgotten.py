"""What is destroyed is forgotten: no process that runs holds a word of it any more, whichever one destroyed it."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from contextlib import closing, contextmanager
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

import pytest

from bot.application import maintenance
from bot.application.rate_limit import RateLimiter, TokenRate
from bot.domain import purgeable_cache
from bot.domain.answers import Text
from bot.domain.events import ANY_EVENT, Answered, Assigned, Restricted, RowPut, Shielded
from bot.domain.readiness.readiness import gaps
from tests.api import KEY, Hooks, on, open_store
from tests.browsers import Clock, Web, served
from tests.test_web import labels
from tests.test_web_bounds import another_talks, brought

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.conftest_store"]

SMALLEST = 1000  # bytes of a picture; less is what tells pictures from other files


def canary() -> str:
    """A word that is read backwards whenever it is asked for, so that nothing here holds it."""
    return "1174 legovneiranak"[::-1]


# Looking for it


def held_by(where: object) -> list[str]:
    """What holds the word below an object: in texts and bytes, through all that it refers to."""
    seen, todo, found = {id(where)}, [where], []
    while todo:
        holder = todo.pop()
        for one in gc.get_referents(holder):
            if _tells(one):
                found.append(f"{type(holder).__name__}: {str(one)[:80]}")
            elif id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
                seen.add(id(one))
                todo.append(one)
    return found


def everything() -> Iterator[tuple[object, object]]:
    """Every object of this process, with what refers to it."""
    gc.unfreeze()  # what is frozen is not listed
    gc.collect()
    for holder in gc.get_objects():
        todo = [holder]
        while todo:
            for one in gc.get_referents(todo.pop()):
                yield holder, one
                if isinstance(one, tuple | dict) and not gc.is_tracked(one):  # of nothing but texts and numbers
                    todo.append(one)


def held() -> list[str]:
    """What in this whole process holds the word."""
    return [f"{type(holder).__name__}: {str(one)[:80]}" for holder, one in everything() if _tells(one)]


def pictures() -> set[int]:
    """The pictures that this process holds."""
    drawn = (one for _, one in everything() if isinstance(one, bytes) and len(one) > SMALLEST)
    return {id(one) for one in drawn if one.startswith(b"\x89PNG")}


def unlocked(key: bytes) -> bool:
    """Whether this process holds the key of this digest."""
    return any(
        isinstance(one, bytes) and len(one) == len(KEY) and hashlib.sha256(one).digest() == key
        for _, one in everything()
    )


def _tells(one: object) -> bool:
    if isinstance(one, str):
        return canary() in one
    return isinstance(one, bytes | bytearray) and canary().encode() in one


# A process in which everything was shown, judged and drawn


@contextmanager
def running(url: str, clock: Clock) -> Iterator[Web]:
    """A process that serves; another one may be at the same database."""
    pace = RateLimiter(TokenRate(30, 1.0), clock=lambda: clock().timestamp())
    with served(database=url, clock=clock, begun=False, pace=pace) as web:
        yield web


@pytest.fixture
def web(url: str) -> Iterator[Web]:
    """Talks with the word in answers and rows, some of it kept from Omar and from chats."""
    with running(url, Clock()) as made:
        made.sample()
        maya = made.people["Maya"]
        made.happens(
            Answered(item="minimum", answer=Text(text=canary())),
            RowPut(item="goals", row="r2", cells={"goal": Text(text=canary())}),
            Assigned(target="goals", people=(maya,)),
            Restricted(section="allies", people=(maya,)),
            Shielded(target="minimum", how="pointer"),
        )
        made.link("Maya", 501)
        yield made


def used(web: Web) -> None:
    """All of it looked at, on every face."""
    maya = web.as_("Maya")
    for line in ("/summary", "/gaps", "/changed", "/sign"):
        assert maya.write(line).status == 200
    assert canary() in maya.write(f"/find {canary()}").text
    for form in ("PDF", "Excel"):
        maya.write("/take").tap(next(one for one in labels(maya) if form in one))
    maya.see("/desk")
    assert maya.see(maya.page.xpath("//section[@id='trend']//img/@src")[0]).status == 200
    omar = web.as_("Omar").write("/summary").write("/continue").write(f"{canary()} too\nA must\n1")
    assert "Record 1 row" in labels(omar)
    for name in ("Maya", "Omar"):
        assert web.chat(name).screen.whole
    web.clock.now = web.clock.now.replace(hour=12)
    web.reminding().due()
    for nth in range(40):
        web.terminal("Lina").types(f"{canary()} {nth}")
    web.closes()


def by_hand(url: str, clock: Clock) -> None:
    """An operator destroys the talks, in a process that ends with that."""
    with closing(open_store(url, KEY)) as store:
        maintenance.purge(store, 1, clock.now, "the command line")


def round_of(web: Web) -> None:
    """One round of a process's housekeeping."""

    async def goes() -> None:
        async with web.housekeeping() as done, asyncio.timeout(20):
            await done.wait()

    asyncio.run(goes())


def caches() -> dict[str, object]:
    """Every cache of what is worked out from talks, by the name of what works it out."""
    found = [one.__self__ for one in purgeable_cache._forgets]  # type: ignore[attr-defined]  # noqa: SLF001
    return {one.__wrapped__.__name__: one for one in found}


def key(web: Web) -> bytes:
    """The digest of the key that opens the talks."""
    return hashlib.sha256(web.store._vault.known["1"]).digest()  # noqa: SLF001


# What becomes of it


@pytest.mark.prove
@pytest.mark.parametrize("by", ["the operator", "the day its leads set"])
def test_no_process_holds_a_word_of_talks_that_were_destroyed(web: Web, url: str, by: str, faults: Hooks) -> None:
    """Neither the one that destroyed them nor another: no answer, judgement, page, picture or key."""
    with running(url, web.clock) as replica:
        used(replica)
        used(web)
        digest = key(replica)
        assert unlocked(digest)
        assert pictures()
        # Each of them holds it: so the search below would find whichever was left out.
        kept = (web.desk.archive, web.site.scrollback, replica.desk.archive, replica.site.scrollback)
        assert [name for name, one in caches().items() if not held_by(one)] == []
        assert all(held_by(one) for one in kept)
        if by == "the operator":
            by_hand(url, web.clock)
        else:
            faults.on("talks_have_run_out")
        round_of(web)
        assert not any(map(held_by, kept[:2]))
        assert all(map(held_by, kept[2:]))
        round_of(replica)
        assert (held(), pictures(), unlocked(digest)) == ([], set(), False)


@pytest.mark.prove
def test_a_cache_that_is_left_out_is_found(web: Web) -> None:
    used(web)
    cache = caches()["gaps"]
    with on("leave_out_a_cache", cache):
        web.purge(1)
        round_of(web)
    assert held()
    cache.cache_clear()  # type: ignore[attr-defined]
    assert held() == []


@pytest.mark.prove
def test_what_was_in_hand_meanwhile_is_forgotten_a_round_later(web: Web) -> None:
    """A page that was being made keeps what it found out, after all had been forgotten."""
    n = web.negotiation()
    web.purge(1)
    round_of(web)
    gaps(n, web.clock.now.date())
    del n
    assert held()
    round_of(web)
    assert held() == []


def test_what_people_typed_too_fast_is_not_kept() -> None:
    """A second try of the transaction repeats it to them all the same."""
    pace = RateLimiter(TokenRate(1, 1.0), clock=lambda: 0.0)
    assert pace.known("lina", 1, None, canary()).hears
    assert [canary() in pace.known("lina", 2, None, canary()).says for _ in range(2)] == [True, True]
    assert held_by(pace) == []


def test_no_library_keeps_what_events_hold_in_case_it_comes_again() -> None:
    """Pydantic does unless it is told not to, where no search of ours would find it."""
    body = ANY_EVENT.dump_json(Answered(item="minimum", answer=Text(text=canary())))
    one, other = (ANY_EVENT.validate_json(body) for _ in range(2))
    assert one == other
    assert one.answer.text is not other.answer.text  # type: ignore[union-attr]


@pytest.mark.prove
def test_other_talks_go_on_as_they_were(web: Web) -> None:
    """Their files can still be had. What was said above is gone, for everybody; what comes then is shown below it."""
    another_talks(web, "Omar")
    files = brought(web)
    tab = files[0][0]
    web.purge(2)
    round_of(web)
    assert [one.see(path).status for one, path in files] == [200, 200, 200]
    shown = max(map(int, tab.see("/").page.xpath("//article/@data-n")), default=0)
    assert shown == 0
    tab.write("/gaps").write("/summary")
    assert min(map(int, tab.page.xpath("//article/@data-n"))) > 3
