"""How fast the bot listens: generous with people, short with strangers, and never silent about what was lost."""

from __future__ import annotations

import pytest

from bot.application.rate_limit import KNOWN, PERSON, SLOWER, RateDecision, RateLimiter, TokenBucket, TokenRate
from bot.dialog.engine import REFUSED
from bot.domain.events import Shielded
from tests.api import Chat, Delegation

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


def paced(delegation: Delegation, clock: Clock) -> RateLimiter:
    """From now on one process listens, at the usual pace."""
    pace = RateLimiter(clock=clock)
    delegation.goes_on(pace)
    return pace


# The bucket


def test_a_bucket_gives_a_burst_then_as_much_as_flows_in():
    bucket, rate, taken = TokenBucket(3, 0), TokenRate(3, 0.5), []
    for at in (0, 0, 0, 0, 1, 2, 2):
        bucket, took = bucket.take(rate, at)
        taken.append(took)
    assert taken == [True, True, True, False, False, True, False]


def test_a_bucket_never_holds_more_than_its_burst_and_a_clock_put_back_adds_nothing():
    bucket, _ = TokenBucket(1, 0).take(TokenRate(2, 1), 1_000_000)
    assert bucket.left == 1
    bucket, taken = TokenBucket(0, 100).take(TokenRate(2, 1), 50)
    assert not taken
    _, taken = bucket.take(TokenRate(2, 1), 52)  # and goes on from there: a corrected clock must not lock anybody out
    assert taken


def test_what_waited_at_telegram_is_not_too_fast(clock: Clock):
    """A hundred messages typed over an hour, while the bot was away, come in at once and are all heard."""
    pace = RateLimiter(clock=clock)
    hour = [pace.known("omar", number, clock.now - 3600 + 36 * number, "x").hears for number in range(100)]
    assert all(hour)
    clock.now += 3600
    pace.known("omar", 400, None, "x")  # a tap, which counts now, comes between
    assert all(pace.known("omar", number, clock.now - 60 + number - 401, "x").hears for number in range(401, 425))
    breath = [pace.known("maya", 500 + number, clock.now, "x").hears for number in range(100)]
    assert breath.count(True) == PERSON.burst


def in_turns(pace: RateLimiter, clock: Clock, people: int, ahead: float = 0.0) -> int:
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
    assert in_turns(RateLimiter(clock=clock), clock, people=1, ahead=ahead) <= PERSON.burst + 10
    assert in_turns(RateLimiter(all_=TokenRate(90, 1), clock=clock), clock, people=100, ahead=ahead) <= 90 + 10


def test_a_transaction_that_is_tried_again_gets_the_same_verdict(clock: Clock):
    pace = RateLimiter(clock=clock)
    first = [pace.known("omar", number, None, "x") for number in range(40)]
    assert [pace.known("omar", number, None, "x") for number in range(40)] == first
    assert [one.hears for one in first].count(False) == 10


def test_everybody_together_is_held_to_what_a_process_can_do(clock: Clock):
    """One of a hundred writing at once is asked to wait, though each of them is slow."""
    pace = RateLimiter(all_=TokenRate(90, 1), clock=clock)
    verdicts = [pace.known(f"p{number}", number, None, "x") for number in range(100)]
    assert [one.hears for one in verdicts].count(True) == 90
    assert all(SLOWER in one.says for one in verdicts if not one.hears)


def test_memory_is_bounded_however_many_strangers_come(clock: Clock):
    pace = RateLimiter(clock=clock)
    for number in range(KNOWN + 500):
        pace.stranger(number, tries=False)
    assert len(pace) <= KNOWN


def test_a_person_may_be_given_another_pace(clock: Clock):
    pace = RateLimiter.of(2, 1, clock)
    assert [pace.known("omar", number, None, "x").hears for number in range(3)] == [True, True, False]
    assert pace.known("maya", 9, None, "x") == RateDecision(hears=True)


# At the desk


def test_a_burst_is_refused_kindly_once_and_told_again_with_its_count(delegation: Delegation, omar: Chat, clock: Clock):
    """Nothing is recorded of what was refused, nothing recorded is lost, and no loss is silent."""
    omar.types("/find")
    before = delegation.recorded()
    pace = paced(delegation, clock)
    for _ in range(30):
        omar.types("find", shown=False)
    assert omar.owed is not None
    assert SLOWER not in omar.screen.text
    omar.types("a red line", shown=False)
    assert f"{SLOWER}\nYou wrote: a red line" in omar.screen.text
    shown = omar.owed
    assert shown is not None
    for _ in range(5):
        omar.types("more", shown=False)
    again = omar.owed
    assert again is not None
    assert again.rev == shown.rev  # told once
    clock.now += 4
    assert not pace.known(omar.person, None, None, "").hears
    clock.now += 2
    omar.types("/summary", shown=False)
    assert "I listen again. 7 messages or taps came too fast and were not recorded" in omar.screen.text
    assert delegation.recorded() == before


