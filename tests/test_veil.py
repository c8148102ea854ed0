"""What leads keep out of the chat is not in it, and what is typed there by mistake is neither recorded nor repeated.

Canaries are written wherever something can be written; then everything that a chat on Telegram can be shown
is looked at: place by place, document by document. The same search finds them where nothing is veiled.
"""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.application.documents import PictureCache, order, render_document
from bot.dialog.callback_data import UnknownCallback, pack, stored, unpack
from bot.dialog.contract import (
    Action,
    ButtonReply,
    Command,
    DocumentRequest,
    FileReply,
    LastSeen,
    Link,
    Place,
    TextReply,
    UnsupportedReply,
    WebLink,
)
from bot.dialog.engine import COMMANDS
from bot.dialog.screens.chat_redaction import ChatRedaction, ChatRedactionItem, ChatRedactionSection
from bot.dialog.screens.clarifications import AnswerPart, Clarify, ContinueText, ResolveConflict
from bot.dialog.screens.evidence import EvidenceDetail, ItemEvidence
from bot.dialog.screens.export import LEFT_OUT, ExportPage
from bot.dialog.screens.first_pass import FirstPass
from bot.dialog.screens.group_cards import card
from bot.dialog.screens.home import Home, SectionPage
from bot.dialog.screens.item import ItemHistoryPage, ItemWhy, NextItem, NotApplicableReason, at
from bot.dialog.screens.ownership import AssignOwner, SetDueDate
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.placing import ReplyElsewhere
from bot.dialog.screens.redacted import REFERENCE, SENT, RedactedItem, place_of_page, stand_in
from bot.dialog.screens.remove_row import ConfirmRemoveRow
from bot.dialog.screens.review_import import ReviewImport
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.search import Search
from bot.dialog.screens.section_visibility import SectionVisibility
from bot.dialog.screens.sign_off import SignOffPage, SignState
from bot.dialog.screens.summary import GapDetail
from bot.dialog.screens.table import FieldQuestion, NextField
from bot.dialog.screens.unknowns import UnknownDetail
from bot.dialog.screens.waivers import RenewWaiver, WaiveGap
from bot.domain.access.partner_release import partner_report
from bot.domain.access.redaction import shield, veiled
from bot.domain.answers import UNKNOWN, Picked, Text
from bot.domain.checklist import Checklist
from bot.domain.events import (
    Answered,
    AnyEvent,
    Claimed,
    DueSet,
    EvidenceAdded,
    How,
    Joined,
    Pursued,
    Restricted,
    Role,
    Shielded,
    Signed,
    Waived,
)
from bot.domain.export_formats import EXPORT_FORMATS
from bot.domain.history.diff import changes
from bot.domain.negotiation import VEILED, Happened, Negotiation
from bot.domain.projection import after
from bot.domain.proposed_changes import CHANGES, ProposedChange
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.report.builder import report
from bot.domain.sign_off import state_hash
from bot.domain.wording.history import told
from bot.exports.registry import written as written_form
from bot.exports.reimport.proposals import changes as came_back
from bot.exports.reimport.reader import returned
from bot.storage import FileRow
from tests.api import CHECKLISTS, Chat, Context, Delegation, go, handle, render
from tests.api import context as room_of
from tests.factories import SMALL, happen, negotiation, story
from tests.rich import rich
from tests.test_fold import SOON, fold, lines
from tests.test_need import CANARY, CROSSED, NOW, written

pytestmark = pytest.mark.slow

BOUND = 2500  # places; a crawl ends below it
STRICT: tuple[How, ...] = ("pointer", "sealed")
WAYS = ("whole", "sections", "items")


def told_of(n: Negotiation, line: list[Happened], *events: AnyEvent, by: str = "maya") -> Negotiation:
    for event in events:
        line.append(Happened(n.seq + 1, max(NOW, n.opened_at), by, event))
        n = after(n, line[-1])
    return n


def targets(checklist: Checklist, way: str) -> list[str]:
    """What is marked, so that in the end all is."""
    if way == "whole":
        return [""]
    return [f"s:{one.id}" for one in checklist.sections] if way == "sections" else list(checklist.item)


