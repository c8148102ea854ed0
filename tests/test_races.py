"""Several processes at one PostgreSQL look at the same thing and then do something: only one of them does it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.application.group_cards import GETS_ONE, TAKEN
from bot.domain.events import Passphrases
from tests.api import Delegation, Hooks

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow
SIX = 6


@pytest.fixture
def processes(tmp_path: Path, postgres_database: str) -> Iterator[list[Delegation]]:
    """As many as there are people in a race, all at one database."""
    with ExitStack() as stack:
        made = [stack.enter_context(Delegation(tmp_path, url=postgres_database)) for _ in range(SIX)]
        for nth, there in enumerate(made, start=1):
            there.updates = 1000 * nth
            there.telegram |= {f"Person {nth}": 600 + nth for nth in range(SIX)}
        yield made


def at_once(processes: list[Delegation], does: Callable[[Delegation, int], object]) -> list[object]:
    """What came of something that each process does at the same moment."""
    with ThreadPoolExecutor(len(processes)) as pool:
        return list(pool.map(does, processes, range(len(processes))))


def test_of_six_who_bring_the_code_of_the_first_lead_at_once_one_leads(
    processes: list[Delegation], faults: Hooks
) -> None:
    """Each has looked before the first acts; the others are told what whoever brings a code that was used is told."""
    code = processes[0].operator.first_code() or ""
    faults.on("look_together", threading.Barrier(SIX))
    came = at_once(processes, lambda there, nth: there.chat(f"Person {nth}").types(f"/start {code}", shown=False).known)
    assert sorted(map(str, came)) == ["False"] * 5 + ["True"]
    assert [person.lead for person in processes[0].operator.people()] == [True]
    assert processes[0].verified() == []


def test_of_six_who_bring_one_invitation_at_once_one_is_let_in(processes: list[Delegation], faults: Hooks) -> None:
    first = processes[0]
    first.opens("us-china-space", "Maya lead", "Omar member")
    first.chat("Maya").types("/team")
    first.chat("Maya").taps("Invite a member")
    faults.on("look_together", threading.Barrier(SIX))
    link = f"/start {first.invitation}"
    came = at_once(processes, lambda there, nth: there.chat(f"Person {nth}").types(link, shown=False).known)
    assert sorted(map(str, came)) == ["False"] * 5 + ["True"]
    assert len(first.negotiation().here) == 3
    assert first.verified() == []


def test_of_six_links_for_one_person_that_are_used_at_once_one_signs_in(
    processes: list[Delegation], faults: Hooks
) -> None:
    """Whoever came second would have taken the first one's account away."""
    first = processes[0]
    first.operator.person("Lina")
    links = [first.operator.link("Lina").rpartition("=")[2] for _ in range(SIX)]
    faults.on("look_together", threading.Barrier(SIX))
    came = at_once(
        processes, lambda there, nth: there.chat(f"Person {nth}").types(f"/start {links[nth]}", shown=False).known
    )
    accounts = {person.name: person.telegram_id for person in first.operator.people()}
    assert sorted(map(str, came)) == ["False"] * 5 + ["True"]
    assert accounts == {"Lina": 600 + came.index(True)}


def test_every_wrong_passphrase_counts_however_many_are_tried_at_once(processes: list[Delegation]) -> None:
    first = processes[0]
    first.opens("us-china-space", "Maya lead")
    first.happens(Passphrases(on=True))
    assert first.chooses_passphrase(first.signs_in("Maya"), "four grey herons wade")
    at_once(processes, lambda there, _: there.tries_passphrase("Maya"))
    with first.store.reading() as tx:
        kept = tx.phrase(first.people["Maya"])
    assert kept is not None
    assert kept.wrong == 5, "the sixth was not looked at: there is a wait after five"


def test_a_code_that_a_start_prints_while_the_first_lead_comes_makes_no_second(
    processes: list[Delegation],
) -> None:
    """The start looked before there was a lead, and writes its code after."""
    first, second = processes[:2]
    code = first.operator.first_code() or ""
    with second.store.transaction() as tx:
        assert not tx.any_lead()
        assert first.chat("Person 0").types(f"/start {code}", shown=False).known
        tx.set_office("first_code", hashlib.sha256(b"late").hexdigest())
    assert not first.chat("Person 1").types("/start late", shown=False).known
    assert [person.lead for person in first.operator.people()] == [True]


def test_of_two_leads_who_ask_for_a_card_in_one_group_at_once_one_gets_it(
    processes: list[Delegation], faults: Hooks
) -> None:
    """The other is told that it is taken; the card of the first does not change under them."""
    first, second = processes[:2]
    first.opens("us-china-space", "Maya lead")
    first.opens("us-china-space", "Vera lead", uid="other")
    second.telegram = first.telegram
    faults.on("look_at_groups_together", threading.Barrier(2))
    leads = ("Maya", "Vera")
    told = at_once(
        [first, second],
        lambda there, nth: there.cards().asked(9000 + nth, there.telegram[leads[nth]], -100, "The group").private,
    )
    with first.store.reading() as tx:
        row = tx.group(-100)
    assert row is not None
    assert row.negotiation is not None
    got = row.negotiation - 1
    assert told[got] == GETS_ONE.format(title="The group")
    assert told[1 - got] == TAKEN.format(title="The group")
