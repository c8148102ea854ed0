"""Nobody has to look for what is theirs: they are told, once, in time, in their own time, and never too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.application.reminders import LEFT_FOR, Reminder
from bot.dialog.refusals import REFUSED
from bot.domain.access.need_to_know import may_see
from bot.domain.answers import UNKNOWN, Day, Picked
from bot.domain.events import (
    Answered,
    Archived,
    Assigned,
    DueSet,
    Left,
    Pursued,
    Rescheduled,
    Restricted,
    Waived,
)
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.ownership import of_unknown
from bot.domain.readiness.readiness import gaps
from bot.domain.reminders import (
    DigestNotice,
    DueNotice,
    GateNotice,
    Notice,
    NotificationPreferences,
    day_told,
    due_keys,
    notice,
)
from bot.domain.timezones import named, zone
from tests.api import Chat, Delegation, Hooks, ReminderService, on_telegram
from tests.e2e import environment, serving, store_url
from tests.factories import happen, negotiation
from tests.telegram_double import Broken, Flood, TelegramDouble

pytest_plugins = ["tests.conftest_store"]

SOON = 10.0  # seconds
# "minimum" of the small checklist is due 30 days before the talks on 1 March 2027: on 30 January.
DUE = date(2027, 1, 30)


def due_notices(n: Negotiation, person: str, prefs: NotificationPreferences, now: datetime) -> list[Notice]:
    """What a person to whom nothing was told yet is told now."""
    on = prefs.local(now).date()
    return [told for key in due_keys(n, person, prefs, now) if (told := notice(n, person, key, on))]


ALWAYS = NotificationPreferences(quiet=None)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def owned(*items: str, by: str = "omar") -> Negotiation:
    """The small checklist, with items that are Omar's."""
    given = (Assigned(target=item, people=(by,)) for item in items or ("minimum",))
    return happen(negotiation(), *given, by="Maya")


def told_over(
    n: Negotiation, person: str, prefs: NotificationPreferences, moments: list[datetime]
) -> list[tuple[datetime, str]]:
    """What a person is told when somebody looks at these moments, each notice done once told."""
    done: set[str] = set()
    told = []
    for now in moments:
        for key in due_keys(n, person, prefs, now, done):
            done.add(key)
            if notice(n, person, key, prefs.local(now).date()) is not None:
                told.append((now, key))
    return told


def hourly(first: date, days: int) -> list[datetime]:
    return [at(first, 0) + timedelta(hours=hour) for hour in range(24 * days)]


# When


def test_an_owner_is_told_three_days_and_one_day_before_and_on_the_day() -> None:
    told = told_over(owned(), "omar", NotificationPreferences(), hourly(DUE - timedelta(days=10), 20))
    assert [now for now, _ in told] == [at(DUE - timedelta(days=left), 8) for left in (3, 1, 0)]


def test_an_owner_is_told_of_a_fact_on_the_day_it_has_grown_old() -> None:
    """Also when it was due long before, and other things were told since."""
    early, late = date(2026, 11, 20), date(2026, 12, 1)
    n = happen(owned("last_met", "rung"), DueSet(target="last_met", day=early), DueSet(target="rung", day=late))
    n = happen(n, Answered(item="last_met", answer=Day(day=date(2026, 10, 1))), at=at(date(2026, 11, 10)))
    told = told_over(n, "omar", NotificationPreferences(), hourly(date(2026, 11, 11), 50))
    assert [now.date() for now, _ in told] == [
        *(late - timedelta(days=left) for left in (3, 1, 0)),
        date(2026, 12, 11),  # it holds for 30 days
    ]


def test_all_that_is_theirs_comes_in_one_message_worst_first() -> None:
    n = happen(owned("minimum", "rung"), DueSet(target="rung", day=DUE), by="Maya")
    (told,) = due_notices(n, "omar", NotificationPreferences(), at(DUE))
    assert isinstance(told, DueNotice)
    assert [one.item for one in told.charges] == ["minimum", "rung"]


def test_what_is_settled_is_not_spoken_of() -> None:
    n = happen(
        owned(), Answered(item="minimum", answer=negotiation(answers={"minimum": "A line"}).record("minimum").said)
    )
    assert not due_notices(n, "omar", NotificationPreferences(), at(DUE))


def of_work(n: Negotiation, person: str, now: datetime) -> list[DueNotice]:
    """What a person is told of their own work, apart from gates."""
    return [one for one in due_notices(n, person, NotificationPreferences(), now) if isinstance(one, DueNotice)]


