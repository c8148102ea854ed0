"""Whoever tries what they were never offered hears what a stranger hears, and no more; the audit counts it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.application import updates as desks
from bot.application.turns import OLD_BUTTON
from bot.dialog.refusals import KEPT, REFUSED
from bot.dialog.screens.admission import WAITS
from bot.domain.events import Joined, Left, Restricted, Role, RoleGiven
from bot.storage.repositories.security_log import A_DAY, OTHERS
from tests.api import Chat, Delegation, Hooks, Origin, on_telegram
from tests.telegram_double import TelegramDouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.telegram_double import Person

pytestmark = pytest.mark.slow

SOON = 10.0  # seconds


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    """Talks with China (1: Maya leads, Omar is a member) and with Ruritania (2: Vera leads)."""
    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        day = made.at.date() + timedelta(days=30)
        made.opens("bilateral", "Vera lead", uid="others", counterpart="Ruritania", subject="the bridge", talks_on=day)
        yield made


def taps(chat: Chat, packed: str) -> str:
    """What a person is told at once when they tap this; their chat must not have moved when it is the refusal."""
    before = state(chat)
    response = chat.forges(packed)
    assert (state(chat) == before) == (response.notice == REFUSED)
    return response.notice or chat.screen.text


def state(chat: Chat) -> object:
    return chat.kept, chat.installation.recorded(1), chat.installation.recorded(2)


def audit(delegation: Delegation) -> Counter[str]:
    """How often which kind was noted."""
    found: Counter[str] = Counter()
    with delegation.store.reading() as tx:
        for one in tx.refusals():
            found[one.kind] += one.count
    return found


# What is forged


@pytest.mark.parametrize(
    ("packed", "kind"),
    [
        ("?", "garbled button"),
        ("1>zz", "garbled button"),
        ("~" * 64, "garbled button"),
        ("2>M", "button of other talks"),
        ("2!pick:yes@i~crewed~0", "button of other talks"),
        ("77>M", "button of other talks"),  # which is not there at all
        ("1!switch:2@O", "button of other talks"),
        ("0>M", "forged button"),  # a button without talks leads only to what needs none
        ("1>i~nothing~0", "forged button"),  # the checklist has no such item
        ("1>Q~somebody", "forged button"),  # only leads are ever shown this place
        ("1>D", "forged button"),
        ("1>N", "forged button"),
        ("1!remove:@R~somebody", "forged button"),
        ("1!invite:lead@T", "forged button"),  # a deed of leads at a place that all see
        ("1!screen:@T", "forged button"),
        ("1!withdraw:@g~mandate~none~", "forged button"),
        ("1*zz!record:", "forged button"),  # a revision that the chat has not reached
    ],
)
def test_a_forged_button_is_answered_as_a_stranger_is(
    delegation: Delegation, omar: Chat, packed: str, kind: str
) -> None:
    omar.types("/summary")
    assert taps(omar, packed) == REFUSED
    assert audit(delegation) == {kind: 1}


def test_a_place_that_is_refused_by_name_to_everybody_is_not_forged(delegation: Delegation, omar: Chat) -> None:
    """“Waive…” stands on every screen of a gap, and says to a member who may."""
    omar.types("/gaps")
    omar.taps("#2")
    assert "Only Maya, the lead, can waive this." in omar.taps("Waive…")
    assert not audit(delegation)


def test_an_old_button_is_answered_kindly_and_noted(delegation: Delegation, omar: Chat) -> None:
    """Of a draft that is gone: it was theirs once."""
    omar.types("/continue")
    omar.types("Goal: Sample goal\nMust or want: must have")
    old = omar.screen.button("Record 1 row")
    omar.types("/help")
    assert OLD_BUTTON in taps(omar, old)
    assert audit(delegation) == {"old button": 1}


def test_what_was_theirs_by_an_earlier_role_is_not_forged(delegation: Delegation, omar: Chat) -> None:
    """Omar led for a day: the buttons of that day are told kindly why they do nothing any more."""
    assert taps(omar, "1>D") == REFUSED
    delegation.happens(RoleGiven(person=delegation.people["Omar"], role=Role.LEAD))
    delegation.happens(RoleGiven(person=delegation.people["Omar"], role=Role.MEMBER))
    for packed in ("1>D", "1!invite:lead@T"):
        assert "Only Maya, the lead, can" in taps(omar, packed)
    assert audit(delegation) == {"forged button": 1}


def test_a_section_that_was_theirs_to_see_is_not_forged_and_one_that_never_was_is(
    delegation: Delegation, omar: Chat
) -> None:
    delegation.happens(Restricted(section="gate", people=()))
    assert KEPT in taps(omar, "1>s~gate")
    delegation.meets("Nina")
    delegation.happens(Joined(person=delegation.people["Nina"], name="Nina", role=Role.MEMBER))
    delegation.chat("Nina").types("/start")
    assert taps(delegation.chat("Nina"), "1>s~gate") == REFUSED
    assert "What we want" in taps(delegation.chat("Nina"), "1>s~transparency")
    assert audit(delegation) == {"forged button": 1}


def test_who_was_removed_is_a_stranger_whatever_they_try(delegation: Delegation, omar: Chat) -> None:
    delegation.happens(Left(person=delegation.people["Omar"]))
    told = [omar.update(text) for text in ("hello", "/summary", "/help")]
    for response in delegation.receives(*told, *(omar.update(button=data) for data in ("1>M", "0>?"))):
        assert (response.name, response.known, response.notice) == ("", False, REFUSED)
    shown = omar.screen
    assert (shown.title, shown.text, shown.labels) == ("", REFUSED, [])
    assert audit(delegation) == {"removed": 5}


def test_a_repeat_of_an_update_is_noted_once(delegation: Delegation) -> None:
    hello = delegation.chat("Stranger").update("hello")
    for _ in range(3):
        delegation.receives(hello)
    assert audit(delegation) == {"stranger": 1}


OTHERWISE = {
    "other words": {"what": "goodbye"},
    "a tap": {"what": None, "button": "1>M"},
    "somebody else": {"by": "Omar"},
    "another message": {"message_id": 77},
    "an edit": {"edited": True},
}


@pytest.mark.parametrize("other", OTHERWISE)
def test_another_update_under_a_number_that_came_is_told_once_and_not_heard(
    delegation: Delegation, maya: Chat, caplog: pytest.LogCaptureFixture, other: str
) -> None:
    """What came first was kept. Such a one is a fault of Telegram, or forged: log and audit tell the operator."""
    first = maya.update("/summary")
    delegation.receives(first)
    before = state(maya)
    fields = dict(OTHERWISE[other])
    sender = delegation.chat(str(fields.pop("by", "Maya")))
    words = fields.pop("what", "/summary")
    again = sender.update(words, number=first.update_id, **{"message_id": first.message_id, **fields})
    for _ in range(3):
        delegation.receives(again)
        delegation.receives(first)
    assert state(maya) == before
    assert audit(delegation) == {"update that came again with another content": 1}
    told = [record for record in caplog.records if "came again with another content" in record.getMessage()]
    assert len(told) == 1
    assert str(first.update_id) in told[0].getMessage()


def test_two_updates_of_one_number_in_a_poll_are_told_too(delegation: Delegation, maya: Chat) -> None:
    first = maya.update("/summary")
    delegation.receives(first, maya.update("/help", number=first.update_id))
    assert audit(delegation) == {"update that came again with another content": 1}


def test_the_same_update_brought_again_is_no_fault(delegation: Delegation, maya: Chat) -> None:
    """As often as Telegram likes, by whichever process it is heard, and after a start."""
    update = maya.update("/summary")
    for _ in range(3):
        delegation.receives(update)
    delegation.restarts()
    with delegation.replica() as other:
        other.telegram = delegation.telegram
        other.receives(update)
    assert not audit(delegation)


# The audit


def test_the_audit_knows_people_by_name_and_strangers_by_no_number(
    delegation: Delegation, omar: Chat, faults: Hooks
) -> None:
    """And it is printed by a command, without a word of what was said."""
    mallory = delegation.chat("Mallory")
    delegation.telegram["Mallory"] = 987654321
    taps(omar, "2>M")
    for words in ("red lines", "let me in"):
        mallory.types(words)
    mallory.joins("guessed")
    faults.on("commands_at", delegation.desk)
    printed = CliRunner().invoke(main, ["audit"]).output
    first, second, third = sorted(printed.splitlines(), key=lambda line: line.split("× ")[1])
    assert first.startswith("2027-01-15  10:00–10:00  1 × button of other talks: Omar (")
    assert second.startswith("2027-01-15  10:00–10:00  1 × invitation: telegram:")
    assert third.startswith("2027-01-15  10:00–10:00  2 × stranger: telegram:")
    assert second.split(": ")[1] == third.split(": ")[1]
    assert not [one for one in ("987654321", "Mallory", "red lines", "guessed") if one in printed]


def test_a_flood_makes_no_more_rows_than_a_day_holds(delegation: Delegation, faults: Hooks) -> None:
    """Of a thousand and more accounts, the later ones are counted together; every refusal is counted."""
    faults.limits(refusals_a_day=20)
    assert A_DAY == 1000
    delegation.receives(*(delegation.chat(f"Stranger {each // 2}").update("x") for each in range(100)))
    with delegation.store.reading() as tx:
        rows = tx.refusals()
    assert len(rows) == 21
    assert {one.who: one.count for one in rows}[OTHERS] == 60
    assert audit(delegation) == {"stranger": 100}


def test_the_audit_is_kept_for_a_season(delegation: Delegation) -> None:
    delegation.chat("Stranger").types("hello")
    delegation.at += desks.AUDITED
    delegation.is_alive()
    assert audit(delegation) == {"stranger": 1}
    delegation.at += timedelta(days=1)
    delegation.is_alive()
    assert not audit(delegation)


# Invitations


def test_an_invitation_s_secret_has_128_random_bits_and_only_its_hash_is_kept(delegation: Delegation) -> None:
    secrets = {delegation.secret_by_chance() for _ in range(1000)}
    assert len(secrets) == 1000
    assert {len(one) for one in secrets} == {22}  # 16 bytes in base64
    delegation.goes_on(chance=True)
    shown = delegation.terminal("Maya").types("/team").button("Invite a member")
    (line,) = [one for one in delegation.terminal("Maya").forges(shown).text.splitlines() if "start=" in one]
    kept = b"".join(path.read_bytes() for path in delegation.folder.glob("chat.db*"))
    assert line.split("=")[1].encode() not in kept


def invited(delegation: Delegation) -> str:
    """A fresh invitation's secret."""
    maya = delegation.chat("Maya")
    maya.types("/team")
    maya.taps("Invite a member")
    return delegation.invitation


