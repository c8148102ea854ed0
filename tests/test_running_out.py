"""What has run out stays so, though the clock goes back; a lead brings it back with one tap, which voids nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.dialog.refusals import REFUSED
from bot.domain.checklist import Severity
from bot.domain.events import Signed, Waived, WaiverExpired, WaiverReinstated
from bot.domain.readiness.readiness import readiness
from bot.domain.sign_off import sign_off, standing, state_hash
from bot.domain.wording.history import told
from tests.api import Chat, Delegation

UNTIL = date(2027, 1, 20)
WAIVED = Waived(gap="their_aims/none", reason="The letter is signed.", until=UNTIL, severity=Severity.BLOCKER)
GAP = "⛔ Blocker: Their aims"


# Invitations


@pytest.mark.slow
@pytest.mark.parametrize(("ahead", "back"), [(8, 7.5), (12, 8), (20, 15), (30, 29), (7.01, 0.02), (4000, 3999)])
@pytest.mark.parametrize("looks", ["housekeeping", "whoever brings it", "whoever opens its page", "the lead"])
def test_an_invitation_that_was_seen_to_have_run_out_lets_nobody_in_again(
    delegation: Delegation, maya: Chat, ahead: float, back: float, looks: str
) -> None:
    maya.types("/team")
    maya.taps("Invite a member")
    secret = delegation.invitation
    delegation.at += timedelta(days=ahead)
    match looks:
        case "housekeeping":
            delegation.is_alive()
        case "whoever brings it":
            assert not delegation.chat("Eve").joins(secret).known
        case "whoever opens its page":
            assert not delegation.awaits(secret)
        case _:
            delegation.keeps()
    delegation.at -= timedelta(days=back)
    response = delegation.chat("Nora").joins(secret)
    assert (response.known, response.notice) == (False, REFUSED)
    assert not delegation.awaits(secret)
    assert delegation.verified() == []


def test_a_lead_renews_an_invitation_with_one_tap_and_the_link_that_was_sent_works(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """Also where it was the clock that had jumped ahead. It works once, as any other."""
    maya.types("/team")
    maya.taps("Invite a lead")
    secret, now = delegation.invitation, delegation.at
    delegation.at += timedelta(days=9)
    delegation.is_alive()
    delegation.at = now + timedelta(minutes=1)
    assert not any("Renew" in label for label in omar.types("/team").lines)
    maya.types("/team")
    renew = maya.screen.label("Renew: lead")
    assert "The link works again, once, until about 22 January 2027." in maya.taps(renew)
    assert not any(label.startswith("Renew") for label in maya.screen.labels)
    assert delegation.chat("Nora").joins(secret).known
    assert delegation.negotiation().leads == (delegation.people["Maya"], delegation.people["Nora"])
    assert not delegation.chat("Vera").joins(secret).known
    assert delegation.verified() == []


def test_an_invitation_that_was_used_is_never_offered_to_be_renewed(delegation: Delegation, maya: Chat) -> None:
    maya.types("/team")
    maya.taps("Invite a member")
    delegation.chat("Nora").joins()
    delegation.at += timedelta(days=9)
    delegation.is_alive()
    maya.types("/team")
    assert not any(label.startswith("Renew") for label in maya.screen.labels)


def test_old_invitations_are_not_offered_for_ever(delegation: Delegation, maya: Chat) -> None:
    maya.types("/team")
    maya.taps("Invite a member")
    delegation.at += timedelta(days=38)
    delegation.is_alive()
    maya.types("/team")
    assert not any(label.startswith("Renew") for label in maya.screen.labels)


def test_a_session_that_has_ended_does_not_go_on_though_the_clock_goes_back(delegation: Delegation) -> None:
    cookie = delegation.signs_in("Omar")
    delegation.at += timedelta(hours=13)
    assert delegation.browses_as(cookie) is None
    delegation.at -= timedelta(hours=12)
    assert delegation.browses_as(cookie) is None


# Waivers


def holds(delegation: Delegation) -> bool:
    """Whether the gap is accepted today."""
    return any(gap.key == WAIVED.gap for gap in readiness(delegation.negotiation(), delegation.at.date()).waived)


def looks_in_telegram(delegation: Delegation) -> None:
    delegation.chat("Omar").types("/summary")


def looks_at_a_page(delegation: Delegation) -> None:
    delegation.opens_page("Omar")


def keeps_house(delegation: Delegation) -> None:
    delegation.keeps()


@pytest.mark.parametrize("look", [looks_in_telegram, looks_at_a_page, keeps_house])
@pytest.mark.parametrize("back", [1, 2, 6])
def test_a_waiver_that_was_seen_to_have_run_out_is_not_in_force_again(
    delegation: Delegation, maya: Chat, look: Callable[[Delegation], None], back: int
) -> None:
    delegation.happens(WAIVED)
    assert holds(delegation)
    delegation.at += timedelta(days=6)  # the 21st
    look(delegation)
    look(delegation)
    assert [event for event in delegation.events() if isinstance(event, WaiverExpired)] == [
        WaiverExpired(gap=WAIVED.gap)
    ]
    delegation.at -= timedelta(days=back)
    assert not holds(delegation)
    assert "expired, open again" in maya.types("/summary")
    n, happened = delegation.negotiation(), delegation.line()[-1]
    assert told(n, happened) == "The waiver of a gap at Their aims ran out"


def test_reading_commands_write_nothing_of_what_has_run_out(delegation: Delegation) -> None:
    delegation.happens(WAIVED)
    delegation.at += timedelta(days=6)
    before = delegation.recorded()
    assert not holds(delegation)
    delegation.operator.exported(delegation.number or 1)
    assert delegation.verified() == []
    assert delegation.operator.negotiations()
    assert delegation.recorded() == before


def test_a_lead_says_with_one_tap_that_a_waiver_holds_which_a_clock_that_jumped_ahead_had_ended(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """It is no change of content: the state that was signed is the same, and the signature stands all along."""
    delegation.happens(WAIVED)
    state = state_hash(delegation.negotiation())
    delegation.happens(Signed(state=state, verdict="no_go", words="A sample reason"))
    delegation.at += timedelta(days=30)
    delegation.keeps()
    delegation.at -= timedelta(days=29)
    assert len(standing(delegation.negotiation())) == 1
    for chat in (omar, maya):
        to_gap(chat)
        response = chat.taps("It holds until 20 January 2027")
    assert "Only Maya, the lead, can waive this." in delegation.chat("Omar").told
    assert "The waiver holds until 20 January 2027." in response
    assert holds(delegation)
    assert [type(event) for event in delegation.events()[-2:]] == [WaiverExpired, WaiverReinstated]
    assert state_hash(delegation.negotiation()) == state
    assert len(standing(delegation.negotiation())) == 1
    delegation.at += timedelta(days=5)  # the 21st, by a clock that is right
    looks_in_telegram(delegation)
    assert not holds(delegation)


def test_a_lead_renews_a_waiver_whose_day_is_over_with_one_tap(delegation: Delegation, maya: Chat) -> None:
    delegation.happens(WAIVED)
    delegation.at += timedelta(days=6)
    to_gap(maya)
    assert "Waived until 15 March 2027 in the name of Maya." in maya.taps("Renew until 15 March 2027")
    assert holds(delegation)


def to_gap(chat: Chat) -> None:
    """Go where the gap explains itself."""
    chat.types("/summary")
    chat.taps(chat.screen.label("Waivers"), "1")
    assert chat.screen.title == GAP


def test_what_time_alone_made_worse_since_a_signature_is_still_told(delegation: Delegation) -> None:
    """That the waiver has run out is written down after the signature: on the day of signing it held."""
    delegation.happens(WAIVED)
    state = state_hash(delegation.negotiation())
    delegation.happens(Signed(state=state, verdict="conditional", words="A sample condition"))
    delegation.at += timedelta(days=6)
    before = sign_off(delegation.negotiation(), delegation.at.date()).worse
    delegation.keeps()
    after = sign_off(delegation.negotiation(), delegation.at.date()).worse
    assert isinstance(delegation.events()[-1], WaiverExpired)
    assert WAIVED.gap in [gap.key for gap in before]
    assert [gap.key for gap in after] == [gap.key for gap in before]


# The clock


def test_the_operator_is_told_of_a_clock_that_is_behind_what_was_noted(delegation: Delegation) -> None:
    delegation.is_alive()
    assert delegation.operator.clock_behind() == ""
    delegation.at -= timedelta(days=2)
    words = delegation.operator.clock_behind()
    assert words.startswith("The clock of this machine says 2027-01-13 10:00 UTC, and 2027-01-15 10:00 UTC was noted")
    assert "leads renew it with one tap" in words