def test_nobody_is_told_of_what_is_another_s() -> None:
    assert not of_work(owned(), "maya", at(DUE))


def test_a_gap_with_owners_and_a_day_of_its_own_is_told_to_them() -> None:
    n = negotiation(rows={"parties": {"japan": {"position": None}}})
    key = next(gap.key for gap in gaps(n, DUE) if gap.item == "parties")
    n = happen(n, Assigned(target=key, people=("omar",)), DueSet(target=key, day=DUE), by="Maya")
    (told,) = due_notices(n, "omar", NotificationPreferences(), at(DUE))
    assert isinstance(told, DueNotice)
    assert [one.due for one in told.charges] == [DUE]


def test_an_unknown_that_became_a_task_is_told_to_who_has_it() -> None:
    spot = "topics"
    n = happen(
        negotiation(),
        Answered(item=spot, answer=UNKNOWN),
        Pursued(spot=spot, course="task"),
        Assigned(target=of_unknown(spot), people=("omar",)),
        DueSet(target=of_unknown(spot), day=DUE),
        by="Maya",
    )
    (told,) = due_notices(n, "omar", NotificationPreferences(), at(DUE))
    assert isinstance(told, DueNotice)
    assert [(one.item, one.due) for one in told.charges] == [("topics", DUE)]
    n = happen(n, Answered(item=spot, answer=Picked(options=("data",))))
    assert not due_notices(n, "omar", NotificationPreferences(), at(DUE))


def test_a_waiver_that_has_ended_is_told_loudly_to_who_accepted_it_and_who_has_it() -> None:
    n = owned("mandate")
    gap = next(gap for gap in gaps(n, DUE) if gap.item == "mandate")
    n = happen(n, Waived(gap=gap.key, reason="It comes", until=DUE, severity=gap.severity), by="Maya")
    assert not of_work(n, "maya", at(DUE))
    for person in ("maya", "omar"):
        (told,) = of_work(n, person, at(DUE + timedelta(days=1)))
        assert told.charges[0].lapsed == DUE


def test_leads_are_told_before_each_gate_and_on_its_day_how_it_stands() -> None:
    n = negotiation(checklist="us-china-space", talks_on=date(2027, 3, 15))
    told = told_over(n, "maya", NotificationPreferences(), hourly(date(2027, 2, 1), 45))
    assert [(now, key) for now, key in told if key.startswith("gate:")] == [
        (at(date(2027, 2, 10), 8), "gate:30:2027-02-10"),
        (at(date(2027, 2, 13), 8), "gate:30:2027-02-13"),
        (at(date(2027, 3, 5), 8), "gate:7:2027-03-05"),
        (at(date(2027, 3, 8), 8), "gate:7:2027-03-08"),
        (at(date(2027, 3, 11), 8), "gate:1:2027-03-11"),
        (at(date(2027, 3, 14), 8), "gate:1:2027-03-14"),
    ]
    assert not [
        key for _, key in told_over(n, "omar", NotificationPreferences(), hourly(date(2027, 2, 1), 45)) if "gate" in key
    ]
    (gate,) = due_notices(n, "maya", NotificationPreferences(), at(date(2027, 2, 13)))
    assert isinstance(gate, GateNotice)
    assert gate.passing.holding


def test_the_digest_comes_once_a_day_to_who_switched_it_on() -> None:
    told = told_over(owned(), "maya", NotificationPreferences(digest=True), hourly(date(2027, 1, 4), 5))
    assert [now for now, _ in told] == [at(date(2027, 1, 4 + day), 8) for day in range(5)]
    assert not told_over(owned(), "maya", NotificationPreferences(), hourly(date(2027, 1, 4), 5))


def test_after_the_talks_and_for_talks_that_are_put_away_nobody_is_told_anything() -> None:
    n, wish = owned(), NotificationPreferences(digest=True)
    assert due_notices(n, "omar", wish, at(n.talks_on))
    assert not due_notices(n, "omar", wish, at(n.talks_on + timedelta(days=1)))
    assert not due_notices(happen(n, Archived(archived=True), by="Maya"), "omar", wish, at(DUE))


def test_stopped_reminders_do_not_come_and_resumed_ones_come_as_one() -> None:
    n = happen(owned("minimum", "rung"), DueSet(target="rung", day=DUE + timedelta(days=2)), by="Maya")
    assert not due_keys(n, "omar", NotificationPreferences(reminders=False), at(DUE))
    told = told_over(n, "omar", NotificationPreferences(), [at(DUE + timedelta(days=9)), at(DUE + timedelta(days=10))])
    assert [key for _, key in told] == [f"due:{DUE + timedelta(days=9)}"]


