"""Taking the checklist away as a file, in one of its forms, whole or for partners."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    Context,
    DocumentRequest,
    FileReply,
    Link,
    Message,
    Outcome,
    Place,
    Reply,
)
from bot.dialog.screens.home import Home
from bot.dialog.screens.partner_release import HandlingMarking, InternalMarks
from bot.dialog.screens.review_import import ReviewImport
from bot.domain.access.permissions import Permission
from bot.domain.events import Exported
from bot.domain.export_formats import BLANK, EXPORT_FORMATS, ExportFormat
from bot.domain.report.model import PARTNER, UNMARKED

COMPLETE = "json"
INCOMPLETE = "JSON is complete, so it is only for those who see every section. Ask a lead for it."

LEFT_OUT = (
    "What this chat may not carry is left out of files that come here, and they say so. The whole, and JSON, "
    "come from the browser or from “readiness export”."
)


def holding(form: ExportFormat, variant: str) -> str:
    """What is in a file of this form."""
    back = "; edited answers can come back" if form.returns and not variant else ""
    return f"{form.holds}{back}"


@dataclass(frozen=True, slots=True)
class BlankFormFormat:
    """A form in which a checklist comes without answers."""

    label: str
    holds: str


BLANKS = dict(
    zip(
        BLANK,
        (
            BlankFormFormat("PDF, to print", "every question with room to write the answer by hand"),
            BlankFormFormat("Word, to type into", "every question with room for the answer, to be typed"),
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
class ExportPage(Place):
    """The forms in which the checklist leaves, and where an edited one comes back."""

    code = "A"
    verb = Permission.TAKE_AWAY
    targets = ()
    variant: str = ""  # or "partner"

    def render(self, context: Context) -> Message:
        whole = context.may(Permission.TAKE_WHOLE) and not context.here.veiled
        forms = [
            form
            for form in EXPORT_FORMATS.values()
            if (form.partner or not self.variant) and (whole or form.name != COMPLETE)
        ]
        lines = ["\n".join(f"{form.label}: {holding(form, self.variant)}." for form in forms)]
        if context.here.hidden:
            lines = ["The file covers the sections you see.", *lines, INCOMPLETE]
        if context.here.veiled:
            lines = [*lines, LEFT_OUT]
        if self.variant:
            lines.insert(0, f"{PARTNER if context.here.internal else UNMARKED}.")
        if context.veiled:
            lines.append("The file comes into this chat; Telegram keeps a copy of it (see Privacy).")
        if context.leads and not self.variant:
            lines.append(
                "Send an edited Excel or CSV file back here, and you look at each change before it is recorded."
            )
        offered = [Button(form.label, Action("bring", form.name)) for form in forms]
        rows = tuple(tuple(offered[nth : nth + 2]) for nth in range(0, len(offered), 2))
        return Message(self._title(context), "\n\n".join(lines), (*rows, *self._more(context)))

    def _title(self, context: Context) -> str:
        return f"{'For partners' if self.variant else 'Take away'}: {context.here.counterpart}"

    def _more(self, context: Context) -> tuple[tuple[Button, ...], ...]:
        leading = (
            (Button("What stays internal", Link(InternalMarks())), Button("Handling line", Link(HandlingMarking()))),
        )
        other = (
            Button("The whole", Link(ExportPage()))
            if self.variant
            else Button("For partners", Link(ExportPage("partner")))
        )
        variants = (other,) if context.may(Permission.TAKE_WHOLE) else ()  # the partner version is made of the whole
        blank = () if self.variant else ((Button("Blank form", Link(BlankFormPage())),),)
        return (*(leading if context.leads else ()), *blank, (*variants, Button("Home", Link(Home()))))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="bring", arg=name) if context.here.veiled and name == COMPLETE:
                return Outcome(self, aside=LEFT_OUT)
            case ButtonReply(act="bring", arg=name) if (name == COMPLETE or self.variant) and not context.may(
                Permission.TAKE_WHOLE
            ):
                return Outcome(self, aside=INCOMPLETE)
            case ButtonReply(act="bring", arg=name) if name in EXPORT_FORMATS and (
                EXPORT_FORMATS[name].partner or not self.variant
            ):
                unmarked = self.variant and not context.here.internal
                return Outcome(ConfirmUnmarked(name)) if unmarked else exported(self, name, self.variant)
            case FileReply(name=name) if not context.leads:
                called = "It" if context.veiled and context.here.shields else f"“{clip(name, 60)}”"
                return Outcome(
                    self, aside=f"{context.only_leads} can take an edited file back in. {called} was not kept."
                )
            case FileReply(trouble=trouble) if trouble:
                return Outcome(self, aside=f"{trouble} Nothing was recorded.")
            case FileReply(changes="", note=note):
                return Outcome(self, aside=f"{note} That file holds no change. Nothing was recorded.".strip())
            case FileReply(changes=changes, note=note):
                return Outcome(ReviewImport(changes), aside=note)
            case _:
                return super().handle(context, said)


def exported(then: Place, name: str, variant: str) -> Outcome:
    """Bring a file of a form, and note that it was taken away."""
    taken = Exported(form=name, variant="partner" if variant else "full")
    kept = f"Taken away as {EXPORT_FORMATS[name].told}{', for partners' if variant else ''}."
    return Outcome(then, (taken,), paper=DocumentRequest(name, variant), kept=kept)


@dataclass(frozen=True)
class ConfirmUnmarked(Place):
    """Asks before partners are given a version that leaves nothing out, since nothing is marked internal."""

    code = "Au"
    verb = Permission.TAKE_WHOLE
    targets = ()
    form: str

    def render(self, context: Context) -> Message:
        if context.here.internal:
            text = f"{PARTNER}."
        else:
            text = (
                f"{UNMARKED}. Every answer in these talks is in it. Leads say under “What stays internal” what is not."
            )
        marks = ((Button("What stays internal", Link(InternalMarks())),),) if context.leads else ()
        go_on = Button("Export it all the same", Action("bring"))
        back = (Button("Back", Link(ExportPage("partner"))),)
        return Message(f"For partners: {context.here.counterpart}", text, ((go_on,), *marks, back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if said == ButtonReply("bring") and self.form in EXPORT_FORMATS and EXPORT_FORMATS[self.form].partner:
            return exported(ExportPage("partner"), self.form, "partner")
        return super().handle(context, said)


@dataclass(frozen=True)
class BlankFormPage(Place):
    """A checklist without answers, to fill in by hand: of the library, or (without a name) that of the talks."""

    code = "Bf"
    verb = Permission.COME
    targets = ()
    checklist: str = ""

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.opening import Opening

        checklist = context.checklists[self.checklist] if self.checklist else context.here.checklist
        lines = "\n".join(f"{blank.label}: {blank.holds}." for blank in BLANKS.values())
        forms = tuple(Button(blank.label, Action("blank", form)) for form, blank in BLANKS.items())
        back = Opening(self.checklist) if self.checklist else ExportPage()
        text = f"The checklist without any answers, for people who answer on paper.\n\n{lines}"
        return Message(f"Blank form: {checklist.title}", text, (forms, (Button("Back", Link(back)),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="blank", arg=form) if form in BLANKS:
                return Outcome(self, paper=DocumentRequest("blank", f"{form}/{self.checklist}"))
            case _:
                return super().handle(context, said)
