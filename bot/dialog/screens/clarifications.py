"""Doubts: what was typed is to be asked about, another answer stands there by now, a message was cut in parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import ANSWER, AnswerSlot, clip, present
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.day_questions import with_words
from bot.dialog.parsing.values import Read, Unsure, tidy
from bot.dialog.parsing.whole import whole
from bot.dialog.row_labels import pointable
from bot.dialog.screens.item import NextItem, NotApplicableReason, at, read_at, record, typed
from bot.dialog.screens.table import FieldQuestion, NextField
from bot.domain.access.permissions import Permission
from bot.domain.answers import Answer, Day, Number, Pointer, Text
from bot.domain.checklist import Field
from bot.domain.events import Target
from bot.domain.limits import TEXT
from bot.domain.nonanswers import says_not_applicable


@dataclass(frozen=True)
class Clarify(Place):
    """Asks what was meant: one of two things, nothing yet, a period, or a day to come where something happened."""

    code = "u"
    verb = Permission.ANSWER
    draft = True
    item: str
    row: str
    field: str
    text: str
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        spot = AnswerSlot(self.item, self.row, self.field)
        reading = read_at(context, spot, self.text)
        buttons: tuple[tuple[Button, ...], ...] = ()
        ask = "Please type it again."
        if isinstance(reading, Unsure):
            words = any(isinstance(value, Day) and value.words for _, value in reading.values)
            ask = f"{reading.ask} Your words stay beside it." if words else reading.ask
            asked = spot.asked(context)
            rows = pointable(context, asked) if isinstance(asked, Field) else {}
            buttons = tuple(
                (Button(rows.get(value.row, label) if isinstance(value, Pointer) else label, Action("sure", str(i))),)
                for i, (label, value) in enumerate(reading.values)
            )
        aside = (
            ((Button("Not applicable…", Link(NotApplicableReason(spot.item))),),)
            if self._set_aside(context, spot)
            else ()
        )
        back = Button("Back", Link(back_to(context, spot)))
        return Message(spot.asked(context).label, ask, (*buttons, *aside, (back,)))

    def _set_aside(self, context: Context, spot: AnswerSlot) -> bool:
        """Whether the words say that the whole item does not apply, where that may be said."""
        return not spot.field and says_not_applicable(self.text) and not context.item(spot.item).always_applies

    def unrecorded(self) -> str:
        return self.text

    def handle(self, context: Context, said: Reply) -> Outcome:
        spot = AnswerSlot(self.item, self.row, self.field)
        if isinstance(said, TextReply):
            return self._instead(context, spot, said.text)
        reading = read_at(context, spot, self.text)
        if isinstance(said, ButtonReply) and said.act == "sure" and isinstance(reading, Unsure):
            choice = whole(said.arg) or 0
            return record(context, spot, reading.values[choice][1], self.seen, after_field(spot))
        return super().handle(context, said)

    def _instead(self, context: Context, spot: AnswerSlot, text: str) -> Outcome:
        """What was typed instead; for another day of a period, the words first typed stay beside it."""
        before, now = read_at(context, spot, self.text), read_at(context, spot, text)
        day = with_words(before, now)
        if day is not now and isinstance(day, Read):
            return record(context, spot, day.value, self.seen, after_field(spot))
        return typed(context, spot, text, self.seen, self, after_field(spot))


@dataclass(frozen=True)
class ResolveConflict(Place):
    """Another answer stands there by now: shows both, keeps both in the history, asks which stands."""

    code = "d"
    verb = Permission.ANSWER
    draft = True
    item: str
    row: str
    field: str
    mine: str
    seen: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """The same doubt, what stands there now being seen."""
        return replace(self, seen=context.here.seq)

    def render(self, context: Context) -> Message:
        spot = AnswerSlot(self.item, self.row, self.field)
        asked, held = spot.asked(context), spot.held(context.here)
        mine = context.here.shown(asked, self._answer())
        theirs = present(context.here, asked, held) or "Now: cleared"
        who = "You" if held and held.by == context.me else "Somebody else"
        text = f"{who} changed this.\n\n{theirs}\n\nYours: {clip(mine)}\n\nWhich one stands?"
        keep, use = Button("Keep what is there", Action("keep")), Button("Use mine", Action("mine"))
        return Message(asked.label, text, ((keep,), (use,)))

    def _answer(self) -> Answer | None:
        return ANSWER.validate_json(self.mine) if self.mine else None

    def unrecorded(self) -> str:
        match self._answer():
            case Text(text=text):
                return text
            case Number(number=number):
                return f"{number:f}"
            case Day(day=day, words=words):
                return words or day.isoformat()
            case _:  # a tap, which is not lost: the options are still there
                return ""

    def handle(self, context: Context, said: Reply) -> Outcome:
        spot = AnswerSlot(self.item, self.row, self.field)
        match said:
            case ButtonReply(act="keep"):
                return Outcome(after_field(spot), kept="Kept as it was.", aside="Nothing was changed.")
            case ButtonReply(act="mine"):
                return record(context, spot, self._answer(), self.seen, after_field(spot))
            case _:
                return super().handle(context, said)


@dataclass(frozen=True)
class ContinueText(Place):
    """An answer waits for its rest: chats of earlier versions stand here after a long message."""

    code = "m"
    verb = Permission.ANSWER
    draft = True
    item: str
    row: str
    field: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        text = (
            "That message is about as long as Telegram allows, so the rest may come in a message of its own. "
            "Send the rest and it is added; or tap Done."
        )
        return Message(
            AnswerSlot(self.item, self.row, self.field).asked(context).label, text, ((Button("Done", Action("done")),),)
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        spot = AnswerSlot(self.item, self.row, self.field)
        held = spot.held(context.here)
        if isinstance(said, TextReply) and held and isinstance(held.said, Text):
            if held.by != context.me:
                aside = f"{context.here.name(held.by)} changed this answer; yours was not added.\n"
                aside += f"You wrote: {clip(said.text)}"
                return Outcome(after_field(spot), aside=aside)
            joined = Text(text=f"{held.said.text}\n{tidy(said.text)}")
            return record(context, spot, joined, held.seq, after_field(spot))
        if isinstance(said, ButtonReply) and said.act == "done":
            return Outcome(after_field(spot))
        return super().handle(context, said)


@dataclass(frozen=True)
class AnswerPart(Place):
    """Not a place to stand at: the part of an answer that one message gave, of a text that a client cut.

    What is said here takes the place of ``length`` characters from number ``first`` on, and has lines of its own.
    """

    code = "am"
    verb = Permission.ANSWER
    draft = True
    item: str
    row: str
    field: str
    first: int = 0
    length: int = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def resolve(self, context: Context) -> Place:
        """Where the answer is given."""
        return back_to(context, AnswerSlot(self.item, self.row, self.field)).resolve(context)

    def render(self, context: Context) -> Message:
        return self.resolve(context).render(context)

    def handle(self, context: Context, said: Reply) -> Outcome:
        spot = AnswerSlot(self.item, self.row, self.field)
        held = spot.held(context.here)
        if not isinstance(said, TextReply) or held is None or not isinstance(held.said, Text):
            return super().handle(context, said)
        if held.by != context.me:
            aside = (
                f"{context.here.name(held.by)} changed this answer; yours was not added.\nYou wrote: {clip(said.text)}"
            )
            return Outcome(back_to(context, spot), aside=aside)
        text, last = held.said.text, self.first + self.length
        around = (text[: self.first].rstrip("\n"), tidy(said.text), text[last:].lstrip("\n"))
        joined = "\n".join(part for part in around if part)
        if len(joined) > TEXT:
            aside = f"With this part the answer is {len(joined):,} characters long, and it takes {TEXT:,}."
            return Outcome(back_to(context, spot), aside=f"{aside} Not added: {clip(said.text, 300)}")
        return record(context, spot, Text(text=joined), held.seq, after_field(spot))


def back_to(context: Context, spot: AnswerSlot) -> Place:
    """The place where a spot is answered."""
    return FieldQuestion(spot.item, spot.row, spot.field) if spot.field else at(context.item(spot.item))


def after_field(spot: AnswerSlot) -> Place:
    """Where the walk goes on once a spot is answered."""
    return NextField(spot.item, spot.row, spot.field) if spot.field else NextItem(spot.item)
