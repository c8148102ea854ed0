"""The front of the dialog: one reply in, one turn out, for every face and every place."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip, effect
from bot.dialog.contract import (
    Button,
    Command,
    Do,
    Go,
    Page,
    Place,
    Room,
    Said,
    Say,
    Sent,
    Tapped,
    Turn,
    Typed,
    Unheard,
)
from bot.dialog.limit_messages import over
from bot.dialog.refusals import REFUSED, entry, in_words, refusal
from bot.dialog.screens.admission import at_the_door
from bot.dialog.screens.changes import Changes
from bot.dialog.screens.clarifications import More, Sure
from bot.dialog.screens.evidence import AtEvidence
from bot.dialog.screens.export import TakeAway
from bot.dialog.screens.gates import Gates
from bot.dialog.screens.group_cards import GroupCards
from bot.dialog.screens.home import Continue, Help, Home, Privacy, Sections
from bot.dialog.screens.item import AtItem, at
from bot.dialog.screens.my_work import Mine
from bot.dialog.screens.negotiations import OtherTalks
from bot.dialog.screens.pasted_rows import Pasted
from bot.dialog.screens.redacted import SENT, carried, may_carry, slips, stand_in
from bot.dialog.screens.reminder_settings import Reminders
from bot.dialog.screens.search import Find
from bot.dialog.screens.sign_off import SigningOff, void_notice
from bot.dialog.screens.summary import Gaps, Summary
from bot.dialog.screens.table import AtField
from bot.dialog.screens.team import Team
from bot.dialog.screens.unknowns import Unknowns
from bot.domain.access.need_to_know import concerns
from bot.domain.access.permissions import Denied, Verb
from bot.domain.answers import NotApplicable
from bot.domain.events import (
    Answered,
    AnyEvent,
    Claimed,
    Confirmed,
    Opened,
    RowPut,
    RowRemoved,
    Signed,
    TakenBack,
    Waived,
)
from bot.domain.folding import folded
from bot.domain.limits import TEXT
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.ownership import item_of
from bot.domain.projection import after, opened
from bot.domain.readiness.item_gaps import applies, locked

COMMANDS: dict[str, tuple[Place, str]] = {
    "continue": (Continue(), "What matters most for you now"),
    "sections": (Sections(), "The checklist, section by section"),
    "summary": (Summary(), "May we go, and what is missing"),
    "gaps": (Gaps(), "Everything open, worst first"),
    "gates": (Gates(), "What must be closed by when"),
    "mine": (Mine(), "Your own work"),
    "unknowns": (Unknowns(), "What is not known, and who finds out"),
    "changed": (Changes(), "What changed since you last looked"),
    "sign": (SigningOff(), "Who has signed, and what exactly"),
    "team": (Team(), "Who is in the delegation"),
    "take": (TakeAway(), "Take the checklist away as a file"),
    "find": (Find(), "Find items, rows, answers and evidence by words"),
    "talks": (OtherTalks(), "Your negotiations and how each stands"),
    "reminders": (Reminders(), "When and how I remind you"),
    "card": (GroupCards(), "A card for the delegation’s group"),
    "help": (Help(), "How this works"),
    "privacy": (Privacy(), "Who can see what you type"),
}


LONGEST_LABEL = 80  # characters typed that may be a button's label


@dataclass(frozen=True, slots=True)
class Outcome:
    """A turn with everything settled: what happened, where the person now stands, what they are told.

    ``undo`` names the item whose last change can be taken back, and its sequence number; ``spot``
    is the place whose answer this is, for an edit of the message that gave it.
    """

    place: Place
    n: Negotiation | None
    happened: tuple[Happened, ...]
    aside: str
    kept: str
    turn: Turn
    undo: str = ""
    spot: tuple[Place, int] | None = None


def hear(room: Room, place: Place, said: Said, undo: str = "") -> Outcome:
    """Hear one reply at a place: the only way a conversation moves. ``undo`` is what its Undo button would take back.

    Words that are the label of a button shown tap it.
    """
    match _named(room, place, said, undo):
        case Go(place=target):
            return go(room, target)
        case Do(act=act, arg=arg):
            said = Tapped(act, arg)
    if place.verb is Verb.WAIT and not room.who.belongs:
        return still(room, place, "")
    if (shut := entry(room, place)) is Denied.STRANGER:
        place = Home()
    elif shut is not None:
        return _shut(room, said, shut)
    place = stand_in(room, place)
    turn = _wiped(room, place, said, carried(room, place, said, _heard(room, place, said)))
    why = refusal(room, turn.events) or _closed(room, turn.events) or over(room, turn.events)
    why = why or _unready(room, turn, said)
    if why is not None:
        turn = Turn(place, aside=f"{why} Nothing was recorded.", erase=turn.erase)
    n, happened = _folded(room, turn.events)
    then = replace(room, n=n if n is not None else room.n)
    stand = _arrived(then, turn.place)
    if isinstance(said, Command) and said.name in COMMANDS:
        turn = replace(turn, paper=turn.paper or stand.brings)
    goes_on = not happened and type(stand) is type(place)
    last, undo = stand.recorded(then) if goes_on else ("", _undo(then, turn.events))
    told = [turn.kept if turn.events else "", turn.aside, last]
    if room.role is not None and then.role is not None and room.here.uid == then.here.uid and happened:
        told += [void_notice(room.here, then.here, happened), effect(room.here, then.here, room.today)]
    aside = "\n".join(line for line in told if line)
    spot = _heard_at(place, happened) or _drafted(place, said, stand)
    return Outcome(stand, then.n, happened, aside, turn.kept, turn, undo, spot)


def left_unsaid(room: Room, place: Place, outcome: Outcome) -> Outcome:
    """The same, saying what was still to be recorded at the place that the person leaves with it."""
    words = place.unrecorded()
    items = {getattr(one.event, "item", "") for one in outcome.happened}
    if not words or type(outcome.place) is type(place) or getattr(place, "item", None) in items:
        return outcome
    if any(isinstance(one.event, Opened | Waived | Signed) for one in outcome.happened) or slips(room, place):
        return outcome
    return replace(outcome, aside="\n".join(filter(None, (outcome.aside, f"Not recorded: {clip(words, 300)}"))))


def _named(room: Room, place: Place, said: Said, undo: str) -> Go | Do | None:
    """What the button does whose label was typed; options and "unknown" are left to the question, which reads them."""
    if not isinstance(said, Typed) or len(said.text) > LONGEST_LABEL or not (typed := _label(said.text)):
        return None
    with suppress(LookupError):  # the place is gone, which is for it to say
        for row in say(room, place, undo=undo).buttons:
            for button in row:
                said_here = isinstance(button.means, Do) and button.means.act in {"pick", "unknown"}
                if not isinstance(button.means, Page) and not said_here and _label(button.label) == typed:
                    return button.means
    return None


def _label(text: str) -> str:
    """A label as it is typed: without its sign, its dots, how many it leads to, and without case."""
    words = folded(re.sub(r"\s*\(\d+\)\s*\Z", "", text))
    return " ".join(re.sub(r"\A[\W_]+|[\W_]+\Z", "", words).split())


def _wiped(room: Room, place: Place, said: Said, turn: Turn) -> Turn:
    """The turn, where a command may be words that this chat must not carry: such a message is deleted."""
    if not isinstance(said, Command) or not slips(room, place):
        return turn
    if said.name not in COMMANDS and said.name not in {"start", "home"}:
        return Turn(place, aside=SENT, erase=True)
    return replace(turn, erase=True) if said.arg and said.name not in {"start", "find"} else turn


def go(room: Room, target: Place) -> Outcome:
    """Follow a button that leads somewhere and changes nothing."""
    shut = entry(room, target)
    if shut not in {None, Denied.STRANGER}:
        return still(room, Home(), in_words(room, shut))
    stand = _arrived(room, target)
    return Outcome(stand, room.n, (), "", "", Turn(stand, paper=stand.brings))


def _unready(room: Room, turn: Turn, said: Said) -> str | None:
    """Why a person is not sent to where they are asked for what they may not record."""
    if turn.events or isinstance(said, Command):
        return None
    shut = entry(room, turn.place)
    return in_words(room, shut) if shut in {Denied.NO_LEAD, Denied.AWAY, Denied.OBSERVES} else None


def _arrived(room: Room, target: Place) -> Place:
    """Where a person who is sent somewhere comes to stand."""
    if entry(room, target) is not None:
        return Home()
    stand = target.arrived(room)
    return stand if entry(room, stand) is not None else stand_in(room, stand)


def _shut(room: Room, said: Said, why: Denied) -> Outcome:
    """What is heard where a person may no longer be: nothing but a command."""
    if isinstance(said, Command):
        return hear(room, Home(), said)
    repeats = isinstance(said, Typed) and not (room.veiled and room.n is not None and room.n.shields)
    wrote = f"\nYou wrote: {clip(said.text, 300)}" if isinstance(said, Typed) and repeats else ""
    return still(room, Home(), f"{in_words(room, why)} Nothing was recorded.{wrote}")


def say(room: Room, place: Place, aside: str = "", undo: str = "") -> Say:
    """What a person at a place is shown, with what they were told and a way to take it back."""
    if entry(room, place) is not None:
        place = Home()
    if entry(room, place) is not None:
        return Say(aside, REFUSED)
    place = stand_in(room, place)
    shown = place.says(room)
    text = f"{aside}\n\n{shown.text}" if aside else shown.text
    title = shown.title
    buttons = tuple(tuple(one for one in row if _offered(room, place, one)) for row in shown.buttons)
    if room.role is not None and room.here.veiled:
        buttons = tuple(tuple(one for one in row if _carried(room, place, one)) for row in buttons)
    buttons = tuple(row for row in buttons if row)
    if undo and room.answers:
        buttons = (*buttons, (Button("Undo", Do("undo", undo)),))
    return Say(title, text, (*buttons, *at_the_door(room, place)))


def _offered(room: Room, place: Place, button: Button) -> bool:
    """Whether a button is any use: where nobody may come is not offered; to who only reads, nor what is refused."""
    match button.means:
        case Page():
            return True
        case Go(place=target):
            return entry(room, target) is None
        case Do() if room.role is None or room.answers:
            return True
        case Do(act=act, arg=arg):
            turn = place.hears(room, Tapped(act, arg))
            if turn.events:
                return refusal(room, turn.events) is None
            does = any(one is not None for one in (turn.paper, turn.talks, turn.prefs, turn.card))
            return does or (turn.place != place and entry(room, turn.place) is None)


def _carried(room: Room, place: Place, button: Button) -> bool:
    """Whether this chat may carry what a button would record."""
    match button.means:
        case Do(act=act, arg=arg):
            return all(may_carry(room, one) for one in place.hears(room, Tapped(act, arg)).events)
        case _:
            return True


def left_behind(room: Room, outcome: Outcome) -> str:
    """What the answered message says from now on, without any content; empty when nothing of it is to stay."""
    if room.n is None or outcome.n is None or not outcome.happened or outcome.n.shields:
        return ""
    items = {item_of(concerns(one.event) or "") for one in outcome.happened}
    item = outcome.n.checklist.item.get(items.pop() or "") if len(items) == 1 else None
    return f"Recorded: {outcome.n.words(item.label)}." if item else "Recorded."


def _heard(room: Room, place: Place, said: Said) -> Turn:
    match said:
        case Command(name="find", arg=words) if words.strip() and room.role is not None:
            return Find().hears(room, Typed(words))
        case Command(name=name):
            return _commanded(room, place, name)
        case Tapped(act="undo", arg=arg):
            return _undone(room, place, arg)
        case Typed(text=text) if len(text) > TEXT:
            return Turn(
                place,
                aside=f"That is {len(text):,} characters long, and an answer takes {TEXT:,}. Nothing was recorded. "
                "Please shorten it, or send it as a file under Evidence.",
            )
        case Sent() if isinstance(place, TakeAway):
            return place.hears(room, said)
        case Sent(trouble=why) if why:
            return Turn(place, aside=f"{why} The file was not kept.")
        case Sent() if isinstance(item := getattr(place, "item", None), str):
            return replace(AtEvidence(item).hears(room, said), place=place)
        case Sent():
            return Turn(
                place, aside="To put a file behind an answer, open the item first, then send it. The file was not kept."
            )
        case Unheard(what=what):
            return Turn(
                place, aside=f"I cannot take {what}. Please type your answer, or send a document of up to 10 MB."
            )
        case _:
            return place.hears(room, said)


def _commanded(room: Room, place: Place, name: str) -> Turn:
    if name in {"start", "home"}:
        return Turn(Home())
    target = COMMANDS.get(name)
    if target is None:
        return Turn(place, aside=f"I do not know /{name[:32]}. /help lists what I do.")
    if room.role is None and not target[0].outside:
        return Turn(Home(), aside="That needs a negotiation, and you belong to none yet.")
    return Turn(target[0])


def _undone(room: Room, place: Place, arg: str) -> Turn:
    item, seq, number = (*arg.split("."), "", "")[:3]
    if room.n is None or item not in room.here.checklist.item:
        return Turn(place, aside="There is nothing to take back.")
    record = room.n.record(item)
    if number.isdecimal() and str(record.seq) == seq:
        return Turn(at(room.item(item)), _reversed(room, room.n, item, record.seq - int(number)), kept="Taken back.")
    if number or record.before is None or str(record.seq) != seq:
        return Turn(place, aside="It was changed again since, so it cannot be taken back from here. See its history.")
    return Turn(at(room.item(item)), (TakenBack(item=item),), kept="Taken back.")


def _reversed(room: Room, n: Negotiation, item: str, seq: int) -> tuple[AnyEvent, ...]:
    """The events that bring the rows of a table back to what they were after an event."""
    line = room.line(0)
    then = opened(line[0], n.checklist)
    for one in line[1:seq]:
        then = after(then, one)
    was, now = then.record(item), n.record(item)
    events: list[AnyEvent] = []
    for row in now.rows.values():
        before = was.rows.get(row.id)
        if before is None:
            events.append(RowRemoved(item=item, row=row.id))
        elif cells := {name: before.said(name) for name in row.cells if row.said(name) != before.said(name)}:
            events.append(RowPut.model_validate({"item": item, "row": row.id, "cells": cells}))
    if was.said is not None and now.said is None:
        events.append(Answered(item=item, answer=was.said))
    return tuple(events)


def _closed(room: Room, events: tuple[AnyEvent, ...]) -> str | None:
    """Why an item cannot be answered at all: it waits for another, or is not asked in these talks."""
    for event in events:
        if room.n is None or not isinstance(event, (Answered, RowPut, RowRemoved, Confirmed)):
            continue
        item = room.item(event.item)
        if not applies(room.n, item, room.today):
            return f"“{item.label}” is not asked in these talks any more."
        if item.locked and locked(room.n, item, room.today):
            return room.n.words(item.locked.says)
    return None


def _undo(room: Room, events: tuple[AnyEvent, ...]) -> str:
    """What an Undo button would take back: one change of content, or all rows of one paste."""
    items = {event.item if isinstance(event, RowPut) else "" for event in events}
    if len(events) > 1 and len(items) == 1 and room.n is not None and (item := items.pop()):
        return f"{item}.{room.n.record(item).seq}.{len(events)}"
    if len(events) != 1 or not isinstance(events[0], (Answered, RowPut, RowRemoved, Claimed)) or room.n is None:
        return ""
    return f"{events[0].item}.{room.n.record(events[0].item).seq}"


def _folded(room: Room, events: tuple[AnyEvent, ...]) -> tuple[Negotiation | None, tuple[Happened, ...]]:
    n, happened = room.n, []
    for event in events:
        begins = isinstance(event, Opened)
        one = Happened(1 if begins or n is None else n.seq + 1, room.now, room.me, event)
        if isinstance(event, Opened):
            checklist = next(one for one in room.checklists.values() if one.digest == event.checklist)
            n = opened(one, checklist)
        elif n is not None:
            n = after(n, one)
        happened.append(one)
    return n, tuple(happened)


def _heard_at(place: Place, happened: tuple[Happened, ...]) -> tuple[Place, int] | None:
    """The place whose answer these events are, and its number, so that an edited message finds it again."""
    match happened:
        case _ if isinstance(place, More):
            return None  # the message is only part of the answer
        case (Happened(event=Answered(answer=NotApplicable())),):
            return None  # it gave a reason, not an answer
        case (Happened(seq=seq, event=Answered(item=item)),):
            return AtItem(item, seq), seq
        case (Happened(seq=seq, event=RowPut(item=item, row=row, cells=cells)),) if len(cells) == 1:
            return AtField(item, row, next(iter(cells)), seq), seq
        case _:
            return None


def _drafted(place: Place, said: Said, stand: Place) -> tuple[Place, int] | None:
    """The draft of rows that a message began or went on with, so that an edit of it finds it again."""
    if not isinstance(said, Typed) or not isinstance(stand, Pasted):
        return None
    last = len(stand.parts) - 1
    more = not isinstance(place, Pasted) or len(place.parts) <= last
    return (stand.message(last), 0) if more else None


def _redrafted(room: Room, place: Place, message: Pasted, text: str) -> Outcome:
    """An edited message of a draft: the rows that wait are read anew."""
    draft = place.amended(message, text) if isinstance(place, Pasted) else None
    if draft is None:
        return unedited(room, place, "Your edited message changes nothing: its rows do not wait here any more.")
    return still(room, draft, "Your edited message counts. Nothing is recorded yet.")


def amend(room: Room, place: Place, then: Place, text: str, seq: int) -> Outcome:
    """An edited message: it updates the answer it gave while that still stands, and says so either way."""
    from bot.dialog.answer_slot import Spot

    if isinstance(then, Pasted):
        return _redrafted(room, place, then, text)
    spot = Spot(getattr(then, "item", ""), getattr(then, "row", ""), getattr(then, "field", ""))
    if room.role is not None and spot.item in room.here.veiled:
        return still(room, stand_in(room, place), SENT, erase=True)
    held = spot.held(room.here) if room.n and spot.item in room.n.checklist.item else None
    if held is None or held.seq != seq:
        return unedited(room, place, "Your edited message changes nothing: the answer it gave has been changed since.")
    outcome = hear(room, then, Typed(text))
    if outcome.happened:
        return replace(
            outcome,
            place=place.arrived(replace(room, n=outcome.n)),
            aside=f"Your edited message counts. {outcome.aside}",
        )
    if isinstance(outcome.place, Sure):
        doubt = outcome.place.says(room).text
        return still(room, place, f"Your edited message changes nothing. {doubt} Say so at the question itself.")
    why = f"Your edited message changes nothing. {outcome.aside}".strip()
    return still(room, place, why, erase=outcome.turn.erase)


def unedited(room: Room, place: Place, why: str) -> Outcome:
    """An edited message that changes nothing; where it may hold what this chat may not carry, it must not stay."""
    if slips(room, place):
        return still(room, place, SENT, erase=True)
    last, undo = place.recorded(room)
    return replace(still(room, place, "\n".join(filter(None, (why, last)))), undo=undo)


def still(room: Room, place: Place, aside: str, *, erase: bool = False) -> Outcome:
    """Nothing happened, and here is why."""
    return Outcome(place, room.n, (), aside, "", Turn(place, erase=erase))
