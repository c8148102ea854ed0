"""Whose day it is: everybody's gaps, gates, waivers and signatures go by the team's; a typed "today" by one's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.domain.events import Archived, Assigned, DueSet, Keep, Waived
from bot.domain.reminders import NotificationPreferences, day_told
from tests.api import CHECKLISTS, TALKS_ON, Delegation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)
AHEAD, BEHIND = ZoneInfo("Pacific/Auckland"), ZoneInfo("Pacific/Honolulu")  # it is the 16th, and the 15th at 2 h
LEFT = (TALKS_ON - date(2027, 1, 15)).days


@pytest.fixture(params=[AHEAD, BEHIND, UTC], ids=str)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Delegation]:
    """Maya, who leads, and Omar; the zone of their team is one after the other."""
    with Delegation(tmp_path, at=NOON, zone=request.param) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        yield made


def ahead(there: Delegation) -> bool:
    return there.zone == AHEAD


def test_days_to_the_talks_and_to_gates_are_counted_from_the_team_s_day(there: Delegation) -> None:
    maya = there.chat("Maya")
    left = LEFT - ahead(there)
    assert f"{left} days left" in maya.types("/home")
    to_gate = left - max(gate.days for gate in CHECKLISTS["us-china-space"].gates if gate.days <= left)
    assert f"in {to_gate} day" in maya.types("/gates")


def test_a_waiver_ends_with_the_team_s_day(there: Delegation) -> None:
    there.happens(Waived(gap="minimum/none", reason="A sample", until=date(2027, 1, 15), severity="blocker"))
    assert ("1 waiver expired" in there.chat("Maya").types("/summary")) == ahead(there)


def test_something_is_late_once_its_day_is_over_for_the_team(there: Delegation) -> None:
    there.happens(
        Assigned(target="mandate", people=(there.people["Omar"],)), DueSet(target="mandate", day=date(2027, 1, 15))
    )
    assert ("‼" in there.chat("Omar").types("/mine")) == ahead(there)


def test_what_is_due_is_told_by_the_team_s_day_in_the_morning_of_the_person(there: Delegation) -> None:
    omar = there.people["Omar"]
    there.happens(Assigned(target="mandate", people=(omar,)), DueSet(target="mandate", day=date(2027, 1, 19)))
    there.at = datetime(2027, 1, 15, 20, tzinfo=UTC)  # 9 o'clock on the 16th in Auckland, 10 on the 15th in Honolulu
    due = [
        one for name, one in there.passes(there.at) if name == "Omar" and any(k.startswith("due:") for k in one.keys)
    ]
    assert bool(due) == ahead(there), "three days before"


def test_today_is_the_day_of_whoever_types_it(there: Delegation) -> None:
    """Maya is in New York and said so; it is the 15th there, whatever the team's day."""
    maya = there.chat("Maya")
    maya.types("/reminders")
    maya.taps("Time zone")
    maya.types("New York")
    there.at = datetime(2027, 1, 16, 2, tzinfo=UTC)
    maya.types("/changed")
    maya.taps("Since a date…")
    assert "15 January 2027" in maya.types("today")


def test_who_never_named_a_zone_types_by_the_clocks_of_the_team(there: Delegation) -> None:
    maya = there.chat("Maya")
    assert f"Time zone: {there.zone}" in maya.types("/reminders")
    maya.types("/changed")
    maya.taps("Since a date…")
    assert ("16 January 2027" in maya.types("today")) == ahead(there)


@pytest.mark.slow
def test_what_is_kept_is_utc_and_reads_the_same_in_whichever_zone(there: Delegation) -> None:
    there.chat("Maya").types("/team")
    there.chat("Maya").taps("Invite a member")
    with there.store.reading() as tx:
        assert {row.at[-6:] for row in tx.events(1, 0)} == {"+00:00"}
    assert there.verified() == []
    before = [one.at for one in there.line()]
    there.zone = UTC
    there.restarts()
    assert [one.at for one in there.line()] == before
    assert there.verified() == []
    assert "You are in" not in there.chat("Lina").joins()


@pytest.mark.slow
def test_a_file_says_when_in_the_team_s_time_and_names_its_zone(there: Delegation) -> None:
    name = {AHEAD: "16 January 2027, 01:00 NZDT", BEHIND: "15 January 2027, 02:00 HST"}
    assert name.get(there.zone, "15 January 2027, 12:00 UTC") in there.operator.taken(1, "markdown").decode()
    for form in ("html", "word", "pdf", "calendar"):
        assert there.operator.taken(1, form)


def test_an_invitation_runs_out_after_seven_days_whatever_the_zone(there: Delegation) -> None:
    there.chat("Maya").types("/team")
    there.chat("Maya").taps("Invite a member")
    there.at = NOON + timedelta(days=7, minutes=1)
    there.restarts()
    assert "works for its own delegations only" in there.chat("Lina").joins()


def test_talks_are_past_their_last_day_by_the_team_s(there: Delegation) -> None:
    """They are kept for a day after they were put away, which was on the 14th for all of these teams."""
    there.at = datetime(2027, 1, 14, 10, 30, tzinfo=UTC)
    there.happens(Keep(days=1, after="away"), Archived(archived=True))
    there.at = NOON
    assert (there.keeping().past() == [1]) == ahead(there)


def test_nobody_is_told_of_a_day_that_has_not_begun_for_the_team() -> None:
    """In Tokyo it is eight on the morning of the 16th, in Honolulu, where the team is, one in the afternoon before."""
    prefs, now = NotificationPreferences("Asia/Tokyo"), datetime(2027, 1, 15, 23, tzinfo=UTC)
    assert day_told(prefs, now.astimezone(BEHIND)) == date(2027, 1, 15)
    assert day_told(prefs, now.astimezone(AHEAD)) == date(2027, 1, 16)


@pytest.mark.slow
def test_the_setting_is_heeded(tmp_path: Path) -> None:
    given = {"READINESS_DATA": str(tmp_path / "data"), "READINESS_TIMEZONE": "pacific/kiritimati"}
    run = CliRunner()
    assert run.invoke(main, ["talk", "--sample"], env=given, input="/bye\n").exit_code == 0
    out = str(tmp_path / "talks.md")
    taken = run.invoke(main, ["export", "1", "--format", "markdown", "-o", out], env=given)
    assert taken.exit_code == 0, taken.output
    assert " +14, after " in (tmp_path / "talks.md").read_text(encoding="utf-8")
