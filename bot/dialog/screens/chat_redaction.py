"""What leads say a chat may carry: of the negotiation as a whole, of a section, of an item."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.screens.home import Privacy
from bot.domain.access.permissions import Verb
from bot.domain.access.redaction import STRICT, WHOLE, shield
from bot.domain.events import How, Shielded, Target
from bot.domain.ownership import SECTION, of_section
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


def _named(room: Room, target: Target) -> str:
    return f"“{aimed(room.here, target)}”" if target else "these talks"


def _options(room: Room, target: Target) -> tuple[tuple[Button, ...], ...]:
    now = room.here.shields.get(target, "chat")
    return tuple((Button(f"{'✓ ' if how == now else ''}{LABELS[how]}", Do("how", how)),) for how in STRICT)


def _said(room: Room, target: Target) -> str:
    now = room.here.shields.get(target, "chat")
    return f"Of {_named(room, target)} the chat carries {MEANS[now]}."


def _heard(room: Room, place: Place, target: Target, said: Said) -> Turn | None:
    """A choice; letting out what was kept is asked about first, since it cannot be called back."""
    match said:
        case Tapped(act="how", arg="chat" | "pointer" | "sealed" as how):
            now = room.here.shields.get(target, "chat")
            if how == now:
                return Turn(place, aside="So it is already.")
            if STRICT.index(how) < STRICT.index(now):
                return Turn(LettingOut(target, how))
            return _shielded(room, place, target, how)
    return None


def _shielded(room: Room, place: Place, target: Target, how: How) -> Turn:
    kept = f"Changed for {_named(room, target)}: from now on the chat carries {MEANS[how]}."
    return Turn(place, (Shielded(target=target, how=how),), kept=kept)


def _place(room: Room, target: Target) -> Place:
    if target == WHOLE:
        return Shields()
    if target.startswith(SECTION):
        return ShieldSection(target.removeprefix(SECTION))
    return ShieldItem(target) if target in room.here.checklist.item else Shields()


@dataclass(frozen=True)
class Shields(Place):
    """What the chat may carry of the talks, and section by section."""

    code = "ks"
    verb = Verb.LOOK

    def says(self, room: Room) -> Say:
        n = room.here
        sections = tuple(
            (
                Button(
                    f"{SIGNS[n.shields.get(of_section(one.id), 'chat')]} {n.words(one.title)}",
                    Go(ShieldSection(one.id)),
                ),
            )
            for one in n.checklist.sections
        )
        options = _options(room, WHOLE) if room.leads else ()
        text = f"{ABOUT}\n\n{_said(room, WHOLE)}\n\n{LEGEND}"
        return Say("What the chat carries", text, (*options, *sections, (Button("Back", Go(Privacy())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        return _heard(room, self, WHOLE, said) or super().hears(room, said)


@dataclass(frozen=True)
class ShieldSection(Place):
    """What the chat may carry of a section, and item by item."""

    code = "kt"
    verb = Verb.LOOK
    section: str

    def says(self, room: Room) -> Say:
        n, section = room.here, room.here.checklist.section[self.section]
        items = [
            Button(clip(f"{SIGNS[shield(n, item.id)]} {n.words(item.label)}", 40), Go(ShieldItem(item.id)))
            for item in section.items
        ]
        rows = tuple(tuple(items[nth : nth + 2]) for nth in range(0, len(items), 2))
        text = f"{_said(room, of_section(section.id))} The strictest of talks, section and item holds.\n\n{LEGEND}"
        options = _options(room, of_section(section.id)) if room.leads else ()
        back = (Button("Back", Go(Shields())),)
        return Say(f"What the chat carries: {n.words(section.title)}", text, (*options, *rows, back))

    def hears(self, room: Room, said: Said) -> Turn:
        return _heard(room, self, of_section(self.section), said) or super().hears(room, said)


@dataclass(frozen=True)
class ShieldItem(Place):
    """What the chat may carry of an item."""

    code = "ki"
    verb = Verb.LOOK
    marked: str  # the item; nothing typed here is meant for it

    def says(self, room: Room) -> Say:
        n, item = room.here, room.item(self.marked)
        section = n.checklist.section_of[item.id]
        lines = [_said(room, item.id)]
        if STRICT.index(shield(n, item.id)) > STRICT.index(n.shields.get(item.id, "chat")):
            lines.append(f"Its section or the talks are stricter, so it carries {MEANS[shield(n, item.id)]}.")
        options = _options(room, item.id) if room.leads else ()
        back = (Button("Back", Go(ShieldSection(section.id))),)
        return Say(f"What the chat carries: {n.words(item.label)}", "\n\n".join(lines), (*options, back))

    def hears(self, room: Room, said: Said) -> Turn:
        return _heard(room, self, self.marked, said) or super().hears(room, said)


@dataclass(frozen=True)
class LettingOut(Place):
    """Asks before a chat carries what was kept out of it."""

    code = "kl"
    verb = Verb.ORDER
    target: Target
    how: How

    def says(self, room: Room) -> Say:
        text = (
            f"The chat would carry {MEANS[self.how]} of {_named(room, self.target)}. What it has shown once passes "
            "through Telegram’s servers and cannot be called back."
        )
        rows = ((Button("Let it be shown", Do("yes")),),) if room.leads else ()
        return Say("Show it in the chat?", text, (*rows, (Button("Back", Go(_place(room, self.target))),)))

    def hears(self, room: Room, said: Said) -> Turn:
        if said == Tapped("yes") and self.how in STRICT:
            return _shielded(room, _place(room, self.target), self.target, self.how)
        return super().hears(room, said)
