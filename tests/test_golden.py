"""What was ever written into a database, a chat or a button goes on being understood.

`tests/golden/` holds it, a line each: left of the arrow what was written, byte for byte, right of it how it reads.
It is no list of what is offered. Lines are only added: ``pytest tests/test_golden.py --update`` adds what is offered
now. What no tap comes to is added by hand, without its arrow, and completed by ``--update``. Only where a field gets
another name may what stands right of the arrow be changed by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.dialog.callback_data import PAGE, PLAIN, UnknownCallback, pack, restored, stored, unpack
from bot.dialog.contract import Action, Button, Link, Place, WebLink
from bot.dialog.engine import HandledReply
from bot.dialog.screens import (
    admission,
    changes,
    chat_redaction,
    clarifications,
    evidence,
    export,
    first_pass,
    gates,
    group_cards,
    home,
    item,
    my_work,
    negotiations,
    opening,
    ownership,
    partner_release,
    passphrases,
    pasted_rows,
    placing,
    redacted,
    reminder_settings,
    remove_row,
    retention,
    review_import,
    roles,
    row,
    search,
    section_visibility,
    shortest_path,
    sign_off,
    summary,
    table,
    team,
    unknowns,
    void_warning,
    waivers,
)
from bot.dialog.screens.home import Home
from bot.dialog.screens.redacted import place_of_page
from bot.dialog.screens.sign_off import SHORT
from bot.domain.answers import Answer
from bot.domain.events import ANY_EVENT, AnyEvent, Role
from bot.domain.readiness.readiness import gaps
from bot.domain.sign_off import state_hash
from tests.api import Context
from tests.places import every_place
from tests.test_closure import Tapping, context, outcome_of, taps

GOLDEN = Path(__file__).parent / "golden"
ARROW = " → "

# What each kind of place is, in words of this file alone, so that a class may be renamed and a code may not wander.
KINDS: dict[type[Place], str] = {
    changes.Changes: "what changed",
    changes.SinceWhen: "asks since when",
    ownership.SetDueDate: "sets a due date",
    ownership.AssignOwner: "gives work to people",
    clarifications.ResolveConflict: "two answers contradict",
    clarifications.ContinueText: "an answer goes on",
    clarifications.AnswerPart: "a part of an answer",
    clarifications.Clarify: "a doubtful answer",
    evidence.ItemEvidence: "evidence of an item",
    evidence.EvidenceDetail: "one piece of evidence",
    search.Search: "search",
    first_pass.FirstPass: "first pass over a section",
    gates.GateDetail: "a gate",
    gates.Gates: "gates",
    group_cards.ChooseGroupCard: "a card for one group",
    group_cards.GroupCards: "cards in groups",
    home.SectionPage: "a section",
    home.NextForMe: "on with what matters most",
    home.Help: "help",
    home.Home: "home",
    home.Privacy: "privacy",
    home.Sections: "sections",
    retention.RetentionSettings: "how long talks are kept",
    summary.GapDetail: "a gap",
    summary.Gaps: "gaps",
    summary.Summary: "summary",
    my_work.Workload: "who has how much work",
    my_work.MyWork: "a person's work",
    admission.AdmitNewcomer: "somebody waits to be let in",
    admission.AwaitingAdmission: "waits to be let in",
    opening.Opening: "opens a negotiation",
    opening.MoveTalks: "moves the talks",
    pasted_rows.PastedRows: "rows that were pasted",
    passphrases.PassphraseSettings: "passphrases",
    passphrases.ResetPassphrase: "resets a passphrase",
    placing.ReplyElsewhere: "a reply to an older message",
    placing.UnplacedMessage: "a message that belongs nowhere yet",
    partner_release.HandlingMarking: "the handling line",
    partner_release.InternalItem: "what of an item is internal",
    partner_release.InternalSection: "what of a section is internal",
    partner_release.InternalMarks: "what is internal",
    reminder_settings.ChooseQuietHours: "quiet hours",
    reminder_settings.ChooseTimeZone: "time zone",
    reminder_settings.ReminderSettings: "reminders",
    remove_row.ConfirmRemoveRow: "removes a row",
    review_import.ReviewImport: "changes that came back in a file",
    roles.MemberPage: "a person",
    roles.GiveLead: "hands the lead over",
    roles.LeaveDelegation: "leaves",
    roles.MemberName: "renames a person",
    roles.OwnName: "changes their own name",
    roles.SignInLink: "a link to sign in",
    row.RowPage: "a row",
    redacted.RedactedItem: "an item kept out of this chat",
    section_visibility.SectionVisibility: "who sees a section",
    negotiations.Negotiations: "other talks",
    negotiations.ArchivedNegotiations: "talks put away",
    negotiations.ConfirmArchive: "puts the talks away",
    chat_redaction.ConfirmDisclosure: "lets a chat carry more",
    chat_redaction.ChatRedactionItem: "what the chat carries of an item",
    chat_redaction.ChatRedactionSection: "what the chat carries of a section",
    chat_redaction.ChatRedaction: "what the chat carries",
    sign_off.SignState: "signs",
    sign_off.SignOffPage: "sign-off",
    table.FieldQuestion: "a field",
    table.TablePage: "a table",
    table.NextField: "the field after one",
    export.BlankFormPage: "blank forms",
    export.ConfirmUnmarked: "asks before partners get all of it",
    export.ExportPage: "take away",
    team.Invitation: "an invitation",
    team.RemoveMember: "removes a person",
    team.Team: "team",
    unknowns.UnknownDetail: "an unknown",
    unknowns.Unknowns: "unknowns",
    void_warning.ConfirmVoid: "says whose signatures become void",
    waivers.RenewWaiver: "renews a waiver",
    waivers.Waivers: "waivers",
    waivers.WaiveGap: "waives a gap",
    item.ItemQuestion: "an item",
    item.ItemHistoryPage: "history of an item",
    item.NextItem: "the item after one",
    item.NotApplicableReason: "why an item does not apply",
    item.ItemWhy: "why an item is asked",
    shortest_path.ShortestPath: "shortest way",
}


@dataclass(frozen=True)
class Book:
    """One of the files: how a line is read, and what belongs into it."""

    name: str
    reads: Callable[[str], str]  # what stands right of the arrow, given what stands left of it
    goes_on: Callable[[str, str], bool]  # whether it reads now (right) as it did (left), but for fields added since
    again: Callable[[str], str]  # what was written, read and written again, but for fields added since
    shape: Callable[[str], str]  # lines of one shape are one and the same to read
    offered: Callable[[], Iterable[str]]  # what is written today

    @property
    def lines(self) -> list[str]:
        """What the file holds."""
        return (GOLDEN / self.name).read_text().splitlines()

    def line(self, written: str) -> str:
        """What was written, with how it reads where that is something else."""
        reads = self.reads(written)
        return written if reads == written else f"{written}{ARROW}{reads}"

    def missing(self, lines: Iterable[str]) -> list[str]:
        """What is written today and of whose shape there is no line."""
        by_shape = {self.shape(line): line for line in map(self.line, reversed([*self.offered()]))}
        known = set(map(self.shape, lines))
        return [line for shape, line in by_shape.items() if shape not in known]

    def grown(self, lines: Iterable[str]) -> list[str]:
        """These lines, those completed that stand there without their arrow, and what is missing."""
        complete = [line if ARROW in line else self.line(line) for line in lines]
        return sorted({*complete, *self.missing(complete)})

    def misread(self, lines: Iterable[str]) -> list[str]:
        """The lines that are not understood any more as they were."""
        return [line for line in lines if not self._holds(line)]

    def _holds(self, line: str) -> bool:
        written, _, then = line.partition(ARROW)
        try:
            return self.again(written) == written and self.goes_on(then or written, self.reads(written))
        except (ValueError, LookupError):
            return False


# Places, as a row of a chat keeps them.


def read_place(written: str) -> str:
    """What a stored place is, the fields that were stored, and what stands for those that were not."""
    place = restored(written)
    names = [field.name for field in fields(place)]  # type: ignore[arg-type]  # every place is a dataclass
    count = len(json.loads(written)) - 1
    added = [f"{name}={json.dumps(getattr(place, name))}" for name in names[count:]]
    return ", ".join((KINDS[type(place)], *names[:count], *added))


def longer_place(then: str, now: str) -> bool:
    """Whether a place reads as it did, with more fields perhaps."""
    return now.split(", ")[: len(then.split(", "))] == then.split(", ")


def place_again(written: str) -> str:
    return json.dumps(json.loads(stored(restored(written)))[: len(json.loads(written))])


def shape_of_place(line: str) -> str:
    """Its kind, and which of its fields hold something."""
    code, *values = json.loads(line.partition(ARROW)[0])
    return f"{code} {[bool(value) for value in values]}"


# Where the crawl does not come, since it needs words that can be read in two ways, or drafts of several messages.
DOUBTS: tuple[Place, ...] = (
    changes.SinceWhen("3/4/27"),
    waivers.WaiveGap("goals", "must", "", "blocker", "A reason", "3/4/27"),
    waivers.RenewWaiver("goals", "must", "", "3/4/27"),
    pasted_rows.PastedRows("goals", "", "A\nB", 7, "text", "add", "sample12"),
    void_warning.ConfirmVoid(
        stored(item.ItemQuestion("minimum")), "A word", signed="7", changes="· Omar answered", back=stored(Home())
    ),
    void_warning.ConfirmVoid(stored(evidence.ItemEvidence("rung")), file="letter.pdf", signed="7", agreed=1),
)


def offered_places() -> Iterator[str]:
    """Every place that people come to, as it is stored, and as short as one of its kind can have been."""
    yield from map(stored, DOUBTS)
    for tapping in every_tap():
        for place in (tapping.place, tapping.outcome.place if tapping.outcome else tapping.place):
            written = json.loads(stored(place))
            needed = [field for field in fields(place) if field.default is MISSING]  # type: ignore[arg-type]
            yield from (json.dumps(written), json.dumps(written[: len(needed) + 1]))


# Events, as they lie in the database and in files that were taken away.


def read_event(written: str) -> str:
    """An event with everything that was left out of it."""
    return ANY_EVENT.dump_json(ANY_EVENT.validate_json(written)).decode()


def longer_event(then: str, now: str) -> bool:
    """Whether an event says what it said, with more fields perhaps."""
    return _compact(_cut(json.loads(now), json.loads(then))) == then


def event_again(written: str) -> str:
    return _compact(_cut(json.loads(read_event(written)), json.loads(written)))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(now: Any, then: Any) -> Any:
    """What is there now, without keys that were not there then."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: _cut(value, then[key]) for key, value in now.items() if key in then}
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [_cut(*pair) for pair in zip(now, then, strict=True)]
    return now