def test_who_left_is_told_nothing() -> None:
    n = happen(owned(), Left(person="omar"), by="Maya")
    assert not due_notices(n, "omar", NotificationPreferences(digest=True), at(DUE))


def test_what_is_kept_for_others_is_not_spoken_of() -> None:
    n = happen(owned(), Restricted(section="expectations", people=()), by="Maya")
    assert not may_see(n, "omar", "minimum")
    assert may_see(n, "maya", "minimum")
    assert not may_see(n, None, "minimum")
    assert not due_notices(n, "omar", NotificationPreferences(), at(DUE))


def test_a_digest_counts_and_tells_only_what_its_reader_may_see() -> None:
    n = happen(owned(), Restricted(section="expectations", people=()), by="Maya")
    line = (Happened(99, at(DUE), "lina", Answered(item="minimum", answer=None)),)
    told = {person: notice(n, person, f"digest:{DUE}", DUE, line) for person in ("maya", "omar")}
    maya, omar = told["maya"], told["omar"]
    assert isinstance(maya, DigestNotice)
    assert isinstance(omar, DigestNotice)
    assert (maya.news, omar.news) == (line, ())
    assert maya.counts.blocker > omar.counts.blocker


# Time zones and quiet hours


@pytest.mark.parametrize(
    ("prefs", "told_at"),
    [
        (NotificationPreferences("Asia/Kolkata"), at(DUE, 2, 30)),
        (NotificationPreferences("America/New_York"), at(DUE, 13)),
        (NotificationPreferences("UTC+05:45"), at(DUE, 2, 15)),
        (NotificationPreferences(quiet=(22 * 60, 9 * 60 + 30)), at(DUE, 9, 30)),
        (NotificationPreferences(quiet=None), at(DUE, 8)),
        (NotificationPreferences(quiet=(12 * 60, 14 * 60)), at(DUE, 8)),
        (NotificationPreferences(quiet=(7 * 60, 17 * 60)), at(DUE, 17)),
        (NotificationPreferences(quiet=(8 * 60, 0)), at(DUE + timedelta(days=1), 0)),  # awake from midnight to eight
    ],
)
def test_a_day_s_notices_come_in_the_person_s_own_morning_or_when_their_quiet_hours_end(
    prefs: NotificationPreferences, told_at: datetime
) -> None:
    begin = at(DUE - timedelta(days=1), 18)  # the day before was told of by then, everywhere here
    moments = [begin + timedelta(minutes=15 * step) for step in range(200)]
    done = {f"due:{DUE - timedelta(days=1)}"}
    first = next(now for now in moments if due_keys(owned(), "omar", prefs, now, done))
    assert first == told_at


@given(
    st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC-11:00"]),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda two: two[0] != two[1]),
    st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_nothing_ever_comes_in_quiet_hours(zone_name: str, quiet: tuple[int, int], now: datetime) -> None:
    prefs = NotificationPreferences(zone_name, quiet)
    clock = prefs.local(now)
    minute, (begin, end) = clock.hour * 60 + clock.minute, quiet
    inside = begin <= minute < end if begin < end else minute >= begin or minute < end
    assert (day_told(prefs, now) is None) == inside


@given(st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]), st.integers(0, 364))
def test_every_day_has_its_moment_also_when_clocks_change(zone_name: str, day: int) -> None:
    """With the usual quiet hours each day can be told of, and only from its own morning on."""
    prefs, wanted = NotificationPreferences(zone_name), date(2027, 1, 2) + timedelta(days=day)
    moments = [at(wanted, 0) + timedelta(minutes=15 * step) for step in range(-60, 200)]
    days = {day_told(prefs, now) for now in moments}
    assert wanted in days
    assert all(told is None or told <= prefs.local(now).date() for now in moments for told in [day_told(prefs, now)])