def pressed(delegation: Delegation, omar: Chat, clock: Clock) -> None:
    """Omar stands at an item, and what he sent so far is as much as is heard."""
    omar.goes_to("Limit expectations", "Crewed flight")
    pace = paced(delegation, clock)
    while pace.known(omar.person, None, None, "").hears:
        pass


def test_what_was_refused_stays_refused_when_telegram_sends_it_again(delegation: Delegation, omar: Chat, clock: Clock):
    """Who was told to send it again must not find it recorded twice."""
    pressed(delegation, omar, clock)
    before = delegation.recorded()
    late = omar.update("yes")
    delegation.receives(late)
    clock.now += 3600
    assert delegation.receives(late)[0].repeated
    assert delegation.recorded() == before
    omar.types("yes", shown=False)
    assert delegation.recorded() == before + 1


def test_a_tap_heard_after_a_refusal_still_counts(delegation: Delegation, omar: Chat, clock: Clock):
    """What is told with it does not make the button old."""
    pressed(delegation, omar, clock)
    before = delegation.recorded()
    omar.types("yes", shown=False)
    clock.now += 60
    omar.taps_old(omar.screen.button("Yes"))
    assert delegation.recorded() == before + 1
    assert "I listen again" in omar.screen.text


def test_others_are_heard_while_one_presses(delegation: Delegation, maya: Chat, omar: Chat, clock: Clock):
    paced(delegation, clock)
    for _ in range(100):
        omar.types("yes", shown=False)
    assert SLOWER in omar.screen.text
    maya.types("/team")
    assert "Maya, lead (you)" in maya.screen.text


def test_every_face_listens_at_this_pace(delegation: Delegation, clock: Clock):
    """Also one that knows its person itself, as the browser does."""
    paced(delegation, clock)
    for _ in range(40):
        delegation.terminal("Omar").types("/help")
    assert SLOWER in delegation.terminal("Omar").screen.text


def test_a_stranger_is_refused_once_a_minute_then_met_with_silence(delegation: Delegation, clock: Clock):
    paced(delegation, clock)
    stranger = delegation.chat("Stranger")
    answers = [stranger.types("yes").notice for _ in range(50)]
    assert answers == [REFUSED] + [""] * 49
    clock.now += 61
    assert stranger.types("yes").notice == REFUSED


def test_a_flood_of_strangers_costs_no_write(delegation: Delegation, maya: Chat, clock: Clock):
    """Of a thousand strangers twenty are answered, and what they send leaves no row behind."""
    paced(delegation, clock)
    answers = [delegation.chat(f"Stranger {number}").types("yes").notice for number in range(1000)]
    assert answers.count(REFUSED) == 20
    with delegation.store.transaction() as tx:
        kept = tx.forget_heard("9999")
    assert kept <= 20
    maya.types("/team")
    assert "Maya, lead (you)" in maya.screen.text


def test_a_guest_with_an_invitation_gets_in_amid_a_flood_and_guessing_is_slow(
    delegation: Delegation, maya: Chat, clock: Clock
):
    maya.types("/team")
    maya.taps("Invite a member")
    paced(delegation, clock)
    for number in range(1000):
        delegation.chat(f"Stranger {number}").types("yes")
    guesser, guest = delegation.chat("Guesser"), delegation.chat("Guest")
    guesses = [guesser.joins(f"guess{number}") for number in range(20)]
    assert [one.notice for one in guesses].count(REFUSED) == 5
    assert not guesser.joins().known  # this stranger guessed too often
    assert guest.joins().known
    assert guest.types("/team").known
    assert "Guest" in delegation.people


# Where talks keep something out of chats


@pytest.fixture
def sealed(delegation: Delegation, clock: Clock) -> None:
    """Nothing of these talks may be carried by a chat."""
    delegation.happens(Shielded(target="", how="sealed"))
    paced(delegation, clock)


@pytest.mark.usefixtures("sealed")
def test_what_comes_too_fast_is_not_repeated_and_is_deleted_where_talks_are_sealed(omar: Chat):
    heard = [omar.types(f"our walk-away figure {n}", shown=False) for n in range(40)]
    assert all(one.erases for one in heard)
    assert SLOWER in omar.screen.text
    assert "walk-away" not in omar.screen.text


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("said", ["/walkaway at four", "/summary walkaway at four"])
def test_words_that_look_like_a_command_are_deleted_and_not_repeated(omar: Chat, said: str):
    assert omar.types(said).erases
    assert "walkaway" not in omar.screen.text


@pytest.mark.usefixtures("sealed")
def test_a_command_by_itself_stays(omar: Chat):
    assert not omar.types("/summary").erases