def _named(event: AnyEvent) -> AnyEvent:
    """References have a name that may be seen: that is what they are for."""
    if not isinstance(event, EvidenceAdded) or event.evidence.form == "file":
        return event
    return event.model_copy(update={"evidence": event.evidence.model_copy(update={"text": "Paper A17"})})


def canaries(how: How, way: str = "whole", checklist: Checklist = SMALL) -> tuple[Negotiation, tuple[Happened, ...]]:
    """Talks with canaries in every spot, of which the chat then may not carry anything; and what happened."""
    first = Joined(person="maya", name="Maya", role=Role.LEAD)
    n, begun = story(checklist=checklist)
    line = list(begun)
    n = told_of(n, line, first, Joined(person="omar", name="Omar", role=Role.MEMBER))
    n = told_of(n, line, Joined(person="lina", name="Lina", role=Role.OBSERVER))
    for item in checklist.item.values():
        n = told_of(n, line, *map(_named, written(item)), by="omar")
    unknown = next(one for one in checklist.item.values() if not one.has_rows)
    n = told_of(n, line, Answered(item=unknown.id, answer=UNKNOWN), Pursued(spot=unknown.id, course="question"))
    for gap in gaps(n, NOW.date()):
        if gap.waivable and gap.item != unknown.id:
            until = n.talks_on if len(gap.key) % 2 else date(2027, 1, 2)
            n = told_of(n, line, Waived(gap=gap.key, reason=f"{CANARY} is fine", until=until, severity=gap.severity))
    if way == "whole":
        words = f"{CANARY} is against it"
        n = told_of(n, line, Signed(state=state_hash(n), verdict="no_go", words=words))
        n = told_of(n, line, Claimed(item=unknown.id, claim=None))
    for target in targets(checklist, way):
        n = told_of(n, line, Shielded(target=target, how=how))
    return n, tuple(line)


def context(n: Negotiation, line: tuple[Happened, ...], me: str = "maya", *, veil: bool = True) -> Context:
    return room_of(
        n, me, now=NOW, checklists={n.checklist.id: n.checklist}, secret="sample-secret-of-22-ch",
        link="https://t.me/sample_bot?start=", overview=lambda: {3: n, 4: n}, line=lambda since: line[since:],
        looked=lambda: LastSeen(3, NOW - timedelta(days=1)), veiled=veil, pages=True,
    )  # fmt: skip


def forged(n: Negotiation) -> Iterator[Place]:
    """Every place of every item, as old or forged buttons lead to, and drafts that hold what was typed before."""
    for section in n.checklist.sections:
        yield from (
            SectionPage(section.id),
            FirstPass(section.id),
            SectionVisibility(section.id),
            ChatRedactionSection(section.id),
        )
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
                EvidenceDetail(item.id, f"r{item.id}"),
            )
            yield from (UnknownDetail(item.id), SetDueDate(item.id), ChatRedactionItem(item.id), RedactedItem(item.id))
            yield ResolveConflict(item.id, "", "", f'{{"kind":"text","text":"{CANARY}"}}')
            for row in n.record(item.id).rows:
                yield from (
                    RowPage(item.id, row),
                    ConfirmRemoveRow(item.id, row),
                    PastedRows(item.id, row, f"a: {CANARY}"),
                )
                for field in item.fields:
                    yield from (FieldQuestion(item.id, row, field.id), NextField(item.id, row, field.id))
                    yield from (Clarify(item.id, row, field.id, CANARY), ContinueText(item.id, row, field.id))
                    yield AnswerPart(item.id, row, field.id)
                    yield ReplyElsewhere(stored(Clarify(item.id, row, field.id, CANARY)), stored(Home()))
    for gap in gaps(n, NOW.date()):
        yield GapDetail(gap.item, gap.rule, gap.row or "")
        yield WaiveGap(gap.item, gap.rule, gap.row or "", gap.severity, f"A {CANARY}")
        yield RenewWaiver(gap.item, gap.rule, gap.row or "")
    first = next(iter(n.checklist.item))
    yield ReviewImport(
        CHANGES.dump_json((ProposedChange(item=first, said=Text(text=CANARY), where="Items, E5"),)).decode()
    )