@pytest.mark.parametrize(("day", "utc"), [(date(2027, 3, 27), 7), (date(2027, 3, 28), 6), (date(2027, 10, 31), 7)])
def test_the_morning_is_eight_by_the_wall_on_the_days_when_clocks_change(day: date, utc: int) -> None:
    prefs = NotificationPreferences("Europe/Paris")
    assert day_told(prefs, at(day, utc) - timedelta(minutes=1)) is None
    assert day_told(prefs, at(day, utc)) == day


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Paris", "Europe/Paris"),
        ("new delhi", "Asia/Kolkata"),
        ("Beijing", "Asia/Shanghai"),
        ("são paulo", "America/Sao_Paulo"),
        ("Washington, D.C.", "America/New_York"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("utc", "UTC"),
        ("+5:30", "UTC+05:30"),
        ("GMT -3", "UTC-03:00"),
        ("UTC+0", "UTC"),
    ],
)
def test_a_zone_is_typed_as_a_city_or_an_offset(typed: str, meant: str) -> None:
    assert named(typed) == (meant,)
    assert zone(meant)


@pytest.mark.parametrize(
    "typed", ["", "?", "Atlantis", "+25", "UTC+14:30", "+3:75", "a" * 500, "../../etc/passwd", "2"]
)
def test_what_is_no_place_is_none(typed: str) -> None:
    assert named(typed) == ()


def test_a_zone_this_machine_does_not_know_is_utc() -> None:
    assert zone("Nowhere/Atlantis") is UTC


# However often and from wherever somebody looks


@given(st.lists(st.integers(0, 24 * 20), min_size=1, max_size=60))
def test_whenever_somebody_looks_nothing_is_told_twice_and_the_last_day_is_never_missed(hours: list[int]) -> None:
    """Looking seldom collapses reminders; whoever looks at last after the day was due has told of it."""
    n, first = owned(), DUE - timedelta(days=8)
    told = told_over(n, "omar", ALWAYS, [at(first, 8) + timedelta(hours=hour) for hour in sorted(hours)])
    keys = [key for _, key in told]
    assert len(keys) == len(set(keys)) <= 3
    last = at(first, 8) + timedelta(hours=max(hours))
    if last >= at(DUE, 8):
        assert any(now >= at(DUE, 8) for now, _ in told)


# The desk


@pytest.fixture
def delegation(url: str, tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path, url=url, at=at(date(2027, 1, 15), 10)) as made:
        made.opens("us-china-space", "Maya lead", "Omar member", "Lina member")
        yield made


# "roster" is due 21 days before the talks on 15 March: on 22 February.
ROSTER = date(2027, 2, 22)


def looks(
    delegation: Delegation, now: datetime, by: ReminderService | None = None, *, send: bool = True
) -> list[Reminder]:
    """What somebody claims at a moment, and sends."""
    delegation.at = now
    reminding, found, more = by or delegation.reminding(), [], True
    while more:
        some, more = reminding.due()
        found += some
    if send:
        for one in found:
            reminding.sent(one, 7000)
    return [one for one in found if one.person != delegation.people["Maya"]]  # whose gates are not meant here


def looks_of_replicas(delegation: Delegation) -> list[Reminder]:
    """What four processes find that look at the same moment, each with its own connection."""
    with ExitStack() as open_ones, ThreadPoolExecutor(4) as pool:
        replicas = [open_ones.enter_context(delegation.replica()) for _ in range(4)]
        return [one for due in pool.map(lambda replica: replica.reminding().due()[0], replicas) for one in due]


def test_two_replicas_tell_a_person_once(delegation: Delegation) -> None:
    """Both look at the same moment, each with its own connection; one of them tells."""
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"], delegation.people["Lina"])))
    delegation.at = at(ROSTER)
    told = [one.person for one in looks_of_replicas(delegation)]
    assert sorted(told) == sorted(delegation.people.values())  # Omar, Lina, and Maya of her gate


def test_what_a_killed_process_claimed_is_sent_by_the_next_one_as_it_is_then(delegation: Delegation) -> None:
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    (claimed,) = looks(delegation, at(ROSTER), send=False)
    assert "due today" in claimed.text
    assert not looks(delegation, at(ROSTER) + LEFT_FOR)
    (again,) = looks(delegation, at(ROSTER) + LEFT_FOR + timedelta(seconds=1))
    assert again.keys == claimed.keys
    assert not looks(delegation, at(ROSTER) + 3 * LEFT_FOR)


def test_two_replicas_take_over_once(delegation: Delegation) -> None:
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    looks(delegation, at(ROSTER), send=False)
    delegation.at = at(ROSTER) + timedelta(hours=1)
    found = [one.person for one in looks_of_replicas(delegation)]
    assert found.count(delegation.people["Omar"]) == 1


