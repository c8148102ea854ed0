"""Every number that comes from outside is bounded by its length before it is made: of buttons, forms and addresses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dialog.callback_data import CallbackData, UnknownCallback, kinds, unpack
from bot.dialog.parsing.whole import LARGEST, whole
from tests.api import ROOT, Chat, Delegation
from tests.browsers import served
from tests.test_refused import audit

LONG = ("9" * 5_000, "z" * 4_000, "0" * 100_000, "9" * 19, "٣" * 10, "²", "-1", "+1", "1_0", " 1", "1.9", "")


@given(st.text(max_size=30) | st.from_regex(r"[0-9a-z]{1,20}", fullmatch=True), st.sampled_from([10, 36]))
@example("9" * 100_000, 10)
@example("zzzzzzzzzzzzz", 36)
def test_a_text_is_a_number_of_ours_or_none(text: str, base: int) -> None:
    """No error, no other digits, and nothing that a database does not take."""
    number = whole(text, base)
    if number is not None:
        assert 0 <= number < LARGEST
        assert text.isascii()
        assert int(text, base) == number


@given(st.integers(0, LARGEST - 1))
def test_every_number_that_we_write_is_read(number: int) -> None:
    from bot.dialog.callback_data import base36

    assert whole(str(number)) == whole(base36(number), 36) == number


NUMBERED = [kind for kind in kinds() if any("int" in str(one) for one in kinds()[kind].__annotations__.values())]


@pytest.mark.parametrize("number", LONG)
@pytest.mark.parametrize("code", NUMBERED)
def test_a_button_with_such_a_number_is_garbled(code: str, number: str) -> None:
    """Wherever in it the number stands: of the talks, of the revision, of what the place is about."""
    names = [name for name, kind in kinds()[code].__annotations__.items() if "ClassVar" not in str(kind)]
    parts = [number if "int" in str(kinds()[code].__annotations__[name]) else "a" for name in names]
    garbled = (f"{number}>h", f"{number}!a:@h", f"1*{number}!a:", f"1>{'~'.join((code, *parts))}")
    for packed in garbled:
        with pytest.raises(UnknownCallback):
            assert not isinstance(unpack(packed), CallbackData), packed


ARGUMENTS = ("switch", "undo", "day", "sure", "keep", "show", "question", "before")


@pytest.mark.slow
@pytest.mark.parametrize("number", LONG[:4])
@pytest.mark.parametrize("act", ARGUMENTS)
def test_a_number_in_what_a_button_asks_for_is_no_fault(
    delegation: Delegation, omar: Chat, act: str, number: str
) -> None:
    """It is answered as any button that does nothing, or refused, and nothing is recorded."""
    omar.types("/continue")
    before = delegation.recorded()
    with delegation.store.reading() as tx:
        chat = tx.chat(omar.person)
        assert chat is not None
        rev = chat.rev
    from bot.dialog.callback_data import base36

    for arg in (number, f"crewed.{number}.{number}", f"crewed.0.{number}"):
        omar.forges(f"1*{base36(rev)}!{act}:{arg}")
        omar.forges(f"1!{act}:{arg}@h")
    assert delegation.recorded() == before


def test_a_garbled_number_is_counted_as_a_garbled_button(delegation: Delegation, omar: Chat) -> None:
    omar.forges("9" * 60 + ">h")
    assert audit(delegation) == {"garbled button": 1}


@pytest.mark.slow
@pytest.mark.parametrize("number", LONG[:4])
def test_a_form_with_such_a_number_is_no_fault(tmp_path: Path, number: str) -> None:
    """In a button, in a field, in an address and in a header."""
    with served(tmp_path) as web:
        tab, before = web.as_("Omar"), web.recorded()
        to, form = _form(tab)
        found = [
            tab.client.post(to, data={**form, "tap": packed}).status_code
            for packed in (
                f"1>{number}",
                f"{number}>h",
                f"1*{number}!a:",
                f"1*1!switch:{number}",
                f"1!switch:{number}@h",
            )
        ]
        assert set(found) <= {200, 403}
        assert tab.client.post(to, data={**form, "rev": number, "after": number, "text": "/summary"}).status_code == 200
        assert tab.client.get("/desk", params={"talks": number[:5_000]}).status_code in {200, 404}
        assert web.recorded() == before
        assert tab.write("/summary").status == 200, "the chat still shows what is new"


def _form(tab: object) -> tuple[str, dict[str, str]]:
    area = tab.page.xpath("//textarea")[0]  # type: ignore[attr-defined]
    return area.xpath("ancestor::form")[0].get("action"), tab.form(area)  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", LONG)
def test_such_a_number_at_the_terminal_is_words(delegation: Delegation, number: str) -> None:
    from bot.runtime.terminal import tapped

    assert tapped(delegation.desk, delegation.people["Omar"], f"#{number}") is None


def test_the_number_of_a_negotiation_on_the_command_line_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from bot.__main__ import main

    monkeypatch.setenv("READINESS_DATA", str(tmp_path))
    for number in ("9" * 5_000, "9" * 19, "2147483648"):
        told = CliRunner().invoke(main, ["export", number])
        assert told.exit_code == 2
        assert told.exception is None or isinstance(told.exception, SystemExit)


# What is read elsewhere says why it is bounded


def _numbers_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "int"
            and len(node.args) == 2
        ):
            yield ast.unparse(node)


@pytest.mark.slow
def test_numbers_to_another_base_are_made_in_one_place() -> None:
    found = {
        str(path.relative_to(ROOT)): numbers
        for path in sorted((ROOT / "bot").rglob("*.py"))
        if (numbers := list(_numbers_of(ast.parse(path.read_text()))))
    }
    assert list(found) == ["bot/dialog/parsing/whole.py"]