def test_an_invitation_works_once_and_for_seven_days(delegation: Delegation) -> None:
    secret = invited(delegation)
    assert delegation.chat("Nina").joins(secret).known
    assert not delegation.chat("Nora").joins(secret).known
    late = invited(delegation)
    delegation.at += timedelta(days=7, seconds=1)
    assert not delegation.chat("Nora").joins(late).known
    assert audit(delegation) == {"invitation": 2}


PASTED = (
    "https://t.me/sample_bot?start={}",
    "t.me/sample_bot?start={}",
    "HTTP://T.me/sample_bot?start={}",
    "Maya sent me this: https://t.me/sample_bot?start={}.",
)


@pytest.mark.parametrize("words", PASTED)
def test_a_stranger_may_paste_an_invitation_instead_of_opening_it(delegation: Delegation, words: str) -> None:
    """It is as good as opened, and once alone."""
    typed = words.format(invited(delegation))
    assert delegation.chat("Nina").types(typed).known
    assert delegation.chat("Nora").types(typed, shown=False).notice == REFUSED
    assert audit(delegation) == {"invitation": 1}


def test_a_stranger_may_paste_its_code_alone(delegation: Delegation) -> None:
    delegation.goes_on(chance=True)
    delegation.chat("Maya").types("/team")
    delegation.chat("Maya").taps("Invite a member")
    (line,) = [line for line in delegation.chat("Maya").screen.text.splitlines() if "start=" in line]
    assert delegation.chat("Nora").types("secret of another length", shown=False).notice == REFUSED
    assert delegation.chat("Nina").types(f" {line.split('=')[1]}\n").known