def crawl(here: Context, most: int = BOUND) -> Iterator[tuple[Place, str]]:
    """Everything that a person is shown, from home, by every command and from every place there is."""
    assert here.n is not None
    waiting: deque[Place] = deque((Home(), Search(CANARY[:-1]), Search("e"), *(one for one, _ in COMMANDS.values())))
    waiting.extend(forged(here.n))
    seen: set[str] = set()
    while waiting and len(seen) < most:
        place = waiting.popleft()
        if stored(place) in seen:
            continue
        seen.add(stored(place))
        shown = render(here, place)
        yield place, "\n".join([shown.title, shown.text, *(one.label for row in shown.buttons for one in row)])
        replies = [handle(here, place, TextReply("A sample reason")), handle(here, place, Command("summary"))]
        for button in (button for row in shown.buttons for button in row):
            match button.means:
                case Link(place=target):
                    replies.append(go(here, target))
                case Action(act=act, arg=arg):
                    replies.append(handle(here, stand_in(here, place), ButtonReply(act, arg)))
                case WebLink():
                    yield place, pack(button, place, 3, 7)
        for outcome in replies:
            yield place, f"{outcome.aside}\n{outcome.kept}"
            if not any(isinstance(one.event, Shielded | Restricted) for one in outcome.happened):
                waiting.append(outcome.place)


@pytest.mark.parametrize("me", ["maya", "omar", "lina"])
@pytest.mark.parametrize("how", STRICT)
@pytest.mark.parametrize("way", WAYS)
def test_no_place_shows_anything_of_what_the_chat_may_not_carry(way: str, how: How, me: str) -> None:
    """Every role, every command, every place, every old and forged button, every draft that was begun before."""
    n, line = canaries(how, way)
    count = 0
    for place, text in crawl(context(n, line, me)):
        assert CANARY not in text, place
        count += 1
    assert count > 400


@pytest.mark.parametrize("how", STRICT)
def test_what_points_into_it_from_elsewhere_names_nothing(how: How) -> None:
    """Rules, mirrors and pointers of the other section, and a whole of which only one section is kept out."""
    n, line = canaries(how, "items", CROSSED)
    for place, text in crawl(context(n, line, "omar")):
        assert CANARY not in text, place


@pytest.mark.prove
def test_the_same_search_finds_it_where_nothing_is_veiled() -> None:
    """The control: in the browser and the terminal all of it is there."""
    n, line = canaries("sealed")
    found = {type(place) for place, text in crawl(context(n, line, veil=False)) if CANARY in text}
    assert {ItemHistoryPage, RowPage, FieldQuestion, EvidenceDetail, GapDetail, Search, ReviewImport} <= found
    assert len(found) > 20


@pytest.mark.parametrize("how", STRICT)
def test_the_view_itself_holds_nothing_of_it(how: How) -> None:
    """To its last value; and so do the words of all that happened, and what changed."""
    n, line = canaries(how)
    view = veiled(n)
    assert CANARY in repr(n)
    assert CANARY not in repr(view)
    assert CANARY not in "".join(told(view, one) for one in line)
    found = changes(line, n.checklist, 3, NOW.date(), NOW.date(), shields=n.shields)
    assert found.answers
    words = [(one.what, one.before, one.after) for one in (*found.answers, *found.around)]
    assert CANARY not in repr((words, found.flips))
    assert CANARY in repr(changes(line, n.checklist, 3, NOW.date(), NOW.date()).answers)


