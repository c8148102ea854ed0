"""Opening a negotiation: what it is about, with whom, when, and what the checklist asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.day_questions import Reading, day_buttons, day_said, told_day, typed_day
from bot.dialog.parsing.text import empty_words, unlisted
from bot.dialog.parsing.values import Misread, Read, Unsure, quoted, read_day, tidy
from bot.dialog.screens.home import Home, Sections
from bot.domain.access.permissions import Permission
from bot.domain.answers import Day
from bot.domain.checklist import Checklist
from bot.domain.events import Joined, Opened, Rescheduled, Role

STEPS = ("counterpart", "subject", "talks_on")


@dataclass(frozen=True)
class Opening(Place):
    """One question after the other; nothing is opened before the last tap.

    ``given`` holds the answers so far, in the order of the questions. ``doubt`` is a date
    that can be read in two ways.
    """

    code = "N"
    verb = Permission.OPEN
    targets = ()
    checklist: str = ""
    given: tuple[str, ...] = ()
    doubt: str = ""

    def _asks(self, context: Context) -> tuple[Checklist, list[tuple[str, str]]]:
        checklist = context.checklists[self.checklist]
        asked = [
            ("counterpart", "Who is the counterpart: with whom will you talk?"),
            ("subject", "What are the talks about?"),
            ("talks_on", "On which day do the talks begin? Type a date: 12 March, 2027-03-12 or in 6 weeks."),
        ]
        return checklist, asked + [(question.id, question.ask) for question in checklist.opening]

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.export import BlankFormPage

        home = (Button("Cancel", Link(Home())),)
        if self.checklist not in context.checklists:
            rows = tuple((Button(offered.title, Action("choose", key)),) for key, offered in context.checklists.items())
            text = "\n\n".join(f"{offered.title}: {_about(offered)}" for offered in context.checklists.values())
            return Message("Open a negotiation: which checklist?", text, (*rows, home))
        checklist, asked = self._asks(context)
        if len(self.given) >= len(asked):
            return self._confirms(checklist)
        name, ask = asked[len(self.given)]
        ask = _filled(ask, dict(zip(STEPS, self.given, strict=False)))
        suggestion = {"counterpart": checklist.counterpart, "subject": checklist.subject}.get(name)
        buttons: list[tuple[Button, ...]] = (
            [(Button(clip(suggestion, 40), Action("take", name)),)] if suggestion else []
        )
        if self.doubt and name == "talks_on":
            reading = _begins(context, self.doubt)
            if isinstance(reading, Unsure):
                ask, buttons = reading.ask, [*day_buttons(reading)]
        elif self.doubt:
            ask = f"{quoted(self.doubt)} says nothing yet. Type an answer, or keep the words."
            buttons = [(Button("Keep as text", Action("keep")),)]
        if name not in STEPS:
            buttons.append((Button("None", Action("none")),))
        if self.given:
            buttons.append((Button("Back", Action("back")),))
        else:
            buttons.append((Button("Blank form", Link(BlankFormPage(self.checklist))),))
        return Message(f"Open a negotiation · {len(self.given) + 1} of {len(asked)}", ask, (*buttons, home))

    def _confirms(self, checklist: Checklist) -> Message:
        counterpart, subject, talks_on, *more = self.given
        labels = ("Counterpart", "Subject", "Talks on", *(question.label for question in checklist.opening))
        values = (counterpart, subject, when(date.fromisoformat(talks_on)), *(value or "none" for value in more))
        lines = [f"{label}: {value}" for label, value in zip(labels, values, strict=True)]
        buttons = (
            (Button("Open it", Action("open")),),
            (Button("Back", Action("back")), Button("Cancel", Link(Home()))),
        )
        return Message("Open this negotiation?", "\n".join(lines), buttons)

    def unrecorded(self) -> str:
        return "; ".join(filter(None, (*self.given, self.doubt)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if self.checklist not in context.checklists:
            if isinstance(said, ButtonReply) and said.arg in context.checklists:
                return Outcome(replace(self, checklist=said.arg))
            return super().handle(context, said)
        checklist, asked = self._asks(context)
        name = asked[len(self.given)][0] if len(self.given) < len(asked) else ""
        match said:
            case ButtonReply(act="back"):
                return Outcome(replace(self, given=self.given[:-1], doubt=""))
            case ButtonReply(act="open") if not name:
                return self._opened(context, checklist, [key for key, _ in asked])
            case ButtonReply(act="take") if name in {"counterpart", "subject"}:
                return self._given(str(getattr(checklist, name)))
            case ButtonReply(act="none") if name and name not in STEPS:
                return self._given("")
            case ButtonReply(act="keep") if name not in {"", "talks_on"} and self.doubt:
                return self._given(self.doubt)
            case ButtonReply(act="day") | TextReply() if name == "talks_on":
                return self._said_day(context, said)
            case TextReply(text=text) if name and tidy(text):
                return self._typed(checklist, name, tidy(text))
            case _:
                return super().handle(context, said)

    def _typed(self, checklist: Checklist, name: str, text: str) -> Outcome:
        if empty_words(text):
            return Outcome(replace(self, doubt=text))
        if any(question.id == name and question.lines for question in checklist.opening):
            lines = [line for line in text.split("\n") if tidy(line)]
            text = "\n".join(unlisted(lines) or lines)
        limit = 60 if name == "counterpart" else 2000 if name not in STEPS else 200
        if len(text) > limit:
            return Outcome(
                self,
                aside=f"Please use at most {limit} characters; that was {len(text)}. You wrote: {clip(text, 300)}",
            )
        return self._given(text)

    def _given(self, text: str) -> Outcome:
        return Outcome(replace(self, given=(*self.given, text), doubt=""))

    def _said_day(self, context: Context, said: Reply) -> Outcome:
        """The day on which the talks begin, or what is asked back."""
        match day_said(said, self.doubt, partial(_begins, context)):
            case Read(value=Day() as day) if day.day < context.today:
                return Outcome(replace(self, doubt=""), aside=f"{told_day(day)} is past. When do the talks begin?")
            case Read(value=Day() as day):
                told = f"The talks begin on {told_day(day)}." if day.words else ""
                return replace(self._given(day.day.isoformat()), aside=told)
            case Unsure() if isinstance(said, TextReply):
                return Outcome(replace(self, doubt=tidy(said.text)))
            case Misread(why=why):
                return Outcome(self, aside=why)
            case _:
                return Outcome(self)

    def _opened(self, context: Context, checklist: Checklist, names: list[str]) -> Outcome:
        given = dict(zip(names, self.given, strict=True))
        opened = Opened(
            uid=context.secret[:16],
            checklist=checklist.digest,
            counterpart=given.pop("counterpart"),
            subject=given.pop("subject"),
            talks_on=date.fromisoformat(given.pop("talks_on")),
            given=given,
        )
        joined = Joined(person=context.me, name=context.name, role=Role.LEAD)
        aside = (
            "The negotiation is open, and you lead it. Start with a first pass of each section, or invite your team."
        )
        return Outcome(Sections(), (opened, joined), aside=aside, kept="Opened.")


def _begins(context: Context, text: str) -> Reading:
    """On which day talks begin that are not open yet: nothing counts from those in which the person sits."""
    return read_day(text, context.own_day)


def _about(checklist: Checklist) -> str:
    """What a checklist is about, before anybody said with whom and on what."""
    names = {"counterpart": checklist.counterpart or "the other side", "subject": checklist.subject or "the subject"}
    return _filled(checklist.about, names)


def _filled(text: str, names: dict[str, str]) -> str:
    """A checklist's text with the names put in that are known before anything is open."""
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    return text


