"""Whoever tries what they were never offered hears what a stranger hears, and no more; the audit counts it."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bot import desk as desks
from bot.__main__ import main
from bot.core.events import Joined, Left, Opened, Restricted, Role, RoleGiven
from bot.core.negotiation import Happened
from bot.desk import Desk
from bot.dialog.newcomers import WAITS
from bot.dialog.permits import KEPT, REFUSED
from bot.dialog.place import Command, Typed
from bot.office import Office
from bot.store.refusals import A_DAY, OTHERS
from bot.telegram.face import run
from bot.traffic import Arrived, Origin
from bot.turning import OLD_BUTTON
from tests.telegram_double import TelegramDouble
from tests.transcript import CHECKLISTS, Chat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bot.core.events import AnyEvent
    from tests.telegram_double import Person

pytestmark = pytest.mark.slow

SOON = 10.0  # seconds


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    """Talks with China (1: Maya leads, Omar is a member) and with Ruritania (2: Vera leads)."""
    chat = Chat(tmp_path)
    chat.open("us-china-space", [("Maya", Role.LEAD), ("Omar", Role.MEMBER)])
    chat.meet("Vera", lead=True)
    sound = CHECKLISTS["bilateral"]
    opened = Opened(
        uid="others", checklist=sound.digest, counterpart="Ruritania", subject="the bridge",
        talks_on=chat.at.date() + timedelta(days=30), given={one.id: "" for one in sound.opening},
    )  # fmt: skip
    Office(chat.desk()).open(chat.people["Vera"], opened)
    yield chat
    chat.store.close()


def happens(chat: Chat, event: AnyEvent, by: str = "Maya") -> None:
    desk = chat.desk()
    with chat.store.transaction() as tx:
        n = desk.archive.load(tx, 1, write=True)
        desk.archive.save(tx, 1, (Happened(n.seq + 1, chat.at, chat.people[by], event),), None)


def taps(chat: Chat, name: str, packed: str) -> str:
    """What a person is told at once when they tap this; their chat must not have moved when it is the refusal."""
    desk, person = chat.desk(), chat.people[name]
    chat.updates += 1
    before = state(chat, person)
    heard = desk.hear(Arrived(chat.updates, chat.telegram[name], name, None, 5, packed))
    assert (state(chat, person) == before) == (heard.answer == REFUSED)
    return heard.answer or desk.view(person).text


def state(chat: Chat, person: str) -> object:
    with chat.store.reading() as tx:
        return tx.chat(person), tx.head(1), tx.head(2)


def audit(chat: Chat) -> Counter[str]:
    """How often which kind was noted."""
    found: Counter[str] = Counter()
    with chat.store.reading() as tx:
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
def test_a_forged_button_is_answered_as_a_stranger_is(chat: Chat, packed: str, kind: str) -> None:
    chat.hears("Omar", "/summary")
    assert taps(chat, "Omar", packed) == REFUSED
    assert audit(chat) == {kind: 1}


def test_a_place_that_is_refused_by_name_to_everybody_is_not_forged(chat: Chat) -> None:
    """“Waive…” stands on every screen of a gap, and says to a member who may."""
    chat.hears("Omar", "/gaps")
    chat.hears("Omar", "#2")
    assert "Only Maya, the lead, can waive this." in "\n".join(chat.hears("Omar", "[Waive…]"))
    assert not audit(chat)


def test_an_old_button_is_answered_kindly_and_noted(chat: Chat) -> None:
    """Of a draft that is gone: it was theirs once."""
    chat.hears("Omar", "/continue")
    chat.hears("Omar", "Goal: Sample goal\nMust or want: must have")
    desk = chat.desk()
    (old,) = [packed for row in desk.packed(chat.people["Omar"]) for label, packed in row if label == "Record 1 row"]
    chat.hears("Omar", "/help")
    assert OLD_BUTTON in taps(chat, "Omar", old)
    assert audit(chat) == {"old button": 1}


def test_what_was_theirs_by_an_earlier_role_is_not_forged(chat: Chat) -> None:
    """Omar led for a day: the buttons of that day are told kindly why they do nothing any more."""
    assert taps(chat, "Omar", "1>D") == REFUSED
    happens(chat, RoleGiven(person=chat.people["Omar"], role=Role.LEAD))
    happens(chat, RoleGiven(person=chat.people["Omar"], role=Role.MEMBER))
    for packed in ("1>D", "1!invite:lead@T"):
        assert "Only Maya, the lead, can" in taps(chat, "Omar", packed)
    assert audit(chat) == {"forged button": 1}


def test_a_section_that_was_theirs_to_see_is_not_forged_and_one_that_never_was_is(chat: Chat) -> None:
    happens(chat, Restricted(section="gate", people=()))
    assert KEPT in taps(chat, "Omar", "1>s~gate")
    chat.meet("Nina")
    happens(chat, Joined(person=chat.people["Nina"], name="Nina", role=Role.MEMBER))
    chat.hears("Nina", "/start")
    assert taps(chat, "Nina", "1>s~gate") == REFUSED
    assert "What we want" in taps(chat, "Nina", "1>s~transparency")
    assert audit(chat) == {"forged button": 1}


def test_who_was_removed_is_a_stranger_whatever_they_try(chat: Chat) -> None:
    happens(chat, Left(person=chat.people["Omar"]))
    desk = chat.desk()
    for update, (said, packed) in enumerate(
        [(Typed("hello"), ""), (Command("summary"), ""), (Command("help"), ""), (None, "1>M"), (None, "0>?")], start=900
    ):
        heard = desk.hear(Arrived(update, chat.telegram["Omar"], "Omar", said, 5, packed))
        assert (heard.person, heard.known, heard.answer) == (None, False, REFUSED)
    shown = desk.view(chat.people["Omar"])
    assert (shown.title, shown.text, shown.buttons) == ("", REFUSED, ())
    assert audit(chat) == {"removed": 5}


def test_a_repeat_of_an_update_is_noted_once(chat: Chat) -> None:
    for _ in range(3):
        chat.desk().hear(Arrived(900, 999, "Stranger", Typed("hello"), 5))
    assert audit(chat) == {"stranger": 1}


# The audit


def test_the_audit_knows_people_by_name_and_strangers_by_no_number(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is printed by a command, without a word of what was said."""
    desk = chat.desk()
    taps(chat, "Omar", "2>M")
    for update, told in enumerate(["red lines", "let me in"], start=900):
        desk.hear(Arrived(update, 987654321, "Mallory", Typed(told), 5))
    desk.hear(Arrived(910, 987654321, "Mallory", Command("start", "guessed"), 5))
    monkeypatch.setattr("bot.__main__._desk", lambda _: desk)
    printed = CliRunner().invoke(main, ["audit"]).output
    first, second, third = sorted(printed.splitlines(), key=lambda line: line.split("× ")[1])
    assert first.startswith("2027-01-15  10:00–10:00  1 × button of other talks: Omar (")
    assert second.startswith("2027-01-15  10:00–10:00  1 × invitation: telegram:")
    assert third.startswith("2027-01-15  10:00–10:00  2 × stranger: telegram:")
    assert second.split(": ")[1] == third.split(": ")[1]
    assert not [one for one in ("987654321", "Mallory", "red lines", "guessed") if one in printed]


