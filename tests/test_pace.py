"""How fast the bot listens: generous with people, short with strangers, and never silent about what was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.events import Role, Shielded
from bot.core.negotiation import Happened
from bot.desk import Desk
from bot.dialog.front import REFUSED
from bot.dialog.place import Command, Said, Typed
from bot.office import Office
from bot.pace import KNOWN, PERSON, SLOWER, Bucket, Pace, Rate, Verdict
from bot.traffic import Arrived, Heard
from tests.transcript import Chat

pytestmark = pytest.mark.slow


class Clock:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = Chat(tmp_path)
    made.open("us-china-space", [("Maya", Role.LEAD), ("Omar", Role.MEMBER)])
    yield made
    made.store.close()


@pytest.fixture
def desk(chat: Chat, clock: Clock) -> Desk:
    """One desk for the whole test, which listens at the usual pace."""
    made = chat.desk()
    made.pace = Pace(clock=clock)
    return made


@pytest.fixture
def says(chat: Chat, desk: Desk) -> Callable[..., Heard]:
    """Somebody types or taps something; a number is a stranger's."""
    count = iter(range(5000, 10**6))

    def say(who: str | int, said: Said | str | None = "yes", **more: Any) -> Heard:
        number = next(count)
        telegram_id = chat.telegram[who] if isinstance(who, str) else who
        text = Typed(said) if isinstance(said, str) else said
        return desk.hear(Arrived(number, telegram_id, str(who), text, number, **more))

    return say


def events(chat: Chat) -> int:
    with chat.store.reading() as tx:
        return tx.head(chat.number or 0) or 0


def told(chat: Chat, desk: Desk, who: str) -> str:
    return desk.view(chat.people[who]).text


# The bucket


def test_a_bucket_gives_a_burst_then_as_much_as_flows_in():
    bucket, rate, taken = Bucket(3, 0), Rate(3, 0.5), []
    for at in (0, 0, 0, 0, 1, 2, 2):
        bucket, took = bucket.take(rate, at)
        taken.append(took)
    assert taken == [True, True, True, False, False, True, False]


def test_a_bucket_never_holds_more_than_its_burst_and_a_clock_put_back_adds_nothing():
    bucket, _ = Bucket(1, 0).take(Rate(2, 1), 1_000_000)
    assert bucket.left == 1
    bucket, taken = Bucket(0, 100).take(Rate(2, 1), 50)
    assert not taken
    _, taken = bucket.take(Rate(2, 1), 52)  # and goes on from there: a corrected clock must not lock anybody out
    assert taken


def test_what_waited_at_telegram_is_not_too_fast(clock: Clock):
    """A hundred messages typed over an hour, while the bot was away, come in at once and are all heard."""
    pace = Pace(clock=clock)
    hour = [pace.known("omar", number, clock.now - 3600 + 36 * number, "x").hears for number in range(100)]
    assert all(hour)
    clock.now += 3600
    pace.known("omar", 400, None, "x")  # a tap, which counts now, comes between
    assert all(pace.known("omar", number, clock.now - 60 + number - 401, "x").hears for number in range(401, 425))
    breath = [pace.known("maya", 500 + number, clock.now, "x").hears for number in range(100)]
    assert breath.count(True) == PERSON.burst


def in_turns(pace: Pace, clock: Clock, people: int, ahead: float = 0.0) -> int:
    """How many of 200 are heard in 10 s: messages, sent at some whole second before, and taps, in turns."""
    heard = 0
    for number in range(200):
        clock.now += 0.05
        sent = float(int(clock.now - 1.5 + ahead)) if number % 2 else None
        heard += pace.known(f"p{number // 2 % people}", number, sent, "x").hears
    return heard


@pytest.mark.parametrize("ahead", [0.0, 30.0])
def test_taps_and_messages_in_turns_are_heard_no_faster(clock: Clock, ahead: float):
    """Messages come in after they were sent, and Telegram's clock may be ahead: neither fills anything twice."""
    assert in_turns(Pace(clock=clock), clock, people=1, ahead=ahead) <= PERSON.burst + 10
    assert in_turns(Pace(all_=Rate(90, 1), clock=clock), clock, people=100, ahead=ahead) <= 90 + 10


