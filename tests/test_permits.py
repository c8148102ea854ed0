"""Who may do what: every kind of event, for every role, in talks at work and in talks put away."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import get_args

import pytest

from bot.core.answers import Text
from bot.core.events import (
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
)
from bot.core.negotiation import Negotiation
from bot.core.sealing import state_hash
from bot.dialog.charging import Giving
from bot.dialog.evidence import AtEvidence
from bot.dialog.home import Home
from bot.dialog.permits import GONE, KEPT, LEADERLESS, OBSERVES, OWN_PHRASE, entry, refusal
from bot.dialog.place import Go, Place, Tapped, Typed
from bot.dialog.reminders import Reminders
from bot.dialog.roles import AtPerson, HandingOver, Leaving
from bot.dialog.rows import AtRow
from bot.dialog.several import OtherTalks, PuttingAway
from bot.dialog.tables import AtField, AtTable
from bot.dialog.team import Sending, Team
from bot.dialog.walk import AtItem
from bot.dialog.wire import stored
from tests.api import Room, go, hear, say
from tests.api import room as room_of
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


def room(me: str, n: Negotiation | None = None) -> Room:
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
    why = refusal(room(me), (event,))
    assert (why is None) == (roles[me] in may.split())
    assert why is None or why.endswith(".")


@pytest.mark.parametrize("me", ["maya", "omar", "lina"])
@pytest.mark.parametrize(("event", "may"), TABLE, ids=[event.kind for event, _ in TABLE])
def test_in_talks_put_away_nothing_is_answered(event: AnyEvent, may: str, me: str) -> None:
    n = happen(delegation(), Archived(archived=True), by="maya")
    why = refusal(room(me, n), (event,))
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
    why = refusal(room(me, n), (event,))
    if hasattr(event, "item") or event.kind in {"waived", "assigned", "due_set", "pursued", "restricted"}:
        assert why == KEPT


def test_the_last_lead_neither_leaves_nor_steps_down_nor_is_removed() -> None:
    for event in (Left(person="maya"), RoleGiven(person="maya", role=Role.MEMBER)):
        assert refusal(room("maya"), (event,)) == LEADERLESS
    two = happen(delegation(), RoleGiven(person="omar", role=Role.LEAD), by="maya")
    assert refusal(room("omar", two), (Left(person="maya"),)) is None
    assert refusal(room("maya", two), (Left(person="maya"), Left(person="omar"))) == LEADERLESS


def test_the_lead_is_handed_over_in_one_step() -> None:
    outcome = hear(room("maya"), HandingOver("omar"), Tapped("yes"))
    assert [one.event for one in outcome.happened] == [
        RoleGiven(person="omar", role=Role.LEAD),
        RoleGiven(person="maya", role=Role.MEMBER),
    ]
    assert outcome.n is not None
    assert outcome.n.leads == ("omar",)


def test_the_lead_is_not_handed_to_somebody_who_left() -> None:
    n = happen(delegation(), Left(person="omar"))
    outcome = hear(room("maya", n), HandingOver("omar"), Tapped("yes"))
    assert not outcome.happened
    assert GONE in outcome.aside


def test_work_is_not_given_to_somebody_who_may_not_see_it() -> None:
    n = happen(delegation(), Restricted(section="gate", people=()), by="maya")
    why = refusal(room("maya", n), (Assigned(target="mandate", people=("omar",)),))
    assert why == "Omar may not see that section. Say first that they may."
    assert refusal(room("maya", n), (Assigned(target="mandate", people=("maya",)),)) is None


def test_several_leads_are_named_when_one_is_needed() -> None:
    n = happen(delegation(), Joined(person="vera", name="Vera", role=Role.LEAD))
    why = refusal(room("omar", n), (Rescheduled(talks_on=DAY),))
    assert why == "Only Maya, Vera, the leads, can move the talks."


@pytest.mark.parametrize("place", [Team(), AtPerson("maya"), AtPerson("omar"), AtPerson("lina"), AtPerson("nobody")])
@pytest.mark.parametrize("me", ["maya", "omar", "lina"])
def test_nobody_is_offered_what_they_may_not_do(place: Place, me: str) -> None:
    """In the team, what a button asks for is never refused for want of a role."""
    here = room(me)
    for row in say(here, place).buttons:
        for button in row:
            means = button.means
            if isinstance(means, Go) and isinstance(means.place, HandingOver | Leaving | Sending | PuttingAway):
                act = {HandingOver: "yes", Leaving: "leave", Sending: "remove", PuttingAway: "away"}[type(means.place)]
                assert hear(here, means.place, Tapped(act)).happened, button
            elif not isinstance(means, Go):
                assert hear(here, place, Tapped(means.act, means.arg)).happened, button


def test_an_observer_s_words_are_refused_wherever_they_stand() -> None:
    from tests.test_closure import room as crawled

    here = crawled(Role.OBSERVER)
    outcome = hear(here, AtTable("goals"), Typed("Goal A\tmust"))
    assert outcome.aside == f"{OBSERVES} Nothing was recorded."
    assert not outcome.happened


def test_the_overview_is_loaded_only_where_it_is_shown() -> None:
    """A turn in one negotiation neither loads nor judges the others."""
    asked: list[str] = []

    def load() -> dict[int, Negotiation]:
        asked.append("all")
        return {1: delegation()}

    here = replace(room("maya"), overview=load)
    say(here, Team())
    hear(here, Team(), Tapped("invite", "member"))
    assert not asked
    assert "Ruritania: the bridge\n⛔ NOT READY · 45 days left" in say(here, OtherTalks()).text
    assert asked


def test_the_overview_shows_of_each_only_what_may_be_seen() -> None:
    n = delegation()
    for section in ("transparency", "expectations", "allies", "gate"):
        if section in n.checklist.section:
            n = happen(n, Restricted(section=section, people=()), by="maya")
    here = replace(room("omar", n), overview=lambda: {1: n})
    assert "You see no section of these talks" in say(here, OtherTalks()).text


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("archived", [False, True])
def test_who_only_reads_is_offered_nothing_that_is_refused(role: Role, *, archived: bool) -> None:
    """From every place that can be reached: no button comes to a refusal, and none to a place that only asks."""
    from tests.test_closure import room as crawled

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
        shown = say(here, place)
        words = "\n".join([shown.text, *(button.label for row in shown.buttons for button in row)])
        asked = [
            ask for ask in ("Type your", "Type a ", "Tap all", "Fill next", "Add a row", "Send a file") if ask in words
        ]
        assert not asked or not isinstance(place, AtItem | AtTable | AtRow | AtField | AtEvidence), (place, asked)
        for button in (button for row in shown.buttons for button in row):
            if isinstance(button.means, Go):
                waiting.append(go(here, button.means.place).place)
            elif button.means.act != "open":
                outcome = hear(here, place, Tapped(button.means.act, button.means.arg))
                assert "Nothing was recorded" not in outcome.aside, (place, button)
                assert all(one.event.kind in STILL for one in outcome.happened), (place, button)
                waiting.append(outcome.place)
            assert entry(here, waiting[-1]) is None, (place, button)
    assert len(seen) > 40


def offered(me: str, place: Place, n: Negotiation | None = None) -> set[str]:
    """The labels that a person sees at a place."""
    return {button.label for row in say(room(me, n), place).buttons for button in row}


def test_an_observer_sets_their_own_reminders() -> None:
    """All else they only read; so does everybody in talks put away."""
    assert {"Stop reminders", "Daily digest"} <= offered("lina", Reminders())
    away = happen(delegation(), Archived(archived=True), by="maya")
    assert {"Stop reminders", "Daily digest"} <= offered("omar", Reminders(), away)


def test_work_is_not_offered_to_somebody_who_may_not_see_it() -> None:
    """Neither when it is given, nor when it is handed on by somebody who is removed."""
    n = happen(delegation(), Joined(person="vera", name="Vera", role=Role.MEMBER))
    n = happen(n, Assigned(target="mandate", people=("vera",)), by="maya")
    assert "Omar" in offered("maya", Giving("mandate"), n)
    assert "Remove, and Omar has it" in offered("maya", Sending("vera"), n)
    n = happen(n, Restricted(section="gate", people=("vera",)), by="maya")
    assert "Omar" not in offered("maya", Giving("mandate"), n)
    assert "Remove, and Omar has it" not in offered("maya", Sending("vera"), n)
    assert {"Remove, and Maya has it", "Remove, and nobody has it"} <= offered("maya", Sending("vera"), n)


def test_nobody_resets_their_own_passphrase() -> None:
    """Whoever holds a lead's phone gets no further by it: another lead does it, or whoever runs the server."""
    assert refusal(room("maya"), (PassphraseReset(person="maya"),)) == OWN_PHRASE
    assert refusal(room("maya"), (PassphraseReset(person="gone"),)) is not None
