"""What a lead keeps for some people is nowhere to be found for the others.

Canaries are written wherever something can be written in a section; then everything that a person
from whom it is kept can be shown is looked at, place by place and document by document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.application.documents import PictureCache, order, render_document
from bot.dialog.callback_data import stored
from bot.dialog.contract import Action, ButtonReply, DocumentRequest, Link, Place, TextReply
from bot.dialog.refusals import entry
from bot.dialog.screens.clarifications import AnswerPart, Clarify, ContinueText, ResolveConflict
from bot.dialog.screens.evidence import EvidenceDetail, ItemEvidence
from bot.dialog.screens.export import INCOMPLETE, ExportPage
from bot.dialog.screens.first_pass import FirstPass
from bot.dialog.screens.home import Home, SectionPage
from bot.dialog.screens.item import ItemHistoryPage, ItemWhy, NextItem, NotApplicableReason, at
from bot.dialog.screens.ownership import AssignOwner
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.placing import ReplyElsewhere, UnplacedMessage
from bot.dialog.screens.remove_row import ConfirmRemoveRow
from bot.dialog.screens.roles import GiveLead
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.search import Search
from bot.dialog.screens.section_visibility import SectionVisibility
from bot.dialog.screens.summary import GapDetail
from bot.dialog.screens.table import FieldQuestion, NextField
from bot.dialog.screens.waivers import WaiveGap
from bot.domain.access.need_to_know import hidden_from, may_see, seen_by, without
from bot.domain.access.permissions import Denial
from bot.domain.answers import Cell, NotApplicable, Pointer, Text
from bot.domain.checklist import Checklist, Item, Kind
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    DueSet,
    Evidence,
    EvidenceAdded,
    Joined,
    Left,
    Pursued,
    Restricted,
    Role,
    RoleGiven,
    RowPut,
    Waived,
)
from bot.domain.events.base import of_section
from bot.domain.negotiation import WITHHELD, Happened, Negotiation
from bot.domain.projection import after
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.report.builder import report
from bot.domain.wording.history import told
from bot.exports.markdown import markdown
from bot.storage import FileRow
from tests.api import Attachment, Chat, Context, Delegation, go, handle, render
from tests.api import context as room_of
from tests.factories import SMALL, happen, negotiation, story
from tests.test_fold import lines

pytestmark = pytest.mark.slow

CANARY = "xyzzy"
NOW = datetime(2027, 1, 15, 10, tzinfo=UTC)
BOUND = 2500  # places; a crawl ends below it

CROSSED = Checklist.model_validate(  # everything in one section that can look into another
    yaml.safe_load("""
id: crossed
version: 1
title: Sections that look into each other
about: Small, so that every text is reached.
source: Written for tests.
points: {T1: Openness binds both., T2: Aims come first.}
gates: [{days: 30, label: A month before, closes: major}]
sections:
  - id: kept
    title: Kept
    about: What only some may see.
    items:
      - {id: things, label: Things, ask: "Which?", kind: table, why: To know., from: [T2],
         fields: [{id: thing, label: Thing, ask: "Which?", kind: text, required: true},
                  {id: more, label: More, ask: "What more?", kind: text}],
         gaps: [{id: some, severity: blocker, each: true, when: {the: .more, missing: true},
                 says: "{row} is bare.", mend: Say more.}]}
      - {id: word, label: Word, ask: "Which word?", kind: text, why: To know., from: [T2]}
      - {id: form, label: Form, ask: "What?", kind: form, why: To know., from: [T2],
         fields: [{id: a, label: A, ask: "A?", kind: text}, {id: b, label: B, ask: "B?", kind: text}]}
  - id: open
    title: Open
    about: What everybody sees.
    items:
      - {id: marks, label: Marks, ask: "Which?", kind: table, why: To know., from: [T1], named_by: thing,
         valid_for: 10,
         fields: [{id: thing, label: Of thing, ask: "Of which?", kind: row, of: things, required: true},
                  {id: note, label: Note, ask: "What note?", kind: text, required: true},
                  {id: if, label: If, ask: "If so?", kind: text, show_if: {the: .thing.more, empty: true}}],
         gaps: [{id: mirror, severity: major, when: {not: {mirror: things, pointer: marks.thing}},
                 says: Not everything is marked., mend: Mark it.},
                {id: each, severity: minor, each: true, when: {the: .note, missing: true},
                 says: "{row} has no note.", mend: Note it.}]}
      - {id: deeper, label: Deeper, ask: "Which?", kind: table, why: To know., from: [T1],
         fields: [{id: mark, label: Of mark, ask: "Of which?", kind: row, of: marks}]}
      - {id: asked, label: Asked, ask: "What?", kind: form, why: To know., from: [T1],
         fields: [{id: first, label: First, ask: "First?", kind: text},
                  {id: then, label: Then, ask: "Then?", kind: text, show_if: {any_row: things}}]}
      - {id: shown, label: Shown, ask: "What?", kind: text, why: To know., from: [T1],
         show_if: {any_row: things}}
      - {id: barred, label: Barred, ask: "What?", kind: text, why: To know., from: [T1],
         locked: {until: {the: word, is: nothing}, says: Not yet.}}
      - {id: verdict, label: Verdict, ask: "Do we go?", kind: yes_no, why: To know., from: [T1],
         gaps: [{id: go, severity: blocker, when: {open_blocker: true}, says: A blocker is open., mend: Settle it.}]}
