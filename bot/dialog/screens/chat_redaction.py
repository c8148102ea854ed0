"""What leads say a chat may carry: of the negotiation as a whole, of a section, of an item."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.screens.home import Privacy
from bot.domain.access.permissions import Permission
from bot.domain.access.redaction import STRICT, WHOLE, shield
from bot.domain.events import How, Shielded, Target
from bot.domain.events.base import SECTION, of_section
from bot.domain.wording.history import aimed

LABELS: dict[How, str] = {
    "chat": "Carry it all",
    "pointer": "Names and references only",
    "sealed": "Seal it",
}
MEANS: dict[How, str] = {
    "chat": "all of it",
    "pointer": "names, states and document references only",
    "sealed": "nothing but its name and state",
}
SIGNS: dict[How, str] = {"chat": "□", "pointer": "◧", "sealed": "▣"}
ABOUT = (
    "A chat passes through Telegram’s servers. Here leads say what it may carry. Names and references only: the chat "
    "has names, states, first-pass claims and document references, and never an answer. Sealed: it is not asked there "
    "at all. Answers are then given on our own page, in the browser or in the terminal. What was in the chat before "
    "stays with Telegram until it is deleted."
)
LEGEND = "□ all of it · ◧ names and references · ▣ sealed"


def _named(context: Context, target: Target) -> str:
    return f"“{aimed(context.here, target)}”" if target else "these talks"


def _options(context: Context, target: Target) -> tuple[tuple[Button, ...], ...]:
    now = context.here.shields.get(target, "chat")
    return tuple((Button(f"{'✓ ' if how == now else ''}{LABELS[how]}", Action("how", how)),) for how in STRICT)


def _said(context: Context, target: Target) -> str:
    now = context.here.shields.get(target, "chat")
    return f"Of {_named(context, target)} the chat carries {MEANS[now]}."


def _heard(context: Context, place: Place, target: Target, said: Reply) -> Outcome | None:
    """A choice; letting out what was kept is asked about first, since it cannot be called back."""
    match said:
        case ButtonReply(act="how", arg="chat" | "pointer" | "sealed" as how):
            now = context.here.shields.get(target, "chat")
            if how == now:
                return Outcome(place, aside="So it is already.")
            if STRICT.index(how) < STRICT.index(now):
                return Outcome(ConfirmDisclosure(target, how))
            return _shielded(context, place, target, how)
    return None


def _shielded(context: Context, place: Place, target: Target, how: How) -> Outcome:
    kept = f"Changed for {_named(context, target)}: from now on the chat carries {MEANS[how]}."
    return Outcome(place, (Shielded(target=target, how=how),), kept=kept)


def _place(context: Context, target: Target) -> Place:
    if target == WHOLE:
        return ChatRedaction()
    if target.startswith(SECTION):
        return ChatRedactionSection(target.removeprefix(SECTION))
    return ChatRedactionItem(target) if target in context.here.checklist.item else ChatRedaction()


@dataclass(frozen=True)
class ChatRedaction(Place):
    """What the chat may carry of the talks, and section by section."""

    code = "ks"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        n = context.here
        sections = tuple(
            (
                Button(
                    f"{SIGNS[n.shields.get(of_section(section.id), 'chat')]} {n.words(section.title)}",
                    Link(ChatRedactionSection(section.id)),
                ),
            )
            for section in n.checklist.sections
        )
        options = _options(context, WHOLE) if context.leads else ()
        text = f"{ABOUT}\n\n{_said(context, WHOLE)}\n\n{LEGEND}"
        return Message("What the chat carries", text, (*options, *sections, (Button("Back", Link(Privacy())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        return _heard(context, self, WHOLE, said) or super().handle(context, said)


@dataclass(frozen=True)
class ChatRedactionSection(Place):
    """What the chat may carry of a section, and item by item."""

    code = "kt"
    verb = Permission.LOOK
    section: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (of_section(self.section),)

    def render(self, context: Context) -> Message:
        n, section = context.here, context.here.checklist.section[self.section]
        items = [
            Button(clip(f"{SIGNS[shield(n, item.id)]} {n.words(item.label)}", 40), Link(ChatRedactionItem(item.id)))
            for item in section.items
        ]
        rows = tuple(tuple(items[nth : nth + 2]) for nth in range(0, len(items), 2))
        text = f"{_said(context, of_section(section.id))} The strictest of talks, section and item holds.\n\n{LEGEND}"
        options = _options(context, of_section(section.id)) if context.leads else ()
        back = (Button("Back", Link(ChatRedaction())),)
        return Message(f"What the chat carries: {n.words(section.title)}", text, (*options, *rows, back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        return _heard(context, self, of_section(self.section), said) or super().handle(context, said)


@dataclass(frozen=True)
class ChatRedactionItem(Place):
    """What the chat may carry of an item."""

    code = "ki"
    verb = Permission.LOOK
    marked: str  # the item; nothing typed here is meant for it

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.marked,)

    def render(self, context: Context) -> Message:
        n, item = context.here, context.item(self.marked)
        section = n.checklist.section_of[item.id]
        lines = [_said(context, item.id)]
        if STRICT.index(shield(n, item.id)) > STRICT.index(n.shields.get(item.id, "chat")):
            lines.append(f"Its section or the talks are stricter, so it carries {MEANS[shield(n, item.id)]}.")
        options = _options(context, item.id) if context.leads else ()
        back = (Button("Back", Link(ChatRedactionSection(section.id))),)
        return Message(f"What the chat carries: {n.words(item.label)}", "\n\n".join(lines), (*options, back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        return _heard(context, self, self.marked, said) or super().handle(context, said)


@dataclass(frozen=True)
class ConfirmDisclosure(Place):
    """Asks before a chat carries what was kept out of it."""

    code = "kl"
    verb = Permission.ORDER
    target: Target
    how: How

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.target,) if self.target else ()

    def render(self, context: Context) -> Message:
        text = (
            f"The chat would carry {MEANS[self.how]} of {_named(context, self.target)}. What it has shown once passes "
            "through Telegram’s servers and cannot be called back."
        )
        rows = ((Button("Let it be shown", Action("yes")),),) if context.leads else ()
        return Message("Show it in the chat?", text, (*rows, (Button("Back", Link(_place(context, self.target))),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        if said == ButtonReply("yes") and self.how in STRICT:
            return _shielded(context, _place(context, self.target), self.target, self.how)
        return super().handle(context, said)
