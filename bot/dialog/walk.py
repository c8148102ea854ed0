"""Answering: one item at a time, why it is asked, what was said before, and doubts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.answers import UNKNOWN, Answer, NotApplicable, Picked, Unknown
from bot.core.charge import due, due_by_checklist
from bot.core.checklist import Asked, Item, Kind
from bot.core.events import Confirmed
from bot.core.judging import locked
from bot.core.negotiation import FORM
from bot.core.permission import Verb
from bot.core.told import told
from bot.dialog.days import examples
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure, Wrong, read
from bot.dialog.spot import ANSWER, LONG, MARK, Spot, changed_meanwhile, clip, gaps_at, items_shown, present, when
from bot.dialog.typed import empty_words

PICKED = {Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.CHOICE, Kind.CHOICES}
HINTS = {
    Kind.TEXT: "Type your answer.",
    Kind.NUMBER: "Type a number.",
    Kind.CHOICES: "Tap all that apply.",
}


def hint(asked: Asked) -> str:
    """How a question is answered, where its buttons do not say it."""
    if asked.kind == Kind.DATE:
        return f"Type a date: {examples(past=asked.past)}."
    return HINTS.get(asked.kind, "")


def at(item: Item) -> Place:
    """The place where an item is answered."""
    from bot.dialog.rows import AtRow
    from bot.dialog.tables import AtTable

    match item.kind:
        case Kind.TABLE:
            return AtTable(item.id)
        case Kind.FORM:
            return AtRow(item.id, FORM)
        case _:
            return AtItem(item.id)


def where(room: Room, item: Item) -> str:
    """Where a person is: the section, and how far along it."""
    section = room.here.checklist.section_of[item.id]
    shown = [one.id for one in items_shown(room, section.id)]
    number = f" · {shown.index(item.id) + 1} of {len(shown)}" if item.id in shown else ""
    return f"{section.title}{number}"


def question(room: Room, item: Item) -> list[str]:
    """What an item asks, and what is open there."""
    n = room.here
    lines = [n.words(item.ask)]
    if item.example:
        lines.append(f"For example: {n.words(item.example)}")
    if item.locked and locked(n, item, room.today):
        lines.append(f"🔒 {n.words(item.locked.says)}")
    if n.record(item.id).claim:
        lines.append(f"First pass: {str(n.record(item.id).claim).replace('_', ' ')}.")
    open_here = [gap for gap in gaps_at(room, item.id) if not gap.rule.startswith("_unanswered")]
    lines += [f"{MARK[gap.severity]} {clip(gap.says, 200)}" for gap in open_here[:3]]
    if len(open_here) > 3:
        lines.append(f"… and {len(open_here) - 3} more gaps here.")
    return lines


def about_buttons(room: Room, item: Item) -> tuple[tuple[Button, ...], ...]:
    """The rows of buttons that every item has below its own."""
    from bot.dialog.charging import Giving, owned
    from bot.dialog.evidence import AtEvidence
    from bot.dialog.home import AtSection
    from bot.dialog.unknowns import AtUnknown

    record = room.here.record(item.id)
    section = room.here.checklist.section_of[item.id]
    unknown = ((Button("Question or task…", Go(AtUnknown(item.id))),),) if isinstance(record.said, Unknown) else ()
    files = f" ({len(record.evidence)})" if record.evidence else ""
    return (
        *unknown,
        (Button("Why", Go(Why(item.id))), Button("History", Go(History(item.id)))),
        (
            Button(f"Evidence{files}", Go(AtEvidence(item.id))),
            Button(f"Owner: {owned(room.here, item.id)}", Go(Giving(item.id))),
        ),
        (Button("Back", Go(AtSection(section.id))), Button("Skip", Go(Onward(item.id)))),
    )


def hedge_buttons(item: Item, *, answered: bool) -> tuple[tuple[Button, ...], ...]:
    """Unknown and not applicable, and a way to take an answer away."""
    row = [Button("Unknown", Do("unknown"))]
    if not item.always_applies:
        row.append(Button("Not applicable…", Go(Reason(item.id))))
    return (
        (tuple(row), (Button("Clear", Do("clear")), Button("Still holds", Do("holds")))) if answered else (tuple(row),)
    )


def option_buttons(options: list[tuple[str, str]], chosen: tuple[str, ...]) -> tuple[tuple[Button, ...], ...]:
    """Options as buttons, short ones two a row, the chosen ones marked."""
    made = [Button(f"✓ {label}" if key in chosen else label, Do("pick", key)) for key, label in options]
    if all(len(button.label) <= 14 for button in made):
        return tuple(tuple(made[start : start + 2]) for start in range(0, len(made), 2))
    return tuple((button,) for button in made)


@dataclass(frozen=True)
class AtItem(Place):
    """One question of the checklist, answered by a tap or a message.

    ``seen`` is the last change the person has seen here: answering over a newer one asks first.
    """

    code = "i"
    verb = Verb.LOOK
    item: str
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same question, what stands there now being seen."""
        held = Spot(self.item).held(room.here)
        return replace(self, seen=held.seq if held else 0)

    def says(self, room: Room) -> Say:
        item = room.item(self.item)
        held = Spot(self.item).held(room.here)
        said = held.said if held else None
        lines = [*question(room, item), present(room.here, item, held)]
        options: tuple[tuple[Button, ...], ...] = ()
        if room.answers:
            lines.append(hint(item))
        if room.answers and not locked(room.here, item, room.today):
            chosen = said.options if isinstance(said, Picked) else ()
            options = option_buttons([(one.id, one.label) for one in item.choices.values()], chosen)
            options += hedge_buttons(item, answered=said is not None)
        return Say(
            f"{where(room, item)}: {item.label}",
            "\n\n".join(line for line in lines if line),
            options + about_buttons(room, item),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        item, spot = room.item(self.item), Spot(self.item)
        if item.has_rows:
            return Turn(at(item), aside="This is answered row by row. Nothing was recorded.")
        if locked(room.here, item, room.today) and item.locked:
            return Turn(self, aside=room.here.words(item.locked.says))
        match said:
            case Tapped(act="pick", arg=option) if option in item.choices:
                return self._picked(room, item, option)
            case Tapped(act="unknown"):
                return record(room, spot, UNKNOWN, self.seen, Onward(item.id))
            case Tapped(act="clear"):
                return record(room, spot, None, self.seen, self)
            case Tapped(act="holds"):
                return Turn(Onward(item.id), (Confirmed(item=item.id),), kept="Confirmed: it still holds.")
            case Typed(text=text):
                return typed(room, spot, text, self.seen, self, Onward(item.id))
            case _:
                return super().hears(room, said)

    def _picked(self, room: Room, item: Item, option: str) -> Turn:
        spot = Spot(self.item)
        if item.kind != Kind.CHOICES:
            return record(room, spot, Picked(options=(option,)), self.seen, Onward(item.id))
        held = spot.held(room.here)
        chosen = held.said.options if held and isinstance(held.said, Picked) else ()
        wanted = [one for one in item.choices if (one in chosen) != (one == option)]
        return record(room, spot, Picked(options=tuple(wanted)) if wanted else None, self.seen, self)


def record(room: Room, spot: Spot, said: Answer | None, seen: int, then: Place) -> Turn:
    """Record an answer, unless somebody else changed it since this person looked."""
    from bot.dialog.doubts import Differs

    held = spot.held(room.here)
    if held and held.seq > seen and held.by not in {room.me, None} and held.said != said:
        return Turn(Differs(spot.item, spot.row, spot.field, ANSWER.dump_json(said).decode() if said else ""))
    shown = room.here.shown(spot.asked(room), said)
    return Turn(then, (spot.event(said),), kept=f"Recorded: {clip(shown)}" if said else "Cleared.")


def read_at(room: Room, spot: Spot, text: str) -> Read | Unsure | Wrong:
    """What a text says in answer to the question of a spot."""
    return read(spot.asked(room), text, room.own_day, spot.rows(room), room.here.talks_on)


def typed(room: Room, spot: Spot, text: str, seen: int, stay: Place, then: Place) -> Turn:
    """Record what was typed, ask when it can be read in two ways, explain when in none."""
    from bot.dialog.doubts import More, Sure

    asked = spot.asked(room)
    if len(text) >= LONG and asked.kind == Kind.TEXT:
        then = More(spot.item, spot.row, spot.field)
    match read_at(room, spot, text):
        case Read(value=value, echo=echo):
            turn = record(room, spot, value, seen, then)
            return replace(turn, kept=_echoed(turn.kept, echo)) if echo and turn.kept else turn
        case Unsure():
            return Turn(Sure(spot.item, spot.row, spot.field, text, seen))
        case Wrong(why=why):
            return Turn(stay, aside=f"Not recorded. {why}\nYou wrote: {clip(text, 300)}")


def _echoed(kept: str, echo: str) -> str:
    """What was recorded, and as what it was understood, neither said twice."""
    if echo in kept:
        return kept
    _, _, value = kept.partition(": ")
    return kept.replace(value, echo) if value and value in echo else f"{kept} ({echo})"


@dataclass(frozen=True)
class Onward(Place):
    """Not a place to stand at: the next question after an item, found when everything is recorded."""

    code = "n"
    verb = Verb.LOOK
    item: str

    def arrived(self, room: Room) -> Place:
        """The next item of the section that applies, or the section itself at its end."""
        from bot.dialog.home import AtSection

        section = room.here.checklist.section_of[self.item]
        order = list(room.here.checklist.item)
        later = [one for one in items_shown(room, section.id) if order.index(one.id) > order.index(self.item)]
        return at(later[0]) if later else AtSection(section.id)

    def says(self, room: Room) -> Say:
        return self.arrived(room).says(room)


@dataclass(frozen=True)
class Why(Place):
    """Why an item is asked, and which points it comes from."""

    code = "w"
    verb = Verb.LOOK
    item: str

    def says(self, room: Room) -> Say:
        item, checklist = room.item(self.item), room.here.checklist
        points = [f"{point}: {room.here.words(checklist.points[point])}" for point in item.from_]
        by_hand = due(room.here, item) != due_by_checklist(room.here, item)
        said = f"Due {item.due} days before the talks." if item.due is not None else ""
        when_due = f"Due on {when(day)}." if by_hand and (day := due(room.here, item)) else said
        text = "\n\n".join(part for part in (room.here.words(item.why), *points, checklist.source, when_due) if part)
        return Say(f"Why: {item.label}", text, ((Button("Back", Go(at(item))),),))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Typed):  # who has read enough need not go back first
            return at(room.item(self.item)).hears(room, said)
        return super().hears(room, said)


