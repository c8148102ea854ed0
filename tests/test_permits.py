"""Who may do what: every kind of event, for every role, in talks at work and in talks put away."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import get_args

import pytest

from bot.dialog.callback_data import stored
from bot.dialog.contract import ButtonReply, Link, Place, TextReply
from bot.dialog.refusals import GONE, KEPT, LEADERLESS, OBSERVES, OWN_PHRASE, entry, refusal
from bot.dialog.screens.evidence import ItemEvidence
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import ItemQuestion
from bot.dialog.screens.negotiations import ConfirmArchive, Negotiations
from bot.dialog.screens.ownership import AssignOwner
from bot.dialog.screens.reminder_settings import ReminderSettings
from bot.dialog.screens.roles import GiveLead, LeaveDelegation, MemberPage
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.table import FieldQuestion, TablePage
from bot.dialog.screens.team import RemoveMember, Team
from bot.domain.answers import Text
from bot.domain.events import (
    Answered,
    AnyEvent,
    Archived,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    Exported,
    Handling,
    Internal,
    Invited,
    Joined,
    Keep,
    Knocked,
    Left,
    Opened,
    PassphraseReset,
    Passphrases,
    Pursued,
    Rescheduled,
    Restricted,
    Role,
    RoleGiven,
    RowPut,
    RowRemoved,
    Screened,
    Shielded,
    Signed,
    TakenBack,
    TurnedAway,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.negotiation import Negotiation
from bot.domain.sign_off import state_hash
from tests.api import Context, go, handle, render
from tests.api import context as room_of
from tests.factories import SMALL, happen, negotiation

NOW = datetime(2027, 1, 15, 10, tzinfo=UTC)
DAY = date(2027, 2, 1)
PROOF = Evidence(id="e1", form="link", text="https://example.org/a")


def delegation() -> Negotiation:
    """Maya leads, Omar is a member, Lina observes, Pia waits at the door."""
    n = happen(negotiation(), Joined(person="lina", name="Lina", role=Role.OBSERVER))
    return happen(n, Knocked(person="pia", name="Pia", handle="pia", role=Role.MEMBER), by="pia")


# What leads, members and observers may do; what everybody may not stands for nobody.
TABLE: list[tuple[AnyEvent, str]] = [
    (Opened(uid="u", checklist="x", counterpart="c", subject="s", talks_on=DAY), "nobody"),
    (Joined(person="new", name="New", role=Role.MEMBER), "nobody"),
    (Rescheduled(talks_on=DAY), "lead"),
    (Invited(invite="x", role=Role.MEMBER, expires_at=NOW), "lead"),
    (Left(person="lina"), "lead observer"),  # Lina is the observer of these tests: anybody may leave
    (Answered(item="minimum", answer=Text(text="Little")), "lead member"),
    (RowPut(item="goals", row="r1", cells={"goal": Text(text="One")}), "lead member"),
    (RowRemoved(item="goals", row="r1"), "lead member"),
    (TakenBack(item="minimum"), "lead member"),
    (Claimed(item="minimum", claim=None), "lead member"),
    (Confirmed(item="minimum"), "lead member"),
    (EvidenceAdded(item="minimum", evidence=PROOF), "lead member"),
    (EvidenceRemoved(item="minimum", evidence="e1"), "lead member"),
    (Assigned(target="minimum", people=("omar",)), "lead member"),  # Omar is the member, and takes it himself
    (Waived(gap="mandate/none", reason="Signed.", until=DAY), "lead"),
    (WaiverExpired(gap="mandate/none"), "nobody"),
    (WaiverReinstated(gap="mandate/none"), "lead"),
    (DueSet(target="minimum", day=DAY), "lead"),
    (Pursued(spot="minimum", course="task"), "lead member"),
    (Signed(state=state_hash(delegation()), verdict="no_go", words="Not yet."), "lead"),
    (RoleGiven(person="omar", role=Role.OBSERVER), "lead"),
    (Restricted(section="gate", people=()), "lead"),
    (Shielded(target="s:gate", how="sealed"), "lead"),
    (Passphrases(on=True), "lead"),
    (PassphraseReset(person="omar"), "lead"),
    (Archived(archived=True), "lead"),
    (Keep(days=90), "lead"),
    (Exported(form="word", variant="full"), "lead member observer"),
    (Handling(text="SAMPLE"), "lead"),
    (Internal(target="minimum", internal=True), "lead"),
    (Screened(on=True), "lead"),
    (Knocked(person="new", name="New", role=Role.MEMBER), "nobody"),
    (TurnedAway(person="pia"), "lead"),  # Pia waits at the door
]
STILL = {
    "exported",
    "left",
    "role_given",
    "restricted",
    "shielded",
    "passphrases",
    "passphrase_reset",
    "archived",
    "keep",
    "turned_away",
}  # also in talks put away


def context(me: str, n: Negotiation | None = None) -> Context:
    n = n or delegation()
    return room_of(n, me, now=NOW, checklists={SMALL.id: SMALL}, secret="sample-secret")


def kinds() -> set[type]:
    return set(get_args(AnyEvent))


def test_the_table_names_every_event() -> None:
    assert {type(event) for event, _ in TABLE} == kinds()


@pytest.mark.parametrize("me", ["maya", "omar", "lina", "stranger"])
@pytest.mark.parametrize(("event", "may"), TABLE, ids=[event.kind for event, _ in TABLE])
def test_who_may_do_what(event: AnyEvent, may: str, me: str) -> None:
    roles = {"maya": "lead", "omar": "member", "lina": "observer", "stranger": "outsider"}
    why = refusal(context(me), (event,))
    assert (why is None) == (roles[me] in may.split())
    assert why is None or why.endswith(".")


@pytest.mark.parametrize("me", ["maya", "omar", "lina"])
@pytest.mark.parametrize(("event", "may"), TABLE, ids=[event.kind for event, _ in TABLE])
def test_in_talks_put_away_nothing_is_answered(event: AnyEvent, may: str, me: str) -> None:
    n = happen(delegation(), Archived(archived=True), by="maya")
    why = refusal(context(me, n), (event,))
    roles = {"maya": "lead", "omar": "member", "lina": "observer"}
    assert (why is None) == (roles[me] in may.split() and event.kind in STILL)
    if me == "maya" and isinstance(event, Answered):
        assert why == (
            "These talks are put away: they can be read, but not changed. Only Maya, the lead, can take them up again."
        )


@pytest.mark.parametrize("me", ["omar", "lina"])
@pytest.mark.parametrize(("event", "_may"), TABLE, ids=[event.kind for event, _ in TABLE])
def test_nothing_is_recorded_in_a_section_that_is_kept(event: AnyEvent, _may: str, me: str) -> None:
    """Whatever role allows, and whatever button is forged."""
    n = delegation()
    for section in ("transparency", "expectations", "gate"):
        n = happen(n, Restricted(section=section, people=()), by="maya")
    why = refusal(context(me, n), (event,))
    if hasattr(event, "item") or event.kind in {"waived", "assigned", "due_set", "pursued", "restricted"}:
        assert why == KEPT


def test_the_last_lead_neither_leaves_nor_steps_down_nor_is_removed() -> None:
    for event in (Left(person="maya"), RoleGiven(person="maya", role=Role.MEMBER)):
        assert refusal(context("maya"), (event,)) == LEADERLESS
    two = happen(delegation(), RoleGiven(person="omar", role=Role.LEAD), by="maya")
    assert refusal(context("omar", two), (Left(person="maya"),)) is None
    assert refusal(context("maya", two), (Left(person="maya"), Left(person="omar"))) == LEADERLESS


def test_the_lead_is_handed_over_in_one_step() -> None:
    outcome = handle(context("maya"), GiveLead("omar"), ButtonReply("yes"))
    assert [one.event for one in outcome.happened] == [
        RoleGiven(person="omar", role=Role.LEAD),
        RoleGiven(person="maya", role=Role.MEMBER),
    ]
    assert outcome.n is not None
    assert outcome.n.leads == ("omar",)


def test_the_lead_is_not_handed_to_somebody_who_left() -> None:
    n = happen(delegation(), Left(person="omar"))
    outcome = handle(context("maya", n), GiveLead("omar"), ButtonReply("yes"))
    assert not outcome.happened
    assert GONE in outcome.aside


def test_work_is_not_given_to_somebody_who_may_not_see_it() -> None:
    n = happen(delegation(), Restricted(section="gate", people=()), by="maya")
    why = refusal(context("maya", n), (Assigned(target="mandate", people=("omar",)),))
    assert why == "Omar may not see that section. Say first that they may."
    assert refusal(context("maya", n), (Assigned(target="mandate", people=("maya",)),)) is None


def test_several_leads_are_named_when_one_is_needed() -> None:
    n = happen(delegation(), Joined(person="vera", name="Vera", role=Role.LEAD))
    why = refusal(context("omar", n), (Rescheduled(talks_on=DAY),))
    assert why == "Only Maya, Vera, the leads, can move the talks."


@pytest.mark.parametrize(
    "place", [Team(), MemberPage("maya"), MemberPage("omar"), MemberPage("lina"), MemberPage("nobody")]
)
@pytest.mark.parametrize("me", ["maya", "omar", "lina"])
def test_nobody_is_offered_what_they_may_not_do(place: Place, me: str) -> None:
    """In the team, what a button asks for is never refused for want of a role."""
    here = context(me)
    for row in render(here, place).buttons:
        for button in row:
            means = button.means
            if isinstance(means, Link) and isinstance(
                means.place, GiveLead | LeaveDelegation | RemoveMember | ConfirmArchive
            ):
                act = {GiveLead: "yes", LeaveDelegation: "leave", RemoveMember: "remove", ConfirmArchive: "away"}[
                    type(means.place)
                ]
                assert handle(here, means.place, ButtonReply(act)).happened, button
            elif not isinstance(means, Link):
                assert handle(here, place, ButtonReply(means.act, means.arg)).happened, button


def test_an_observer_s_words_are_refused_wherever_they_stand() -> None:
    from tests.test_closure import context as crawled

    here = crawled(Role.OBSERVER)
    outcome = handle(here, TablePage("goals"), TextReply("Goal A\tmust"))
    assert outcome.aside == f"{OBSERVES} Nothing was recorded."
    assert not outcome.happened


def test_the_overview_is_loaded_only_where_it_is_shown() -> None:
    """A turn in one negotiation neither loads nor judges the others."""
    asked: list[str] = []

    def load() -> dict[int, Negotiation]:
        asked.append("all")
        return {1: delegation()}

    here = replace(context("maya"), overview=load)
    render(here, Team())
    handle(here, Team(), ButtonReply("invite", "member"))
    assert not asked
    assert "Ruritania: the bridge\n⛔ NOT READY · 45 days left" in render(here, Negotiations()).text
    assert asked


def test_the_overview_shows_of_each_only_what_may_be_seen() -> None:
    n = delegation()
    for section in ("transparency", "expectations", "allies", "gate"):
        if section in n.checklist.section:
            n = happen(n, Restricted(section=section, people=()), by="maya")
    here = replace(context("omar", n), overview=lambda: {1: n})
    assert "You see no section of these talks" in render(here, Negotiations()).text


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("archived", [False, True])
def test_who_only_reads_is_offered_nothing_that_is_refused(role: Role, *, archived: bool) -> None:
    """From every place that can be reached: no button comes to a refusal, and none to a place that only asks."""
    from tests.test_closure import context as crawled

    here = crawled(role)
    assert here.n is not None
    if archived:
        here = replace(here, n=happen(here.n, Archived(archived=True), by="maya"))
    if here.answers:
        return
    waiting: deque[Place] = deque([Home()])
    seen: set[str] = set()
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        shown = render(here, place)
        words = "\n".join([shown.text, *(button.label for row in shown.buttons for button in row)])
        asked = [
            ask for ask in ("Type your", "Type a ", "Tap all", "Fill next", "Add a row", "Send a file") if ask in words
        ]
        assert not asked or not isinstance(place, ItemQuestion | TablePage | RowPage | FieldQuestion | ItemEvidence), (
            place,
            asked,
        )
        for button in (button for row in shown.buttons for button in row):
            if isinstance(button.means, Link):
                waiting.append(go(here, button.means.place).place)
            elif button.means.act != "open":
                outcome = handle(here, place, ButtonReply(button.means.act, button.means.arg))
                assert "Nothing was recorded" not in outcome.aside, (place, button)
                assert all(one.event.kind in STILL for one in outcome.happened), (place, button)
                waiting.append(outcome.place)
            assert entry(here, waiting[-1]) is None, (place, button)
    assert len(seen) > 40


def offered(me: str, place: Place, n: Negotiation | None = None) -> set[str]:
    """The labels that a person sees at a place."""
    return {button.label for row in render(context(me, n), place).buttons for button in row}


def test_an_observer_sets_their_own_reminders() -> None:
    """All else they only read; so does everybody in talks put away."""
    assert {"Stop reminders", "Daily digest"} <= offered("lina", ReminderSettings())
    away = happen(delegation(), Archived(archived=True), by="maya")
    assert {"Stop reminders", "Daily digest"} <= offered("omar", ReminderSettings(), away)


def test_work_is_not_offered_to_somebody_who_may_not_see_it() -> None:
    """Neither when it is given, nor when it is handed on by somebody who is removed."""
    n = happen(delegation(), Joined(person="vera", name="Vera", role=Role.MEMBER))
    n = happen(n, Assigned(target="mandate", people=("vera",)), by="maya")
    assert "Omar" in offered("maya", AssignOwner("mandate"), n)
    assert "Remove, and Omar has it" in offered("maya", RemoveMember("vera"), n)
    n = happen(n, Restricted(section="gate", people=("vera",)), by="maya")
    assert "Omar" not in offered("maya", AssignOwner("mandate"), n)
    assert "Remove, and Omar has it" not in offered("maya", RemoveMember("vera"), n)
    assert {"Remove, and Maya has it", "Remove, and nobody has it"} <= offered("maya", RemoveMember("vera"), n)


def test_nobody_resets_their_own_passphrase() -> None:
    """Whoever holds a lead's phone gets no further by it: another lead does it, or whoever runs the server."""
    assert refusal(context("maya"), (PassphraseReset(person="maya"),)) == OWN_PHRASE
    assert refusal(context("maya"), (PassphraseReset(person="gone"),)) is not None