@given(
    lines(),
    st.dictionaries(st.sampled_from(["", "s:gate", "s:transparency", "goals", "rung"]), st.sampled_from(STRICT)),
)
def test_all_is_judged_as_on_the_whole(line: tuple[Happened, ...], shields: dict[str, How]) -> None:
    """The same gaps, severities, days, owners and counts; what is not kept out is as it was."""
    n = fold(line)
    n = happen(n, Joined(person="maya", name="Maya", role=Role.LEAD))
    n = happen(n, *(Shielded(target=target, how=how) for target, how in shields.items()), by="maya")
    view = veiled(n)
    same = [(one.key, one.severity, one.due, one.owners, bool(one.waiver)) for one in gaps(n, SOON)]
    assert [(one.key, one.severity, one.due, one.owners, bool(one.waiver)) for one in gaps(view, SOON)] == same
    whole, here = readiness(n, SOON), readiness(view, SOON)
    assert (whole.state, whole.raw, whole.sections) == (here.state, here.raw, here.sections)
    assert state_hash(view) == state_hash(n)
    for item in n.checklist.item:
        if shield(n, item) == "chat":
            assert view.record(item) is n.record(item)


def test_nothing_marked_costs_nothing() -> None:
    n = negotiation()
    assert veiled(n) is n
    marked = happen(n, Shielded(target="goals", how="sealed"), by="maya")
    assert veiled(marked) is veiled(marked) is not marked
    assert veiled(happen(marked, Shielded(target="goals", how="chat"), by="maya")).veiled == frozenset()


def test_the_strictest_of_talks_section_and_item_holds() -> None:
    n = negotiation()
    n = happen(n, Shielded(target="s:transparency", how="pointer"), Shielded(target="goals", how="sealed"), by="maya")
    assert (shield(n, "goals"), shield(n, "rung")) == ("sealed", "chat")
    assert {shield(n, one.id) for one in n.checklist.section["transparency"].items} == {"pointer", "sealed"}
    n = happen(n, Shielded(target="", how="pointer"), by="maya")
    assert (shield(n, "goals"), shield(n, "rung")) == ("sealed", "pointer")


def test_references_are_what_pointers_are_for() -> None:
    """They are seen in one mode, and not in the other; names of files in neither."""
    for how, there in (("pointer", True), ("sealed", False)):
        n, line = canaries(how)  # type: ignore[arg-type]
        texts = "".join(text for _, text in crawl(context(n, line), 400))
        assert ("Paper A17" in texts) == there


# What is typed there by mistake


@pytest.mark.parametrize("how", STRICT)
@pytest.mark.parametrize(
    "said",
    [
        TextReply(f"The {CANARY} is ours"),
        TextReply(f"{CANARY}\tmust\n{CANARY}\twant"),
        TextReply(f"Goal: {CANARY}"),
        TextReply("x" * 25_000),
        FileReply("f1", f"{CANARY}.pdf", 20, CANARY),
        UnsupportedReply("a voice message"),
    ],
    ids=["text", "pasted", "quick row", "long", "file", "voice"],
)
def test_what_is_sent_there_is_refused_deleted_and_told(
    said: TextReply | FileReply | UnsupportedReply, how: How
) -> None:
    """At every place of an item that is kept out, also at a draft that was begun before."""
    n, line = canaries(how, "items")
    here = context(n, line)
    tried = 0
    for place in forged(n):
        if isinstance(
            place, SectionPage | SectionVisibility | ChatRedactionSection | ChatRedactionItem | ReviewImport | FirstPass
        ):
            continue
        if (
            how == "pointer"
            and isinstance(place, ItemEvidence)
            and isinstance(said, TextReply)
            and len(said.text) < REFERENCE
        ):
            continue  # a reference
        outcome = handle(here, place, said)
        assert not outcome.happened, place
        assert outcome.turn.erase, place
        assert SENT in outcome.aside, place
        assert CANARY not in outcome.aside + stored(outcome.place), place
        tried += 1
    assert tried > 100


def test_a_lists_of_what_is_kept_out_takes_no_text_either() -> None:
    """Somebody types an answer at the list of a section, or at home of talks that are kept out as a whole."""
    n, line = canaries("sealed", "sections")
    for place in (SectionPage("gate"), FirstPass("gate")):
        outcome = handle(context(n, line), place, TextReply(CANARY))
        assert (outcome.turn.erase, CANARY in outcome.aside) == (True, False)
    assert not handle(context(n, line), Home(), TextReply(CANARY)).turn.erase
    n, line = canaries("sealed", "whole")
    for place in (Home(), SignOffPage(), ExportPage()):
        assert handle(context(n, line), place, TextReply(CANARY)).turn.erase
        assert handle(context(n, line), place, FileReply("f1", "a.pdf", 20)).turn.erase