@dataclass(frozen=True)
class MoveTalks(Place):
    """Moves the talks to another day."""

    code = "D"
    verb = Permission.LEAD
    targets = ()
    doubt: str = ""

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.team import Team

        back = (Button("Back", Link(Team())),)
        reading = typed_day(context, self.doubt) if self.doubt else None
        if isinstance(reading, Unsure):
            return Message("Move the talks", reading.ask, (*day_buttons(reading), back))
        moves = "every due date moves with it, but for those set by hand."
        text = f"The talks begin on {when(context.here.talks_on)}. Type the new date; {moves}"
        return Message("Move the talks", text, (back,))

    def unrecorded(self) -> str:
        return self.doubt

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.team import Team

        match day_said(said, self.doubt, partial(typed_day, context)):
            case Read(value=Day() as day) if day.day < context.today:
                return Outcome(replace(self, doubt=""), aside=f"{told_day(day)} is past. When do the talks begin?")
            case Read(value=Day() as day):
                kept = f"The talks are moved to {told_day(day)}."
                return Outcome(Team(), (Rescheduled(talks_on=day.day),), kept=kept)
            case Unsure() if isinstance(said, TextReply):
                return Outcome(replace(self, doubt=said.text))
            case Misread(why=why):
                return Outcome(self, aside=why)
            case _:
                return super().handle(context, said)
