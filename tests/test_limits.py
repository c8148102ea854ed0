"""So much and no more: each limit says what it is, what was kept, and what to do instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.dialog.contract import NegotiationLine
from bot.dialog.limit_messages import over, stored_bytes
from bot.domain import limits
from bot.domain.answers import Text
from bot.domain.events import (
    Answered,
    AnyEvent,
    Archived,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    Invited,
    Left,
    Opened,
    Role,
    RowPut,
    RowRemoved,
)
from bot.domain.negotiation import Negotiation
from tests.api import Chat, Context, Delegation, Hooks
from tests.api import context as room_of
from tests.factories import MONDAY, happen, negotiation

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def context(n: Negotiation | None, **more: object) -> Context:
    return room_of(n, "Maya", now=NOW, **more)


def file(size: int, key: str = "f1", item: str = "goals") -> EvidenceAdded:
    return EvidenceAdded(item=item, evidence=Evidence(id=key, form="file", text="a.pdf", size=size))


def row(key: str, item: str = "goals") -> RowPut:
    return RowPut(item=item, row=key, cells={"goal": Text(text="x")})


@pytest.fixture
def small(faults: Hooks) -> None:
    """The same limits, but near."""
    faults.limits(rows=3, evidence=2, files=5_000_000, events=30, led=2, invitations=2)


def test_the_limits_leave_room_for_what_delegations_do():
    """The real numbers: a year of work by a large delegation stays below each."""
    assert limits.ROWS >= 5 * limits.ROWS_PASTED
    assert limits.FILES >= 50 * limits.FILE
    assert limits.EVENTS >= 365 * 500
    assert over(context(happen(negotiation(), *(row(f"x{nth}") for nth in range(300)))), (row("y"),)) is None


@pytest.mark.usefixtures("small")
def test_a_full_table_takes_no_row_but_changes_and_removals():
    n = happen(negotiation(), row("a"), row("b"), row("c"))
    why = over(context(n), (row("d"),))
    assert why is not None
    assert "A table takes 3 rows, and “Goals” has 3. Those are kept. Remove rows" in why
    assert over(context(n), (row("a"),)) is None
    assert over(context(n), (RowRemoved(item="goals", row="a"),)) is None
    assert over(context(n), (RowRemoved(item="goals", row="a"), row("d"))) is None
    assert over(context(happen(n, RowRemoved(item="goals", row="a"))), (row("d"),)) is None


@pytest.mark.usefixtures("small")
def test_a_paste_that_would_overfill_a_table_is_refused_whole():
    n = happen(negotiation(), row("a"))
    assert over(context(n), (row("b"), row("c"))) is None
    assert "has 1." in str(over(context(n), (row("b"), row("c"), row("d"))))


@pytest.mark.usefixtures("small")
def test_an_item_takes_so_much_evidence():
    n = happen(negotiation(), file(1, "f1"), file(1, "f2"))
    assert "An item takes 2 pieces of evidence, and “Goals” has them all. They are kept." in str(
        over(context(n), (file(1, "f3"),))
    )
    assert over(context(n), (file(1, "f3", "asks"),)) is None
    assert over(context(happen(n, EvidenceRemoved(item="goals", evidence="f1"))), (file(1, "f3"),)) is None


@pytest.mark.usefixtures("small")
def test_files_taken_away_still_count_since_they_are_still_stored():
    """Else sending and removing the same file over and over would fill the disk."""
    n = happen(negotiation(), file(3_000_000), EvidenceRemoved(item="goals", evidence="f1"))
    assert stored_bytes(n) == 3_000_000
    assert "All of it is kept." in str(over(context(n), (file(2_500_000, "f2"),)))
    assert over(context(n), (file(1_000_000, "f2"),)) is None


@pytest.mark.usefixtures("small")
def test_talks_with_too_many_changes_can_still_be_read_left_and_put_away():
    n = replace(negotiation(), seq=30)
    refused: tuple[AnyEvent, ...] = (Answered(item="goals", answer=None),)
    assert "These talks hold 30 changes" in str(over(context(n), refused))
    assert over(context(n), (Archived(archived=True),)) is None
    assert over(context(n), (Left(person="Omar"),)) is None
    assert over(context(replace(n, seq=29)), refused) is None


@pytest.mark.usefixtures("small")
def test_one_person_leads_so_many_talks():
    opened = Opened(uid="u", checklist="c", counterpart="X", subject="y", talks_on=MONDAY, given={})
    led = tuple(NegotiationLine(number, "X", "y", Role.LEAD) for number in range(2))
    assert "You lead 2 sets of talks" in str(over(context(None, talks=led), (opened,)))
    assert over(context(None, talks=(led[0], replace(led[1], role=Role.MEMBER))), (opened,)) is None


@pytest.mark.usefixtures("small")
def test_so_many_invitations_are_open_at_a_time():
    invited = Invited(invite="h", role=Role.MEMBER, expires_at=NOW)
    assert over(context(negotiation(), invited=lambda: 1), (invited,)) is None
    assert "2 invitations to these talks are open" in str(over(context(negotiation(), invited=lambda: 2), (invited,)))


# At the desk


@pytest.mark.usefixtures("small")
def test_used_and_expired_invitations_make_room_for_others(delegation: Delegation, maya: Chat, lina: Chat):
    maya.types("/team")
    for _ in range(2):
        assert "Send this link" in maya.taps("Invite a member")
        maya.taps("Done")
    assert "2 invitations to these talks are open" in maya.taps("Invite a member")
    lina.joins()
    assert "Send this link" in maya.taps("Invite a member")
    maya.taps("Done")
    assert "are open" in maya.taps("Invite a member")
    delegation.at += timedelta(days=8)
    assert "Send this link" in maya.taps("Invite a member")


@pytest.mark.slow
def test_a_text_that_is_too_long_is_refused_with_what_to_do(omar: Chat):
    omar.types("/sections")
    omar.taps("Limit expectations · 0 of 12", "○ Minimum acceptable outcome")
    said = omar.types("x" * (limits.TEXT + 1))
    assert "That is 20,001 characters long, and an answer takes 20,000. Nothing was recorded." in said
    assert "send it as a file under Evidence" in said