def test_a_transaction_that_is_tried_again_gets_the_same_verdict(clock: Clock):
    pace = Pace(clock=clock)
    first = [pace.known("omar", number, None, "x") for number in range(40)]
    assert [pace.known("omar", number, None, "x") for number in range(40)] == first
    assert [one.hears for one in first].count(False) == 10


def test_everybody_together_is_held_to_what_a_process_can_do(clock: Clock):
    """One of a hundred writing at once is asked to wait, though each of them is slow."""
    pace = Pace(all_=Rate(90, 1), clock=clock)
    verdicts = [pace.known(f"p{number}", number, None, "x") for number in range(100)]
    assert [one.hears for one in verdicts].count(True) == 90
    assert all(SLOWER in one.says for one in verdicts if not one.hears)


def test_memory_is_bounded_however_many_strangers_come(clock: Clock):
    pace = Pace(clock=clock)
    for number in range(KNOWN + 500):
        pace.stranger(number, tries=False)
    assert len(pace) <= KNOWN


def test_a_person_may_be_given_another_pace(clock: Clock):
    pace = Pace.of(2, 1, clock)
    assert [pace.known("omar", number, None, "x").hears for number in range(3)] == [True, True, False]
    assert pace.known("maya", 9, None, "x") == Verdict(hears=True)


# At the desk


def test_a_burst_is_refused_kindly_once_and_told_again_with_its_count(
    chat: Chat, desk: Desk, clock: Clock, says: Callable[..., Heard]
):
    """Nothing is recorded of what was refused, nothing recorded is lost, and no loss is silent."""
    chat.hears("Omar", "/find")
    before = events(chat)
    for _ in range(30):
        says("Omar", "/find".removeprefix("/"))
    revision = desk.showing(chat.people["Omar"])
    assert revision is not None
    assert SLOWER not in told(chat, desk, "Omar")
    says("Omar", "a red line")
    assert f"{SLOWER}\nYou wrote: a red line" in told(chat, desk, "Omar")
    shown = desk.showing(chat.people["Omar"])
    assert shown is not None
    for _ in range(5):
        says("Omar", "more")
    again = desk.showing(chat.people["Omar"])
    assert again is not None
    assert again.rev == shown.rev  # told once
    clock.now += 4
    assert not desk.pace.known(chat.people["Omar"], None, None, "").hears  # type: ignore[union-attr]
    clock.now += 2
    says("Omar", Command("summary"))
    assert "I listen again. 7 messages or taps came too fast and were not recorded" in told(chat, desk, "Omar")
    assert events(chat) == before


def test_what_was_refused_stays_refused_when_telegram_sends_it_again(chat: Chat, desk: Desk, clock: Clock):
    """Who was told to send it again must not find it recorded twice."""
    chat.hears("Omar", "/sections")
    chat.hears("Omar", "[Limit expectations · 0 of 11]")
    chat.hears("Omar", "[○ Crewed flight]")
    before = events(chat)
    person = chat.people["Omar"]
    while desk.pace.known(person, None, None, "").hears:  # type: ignore[union-attr]
        pass
    late = Arrived(77, chat.telegram["Omar"], "Omar", Typed("yes"), 5)
    desk.hear(late)
    clock.now += 3600
    assert desk.hear(late).repeated
    assert events(chat) == before
    desk.hear(Arrived(78, chat.telegram["Omar"], "Omar", Typed("yes"), 6))
    assert events(chat) == before + 1