""")
)


def written(item: Item) -> Iterator[AnyEvent]:
    """Canaries in every spot of an item where text can stand."""
    if item.kind == Kind.FORM:
        yield RowPut(item=item.id, row="form", cells=_cells(item))
    elif item.kind == Kind.TABLE:
        yield RowPut(item=item.id, row="r70", cells=_cells(item))
        yield RowPut(item=item.id, row="r71", cells=_cells(item))
    elif item.kind == Kind.TEXT:
        yield Answered(item=item.id, answer=Text(text=f"first {CANARY}"))
        yield Answered(item=item.id, answer=Text(text=f"{CANARY} in {item.id}"))
    else:
        yield Answered(item=item.id, answer=NotApplicable(reason=f"{CANARY} for {item.id}"))
    for form in ("reference", "file"):
        proof = {"id": f"{form[0]}{item.id}", "form": form, "text": f"{CANARY}.pdf", "size": 3}
        yield EvidenceAdded(item=item.id, evidence=Evidence.model_validate(proof))
    yield Assigned(target=item.id, people=("maya",))
    yield DueSet(target=item.id, day=date(2027, 2, 1))
    yield Pursued(spot=item.id, course="task")


def _cells(item: Item) -> dict[str, Cell | None]:
    return {
        field.id: Text(text=f"{CANARY} {item.id} {field.id}") if field.kind == Kind.TEXT else None
        for field in item.fields
    }


def kept_from_lina(
    n: Negotiation, sections: Iterable[str], role: Role = Role.MEMBER
) -> tuple[Negotiation, list[Happened]]:
    """The negotiation with canaries in these sections, kept from Lina; and what happened."""
    happened: list[Happened] = []

    def tell(*events: AnyEvent, by: str = "maya") -> None:
        nonlocal n
        for event in events:
            happened.append(Happened(n.seq + 1, max(NOW, n.opened_at), by, event))
            n = after(n, happened[-1])

    tell(Joined(person="maya", name="Maya", role=Role.LEAD), Joined(person="lina", name="Lina", role=role))
    for section in sections:
        for item in n.checklist.section[section].items:
            tell(*written(item))
        tell(Restricted(section=section, people=()))
    hidden = {item.id for section in sections for item in n.checklist.section[section].items}
    for gap in gaps(n, NOW.date()):
        if gap.item in hidden:
            tell(Waived(gap=gap.key, reason=f"{CANARY} is fine", until=n.talks_on))
            tell(Assigned(target=gap.key, people=("maya",)))
    return n, happened


def crossed(role: Role = Role.MEMBER) -> Negotiation:
    """A negotiation whose open section points into the one that is kept from Lina."""
    n, _ = kept_from_lina(negotiation(checklist=CROSSED), ["kept"], role)
    marks: list[AnyEvent] = [
        RowPut(item="marks", row="r1", cells={"thing": Pointer(row="r70")}),
        RowPut(item="marks", row="r2", cells={"thing": Pointer(row="r99"), "note": Text(text="Lost")}),
        RowPut(item="deeper", row="r1", cells={"mark": Pointer(row="r1")}),
        Assigned(target="marks/each/r1", people=("lina",)),
    ]
    return happen(n, *marks, by="maya")


def context(n: Negotiation, me: str = "lina") -> Context:
    return room_of(n, me, now=NOW, may_open=False, checklists={n.checklist.id: n.checklist},
        secret="sample-secret-of-22-ch", link="https://t.me/sample_bot?start=", overview=lambda: {3: n, 4: n},
    )  # fmt: skip


def replied(there: Place) -> Place:
    """A reply to an older message, which is asked back."""
    return ReplyElsewhere(stored(there), stored(Home()))


def places(n: Negotiation) -> Iterator[Place]:
    """Every place of what is kept from Lina, as old or forged buttons lead to."""
    hidden = hidden_from(n, "lina")
    for section in (n.checklist.section[one] for one in hidden):
        yield from (SectionPage(section.id), FirstPass(section.id), SectionVisibility(section.id))
        for item in section.items:
            yield from (
                at(item),
                ItemWhy(item.id),
                ItemHistoryPage(item.id),
                NotApplicableReason(item.id),
                AssignOwner(item.id),
                NextItem(item.id),
            )
            yield from (
                ItemEvidence(item.id),
                EvidenceDetail(item.id, f"f{item.id}"),
                ResolveConflict(item.id, "", "", ""),
            )
            for field in item.fields:
                for row in n.record(item.id).rows:
                    yield from (
                        RowPage(item.id, row),
                        FieldQuestion(item.id, row, field.id),
                        NextField(item.id, row, field.id),
                    )
                    yield from (ConfirmRemoveRow(item.id, row), PastedRows(item.id, row, "a: b"))
                    yield from (Clarify(item.id, row, field.id, "03/04/2027"), ContinueText(item.id, row, field.id))
                    yield from (AnswerPart(item.id, row, field.id), replied(Clarify(item.id, row, field.id, "1/2/27")))
                    yield UnplacedMessage("A reason", "unknown", stored(FieldQuestion(item.id, row, field.id)))
    for gap in gaps(n, NOW.date()):
        if n.checklist.section_of[gap.item].id in hidden:
            yield GapDetail(gap.item, gap.rule, gap.row or "")
            yield WaiveGap(gap.item, gap.rule, gap.row or "", "A reason")


def offers(n: Negotiation) -> Iterator[Place]:
    """Messages that wait to be put somewhere, perhaps behind what is kept from Lina by now."""
    for section in (n.checklist.section[one] for one in hidden_from(n, "lina")):
        for item in section.items:
            yield UnplacedMessage("A reason", "list", stored(Home()), (stored(NextItem(item.id)),))


def crawl(here: Context, most: int = BOUND) -> Iterator[tuple[Place, str]]:
    """Everything that the person is shown, from home and from every place they may not be at."""
    assert here.n is not None
    waiting: deque[Place] = deque((Home(), Search(CANARY[:-1]), Search("e"), *places(here.n), *offers(here.n)))
    seen: set[str] = set()
    while waiting and len(seen) < most:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        shown = render(here, place)
        yield place, "\n".join([shown.title, shown.text, *(one.label for row in shown.buttons for one in row)])
        replies = [handle(here, place, TextReply("A sample reason"))]
        for button in (button for row in shown.buttons for button in row):
            match button.means:
                case Link(place=target):
                    replies.append(go(here, target))
                case Action(act=act, arg=arg):
                    replies.append(handle(here, place, ButtonReply(act, arg)))
        for outcome in replies:
            yield place, f"{outcome.aside}\n{outcome.kept}"
            for one in outcome.happened:
                assert may_see(here.n, here.me, one.event.concerns()), (place, one)
            waiting.append(outcome.place)


def test_nothing_restricted_costs_nothing() -> None:
    """Where nothing is kept from a person, they see the negotiation itself."""
    n = negotiation()
    assert seen_by(n, "omar") is n
    n = happen(n, Restricted(section="gate", people=("omar",)), by="maya")
    assert seen_by(n, "omar") is n
    assert seen_by(n, "maya") is n
    n = happen(n, Restricted(section="gate", people=()), by="maya")
    assert seen_by(n, "omar") is seen_by(n, "omar") is not n


def test_a_section_is_for_those_named_and_for_leads() -> None:
    n = negotiation(people=("Maya", "Omar", "Lina"))
    n = happen(n, Restricted(section="gate", people=("omar",)), by="maya")
    for target in (of_section("gate"), "mandate", "mandate/none", "u:mandate"):
        assert [may_see(n, one, target) for one in ("maya", "omar", "lina", "nobody")] == [True, True, False, False]
    assert may_see(n, "lina", "rung")
    assert may_see(n, "lina", None)


def test_who_leaves_and_comes_back_is_not_listed_any_more() -> None:
    n = happen(negotiation(), Restricted(section="gate", people=("omar",)), by="maya")
    n = happen(n, Left(person="omar"), Joined(person="omar", name="Omar", role=Role.MEMBER))
    assert not may_see(n, "omar", "mandate")
    assert may_see(happen(n, Restricted(section="gate", people=("omar",)), by="maya"), "omar", "mandate")


def test_a_lead_who_steps_down_sees_only_what_is_theirs() -> None:
    n = happen(
        negotiation(), Restricted(section="gate", people=()), RoleGiven(person="omar", role=Role.LEAD), by="maya"
    )
    assert may_see(n, "omar", "mandate")
    assert not may_see(happen(n, RoleGiven(person="omar", role=Role.MEMBER)), "omar", "mandate")


def test_events_never_go_on_what_one_person_sees() -> None:
    n = happen(negotiation(), Restricted(section="gate", people=()), by="maya")
    with pytest.raises(ValueError, match="whole negotiation"):
        happen(seen_by(n, "omar"), Answered(item="rung", answer=None))


@given(lines(), st.sets(st.sampled_from([one.id for one in SMALL.sections])))
def test_what_is_left_is_judged_as_for_everybody(line: tuple[Happened, ...], sections: set[str]) -> None:
    """The same gaps, waivers and counts as a lead sees in the same sections."""
    from tests.test_fold import SOON, fold

    n = fold(line)
    view = without(n, frozenset(sections))
    left = [gap.key for gap in gaps(n, SOON) if n.checklist.section_of[gap.item].id not in sections]
    assert [gap.key for gap in gaps(view, SOON)] == left
    whole = {one.section.id: one for one in readiness(n, SOON).sections}
    for one in readiness(view, SOON).sections:
        assert (one.settled, one.total) == (whole[one.section.id].settled, whole[one.section.id].total)


def test_a_gap_names_no_row_of_a_section_that_is_kept() -> None:
    """Its text says so instead, to those alone who may not know."""
    n = crossed()
    says = {gap.key: gap.says for gap in gaps(seen_by(n, "lina"), NOW.date())}
    assert says["marks/each/r1"] == f"{WITHHELD} has no note."
    assert f"Without a partner: {WITHHELD}" in says["marks/mirror"]
    assert CANARY in {gap.key: gap.says for gap in gaps(n, NOW.date())}["marks/each/r1"]
    assert gaps(seen_by(n, "lina"), NOW.date()) == gaps(seen_by(n, "lina"), NOW.date())


@pytest.mark.prove
@pytest.mark.parametrize("role", [Role.MEMBER, Role.OBSERVER])
def test_no_place_shows_anything_of_a_section_that_is_kept(role: Role) -> None:
    """Every place that can be reached, with every old and forged button; and nothing is recorded there."""
    n = crossed(role)
    assert any(CANARY in text for _, text in crawl(context(n, "maya")))
    for place, text in crawl(context(n)):
        assert CANARY not in text, place
        assert "Things" not in text or isinstance(place, Search), place


@pytest.mark.prove
@given(st.data())
def test_no_place_shows_it_whatever_happened_and_whatever_is_kept(data: st.DataObject) -> None:
    """Random negotiations, random sections."""
    from tests.test_fold import fold

    sections = data.draw(st.sets(st.sampled_from([one.id for one in SMALL.sections]), min_size=1))
    line = data.draw(lines())
    n, _ = kept_from_lina(fold(line), sorted(sections), data.draw(st.sampled_from([Role.MEMBER, Role.OBSERVER])))
    for place, text in crawl(context(n), 400):
        assert CANARY not in text, place


@given(lines(), st.sets(st.sampled_from([one.id for one in SMALL.sections]), min_size=1))
def test_no_document_and_no_history_holds_it(line: tuple[Happened, ...], sections: set[str]) -> None:
    """Reports, Markdown, the history in words, and the view itself to its last value."""
    from tests.test_fold import fold

    n, more = kept_from_lina(fold(line), sorted(sections))
    whole = (*line, *more)
    assert CANARY in markdown(report(n, NOW, "Maya", whole))
    view = seen_by(n, "lina")
    for given_line in (whole, None):
        found = report(view, NOW, "Lina", given_line)
        assert CANARY not in repr(found)
        assert CANARY not in markdown(found)
        assert "withheld from you" not in markdown(found)  # what may not be told is not listed at all
    assert "Of the sections that Lina sees: " in markdown(report(view, NOW, "Lina", whole))
    assert CANARY not in "".join(told(view, one) for one in whole)
    assert CANARY not in repr(view)


def test_what_is_asked_is_the_same_for_everybody() -> None:
    """Conditions look at the whole, also those of fields, in the chat and in documents."""
    n = crossed()
    assert "Then: –" in render(context(n), RowPage("asked", "form")).text
    found = report(seen_by(n, "lina"), NOW, "Lina")
    items = {one.id: one for section in found.sections for one in section.items}
    assert [line.cells[0].text for line in items["asked"].lines] == ["First", "Then"]
    assert "shown" in items
    assert items["barred"].state == "waits for another item"


def test_stepping_down_tells_of_no_gap_that_goes_out_of_sight() -> None:
    n, _ = kept_from_lina(negotiation(), ["transparency"], Role.LEAD)
    assert any(gap.item == "goals" for gap in gaps(n, NOW.date()))
    outcome = handle(context(n), GiveLead(""), ButtonReply("yes"))
    assert outcome.happened
    assert "closes" not in outcome.aside


def test_a_row_that_may_not_be_seen_is_called_so_whether_or_not_it_is_there() -> None:
    n = crossed()
    things, marks = n.checklist.item["things"], n.checklist.item["marks"]
    row, lost = n.record("things").rows["r70"], n.record("marks").rows["r2"]
    for view in (seen_by(n, "lina"), seen_by(n, "lina").judged):
        assert view.row_label(things, row) == WITHHELD
        assert view.row_label(marks, lost) == WITHHELD
    assert n.row_label(marks, lost) == "a row that was removed"


def test_undo_takes_nothing_back_that_may_not_be_seen() -> None:
    n = crossed()
    undo = ButtonReply("undo", f"word.{n.record('word').seq}")
    assert handle(context(n, "maya"), Home(), undo).happened
    assert handle(context(n), Home(), undo).aside == "There is nothing to take back."


def test_a_document_is_made_as_its_reader_may_see_it() -> None:
    """Markdown leaves the section out; what is complete is not brought at all, nor a file from there."""
    n = crossed()
    line = story(checklist=CROSSED)[1]

    def file(key: str) -> FileRow:
        return FileRow(key, 3, f"{CANARY}.pdf", "", 3, CANARY.encode())

    pictures = PictureCache()

    def bring(paper: DocumentRequest, there: Context) -> Attachment | None:
        return render_document(order(paper, there, lambda: line, file, 3, pictures), "")[0]

    here, lead = context(n), context(n, "maya")
    for form in ("markdown", "card", "trend"):
        read = bring(DocumentRequest(form), here)
        assert read is not None
        assert CANARY not in read.caption
        assert CANARY.encode() not in read.body
    assert bring(DocumentRequest("card"), here) != bring(DocumentRequest("card"), lead)
    assert bring(DocumentRequest("trend"), here) != bring(DocumentRequest("trend"), lead)
    assert bring(DocumentRequest("json"), here) is None
    assert bring(DocumentRequest("evidence", "fword"), here) is None
    assert bring(DocumentRequest("json"), lead) is not None
    assert bring(DocumentRequest("evidence", "fword"), lead) is not None
    assert handle(here, ExportPage(), ButtonReply("bring", "json")).aside == INCOMPLETE


def test_a_verdict_says_that_it_covers_only_what_is_seen() -> None:
    n = crossed()
    assert "Of the sections you see: " in render(context(n), Home()).text
    n = happen(n, Restricted(section="open", people=()), by="maya")
    assert "You see no section of these talks" in render(context(n), Home()).text


def test_an_answer_tells_nothing_of_what_it_does_in_a_section_that_is_kept() -> None:
    """Marking a thing closes the gap of a mirror that stands in a section kept from the one who marks."""
    n, _ = kept_from_lina(negotiation(rows={"asks": {"r1": {"ask": "Sample"}}}), ["gate"])
    outcome = handle(context(n), at(n.checklist.item["rung"]), ButtonReply("pick", "crewed"))
    assert "blocker" in outcome.aside
    n = happen(
        n, Restricted(section="expectations", people=("lina",)), Restricted(section="gate", people=()), by="maya"
    )
    assert "Verdict" not in handle(context(n), at(n.checklist.item["rung"]), ButtonReply("pick", "crewed")).aside


def test_what_stands_at_a_kept_section_is_known_as_such() -> None:
    n = crossed()
    for place in places(n):
        assert entry(context(n), place) in {Denial.KEPT, Denial.NO_LEAD}, place
        assert entry(context(n, "maya"), place) is None, place


# In the chats, with everything read from storage


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Omar member", "Lina member")
        yield made


def keep(delegation: Delegation, *labels: str) -> None:
    """Maya keeps the last section for the leads, or does there what the labels say."""
    maya = delegation.chat("Maya")
    maya.goes_to("Authority", "Who sees this section")
    maya.taps(*(labels or ("Keep it for the leads",)))


def to_mandate(chat: Chat) -> None:
    chat.goes_to("Authority and decision", "Red lines", "Back", "Our mandate")


def everything(chat: Chat) -> str:
    """All that is kept of a person's chat and all that it shows."""
    return f"{chat.screen.whole}\n{chat.kept}"