def test_somebody_known_pastes_a_link_alone_and_words_with_one_stay_their_answer(delegation: Delegation) -> None:
    """Vera leads other talks; whatever else she types is about those."""
    secret = invited(delegation)
    vera = delegation.chat("Vera")
    vera.types(f"We sent them https://t.me/sample_bot?start={secret}")
    vera.types(secret)
    assert "Vera" not in {member.name for member in delegation.negotiation(1).here}
    vera.types(f"https://t.me/sample_bot?start={secret}")
    assert "Vera" in {member.name for member in delegation.negotiation(1).here}


def test_a_clock_that_goes_back_reopens_no_invitation(delegation: Delegation) -> None:
    """What was over stays over; nor does one open before the day it was made."""
    secret = invited(delegation)
    delegation.at += timedelta(days=7, hours=1)
    delegation.is_alive()
    delegation.at -= timedelta(days=1)
    assert not delegation.chat("Nina").joins(secret).known
    again = invited(delegation)
    delegation.at -= timedelta(days=1)
    assert not delegation.chat("Nina").joins(again).known
    delegation.at += timedelta(days=1)
    assert delegation.chat("Nina").joins(again).known


def test_who_waits_at_the_door_learns_nothing_and_the_lead_at_once(delegation: Delegation, maya: Chat) -> None:
    maya.types("/team")
    maya.taps("✗ New people wait for a lead")
    secret = invited(delegation)
    nina = delegation.chat("Nina Sample")
    response = delegation.receives(nina.update(f"/start {secret}", handle="nina_s"))[0]
    assert response.wakes == ("Maya",)
    assert "Nina Sample (@nina_s) came by an invitation" in maya.screen.text
    for text in ("hello", "/summary", "/team", "/talks"):
        nina.types(text)
        shown = nina.screen
        assert (shown.title, shown.text, shown.labels) == ("At the door", WAITS, [])
    for packed in ("1>M", "0>H", "0>N", "1!let:@Nd~x"):
        assert nina.forges(packed).notice == REFUSED