def test_conditions_of_a_signature_are_kept_out_with_the_whole() -> None:
    n, line = canaries("sealed", "whole")
    here = context(n, line)
    for place in (SignState("no_go"), SignState("no_go", CANARY)):
        assert stand_in(here, place) == RedactedItem("")
        assert CANARY not in render(here, place).text
        outcome = handle(here, place, TextReply(CANARY))
        assert (outcome.turn.erase, outcome.happened) == (True, ())
    assert handle(here, SignOffPage(), ButtonReply("verdict", "no_go")).place == RedactedItem("")
    assert isinstance(
        handle(context(n, line, veil=False), SignOffPage(), ButtonReply("verdict", "no_go")).place, SignState
    )


def test_an_edited_file_that_holds_such_answers_is_not_taken_here() -> None:
    n, line = canaries("pointer", "items")
    change = ProposedChange(item="rung", said=Picked(options=("contacts",)), where="Items, E5")
    sent = FileReply("f1", "edited.xlsx", 20, changes=CHANGES.dump_json((change,)).decode())
    outcome = handle(context(n, line), ExportPage(), sent)
    assert (outcome.turn.erase, outcome.place) == (True, ExportPage())
    assert isinstance(handle(context(n, line, veil=False), ExportPage(), sent).place, ReviewImport)


def test_no_old_button_records_an_answer() -> None:
    """A choice is an answer, too; so is a file brought, a row removed and an undo."""
    n, line = canaries("sealed", "items")
    here = context(n, line)
    for place, act, arg in (
        (at(n.checklist.item["rung"]), "pick", "crewed"),
        (at(n.checklist.item["rung"]), "unknown", ""),
        (RowPage("goals", "r70"), "remove", ""),
        (EvidenceDetail("goals", "fgoals"), "bring", ""),
        (EvidenceDetail("goals", "fgoals"), "remove", ""),
        (RedactedItem("rung"), "in_hand", ""),
        (Home(), "undo", f"rung.{n.record('rung').seq}"),
    ):
        outcome = handle(here, place, ButtonReply(act, arg))
        assert (outcome.happened, outcome.turn.paper, outcome.turn.erase) == ((), None, False), place


# What may be said


def test_a_pointer_takes_states_and_references() -> None:
    n = happen(
        negotiation(), Shielded(target="goals", how="pointer"), Shielded(target="rung", how="pointer"), by="maya"
    )
    here = context(n, ())
    (claimed,) = handle(here, at(n.checklist.item["rung"]), ButtonReply("partly")).happened
    assert isinstance(claimed.event, Claimed)
    (unknown,) = handle(here, RedactedItem("rung"), ButtonReply("unknown")).happened
    assert unknown.event == Answered(item="rung", answer=UNKNOWN)
    assert not handle(here, RedactedItem("rung"), ButtonReply("referred")).happened
    outcome = handle(here, ItemEvidence("rung"), TextReply("Paper A17"))
    assert [type(one.event) for one in outcome.happened] == [EvidenceAdded]
    assert outcome.n is not None
    there = context(outcome.n, ())
    labels = {one.label for row in render(there, RedactedItem("rung")).buttons for one in row}
    assert ("Not applicable: see the references" in labels) == (not n.checklist.item["rung"].always_applies)
    long = handle(here, ItemEvidence("rung"), TextReply("x" * (REFERENCE + 1)))
    assert (long.happened, long.turn.erase) == ((), True)


def test_days_and_owners_are_no_content() -> None:
    n, line = canaries("sealed", "items")
    (due,) = handle(context(n, line), SetDueDate("goals"), TextReply("1 March 2027")).happened
    assert due.event == DueSet(target="goals", day=date(2027, 3, 1))