def shape_of_event(line: str) -> str:
    """Its kind, which of its fields hold something, and kinds of answers in them."""
    return str(_shape(json.loads(line.partition(ARROW)[0])))


def _shape(value: Any) -> Any:
    if isinstance(value, dict) and "kind" not in value and "form" not in value:  # cells of a row, by their field
        return sorted({str(_shape(cell)) for cell in value.values()})
    if isinstance(value, dict):
        return {key: one if key in {"kind", "form"} else _shape(one) for key, one in value.items()}
    return [_shape(value[0])] if isinstance(value, list) and value else bool(value)


def offered_events() -> Iterator[str]:
    """Every event that a tap records, and as short as one of its kind can have been."""
    for happened in (one for tapping in every_tap() if tapping.outcome for one in tapping.outcome.happened):
        written = ANY_EVENT.dump_json(happened.event).decode()
        kept = {key: value for key, value in json.loads(written).items() if _needed(happened.event, key)}
        yield from (written, _compact(kept))


def _needed(event: AnyEvent, field: str) -> bool:
    return field == "kind" or type(event).model_fields[field].is_required()


# Buttons, as they hang in chats: the data, who taps it, and for a draft's button where their chat stands.

TAPPED = re.compile(r"(?P<packed>\S+) \((?P<role>lead|member|observer)(?P<veiled>, veiled)?\)(?P<place> \[.*\])?")
STATE = "{state}"  # stands for the state of the talks that a button signs
LEADS = "leads to "
HEARD = " is heard by "
SO = ": "  # before what comes of it
MOVES = "goes to "
STAYS = "says why not"