def test_after_an_outage_one_message_says_what_is_due_now(delegation: Delegation) -> None:
    """Days of claimed but unsent reminders come to one, and so do days on which nobody looked at all."""
    delegation.happens(Assigned(target="s:allies", people=(delegation.people["Omar"],)))
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    for day in (19, 21, 22):
        looks(delegation, at(date(2027, 2, day)), send=False)
    (told,) = looks(delegation, at(date(2027, 2, 24)))
    assert "2 days ago" in told.text
    assert not looks(delegation, at(date(2027, 2, 25)))


def test_a_new_reminder_takes_the_place_of_one_that_was_never_sent(delegation: Delegation) -> None:
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    looks(delegation, at(date(2027, 2, 19)), send=False)
    assert len(looks(delegation, at(date(2027, 2, 21)))) == 1
    assert not looks(delegation, at(date(2027, 2, 21), 12))


def test_a_removed_person_is_told_nothing_more(delegation: Delegation) -> None:
    """Neither anew nor what was claimed before they were removed."""
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"], delegation.people["Lina"])))
    assert len(looks(delegation, at(ROSTER), send=False)) == 2
    delegation.happens(Left(person=delegation.people["Omar"]))
    told = looks(delegation, at(ROSTER) + timedelta(hours=1))
    assert [one.person for one in told] == [delegation.people["Lina"]]
    assert not looks(delegation, at(ROSTER) + timedelta(hours=2))


def test_a_closed_gap_is_not_spoken_of_by_who_takes_over(delegation: Delegation) -> None:
    delegation.happens(
        Assigned(target="crewed", people=(delegation.people["Omar"],)), DueSet(target="crewed", day=ROSTER)
    )
    assert looks(delegation, at(ROSTER), send=False)
    delegation.happens(Answered(item="crewed", answer=Picked(options=("no",))), by="Omar")
    assert not looks(delegation, at(ROSTER) + timedelta(hours=1))


def test_who_stopped_meanwhile_is_not_told_what_was_claimed(delegation: Delegation, omar: Chat) -> None:
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    assert looks(delegation, at(ROSTER), send=False)
    omar.types("/reminders")
    omar.taps("Stop reminders")
    assert not looks(delegation, at(ROSTER) + timedelta(hours=1))


def test_what_is_kept_for_others_since_is_not_told(delegation: Delegation) -> None:
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    assert looks(delegation, at(ROSTER), send=False)
    delegation.happens(Restricted(section="transparency", people=()))
    assert not looks(delegation, at(ROSTER) + timedelta(hours=1))


def test_what_was_claimed_waits_for_the_end_of_quiet_hours(delegation: Delegation) -> None:
    delegation.happens(Assigned(target="roster", people=(delegation.people["Omar"],)))
    looks(delegation, at(ROSTER, 20, 58), send=False)
    assert not looks(delegation, at(ROSTER, 21, 30))
    assert looks(delegation, at(ROSTER + timedelta(days=1), 8))


def test_a_look_at_negotiations_in_which_nothing_changed_reads_none_of_them(
    delegation: Delegation, faults: Hooks
) -> None:
    reminding = delegation.reminding()
    looks(delegation, at(ROSTER), reminding)
    faults.on("negotiations_unreadable")
    assert not looks(delegation, at(ROSTER, 10), reminding)


def test_many_negotiations_are_looked_at_a_few_at_a_time(delegation: Delegation) -> None:
    """Others' updates get their turn in between: on SQLite one thread does all the work."""
    for count in range(12):
        delegation.opens("bilateral", "Maya lead", uid=f"n{count}", counterpart="Ruritania", subject="the bridge")
    reminding = delegation.reminding()
    assert [reminding.due()[1] for _ in range(3)] == [True, True, False]


def test_how_a_person_wants_to_be_reminded_is_kept(delegation: Delegation, omar: Chat) -> None:
    omar.types("/reminders")
    omar.taps("Time zone")
    omar.types("Geneva")
    omar.taps("Quiet hours")
    omar.types("23-6:30")
    omar.taps("Daily digest")
    assert "Europe/Zurich" in omar.screen.text
    assert "23:00–06:30" in omar.screen.text
    with delegation.store.reading() as tx:
        kept = tx.prefs(delegation.people["Omar"])
        assert kept is not None
        assert (kept.digest, tx.prefs(delegation.people["Maya"])) == (True, None)


# On Telegram


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as started:
        yield started


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


@pytest.fixture
async def at_work(double: TelegramDouble, tmp_path: Path, faults: Hooks) -> AsyncIterator[Delegation]:
    """A bot at work on a double; its people have written to it."""
    faults.pace(reminders=0.05)
    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        made.happens(Assigned(target="roster", people=(made.people["Omar"],)))
        async with on_telegram(made, double, unasked=True):
            for name, number in made.telegram.items():
                await double.person(number, name).type("/start")
                await double.person(number, name).expect("Talks with", SOON)
            await asyncio.sleep(0.3)  # until all is shown
            yield made