def test_who_sits_elsewhere_waits_too_and_goes_on_with_their_own_talks(delegation: Delegation, maya: Chat) -> None:
    maya.types("/team")
    maya.taps("✗ New people wait for a lead")
    secret = invited(delegation)
    assert WAITS in delegation.chat("Vera").types(f"/start {secret}")
    assert "China" not in delegation.chat("Vera").types("/talks")
    assert taps(delegation.chat("Vera"), "1>M") == REFUSED
    maya.types("/team")
    maya.taps("At the door: Vera (@vera)…")
    maya.taps("Let in")
    assert "You are in the delegation for the talks with China now." in delegation.chat("Vera").screen.text
    assert "China" in delegation.chat("Vera").types("/talks")


# On Telegram


@dataclass
class Bot:
    """A bot at work on a double."""

    delegation: Delegation
    double: TelegramDouble

    def person(self, name: str) -> Person:
        return self.double.person(self.delegation.telegram[name], name)


@asynccontextmanager
async def at_work(delegation: Delegation) -> AsyncIterator[Bot]:
    async with TelegramDouble() as double, on_telegram(delegation, double):
        bot = Bot(delegation, double)
        for name in ("Maya", "Omar", "Vera"):
            await bot.person(name).type("/start")
            await bot.person(name).expect("Talks with", SOON)
        await asyncio.sleep(0.3)  # until all is shown
        yield bot


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("packed", "kind"),
    [("1!invite:lead@T", "forged button"), ("2>M", "button of other talks"), ("nonsense", "garbled button")],
)
async def test_a_forged_press_is_refused_in_a_notice_and_the_chat_stays_as_it_is(
    delegation: Delegation, packed: str, kind: str
) -> None:
    async with at_work(delegation) as bot:
        omar = bot.person("Omar")
        before = [(one.message_id, one.text, one.labels) for one in omar.messages]
        press = await omar.forge(packed)
        await until(lambda: press.answered)
        await asyncio.sleep(0.1)
        assert press.notice == REFUSED
        assert [(one.message_id, one.text, one.labels) for one in omar.messages] == before
    assert audit(delegation) == {kind: 1}


