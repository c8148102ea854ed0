"""Talks are destroyed on the day that their leads set, never earlier and never by surprise."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.__main__ import main
from bot.dialog.refusals import REFUSED
from bot.domain.events import Archived, EvidenceAdded, Keep, Rescheduled
from bot.domain.negotiation import Negotiation
from bot.domain.reminders import NotificationPreferences, due_keys
from bot.domain.retention import RetentionNote, ends, judged
from bot.runtime.settings import NAMES
from bot.storage.integrity.verification import BOUND
from bot.storage.repositories.group_cards import GroupCardRow
from tests.api import KEY, ROOT, TALKS_ON, Chat, Delegation
from tests.factories import TALKS, happen, negotiation

pytestmark = pytest.mark.slow

LAST = TALKS_ON + timedelta(days=30)
CANARY = "the fourteenth parallel"


def kept(days: int = 30, after: str = "talks") -> Negotiation:
    return happen(negotiation(), Keep(days=days, after=after), by="Maya")  # type: ignore[arg-type]


def day(number: int) -> date:
    return TALKS + timedelta(days=30 + number)


# The rule


def test_the_last_day_moves_with_the_talks_and_counts_from_when_they_are_put_away():
    assert ends(negotiation()) is None
    assert ends(kept()) == TALKS + timedelta(days=30)
    assert ends(happen(kept(), Rescheduled(talks_on=TALKS + timedelta(days=5)))) == TALKS + timedelta(days=35)
    assert ends(kept(after="away")) is None
    away = happen(kept(60, "away"), Archived(archived=True), at=datetime(2027, 5, 1, 12, tzinfo=UTC))
    assert ends(away) == date(2027, 6, 30)
    assert ends(happen(away, Archived(archived=False))) is None
    assert ends(happen(kept(), Keep(days=None))) is None


def test_talks_are_destroyed_only_after_a_warning_and_two_days_that_agree():
    n, told, noted = kept(), day(-14), RetentionNote(day(0), day(1))
    assert judged(n, day(0), told, None) == "keep"
    assert judged(n, day(1), None, noted) == "keep"  # nobody was told
    assert judged(n, day(1), told, None) == "note"
    assert judged(n, day(1), told, noted) == "keep"  # the same day again
    assert judged(n, day(2), told, noted) == "destroy"
    assert judged(n, day(2), day(1), noted) == "keep"  # told only yesterday
    assert judged(n, day(2), told, RetentionNote(day(-5), day(1))) == "note"  # what was noted was another end
    assert judged(n, day(2), told, RetentionNote(day(0), day(9))) == "note"  # by a clock that was ahead
    assert judged(negotiation(), day(2), told, noted) == "keep"


def test_leads_are_warned_fourteen_and_two_days_before_whatever_they_wish():
    """Also of talks that are over or put away, where nothing else is told."""

    def keys(number: int, who: str = "maya", n: Negotiation | None = None) -> list[str]:
        at = datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=12)
        found = due_keys(n or kept(), who, NotificationPreferences(reminders=False), at)
        return [key for key in found if key.startswith("end:")]

    assert keys(-15) == []
    assert keys(-14) == keys(-3) == [f"end:14:{day(0)}"]
    assert keys(-2) == keys(400) == [f"end:2:{day(0)}"]
    assert keys(-2, "omar") == []
    assert keys(-2, n=happen(kept(), Archived(archived=True))) == [f"end:2:{day(0)}"]


# At the desk


@pytest.fixture(autouse=True)
def _kept_for_thirty_days(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    """Talks that are kept for thirty days after they begin, with words, a file, an invitation and a group in them."""
    omar.goes_to("Limit expectations", "Minimum acceptable outcome")
    omar.types(CANARY)
    omar.types("/continue")
    omar.sends_file("plan.pdf", 300)
    omar.types(f"{CANARY}, half typed")
    maya.types("/team")
    maya.taps("Invite a member", "Done")
    maya.types("/team")
    maya.taps("How long they are kept…")
    maya.types("30")
    with delegation.store.transaction() as tx:
        for number, gone in ((-5, False), (-6, True)):
            tx.put_group(GroupCardRow(number, delegation.number, maya.person, "Ours", 7, text=CANARY, gone=gone))


def at(delegation: Delegation, when: date, hour: int = 12) -> None:
    delegation.at = datetime.combine(when, datetime.min.time(), UTC) + timedelta(hours=hour)


def looked(delegation: Delegation, when: date, *, told: bool = True) -> bool:
    """A day's look by a process that remembers nothing; whether the talks are still there."""
    at(delegation, when)
    if told:
        reminding = delegation.reminding()
        for number, one in enumerate(reminding.due()[0]):
            reminding.sent(one, 8000 + number)
    delegation.keeps()
    return [one for one, _, _ in delegation.operator.negotiations()] == [delegation.number]


