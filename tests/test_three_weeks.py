"""Three weeks of preparation, day by day on a simulated clock, as a delegation of five lives through them.

Every line said and every label tapped below is one a person would see; the bot writes unasked what it has to.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.dialog.refusals import REFUSED
from bot.domain.events import RowPut
from bot.domain.projection import literal
from bot.domain.sign_off import state_hash
from bot.exports.json.archive import load
from tests.api import CHECKLISTS, Delegation
from tests.factories import settling
from tests.transcript import says

LEFT_OPEN = ("minimum", "mandate")  # when the three weeks begin; and one row of how the talks will be read
HOURS = (9, 12, 20)  # when the bot looks whom it has to tell; each time one that remembers nothing


def february(day: int) -> date:
    return date(2027, 2, day)


def march(day: int) -> date:
    return date(2027, 3, day)


class Weeks(Delegation):
    """Five people and the bot; days go by, and everything that each of them was told unasked is kept."""

    def __init__(self, folder: Path, *, at: datetime) -> None:
        super().__init__(folder, at=at)
        self.told: dict[str, list[tuple[date, str]]] = {}

    def until(self, day: date) -> None:
        """Let the days pass; it is ten in the morning then."""
        while self.at.date() < day:
            for hour in HOURS:
                if hour >= self.at.hour:
                    self._look(self.at.replace(hour=hour))
            self.at = datetime.combine(self.at.date() + timedelta(days=1), time(0), UTC)
        self._look(datetime.combine(day, time(9), UTC))
        self.at = datetime.combine(day, time(10), UTC)

    def _look(self, at: datetime) -> None:
        for name, one in self.passes(at):
            self.told.setdefault(name, []).append((at.date(), f"{one.title}\n{one.text}"))

    def heard(self, name: str, about: str) -> list[date]:
        """The days on which somebody was told unasked of something, each as often as they were told."""
        return [day for day, text in self.told.get(name, ()) if about in text]

    def shows(self, name: str) -> str:
        """What somebody's chat shows now."""
        return self.chat(name).screen.whole

    def writes(self, name: str, event: RowPut) -> None:
        """Let somebody write in a row as its screens would, where that is not what the story is about."""
        self.happens(event, by=name)

    def says(self, name: str, *lines: str) -> str:
        """What comes back to the last of these lines; a label has to be there when it is tapped."""
        for one in lines:
            answer = "\n".join(says(self, name, one))
            assert "(there is no button" not in answer, f"{one} is not offered to {name}"
        return answer


def _dated(item: str, row: str, cell: str, day: str) -> RowPut:
    """A date in a row."""
    return RowPut(item=item, row=row, cells={cell: literal(CHECKLISTS["us-china-space"].item[item].field[cell], day)})


def _opened(weeks: Weeks) -> Weeks:
    """On 10 February most is settled; three things are left."""
    settled = [
        one
        for one in settling("us-china-space")
        if getattr(one, "item", "") not in LEFT_OPEN and not (isinstance(one, RowPut) and one.row == "m6")
    ]
    rows = CHECKLISTS["us-china-space"].item["parties"].rows
    later = [_dated("parties", row.id, "next_update", "2027-04-01") for row in rows]
    people = ("Maya lead", "Lena lead", "Omar member", "Nina member", "Olga observer")
    weeks.opens("us-china-space", *people, uid="weeks", events=(*settled, *later))
    return weeks


@pytest.mark.prove
def test_three_weeks_of_preparation(tmp_path: Path) -> None:
    talks = _opened(Weeks(tmp_path, at=datetime(2027, 2, 10, 10, tzinfo=UTC)))
    talks.until(february(22))
    the_leads_give_the_work_away(talks)
    who_has_something_is_reminded_until_it_is_late(talks)
    a_member_is_removed_and_hears_nothing_more(talks)
    a_waiver_runs_out_and_its_gap_is_open_again(talks)
    the_gate_comes_and_the_leads_are_told(talks)
    two_leads_sign_and_a_change_makes_it_void(talks)
    facts_grow_old_and_are_confirmed_with_one_tap(talks)
    what_is_kept_for_the_leads_reached_nobody_else(talks)
    on_the_day_of_the_talks_it_is_all_there(talks, tmp_path)