def test_a_flood_makes_no_more_rows_than_a_day_holds(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand and more accounts, the later ones are counted together; every refusal is counted."""
    monkeypatch.setattr("bot.store.refusals.A_DAY", 20)
    assert A_DAY == 1000
    desk = chat.desk()
    desk.hear_all([Arrived(900 + each, 5000 + each // 2, "x", Typed("x"), 5) for each in range(100)])
    with chat.store.reading() as tx:
        rows = tx.refusals()
    assert len(rows) == 21
    assert {one.who: one.count for one in rows}[OTHERS] == 60
    assert audit(chat) == {"stranger": 100}


def test_the_audit_is_kept_for_a_season(chat: Chat) -> None:
    chat.desk().hear(Arrived(900, 999, "Stranger", Typed("hello"), 5))
    chat.at += desks.AUDITED
    chat.desk().alive()
    assert audit(chat) == {"stranger": 1}
    chat.at += timedelta(days=1)
    chat.desk().alive()
    assert not audit(chat)


# Invitations


def test_an_invitation_s_secret_has_128_random_bits_and_only_its_hash_is_kept(chat: Chat) -> None:
    desk = Desk(chat.store, CHECKLISTS, clock=lambda: chat.at, link="https://t.me/b?start=")
    secrets = {desk.secret() for _ in range(1000)}
    assert len(secrets) == 1000
    assert {len(one) for one in secrets} == {22}  # 16 bytes in base64
    desk.reply(chat.people["Maya"], Command("team"))
    packed = next(one for row in desk.packed(chat.people["Maya"]) for label, one in row if label == "Invite a member")
    desk.reply(chat.people["Maya"], None, packed)
    (line,) = [one for one in desk.view(chat.people["Maya"]).text.splitlines() if "start=" in one]
    kept = b"".join(path.read_bytes() for path in chat.folder.glob("chat.db*"))
    assert line.split("=")[1].encode() not in kept


def invited(chat: Chat) -> str:
    """A fresh invitation's secret."""
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Invite a member]")
    return chat.invitation


def brings(chat: Chat, secret: str, telegram_id: int) -> bool:
    """Whether an invitation lets somebody in."""
    chat.updates += 1
    return chat.desk().hear(Arrived(chat.updates, telegram_id, "Nina", Command("start", secret), 5)).known


def test_an_invitation_works_once_and_for_seven_days(chat: Chat) -> None:
    secret = invited(chat)
    assert brings(chat, secret, 901)
    assert not brings(chat, secret, 902)
    late = invited(chat)
    chat.at += timedelta(days=7, seconds=1)
    assert not brings(chat, late, 902)
    assert audit(chat) == {"invitation": 2}