@pytest.mark.slow
async def test_a_reminder_is_a_message_of_its_own_and_its_buttons_lead_on_below(
    double: TelegramDouble, at_work: Delegation
) -> None:
    omar = double.person(at_work.telegram["Omar"], "Omar")
    live = omar.screen
    at_work.at = at(ROSTER)
    told = await omar.expect("due today", SOON)
    assert told.message_id != live.message_id
    assert live.message_id in {one.message_id for one in omar.messages}
    press = await omar.tap("Their delegation")
    item = await omar.expect("Who will sit across the table?", SOON)
    await until(lambda: press.answered)
    assert item.message_id > told.message_id
    assert "due today" in next(one for one in omar.messages if one.message_id == told.message_id).text
    await omar.tap("Why")
    await omar.expect("Why: Their delegation", SOON)
    assert omar.screen.message_id == item.message_id
    await asyncio.sleep(0.3)
    assert sum("due today" in one for one in omar.texts) == 1


@pytest.mark.slow
async def test_the_buttons_of_a_reminder_do_nothing_for_who_was_removed(
    double: TelegramDouble, at_work: Delegation
) -> None:
    omar = double.person(at_work.telegram["Omar"], "Omar")
    at_work.at = at(ROSTER)
    told = await omar.expect("due today", SOON)
    at_work.happens(Left(person=at_work.people["Omar"]))
    press = await omar.tap("Their delegation", screen=told)
    await until(lambda: press.answered)
    assert press.notice == REFUSED
    assert "Who will sit" not in "".join(omar.texts)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Broken(), Flood(1)])
async def test_what_telegram_would_not_take_is_sent_later(
    double: TelegramDouble, at_work: Delegation, fault: Broken | Flood
) -> None:
    omar, maya = (double.person(at_work.telegram[name], name) for name in ("Omar", "Maya"))
    double.faults.fail_next(fault, "sendMessage", times=2)  # Omar's, and Maya's of her gate
    at_work.at = at(ROSTER)
    await until(lambda: double.world.calls["sendMessage"] >= 4)
    await asyncio.sleep(1.2)
    assert "due today" not in omar.screen.text
    assert not double.faults.violations
    at_work.at += LEFT_FOR + timedelta(seconds=1)
    await omar.expect("due today", SOON)
    await maya.expect("The gate", SOON)


@pytest.mark.slow
async def test_who_blocked_the_bot_is_not_tried_again(double: TelegramDouble, at_work: Delegation) -> None:
    omar = double.person(at_work.telegram["Omar"], "Omar")
    await omar.block()
    at_work.at = at(ROSTER)
    await double.person(at_work.telegram["Maya"], "Maya").expect("The gate", SOON)
    await asyncio.sleep(0.2)
    calls = double.world.calls["sendMessage"]
    at_work.at += 2 * LEFT_FOR
    await asyncio.sleep(0.4)
    assert double.world.calls["sendMessage"] == calls


@pytest.mark.prove
async def test_the_bot_s_own_process_reminds_and_keeps_a_card(double: TelegramDouble, tmp_path: Path) -> None:
    """All is wired: what is due when the bot starts is told, and a group that asks has its card."""
    with Delegation(tmp_path, url=store_url(tmp_path), at=datetime.now(UTC)) as delegation:
        delegation.opens("us-china-space", "Maya lead", "Omar member")
        delegation.chat("Omar").types("/reminders")
        delegation.chat("Omar").taps("Quiet hours", "None")
        today = delegation.at.date()
        delegation.happens(
            Rescheduled(talks_on=today + timedelta(days=60)),
            Assigned(target="roster", people=(delegation.people["Omar"],)),
            DueSet(target="roster", day=today),
        )
    maya, omar = (double.person(delegation.telegram[name], name) for name in ("Maya", "Omar"))
    group = double.group(-5, "Delegation")
    await omar.type("/help")
    await maya.type("/card@readiness_bot", group=group)
    async with serving(environment(double, tmp_path, TELEGRAM_BOT_TOKEN=double.token), tmp_path) as bot:
        await group.expect("60 days left", 20)
        await until(lambda: any("Yours, worst first" in one for one in omar.texts))
        assert await bot.stop() == 0
    assert "Traceback" not in bot.said