def the_leads_give_the_work_away(talks: Weeks) -> None:
    """On Monday, three weeks before: owners, a day, a waiver, a section that is the leads' own."""
    talks.says("Maya", "/sections", "[Limit expectations · 11 of 12]", "[○ Minimum acceptable outcome]")
    talks.says("Maya", "[Owner: nobody]", "[Nina]", "[Set a date…]", "26 February")
    talks.says("Maya", "/sections", "[Consult allies and partners · 2 of 3]", "[✓ Wider effects]")
    talks.says("Maya", "[Owner: nobody]", "[Omar]", "[Done]", "[Back]", "[▲ Allies and partners]")
    talks.says("Maya", "[Owner: nobody]", "[Omar]", "/gaps", "[4]")
    waived = talks.says("Maya", "[Waive…]", "The embassy drafts it this week.", "3 March")
    assert "Waived until 3 March 2027 in the name of Maya." in waived
    talks.says(
        "Lena", "/sections", "[Authority and decision · 9 of 11]", "[Who sees this section]", "[Keep it for the leads]"
    )
    offered = talks.says("Lena", "[Back]", "[○ Our mandate]", "[Owner: nobody]")
    assert "[Maya]" in offered
    assert "[Omar]" not in offered
    talks.says("Lena", "[Lena (you)]")
    talks.says("Olga", "/reminders", "[Daily digest]")
    for row in ("d1", "d2"):
        talks.writes("Omar", _dated("deciders", row, "verified_on", "2027-02-22"))
    for row in ("p1", "p2", "p3"):
        talks.writes("Omar", _dated("roster", row, "verified_on", "2027-02-22"))
    assert "⛔ NOT READY before waivers | ⛔ NOT READY after" in talks.says("Maya", "/summary")


def who_has_something_is_reminded_until_it_is_late(talks: Weeks) -> None:
    """Three days before, one day before, and on the day; each time once, although the bot looks thrice a day."""
    talks.until(february(27))
    assert talks.heard("Nina", "Minimum acceptable outcome") == [february(23), february(25), february(26)]
    assert not talks.heard("Omar", "Minimum acceptable outcome")
    assert not talks.heard("Omar", "Allies and partners")  # it is waived
    assert talks.heard("Lena", "Our mandate: ")[-1] == february(22)  # given to her when it was late already


def a_member_is_removed_and_hears_nothing_more(talks: Weeks) -> None:
    """On Saturday Nina is removed; Omar has what was hers, is told that it is late, and writes it from the reminder."""
    before = len(talks.told["Nina"])
    talks.says("Maya", "/team", "[Nina…]", "[Remove…]", "[Remove, and Omar has it]")
    assert talks.says("Nina", "/mine") == f"Bot>   {REFUSED}"
    talks.until(march(1))
    assert talks.heard("Omar", "Minimum acceptable outcome") == [february(27)]
    talks.says("Omar", "[Minimum acceptable outcome]", "A second meeting on a fixed date")
    assert "This closes" in talks.says("Omar", "A useful exchange on standards")
    assert "This closes" in talks.says("Omar", "[Common standards]")
    talks.until(march(4))
    assert len(talks.told["Nina"]) == before


def a_waiver_runs_out_and_its_gap_is_open_again(talks: Weeks) -> None:
    """The waiver held until 3 March. On the next morning who gave it and who has the gap are told; all can see it."""
    for name in ("Maya", "Omar"):
        assert talks.heard(name, "its waiver ended on 3 March 2027") == [march(4)]
    assert "⚠ 1 waiver expired, open again: Allies and partners (until 3 March 2027)" in talks.says("Maya", "/summary")
    talks.says("Omar", "/sections", "[Consult allies and partners · 2 of 3]", "[✓ Signals and messaging]")
    talks.says("Omar", "South Korea\tA change of course\tNothing in our alliance changes")
    assert "This closes a major gap" in talks.says("Omar", "[Record 1 row]")
    assert "expired" not in talks.says("Maya", "/summary")


def the_gate_comes_and_the_leads_are_told(talks: Weeks) -> None:
    """Three days before it and on its day; between, Lena closes what kept it shut."""
    talks.until(march(6))
    form = talks.says("Lena", "/sections", "[🔑 Authority and decision · 9 of 11]", "[○ Our mandate]")
    assert "⛔ We have no mandate" in form
    given = "Given by: Sample minister M\nGiven on: 2027-01-04\nScope: Standards, no funds\n"
    typed = f"{given}Our negotiator: Sample B\nWhat it allows: To negotiate a text\nWho can widen it: Sample minister M"
    assert "This closes a blocker" in talks.says("Lena", typed, "[Change this row]")
    talks.until(march(9))
    gate = "The gate “All blockers closed”"
    for name in ("Maya", "Lena"):
        assert talks.heard(name, gate) == [march(5), march(8)]
        told = [text for _, text in talks.told[name] if gate in text]
        assert "2 gaps keep it shut" in told[0]
        assert "✓ Nothing keeps it shut." in told[1]
    assert not talks.heard("Omar", "gate")
    assert "✓ READY" in talks.says("Maya", "/summary")


