"""The front of the dialog: one reply in, one turn out, for every face and every place."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.dialog.answer_slot import AnswerSlot, clip, effect, not_recorded
from bot.dialog.callback_data import stored
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    Command,
    Context,
    FileReply,
    Link,
    Message,
    Outcome,
    Place,
    Reply,
    TextReply,
    UnsupportedReply,
    WebLink,
)
from bot.dialog.limit_messages import over
from bot.dialog.parsing.text import tidy
from bot.dialog.parsing.whole import whole
from bot.dialog.refusals import REFUSED, entry, in_words, refusal
from bot.dialog.screens.admission import at_the_door
from bot.dialog.screens.changes import Changes
from bot.dialog.screens.clarifications import AnswerPart, Clarify, ContinueText
from bot.dialog.screens.evidence import ItemEvidence
from bot.dialog.screens.export import ExportPage
from bot.dialog.screens.gates import Gates
from bot.dialog.screens.group_cards import GroupCards
from bot.dialog.screens.home import Help, Home, NextForMe, Privacy, Sections
from bot.dialog.screens.item import ItemQuestion, at
from bot.dialog.screens.my_work import MyWork
from bot.dialog.screens.negotiations import Negotiations
from bot.dialog.screens.pasted_rows import PastedRows, takes_rows
from bot.dialog.screens.placing import ReplyElsewhere, UnplacedMessage, called
from bot.dialog.screens.redacted import SENT, carried, may_carry, slips, stand_in
from bot.dialog.screens.reminder_settings import ReminderSettings
from bot.dialog.screens.review_import import ReviewImport
from bot.dialog.screens.search import Search
from bot.dialog.screens.sign_off import SignOffPage, void_notice
from bot.dialog.screens.summary import Gaps, Summary
from bot.dialog.screens.table import FieldQuestion
from bot.dialog.screens.team import Team
from bot.dialog.screens.unknowns import Unknowns
from bot.dialog.screens.void_warning import ConfirmVoid, held_back
from bot.domain.access.permissions import Denial, Permission
from bot.domain.answers import NotApplicable
from bot.domain.events import (
    Answered,
    AnyEvent,
    Claimed,
    Confirmed,
    Opened,
    RowPut,
    RowRemoved,
    TakenBack,
)
from bot.domain.folding import folded
from bot.domain.limits import TEXT
from bot.domain.negotiation import Happened, Negotiation, Signature
from bot.domain.ownership import item_of
from bot.domain.projection import after, opened
from bot.domain.readiness.item_gaps import applies, locked
from bot.domain.sign_off import voided

COMMANDS: dict[str, tuple[Place, str]] = {
    "continue": (NextForMe(), "What matters most for you now"),
    "sections": (Sections(), "The checklist, section by section"),
    "summary": (Summary(), "May we go, and what is missing"),
    "gaps": (Gaps(), "Everything open, worst first"),
    "gates": (Gates(), "What must be closed by when"),
    "mine": (MyWork(), "Your own work"),
    "unknowns": (Unknowns(), "What is not known, and who finds out"),
    "changed": (Changes(), "What changed since you last looked"),
    "sign": (SignOffPage(), "Who has signed, and what exactly"),
    "team": (Team(), "Who is in the delegation"),
    "take": (ExportPage(), "Take the checklist away as a file"),
    "find": (Search(), "Find items, rows, answers and evidence by words"),
    "talks": (Negotiations(), "Your negotiations and how each stands"),
    "reminders": (ReminderSettings(), "When and how I remind you"),
    "card": (GroupCards(), "A card for the delegation’s group"),
    "help": (Help(), "How this works"),
    "privacy": (Privacy(), "Who can see what you type"),
}


SEVERAL = "Your edited message changes nothing: it waits with another that came with it."
LONGEST_LABEL = 80  # characters typed that may be a button's label


@dataclass(frozen=True, slots=True)
class HandledReply:
    """A turn with everything settled: what happened, where the person now stands, what they are told.

    ``undo`` names the item whose last change can be taken back, and its sequence number; ``spot``
    is the place whose answer this is, for an edit of the message that gave it; ``heard_at`` the place that recorded it,
    where a place did.
    """

    place: Place
    n: Negotiation | None
    happened: tuple[Happened, ...]
    aside: str
    kept: str
    turn: Outcome
    undo: str = ""
    spot: tuple[Place, int] | None = None
    heard_at: Place | None = None


def handle(context: Context, place: Place, said: Reply, undo: str = "") -> HandledReply:
    """Hear one reply at a place: the only way a conversation moves. ``undo`` is what its Undo button would take back.

    Words that are the label of a button shown tap it.
    """
    if isinstance(place, ReplyElsewhere):
        return _replied(context, place, said, undo)
    match named_button(context, place, said, undo):
        case Link(place=target):
            return go(context, target)
        case Action(act=act, arg=arg):
            said = ButtonReply(act, arg)
    if isinstance(place, UnplacedMessage) and (placed := _placed(context, place, said)) is not None:
        return placed
    if isinstance(place, ConfirmVoid) and entry(context, place) is None and (agreed := place.agrees(said)) is not None:
        return _gone_on(context, place, agreed)
    return _handled(context, place, said)


def _handled(context: Context, place: Place, said: Reply, warned: frozenset[int] = frozenset()) -> HandledReply:
    """Hear a reply that is no label any more. ``warned``: the signatures that it may make void, by their numbers."""
    if place.verb is Permission.WAIT and not context.who.belongs:
        return still(context, place, "")
    if (shut := entry(context, place)) is Denial.STRANGER:
        place = Home()
    elif shut is not None:
        return _shut(context, said, shut)
    place = stand_in(context, place)
    turn = _wiped(context, place, said, carried(context, place, said, _heard(context, place, said)))
    why = refusal(context, turn.events) or _closed(context, turn.events) or over(context, turn.events)
    why = why or _unready(context, turn, said)
    if why is not None:
        turn = Outcome(place, aside=f"{why} Nothing was recorded.", erase=turn.erase)
    n, happened = _folded(context, turn.events)
    then = replace(context, n=n if n is not None else context.n)
    if unwarned := _unwarned(context, then, warned):
        return _warned(context, held_back(then.here, place, said, unwarned, happened))
    stand, elsewhere = _arrived(then, turn.place)
    if isinstance(said, Command) and said.name in COMMANDS:
        turn = replace(turn, paper=turn.paper or stand.brings)
    goes_on = not happened and type(stand) is type(place)
    last, undo = stand.recorded(then) if goes_on else ("", _undo(then, turn.events))
    told = [turn.kept if turn.events else "", turn.aside, "" if turn.aside else elsewhere, last]
    if context.role is not None and then.role is not None and context.here.uid == then.here.uid and happened:
        told += [void_notice(context.here, then.here, happened), effect(context.here, then.here, context.today)]
    aside = "\n".join(line for line in told if line)
    spot = _heard_at(place, said, happened) or _drafted(place, said, stand)
    heard_at = place if happened and not (isinstance(said, ButtonReply) and said.act == "undo") else None
    return HandledReply(stand, then.n, happened, aside, turn.kept, turn, undo, spot, heard_at)


def _unwarned(context: Context, then: Context, warned: frozenset[int]) -> list[Signature]:
    """The signatures that become void, where there is one of which the person was not told."""
    if context.n is None or then.n is None or context.role is None or context.n.uid != then.n.uid:
        return []
    gone = voided(context.n, then.n)
    return list(gone) if any(signature.seq not in warned for signature in gone) else []


def _warned(context: Context, waits: ConfirmVoid) -> HandledReply:
    """A reply waits; an edit of the message that gave it finds it again."""
    return replace(still(context, waits, ""), spot=(waits, 0) if waits.text else None)


def _gone_on(context: Context, place: ConfirmVoid, said: Reply) -> HandledReply:
    """What a reply comes to that waited until its voiding signatures was agreed to."""
    outcome = _handled(context, place.heard_at, said, place.warned)
    if not outcome.happened:
        return outcome
    outcome = replace(outcome, heard_at=place)
    if not place.back:
        return outcome
    back, _ = _arrived(replace(context, n=outcome.n), place.returns_to)
    return replace(outcome, place=back)


def left_unsaid(context: Context, place: Place, outcome: HandledReply) -> HandledReply:
    """The same, saying what was still to be recorded at the place that the person leaves with it."""
    words = place.unrecorded().removesuffix(outcome.place.unrecorded()).strip()  # what still waits there is not left
    corrected = _is_draft(outcome.place, place.shows) and not isinstance(place, ConfirmVoid)
    decided = isinstance(place, ReviewImport) and bool(outcome.turn.aside)  # change by change
    if not words or corrected or decided or slips(context, place):
        return outcome
    if outcome.turn.settles or outcome.heard_at == place or words in outcome.place.unrecorded():
        return outcome
    return replace(outcome, aside="\n".join(filter(None, (outcome.aside, not_recorded(words)))))


def _is_draft(place: Place, draft: Place) -> bool:
    """Whether what waits at a place is this very draft, read anew, and not another of its kind."""
    return type(place.shows) is type(draft) and getattr(place.shows, "key", "") == getattr(draft, "key", "")


def named_button(context: Context, place: Place, said: Reply, undo: str) -> Link | Action | None:
    """What the button does whose label was typed; options and "unknown" are left to the question, which reads them."""
    if not isinstance(said, TextReply) or len(said.text) > LONGEST_LABEL or not (typed := _label(said.text)):
        return None
    if isinstance(place, AnswerPart):  # the last words of a text, whatever they are
        return None
    with suppress(LookupError):  # the place is gone, which is for it to say
        for row in render(context, place, undo=undo).buttons:
            for button in row:
                said_here = isinstance(button.means, Action) and button.means.act in {"pick", "unknown"}
                if not isinstance(button.means, WebLink) and not said_here and _label(button.label) == typed:
                    return button.means
    return None


def _label(text: str) -> str:
    """A label as it is typed: without its sign, its dots, how many it leads to, and without case."""
    words = folded(re.sub(r"\s*\(\d+\)\s*\Z", "", text))
    return " ".join(re.sub(r"\A[\W_]+|[\W_]+\Z", "", words).split())


def _wiped(context: Context, place: Place, said: Reply, turn: Outcome) -> Outcome:
    """The turn, where a command may be words that this chat must not carry: such a message is deleted."""
    if not isinstance(said, Command) or not slips(context, place):
        return turn
    if said.name not in COMMANDS and said.name not in {"start", "home"}:
        return Outcome(place, aside=SENT, erase=True)
    return replace(turn, erase=True) if said.arg and said.name not in {"start", "find"} else turn


def go(context: Context, target: Place) -> HandledReply:
    """Follow a button that leads somewhere and changes nothing."""
    stand, why = _arrived(context, target)
    return HandledReply(stand, context.n, (), why, "", Outcome(stand, paper=stand.brings))


def _unready(context: Context, turn: Outcome, said: Reply) -> str | None:
    """Why a person is not sent to where they are asked for what they may not record."""
    if turn.events or isinstance(said, Command):
        return None
    shut = entry(context, turn.place)
    return in_words(context, shut) if shut in {Denial.NO_LEAD, Denial.AWAY, Denial.OBSERVES} else None


def _arrived(context: Context, target: Place) -> tuple[Place, str]:
    """Where a person who is sent somewhere comes to stand, and why that is elsewhere; empty where it is not."""
    if (shut := entry(context, target)) is not None:
        return Home(), _shut_out(context, shut)
    stand = target.resolve(context)
    if (shut := entry(context, stand)) is not None:
        return Home(), _shut_out(context, shut)
    return stand_in(context, stand), target.missing(context)


def _shut_out(context: Context, why: Denial) -> str:
    """Why somebody stands at home; nothing to who is no more of these talks, which home says."""
    return "" if why is Denial.STRANGER else in_words(context, why)


def _shut(context: Context, said: Reply, why: Denial) -> HandledReply:
    """What is heard where a person may no longer be: nothing but a command."""
    if isinstance(said, Command):
        return handle(context, Home(), said)
    repeats = isinstance(said, TextReply) and not (context.veiled and context.n is not None and context.n.shields)
    wrote = f"\nYou wrote: {clip(said.text, 300)}" if isinstance(said, TextReply) and repeats else ""
    return still(context, Home(), f"{in_words(context, why)} Nothing was recorded.{wrote}")


def render(context: Context, place: Place, aside: str = "", undo: str = "") -> Message:
    """What a person at a place is shown, with what they were told and a way to take it back."""
    if entry(context, place) is not None:
        place = Home()
    if entry(context, place) is not None:
        return Message(aside, REFUSED)
    place = stand_in(context, place)
    shown = place.render(context)
    text = f"{aside}\n\n{shown.text}" if aside else shown.text
    title = shown.title
    buttons = tuple(tuple(button for button in row if _offered(context, place, button)) for row in shown.buttons)
    if context.role is not None and context.here.veiled:
        buttons = tuple(tuple(button for button in row if _carried(context, place, button)) for row in buttons)
    buttons = tuple(row for row in buttons if row)
    if undo and context.answers:
        buttons = (*buttons, (Button("Undo", Action("undo", undo)),))
    return Message(title, text, (*buttons, *at_the_door(context, place)))


def _offered(context: Context, place: Place, button: Button) -> bool:
    """Whether a button is any use: where nobody may come is not offered; to who only reads, nor what is refused."""
    match button.means:
        case WebLink():
            return True
        case Link(place=target):
            return entry(context, target) is None
        case Action() if context.role is None or context.answers:
            return True
        case Action(act=act, arg=arg):
            turn = place.handle(context, ButtonReply(act, arg))
            if turn.events:
                return refusal(context, turn.events) is None
            does = any(deed is not None for deed in (turn.paper, turn.talks, turn.prefs, turn.card))
            return does or (turn.place != place and entry(context, turn.place) is None)


def _carried(context: Context, place: Place, button: Button) -> bool:
    """Whether this chat may carry what a button would record."""
    match button.means:
        case Action(act=act, arg=arg):
            return all(may_carry(context, event) for event in place.handle(context, ButtonReply(act, arg)).events)
        case _:
            return True


def left_behind(context: Context, outcome: HandledReply) -> str:
    """What the answered message says from now on, without any content; empty when nothing of it is to stay."""
    if context.n is None or outcome.n is None or not outcome.happened or outcome.n.shields:
        return ""
    items = {item_of(happened.event.concerns() or "") for happened in outcome.happened}
    item = outcome.n.checklist.item.get(items.pop() or "") if len(items) == 1 else None
    return f"Recorded: {outcome.n.words(item.label)}." if item else "Recorded."


def _heard(context: Context, place: Place, said: Reply) -> Outcome:
    match said:
        case Command(name="find", arg=words) if words.strip() and context.role is not None:
            return Search().handle(context, TextReply(words))
        case Command(name=name):
            return _commanded(context, place, name)
        case ButtonReply(act="undo", arg=arg):
            return _undone(context, place, arg)
        case TextReply(text=text) if len(text) > TEXT:
            return Outcome(
                place,
                aside=f"That is {len(text):,} characters long, and an answer takes {TEXT:,}. Nothing was recorded. "
                "Please shorten it, or send it as a file under Evidence.",
            )
        case FileReply():
            return _file_sent(context, place, said)
        case UnsupportedReply(what=what):
            return Outcome(
                place, aside=f"I cannot take {what}. Please type your answer, or send a document of up to 10 MB."
            )
        case _:
            return place.handle(context, said)


def _file_sent(context: Context, place: Place, sent: FileReply) -> Outcome:
    """What becomes of a file: changes to look at, rows of a table, or evidence of the item that is asked."""
    if isinstance(place, ExportPage):
        return place.handle(context, sent)
    if sent.trouble:
        return Outcome(place, aside=f"{sent.trouble} The file was not kept.{_captioned(sent)}")
    if sent.rows and takes_rows(place):
        return _rows_sent(context, place, sent)
    if isinstance(item := getattr(place, "item", None), str):
        return replace(ItemEvidence(item).handle(context, sent), place=place)
    why = "To put a file behind an answer, open the item first, then send it."
    return Outcome(place, aside=f"{why} The file was not kept.{_captioned(sent)}")


def _rows_sent(context: Context, place: Place, sent: FileReply) -> Outcome:
    """The rows of a spreadsheet, shown back as if they had been pasted."""
    if len(sent.rows) > 2 * TEXT:
        why = f"That file holds {len(sent.rows):,} characters, and {2 * TEXT:,} are read at once. Send fewer rows."
        return Outcome(place, aside=f"{why} The file was not kept.{_captioned(sent)}")
    rows = TextReply(sent.rows)
    turn = place.added(context, sent.rows) if isinstance(place, PastedRows) else place.handle(context, rows)
    kept = "The file itself is not kept: for that, send it under Evidence."
    told = (turn.aside, f"Read from {sent.name}.", sent.note, kept)
    return replace(turn, aside=" ".join(filter(None, told)))


def _captioned(file: FileReply) -> str:
    """What was written below a file that is not kept."""
    return f"\nYou wrote: {clip(file.caption, 300)}" if file.caption else ""


def _commanded(context: Context, place: Place, name: str) -> Outcome:
    if name in {"start", "home"}:
        return Outcome(Home())
    target = COMMANDS.get(name)
    if target is None:
        return Outcome(place, aside=f"I do not know /{name[:32]}. /help lists what I do.")
    if context.role is None and not target[0].outside:
        return Outcome(Home(), aside="That needs a negotiation, and you belong to none yet.")
    return Outcome(target[0])


def _undone(context: Context, place: Place, arg: str) -> Outcome:
    item, seq, number = (*arg.split("."), "", "")[:3]
    if context.n is None or item not in context.here.checklist.item:
        return Outcome(place, aside="There is nothing to take back.")
    record = context.n.record(item)
    if (back := whole(number)) is not None and str(record.seq) == seq:
        return Outcome(
            at(context.item(item)), _reversed(context, context.n, item, record.seq - back), kept="Taken back."
        )
    if number or record.before is None or str(record.seq) != seq:
        return Outcome(
            place, aside="It was changed again since, so it cannot be taken back from here. See its history."
        )
    return Outcome(at(context.item(item)), (TakenBack(item=item),), kept="Taken back.")


def _reversed(context: Context, n: Negotiation, item: str, seq: int) -> tuple[AnyEvent, ...]:
    """The events that bring an answer, or the rows of a table, back to what they were after an event."""
    line = context.line(0)
    then = opened(line[0], n.checklist)
    for happened in line[1:seq]:
        then = after(then, happened)
    was, now = then.record(item), n.record(item)
    events: list[AnyEvent] = []
    for row in now.rows.values():
        before = was.rows.get(row.id)
        if before is None:
            events.append(RowRemoved(item=item, row=row.id))
        elif cells := {name: before.said(name) for name in row.cells if row.said(name) != before.said(name)}:
            events.append(RowPut.model_validate({"item": item, "row": row.id, "cells": cells}))
    if was.said != now.said:
        events.append(Answered(item=item, answer=was.said))
    return tuple(events)


def _closed(context: Context, events: tuple[AnyEvent, ...]) -> str | None:
    """Why an item cannot be answered at all: it waits for another, or is not asked in these talks."""
    for event in events:
        if context.n is None or not isinstance(event, (Answered, RowPut, RowRemoved, Confirmed)):
            continue
        item = context.item(event.item)
        if not applies(context.n, item, context.today):
            return f"“{item.label}” is not asked in these talks any more."
        if item.locked and locked(context.n, item, context.today):
            return context.n.words(item.locked.says)
    return None


def _undo(context: Context, events: tuple[AnyEvent, ...]) -> str:
    """What an Undo button would take back: one change of content, or all rows of one paste."""
    items = {event.item if isinstance(event, RowPut) else "" for event in events}
    if len(events) > 1 and len(items) == 1 and context.n is not None and (item := items.pop()):
        return f"{item}.{context.n.record(item).seq}.{len(events)}"
    if len(events) != 1 or not isinstance(events[0], (Answered, RowPut, RowRemoved, Claimed)) or context.n is None:
        return ""
    return f"{events[0].item}.{context.n.record(events[0].item).seq}"


def _folded(context: Context, events: tuple[AnyEvent, ...]) -> tuple[Negotiation | None, tuple[Happened, ...]]:
    n, happened = context.n, []
    for event in events:
        begins = isinstance(event, Opened)
        change = Happened(1 if begins or n is None else n.seq + 1, context.now, context.me, event)
        if isinstance(event, Opened):
            checklist = next(known for known in context.checklists.values() if known.digest == event.checklist)
            n = opened(change, checklist)
        elif n is not None:
            n = after(n, change)
        happened.append(change)
    return n, tuple(happened)


def _heard_at(place: Place, said: Reply, happened: tuple[Happened, ...]) -> tuple[Place, int] | None:
    """The place whose answer these events are, and its number, so that an edited message finds it again."""
    match happened:
        case _ if isinstance(place, ContinueText):
            return None  # the message is only part of the answer
        case (Happened(seq=seq),) if isinstance(place, AnswerPart) and isinstance(said, TextReply):
            return replace(place, length=len(tidy(said.text))), seq
        case (Happened(event=Answered(answer=NotApplicable())),):
            return None  # it gave a reason, not an answer
        case (Happened(seq=seq, event=Answered(item=item)),):
            return ItemQuestion(item, seq), seq
        case (Happened(seq=seq, event=RowPut(item=item, row=row, cells=cells)),) if len(cells) == 1:
            return FieldQuestion(item, row, next(iter(cells)), seq), seq
        case _:
            return None


def _drafted(place: Place, said: Reply, stand: Place) -> tuple[Place, int] | None:
    """The draft of rows that a message began or went on with, so that an edit of it finds it again."""
    if not isinstance(said, TextReply) or not isinstance(stand, PastedRows):
        return None
    last = len(stand.parts) - 1
    more = not isinstance(place, PastedRows) or len(place.parts) <= last
    return (stand.message(last), 0) if more else None


def _redrafted(context: Context, place: Place, message: PastedRows, text: str) -> HandledReply:
    """An edited message of a draft: the rows that wait are read anew."""
    shown = place.shows
    draft = shown.amended(message, text) if isinstance(shown, PastedRows) else None
    if draft is not None and isinstance(place, ReplyElsewhere):
        return still(
            context, replace(place, there=stored(draft)), "Your edited message counts. Nothing is recorded yet."
        )
    if draft is None:
        return unedited(context, place, "Your edited message changes nothing: its rows do not wait here any more.")
    return still(context, draft, "Your edited message counts. Nothing is recorded yet.")


def _edited_unplaced(context: Context, place: Place, message: UnplacedMessage, text: str) -> HandledReply:
    """An edited message that waits to be told where it belongs."""
    if not isinstance(place, UnplacedMessage) or place.key != message.key:
        return unedited(context, place, "Your edited message changes nothing: it does not wait here any more.")
    if place.several:
        return unedited(context, place, SEVERAL)
    return still(context, replace(place, text=text), "Your edited message counts. Nothing is recorded yet.")


def _rewritten(context: Context, place: Place, then: ConfirmVoid, text: str) -> HandledReply:
    """An edited message that waits for its voiding signatures to be agreed to: it is heard anew."""
    waits = place.shows
    if waits != then:
        goes_on = isinstance(waits, ConfirmVoid) and waits.place == then.place and tidy(then.text) in waits.text
        why = SEVERAL if goes_on else "Your edited message changes nothing: what it said waits here no more."
        return unedited(context, place, why)
    outcome = reworded(context, place, then, text)
    return replace(outcome, aside=f"Your edited message counts. {outcome.aside}".strip())


def reworded(context: Context, place: Place, waits: ConfirmVoid, text: str) -> HandledReply:
    """What waits for its voiding signatures to be agreed to, in other words: they are heard anew."""
    asked_at = replace(place, there=waits.place) if isinstance(place, ReplyElsewhere) else waits.heard_at
    outcome = handle(context, asked_at, TextReply(text))
    if isinstance(outcome.place, ConfirmVoid):
        outcome = _warned(context, replace(outcome.place, back=waits.back))
    return replace(outcome, heard_at=place)


def amend(context: Context, place: Place, then: Place, text: str, seq: int) -> HandledReply:
    """An edited message: it updates the answer it gave while that still stands, and says so either way."""
    if isinstance(then, PastedRows):
        return _redrafted(context, place, then, text)
    if isinstance(then, UnplacedMessage):
        return _edited_unplaced(context, place, then, text)
    if isinstance(then, ConfirmVoid):
        return _rewritten(context, place, then, text)
    spot = AnswerSlot(getattr(then, "item", ""), getattr(then, "row", ""), getattr(then, "field", ""))
    if context.role is not None and spot.item in context.here.veiled:
        return still(context, stand_in(context, place), SENT, erase=True)
    held = spot.held(context.here) if context.n and spot.item in context.n.checklist.item else None
    if held is None or held.seq != seq:
        return unedited(
            context, place, "Your edited message changes nothing: the answer it gave has been changed since."
        )
    outcome = handle(context, then, TextReply(text))
    if isinstance(outcome.place, ConfirmVoid):
        return _warned(context, replace(outcome.place, back=stored(place)))
    if outcome.happened:
        return replace(
            outcome,
            place=place.resolve(replace(context, n=outcome.n)),
            aside=f"Your edited message counts. {outcome.aside}",
        )
    if isinstance(outcome.place, Clarify):
        doubt = outcome.place.render(context).text
        return still(context, place, f"Your edited message changes nothing. {doubt} Say so at the question itself.")
    why = f"Your edited message changes nothing. {outcome.aside}".strip()
    return still(context, place, why, erase=outcome.turn.erase)


def unedited(context: Context, place: Place, why: str) -> HandledReply:
    """An edited message that changes nothing; where it may hold what this chat may not carry, it must not stay."""
    if slips(context, place):
        return still(context, place, SENT, erase=True)
    last, undo = place.recorded(context)
    return replace(still(context, place, "\n".join(filter(None, (why, last)))), undo=undo)


def still(context: Context, place: Place, aside: str, *, erase: bool = False) -> HandledReply:
    """Nothing happened, and here is why."""
    return HandledReply(place, context.n, (), aside, "", Outcome(place, erase=erase))


def _placed(context: Context, place: UnplacedMessage, said: Reply) -> HandledReply | None:
    """What a message comes to at the place that was tapped for it; None while none was."""
    match said:
        case ButtonReply(act="here"):
            outcome = handle(context, place.home, TextReply(place.words))
        case ButtonReply(act="at", arg=arg) if (number := whole(arg)) is not None:
            found = [option for _, option in place.choices(context)][number : number + 1]
            if not found:
                return None
            outcome = handle(context, ReplyElsewhere(stored(found[0]), place.back), TextReply(place.words))
        case _:
            return None
    return replace(outcome, turn=replace(outcome.turn, settles=True))


def _replied(context: Context, place: ReplyElsewhere, said: Reply, undo: str) -> HandledReply:
    """A reply heard in the question of an older message. What is asked back is asked first; then the person is back."""
    try:
        outcome = handle(context, place.shows, said, undo)
    except LookupError:  # a row or an item that is gone
        outcome = still(context, place.home, "What you replied to is not there any more.")
    if isinstance(said, Command):
        return replace(outcome, place=place) if outcome.place == place.shows else outcome
    asks = not outcome.happened and outcome.place.draft
    stand: Place = replace(place, there=stored(outcome.place))
    if not asks:
        stand, _ = _arrived(replace(context, n=outcome.n), place.home)
    about = "" if stand.shows == place.shows else f"At “{called(context, place.shows)}”: "
    told = outcome.aside
    if not asks and not outcome.happened and isinstance(said, TextReply) and not outcome.turn.erase:
        told += _unsaid(context, place, said, told)
    return replace(
        outcome,
        place=stand,
        aside=f"{about}{told}" if told else "",
        turn=replace(outcome.turn, place=stand),
        heard_at=place if outcome.heard_at is not None else None,
    )


def _unsaid(context: Context, place: Place, said: TextReply, told: str) -> str:
    """That nothing was recorded of what was said, in its words where this chat may carry them."""
    nothing = "" if "othing was recorded" in told or "ot recorded" in told else " Nothing was recorded."
    wrote = "" if "You wrote" in told or slips(context, place) else f"\nYou wrote: {clip(said.text, 300)}"
    return f"{nothing}{wrote}"
