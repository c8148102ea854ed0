"""Five people at work, each as a person is: waiting for what comes back, or writing on without. As in the e2e tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.api import of_process
from tests.e2e import command
from tests.test_e2e import CLERKS, SHARING, WORKERS, Day, _shows, _until
from tests.test_e2e import _answered_unheard as answered_unheard
from tests.test_e2e import _at_work as at_work
from tests.test_e2e import _each_row_was_chosen_once as _chosen_once
from tests.test_e2e import _opened as opened
from tests.test_e2e import _person_ids as person_ids
from tests.test_e2e import _recorded as by_person
from tests.test_e2e import _sent_again as sent_again
from tests.test_e2e import _some_time as some_time

if TYPE_CHECKING:
    from pathlib import Path

    from tests.telegram_double import Person

__all__ = [
    "CLERKS", "EVERYBODY", "Day", "answered_unheard", "at_work", "by_person", "in_order", "opened", "person_ids",
    "sent_again", "some_time", "wait_for",
]  # fmt: skip

EVERYBODY = (*WORKERS, *CLERKS)


async def wait_for(people: dict[str, Person], folder: Path, database: str) -> None:
    """Wait until every phone shows where the database says its person stands, all but what colleagues wrote since."""
    with of_process(folder, database) as there:
        for name, person in people.items():
            await _until(lambda: _shows(there.chat(name), person, sharing=name in SHARING), 60)  # noqa: B023 (within the loop)


async def in_order(people: dict[str, Person], day: Day, env: dict[str, str], folder: Path, database: str) -> int:
    """How many of the answers typed are not recorded once and in order; 0 is what is promised."""
    code, exported = await command(env, folder, "export", "1")
    if code:
        raise AssertionError(exported)
    found = by_person(json.loads(exported))
    ids, wrong = person_ids(folder, database), 0
    for name in people:
        there, typed = found.get(ids[name], []), day.typed[name]
        wrong += len(set(typed) - set(there)) + len(there) - len(set(there)) + (there != typed)
    if not set(people) & set(WORKERS):
        return wrong
    try:
        _chosen_once(json.loads(exported))
    except AssertionError:
        wrong += 1
    return wrong
