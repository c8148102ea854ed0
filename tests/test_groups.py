"""The card in the delegation's group: one pinned message, kept up to date, with counts and nothing of content."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.dialog.refusals import REFUSED
from bot.dialog.screens.group_cards import CLOSED, PUT_AWAY, card
from bot.domain.answers import Picked, Text
from bot.domain.checklist import Severity
from bot.domain.events import Answered, AnyEvent, Archived, Restricted, RowPut
from bot.domain.readiness.readiness import readiness
from bot.telegram import group_presenter
from tests.api import CHECKLISTS, Delegation, Hooks, on_telegram
from tests.factories import MONDAY, happen, negotiation
from tests.telegram_double import Broken, Flood, TelegramDouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.telegram_double import Group, Person

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow

SOON = 10.0  # seconds
QUICK = 0.05  # seconds between calls to a group, where a test is not about that


@dataclass
class Office:
    """A bot at work on a double, with a delegation of Maya, who leads, and Omar."""

    delegation: Delegation
    double: TelegramDouble

    def person(self, name: str) -> Person:
        return self.double.person(self.delegation.telegram[name], name)

    def happens(self, *events: AnyEvent, number: int | None = None, by: str = "Omar") -> None:
        """Let things happen in the negotiation, as another replica would write them."""
        self.delegation.happens(*events, number=number, by=by)

    async def card_in(self, group: Group, by: str = "Maya") -> None:
        """A person asks for a card in a group, and it appears."""
        await self.person(by).type("/card@readiness_bot", group=group)
        await group.expect("left", SOON)


@asynccontextmanager
async def office(folder: Path, double: TelegramDouble, *, second: bool = False) -> AsyncIterator[Office]:
    with Delegation(folder) as delegation:
        delegation.opens("us-china-space", "Maya lead", "Omar member")
        if second:
            open_others(delegation, "Maya")
        here = Office(delegation, double)
        async with on_telegram(delegation, double, unasked=True):
            for name in ("Maya", "Omar"):
                await here.person(name).type("/start")
                await here.person(name).expect("Talks with", SOON)
            yield here


def open_others(delegation: Delegation, lead: str) -> None:
    """Open talks with Ruritania, in 30 days, that a person leads."""
    day = delegation.at.date() + timedelta(days=30)
    delegation.opens(
        "bilateral", f"{lead} lead", uid="others", counterpart="Ruritania", subject="the bridge", talks_on=day
    )


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as started:
        yield started


@pytest.fixture
def quick(faults: Hooks) -> None:
    faults.pace(group_card=QUICK, reminders=QUICK)


async def until(condition: Callable[[], object], seconds: float = SOON) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


# What it says


def test_a_card_holds_the_state_the_days_left_and_counts_and_no_content() -> None:
    n = negotiation(
        checklist="us-china-space",
        answers={"crewed": "yes"},
        rows={"goals": {"r1": {"goal": "See who approves the budget"}}},
        waived={"mandate": "The letter arrives on Monday"},
    )
    said = card(n, MONDAY)
    assert said.startswith("⛔ NOT READY · 119 days left\n")
    assert f"⛔ blocker: {readiness(n, MONDAY).number(Severity.BLOCKER)} open" in said
    words = [*(item.label for item in n.checklist.item.values()), *(one.title for one in n.checklist.sections)]
    words += [n.counterpart, n.subject, "budget", "Monday", *(one.name for one in n.here)]
    words += [gap.says for gap in readiness(n, MONDAY).gaps]
    assert not [word for word in words if word in said]


def test_what_is_kept_for_some_is_not_counted_in_a_group() -> None:
    n = negotiation(checklist="us-china-space")
    kept = happen(n, Restricted(section="transparency", people=("omar",)), by="Maya")
    assert card(kept, MONDAY) != card(n, MONDAY)
    assert "△" in card(kept, MONDAY)


# How a group gets one


@pytest.mark.usefixtures("quick")
async def test_a_lead_gets_a_pinned_card_that_is_edited_in_place(double: TelegramDouble, tmp_path: Path) -> None:
    """Asked for once, it stands pinned in one message, follows every change, and has a way into the private chat."""
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        await until(lambda: group.pinned)
        (first,) = group.messages
        assert [(button.label, button.url) for row in first.rows for button in row] == [
            ("Open the private chat", "https://t.me/readiness_bot")
        ]
        assert "59 days left" in first.text
        here.happens(Answered(item="crewed", answer=Picked(options=("no",))))
        await until(lambda: group.screen.text != first.text)
        assert [one.message_id for one in group.messages] == [first.message_id]
        here.delegation.at += timedelta(days=1)
        await group.expect("58 days left", SOON)
        assert [one.message_id for one in group.pinned] == [first.message_id]
        assert double.world.calls["sendMessage"] >= 1


@pytest.mark.usefixtures("quick")
async def test_nothing_anybody_answers_is_ever_said_in_the_group(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        here.happens(
            Answered(item="crewed", answer=Picked(options=("no",))),
            RowPut(item="goals", row="r1", cells={"goal": Text(text="See who approves the budget")}),
        )
        await until(lambda: len(group.texts) > 1)
        said = "\n".join(group.texts)
    labels = [item.label for item in CHECKLISTS["us-china-space"].item.values()]
    assert not [word for word in (*labels, "budget", "China", "space", "Maya", "Omar") if word in said]


@pytest.mark.usefixtures("quick")
async def test_only_a_lead_gets_a_card_and_the_others_are_told_in_private(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.person("Omar").type("/card@readiness_bot", group=group)
        await here.person("Omar").expect("Only a lead", SOON)
        stranger = double.person(900, "Stranger")
        await stranger.type("/card@readiness_bot", group=group)
        await group.expect(REFUSED, SOON)
        assert len(group.messages) == 1
        assert not group.pinned


@pytest.mark.usefixtures("quick")
async def test_who_leads_several_talks_chooses_in_private(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double, second=True) as here:
        group, maya = double.group(-5, "Delegation"), here.person("Maya")
        await maya.type("/card@readiness_bot", group=group)
        asked = await maya.expect("Which talks shall “Delegation” show?", SOON)
        assert any("Ruritania" in label for label in asked.labels)
        assert not group.messages
        await maya.tap(next(label for label in asked.labels if "Ruritania" in label))
        await group.expect("30 days left", SOON)
        await maya.type("/card@readiness_bot", group=group)
        await maya.expect("shows its card already", SOON)
        assert len(group.messages) == 1


@pytest.mark.usefixtures("quick")
async def test_a_group_with_other_talks_card_keeps_it(double: TelegramDouble, tmp_path: Path) -> None:
    """Whoever leads other talks is told so in private, and the group hears nothing."""
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        here.delegation.meets("Nora", lead=True)
        open_others(here.delegation, "Nora")
        nora = here.person("Nora")
        await nora.type("/start")
        await nora.expect("Ruritania", SOON)
        await nora.type("/card@readiness_bot", group=group)
        await nora.expect("other talks already", SOON)
        assert "59 days left" in group.screen.text
        assert len(group.messages) == 1


@pytest.mark.usefixtures("quick")
async def test_a_lead_takes_the_card_away(double: TelegramDouble, tmp_path: Path) -> None:
    """Its last word holds no counts, it is unpinned, and the next change is not shown there."""
    async with office(tmp_path, double) as here:
        group, maya = double.group(-5, "Delegation"), here.person("Maya")
        await here.card_in(group)
        await until(lambda: group.pinned)
        await maya.type("/card")
        await maya.expect("Shown in: Delegation", SOON)
        await maya.tap("Take away: Delegation")
        await group.expect(CLOSED, SOON)
        await until(lambda: not group.pinned)
        here.happens(Answered(item="crewed", answer=Picked(options=("no",))))
        await asyncio.sleep(10 * QUICK)
        assert group.screen.text == CLOSED
        assert group.screen.labels == []


@pytest.mark.usefixtures("quick")
async def test_a_member_does_not_take_the_card_away(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group, omar = double.group(-5, "Delegation"), here.person("Omar")
        await here.card_in(group)
        await omar.type("/card")
        await omar.expect("Only Maya, the lead", SOON)
        press = await omar.forge("1!away:-5@5")
        await until(lambda: press.answered)
        assert press.notice == REFUSED
        assert "59 days left" in group.screen.text


# What happens to groups


@pytest.mark.usefixtures("quick")
async def test_the_card_follows_its_group_into_a_supergroup(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        await until(lambda: group.pinned)
        above = group.become_supergroup(-1001)
        await above.expect("59 days left", SOON)
        await until(lambda: above.pinned)
        here.delegation.at += timedelta(days=1)
        await above.expect("58 days left", SOON)
        assert len(above.messages) == 1


@pytest.mark.usefixtures("quick")
async def test_it_follows_too_when_only_a_refused_call_says_where(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        await until(lambda: group.pinned)
        above = group.become_supergroup(-1001, tell=False)
        here.delegation.at += timedelta(days=1)
        await above.expect("58 days left", SOON)
        await until(lambda: above.pinned)


@pytest.mark.usefixtures("quick")
async def test_where_the_bot_may_not_pin_the_lead_is_told_once_and_the_card_lives(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with office(tmp_path, double) as here:
        group, maya = double.group(-5, "Delegation"), here.person("Maya")
        group.let_pin(allowed=False, tell=False)
        await here.card_in(group)
        await maya.expect("I may not pin it there", SOON)
        here.delegation.at += timedelta(days=1)
        await group.expect("58 days left", SOON)
        assert sum("may not pin" in one for one in maya.texts) == 1
        group.let_pin(allowed=True)
        await until(lambda: group.pinned)


@pytest.mark.usefixtures("quick")
async def test_a_card_that_was_deleted_is_sent_anew(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        await until(lambda: group.pinned)
        group.delete(group.screen)
        here.delegation.at += timedelta(days=1)
        await group.expect("58 days left", SOON)
        await until(lambda: group.pinned)


@pytest.mark.usefixtures("quick")
async def test_removed_from_a_group_the_bot_ends_its_card(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group, maya = double.group(-5, "Delegation"), here.person("Maya")
        await here.card_in(group)
        await until(lambda: group.pinned)
        group.remove_bot()
        await until(lambda: len(double.world.inbox) == 0)
        calls = double.world.calls["editMessageText"]
        here.delegation.at += timedelta(days=1)
        await maya.type("/card")
        shown = await maya.expect("can have a card", SOON)
        assert "Shown in" not in shown.text
        await asyncio.sleep(10 * QUICK)
        assert double.world.calls["editMessageText"] == calls


@pytest.mark.usefixtures("quick")
async def test_talks_that_are_put_away_say_so_without_counts(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        here.happens(Archived(archived=True), by="Maya")
        await group.expect(PUT_AWAY, SOON)
        assert "open" not in group.screen.text


# Within Telegram's limits


async def test_a_group_is_called_no_oftener_than_telegram_allows(
    double: TelegramDouble, tmp_path: Path, faults: Hooks
) -> None:
    """However much happens, there are seconds between two changes of the card: 20 a minute are allowed."""
    assert 60 / group_presenter.EVERY_SECONDS < 18
    faults.pace(group_card=0.4)
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        for _ in range(40):
            here.delegation.at += timedelta(days=1)
            await asyncio.sleep(0.05)
        await group.expect("19 days left", SOON)
        spoken = group.spoken_at
    assert 3 <= len(spoken) < 10
    assert min(after - before for before, after in pairwise(spoken)) > 0.35


@pytest.mark.usefixtures("quick")
async def test_when_told_to_wait_the_card_waits(double: TelegramDouble, tmp_path: Path) -> None:
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        await here.card_in(group)
        await until(lambda: group.pinned)
        double.faults.fail_next(Flood(2), "editMessageText")
        here.delegation.at += timedelta(days=1)
        await asyncio.sleep(0.5)
        assert "59 days left" in group.screen.text
        here.delegation.at += timedelta(seconds=3)
        await asyncio.sleep(2)
        await group.expect("58 days left", SOON)
        assert not double.faults.violations


@pytest.mark.usefixtures("quick")
async def test_what_could_not_be_shown_is_shown_later(double: TelegramDouble, tmp_path: Path, faults: Hooks) -> None:
    faults.pace(group_card_again=0.0)
    async with office(tmp_path, double) as here:
        group = double.group(-5, "Delegation")
        double.faults.fail_next(Broken(), "sendMessage", times=2)
        await here.card_in(group)
        await until(lambda: group.pinned)
        assert len(group.messages) == 1


# Two replicas


def test_two_replicas_do_not_show_the_same_card_at_once(tmp_path: Path, url: str) -> None:
    with Delegation(tmp_path, url=url) as delegation:
        delegation.opens("us-china-space", "Maya lead", "Omar member")
        one, other = delegation.cards(), delegation.cards()
        one.asked(1, delegation.telegram["Maya"], -5, "Delegation")
        assert one.behind() == other.behind() == [-5]
        showing = one.take(-5)
        assert showing is not None
        assert other.take(-5) is None
        one.shown(showing, 77, "pinned")
        assert other.behind() == []
        delegation.at = datetime(2027, 1, 16, 10, tzinfo=UTC)
        assert other.behind() == [-5]


def test_a_card_that_a_killed_process_held_is_taken_over(tmp_path: Path, url: str) -> None:
    with Delegation(tmp_path, url=url) as delegation:
        delegation.opens("us-china-space", "Maya lead")
        delegation.cards().asked(1, delegation.telegram["Maya"], -5, "Delegation")
        assert delegation.cards().take(-5) is not None
        assert delegation.cards().behind() == []
        delegation.at += timedelta(minutes=3)
        assert delegation.cards().behind() == [-5]
        assert delegation.cards().take(-5) is not None


def test_a_group_that_became_a_supergroup_keeps_its_card_on_both_databases(tmp_path: Path, url: str) -> None:
    """Also when the bot is first said to have left the old group, and when both messages of the move arrive."""
    with Delegation(tmp_path, url=url) as delegation:
        delegation.opens("us-china-space", "Maya lead")
        cards = delegation.cards()
        cards.asked(1, delegation.telegram["Maya"], -5, "Delegation")
        cards.left(-5, 2)
        assert cards.behind() == []
        for update in (3, 4):
            cards.moved(-5, -1001, update)
        assert cards.behind() == [-1001]
        cards.left(-1001, 5)
        cards.left(-1001, 5)  # Telegram repeats itself
        assert cards.behind() == []