def test_a_chat_that_stands_there_goes_home_and_forgets_what_it_said(delegation: Delegation, lina: Chat) -> None:
    to_mandate(lina)
    assert CANARY in lina.types(f"{CANARY} sends us")
    keep(delegation)
    assert CANARY not in everything(lina)
    assert "That section is kept for others" in everything(lina)
    assert "Lina" in delegation.unshown()


def test_what_was_said_elsewhere_last_is_forgotten_too(delegation: Delegation, lina: Chat) -> None:
    to_mandate(lina)
    lina.types(f"{CANARY} sends us")
    assert CANARY in lina.kept
    keep(delegation)
    keep(delegation, "Show it to everybody")
    assert CANARY not in everything(lina)


def test_neither_undo_nor_an_edited_message_reaches_it(delegation: Delegation, lina: Chat) -> None:
    to_mandate(lina)
    lina.types(f"{CANARY} sends us")
    undo = lina.screen.button("Undo")
    keep(delegation)
    before = delegation.recorded()
    assert "changes nothing" in lina.edits("Another sends us")
    lina.taps_old(undo)
    assert CANARY not in everything(lina)
    assert delegation.recorded() == before


def test_a_lead_who_is_made_a_member_is_sent_home_from_what_is_kept(
    delegation: Delegation, maya: Chat, lina: Chat
) -> None:
    maya.types("/team")
    maya.taps("Lina…", "Make a lead")
    keep(delegation)
    lina.types("/sections")
    lina.taps("🔑 Authority and decision · 0 of 11", "○ Our mandate")
    lina.types(f"{CANARY} sends us")
    maya.types("/team")
    maya.taps("Lina…", "Make a member")
    assert CANARY not in everything(lina)
    assert "Maya made Lina a member." in everything(lina)