async def test_who_was_removed_hears_what_a_stranger_hears(delegation: Delegation) -> None:
    async with at_work(delegation) as bot:
        omar, mallory = bot.person("Omar"), bot.double.person(999, "Mallory")
        old = omar.screen
        delegation.happens(Left(person=delegation.people["Omar"]))
        press = await omar.tap("Summary", screen=old)
        await until(lambda: press.answered)
        assert press.notice == REFUSED
        await omar.type("/summary")
        await mallory.type("/summary")
        theirs = [await one.expect(REFUSED, SOON) for one in (omar, mallory)]
        assert [(one.text, one.labels) for one in theirs] == [(REFUSED, [])] * 2
    assert audit(delegation) == {"removed": 2, "stranger": 1}


async def test_groups_channels_and_other_bots_are_refused_once_and_nothing_is_revealed(delegation: Delegation) -> None:
    async with at_work(delegation) as bot:
        group = bot.double.group(-5, "Delegation")
        await bot.person("Maya").type("/summary@readiness_bot", group=group)
        await group.expect(REFUSED, SOON)
        channel, robot = bot.double.world.chat(-1009, "channel", "News"), bot.double.world.chat(77, "private", "Robot")
        channel.open = robot.open = True
        post = {"message_id": 1, "date": 1, "chat": {"id": -1009, "type": "channel", "title": "News"}}
        speaks = {"message_id": 1, "date": 1, "chat": {"id": 77, "type": "private"}, "text": "/summary"}
        for _ in range(3):
            bot.double.push({"channel_post": {**post, "text": "/summary@readiness_bot"}})
            bot.double.push({"message": {**speaks, "from": {"id": 77, "is_bot": True, "first_name": "Robot"}}})
        bot.double.push({"channel_post": {**post, "text": "Nothing for the bot"}})
        press = {"id": "1", "from": {"id": 77, "is_bot": True, "first_name": "Robot"}, "chat_instance": "1"}
        bot.double.push({"callback_query": {**press, "message": speaks, "data": "1>M"}})
        await until(lambda: channel.messages and robot.messages)
        await until(lambda: not len(bot.double.world.inbox))
        await asyncio.sleep(0.2)
        said = [one.text for there in (channel, robot) for one in there.messages.values()]
        assert said == [REFUSED, REFUSED]
        assert [one.text for one in group.messages] == [REFUSED]
    assert audit(delegation) == {"group": 1, "channel": 3, "other bot": 4}


def test_what_was_said_elsewhere_does_not_come_to_the_desk(delegation: Delegation, maya: Chat) -> None:
    """And who sits in the delegation is refused there as anybody is."""
    for origin in (Origin.GROUP, Origin.CHANNEL, Origin.BOT):
        response = delegation.receives(maya.update(origin=origin, chat=-5))[0]
        assert (response.name, response.known, response.notice) == ("", False, REFUSED)