def two_leads_sign_and_a_change_makes_it_void(talks: Weeks) -> None:
    """Both sign one state. A day later Omar changes an answer: both are told at once, look, and sign again."""
    for name in ("Maya", "Lena"):
        talks.says(name, "/sign", "[Sign for a go…]", "[Sign this state]")
    assert "Signed off: 2 of 2 signed" in talks.says("Maya", "/summary")
    talks.until(march(10))
    talks.says(
        "Omar", "/sections", "[Limit expectations · 12 of 12]", "[✓ Minimum acceptable outcome]", "[✓ Public line]"
    )
    asked = talks.says("Omar", "A frank exchange on standards")
    assert "2 leads have signed; this voids it. Void: Maya (go), Lena (go)." in asked
    assert "⚠ Sign-off VOID" in talks.says("Omar", "[Go on]")
    for name in ("Maya", "Lena"):
        shown = talks.shows(name)
        assert "⚠ Sign-off VOID: the state that was signed has changed. Void: Maya (go), Lena (go)." in shown
        assert "Public line A frank exchange on standards" in shown
    assert "⚠ Sign-off VOID: 0 of 2 signed." in talks.says("Maya", "/summary")
    talks.until(march(11))
    talks.says("Maya", "/sign", "[Sign for a go…]", "[Sign this state]")
    assert "Sign-off: 1 of 2 signed" in talks.says("Lena", "/summary")
    assert "2 of 2 have signed" in talks.says("Lena", "/sign", "[Sign for a go…]", "[Sign this state]")


def facts_grow_old_and_are_confirmed_with_one_tap(talks: Weeks) -> None:
    """What was written on 10 February holds for 30 days. Omar is told on the day it does not, and taps twice.

    That what was signed still holds changes nothing in it: both signatures stand.
    """
    talks.until(march(13))
    assert talks.heard("Omar", "Wider effects") == [march(13)]
    assert "⚠ Since 11 March 2027 time alone has opened 2 gaps" in talks.says("Maya", "/summary")
    talks.says("Omar", "/mine", "[1 still holds]")
    assert "This closes a major gap" in talks.says("Omar", "[1 still holds]")
    assert "VOID" not in talks.shows("Lena")
    assert "Signed off: 2 of 2 signed" in talks.says("Maya", "/summary")
    talks.until(march(14))
    for name in ("Maya", "Lena"):
        assert talks.heard(name, "The gate “Ready for talks”") == [march(11), march(14)]


def what_is_kept_for_the_leads_reached_nobody_else(talks: Weeks) -> None:
    """The observer's digest came every day; neither it nor a reminder ever spoke of the section that is kept."""
    digests = talks.heard("Olga", "Today: talks with China")
    assert digests == [february(22) + timedelta(days=day) for day in range(len(digests))]
    assert digests[-1] == march(14)
    for name in ("Olga", "Omar", "Nina"):
        assert not talks.heard(name, "mandate")
        assert not talks.heard(name, "Authority and decision")
        assert not talks.heard(name, "withheld")
    assert "Of the sections you see" in talks.says("Olga", "/summary")
    found = talks.says("Olga", "/find Standards, no funds")
    assert "Our mandate" not in found


def on_the_day_of_the_talks_it_is_all_there(talks: Weeks, folder: Path) -> None:
    """State, trend, and the whole as a file that another bot takes in as it is."""
    talks.until(march(15))
    summary = talks.says("Maya", "/summary")
    assert "✓ READY" in summary
    assert "Signed off: 2 of 2 signed" in summary
    trend = talks.says("Maya", "[Trend]")
    for marked in (
        "At the opening, 10 February 2027: 3 blockers, 2 major gaps",
        "Today, 15 March 2027: 0 blockers, 0 major gaps",
        "Sign-off on 9 March 2027: 2 signed.",
        "Sign-off on 11 March 2027: 2 signed.",
        "Gate on 8 March 2027: T−7.",
    ):
        assert marked in trend
    text = talks.operator.exported(talks.number)
    (folder / "other").mkdir()
    with Delegation(folder / "other", at=talks.at) as other:
        number = other.operator.imported(load(text))
        assert other.operator.exported(number) == text
    assert load(text).negotiation().signatures[-1].state == state_hash(load(text).negotiation())
    talks.close()
