"""What leads say of files taken away: what stays internal, and the line that stands on every page."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.domain.access.permissions import Verb
from bot.domain.events import Handling, Internal
from bot.domain.ownership import SECTION, of_section
from bot.domain.wording.history import marked

HANDLING = 120  # characters of the handling line
SIGNS = {True: "▣", False: "□"}


def _sign(room: Room, target: str) -> str:
    return SIGNS[target in room.here.internal]


def _toggled(room: Room, target: str, then: Place) -> Turn:
    """Mark a target as internal, or release it."""
    internal = target not in room.here.internal
    called = marked(room.here, target)
    kept = f"Internal from now on: {called}." if internal else f"Released to partners: {called}."
    return Turn(then, (Internal(target=target, internal=internal),), kept=kept)


@dataclass(frozen=True)
class Internals(Place):
    """What the partner version leaves out, section by section."""

    code = "="
    verb = Verb.ORDER

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.export import TakeAway

        n = room.here
        about = (
            "What is internal is left out of the partner version everywhere: answers, counts, gaps, history. "
            "So is what points at it."
        )
        now = ", ".join(marked(n, one) for one in sorted(n.internal)) or "nothing"
        rows = tuple(
            (Button(f"{_sign(room, of_section(one.id))} {n.words(one.title)}", Go(InternalSection(one.id))),)
            for one in n.checklist.sections
        )
        return Say(
            "What stays internal",
            clip(f"{about}\n\nInternal now: {now}.", 3500),
            (*rows, (Button("Back", Go(TakeAway())),)),
        )


@dataclass(frozen=True)
class InternalSection(Place):
    """A section, and which of its items stay internal."""

    code = "%"
    verb = Verb.ORDER
    section: str

    def says(self, room: Room) -> Say:
        n, section = room.here, room.here.checklist.section[self.section]
        whole = of_section(section.id) in n.internal
        items = [
            Button(clip(f"{_sign(room, item.id)} {n.words(item.label)}", 40), Go(InternalItem(item.id)))
            for item in section.items
        ]
        rows = tuple(tuple(items[nth : nth + 2]) for nth in range(0, len(items), 2))
        text = "The whole section is internal." if whole else f"{SIGNS[True]} internal · {SIGNS[False]} released"
        toggle = Button("Release the section" if whole else "Keep the whole section internal", Do("mark"))
        return Say(n.words(section.title), text, ((toggle,), *rows, (Button("Back", Go(Internals())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Tapped) and said.act == "mark":
            return _toggled(room, SECTION + self.section, self)
        return super().hears(room, said)


@dataclass(frozen=True)
class InternalItem(Place):
    """An item, and which of its fields stay internal."""

    code = "&"
    verb = Verb.ORDER
    marked: str  # the item; no file sent here is evidence for it

    def says(self, room: Room) -> Say:
        n, item = room.here, room.item(self.marked)
        whole = item.id in n.internal
        fields = [
            Button(clip(f"{_sign(room, f'{item.id}.{one.id}')} {n.words(one.label)}", 40), Do("mark", one.id))
            for one in item.fields
        ]
        rows = tuple(tuple(fields[nth : nth + 2]) for nth in range(0, len(fields), 2))
        text = "The whole item is internal." if whole else f"{SIGNS[True]} internal · {SIGNS[False]} released"
        section = n.checklist.section_of[item.id]
        if of_section(section.id) in n.internal:
            text += f"\n\nAll of {n.words(section.title)} is internal, this item with it."
        toggle = Button("Release the item" if whole else "Keep the whole item internal", Do("mark"))
        back = Button("Back", Go(InternalSection(section.id)))
        return Say(n.words(item.label), text, ((toggle,), *rows, (back,)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="mark", arg="") if self.marked in room.here.checklist.item:
                return _toggled(room, self.marked, self)
            case Tapped(act="mark", arg=field) if field in room.item(self.marked).field:
                return _toggled(room, f"{self.marked}.{field}", self)
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class AtHandling(Place):
    """The line that stands on every page and file taken away."""

    code = "#"
    verb = Verb.LEAD

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.export import TakeAway

        now = room.here.handling
        text = f"On every page and file taken away stands: {now}" if now else "No line stands on what is taken away."
        text += f"\n\nType the line, such as a marking or who may read it: at most {HANDLING} characters."
        none = ((Button("No line", Do("none")),),) if now else ()
        return Say("Handling line", text, (*none, (Button("Back", Go(TakeAway())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.screens.export import TakeAway

        match said:
            case Typed(text=text) if len(" ".join(text.split())) > HANDLING:
                return Turn(self, aside=f"Please keep it to {HANDLING} characters. Nothing was recorded.")
            case Typed(text=text) if text.strip():
                line = " ".join(text.split())
                return Turn(TakeAway(), (Handling(text=line),), kept=f"On every page from now on: {line}")
            case Tapped(act="none"):
                return Turn(TakeAway(), (Handling(text=""),), kept="No line stands on what is taken away.")
            case _:
                return super().hears(room, said)