def test_the_day_comes_and_the_talks_go_and_the_rest_verifies(delegation: Delegation, omar: Chat):
    assert looked(delegation, LAST - timedelta(days=14))
    assert looked(delegation, LAST)
    assert looked(delegation, LAST + timedelta(days=1))
    assert looked(delegation, LAST + timedelta(days=1))
    assert not looked(delegation, LAST + timedelta(days=2))
    assert delegation.verified() == []
    assert REFUSED in omar.screen.text


def test_a_clock_that_jumps_ahead_for_a_while_destroys_nothing(delegation: Delegation):
    """Neither by an hour at the wrong date, nor by two wrong hours on either side of a right day."""
    assert looked(delegation, LAST - timedelta(days=14))
    assert looked(delegation, LAST + timedelta(days=5))
    assert looked(delegation, LAST - timedelta(days=13))
    assert looked(delegation, LAST + timedelta(days=6))
    assert looked(delegation, LAST - timedelta(days=12))
    assert looked(delegation, LAST)


def test_a_bot_that_was_away_warns_first(delegation: Delegation):
    """It starts long after the last day: the leads are told, and have two days."""
    late = LAST + timedelta(days=100)
    assert looked(delegation, late)
    assert looked(delegation, late + timedelta(days=1))
    assert looked(delegation, late + timedelta(days=2))
    assert not looked(delegation, late + timedelta(days=3))


def test_nobody_told_nothing_destroyed(delegation: Delegation):
    """Where Telegram takes no message, the operator must do it by hand."""
    for number in range(-20, 40):
        assert looked(delegation, LAST + timedelta(days=number), told=False)
    assert delegation.keeping().past() == [delegation.number]


def test_talks_that_are_kept_longer_after_all_stay(delegation: Delegation, maya: Chat):
    assert looked(delegation, LAST - timedelta(days=14))
    assert looked(delegation, LAST + timedelta(days=1))
    maya.types("/team")
    maya.taps("How long they are kept…")
    maya.types("365 days after the talks")
    assert looked(delegation, LAST + timedelta(days=2))
    assert looked(delegation, LAST + timedelta(days=60))


def opened(delegation: Delegation) -> list[str]:
    """Everything that is sealed in any table, opened with this installation's key."""
    found = []
    with delegation.store.operating() as tx:
        for table, names, home in BOUND:
            for row in tx._connection.execute(select(table)):  # noqa: SLF001 (all of it, not what the bot asks for)
                vault = tx._vault  # noqa: SLF001
                found += [
                    vault.open(home(row, name), body).decode("latin-1")
                    for name in names
                    if (body := getattr(row, name))
                ]
    return found


def test_what_is_destroyed_stands_in_no_table_any_more(delegation: Delegation):
    """Neither in chats, files, places heard from, notices, cards nor invitations."""
    utf8 = CANARY.encode().decode("latin-1")
    assert sum(utf8 in one for one in opened(delegation)) > 2
    (file,) = [event.evidence.id for event in delegation.events() if isinstance(event, EvidenceAdded)]
    delegation.purge()
    assert [one for one in opened(delegation) if utf8 in one or "%PDF" in one] == []
    with delegation.store.reading() as tx:
        assert tx.file(file) is None
        assert tx.open_invites(delegation.number, "") == 0
    assert delegation.verified() == []


def test_the_operator_destroys_by_hand_what_is_past_its_day(
    delegation: Delegation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """And only that; a number and --due are not given together."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/chat.db")
    monkeypatch.setenv("READINESS_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("READINESS_CHECKLISTS", str(ROOT / "checklists"))
    monkeypatch.setenv("READINESS_DATA", str(tmp_path / "data"))
    due = ["purge", "--due", "--yes"]
    assert "Give the number of a negotiation, or --due" in CliRunner().invoke(main, [*due, "1"]).output
    before = CliRunner().invoke(main, due).output
    assert before == "No negotiation is past the last day on which it is to be kept.\n"
    delegation.happens(Rescheduled(talks_on=date(2020, 1, 1)), by="")
    assert "Negotiation 1 (sample) is destroyed." in CliRunner().invoke(main, due).output
    assert delegation.operator.negotiations() == []