@dataclass(frozen=True)
class History(Place):
    """What was said at an item, by whom and when, newest first."""

    code = "h"
    verb = Verb.LOOK
    item: str
    page: int = 0

    def says(self, room: Room) -> Say:
        item, past = room.item(self.item), room.here.record(self.item).past
        entries = list(past or ())
        shown = entries[self.page * 8 : self.page * 8 + 8]
        lines = [f"{when(one.at)} {one.at:%H:%M} · {clip(told(room.here, one), 300)}" for one in shown]
        more = []
        if self.page:
            more.append(Button("Newer", Go(History(self.item, self.page - 1))))
        if len(entries) > self.page * 8 + 8:
            more.append(Button("Older", Go(History(self.item, self.page + 1))))
        text = "\n".join(lines) or "Nothing was recorded here yet."
        return Say(f"History: {item.label}", text, (tuple(more), (Button("Back", Go(at(item))),)))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Typed):  # who has read enough need not go back first
            return at(room.item(self.item)).hears(room, said)
        return super().hears(room, said)


def has_rows(room: Room, item: Item) -> str:
    """Why a table that holds rows of the team's cannot be set aside or called unknown; empty when it can."""
    rows = room.here.record(item.id).rows.values()
    if item.kind == Kind.TABLE and any(row.touched for row in rows):
        return "There are rows here. Remove them first, or mark single fields as unknown. Nothing was recorded."
    return ""