def test_a_tap_heard_after_a_refusal_still_counts(chat: Chat, desk: Desk, clock: Clock):
    """What is told with it does not make the button old."""
    chat.hears("Omar", "/sections")
    chat.hears("Omar", "[Limit expectations · 0 of 11]")
    chat.hears("Omar", "[○ Crewed flight]")
    person, before = chat.people["Omar"], events(chat)
    while desk.pace.known(person, None, None, "").hears:  # type: ignore[union-attr]
        pass
    desk.hear(Arrived(77, chat.telegram["Omar"], "Omar", Typed("yes"), 5))
    clock.now += 60
    button = next(packed for row in desk.packed(person) for label, packed in row if label == "Yes")
    desk.hear(Arrived(78, chat.telegram["Omar"], "Omar", None, 5, button))
    assert events(chat) == before + 1
    assert "I listen again" in told(chat, desk, "Omar")


def test_others_are_heard_while_one_presses(chat: Chat, desk: Desk, says: Callable[..., Heard]):
    for _ in range(100):
        says("Omar")
    assert SLOWER in told(chat, desk, "Omar")
    says("Maya", Command("team"))
    assert "Maya, lead (you)" in told(chat, desk, "Maya")


def test_every_face_listens_at_this_pace(chat: Chat, desk: Desk):
    """Also one that knows its person itself, as the browser does."""
    for _ in range(40):
        desk.reply(chat.people["Omar"], Command("help"))
    assert SLOWER in told(chat, desk, "Omar")


def test_a_stranger_is_refused_once_a_minute_then_met_with_silence(clock: Clock, says: Callable[..., Heard]):
    answers = [says(900).answer for _ in range(50)]
    assert answers == [REFUSED] + [""] * 49
    clock.now += 61
    assert says(900).answer == REFUSED


def test_a_flood_of_strangers_costs_no_write(chat: Chat, desk: Desk, says: Callable[..., Heard]):
    """Of a thousand strangers twenty are answered, and what they send leaves no row behind."""
    answers = [says(10_000 + number).answer for number in range(1000)]
    assert answers.count(REFUSED) == 20
    with chat.store.transaction() as tx:
        kept = tx.forget_heard("9999")
    assert kept <= 20 + chat.updates
    says("Maya", Command("team"))
    assert "Maya, lead (you)" in told(chat, desk, "Maya")


def test_a_guest_with_an_invitation_gets_in_amid_a_flood_and_guessing_is_slow(
    chat: Chat, desk: Desk, says: Callable[..., Heard]
):
    chat.hears("Maya", "/team")
    chat.hears("Maya", "[Invite a member]")
    for number in range(1000):
        says(10_000 + number)
    guesses = [says(900, Command("start", f"guess{number}")) for number in range(20)]
    assert [one.answer for one in guesses].count(REFUSED) == 5
    assert not says(900, Command("start", chat.invitation)).known  # this stranger guessed too often
    assert says(901, Command("start", chat.invitation)).known
    assert says(901, Command("team")).known
    assert {one.name for one in Office(desk).people()} >= {"901"}


# Where talks keep something out of chats


@pytest.fixture
def sealed(chat: Chat, desk: Desk) -> None:
    """Nothing of these talks may be carried by a chat."""
    with chat.store.transaction() as tx:
        n = desk.archive.load(tx, 1, write=True)
        shielded = Happened(n.seq + 1, chat.at, chat.people["Maya"], Shielded(target="", how="sealed"))
        desk.archive.save(tx, 1, (shielded,), None)


@pytest.mark.usefixtures("sealed")
def test_what_comes_too_fast_is_not_repeated_and_is_deleted_where_talks_are_sealed(chat: Chat, desk: Desk, says):
    heard = [says("Omar", f"our walk-away figure {n}") for n in range(40)]
    assert all(one.erase for one in heard)
    assert SLOWER in told(chat, desk, "Omar")
    assert "walk-away" not in told(chat, desk, "Omar")


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("said", [Command("walkaway", "at four"), Command("summary", "walkaway at four")])
def test_words_that_look_like_a_command_are_deleted_and_not_repeated(chat: Chat, desk: Desk, says, said: Command):
    assert says("Omar", said).erase
    assert "walkaway" not in told(chat, desk, "Omar")


@pytest.mark.usefixtures("sealed")
def test_a_command_by_itself_stays(says):
    assert not says("Omar", Command("summary")).erase
