"""What leads say of files taken away: what stays internal, and the line that stands on every page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.domain.access.partner_checklist import left_out_with_internal
from bot.domain.access.permissions import Permission
from bot.domain.events import Handling, Internal, Target
from bot.domain.events.base import SECTION, of_section
from bot.domain.negotiation import Negotiation
from bot.domain.wording.history import marked

HANDLING = 120  # characters of the handling line
SIGNS = {True: "▣", False: "□"}


def _sign(context: Context, target: str) -> str:
    return SIGNS[target in context.here.internal]


def _called(n: Negotiation, targets: Iterable[Target]) -> str:
    return ", ".join(marked(n, target) for target in sorted(targets))


def _toggled(context: Context, target: str, then: Place) -> Outcome:
    """Mark a target as internal, or release it."""
    internal = target not in context.here.internal
    called = marked(context.here, target)
    kept = f"Internal from now on: {called}." if internal else f"Released to partners: {called}."
    return Outcome(then, (Internal(target=target, internal=internal),), kept=kept)


@dataclass(frozen=True)
class InternalMarks(Place):
    """What the partner version leaves out, section by section."""

    code = "="
    verb = Permission.ORDER
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.export import ExportPage

        n = context.here
        about = (
            "What is internal is left out of the partner version everywhere: answers, counts, gaps, history. "
            "So is what points at it, and what is asked only because of it."
        )
        now = [f"Internal now: {_called(n, n.internal) or 'nothing'}."]
        if more := left_out_with_internal(n):
            now.append(f"Left out with it: {_called(n, more)}.")
        rows = tuple(
            (
                Button(
                    f"{_sign(context, of_section(section.id))} {n.words(section.title)}",
                    Link(InternalSection(section.id)),
                ),
            )
            for section in n.checklist.sections
        )
        return Message(
            "What stays internal",
            clip("\n\n".join([about, *now]), 3500),
            (*rows, (Button("Back", Link(ExportPage())),)),
        )


@dataclass(frozen=True)
class InternalSection(Place):
    """A section, and which of its items stay internal."""

    code = "%"
    verb = Permission.ORDER
    section: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (of_section(self.section),)

    def render(self, context: Context) -> Message:
        n, section = context.here, context.here.checklist.section[self.section]
        whole = of_section(section.id) in n.internal
        items = [
            Button(clip(f"{_sign(context, item.id)} {n.words(item.label)}", 40), Link(InternalItem(item.id)))
            for item in section.items
        ]
        rows = tuple(tuple(items[nth : nth + 2]) for nth in range(0, len(items), 2))
        text = "The whole section is internal." if whole else f"{SIGNS[True]} internal · {SIGNS[False]} released"
        toggle = Button("Release the section" if whole else "Keep the whole section internal", Action("mark"))
        return Message(n.words(section.title), text, ((toggle,), *rows, (Button("Back", Link(InternalMarks())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, ButtonReply) and said.act == "mark":
            return _toggled(context, SECTION + self.section, self)
        return super().handle(context, said)


@dataclass(frozen=True)
class InternalItem(Place):
    """An item, and which of its fields stay internal."""

    code = "&"
    verb = Permission.ORDER
    marked: str  # the item; no file sent here is evidence for it

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.marked,)

    def render(self, context: Context) -> Message:
        n, item = context.here, context.item(self.marked)
        whole = item.id in n.internal
        fields = [
            Button(
                clip(f"{_sign(context, f'{item.id}.{field.id}')} {n.words(field.label)}", 40), Action("mark", field.id)
            )
            for field in item.fields
        ]
        rows = tuple(tuple(fields[nth : nth + 2]) for nth in range(0, len(fields), 2))
        text = "The whole item is internal." if whole else f"{SIGNS[True]} internal · {SIGNS[False]} released"
        section = n.checklist.section_of[item.id]
        if of_section(section.id) in n.internal:
            text += f"\n\nAll of {n.words(section.title)} is internal, this item with it."
        toggle = Button("Release the item" if whole else "Keep the whole item internal", Action("mark"))
        back = Button("Back", Link(InternalSection(section.id)))
        return Message(n.words(item.label), text, ((toggle,), *rows, (back,)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="mark", arg="") if self.marked in context.here.checklist.item:
                return _toggled(context, self.marked, self)
            case ButtonReply(act="mark", arg=field) if field in context.item(self.marked).field:
                return _toggled(context, f"{self.marked}.{field}", self)
            case _:
                return super().handle(context, said)


@dataclass(frozen=True)
class HandlingMarking(Place):
    """The line that stands on every page and file taken away."""

    code = "#"
    verb = Permission.LEAD
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.export import ExportPage

        now = context.here.handling
        text = f"On every page and file taken away stands: {now}" if now else "No line stands on what is taken away."
        text += f"\n\nType the line, such as a marking or who may read it: at most {HANDLING} characters."
        none = ((Button("No line", Action("none")),),) if now else ()
        return Message("Handling line", text, (*none, (Button("Back", Link(ExportPage())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.export import ExportPage

        match said:
            case TextReply(text=text) if len(" ".join(text.split())) > HANDLING:
                return Outcome(self, aside=f"Please keep it to {HANDLING} characters. Nothing was recorded.")
            case TextReply(text=text) if text.strip():
                line = " ".join(text.split())
                return Outcome(ExportPage(), (Handling(text=line),), kept=f"On every page from now on: {line}")
            case ButtonReply(act="none"):
                return Outcome(ExportPage(), (Handling(text=""),), kept="No line stands on what is taken away.")
            case _:
                return super().handle(context, said)
