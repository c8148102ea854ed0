"""A file that names people of this database seats nobody unasked: the operator says who somebody here is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from bot.domain.events import Assigned, Signed, Waived
from bot.domain.sign_off import state_hash
from bot.exports.json.archive import load
from tests.api import Delegation, NotFound
from tests.test_cli import run

__all__ = ["run"]


@pytest.fixture
def hostile(delegation: Delegation) -> str:
    """Talks as a file in which ids of people here have the seats that whoever wrote it gave them."""
    delegation.happens(Assigned(target="goals", people=(delegation.people["Omar"],)))
    text = delegation.operator.exported(delegation.number or 1)
    return text.replace('"uid": "sample"', '"uid": "another"').replace('"name": "Omar"', '"name": "Sven"')


def seats(delegation: Delegation, number: int) -> dict[str, str]:
    """Who sits at a negotiation, by their names here."""
    names = {person: name for name, person in delegation.people.items()}
    with delegation.store.reading() as tx:
        return {names[person]: role for person, role in tx.seats_at(number)}


def test_nobody_here_is_seated_whom_the_operator_did_not_name(delegation: Delegation, hostile: str) -> None:
    maya, omar = delegation.people["Maya"], delegation.people["Omar"]
    for choice in ({}, {maya: "new"}, {omar: omar}):
        with pytest.raises(NotFound, match="Nobody said whether"):
            delegation.operator.imported(load(hostile), choice)
    assert len(delegation.operator.negotiations()) == 1
    number = delegation.operator.imported(load(hostile), {maya: maya, omar: "new"})
    assert seats(delegation, number) == {"Maya": "lead", "Sven": "member"}
    new = delegation.people["Sven"]
    assert new not in {maya, omar}
    assert delegation.negotiation(number).owners["goals"] == (new,)
    assert delegation.negotiation(number).name(new) == "Sven"
    assert not {number} & {seat for seat, _ in seats_of(delegation, omar)}
    assert delegation.verified() == []


def seats_of(delegation: Delegation, person: str) -> list[tuple[int, str]]:
    with delegation.store.reading() as tx:
        return tx.seats_of(person)


def test_as_somebody_new_everybody_of_the_file_is_new(delegation: Delegation, hostile: str) -> None:
    people = delegation.people
    number = delegation.operator.imported(load(hostile), dict.fromkeys(people.values(), "new"))
    with delegation.store.reading() as tx:
        assert not {person for person, _ in tx.seats_at(number)} & set(people.values())
    exported = json.loads(delegation.operator.exported(number))
    assert not set(people.values()) & set(re.findall(r'"(p[0-9a-f]{10})"', json.dumps(exported["events"])))
    assert load(json.dumps(exported)).negotiation().uid == "another"


def test_somebody_of_the_file_can_be_somebody_here_under_another_id(
    delegation: Delegation, hostile: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    maya, omar = delegation.people["Maya"], delegation.people["Omar"]
    with Delegation(tmp_path / "other") as other:
        here = other.meets("Maya")
        number = other.operator.imported(load(hostile), {maya: here})
        assert seats(other, number) == {"Maya": "lead", "Sven": "member"}
        assert other.people["Sven"] == omar, "an id that nobody has here stays, so that what goes out again is equal"


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        (lambda maya, omar: {maya: "pnobody", omar: omar}, "nobody here with the id pnobody"),
        (lambda maya, omar: {maya: maya, omar: maya}, "Two people of the file cannot be one"),
        (lambda maya, omar: {maya: maya, omar: omar, "pelse": maya}, "The file has nobody with the id pelse"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    delegation: Delegation, hostile: str, choice: Callable[[str, str], dict[str, str]], why: str
) -> None:
    with pytest.raises(NotFound, match=why):
        delegation.operator.imported(load(hostile), choice(delegation.people["Maya"], delegation.people["Omar"]))
    assert len(delegation.operator.negotiations()) == 1


def test_what_was_signed_over_somebody_s_waiver_is_not_taken_in_as_somebody_else_s(tmp_path: Path) -> None:
    """The signatures cover who accepted the gap: they would be under something else."""
    with Delegation(tmp_path) as there:
        there.opens("us-china-space", "Maya lead")
        there.happens(Waived(gap="their_aims/none", reason="The letter is signed.", until=date(2027, 3, 1)))
        state = state_hash(there.negotiation())
        there.happens(Signed(state=state, verdict="no_go", words="Sample"))
        text = there.operator.exported(1).replace('"uid": "sample"', '"uid": "another"')
        maya = there.people["Maya"]
        with pytest.raises(NotFound, match="their signatures would not stand"):
            there.operator.imported(load(text), {maya: "new"})
        assert there.operator.imported(load(text), {maya: maya}) == 2


# The command line


@pytest.fixture
def there(run: Callable[..., Result], tmp_path: Path) -> dict[str, Any]:
    """The sample as a file, and as another installation may have written it: the same people, other talks."""
    run("talk", "--sample", typed="/bye\n")
    file = tmp_path / "talks.json"
    run("export", "1", "-o", str(file))
    text = file.read_text(encoding="utf-8")
    uid = re.search(r'"uid": "([^"]+)"', text)
    assert uid
    file.write_text(text.replace(uid[1], "another"), encoding="utf-8")
    people = dict(re.findall(r'"person": "(\w+)",\s+"name": "(\w+)"', text))
    return {"file": str(file), "ids": {name: person for person, name in people.items()}}


@pytest.mark.slow
def test_the_operator_is_asked_of_each_whose_id_is_taken_here(
    run: Callable[..., Result], there: dict[str, Any]
) -> None:
    result = run("import", there["file"], typed="y\nn\ny\n")
    ids = there["ids"]
    for name, role in (("Maya", "lead"), ("Omar", "member"), ("Lina", "member")):
        asked = f"{name} ({ids[name]}) of the file gets a seat as {role}. {name}, without Telegram, has this id here."
        assert asked in result.output
    assert result.output.endswith("Imported as negotiation 2.\n")
    assert "/start" not in result.output
    assert run("link", "Omar").output.startswith("readiness: There is more than one Omar. Name one of them by the id: ")
    assert run("link", ids["Omar"]).output.startswith("/start ")


@pytest.mark.slow
def test_a_script_says_it_with_an_option_and_is_told_how(run: Callable[..., Result], there: dict[str, Any]) -> None:
    ids = there["ids"]
    refused = run("import", there["file"])
    assert refused.exit_code == 2
    assert f"--person {ids['Maya']}={ids['Maya']} for Maya here, --person {ids['Maya']}=new" in refused.output
    said = [
        f"--person={ids[name]}={whose}" for name, whose in (("Maya", ids["Maya"]), ("Omar", "new"), ("Lina", "new"))
    ]
    result = run("import", there["file"], *said)
    assert (
        f"Maya ({ids['Maya']}) of the file gets a seat as lead, as somebody who is here: {ids['Maya']}."
        in result.output
    )
    assert f"Omar ({ids['Omar']}) of the file gets a seat as member, as somebody new." in result.output
    assert result.exit_code == 0
    assert run("import", there["file"], "--person", "nothing").exit_code == 2


@pytest.mark.slow
def test_the_doctor_tells_of_a_clock_behind_what_was_noted(run: Callable[..., Result]) -> None:
    run("talk", "--sample", typed="/bye\n")
    assert (run("doctor").exit_code, run("doctor").output) == (0, "The clock is not behind what was noted.\n")
