"""An invitation's secret: kept only as a hash, shown to whoever made it until it is used or has run out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.dialog.screens.team import hashed
from tests.api import Chat, Delegation
from tests.test_keeping import opened


@pytest.fixture(autouse=True)
def _invites(maya: Chat) -> None:
    """Maya looks at a fresh invitation."""
    maya.types("/team")
    maya.taps("Invite a member")


def test_only_the_hash_lies_open_in_the_database(delegation: Delegation):
    """The control: the hash is found where the secret is not, and the one sealed place holds the secret."""
    stored = delegation.file.read_bytes()
    assert hashed(delegation.invitation).encode() in stored
    assert delegation.invitation.encode() not in stored
    assert sum(delegation.invitation in one for one in opened(delegation)) == 1


def test_a_link_that_was_used_is_shown_no_more(delegation: Delegation, maya: Chat, lina: Chat):
    assert delegation.invitation in maya.screen.text
    lina.joins()
    assert "That invitation was used." in maya.screen.text
    assert not any(delegation.invitation in one for one in opened(delegation))
    assert "Maya" in delegation.unshown()


def test_a_link_that_ran_out_is_shown_no_more(delegation: Delegation, maya: Chat):
    def looked() -> str:
        delegation.keeps()
        return maya.screen.text

    assert delegation.invitation in looked()
    delegation.at += timedelta(days=8)
    assert "That invitation has run out." in looked()
    assert not any(delegation.invitation in one for one in opened(delegation))
