"""Whatever can be tapped is answered: no crash, no dead end, no lost answer, for every role.

The crawl follows every button from home, as a lead, a member and an observer, over the small
checklist of `tests.factories`, with a row, an answer and evidence already there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from bot.core.answers import UNKNOWN, Picked, Text
from bot.core.changes import CHANGES, Change
from bot.core.checklist import Severity
from bot.core.events import (
    Archived,
    Assigned,
    DueSet,
    Evidence,
    EvidenceAdded,
    Exported,
    How,
    Joined,
    Left,
    Passphrases,
    Pursued,
    Role,
    Shielded,
    Signed,
    Waived,
)
from bot.core.fold import after
from bot.core.sealing import state_hash
from bot.dialog.charging import Dating
from bot.dialog.doubts import Differs, More, Sure
from bot.dialog.find import Find
from bot.dialog.front import Outcome
from bot.dialog.groups import CardFor
from bot.dialog.home import Home
from bot.dialog.newcomers import AtDoor
from bot.dialog.opening import Opening, Rescheduling
from bot.dialog.pasted import Pasted
from bot.dialog.permits import entry
from bot.dialog.place import Button, CardedGroup, Do, Go, Look, Page, Place, Say, Talks, Tapped, Typed
from bot.dialog.reminders import AtZone
from bot.dialog.reviewing import Reviewing
from bot.dialog.sealed import place_of_page, stand_in
from bot.dialog.shielding import LettingOut
from bot.dialog.signing import Signing
from bot.dialog.waiving import Waiving
from bot.dialog.wire import LIMIT, PAGE, pack, restored, stored, unpack
from tests.api import Room, go, hear, say
from tests.api import room as room_of
from tests.factories import SMALL, happen, happened, negotiation, story

DRAFTS: tuple[Place, ...] = (  # places a person comes to by typing, or by another's typing
    Pasted("goals", "", "Sample goal A\tmust\nSample goal B\twant"),
    Pasted("goals", "r1", "Rank: 2"),
    Sure("goals", "r1", "approved_on", "03/04/2027"),
    Differs("rung", "", "", '{"kind":"picked","options":["contacts"]}'),
    More("goals", "r1", "goal"),
    Waiving("rung", "_unanswered", "", "minor", "A sample reason"),
    Dating("goals/must", "03/04/2027"),
    Find("sample"),
    CardFor("-1001234567890"),
    AtZone("Port"),
    Reviewing(
        CHANGES.dump_json(
            (
                Change(item="crewed", said=Picked(options=("no",)), where="Items, E5"),
                Change(item="budget", why="it is no number.", wrote="much"),
                Change(item="goals", row="r9", field="goal", said=Text(text="Sample goal")),
                Change(item="goals", cells={"goal": Text(text="Sample goal B")}),
            )
        ).decode()
    ),
    LettingOut("goals", "chat"),
    Signing("no_go", "No-go, will not appeal. A sample reason"),
    AtDoor("somebody"),
    Opening("small", ("Ruritania", "the bridge", "2027-03-12", "Sylvania")),
    Opening("small", ("Ruritania", "the bridge"), "03/04/2027"),
    Rescheduling("03/04/2027"),
)
SHIELDED: dict[str, How] = {"s:expectations": "pointer", "minimum": "sealed", "goals": "sealed"}
NOW = datetime(2027, 1, 15, 10, tzinfo=UTC)
BOUND = 3000  # replies; the crawl ends far below it


def room(role: Role, *, veiled: bool = False) -> Room:
    """A delegation of a lead, a member and an observer, seen by one of them.

    ``veiled``: as a chat on Telegram carries it, with a section of names and references only, and sealed items.
    Let more happen at the end of it only: the buttons in `tests/golden` name what happened here by its number.
    """
    n, line = story(
        answers={"rung": "standards", "minimum": UNKNOWN, "budget": UNKNOWN, "last_met": "2026-10-01"},
        rows={
            "goals": {"r1": {"goal": "Sample goal", "want": "must"}},
            "parties": {"japan": {"position": UNKNOWN}},
        },
        people=("Maya", "Omar"),
    )
    seat = Joined(person="lina", name="Lina", role=Role.OBSERVER)
    proof = EvidenceAdded(item="rung", evidence=Evidence(id="e1", form="file", text="letter.pdf", size=2048))
    work = (
        Assigned(target="s:expectations", people=("omar", "maya")),
        DueSet(target="minimum", day=NOW.date()),
        Pursued(spot="minimum", course="question", priority=1),
        Pursued(spot="parties/japan/position", course="task"),
    )
    expired = Waived(gap="mandate/none", reason="A sample reason", until=date(2027, 1, 1), severity=Severity.BLOCKER)
    dissent = Signed(state=state_hash(n), verdict="no_go", words="Not yet.")
    for event, by in (
        (seat, "Lina"), (expired, "Maya"), (dissent, "Maya"), (proof, "Omar"), (dissent, "Maya"),
        *((one, "Maya") for one in work),
    ):  # fmt: skip
        line = (*line, happened(n, event, by=by))
        n = after(n, line[-1])
    if veiled:
        shields = [Shielded(target=target, how=how) for target, how in SHIELDED.items()]
        for strict in (Passphrases(on=True), *shields):
            line = (*line, happened(n, strict, by="Maya"))
            n = after(n, line[-1])
    me = next(one for one in n.here if one.role == role)
    return room_of(
        n,
        me.id,
        now=NOW,
        may_open=role == Role.LEAD,
        talks=(Talks(3, n.counterpart, n.subject, role), Talks(4, "Another", "subject", role)),
        checklists={SMALL.id: SMALL},
        secret="sample-secret-of-22-ch",
        link="https://t.me/sample_bot?start=",
        page="https://talks.example/join?s=",
        overview=lambda: {3: n, 4: happen(negotiation(counterpart="Another"), Archived(archived=True))},
        cards=lambda: (CardedGroup("-1001234567890", "Delegation"),),
        waiting=lambda group: CardedGroup(group, "Delegation"),
        line=lambda since: line[since:],
        looked=lambda: Look(3, NOW - timedelta(days=1)),
        veiled=veiled,
        pages=veiled,
    )


@dataclass(frozen=True)
class Tapping:
    """One button that somebody was shown, and what tapping it came to; a page of our own is opened elsewhere."""

    at: Room
    place: Place  # that said it
    button: Button
    packed: str
    outcome: Outcome | None  # None for a page


def taps(role: Role, *, veiled: bool = False) -> Iterator[Tapping]:
    """Tap whatever a person of this role comes to by tapping from home, and from where typing leads."""
    here = room(role, veiled=veiled)
    seen: set[str] = set()
    waiting: deque[Place] = deque(place for place in (Home(), *DRAFTS) if entry(here, place) is None)
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        shown = say(here, place)
        check(shown, place)
        for button in (button for row in shown.buttons for button in row):
            packed = pack(button, place, 3, 7)
            tapping = Tapping(here, place, button, packed, outcome_of(here, place, packed))
            yield tapping
            if tapping.outcome is not None and not opens(tapping.outcome):
                waiting.append(tapping.outcome.place)


def outcome_of(at: Room, place: Place, packed: str) -> Outcome | None:
    """What a button comes to for somebody who stands at ``place``; None for one that opens a page of our own."""
    if packed.startswith(PAGE):
        return None
    tap = unpack(packed)
    if tap.act is None:
        return go(at, tap.place or place)
    return hear(at, tap.place or place, Tapped(tap.act, tap.arg))


def crawl(role: Role, *, veiled: bool = False) -> tuple[set[tuple[str, str]], int]:
    """Every edge between kinds of places that a person of this role can tap, and how many taps were tried."""
    edges: set[tuple[str, str]] = set()
    tried = 0
    for tapping in islice(taps(role, veiled=veiled), BOUND):
        tried += 1
        at, outcome = tapping.at, tapping.outcome
        if isinstance(tapping.button.means, Page):
            assert place_of_page(replace(at, veiled=False), tapping.button.means.path) is not None
            continue
        assert 1 <= len(tapping.packed.encode()) <= LIMIT
        assert outcome is not None
        assert outcome.n is not None
        if at.n is not None and not opens(outcome):
            assert outcome.n.seq == at.n.seq + len(outcome.happened)
        edges.add((type(stand_in(at, tapping.place)).__name__, type(outcome.place).__name__))
    return edges, tried


def opens(outcome: Outcome) -> bool:
    """Whether a reply opened another negotiation."""
    return bool(outcome.happened) and outcome.happened[0].event.kind == "opened"


def check(shown: Say, place: Place) -> None:
    assert shown.title, place
    assert shown.buttons, f"{type(place).__name__} is a dead end"
    assert len(f"{shown.title}\n\n{shown.text}".encode("utf-16-le")) // 2 <= 4096, place


@pytest.mark.parametrize("veiled", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_every_button_leads_somewhere_and_loses_nothing(role: Role, *, veiled: bool) -> None:
    edges, tried = crawl(role, veiled=veiled)
    assert 100 < tried < BOUND
    assert len(edges) > 40


@pytest.mark.parametrize("veiled", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_every_place_takes_typed_text_without_a_crash(role: Role, *, veiled: bool) -> None:
    here = room(role, veiled=veiled)
    seen: set[str] = set()
    waiting: deque[Place] = deque((Home(), *DRAFTS))
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen or len(seen) > 600:
            continue
        seen.add(stored(place))
        for text in ("in hand", "12 March", "?", "a\tb\nc\td", "x" * 4500):
            outcome = hear(here, place, Typed(text))
            assert outcome.aside or outcome.happened or outcome.place != place, (place, text)
        for row in say(here, place).buttons:
            for button in row:
                if isinstance(button.means, Go):
                    waiting.append(go(here, button.means.place).place)
                elif isinstance(button.means, Do) and button.means.act != "open":
                    waiting.append(hear(here, place, Tapped(button.means.act, button.means.arg)).place)


def test_an_observer_changes_nothing_but_that_they_leave() -> None:
    here = room(Role.OBSERVER)
    seen: set[str] = set()
    waiting: deque[Place] = deque((Home(), *DRAFTS))
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        for row in say(here, place).buttons:
            for button in row:
                if isinstance(button.means, Do):
                    outcome = hear(here, place, Tapped(button.means.act, button.means.arg))
                    changes = [one.event for one in outcome.happened if not isinstance(one.event, Exported)]
                    assert changes in ([], [Left(person=here.me)]), (place, button)  # exports are noted for everybody
                    waiting.append(outcome.place)
                elif isinstance(button.means, Go):
                    waiting.append(go(here, button.means.place).place)


def test_every_place_survives_storage() -> None:
    here = room(Role.LEAD)
    seen: set[str] = set()
    waiting: deque[Place] = deque((Home(), *DRAFTS))
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        assert restored(stored(place)) == place
        for row in say(here, place).buttons:
            waiting.extend(go(here, button.means.place).place for button in row if isinstance(button.means, Go))


def edges() -> set[tuple[str, str]]:
    """Every edge of the conversation, for the map in the README."""
    return set().union(*(crawl(role, veiled=veiled)[0] for role in Role for veiled in (False, True)))