def read_button(written: str) -> str:
    """Where it leads, or what is asked of which place, and what comes of it in the talks of the closure crawl."""
    packed, at, place = _tapped(written)
    if packed.startswith(PAGE):
        page = place_of_page(replace(at, veiled=False), packed.partition("/")[2])
        return f"opens {stored(page) if page else STAYS}"
    tap, outcome = unpack(packed), outcome_of(at, place, packed)
    assert outcome is not None
    if tap.act is None:
        return f"{LEADS}{stored(tap.place or place)}"
    heard = tap.place or place
    deed = f"{tap.act} {tap.arg}".strip().replace(state_hash(at.here)[:SHORT], STATE)
    return f"{deed}{HEARD}{stored(heard)}{SO}{effect(heard, outcome)}"


def _tapped(written: str) -> tuple[str, Context, Place]:
    match = TAPPED.fullmatch(written)
    if match is None:
        raise UnknownCallback(written)
    here = _context(Role(match["role"]), veiled=bool(match["veiled"]))
    packed = match["packed"].replace(STATE, state_hash(here.here)[:SHORT])
    return packed, here, restored(match["place"]) if match["place"] else Home()


@cache
def _context(role: Role, *, veiled: bool) -> Context:
    return context(role, veiled=veiled)


def effect(place: Place, outcome: HandledReply) -> str:
    """What a tap comes to: what is recorded or brought, else where the person comes to stand."""
    turn = outcome.turn
    does = list(dict.fromkeys(one.event.kind for one in outcome.happened))
    does += [f"brings {turn.paper.form} {turn.paper.arg}".strip()] if turn.paper else []
    does += ["other talks"] if turn.talks is not None else []
    does += ["how to be reminded"] if turn.prefs is not None else []
    does += ["a card"] if turn.card is not None else []
    if does:
        return ", ".join(does)
    return STAYS if outcome.place == place else f"{MOVES}{outcome.place.code}"


