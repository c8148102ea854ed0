"""An invitation's secret: kept only as a hash, shown to whoever made it until it is used or has run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.events import Role
from bot.dialog.team import hashed
from bot.keeping import Keeping
from tests.test_keeping import opened
from tests.transcript import Chat


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    """Maya looks at a fresh invitation."""
    made = Chat(tmp_path)
    made.open("us-china-space", [("Maya", Role.LEAD), ("Omar", Role.MEMBER)])
    made.hears("Maya", "/team")
    made.hears("Maya", "[Invite a member]")
    yield made
    made.store.close()


def test_only_the_hash_lies_open_in_the_database(chat: Chat):
    """The control: the hash is found where the secret is not, and the one sealed place holds the secret."""
    stored = (chat.folder / "chat.db").read_bytes()
    assert hashed(chat.invitation).encode() in stored
    assert chat.invitation.encode() not in stored
    assert sum(chat.invitation in one for one in opened(chat)) == 1


def test_a_link_that_was_used_is_shown_no_more(chat: Chat):
    assert chat.invitation in chat.desk().view(chat.people["Maya"]).text
    chat.hears("Lina", "/start <invitation>")
    assert "That invitation was used." in chat.desk().view(chat.people["Maya"]).text
    assert not any(chat.invitation in one for one in opened(chat))
    assert chat.people["Maya"] in chat.desk().unshown()


def test_a_link_that_ran_out_is_shown_no_more(chat: Chat):
    def looked() -> str:
        keeping = Keeping(chat.desk())
        while keeping.look():
            pass
        return chat.desk().view(chat.people["Maya"]).text

    assert chat.invitation in looked()
    chat.at += timedelta(days=8)
    assert "That invitation has run out." in looked()
    assert not any(chat.invitation in one for one in opened(chat))