def test_our_own_page_opens_the_item_itself() -> None:
    """The button says which; without a public address it is left out, and the words say where else."""
    n, line = canaries("sealed")
    shown = render(context(n, line), at(n.checklist.item["rung"]))
    pages = [one for row in shown.buttons for one in row if isinstance(one.means, WebLink)]
    assert [one.means for one in pages] == [WebLink("item/rung")]
    assert pack(pages[0], RedactedItem("rung"), 3, 7) == "^3/item/rung"
    with pytest.raises(UnknownCallback):
        unpack("^3/item/rung")
    assert place_of_page(context(n, line, veil=False), "item/rung") == at(n.checklist.item["rung"])
    assert place_of_page(context(n, line, veil=False), "item/nothing") is None
    assert place_of_page(context(n, line, veil=False), "sign") == SignOffPage()
    shown = render(replace(context(n, line), pages=False), at(n.checklist.item["rung"]))
    assert not [one for row in shown.buttons for one in row if isinstance(one.means, WebLink)]
    assert "in the browser or in the terminal" in shown.text


def test_letting_it_out_again_is_asked_about_first() -> None:
    n = happen(negotiation(), Shielded(target="goals", how="sealed"), by="maya")
    asked = handle(context(n, ()), ChatRedactionItem("goals"), ButtonReply("how", "chat"))
    assert not asked.happened
    assert "cannot be called back" in render(context(n, ()), asked.place).text
    done = handle(context(n, ()), asked.place, ButtonReply("yes"))
    assert done.n is not None
    assert not done.n.shields
    assert not handle(context(n, (), "omar"), asked.place, ButtonReply("yes")).happened
    assert not any(
        isinstance(one.means, Action) for row in render(context(n, (), "omar"), ChatRedaction()).buttons for one in row
    )


# Documents