def same_button(then: str, now: str) -> bool:
    """Whether a button means what it meant. What it did may come to be asked first, and what was refused to be done."""
    meant, came = then.rsplit(SO, 1) if HEARD in then else (then, "")
    means, comes = now.rsplit(SO, 1) if HEARD in now else (now, "")
    asks = comes.startswith(MOVES) and not came.startswith(MOVES)
    return means.startswith(meant.removesuffix("]")) and (came in {comes, STAYS} or asks)


def button_again(written: str) -> str:
    packed, at, place = _tapped(written)
    if packed.startswith(PAGE):
        talks, _, path = packed.removeprefix(PAGE).partition("/")
        again = pack(Button("", WebLink(path)), place, int(talks), 0)
    else:
        tap = unpack(packed)
        heard = tap.place or place
        means = Link(heard) if tap.act is None else Action(tap.act, tap.arg)
        again = pack(Button("", means), heard, tap.talks, tap.rev or 0)
    return again[: len(packed)].replace(state_hash(at.here)[:SHORT], STATE) + written[written.index(" ") :]


def shape_of_button(line: str) -> str:
    """What is asked of which kind of place, with what kind of argument, and what comes of it."""
    reads = line.partition(ARROW)[2]
    if HEARD not in reads:
        return _sorted(reads.partition(LEADS)[2] or reads)
    deed, heard = reads.split(HEARD)
    place, came = heard.rsplit(SO, 1)
    return f"{WORD.sub(_sort, deed)} {_sorted(place)} {came}"


def _sorted(place: str) -> str:
    """A stored place, with the sort of each of its values."""
    if not place.startswith("["):
        return WORD.sub(_sort, place)
    code, *values = json.loads(place)
    ids = (isinstance(value, str) and PLAIN.fullmatch(value) is not None for value in values)
    return (
        f"{code} {[WORD.sub(_sort, value) if plain else bool(value) for plain, value in zip(ids, values, strict=True)]}"
    )


