"""An invitation works however a stranger brings it: its link pasted, its code alone, with words around them."""

from __future__ import annotations

import pytest

from bot.dialog.refusals import REFUSED
from tests.api import Delegation

WAYS = [
    "https://t.me/sample_bot?start={code}",
    "Here is your link: https://t.me/sample_bot?start={code} – it works once.",
    "https://t.me/sample_bot?start={code}.",
    "https://pages.example/join?s={code}",
    "{code}",
    "  {code}\n",
    "“{code}”",
    "`{code}`",
    "/start https://t.me/sample_bot?start={code}",
    "/start {code}.",
    "/start {code}",
]


@pytest.fixture
def invited(delegation: Delegation) -> Delegation:
    """A delegation whose secrets are as an installation makes them, and that has one more invitation out."""
    delegation.goes_on(chance=True)
    maya = delegation.chat("Maya")
    maya.types("/team")
    maya.taps("Invite a member")
    delegation.invitation = maya.screen.text.partition("start=")[2].split()[0]
    return delegation


@pytest.mark.parametrize("way", WAYS)
def test_a_stranger_comes_in_by_what_they_paste(invited: Delegation, way: str) -> None:
    assert "Talks with China" in invited.chat("Lina").types(way.format(code=invited.invitation))
    assert "Lina, member" in invited.chat("Maya").types("/team")


@pytest.mark.parametrize(
    "text", ["hello there", "x" * 22, "https://t.me/sample_bot?start=" + "x" * 22, "/start " + "x" * 22]
)
def test_what_opens_nothing_is_refused_as_anything_is(invited: Delegation, text: str) -> None:
    assert REFUSED in invited.chat("Lina").types(text)


def test_a_code_counts_as_a_try_however_it_is_brought(invited: Delegation) -> None:
    for text in ("x" * 22, "https://t.me/sample_bot?start=" + "y" * 22, "/start z", "hello"):
        invited.chat("Lina").types(text)
    assert any("invitation" in line and "3" in line for line in invited.operator.audited()), invited.operator.audited()


def test_who_is_in_joins_other_talks_by_a_pasted_link_and_never_records_it(invited: Delegation) -> None:
    invited.opens("bilateral", "Maya lead", uid="others", counterpart="Ruritania", subject="the bridge")
    maya, omar = invited.chat("Maya"), invited.chat("Omar")
    maya.types("/team")
    maya.taps("Invite a member")
    code = maya.screen.text.partition("start=")[2].split()[0]
    omar.types("/find least")
    omar.taps("1")
    assert "Ruritania" in omar.types(f"https://t.me/sample_bot?start={code}")
    assert code not in omar.kept


def test_a_code_among_the_words_of_who_is_in_is_an_answer_of_theirs(invited: Delegation) -> None:
    omar = invited.chat("Omar")
    omar.types("/find least")
    omar.taps("1")
    assert "Recorded" in omar.types("AGREEMENT-2027-DRAFT-03")