def inside(body: bytes) -> bytes:
    """A file with whatever is packed in it."""
    if not zipfile.is_zipfile(BytesIO(body)):
        return body
    with zipfile.ZipFile(BytesIO(body)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


@pytest.mark.parametrize("how", STRICT)
def test_no_document_that_comes_into_the_chat_holds_it(how: How) -> None:
    """All forms, whole and for partners, and pictures; they say what they leave out. JSON and files do not come."""
    n, line = canaries(how)

    def bring(paper: DocumentRequest, *, veil: bool = True) -> tuple[bytes, str] | None:
        ordered = order(paper, context(n, line, veil=veil), lambda: line, files, 3, PictureCache())
        brought = render_document(ordered, "")[0]
        return (inside(brought.body), brought.caption) if brought else None

    def files(key: str) -> FileRow:
        return FileRow(key, 3, f"{CANARY}.pdf", "", 3, CANARY.encode())

    for name, form in EXPORT_FORMATS.items():
        for variant in ("", "partner") if form.partner else ("",):
            read = bring(DocumentRequest(name, variant))
            if name == "json":
                assert read is None
                continue
            assert read is not None
            assert CANARY.encode() not in read[0], (name, variant)
            assert CANARY not in read[1]
            assert name == "blank" or "may not carry" in read[1]
    for picture in ("card", "trend"):
        read = bring(DocumentRequest(picture))
        assert read is not None
        assert CANARY not in read[1]
    first = next(iter(n.checklist.item))
    assert bring(DocumentRequest("evidence", f"f{first}")) is None
    assert bring(DocumentRequest("evidence", f"f{first}"), veil=False) is not None
    for name in ("markdown", "json", "csv", "word", "excel", "html"):
        read = bring(DocumentRequest(name), veil=False)
        assert read is not None
        assert CANARY.encode() in read[0], f"the control does not find it in {name}"
    for found in (report(veiled(n), NOW, "Maya", line), partner_report(veiled(n), line, NOW, "Maya")):
        assert CANARY not in repr(found)
        assert any("may not carry" in one for one in found.head.face)
    assert handle(context(n, line), ExportPage(), ButtonReply("bring", "json")).aside == LEFT_OUT


def test_the_groups_card_tells_nothing_of_it() -> None:
    n, _ = canaries("sealed")
    assert CANARY not in card(veiled(n), NOW.date())


@pytest.mark.parametrize("form", ["excel", "csv"])
def test_a_file_of_the_chat_that_comes_back_changes_nothing_that_it_does_not_show(form: str) -> None:
    """Brought to the browser, unedited, it proposes nothing; the words that stand for an answer are none."""
    n, begun = rich()
    for target in ("", f"s:{n.checklist.sections[0].id}"):
        line = list(begun)
        marked = told_of(n, line, Shielded(target=target, how="sealed"))
        body = written_form(form, report(veiled(marked), NOW, "Maya", line))
        assert VEILED.encode() in inside(body)
        assert came_back(returned(body), marked, line).changes == ()


def test_a_view_leaves_nothing_of_its_words_with_the_whole() -> None:
    """What is judged for one reader is kept, and never told to another: neither too little nor too much."""
    n, _ = canaries("sealed", "items", CROSSED)
    for _ in range(2):
        assert CANARY in repr([one.says for one in gaps(n, NOW.date())])
        assert CANARY not in repr([one.says for one in gaps(veiled(n), NOW.date())])


# In the chats, with everything read from storage


@pytest.fixture
def delegation(tmp_path: Path) -> Iterator[Delegation]:
    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Lena lead", "Omar member")
        yield made


def seal(maya: Chat) -> None:
    maya.types("/privacy")
    maya.taps("What the chat carries", "□ Authority and decision", "Seal it")


def test_an_update_that_comes_again_after_a_kill_is_deleted_again(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """Nobody knows whether the first deletion was made; it is heard once all the same."""
    seal(maya)
    omar.types("/sections")
    omar.taps("Authority and decision · 0 of 11", "○ Our mandate")
    again = omar.update(CANARY, message_id=77)
    first, second = (delegation.receives(again)[0] for _ in range(2))
    assert (first.repeated, first.erases) == (False, 77)
    assert (second.repeated, second.erases) == (True, 77)


def test_what_was_answered_there_before_is_not_edited_in_the_chat(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """The message that gave the answer is edited after it was sealed, from wherever the person is by then."""
    omar.types("/sections")
    omar.taps("Authority and decision · 0 of 11", "○ Our mandate")
    omar.types("The minister")
    omar.types("/summary")
    seal(maya)
    omar.types("/summary")
    assert omar.edits(CANARY).erases == delegation.last["Omar"]
    assert CANARY not in omar.screen.text
    assert SENT in omar.screen.text


def test_leads_who_are_told_that_a_sign_off_is_void_are_told_no_content(
    delegation: Delegation, maya: Chat, omar: Chat
) -> None:
    """Omar answers on the terminal; what Maya's chat says of it holds none of his words."""
    seal(maya)
    maya.types("/sign")
    maya.taps("Record a dissent…")
    maya.types("Not before May.")
    maya.taps("Sign this state")
    field = next(iter(CHECKLISTS["us-china-space"].item["mandate"].field))
    terminal = delegation.terminal("Omar")
    terminal.forges(f"{delegation.number}>f~mandate~form~{field}")
    assert CANARY in terminal.types(f"{CANARY} sends us").text
    assert CANARY not in omar.screen.text
    terminal.taps("Go on")
    told = maya.screen.text
    assert "The state a dissent was about has changed" in told
    assert CANARY not in told


def test_who_stood_there_is_brought_to_a_clean_place(delegation: Delegation, maya: Chat, omar: Chat) -> None:
    """At a draft with what they typed, and with what was last said to them."""
    omar.types("/sections")
    omar.taps("Authority and decision · 0 of 11", "○ Our mandate")
    assert CANARY in omar.types(f"{CANARY} sends us")
    seal(maya)
    assert CANARY not in omar.kept
    assert "Omar" in delegation.unshown()
    showing = omar.owed
    assert showing is not None
    assert "kept out of this chat" in showing.text
    assert CANARY not in repr(showing)
