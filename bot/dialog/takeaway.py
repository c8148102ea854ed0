"""Taking the checklist away as a file, in one of its forms, whole or for partners."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.events import Exported
from bot.core.forms import BLANK, FORMS, Form
from bot.core.permission import Verb
from bot.core.report_parts import PARTNER
from bot.dialog.home import Home
from bot.dialog.place import Button, Do, Go, Paper, Place, Room, Said, Say, Sent, Tapped, Turn
from bot.dialog.releasing import AtHandling, Internals
from bot.dialog.reviewing import Reviewing

COMPLETE = "json"
INCOMPLETE = "JSON is complete, so it is only for those who see every section. Ask a lead for it."

LEFT_OUT = (
    "What this chat may not carry is left out of files that come here, and they say so. The whole, and JSON, "
    "come from the browser or from “readiness export”."
)


def holding(form: Form, variant: str) -> str:
    """What is in a file of this form."""
    back = "; edited answers can come back" if form.returns and not variant else ""
    return f"{form.holds}{back}"


@dataclass(frozen=True, slots=True)
class Blank:
    """A form in which a checklist comes without answers."""

    label: str
    holds: str


BLANKS = dict(
    zip(
        BLANK,
        (
            Blank("PDF, to print", "every question with room to write the answer by hand"),
            Blank("Word, to type into", "every question with room for the answer, to be typed"),
        ),
        strict=True,
    )
)


def progressed(called: str, step: int, of: int) -> str:
    """How far a file is that takes long; a form without steps only says that it is being made."""
    return f"Making {called}: drawing {step} of {of}…" if of else f"Making {called}…"


def unmade(called: str, words: str) -> str:
    """That a file cannot be made; a picture says in words what it would have shown."""
    if words:
        return f"The picture could not be drawn. In words:\n{words}"
    return f"I could not make {called}. Nothing is lost. Ask for it again; if it fails again, take another form."


def too_large(called: str) -> str:
    """That Telegram does not carry a file of this size, and who can still hand it out."""
    return f"What you get as {called} is larger than Telegram carries. Whoever runs the bot can export it for you."


@dataclass(frozen=True)
class TakeAway(Place):
    """The forms in which the checklist leaves, and where an edited one comes back."""

    code = "A"
    verb = Verb.TAKE_AWAY
    variant: str = ""  # or "partner"

    def says(self, room: Room) -> Say:
        whole = room.may(Verb.TAKE_WHOLE) and not room.here.veiled
        forms = [one for one in FORMS.values() if (one.partner or not self.variant) and (whole or one.name != COMPLETE)]
        lines = ["\n".join(f"{form.label}: {holding(form, self.variant)}." for form in forms)]
        if room.here.hidden:
            lines = ["The file covers the sections you see.", *lines, INCOMPLETE]
        if room.here.veiled:
            lines = [*lines, LEFT_OUT]
        if self.variant:
            lines.insert(0, f"{PARTNER}.")
        if room.veiled:
            lines.append("The file comes into this chat; Telegram keeps a copy of it (see Privacy).")
        if room.leads and not self.variant:
            lines.append(
                "Send an edited Excel or CSV file back here, and you look at each change before it is recorded."
            )
        offered = [Button(form.label, Do("bring", form.name)) for form in forms]
        rows = tuple(tuple(offered[nth : nth + 2]) for nth in range(0, len(offered), 2))
        return Say(self._title(room), "\n\n".join(lines), (*rows, *self._more(room)))

    def _title(self, room: Room) -> str:
        return f"{'For partners' if self.variant else 'Take away'}: {room.here.counterpart}"

    def _more(self, room: Room) -> tuple[tuple[Button, ...], ...]:
        leading = ((Button("What stays internal", Go(Internals())), Button("Handling line", Go(AtHandling()))),)
        other = Button("The whole", Go(TakeAway())) if self.variant else Button("For partners", Go(TakeAway("partner")))
        variants = (other,) if room.may(Verb.TAKE_WHOLE) else ()  # the partner version is made of the whole
        blank = () if self.variant else ((Button("Blank form", Go(BlankForm())),),)
        return (*(leading if room.leads else ()), *blank, (*variants, Button("Home", Go(Home()))))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="bring", arg=name) if room.here.veiled and name == COMPLETE:
                return Turn(self, aside=LEFT_OUT)
            case Tapped(act="bring", arg=name) if (name == COMPLETE or self.variant) and not room.may(Verb.TAKE_WHOLE):
                return Turn(self, aside=INCOMPLETE)
            case Tapped(act="bring", arg=name) if name in FORMS and (FORMS[name].partner or not self.variant):
                taken = Exported(form=name, variant="partner" if self.variant else "full")
                kept = f"Taken away as {FORMS[name].told}{', for partners' if self.variant else ''}."
                return Turn(self, (taken,), paper=Paper(name, self.variant), kept=kept)
            case Sent() if not room.leads:
                return Turn(self, aside=f"{room.only_leads} can take an edited file back in.")
            case Sent(trouble=trouble) if trouble:
                return Turn(self, aside=f"{trouble} Nothing was recorded.")
            case Sent(changes="", note=note):
                return Turn(self, aside=f"{note} That file holds no change. Nothing was recorded.".strip())
            case Sent(changes=changes, note=note):
                return Turn(Reviewing(changes), aside=note)
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class BlankForm(Place):
    """A checklist without answers, to fill in by hand: of the library, or (without a name) that of the talks."""

    code = "Bf"
    verb = Verb.COME
    checklist: str = ""

    def says(self, room: Room) -> Say:
        from bot.dialog.opening import Opening

        checklist = room.checklists[self.checklist] if self.checklist else room.here.checklist
        lines = "\n".join(f"{one.label}: {one.holds}." for one in BLANKS.values())
        forms = tuple(Button(one.label, Do("blank", form)) for form, one in BLANKS.items())
        back = Opening(self.checklist) if self.checklist else TakeAway()
        text = f"The checklist without any answers, for people who answer on paper.\n\n{lines}"
        return Say(f"Blank form: {checklist.title}", text, (forms, (Button("Back", Go(back)),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="blank", arg=form) if form in BLANKS:
                return Turn(self, paper=Paper("blank", f"{form}/{self.checklist}"))
            case _:
                return super().hears(room, said)