WORD = re.compile(r"\w+")


def _sort(word: re.Match[str]) -> str:
    return "number" if word[0].isdecimal() else _sorts().get(word[0], word[0])


@cache
def _sorts() -> dict[str, str]:
    """What the ids of the crawled talks are ids of."""
    n = context(Role.LEAD).here
    items = n.checklist.item.values()
    asked = [*items, *(field for item in items for field in item.fields)]
    return {
        **{option.id: "option" for one in asked for option in one.options},
        **{gap.rule: "rule" for gap in gaps(n, context(Role.LEAD).today)},
        **{row: "row" for item in items for row in n.record(item.id).rows},
        **{field.id: "field" for item in items for field in item.fields},
        **dict.fromkeys(n.checklist.section, "section"),
        **dict.fromkeys(n.checklist.item, "item"),
        **{person.id: "person" for person in n.here},
    }


def offered_buttons() -> Iterator[str]:
    """Every button that somebody is shown."""
    for tapping in every_tap():
        by = f"{tapping.at.role}{', veiled' * tapping.at.veiled}"
        revision = not tapping.packed.startswith(PAGE) and unpack(tapping.packed).rev is not None
        packed = tapping.packed.replace(state_hash(tapping.at.here)[:SHORT], STATE)
        yield f"{packed} ({by}){f' {stored(tapping.place)}' * revision}"


@cache
def every_tap() -> tuple[Tapping, ...]:
    return tuple(tapping for veiled in (False, True) for role in Role for tapping in taps(role, veiled=veiled))


PLACES = Book("places.txt", read_place, longer_place, place_again, shape_of_place, offered_places)
EVENTS = Book("events.txt", read_event, longer_event, event_again, shape_of_event, offered_events)
BUTTONS = Book("buttons.txt", read_button, same_button, button_again, shape_of_button, offered_buttons)
books = pytest.mark.parametrize("book", [PLACES, EVENTS, BUTTONS], ids=lambda book: book.name)


@pytest.mark.slow
@books
def test_what_is_written_today_is_in_the_file(book: Book, *, update: bool) -> None:
    if update:
        (GOLDEN / book.name).write_text("".join(f"{line}\n" for line in book.grown(book.lines)))
    assert book.missing(book.lines) == [], "look at it, and add it with --update"


@books
def test_what_was_written_goes_on_being_understood(book: Book) -> None:
    assert book.misread(book.lines) == []


@pytest.mark.slow
@books
def test_update_adds_lines_and_takes_none_away(book: Book) -> None:
    """Not even one that reads otherwise today: that is for somebody to look at."""
    strange = f"{book.lines[0].partition(ARROW)[0]}{ARROW}what it meant once"
    few = [strange, *book.lines[::3]]
    grown = book.grown(few)
    assert set(few) <= set(grown)
    assert len(grown) > len(few)
    assert strange in book.misread(grown)


def test_every_kind_of_place_is_in_the_file_with_every_field_of_it() -> None:
    stood = [json.loads(line.partition(ARROW)[0]) for line in PLACES.lines]
    for kind in every_place():
        filled = {at for code, *values in stood if code == kind.code for at, value in enumerate(values) if value}
        assert any(code == kind.code for code, *_ in stood), kind
        assert filled == set(range(len(fields(kind)))), kind  # type: ignore[arg-type]
    assert set(KINDS) == every_place()
    assert len(set(KINDS.values())) == len(KINDS)


def test_every_kind_of_event_and_answer_is_in_the_file_with_every_field_of_it() -> None:
    written = [json.loads(line.partition(ARROW)[0]) for line in EVENTS.lines]
    for kind in get_args(AnyEvent):
        named = kind.model_fields["kind"].default
        filled = {field for event in written if event["kind"] == named for field, value in event.items() if value}
        assert filled == set(kind.model_fields), kind
    kinds = set(re.findall(r'"answer":{"kind":"(\w+)"', "\n".join(EVENTS.lines)))
    assert kinds == {kind.model_fields["kind"].default for kind in get_args(get_args(Answer)[0])}
