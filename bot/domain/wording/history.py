"""What happened, in words: for history lists, exports and transcripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.domain.access.need_to_know import may_hear
from bot.domain.access.redaction import unsaid
from bot.domain.answers import Answer, Cell, Claim
from bot.domain.checklist import FieldId, Item, ItemId, Kind, RowId, SectionId
from bot.domain.events import (
    Answered,
    Archived,
    Assigned,
    Claimed,
    Confirmed,
    DueSet,
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
    Renamed,
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
    Target,
    TurnedAway,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.events.base import SECTION
from bot.domain.export_formats import EXPORT_FORMATS as PAPERS
from bot.domain.negotiation import FORM, Happened, Negotiation
from bot.domain.ownership import UNKNOWN
from bot.domain.person_names import person_name
from bot.domain.projection import literal
from bot.domain.sign_off import short

CLAIMS = {Claim.IN_HAND: "in hand", Claim.PARTLY: "partly in hand", Claim.NOT_YET: "not in hand yet"}
ROLES = {Role.LEAD: "a lead", Role.MEMBER: "a member", Role.OBSERVER: "an observer"}
COURSES = {"question": "question for the first session", "task": "task"}
VERDICTS = {"go": "for a go", "conditional": "for a go on conditions", "no_go": "against going"}
SINCE = {"talks": "they begin", "away": "they are put away"}
SHIELDS = {
    "chat": "let the chat carry all of {}",
    "pointer": "let the chat carry only names and references of {}",
    "sealed": "sealed {} from the chat",
}
ASKING = {True: "ask everybody for a passphrase of their own", False: "ask for no passphrase any more"}
FORMS = {"link": "a link", "reference": "a reference", "file": "a file"}


def told(n: Negotiation, happened: Happened) -> str:
    """One event as a sentence on one line, without a full stop: who did what, and where.

    ``n`` is the negotiation at that event or later. Names are those of today; rows are
    called as they were when the event happened, as far as its item's history tells.
    Of a section that ``n`` leaves out, nothing is told; of an item that it veils, no content.
    """
    if not may_hear(n, happened):
        return f"{n.name(happened.by)} changed something in a section that is withheld from you"
    if n.veiled:
        happened = replace(happened, event=unsaid(n, happened.event))
    return " / ".join(line for line in _told(n, happened).splitlines() if line.strip())


def _told(n: Negotiation, happened: Happened) -> str:  # noqa: C901, PLR0912, PLR0915 (one case an event)
    who = n.name(happened.by)
    match happened.event:
        case Opened(counterpart=counterpart, subject=subject, talks_on=day):
            return f"{who} opened talks with {counterpart} on {subject}, to begin on {spelled(day)}"
        case Rescheduled(talks_on=day):
            return f"{who} moved the talks to {spelled(day)}"
        case Invited(person=str(person)):
            return f"{who} made a sign-in link for {n.name(person)}"
        case Invited(role=role):
            return f"{who} invited {ROLES[role]}"
        case Joined(person=person, role=role):
            let_in = "" if happened.by in {None, person} else f"{who} let {n.name(person)} in as {ROLES[role]}"
            return let_in or f"{n.name(person)} joined as {ROLES[role]}"
        case Renamed(person=person, name=name, before=before):
            itself = happened.by in {None, person}
            was, now = person_name(before), person_name(name)
            return f"“{was}” took the name “{now}”" if itself else f"{who} gave “{was}” the name “{now}”"
        case Screened(invite=invite, on=on):
            people = "the person who comes by one invitation" if invite else "new people"
            return f"{who} made {people} wait for a lead" if on else f"{who} let {people} in without a lead’s word"
        case Knocked(name=name, handle=handle, role=role):
            return f"{person_name(name, handle)} came as {ROLES[role]} and waits for a lead"
        case TurnedAway():
            return f"{who} did not let in somebody who waited"
        case Left(person=person):
            itself = happened.by in {None, person}
            return f"{n.name(person)} left" if itself else f"{who} removed {n.name(person)}"
        case Answered(item=item, answer=answer):
            if answer is None:
                return f"{who} took back the answer to {label(n, item)}"
            return f"{who} answered {label(n, item)}: {_shown(n, item, answer)}"
        case RowPut(item=item, row=row, cells=cells):
            return f"{who} wrote {_written(n, item, row, cells, happened.seq)}"
        case RowRemoved(item=item, row=row):
            return f"{who} removed {_called(n, item, row, happened.seq)} from {label(n, item)}"
        case TakenBack(item=item):
            return f"{who} took back the last change at {label(n, item)}"
        case Claimed(item=item, claim=claim):
            if claim is None:
                return f"{who} took back what the first pass said of {label(n, item)}"
            return f"{who} said {label(n, item)} is {CLAIMS[claim]}"
        case Confirmed(item=item, row=str() as row):
            return f"{who} confirmed {_called(n, item, row, happened.seq)} in {label(n, item)}"
        case Confirmed(item=item):
            return f"{who} confirmed {label(n, item)}"
        case EvidenceAdded(item=item, evidence=evidence):
            return f"{who} put {FORMS[evidence.form]} behind {label(n, item)}: {evidence.text}"
        case EvidenceRemoved(item=item, evidence=gone):
            return f"{who} took {_evidence(n, item, gone)} away from {label(n, item)}"
        case Assigned(target=target, people=people):
            return f"{who} assigned {aimed(n, target)} to {n.names(people)}"
        case DueSet(target=target, day=by):
            set_for = f"set {aimed(n, target)} to be settled by {spelled(by)}" if by else ""
            return f"{who} {set_for or f'took the date of {aimed(n, target)} back'}"
        case Pursued(spot=spot, course=course):
            made = f"made the unknown at {_at(n, spot)} a {COURSES[course]}" if course else ""
            return f"{who} {made or f'let the unknown at {_at(n, spot)} rest'}"
        case Signed(state=state, verdict=verdict, words=words):
            return f"{who} signed {VERDICTS[verdict]}{f': {words}' if words else ''} (state {short(state)})"
        case RoleGiven(person=person, role=role):
            itself = happened.by == person
            return f"{who} became {ROLES[role]}" if itself else f"{who} made {n.name(person)} {ROLES[role]}"
        case Restricted(section=section, people=only):
            kept = f"kept {_section(n, section)} for {n.names((*n.leads, *only))}" if only is not None else ""
            return f"{who} {kept or f'opened {_section(n, section)} to the whole delegation'}"
        case Passphrases(on=on):
            return f"{who} had our own pages {ASKING[on]}"
        case PassphraseReset(person=person):
            return f"{who} reset the passphrase of {n.name(person)}"
        case Shielded(target=target, how=how):
            what = aimed(n, target) if target else "these talks"
            return f"{who} {SHIELDS[how].format(what)}"
        case Archived(archived=archived):
            return f"{who} put the talks away" if archived else f"{who} took the talks up again"
        case Keep(days=None):
            return f"{who} said that the talks are kept without end"
        case Keep(days=days, after=since):
            return f"{who} said that the talks are kept for {days} days after {SINCE[since]}, and then destroyed"
        case Exported(form=form, variant=variant):
            somebody = who if happened.by else "The command line"
            what = "the partner version" if variant == "partner" else "the checklist"
            return f"{somebody} took {what} away as {PAPERS[form].told if form in PAPERS else form}"
        case Handling(text=text):
            return f"{who} set the handling line: {text}" if text else f"{who} took the handling line away"
        case Internal(target=target, internal=internal):
            what = marked(n, target)
            return f"{who} marked {what} as internal" if internal else f"{who} released {what} to partners"
        case Waived(gap=gap, reason=str() as reason, until=day) if day is not None:
            return f"{who} waived {gap} until {spelled(day)}: {reason}"
        case Waived(gap=gap):
            return f"{who} withdrew the waiver of {gap}"
        case WaiverExpired(gap=gap):
            return f"The waiver of {aimed(n, gap)} ran out"
        case WaiverReinstated(gap=gap):
            return f"{who} said that the waiver of {aimed(n, gap)} holds on"


def spelled(day: date) -> str:
    """A date as people write it."""
    return f"{day.day} {day:%B %Y}"


def label(n: Negotiation, item_id: ItemId) -> str:
    """What an item is called, its id where this checklist has no such item."""
    item = n.checklist.item.get(item_id)
    return n.words(item.label) if item else item_id


def aimed(n: Negotiation, target: Target) -> str:
    """What a target of assigning is called: a section, an item, a gap or an unknown there."""
    if target.startswith(SECTION):
        return _section(n, target.removeprefix(SECTION))
    if target.startswith(UNKNOWN):
        return f"an unknown at {_at(n, target.removeprefix(UNKNOWN))}"
    return f"a gap at {_at(n, target)}" if "/" in target else label(n, target)


def _at(n: Negotiation, spot: str) -> str:
    """Where a gap or an unknown is: the item, its row, the field."""
    item_id, *rest = spot.split("/")
    item, rows = n.checklist.item.get(item_id), n.record(item_id).rows
    row = next((rows[part] for part in rest if part in rows), None)
    named = f" “{n.row_label(item, row)}”" if item and row and row.id != FORM else ""
    field = item.field.get(rest[-1]) if item and row and len(rest) == 2 and rest[0] == row.id else None
    return f"{label(n, item_id)}{named}{f', {n.words(field.label)}' if field else ''}"


def marked(n: Negotiation, target: str) -> str:
    """What is called what a lead may mark as internal: a section, an item, or a field of one."""
    item_id, _, field = target.partition(".")
    item = n.checklist.item.get(item_id)
    if item is None or field not in item.field:
        return aimed(n, target)
    return f"{n.words(item.field[field].label)} of {label(n, item_id)}"


def _section(n: Negotiation, section: SectionId) -> str:
    found = n.checklist.section.get(section)
    return n.words(found.title) if found else section


def _shown(n: Negotiation, item_id: ItemId, answer: Answer) -> str:
    item = n.checklist.item.get(item_id)
    return n.shown(item, answer) if item else "something"


def _written(n: Negotiation, item_id: ItemId, row: RowId, cells: dict[FieldId, Cell | None], seq: int) -> str:
    item = n.checklist.item.get(item_id)
    if item is None or not item.has_rows:
        return f"in {item_id}"
    naming = None if item.kind == Kind.FORM else item.naming.id
    said = "; ".join(
        f"{n.words(item.field[name].label)} {n.shown(item.field[name], cell)}"
        for name, cell in cells.items()
        if name in item.field and (name != naming or cell is None)
    )
    row_name = "" if naming is None else f"{_called(n, item_id, row, seq)} "
    where = f"{row_name}in {label(n, item_id)}"
    return f"{where}: {said}" if said else where


def _called(n: Negotiation, item_id: ItemId, row: RowId, seq: int) -> str:
    """What a row was called right after an event: the last name written to it until then."""
    item = n.checklist.item.get(item_id)
    if item is None or not item.has_rows or item_id in n.veiled:
        return "a row"
    said = next(_names(n, item, row, seq), None)
    return f"“{n.shown(item.naming, said)}”" if said else "an unnamed row"


def _names(n: Negotiation, item: Item, row: RowId, seq: int) -> Iterator[Answer | None]:
    """Every name a row had until an event, newest first; the one it was given comes last."""
    naming = item.naming.id
    undone = False
    for one in n.record(item.id).past or ():
        match one.event:
            case _ if one.seq > seq:
                continue
            case TakenBack():
                undone = True
                continue
            case RowPut(row=there, cells=cells) if not undone and there == row and naming in cells:
                yield cells[naming]
        undone = False
    held = n.record(item.id).rows.get(row)
    if held and naming in held.cells and held.cells[naming].seq <= seq:
        yield held.said(naming)
    yield from _given_names(n, item, row)


def _given_names(n: Negotiation, item: Item, row: RowId) -> Iterator[Answer]:
    """The name with which the checklist gave a row, also where it was removed since."""
    naming = item.naming
    for given in item.rows:
        if given.id == row and naming.id in given.cells:
            yield literal(naming, given.cells[naming.id])
        elif given.each and (given.into or naming.id) == naming.id:
            for number, line in enumerate(n.given.get(given.each, "").splitlines(), start=1):
                if row == f"{given.id}{number}":
                    yield literal(naming, line)


def _evidence(n: Negotiation, item: ItemId, gone: str) -> str:
    for one in n.record(item).past or ():
        match one.event:
            case EvidenceAdded(evidence=evidence) if evidence.id == gone:
                return f"“{evidence.text}”"
    return "evidence"