@dataclass(frozen=True)
class Reason(Place):
    """Asks why an item does not apply. ``first_pass`` goes on with the section's first pass."""

    code = "r"
    verb = Verb.ANSWER
    item: str
    first_pass: int = 0
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same question, what stands there now being seen."""
        return replace(self, seen=room.here.record(self.item).seq)

    def says(self, room: Room) -> Say:
        item = room.item(self.item)
        text = f"{room.here.words(item.ask)}\n\nWhy does this not apply to these talks? Type the reason."
        return Say(f"Not applicable: {item.label}", text, ((Button("Back", Go(at(item))),),))

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.firstpass import FirstPass

        item = room.item(self.item)
        if not isinstance(said, Typed) or not said.text.strip():
            return Turn(self, aside="Please type a reason. Nothing was recorded.")
        if item.always_applies:
            return Turn(at(item), aside="This one applies to all talks and cannot be set aside.")
        if empty := empty_words(said.text):
            return Turn(self, aside=f"{empty} Please type the reason in words. Nothing was recorded.")
        if aside := changed_meanwhile(room, item.id, self.seen) or has_rows(room, item):
            return Turn(self, aside=f"{aside}\nYou wrote: {clip(said.text, 300)}")
        then: Place = Onward(item.id)
        if self.first_pass:
            then = FirstPass(room.here.checklist.section_of[item.id].id, item.id)
        return record(room, Spot(item.id), NotApplicable(reason=said.text.strip()), room.here.seq, then)