def test_a_clock_that_goes_back_reopens_no_invitation(chat: Chat) -> None:
    """What was over stays over; nor does one open before the day it was made."""
    secret = invited(chat)
    chat.at += timedelta(days=7, hours=1)
    chat.desk().alive()
    chat.at -= timedelta(days=1)
    assert not brings(chat, secret, 901)
    again = invited(chat)
    chat.at -= timedelta(days=1)
    assert not brings(chat, again, 901)
    chat.at += timedelta(days=1)
    assert brings(chat, again, 901)


def test_who_waits_at_the_door_learns_nothing_and_the_lead_at_once(chat: Chat) -> None:
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[✗ New people wait for a lead]")
    secret = invited(chat)
    desk = chat.desk()
    told = Arrived(990, 901, "Nina Sample", Command("start", secret), 5, handle="nina_s")
    heard = desk.hear(told)
    assert heard.wakes == (chat.people["Maya"],)
    assert "Nina Sample (@nina_s) came by an invitation" in desk.view(chat.people["Maya"]).text
    assert heard.person is not None
    for update, said in enumerate([Typed("hello"), Command("summary"), Command("team"), Command("talks")], start=991):
        desk.hear(Arrived(update, 901, "Nina", said, 5))
        shown = desk.view(heard.person)
        assert (shown.title, shown.text, shown.buttons) == ("At the door", WAITS, ())
    for update, packed in enumerate(["1>M", "0>H", "0>N", "1!let:@Nd~x"], start=995):
        assert desk.hear(Arrived(update, 901, "Nina", None, 5, packed)).answer == REFUSED


def test_who_sits_elsewhere_waits_too_and_goes_on_with_their_own_talks(chat: Chat) -> None:
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[✗ New people wait for a lead]")
    secret = invited(chat)
    assert WAITS in "\n".join(chat.hears("Vera", f"/start {secret}"))
    assert "China" not in "\n".join(chat.hears("Vera", "/talks"))
    assert taps(chat, "Vera", "1>M") == REFUSED
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[At the door: Vera (@vera)…]")
    chat.hears("Maya", "[Let in]")
    assert "You are in the delegation for the talks with China now." in chat.desk().view(chat.people["Vera"]).text
    assert "China" in "\n".join(chat.hears("Vera", "/talks"))


# On Telegram


@dataclass
class Bot:
    """A bot at work on a double."""

    chat: Chat
    double: TelegramDouble

    def person(self, name: str) -> Person:
        return self.double.person(self.chat.telegram[name], name)


@asynccontextmanager
async def at_work(chat: Chat) -> AsyncIterator[Bot]:
    stop = asyncio.Event()
    async with TelegramDouble() as double:
        with ThreadPoolExecutor(1) as executor:
            running = asyncio.create_task(run(chat.desk(), executor, double.token, double.url, stop))
            bot = Bot(chat, double)
            for name in ("Maya", "Omar", "Vera"):
                await bot.person(name).type("/start")
                await bot.person(name).expect("Talks with", SOON)
            await asyncio.sleep(0.3)  # until all is shown
            try:
                yield bot
            finally:
                stop.set()
                await asyncio.wait_for(running, 20)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 (the world outside is watched)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("packed", "kind"),
    [("1!invite:lead@T", "forged button"), ("2>M", "button of other talks"), ("nonsense", "garbled button")],
)
async def test_a_forged_press_is_refused_in_a_notice_and_the_chat_stays_as_it_is(
    chat: Chat, packed: str, kind: str
) -> None:
    async with at_work(chat) as bot:
        omar = bot.person("Omar")
        before = [(one.message_id, one.text, one.labels) for one in omar.messages]
        press = await omar.forge(packed)
        await until(lambda: press.answered)
        await asyncio.sleep(0.1)
        assert press.notice == REFUSED
        assert [(one.message_id, one.text, one.labels) for one in omar.messages] == before
    assert audit(chat) == {kind: 1}


async def test_who_was_removed_hears_what_a_stranger_hears(chat: Chat) -> None:
    async with at_work(chat) as bot:
        omar, mallory = bot.person("Omar"), bot.double.person(999, "Mallory")
        old = omar.screen
        happens(chat, Left(person=chat.people["Omar"]))
        press = await omar.tap("Summary", screen=old)
        await until(lambda: press.answered)
        assert press.notice == REFUSED
        await omar.type("/summary")
        await mallory.type("/summary")
        theirs = [await one.expect(REFUSED, SOON) for one in (omar, mallory)]
        assert [(one.text, one.labels) for one in theirs] == [(REFUSED, [])] * 2
    assert audit(chat) == {"removed": 2, "stranger": 1}


async def test_groups_channels_and_other_bots_are_refused_once_and_nothing_is_revealed(chat: Chat) -> None:
    async with at_work(chat) as bot:
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
    assert audit(chat) == {"group": 1, "channel": 3, "other bot": 4}


def test_what_was_said_elsewhere_does_not_come_to_the_desk(chat: Chat) -> None:
    """And who sits in the delegation is refused there as anybody is."""
    for update, origin in enumerate((Origin.GROUP, Origin.CHANNEL, Origin.BOT), start=900):
        heard = chat.desk().hear(Arrived(update, chat.telegram["Maya"], "", None, origin=origin, chat=-5))
        assert (heard.person, heard.known, heard.answer) == (None, False, REFUSED)
