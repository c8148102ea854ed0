"""Opening a negotiation: what it is about, with whom, when, and what the checklist asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.core.answers import Day
from bot.core.checklist import Checklist
from bot.core.events import Joined, Opened, Rescheduled, Role
from bot.core.permission import Verb
from bot.dialog.day_doubts import day_buttons, picked_day, typed_day
from bot.dialog.home import Home, Sections
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure, Wrong, quoted, read_day, tidy
from bot.dialog.spot import clip, when
from bot.dialog.typed import empty_words, unlisted

STEPS = ("counterpart", "subject", "talks_on")


@dataclass(frozen=True)
class Opening(Place):
    """One question after the other; nothing is opened before the last tap.

    ``given`` holds the answers so far, in the order of the questions. ``doubt`` is a date
    that can be read in two ways.
    """

    code = "N"
    verb = Verb.OPEN
    checklist: str = ""
    given: tuple[str, ...] = ()
    doubt: str = ""

    def _asks(self, room: Room) -> tuple[Checklist, list[tuple[str, str]]]:
        checklist = room.checklists[self.checklist]
        asked = [
            ("counterpart", "Who is the counterpart: with whom will you talk?"),
            ("subject", "What are the talks about?"),
            ("talks_on", "On which day do the talks begin? Type a date: 12 March, 2027-03-12 or in 6 weeks."),
        ]
        return checklist, asked + [(one.id, one.ask) for one in checklist.opening]

    def says(self, room: Room) -> Say:
        from bot.dialog.takeaway import BlankForm

        home = (Button("Cancel", Go(Home())),)
        if self.checklist not in room.checklists:
            rows = tuple((Button(one.title, Do("choose", key)),) for key, one in room.checklists.items())
            text = "\n\n".join(f"{one.title}: {_about(one)}" for one in room.checklists.values())
            return Say("Open a negotiation: which checklist?", text, (*rows, home))
        checklist, asked = self._asks(room)
        if len(self.given) >= len(asked):
            return self._confirms(checklist)
        name, ask = asked[len(self.given)]
        ask = _filled(ask, dict(zip(STEPS, self.given, strict=False)))
        suggestion = {"counterpart": checklist.counterpart, "subject": checklist.subject}.get(name)
        buttons: list[tuple[Button, ...]] = [(Button(clip(suggestion, 40), Do("take", name)),)] if suggestion else []
        if self.doubt and name == "talks_on":
            reading = read_day(self.doubt, room.own_day)
            if isinstance(reading, Unsure):
                ask, buttons = reading.ask, [*day_buttons(reading)]
        elif self.doubt:
            ask = f"{quoted(self.doubt)} says nothing yet. Type an answer, or keep the words."
            buttons = [(Button("Keep as text", Do("keep")),)]
        if name not in STEPS:
            buttons.append((Button("None", Do("none")),))
        if self.given:
            buttons.append((Button("Back", Do("back")),))
        else:
            buttons.append((Button("Blank form", Go(BlankForm(self.checklist))),))
        return Say(f"Open a negotiation · {len(self.given) + 1} of {len(asked)}", ask, (*buttons, home))

    def _confirms(self, checklist: Checklist) -> Say:
        counterpart, subject, talks_on, *more = self.given
        labels = ("Counterpart", "Subject", "Talks on", *(one.label for one in checklist.opening))
        values = (counterpart, subject, when(date.fromisoformat(talks_on)), *(value or "none" for value in more))
        lines = [f"{label}: {value}" for label, value in zip(labels, values, strict=True)]
        buttons = ((Button("Open it", Do("open")),), (Button("Back", Do("back")), Button("Cancel", Go(Home()))))
        return Say("Open this negotiation?", "\n".join(lines), buttons)

    def unrecorded(self) -> str:
        return "; ".join(filter(None, self.given))

    def hears(self, room: Room, said: Said) -> Turn:
        if self.checklist not in room.checklists:
            if isinstance(said, Tapped) and said.arg in room.checklists:
                return Turn(replace(self, checklist=said.arg))
            return super().hears(room, said)
        checklist, asked = self._asks(room)
        name = asked[len(self.given)][0] if len(self.given) < len(asked) else ""
        match said:
            case Tapped(act="back"):
                return Turn(replace(self, given=self.given[:-1], doubt=""))
            case Tapped(act="open") if not name:
                return self._opened(room, checklist, [key for key, _ in asked])
            case Tapped(act="take") if name in {"counterpart", "subject"}:
                return self._given(str(getattr(checklist, name)))
            case Tapped(act="none") if name and name not in STEPS:
                return self._given("")
            case Tapped(act="keep") if name not in {"", "talks_on"} and self.doubt:
                return self._given(self.doubt)
            case Tapped(act="day", arg=number) if name == "talks_on":
                day = picked_day(read_day(self.doubt, room.own_day), number)
                return self._day(day, room) if day else Turn(self)
            case Typed(text=text) if name and tidy(text):
                return self._typed(room, checklist, name, tidy(text))
            case _:
                return super().hears(room, said)

    def _typed(self, room: Room, checklist: Checklist, name: str, text: str) -> Turn:
        if name == "talks_on":
            return self._typed_day(room, text)
        if empty_words(text):
            return Turn(replace(self, doubt=text))
        if any(one.id == name and one.lines for one in checklist.opening):
            lines = [line for line in text.split("\n") if tidy(line)]
            text = "\n".join(unlisted(lines) or lines)
        limit = 60 if name == "counterpart" else 2000 if name not in STEPS else 200
        if len(text) > limit:
            return Turn(
                self,
                aside=f"Please use at most {limit} characters; that was {len(text)}. You wrote: {clip(text, 300)}",
            )
        return self._given(text)

    def _given(self, text: str) -> Turn:
        return Turn(replace(self, given=(*self.given, text), doubt=""))

    def _typed_day(self, room: Room, text: str) -> Turn:
        match read_day(text, room.own_day):
            case Read(value=Day(day=day)):
                return self._day(day, room)
            case Unsure():
                return Turn(replace(self, doubt=text))
            case Wrong(why=why):
                return Turn(self, aside=why)
            case _:
                return Turn(self, aside="Please type a date.")

    def _day(self, day: date, room: Room) -> Turn:
        if day < room.today:
            return Turn(replace(self, doubt=""), aside=f"{when(day)} is past. When do the talks begin?")
        return self._given(day.isoformat())

    def _opened(self, room: Room, checklist: Checklist, names: list[str]) -> Turn:
        given = dict(zip(names, self.given, strict=True))
        opened = Opened(
            uid=room.secret[:16],
            checklist=checklist.digest,
            counterpart=given.pop("counterpart"),
            subject=given.pop("subject"),
            talks_on=date.fromisoformat(given.pop("talks_on")),
            given=given,
        )
        joined = Joined(person=room.me, name=room.name, role=Role.LEAD)
        aside = (
            "The negotiation is open, and you lead it. Start with a first pass of each section, or invite your team."
        )
        return Turn(Sections(), (opened, joined), aside=aside, kept="Opened.")


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
class Rescheduling(Place):
    """Moves the talks to another day."""

    code = "D"
    verb = Verb.LEAD
    doubt: str = ""

    def says(self, room: Room) -> Say:
        from bot.dialog.team import Team

        back = (Button("Back", Go(Team())),)
        reading = typed_day(room, self.doubt) if self.doubt else None
        if isinstance(reading, Unsure):
            return Say("Move the talks", reading.ask, (*day_buttons(reading), back))
        moves = "every due date moves with it, but for those set by hand."
        text = f"The talks begin on {when(room.here.talks_on)}. Type the new date; {moves}"
        return Say("Move the talks", text, (back,))

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.team import Team

        match said:
            case Typed(text=text):
                reading = typed_day(room, text)
            case Tapped(act="day", arg=number) if day := picked_day(typed_day(room, self.doubt), number):
                reading = Read(Day(day=day))
            case _:
                return super().hears(room, said)
        match reading:
            case Read(value=Day(day=day)) if day < room.today:
                return Turn(replace(self, doubt=""), aside=f"{when(day)} is past. When do the talks begin?")
            case Read(value=Day(day=day)):
                kept = f"The talks are moved to {when(day)}."
                return Turn(Team(), (Rescheduled(talks_on=day),), kept=kept)
            case Unsure():
                return Turn(replace(self, doubt=said.text if isinstance(said, Typed) else self.doubt))
            case Wrong(why=why):
                return Turn(self, aside=why)
            case _:
                return super().hears(room, said)