def test_a_document_asked_for_before_is_made_as_its_reader_may_see_it_now(
    delegation: Delegation, omar: Chat, lina: Chat
) -> None:
    """The file is made when it is shown, and so honours what was kept in between."""
    to_mandate(omar)
    omar.types(f"{CANARY} sends us")
    for form, there in (("json", False), ("markdown", True)):
        lina.forges(f"1!bring:{form}@A")
        keep(delegation)
        brought = render_document(lina.ordered(), "")[0]
        assert (brought is not None) == there
        assert brought is None or CANARY.encode() not in brought.body
        keep(delegation, "Show it to everybody")


def test_a_removed_member_receives_nothing_more(maya: Chat, omar: Chat) -> None:
    """Neither what was about to be shown, nor a file that was asked for, nor anything by a button kept."""
    to_mandate(omar)
    omar.types(f"{CANARY} sends us")
    old = [omar.screen.button(label) for label in omar.screen.labels]
    omar.forges("1!bring:markdown@A")
    maya.types("/team")
    maya.taps("Omar…", "Remove…", "Remove")
    for packed in ["", *old, "1!bring:json@A", "1!switch:1@O~0", "1>F~sends"]:
        if packed:
            omar.forges(packed)
        showing = omar.owed
        assert showing is None or (showing.papers == () and showing.settle == "")
        assert "China" not in everything(omar)
        assert CANARY not in everything(omar)
        assert render_document(omar.ordered(), "")[0] is None
