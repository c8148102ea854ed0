"""Help, privacy and offers speak of what this installation has: a team without Telegram reads no word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api import Delegation
from tests.browsers import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browsers import Web

COMMANDS = ("/home", "/help", "/privacy", "/team", "/take", "/reminders", "/card", "/talks", "/sign")
LINK = "https://t.me/sample_bot?start="


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path) as there:
        yield there


def read(web: Web, name: str) -> str:
    """All that somebody is shown on their way through the places that speak of the installation."""
    tab, found = web.as_(name), []
    for command in COMMANDS:
        found.append(tab.write(command).page.text_content())
        buttons = [one.text_content().strip() for one in tab.page.xpath("//form[@class='buttons']//button")]
        for label in buttons:
            if label.endswith("…") or label in {"Passphrases", "Invite a member", "What the chat carries"}:
                found.append(tab.tap(label).page.text_content())
                tab.write(command)
    return "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Maya", "Omar"])
def test_a_team_without_telegram_reads_no_word_of_it(web: Web, name: str) -> None:
    words = read(web, name).replace(
        "A card is shown in a group on Telegram, and this installation has no bot there.", ""
    )
    for foreign in ("Telegram", "t.me", "Edit a message", "What the chat carries"):
        assert foreign not in words
    assert "What you type and tap here goes to your office’s own server" in words
    team = web.as_(name).write("/team")
    assert "Card for your group" not in team.text
    assert "A card for the delegation" not in team.page.text_content(), "among the commands"


def test_the_command_for_cards_says_that_there_is_no_bot(web: Web) -> None:
    assert "this installation has no bot there" in web.as_("Maya").write("/card").live


def test_the_terminal_reads_as_the_browser_does(web: Web) -> None:
    web.desk.link = "/start "  # as on the command line, where no bot ever ran
    maya = web.terminal("Maya")
    for command in COMMANDS:
        shown = maya.types(command).whole.replace("A card is shown in a group on Telegram", "")
        assert "Telegram" not in shown, command


def test_with_a_bot_a_page_says_that_others_read_it_on_telegram(web: Web) -> None:
    web.has_a_bot(LINK)
    maya = web.as_("Maya")
    live = maya.write("/privacy").live
    assert "What you type and tap here goes to your office’s own server" in live
    assert "reads them on Telegram" in live
    assert "What the chat carries" in maya.text
    assert "Card for your group" in maya.write("/team").text
    assert "/card" in maya.page.text_content()


def test_a_chat_says_that_telegram_carries_it(delegation: Delegation) -> None:
    assert "Telegram can read it" in delegation.chat("Maya").types("/privacy")
    assert "/card – a card with the state" in delegation.chat("Maya").types("/help")
    assert "Edit a message to correct" in delegation.chat("Maya").types("/help")


def test_a_long_answer_on_a_page_of_our_own_is_whole_and_waits_for_no_rest(web: Web) -> None:
    maya = web.terminal("Maya")
    maya.types("/find least")
    maya.taps("1")
    assert "as long as Telegram allows" not in maya.types("word " * 800).whole
