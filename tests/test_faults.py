"""The faults that tests put into the bot: each is there, fits, goes again, and each bug has a test that finds it."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bot.application import documents, maintenance
from bot.exports.pdf import typst
from bot.storage import UnitOfWork
from bot.telegram import receivers, reminder_sender
from bot.telegram.update_queue import UpdateQueue
from tests import faults
from tests.e2e import ROOT
from tests.faults import FAULTS, LIMITS, PACES, Attribute, attribute
from tests.test_soak import ELSEWHERE

TESTS = Path(__file__).parent
GIVEN: dict[str, Any] = {"update_id": 77, "folder": Path("elsewhere"), "desk": object()}  # else a function
BUGS = [name for name, fault in FAULTS.items() if fault.found_by]


def given(name: str) -> list[Any]:
    """What a fault wants to know, as a test would give it."""
    fault = FAULTS[name]
    wanted = list(inspect.signature(fault.change).parameters.values())[len(fault.attributes) :]
    return [GIVEN.get(param.name, lambda *_: None) for param in wanted if param.default is param.empty]


def test_a_fault_is_told_in_words_and_by_one_name() -> None:
    assert all(fault.does for fault in FAULTS.values())
    assert len({*FAULTS, *PACES, *LIMITS}) == len(FAULTS) + len(PACES) + len(LIMITS)


@pytest.mark.parametrize("name", BUGS)
def test_each_bug_has_a_test_that_finds_it(name: str) -> None:
    """It is there, and puts in this very bug: itself, or by the part of the soak that it runs."""
    file, _, test = FAULTS[name].found_by.partition("::")
    function, _, part = test.rstrip("]").partition("[")
    source = inspect.getsource(getattr(import_module(f"tests.{file}"), function))
    parts = {*re.findall(r"tests\.soak\.(\w+)", source), *([part] if part else [])}
    assert not parts & ELSEWHERE or not part
    sources = [source, *(inspect.getsource(import_module(f"tests.soak.{each}")) for each in parts)]
    assert any(f'"{name}"' in text for text in sources)


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_is_put_in_and_taken_out(name: str) -> None:
    """Also when the test fails meanwhile."""
    places = FAULTS[name].attributes
    before = [place.value for place in places]
    with pytest.raises(ZeroDivisionError), faults.on(name, *given(name)):  # noqa: PT012
        assert all(place.value is not own for place, own in zip(places, before, strict=True))
        raise ZeroDivisionError
    assert all(place.value is own for place, own in zip(places, before, strict=True))


@pytest.mark.parametrize(
    ("name", "places", "hook"),
    [
        *((name, places, faults.pace) for name, places in PACES.items()),
        *((name, places, faults.limits) for name, places in LIMITS.items()),
    ],
    ids=[*PACES, *LIMITS],
)
def test_each_pace_and_limit_is_set_and_set_back(name: str, places: tuple[Attribute, ...], hook: Any) -> None:
    """In every module that has it, which all have the same before."""
    before = [place.value for place in places]
    assert len(set(before)) == 1
    with hook(**{name: 7}):
        assert {place.value for place in places} == {timedelta(seconds=7) if name == "poll" else 7}
    assert [place.value for place in places] == before


def test_a_fault_of_no_name_is_an_error_that_tells_the_names() -> None:
    for asked in (
        lambda: faults.on("send_twice"),
        lambda: faults.pace(rows=3),
        lambda: faults.limits(polls=1),
        lambda: faults.applied(["send_anew", "send_twice"]),
        lambda: faults.applied(["polls=1"]),
    ):
        with pytest.raises(LookupError, match=r"There is no (fault 'send_twice'|rows|polls)\. There are: "):
            entered(asked)


def entered(asked: Any) -> None:
    """Have a fault for nothing."""
    context: AbstractContextManager[None] = asked()
    with context:
        pass


@pytest.mark.prove
@pytest.mark.parametrize("program", [("tests.faults", "send_twice", "--", "list"), ("tests.kennel", "send_twice")])
def test_a_process_that_knows_no_such_fault_ends_at_once(program: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *program], cwd=ROOT, input="start\n", capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "There is no fault 'send_twice'" in ended.stderr
    assert not ended.stdout


def test_what_was_renamed_is_an_error_and_no_bug_that_is_not_found() -> None:
    """Each fault is entered when its module is imported, so that nothing runs without it."""
    for owner, name in ((UnitOfWork, "unheeded_by_all"), (reminder_sender, "OFTEN")):
        with pytest.raises(LookupError, match=f"has no {name} any more"):
            attribute(owner, name)
        with pytest.raises(LookupError):
            faults.fault((owner, name))


@pytest.mark.parametrize(
    ("place", "new"),
    [
        ((UnitOfWork, "unnoted"), lambda _tx, _person: []),
        ((UnitOfWork, "unnoted"), []),
        ((UpdateQueue, "put"), lambda _inbox, _item: None),
        ((documents, "written"), lambda _form, _report: b""),
        ((maintenance, "rekey"), lambda _store: 0),
        ((typst, "TEMPLATES"), "typst"),
        ((reminder_sender, "EVERY_SECONDS"), "often"),
        ((receivers, "POLL"), 1.0),
    ],
    ids=["fewer values", "no function", "not awaited", "no progress", "no key", "no path", "no number", "no span"],
)
def test_what_is_used_in_another_way_now_is_an_error(place: tuple[Any, str], new: object) -> None:
    """A method that is given one value more would else fail within the bot, as if the bug had been found."""
    there = attribute(*place)
    own = there.value
    with pytest.raises(TypeError, match="Mend the fault"), there.replaced(new):
        pass
    assert there.value is own


def test_a_process_is_given_faults_paces_and_limits_by_words() -> None:
    with faults.applied(["send_anew", "poll=1.5", "rows=3"]):
        assert UnitOfWork.unnoted(None, "maya", 8) == []  # type: ignore[arg-type]
        assert timedelta(seconds=1.5) == receivers.POLL
        assert LIMITS["rows"][0].value == 3
    with faults.applied([]):
        assert timedelta(seconds=1.5) != receivers.POLL


@pytest.mark.slow
def test_nobody_else_replaces_a_part_of_the_bot() -> None:
    """By `setattr`, `setitem`, a patch or an assignment, where a new name in the bot would be noticed by nobody."""
    hooks = {TESTS / "faults.py", TESTS / "test_faults.py"}  # the latter holds what is to be found
    found = {
        file.name: replaced(ast.parse(file.read_text(encoding="utf-8"))) for file in {*TESTS.rglob("*.py")} - hooks
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from unittest import mock",
        "import unittest.mock as m",
        'monkeypatch.setattr("bot.runtime.terminal.PATIENCE", 0)',
        'from bot import talk\nmonkeypatch.setattr(talk, "PATIENCE", 0)',
        'from bot.storage import Tx as T\nmonkeypatch.setattr(T, "put_chat", None)',
        'import bot.runtime.terminal as talk\nsetattr(talk, "PATIENCE", 0)',
        'from bot.storage import engines\nmonkeypatch.setitem(engines.SETTINGS, "a", 1)',
        "from bot import talk\ntalk.PATIENCE = 0",
        "import bot.runtime.terminal\nbot.talk.PATIENCE = 0",
        'RUN = """\nimport bot.application.documents\nbot.papers.written = None\n"""',
        'RUN = """\nfrom bot.storage import Tx\nTx.put_chat = lambda *_: None\n"""',
    ],
)
def test_who_replaces_a_part_of_the_bot_is_found(source: str) -> None:
    assert replaced(ast.parse(source))


def replaced(tree: ast.Module) -> list[str]:
    """The lines of a module that replace a part of the bot, also in programs that it holds as text."""
    ours = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if f"{getattr(node, 'module', None) or alias.name}.".startswith("bot.")
    }
    return [ast.unparse(node) for node in ast.walk(tree) if _replaces(node, ours)]


def _replaces(node: ast.AST, ours: set[str]) -> bool:
    match node:
        case ast.Import(names=names):
            return any(alias.name == "unittest.mock" for alias in names)
        case ast.ImportFrom(module="unittest", names=names):
            return any(alias.name == "mock" for alias in names)
        case ast.ImportFrom(module="unittest.mock"):
            return True
        case ast.Call(func=ast.Attribute(attr="setattr" | "setitem") | ast.Name(id="setattr"), args=[owner, *_]):
            return _root(owner) in ours or (isinstance(owner, ast.Constant) and str(owner.value).startswith("bot."))
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Attribute) and _root(target) in ours for target in targets)
        case ast.Constant(value=str(text)) if "import bot" in text or "from bot" in text:
            return any(map(replaced, _programs(text)))
    return False


def _root(node: ast.expr) -> str:
    """The name with which a chain of attributes begins."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _programs(text: str) -> list[ast.Module]:
    try:
        return [ast.parse(text)]
    except SyntaxError:  # words, and no program
        return []
