"""Whatever can be tapped is answered: no crash, no dead end, no lost answer, for every role.

The crawl follows every button from home, as a lead, a member and an observer, over the small
checklist of `tests.factories`, with a row, an answer and evidence already there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from bot.dialog.callback_data import LIMIT, PAGE, pack, restored, stored, unpack
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    CardedGroup,
    LastSeen,
    Link,
    Message,
    NegotiationLine,
    Place,
    TextReply,
    WebLink,
)
from bot.dialog.engine import HandledReply
from bot.dialog.refusals import entry
from bot.dialog.screens.admission import AdmitNewcomer
from bot.dialog.screens.chat_redaction import ConfirmDisclosure
from bot.dialog.screens.clarifications import AnswerPart, Clarify, ContinueText, ResolveConflict
from bot.dialog.screens.evidence import EvidenceDetail, ItemEvidence
from bot.dialog.screens.group_cards import ChooseGroupCard
from bot.dialog.screens.home import Home, NextForMe
from bot.dialog.screens.item import ItemQuestion, NextItem
from bot.dialog.screens.opening import MoveTalks, Opening
from bot.dialog.screens.ownership import SetDueDate
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.placing import ReplyElsewhere, UnplacedMessage
from bot.dialog.screens.redacted import RedactedItem, place_of_page, stand_in
from bot.dialog.screens.reminder_settings import ChooseTimeZone
from bot.dialog.screens.review_import import ReviewImport
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.search import Search
from bot.dialog.screens.shortest_path import ShortestPath
from bot.dialog.screens.sign_off import SignState
from bot.dialog.screens.table import NextField
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.dialog.screens.waivers import WaiveGap
from bot.domain.answers import UNKNOWN, Picked, Text
from bot.domain.checklist import Severity
from bot.domain.events import (
    Answered,
    Archived,
    Assigned,
    DueSet,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    Exported,
    How,
    Joined,
    Left,
    Passphrases,
    Pursued,
    Rescheduled,
    Restricted,
    Role,
    RowRemoved,
    Shielded,
    Signed,
    Waived,
)
from bot.domain.projection import after
from bot.domain.proposed_changes import CHANGES, ProposedChange
from bot.domain.sign_off import state_hash, voided
from tests.api import Context, go, handle, render
from tests.api import context as room_of
from tests.factories import SMALL, happen, happened, negotiation, story

DRAFTS: tuple[Place, ...] = (  # places a person comes to by typing, or by another's typing
    PastedRows("goals", "", "Sample goal A\tmust\nSample goal B\twant"),
    PastedRows("goals", "r1", "Rank: 2"),
    Clarify("goals", "r1", "approved_on", "03/04/2027"),
    ResolveConflict("rung", "", "", '{"kind":"picked","options":["contacts"]}'),
    ContinueText("goals", "r1", "goal"),
    AnswerPart("goals", "r1", "goal", 3, 4),
    ReplyElsewhere(stored(Clarify("goals", "r1", "approved_on", "03/04/2027")), stored(Home())),
    ReplyElsewhere(stored(PastedRows("goals", "", "Sample goal A\tmust")), stored(Home())),
    ReplyElsewhere(
        stored(
            ConfirmVoid(
                stored(ItemQuestion("rung")), act="pick", arg="contacts", signed="9", changes="· Omar answered Rung: A"
            )
        ),
        stored(Home()),
    ),
    UnplacedMessage("Sample words", "unknown", stored(Home())),
    UnplacedMessage("Sample words", "rest", stored(Home()), (stored(AnswerPart("minimum", "", "", 20)),)),
    UnplacedMessage("Sample words", "forwarded", stored(Home()), (stored(ItemEvidence("rung")),), "Jane Roe", "k1"),
    WaiveGap("rung", "_unanswered", "", "minor", "A sample reason"),
    SetDueDate("goals/must", "03/04/2027"),
    Search("sample"),
    ChooseGroupCard("-1001234567890"),
    ChooseTimeZone("Port"),
    ReviewImport(
        CHANGES.dump_json(
            (
                ProposedChange(item="crewed", said=Picked(options=("no",)), where="Items, E5"),
                ProposedChange(item="budget", why="it is no number.", wrote="much"),
                ProposedChange(item="goals", row="r9", field="goal", said=Text(text="Sample goal")),
                ProposedChange(item="goals", cells={"goal": Text(text="Sample goal B")}),
            )
        ).decode()
    ),
    ConfirmDisclosure("goals", "chat"),
    SignState("no_go", "No-go, will not appeal. A sample reason"),
    AdmitNewcomer("somebody"),
    Opening("small", ("Ruritania", "the bridge", "2027-03-12", "Sylvania")),
    Opening("small", ("Ruritania", "the bridge"), "03/04/2027"),
    MoveTalks("03/04/2027"),
    ConfirmVoid(
        stored(ItemQuestion("rung")), act="pick", arg="contacts", signed="9", changes="· Omar answered Rung: Contacts"
    ),
    ConfirmVoid(stored(ItemEvidence("rung")), file="letter.pdf", signed="9", changes="· Omar added letter.pdf"),
)
SHIELDED: dict[str, How] = {"s:expectations": "pointer", "minimum": "sealed", "goals": "sealed"}
NOW = datetime(2027, 1, 15, 10, tzinfo=UTC)
BOUND = 3000  # replies; the crawl ends far below it


def context(role: Role, *, veiled: bool = False) -> Context:
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
    same_day = Rescheduled(talks_on=n.talks_on)  # which voids the dissent, so that nothing is asked first
    line = (*line, happened(n, same_day, by="Maya"))
    n = after(n, line[-1])
    me = next(one for one in n.here if one.role == role)
    return room_of(
        n,
        me.id,
        now=NOW,
        may_open=role == Role.LEAD,
        talks=(NegotiationLine(3, n.counterpart, n.subject, role), NegotiationLine(4, "Another", "subject", role)),
        checklists={SMALL.id: SMALL},
        secret="sample-secret-of-22-ch",
        link="https://t.me/sample_bot?start=",
        page="https://talks.example/join?s=",
        overview=lambda: {3: n, 4: happen(negotiation(counterpart="Another"), Archived(archived=True))},
        cards=lambda: (CardedGroup("-1001234567890", "Delegation"),),
        waiting=lambda group: CardedGroup(group, "Delegation"),
        line=lambda since: line[since:],
        looked=lambda: LastSeen(3, NOW - timedelta(days=1)),
        veiled=veiled,
        pages=veiled,
    )


@dataclass(frozen=True)
class Tapping:
    """One button that somebody was shown, and what tapping it came to; a page of our own is opened elsewhere."""

    at: Context
    place: Place  # that said it
    button: Button
    packed: str
    outcome: HandledReply | None  # None for a page


def taps(role: Role, *, veiled: bool = False) -> Iterator[Tapping]:
    """Tap whatever a person of this role comes to by tapping from home, and from where typing leads."""
    return taps_in(context(role, veiled=veiled))


def taps_in(here: Context) -> Iterator[Tapping]:
    """The same, of somebody who sees these talks."""
    seen: set[str] = set()
    waiting: deque[Place] = deque(place for place in (Home(), *DRAFTS) if entry(here, place) is None)
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        shown = render(here, place)
        check(shown, place)
        for button in (button for row in shown.buttons for button in row):
            packed = pack(button, place, 3, 7)
            tapping = Tapping(here, place, button, packed, outcome_of(here, place, packed))
            yield tapping
            if tapping.outcome is not None and not opens(tapping.outcome):
                waiting.append(tapping.outcome.place)


def outcome_of(at: Context, place: Place, packed: str) -> HandledReply | None:
    """What a button comes to for somebody who stands at ``place``; None for one that opens a page of our own."""
    if packed.startswith(PAGE):
        return None
    tap = unpack(packed)
    if tap.act is None:
        return go(at, tap.place or place)
    return handle(at, tap.place or place, ButtonReply(tap.act, tap.arg))


def crawl(role: Role, *, veiled: bool = False) -> tuple[set[tuple[str, str]], int]:
    """Every edge between kinds of places that a person of this role can tap, and how many taps were tried."""
    edges: set[tuple[str, str]] = set()
    tried = 0
    for tapping in islice(taps(role, veiled=veiled), BOUND):
        tried += 1
        at, outcome = tapping.at, tapping.outcome
        if isinstance(tapping.button.means, WebLink):
            assert place_of_page(replace(at, veiled=False), tapping.button.means.path) is not None
            continue
        assert 1 <= len(tapping.packed.encode()) <= LIMIT
        assert outcome is not None
        assert outcome.n is not None
        if at.n is not None and not opens(outcome):
            assert outcome.n.seq == at.n.seq + len(outcome.happened)
        edges.add((type(stand_in(at, tapping.place)).__name__, type(outcome.place).__name__))
    return edges, tried


def opens(outcome: HandledReply) -> bool:
    """Whether a reply opened another negotiation."""
    return bool(outcome.happened) and outcome.happened[0].event.kind == "opened"


def check(shown: Message, place: Place) -> None:
    assert shown.title, place
    assert shown.buttons, f"{type(place).__name__} is a dead end"
    assert len(f"{shown.title}\n\n{shown.text}".encode("utf-16-le")) // 2 <= 4096, place


@pytest.mark.slow
@pytest.mark.parametrize("veiled", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_every_button_leads_somewhere_and_loses_nothing(role: Role, *, veiled: bool) -> None:
    edges, tried = crawl(role, veiled=veiled)
    assert 100 < tried < BOUND
    assert len(edges) > 40


def links(here: Context) -> list[Place]:
    """Where links lead that somebody is shown, each once."""
    found = (one.button.means.place for one in taps_in(here) if isinstance(one.button.means, Link))
    return list(dict.fromkeys(found))


PASSED = (NextField, NextForMe, NextItem)  # which lead on: nobody stands there


def astray(here: Context, places: Iterable[Place]) -> list[Place]:
    """The links that lead elsewhere than they say, and do not say why."""
    return [place for place in places if not _arrives(here, place)]


def _arrives(here: Context, place: Place) -> bool:
    outcome = go(here, place)
    there = type(outcome.place)
    says_so = bool(outcome.aside) or there is RedactedItem
    assert entry(here, outcome.place) is None, place
    return says_so or there is type(place) or (isinstance(place, PASSED) and there is not Home)


@pytest.mark.parametrize("veiled", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_who_follows_a_link_stands_where_it_said(role: Role, *, veiled: bool) -> None:
    here = context(role, veiled=veiled)
    found = links(here)
    assert len({type(place) for place in found}) > 25
    assert astray(here, found) == []


@pytest.mark.slow
@pytest.mark.parametrize("section", [section.id for section in SMALL.sections])
@pytest.mark.parametrize("role", [Role.MEMBER, Role.OBSERVER])
def test_so_does_who_may_not_see_a_section_and_of_old_links_is_told_why_not(role: Role, section: str) -> None:
    """Nobody is thrown home without a word: neither by what they are offered, nor by what leads are."""
    whole = context(role)
    here = replace(whole, n=happen(whole.here, Restricted(section=section, people=()), by="Maya"))
    found = links(here)
    assert ShortestPath() in found
    assert [place for place in found if go(here, place).aside] == []
    assert astray(here, found) == []
    assert astray(here, links(context(Role.LEAD))) == []


def test_who_follows_a_link_to_what_was_removed_is_told_so() -> None:
    here = context(Role.LEAD)
    found = links(here)
    gone = [
        RowRemoved(item="goals", row="r1"), RowRemoved(item="parties", row="japan"),
        EvidenceRemoved(item="rung", evidence="e1"), Answered(item="budget", answer=None), Left(person="omar"),
    ]  # fmt: skip
    then = replace(here, n=happen(here.here, *gone, by="Maya"))
    assert astray(then, found) == []
    assert "That row was removed." in go(then, RowPage("goals", "r1")).aside
    assert "That piece of evidence was removed." in go(then, EvidenceDetail("rung", "e1")).aside


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.LEAD, Role.MEMBER])
def test_no_tap_voids_a_signature_that_was_not_told_of(role: Role) -> None:
    """Of all that can be tapped; and going on does what the tap would have done where nobody signed."""
    asked = 0
    for tapping in taps(role):
        if isinstance(tapping.place, ConfirmVoid) or tapping.outcome is None or opens(tapping.outcome):
            continue
        n = tapping.at.here
        here = replace(
            tapping.at, n=happen(n, Signed(state=state_hash(n), verdict="no_go", words="Not yet."), by="Maya")
        )
        outcome = outcome_of(here, tapping.place, tapping.packed)
        assert outcome is not None
        assert outcome.n is not None
        assert not voided(here.here, outcome.n), tapping
        if not isinstance(outcome.place, ConfirmVoid):
            continue
        asked += 1
        assert "1 lead has signed; this voids it. Void: Maya (no-go)." in render(here, outcome.place).text
        assert not handle(here, outcome.place, ButtonReply("cancel")).happened
        done = handle(here, outcome.place, ButtonReply("go"))
        assert [one.event for one in done.happened] == [one.event for one in tapping.outcome.happened]
        assert done.n is not None
        assert voided(here.here, done.n)
    assert asked > 30


@pytest.mark.slow
@pytest.mark.parametrize("veiled", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_every_place_takes_typed_text_without_a_crash(role: Role, *, veiled: bool) -> None:
    here = context(role, veiled=veiled)
    seen: set[str] = set()
    waiting: deque[Place] = deque((Home(), *DRAFTS))
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen or len(seen) > 600:
            continue
        seen.add(stored(place))
        for text in ("in hand", "12 March", "?", "a\tb\nc\td", "x" * 4500):
            outcome = handle(here, place, TextReply(text))
            assert outcome.aside or outcome.happened or outcome.place != place, (place, text)
        for row in render(here, place).buttons:
            for button in row:
                if isinstance(button.means, Link):
                    waiting.append(go(here, button.means.place).place)
                elif isinstance(button.means, Action) and button.means.act != "open":
                    waiting.append(handle(here, place, ButtonReply(button.means.act, button.means.arg)).place)


def test_an_observer_changes_nothing_but_that_they_leave() -> None:
    here = context(Role.OBSERVER)
    seen: set[str] = set()
    waiting: deque[Place] = deque((Home(), *DRAFTS))
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        for row in render(here, place).buttons:
            for button in row:
                if isinstance(button.means, Action):
                    outcome = handle(here, place, ButtonReply(button.means.act, button.means.arg))
                    changes = [one.event for one in outcome.happened if not isinstance(one.event, Exported)]
                    assert changes in ([], [Left(person=here.me)]), (place, button)  # exports are noted for everybody
                    waiting.append(outcome.place)
                elif isinstance(button.means, Link):
                    waiting.append(go(here, button.means.place).place)


def test_every_place_survives_storage() -> None:
    here = context(Role.LEAD)
    seen: set[str] = set()
    waiting: deque[Place] = deque((Home(), *DRAFTS))
    while waiting:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        assert restored(stored(place)) == place
        for row in render(here, place).buttons:
            waiting.extend(go(here, button.means.place).place for button in row if isinstance(button.means, Link))


def edges() -> set[tuple[str, str]]:
    """Every edge of the conversation, for docs/use/map.md."""
    return set().union(*(crawl(role, veiled=veiled)[0] for role in Role for veiled in (False, True)))
